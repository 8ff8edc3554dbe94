"""What a server does to the values that it stores, as rules that a test or a rehearsal sets."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_ACTIONS = frozenset({"truncate", "lower", "upper", "phone", "drop"})


@dataclass(frozen=True, slots=True)
class Normaliser:
    """What the server does to values of one field: ``truncate``, ``lower``, ``upper``, ``phone`` or ``drop``."""

    name: str
    action: str
    length: int = 0

    def __post_init__(self) -> None:
        if self.action not in _ACTIONS:
            message = f"unknown normalisation {self.action!r}: truncate, lower, upper, phone or drop"
            raise ValueError(message)

    def apply(self, value: Any) -> Any:
        """The value that is stored in place of a given one; what is no text stays as it is."""
        if not isinstance(value, str):
            return value
        match self.action:
            case "truncate":
                return value[: self.length].rstrip() or None
            case "lower":
                return value.lower()
            case "upper":
                return value.upper()
            case "phone":
                return ("+" if value.startswith("+") else "") + re.sub(r"\D", "", value) or None
            case _:
                return None


def normalise(rules: Iterable[Normaliser], values: dict[str, Any]) -> dict[str, Any]:
    """Apply the rules to the fields that are being stored."""
    for rule in rules:
        if rule.name in values:
            values[rule.name] = rule.apply(values[rule.name])
    return values


def normalisers(rules: Iterable[Mapping[str, Any]]) -> list[Normaliser]:
    """The rules of a control request, ``{"field", "do", "length"}`` each; ``ValueError`` says what is wrong."""
    made = []
    for rule in rules:
        if unknown := rule.keys() - {"field", "do", "length"}:
            raise ValueError(f"unknown keys of a rule: {', '.join(sorted(unknown))}")
        made.append(Normaliser(str(rule.get("field", "")), str(rule.get("do", "")), int(rule.get("length", 0))))
    return made
