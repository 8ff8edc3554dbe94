"""OData query options, as far as contacts need them, and strictly: what is not known is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .answers import GraphError, bad
from .contact import PROPERTIES, Contact

_QUOTED = r"'((?:[^']|'')*)'"
_EMAIL = re.compile(rf"emailAddresses/any\(\s*(\w+)\s*:\s*\1/address\s+eq\s+{_QUOTED}\s*\)", re.IGNORECASE)
_EXTENDED = re.compile(
    rf"singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*\1/id\s+eq\s+{_QUOTED}\s+and\s+\1/value\s+eq\s+{_QUOTED}\s*\)",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"(createdDateTime|lastModifiedDateTime)\s+(ge|gt|le|lt|eq)\s+(\S+)")
_TEXT = re.compile(rf"(displayName|givenName|surname|companyName|fileAs)\s+eq\s+{_QUOTED}")
_BETWEEN = re.compile(r"\s+(and|or)\s+")
_EXPANDED = re.compile(rf"singleValueExtendedProperties\(\$filter=id\s+eq\s+{_QUOTED}\)")

Test = Callable[[Contact], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """The options of one request: ``select`` None = everything; ``used``: properties that the filter is about."""

    select: frozenset[str] | None = None
    test: Test | None = None
    used: frozenset[str] = frozenset()
    order: tuple[str, bool] | None = None
    top: int = 10
    skip: int = 0
    expand: str = ""
    conditions: int = 0


def parsed(given: Mapping[str, str], allowed: frozenset[str]) -> Query:
    """Read the options. Raises GraphError for those that are not allowed here, or wrong."""
    for name in given:
        if name not in allowed:
            raise bad("RequestBroker--ParseUri", f"The query parameter '{name}' is not supported.")
    test, used, conditions = _filter(given["$filter"]) if "$filter" in given else (None, frozenset[str](), 0)
    order = _order(given["$orderby"]) if "$orderby" in given else None
    if test is not None and order is not None and order[0] not in used:
        raise bad("InefficientFilter", "The restriction or sort order is too complex for this operation.")
    top = _number(given, "$top", 10)
    if not 1 <= top <= 1_000:
        raise bad("ErrorInvalidUrlQuery", "The value of the $top query parameter has to be between 1 and 1000.")
    return Query(
        select(given), test, used, order, top, _number(given, "$skip", 0), _expand(given.get("$expand", "")), conditions
    )


def select(given: Mapping[str, str]) -> frozenset[str] | None:
    """The properties that are asked for."""
    if "$select" not in given:
        return None
    names = frozenset(each.strip() for each in given["$select"].split(",") if each.strip())
    if unknown := names - PROPERTIES:
        raise _no_property(sorted(unknown)[0])
    return names


def _no_property(name: str) -> GraphError:
    text = f"Could not find a property named '{name}' on type 'microsoft.graph.contact'."
    return bad("RequestBroker--ParseUri", text)


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise bad("ErrorInvalidUrlQuery", f"Invalid value '{text}' for the {name} query parameter.")
    return int(text)


def _order(text: str) -> tuple[str, bool]:
    name, _, way = text.partition(" ")
    if name not in PROPERTIES or way.strip() not in {"", "asc", "desc"}:
        raise _no_property(name)
    return name, way.strip() == "desc"


def _expand(text: str) -> str:
    if not text:
        return ""
    found = _EXPANDED.fullmatch(text)
    if found is None:
        raise bad("RequestBroker--ParseUri", "The $expand query parameter is not supported in this form.")
    return found[1].replace("''", "'")


def _filter(text: str) -> tuple[Test, frozenset[str], int]:
    """Conditions joined by ``and`` or by ``or``, and how many; ``and`` binds more closely."""
    any_of: list[list[Test]] = [[]]
    used: set[str] = set()
    rest = text.strip()
    while True:
        test, names, length = _condition(rest)
        any_of[-1].append(test)
        used |= names
        rest = rest[length:]
        if not rest.strip():
            break
        between = _BETWEEN.match(rest)
        if between is None:
            raise _unclear(rest)
        if between[1] == "or":
            any_of.append([])
        rest = rest[between.end() :]
    count = sum(map(len, any_of))
    return (lambda contact: any(all(each(contact) for each in tests) for tests in any_of)), frozenset(used), count


def _condition(text: str) -> tuple[Test, set[str], int]:
    if found := _EMAIL.match(text):
        wanted = found[2].replace("''", "'").lower()
        return (lambda each: wanted in _addresses(each)), {"emailAddresses"}, found.end()
    if found := _EXTENDED.match(text):
        name, value = found[2].replace("''", "'"), found[3].replace("''", "'").lower()
        return (lambda each: each.extended.get(name, "").lower() == value), {"extended"}, found.end()
    if found := _MOMENT.match(text):
        return _moment_test(found[1], found[2], found[3]), {found[1]}, found.end()
    if found := _TEXT.match(text):
        name, value = found[1], found[2].replace("''", "'").lower()
        return (lambda each: (each.values.get(name) or "").lower() == value), {name}, found.end()
    raise _unclear(text)


def _addresses(contact: Contact) -> set[str]:
    return {each.get("address", "").lower() for each in contact.values["emailAddresses"]}


def _moment_test(name: str, sign: str, text: str) -> Test:
    try:
        wanted = datetime.fromisoformat(text)
    except ValueError:
        raise _unclear(text) from None
    if wanted.tzinfo is None:
        raise _unclear(text)
    at = int(wanted.timestamp())
    signs: dict[str, Callable[[int], bool]] = {
        "ge": lambda value: value >= at,
        "gt": lambda value: value > at,
        "le": lambda value: value <= at,
        "lt": lambda value: value < at,
        "eq": lambda value: value == at,
    }
    return lambda each: signs[sign](int(each.created if name == "createdDateTime" else each.modified))


def _unclear(text: str) -> GraphError:
    return bad("BadRequest", f"Invalid filter clause: syntax error at position 0 in '{text[:40]}'.")


def sort_key(name: str) -> Callable[[Contact], Any]:
    """By what contacts are sorted."""
    match name:
        case "createdDateTime":
            return lambda each: (int(each.created), each.key)
        case "lastModifiedDateTime":
            return lambda each: (int(each.modified), each.change)
        case _:
            return lambda each: (str(each.values.get(name) or "").lower(), each.key)
