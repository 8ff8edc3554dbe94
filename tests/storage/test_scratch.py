"""A copy of the state to rehearse on: whole, private, without anybody waiting, and gone afterwards."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from tests.storage.conftest import Opener
from tests.storage.world import World, shown
from zohosyncd.core.errors import StateError
from zohosyncd.storage import SqlStore


def copies(path: Path) -> list[Path]:
    return list(path.parent.glob("*scratch*"))


async def test_a_copy_has_everything_and_nothing_comes_back_from_it(store: SqlStore, world: World, path: Path) -> None:
    await world.see(shown("1"))
    async with store.scratch() as copy:
        assert (await copy.rows(world.left, ["1"])).keys() == {"1"}
        assert copy.ordinal() > 0
        await copy.set_identity("crm", "somebody else")
        await World(copy, world.left, world.right, world.connection).see(shown("2"))
        assert (await copy.rows(world.left, ["1", "2"])).keys() == {"1", "2"}
        assert not await store.rows(world.left, ["2"])
    assert await store.identity("crm") != "somebody else"
    assert not copies(path)


async def test_a_copy_is_for_its_owner_only(store: SqlStore, world: World, path: Path) -> None:
    await world.see(shown("1"))
    before = os.umask(0)
    try:
        async with store.scratch():
            (folder,) = copies(path)
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
            assert b"Ann" not in b"".join(each.read_bytes() for each in folder.iterdir())
    finally:
        os.umask(before)


async def test_a_copy_shows_one_moment_while_the_state_is_being_written(store: SqlStore, world: World) -> None:
    many = 2_000
    await world.see(*(shown(f"{number}", "x" * 3_000) for number in range(many)))
    await world.see(shown("first", "0"), shown("last", "0"))
    stop = asyncio.Event()
    written = 0

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            # Both in one transaction: no moment shows one of them alone.
            await world.see(shown("first", str(written)), shown("last", str(written)))
            written += 1
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    before = written
    async with store.scratch() as copy:
        during = written
        rows = await copy.rows(world.left, ["0", f"{many - 1}", "first", "last"])
    stop.set()
    await writing
    assert len(rows) == 4
    assert rows["first"].values == rows["last"].values
    assert written > before
    assert during >= before


async def test_what_a_killed_process_left_is_removed_at_the_next_start(opener: Opener, path: Path) -> None:
    left = path.parent / f"{path.name}.scratch-dead"
    left.mkdir()
    (left / "state.db").write_bytes(b"what somebody looked like")
    async with opener():
        assert not copies(path)


async def test_where_no_copy_can_be_made_the_cure_is_told(store: SqlStore, path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StateError, match="no copy of the state can be made") as told:
            async with store.scratch():
                pass
        assert "room" in told.value.hint
    finally:
        path.parent.chmod(0o700)


async def test_a_copy_ends_with_whoever_wanted_it(store: SqlStore, world: World, path: Path) -> None:
    await world.see(*(shown(f"{number}", "x" * 3_000) for number in range(500)))

    async def want() -> None:
        async with store.scratch():
            await asyncio.sleep(60)

    wanting = asyncio.create_task(want())
    await asyncio.sleep(0.02)
    wanting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wanting
    assert not copies(path)
    await world.see(shown("after"))
