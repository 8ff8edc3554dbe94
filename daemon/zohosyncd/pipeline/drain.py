"""Works rows off: a bounded queue of batches, workers that examine them, and what comes back from delivery.

A row is settled when everything that was decided about it has an outcome. Busy rows and rows whose decision fell
through are examined again, by id, in the same flow, a few times; after that they stay unsettled for the next run.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from zohosyncd.core.errors import BudgetSpent, SyncError
from zohosyncd.core.link import Link
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.chosen import Chosen
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.draft import Approvals, Permit, wish
from zohosyncd.pipeline.examine import Examiner
from zohosyncd.pipeline.outcome import SETS_BACK, settlement_of
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.resolve import Resolver
from zohosyncd.pipeline.work import Next, Offset, Person, Work, persons_of
from zohosyncd.ports.connector import Done, NotSent, Refused, WriteKind, WriteResult
from zohosyncd.ports.store import Intent, IntentState, MirrorRow, Settlement

Batch = tuple[Side, Sequence[MirrorRow]]
Record = tuple[Side, str]

_MAX_ROUNDS = 5
_MAX_BUSY_ROUNDS = 100
_BUSY_PAUSE = 0.05
_MAX_DEFERRED = 10_000
_TRIES = 4
_log = structlog.get_logger("zohosyncd.drain")


class Drain:
    """The flow of one connection: it owns the works under way and is told their outcomes."""

    def __init__(self, world: World, plan: Plan, approvals: Approvals) -> None:
        self._world = world
        self._plan = plan
        self._approvals = approvals
        self._examiner = Examiner(world, plan, self, approvals)
        self._resolver = Resolver(world, plan)
        self.unknown: dict[str, Delivery] = {}
        self.deferred: dict[Record, list[int]] = {}
        self.guarded: list[Delivery] = []
        self.trouble: SyncError | None = None
        self.only: Chosen | None = None  # nothing else is written
        self.paused = False
        self.holds = True  # whether records may be held from before this process began
        self.walked: Mapping[Side, int] = {}
        """By side, the seq up to which everybody is walked through once more: these are no edits."""
        self._abandoned = False
        self._rounds: dict[Record, int] = {}
        self._flying = 0
        self._later = 0
        self._offsets: Mapping[Side, Offset] | None = None
        self._run = ""
        self._wake = anyio.Event()

    def begin(self, run: str, only: Chosen | None = None) -> None:
        """A new run: what was put off gets a new chance. ``only``: writes that it may make, None for all."""
        self._run, self.only = run, only
        self._rounds.clear()
        self.deferred.clear()
        self.trouble = None

    async def recover(self) -> None:
        """Take over intents that were sent before this start: their outcome is unknown."""
        store, plan = self._world.store, self._plan
        recalled = self._world.recalled.pop(plan.id, set())
        intents = await store.open_intents(plan.id, (IntentState.SENT, IntentState.UNKNOWN))
        lost = [intent for intent in intents if intent.state is IntentState.SENT]
        if lost:
            await store.settle([Settlement(intent.id, plan.id, IntentState.UNKNOWN) for intent in lost])
            _log.info("found writes without an outcome", connection=plan.name, count=len(lost))
        for intent in intents:
            links: dict[str, Link] = {}
            if intent.target_id:
                links = await store.links(plan.id, intent.side, [intent.target_id])
            elif intent.source_id:
                links = await store.links(plan.id, intent.side.other, [intent.source_id])
            link = next(iter(links.values()), None)
            target, persons = plan.endpoint(intent.side), self._persons(intent)
            if intent.id not in recalled:
                self._world.claims.take_over(persons)
            self._world.births.begin(intent)
            work = Work(intent.side.other, intent.source_id, 0, tuple(persons), link, {intent.id})
            work.sent_at, work.recalled = intent.sent_at, True
            self._flying += 1
            self.unknown[intent.id] = Delivery(intent, target.ref, self, work)

    # --- the flow ---------------------------------------------------------------------------------------------

    async def flow(
        self, batches: AsyncIterator[Batch], permit: Permit, offsets: Mapping[Side, Offset] | None = None
    ) -> bool:
        """Examine all batches and everything that comes back from them; True if nothing was put off to a later run.

        Raises the RemoteError that stopped it; what was handed to the deliverers goes on by itself.
        """
        self._offsets = offsets
        self._approvals.counting = offsets is not None
        self._later = 0
        await self._examine_all(batches, permit)
        busy_rounds = 0
        while not self.trouble:
            await self.landed()
            if self.paused:
                self._later += 1
                break
            if not self.deferred:
                break
            before = len(self.deferred)
            await self._examine_all(self._deferred_batches(), permit)
            if len(self.deferred) >= before:
                busy_rounds += 1
                # What is busy with a write of unknown outcome stays so until that is found out, and what waits for one
                # that the guard holds back, until the guard has judged it.
                if busy_rounds > (1 if self.unknown or self.guarded else _MAX_BUSY_ROUNDS):
                    self._later += len(self.deferred)
                    break
                await self._world.clock.sleep(_BUSY_PAUSE)
        return not self._later and not self.trouble and not self.deferred

    async def _examine_all(self, batches: AsyncIterator[Batch], permit: Permit) -> None:
        """The first trouble is raised when all have ended what they were at: what is committed is delivered, too."""
        send, receive = anyio.create_memory_object_stream[Batch](2)
        async with anyio.create_task_group() as tasks:
            for _ in range(self._plan.workers):
                tasks.start_soon(self._worker, receive.clone(), permit)
            receive.close()
            await self._produce(send, batches)
        if self.trouble:
            raise self.trouble

    async def _produce(self, send: MemoryObjectSendStream[Batch], batches: AsyncIterator[Batch]) -> None:
        async with send:
            try:
                async for batch in batches:
                    if self.paused or self.trouble:
                        break  # its rows stay unsettled
                    while len(self.deferred) > _MAX_DEFERRED and self._flying:
                        await self._any_landed()
                    await send.send(batch)
            except SyncError as error:
                self.trouble = self.trouble or error

    async def _worker(self, receive: MemoryObjectReceiveStream[Batch], permit: Permit) -> None:
        async with receive:
            async for side, rows in receive:
                if self.trouble:
                    continue  # rows that nobody examines stay unsettled
                try:
                    await self._examine(side, rows, permit)
                except SyncError as error:
                    self.trouble = self.trouble or error

    async def _examine(self, side: Side, rows: Sequence[MirrorRow], permit: Permit) -> None:
        examined = await self._examiner.examine(side, rows, permit, self._run)
        for row in examined.settled:
            self._settle((side, row.record_id), row.seq)
        for row in examined.busy:
            self._defer((side, row.record_id), row.seq, counted=False)
        for record in examined.woken:
            self.deferred.setdefault(record, [])
        self._later += examined.later
        ready: dict[Side, list[Delivery]] = {Side.LEFT: [], Side.RIGHT: []}
        for work, deliveries in examined.works:
            self._flying += 1
            lost = {each.intent.id for each in deliveries} & examined.lost
            work.open -= lost
            if lost:
                work.worsen(Next.AGAIN)
            going = [each for each in deliveries if each.intent.id not in lost]
            if self.only is not None and not self.only.allows(each.intent for each in going):
                await self._leave_out(going, self.only)
                continue
            held_back = [each for each in going if self._is_guarded(each)]
            for each in held_back:
                each.set_aside()
            self.guarded += held_back
            for each in going:
                if each not in held_back:
                    each.permitted = self._approvals.permitted(each.intent)
                    self._world.births.begin(each.intent)
                    ready[each.intent.side].append(each)
            if not work.open:
                self._finish(work)
        for target, waiting in ready.items():
            await self.send(target, waiting)

    async def send(self, target: Side, deliveries: Sequence[Delivery]) -> None:
        """Hand writes to that side over to its deliverer, once it has room."""
        if deliveries:
            await self._plan.endpoint(target).deliverer.submit(deliveries)

    async def carry_out(self, works: Sequence[tuple[Work, Sequence[Delivery]]]) -> None:
        """Deliver what was decided elsewhere and stored, and wait for the outcomes."""
        ready: dict[Side, list[Delivery]] = {Side.LEFT: [], Side.RIGHT: []}
        for _work, deliveries in works:
            self._flying += 1
            for each in deliveries:
                self._world.births.begin(each.intent)
                ready[each.intent.side].append(each)
        for target, waiting in ready.items():
            await self.send(target, waiting)
        await self.landed()
        self.deferred.clear()  # what conflicted is decided by whoever decided it

    async def _leave_out(self, deliveries: Sequence[Delivery], only: Chosen) -> None:
        """They were not chosen: another run decides about them anew."""
        only.leave_out(each.intent for each in deliveries)
        await self._world.store.withdraw([each.intent.id for each in deliveries])
        for each in deliveries:
            self.land(each, Next.LATER)

    def _is_guarded(self, delivery: Delivery) -> bool:
        intent, approvals = delivery.intent, self._approvals
        return (
            approvals.counting and bool(intent.guarded) and (delivery.unread or wish(intent) not in approvals.released)
        )

    async def _deferred_batches(self) -> AsyncIterator[Batch]:
        """What came back, read again by id."""
        taken, self.deferred = self.deferred, {}
        for side in SIDES:
            ids = [record for each, record in taken if each is side]
            for start in range(0, len(ids), self._plan.batch):
                part = ids[start : start + self._plan.batch]
                rows = await self._world.store.rows(self._plan.endpoint(side).object_id, part)
                for record in part:
                    row = rows.get(record)
                    left = list(taken[side, record])
                    if row is not None and row.seq in left:
                        left.remove(row.seq)  # this once it is settled when the row has been examined
                    for seq in left:
                        # The rows it came from, and the same row put off twice, are settled with that one.
                        self._settle_seq(side, seq)
                    if row is not None and row.seq not in taken[side, record] and self._offsets is not None:
                        self._offsets[side].hand_out_again(row.seq)
                if rows:
                    yield side, list(rows.values())

    async def wake_dependents(self, side: Side, rows: Sequence[MirrorRow]) -> None:
        """A change of a record re-examines the held ones that depend on it or on one of its keys."""
        if not self._plan.tally.held and not self.holds:
            return
        ids = [row.record_id for row in rows]
        keys = await self._world.store.keys_of(self._plan.endpoint(side).object_id, ids)
        digests = {key for found in keys.values() for key in found}
        for record in await self._world.store.held_dependents(self._plan.id, side, ids, digests):
            if record[0] is not side or record[1] not in ids:
                self.deferred.setdefault(record, [])

    def abandon(self) -> None:
        """Another drain of the connection takes over: what is unknown stays claimed, what is held back is let go."""
        for delivery in self.unknown.values():
            work, intent = delivery.work, delivery.intent
            kept = self._persons(intent)
            self._world.claims.release(set(work.persons) - set(kept))
            work.persons = ()
            self._world.recalled.setdefault(self._plan.id, set()).add(intent.id)
        for delivery in self.guarded:
            self._release(delivery.work)
        self.unknown.clear()
        self.guarded.clear()
        self._abandoned = True

    def _persons(self, intent: Intent) -> list[Person]:
        return persons_of(intent, self._plan.endpoint(intent.side.other).object_id)

    # --- outcomes ---------------------------------------------------------------------------------------------

    def settlement(self, delivery: Delivery, result: WriteResult, answered: int) -> tuple[Settlement, Next]:
        """What to store for this result, and what comes next."""
        intent = delivery.intent
        self._plan.tally.outcomes[intent.side.value, intent.kind.value, type(result).__name__.lower()] += 1
        settlement, outcome = settlement_of(
            self._plan, delivery, result, answered=answered, now=self._world.clock.now()
        )
        if isinstance(result, Done):
            self._count(delivery)
            if self.only is not None:
                self.only.made(intent)
        elif outcome is not Next.UNKNOWN:  # that may still be found to have arrived
            delivery.work.more = False
            trouble = self._plan.endpoint(intent.side).deliverer.trouble
            if isinstance(result, NotSent) and isinstance(trouble, BudgetSpent):
                self.trouble = self.trouble or trouble  # what is decided now could not be sent either
        delivery.refused = isinstance(result, Refused) and outcome is Next.SETTLED
        for refused in settlement.quarantined:
            self._plan.tally.quarantined[refused.code] += 1
        return settlement, outcome

    def _count(self, delivery: Delivery) -> None:
        intent, tally = delivery.intent, self._plan.tally
        self._time(delivery)
        if intent.kind is WriteKind.CREATE:
            tally.created[intent.side] += 1
            tally.links += delivery.work.link is not None
        elif intent.kind is WriteKind.UPDATE:
            tally.updated[intent.side] += 1
        else:
            tally.deleted[intent.side] += 1

    def _time(self, delivery: Delivery) -> None:
        """An edit has arrived. Not of a first sync, nor of what was decided from the other record of the pair."""
        work, side = delivery.work, delivery.intent.side.other
        live = self._offsets is not None and work.seq > self.walked.get(side, 0)
        if live and work.edited_at and work.side is side and delivery.intent.guarded not in SETS_BACK:
            self._plan.tally.applied(side, self._world.clock.now() - work.edited_at)

    async def settled(self, delivery: Delivery, outcome: Next) -> None:
        """An outcome is stored."""
        self.land(delivery, outcome)

    def land(self, delivery: Delivery, outcome: Next) -> None:
        """Take note of an outcome; the work ends with its last intent."""
        work = delivery.work
        delivery.outcome = outcome
        if outcome is Next.UNKNOWN:
            if self._abandoned:  # whoever took over has claimed its persons and finds out
                self._release(work)
            else:
                self.unknown[delivery.intent.id] = delivery
            self._notify()
            return
        self.unknown.pop(delivery.intent.id, None)
        self._world.births.end(delivery.intent.id)
        work.open.discard(delivery.intent.id)
        work.worsen(outcome)
        self._approvals.ended(delivery.intent)
        if not work.open:
            self._finish(work)

    def _finish(self, work: Work) -> None:
        self._release(work)
        self._flying -= 1
        record = (work.side, work.record_id)
        if work.next is Next.AGAIN or (work.next is Next.SETTLED and work.more):
            self._defer(record, work.seq, counted=True)
        elif work.next is Next.LATER:
            self._later += 1
        else:
            self._settle(record, work.seq)
        self._notify()

    def _release(self, work: Work) -> None:
        self._world.claims.release(work.persons)
        work.persons = ()

    def _defer(self, record: Record, seq: int, *, counted: bool) -> None:
        if counted:
            self._rounds[record] = self._rounds.get(record, 0) + 1
            if self._rounds[record] > _MAX_ROUNDS:
                self._later += 1
                return
        self.deferred.setdefault(record, []).append(seq)

    def _settle(self, record: Record, seq: int) -> None:
        self._rounds.pop(record, None)
        self._settle_seq(record[0], seq)

    def _settle_seq(self, side: Side, seq: int) -> None:
        if self._offsets is not None and seq:
            self._offsets[side].settle(seq)

    def _notify(self) -> None:
        self._wake.set()
        self._wake = anyio.Event()

    async def _any_landed(self) -> None:
        await self._wake.wait()

    async def landed(self) -> None:
        """Wait until everything under way has an outcome, except what is unknown or held back by the guard."""
        while self._flying > len(self.unknown) + len(self.guarded) or self._flying > self._resting():
            await self._any_landed()

    def _resting(self) -> int:
        return len({id(each.work) for each in [*self.unknown.values(), *self.guarded]})

    # --- unknown outcomes -------------------------------------------------------------------------------------

    async def resolve(self) -> None:
        """Find out what is due; the rest stays unknown."""
        for delivery, outcome in await self._resolver.resolve(list(self.unknown.values())):
            if outcome is Next.RESENT and self.paused:
                continue
            if outcome is Next.RESENT:
                del self.unknown[delivery.intent.id]
                delivery.again = True
                await self._plan.endpoint(delivery.intent.side).deliverer.submit([delivery])
            else:
                if outcome is Next.SETTLED and delivery.work.link is not None:  # else it is held
                    self._time(delivery)
                if self.only is not None and outcome is Next.SETTLED:
                    self.only.made(delivery.intent)
                self.land(delivery, outcome)

    @property
    def worth_waiting(self) -> bool:
        """Whether some outcome may soon be found out: one has not been asked for in vain again and again."""
        return any(each.asked < _TRIES for each in self.unknown.values())

    async def wait_and_resolve(self) -> None:
        """Wait until the first unknown outcome can be found out, and find out."""
        if not self.unknown:
            return
        due = min(self._resolver.due(each) for each in self.unknown.values())
        pause = due - self._world.clock.now()
        await self._world.clock.sleep(max(pause, _BUSY_PAUSE))
        await self.resolve()
        await self.landed()
