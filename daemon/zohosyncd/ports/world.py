"""Time and chance, handed in so that a test can make them up.

Nothing above this floor reads a clock or draws a random number by itself.
"""

from typing import Protocol


class Clock(Protocol):
    """Time. Wall time is for people and for the apps; waiting and deadlines use monotonic time."""

    def now(self) -> float:
        """Wall time in seconds since 1970 (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Entropy(Protocol):
    """Chance: ids and jitter."""

    def new_id(self) -> str:
        """A fresh id: 32 hexadecimal digits, unique for ever."""
        ...

    def uniform(self, low: float, high: float) -> float:
        """A number between low and high, for jitter."""
        ...
