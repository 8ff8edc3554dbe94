"""Tags, which are static segments: of one member, of an audience, and members by segment."""

from collections.abc import Mapping
from typing import Any, Final

from .addresses import hash_of
from .audience import Audience, Member
from .listing import page_of
from .membership import Membership
from .problems import invalid, not_found
from .setup import MailchimpSetup
from .shown import link, member_shown, moment

LONGEST: Final = 100
MOST_AT_ONCE: Final = 500


def of_member(audience: Audience, member: Member, query: Mapping[str, str]) -> dict[str, Any]:
    """GET members/{hash}/tags."""
    tags = [{"id": each, "name": audience.tags[each], "date_added": moment(member.changed)} for each in member.tags]
    return {"tags": list(page_of(tags, query)), "total_items": len(tags), "_links": [link("self")]}


def change(rules: Membership, member: Member, body: Any) -> None:
    """POST members/{hash}/tags. Raises Problem."""
    given = body.get("tags") if isinstance(body, dict) else None
    if not isinstance(given, list) or body.keys() - {"tags", "is_syncing"}:
        raise invalid(("tags", "This value is required."))
    changes: dict[str, bool] = {}
    for at, each in enumerate(given):
        name = each.get("name") if isinstance(each, dict) else None
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST:
            raise invalid((f"tags.{at}.name", f"This value should have 1 to {LONGEST} characters."))
        if each.get("status") not in {"active", "inactive"}:
            raise invalid((f"tags.{at}.status", "Data presented is not one of the accepted values: inactive, active."))
        changes[name] = each["status"] == "active"
    rules.tag(member, changes)


def search(audience: Audience, query: Mapping[str, str]) -> dict[str, Any]:
    """GET tag-search: tags whose name begins with ``name``."""
    begin = query.get("name", "").casefold()
    found = [{"id": each, "name": name} for each, name in audience.tags.items() if name.casefold().startswith(begin)]
    return {"tags": found, "total_items": len(found), "_links": [link("self")]}


def segments(audience: Audience, query: Mapping[str, str]) -> dict[str, Any]:
    """GET segments: only static ones are simulated."""
    found = [segment(audience, each) for each in audience.tags]
    return {
        "segments": list(page_of(found, query)), "list_id": audience.id, "total_items": len(found),
        "_links": [link("self")],
    }  # fmt: skip


def segment(audience: Audience, number: int) -> dict[str, Any]:
    """One segment. Raises Problem."""
    if number not in audience.tags:
        raise not_found()
    count = sum(number in member.tags and member.status != "archived" for member in audience.everybody())
    return {
        "id": number, "name": audience.tags[number], "member_count": count, "type": "static",
        "list_id": audience.id, "_links": [link("self")],
    }  # fmt: skip


def make_segment(audience: Audience, rules: Membership, body: Any) -> dict[str, Any]:
    """POST segments: a static one, with the members of these addresses. Raises Problem."""
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"].strip():
        raise invalid(("name", "This value is required."))
    number = audience.tag_id(body["name"])
    fill(audience, rules, number, {"members_to_add": body.get("static_segment", [])})
    return segment(audience, number)


def fill(audience: Audience, rules: Membership, number: int, body: Any) -> dict[str, Any]:
    """POST segments/{id}: add and remove members by address. Raises Problem."""
    name = segment(audience, number)["name"]
    done: dict[str, list[str]] = {"members_to_add": [], "members_to_remove": []}
    wrong: list[str] = []
    for key, moved in done.items():
        addresses = body.get(key, []) if isinstance(body, dict) else None
        if not isinstance(addresses, list) or len(addresses) > MOST_AT_ONCE:
            raise invalid((key, f"This value should be a list of at most {MOST_AT_ONCE} addresses."))
        for address in addresses:
            member = audience.find(hash_of(str(address)), hash_only=True)
            if member is None:
                wrong.append(address)
            else:
                rules.tag(member, {name: key == "members_to_add"})
                moved.append(address)
    return {
        "members_added": [{"email_address": each} for each in done["members_to_add"]],
        "members_removed": [{"email_address": each} for each in done["members_to_remove"]],
        "errors": [{"email_addresses": wrong, "error": "Email is not on the list"}] if wrong else [],
        "total_added": len(done["members_to_add"]), "total_removed": len(done["members_to_remove"]),
        "error_count": len(wrong), "_links": [link("self")],
    }  # fmt: skip


def members(audience: Audience, number: int, query: Mapping[str, str], setup: MailchimpSetup) -> dict[str, Any]:
    """GET segments/{id}/members. Raises Problem."""
    segment(audience, number)
    found = [each for each in audience.everybody() if number in each.tags and each.status == "subscribed"]
    return {
        "members": [member_shown(audience, each, setup) for each in page_of(found, query)],
        "total_items": len(found), "_links": [link("self")],
    }  # fmt: skip
