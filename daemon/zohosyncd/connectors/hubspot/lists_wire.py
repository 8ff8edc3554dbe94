"""The calls of lists (source: HubSpot's public specification of CRM v3, lists)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from zohosyncd.connectors.hubspot.wire import Wire
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

CONTACT: Final = "0-1"
_MOST_PAGES: Final = 100
_MOST_LISTS: Final = 500


class ListInfo(msgspec.Struct, frozen=True, rename="camel"):
    """A list; ``processingType``: MANUAL and SNAPSHOT are static, DYNAMIC finds its members by itself."""

    list_id: str | int
    name: str = ""
    object_type_id: str = ""
    processing_type: str = ""


class _FoundLists(msgspec.Struct, frozen=True, rename="camel"):
    lists: list[ListInfo]
    has_more: bool = False
    offset: int = 0


class _MadeList(msgspec.Struct, frozen=True):
    list: ListInfo


class _Membership(msgspec.Struct, frozen=True, rename="camel"):
    list_id: str | int


class _Member(msgspec.Struct, frozen=True, rename="camel"):
    record_id: str
    record_list_memberships: list[_Membership]


class _Members(msgspec.Struct, frozen=True):
    results: list[_Member]


class ListsWire:
    """Calls the lists of one account."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def lists(self) -> list[ListInfo]:
        """All lists of contacts."""
        found: list[ListInfo] = []
        body: dict[str, Any] = {"query": "", "offset": 0, "count": _MOST_LISTS, "additionalProperties": []}
        for _ in range(_MOST_PAGES):
            answer = await self._wire.post("/crm/v3/lists/search", body)
            page = json_as(_FoundLists, answer.body, what="lists")
            found += page.lists
            if not page.has_more or page.offset <= body["offset"]:
                return [each for each in found if each.object_type_id == CONTACT]
            body["offset"] = page.offset
        raise ContractBroken("the list of lists does not end")

    async def new_list(self, name: str) -> ListInfo | Answered | NotSent | Unknown:
        """Make a static list of contacts."""
        body = {"name": name, "objectTypeId": CONTACT, "processingType": "MANUAL"}
        answer = await self._wire.write("POST", "/crm/v3/lists/", body)
        if not isinstance(answer, Answered) or answer.status not in {200, 201}:
            return answer
        try:
            return json_as(_MadeList, answer.body, what="new list").list
        except ContractBroken as error:
            return Unknown(error.message)

    async def memberships(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the lists that each of at most 100 contacts is in; a contact that is not there is missing."""
        body = {"inputs": [{"objectTypeId": CONTACT, "recordId": each} for each in ids]}
        answer = await self._wire.post("/crm/v3/lists/records/memberships/batch/read", body)
        members = json_as(_Members, answer.body, what="memberships").results
        return {each.record_id: [str(one.list_id) for one in each.record_list_memberships] for each in members}

    async def change_members(self, list_id: str, way: str, ids: Sequence[str]) -> Answered | NotSent | Unknown:
        """Put contacts into a static list (``add``) or take them out (``remove``). Repeating it changes nothing."""
        template = f"/crm/v3/lists/{{list}}/memberships/{way}"
        path = f"/crm/v3/lists/{quote(list_id, safe='')}/memberships/{way}"
        return await self._wire.write("PUT", path, list(ids), template)
