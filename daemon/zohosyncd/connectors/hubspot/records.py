"""Contacts as HubSpot's JSON has them <-> field values. Pure.

All values travel as texts, and null is nothing. A property that was asked for and is missing in the answer was not read
(the login may not see it); neither was a text that its type does not allow.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from zohosyncd.connectors.hubspot.fields import ACTIVE, EMAIL, LISTS, MODIFIED, OPTED_OUT, OWNER, ContactSchema
from zohosyncd.connectors.hubspot.times import day_of, in_utc, millis
from zohosyncd.core.dates import moment_of
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import UNREAD, Owner, Record, Unread, Value, Values
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.spelling import fold
from zohosyncd.transport.decode import UNCLEAR

Row = Mapping[str, Any]
"""One contact of an answer."""

_BOTH: Final = {"true": True, "false": False}


class Unwritable(DataError):
    """HubSpot would refuse this value; ``hint`` is the field's name."""

    def __init__(self, code: str, message: str, field: str) -> None:
        super().__init__(message, hint=field)
        self.code = code


def id_of(row: Row) -> str:
    """The id of a row. Raises DataError where it has none."""
    found = row.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str) or not found:
        raise DataError("a contact without an id")
    return found


def properties_of(row: Row) -> Mapping[str, Any]:
    """The properties of a row. Raises DataError where it has none."""
    found = row.get("properties")
    if not isinstance(found, Mapping):
        raise DataError("a contact without properties")
    return found


def text_in(row: Row, name: str) -> str:
    """The text of a property, "" where there is none."""
    found = row.get("properties")
    value = found.get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


def modified_of(row: Row) -> int | None:
    """When a contact was last changed, in milliseconds since 1970."""
    return millis(text_in(row, MODIFIED)) or millis(row.get("updatedAt"))


def record_of(row: Row, fields: Iterable[str], schema: Schema, more: Mapping[str, Value] | None = None) -> Record:
    """The record of a row with the fields asked for, as far as they were read.

    Args:
        more: values that come from elsewhere (lists, an opt-out that the property does not show yet).

    Raises:
        DataError: it cannot be read.
    """
    shown = properties_of(row)
    values = {name: value_in(shown, name, schema) for name in fields if name not in {LISTS, ACTIVE}}
    read = {name: value for name, value in values.items() if value is not UNREAD}
    read |= {name: value for name, value in (more or {}).items() if name in fields}
    moment = modified_of(row)
    version = text_in(row, MODIFIED) or None
    return Record(
        id_of(row), read, version, None if moment is None else moment / 1000.0, native=text_in(row, EMAIL) or None
    )


def value_in(shown: Mapping[str, Any], name: str, schema: Schema) -> Value | Unread:
    """What the properties of a contact show of a field. Raises DataError: the value came damaged."""
    if name not in shown:
        return UNREAD
    field = schema.fields.get(name)
    text = shown[name]
    if text is UNCLEAR:
        raise DataError(f"the value of {name} cannot be read: it is no valid text")
    if field is None:
        return UNREAD
    if text is None or text == "":
        return _nothing(field)
    return _value(text, field, schema) if isinstance(text, str) else UNREAD


def _nothing(field: Field) -> Value:
    if field.type is FieldType.NAMES:
        return ()
    # A contact that has never opted out has no value at all.
    return False if field.name == OPTED_OUT else None


def _value(text: str, field: Field, schema: Schema) -> Value | Unread:
    match field.type:
        case FieldType.BOOLEAN:
            return _BOTH.get(text.lower(), UNREAD)
        case FieldType.NUMBER:
            return _number(text)
        case FieldType.DATE:
            return day_of(text) or UNREAD
        case FieldType.MOMENT:
            return in_utc(text) or UNREAD
        case FieldType.NAMES:
            return as_value(part for part in text.split(";") if part)
        case FieldType.OWNER:
            known = schema.owners or ()
            return next((each for each in known if each.id == text), Owner(text))
        case _:
            return text


def _number(text: str) -> int | float | Unread:
    try:
        return int(text) if text.lstrip("-").isdecimal() else _finite(float(text))
    except ValueError:
        return UNREAD


def _finite(number: float) -> float | Unread:
    if not math.isfinite(number):
        return UNREAD
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def properties_to_write(patch: Values, schema: ContactSchema) -> dict[str, str]:
    """The properties that write a patch; "" empties one. Lists and opt-outs have calls of their own.

    Raises:
        Unwritable: a field that cannot be written, or a value that it cannot hold.
    """
    made: dict[str, str] = {}
    for name, value in patch.items():
        field = schema.fields.get(name)
        if field is None or not field.writable:
            raise Unwritable("READ_ONLY_VALUE", "the property cannot be written", name)
        if name not in {LISTS, OPTED_OUT}:
            made[name] = _text(value, field, schema)
    return made


def _text(value: Value, field: Field, schema: Schema) -> str:
    if value is None or value in ((), ""):
        return ""
    match field.type, value:
        case FieldType.NAMES, tuple():
            return ";".join(_option(each, field) for each in names_of(value))
        case FieldType.OWNER, Owner():
            return _owner_id(value, schema)
        case FieldType.DATE, str():
            if day_of(value) != value:
                raise Unwritable("INVALID_DATE", "HubSpot has no dates without a year", field.name)
            return value
        case FieldType.MOMENT, str():
            return _moment(value, field)
        case _, bool():
            return "true" if value else "false"
        case _, int() | float():
            return _plain(value, field)
        case _, str():
            return value
        case _:
            raise Unwritable("INVALID_VALUE", "the property holds one plain value", field.name)


def _plain(number: float, field: Field) -> str:
    if not math.isfinite(number):
        raise Unwritable("INVALID_INTEGER", "this is no number", field.name)
    return str(int(number)) if float(number).is_integer() else repr(number)


def _option(name: str, field: Field) -> str:
    for choice in field.choices:
        if fold(choice) == fold(name):
            return choice
    if field.choices or ";" in name:
        raise Unwritable("INVALID_OPTION", "this is none of the property's options", field.name)
    return name


def _moment(text: str, field: Field) -> str:
    moment = moment_of(text)
    if moment is None:
        raise Unwritable("INVALID_DATE", "this is no moment", field.name)
    return str(round(moment * 1000))


def _owner_id(value: Owner, schema: Schema) -> str:
    """The id of the owner who is meant: given, or found by e-mail address or name among those who may own."""
    known = schema.owners
    if value.id and (known is None or any(each.id == value.id for each in known)):
        return value.id
    found = [each for each in known or () if value.email and fold(each.email) == fold(value.email)] or [
        each for each in known or () if value.name and not value.email and fold(each.name) == fold(value.name)
    ]
    if value.id or len(found) != 1:
        raise Unwritable("INVALID_OWNER_ID", "no owner of HubSpot is meant by this one, or more than one", OWNER)
    return found[0].id
