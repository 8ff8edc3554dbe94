"""The fields of an app's object: type, what may be done with them, and what they mean.

A connector declares (or reads from the app) a :class:`Schema`; a mapping is compiled from two of them. The
semantic name ties the same thing together across apps, so that N apps need N declarations and not N x N.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SEMANTICS: Final = (
    "given_name",
    "family_name",
    "full_name",
    "additional_name",
    "prefix",
    "suffix",
    "nickname",
    "emails",
    "phones",
    "websites",
    "company",
    "department",
    "title",
    "birthday",
    "notes",
    "address",
    "opted_out",
)
"""Everything that a field can mean to us. ``emails``, ``phones``: one multi-valued field, or several slots.
``address``: one field of type ADDRESS, or several TEXT fields with a ``part`` each."""


class FieldType(StrEnum):
    """What a field can hold."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    DATE = "date"  # "YYYY-MM-DD", or "--MM-DD" where the app knows no year
    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"
    EMAILS = "emails"  # tuple of Item
    PHONES = "phones"
    URLS = "urls"
    ADDRESS = "address"  # Postal
    OTHER = "other"  # seen, but not something we map


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object.

    Attributes:
        name: the app's own name, as it stands in its API.
        type: what it can hold.
        label: the app's name for people, "" where there is none.
        semantic: one of :data:`SEMANTICS`, or "" for a field that means nothing to us by itself.
        part: for address parts "street", "city", "region", "code" or "country", else "".
        slot: place among the fields of the same semantic (0 = the first choice), for e-mails and phones.
        item_label: what this slot is for ("work", "mobile", "home", "other", ""), in our spelling.
        writable: whether it may be changed through the API.
        required: whether a record cannot be created without it.
        max_length: longest text in characters, None where unlimited or unknown.
        choices: allowed values of a CHOICE, empty where unknown or open.
        yearless: for DATE: whether a date without a year can be stored.
    """

    name: str
    type: FieldType
    label: str = ""
    semantic: str = ""
    part: str = ""
    slot: int = 0
    item_label: str = ""
    writable: bool = True
    required: bool = False
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    yearless: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """All fields of one object, in the app's order."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    @classmethod
    def of(cls, *fields: Field) -> "Schema":
        """A schema of these fields."""
        return cls({each.name: each for each in fields})

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def meaning(self, semantic: str) -> tuple[Field, ...]:
        """The fields with this semantic, best slot first."""
        found = [each for each in self if each.semantic == semantic]
        return tuple(sorted(found, key=lambda each: each.slot))

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields without which no record can be created."""
        return tuple(each for each in self if each.required)
