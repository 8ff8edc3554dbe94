"""One connection at work: a run refreshes both feeds and works off everything that is known then."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
import structlog

from zohosyncd.core.errors import GuardTripped, RemoteError
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.chosen import Chosen
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.draft import EVERYTHING, Approvals
from zohosyncd.pipeline.drain import Batch, Drain
from zohosyncd.pipeline.first_sync import ROUNDS, FirstSync
from zohosyncd.pipeline.guarding import Guarding
from zohosyncd.pipeline.pace import EAGER, Calm
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.position import Position
from zohosyncd.pipeline.refreshing import Refreshing
from zohosyncd.pipeline.restore import RestoreTally, Restoring, Snapshot
from zohosyncd.pipeline.set_back import Step
from zohosyncd.pipeline.tally import Report
from zohosyncd.pipeline.undo import Scope, Undoing
from zohosyncd.ports.errand import errand
from zohosyncd.ports.store import ConnectionState, IntentState, Stage

_log = structlog.get_logger("zohosyncd.run")


class Runner:
    """Runs one connection, one run at a time.

    Args:
        world, plan, state: the connection. before_first_write: called once its first sync is going to write.
    """

    def __init__(
        self,
        world: World,
        plan: Plan,
        state: ConnectionState,
        before_first_write: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._world = world
        self._plan = plan
        self._position = Position(world, plan, state)
        self._lock = anyio.Lock()
        self._early = False
        approvals = Approvals()
        self._drain = Drain(world, plan, approvals)
        self._guarding = Guarding(world, plan, self._drain, approvals)
        self._drain.paused = bool(state.paused)
        self._refreshing = Refreshing(world, plan, self._position)
        self._first_sync = FirstSync(world, plan, self._drain, self._position, before_first_write, self._tell)
        self.progress = ""
        self._closed = False

    @property
    def paused(self) -> float:
        """Since when (wall seconds) a person lets it write nothing, 0.0 while it may write."""
        return self._position.state.paused

    @property
    def stage(self) -> Stage:
        """How far the first sync has come."""
        return self._position.stage

    @property
    def unknown(self) -> int:
        """Writes whose outcome is not known."""
        return len(self._drain.unknown)

    async def recover(self) -> None:
        """At start: planned intents are decided anew, sent ones are unknown, another meaning examines everything."""
        plan, position = self._plan, self._position
        await position.withdraw_planned()
        plan.remember(await self._world.store.remember_meaning(plan.id, plan.version, plan.meaning.pairs))
        await self._drain.recover()
        if self.stage is not Stage.READING and position.state.mapping_version != plan.version:
            position.restart()
        if self.stage is Stage.APPROVAL and plan.approved and not plan.recovery:
            await self._first_sync.enter(Stage.MERGING, approved=True)

    async def run(self, *, wait: bool = False, only: Chosen | None = None, calm: Calm = EAGER) -> Report:
        """Refresh, drain, guard.

        Args:
            wait: also wait for outcomes that can only be found out later (``sync --once``).
            only: writes that a person has chosen; nothing else is written.
            calm: which feeds need not be read now.

        Raises:
            GuardTripped: a complete read lacks so much that a person has to look at it; nothing is written.
            RemoteError: an app could not be used; what was decided until then goes on by itself.
        """
        async with self._lock:
            clock, plan = self._world.clock, self._plan
            began, before, run = clock.monotonic(), plan.tally.copy(), self._world.entropy.new_id()[:12]
            plan.tally.runs += 1
            bound = structlog.contextvars.bound_contextvars(connection=plan.name, run=run)
            with bound, errand(Purpose.POINT, plan.id):
                self._drain.begin(run, only)
                self._position.rewind()
                if not self.paused:
                    await self._guarding.load()
                await self._refresh(calm)
                if self.paused:
                    await self._settle_sent()
                else:
                    await self._must_be_whole()
                    await self._work(wait=wait, chosen=only is not None)
                report = await self._report(run, began, before)
                self._log_end(report.trouble)
            return report

    def _log_end(self, trouble: str) -> None:
        """One line when runs begin to end early, and one when they no longer do."""
        if bool(trouble) != self._early:
            self._early = bool(trouble)
            if trouble:
                _log.info("run ended early", reason=trouble)
            else:
                _log.info("runs go to their end again")

    @property
    def informed(self) -> bool:
        """Whether everything has been read that this connection decides from: a new field is read of all records first.

        Reading goes on beside the polls of others that share the object.
        """
        return all(self._plan.endpoint(side).complete for side in SIDES)

    async def _work(self, *, wait: bool, chosen: bool) -> None:
        if not self.informed:
            await self._settle_sent()
            return
        await self._find_out(wait=wait or self.stage is not Stage.LIVE)
        await self._first_sync.go_on(chosen=chosen, informed=self.informed)
        if chosen:
            await self._first_sync.make_chosen()
        if self.stage is Stage.LIVE:
            await self._live(wait=wait)

    @property
    def doubt(self) -> GuardTripped | None:
        """Why nothing may be written until a person has looked: a complete read of a side lacks too much."""
        for side in SIDES:
            missing, known = self._plan.endpoint(side).feed.missing
            if missing:
                name, lacks = self._plan.name, "shows none" if missing == known else f"lacks {missing}"
                return GuardTripped(
                    f"the {side.value} side {lacks} of {known} records that were there",
                    hint=f"look at `zohosyncd approve {name} --show`, then `approve {name}` if they may be gone",
                )
        return None

    async def _must_be_whole(self) -> None:
        """Raise GuardTripped if a complete read of a side lacks too much; what was sent gets its outcome before."""
        if (doubt := self.doubt) is not None:
            await self._settle_sent()
            raise doubt

    async def accept_missing(self, batch: str = "") -> int:
        """A person knows that what a complete read lacked may be gone, on both sides or (``batch``) of one read.

        Returns:
            How many are gone. Raises Busy and the RemoteError tree.
        """
        async with self._lock:
            feeds = [self._plan.endpoint(side).feed for side in SIDES]
            return sum([await each.accept_missing() for each in feeds if each.missing[0] and batch in ("", each.batch)])

    async def _settle_sent(self) -> None:
        """All that a paused connection does beside reading: find out what became of what it had sent."""
        await self._drain.resolve()
        await self._drain.landed()

    async def pause(self, since: float) -> None:
        """Write nothing until :meth:`resume`, also in later lives: a run that is under way ends early.

        Reading goes on, so that ``status`` tells how much waits; what has been sent gets its outcome.
        """
        await self._position.pause(since)
        self._drain.paused = True

    async def resume(self) -> None:
        """Write again."""
        await self._position.pause(0.0)
        self._drain.paused = self._closed

    async def at_rest(self) -> None:
        """Wait until no run is under way."""
        async with self._lock:
            return

    def floor(self, side: Side) -> int:
        """The seq up to which that side is settled."""
        return self._position.floor(side)

    async def rest(self) -> None:
        """Wait until everything that was sent has an outcome or is known to have none."""
        await self._drain.landed()

    @property
    def reading(self) -> bool:
        """Whether a run is still reading: what its feeds find now is looked at by it."""
        return self.progress == "reading"

    def due_in(self, every: float, slow: float) -> float:
        """Seconds until a side has to be read again; below zero if one should have been.

        Args:
            every: between two polls. slow: the same where a bell is trusted. The budget may want it slower still.
        """
        feeds = [self._plan.endpoint(side).feed for side in SIDES]
        wishes = [slow if each.pace is not None and each.pace.trusted else every for each in feeds]
        return min(max(wish, each.rest) - each.age for wish, each in zip(wishes, feeds, strict=True))

    async def find_out(self) -> None:
        """Ask once what became of writes without an answer. Raises RemoteError where the app cannot be asked now."""
        async with self._lock:
            with errand(Purpose.POINT, self._plan.id):
                await self._settle_sent()

    def close(self) -> None:
        """Another configuration takes over: nothing more is sent, a run that is under way ends early."""
        self._closed = self._drain.paused = True

    def abandon(self) -> None:
        """The runner ends: give back the claims of what is not decided any more."""
        self._drain.abandon()

    async def approve(self) -> None:
        """Start what waits for the first sync's approval."""
        if self.stage is Stage.APPROVAL:
            await self._first_sync.enter(Stage.MERGING, approved=True)
        else:
            await self._position.enter(self.stage, approved=True)

    async def undo(self, scope: Scope, *, dry: bool) -> AsyncIterator[tuple[str, list[Step]]]:
        """Undo earlier writes, in pages; each with the id of this undo, itself a run. ``dry``: only tell.

        Raises the RemoteError tree.
        """
        async with self._by_hand() as run:
            async for steps in Undoing(self._world, self._plan, self._drain, run, scope, dry=dry).steps():
                yield run, steps

    async def restore(
        self, sides: Mapping[Side, Snapshot], tally: RestoreTally, *, dry: bool, missing: bool
    ) -> AsyncIterator[tuple[str, list[Step]]]:
        """Bring records back to what a snapshot shows, in pages; each with the id of this run.

        Args:
            sides: the snapshot by side, in the order in which the sides are restored.
            tally: gets the numbers. dry: only tell. missing: make anew what is gone.

        Raises the RemoteError tree.
        """
        async with self._by_hand() as run:
            restoring = Restoring(self._world, self._plan, self._drain, run, tally, dry=dry, missing=missing)
            for side, snapshot in sides.items():
                async for steps in restoring.pages(side, snapshot):
                    yield run, steps

    @asynccontextmanager
    async def _by_hand(self) -> AsyncIterator[str]:
        """A run of what a person asked for; both sides are known as they are, and nothing is without an outcome."""
        async with self._lock:
            run = self._world.entropy.new_id()[:12]
            self._drain.begin(run)
            await self._refresh()
            await self._must_be_whole()
            await self._find_out(wait=True)
            yield run

    def _tell(self, progress: str) -> None:
        self.progress = progress

    async def _refresh(self, calm: Calm = EAGER) -> None:
        self.progress = "reading"
        await self._refreshing.refresh(calm)

    async def _find_out(self, *, wait: bool) -> None:
        """What became of writes without an answer, before anything else is decided about their persons."""
        await self._drain.resolve()
        for _ in range(ROUNDS if wait else 0):
            if not self._drain.worth_waiting:
                break
            await self._drain.wait_and_resolve()
        if wait:
            await self._drain.landed()  # what was sent once more

    # --- live -------------------------------------------------------------------------------------------------

    async def _live(self, *, wait: bool) -> None:
        self.progress = "working"
        self._drain.walked = await self._position.walked()
        for _ in range(ROUNDS):
            settled = await self._drain.flow(self._changes(), EVERYTHING, self._position.offsets)
            for side in SIDES:
                await self._plan.endpoint(side).feed.read_again()
            await self._position.save()
            if await self._guarding.release_or_hold():
                continue
            if self._drain.worth_waiting and wait:
                await self._drain.wait_and_resolve()
                continue
            if not settled or self._drain.trouble or self.paused or not await self._more():
                break
        await self._position.save()
        if self._plan.recovery:
            await self._end_recovery()
        self.progress = ""

    async def _end_recovery(self) -> None:
        """Recovery ends once everything has been looked at, and no creation or deletion waits for a person."""
        drain, store, plan = self._drain, self._world.store, self._plan
        if self.paused or drain.trouble or drain.unknown or drain.only is not None or await self._more():
            return
        waiting = (IntentState.WAITING, IntentState.APPROVED)
        unsettled = any(each.open for each in self._position.offsets.values())
        if unsettled or await store.open_intents(plan.id, waiting):
            return
        await store.end_recovery(plan.id)
        plan.recovery.since = 0.0
        _log.info("recovery ended: both sides were read and linked again", connection=plan.name)

    async def _changes(self) -> AsyncIterator[Batch]:
        """Rows beyond the offsets of both sides, in turns."""
        open_sides = set(SIDES)
        while open_sides:
            for side in SIDES:
                if side not in open_sides:
                    continue
                object_id, offset = self._plan.endpoint(side).object_id, self._position.offsets[side]
                rows = await self._world.store.changes(object_id, offset.position, self._plan.batch)
                if not rows:
                    open_sides.discard(side)
                    continue
                offset.hand_out([row.seq for row in rows])
                await self._drain.wake_dependents(side, rows)
                yield side, rows

    async def _more(self) -> bool:
        if self._drain.deferred:
            return True
        for side in SIDES:
            object_id = self._plan.endpoint(side).object_id
            if await self._world.store.last_seq(object_id) > self._position.offsets[side].position:
                return True
        return False

    async def _report(self, run: str, began: float, before: object) -> Report:
        plan, counts = self._plan, await self._world.store.counts(self._plan.id)
        floors = {side: self.floor(side) for side in SIDES} if self.stage is Stage.LIVE else None
        contacts = await self._world.store.contact_counts(plan.id, floors)
        open_rows = sum(offset.open for offset in self._position.offsets.values())
        trouble = self._trouble()
        waiting = counts.intents.get(IntentState.WAITING.value, 0)
        left_over = open_rows + len(self._drain.unknown)
        return Report(
            plan.name, run, self.stage.value, plan.tally.since(before),  # type: ignore[arg-type]
            counts.links, sum(counts.held.values()), sum(counts.quarantined.values()),
            converged=self.stage is Stage.LIVE and self.informed
            and not (left_over or waiting or self.paused) and trouble is None,
            waiting=waiting, seconds=self._world.clock.monotonic() - began, left_over=left_over,
            trouble="" if trouble is None else trouble.message, paused=bool(self.paused),
            contacts=contacts,
        )  # fmt: skip

    def _trouble(self) -> RemoteError | None:
        for side in SIDES:
            trouble = self._plan.endpoint(side).deliverer.trouble
            if trouble is not None:
                return trouble
        return None

    def deliveries(self) -> Sequence[Delivery]:
        """Writes whose outcome is not known."""
        return tuple(self._drain.unknown.values())
