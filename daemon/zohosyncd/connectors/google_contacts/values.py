"""What a person shows, as values of our fields. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from zohosyncd.connectors.google_contacts.fields import (
    ADDRESS_TYPES,
    ADDRESSES,
    BIRTHDAY,
    FULL_NAME,
    JOB_PARTS,
    LISTS,
    MEMBERSHIPS,
    NAME_PARTS,
    NICKNAME,
    NOTES,
    custom_key,
)
from zohosyncd.connectors.google_contacts.labels import label_of
from zohosyncd.connectors.google_contacts.person import (
    Entry,
    Person,
    current_job,
    entries,
    number,
    part,
    primary,
    text,
)
from zohosyncd.core.dates import canonical_date
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.names import split_full_name
from zohosyncd.core.record import Item, Postal, Value
from zohosyncd.core.spelling import fold

Labels = Mapping[str, str]
"""The names of contact groups by their resource names; groups that are no label of a person are missing."""

POSTAL_PARTS: Final = {
    "street": "streetAddress",
    "city": "city",
    "region": "region",
    "code": "postalCode",
    "country": "country",
}
"""Parts of an address; post office box and extension are left alone."""

_UNSHOWN: Final = ("poBox", "extendedAddress")


def values_of(person: Person, fields: Iterable[str], labels: Labels) -> dict[str, Value]:
    """The values of these fields; unknown names are empty."""
    return {name: _value(person, name, labels) for name in fields}


def items_of(found: Iterable[Entry]) -> list[Item]:
    """E-mails, phones or web sites as items, blank ones too."""
    return [Item(text(each, "value").strip(), label_of(text(each, "type"))) for each in found]


def name_parts(name: Entry) -> dict[str, str]:
    """The parts of a name; those that its whole can be split into where it has no parts."""
    parts = {each: text(name, each).strip() for each in NAME_PARTS}
    whole = text(name, FULL_NAME).strip()
    if whole and not any(parts.values()):
        parts["givenName"], parts["familyName"] = split_full_name(whole)
    return parts


def groups_of(person: Person) -> list[str]:
    """The resource names of the contact groups that it is in."""
    found = (text(part(each, "contactGroupMembership"), "contactGroupResourceName") for each in _memberships(person))
    return [each for each in dict.fromkeys(found) if each]


def address_place(found: list[Entry], type_: str) -> int | None:
    """The place of the address that counts, or of the first one of that type; None where there is none."""
    if type_:
        return next((at for at, each in enumerate(found) if fold(text(each, "type")) == type_), None)
    return primary(found, *POSTAL_PARTS.values(), "formattedValue", "countryCode", *_UNSHOWN)


def postal_of(address: Entry) -> Postal:
    """An address; one that is nothing but a text is its street."""
    parts = {ours: text(address, theirs).strip() for ours, theirs in POSTAL_PARTS.items()}
    if not any(parts.values()) and not any(text(address, name).strip() for name in _UNSHOWN):
        parts["street"] = text(address, "formattedValue").strip()
    if any(parts.values()) and not parts["country"]:
        parts["country"] = text(address, "countryCode").strip()
    return Postal(**parts)


def _memberships(person: Person) -> list[Entry]:
    # Memberships carry no source of their own, and those of a domain have no group.
    found = person.get(MEMBERSHIPS)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _value(person: Person, name: str, labels: Labels) -> Value:
    if key := custom_key(name):
        return _custom(person, key)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(person)
    if name == MEMBERSHIPS:
        return as_value(labels[each] for each in groups_of(person) if each in labels)
    return None


def _custom(person: Person, key: str) -> Value:
    mine = (text(each, "value") for each in entries(person, "userDefined") if text(each, "key").strip() == key)
    return next((each.strip() for each in mine), None) or None


def _list(field: str) -> Callable[[Person], Value]:
    return lambda person: tuple(each for each in items_of(entries(person, field)) if each.value) or None


def _name(part_: str) -> Callable[[Person], Value]:
    def read(person: Person) -> Value:
        found = entries(person, "names")
        return name_parts(found[0])[part_] or None if found else None

    return read


def _whole_name(person: Person) -> Value:
    found = entries(person, "names")
    return text(found[0], FULL_NAME).strip() or None if found else None


def _job(part_: str) -> Callable[[Person], Value]:
    def read(person: Person) -> Value:
        found = entries(person, "organizations")
        at = current_job(found)
        return text(found[at], part_).strip() or None if at is not None else None

    return read


def _main(field: str) -> Callable[[Person], Value]:
    def read(person: Person) -> Value:
        found = entries(person, field)
        at = primary(found, "value")
        return text(found[at], "value").strip() or None if at is not None else None

    return read


def _address(type_: str) -> Callable[[Person], Value]:
    def read(person: Person) -> Value:
        found = entries(person, ADDRESSES)
        at = address_place(found, type_)
        address = postal_of(found[at]) if at is not None else Postal()
        return address if address != Postal() else None

    return read


def _birthday(person: Person) -> Value:
    found = entries(person, BIRTHDAY)
    return date_of(part(found[0], "date")) if found else None


def date_of(date: Entry) -> str | None:
    """A date with its year or without; None where its month or day is missing: that is no day."""
    year, month, day = (number(date, name) for name in ("year", "month", "day"))
    return canonical_date(f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}")


_SPECIAL: Final[dict[str, Callable[[Person], Value]]] = {
    **{f"names.{each}": _name(each) for each in NAME_PARTS},
    f"names.{FULL_NAME}": _whole_name,
    **{f"organizations.{each}": _job(each) for each in JOB_PARTS},
    **{each: _list(each) for each in LISTS},
    **{each: _main(each) for each in (NICKNAME, NOTES)},
    **{f"{ADDRESSES}.{each}": _address(each) for each in ADDRESS_TYPES},
    ADDRESSES: _address(""),
    BIRTHDAY: _birthday,
}
"""How each field is read."""
