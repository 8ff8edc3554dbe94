"""Lists of members: filters, order, pages by offset."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from .audience import Audience, Member
from .membership import is_status
from .problems import invalid
from .setup import MailchimpSetup
from .shapes import flag, number
from .shown import link, member_shown

MOST: Final = 1_000
_SORTS: Final = ("timestamp_opt", "timestamp_signup", "last_changed")
_BOUNDS: Final = frozenset({"since_last_changed", "before_last_changed", "since_timestamp_opt", "before_timestamp_opt"})
KNOWN: Final = frozenset(
    {"fields", "exclude_fields", "count", "offset", "email_type", "status", "since_timestamp_opt",
     "before_timestamp_opt", "since_last_changed", "before_last_changed", "unique_email_id", "vip_only", "sort_field",
     "sort_dir", "since_last_campaign", "unsubscribed_since"}
)  # fmt: skip


def page_of(items: Sequence[Any], query: Mapping[str, str]) -> Sequence[Any]:
    """The part of a list that ``count`` and ``offset`` ask for. Raises Problem."""
    count = number(query.get("count", "10"), "count", MOST)
    offset = number(query.get("offset", "0"), "offset")
    return items[offset : offset + count]


def members(audience: Audience, query: Mapping[str, str], setup: MailchimpSetup, now: float) -> dict[str, Any]:
    """The members that are asked for, as lists show them by now. Raises Problem."""
    _check(query)
    shown = _by_now(audience, now - setup.list_lag) if setup.list_lag else list(audience.everybody())
    found = [each for each in shown if _matches(each, query, setup)]
    if "sort_field" in query:
        found.sort(key=lambda each: (_sorted_by(each, query["sort_field"]), each.number))
        if query.get("sort_dir", "ASC").upper() == "DESC":
            found.reverse()
    return {
        "members": [member_shown(audience, each, setup) for each in page_of(found, query)],
        "list_id": audience.id,
        "total_items": len(found),
        "_links": [link("self")],
    }


def _by_now(audience: Audience, by: float) -> list[Member]:
    ids = [contact for contact, _ in audience.members.items()]
    seen = (audience.members.seen(contact, by) for contact in ids)
    return [each.value for each in seen if each is not None and each.value is not None]


def _check(query: Mapping[str, str]) -> None:
    if not is_status(query.get("status", "archived")):
        raise invalid(("status", "Data presented is not one of the accepted values."))
    if query.get("sort_field", _SORTS[0]) not in _SORTS:
        raise invalid(("sort_field", f"Data presented is not one of the accepted values: {', '.join(_SORTS)}."))
    if query.get("sort_dir", "ASC").upper() not in {"ASC", "DESC"}:
        raise invalid(("sort_dir", "Data presented is not one of the accepted values: ASC, DESC."))
    for name in _BOUNDS & query.keys():
        _instant(query[name], name)
    if "vip_only" in query:
        flag(query["vip_only"], "vip_only")


def _sorted_by(member: Member, field: str) -> float:
    moments = {"timestamp_opt": member.opted, "timestamp_signup": member.signed_up, "last_changed": member.changed}
    return moments[field] or 0


def _matches(member: Member, query: Mapping[str, str], setup: MailchimpSetup) -> bool:
    status = query.get("status")
    if member.status != status if status is not None else (member.status == "archived" and not setup.lists_archived):
        return False
    bounds = (
        ("since_last_changed", member.changed, 1), ("before_last_changed", member.changed, -1),
        ("since_timestamp_opt", member.opted, 1), ("before_timestamp_opt", member.opted, -1),
    )  # fmt: skip
    for name, moment, sign in bounds:
        # After and before: a member of that very second is in neither.
        if name in query and (moment is None or sign * (moment - _instant(query[name], name)) <= 0):
            return False
    if "email_type" in query and member.email_type != query["email_type"]:
        return False
    return not ("vip_only" in query and flag(query["vip_only"], "vip_only") and not member.vip)


def _instant(text: str, name: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid((name, "This value is not a valid datetime.")) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
