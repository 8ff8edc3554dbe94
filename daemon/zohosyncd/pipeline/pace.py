"""How often a feed is read for which an app rings: at once when it does, else seldom, if the bell can be trusted.

A bell is trusted from its first ring until a poll shows a change that it should have rung for and did not. What it
rings for may show in the app's lists a little later, so a feed is read once more when the app's patience is over.
Times are monotonic seconds; nothing here reads a clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zohosyncd.pipeline.feed import ObjectFeed

UNHEALTHY_AFTER: Final = 3
"""Changes in a row that a bell may miss before its channel is made anew."""

_NEVER: Final = float("-inf")


class BellState(StrEnum):
    """What is known of a bell."""

    NEW = "new"  # it has not rung yet: polling goes on as if there were none
    HEALTHY = "healthy"  # it rings: polling is slow
    DOUBTFUL = "doubtful"  # it has missed a change: polling is as without it
    UNHEALTHY = "unhealthy"  # it has missed several in a row: the channel is made anew


@dataclass(slots=True)
class Pace:
    """One feed's bell.

    Attributes:
        patience: seconds that a ring may be late after its change, or the app's lists after a ring.
        trusted: whether the bell has rung since it was hung up, and missed nothing since it last rang.
        hung_at: since when it can ring. suspicious: is called when a change was seen that it has not rung for.
        rings, missed: counters that only grow.
    """

    patience: float
    hung_at: float
    trusted: bool = False
    suspicious: Callable[[], None] = lambda: None
    rings: int = 0
    missed: int = 0
    in_a_row: int = 0
    _rung_at: float = field(default=_NEVER, init=False)
    _suspected_at: float | None = field(default=None, init=False)

    def ring(self, now: float) -> None:
        """It rings."""
        self.judge(now)
        self.rings += 1
        self._rung_at = now
        self._suspected_at = None
        self.in_a_row = 0
        self.trusted = True

    def read(self, earlier: float, began: float, *, news: bool) -> None:
        """The feed was read.

        Args:
            earlier: when the reading before this one began. began: when this one began.
            news: whether it showed a change that somebody else has made.
        """
        self.judge(began)
        # What was changed before the bell could be heard is no fault of it.
        if news and earlier >= self.hung_at and self._rung_at < earlier and self._suspected_at is None:
            self._suspected_at = began
            self.suspicious()

    def judge(self, now: float) -> float | None:
        """Whoever was suspected and has not rung meanwhile has missed a change.

        Returns:
            Seconds until a suspicion becomes a certainty, None where there is none.
        """
        if self._suspected_at is None:
            return None
        left = self._suspected_at + self.patience - now
        if left > 0:
            return left
        self._suspected_at = None
        self.missed += 1
        self.in_a_row += 1
        self.trusted = False
        return None

    def rests(self, read_at: float, slow: float, now: float) -> bool:
        """Whether a feed that was last read then need not be read now; ``slow``: seconds between two polls."""
        self.judge(now)
        quiet = not self.rang_for(read_at, now)
        return self.trusted and self._suspected_at is None and quiet and now - read_at < slow

    def rang_for(self, read_at: float, now: float) -> bool:
        """Whether it has rung for something that a feed which was last read then may not have seen."""
        return read_at <= self._rung_at or read_at < self._rung_at + self.patience <= now

    @property
    def state(self) -> BellState:
        """What is known of it."""
        if self.in_a_row >= UNHEALTHY_AFTER:
            return BellState.UNHEALTHY
        if self.in_a_row:
            return BellState.DOUBTFUL
        return BellState.HEALTHY if self.trusted else BellState.NEW


@dataclass(frozen=True, slots=True)
class Calm:
    """Which feeds a run need not read.

    Attributes:
        slow: seconds that a feed may rest while its bell is trusted and silent; None for none.
        age: a feed that was read less than so many seconds ago, for whomever, is not read again; None reads every
            feed, to its end.
        sparing: whether a feed may rest for the sake of the budget; nobody waits for it.
    """

    slow: float | None = None
    age: float | None = None
    sparing: bool = False

    async def refresh(self, feed: "ObjectFeed") -> None:
        """Read a feed, if it has to be. Raises the RemoteError tree."""
        if self.age is None:
            await feed.refresh()
        elif self.slow is not None and feed.pace is not None:
            await feed.refresh_unless_resting(self.slow, self.age)
        else:
            await feed.refresh_if_older(self.age)


EAGER: Final = Calm()
"""Every feed is read."""
