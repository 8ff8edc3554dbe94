"""A process that dies: nothing of an uncommitted unit, all of what was acknowledged."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conftest import Opener
from tests.storage.world import World, shown
from zohosyncd.storage.sqlite import Connection, threaded

WRITER = """
import asyncio, sys, time
from pathlib import Path
from tests.storage.world import KEY, Clock, World, shown
from zohosyncd.storage import open_store

async def main() -> None:
    async with open_store(Path(sys.argv[1]), KEY, clock=Clock()) as store:
        world = await World(store).begin()

        async def one(task: int) -> None:
            for number in range(1000000):
                await world.see(*(shown(f"{task}-{number}-{part}") for part in range(3)))
                print(f"{task}-{number}", flush=True)

        await asyncio.gather(*(one(task) for task in range(4)))

asyncio.run(main())
"""


async def test_before_commit_a_copy_of_the_files_shows_nothing_of_the_unit(
    opener: Opener, path: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()

    class Copying(Connection):
        """Copies the files just before each COMMIT."""

        async def run(self, function: Any) -> Any:
            def watched(raw: Any) -> Any:
                raw.set_trace_callback(self.copy)
                try:
                    return function(raw)
                finally:
                    raw.set_trace_callback(None)

            return await super().run(watched)

        def copy(self, statement: str) -> None:
            if statement == "COMMIT":
                for file in path.parent.glob("state.db*"):
                    shutil.copy(file, copies / file.name)

    def creator(connect: Any) -> Connection:
        made = Copying(connect, 64)
        made._thread.daemon = True
        return made

    async with opener(creator=creator) as store:
        world = await World(store).begin()
        await world.see(shown("before"))
        await asyncio.gather(*(world.see(shown(f"unit {number}")) for number in range(5)))
        assert await store.last_seq(world.left) == 6
        kept = Path(shutil.copytree(copies, tmp_path / "kept"))
    async with opener(kept / "state.db", creator=threaded) as old:
        rows = await old.changes(world.left, 0, 100)
        assert len(rows) < 6
        assert {row.record_id for row in rows} >= {"before"}
        assert await old.last_seq(world.left) == len(rows)


def killed_while_writing(path: Path, after: int) -> list[str]:
    """Acknowledged units of a process that was killed after so many of them."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", WRITER, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    units = [process.stdout.readline().strip() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    units += process.stdout.read().split("\n")
    process.wait()
    process.stdout.close()
    return [unit for unit in units if unit.count("-") == 1 and unit.split("-")[1]]


@pytest.mark.parametrize("after", [1, 40, 333])
async def test_everything_acknowledged_survives_kill_9(opener: Opener, path: Path, after: int) -> None:
    units = (await asyncio.to_thread(killed_while_writing, path, after))[:after]
    assert len(units) == after
    async with opener() as store:
        world = await World(store).begin()
        ids = [f"{unit}-{part}" for unit in units for part in range(3)]
        assert set(await store.rows(world.left, ids)) == set(ids)
        every = {row.record_id for row in await store.changes(world.left, 0, 10_000_000)}
        whole = {record_id.rsplit("-", 1)[0] for record_id in every}
        assert every == {f"{unit}-{part}" for unit in whole for part in range(3)}
