"""Lists: static ones that records are put into, active ones that find their members by themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

from .call import Call
from .contacts import Contact, Contacts
from .properties import iso
from .refusals import Refusal, malformed, not_found

CONTACTS, COMPANIES = "0-1", "0-2"
_MOST_SHOWN, _MOST_MEMBERS = 500, 250
_STATIC = ("MANUAL", "SNAPSHOT")


@dataclass
class RecordList:
    """One list. ``condition``: the property and value that an active list finds its members by."""

    id: str
    name: str
    kind: str = "MANUAL"
    object_type: str = CONTACTS
    condition: tuple[str, str] = ("", "")
    members: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def shown(self) -> dict[str, Any]:
        """As the API shows a list."""
        return {
            "listId": self.id, "listVersion": 1, "name": self.name, "objectTypeId": self.object_type,
            "processingType": self.kind, "processingStatus": "COMPLETE", "createdAt": iso(self.made),
            "updatedAt": iso(self.made), "createdById": "26405038", "updatedById": "26405038",
            "filtersUpdatedAt": iso(self.made),
        }  # fmt: skip


@dataclass
class Lists:
    """All lists of an account."""

    contacts: Contacts
    lists: dict[str, RecordList] = field(default_factory=dict)

    def add(
        self, name: str, kind: str = "MANUAL", object_type: str = CONTACTS, condition: tuple[str, str] = ("", "")
    ) -> RecordList:
        """A new list. Raises Refusal where the name is taken."""
        if any(each.name.lower() == name.lower() and each.object_type == object_type for each in self.lists.values()):
            raise Refusal(400, "VALIDATION_ERROR", "The list name is already in use",
                          more={"subCategory": "ILS.DUPLICATE_LIST_NAMES"})  # fmt: skip
        made = RecordList(str(len(self.lists) + 1), name, kind, object_type, condition, {}, self.contacts.now())
        self.lists[made.id] = made
        return made

    def of(self, contact: Contact) -> list[RecordList]:
        """The lists that a contact is in."""
        return [each for each in self.lists.values() if each.object_type == CONTACTS and self._holds(each, contact)]

    def put(self, found: RecordList, added: Iterable[str], removed: Iterable[str]) -> dict[str, list[str]]:
        """Change who is in a static list. Raises Refusal."""
        if found.kind not in _STATIC:
            raise Refusal(400, "VALIDATION_ERROR", "Memberships of a DYNAMIC list cannot be changed")
        told: dict[str, list[str]] = {"recordsIdsAdded": [], "recordIdsRemoved": [], "recordIdsMissing": []}
        for record_id in added:
            if self.contacts.named(record_id, merged=False) is None:
                told["recordIdsMissing"].append(record_id)
            elif record_id not in found.members:
                found.members[record_id] = self.contacts.now()
                told["recordsIdsAdded"].append(record_id)
        for record_id in removed:
            if found.members.pop(record_id, None) is not None:
                told["recordIdsRemoved"].append(record_id)
        if self.contacts.setup.lists_modify:
            for record_id in (*told["recordsIdsAdded"], *told["recordIdsRemoved"]):
                self.contacts.touch(record_id)
        return told

    def named(self, name: str) -> RecordList | None:
        """The list of contacts that has this name."""
        found = (each for each in self.lists.values() if each.object_type == CONTACTS)
        return next((each for each in found if each.name.lower() == name.lower()), None)

    def required(self, list_id: str) -> RecordList:
        """The list with this id. Raises Refusal."""
        found = self.lists.get(list_id)
        if found is None:
            raise not_found(f"List does not exist with ID {list_id}.")
        return found

    def members(self, found: RecordList) -> list[tuple[str, int]]:
        """Ids of members, and since when they are in."""
        if found.kind == "DYNAMIC":
            return [(each.id, each.created) for each in self.contacts.live() if self._holds(found, each)]
        live = ((each, at) for each, at in found.members.items() if self.contacts.named(each, merged=False))
        return sorted(live, key=lambda each: int(each[0]))

    def _holds(self, found: RecordList, contact: Contact) -> bool:
        if found.kind == "DYNAMIC":
            name, value = found.condition
            return (contact.shows(name) or "") == value
        return contact.id in found.members


def search(lists: Lists, call: Call) -> Response:
    """Lists of all objects, by a part of their name and their kind."""
    known = {"listIds", "offset", "query", "count", "processingTypes", "additionalProperties", "sort"}
    body = call.body(known)
    offset, count = int(body.get("offset") or 0), int(body.get("count") or 20)
    if count > _MOST_SHOWN:
        raise Refusal(400, "VALIDATION_ERROR", f"count must be at most {_MOST_SHOWN}")
    kinds, words = body.get("processingTypes") or [], str(body.get("query") or "").lower()
    found = [each for each in lists.lists.values() if (not kinds or each.kind in kinds) and words in each.name.lower()]
    page = found[offset : offset + count]
    rows = [{**each.shown(), "additionalProperties": {"hs_list_size": str(len(lists.members(each)))}} for each in page]
    end = offset + len(page)
    return answer(200, {"total": len(found), "offset": end, "hasMore": end < len(found), "lists": rows})


def create(lists: Lists, call: Call) -> Response:
    """A new list."""
    body = call.body(
        {"name", "objectTypeId", "processingType", "filterBranch", "listFolderId", "membershipSettings",
         "customProperties", "listPermissions"}
    )  # fmt: skip
    name, kind = body.get("name"), body.get("processingType")
    if not isinstance(name, str) or not name.strip() or kind not in {*_STATIC, "DYNAMIC"}:
        raise malformed("name and processingType are needed")
    return answer(200, {"list": lists.add(name.strip(), kind, str(body.get("objectTypeId"))).shown()})


def one(lists: Lists, call: Call, list_id: str) -> Response:  # noqa: ARG001 - all routes are called alike
    """One list."""
    return answer(200, {"list": lists.required(list_id).shown()})


def members(lists: Lists, call: Call, list_id: str) -> Response:
    """A page of those who are in a list."""
    limit, after = call.number("limit", 100), call.number("after", 0)
    if limit > _MOST_MEMBERS:
        raise Refusal(400, "VALIDATION_ERROR", f"limit must be at most {_MOST_MEMBERS}")
    found = lists.members(lists.required(list_id))
    page = found[after : after + limit]
    body: dict[str, Any] = {
        "total": len(found), "results": [{"recordId": each, "membershipTimestamp": iso(at)} for each, at in page]
    }  # fmt: skip
    if after + limit < len(found):
        body["paging"] = {"next": {"after": str(after + limit)}}
    return answer(200, body)


def change(lists: Lists, call: Call, list_id: str, way: str) -> Response:
    """Put records into a static list, or take them out."""
    found = lists.required(list_id)
    given = call.json()
    if way == "add-and-remove":
        body = call.body({"recordIdsToAdd", "recordIdsToRemove"})
        return answer(200, lists.put(found, _ids(body["recordIdsToAdd"]), _ids(body["recordIdsToRemove"])))
    return answer(200, lists.put(found, _ids(given) if way == "add" else [], _ids(given) if way == "remove" else []))


def of_record(lists: Lists, call: Call, object_type: str, record_id: str) -> Response:  # noqa: ARG001
    """The lists that a record is in."""
    contact = lists.contacts.required(record_id)
    return answer(200, {"results": _memberships(lists, contact)})


def of_records(lists: Lists, call: Call) -> Response:
    """The same for many records."""
    body = call.body({"inputs"})
    results = []
    for each in body.get("inputs") or []:
        if not isinstance(each, Mapping) or each.keys() != {"objectTypeId", "recordId"}:
            raise malformed("an input has an objectTypeId and a recordId")
        contact = lists.contacts.named(str(each["recordId"]), merged=False)
        if contact is not None:
            results.append({**each, "recordListMemberships": _memberships(lists, contact)})
    now = iso(lists.contacts.now())
    return answer(200, {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})


def _memberships(lists: Lists, contact: Contact) -> list[dict[str, Any]]:
    return [
        {"listId": each.id, "listVersion": 1, "firstAddedTimestamp": iso(each.members.get(contact.id, each.made)),
         "lastAddedTimestamp": iso(each.members.get(contact.id, each.made))}
        for each in lists.of(contact)
    ]  # fmt: skip


def _ids(given: Any) -> list[str]:
    if not isinstance(given, list):
        raise malformed("a list of record ids is expected")
    return [str(each) for each in given]
