"""The fields of a person by the discovery document (people v1, revision 20251117): messages and what is read only."""

from dataclasses import dataclass
from typing import Final

TEXT, FLAG, NUMBER, DATE, METADATA, CONTENT_TYPE, MEMBERSHIP, IGNORED = (
    "text", "flag", "number", "date", "metadata", "content_type", "membership", "ignored",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what clients may send (with its kind), and what an item must have to be kept."""

    properties: dict[str, str]
    substance: tuple[str, ...]


def _message(
    texts: str, *substance: str, ignored: str = "formattedType", date: str = "", flag: str = "", number: str = ""
) -> Message:
    kinds = {TEXT: texts, IGNORED: ignored, DATE: date, FLAG: flag, NUMBER: number}
    properties = {name: kind for kind, names in kinds.items() for name in names.split()}
    return Message({**properties, "metadata": METADATA}, substance or ("value",))


_NAMES = "familyName givenName honorificPrefix honorificSuffix middleName unstructuredName"
_SOUNDS = (
    "phoneticFamilyName phoneticFullName phoneticGivenName phoneticHonorificPrefix phoneticHonorificSuffix "
    "phoneticMiddleName"
)
_PLACE = "city country countryCode extendedAddress formattedValue poBox postalCode region streetAddress"
_WORK = "costCenter department domain jobDescription location name phoneticName symbol title"

WRITABLE: Final[dict[str, Message]] = {
    "addresses": _message(f"{_PLACE} type", *_PLACE.split()),
    "biographies": Message({"value": TEXT, "contentType": CONTENT_TYPE, "metadata": METADATA}, ("value",)),
    "birthdays": _message("text", "date", "text", date="date", ignored=""),
    "calendarUrls": _message("url type", "url"),
    "clientData": _message("key value", "key", "value", ignored=""),
    "emailAddresses": _message("value type displayName"),
    "events": _message("type", "date", date="date"),
    "externalIds": _message("value type"),
    "genders": _message("value addressMeAs", "value", "addressMeAs", ignored="formattedValue"),
    "imClients": _message("username type protocol", "username", ignored="formattedType formattedProtocol"),
    "interests": _message("value", ignored=""),
    "locales": _message("value", ignored=""),
    "locations": _message("value type buildingId deskCode floor floorSection", flag="current", ignored=""),
    "memberships": Message({"contactGroupMembership": MEMBERSHIP, "domainMembership": IGNORED, "metadata": METADATA},
                           ("contactGroupMembership",)),
    "miscKeywords": _message("value type"),
    "names": _message(f"{_NAMES} {_SOUNDS}", *_NAMES.split(), *_SOUNDS.split(),
                      ignored="displayName displayNameLastFirst"),
    "nicknames": _message("value type", ignored=""),
    "occupations": _message("value", ignored=""),
    "organizations": _message(f"{_WORK} type", *_WORK.split(), flag="current", date="startDate endDate",
                              number="fullTimeEquivalentMillipercent"),
    "phoneNumbers": _message("value type", ignored="formattedType canonicalForm"),
    "relations": _message("person type", "person"),
    "sipAddresses": _message("value type"),
    "skills": _message("value", ignored=""),
    "urls": _message("value type"),
    "userDefined": _message("key value", "key", "value", ignored=""),
}  # fmt: skip
"""What ``updatePersonFields`` may name (skills are written by create alone), with the message of its items."""

UPDATABLE: Final = frozenset(WRITABLE) - {"skills"}
READABLE: Final = frozenset(WRITABLE) | {"ageRanges", "coverPhotos", "metadata", "photos"}
"""What ``personFields`` may name."""

SINGLETONS: Final = frozenset({"biographies", "birthdays", "genders", "names"})
UNREAD: Final = frozenset({
    "resourceName", "etag", "metadata", "ageRange", "ageRanges", "coverPhotos", "photos", "braggingRights", "fileAses",
    "relationshipInterests", "relationshipStatuses", "residences", "taglines",
})  # fmt: skip
"""What a person in a request may have without effect on what is stored."""

SOURCES: Final = frozenset({
    "READ_SOURCE_TYPE_UNSPECIFIED", "READ_SOURCE_TYPE_PROFILE", "READ_SOURCE_TYPE_CONTACT",
    "READ_SOURCE_TYPE_DOMAIN_CONTACT", "READ_SOURCE_TYPE_OTHER_CONTACT",
})  # fmt: skip
CONTENT_TYPES: Final = frozenset({"CONTENT_TYPE_UNSPECIFIED", "TEXT_PLAIN", "TEXT_HTML"})
