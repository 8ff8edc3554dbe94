"""What is wanted of an object, and what its feed has done."""

from collections.abc import Callable
from dataclasses import dataclass, field

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Record

KEY = "key "
"""Stands before a kind of keys among what an object's rows have."""

UNREADABLE = "!unreadable"
"""Stands in the values of a record that cannot be read, with the reason as its value."""


@dataclass(slots=True)
class FeedTally:
    """What a feed has done, for metrics."""

    pages: int = 0
    full_pages: int = 0  # of these, pages of complete reads
    records: int = 0
    changed: int = 0
    full_reads: int = 0
    expired: int = 0
    swept: int = 0  # of the complete reads, those that brought nothing but what was known to be wanted
    widened: int = 0  # of the complete reads, those for the sake of new fields or keys
    removed: int = 0
    moved: int = 0  # of the removed
    doubted: int = 0  # absences that could not be proven
    unreadable: int = 0
    last_success: float = 0.0
    poll_credits: float = 0.0  # what polls that find nothing cost, on average
    sweep_credits: int = 0  # what the last sweep cost, or else the first complete read


@dataclass(slots=True)
class Reading:
    """What the connections of an object want to have read of it.

    ``kinds``: of the keys that are made of it. ``known``: all fields that it has. ``deletions_every``: of so many polls
    one asks what was deleted.
    """

    fields: frozenset[str] = frozenset()
    keys: Callable[[Record], tuple[MatchKey, ...]] = field(default=lambda _record: ())
    known: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    deletions_every: int = 1

    @property
    def needs(self) -> frozenset[str]:
        """What a complete read has to have brought: the fields, and keys of these kinds."""
        return self.fields | {f"{KEY}{kind}" for kind in self.kinds}
