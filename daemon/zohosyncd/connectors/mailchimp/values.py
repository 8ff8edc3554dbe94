"""Values as records have them, and as the API has them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from zohosyncd.connectors.mailchimp.fields import STATUS, TAGS, VIP
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.dates import canonical_date, moment_of
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Postal, Value
from zohosyncd.transport.decode import UNCLEAR

Row = Mapping[str, Any]
"""A member as the API shows it."""

_BIRTHDAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})", re.ASCII)
_PARTS: Final = {"city": "city", "region": "state", "code": "zip", "country": "country"}
_UNCLEAR: Final = "a value cannot be read"


@dataclass(frozen=True, slots=True)
class Unwritable(Exception):
    """A value that is not sent at all: the app could not take it."""

    field: str
    code: str
    message: str


def value_of(name: str, row: Row, types: Mapping[str, str]) -> Value:
    """What a member shows of a field.

    Args:
        name: the field. row: the member. types: the app's types of merge fields, by tag.

    Raises:
        KeyError: the answer does not have the field: nothing is known of it.
        DataError: it has something that cannot be read.
    """
    match name:
        case "email_address" | "source" | "language":
            return _text(row.get(name))
        case "vip":
            return row.get(VIP) is True
        case "status":
            return _status(row.get(STATUS))
        case "consented_at":
            return _consented(row)
        case "tags":
            return as_value(_tag_names(row.get(TAGS)))
        case _:
            merge = row.get("merge_fields")
            found = merge if isinstance(merge, dict) else {}  # an empty one comes as a list
            return _merge_value(found[name], types.get(name, "text"))


def raw_of(name: str, value: Value, types: Mapping[str, str]) -> Any:
    """How the API takes a value of a merge field; "" empties it.

    Raises:
        Unwritable: it is none of what such a field holds.
    """
    if value is None or value == "":
        return ""
    match types.get(name, "text"), value:
        case "address", Postal():
            return _raw_address(value)
        case "birthday", str():
            date = canonical_date(value)
            if date is None:
                raise Unwritable(name, "NOT_A_DATE", "not a date")
            return f"{date[-5:-3]}/{date[-2:]}"
        case "phone of the USA", str():
            return value.strip().removeprefix("+1").strip()
        case (("address" | "birthday"), _):
            raise Unwritable(name, "WRONG_TYPE", "the field holds another kind of value")
        case _, bool():
            return "true" if value else "false"
        case _, (str() | int() | float()):
            return value
        case _:
            raise Unwritable(name, "WRONG_TYPE", "the field holds another kind of value")


def is_shown(name: str, row: Row) -> bool:
    """Whether an answer has this merge field at all."""
    merge = row.get("merge_fields")
    return isinstance(merge, dict) and name in merge


def _merge_value(raw: Any, kind: str) -> Value:
    if raw is UNCLEAR:
        raise DataError(_UNCLEAR)
    if raw is None or raw in ("", []):
        return None
    match kind:
        case "address":
            return _address(raw)
        case "number":
            return raw if isinstance(raw, int | float) and not isinstance(raw, bool) else _number(_text(raw))
        case "birthday":
            found = _BIRTHDAY.fullmatch(str(raw).strip())
            return f"--{int(found[1]):02}-{int(found[2]):02}" if found else _text(raw)
        case "phone of the USA":
            text = _text(raw)
            return text if text is None or text.startswith("+") else f"+1 {text}"
        case _:
            return _text(raw)


def _text(raw: Any) -> str | None:
    if raw is UNCLEAR or isinstance(raw, dict | list):
        raise DataError(_UNCLEAR)
    return None if raw is None or raw == "" else str(raw)


def _number(text: str | None) -> Value:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        raise DataError("a number that is none") from None
    return int(number) if number.is_integer() else number


def _status(raw: Any) -> str:
    if raw not in set(ConsentState):
        raise DataError("a status that is not documented")
    return str(raw)


def _consented(row: Row) -> str | None:
    """When the person consented: told for those who are subscribed now. Times of changes are no times of a consent."""
    text = row.get("timestamp_opt")
    if row.get(STATUS) != ConsentState.SUBSCRIBED or not isinstance(text, str) or moment_of(text) is None:
        return None
    return text


def _tag_names(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise DataError(_UNCLEAR)
    names = [each.get("name") if isinstance(each, dict) else None for each in raw]
    if not all(isinstance(name, str) for name in names):
        raise DataError(_UNCLEAR)
    return [str(name) for name in names]


def _address(raw: Any) -> Value:
    if not isinstance(raw, dict):
        text = _text(raw)
        return Postal(street=text) if text else None
    if any(each is UNCLEAR for each in raw.values()):
        raise DataError(_UNCLEAR)
    street = "\n".join(text for part in ("addr1", "addr2") if (text := str(raw.get(part) or "").strip()))
    parts = {ours: str(raw.get(theirs) or "") for ours, theirs in _PARTS.items()}
    found = Postal(street=street, **parts)
    return None if found == Postal(country=found.country) else found


def _raw_address(value: Postal) -> dict[str, str]:
    first, *rest = [line.strip() for line in value.street.splitlines() if line.strip()] or [""]
    parts = {theirs: getattr(value, ours) for ours, theirs in _PARTS.items()}
    return {"addr1": first, "addr2": ", ".join(rest), **parts}
