"""What a connection has done, counted: for reports, for ``--json`` and, read at scrape time, for metrics."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.store import ContactCounts

_SHORTEST: Final = 0.01
"""Seconds: no edit is told to have arrived sooner."""


@dataclass(slots=True)
class Tally:
    """Counters that only grow, as long as the connection lives in this process."""

    links: int = 0
    created: Counter[Side] = field(default_factory=Counter)
    updated: Counter[Side] = field(default_factory=Counter)
    deleted: Counter[Side] = field(default_factory=Counter)
    adopted: Counter[Side] = field(default_factory=Counter)
    clashes: int = 0
    held: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By side written to, kind and outcome: done, conflict, duplicate, pending, refused, notsent, unknown."""
    guard_trips: Counter[str] = field(default_factory=Counter)
    delays: Counter[tuple[Side, float]] = field(default_factory=Counter)
    """By side edited and seconds until it was applied on the other, in two digits: so these are few."""
    examined: int = 0
    runs: int = 0

    def applied(self, side: Side, seconds: float) -> None:
        """An edit on this side has arrived on the other, so many seconds later."""
        self.delays[side, float(f"{max(seconds, _SHORTEST):.1e}")] += 1

    def copy(self) -> "Tally":
        """The numbers as they are now."""
        copied = Tally()
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(copied, name, Counter(value) if isinstance(value, Counter) else value)
        return copied

    def since(self, earlier: "Tally") -> "Tally":
        """What came after an earlier copy."""
        difference = Tally()
        for name in self.__slots__:
            now, then = getattr(self, name), getattr(earlier, name)
            setattr(difference, name, Counter(now) - Counter(then) if isinstance(now, Counter) else now - then)
        return difference


def by_side(counter: Counter[Side]) -> dict[str, int]:
    """A counter as ``{"left": n, "right": n}``."""
    return {side.value: counter[side] for side in SIDES}


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of a connection did, and where it stands."""

    connection: str
    run: str
    stage: str
    tally: Tally
    links: int
    held: int
    quarantined: int
    converged: bool
    waiting: int
    seconds: float
    left_over: int = 0
    trouble: str = ""
    paused: bool = False
    contacts: ContactCounts = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: numbers of the run, and totals of what waits."""
        tally = self.tally
        writes = {side.value: tally.created[side] + tally.updated[side] + tally.deleted[side] for side in SIDES}
        return {
            "links": self.links,
            "created": by_side(tally.created),
            "updated": by_side(tally.updated),
            "deleted": by_side(tally.deleted),
            "writes": writes,
            "held": self.held,
            "quarantined": self.quarantined,
            "waiting": self.waiting,
            "stage": self.stage,
            "converged": self.converged,
            "seconds": round(self.seconds, 3),
            "run": self.run,
        }
