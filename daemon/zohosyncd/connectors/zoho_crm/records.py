"""Records as Zoho's JSON has them <-> field values. Pure.

A name that was asked for and is missing in the answer was not read (the user's profile hides it); it is never taken for
empty. An explicit null is empty. Under Zoho's HIPAA setting "restrict data access through API" a restricted field is
shown as null although it holds a value: such a field must not be mapped, since nobody can tell it from an empty one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from zohosyncd.connectors.zoho_crm.fields import EMPTY_CHOICE
from zohosyncd.connectors.zoho_crm.times import in_utc, instant
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.schema import FieldType, Schema

Row = Mapping[str, Any]
"""One record of an answer: field values by API name."""

MODIFIED = "Modified_Time"
CREATED = "Created_Time"


def record_of(row: Row, fields: Iterable[str], schema: Schema) -> Record:
    """The record of a row with the fields asked for.

    Raises:
        DataError: the row has no usable id.
    """
    record_id = row.get("id")
    if not isinstance(record_id, str) or not record_id:
        # A number would already have lost its last digits.
        raise DataError("a record without a textual id")
    values = {name: value_of(row[name], name, schema) for name in fields if name in row}
    return Record(record_id, values, version=in_utc(row.get(MODIFIED)), modified=instant(row.get(MODIFIED)))


def value_of(shown: Any, name: str, schema: Schema) -> Value:
    """One value; what has no place in our types becomes a text that is only read."""
    field = schema.fields.get(name)
    kind = FieldType.OTHER if field is None else field.type
    match shown:
        case None | "":
            return None
        case bool() | int() | float():
            return shown
        case str():
            if kind is FieldType.CHOICE:
                return None if shown == EMPTY_CHOICE else shown
            # Moments come in the offset of the API user, which changes twice a year without anybody editing.
            return (in_utc(shown) or shown) if kind is FieldType.OTHER else shown
        case Mapping():
            named = shown.get("name")
            return named if isinstance(named, str) else None
        case list():
            return "; ".join(_texts(shown)) or None
        case _:
            return None


def body_of(patch: Values, schema: Schema, record_id: str = "") -> dict[str, Any]:
    """The row that writes a patch; None empties a field.

    Raises:
        DataError: a field that cannot be written, or a value of a kind that it cannot hold.
    """
    row: dict[str, Any] = {"id": record_id} if record_id else {}
    for name, value in patch.items():
        field = schema.fields.get(name)
        if field is None or not field.writable:
            # Zoho would ignore it without a word, and the value would look written.
            raise DataError("the field cannot be written", hint=name)
        if not isinstance(value, None | bool | int | float | str):
            raise DataError("the field holds one plain value", hint=name)
        row[name] = _dialable(value) if field.type is FieldType.PHONE and isinstance(value, str) else value
    return row


def _dialable(number: str) -> str:
    """A number as Zoho takes it: it refuses a whole record for a slash (030/1234), which people here write often."""
    plain = "".join(" " if sign in "/\\,|_'\u00a0\u2011" else sign for sign in number)
    return " ".join(plain.replace("\u2013", "-").split())


def _texts(items: list[Any]) -> Iterable[str]:
    for item in items:
        match item:
            case str():
                yield item
            case {"name": str() as named}:
                yield named
            case _:
                continue
