"""The fields of Contacts and Accounts, with the metadata that ``settings/fields`` shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_JSON_TYPES = {
    "boolean": "boolean",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "integer": "integer",
    "currency": "double",
    "double": "double",
    "multiselectpicklist": "jsonarray",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a module. ``system`` fields are set by Zoho alone; ``length`` is the most characters it takes."""

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


_LEAD_SOURCES = ("-None-", "Advertisement", "Cold Call", "Employee Referral", "External Referral", "Online Store",
                 "Partner", "Public Relations", "Sales Email Alias", "Seminar Partner", "Internal Seminar",
                 "Trade Show", "Web Download", "Web Research", "Chat")  # fmt: skip
_GROUPS = ("-None-", "Wholesale", "Retail", "Press", "Partner")
_INTERESTS = ("Machines", "Spare parts", "Training")
_NUMBERS = {"Accounts": 2_177, "Contacts": 2_179}
_SALUTATIONS = ("-None-", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")


def _phone(name: str, label: str) -> Field:
    return Field(name, label, "phone", 30)


def _system(name: str, label: str, kind: str, **more: Any) -> Field:
    return Field(name, label, kind, system=True, **more)


def _address(prefix: str, label: str) -> list[Field]:
    parts = (("Street", 250), ("City", 100), ("State", 100), ("Zip", 30), ("Country", 100))
    return [Field(f"{prefix}_{part}", f"{label} {part}", "text", length) for part, length in parts]


_STAMPS = [
    _system("Created_By", "Created By", "ownerlookup", length=120),
    _system("Modified_By", "Modified By", "ownerlookup", length=120),
    _system("Created_Time", "Created Time", "datetime"),
    _system("Modified_Time", "Modified Time", "datetime"),
    _system("Last_Activity_Time", "Last Activity Time", "datetime"),
    _system("Tag", "Tag", "text", length=2000),
]

_CONTACTS = [
    Field("Owner", "Contact Owner", "ownerlookup", 120),
    Field("Salutation", "Salutation", "picklist", 120, choices=_SALUTATIONS),
    Field("First_Name", "First Name", "text", 40),
    Field("Last_Name", "Last Name", "text", 80, mandatory=True),
    _system("Full_Name", "Full Name", "text", length=120),
    Field("Account_Name", "Account Name", "lookup", 200, target="Accounts"),
    Field("Email", "Email", "email", 100),
    Field("Secondary_Email", "Secondary Email", "email", 100),
    Field("Title", "Title", "text", 100),
    Field("Department", "Department", "text", 50),
    _phone("Phone", "Phone"),
    _phone("Mobile", "Mobile"),
    _phone("Home_Phone", "Home Phone"),
    _phone("Other_Phone", "Other Phone"),
    Field("Fax", "Fax", "text", 30),
    Field("Assistant", "Assistant", "text", 40),
    _phone("Asst_Phone", "Asst Phone"),
    Field("Date_of_Birth", "Date of Birth", "date", 20),
    Field("Lead_Source", "Lead Source", "picklist", 120, choices=_LEAD_SOURCES),
    Field("Skype_ID", "Skype ID", "text", 50),
    Field("Twitter", "Twitter", "text", 50),
    Field("Email_Opt_Out", "Email Opt Out", "boolean", 5),
    *_address("Mailing", "Mailing"),
    *_address("Other", "Other"),
    Field("Description", "Description", "textarea", 32_000),
    *_STAMPS,
    _system("Unsubscribed_Mode", "Unsubscribed Mode", "picklist", length=120),
    _system("Unsubscribed_Time", "Unsubscribed Time", "datetime"),
    _system("Change_Log_Time__s", "Change Log Time", "datetime"),
    _system("Record_Status__s", "Record Status", "picklist", length=120),
    _system("Locked__s", "Locked", "boolean", length=5),
    _system("Record_Image", "Contact Image", "profileimage"),
    Field("Customer_Number", "Customer Number", "text", 60, custom=True),
    Field("Customer_Group", "Customer Group", "picklist", 120, custom=True, choices=_GROUPS),
    Field("Language", "Language", "text", 20, custom=True),
    Field("Discount", "Discount", "double", 5, custom=True),
    Field("Customer_Since", "Customer Since", "date", 20, custom=True),
    Field("Key_Account", "Key Account", "boolean", 5, custom=True),
    Field("Profile_Page", "Profile Page", "website", 450, custom=True),
    Field("Interests", "Interests", "multiselectpicklist", 120, custom=True, choices=_INTERESTS),
]

_ACCOUNTS = [
    Field("Owner", "Account Owner", "ownerlookup", 120),
    Field("Account_Name", "Account Name", "text", 200, mandatory=True),
    _phone("Phone", "Phone"),
    Field("Website", "Website", "website", 255),
    Field("Industry", "Industry", "picklist", 120, choices=("-None-", "Education", "Manufacturing", "Technology")),
    Field("Employees", "Employees", "integer", 9),
    Field("Annual_Revenue", "Annual Revenue", "currency", 16),
    *[f for prefix in ("Billing", "Shipping") for f in _address(prefix, prefix) if not f.name.endswith("_Zip")],
    Field("Billing_Code", "Billing Code", "text", 30),
    Field("Shipping_Code", "Shipping Code", "text", 30),
    Field("Description", "Description", "textarea", 32_000),
    *_STAMPS,
]


def modules(unique: frozenset[str] = frozenset(), custom: tuple[Field, ...] = ()) -> dict[str, Module]:
    """Contacts and Accounts; ``unique`` fields of Contacts forbid duplicates, ``custom`` ones are added to it."""
    contacts = {f.name: f for f in (*_CONTACTS, *custom)}
    if strangers := unique - contacts.keys():
        message = f"no such field of Contacts: {', '.join(sorted(strangers))}"
        raise ValueError(message)
    for name in unique:
        old = contacts[name]
        contacts[name] = Field(old.name, old.label, old.kind, old.length, old.mandatory, custom=old.custom, unique=True)
    emails = tuple(name for name, f in contacts.items() if f.kind == "email")
    phones = tuple(name for name, f in contacts.items() if f.kind == "phone")
    words = (*emails, *phones, "First_Name", "Last_Name", "Full_Name", "Customer_Number")
    return {
        "Contacts": Module("Contacts", _NUMBERS["Contacts"], contacts, "Email", words, emails, phones),
        "Accounts": Module(
            "Accounts",
            _NUMBERS["Accounts"],
            {f.name: f for f in _ACCOUNTS},
            "Account_Name",
            ("Account_Name", "Phone"),
            (),
            ("Phone",),
        ),
    }


def metadata(module: Module, base: int) -> list[dict[str, Any]]:
    """``settings/fields`` of a module; ids grow from ``base``."""
    return [_describe(f, str(base + module.number * 1_000 + place)) for place, f in enumerate(module.fields.values())]


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
        "pick_list_values": [_choice(base, place, value) for place, value in enumerate(f.choices)],
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
        described["textarea"] = {"type": "large"}
    return described


def _choice(base: int, place: int, value: str) -> dict[str, Any]:
    return {
        "id": str(base + 500_000_000 + place),
        "display_value": value,
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
        "module": {"id": str(number // 100_000_000 * 100_000_000 + _NUMBERS[f.target]), "api_name": f.target},
        "query_details": {},
        "revalidate_filter_during_edit": False,
    }
