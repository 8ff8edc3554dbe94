"""Both sides' feeds before a run: which are read now, which may rest, and which are needed after all."""

import anyio

from zohosyncd.core.errors import BudgetSpent, SyncError
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.pace import Calm
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.position import Position
from zohosyncd.ports.errand import errand
from zohosyncd.ports.store import Stage


class Refreshing:
    """The feeds of one connection."""

    def __init__(self, world: World, plan: Plan, position: Position) -> None:
        self._store = world.store
        self._plan = plan
        self._position = position
        self._looked_at: dict[Side, int] = {}

    async def refresh(self, calm: Calm) -> None:
        """Both feeds at once; the first trouble is raised after both have ended."""
        troubles: list[SyncError] = []
        put_off: list[Side] = []

        async def refresh(side: Side) -> None:
            feed = self._plan.endpoint(side).feed
            if calm.sparing and feed.spares():
                put_off.append(side)
                return
            try:
                with errand(Purpose.FEED):
                    await calm.refresh(feed)
            except SyncError as error:
                if isinstance(error, BudgetSpent) and feed.complete:
                    put_off.append(side)
                else:
                    troubles.append(error)

        async with anyio.create_task_group() as tasks:
            for side in SIDES:
                tasks.start_soon(refresh, side)
        if troubles:
            raise troubles[0]
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
