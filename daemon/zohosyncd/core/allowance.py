"""May this call be made now, or when? The share of an app's credits, and what gives way when it runs short.

The nearer the end, the less is done: below a quarter of the share complete reads and polls keep to a pace that the
credits coming back can bear; below a tenth only writes go, with the reads they need; then all wait. A small part is set
aside for each kind of work, which the others never spend: whatever writes do, feeds and sweeps get on, and somebody who
asks is answered. Pure: time is given, in wall seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from zohosyncd.core.schedule import QUANTUM, Purpose
from zohosyncd.core.spending import DAY, Spending

POLLING: Final = 0.25
"""The part of the share that polls may take."""

BELIEVED: Final = 900.0
"""Seconds that the app's own word of what is left counts without another one."""

_SLOW, _WRITES_ONLY, _POINT_FLOOR, _WORTHWHILE = 0.25, 0.10, 0.03, 0.02

_KIND: Final[Mapping[Purpose, str]] = {
    Purpose.ASKED: "asked",
    Purpose.POINT: "writes",
    Purpose.WRITE: "writes",
    Purpose.FEED: "feeds",
    Purpose.BACKFILL: "reads",
    Purpose.SWEEP: "reads",
}
_SET_ASIDE: Final[Mapping[str, float]] = {"asked": 0.02, "feeds": 0.05, "reads": 0.05}
_A_START: Final = 20
"""Credits of a start, which asks who we are and which fields there are: set aside of the smallest share, too."""


class Mode(StrEnum):
    """How much is left."""

    FREE = "free"
    SLOW = "slow"  # complete reads and polls keep to a pace
    WRITES = "writes"  # only writes, with the reads they need
    WAIT = "wait"  # nothing


@dataclass(frozen=True, slots=True)
class Told:
    """What the app has said of its pot: so much was left then, and so much was spent here since."""

    at: float
    left: int
    since: int = 0


@dataclass(slots=True)
class Allowance:
    """The credits that one account may spend in 24 hours.

    Attributes:
        limit: what the app gives in all. share: the part of it that may be spent here.
        spending: what was spent. told: what the app has said, None where it said nothing.
    """

    limit: int
    share: float
    spending: Spending = field(default_factory=Spending)
    told: Told | None = None
    _read_from: float = 0.0

    @property
    def credits(self) -> int:
        """What may be spent in 24 hours."""
        return int(self.limit * self.share)

    def left(self, now: float) -> int:
        """What may still be spent at this moment: of the share, and not more than the app says is there."""
        left, told = self._own(now), self._believed(now)
        return max(0, left if told is None else min(left, told.left - told.since))

    def mode(self, now: float) -> Mode:
        """How much is left."""
        room = self._room(now)
        if room <= self._point_floor():
            return Mode.WAIT
        if room <= self.credits * _WRITES_ONLY:
            return Mode.WRITES
        return Mode.SLOW if room <= self.credits * _SLOW else Mode.FREE

    def wait(self, now: float, purpose: Purpose, cost: int) -> float:
        """Seconds until such a call may be made: 0.0 for now. It may be asked again earlier, as things change."""
        left, kind = self.left(now), _KIND[purpose]
        if cost <= self._kept_for(now, kind):
            return 0.0
        lacking = cost + self._floor(purpose) - (left - self._of_others(now, kind))
        if lacking > 0:
            return max(1.0, self._back(now, lacking + int(self.credits * _WORTHWHILE)) - now)
        if purpose >= Purpose.FEED and self._room(now) <= self.credits * _SLOW:
            return max(0.0, self._read_from - now)
        return 0.0

    def spend(self, now: float, purpose: Purpose, cost: int) -> None:
        """A call is made. A negative cost: it was not made after all."""
        self.spending.spend(now, _KIND[purpose], cost)
        if self.told is not None:
            self.told = Told(self.told.at, self.told.left, max(0, self.told.since + cost))
        if purpose >= Purpose.FEED and cost > 0:
            self._read_from = max(now, self._read_from) + cost * DAY / max(1, self.credits)

    def hear(self, now: float, left: int | None, under_way: int = 0) -> None:
        """The app says how much is left of its pot, in all; None: it says nothing (any more).

        Args:
            under_way: what the calls cost that have no answer yet: the app may not have counted them.
        """
        self.told = None if left is None else Told(now, left, under_way)

    def recovers(self, now: float) -> float:
        """When (wall seconds) everything may go again at its own pace; now if it may."""
        if self.mode(now) is Mode.FREE:
            return now
        return self._back(now, int(self.credits * _SLOW) + 1 - self._room(now))

    def finishes(self, now: float, need: int) -> float:
        """When (wall seconds) so many credits will have been spent, if nothing else is done but waiting for them."""
        lacking = need - self.left(now)
        if lacking <= 0 or self.credits <= 0:
            return now
        days, rest = divmod(lacking, self.credits)
        return self._back(now, rest) + days * DAY

    def _back(self, now: float, amount: int) -> float:
        """When so many more can be spent."""
        told = self._believed(now)
        if told is not None and told.left - told.since < self._own(now):
            # Others have spent them, and nobody knows when: asked again when the app's word is old.
            return max(now + 1.0, told.at + BELIEVED)
        return self.spending.when(now, amount)

    def _believed(self, now: float) -> Told | None:
        return self.told if self.told is not None and 0.0 <= now - self.told.at < BELIEVED else None

    def _set_aside(self, kind: str) -> int:
        part = int(self.credits * _SET_ASIDE.get(kind, 0.0))
        return min(max(part, _A_START), self.credits // 5) if kind == "asked" else part

    def _room(self, now: float) -> int:
        """What writes may still spend."""
        return self.left(now) - self._of_others(now, _KIND[Purpose.WRITE])

    def _of_others(self, now: float, kind: str) -> int:
        """What is set aside for other kinds of work and not spent yet."""
        return sum(self._kept_for(now, each) for each in _SET_ASIDE if each != kind)

    def _kept_for(self, now: float, kind: str) -> int:
        """What is set aside for this kind of work and not spent yet; less where the app has less than we may spend."""
        kept, own = max(0, self._set_aside(kind) - self.spending.used(now, kind)), self._own(now)
        left = self.left(now)
        if left >= own:
            return kept
        return 0 if left <= self.credits * _WRITES_ONLY else kept * left // own

    def _own(self, now: float) -> int:
        """What the share has left, whatever the app says."""
        return self.credits - self.spending.used(now)

    def _point_floor(self) -> int:
        """Reads for writes end before the writes do, which else would find nothing left for what was read."""
        return max(QUANTUM, int(self.credits * _POINT_FLOOR))

    def _floor(self, purpose: Purpose) -> int:
        if purpose is Purpose.POINT:
            return self._point_floor()
        return int(self.credits * _WRITES_ONLY) if purpose >= Purpose.FEED else 0


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll that is wished for: every so many seconds, at so many credits."""

    every: float
    credits: float


def stretch(polls: list[Poll], share: int, sweeps: int = 0) -> float:
    """By which factor all intervals have to grow, at least 1.0, so that polls take at most their part of the share.

    Args:
        polls: all of an account. share: its credits of 24 hours. sweeps: credits that a sweep of everything takes; they
            are of the same part, and get half of it at most.
    """
    wished = sum(each.credits * DAY / each.every for each in polls)
    part = share * POLLING
    return max(1.0, wished / max(1.0, part - min(sweeps, part / 2.0)))


def sweep_rest(sweeps: int, share: int) -> float:
    """Seconds between two sweeps, at least a day, so that they take at most half of what polls may take.

    Args:
        sweeps: credits that a sweep of everything takes. share: the account's credits of 24 hours.
    """
    return DAY * max(1.0, sweeps / max(1.0, share * POLLING / 2.0))
