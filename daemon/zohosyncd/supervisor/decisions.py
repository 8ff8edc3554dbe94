"""What an operator decides: who is whom, and whether a connection may write."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import anyio

from zohosyncd.core.errors import UsageError
from zohosyncd.core.side import Side
from zohosyncd.pipeline.by_hand import ByHand
from zohosyncd.pipeline.plan import Plan
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.naming import known, record_named

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_PAUSE_SECONDS = 20.0
"""How long a pause waits for what is under way."""


class Decisions:
    """Decisions over one daemon; all results are JSON. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    # --- who is whom ------------------------------------------------------------------------------------------

    async def link(self, connection: str, left: str, right: str, *, replace_others: bool) -> dict[str, Any]:
        """These two are the same person."""
        unit, plan = await self._prepared(connection)
        left_id, right_id = await self._pair(plan, left, right)
        hand = ByHand(self._daemon.world, plan)
        done = await hand.link(left_id, right_id, replace_others=replace_others)
        unit.wake()
        freed = [{"side": side.value, "record_id": record_id} for side, record_id in done.freed]
        return {
            "connection": connection, "left": left_id, "right": right_id, "linked_before": done.before, "freed": freed
        }  # fmt: skip

    async def part(self, connection: str, left: str, right: str, *, strangers: bool) -> dict[str, Any]:
        """These two are not kept the same any more; with ``strangers`` they are two people."""
        unit, plan = await self._prepared(connection)
        left_id, right_id = await self._pair(plan, left, right)
        done = await ByHand(self._daemon.world, plan).part(left_id, right_id, strangers=strangers)
        unit.wake()
        return {"connection": connection, "left": left_id, "right": right_id, "linked_before": done.before}

    async def _pair(self, plan: Plan, left: str, right: str) -> tuple[str, str]:
        world = self._daemon.world
        return await record_named(world, plan, Side.LEFT, left), await record_named(world, plan, Side.RIGHT, right)

    # --- whether it may write ---------------------------------------------------------------------------------

    async def pause(self, connection: str | None) -> dict[str, Any]:
        """Let a connection, or all, write nothing; also one that cannot be reached now."""
        paused = {}
        for name in self._names(connection):
            unit, since = known(self._daemon, name), self._daemon.world.clock.now()
            state = next((each for each in await self._daemon.store.connections() if each.name == name), None)
            if unit.runner is not None:
                if not unit.runner.paused:
                    await unit.runner.pause(since)
                with anyio.move_on_after(_PAUSE_SECONDS) as waiting:
                    await unit.runner.at_rest()
                paused[name] = {"since": unit.runner.paused, "at_rest": not waiting.cancelled_caught}
            elif state is not None:
                if not state.paused:
                    await self._daemon.store.pause(state.id, since)
                paused[name] = {"since": state.paused or since, "at_rest": True}
            elif connection is not None:
                raise UsageError(
                    f"connection {name} has never begun: there is nothing to pause",
                    hint="set enabled = false in its file to keep it from beginning",
                )
            unit.wake()
        return {"paused": paused}

    async def resume(self, connection: str | None) -> dict[str, Any]:
        """Let a connection, or all, write again."""
        resumed = []
        for name in self._names(connection):
            unit = known(self._daemon, name)
            for state in await self._daemon.store.connections():
                if state.name == name and state.paused:
                    await self._daemon.store.pause(state.id, 0.0)
                    resumed.append(name)
            if unit.runner is not None and unit.runner.paused:
                await unit.runner.resume()
            unit.wake()
        return {"resumed": resumed}

    def _names(self, connection: str | None) -> Sequence[str]:
        if connection is not None:
            return (known(self._daemon, connection).name,)
        return [name for name, each in sorted(self._daemon.settings.connections.items()) if each.enabled]

    async def _prepared(self, connection: str) -> tuple[ConnectionUnit, Plan]:
        unit = known(self._daemon, connection)
        plan, _runner = await unit.prepare()
        return unit, plan
