"""What keeps the state from growing without end: old history goes, and free space is given back, a little at a time."""

from typing import TYPE_CHECKING, Final

import structlog

from zohosyncd.core.errors import StateError
from zohosyncd.ports.store import Store
from zohosyncd.ports.world import Clock

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_EVERY: Final = 6 * 3600.0
_FIRST: Final = 60.0
_BREATH: Final = 0.05
"""Seconds in which others have the writer for themselves, after each piece."""

_log = structlog.get_logger("zohosyncd.state")


async def keep_tidy(daemon: "Daemon") -> None:
    """Tidy up from time to time, until cancelled; what cannot be done now is tried again."""
    clock = daemon.world.clock
    await clock.sleep(_FIRST)
    while True:
        try:
            removed = await tidy(daemon.store, clock, daemon.settings.service.keep_history)
            if removed:
                _log.info("old history removed", entries=removed)
        except StateError as error:
            _log.warning("the state could not be tidied up", reason=error.message)
        await clock.sleep(_EVERY)


async def tidy(store: Store, clock: Clock, keep: float) -> int:
    """Remove history that is older than ``keep`` seconds, and give back what is free; how many entries were removed."""
    before, removed = clock.now() - keep, 0
    while some := await store.upkeep.forget_history(before):
        removed += some
        await clock.sleep(_BREATH)
    while await store.upkeep.give_back():
        await clock.sleep(_BREATH)
    return removed
