"""Proof that the event loop turns."""

from typing import Final

from zohosyncd.ports.world import Clock
from zohosyncd.supervisor.notify import Notifier
from zohosyncd.telemetry.metrics import Metrics

_DEAD_AFTER: Final = 30.0
_PAUSE: Final = 5.0


class Heartbeat:
    """Measures the loop's lag and feeds the watchdog.

    Args:
        clock, notifier, metrics: of the daemon.
    """

    def __init__(self, clock: Clock, notifier: Notifier, metrics: Metrics) -> None:
        self._clock = clock
        self._notifier = notifier
        self._metrics = metrics
        self._last = clock.monotonic()

    def live(self) -> bool:
        """Whether the loop turns."""
        return self._clock.monotonic() - self._last < _DEAD_AFTER

    async def beat(self) -> None:
        """Until cancelled."""
        pause = min(self._notifier.watchdog_seconds / 3 or _PAUSE, _PAUSE)
        while True:
            asked = self._clock.monotonic()
            await self._clock.sleep(pause)
            self._last = self._clock.monotonic()
            self._metrics.event_loop_lag.observe(max(self._last - asked - pause, 0.0))
            if self._notifier.watchdog_seconds:
                self._notifier.send("WATCHDOG=1")
