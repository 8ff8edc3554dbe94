"""Records of many rows with the same fields: what ``value_of`` makes of each value, at a fraction of its time. Pure.

Nearly all values are plain ones that need no change: texts that are not empty, nulls, flags and numbers of fields of
plain types. They are taken over together. Every other one goes through ``value_of``.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.fields import EMPTY_CHOICE, ModuleSchema
from zohosyncd.connectors.zoho_crm.records import MODIFIED, Row, record_id_of, value_in, value_of
from zohosyncd.connectors.zoho_crm.times import in_utc, instant
from zohosyncd.core.errors import ContractBroken, DataError
from zohosyncd.core.record import Record, Unread, Value
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
        shown = [name for name in names if name not in schema.hidden]
        self._plain = tuple(name for name in shown if types.get(name) in _PLAIN)
        self._moments = tuple(name for name in shown if types.get(name) is FieldType.MOMENT)
        self._others = tuple(name for name in names if name not in {*self._plain, *self._moments})
        self._learnt: tuple[str, ...] = ()
        self._take = _taker(self._plain)

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
        for name in self._moments:
            if name in row:
                _put(values, name, in_utc(row[name]) or value_of(row[name], name, self._schema))
        for name in self._learnt:
            if name in row:
                _put(values, name, self._named(row[name], name))
        for name in self._others:
            _put(values, name, value_in(row, name, self._schema))
        modified = row.get(MODIFIED)
        return Record(record_id, values, in_utc(modified), instant(modified))

    def _named(self, shown: Any, name: str) -> Value | Unread:
        named = shown.get("name") if type(shown) is dict else None
        return named if named and type(named) is str else value_of(shown, name, self._schema)

    def _plain_values(self, row: Row) -> dict[str, Value]:
        try:
            shown = self._take(row)
            if _UNLIKE_THEMSELVES.isdisjoint(shown):
                return dict(zip(self._plain, shown, strict=False))
        except (KeyError, TypeError):  # a field that is not shown; an object or a list, which have no hash
            return self._with_others_learnt(row)
        values: dict[str, Value] = {}
        for name in self._plain:
            _put(values, name, value_of(row[name], name, self._schema))
        return values

    def _with_others_learnt(self, row: Row) -> dict[str, Value]:
        """A lookup is an object in nearly every row, and a hidden field is missing in all: they are no plain ones."""
        odd = tuple(name for name in self._plain if name not in row or isinstance(row[name], dict | list))
        self._learnt += odd
        self._plain = tuple(name for name in self._plain if name not in odd)
        self._take = _taker(self._plain)
        return self._plain_values(row)


def _put(values: dict[str, Value], name: str, value: Value | Unread) -> None:
    if not isinstance(value, Unread):
        values[name] = value


def _taker(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    # With one name an itemgetter gives the bare value: the id twice keeps it a tuple, and zip leaves them out.
    return itemgetter(*names, "id", "id")
