"""Disks that are full, that fail or cannot be written, and pages that are broken: faults made by the system itself."""

import asyncio
import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conftest import Opener
from tests.storage.world import KEY, World, shown
from zohosyncd.core.errors import StateError
from zohosyncd.storage import put_back
from zohosyncd.storage.sqlite import Connection, threaded

ROOT = Path(__file__).parents[2]
LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from tests.storage.world import KEY, Clock, World, shown
from zohosyncd.core.errors import StateError
from zohosyncd.storage import open_store

async def main():
    told = []
    async with open_store(Path(sys.argv[1]), KEY, clock=Clock(), failed=told.append) as store:
        world = await World(store).begin()
        await world.see(shown("before"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
        for number in range(400):
            try:
                await world.see(shown(str(number), "x" * 5_000))
                last = number
            except StateError as error:
                print(error.message, "|", error.hint)
                break
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        try:
            await world.see(shown("after"))
            print("went on")
        except StateError:
            print("refuses")
        print(len(told), "told", last)

asyncio.run(main())
"""


async def test_a_write_that_the_system_refuses_ends_all_writing_and_loses_nothing(opener: Opener, path: Path) -> None:
    """RLIMIT_FSIZE lets write(2) itself fail, as a broken disk does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said, then, told = ran.stdout.splitlines()
    assert "fails" in said
    assert "check the disk" in said
    assert then == "refuses"
    count, _, last = told.partition(" told ")
    assert count == "1", "the daemon is told once, and ends"
    async with opener() as store:
        world = await World(store).begin()
        rows = {row.record_id for row in await store.changes(world.left, 0, 1000)}
        assert rows >= {"before", *map(str, range(int(last) + 1))}, "what was acknowledged is there"


async def test_a_page_that_breaks_while_it_works_ends_all_writing(opener: Opener, path: Path) -> None:
    opened: list[Connection] = []

    def creator(connect: Any) -> Connection:
        opened.append(threaded(connect))
        return opened[-1]

    told: list[StateError] = []
    async with opener(creator=creator, failed=told.append) as store:
        world = await World(store).begin()
        for start in range(0, 2_000, 400):
            await world.see(*(shown(str(number), "x" * 300) for number in range(start, start + 400)))
        await store.upkeep.scrub()
        with path.open("r+b") as file:
            file.seek(4096 * 20)
            file.write(b"\xa5" * (path.stat().st_size - 4096 * 40))
        await opened[0].run(lambda raw: raw.execute("PRAGMA shrink_memory").fetchall())  # what it has read before
        tries = (world.see(shown(str(number), "new")) for number in range(0, 2_000, 100))
        ended = await asyncio.gather(*tries, return_exceptions=True)
        errors = [each for each in ended if isinstance(each, StateError)]
    assert "damaged" in errors[0].message
    assert "restore-state" in errors[0].hint
    assert len(errors) > 10, "once is for ever"
    assert [each.message for each in told] == [errors[0].message]


def test_a_backup_that_broke_on_its_medium_is_not_put_back(path: Path, fresh: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    content = bytearray(fresh.read_bytes())
    content[4096 * 5 : 4096 * 9] = os.urandom(4096 * 4)
    broken.write_bytes(content)
    with pytest.raises(StateError, match="damaged"):
        put_back(path, broken, KEY, 1.0)
    assert not path.exists()


# --- a file system of our own ---------------------------------------------------------------------------------------

LIBC = ctypes.CDLL(None, use_errno=True)
READ_ONLY, REMOUNT = 1, 32


def mount(folder: Path, options: bytes, flags: int = 0) -> None:
    if LIBC.mount(b"tmpfs", bytes(folder), b"tmpfs", flags, options):
        raise OSError(ctypes.get_errno(), "mount")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system with two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        mount(folder, b"size=2m")
    except OSError:
        pytest.skip("mounting needs root")
    try:
        yield folder
    finally:
        LIBC.umount2(bytes(folder), 2)


@pytest.mark.slow
async def test_on_a_full_disk_nothing_is_lost_and_it_goes_on_with_room(opener: Opener, small: Path) -> None:
    state, ballast = small / "state.db", small / "ballast"
    async with opener(state) as store:
        world = await World(store).begin()
        await world.see(shown("before"))
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(b"x" * 4_000_000)
        stored = {"before"}
        refused: list[StateError] = []
        while not refused:
            name = str(len(stored))
            try:
                await world.see(shown(name, "x" * 5_000))
                stored.add(name)
            except StateError as error:
                refused.append(error)
        assert "full" in refused[0].message
        assert "goes on" in refused[0].hint
        assert {row.record_id for row in await store.changes(world.left, 0, 1000)} == stored
        with pytest.raises(StateError, match=r"no backup can be written|is full"):
            await store.upkeep.back_up()
        assert list((small / "backups").iterdir()) == []
        ballast.unlink()
        await world.see(shown("after", "x" * 5_000))
        assert {row.record_id for row in await store.changes(world.left, 0, 1000)} == stored | {"after"}
    async with opener(state) as store:
        assert len(await store.changes(world.left, 0, 1000)) == len(stored) + 1


@pytest.mark.slow
async def test_a_file_system_that_became_read_only_is_said(opener: Opener, small: Path) -> None:
    state = small / "state.db"
    async with opener(state) as store:
        await (await World(store).begin()).see(shown("before"))
    mount(small, b"", READ_ONLY | REMOUNT)
    with pytest.raises(StateError, match=r"cannot be (opened|read and written|written)") as caught:
        async with opener(state):
            pass
    assert caught.value.hint
    mount(small, b"", REMOUNT)
    async with opener(state) as store:
        assert len(await store.changes(1, 0, 10)) == 1
