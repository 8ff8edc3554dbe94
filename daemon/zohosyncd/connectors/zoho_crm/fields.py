"""Zoho's fields metadata as a schema, with what the standard fields mean to us. Pure.

Source: ``GET /crm/v8/settings/fields?module=``. A type that we do not know is shown by the kind of JSON that it travels
as, and never written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from zohosyncd.connectors.zoho_crm.meanings import Meaning, meanings_of
from zohosyncd.core.record import Owner
from zohosyncd.core.schema import Containers, Field, FieldType, Schema

TAG: Final = "Tag"
OWNER: Final = "Owner"
CREATED: Final = "Created_Time"
COMPANY: Final = "Account_Name"
LONGEST_TAG: Final = 25
MOST_TAGS: Final = 10
"""Characters of a tag's name, and tags of a record (vendor: tags)."""

EMPTY_CHOICE: Final = "-None-"
"""How a picklist spells "nothing" among its values; in records it is null."""


class Choice(msgspec.Struct, frozen=True):
    """A picklist value: ``actual_value`` travels, the display value is a translation."""

    actual_value: str | None = None
    type: str | None = None
    display_value: str | None = None


class Operations(msgspec.Struct, frozen=True):
    """What the API may do with a field."""

    api_create: bool = True
    api_update: bool = True


class TextArea(msgspec.Struct, frozen=True):
    """What kind of text of several lines it is: small, large or rich_text."""

    type: str | None = None


class Target(msgspec.Struct, frozen=True):
    """The module that a lookup points to."""

    api_name: str | None = None


class Lookup(msgspec.Struct, frozen=True):
    """Where a lookup points to; empty for other fields."""

    module: Target | None = None


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
    json_type: str | None = None
    textarea: TextArea | None = None
    lookup: Lookup | None = None
    hipaa_compliance_enabled: bool | None = None

    @property
    def writable(self) -> bool:
        """Whether our user may change it: neither the field, nor the profile, nor the API forbids it."""
        operations = self.operation_type or Operations()
        forbidden = self.field_read_only or self.read_only or self.visible is False
        return not forbidden and operations.api_create and operations.api_update

    @property
    def locked(self) -> bool:
        """Whether it is the profile of our user that forbids it: what is written to it is ignored without a word."""
        return not self.writable and not self.field_read_only

    @property
    def is_rich(self) -> bool:
        """Whether it is rich text, of which lists show the beginning, or nothing."""
        return self.data_type == "textarea" and self.textarea is not None and self.textarea.type == "rich_text"


@dataclass(frozen=True, slots=True)
class ModuleSchema(Schema):
    """The schema of a module, with what a reader of its records has to know.

    Attributes:
        hidden: fields whose null may hide a value (HIPAA): such a null was not read.
        rich: rich texts: whole only by a call of their own. single: fields that only a read of one record shows.
        targets: for each lookup that is written, by name, the module that it points to.
    """

    hidden: frozenset[str] = frozenset()
    rich: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()
    targets: Mapping[str, str] = field(default_factory=dict)


_TEXTS: Final = frozenset({"text", "textarea", "bigint", "autonumber"})  # bigint and autonumber travel as text
_TYPES: Final = {
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "website": FieldType.URL,
    "date": FieldType.DATE,
    "boolean": FieldType.BOOLEAN,
    "picklist": FieldType.CHOICE,
    "multiselectpicklist": FieldType.NAMES,
    "datetime": FieldType.MOMENT,
    **dict.fromkeys(("integer", "double", "currency", "percent"), FieldType.NUMBER),
    **dict.fromkeys(_TEXTS, FieldType.TEXT),
    # Shown as the names of what they point to.
    **dict.fromkeys(("multiselectlookup", "multiuserlookup"), FieldType.NAMES),
    **dict.fromkeys(("lookup", "ownerlookup", "userlookup", "consent_lookup", "layout"), FieldType.TEXT),
    # Shown as the names of the files, and the values of the rows.
    **dict.fromkeys(("fileupload", "imageupload", "subform"), FieldType.TEXT),
    "profileimage": FieldType.OTHER,  # a word that means nothing outside Zoho
}
_BY_JSON: Final = {
    "string": FieldType.TEXT,
    "integer": FieldType.NUMBER,
    "double": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "jsonobject": FieldType.TEXT,
    "jsonarray": FieldType.TEXT,
}
"""How a type that we have no word for is shown: formulas, roll-ups, and what Zoho will think of."""

_WRITTEN: Final = frozenset(
    {"text", "textarea", "bigint", "email", "phone", "website", "date", "boolean", "picklist", "multiselectpicklist",
     "datetime", "integer", "double", "currency", "percent"}
)  # fmt: skip
"""The types whose values we can make: others point to something, or are computed."""

SINGLE: Final = frozenset({"multiselectlookup", "multiuserlookup", "subform"})
"""Types that lists leave out: only the read of one record alone shows them (vendor: get records)."""

_WITH_LENGTH: Final = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL})


def schema_of(
    module: str,
    infos: Sequence[FieldInfo],
    *,
    tags: Sequence[str] | None = None,
    owners: Sequence[Owner] | None = None,
    companies: bool = False,
) -> ModuleSchema:
    """The schema of a module from its metadata.

    Args:
        module: API name; the standard fields of those in :data:`MODULES` have meanings.
        infos: the metadata, in Zoho's order.
        tags: names of the module's tags, None where the login may not list them.
        owners: the active users, None where the login may not list them.
        companies: whether a contact's company is written, by the name of its Account.
    """
    known = [info for info in infos if info.api_name != "id"]
    meanings = meanings_of(module, {info.api_name: info.data_type for info in known})
    targets = {
        info.api_name: info.lookup.module.api_name
        for info in known
        if info.data_type == "lookup" and info.lookup and info.lookup.module and info.lookup.module.api_name
        if companies or info.api_name != COMPANY
    }
    fields = [_field(info, meanings.get(info.api_name), points=info.api_name in targets) for info in known]
    types = {each.name: each.type for each in fields}
    owned = types.get(OWNER) is FieldType.OWNER
    return ModuleSchema(
        {each.name: each for each in _one_each(fields)},
        tags_with(tags) if types.get(TAG) is FieldType.NAMES else {},
        OWNER if owned else "",
        tuple(owners) if owned and owners is not None else None,
        CREATED if types.get(CREATED) is FieldType.MOMENT else "",
        hidden=hidden_of(known),
        rich=frozenset(info.api_name for info in known if info.is_rich),
        single=frozenset(info.api_name for info in known if info.data_type in SINGLE),
        targets=targets,
    )


def hidden_of(infos: Iterable[FieldInfo]) -> frozenset[str]:
    """Fields whose null may hide a value, by their metadata."""
    return frozenset(info.api_name for info in infos if info.hipaa_compliance_enabled)


def tags_with(names: Sequence[str] | None) -> dict[str, Containers]:
    """The kind of containers that Zoho has. ``names``: of the tags there are, None where they are not known."""
    known = None if names is None else tuple(names)
    return {"tags": Containers(known, creatable=True, max_length=LONGEST_TAG, field=TAG, most=MOST_TAGS)}


def _field(info: FieldInfo, meaning: Meaning | None, *, points: bool) -> Field:
    if info.api_name == TAG:
        # System data to the metadata, which knows nothing of the tag actions.
        return Field(TAG, FieldType.NAMES, label=info.display_label or info.field_label or "")
    by_json = _BY_JSON.get(info.json_type or "", FieldType.OTHER)
    kind = _special(info) or _TYPES.get(info.data_type, by_json)
    writable = info.writable and (kind is FieldType.OWNER or points or info.data_type in _WRITTEN)
    known = meaning or Meaning("")
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
        max_length=info.length if kind in _WITH_LENGTH and writable and not points and info.length else None,
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
            result.append(replace(each, semantic="", part="", slot=0, item_label=""))
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
