"""What goes in one request: the writes of all connections, each in its turn; and tags of their own, many at once."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

import anyio

from tests.pipeline.bench import Bench
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Record, Value
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Deliverer, Delivery
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.work import Next, Work
from zohosyncd.ports.connector import Capabilities, Done, WriteKind, WriteOp, WriteResult
from zohosyncd.ports.errand import current
from zohosyncd.ports.store import Intent, Settlement

SECONDS = 1.0
"""What a request takes."""


class Books:
    """A store that grants everything and remembers nothing."""

    def ordinal(self) -> int:
        return 1

    async def mark_sent(self, ids: Sequence[str], now: float) -> set[str]:
        return set(ids)

    async def settle(self, settlements: Sequence[Settlement]) -> None: ...


class App:
    """A connector that remembers the requests it got: the ops, and for which connection."""

    def __init__(self, capabilities: Capabilities, bench: Bench) -> None:
        self.capabilities = capabilities
        self.requests: list[tuple[list[str], int]] = []
        self._bench = bench

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        self.requests.append(([op.op_id for op in ops], current().flow))
        await self._bench.clock.sleep(SECONDS)
        return [Done(op.record_id) for op in ops]


class Owner:
    """A connection; whose deliveries are done, in order."""

    paused = False

    def __init__(self, number: int) -> None:
        self.number = number
        self.done = 0
        self._submitted = 0

    def settlement(self, delivery: Delivery, result: WriteResult, answered: int) -> tuple[Settlement, Next]:
        return Settlement(delivery.intent.id, self.number), Next.SETTLED

    async def settled(self, delivery: Delivery, outcome: Next) -> None:
        assert outcome is Next.SETTLED
        self.done += 1

    def deliveries(self, patches: Iterable[dict[str, Value]], known: Record | None) -> list[Delivery]:
        found = []
        for patch in patches:
            self._submitted += 1
            name = f"{self.number}-{self._submitted}"
            intent = Intent(name, self.number, "", 7, Side.LEFT, WriteKind.UPDATE, name, name, patch=patch)
            found.append(Delivery(intent, "ref", self, Work(Side.RIGHT, name, 1, ()), known, 0.0))
        return found


async def an_app(bench: Bench, **more: Any) -> tuple[App, Deliverer]:
    """One request at a time, a hundred ops each unless told otherwise."""
    await bench.pair()
    capabilities = replace(bench.crm.connector.capabilities, batch=100, lanes=1, **more)
    app = App(capabilities, bench)
    world = World(cast("Any", Books()), bench.clock, bench.world.entropy, bench.world.persons)
    deliverer = Deliverer(world, cast("Any", app))
    bench.tasks.append(asyncio.create_task(deliverer.run()))
    return app, deliverer


async def rest(deliverer: Deliverer, bench: Bench) -> None:
    with anyio.fail_after(600.0):
        while deliverer.depth or deliverer.in_flight:
            await bench.clock.sleep(SECONDS)


async def test_a_connection_with_few_does_not_wait_for_one_with_many(bench: Bench) -> None:
    """Not behind what waits already, and not for room in the queue either."""
    _app, deliverer = await an_app(bench)
    many, few = Owner(1), Owner(2)

    async def flood() -> None:
        for _ in range(20):
            await deliverer.submit(many.deliveries([{"Title": "x"}] * 200, None))

    flooding = asyncio.create_task(flood())
    await bench.clock.sleep(3.5)
    done = many.done
    await deliverer.submit(few.deliveries([{"Title": "x"}] * 30, None))
    while few.done < 30:
        await bench.clock.sleep(0.1)
    assert many.done - done <= 200, "the request under way, and one that both share"
    await flooding
    await rest(deliverer, bench)
    assert many.done == 4_000


async def test_a_request_is_shared_by_turns_and_belongs_to_nobody_then(bench: Bench) -> None:
    app, deliverer = await an_app(bench)
    first, *others = [Owner(number) for number in range(1, 5)]
    await deliverer.submit(first.deliveries([{"Title": "x"}] * 200, None))
    await bench.clock.sleep(SECONDS / 2)
    for each in others:
        await deliverer.submit(each.deliveries([{"Title": "x"}] * 200, None))
    await rest(deliverer, bench)
    (_ids, flow), (mixed, nobody) = app.requests[:2]
    assert (flow, nobody) == (1, 0)
    assert len(app.requests) == 8
    parts = Counter(each.partition("-")[0] for each in mixed)
    assert max(parts.values()) - min(parts.values()) <= 10


class TestTags:
    """Where they travel in calls of their own, what many records gain and lose alike goes in one."""

    KNOWN = Record("r", {"Tag": as_value(["Old"]), "Title": "Boss"}, "1", 1.0)

    async def sizes(self, bench: Bench, patches: Sequence[dict[str, Value]]) -> list[int]:
        app, deliverer = await an_app(bench, apart=frozenset({"Tag"}), apart_batch=500)
        owner = Owner(1)
        for start in range(0, len(patches), 100):
            await deliverer.submit(owner.deliveries(patches[start : start + 100], self.KNOWN))
        await rest(deliverer, bench)
        assert owner.done == len(patches)
        return [len(ids) for ids, _flow in app.requests]

    async def test_five_hundred_alike_are_one_request(self, bench: Bench) -> None:
        assert await self.sizes(bench, [{"Tag": as_value(["Old", "New"])}] * 500) == [500]

    async def test_each_set_has_its_own_request_and_another_case_is_no_other_set(self, bench: Bench) -> None:
        wished = [["Old", "New"], ["OLD", "new"], ["New"], ["Old", "New", "Newer"], []]
        assert sorted(await self.sizes(bench, [{"Tag": as_value(names)} for names in wished])) == [1, 1, 1, 2]

    async def test_what_has_other_values_too_goes_in_batches_like_any_other(self, bench: Bench) -> None:
        patches = [{"Tag": as_value(["New"]), "Title": "x"}] * 150 + [{"Title": "x"}] * 50
        assert await self.sizes(bench, patches) == [100, 100]
