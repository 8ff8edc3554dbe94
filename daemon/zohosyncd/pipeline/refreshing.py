"""Both sides' feeds before a run: which are read now, which may rest, and which are needed after all."""

from collections.abc import Awaitable, Callable

import anyio

from zohosyncd.core.errors import BudgetSpent, SyncError
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.pace import Calm
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.position import Position
from zohosyncd.ports.errand import errand
from zohosyncd.ports.store import Stage


async def on_both_sides(work: Callable[[Side], Awaitable[None]]) -> None:
    """Do it on both sides at once; the first trouble is raised after both have ended."""
    troubles: list[SyncError] = []

    async def on(side: Side) -> None:
        try:
            await work(side)
        except SyncError as error:
            troubles.append(error)

    async with anyio.create_task_group() as tasks:
        for side in SIDES:
            tasks.start_soon(on, side)
    if troubles:
        raise troubles[0]


class Refreshing:
    """The feeds of one connection."""

    def __init__(self, world: World, plan: Plan, position: Position) -> None:
        self._store = world.store
        self._plan = plan
        self._position = position
        self._looked_at: dict[Side, int] = {}

    async def refresh(self, calm: Calm) -> None:
        """Both feeds at once; the first trouble is raised after both have ended."""
        put_off: list[Side] = []

        async def refresh(side: Side) -> None:
            feed = self._plan.endpoint(side).feed
            if calm.sparing and feed.spares():
                put_off.append(side)
                return
            try:
                with errand(Purpose.FEED):
                    await calm.refresh(feed)
            except BudgetSpent:
                if not feed.complete:
                    raise
                put_off.append(side)

        await on_both_sides(refresh)
        for side in put_off:
            last = await self._store.last_seq(self._plan.endpoint(side.other).object_id)
            if await self._has_work_for(side, last):
                await self._plan.endpoint(side).feed.refresh()  # for the sake of writes: nobody is made who is there
                self._looked_at[side] = last

    async def _has_work_for(self, side: Side, last: int) -> bool:
        """Whether something may be written there now, so that its feed has to be read first, whatever the budget says.

        Args:
            last: the seq up to which the other side is known. What was known when the feed was last read needs no other
                reading while that is not long ago.
        """
        fresh = self._plan.endpoint(side).feed.spares()
        if self._position.stage is not Stage.LIVE:
            return not fresh
        if fresh and last == self._looked_at.get(side):
            return False
        other = self._plan.endpoint(side.other)
        return await self._store.count_pending(other.object_id, self._position.floor(side.other)) > 0
