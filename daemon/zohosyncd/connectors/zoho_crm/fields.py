"""Zoho's fields metadata as a schema, with what the standard fields mean to us. Pure.

Source: ``GET /crm/v8/settings/fields?module=``. Types that we do not know become OTHER and are never written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from zohosyncd.core.record import Owner
from zohosyncd.core.schema import Containers, Field, FieldType, Schema

TAG: Final = "Tag"
OWNER: Final = "Owner"
CREATED: Final = "Created_Time"
LONGEST_TAG: Final = 25
MOST_TAGS: Final = 10
"""Characters of a tag's name, and tags of a record (vendor: tags)."""

EMPTY_CHOICE: Final = "-None-"
"""How a picklist spells "nothing" among its values; in records it is null."""


class Choice(msgspec.Struct, frozen=True):
    """A picklist value: ``actual_value`` travels, the display value is a translation."""

    actual_value: str | None = None
    type: str | None = None


class Operations(msgspec.Struct, frozen=True):
    """What the API may do with a field."""

    api_create: bool = True
    api_update: bool = True


class FieldInfo(msgspec.Struct, frozen=True):
    """One field of the metadata, as far as we use it."""

    api_name: str
    data_type: str = ""
    field_label: str | None = None
    display_label: str | None = None
    length: int | None = None
    system_mandatory: bool | None = None
    read_only: bool | None = None
    field_read_only: bool | None = None
    visible: bool | None = None
    operation_type: Operations | None = None
    pick_list_values: list[Choice] | None = None

    @property
    def writable(self) -> bool:
        """Whether our user may change it: neither the field, nor the profile, nor the API forbids it."""
        operations = self.operation_type or Operations()
        forbidden = self.field_read_only or self.read_only or self.visible is False
        return not forbidden and operations.api_create and operations.api_update


@dataclass(frozen=True, slots=True)
class _Meaning:
    semantic: str
    part: str = ""
    slot: int = 0
    label: str = ""


_PERSON: Final = {
    "Salutation": _Meaning("prefix"),
    "First_Name": _Meaning("given_name"),
    "Last_Name": _Meaning("family_name"),
    "Full_Name": _Meaning("full_name"),
    "Email": _Meaning("emails"),
    "Secondary_Email": _Meaning("emails", slot=1, label="other"),
    "Phone": _Meaning("phones", label="work"),
    "Mobile": _Meaning("phones", slot=1, label="mobile"),
    "Home_Phone": _Meaning("phones", slot=2, label="home"),
    "Other_Phone": _Meaning("phones", slot=3, label="other"),
    "Title": _Meaning("title"),
    "Description": _Meaning("notes"),
    "Email_Opt_Out": _Meaning("opted_out"),
}
_CONTACT: Final = {
    **_PERSON,
    "Department": _Meaning("department"),
    "Account_Name": _Meaning("company"),
    "Date_of_Birth": _Meaning("birthday"),
    "Mailing_Street": _Meaning("address", part="street"),
    "Mailing_City": _Meaning("address", part="city"),
    "Mailing_State": _Meaning("address", part="region"),
    "Mailing_Zip": _Meaning("address", part="code"),
    "Mailing_Country": _Meaning("address", part="country"),
}
_LEAD: Final = {
    **_PERSON,
    "Title": _Meaning("title"),
    "Designation": _Meaning("title"),
    "Company": _Meaning("company"),
    "Website": _Meaning("websites"),
    "Street": _Meaning("address", part="street"),
    "City": _Meaning("address", part="city"),
    "State": _Meaning("address", part="region"),
    "Zip_Code": _Meaning("address", part="code"),
    "Country": _Meaning("address", part="country"),
}
_ACCOUNT: Final = {
    "Account_Name": _Meaning("company"),
    "Phone": _Meaning("phones", label="work"),
    "Website": _Meaning("websites"),
    "Description": _Meaning("notes"),
    "Billing_Street": _Meaning("address", part="street"),
    "Billing_City": _Meaning("address", part="city"),
    "Billing_State": _Meaning("address", part="region"),
    "Billing_Code": _Meaning("address", part="code"),
    "Billing_Country": _Meaning("address", part="country"),
}
MODULES: Final[Mapping[str, Mapping[str, _Meaning]]] = {"Contacts": _CONTACT, "Leads": _LEAD, "Accounts": _ACCOUNT}
"""The modules that can be synced, and what their standard fields mean. Labels may be renamed, API names stay."""

_TEXTS: Final = frozenset({"text", "textarea", "bigint", "autonumber"})  # bigint and autonumber travel as text
_TYPES: Final = {
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "website": FieldType.URL,
    "date": FieldType.DATE,
    "boolean": FieldType.BOOLEAN,
    "picklist": FieldType.CHOICE,
    **dict.fromkeys(("integer", "double", "currency", "percent"), FieldType.NUMBER),
    **dict.fromkeys(_TEXTS, FieldType.TEXT),
    # Several choices at once, and times: rules ask for them, and they travel to the other side. Not written.
    "multiselectpicklist": FieldType.NAMES,
    "datetime": FieldType.MOMENT,
    # Shown as the name of what they point to; they are written by id, which is not ours to choose.
    **dict.fromkeys(("lookup", "ownerlookup", "userlookup"), FieldType.TEXT),
}
_LOOKUPS: Final = frozenset({"lookup", "ownerlookup", "userlookup"})
_NEVER_WRITTEN: Final = _LOOKUPS | {"autonumber", "multiselectpicklist", "datetime"}
_WITH_LENGTH: Final = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL})


def schema_of(
    module: str,
    infos: Sequence[FieldInfo],
    *,
    tags: Sequence[str] | None = None,
    owners: Sequence[Owner] | None = None,
) -> Schema:
    """The schema of a module from its metadata.

    Args:
        module: API name, one of :data:`MODULES`.
        infos: the metadata, in Zoho's order.
        tags: names of the module's tags, None where the login may not list them.
        owners: the active users, None where the login may not list them.
    """
    meanings = MODULES.get(module, {})
    fields = [_field(info, meanings.get(info.api_name)) for info in infos if info.api_name != "id"]
    types = {each.name: each.type for each in fields}
    owned = types.get(OWNER) is FieldType.OWNER
    return Schema.of(
        *_one_each(fields),
        containers=tags_with(tags) if types.get(TAG) is FieldType.NAMES else {},
        owner=OWNER if owned else "",
        owners=tuple(owners) if owned and owners is not None else None,
        created=CREATED if types.get(CREATED) is FieldType.MOMENT else "",
    )


def tags_with(names: Sequence[str] | None) -> dict[str, Containers]:
    """The kind of containers that Zoho has. ``names``: of the tags there are, None where they are not known."""
    known = None if names is None else tuple(names)
    return {"tags": Containers(known, creatable=True, max_length=LONGEST_TAG, field=TAG, most=MOST_TAGS)}


def _field(info: FieldInfo, meaning: _Meaning | None) -> Field:
    if info.api_name == TAG:
        # System data to the metadata, which knows nothing of the tag actions.
        return Field(TAG, FieldType.NAMES, label=info.display_label or info.field_label or "")
    kind = _special(info) or _TYPES.get(info.data_type, FieldType.OTHER)
    given = kind is FieldType.OWNER or info.data_type not in _NEVER_WRITTEN
    writable = info.writable and given and kind is not FieldType.OTHER
    known = meaning or _Meaning("")
    return Field(
        info.api_name,
        kind,
        label=info.display_label or info.field_label or "",
        semantic=known.semantic if kind is not FieldType.OTHER else "",
        part=known.part,
        slot=known.slot,
        item_label=known.label,
        writable=writable,
        required=bool(info.system_mandatory) and writable,
        max_length=info.length if kind in _WITH_LENGTH and writable and info.length else None,
        choices=_choices(info) if kind in {FieldType.CHOICE, FieldType.NAMES} else (),
    )


def _special(info: FieldInfo) -> FieldType | None:
    """The field that rules ask for by a word of its own; others of its kind stay as they are."""
    return FieldType.OWNER if info.api_name == OWNER and info.data_type == "ownerlookup" else None


def _one_each(fields: Sequence[Field]) -> list[Field]:
    """Leads have had both Title and Designation for the same thing: the first one keeps the meaning."""
    seen: set[tuple[str, str, int]] = set()
    result = []
    for each in fields:
        key = (each.semantic, each.part, each.slot)
        if each.semantic and key in seen:
            result.append(Field(each.name, each.type, each.label, writable=each.writable, required=each.required,
                                max_length=each.max_length, choices=each.choices))  # fmt: skip
            continue
        seen.add(key)
        result.append(each)
    return result


def _choices(info: FieldInfo) -> tuple[str, ...]:
    """The values that may be written. Values no longer in use may still stand in records."""
    return tuple(
        choice.actual_value
        for choice in info.pick_list_values or ()
        if choice.actual_value and choice.actual_value != EMPTY_CHOICE and choice.type != "unused"
    )
