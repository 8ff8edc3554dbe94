"""The pipeline's bench, for what the supervisor makes of it."""

from tests.pipeline.conftest import bench, fresh, pytest_asyncio_loop_factories

__all__ = ["bench", "fresh", "pytest_asyncio_loop_factories"]
