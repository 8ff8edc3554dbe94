"""The fields of a person as we sync them. Names are the API's own, the part of a value after a dot.

Google has no list of what a person can have beside: every key of ``userDefined`` is a field as soon as somebody names
it (``userDefined.customer``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from zohosyncd.core.schema import Containers, Field, FieldType, Schema

LABELS: Final = "labels"
"""What people call contact groups."""

MEMBERSHIPS: Final = "memberships"
EMAILS: Final = "emailAddresses"
PHONES: Final = "phoneNumbers"
URLS: Final = "urls"
ADDRESSES: Final = "addresses"
BIRTHDAY: Final = "birthdays"
NOTES: Final = "biographies"
NICKNAME: Final = "nicknames"

LISTS: Final = (EMAILS, PHONES, URLS)

NAME_PARTS: Final = ("givenName", "familyName", "middleName", "honorificPrefix", "honorificSuffix")
FULL_NAME: Final = "unstructuredName"
JOB_PARTS: Final = ("name", "title", "department")
ADDRESS_TYPES: Final = ("home", "work", "other")
_CUSTOM: Final = "userDefined."

_KNOWN: Final = Schema.of(
    Field("names.givenName", FieldType.TEXT, "First name", semantic="given_name"),
    Field("names.familyName", FieldType.TEXT, "Last name", semantic="family_name"),
    Field("names.middleName", FieldType.TEXT, "Middle name", semantic="additional_name"),
    Field("names.honorificPrefix", FieldType.TEXT, "Prefix", semantic="prefix"),
    Field("names.honorificSuffix", FieldType.TEXT, "Suffix", semantic="suffix"),
    Field(f"names.{FULL_NAME}", FieldType.TEXT, "Name", semantic="full_name"),
    Field(NICKNAME, FieldType.TEXT, "Nickname", semantic="nickname"),
    Field(EMAILS, FieldType.EMAILS, "Email", semantic="emails"),
    Field(PHONES, FieldType.PHONES, "Phone", semantic="phones"),
    Field("organizations.name", FieldType.TEXT, "Company", semantic="company"),
    Field("organizations.title", FieldType.TEXT, "Job title", semantic="title"),
    Field("organizations.department", FieldType.TEXT, "Department", semantic="department"),
    Field(BIRTHDAY, FieldType.DATE, "Birthday", semantic="birthday", yearless=True),
    Field(NOTES, FieldType.TEXT, "Notes", semantic="notes"),
    Field(URLS, FieldType.URLS, "Website", semantic="websites"),
    Field(ADDRESSES, FieldType.ADDRESS, "Address", semantic="address"),
    *(Field(f"{ADDRESSES}.{each}", FieldType.ADDRESS, f"Address ({each})") for each in ADDRESS_TYPES),
    Field(MEMBERSHIPS, FieldType.NAMES, "Labels"),
    containers={LABELS: Containers(field=MEMBERSHIPS)},
)

FIELDS: Final = tuple(_KNOWN.fields)
"""The fields that every mailbox has."""

ALL_PERSON_FIELDS: Final = tuple(sorted({name.partition(".")[0] for name in FIELDS} | {"userDefined"}))
"""The fields of a person that we may write."""


class PersonFields(Mapping[str, Field]):
    """Fields by name: those that are listed, and every key of ``userDefined`` that somebody asks for."""

    def __init__(self, listed: Mapping[str, Field]) -> None:
        self._listed = dict(listed)

    def __getitem__(self, name: str) -> Field:
        found = self._listed.get(name)
        if found is None and custom_key(name):
            return _custom(name)
        return self._listed[name] if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


def schema_with(custom: Iterable[str], labels: Iterable[str]) -> Schema:
    """The schema of a mailbox.

    Args:
        custom: keys of ``userDefined`` that are listed among the fields. labels: the names of the contact groups.
    """
    listed = {**_KNOWN.fields, **{name: _custom(name) for name in map(custom_field, custom)}}
    found = Containers(tuple(labels), field=MEMBERSHIPS)
    return replace(_KNOWN, fields=PersonFields(listed), containers={LABELS: found})


def custom_field(key: str) -> str:
    """The name of the field for a key of ``userDefined``."""
    return _CUSTOM + key


def custom_key(name: str) -> str:
    """The key of ``userDefined`` that a field is about, "" where it is about something else."""
    return name[len(_CUSTOM) :].strip() if name.startswith(_CUSTOM) else ""


def is_field(name: str) -> bool:
    """Whether persons have such a field."""
    return name in _KNOWN.fields or bool(custom_key(name))


def person_field(name: str) -> str:
    """The field of a person that a field of ours is in: what masks name."""
    return name.partition(".")[0]


def person_fields(names: Iterable[str]) -> frozenset[str]:
    """The fields of a person that these fields of ours are in; strangers are left out."""
    return frozenset(person_field(name) for name in names if is_field(name))


def mask_of(names: Collection[str]) -> str:
    """Fields of a person as a mask, always the same text for the same ones."""
    return ",".join(sorted(names))


def _custom(name: str) -> Field:
    return Field(name, FieldType.TEXT, custom_key(name))
