"""How far a connection has come: its stage, how far each side is settled, and what is stored of both."""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Offset
from zohosyncd.ports.store import ConnectionState, Stage

_log = structlog.get_logger("zohosyncd.run")


class Position:
    """The position of one connection.

    Args:
        state: as it is stored.
    """

    def __init__(self, world: World, plan: Plan, state: ConnectionState) -> None:
        self._store = world.store
        self._plan = plan
        self.state = state
        self.offsets: Mapping[Side, Offset] = {}
        self._walked: Mapping[Side, int] | None = {}
        self._begin_at(state.left_offset, state.right_offset)

    @property
    def stage(self) -> Stage:
        """How far the first sync has come."""
        return self.state.stage

    def floor(self, side: Side) -> int:
        """The seq up to which that side is settled."""
        return self.offsets[side].floor

    @property
    def floors(self) -> Mapping[Side, int]:
        """The same of both sides."""
        return {side: offset.floor for side, offset in self.offsets.items()}

    def rewind(self) -> None:
        """Hand everything that is not settled out again."""
        for offset in self.offsets.values():
            offset.rewind()

    def restart(self) -> None:
        """Hand everything out again."""
        self._begin_at(0, 0)
        self._walked = None

    async def walked(self) -> Mapping[Side, int]:
        """By side, the seq up to which records are handed out again without having been edited; asked for at work."""
        if self._walked is None:
            self._walked = {side: await self._store.last_seq(self._plan.endpoint(side).object_id) for side in SIDES}
        return self._walked

    async def withdraw_planned(self) -> None:
        """What was planned and not sent is decided anew, which sets back what was settled."""
        if await self._store.withdraw_planned(self._plan.id):
            left, right = (self._plan.endpoint(side).object_id for side in SIDES)
            self.state = await self._store.open_connection(self._plan.name, left, right)
            self._begin_at(self.state.left_offset, self.state.right_offset)

    async def to_the_end(self) -> None:
        """What changes from here on is seen by the live stage; everything before it by the stages of the first sync."""
        left, right = [await self._store.last_seq(self._plan.endpoint(side).object_id) for side in SIDES]
        self._begin_at(left, right)
        await self._store.set_offsets(self._plan.id, left, right, self._plan.version)

    async def save(self) -> None:
        """Store how far either side is settled, if that has moved."""
        known = (self.state.left_offset, self.state.right_offset, self.state.mapping_version)
        wanted = (self.floor(Side.LEFT), self.floor(Side.RIGHT), self._plan.version)
        if wanted != known:
            await self._store.set_offsets(self._plan.id, *wanted)
            left, right, version = wanted
            self.state = replace(self.state, left_offset=left, right_offset=right, mapping_version=version)

    async def enter(self, stage: Stage, *, approved: bool | None = None) -> None:
        """The first sync has come to this stage; ``approved``: a person has released it."""
        await self._store.set_stage(self._plan.id, stage, approved=approved)
        if stage is not self.stage:
            _log.info("first sync", stage=stage.value, connection=self._plan.name)
        self.state = replace(self.state, stage=stage, approved=self.state.approved or bool(approved))

    async def pause(self, since: float) -> None:
        """Write nothing, since this moment (wall seconds); 0.0: write again."""
        await self._store.pause(self._plan.id, since)
        self.state = replace(self.state, paused=since)

    def _begin_at(self, left: int, right: int) -> None:
        self.offsets = {Side.LEFT: Offset(left), Side.RIGHT: Offset(right)}
