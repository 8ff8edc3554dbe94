"""The pipeline's bench, for features as the users of PieSync knew them."""

from tests.pipeline.conftest import bench, fresh, pytest_asyncio_loop_factories

__all__ = ["bench", "fresh", "pytest_asyncio_loop_factories"]
