"""Records of many rows with the same fields: what ``value_in`` makes of each value, at a fraction of its time. Pure.

Nearly all values are plain ones that need no change: texts that are not empty, nulls, flags and numbers of fields of
plain types. They are taken over together. Every other one goes through ``value_in``.
"""

from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from zohosyncd.connectors.zoho_crm.fields import EMPTY_CHOICE, ModuleSchema
from zohosyncd.connectors.zoho_crm.records import MODIFIED, Row, record_id_of, value_in
from zohosyncd.connectors.zoho_crm.times import in_utc, instant
from zohosyncd.core.errors import ContractBroken, DataError
from zohosyncd.core.record import UNREAD, Record, Value
from zohosyncd.core.schema import FieldType
from zohosyncd.ports.connector import Unreadable
from zohosyncd.transport.decode import UNCLEAR

_PLAIN: Final = frozenset(
    {FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.DATE, FieldType.BOOLEAN,
     FieldType.NUMBER, FieldType.CHOICE}
)  # fmt: skip
_UNLIKE_THEMSELVES: Final = frozenset({"", EMPTY_CHOICE, UNCLEAR})
"""What stands for nothing, or for nobody knows what."""


class RowReader:
    """Makes records of rows that were read with these fields.

    Args:
        fields: the names asked for; one that is missing in a row was not read.
        schema: of their module.
    """

    def __init__(self, fields: Iterable[str], schema: ModuleSchema) -> None:
        names = tuple(dict.fromkeys(fields))
        types = {name: schema.fields[name].type for name in names if name in schema.fields}
        self._schema = schema
        odd = {name for name in names if types.get(name) not in _PLAIN or name in schema.hidden}
        self._sort(names, odd)

    def _sort(self, names: tuple[str, ...], others: set[str]) -> None:
        self._names = names
        self._plain = tuple(name for name in names if name not in others)
        self._others = tuple(name for name in names if name in others)
        # With one name an itemgetter gives the bare value: the id twice keeps it a tuple, and zip leaves them out.
        self._take = itemgetter(*self._plain, "id", "id")

    def read(self, row: Row) -> Record | Unreadable:
        """The record of a row, or that it cannot be read.

        Raises:
            ContractBroken: nobody knows whose row it is.
        """
        try:
            return self.record(row)
        except DataError as error:
            named = row.get("id")
            if not isinstance(named, int | str) or isinstance(named, bool) or named == "":
                raise ContractBroken("the list of records has a record without an id") from None
            return Unreadable(str(named), in_utc(row.get(MODIFIED)), error.message)

    def record(self, row: Row) -> Record:
        """The record of a row.

        Raises:
            DataError: the row has no usable id, or a damaged value.
        """
        record_id = record_id_of(row)
        values = self._plain_values(row)
        values |= self._read(row, self._others)
        modified = row.get(MODIFIED)
        return Record(record_id, values, in_utc(modified), instant(modified))

    def _plain_values(self, row: Row) -> dict[str, Value]:
        try:
            shown = self._take(row)
            if _UNLIKE_THEMSELVES.isdisjoint(shown):
                return dict(zip(self._plain, shown, strict=False))
        except (KeyError, TypeError):  # a field that is not shown; an object or a list, which have no hash
            return self._with_others_learnt(row)
        return self._read(row, self._plain)

    def _with_others_learnt(self, row: Row) -> dict[str, Value]:
        """A lookup is an object in nearly every row, and a hidden field is missing in all: they are no plain ones."""
        odd = {name for name in self._plain if name not in row or isinstance(row[name], dict | list)}
        self._sort(self._names, odd.union(self._others))
        return self._plain_values(row) if odd else self._read(row, self._plain)

    def _read(self, row: Row, names: Iterable[str]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name in names:
            value = value_in(row, name, self._schema)
            if value is not UNREAD:
                found[name] = value
        return found
