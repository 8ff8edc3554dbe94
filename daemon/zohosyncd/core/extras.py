"""What is written to a record beside its mapped fields: values set by rules, containers, the owner, consent."""

from collections.abc import Mapping

from zohosyncd.core.consent import ConsentState
from zohosyncd.core.name_sets import as_value, both, names_of
from zohosyncd.core.outcome import Write
from zohosyncd.core.record import Record, Value
from zohosyncd.core.schema import Schema
from zohosyncd.core.spelling import fold


class Extras:
    """Collects what is to be written to one record; only what is not so already becomes part of the patch.

    Args:
        schema: of the record's object. record: as it is now, with no values if it is about to be created.
    """

    def __init__(self, schema: Schema, record: Record) -> None:
        self.fields: dict[str, Value] = {}
        self._schema = schema
        self._record = record
        self._names: dict[str, list[str]] = {}

    def add(self, kind: str, name: str) -> None:
        """Put the record into a container; nothing happens where the app has no such kind."""
        names = self._of(kind)
        if names is not None and fold(name) not in map(fold, names):
            names.append(name)

    def remove(self, kind: str, name: str) -> None:
        """Take it out of a container."""
        names = self._of(kind)
        if names is not None:
            names[:] = [each for each in names if fold(each) != fold(name)]

    def opt(self, state: ConsentState) -> None:
        """Write consent, as the app keeps it."""
        if self._schema.consent is not None:
            self.fields[self._schema.consent.state] = state.value
            return
        for flag in self._schema.meaning("opted_out")[:1]:
            self.fields[flag.name] = state is ConsentState.UNSUBSCRIBED

    def patch(self) -> dict[str, Value]:
        """The fields to write. Of a container field that is the whole set of names."""
        values = self._record.values
        patch = {name: value for name, value in self.fields.items() if name not in values or values[name] != value}
        for field, names in self._names.items():
            if set(map(fold, names)) != set(map(fold, names_of(values.get(field)))):
                patch[field] = as_value(names)
        return patch

    def _of(self, kind: str) -> list[str] | None:
        """The names in the field of a kind, None where it cannot be known or written."""
        found = self._schema.containers.get(kind)
        if found is None or not found.field:
            return None
        if found.field not in self._names:
            self._names[found.field] = list(names_of(self._record.values.get(found.field)))
        return self._names[found.field]


def with_extras(write: Write | None, patch: Mapping[str, Value], record: Record, bases: Mapping[str, Value]) -> Write:
    """A merge's write with more fields.

    Args:
        write: the merge's. patch: what else is written. record: as it is now.
        bases: of those of the fields that are mapped. Their base afterwards has what was added, and not yet what
            somebody else has added there; the base of all others is what was written.
    """
    if write is None:
        write = Write({}, {}, {}, {})
    if not patch:
        return write
    before = {name: record.values.get(name) for name in patch}
    wished, agreed = dict(patch), dict(patch)
    for name, value in patch.items():
        merged, base = write.patch.get(name), write.agreed.get(name, bases.get(name))
        if isinstance(value, tuple):
            if isinstance(merged, tuple):
                wished[name] = agreed[name] = both(before[name], merged, value)
            if isinstance(base, tuple):
                agreed[name] = both(before[name], base, value)
    return Write(
        {**write.patch, **wished}, {**write.before, **before}, write.source, {**write.agreed, **agreed}, write.blanks
    )
