"""What a first sync takes of memory does not grow with the number of people: only those at work are held."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

from tests.pipeline.bench import Account, Bench
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, Behaviour
from zohosyncd.core.record import Item, Record
from zohosyncd.core.schema import Schema
from zohosyncd.pipeline.deliver import Deliverer
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.pipeline.reading import Reading
from zohosyncd.ports.connector import AccountInfo, Done, Fetched, Found, Page, Upserted, WriteOp, WriteResult
from zohosyncd.supervisor.accounts import Shared

FEW, MANY = 150, 750
MOST_MORE = 400.0
"""Octets a person that a larger first sync may take more. One record with its values takes about 1,500."""

PAGE, BATCH, CAPACITY = 20, 10, 20


class Numbers:
    """An app that remembers nobody: every person is worked out from a number, and what is written is forgotten."""

    def __init__(self, schema: Schema, name: str, numbers: range) -> None:
        self.schema, self.name, self.numbers = schema, name, numbers
        self.refs = ("people",)
        self.capabilities = Behaviour(batch=CAPACITY, fetch_batch=CAPACITY, lanes=1, finds=False).capabilities
        self.written = 0

    def person(self, number: int) -> Record:
        email, first, last = f"{number}@example.org", f"First {number}", f"Last {number}"
        if self.schema is SLOTS_SCHEMA:
            values: dict[str, Any] = {"First": first, "Last": last, "Email": email, "Title": f"Title {number}"}
        else:
            values = {"given": first, "family": last, "emails": (Item(email, ""),), "company": f"Company {number}"}
        return Record(f"{self.name}-{number}", {**dict.fromkeys(self.schema.fields), **values}, "1", 1.0)

    async def check(self) -> AccountInfo:
        return AccountInfo(self.name)

    async def changes(
        self,
        ref: str,
        fields: Sequence[str],
        cursor: str | None,
        *,
        deletions: bool = True,
    ) -> AsyncIterator[Page]:
        full, place = cursor is None, int(cursor or 0)
        while True:
            await asyncio.sleep(0)
            some = self.numbers[place : place + PAGE]
            place += len(some)
            complete = place == len(self.numbers)
            yield Page(tuple(Upserted(self.person(each)) for each in some), str(place), complete, full)
            if complete:
                return

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        return [Found(self.person(int(each.rpartition("-")[2]))) for each in ids]

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        self.written += len(ops)
        return [self._done(op) for op in ops]

    def _done(self, op: WriteOp) -> Done:
        record_id = op.record_id or f"{self.name}-{op.op_id}"
        known = op.known.values if op.known else dict.fromkeys(self.schema.fields)
        return Done(record_id, "2", 2.0, Record(record_id, {**known, **op.patch}, "2", 2.0))


async def account(bench: Bench, app: Numbers) -> Account:
    state = await bench.store.open_object(app.name, app.refs[0])
    connector = cast("Any", app)
    feed = ObjectFeed(bench.world, connector, state, Reading(), sweep_every=0.0)
    deliverer = Deliverer(bench.world, connector, capacity=CAPACITY)
    bench.tasks.append(asyncio.create_task(deliverer.run()))
    return Account(app.name, connector, connector, deliverer, Shared(feed))


async def first_sync(bench: Bench, people: int) -> int:
    """The peak of what Python has allocated during a first sync: all stand on the left, a third of them on the right."""
    left = Numbers(SLOTS_SCHEMA, f"crm{people}", range(people))
    right = Numbers(LISTS_SCHEMA, f"book{people}", range(0, people, 3))
    ends = [await account(bench, each) for each in (left, right)]
    connection = await bench.connect(f"crm-book-{people}", *ends, batch=BATCH, workers=1)
    gc.collect()
    tracemalloc.reset_peak()
    before, _peak = tracemalloc.get_traced_memory()
    report = await connection.run()
    assert report.stage == "live"
    assert right.written == people, "a third of them are updated, the others created"
    return tracemalloc.get_traced_memory()[1] - before


async def test_a_larger_first_sync_takes_no_more_memory(bench: Bench) -> None:
    tracemalloc.start()
    try:
        await first_sync(bench, FEW + 1)  # statements are compiled, caches filled
        peaks = {people: await first_sync(bench, people) for people in (FEW, MANY)}
    finally:
        tracemalloc.stop()
    print(peaks)
    assert (peaks[MANY] - peaks[FEW]) / (MANY - FEW) < MOST_MORE
