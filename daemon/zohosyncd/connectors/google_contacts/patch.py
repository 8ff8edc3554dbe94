"""A person with some of it changed: whole fields, as the API takes them, in which only what was meant is new. Pure.

The API replaces every field that a mask names, so whatever else is in that field is sent back as it came. Fields that
no value of the patch is in are not named at all.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

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
    is_field,
    person_field,
)
from zohosyncd.connectors.google_contacts.items import with_items
from zohosyncd.connectors.google_contacts.person import Entry, Person, current_job, entries, part, primary, text
from zohosyncd.connectors.google_contacts.values import (
    POSTAL_PARTS,
    Labels,
    address_place,
    date_of,
    groups_of,
    name_parts,
    postal_of,
)
from zohosyncd.core.dates import canonical_date, has_year
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value, difference
from zohosyncd.core.record import Item, Postal, Value, Values
from zohosyncd.core.spelling import fold

MY_CONTACTS: Final = "contactGroups/myContacts"
"""The group of everybody whom the mailbox shows among its contacts."""

_ABOUT: Final = frozenset({"metadata", "type", "formattedType"})
"""What an entry may have although it says nothing."""


class Unwritable(DataError):
    """A value that Google cannot have. ``field``: which one it is."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def patched(person: Person, patch: Values, labels: Labels, groups: Mapping[str, str]) -> dict[str, list[Entry]]:
    """The fields of a person that a patch changes, each as a whole.

    Args:
        person: as it was read just before; empty for a new one. patch: values by our names.
        labels: the names of groups. groups: resource names by folded name, for all groups that the patch adds.

    Raises:
        Unwritable: a value does not fit, or there is no such field.
    """
    stranger = next((name for name in patch if not is_field(name)), None)
    if stranger is not None:
        raise Unwritable("contacts have no such field", stranger)
    return {
        field: _WRITTEN[field](person, patch) if field != MEMBERSHIPS else _memberships(person, patch, labels, groups)
        for field in sorted({person_field(name) for name in patch})
    }


def _names(person: Person, patch: Values) -> list[Entry]:
    there = entries(person, "names")
    name: dict[str, Any] = dict(there[0]) if there else {}
    given = {each: _text(patch, f"names.{each}") for each in NAME_PARTS if f"names.{each}" in patch}
    shown = name_parts(name)
    if any(value != shown[each] for each, value in given.items()):
        # The parts say who it is; the server makes the other spellings of them.
        split = {each: part for each, part in shown.items() if part and not text(name, each).strip()}
        name = {**_without(name, FULL_NAME, "displayName", "displayNameLastFirst"), **split, **given}
    elif f"names.{FULL_NAME}" in patch and not any(given.values()):
        whole = _text(patch, f"names.{FULL_NAME}")
        if whole != text(name, FULL_NAME).strip():
            name = {**_without(name, *NAME_PARTS, "displayName", "displayNameLastFirst"), FULL_NAME: whole}
    return _unless_blank(name)


def _organizations(person: Person, patch: Values) -> list[Entry]:
    there = entries(person, "organizations")
    at = current_job(there)
    new = {each: _text(patch, f"organizations.{each}") for each in JOB_PARTS if f"organizations.{each}" in patch}
    if at is None:
        made = {name: value for name, value in new.items() if value}
        return [*there, {**made, "type": "work", "current": True}] if made else there
    if all(value == text(there[at], name).strip() for name, value in new.items()):
        return there
    return _replaced(there, at, {**there[at], **new}, also=("current",))


def _list(field: str) -> Callable[[Person, Values], list[Entry]]:
    return lambda person, patch: with_items(field, entries(person, field), _items(patch, field))


def _addresses(person: Person, patch: Values) -> list[Entry]:
    there = entries(person, ADDRESSES)
    for type_ in ("", *ADDRESS_TYPES):
        name = f"{ADDRESSES}.{type_}" if type_ else ADDRESSES
        if name in patch:
            there = _address(there, type_, _postal(patch, name))
    return there


def _address(there: list[Entry], type_: str, wanted: Postal) -> list[Entry]:
    at = address_place(there, type_)
    if at is None:
        parts = {theirs: getattr(wanted, ours) for ours, theirs in POSTAL_PARTS.items() if getattr(wanted, ours)}
        return [*there, {**parts, **({"type": type_} if type_ else {})}] if parts else there
    before = postal_of(there[at])
    if before == wanted:
        return there
    parts = {
        theirs: getattr(wanted, ours)
        for ours, theirs in POSTAL_PARTS.items()
        if getattr(wanted, ours) != text(there[at], theirs).strip()
    }
    address = {**_without(there[at], "formattedValue"), **parts}
    if before.country != wanted.country:
        address.pop("countryCode", None)
    return _replaced(there, at, address)


def _birthday(person: Person, patch: Values) -> list[Entry]:
    there, day = entries(person, BIRTHDAY), _text(patch, BIRTHDAY)
    if not day:
        return []
    canonical = canonical_date(day)
    if canonical is None:
        raise Unwritable("the birthday is no date", BIRTHDAY)
    if there and date_of(part(there[0], "date")) == canonical:
        return there[:1]
    *year, month, number = (int(each) for each in canonical.lstrip("-").split("-"))
    date = {"year": year[0]} if has_year(canonical) else {}
    return [{**_without(there[0] if there else {}, "text"), "date": {**date, "month": month, "day": number}}]


def _note(person: Person, patch: Values) -> list[Entry]:
    there, note = entries(person, NOTES), _text(patch, NOTES)
    if there and text(there[0], "value").strip() == note:
        return there[:1]
    return [{**(there[0] if there else {}), "value": note, "contentType": "TEXT_PLAIN"}] if note else []


def _nickname(person: Person, patch: Values) -> list[Entry]:
    there, name = entries(person, NICKNAME), _text(patch, NICKNAME)
    at = primary(there, "value")
    if at is None:
        return [*there, {"value": name}] if name else there
    if not name:
        return [*there[:at], *there[at + 1 :]]
    return there if text(there[at], "value").strip() == name else _replaced(there, at, {**there[at], "value": name})


def _custom(person: Person, patch: Values) -> list[Entry]:
    there = entries(person, "userDefined")
    for name in patch:
        if key := custom_key(name):
            there = _keyed(there, key, _text(patch, name))
    return there


def _keyed(there: list[Entry], key: str, value: str) -> list[Entry]:
    at = next((at for at, each in enumerate(there) if text(each, "key").strip() == key), None)
    if at is None:
        return [*there, {"key": key, "value": value}] if value else there
    if not value:
        return [*there[:at], *there[at + 1 :]]
    return there if text(there[at], "value").strip() == value else _replaced(there, at, {**there[at], "value": value})


def _memberships(person: Person, patch: Values, labels: Labels, groups: Mapping[str, str]) -> list[Entry]:
    """The groups that a person is in: who is in none would be no contact any more, and the API refuses that."""
    there = groups_of(person) or ([MY_CONTACTS] if not person else [])
    names = as_value(labels[each] for each in there if each in labels)
    added, removed = difference(names, patch[MEMBERSHIPS])
    gone = set(map(fold, removed))
    kept = [each for each in there if each not in labels or fold(labels[each]) not in gone]
    after = dict.fromkeys([*kept, *(groups[fold(name)] for name in added)]) or {MY_CONTACTS: None}
    return [{"contactGroupMembership": {"contactGroupResourceName": each}} for each in after]


_WRITTEN: Final[dict[str, Callable[[Person, Values], list[Entry]]]] = {
    "names": _names,
    "organizations": _organizations,
    **{each: _list(each) for each in LISTS},
    ADDRESSES: _addresses,
    BIRTHDAY: _birthday,
    NOTES: _note,
    NICKNAME: _nickname,
    "userDefined": _custom,
}
"""How each field of a person is written; memberships need to know the groups."""


def _replaced(there: Sequence[Entry], at: int, entry: Mapping[str, Any], also: Sequence[str] = ()) -> list[Entry]:
    """The entries with another one in this place, or with none if it says nothing any more."""
    return [*there[:at], *_unless_blank(entry, also), *there[at + 1 :]]


def _unless_blank(entry: Mapping[str, Any], also: Sequence[str] = ()) -> list[Entry]:
    filled = {name: value for name, value in entry.items() if value not in ("", None)}
    return [filled] if filled.keys() - _ABOUT - set(also) else []


def _without(entry: Entry, *names: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def _text(patch: Values, name: str) -> str:
    value: Value = patch[name]
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    raise Unwritable("a text was expected", name)


def _items(patch: Values, name: str) -> Sequence[Item]:
    value = patch[name]
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    raise Unwritable("a list was expected", name)


def _postal(patch: Values, name: str) -> Postal:
    value = patch[name]
    if value is None:
        return Postal()
    if isinstance(value, Postal):
        return Postal(*(getattr(value, each).strip() for each in POSTAL_PARTS))
    raise Unwritable("a postal address was expected", name)
