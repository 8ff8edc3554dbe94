"""A run on a scratch copy of the state: the same stages decide, and every write is only pretended.

Both feeds are read first, into the real mirror, so that nothing is paid for twice; then the state is copied. Over the
copy runs the same runner with the same connectors for reading. Its deliverers send nothing: each write is told that it
was carried out and settled in the copy as a real one would be. So the rehearsal comes to its end as the run does, with
everything that follows from the first writes, and what it did stands in the copy's journal.

A pretended write is known to the copy alone. Whoever asks for such a record is answered from the copy's mirror.
"""

import math
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import anyio
import structlog

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.name_sets import difference
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.deliver import Deliverer, Delivery
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.pipeline.persons import Persons
from zohosyncd.pipeline.plan import Endpoint, Plan, Recovery, World
from zohosyncd.pipeline.reading import Reading
from zohosyncd.pipeline.recall import recall
from zohosyncd.pipeline.refreshing import on_both_sides
from zohosyncd.pipeline.run import Runner
from zohosyncd.pipeline.tally import Report, Tally
from zohosyncd.ports.connector import Connector, Done, Fetched, Found, WriteKind, WriteResult
from zohosyncd.ports.store import MirrorRow, ObjectState, Stage, Store

PRETENDED = "planned:"
"""Begins the id of a record that would be created."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal that is over, as long as its copy exists.

    Attributes:
        store: the copy. plan: the connection over it. report: what the run reported.
        stage: where the connection stands in the real state. since: the journal's last entry before the rehearsal.
        reads: by side, calls for pages and for records that were made for it.
        writers: by side, who pretended the writes.
    """

    store: Store
    plan: Plan
    report: Report
    stage: Stage
    since: int
    reads: Mapping[Side, int]
    writers: Mapping[Side, "Pretender"]


class Pretender(Deliverer):
    """Delivers nothing: every write is told that it was carried out.

    Attributes:
        tagged: where an app takes tags in calls of their own, how many records would be given each set of them (True),
            or lose it (False), beside other values. retagged: the same where nothing else is written.
        only_tags: updates of nothing else.
    """

    def __init__(self, world: World, connector: Connector, schema: Schema) -> None:
        super().__init__(world, connector)
        self.tagged: Counter[tuple[bool, frozenset[str]]] = Counter()
        self.retagged: Counter[tuple[bool, frozenset[str]]] = Counter()
        self.only_tags = 0
        tariff = connector.capabilities.tariff
        apart = tariff is not None and tariff.tags is not None
        self._fields = {each.field for each in schema.containers.values() if each.field} if apart else set()

    def _note(self, delivery: Delivery) -> None:
        """What the tags of a write would cost on top."""
        patch, known = delivery.intent.patch, delivery.known
        names = patch.keys() & self._fields
        alone = delivery.intent.kind is WriteKind.UPDATE and bool(names) and names == patch.keys()
        noted = self.retagged if alone else self.tagged
        for name in names:
            added, removed = difference(known.values.get(name) if known is not None else (), patch[name])
            noted.update((giving, frozenset(each)) for giving, each in ((True, added), (False, removed)) if each)
        self.only_tags += alone

    async def _write(self, going: Sequence[Delivery]) -> Sequence[WriteResult]:
        now = self._world.clock.now()
        for each in going:
            self._note(each)
        return [Done(each.intent.target_id or f"{PRETENDED}{each.intent.id}", modified=now) for each in going]


class StillFeed(ObjectFeed):
    """The feed of a copy: it stands still, and only records that would be written are read by id.

    Args:
        world: the copy's. end: the side in the real world. state: the object in the copy.
    """

    def __init__(self, world: World, end: Endpoint, state: ObjectState) -> None:
        reading = Reading(end.feed.fields, end.feed.keys, kinds=end.feed.kinds)
        super().__init__(world, end.connector, state, reading, sweep_every=0.0)
        self.fetches = 0
        self._began = world.store.ordinal()
        self._most = end.connector.capabilities.fetch_batch

    async def refresh(self) -> None:
        """Nothing: the account's own feed has just read what there is."""

    async def refresh_if_older(self, seconds: float) -> None:
        """Nothing, for the same reason."""

    async def read_again(self) -> None:
        """Nothing: what had to be read again was, and what was only pretended cannot be read."""

    async def pretended(self, ids: Iterable[str]) -> dict[str, MirrorRow]:
        """Those of these records that the rehearsal has written."""
        rows = await self._world.store.rows(self.object_id, list(ids))
        return {each: row for each, row in rows.items() if row.written and row.taken > self._began}

    async def fetch(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """Point reads; what this rehearsal has written is as it was written."""
        pretended = await self.pretended(ids)
        answers: dict[str, Fetched] = {each: Found(row.record()) for each, row in pretended.items()}
        rest = [each for each in ids if each not in answers]
        self.fetches += math.ceil(len(rest) / self._most)
        return answers | await super().fetch(rest)


class StillApp:
    """An app as a rehearsal sees it: who has been given an address in it is found by it, too."""

    def __init__(self, world: World, end: Endpoint, feed: StillFeed, kinds: Sequence[str]) -> None:
        self.questions = 0
        self._world = world
        self._app = end.connector
        self._feed = feed
        self._kinds = [kind for kind in kinds if kind.startswith("email/")]

    def __getattr__(self, name: str) -> Any:
        """Everything else is the app's own."""
        return getattr(self._app, name)

    async def find(self, ref: str, addresses: Sequence[str]) -> Collection[str] | None:
        """Who has one of these addresses, in the app or since a pretended write."""
        self.questions += 1
        found = await self._app.find(ref, addresses)
        if found is None:
            return None
        store, keys = self._world.store, [MatchKey(kind, each) for kind in self._kinds for each in addresses]
        holders = await store.holders(self._feed.object_id, store.digests(keys))
        return {*found} | (await self._feed.pretended(each for ids in holders.values() for each in ids)).keys()


@asynccontextmanager
async def rehearsed(world: World, plan: Plan, stage: Stage, names: Collection[str]) -> AsyncIterator[Rehearsal]:
    """Rehearse a run of the connection, as if everything that waits for the first sync's approval were approved.

    Args:
        world, plan: the real ones. stage: how far its first sync has come. names: all configured connections.

    Raises:
        RemoteError: an app cannot be read now. StateError: there is no room for a copy.
    """
    pages = {side: plan.endpoint(side).feed.tally.pages for side in SIDES}
    await on_both_sides(lambda side: plan.endpoint(side).feed.refresh())
    read = {side: plan.endpoint(side).feed.tally.pages - pages[side] for side in SIDES}
    async with world.store.scratch() as store:
        copy = World(store, world.clock, world.entropy, Persons(store))
        writers = {side: Pretender(copy, end.connector, end.schema) for side in SIDES if (end := plan.endpoint(side))}
        with structlog.contextvars.bound_contextvars(rehearsal=True):
            await recall(copy, names)
            still, report, since, fetches = await _run(copy, plan, writers)
        reads = {side: read[side] + fetches[side] for side in SIDES}
        yield Rehearsal(store, still, report, stage, since, reads, writers)


async def _run(
    copy: World, plan: Plan, writers: Mapping[Side, Pretender]
) -> tuple[Plan, Report, int, Mapping[Side, int]]:
    feeds = {side: await _still_feed(copy, plan.endpoint(side)) for side in SIDES}
    apps = {side: StillApp(copy, plan.endpoint(side), feeds[side], plan.levels) for side in SIDES}
    left, right = (
        replace(
            end,
            feed=feeds[end.side],
            connector=cast("Connector", apps[end.side]),
            deliverer=writers[end.side],
        )
        for end in (plan.left, plan.right)
    )
    still = replace(plan, left=left, right=right, approved=True, tally=Tally(), recovery=Recovery())
    newest = await copy.store.journal(plan.id, limit=1)
    await copy.store.pause(plan.id, 0.0)  # what a paused connection would do once it is resumed
    state = await copy.store.open_connection(plan.name, left.object_id, right.object_id)
    async with anyio.create_task_group() as tasks:
        for end in (left, right):
            tasks.start_soon(end.deliverer.run)
        runner = Runner(copy, still, state)
        await runner.recover()
        report = await runner.run()
        tasks.cancel_scope.cancel()
    fetches = {side: feeds[side].fetches + apps[side].questions for side in SIDES}
    return still, report, newest[0].id if newest else 0, fetches


async def _still_feed(copy: World, end: Endpoint) -> StillFeed:
    return StillFeed(copy, end, await copy.store.open_object(end.account, end.ref))
