"""Wherever a side is named, the account's name is accepted too; what is loaded only says left and right."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zohosyncd.core.side import Side, Winner

_PAIR_KEYS: Final = ("direction", "winner", "cleared", "values", "convert")

RESERVED: Final = ("left", "right", "both", *(winner.value for winner in Winner), *_PAIR_KEYS)
"""Names that an account cannot have, because they mean something else where a side is named."""

SIDE: Final[dict[str, Any]] = {"x-names": "side"}
"""Tells the editor's schema that a value may be an account's name."""

DIRECTION: Final[dict[str, Any]] = {"x-names": "direction"}
"""Tells the editor's schema that a value may be ACCOUNT_to_ACCOUNT."""

DIRECTION_KEYS: Final[dict[str, Any]] = {"x-named-keys": "direction"}
"""Tells the editor's schema that keys may be ACCOUNT_to_ACCOUNT."""

SIDE_KEYS: Final[dict[str, Any]] = {"x-named-keys": "side"}
"""Tells the editor's schema that keys may be accounts' names."""

_VALUES: Final = ("winner", "first_sync_winner", "direction", "from")
_TABLES: Final = ("deletions", "consent")
_ARRAYS: Final = ("fields", "rules")


def names_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The other words for sides and directions in this connection: account's name to ``left`` or ``right``.

    Args:
        values: the connection's file as it was read; without two different accounts nothing has another word.
    """
    left, right = (_account_of(values.get(side.value)) for side in (Side.LEFT, Side.RIGHT))
    if left is None or right is None or left == right:
        return {}
    return {left: "left", right: "right", f"{left}_to_{right}": "left_to_right", f"{right}_to_{left}": "right_to_left"}


def _account_of(place: Any) -> str | None:
    account = place.get("account") if isinstance(place, dict) else None
    return account if isinstance(account, str) else None


def say_left_and_right(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same connection with ``left`` and ``right`` where it names an account instead of a side."""
    result = _with_values(values, names)
    for key in _TABLES:
        if isinstance(result.get(key), dict):
            result[key] = {new: result[key][old] for old, new in renamed(result[key], (key,), names)}
    for key in _ARRAYS:
        if isinstance(result.get(key), list):
            result[key] = [_element(each, key, names) for each in result[key]]
    return result


def renamed(
    table: Mapping[str, Any], path: tuple[str | int, ...], names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The keys of the table at this place, each with what it is called in terms of left and right.

    A key that stands there under both names keeps its own, and is then refused as unknown.
    """
    for key in table:
        new = names.get(key, key)
        yield key, new if new in _named_keys(path) and new not in table else key


def _named_keys(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the table at this place that may be called by accounts."""
    if len(path) == 1 and path[0] in _TABLES:
        return ("left_to_right", "right_to_left")
    return ("left", "right") if len(path) == 2 and path[0] == "fields" else ()


def _element(element: Any, array: str, names: Mapping[str, str]) -> Any:
    if not isinstance(element, dict):
        return element
    if array == "fields":
        element = {new: element[old] for old, new in renamed(element, (array, 0), names)}
    return _with_values(element, names)


def _with_values(table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        key: names.get(value, value) if key in _VALUES and isinstance(value, str) else value
        for key, value in table.items()
    }
