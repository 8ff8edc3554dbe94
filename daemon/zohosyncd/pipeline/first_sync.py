"""The first sync goes through durable stages: read both sides, match, (wait for approval,) merge, create.

Nothing is created, and nothing linked as the only candidate, before one complete read of both sides. Each stage can be
repeated from its beginning after a crash, because what is done already is found done.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.draft import EVERYTHING, MATCH_ONLY, Permit
from zohosyncd.pipeline.drain import Batch, Drain
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.position import Position
from zohosyncd.ports.store import Stage

_MERGE = Permit(create=False)
ROUNDS: Final = 50
"""How often one run goes round for what turned up meanwhile."""


class FirstSync:
    """The first sync of one connection.

    Args:
        before_first_write: called once it is going to write.
        tell: what it is at, for those who watch.
    """

    def __init__(
        self,
        world: World,
        plan: Plan,
        drain: Drain,
        position: Position,
        before_first_write: Callable[[], Awaitable[None]] | None,
        tell: Callable[[str], None],
    ) -> None:
        self._world = world
        self._plan = plan
        self._drain = drain
        self._position = position
        self._before_first_write = before_first_write
        self._tell = tell

    async def go_on(self, *, chosen: bool, informed: bool) -> None:
        """From where it stands to the end, or to where a person is needed.

        Args:
            chosen: only matching is done; what is written has been chosen. informed: both sides were read completely.
        """
        position, plan = self._position, self._plan
        approved = ((plan.approved and not plan.recovery) or position.state.approved) and not chosen
        if position.stage is Stage.READING and informed:
            await position.to_the_end()
            await position.enter(Stage.MATCHING)
        if position.stage is Stage.MATCHING:
            self._tell("matching")
            if await self._drain.flow(self._unlinked(SIDES), MATCH_ONLY):
                await self.enter(Stage.MERGING if approved else Stage.APPROVAL)
        if position.stage is Stage.APPROVAL and approved:
            await self.enter(Stage.MERGING, approved=True)
        if chosen:
            return
        if position.stage is Stage.MERGING:
            self._tell("merging")
            if await self._drain.flow(self._linked(), _MERGE) and not self._drain.unknown:
                await position.enter(Stage.CREATING)
        if position.stage is Stage.CREATING:
            self._tell("creating")
            if await self._drain.flow(self._unlinked(SIDES), self._creating) and not await self._unknown_left():
                await position.enter(Stage.LIVE)

    async def make_chosen(self) -> None:
        """Merge and create what was chosen, without waiting for approval: choosing it was one.

        The stage moves on only if nothing is left, so that whatever was not chosen still waits.
        """
        if self._position.stage in (Stage.APPROVAL, Stage.MERGING, Stage.CREATING):
            if self._position.stage is Stage.APPROVAL:
                await self._writes_now()
            merged = await self._drain.flow(self._linked(), _MERGE)
            created = await self._drain.flow(self._unlinked(SIDES), self._creating)
            if merged and created and not await self._unknown_left():
                await self._position.enter(Stage.LIVE, approved=True)

    async def enter(self, stage: Stage, *, approved: bool | None = None) -> None:
        """Come to a stage; before the first that writes, whoever has asked for it is told."""
        if stage is Stage.MERGING:
            await self._writes_now()
        await self._position.enter(stage, approved=approved)

    async def _writes_now(self) -> None:
        if self._before_first_write is not None:
            await self._before_first_write()

    @property
    def _creating(self) -> Permit:
        """Everything is allowed; nobody has to be asked about whom both complete reads have shown."""
        return Permit(known=self._position.floors)

    async def _unknown_left(self) -> bool:
        """Find out what became of creates without an answer; their records are examined again until none is left."""
        for _ in range(ROUNDS):
            if not self._drain.worth_waiting:
                return bool(self._drain.unknown)
            await self._drain.wait_and_resolve()
            if not await self._drain.flow(_nothing(), EVERYTHING):
                return True
        return bool(self._drain.unknown)

    async def _unlinked(self, sides: Sequence[Side]) -> AsyncIterator[Batch]:
        """Records without a link, side by side, in the order they were seen."""
        plan, store = self._plan, self._world.store
        for side in sides:
            after, object_id = 0, plan.endpoint(side).object_id
            while rows := await store.unlinked(plan.id, side, object_id, after, plan.batch):
                after = rows[-1].seq
                yield side, rows

    async def _linked(self) -> AsyncIterator[Batch]:
        after, object_id = 0, self._plan.left.object_id
        while links := await self._world.store.links_after(self._plan.id, after, self._plan.batch):
            after = links[-1].id
            rows = await self._world.store.rows(object_id, [link.left_id for link in links])
            if rows:
                yield Side.LEFT, list(rows.values())


async def _nothing() -> AsyncIterator[Batch]:
    """No rows of its own: only what was deferred."""
    return
    yield
