"""POST /lists/{list_id}: up to 500 members in one call, each with an outcome of its own."""

from collections.abc import Callable
from typing import Any, Final

from .addresses import hash_of
from .audience import Audience, Member
from .membership import Membership
from .problems import Problem, exists, invalid
from .setup import MailchimpSetup
from .shapes import STATUSES
from .shown import link, member_shown

MOST: Final = 500


def subscribe(
    audience: Audience, rules: Membership, setup: MailchimpSetup, body: Any, refusal: Callable[[], str | None],
    *, lenient: bool, once: bool,
) -> dict[str, Any]:  # fmt: skip
    """Add members, or change those that exist where the body allows it.

    Args:
        refusal: a code for the next row that is to be refused on demand.
        lenient: required merge fields may be missing. once: a repeated address is no error, its first row counts.

    Raises:
        Problem: the body as a whole is not as documented.
    """
    rows = _rows(body)
    update = body.get("update_existing") is True
    new: list[Member] = []
    updated: list[Member] = []
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    for row in rows:
        try:
            key = hash_of(row["email_address"])
            if key in seen:
                if once:
                    continue
                raise invalid(detail=f"{row['email_address']} appears more than once in the request.")
            seen.add(key)
            if (code := refusal()) is not None:
                raise Problem(400, code, "refused on demand")
            known = audience.find(key, hash_only=True)
            if known is not None and known.status != "archived":
                if not update:
                    raise exists(row["email_address"])
                updated.append(rules.update_in_bulk(known, row, lenient=lenient))
            else:
                new.append(rules.add(row, lenient=lenient))
        except Problem as problem:
            errors += _told(row["email_address"], problem)
    # Nothing says in which order they come.
    shown = [[member_shown(audience, each, setup) for each in reversed(members)] for members in (new, updated)]
    return {
        "new_members": shown[0], "updated_members": shown[1], "errors": errors, "total_created": len(new),
        "total_updated": len(updated), "error_count": len(errors), "_links": [link("self")],
    }  # fmt: skip


def _rows(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, dict) or not isinstance(body.get("members"), list):
        raise invalid(("members", "This value is required."))
    if wrong := sorted(body.keys() - {"members", "sync_tags", "update_existing"}):
        raise invalid(*((name, "This field is not known.") for name in wrong))
    rows: list[dict[str, Any]] = body["members"]
    if len(rows) > MOST:
        raise invalid(("members", f"You may only subscribe or update up to {MOST} members at a time."))
    for at, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("email_address"), str):
            raise invalid((f"members.{at}.email_address", "This value should be a string."))
        if row.get("status") not in STATUSES:
            raise invalid((f"members.{at}.status", "Data presented is not one of the accepted values."))
        if not isinstance(row.get("merge_fields", {}), dict):
            raise invalid((f"members.{at}.merge_fields", "Schema describes object, string found instead"))
    return rows


def _told(address: str, problem: Problem) -> list[dict[str, str]]:
    """A row's error. Titles are not told here, only the sentence and, for merge fields, which one it is."""
    code = "ERROR_CONTACT_EXISTS" if problem.title == "Member Exists" else "ERROR_GENERIC"
    shared = {"email_address": address, "error": problem.detail, "error_code": code}
    if not problem.errors:
        return [{**shared, "field": "", "field_message": ""}]
    field, message = problem.errors[0]
    return [{**shared, "field": field, "field_message": message}]
