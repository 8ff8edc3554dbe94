"""Delivers the intents of one account: gathered into the app's batches over all its connections, each in its turn.

Before a request an intent is marked as sent; one transaction stores what an answer said. An outcome is never lost to
a cancellation: sending and storing run shielded, within a deadline; what is still open then is found as ``sent``
at the next start, and that means unknown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import anyio
import structlog

from zohosyncd.core.errors import RemoteError, StateError
from zohosyncd.core.name_sets import difference
from zohosyncd.core.record import Record
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.spelling import fold
from zohosyncd.core.turns import Turns
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.work import Next, Work
from zohosyncd.ports.connector import Connector, NotSent, Unknown, WriteKind, WriteOp, WriteResult
from zohosyncd.ports.errand import errand
from zohosyncd.ports.store import Intent, Permitted, Settlement

FRESH_SECONDS = 10.0
"""How old a point read may be when a write that was decided from it is sent."""

_LINGER = 0.005
_STILL = 2.0
"""After so many seconds without another one no more are taken to come."""

_PATIENCE = 1.0
"""Seconds that writes wait for others at most, while a request of their kind is under way."""

_PATIENCE_APART = 4.0
"""The same for those that travel apart, while others come."""

_CAPACITY = 300
_DEADLINE = 300.0
_log = structlog.get_logger("zohosyncd.deliver")


NameSets = frozenset[tuple[str, frozenset[str], frozenset[str]]]
"""By field, the names that a record gains and loses."""


class Group(NamedTuple):
    """What can go in one request: writes of one kind to one object.

    ``apart``: of updates that change nothing but fields which travel by themselves, what is the same for all of them.
    """

    object_id: int
    kind: WriteKind
    apart: NameSets | None = None


class Owner(Protocol):
    """The connection that an intent belongs to: it knows what an outcome means.

    ``paused``: nothing of it is sent; what waits here is decided anew later.
    """

    paused: bool

    def settlement(self, delivery: "Delivery", result: WriteResult, answered: int) -> tuple[Settlement, Next]:
        """What to store for this result, and what comes next. Decides only; nothing is remembered yet."""
        ...

    async def settled(self, delivery: "Delivery", outcome: Next) -> None:
        """The settlement is stored."""
        ...


@dataclass(slots=True, eq=False)
class Delivery:
    """An intent on its way, with what only memory holds: the record read just before, and whose work it is.

    ``again``: it was sent before, and its outcome is unknown. It goes as it is, even if its source has changed since:
    only so its record is found if it was made. ``asked``, ``asked_at``: how often, and when last (wall seconds), it was
    asked what became of it, without an answer. ``outcome``: what the last answer meant, None before one;
    ``refused``: the app does not want it. ``permitted``: why it does not count for the guard, None where it does.
    """

    intent: Intent
    ref: str
    owner: Owner
    work: Work
    known: Record | None = None
    read_at: float = 0.0
    again: bool = False
    asked: int = 0
    asked_at: float = 0.0
    outcome: Next | None = None
    refused: bool = False
    permitted: Permitted | None = None

    def op(self) -> WriteOp:
        """The wished write."""
        intent = self.intent
        return WriteOp(intent.id, intent.kind, intent.target_id, intent.patch, self.known)

    @property
    def unread(self) -> bool:
        """Whether the record it changes has not been read just before: it must not be sent as it is."""
        return self.known is None and self.intent.kind is not WriteKind.CREATE

    def is_young(self, now: float) -> bool:
        """Whether its point read is young enough to be sent, at this moment (monotonic seconds)."""
        return now - self.read_at <= FRESH_SECONDS

    def set_aside(self) -> None:
        """It may wait for long and among many, so the app's own form of its record is not kept.

        An update that cannot be made without it has not been read then, and is decided anew.
        """
        if self.known is None or self.known.native is None:
            return
        self.known = replace(self.known, native=None) if self.intent.kind is WriteKind.DELETE else None


class Deliverer:
    """The writers of one account.

    Args:
        world: store, clock. connector: the login. capacity: deliveries that may wait, beside one batch of a connection
            that has none here yet; more make the submitter wait.
    """

    def __init__(self, world: World, connector: Connector, *, capacity: int | None = None) -> None:
        self.in_flight = 0
        self.trouble: RemoteError | None = None
        self._world = world
        self._connector = connector
        self._capacity = max(_CAPACITY, connector.capabilities.apart_batch) if capacity is None else capacity
        self._waiting: dict[Group, Turns[Delivery]] = {}
        self._mine: Counter[int] = Counter()  # what waits, by connection
        self._since: dict[Group, float] = {}
        self._joined: dict[Group, float] = {}  # when the last one came
        self._under_way: Counter[Group] = Counter()
        self._count = 0
        self._changed = anyio.Condition()

    @property
    def depth(self) -> int:
        """Deliveries that wait."""
        return self._count

    async def submit(self, deliveries: Sequence[Delivery]) -> None:
        """Queue those of one connection; waits while the queue is full, and some of them are there already."""
        if not deliveries:
            return
        flow = deliveries[0].intent.connection_id
        async with self._changed:
            while self._count >= self._capacity and self._mine[flow]:
                await self._changed.wait()
            for delivery in deliveries:
                key = self._group_of(delivery)
                now = self._joined[key] = self._world.clock.monotonic()
                self._since.setdefault(key, now)
                self._waiting.setdefault(key, Turns()).put(flow, [delivery])
            self._mine[flow] += len(deliveries)
            self._count += len(deliveries)
            self._changed.notify_all()

    def _group_of(self, delivery: Delivery) -> Group:
        intent, known, apart = delivery.intent, delivery.known, self._connector.capabilities.apart
        sets = None
        if apart and intent.kind is WriteKind.UPDATE and known is not None and apart >= intent.patch.keys():
            changes = {name: difference(known.values.get(name), value) for name, value in intent.patch.items()}
            sets = frozenset((name, _folded(more), _folded(less)) for name, (more, less) in changes.items())
        return Group(intent.object_id, intent.kind, sets)

    def _most(self, group: Group) -> int:
        capabilities = self._connector.capabilities
        return capabilities.batch if group.apart is None else capabilities.apart_batch

    async def run(self) -> None:
        """Deliver until cancelled: one worker a lane."""
        async with anyio.create_task_group() as tasks:
            for _ in range(self._connector.capabilities.lanes):
                tasks.start_soon(self._lane)

    async def _lane(self) -> None:
        while True:
            group, batch = await self._gather()
            try:
                with anyio.CancelScope(shield=True), anyio.move_on_after(_DEADLINE, shield=True) as deadline:
                    await self._deliver(batch)
                if deadline.cancelled_caught:
                    _log.error("a write and its outcome took too long; it is looked up later", count=len(batch))
                    await _tell(batch, [(each, Next.UNKNOWN) for each in batch])
            finally:
                self._under_way -= Counter([group])
            async with self._changed:
                self._changed.notify_all()

    async def _gather(self) -> tuple[Group, list[Delivery]]:
        """The next group's oldest, up to the app's batch; lingers a moment for a batch that is not full."""
        async with self._changed:
            while not self._count:
                await self._changed.wait()
        if not any(len(waiting) >= self._most(key) for key, waiting in self._waiting.items()):
            await self._world.clock.sleep(_LINGER)
        async with self._changed:
            while (key := self._next()) is None:
                # Until more is there, or a request has come back; or else for a while.
                with anyio.move_on_after(self._pause):
                    await self._changed.wait()
            group = self._waiting.pop(key)
            batch = group.take(self._most(key))
            self._mine -= Counter(each.intent.connection_id for each in batch)
            if len(group):
                self._waiting[key] = group  # at the end: the others have their turn first
                self._since[key] = self._world.clock.monotonic()
            else:
                del self._since[key], self._joined[key]
            self._under_way[key] += 1
            self._count -= len(batch)
            self._changed.notify_all()
            return key, batch

    def _next(self) -> Group | None:
        """The group whose turn it is.

        Requests that carry many writes cost by the request: while one is under way, the next is filled, so that what
        trickles in goes in few of them. A lone write waits for nobody. What travels apart is one request for more than
        are decided at once, so many of these wait until no more come.
        """
        capabilities, now = self._connector.capabilities, self._world.clock.monotonic()
        for key, group in self._waiting.items():
            many = key.apart is not None and len(group) >= capabilities.batch
            joined = many and now - self._joined[key] < _STILL
            gathers = capabilities.per_request is None and (joined or self._under_way[key] > 0)
            waited = now - self._since[key] >= (_PATIENCE if key.apart is None else _PATIENCE_APART)
            if not gathers or waited or len(group) >= self._most(key):
                return key
        return None

    @property
    def _pause(self) -> float | None:
        """Seconds after which another look is taken, if nothing happens until then."""
        if not self._count:
            return None
        return _STILL if any(key.apart is not None for key in self._waiting) else _PATIENCE

    async def _deliver(self, batch: list[Delivery]) -> None:
        """Send what may still go. Whoever has been told an outcome leaves the batch: nobody is told two."""
        clock, store = self._world.clock, self._world.store
        count = len(batch)
        self.in_flight += count
        try:
            fresh = [each for each in batch if not each.again and _may_go(each, clock.monotonic())]
            granted = await store.mark_sent([each.intent.id for each in fresh], clock.now())
            granted |= {each.intent.id for each in batch if each.again}
            stale = [each for each in batch if each.intent.id not in granted]
            if stale:
                await store.withdraw([each.intent.id for each in stale])
                await _tell(batch, [(each, Next.AGAIN) for each in stale])
            if batch:
                await self._send(batch)
        except StateError as error:
            # What was sent stays unknown: the persons stay busy until it has been looked up.
            _log.error("outcomes could not be stored", reason=error.message, count=len(batch))
            await _tell(batch, [(each, Next.UNKNOWN) for each in batch])
        finally:
            self.in_flight -= count

    async def _send(self, going: list[Delivery]) -> None:
        clock, store = self._world.clock, self._world.store
        sent_at = clock.now()
        results = await self._write(going)
        if len(results) < len(going):
            results = [*results, *[Unknown("the answer lacks this row")] * (len(going) - len(results))]
        answered = store.ordinal()
        outcomes: list[tuple[Delivery, Next]] = []
        settlements: list[Settlement] = []
        for each, result in zip(going, results, strict=False):
            each.work.sent_at = sent_at
            settlement, outcome = each.owner.settlement(each, result, answered)
            settlements.append(settlement)
            outcomes.append((each, outcome))
        await store.settle(settlements)
        await _tell(going, outcomes)

    async def _write(self, going: Sequence[Delivery]) -> Sequence[WriteResult]:
        """Send a batch to the app; one result each. A mixed one is nobody's: it was charged when it was filled."""
        flows = {each.intent.connection_id for each in going}
        try:
            with errand(Purpose.WRITE, flows.pop() if len(flows) == 1 else 0):
                results = await self._connector.write(going[0].ref, [each.op() for each in going])
        except RemoteError as error:
            self.trouble = error
            return [NotSent(type(error).__name__)] * len(going)
        self.trouble = None
        return results


async def _tell(batch: list[Delivery], outcomes: Sequence[tuple[Delivery, Next]]) -> None:
    for each, outcome in outcomes:
        batch.remove(each)
        await each.owner.settled(each, outcome)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, names))


def _may_go(delivery: Delivery, now: float) -> bool:
    return not delivery.owner.paused and (delivery.known is None or delivery.is_young(now))
