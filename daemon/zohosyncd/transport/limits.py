"""How much an account may ask at once: a gate that all its calls pass."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from zohosyncd.ports.world import Clock


@dataclass(frozen=True, slots=True)
class Limits:
    """An account's limits.

    Attributes:
        concurrency: most requests under way at once.
        per_second: most requests started per second, None = no limit.
        timeout: seconds for one request.
    """

    concurrency: int = 8
    per_second: float | None = None
    timeout: float = 60.0


class Gate:
    """Lets calls through, a few at once, evenly spaced, and none while the app wants to be left alone."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._spacing = 1.0 / limits.per_second if limits.per_second else 0.0
        self._clock = clock
        self._next = 0.0
        self._closed_until = 0.0

    @property
    def closed_for(self) -> float:
        """Seconds until the app may be asked again, 0.0 for now."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    def close(self, seconds: float) -> None:
        """The app asked all of us to wait."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One request's place; left with its last byte."""
        async with self._slots:
            if self._spacing:
                now = self._clock.monotonic()
                start = max(now, self._next)
                self._next = start + self._spacing
                if start > now:
                    await self._clock.sleep(start - now)
            yield
