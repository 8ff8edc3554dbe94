"""What a contact is: its properties with their types and limits, and what the server makes of what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .answers import GraphError, bad, moment

TEXTS = (
    "assistantName", "businessHomePage", "companyName", "department", "displayName", "fileAs", "generation",
    "givenName", "initials", "jobTitle", "manager", "middleName", "mobilePhone", "nickName", "officeLocation",
    "personalNotes", "profession", "spouseName", "surname", "title", "yomiCompanyName", "yomiGivenName", "yomiSurname",
)  # fmt: skip
LISTS: Mapping[str, int | None] = {
    "businessPhones": 2, "homePhones": 2, "imAddresses": 3, "categories": None, "children": None,
}  # fmt: skip
EMAILS, MOST_EMAILS, LONGEST = "emailAddresses", 3, 255
ADDRESSES = ("businessAddress", "homeAddress", "otherAddress")
PARTS = ("street", "city", "state", "countryOrRegion", "postalCode")
WRITABLE = frozenset({*TEXTS, *LISTS, *ADDRESSES, EMAILS, "birthday"})
FIXED = ("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "parentFolderId")
PROPERTIES = frozenset({*WRITABLE, *FIXED})
EXTENDED = "singleValueExtendedProperties"
NAMES = ("givenName", "middleName", "surname")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contact:
    """One state of a contact.

    Attributes:
        key: its number, for ever. values: what stands in its properties. extended: extended properties by their id.
        change: grows with every change of anything in the mailbox. created, modified: seconds since 1970.
        touched: the properties that its last change was about.
    """

    key: int
    values: Values
    change: int
    created: float
    modified: float
    extended: Mapping[str, str] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()


def empty() -> dict[str, Any]:
    """The values of a contact about which nothing is known."""
    values: dict[str, Any] = dict.fromkeys((*TEXTS, "birthday"))
    values |= {name: [] for name in (*LISTS, EMAILS)}
    return values | {name: {} for name in ADDRESSES}


def read(body: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and extended properties of a request's body. Raises GraphError as the service refuses what is wrong."""
    if not isinstance(body, dict):
        raise bad("BadRequest", "Unable to read JSON request payload.")
    given: dict[str, Any] = {}
    extended: dict[str, str] = {}
    for name, value in body.items():
        if name == EXTENDED:
            extended = _extended(value)
        elif name in WRITABLE:
            given[name] = _typed(name, value)
        elif name in FIXED:
            raise bad("ErrorInvalidPropertySet", f"Set action is invalid for property {name}.")
        elif "@" not in name:
            raise bad("RequestBodyRead", f"The property '{name}' does not exist on type 'microsoft.graph.contact'.")
    return given, extended


def named(values: Values) -> str | None:
    """The display name that the server makes of a contact's parts, else of its company."""
    parts = [values[name] for name in NAMES if values.get(name)]
    return " ".join(parts) or values.get("companyName") or None


def filed(values: Values) -> str | None:
    """Under which name the server files a contact."""
    first = " ".join(values[name] for name in ("givenName", "middleName") if values.get(name))
    return ", ".join(part for part in (values.get("surname"), first) if part) or values.get("companyName") or None


def birthday_of(day: str, style: str, zone: float) -> str:
    """What Outlook stores of a day that somebody types in: a moment, as there is no property for a day."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    at += timedelta(hours=11, minutes=59) if style == "noon" else timedelta(hours=-zone)
    return _shown(at)


def _typed(name: str, value: Any) -> Any:
    if name in LISTS:
        return _texts(name, value, LISTS[name])
    if name == EMAILS:
        return _emails(value)
    if name in ADDRESSES:
        return _address(name, value)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "Edm.DateTimeOffset" if name == "birthday" else "Edm.String")
    if name == "birthday":
        return _birthday(value)
    if name == "personalNotes" and value:
        value = value.replace("\r\n", "\n").replace("\n", "\r\n")
    return value or None


def _texts(name: str, value: Any, most: int | None) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(name, "Collection(Edm.String)")
    _count(name, value, most)
    if any(len(each) > LONGEST for each in value):
        raise bad("ErrorInvalidArgument", f"An entry of {name} is longer than {LONGEST} characters.")
    return [each for each in value if each]


def _count(name: str, value: list[Any], most: int | None) -> None:
    if most is not None and len(value) > most:
        shown = name[:1].upper() + name[1:]
        raise bad(
            "ErrorInvalidArgument",
            f"The multi value property {shown} has {len(value)} entries, that exceeds the max allowed value of {most}",
        )


def _emails(value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _wrong(EMAILS, "Collection(microsoft.graph.emailAddress)")
    _count(EMAILS, value, MOST_EMAILS)
    return [kept for each in value if (kept := _email(each))]


def _email(given: dict[str, Any]) -> dict[str, str]:
    """An address that is none vanishes, and its name stays; one without a name is called by itself."""
    for part, text in given.items():
        if part not in {"address", "name"} or not isinstance(text, str | None):
            raise bad("RequestBodyRead", "The property is not a part of type 'microsoft.graph.emailAddress'.")
    address, name = given.get("address") or "", given.get("name") or ""
    good = "@" in address and not set(address) & set(", ;")
    kept = {"name": name or address} if name or address else {}
    return kept | ({"address": address} if good else {})


def _address(name: str, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(each, str | None) for each in value.values()):
        raise _wrong(name, "microsoft.graph.physicalAddress")
    if unknown := set(value) - {*PARTS, "postOfficeBox", "type"}:
        raise bad("RequestBodyRead", f"The property '{sorted(unknown)[0]}' does not exist on a physical address.")
    return {part: text for part, text in value.items() if text}


def _birthday(value: str | None) -> str | None:
    if not value:
        return None
    try:
        if len(value) == 10:
            return birthday_of(value, "noon", 0.0)
        at = datetime.fromisoformat(value)
    except ValueError:
        raise _wrong("birthday", "Edm.DateTimeOffset") from None
    if at.tzinfo is None:
        raise _wrong("birthday", "Edm.DateTimeOffset")
    return _shown(at.astimezone(UTC))


def _shown(at: datetime) -> str:
    return f"{at.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _extended(value: Any) -> dict[str, str]:
    good = isinstance(value, list) and all(
        isinstance(each, dict) and set(each) == {"id", "value"} and all(isinstance(part, str) for part in each.values())
        for each in value
    )
    if not good:
        raise _wrong(EXTENDED, "Collection(microsoft.graph.singleValueLegacyExtendedProperty)")
    return {each["id"]: each["value"] for each in value}


def _wrong(name: str, kind: str) -> GraphError:
    return bad("RequestBodyRead", f"Cannot convert the value of property '{name}' to type '{kind}'.")


def shown_moments(contact: Contact) -> dict[str, str]:
    """When it was made and last changed."""
    return {"createdDateTime": moment(contact.created), "lastModifiedDateTime": moment(contact.modified)}
