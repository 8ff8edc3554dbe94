"""Values as plain data (texts, numbers, lists, tables), as they are shown and written to files, and back."""

from collections.abc import Mapping
from typing import Any

from zohosyncd.core.record import Item, Owner, Postal, Value, Values

_POSTAL = ("street", "city", "region", "code", "country")
_OWNER = ("id", "name", "email")


def plain(value: Value) -> Any:
    """One value as JSON has it."""
    match value:
        case tuple():
            return [{"value": item.value, "label": item.label} for item in value]
        case Postal():
            return {name: getattr(value, name) for name in _POSTAL}
        case Owner():
            return {name: getattr(value, name) for name in _OWNER}
        case _:
            return value


def plain_values(values: Values) -> dict[str, Any]:
    """The values of a record as JSON has them."""
    return {name: plain(value) for name, value in values.items()}


def value_of(shown: Any) -> Value:
    """The value that :func:`plain` has shown.

    Raises:
        ValueError: it has shown nothing of the kind.
    """
    match shown:
        case None | bool() | int() | float() | str():
            return shown
        case list() if all(isinstance(each, Mapping) for each in shown):
            return tuple(Item(_text(each, "value"), _text(each, "label")) for each in shown)
        case Mapping() if set(shown) == set(_POSTAL):
            return Postal(*(_text(shown, name) for name in _POSTAL))
        case Mapping() if set(shown) == set(_OWNER):
            return Owner(*(_text(shown, name) for name in _OWNER))
        case _:
            raise ValueError("this is not a field's value")


def _text(shown: Mapping[str, Any], name: str) -> str:
    found = shown.get(name, "")
    if not isinstance(found, str):
        raise ValueError(f"{name} is not a text")
    return found
