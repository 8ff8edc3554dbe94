"""The records of a module, in the orders in which Zoho lists them, and its recycle bin."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .order import SortedKeys
from .schema import Module

DAY = 86_400
BIN_DAYS, REMEMBERED_DAYS = 60, 120


@dataclass(slots=True)
class Entry:
    """One record, with times in seconds. ``values`` holds what is filled; it is replaced, never changed in place."""

    number: int
    created: int
    modified: int
    created_by: int
    modified_by: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """A deleted record: where it went is a matter of its age, or of somebody who has emptied the bin.

    ``restored``: it is back, and only stands in the list of the deleted still.
    """

    entry: Entry
    when: int
    by: int
    purged: bool = False
    restored: bool = False

    def kind(self, now: float) -> str | None:
        """``recycle`` for 60 days, then ``permanent`` for 120, then forgotten (None)."""
        age = now - self.when
        if age < BIN_DAYS * DAY and not self.purged:
            return "recycle"
        return "permanent" if age < (BIN_DAYS + REMEMBERED_DAYS) * DAY else None


@dataclass
class Table:
    """All records of one module. Ids grow with the time of creation, so their order is the order of creation.

    ``told`` hears of each insert, update and delete: module, id, which of the three, and the names of fields written.
    """

    module: Module
    rows: dict[int, Entry] = field(default_factory=dict)
    gone: dict[int, Gone] = field(default_factory=dict)
    ids: SortedKeys[int] = field(default_factory=SortedKeys[int])
    changes: SortedKeys[tuple[int, int]] = field(default_factory=SortedKeys[tuple[int, int]])
    deletions: SortedKeys[tuple[int, int]] = field(default_factory=SortedKeys[tuple[int, int]])
    told: Callable[[str, int, str, Iterable[str]], None] | None = None

    def __post_init__(self) -> None:
        unique = [name for name, f in self.module.fields.items() if f.unique]
        self.unique = tuple(unique)
        self._holders: dict[str, dict[str, list[int]]] = {name: {} for name in (*unique, self.module.check_field)}

    def load(self, entries: Iterable[Entry]) -> None:
        """Fill an empty table at once."""
        for entry in entries:
            self.rows[entry.number] = entry
            self._hold(entry)
        self.ids = SortedKeys(self.rows)
        self.changes = SortedKeys((entry.modified, entry.number) for entry in self.rows.values())

    def insert(self, entry: Entry) -> None:
        """Add a record."""
        self._add(entry)
        self._tell(entry.number, "insert", entry.values)

    def _add(self, entry: Entry) -> None:
        self.rows[entry.number] = entry
        self.ids.add(entry.number)
        self.changes.add((entry.modified, entry.number))
        self._hold(entry)

    def change(self, entry: Entry, values: Mapping[str, Any], now: int, by: int) -> None:
        """Set values (None empties a field); the modified time moves even when nothing differs."""
        self._release(entry)
        self.changes.remove((entry.modified, entry.number))
        merged = {**entry.values, **values}
        entry.values = {name: value for name, value in merged.items() if value is not None}
        entry.modified, entry.modified_by = max(entry.modified, now), by
        self.changes.add((entry.modified, entry.number))
        self._hold(entry)
        self._tell(entry.number, "update", values)

    def remove(self, number: int, now: int, by: int) -> None:
        """Move a record to the recycle bin."""
        entry = self.rows.pop(number)
        self._release(entry)
        self.ids.remove(number)
        if (before := self.gone.get(number)) is not None:
            self.deletions.remove((before.when, number))
        self.changes.remove((entry.modified, number))
        self.gone[number] = Gone(entry, now, by)
        self.deletions.add((now, number))
        self._tell(number, "delete", ())

    def restore(self, number: int, now: int, by: int, *, stays: bool = False) -> Entry:
        """Take a record out of the recycle bin; it counts as modified. ``stays``: in the list of the deleted."""
        lost = self.gone.pop(number)
        if stays:
            self.gone[number] = replace(lost, restored=True)
        else:
            self.deletions.remove((lost.when, number))
        lost.entry.modified, lost.entry.modified_by = max(lost.entry.modified, now), by
        self._add(lost.entry)
        return lost.entry

    def purge(self, number: int) -> None:
        """Take a record out of the recycle bin for good."""
        self.gone[number] = replace(self.gone[number], purged=True)

    def holders(self, name: str, value: str) -> list[int]:
        """Records with this value (any case) in a unique field or the module's check field, oldest first."""
        return sorted(self._holders[name].get(value.casefold(), ()))

    def _tell(self, number: int, operation: str, names: Iterable[str]) -> None:
        if self.told is not None:
            self.told(self.module.name, number, operation, names)

    def _hold(self, entry: Entry) -> None:
        for name, held in self._holders.items():
            if isinstance(value := entry.values.get(name), str):
                held.setdefault(value.casefold(), []).append(entry.number)

    def _release(self, entry: Entry) -> None:
        for name, held in self._holders.items():
            if isinstance(value := entry.values.get(name), str):
                numbers = held[value.casefold()]
                numbers.remove(entry.number)
                if not numbers:
                    del held[value.casefold()]
