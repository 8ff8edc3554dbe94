"""The real world: the machine's clocks and its chance."""

import os
import random
import time

import anyio


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Wall time in seconds since 1970 (UTC)."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


class SystemEntropy:
    """The machine's chance."""

    def new_id(self) -> str:
        """32 hexadecimal digits from the system's random source."""
        return os.urandom(16).hex()

    def uniform(self, low: float, high: float) -> float:
        """A number for jitter."""
        return random.uniform(low, high)
