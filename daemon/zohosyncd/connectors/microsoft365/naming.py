"""The parts of a name, and the names that Outlook makes of them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from zohosyncd.core.names import split_full_name
from zohosyncd.core.spelling import squeeze

PARTS: Final = ("title", "givenName", "middleName", "surname", "generation")

Name = Mapping[str, str]
"""The parts of a name by their properties, "" for none."""

_FORMS: Final[tuple[Callable[[Name], str], ...]] = (
    lambda name: _joined(name["givenName"], name["surname"]),
    lambda name: _joined(name["givenName"], name["middleName"], name["surname"]),
    lambda name: _joined(*(name[part] for part in PARTS)),
    lambda name: _joined(name["surname"], name["givenName"]),
    lambda name: _listed(name["surname"], name["givenName"]),
    lambda name: _listed(name["surname"], _joined(name["givenName"], name["middleName"])),
)
"""The ways in which Outlook makes one name of the parts."""


def name_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The parts that a contact shows; those of its display name where it has no others.

    A display name that repeats the company or an address of the contact is no name of a person.
    """
    parts = {part: _text(row.get(part)) for part in PARTS}
    shown = squeeze(_text(row.get("displayName")))
    if any(parts.values()) or not shown or shown.casefold() in _no_names(row):
        return parts
    given, family = split_full_name(shown)
    return {**parts, "givenName": given, "surname": family}


def following(shown: str, old: Name, new: Name) -> str | None:
    """A name that was made of the old parts, made of the new ones, None for nothing; one that was chosen stays."""
    form = next((each for each in _FORMS if each(old) == shown), None)
    return (form(new) or None) if form is not None else shown


def _no_names(row: Mapping[str, Any]) -> set[str]:
    entries, phones = row.get("emailAddresses"), [row.get("mobilePhone")]
    for listed in ("businessPhones", "homePhones"):
        phones += _list(row.get(listed))
    mails = (
        [each.get("address") for each in entries or () if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    others = [row.get("companyName"), row.get("nickName"), *mails, *phones]
    return {squeeze(_text(each)).casefold() for each in others}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.strip() else ""


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
