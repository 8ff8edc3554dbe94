"""HubSpot's properties of contacts as a schema, with what the standard ones mean to us. Pure.

Source: ``GET /crm/v3/properties/contacts``. Options travel by their values; their labels are for people, may be renamed
and translated, and are not looked at. Hidden properties are HubSpot's own bookkeeping and left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from zohosyncd.core.record import Owner
from zohosyncd.core.schema import Containers, Field, FieldType, Schema

EMAIL: Final = "email"
OWNER: Final = "hubspot_owner_id"
CREATED: Final = "createdate"
MODIFIED: Final = "lastmodifieddate"
OPTED_OUT: Final = "hs_email_optout"
STAGE: Final = "lifecyclestage"
MERGED: Final = "hs_merged_object_ids"
LISTS: Final = "Lists"
ACTIVE: Final = "ActiveLists"
"""Which static and active lists a contact is in. Names of properties are in lower case, so none is called like this."""

LONGEST: Final = 65_536
"""Characters of a text (vendor: property validations)."""


class Option(msgspec.Struct, frozen=True, rename="camel"):
    """A choice: ``value`` travels."""

    value: str = ""
    display_order: int = -1
    hidden: bool | None = None


class Modification(msgspec.Struct, frozen=True, rename="camel"):
    """What may be done with a property."""

    read_only_value: bool = False


class PropertyInfo(msgspec.Struct, frozen=True, rename="camel"):
    """One property of the metadata, as far as we use it."""

    name: str
    type: str = ""
    field_type: str = ""
    label: str = ""
    options: list[Option] | None = None
    hidden: bool | None = None
    calculated: bool | None = None
    archived: bool | None = None
    modification_metadata: Modification | None = None

    @property
    def writable(self) -> bool:
        """Whether its value may be set."""
        return not self.calculated and not (self.modification_metadata or Modification()).read_only_value


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a property means: the words of ``core.schema.Field``."""

    semantic: str
    part: str = ""
    slot: int = 0
    label: str = ""


_MEANINGS: Final[Mapping[str, Meaning]] = {
    "salutation": Meaning("prefix"),
    "firstname": Meaning("given_name"),
    "lastname": Meaning("family_name"),
    EMAIL: Meaning("emails"),
    "phone": Meaning("phones", label="work"),
    "mobilephone": Meaning("phones", slot=1, label="mobile"),
    "company": Meaning("company"),
    "jobtitle": Meaning("title"),
    "address": Meaning("address", part="street"),
    "city": Meaning("address", part="city"),
    "state": Meaning("address", part="region"),
    "zip": Meaning("address", part="code"),
    "country": Meaning("address", part="country"),
    "website": Meaning("websites"),
    "date_of_birth": Meaning("birthday"),  # a text in most accounts: then it only shows what the other app knows
    OPTED_OUT: Meaning("opted_out"),
}
_SPECIAL: Final = {
    EMAIL: FieldType.EMAIL, "phone": FieldType.PHONE, "mobilephone": FieldType.PHONE, "website": FieldType.URL,
    OWNER: FieldType.OWNER, OPTED_OUT: FieldType.BOOLEAN,
}  # fmt: skip
_TYPES: Final = {
    "string": FieldType.TEXT, "number": FieldType.NUMBER, "date": FieldType.DATE, "datetime": FieldType.MOMENT,
    "bool": FieldType.BOOLEAN, "phone_number": FieldType.PHONE,
}  # fmt: skip
_SEVERAL: Final = "checkbox"
_WITH_LENGTH: Final = frozenset({FieldType.TEXT, FieldType.PHONE, FieldType.URL})


@dataclass(frozen=True, slots=True)
class ContactSchema(Schema):
    """The schema of contacts. ``stages``: the lifecycle stages, which contacts go through in this order."""

    stages: tuple[str, ...] = ()


def schema_of(
    infos: Iterable[PropertyInfo], *, owners: Sequence[Owner] | None, lists: Sequence[str] | None
) -> ContactSchema:
    """The schema of the properties.

    Args:
        infos: the metadata. owners: who can own contacts, None where the login may not know.
        lists: names of the static lists, None where the login may not see lists: then there are none for us.
    """
    known = [each for each in infos if not each.archived and not each.hidden]
    fields = {each.name: _field(each) for each in known}
    containers: dict[str, Containers] = {}
    if lists is not None:
        fields[LISTS] = Field(LISTS, FieldType.NAMES, label="Static lists")
        fields[ACTIVE] = Field(ACTIVE, FieldType.NAMES, label="Active lists", writable=False)
        containers = lists_with(lists)
    return ContactSchema(
        fields,
        containers,
        OWNER if OWNER in fields else "",
        tuple(owners) if OWNER in fields and owners is not None else None,
        CREATED if CREATED in fields else "",
        stages=next((_ordered(each.options) for each in known if each.name == STAGE), ()),
    )


def lists_with(names: Sequence[str] | None) -> dict[str, Containers]:
    """The kind of containers that HubSpot has. ``names``: of the static lists, None where they are not known."""
    return {"lists": Containers(None if names is None else tuple(names), creatable=True, field=LISTS)}


def _field(info: PropertyInfo) -> Field:
    kind = _kind(info)
    meaning = _MEANINGS.get(info.name, Meaning(""))
    # Its value is never set: it follows from what is written to the subscriptions.
    writable = info.name == OPTED_OUT or (info.writable and kind is not FieldType.OTHER)
    return Field(
        info.name,
        kind,
        label=info.label,
        semantic=meaning.semantic if kind is not FieldType.OTHER else "",
        part=meaning.part,
        slot=meaning.slot,
        item_label=meaning.label,
        writable=writable,
        max_length=LONGEST if kind in _WITH_LENGTH and writable else None,
        choices=_ordered(info.options) if kind in {FieldType.CHOICE, FieldType.NAMES} else (),
    )


def _kind(info: PropertyInfo) -> FieldType:
    if info.name in _SPECIAL:
        return _SPECIAL[info.name]
    if info.type == "enumeration":
        if info.field_type == "booleancheckbox":
            return FieldType.BOOLEAN
        return FieldType.NAMES if info.field_type == _SEVERAL else FieldType.CHOICE
    return _TYPES.get(info.type, FieldType.OTHER)


def _ordered(options: Sequence[Option] | None) -> tuple[str, ...]:
    """The values that may be chosen, as people see them ordered; those without a place come last."""
    shown = [each for each in options or () if each.value and not each.hidden]
    return tuple(each.value for each in sorted(shown, key=lambda each: (each.display_order < 0, each.display_order)))
