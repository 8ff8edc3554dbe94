"""A contact of Outlook as our fields: the schema with what each means, and values out of an answer's row. Pure.

Names are Graph's own. Where a property is a list of few places, each place is a field: ``emailAddresses.1`` to ``.3``,
``businessPhones.1`` and ``.2``. The service refuses more entries, so that what is beyond stays on the other side.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from zohosyncd.connectors.microsoft365.birthdays import day_of
from zohosyncd.connectors.microsoft365.naming import name_of
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Postal, Record, Value
from zohosyncd.core.schema import Containers, Field, FieldType, Schema

EMAILS: Final = "emailAddresses"
CATEGORIES: Final = "categories"
CREATED: Final = "createdDateTime"
MODIFIED: Final = "lastModifiedDateTime"
PLACES: Final[Mapping[str, int]] = {EMAILS: 3, "businessPhones": 2, "homePhones": 2}
"""Lists, and how many entries the service takes of each."""

LONGEST_CATEGORY: Final = 255
"""Characters of a category's name."""

ADDRESS_PARTS: Final = {
    "street": "street",
    "city": "city",
    "region": "state",
    "code": "postalCode",
    "country": "countryOrRegion",
}
"""Our parts of an address by the service's names."""


def _slots() -> list[Field]:
    mails = [
        Field(f"{EMAILS}.{n}", FieldType.EMAIL, f"E-mail {n}", semantic="emails", slot=n - 1)
        for n in range(1, PLACES[EMAILS] + 1)
    ]
    phones = [
        ("businessPhones.1", "Business phone", "work"),
        ("mobilePhone", "Mobile phone", "mobile"),
        ("homePhones.1", "Home phone", "home"),
        ("businessPhones.2", "Business phone 2", "work"),
        ("homePhones.2", "Home phone 2", "home"),
    ]
    return mails + [
        Field(name, FieldType.PHONE, label, semantic="phones", slot=slot, item_label=kind)
        for slot, (name, label, kind) in enumerate(phones)
    ]


SCHEMA: Final = Schema.of(
    Field("givenName", FieldType.TEXT, "First name", semantic="given_name"),
    Field("surname", FieldType.TEXT, "Last name", semantic="family_name"),
    Field("middleName", FieldType.TEXT, "Middle name", semantic="additional_name"),
    Field("title", FieldType.TEXT, "Title", semantic="prefix"),
    Field("generation", FieldType.TEXT, "Suffix", semantic="suffix"),
    Field("displayName", FieldType.TEXT, "Display name", semantic="full_name"),
    Field("nickName", FieldType.TEXT, "Nickname", semantic="nickname"),
    *_slots(),
    Field("companyName", FieldType.TEXT, "Company", semantic="company"),
    Field("department", FieldType.TEXT, "Department", semantic="department"),
    Field("jobTitle", FieldType.TEXT, "Job title", semantic="title"),
    Field("birthday", FieldType.DATE, "Birthday", semantic="birthday"),
    Field("personalNotes", FieldType.TEXT, "Notes", semantic="notes"),
    Field("businessHomePage", FieldType.URL, "Web page", semantic="websites"),
    Field("businessAddress", FieldType.ADDRESS, "Business address", semantic="address"),
    Field("homeAddress", FieldType.ADDRESS, "Home address"),
    Field("otherAddress", FieldType.ADDRESS, "Other address"),
    Field(CATEGORIES, FieldType.NAMES, "Categories"),
    Field("fileAs", FieldType.TEXT, "File as"),
    Field("initials", FieldType.TEXT, "Initials"),
    Field("officeLocation", FieldType.TEXT, "Office"),
    Field("profession", FieldType.TEXT, "Profession"),
    Field("manager", FieldType.TEXT, "Manager"),
    Field("assistantName", FieldType.TEXT, "Assistant"),
    Field("spouseName", FieldType.TEXT, "Spouse or partner"),
    Field("yomiGivenName", FieldType.TEXT, "First name, phonetic"),
    Field("yomiSurname", FieldType.TEXT, "Last name, phonetic"),
    Field("yomiCompanyName", FieldType.TEXT, "Company, phonetic"),
    Field(CREATED, FieldType.MOMENT, "Created", writable=False),
    containers={CATEGORIES: Containers(field=CATEGORIES, max_length=LONGEST_CATEGORY)},
    created=CREATED,
)
"""What we map of a contact; everything else in it is left alone."""

SELECT: Final = tuple(
    dict.fromkeys([*(name.partition(".")[0] for name in SCHEMA.fields), MODIFIED, "changeKey", "parentFolderId"])
)
"""The properties that are asked for, always all of them: links to later changes remember them."""


def version_of(row: Mapping[str, Any]) -> str | None:
    """The entity tag of a row."""
    tag, key = row.get("@odata.etag"), row.get("changeKey")
    if isinstance(tag, str) and tag:
        return tag
    return f'W/"{key}"' if isinstance(key, str) and key else None


def is_whole(row: Mapping[str, Any]) -> bool:
    """Whether a row has all that was asked for: rows of changes may show just what has changed."""
    return all(name in row for name in SELECT) and version_of(row) is not None


def record_of(row: Mapping[str, Any], fields: Sequence[str]) -> Record:
    """A row as a record; ``native`` is the row itself.

    Raises:
        DataError: a value is not of its kind.
    """
    values = {name: value_of(row, name) for name in fields}
    return Record(str(row["id"]), values, version_of(row), modified_of(row), dict(row))


def modified_of(row: Mapping[str, Any]) -> float | None:
    """When it was changed last, in seconds since 1970; None where the row does not say. Raises DataError."""
    modified = row.get(MODIFIED)
    return _moment(modified).timestamp() if isinstance(modified, str) else None


def value_of(row: Mapping[str, Any], name: str) -> Value:
    """The value of a field; unknown names are empty. Raises DataError."""
    listed, _, place = name.partition(".")
    if place:
        entries = addresses_in(row) if listed == EMAILS else _texts(row, listed)
        at = int(place) - 1
        return entries[at] if at < len(entries) else None
    if name in ("givenName", "surname"):
        return _text(row, name) or name_of(row)[name] or None
    field = SCHEMA.fields.get(name)
    return _READ.get(field.type, _text)(row, name) if field is not None else None


def entries_in(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of e-mail addresses, also those that have lost their address. Raises DataError."""
    entries = row.get(EMAILS)
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise DataError(f"{EMAILS} is no list of addresses")
    return entries


def addresses_in(row: Mapping[str, Any]) -> list[str]:
    """The e-mail addresses in their order. Raises DataError."""
    found = [each.get("address") for each in entries_in(row)]
    if not all(each is None or isinstance(each, str) for each in found):
        raise DataError(f"{EMAILS} has an address that is no text")
    return [each for each in found if each and not each.isspace()]


def texts_in(row: Mapping[str, Any], name: str) -> list[str]:
    """The entries of a list of texts in their order. Raises DataError."""
    return _texts(row, name)


def _texts(row: Mapping[str, Any], name: str) -> list[str]:
    found = row.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise DataError(f"{name} is no list of texts")
    return [each for each in found if each and not each.isspace()]


def _text(row: Mapping[str, Any], name: str) -> str | None:
    found = row.get(name)
    if found is None:
        return None
    if not isinstance(found, str):
        raise DataError(f"{name} is no text")
    return found.replace("\r\n", "\n") if found.strip() else None


def _address(row: Mapping[str, Any], name: str) -> Postal | None:
    found = row.get(name)
    if found is None:
        return None
    if not isinstance(found, dict) or not all(isinstance(found.get(part), str | None) for part in found):
        raise DataError(f"{name} is no address")
    parts = {ours: (found.get(theirs) or "").replace("\r\n", "\n") for ours, theirs in ADDRESS_PARTS.items()}
    return Postal(**parts) if any(text.strip() for text in parts.values()) else None


def _birthday(row: Mapping[str, Any], name: str) -> str | None:
    found = _text(row, name)
    return None if found is None else day_of(found)


def _created(row: Mapping[str, Any], name: str) -> str | None:
    found = _text(row, name)
    return None if found is None else _moment(found).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise DataError("a time that is none") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


_READ: Final[Mapping[FieldType, Callable[[Mapping[str, Any], str], Value]]] = {
    FieldType.ADDRESS: _address,
    FieldType.DATE: _birthday,
    FieldType.MOMENT: _created,
    FieldType.NAMES: lambda row, name: as_value(_texts(row, name)),
}
"""The fields that are more than a text."""
