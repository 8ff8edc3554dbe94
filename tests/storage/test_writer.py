"""The one writer: units share a transaction and fail alone; what was acknowledged is on the disk."""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conftest import Opener
from tests.storage.world import World, shown
from zohosyncd.core.errors import LeaseLost, StateError
from zohosyncd.core.link import Link
from zohosyncd.core.side import Side
from zohosyncd.ports.store import Decision
from zohosyncd.storage.inline import InlineConnection
from zohosyncd.storage.sqlite import Connection, connector, threaded


@dataclass
class Watching:
    """Notes each transaction."""

    sizes: list[int] = field(default_factory=list)
    failures: int = 0

    def committed(self, units: int, rows: int, seconds: float) -> None:
        assert rows >= units
        assert seconds >= 0
        self.sizes.append(units)

    def failed(self, units: int) -> None:
        self.failures += units


def linking(world: World, left: str, right: str) -> Any:
    return world.store.decide(Decision(world.connection, links=[Link(0, left, right)]))


async def test_units_that_wait_together_share_a_transaction(opener: Opener) -> None:
    watching = Watching()
    async with opener(observer=watching) as store:
        world = await World(store).begin()
        watching.sizes.clear()
        await asyncio.gather(*(linking(world, f"l{number}", f"r{number}") for number in range(100)))
        assert sum(watching.sizes) == 100
        assert len(watching.sizes) <= 5
        assert (await store.counts(world.connection)).links == 100


async def test_a_failing_unit_is_undone_alone_and_told_to_its_caller_alone(opener: Opener) -> None:
    watching = Watching()
    async with opener(observer=watching) as store:
        world = await World(store).begin()
        watching.sizes.clear()
        # The second half-succeeds: its first link is fine, its second one is not.
        double = store.decide(Decision(world.connection, links=[Link(0, "l2", "r2"), Link(0, "l1", "r9")]))
        results = await asyncio.gather(
            linking(world, "l1", "r1"), double, linking(world, "l3", "r3"), return_exceptions=True
        )
        assert [isinstance(result, StateError) for result in results] == [False, True, False]
        assert watching.sizes == [3]
        found = await store.links(world.connection, Side.LEFT, ["l1", "l2", "l3"])
        assert sorted(found) == ["l1", "l3"]


async def test_units_run_in_the_order_they_came(opener: Opener) -> None:
    async with opener() as store:
        world = await World(store).begin()
        await asyncio.gather(*(world.see(shown("1", f"Name {number}")) for number in range(50)))
        row = (await store.rows(world.left, ["1"]))["1"]
        assert (row.values, row.seq) == ({"Name": "Name 49"}, 50)


async def test_cancelling_a_caller_does_not_undo_a_unit_that_was_taken(opener: Opener) -> None:
    async with opener(creator=threaded) as store:
        world = await World(store).begin()
        caller = asyncio.create_task(world.see(*(shown(str(number)) for number in range(300))))
        while not store._writer._queue:
            await asyncio.sleep(0)
        while store._writer._queue:
            await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        await world.see(shown("later"))
        assert await store.last_seq(world.left) == 301


async def test_a_caller_cancelled_while_it_waits_takes_its_unit_back(opener: Opener) -> None:
    async with opener(creator=threaded) as store:
        world = await World(store).begin()
        first = asyncio.create_task(world.see(*(shown(str(number)) for number in range(300))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = asyncio.create_task(world.see(shown("never")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert await store.rows(world.left, ["never"]) == {}


async def test_closing_writes_what_waits_and_takes_nothing_more(opener: Opener) -> None:
    async with opener() as store:
        world = await World(store).begin()
        waiting = [asyncio.create_task(world.see(shown(str(number)))) for number in range(200)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    with pytest.raises(StateError, match="closed"):
        await world.see(shown("late"))
    async with opener() as store:
        assert await store.last_seq(world.left) == 200


async def test_an_owner_that_is_cancelled_still_closes_the_state(opener: Opener, path: Path) -> None:
    async def own() -> None:
        async with opener() as store:
            world = await World(store).begin()
            await world.see(shown("1"))
            await asyncio.sleep(60)

    owner = asyncio.create_task(own())
    await asyncio.sleep(0.3)
    owner.cancel()
    with pytest.raises(asyncio.CancelledError):
        await owner
    assert not path.with_name("state.db-wal").exists()


async def test_readers_see_what_was_acknowledged_while_others_write(opener: Opener) -> None:
    async with opener() as store:
        world = await World(store).begin()

        async def write_and_read(number: int) -> None:
            await world.see(shown(str(number)))
            assert await store.rows(world.left, [str(number)])

        await asyncio.gather(*(write_and_read(number) for number in range(50)))


async def test_another_epoch_ends_all_writing(opener: Opener, path: Path) -> None:
    async with opener() as store:
        world = await World(store).begin()
        other = sqlite3.connect(path)
        other.execute("UPDATE shard SET epoch = 2")
        other.commit()
        other.close()
        with pytest.raises(LeaseLost):
            await world.see(shown("1"))
        assert await store.rows(world.left, ["1"]) == {}


async def test_a_full_disk_is_said_and_gone_when_there_is_room(opener: Opener) -> None:
    opened: list[Connection] = []

    def creator(connect: Any) -> Connection:
        opened.append(threaded(connect))
        return opened[-1]

    watching = Watching()
    async with opener(creator=creator, observer=watching) as store:
        world = await World(store).begin()

        def limit(pages: int) -> Any:
            return opened[0].run(lambda raw: raw.execute(f"PRAGMA max_page_count = {pages}").fetchone())

        (pages,) = await opened[0].run(lambda raw: raw.execute("PRAGMA page_count").fetchone())
        await limit(pages)
        big = [shown(f"big{number}", "x" * 2000) for number in range(500)]
        results = await asyncio.gather(world.see(*big), world.see(shown("1")), return_exceptions=True)
        assert isinstance(results[0], StateError)
        assert "full" in results[0].message
        assert not isinstance(results[1], BaseException), "the small one fits, and has a transaction of its own"
        assert watching.failures == 1
        await limit(1_000_000)
        assert (await world.see(*big)).changed == 500


class FailingDisk(sqlite3.Connection):
    """Fails at COMMIT as a disk whose fsync fails."""

    failing = False

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and self.failing:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = 1034  # SQLITE_IOERR_FSYNC
            raise error
        return super().execute(sql, *parameters)


async def test_after_a_failed_flush_nothing_more_is_written(opener: Opener, path: Path) -> None:
    opened: list[FailingDisk] = []

    def creator(_: Any) -> Connection:
        def connect() -> FailingDisk:
            made = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=FailingDisk)
            opened.append(made)
            return made

        return InlineConnection(connect, 64)

    async with opener(creator=creator) as store:
        world = await World(store).begin()
        opened[0].failing = True
        with pytest.raises(StateError, match=r"disk .* fails"):
            await world.see(shown("1"))
        opened[0].failing = False
        with pytest.raises(StateError, match=r"disk .* fails"):
            await world.see(shown("2"))
        assert await store.rows(world.left, ["1", "2"]) == {}
    async with opener() as store:
        assert (await World(store).begin()).left == world.left


async def test_an_observer_that_fails_leaves_no_caller_waiting(opener: Opener) -> None:
    class Broken(Watching):
        def committed(self, units: int, rows: int, seconds: float) -> None:
            raise RuntimeError("broken observer")

    async def use() -> None:
        async with opener(observer=Broken()) as store:
            await store.open_object("crm", "Contacts")
            with pytest.raises(StateError, match="closed"):
                await store.open_object("book", "/ann/")

    with pytest.raises(RuntimeError, match="broken observer"):
        await use()


def test_with_the_drivers_own_transactions_a_released_savepoint_survives_a_rollback(path: Path) -> None:
    """Why isolation_level is None: in the driver's default mode the BEGIN is missing, and a savepoint commits alone."""

    def left_over(**options: Any) -> int:
        path.unlink(missing_ok=True)
        raw = sqlite3.connect(path, **options)
        raw.execute("CREATE TABLE t (a)")
        if "isolation_level" in options:
            raw.execute("BEGIN IMMEDIATE")
        raw.execute("SAVEPOINT unit")
        raw.execute("INSERT INTO t VALUES (1)") if "isolation_level" in options else raw.execute(
            "WITH v(a) AS (VALUES (1)) INSERT INTO t SELECT a FROM v"
        )
        raw.execute("RELEASE unit")
        raw.rollback()
        (count,) = raw.execute("SELECT count(*) FROM t").fetchone()
        raw.close()
        return int(count)

    assert left_over() == 1
    assert left_over(isolation_level=None) == 0


async def test_the_session_emits_begin_immediate_for_writing(tmp_path: Path) -> None:
    from zohosyncd.storage.sqlite import Session, prepare_file

    path = tmp_path / "s.db"
    prepare_file(path)
    raw, other = connector(path)(), connector(path)()
    other.execute("PRAGMA busy_timeout = 0")
    writing = Session(raw, writes=True)
    writing.begin()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    writing.rollback()
    pragmas = {
        name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    writing.close()
    raw.close()
    other.close()
