"""The properties of contacts, and which values they take. All values travel as texts."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EMAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\"]+\.[^\s@.,;<>()\"]{2,}")
_DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Invalid(Exception):
    """A value that is not taken: HubSpot's code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Property:
    """One property. ``options``: value and label each; ``read_only``: HubSpot sets it by itself."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    read_only: bool = False
    hidden: bool = False
    calculated: bool = False
    unique: bool = False
    own: bool = False  # made by the account

    def shown(self) -> dict[str, Any]:
        """As the properties API shows it."""
        return {
            "name": self.name, "label": self.label, "type": self.type, "fieldType": self.field_type,
            "description": "", "groupName": "contactinformation",
            "options": [
                {"label": label, "value": value, "displayOrder": place, "hidden": False, "description": ""}
                for place, (value, label) in enumerate(self.options)
            ],
            "displayOrder": -1, "calculated": self.calculated, "externalOptions": self.name == "hubspot_owner_id",
            "hasUniqueValue": self.unique, "hidden": self.hidden, "hubspotDefined": not self.own,
            "formField": not self.read_only, "archived": False,
            "modificationMetadata": {
                "archivable": self.own, "readOnlyDefinition": not self.own, "readOnlyValue": self.read_only,
            },
            "createdAt": "2019-08-06T02:41:08.029Z", "updatedAt": "2019-08-06T02:41:08.029Z",
        }  # fmt: skip


STAGES = (
    ("subscriber", "Subscriber"), ("lead", "Lead"), ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"), ("opportunity", "Opportunity"), ("customer", "Customer"),
    ("evangelist", "Evangelist"), ("other", "Other"),
)  # fmt: skip
_YES_NO = (("true", "Yes"), ("false", "No"))

_STANDARD = (
    Property("email", "Email", unique=True),
    Property("firstname", "First Name"),
    Property("lastname", "Last Name"),
    Property("salutation", "Salutation"),
    Property("phone", "Phone Number", field_type="phonenumber"),
    Property("mobilephone", "Mobile Phone Number", field_type="phonenumber"),
    Property("fax", "Fax Number"),
    Property("company", "Company Name"),
    Property("jobtitle", "Job Title"),
    Property("address", "Street Address"),
    Property("city", "City"),
    Property("state", "State/Region"),
    Property("zip", "Postal Code"),
    Property("country", "Country/Region"),
    Property("website", "Website URL"),
    Property("date_of_birth", "Date of birth"),
    Property("message", "Message", field_type="textarea"),
    Property("lifecyclestage", "Lifecycle Stage", "enumeration", "radio", STAGES),
    Property("hs_lead_status", "Lead Status", "enumeration", "radio",
             (("NEW", "New"), ("OPEN", "Open"), ("IN_PROGRESS", "In Progress"), ("UNQUALIFIED", "Unqualified"))),
    Property("hubspot_owner_id", "Contact owner", "enumeration", "select"),
    Property("closedate", "Close Date", "datetime", "date"),
    Property("hs_email_optout", "Unsubscribed from all email", "bool", "booleancheckbox", _YES_NO, read_only=True),
    Property("hs_additional_emails", "Additional email addresses", "enumeration", "checkbox", read_only=True),
    Property("hs_full_name_or_email", "Full name or email", "string", "calculation_equation", read_only=True,
             calculated=True),
    Property("num_associated_deals", "Number of Associated Deals", "number", "calculation_rollup", read_only=True,
             calculated=True),
    Property("hs_object_id", "Record ID", "number", "number", read_only=True),
    Property("createdate", "Create Date", "datetime", "date", read_only=True),
    Property("lastmodifieddate", "Last Modified Date", "datetime", "date", read_only=True),
    Property("hs_merged_object_ids", "Merged record IDs", "enumeration", "checkbox", read_only=True, hidden=True),
    Property("hs_calculated_merged_vids", "Merged vids with timestamps", "enumeration", "calculation_equation",
             read_only=True, hidden=True, calculated=True),
)  # fmt: skip
_OWN = (
    Property("customer_number", "Customer Number", own=True),
    Property("topics", "Topics", "enumeration", "checkbox",
             (("events", "Events"), ("offers", "Offers"), ("product_news", "Product news")), own=True),
    Property("customer_since", "Customer since", "date", "date", own=True),
    Property("key_account", "Key account", "bool", "booleancheckbox", _YES_NO, own=True),
    Property("annual_spend", "Annual spend", "number", "number", own=True),
    Property("last_visit", "Last visit", "datetime", "date", own=True),
)  # fmt: skip

ALL: dict[str, Property] = {each.name: each for each in (*_STANDARD, *_OWN)}
DEFAULT = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
"""What reads show that ask for nothing."""

ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")


def stored(known: Property, value: str, owners: Iterable[str]) -> str:
    """The text that is stored for a given one; "" empties. Raises Invalid."""
    if known.read_only:
        raise Invalid("READ_ONLY_VALUE", f'"{known.name}" is a read only property; its value cannot be set.')
    if value == "":
        return ""
    if known.name == "email":
        if not _EMAIL.fullmatch(value.strip()):
            raise Invalid("INVALID_EMAIL", f"Email address {value} is invalid")
        return value.strip().lower()
    if known.name == "hubspot_owner_id":
        if value not in set(owners):
            raise Invalid("INVALID_OWNER_ID", f"Owner {value} does not exist")
        return value
    if len(value) > 65_536:
        raise Invalid("PROPERTY_VALUE_TOO_LONG", f"{known.name} is too long")
    made = _KINDS.get(known.type)
    return value if made is None else made(known, value)


def _number(known: Property, value: str) -> str:  # noqa: ARG001 - all kinds are called alike
    if not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value.strip()):
        raise Invalid("INVALID_INTEGER", f"{value} was not a valid number.")
    return value.strip()


def _day(known: Property, value: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return datetime.fromisoformat(value).date().isoformat()
        except ValueError:
            raise Invalid("INVALID_DATE", f"{value} is not a valid date") from None
    if re.fullmatch(r"-?\d{6,15}", value):
        if int(value) % _DAY_MS:
            raise Invalid("INVALID_DATE", f"{value} is not at midnight UTC for the {known.name} property")
        return iso(int(value))[:10]
    raise Invalid("INVALID_DATE", f"{value} is not a valid date")


def _moment(known: Property, value: str) -> str:  # noqa: ARG001 - all kinds are called alike
    if re.fullmatch(r"-?\d{6,15}", value):
        return iso(int(value))
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise Invalid("INVALID_DATE", f"{value} was not a valid long") from None
    if read.tzinfo is None:
        raise Invalid("INVALID_DATE", f"{value} has no time zone")
    return iso(round(read.timestamp() * 1000))


def _options(known: Property, value: str) -> str:
    allowed = {each for each, _ in known.options}
    parts = value.split(";") if known.field_type == "checkbox" else [value]
    parts = [each for each in parts if each]
    if wrong := [each for each in parts if each not in allowed]:
        raise Invalid("INVALID_OPTION", f"{wrong[0]} was not one of the allowed options: {sorted(allowed)}")
    return ";".join(dict.fromkeys(parts))


_KINDS: dict[str, Callable[[Property, str], str]] = {
    "number": _number, "date": _day, "datetime": _moment, "enumeration": _options, "bool": _options,
}  # fmt: skip


def iso(moment: int) -> str:
    """Milliseconds since 1970 as HubSpot writes them."""
    read = _EPOCH + timedelta(milliseconds=moment)
    return read.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def millis(text: str) -> int:
    """The milliseconds of a moment in any spelling that is taken. Raises ValueError."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    read = datetime.fromisoformat(text)
    return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)
