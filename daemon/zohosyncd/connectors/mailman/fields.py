"""What a subscription is to us: an address, a name, how mail is delivered, and whether it is. Pure.

A person of Mailman is split in three: a *user* (a name), its *addresses* (each with a name of its own), and for each
list a *member*, who is an address or a user. The roster shows the address's name, and the user's where that is empty.
A subscription that waits for a confirmation is a *request* and no member yet; here both are records of the list.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from zohosyncd.core.consent import ConsentState
from zohosyncd.core.errors import ContractBroken
from zohosyncd.core.record import Record, Value
from zohosyncd.core.schema import ConsentFields, Field, FieldType, Schema

EMAIL, NAME, MODE, STATUS = "email", "display_name", "delivery_mode", "status"
MODES: Final = ("regular", "mime_digests", "plaintext_digests", "summary_digests")
WRITABLE: Final = (ConsentState.SUBSCRIBED, ConsentState.UNSUBSCRIBED, ConsentState.PENDING)

SCHEMA: Final = Schema.of(
    Field(EMAIL, FieldType.EMAIL, "E-mail", "emails", required=True, max_length=255),
    Field(NAME, FieldType.TEXT, "Display name", "full_name"),
    Field(MODE, FieldType.CHOICE, "Delivery mode", choices=MODES),
    Field(STATUS, FieldType.CHOICE, "Subscription", choices=tuple(ConsentState)),
    consent=ConsentFields(STATUS, WRITABLE),
)

STATES: Final[Mapping[str, ConsentState]] = {
    "enabled": ConsentState.SUBSCRIBED,
    "by_bounces": ConsentState.CLEANED,
    "by_user": ConsentState.UNSUBSCRIBED,
    "by_moderator": ConsentState.ARCHIVED,
    "unknown": ConsentState.ARCHIVED,
}
"""``delivery_status`` as consent. What a moderator, or nobody known, has switched off is nobody's opt-out, and nothing
opts it in. The order is that in which one asks: most members are enabled."""

SAID: Final = {ConsentState.SUBSCRIBED: "enabled", ConsentState.UNSUBSCRIBED: "by_user"}
"""The states that are written to a member, as ``delivery_status``."""

_WAITS: Final = "pending-"


def waiting_id(email: str) -> str:
    """The id of a request: of its address, as the confirmation makes a member of it who has another id.

    It names nobody: ids stand in logs.
    """
    return _WAITS + hashlib.sha256(email.lower().encode()).hexdigest()[:24]


def is_waiting(record_id: str) -> bool:
    """Whether this is the id of a request."""
    return record_id.startswith(_WAITS)


def member_record(member: Mapping[str, Any], status: str | None, fields: Collection[str]) -> Record:
    """A member with these fields; its state of consent only where ``status`` (its delivery status) is known.

    Raises:
        ContractBroken: there is no id, no address, or a status that no Mailman has.
    """
    values: dict[str, Value] = {
        EMAIL: _text(member, "email"),
        NAME: member.get("display_name") or None,
        MODE: member.get("delivery_mode"),
    }
    if status is not None:
        if status not in STATES:
            raise ContractBroken("a member has a delivery status that is not known", hint="is it a newer Mailman?")
        values[STATUS] = STATES[status].value
    return Record(_text(member, "member_id"), _only(values, fields))


def request_record(request: Mapping[str, Any], fields: Collection[str]) -> Record:
    """Somebody who waits for a confirmation, or for a moderator."""
    email = _text(request, "email")
    values: dict[str, Value] = {
        EMAIL: email,
        NAME: request.get("display_name") or None,
        MODE: MODES[0],
        STATUS: ConsentState.PENDING.value,
    }
    return Record(waiting_id(email), _only(values, fields))


def member_fields(fields: Sequence[str]) -> tuple[str, ...]:
    """What is asked of each member to show these fields; its address and id always."""
    return ("member_id", EMAIL, *(each for each in (NAME, MODE) if each in fields))


def _only(values: Mapping[str, Value], fields: Collection[str]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name in fields}


def _text(shown: Mapping[str, Any], name: str) -> str:
    value = shown.get(name)
    if not isinstance(value, str) or not value:
        raise ContractBroken(f"a member or a request has no {name}")
    return value
