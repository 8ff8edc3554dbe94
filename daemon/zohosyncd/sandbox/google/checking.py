"""What is accepted of a person in a request: names, kinds and dates by the discovery document."""

import calendar
from collections.abc import Iterable, Mapping
from typing import Any

from .refusals import Refused, invalid
from .schema import (
    CONTENT_TYPE,
    CONTENT_TYPES,
    DATE,
    FLAG,
    IGNORED,
    MEMBERSHIP,
    METADATA,
    NUMBER,
    SINGLETONS,
    TEXT,
    UNREAD,
    WRITABLE,
)

Item = dict[str, Any]
Fields = dict[str, list[Item]]


def members(body: Any, known: Iterable[str], where: str) -> Mapping[str, Any]:
    """A JSON object that has only these names; what is null counts as left out. Raises Refused."""
    if not isinstance(body, Mapping):
        raise invalid(f"Invalid value at '{where}' (expected an object)", where)
    if unknown := sorted(set(body) - set(known)):
        raise Refused(
            "INVALID_ARGUMENT",
            f"Invalid JSON payload received. Unknown name \"{unknown[0]}\" at '{where}': Cannot find field.",
        )
    return {name: value for name, value in body.items() if value is not None}


def text(value: Any, where: str) -> str:
    """A text. Raises Refused for anything else."""
    if not isinstance(value, str):
        raise invalid(f"Invalid value at '{where}' (TYPE_STRING), {value!r}", where)
    return value


def texts(value: Any, where: str) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list):
        raise invalid(f"Invalid value at '{where}' (expected a list)", where)
    return [text(each, where) for each in value]


def person_fields(person: Mapping[str, Any], where: str) -> Fields:
    """The writable fields that a person in a request has, each item checked; the others are left out."""
    known = members(person, WRITABLE.keys() | UNREAD, where)
    found: Fields = {}
    for name, items in known.items():
        if name in UNREAD:
            continue
        if not isinstance(items, list):
            raise invalid(f"Invalid value at '{where}.{name}' (expected a list)", f"{where}.{name}")
        found[name] = [_item(name, each, f"{where}.{name}[{at}]") for at, each in enumerate(items)]
        if name in SINGLETONS and len(items) > 1:
            raise invalid(f"Field {name} is a singleton for contact sources: at most one value.", f"{where}.{name}")
    return found


def _item(name: str, item: Any, where: str) -> Item:
    kinds = WRITABLE[name].properties
    found: Item = {}
    for key, value in members(item, kinds, where).items():
        kind = kinds[key]
        if kind != IGNORED:
            found[key] = _value(kind, value, f"{where}.{key}")
    return found


def _value(kind: str, value: Any, where: str) -> Any:
    match kind:
        case _ if kind == TEXT:
            return text(value, where)
        case _ if kind == FLAG:
            if not isinstance(value, bool):
                raise invalid(f"Invalid value at '{where}' (TYPE_BOOL), {value!r}", where)
            return value
        case _ if kind == NUMBER:
            return _number(value, where)
        case _ if kind == DATE:
            return _date(value, where)
        case _ if kind == CONTENT_TYPE:
            if value not in CONTENT_TYPES:
                raise invalid(f"Invalid value at '{where}' (ContentType), {value!r}", where)
            return value
        case _ if kind == METADATA:
            given = members(value, ("primary", "source", "sourcePrimary", "verified"), where)
            return {"sourcePrimary": True} if given.get("sourcePrimary") is True else {}
        case _ if kind == MEMBERSHIP:
            given = members(value, ("contactGroupId", "contactGroupResourceName"), where)
            return {name: text(each, where) for name, each in given.items() if name == "contactGroupResourceName"}
        case _:
            raise AssertionError(kind)


def _number(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise invalid(f"Invalid value at '{where}' (TYPE_INT32), {value!r}", where)
    return value


def _date(value: Any, where: str) -> dict[str, int]:
    """A whole or partial date; parts that are 0 are left out."""
    given = {name: _number(each, f"{where}.{name}") for name, each in members(value, _PARTS, where).items()}
    year, month, day = (given.get(name, 0) for name in _PARTS)
    longest = 31 if not month else calendar.monthrange(year or 2_000, month)[1] if 1 <= month <= 12 else 0
    if not (0 <= year <= 9_999 and 0 <= month <= 12 and 0 <= day <= longest) or not (year or month or day):
        raise invalid(f"Invalid date at '{where}'.", where)
    if (day and not month) or (month and not (year or day)):
        raise invalid(f"Invalid date at '{where}': neither whole nor a partial date.", where)
    return {name: part for name, part in given.items() if part}


_PARTS = ("year", "month", "day")
