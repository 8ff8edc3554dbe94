"""From many rings to few runs: the first ring starts a run at once, later ones wait for each other. Pure."""

from dataclasses import dataclass, field
from typing import Final

SHORTEST, LONGEST = 1.0, 30.0
"""Seconds between two runs that rings start: the gap doubles while they go on."""

MOST_IDS: Final = 500

_NEVER: Final = float("-inf")


@dataclass(slots=True)
class Knocks:
    """The rings for one object that nobody has looked after yet. Times are monotonic seconds.

    Attributes:
        patience: seconds after which what was rung for is looked for once more.
        ids: the records named by rings that wait; ``several``: they are not all, or not known.
    """

    patience: float
    ids: set[str] = field(default_factory=set)
    several: bool = False
    _waits: bool = False
    _late: float | None = None
    _last: float = _NEVER
    _gap: float = SHORTEST

    def heard(self, ids: frozenset[str], now: float) -> None:
        """It has rung, for these records as far as it says so."""
        self._waits = True
        self.several = self.several or not ids or len(self.ids) + len(ids) > MOST_IDS
        self.ids = set() if self.several else self.ids | ids
        self._late = now + self.patience if self._late is None else self._late

    def due(self, now: float) -> float | None:
        """Seconds until somebody has to look, None where nothing waits."""
        moments = [self._last + self._gap] if self._waits else []
        moments += [self._late] if self._late is not None else []
        return max(min(moments) - now, 0.0) if moments else None

    def is_late(self, now: float) -> bool:
        """Whether it is time to look once more, whoever made the changes."""
        return self._late is not None and self._late <= now

    def answered(self, now: float, *, looked: bool) -> None:
        """What was heard has been thought about; ``looked``: a run was started."""
        if looked:
            self._gap = min(2 * self._gap, LONGEST) if now - self._last < 4 * self._gap else SHORTEST
            self._last = now
        if self.is_late(now):
            self._late = None
        self._waits, self.several, self.ids = False, False, set()
