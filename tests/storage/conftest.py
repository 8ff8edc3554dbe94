"""A store in a temporary file, once with threads and once without: every store has to pass the same tests."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.storage.world import KEY, Clock, World
from zohosyncd.storage import SqlStore, open_store

Opener = Callable[..., AbstractAsyncContextManager[SqlStore]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture(params=["threaded", "inline"])
def opener(request: pytest.FixtureRequest, path: Path, clock: Clock) -> Opener:
    """Opens the same file each time it is called."""

    def opened(where: Path = path, key: bytes = KEY, **more: Any) -> AbstractAsyncContextManager[SqlStore]:
        return open_store(where, key, clock=clock, **{"inline": request.param == "inline", **more})

    return opened


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state file as it is after the first start; making one takes longer than most tests."""
    made = tmp_path_factory.mktemp("fresh") / "state.db"

    async def make() -> None:
        async with open_store(made, KEY, clock=Clock(), inline=True):
            pass

    asyncio.run(make())
    return made


@pytest.fixture
async def store(opener: Opener, fresh: Path, path: Path) -> AsyncIterator[SqlStore]:
    shutil.copy(fresh, path)
    async with opener() as opened:
        yield opened


@pytest.fixture
async def world(store: SqlStore) -> World:
    return await World(store).begin()
