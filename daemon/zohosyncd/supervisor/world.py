"""The real world, the machine's clocks and its chance; and what a simulation puts in its place."""

import os
import random
import time
from dataclasses import dataclass, field

import anyio

from zohosyncd.ports.world import Clock, Entropy
from zohosyncd.storage import StoreObserver
from zohosyncd.transport.sender import Sender


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


@dataclass(slots=True)
class Seams:
    """What a simulation replaces; by default the real world."""

    clock: Clock = field(default_factory=SystemClock)
    entropy: Entropy = field(default_factory=SystemEntropy)
    sender: Sender | None = None
    inline_storage: bool = False
    observer: StoreObserver | None = None
