"""How fields are shown whose stored value is the number of something else, or that are computed."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .org import User
from .schema import Field
from .store import Entry, Table

POINTING = frozenset({"lookup", "multiselectlookup", "userlookup", "multiuserlookup", "datetime", "formula"})


class Records(Protocol):
    """What such a value may name."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """All records, by module."""
        ...

    def user(self, number: int) -> User | None:
        """A user by id."""
        ...

    def stamp(self, seconds: int) -> str:
        """A moment as the API user sees it."""
        ...

    def called(self, table: Table, entry: Entry) -> str | None:
        """The name of a record."""
        ...

    def full_name(self, entry: Entry) -> str | None:
        """First and last name as Zoho joins them."""
        ...


def pointing(crm: Records, f: Field) -> Callable[[Entry], Any]:
    """The view of a field whose stored value is the number of something else, or computed."""

    def record(value: Any) -> Any:
        table = crm.tables[f.target]
        found = table.rows.get(value)
        return None if found is None else {"name": crm.called(table, found), "id": str(value)}

    def user(value: Any) -> Any:
        found = crm.user(value)
        return None if found is None else found.short()

    def linked(value: Any) -> Any:
        return {"id": str(value + 7), f.name: record(value), "has_more": False}

    kinds: dict[str, Callable[[Any], Any]] = {
        "lookup": record, "userlookup": user, "datetime": crm.stamp,
        "multiselectlookup": lambda numbers: [linked(each) for each in numbers],
        "multiuserlookup": lambda numbers: [{**user(each), "$link": str(each + 7)} for each in numbers],
    }  # fmt: skip
    if f.kind == "formula":
        return lambda entry: float(len(crm.full_name(entry) or ""))
    show = kinds[f.kind]

    def view(entry: Entry) -> Any:
        value = entry.values.get(f.name)
        return show(value) if isinstance(value, int | tuple) else value

    return view
