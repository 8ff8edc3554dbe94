"""The fields of an app's object: type, what may be done with them, and what they mean.

A connector declares (or reads from the app) a :class:`Schema`; a mapping is compiled from two of them. The
semantic name ties the same thing together across apps, so that N apps need N declarations and not N x N.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from zohosyncd.core.record import Owner

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
    NAMES = "names"  # tuple of Item without labels: the tags, labels, groups or lists it is in; several choices
    OWNER = "owner"  # Owner
    MOMENT = "moment"  # "YYYY-MM-DDTHH:MM:SS+HH:MM"
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
        choices: allowed values of a CHOICE, or of NAMES that are choices; empty where unknown or open.
        yearless: for DATE: whether a date without a year can be stored.
        wanted_by: forms of the app that want it filled, by name: it may refuse a record that lacks it.
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
    wanted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Containers:
    """One kind of container of an app: its tags, labels, groups, lists or categories.

    Attributes:
        names: the existing ones, None where they are not known.
        creatable: whether adding a record to one that does not exist makes it.
        max_length: longest name in characters, None where unlimited.
        field: the field of type NAMES that shows which ones a record is in, and takes the wished ones in a write.
        most: how many of them a record can be in, None where unlimited.
    """

    names: tuple[str, ...] | None = None
    creatable: bool = True
    max_length: int | None = None
    field: str = ""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentFields:
    """Where an app tells more about consent than a flag that means ``opted_out``.

    Attributes:
        state: a CHOICE with the words of ``core.consent.ConsentState``. states: those that may be written.
        at, source: when and where the person acted, "" where the app does not tell.
    """

    state: str
    states: tuple[str, ...] = ()
    at: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """All fields of one object, in the app's order, and what some of them are for.

    Attributes:
        containers: the kinds of containers by the app's word for them ("tags", "labels"); the best one for tags of our
            own comes first.
        owner: the field of type OWNER, "" if records have none. owners: who can own records, None where not known.
        created: the field of type MOMENT that tells when a record was made, "" if none does.
        consent: where consent stands, None where there is no more than a flag, or nothing.
        locked: fields that the app does not let us write any more, although it did, or may have done so, when we wrote
            them last: what they show is no answer to that. It may change while the schema is in use.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    containers: Mapping[str, Containers] = field(default_factory=dict)
    owner: str = ""
    owners: tuple[Owner, ...] | None = None
    created: str = ""
    consent: ConsentFields | None = None
    locked: set[str] = field(default_factory=set, compare=False)

    @classmethod
    def of(
        cls,
        *fields: Field,
        containers: Mapping[str, Containers] | None = None,
        owner: str = "",
        owners: tuple[Owner, ...] | None = None,
        created: str = "",
        consent: ConsentFields | None = None,
    ) -> "Schema":
        """A schema of these fields."""
        return cls({each.name: each for each in fields}, containers or {}, owner, owners, created, consent)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def meaning(self, semantic: str) -> tuple[Field, ...]:
        """The fields with this semantic, best slot first."""
        found = [each for each in self if each.semantic == semantic]
        return tuple(sorted(found, key=lambda each: each.slot))

    def is_consent(self, name: str) -> bool:
        """Whether a field says if the person may be sent e-mails: such a field is no value among others."""
        if self.consent is not None and name == self.consent.state:
            return True
        found = self.fields.get(name)
        return found is not None and found.semantic == "opted_out"

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields without which no record can be created."""
        return tuple(each for each in self if each.required)
