"""Modules and their fields, with the metadata that ``settings/fields`` shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_JSON_TYPES = {
    "boolean": "boolean",
    "integer": "integer",
    **dict.fromkeys(("currency", "double", "percent", "formula", "rollup_summary"), "double"),
    **dict.fromkeys(("lookup", "ownerlookup", "userlookup", "consent_lookup", "layout"), "jsonobject"),
    **dict.fromkeys(
        ("multiselectpicklist", "multiselectlookup", "multiuserlookup", "subform", "fileupload", "imageupload"),
        "jsonarray",
    ),
}
SINGLE = frozenset({"multiselectlookup", "multiuserlookup", "subform"})
"""Kinds of fields that lists leave out."""
NUMBERS = {"Accounts": 2_177, "Contacts": 2_179, "Leads": 2_175, "Members": 3_401}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a module. ``system`` fields are set by Zoho alone; ``length`` is the most characters it takes.

    ``displays``: what people see of its choices, where that is another word. ``rich``: a text with mark-up.
    """

    name: str
    label: str
    kind: str = "text"
    length: int = 255
    mandatory: bool = False
    system: bool = False
    custom: bool = False
    unique: bool = False
    choices: tuple[str, ...] = ()
    target: str = ""
    displays: tuple[str, ...] = ()
    rich: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its fields, the fields whose value names a record, and what an upsert checks by default."""

    name: str
    number: int
    fields: Mapping[str, Field]
    check_field: str
    searched: tuple[str, ...] = ()
    emails: tuple[str, ...] = field(default=())
    phones: tuple[str, ...] = field(default=())
    custom: bool = False

    @property
    def name_field(self) -> str:
        """The field that a record is called by."""
        return {"Accounts": "Account_Name", "Contacts": "Full_Name", "Leads": "Full_Name"}.get(self.name, "Name")


@dataclass(frozen=True, slots=True)
class Rights:
    """What the API's user may do with fields, by name.

    ``hidden``: the profile does not show them, so that they are missing in every answer; ``read_only``: it shows them
    only, and what is written to them is ignored without a word; ``restricted``: the HIPAA setting hides their values,
    which come as null.
    """

    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()


def metadata(module: Module, base: int, rights: Rights = Rights()) -> list[dict[str, Any]]:
    """``settings/fields`` of a module; ids grow from ``base``."""
    return [
        {**_describe(f, str(base + module.number * 1_000 + place)), **_permitted(f, rights)}
        for place, f in enumerate(module.fields.values())
    ]


def _permitted(f: Field, rights: Rights) -> dict[str, Any]:
    """Where the profile takes something away: such fields are listed all the same."""
    changed: dict[str, Any] = {}
    if f.name in rights.hidden:
        changed |= {"visible": False, "view_type": dict.fromkeys(("view", "edit", "create", "quick_create"), False)}
    if f.name in rights.read_only:
        changed |= {"read_only": True}
    if f.name in rights.restricted:
        changed |= {"hipaa_compliance_enabled": True, "private": {"type": "High", "restricted": True, "export": False}}
    return changed


def _describe(f: Field, number: str) -> dict[str, Any]:
    base = int(number)
    described: dict[str, Any] = {
        "id": number,
        "api_name": f.name,
        "field_label": f.label,
        "display_label": f.label,
        "data_type": f.kind,
        "json_type": _JSON_TYPES.get(f.kind, "string"),
        "length": f.length,
        "decimal_place": 2 if f.kind == "currency" else None,
        "custom_field": f.custom,
        "system_mandatory": f.mandatory,
        "read_only": f.system,
        "field_read_only": f.system,
        "visible": True,
        "view_type": {"view": True, "edit": not f.system, "create": not f.system, "quick_create": f.mandatory},
        "operation_type": dict.fromkeys(("web_create", "web_update", "api_create", "api_update"), not f.system),
        "profiles": [{"id": str(base // 1_000_000 * 1_000_000 + 26_011), "name": "Administrator",
                      "permission_type": "read_only" if f.system else "read_write"}],
        "pick_list_values": [_choice(base, place, value, shown) for place, (value, shown) in enumerate(_choices(f))],
        "lookup": _lookup(f, base),
        "multiselectlookup": {},
        "unique": {"case_sensitive": "false", "casesensitive": "false"} if f.unique else {},
        "external": None,
        "private": None,
        "formula": {},
        "rollup_summary": {},
        "auto_number": {},
        "currency": {"rounding_option": "normal", "precision": 2} if f.kind == "currency" else {},
        "hipaa_compliance_enabled": False,
        "sortable": f.kind not in {"textarea", "profileimage"},
        "searchable": f.kind != "profileimage",
        "filterable": f.kind != "profileimage",
        "mass_update": not f.system and not f.unique,
        "virtual_field": False,
        "created_source": "default" if not f.custom else "crm",
        "modified_time": None,
        "type": "used",
        "ui_type": 1,
        "businesscard_supported": False,
        "webhook": True,
        "quick_sequence_number": None,
        "tooltip": None,
        "blueprint_supported": True,
        "history_tracking": None,
        "association_details": None,
        "additional_column": None,
        "display_field": f.name in {"Full_Name", "Account_Name"},
        "display_type": -1,
        "crypt": None,
    }  # fmt: skip
    if f.kind == "textarea":
        described["textarea"] = {"type": "rich_text" if f.rich else "large"}
    return described


def _choices(f: Field) -> list[tuple[str, str]]:
    return list(zip(f.choices, f.displays or f.choices, strict=True))


def _choice(base: int, place: int, value: str, shown: str) -> dict[str, Any]:
    return {
        "id": str(base + 500_000_000 + place),
        "display_value": shown,
        "actual_value": value,
        "reference_value": value,
        "sequence_number": place + 1,
        "colour_code": None,
        "type": "used",
    }


def _lookup(f: Field, number: int) -> dict[str, Any]:
    if not f.target:
        return {}
    return {
        "id": str(number + 600_000_000),
        "api_name": f.name,
        "display_label": f.label,
        "module": {"id": str(number // 100_000_000 * 100_000_000 + NUMBERS[f.target]), "api_name": f.target},
        "query_details": {},
        "revalidate_filter_during_edit": False,
    }
