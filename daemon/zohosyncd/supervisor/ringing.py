"""From rings for the objects of one account to runs of its connections. No value in a ring is believed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import anyio
import structlog

from zohosyncd.core.errors import StateError
from zohosyncd.pipeline.plan import World
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.knocking import Knocks

_TICK: Final = 3600.0
_log = structlog.get_logger("zohosyncd.ringing")


@dataclass(slots=True)
class Ringing:
    """The rings of one account.

    Args:
        account: whose. world: store and time. start: starts the runs of an object's connections.
    """

    account: AccountUnit
    world: World
    start: Callable[[str], None]
    _knocks: dict[str, Knocks] = field(default_factory=dict)
    _news: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> None:
        """Answer rings until cancelled."""
        while True:
            self._news = anyio.Event()
            waits = [await self._answer(ref) for ref in list(self._knocks)]
            with anyio.move_on_after(min(waits, default=_TICK)):
                await self._news.wait()

    def heard(self, ref: str, ids: frozenset[str], patience: float) -> None:
        """It has rung for an object.

        Args:
            ref: the object. ids: records that the ring names.
            patience: seconds after which what was rung for is looked for once more.
        """
        now, shared = self.world.clock.monotonic(), self.account.feeds.get(ref)
        if shared is not None and shared.feed.pace is not None:
            shared.feed.pace.ring(now)
        self._knocks.setdefault(ref, Knocks(patience)).heard(ids, now)
        self._news.set()

    def forget(self, ref: str) -> None:
        """Nobody wants to know about an object any more."""
        self._knocks.pop(ref, None)

    async def _answer(self, ref: str) -> float:
        """Start runs for what has been rung for; rings for our own writes alone can wait.

        Returns:
            Seconds until it has to be thought about again.
        """
        knocks, now = self._knocks[ref], self.world.clock.monotonic()
        if knocks.due(now) == 0.0:
            look = knocks.is_late(now) or not await self._is_ours(ref, knocks)
            knocks.answered(now, looked=look)
            if look:
                self.start(ref)
        wait = knocks.due(now)
        return _TICK if wait is None else wait

    async def _is_ours(self, ref: str, knocks: Knocks) -> bool:
        """Whether all records that were named stand as we wrote them last. It only decides how soon they are read."""
        shared = self.account.feeds.get(ref)
        if knocks.several or shared is None:
            return False
        ids = frozenset(knocks.ids)
        try:
            rows = await self.world.store.rows(shared.feed.object_id, ids)
        except StateError as error:
            _log.warning("a ring is answered without looking", account=self.account.name, reason=error.message)
            return False
        return all(record in rows and rows[record].written for record in ids)
