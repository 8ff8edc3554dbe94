"""Credits spent in the last 24 hours, in buckets of five minutes: each comes back 24 hours after it was spent.

A bucket comes back as a whole, when its last second is a day old: counted is never less than what is true. Pure: time
is given, in wall seconds.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

DAY: Final = 86_400.0
BUCKET: Final = 300.0


@dataclass(slots=True)
class _Bucket:
    number: int
    spent: Counter[str]

    @property
    def total(self) -> int:
        return self.spent.total()

    @property
    def back_at(self) -> float:
        """When all of it has come back (wall seconds)."""
        return (self.number + 1) * BUCKET + DAY


@dataclass(slots=True)
class Spending:
    """A rolling window; what credits were spent on is told by a word."""

    _buckets: deque[_Bucket] = field(default_factory=deque)
    _sums: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, stored: Iterable[tuple[float, Mapping[str, int]]]) -> "Spending":
        """From moments (wall seconds) and what was spent then, in any order."""
        spending = cls()
        for at, spent in sorted(stored, key=lambda each: each[0]):
            for kind, amount in spent.items():
                spending._add(int(at // BUCKET), kind, amount)
        return spending

    def stored(self) -> list[tuple[float, dict[str, int]]]:
        """As :meth:`of` takes it."""
        return [(each.number * BUCKET, dict(each.spent)) for each in self._buckets]

    def spend(self, now: float, kind: str, amount: int) -> None:
        """Count; a negative number takes back what was not spent after all, as far as it is still counted as of now."""
        self._settle(now)
        number = int(now // BUCKET)
        known = self._buckets[-1].spent[kind] if self._buckets and self._buckets[-1].number == number else 0
        if known + amount >= 0:  # else it was counted in an earlier bucket, and stays there: rather too much
            self._add(number, kind, amount)

    def used(self, now: float, kind: str | None = None) -> int:
        """Credits of the last 24 hours, of one kind or of all."""
        self._settle(now)
        return self._sums.total() if kind is None else self._sums[kind]

    def when(self, now: float, amount: int) -> float:
        """The first moment (wall seconds) at which so many credits will have come back, at the latest in a day."""
        self._settle(now)
        left = amount
        if left <= 0:
            return now
        for bucket in self._buckets:
            left -= bucket.total
            if left <= 0:
                return bucket.back_at
        return now + DAY

    def _add(self, number: int, kind: str, amount: int) -> None:
        if not self._buckets or self._buckets[-1].number < number:
            self._buckets.append(_Bucket(number, Counter()))
        self._buckets[-1].spent[kind] += amount
        self._sums[kind] += amount

    def _settle(self, now: float) -> None:
        """Forget what has come back. What seems to lie in the future, because a clock was put back, is of now."""
        while self._buckets and self._buckets[0].back_at <= now:
            self._sums.subtract(self._buckets.popleft().spent)
        number, ahead = int(now // BUCKET), Counter[str]()
        while self._buckets and self._buckets[-1].number > number:
            ahead.update(self._buckets.pop().spent)
        if ahead:
            self._sums.subtract(ahead)
            for kind, amount in ahead.items():
                self._add(number, kind, amount)
