"""One authorised call of the API, its parameters and body taken apart once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .checking import members
from .mailbox import Mailbox
from .masks import field_mask, required_mask
from .refusals import Refused, invalid
from .schema import READABLE, SOURCES

CONTACT, PROFILE = "READ_SOURCE_TYPE_CONTACT", "READ_SOURCE_TYPE_PROFILE"
_LEGACY = "requestMask.includeField"


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose parameters are known ones. ``params`` has all values of each; ``name`` is the resource's."""

    mailbox: Mailbox
    scopes: frozenset[str]
    name: str
    params: Mapping[str, tuple[str, ...]]
    body: bytes

    def one(self, name: str) -> str:
        """The value of a parameter, "" where it is missing. Raises Refused for several values."""
        values = self.params.get(name, ())
        if len(values) > 1:
            raise invalid(f"Invalid JSON payload received. {name} is not repeated.", name)
        return values[0] if values else ""

    def flag(self, name: str) -> bool:
        """A boolean parameter, false where it is missing."""
        value = self.one(name).lower()
        if value not in ("", "true", "false"):
            raise invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{value}\"", name)
        return value == "true"

    def number(self, name: str, default: int, most: int, *, capped: bool = False) -> int:
        """A whole number, the default where it is missing or 0.

        Args:
            most: the largest valid value; with ``capped`` a larger one counts as this.
        """
        value = self.one(name)
        if not value:
            return default
        if not value.lstrip("-").isascii() or not value.lstrip("-").isdigit():
            raise invalid(f"Invalid value at '{name}' (TYPE_INT32), \"{value}\"", name)
        found = int(value) or default
        if found < 0 or (found > most and not capped):
            raise invalid(f"{name} must be between 1 and {most}, inclusive.", name)
        return min(found, most)

    def mask(self, *, required: bool = True, default: frozenset[str] = READABLE) -> frozenset[str]:
        """``personFields``, or the deprecated way to say the same."""
        legacy = self.one(_LEGACY)
        given = self.one("personFields") or ",".join(each.removeprefix("person.") for each in legacy.split(","))
        if required:
            return required_mask(given, "personFields", READABLE)
        return field_mask(given, "personFields", READABLE) or default

    def sources(self) -> frozenset[str]:
        """The kinds of sources to show; by default contact and profile."""
        return checked_sources(self.params.get("sources", ()))

    def json(self, *known: str) -> Mapping[str, Any]:
        """The body: an object that has only these names."""
        try:
            found = json.loads(self.body) if self.body.strip() else {}
        except ValueError as error:
            raise Refused("INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from error
        return members(found, known, "request") if known else found


def checked_sources(given: Any) -> frozenset[str]:
    """Kinds of sources. Raises Refused for unknown ones, and for the profile without the contact."""
    if not isinstance(given, (list, tuple)):
        raise invalid("Invalid value at 'sources' (expected a list)", "sources")
    for each in given:
        if each not in SOURCES:
            raise invalid(f"Invalid value at 'sources' (ReadSourceType), \"{each}\"", "sources")
    return frozenset(given) - {"READ_SOURCE_TYPE_UNSPECIFIED"} or frozenset({CONTACT, PROFILE})
