"""Reads and writes of single contacts: ``/crm/v3/objects/contacts``."""

from collections.abc import Iterable
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

from .call import Call
from .contacts import Contact, Contacts
from .properties import ALWAYS, DEFAULT, iso
from .refusals import Refusal, malformed

MOST = 100


def shown(contact: Contact, contacts: Contacts, names: Iterable[str] | None) -> dict[str, Any]:
    """A contact as answers have it. Unknown names are left out, what is not set is null."""
    wanted = DEFAULT if names is None else [*dict.fromkeys([*ALWAYS, *names])]
    found: dict[str, Any] = {
        "id": contact.id,
        "properties": {name: contact.shows(name) for name in wanted if name in contacts.properties},
        "createdAt": iso(contact.created),
        "updatedAt": iso(contact.updated),
        "archived": contact.archived_at is not None,
    }
    if contact.archived_at is not None:
        found["archivedAt"] = iso(contact.archived_at)
    return found


def listing(contacts: Contacts, call: Call) -> Response:
    """A page of all contacts, or of the archived ones; behind an id, in the order of ids."""
    limit = call.number("limit", 10)
    if not 1 <= limit <= MOST:
        raise Refusal(400, "VALIDATION_ERROR", f"limit must be between 1 and {MOST}")
    after = call.number("after", 0)
    names = call.names("properties")
    behind = (each for each in (contacts.bin() if call.flag("archived") else contacts.live()) if int(each.id) > after)
    rows = [each for each, _ in zip(behind, range(limit + 1), strict=False)]
    body: dict[str, Any] = {"results": [shown(each, contacts, names) for each in rows[:limit]]}
    if len(rows) > limit:
        last = rows[limit - 1].id
        body["paging"] = {"next": {"after": last, "link": f"{call.base}/crm/v3/objects/contacts?after={last}"}}
    return answer(200, body)


def one(contacts: Contacts, call: Call, key: str) -> Response:
    """One contact; by the id from before a merge, too."""
    if call.flag("archived"):
        found = contacts.history.get(key)
        if found is None or found.archived_at is None:
            raise Refusal(404, "OBJECT_NOT_FOUND", "resource not found")
    else:
        found = contacts.required(key, call.one("idProperty", "hs_object_id"))
    return answer(200, shown(found, contacts, call.names("properties")))


def create(contacts: Contacts, call: Call) -> Response:
    """A new contact."""
    body = call.body({"properties", "associations"})
    made = contacts.create(body.get("properties") or {})
    return answer(201, shown(made, contacts, body["properties"]))


def update(contacts: Contacts, call: Call, key: str) -> Response:
    """Change a contact."""
    body = call.body({"properties"})
    given = body.get("properties") or {}
    if not given:
        raise Refusal(400, "VALIDATION_ERROR", "No properties found to update, please provide at least one.")
    found = contacts.required(key, call.one("idProperty", "hs_object_id"))
    return answer(200, shown(contacts.update(found, given), contacts, given))


def archive(contacts: Contacts, call: Call, key: str) -> Response:  # noqa: ARG001 - all routes are called alike
    """Into the bin; nothing is said about what is not there."""
    if (found := contacts.named(key, merged=False)) is not None:
        contacts.archive(found)
    return Response(204)


def merge(contacts: Contacts, call: Call) -> Response:
    """Make one contact of two."""
    body = call.body({"primaryObjectId", "objectIdToMerge"})
    if not all(isinstance(body.get(name), str) for name in ("primaryObjectId", "objectIdToMerge")):
        raise malformed("primaryObjectId and objectIdToMerge are needed")
    made = contacts.merge(contacts.required(body["primaryObjectId"]), contacts.required(body["objectIdToMerge"]))
    return answer(200, shown(made, contacts, None))


def forget(contacts: Contacts, call: Call) -> Response:
    """Delete for privacy."""
    body = call.body({"objectId", "idProperty"})
    found = contacts.named(str(body.get("objectId", "")), body.get("idProperty") or "hs_object_id")
    if found is not None:
        contacts.forget(found)
    return Response(204)
