"""Records as Zoho's JSON has them <-> field values. Pure.

A name that was asked for and is missing in the answer was not read (the user's profile hides it); it is never taken for
empty. An explicit null is empty, but for fields under Zoho's HIPAA setting "restrict data access through API": they are
shown as null although they hold a value, and such a null was not read, either. The same is true of a value of a shape
that we do not understand.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.fields import EMPTY_CHOICE, TAG, ModuleSchema
from zohosyncd.connectors.zoho_crm.times import in_utc, instant
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import UNREAD, Owner, Record, Unread, Value, Values
from zohosyncd.core.schema import FieldType, Schema
from zohosyncd.core.spelling import fold
from zohosyncd.transport.decode import UNCLEAR

Row = Mapping[str, Any]
"""One record of an answer: field values by API name."""

MODIFIED = "Modified_Time"

_SYSTEM: Final = frozenset({"id", "Parent_Id", "Owner", "Created_By", "Modified_By", "Created_Time", "Modified_Time"})
"""What a row of a subform, or of a list of linked records, has beside its values."""


class Unwritable(DataError):
    """Zoho would ignore or refuse this value of a field; ``hint`` is the field's name."""

    def __init__(self, code: str, message: str, field: str) -> None:
        super().__init__(message, hint=field)
        self.code = code


def record_of(row: Row, fields: Iterable[str], schema: ModuleSchema) -> Record:
    """The record of a row with the fields asked for, as far as they were read; for many rows see ``row_reader``.

    Raises:
        DataError: the row has no usable id.
    """
    record_id = record_id_of(row)
    read = {name: value_in(row, name, schema) for name in fields}
    values = {name: value for name, value in read.items() if value is not UNREAD}
    return Record(record_id, values, version=in_utc(row.get(MODIFIED)), modified=instant(row.get(MODIFIED)))


def record_id_of(row: Row) -> str:
    """The id of a row.

    Raises:
        DataError: it has none that can be used.
    """
    record_id = row.get("id")
    if not isinstance(record_id, str) or not record_id:
        # A number would already have lost its last digits.
        raise DataError("a record without a textual id")
    return record_id


def value_in(row: Row, name: str, schema: ModuleSchema) -> Value | Unread:
    """What a row shows of a field: UNREAD where it shows nothing, or what may hide a value.

    Raises:
        DataError: the value came damaged.
    """
    if name not in row or (row[name] is None and name in schema.hidden):
        return UNREAD
    return value_of(row[name], name, schema)


def value_of(shown: Any, name: str, schema: Schema) -> Value | Unread:
    """One value; UNREAD where it has no place in our types: it is something, and must not look like nothing.

    Raises:
        DataError: the value came damaged.
    """
    if shown is UNCLEAR:
        raise DataError(f"the value of {name} cannot be read: it is no valid text or number")
    field = schema.fields.get(name)
    kind = FieldType.OTHER if field is None else field.type
    if kind is FieldType.NAMES:
        return as_value(_names(shown) if isinstance(shown, list) else ())
    if kind is FieldType.OWNER:
        return _owner(shown)
    match shown:
        case None | "" | []:
            return None
        case bool() | int() | float():
            return shown
        case str():
            if kind is FieldType.CHOICE:
                return None if shown == EMPTY_CHOICE else shown
            # Moments come in the offset of the API user, which changes twice a year without anybody editing.
            return (in_utc(shown) or shown) if kind in {FieldType.OTHER, FieldType.MOMENT} else shown
        case {"name": str() as named}:
            return named or None
        case list():
            texts = [*_names(shown)] or [text for item in shown if (text := _row_text(item))]
            return "; ".join(texts) if texts else UNREAD
        case _:
            return UNREAD


def body_of(patch: Values, schema: Schema, record_id: str = "") -> dict[str, Any]:
    """The row that writes a patch; None empties a field. Tags are not in it: they have calls of their own.

    Raises:
        Unwritable: a field that cannot be written, or a value of a kind that it cannot hold.
    """
    row: dict[str, Any] = {"id": record_id} if record_id else {}
    for name, value in patch.items():
        field = schema.fields.get(name)
        if field is None or not field.writable:
            # Zoho would ignore it without a word, and the value would look written.
            raise Unwritable("FIELD_NOT_WRITABLE", "the field cannot be written", name)
        if name == TAG:
            continue
        if field.type is FieldType.NAMES:
            row[name] = list(names_of(value)) or None
            continue
        if field.type is FieldType.OWNER:
            row[name] = {"id": _owner_id(value, schema, name)}
            continue
        if not isinstance(value, None | bool | int | float | str):
            raise Unwritable("FIELD_NOT_WRITABLE", "the field holds one plain value", name)
        row[name] = _dialable(value) if field.type is FieldType.PHONE and isinstance(value, str) else value
    return row


def _owner(shown: Any) -> Owner | None:
    number = shown.get("id") if isinstance(shown, dict) else None
    if not isinstance(number, str):
        return None
    name, email = shown.get("name"), shown.get("email")
    return Owner(number, name if isinstance(name, str) else "", email if isinstance(email, str) else "")


def _owner_id(value: Value, schema: Schema, name: str) -> str:
    """The id of the user who is meant: given, or found by e-mail address or name among those who may own."""
    if not isinstance(value, Owner):
        raise Unwritable("NO_SUCH_OWNER", "a record in Zoho has one owner", name)
    if value.id:
        return value.id
    known = schema.owners or ()
    found = [each for each in known if value.email and fold(each.email) == fold(value.email)] or [
        each for each in known if value.name and not value.email and fold(each.name) == fold(value.name)
    ]
    if len(found) != 1:
        raise Unwritable("NO_SUCH_OWNER", "no active user of Zoho is meant by this owner, or more than one", name)
    return found[0].id


def _dialable(number: str) -> str:
    """A number as Zoho takes it: it refuses a whole record for a slash (030/1234), which people here write often."""
    plain = "".join(" " if sign in "/\\,|_'\u00a0\u2011" else sign for sign in number)
    return " ".join(plain.replace("\u2013", "-").split())


def _names(items: list[Any]) -> Iterable[str]:
    """Choices, tags, files, users and linked records by their names."""
    for item in items:
        match item:
            case str():
                yield item
            case {"name": str() as named} | {"File_Name__s": str() as named}:
                yield named
            case Mapping():
                linked = [value for key, value in item.items() if key not in _SYSTEM and isinstance(value, Mapping)]
                yield from (each["name"] for each in linked[:1] if isinstance(each.get("name"), str))
            case _:
                continue


def _row_text(row: Any) -> str:
    """The values of a row of a subform, "" for what is none."""
    if not isinstance(row, Mapping):
        return ""
    shown = {key: value for key, value in row.items() if key not in _SYSTEM and not key.startswith("$")}
    return ", ".join(str(each) for each in shown.values() if isinstance(each, str | int | float) and each != "")
