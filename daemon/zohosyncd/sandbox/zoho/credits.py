"""API credits: what a call costs, and a rolling 24 hours in which each use is freed a day after it happened."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

DAY = 86_400.0
_PER_USER = {"standard": 250, "professional": 500, "enterprise": 1_000, "ultimate": 2_000}
_CEILING = {"free": 5_000, "standard": 100_000, "professional": 3_000_000, "enterprise": 5_000_000}

CONCURRENCY = {"free": 5, "standard": 10, "professional": 15, "enterprise": 20, "ultimate": 25}
HEAVY = 10
MERGE = 50
BULK_READ = 50


def daily(edition: str, users: int) -> int:
    """Credits per 24 hours of an org (Zoho's page on API limits)."""
    if edition == "free":
        return 5_000
    return min(50_000 + _PER_USER[edition] * users, _CEILING.get(edition, 1_000_000_000))


def price(method: str, *, rows: int = 0, custom_view: bool = False) -> int:
    """Credits of one call: writes 1 per 10 records begun, a list with ``cvid`` 3, all else 1."""
    if method in {"POST", "PUT"} and rows:
        return -(-rows // 10)
    return 3 if custom_view else 1


def tagging_price(records: int) -> int:
    """Credits of a tag action: 1 per 50 records begun."""
    return max(1, -(-records // 50))


@dataclass
class Purse:
    """The credits of one org."""

    now: Callable[[], float]
    limit: int
    _uses: deque[tuple[float, int]] = field(default_factory=deque)
    _used: int = 0

    def used(self) -> int:
        """Credits spent in the last 24 hours."""
        border = self.now() - DAY
        while self._uses and self._uses[0][0] <= border:
            self._used -= self._uses.popleft()[1]
        return self._used

    def spend(self, cost: int) -> bool:
        """Pay for a call; False when the credits of the day are gone."""
        if self.used() + cost > self.limit:
            return False
        self._uses.append((self.now(), cost))
        self._used += cost
        return True

    def take(self, cost: int) -> None:
        """Another tool of the org spends, or a refused call is charged: as much as there is."""
        self.spend(max(0, min(cost, self.limit - self.used())))

    def remaining(self) -> int | None:
        """What the header shows: nothing (None) until half of the credits are used."""
        used = self.used()
        return self.limit - used if used * 2 >= self.limit else None
