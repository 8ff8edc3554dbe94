"""The pipeline's bench, for features as the users of PieSync knew them; and an office that sets them up by files."""

from pathlib import Path

import pytest

from tests.parity.office import Office
from tests.pipeline.bench import Bench
from tests.pipeline.conftest import bench, fresh, pytest_asyncio_loop_factories

__all__ = ["bench", "fresh", "office", "pytest_asyncio_loop_factories"]


@pytest.fixture
async def office(bench: Bench, tmp_path: Path) -> Office:
    return Office(bench, tmp_path / "etc")
