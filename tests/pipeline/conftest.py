"""A bench on made-up time: each test has a loop of its own in which waiting costs nothing."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from tests.crash.virtual import VirtualClock, VirtualLoop
from tests.pipeline.bench import Bench
from zohosyncd.storage import open_store
from zohosyncd.storage.inline import InlineConnection, inline

KEY = bytes(range(32))


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"virtual": lambda: VirtualLoop(0.0)}


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state file as it is after the first start; making one takes longer than most tests."""
    made = tmp_path_factory.mktemp("fresh") / "state.db"

    async def make() -> None:
        async with open_store(made, KEY, clock=VirtualClock(), inline=True):
            pass

    asyncio.run(make())
    return made


@pytest.fixture
async def bench(fresh: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    path, clock = tmp_path / "state.db", VirtualClock()
    shutil.copy(fresh, path)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    clock.loop = loop
    connections: list[InlineConnection] = []

    def made(connector: Callable[[], sqlite3.Connection]) -> InlineConnection:
        connections.append(inline(connector))
        return connections[-1]

    async with open_store(path, KEY, clock=clock, creator=made) as store:
        for each in connections:
            await each.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug here
        bench = Bench(store, clock)
        yield bench
        for task in bench.tasks:
            task.cancel()
        await asyncio.gather(*bench.tasks, return_exceptions=True)
