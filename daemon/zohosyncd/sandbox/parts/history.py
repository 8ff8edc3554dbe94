"""Records with all that ever became of them: what is true now, and what lists and feeds show of it by now.

Vendors answer reads by id from the records themselves, but lists, searches and feeds from copies that are behind.
Here both are one history, read at two moments.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Revision(Generic[T]):
    """One state of one record. ``number`` grows by one with each change of any record; ``value`` None: it is gone."""

    id: str
    number: int
    at: float
    value: T | None


@dataclass(slots=True)
class History(Generic[T]):
    """The records of one object. Values are replaced, never changed in place."""

    last: int = 0
    _revisions: dict[str, list[Revision[T]]] = field(default_factory=dict)
    _log: list[Revision[T]] = field(default_factory=list)

    def put(self, record_id: str, value: T, at: float) -> Revision[T]:
        """Make or change a record at a moment (seconds since 1970) that is not before the last one."""
        return self._add(record_id, value, at)

    def remove(self, record_id: str, at: float) -> Revision[T]:
        """Delete a record; what it was stays known."""
        return self._add(record_id, None, at)

    def get(self, record_id: str) -> T | None:
        """The record as it is now, None if there is none (any more)."""
        found = self._revisions.get(record_id)
        return found[-1].value if found else None

    def newest(self, record_id: str) -> Revision[T] | None:
        """The last revision of a record, its deletion included; None if there never was one."""
        found = self._revisions.get(record_id)
        return found[-1] if found else None

    def seen(self, record_id: str, by: float) -> Revision[T] | None:
        """The last revision that was made up to that moment."""
        found = self._revisions.get(record_id, [])
        at = bisect_right(found, by, key=lambda each: each.at)
        return found[at - 1] if at else None

    def number_at(self, moment: float) -> int:
        """The number of the last revision made up to that moment, 0 for none."""
        at = bisect_right(self._log, moment, key=lambda each: each.at)
        return self._log[at - 1].number if at else 0

    def items(self) -> Iterator[tuple[str, T]]:
        """All records that there are now, in the order in which they were made."""
        for record_id, revisions in self._revisions.items():
            if (value := revisions[-1].value) is not None:
                yield record_id, value

    def shown(self, number: int | None = None) -> list[Revision[T]]:
        """All records as they were after that revision (None: now), in the order in which they were made."""
        upto = self.last if number is None else number
        found = (_upto(revisions, upto) for revisions in self._revisions.values())
        return [each for each in found if each is not None and each.value is not None]

    def changes(self, after: int, upto: int | None = None) -> list[Revision[T]]:
        """Each record that changed after one revision, once and as it was after another (None: now); oldest first."""
        end = self.last if upto is None else upto
        latest: dict[str, Revision[T]] = {}
        for each in self._log[after:end]:
            latest.pop(each.id, None)
            latest[each.id] = each
        return list(latest.values())

    def _add(self, record_id: str, value: T | None, at: float) -> Revision[T]:
        self.last += 1
        made = Revision(record_id, self.last, max(at, self._log[-1].at if self._log else at), value)
        self._revisions.setdefault(record_id, []).append(made)
        self._log.append(made)
        return made


def _upto(revisions: list[Revision[T]], number: int) -> Revision[T] | None:
    at = bisect_right(revisions, number, key=lambda each: each.number)
    return revisions[at - 1] if at else None
