"""Answers as the vendor writes them, and what ``fields`` and ``exclude_fields`` leave of them."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from .audience import Audience, Member
from .merge import MergeField
from .setup import MailchimpSetup


def moment(seconds: float | None) -> str:
    """A time as ``2026-11-24T18:00:00+00:00``, "" for none."""
    return "" if seconds is None else datetime.fromtimestamp(int(seconds), UTC).isoformat()


def link(rel: str, method: str = "GET") -> dict[str, str]:
    """One of the links that every answer has."""
    return {"rel": rel, "href": f"https://us1.api.mailchimp.com/3.0/{rel}", "method": method}


def member_shown(audience: Audience, member: Member, setup: MailchimpSetup) -> dict[str, Any]:
    """A member."""
    merge = {tag: member.merge.get(tag, "") for tag in audience.fields}
    names = (str(merge.get("FNAME", "")), str(merge.get("LNAME", "")))
    tags = [{"id": number, "name": audience.tags[number]} for number in member.tags if number in audience.tags]
    return {
        "id": member.hash,
        "email_address": member.email,
        "unique_email_id": hashlib.md5(f"unique/{member.hash}".encode(), usedforsecurity=False).hexdigest()[:10],
        "contact_id": member.contact_id,
        "full_name": " ".join(each for each in names if each),
        "web_id": 700_000_000 + member.number,
        "email_type": member.email_type,
        "status": member.status,
        "consents_to_one_to_one_messaging": True,
        "merge_fields": merge,
        "interests": {},
        "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
        "ip_signup": "",
        "timestamp_signup": moment(member.signed_up),
        "ip_opt": "" if member.opted is None else "198.51.100.7",
        "timestamp_opt": moment(member.opted),
        "member_rating": 2,
        "last_changed": moment(member.changed),
        "language": member.language,
        "vip": member.vip,
        "email_client": "",
        "location": {"latitude": 0, "longitude": 0, "gmtoff": 0, "dstoff": 0, "country_code": "", "timezone": ""},
        "source": member.source,
        "tags_count": len(tags),
        "tags": tags[: setup.shown_tags],
        "list_id": audience.id,
        "_links": [link("self"), link("update", "PATCH")],
    }


def field_shown(audience: Audience, field: MergeField) -> dict[str, Any]:
    """A merge field."""
    return {
        "merge_id": field.merge_id,
        "tag": field.tag,
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "default_value": field.default_value,
        "public": field.public,
        "display_order": field.merge_id + 1,
        "options": {"size": 25, **field.options} if field.type == "text" else dict(field.options),
        "help_text": "",
        "list_id": audience.id,
        "_links": [link("self")],
    }


def audience_shown(audience: Audience) -> dict[str, Any]:
    """An audience."""
    statuses = [member.status for member in audience.everybody()]
    return {
        "id": audience.id,
        "web_id": audience.web_id,
        "name": audience.name,
        "contact": {"company": "Sandbox", "address1": "1 Main Street", "city": "Berlin", "country": "DE"},
        "permission_reminder": "You signed up for it.",
        "date_created": moment(audience.created),
        "list_rating": 3,
        "email_type_option": False,
        "double_optin": False,
        "has_welcome": False,
        "marketing_permissions": False,
        "visibility": "prv",
        "stats": {
            "member_count": statuses.count("subscribed"),
            "unsubscribe_count": statuses.count("unsubscribed"),
            "cleaned_count": statuses.count("cleaned"),
            "merge_field_count": len(audience.fields),
        },
        "_links": [link("self"), link("members")],
    }


def chosen(body: Mapping[str, Any], fields: str, excluded: str) -> Any:
    """What is left of an answer: the paths asked for, without those excluded (dots lead into parts, also of lists)."""
    result: Any = dict(body)
    if fields:
        result = _kept(result, [each.split(".") for each in fields.split(",")])
    if excluded:
        result = _without(result, [each.split(".") for each in excluded.split(",")])
    return result


def _kept(value: Any, paths: Iterable[list[str]]) -> Any:
    if isinstance(value, list):
        return [_kept(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for name in value:
        below = [path[1:] for path in paths if path[0] == name]
        if below:
            whole = any(not rest for rest in below)
            kept[name] = value[name] if whole else _kept(value[name], [rest for rest in below if rest])
    return kept


def _without(value: Any, paths: Iterable[list[str]]) -> Any:
    if isinstance(value, list):
        return [_without(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    left: dict[str, Any] = {}
    for name, each in value.items():
        below = [path[1:] for path in paths if path[0] == name]
        if not any(not rest for rest in below):
            left[name] = _without(each, below) if below else each
    return left
