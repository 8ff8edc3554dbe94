"""What stands in the way of opening a state file, and what its files look like."""

import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.storage.conftest import Opener
from tests.storage.world import KEY, World, shown
from zohosyncd.core.errors import StateError, StateLocked
from zohosyncd.storage import lock_holder


async def test_every_file_is_private_from_its_first_byte(opener: Opener, path: Path) -> None:
    before = os.umask(0)
    try:
        async with opener() as store:
            await (await World(store).begin()).see(shown("1"))
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ("state.db", "state.db-wal", "state.db-shm", "state.db.lock", "state.db.generation"), 0o600
    )


async def test_a_file_that_others_can_read_is_closed_to_them(opener: Opener, path: Path) -> None:
    async with opener():
        pass
    path.chmod(0o644)
    async with opener():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_what_was_stored_is_there_after_a_restart(opener: Opener) -> None:
    async with opener() as store:
        world = await World(store).begin()
        await world.see(shown("1"))
        last, instance = store.ordinal(), (await store.facts())["instance_id"]
    async with opener() as store:
        assert store.ordinal() > last
        assert (await store.facts())["instance_id"] == instance
        assert (await store.rows(world.left, ["1"]))["1"].values == {"Name": "Ann"}
        assert (await store.open_object("crm", "Contacts")).id == world.left


async def test_ordinals_never_repeat_even_if_a_commit_failed(opener: Opener) -> None:
    async with opener() as store:
        world = World(store)
        with pytest.raises(StateError):
            await store.begin_scan(99, forget_cursor=False)
        await world.begin()
        await world.see(shown("1"))
        last = (await store.rows(world.left, ["1"]))["1"].taken
    async with opener() as store:
        assert store.ordinal() > last


async def test_a_second_daemon_is_told_who_has_the_state(opener: Opener, path: Path) -> None:
    assert lock_holder(path) is None
    async with opener(control_path="/run/control.sock"):
        holder = lock_holder(path)
        assert holder is not None
        assert (holder.pid, holder.control) == (os.getpid(), "/run/control.sock")
        assert json.loads(path.with_name("state.db.lock").read_text())["pid"] == os.getpid()
        with pytest.raises(StateLocked, match=str(os.getpid())):
            async with opener():
                pass
    assert lock_holder(path) is None
    async with opener():
        pass


async def test_another_key_is_refused(opener: Opener) -> None:
    async with opener():
        pass
    for wrong in (bytes(32), bytes(reversed(KEY))):
        with pytest.raises(StateError, match="key does not belong"):
            async with opener(key=wrong):
                pass
    with pytest.raises(StateError, match="wrong length"):
        async with opener(key=b"short"):
            pass
    async with opener():
        pass


@pytest.mark.parametrize("content", ["text", "other program", "other tables"])
async def test_a_foreign_file_is_refused_and_not_touched(opener: Opener, path: Path, content: str) -> None:
    if content == "text":
        path.write_text("[accounts]\nthis is no database, but it is long enough to be one")
    else:
        foreign = sqlite3.connect(path)
        foreign.execute("PRAGMA application_id = 77" if content == "other program" else "CREATE TABLE t (a)")
        foreign.execute("PRAGMA user_version = 1")
        foreign.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="not a state file") as caught:
        async with opener():
            pass
    assert path.read_bytes() == before
    assert caught.value.hint


async def test_a_newer_file_is_refused(opener: Opener, path: Path) -> None:
    async with opener():
        pass
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StateError, match=r"newer version .* 9999"):
        async with opener():
            pass


async def test_a_damaged_file_is_refused(opener: Opener, path: Path) -> None:
    async with opener() as store:
        await (await World(store).begin()).see(*(shown(str(number)) for number in range(500)))
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(StateError, match="damaged") as caught:
        async with opener():
            pass
    assert "backup" in caught.value.hint


async def test_a_truncated_file_is_refused(opener: Opener, path: Path) -> None:
    async with opener() as store:
        await (await World(store).begin()).see(*(shown(str(number)) for number in range(500)))
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StateError, match=r"damaged|cannot be used"):
        async with opener():
            pass


async def test_a_place_that_cannot_hold_a_file_is_refused(opener: Opener, path: Path) -> None:
    with pytest.raises(StateError, match="does not exist") as missing:
        async with opener(path.parent / "none" / "state.db"):
            pass
    path.mkdir()
    with pytest.raises(StateError, match="is a folder") as folder:
        async with opener():
            pass
    assert missing.value.hint
    assert folder.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
async def test_a_file_that_cannot_be_read_is_refused(opener: Opener, path: Path) -> None:
    path.write_bytes(b"")
    path.chmod(0o000)
    with pytest.raises(StateError, match="cannot be read"):
        async with opener():
            pass


async def test_no_value_key_or_secret_stands_in_the_files_in_clear(opener: Opener, path: Path) -> None:
    from tests.storage.world import email
    from zohosyncd.core.side import Side
    from zohosyncd.ports.store import Decision, Hold, HoldReason, JournalEntry

    async with opener() as store:
        world = await World(store).begin()
        await world.see(shown("1", "Sibylle Verborgen", "v1", email("sibylle@verborgen.example")))
        await store.set_secret("token", "verborgen-token")
        await world.plan(world.update("1", patch={"Name": "Verborgen"}))
        values = {"Name": "Verborgen"}
        await store.decide(
            Decision(
                world.connection,
                holds=[Hold(Side.LEFT, "1", HoldReason.CLASH, "Name", detail=values)],
                journal=[JournalEntry("clash", world.connection, "run", before=values, after=values, other=values)],
            )
        )
        await world.link("Verlinkt", "r1")
        files = [path.read_bytes(), path.with_name("state.db-wal").read_bytes()]
    files.append(path.read_bytes())
    assert not any(b"erborgen" in content for content in files)
