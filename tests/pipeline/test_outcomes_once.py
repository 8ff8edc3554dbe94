"""Each delivery is told one outcome, whatever goes wrong; what cannot be found out is not asked for without end."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.errors import StateError
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Deliverer, Delivery
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.work import Next, Work
from zohosyncd.ports.connector import Done, WriteKind, WriteOp, WriteResult
from zohosyncd.ports.store import Intent, Settlement
from zohosyncd.supervisor.connections import ConnectionUnit

HOUR = 3_600.0


class Books:
    """A store that grants all intents but the first, and may refuse to take outcomes."""

    def __init__(self, *, refuses: bool) -> None:
        self._refuses = refuses

    def ordinal(self) -> int:
        return 1

    async def mark_sent(self, ids: Sequence[str], now: float) -> set[str]:
        return set(ids[1:])

    async def withdraw(self, ids: Sequence[str]) -> None: ...

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        if self._refuses:
            raise StateError("the disk is full")


class App:
    """A connector that takes so many seconds to write."""

    def __init__(self, bench: Bench, seconds: float) -> None:
        self.capabilities = bench.crm.connector.capabilities
        self._bench, self._seconds = bench, seconds

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        await self._bench.clock.sleep(self._seconds)
        return [Done(op.record_id) for op in ops]


class Owner:
    """Remembers what it was told."""

    paused = False

    def __init__(self) -> None:
        self.told: list[tuple[str, Next]] = []

    def settlement(self, delivery: Delivery, result: WriteResult, answered: int) -> tuple[Settlement, Next]:
        return Settlement(delivery.intent.id, 1), Next.SETTLED

    async def settled(self, delivery: Delivery, outcome: Next) -> None:
        self.told.append((delivery.intent.id, outcome))


@pytest.mark.parametrize(
    ("seconds", "refuses", "last"),
    [(1.0, False, Next.SETTLED), (1.0, True, Next.UNKNOWN), (HOUR, False, Next.UNKNOWN)],
    ids=["all goes well", "the state refuses", "no answer before the deadline"],
)
async def test_a_delivery_is_told_one_outcome(bench: Bench, seconds: float, refuses: bool, last: Next) -> None:
    await bench.pair()
    owner, books = Owner(), cast("Any", Books(refuses=refuses))
    world = World(books, bench.clock, bench.world.entropy, bench.world.persons)
    deliverer = Deliverer(world, cast("Any", App(bench, seconds)))
    work = Work(Side.LEFT, "s", 1, ())
    intents = [Intent(name, 1, "run", 1, Side.RIGHT, WriteKind.UPDATE, "s", name) for name in ("stale", "sent")]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deliverer.run)
        await deliverer.submit([Delivery(each, "ref", owner, work) for each in intents])
        await bench.clock.sleep(2 * HOUR)
        tasks.cancel_scope.cancel()
    assert owner.told == [("stale", Next.AGAIN), ("sent", last)]


async def unprovable(bench: Bench) -> Connection:
    """A write to the only card of the book without an answer, and a book that shows nothing from now on."""
    connection = await bench.pair()
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Title": "Boss"})
    bench.book.app.fail(Call.WRITE, FaultKind.UNKNOWN_EXECUTED)
    await connection.run()
    assert connection.runner.unknown == 1
    bench.book.app.fail(Call.FETCH, FaultKind.EMPTY, times=100_000)
    return connection


def unit_of(bench: Bench, connection: Connection) -> ConnectionUnit:
    settings = SimpleNamespace(name=connection.plan.name, every=60.0, every_with_hooks=60.0)
    unit = ConnectionUnit(cast("Any", settings), dict, bench.world, lambda *_: None, lambda *_: ())
    unit.plan, unit.runner = connection.plan, connection.runner
    return unit


async def test_a_connection_that_has_gone_asks_for_an_outcome_less_and_less_often(bench: Bench) -> None:
    connection = await unprovable(bench)
    before = bench.book.app.calls[Call.FETCH]
    with anyio.move_on_after(HOUR):
        await unit_of(bench, connection).settle_left_over()
    assert bench.book.app.calls[Call.FETCH] - before <= 60
    bench.book.app.heal()
    await unit_of(bench, connection).settle_left_over()
    assert connection.runner.unknown == 0
    assert await bench.store.open_intents() == []


async def test_a_connection_started_anew_after_a_bug_claims_nobody_twice(bench: Bench) -> None:
    connection = await unprovable(bench)
    unit = unit_of(bench, connection)

    async def run(*, wait: bool = False) -> None:
        raise ZeroDivisionError

    cast("Any", connection.runner).run = run
    await unit.rounds.turn()
    assert unit.runner is None
    await connection.restart()
    assert connection.runner.unknown == 1
    bench.book.app.heal()
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("Boss",)]


@pytest.mark.parametrize("wait", [False, True], ids=["a poll of the daemon", "a run that waits for outcomes"])
async def test_what_cannot_be_found_out_is_asked_for_less_and_less_often(bench: Bench, wait: bool) -> None:
    connection = await unprovable(bench)
    before, began = bench.book.app.calls[Call.FETCH], bench.clock.elapsed
    runs = 0
    while bench.clock.elapsed < began + HOUR:
        await connection.run(wait=wait)
        await bench.clock.sleep(5.0)
        runs += 1
    assert bench.book.app.calls[Call.FETCH] - before <= 60
    assert runs > 500, "a run does not wait for what has no answer"
    bench.book.app.heal()
    await bench.clock.sleep(600.0)
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("Boss",)]


async def test_a_write_that_ends_without_an_answer_after_another_life_took_over_leaves_nobody_claimed(
    bench: Bench,
) -> None:
    """A reload waits for what is under way, but not for ever."""
    connection = await bench.pair()
    record = bench.crm.app.create({"First": "Ann", "Last": "X", "Email": "ann@example.org"})
    await bench.until_quiet()
    bench.book.app.fail(Call.WRITE, FaultKind.UNKNOWN_EXECUTED)
    calm, bench.book.app.behaviour = bench.book.app.behaviour, replace(bench.book.app.behaviour, latency=40.0)
    bench.crm.app.edit(record, {"Title": "first"})
    run = asyncio.create_task(connection.run())
    while not bench.book.deliverer.in_flight:
        await bench.clock.sleep(1.0)
    await bench.clock.sleep(10.0)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    connection.runner.abandon()
    await connection.restart()
    while bench.book.deliverer.in_flight:
        await bench.clock.sleep(1.0)
    bench.book.app.behaviour = calm
    await bench.until_quiet()
    bench.crm.app.edit(record, {"Title": "second"})
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("second",)]
    assert len(bench.world.claims) == 0
