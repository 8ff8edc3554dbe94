"""The fields of an audience: its merge fields, and what every member has (vendor: merge fields, members). Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from zohosyncd.core.consent import ConsentState
from zohosyncd.core.schema import ConsentFields, Containers, Field, FieldType, Schema

EMAIL: Final = "email_address"
STATUS: Final = "status"
CONSENTED: Final = "consented_at"
SOURCE: Final = "source"
TAGS: Final = "tags"
LANGUAGE: Final = "language"
VIP: Final = "vip"
OWN: Final = (EMAIL, STATUS, CONSENTED, SOURCE, TAGS, LANGUAGE, VIP)
"""Fields that are no merge fields. Merge tags are upper case, so none is called like them."""

LONGEST_TEXT: Final = 255
LONGEST_TAG: Final = 100
STATES: Final = (ConsentState.SUBSCRIBED, ConsentState.UNSUBSCRIBED, ConsentState.PENDING)
"""States that may be written. Cleaned is Mailchimp's own word, archiving is a deletion, and a sync makes nobody
transactional."""

US_PHONE: Final = "phone of the USA"
"""A phone field whose numbers have ten digits and no country."""

CONTAINERS: Final = {"tags": Containers(max_length=LONGEST_TAG, field=TAGS)}

_TYPES: Final = {
    "text": FieldType.TEXT, "number": FieldType.NUMBER, "address": FieldType.ADDRESS, "phone": FieldType.PHONE,
    "date": FieldType.DATE, "url": FieldType.URL, "imageurl": FieldType.URL, "radio": FieldType.CHOICE,
    "dropdown": FieldType.CHOICE, "birthday": FieldType.DATE, "zip": FieldType.TEXT,
}  # fmt: skip
_MEANINGS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "FNAME": ("given_name", ("text",)),
    "LNAME": ("family_name", ("text",)),
    "ADDRESS": ("address", ("address",)),
    "PHONE": ("phones", ("phone", "text")),
    "BIRTHDAY": ("birthday", ("birthday", "date")),
    "COMPANY": ("company", ("text",)),
}
"""What the fields of a new audience mean, as long as they are of their types: people may make others of them."""


class MergeFieldInfo(msgspec.Struct, frozen=True):
    """A merge field as the API describes it."""

    tag: str
    type: str
    name: str = ""
    required: bool = False
    options: Any = None

    @property
    def is_american(self) -> bool:
        """Whether it takes phone numbers of the USA alone, and shows them without their country."""
        return self.type == "phone" and isinstance(self.options, dict) and self.options.get("phone_format") == "US"

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that a member can pick from; () for any."""
        found = self.options.get("choices") if isinstance(self.options, dict) else None
        return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def schema_of(infos: Iterable[MergeFieldInfo], *, require: bool = False) -> Schema:
    """The schema of an audience.

    Args:
        infos: its merge fields. require: whether those that its form requires are needed for a new member.
    """
    merge = [_field(each, require=require) for each in infos]
    return Schema.of(
        Field(EMAIL, FieldType.EMAIL, "Email Address", semantic="emails", required=True, max_length=254),
        *merge,
        Field(STATUS, FieldType.CHOICE, "Email Marketing", choices=tuple(_shown_states())),
        Field(CONSENTED, FieldType.MOMENT, "Opt-in time", writable=False),
        Field(SOURCE, FieldType.TEXT, "Source", writable=False),
        Field(TAGS, FieldType.NAMES, "Tags"),
        Field(LANGUAGE, FieldType.TEXT, "Language"),
        Field(VIP, FieldType.BOOLEAN, "VIP"),
        containers=CONTAINERS,
        consent=ConsentFields(STATUS, tuple(each.value for each in STATES), CONSENTED, SOURCE),
    )


def merge_types(infos: Iterable[MergeFieldInfo]) -> Mapping[str, str]:
    """The app's own types of merge fields, by tag; phones in the format of the USA are a type of their own."""
    return {each.tag: US_PHONE if each.is_american else each.type for each in infos}


def _shown_states() -> list[str]:
    return [each.value for each in ConsentState if each is not ConsentState.NEVER]


def _field(info: MergeFieldInfo, *, require: bool) -> Field:
    semantic, types = _MEANINGS.get(info.tag, ("", ()))
    kind = _TYPES.get(info.type, FieldType.OTHER)
    return Field(
        info.tag,
        kind,
        info.name,
        semantic=semantic if info.type in types else "",
        writable=kind is not FieldType.OTHER,
        required=info.required and require,
        max_length=LONGEST_TEXT if info.type in {"text", "phone"} else 5 if info.type == "zip" else None,
        choices=info.choices,
        yearless=info.type == "birthday",
    )
