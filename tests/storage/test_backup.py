"""Backups: one file that shows one moment, verified, for its owner only; and back in the place of the state."""

import asyncio
import os
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.conftest import Opener
from tests.storage.world import KEY, NOW, Clock, World, email, shown
from zohosyncd.core.errors import StateError, StateLocked
from zohosyncd.ports.store import Stage
from zohosyncd.storage import SqlStore, open_store, put_back, schema
from zohosyncd.storage.putting_back import look_into


async def test_a_backup_is_one_private_file_that_needs_no_other(store: SqlStore, world: World, path: Path) -> None:
    await world.see(shown("1"), shown("2"))
    made = await store.upkeep.back_up()
    file = Path(made.path)
    assert file.parent == path.parent / "backups"
    assert sorted(file.parent.iterdir()) == [file], "nothing beside it"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert re.fullmatch(r"state-[0-9a-f]{8}-\d{8}T\d{6}\.\d{6}Z\.db", file.name), (
        "its name tells which state and when, and nothing of anybody"
    )
    assert (made.contents.connections, made.contents.records, made.contents.version) == (1, 2, schema.HEAD)
    assert made.size == file.stat().st_size
    assert look_into(file, KEY) == made.contents


async def test_two_at_the_same_moment_are_two_files_and_the_oldest_go(store: SqlStore, clock: Clock) -> None:
    first = await store.upkeep.back_up()
    second = await store.upkeep.back_up()
    assert first.path != second.path
    clock.wall += 60
    third = await store.upkeep.back_up(keep=2)
    assert third.removed == (min(first.path, second.path),)
    assert len(list(Path(third.path).parent.iterdir())) == 2


async def test_what_a_killed_process_left_is_no_backup_and_goes(store: SqlStore, path: Path) -> None:
    folder = path.parent / "backups"
    folder.mkdir()
    instance = (await store.facts())["instance_id"][:8]
    (folder / f"state-{instance}-1.part").write_bytes(b"half")
    (folder / "state-other.db").write_bytes(b"of somebody else")
    made = await store.upkeep.back_up(keep=1)
    assert sorted(folder.iterdir()) == sorted([Path(made.path), folder / "state-other.db"])


async def test_several_at_once_take_turns(store: SqlStore, path: Path) -> None:
    made = await asyncio.gather(*(store.upkeep.back_up() for _ in range(3)))
    assert len({each.path for each in made}) == len(list((path.parent / "backups").iterdir())) == 3


async def test_a_place_that_cannot_be_written_is_said(store: SqlStore, path: Path) -> None:
    (path.parent / "file").write_text("in the way")
    with pytest.raises(StateError, match="no backup can be written") as caught:
        await store.upkeep.back_up(str(path.parent / "file"))
    assert caught.value.hint


@settings(max_examples=10, deadline=None)
@given(units=st.lists(st.integers(1, 4), min_size=1, max_size=25), at=st.integers(0, 20))
def test_under_concurrent_writes_it_is_a_state_that_some_commit_had(
    fresh: Path, tmp_path_factory: pytest.TempPathFactory, units: list[int], at: int
) -> None:
    """Units write several rows and a link's offsets each: the copy shows whole units, and all before the last of them."""

    async def tell(path: Path) -> None:
        async with open_store(path, KEY, clock=Clock(), durable=False) as store:
            world = await World(store).begin()
            acknowledged: list[int] = []

            async def write() -> None:
                for number, size in enumerate(units):
                    await world.see(*(shown(f"{number}-{part}", "x" * 500) for part in range(size)))
                    await store.set_offsets(world.connection, number + 1, number + 1, "v")
                    acknowledged.append(number)

            async def copy() -> Path:
                while len(acknowledged) < min(at, len(units)):
                    await asyncio.sleep(0)
                before.append(len(acknowledged))
                return Path((await store.upkeep.back_up(str(path.parent / "to"))).path)

            before: list[int] = []
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(write())
                copying = tasks.create_task(copy())
        async with open_store(copying.result(), KEY, clock=Clock(), inline=True, durable=False) as copied:
            rows = [row.record_id for row in await copied.changes(world.left, 0, 1000)]
            whole = [[f"{number}-{part}" for part in range(size)] for number, size in enumerate(units)]
            seen = next(n for n in range(len(units) + 1) if [row for unit in whole[:n] for row in unit] == rows)
            (state,) = await copied.connections()
            assert seen >= before[0], "what was acknowledged before is in it"
            assert seen - 1 <= state.left_offset <= seen, "one moment, not two"
            assert state.left_offset == state.right_offset

    path = tmp_path_factory.mktemp("copying") / "state.db"
    shutil.copy(fresh, path)
    asyncio.run(tell(path))


# --- back in its place --------------------------------------------------------------------------------------------


async def backed_up(opener: Opener, *ids: str) -> Path:
    async with opener() as store:
        world = await World(store).begin()
        await world.see(*(shown(each) for each in ids), cursor="feed")
        await store.set_stage(world.connection, Stage.LIVE)
        await store.set_offsets(world.connection, 1, 0, "v")
        return Path((await store.upkeep.back_up()).path)


async def test_what_is_put_back_is_as_it_was_and_recovers(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    async with opener() as store:
        await (await World(store).begin()).see(shown("2"))
    done = put_back(path, backup, KEY, NOW + 5)
    assert done.contents.records == 1
    async with opener() as store:
        world = await World(store).begin()
        assert [row.record_id for row in await store.changes(world.left, 0, 10)] == ["1"]
        (state,) = await store.connections()
        assert state.recovery == NOW + 5
        assert (state.left_offset, state.stage) == (0, Stage.LIVE)
        assert (await store.open_object("crm", "Contacts")).cursor is None
    assert done.replaced is not None
    async with opener(done.replaced) as old:
        rows = await old.changes(world.left, 0, 10)
        assert [row.record_id for row in rows] == ["1", "2"], "nothing of the state of before is lost"


async def test_the_backup_stays_as_it_is_and_can_be_put_back_again(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    before = backup.read_bytes()
    for _ in range(2):
        put_back(path, backup, KEY, NOW)
        assert backup.read_bytes() == before
    async with opener() as store:
        assert len(await store.connections()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files that belong to others")
async def test_what_root_puts_back_belongs_to_whoever_owns_the_folder(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    for each in (path.parent, *path.parent.rglob("*")):
        os.chown(each, 12345, 12346)
    (path.parent / "state.db.suppressed").write_text(f"{'aa' * 32} {'aa' * 32}\n")
    put_back(path, backup, KEY, NOW)
    path.with_name(path.name + ".lock").unlink()
    async with opener() as store:
        await store.upkeep.back_up()
        await store.upkeep.back_up(str(path.parent / "more"))
    found = {str(each.relative_to(path.parent)): each.lstat() for each in path.parent.rglob("*")}
    foreign = [name for name, stat in found.items() if (stat.st_uid, stat.st_gid) != (12345, 12346)]
    assert foreign == [], "the daemon's user has to be able to open its own state"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files that belong to others")
async def test_no_link_in_the_folder_makes_root_give_another_file_away(
    opener: Opener, path: Path, tmp_path: Path
) -> None:
    backup = await backed_up(opener, "1")
    os.chown(path.parent, 12345, 12346)
    precious = tmp_path / "precious"
    precious.write_text("root's own")
    for name in (".generation.part", ".suppressed.part", ".putting-back"):
        path.with_name(path.name + name).symlink_to(precious)
    put_back(path, backup, KEY, NOW)
    assert (precious.read_text(), precious.stat().st_uid) == ("root's own", os.geteuid())


async def test_a_running_daemon_keeps_its_state(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    async with opener() as store:
        with pytest.raises(StateLocked):
            put_back(path, backup, KEY, NOW)
        assert (await store.connections())[0].recovery == 0.0


async def test_a_log_that_a_killed_daemon_left_is_not_taken_for_the_new_ones(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    async with opener() as store:
        await (await World(store).begin()).see(shown("2"))
        left = {name: (path.parent / name).read_bytes() for name in ("state.db", "state.db-wal")}
    for name, content in left.items():
        (path.parent / name).write_bytes(content)
    assert (path.parent / "state.db-wal").stat().st_size
    done = put_back(path, backup, KEY, NOW)
    async with opener() as store:
        assert [row.record_id for row in await store.changes(1, 0, 10)] == ["1"]
    assert done.replaced is not None
    async with opener(done.replaced) as old:
        assert len(await old.changes(1, 0, 10)) == 2


@pytest.mark.parametrize("state", ["damaged", "missing"])
async def test_it_takes_the_place_of_a_state_that_is_no_use(opener: Opener, path: Path, state: str) -> None:
    backup = await backed_up(opener, "1")
    if state == "damaged":
        path.write_bytes(b"\xff" * 8192)
    else:
        path.unlink()
    with pytest.raises(StateError, match=r"missing|not a state file") as caught:
        async with opener():
            pass
    assert state == "damaged" or "restore-state" in caught.value.hint
    put_back(path, backup, KEY, NOW)
    async with opener() as store:
        assert (await store.connections())[0].recovery == NOW


def damage(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096 * 3 + 100)
        opened.write(os.urandom(4096 * 8))


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def rename_tables(file: Path) -> None:
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()


def other_file(file: Path) -> None:
    file.write_text("a letter")


@pytest.mark.parametrize(
    ("harm", "said"),
    [(damage, "damaged"), (cut, "damaged"), (rename_tables, "newer version"), (other_file, "no state file")],
)
async def test_a_backup_that_is_no_use_changes_nothing(opener: Opener, path: Path, harm: object, said: str) -> None:
    backup = await backed_up(opener, *map(str, range(300)))
    harm(backup)  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(StateError, match=said) as caught:
        put_back(path, backup, KEY, NOW)
    assert caught.value.hint
    assert path.read_bytes() == before
    assert [each for each in path.parent.iterdir() if "replaced" in each.name or "putting" in each.name] == []


async def test_another_key_is_refused(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    with pytest.raises(StateError, match="another state key"):
        put_back(path, backup, bytes(32), NOW)


async def test_an_older_file_that_somebody_copied_there_recovers_by_itself(opener: Opener, path: Path) -> None:
    backup = await backed_up(opener, "1")
    shutil.copy(backup, path)
    async with opener() as store:
        assert (await store.connections())[0].recovery == NOW
        await store.end_recovery((await store.connections())[0].id)
    async with opener() as store:
        assert (await store.connections())[0].recovery == 0.0, "once"
    async with opener() as store:
        copied = path.read_bytes()
        log = (path.parent / "state.db-wal").read_bytes()
        await (await World(store).begin()).see(shown("2"))
    path.write_bytes(copied)
    (path.parent / "state.db-wal").write_bytes(log)
    async with opener() as store:
        assert (await store.connections())[0].recovery == NOW, "also one copied while it was open"


async def test_whoever_was_erased_since_does_not_come_back_with_it(opener: Opener, path: Path) -> None:
    async with opener() as store:
        world = await World(store).begin()
        await world.see(
            shown("1", "Ann", "v1", email("ann@example.org")), shown("2", "Bob", "v1", email("bob@example.org"))
        )
        backup = Path((await store.upkeep.back_up()).path)
        await store.subjects.erase("ann@example.org")
    done = put_back(path, backup, KEY, NOW)
    assert done.erased == 1
    async with opener() as store:
        world = await World(store).begin()
        assert [row.record_id for row in await store.changes(world.left, 0, 10)] == ["2"]
        await world.see(shown("1", "Ann", "v1", email("ann@example.org")))
        assert [row.record_id for row in await store.changes(world.left, 0, 10)] == ["2"]


async def test_nor_with_an_older_file_that_somebody_copied_there(opener: Opener, path: Path) -> None:
    async with opener() as store:
        world = await World(store).begin()
        await world.see(
            shown("1", "Ann", "v1", email("ann@example.org")), shown("2", "Bob", "v1", email("bob@example.org"))
        )
        backup = Path((await store.upkeep.back_up()).path)
        await store.subjects.erase("ann@example.org")
    shutil.copy(backup, path)
    async with opener() as store:
        assert (await store.connections())[0].recovery == NOW
        assert (await store.subjects.find("ann@example.org")).is_empty
        assert [row.record_id for row in await store.changes(world.left, 0, 10)] == ["2"]


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
async def test_what_a_killed_restore_left_is_not_mixed_into_the_next_one(
    opener: Opener, path: Path, tmp_path: Path, mode: str
) -> None:
    backup = await backed_up(opener, "1")
    before = tmp_path / "before"
    shutil.copy(backup, before)
    raw = sqlite3.connect(before, isolation_level=None)
    raw.executescript(f"PRAGMA journal_mode = {mode}; PRAGMA cache_size = 1; BEGIN; DELETE FROM connection;")
    raw.execute(
        "CREATE TABLE more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT i FROM n"
    )
    if mode == "WAL":
        raw.execute("COMMIT")
    for suffix in ("", "-wal", "-journal"):
        if (left := before.with_name(before.name + suffix)).exists():
            shutil.copy(left, path.with_name(f"{path.name}.putting-back{suffix}"))
    raw.close()
    (path.with_name(f"{path.name}.putting-back{'-wal' if mode == 'WAL' else '-journal'}")).stat()
    put_back(path, backup, KEY, NOW)
    async with opener() as store:
        assert [each.name for each in await store.connections()] == ["crm-book"]
    assert not list(path.parent.glob("*putting-back*"))


async def test_nor_does_it_stay_beside_the_state(opener: Opener, path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(f"{path.name}.putting-back{suffix}").write_bytes(b"half")
    async with opener():
        assert not list(path.parent.glob("*putting-back*"))
