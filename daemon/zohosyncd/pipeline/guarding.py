"""The guard at the drained end: dangerous writes stay planned until it is known how many there are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import structlog

from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.draft import Approvals, wish
from zohosyncd.pipeline.drain import Drain
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Next
from zohosyncd.ports.store import IntentState, Permitted

_DAY = 86_400.0
_KINDS = {"delete": "deleted", "blank": "blanked", "create": "created", "opt_out": "opted_out"}
_PERMITTED = tuple(each.value for each in Permitted)
_log = structlog.get_logger("zohosyncd.guard")


class Guarding:
    """Counts what a drain held back, and releases it or lets it wait for a person."""

    def __init__(self, world: World, plan: Plan, drain: Drain, approvals: Approvals) -> None:
        self._world = world
        self._plan = plan
        self._drain = drain
        self._approvals = approvals

    async def load(self) -> None:
        """At the start of a run: what waits, and what was approved; approved persons are examined anew."""
        states = (IntentState.WAITING, IntentState.APPROVED)
        intents = await self._world.store.open_intents(self._plan.id, states)
        self._approvals.load(intents)
        for intent in intents:
            if intent.state is IntentState.APPROVED:
                self._drain.deferred.setdefault((intent.side.other, intent.source_id), [])

    async def release_or_hold(self) -> bool:
        """Judge what was held back; True if something was released and has to be worked off."""
        held_back, self._drain.guarded = self._drain.guarded, []
        if not held_back:
            return False
        store, plan = self._world.store, self._plan
        planned = Counter(each.intent.guarded for each in held_back)
        # Pages of one mistake may come in several runs: what waits already counts with what is new.
        before = Counter(each.guarded for each in self._approvals.waiting if each.state is IntentState.WAITING)
        since = self._world.clock.now() - _DAY
        done = {kind: await self._done(kind, since) for kind in planned}
        counts = await store.counts(plan.id)
        together = {kind: count + before[kind] for kind, count in planned.items()}
        tripped = plan.limits.tripped(together, done, counts.links)
        stopped = [each for each in held_back if each.intent.guarded in tripped]
        free = [each for each in held_back if each.intent.guarded not in tripped]
        if stopped:
            batch = stopped[0].intent.run
            await store.set_waiting([each.intent.id for each in stopped], batch)
            for each in stopped:
                self._approvals.add(replace(each.intent, state=IntentState.WAITING, batch=batch))
            plan.tally.guard_trips.update(tripped)
            _log.warning(
                "guard tripped", connection=plan.name, batch=batch, **{kind: planned[kind] for kind in tripped}
            )
            for each in stopped:
                each.work.more = False
                self._drain.land(each, Next.SETTLED)
        await self._release(free)
        return bool(free)

    async def _done(self, kind: str, since: float) -> int:
        """How many writes of a kind went out since then without anybody being asked."""
        return await self._world.store.journal_count(self._plan.id, (_KINDS[kind],), since, without=_PERMITTED)

    async def _release(self, free: Sequence[Delivery]) -> None:
        """Send what was decided from a young point read; the rest is decided anew, and is not held back again.

        A batch at a time: whoever has to wait for room in the queue may be too old when there is some.
        """
        waiting = sorted(free, key=lambda each: each.intent.side)
        try:
            while waiting:
                side = waiting[0].intent.side
                part = [each for each in waiting[: self._plan.batch] if each.intent.side is side]
                going = self._as_decided(part)
                await self._drain.send(side, going)
                waiting[: len(part)] = rest = [each for each in part if each not in going]
                await self._decide_anew(rest)
                del waiting[: len(rest)]
        except BaseException:
            self._drain.guarded += waiting  # as they were
            raise

    def _as_decided(self, part: Sequence[Delivery]) -> list[Delivery]:
        """Those that may be sent as they were decided; a create has read nobody."""
        if self._drain.trouble or self._drain.paused:
            return []
        now = self._world.clock.monotonic()
        return [each for each in part if each.known is not None and each.is_young(now)]

    async def _decide_anew(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        await self._world.store.withdraw([each.intent.id for each in deliveries])
        for each in deliveries:
            self._drain.land(each, Next.AGAIN)
            self._approvals.released.add(wish(each.intent))
