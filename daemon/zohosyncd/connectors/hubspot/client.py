"""HubSpot's wire: one function per call of the API, its parameters and the shape of its answer. No rules of ours.

Source: HubSpot's public specifications of CRM v3 (contacts, properties, owners, lists), of the communication
preferences v4 and of the account information v3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from zohosyncd.connectors.hubspot.fields import PropertyInfo
from zohosyncd.connectors.hubspot.judge import failure_of
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as, json_with_gaps
from zohosyncd.transport.retry import http_date
from zohosyncd.transport.sender import Answered

MOST: Final = 100
"""Contacts of a page of the list, and inputs of a batch."""

FOUND: Final = 200
"""Contacts of a page of a search."""

REACH: Final = 10_000
"""Contacts that a search can show; asking for more is refused."""

CONTACT: Final = "0-1"
_MOST_PAGES: Final = 100
_MOST_OWNERS: Final = 500
_MOST_LISTS: Final = 500
_LONGEST_URL: Final = 6_000
_JSON: Final = {"Content-Type": "application/json"}
_READ: Final = frozenset({200, 207, 400, 404})
_WRITE: Final = frozenset({200, 201, 204, 207, 400, 404, 409, 413, 414, 415})
_DAILY: Final = "x-hubspot-ratelimit-daily"

Rows = list[dict[str, Any]]


class HubSpotRefusal(ContractBroken):
    """HubSpot refused a read as a whole."""

    def __init__(self, category: str) -> None:
        word = category if category.replace("_", "").isalnum() and len(category) < 60 else "an unknown error"
        super().__init__(f"HubSpot refused the call with {word}", hint="was a property deleted or renamed?")


class _Next(msgspec.Struct, frozen=True):
    after: str


class _Paging(msgspec.Struct, frozen=True):
    next: _Next | None = None


class _Rows(msgspec.Struct, frozen=True):
    results: list[dict[str, Any]]
    paging: _Paging | None = None


class _Properties(msgspec.Struct, frozen=True):
    results: list[PropertyInfo]


class OwnerInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody who may own a contact."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    @property
    def name(self) -> str:
        """First and last name."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


class _Owners(msgspec.Struct, frozen=True):
    results: list[OwnerInfo]
    paging: _Paging | None = None


class Account(msgspec.Struct, frozen=True, rename="camel"):
    """The account."""

    portal_id: int
    ui_domain: str | None = None


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


@dataclass(frozen=True, slots=True)
class RowPage:
    """Contacts, where the next page begins ("" for none), and the server's clock."""

    rows: Rows
    after: str
    date: float | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a search."""

    name: str
    operator: str
    value: str

    @property
    def body(self) -> dict[str, str]:
        """As the API takes it."""
        return {"propertyName": self.name, "operator": self.operator, "value": self.value}


class HubSpotClient:
    """Calls the API of one account. ``daily``: how many requests it has in a day, 0 where it has not told."""

    def __init__(self, http: Client, api_url: str) -> None:
        self._http = http
        self._root = api_url
        self.daily = 0

    # --- about the account ---------------------------------------------------------------------------------------

    async def account(self) -> tuple[Account, float | None]:
        """The account and the server's clock."""
        answer = await self._get("/account-info/v3/details")
        return json_as(Account, answer.body, what="account"), http_date(answer.headers.get("date"))

    async def properties(self) -> list[PropertyInfo]:
        """The properties of contacts."""
        answer = await self._get("/crm/v3/properties/contacts")
        return json_as(_Properties, answer.body, what="properties").results

    async def owners(self) -> list[OwnerInfo]:
        """All who may own a contact."""
        found: list[OwnerInfo] = []
        query = {"limit": str(_MOST_OWNERS)}
        for _ in range(_MOST_PAGES):
            page = json_as(_Owners, (await self._get("/crm/v3/owners", query)).body, what="owners")
            found += page.results
            if page.paging is None or page.paging.next is None:
                return found
            query["after"] = page.paging.next.after
        raise ContractBroken("the list of owners does not end")

    # --- contacts ------------------------------------------------------------------------------------------------

    async def page(self, names: Sequence[str], after: str, *, archived: bool = False) -> RowPage:
        """A page of all contacts, or of the archived ones, in the order of their ids."""
        query = {"limit": str(MOST), "archived": "true" if archived else "false"}
        if names:
            query["properties"] = ",".join(names)
        if after:
            query["after"] = after
        return _page(await self._get("/crm/v3/objects/contacts", query), "list of contacts")

    @staticmethod
    def fits(names: Sequence[str]) -> bool:
        """Whether an address can hold these names."""
        return len(",".join(names)) <= _LONGEST_URL

    async def search(
        self, conditions: Sequence[Condition], sort: str, *, descending: bool = False, skip: int = 0
    ) -> RowPage:
        """A page of the contacts that meet all conditions, from the index: ids and the times of change and creation.

        Args:
            sort: the one property that they are ordered by. skip: so many come before the page.
        """
        body: dict[str, Any] = {
            "sorts": [{"propertyName": sort, "direction": "DESCENDING" if descending else "ASCENDING"}],
            "properties": ["createdate", "lastmodifieddate"],
            "limit": FOUND,
        }
        if conditions:
            body["filterGroups"] = [{"filters": [each.body for each in conditions]}]
        if skip:
            body["after"] = str(skip)
        path = "/crm/v3/objects/contacts/search"
        return _page(await self._post(path, body, heavy=True), "found contacts")

    async def read(self, names: Sequence[str], keys: Sequence[str], *, by: str = "") -> Rows:
        """Those of these contacts that there are, in any order; at most 100. ``by``: a unique property, "" = the id."""
        body: dict[str, Any] = {
            "inputs": [{"id": each} for each in keys],
            "properties": list(names),
            "propertiesWithHistory": [],
        }
        if by:
            body["idProperty"] = by
        return _page(await self._post("/crm/v3/objects/contacts/batch/read", body), "contacts by id").rows

    async def contact(self, record_id: str, names: Sequence[str]) -> dict[str, Any] | None:
        """One contact, perhaps under another id than the one asked for; None where there is none."""
        path = f"/crm/v3/objects/contacts/{quote(record_id, safe='')}"
        query = {"properties": ",".join(names)} if names and self.fits(names) else {}
        answer = await self._get(path, query, template="/crm/v3/objects/contacts/{id}", missing=True)
        return None if answer.status == 404 else _row(answer)

    async def create(self, inputs: Sequence[Mapping[str, Any]]) -> Answered | NotSent | Unknown:
        """Make at most 100 contacts."""
        return await self._write("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": list(inputs)})

    async def update(self, inputs: Sequence[Mapping[str, Any]]) -> Answered | NotSent | Unknown:
        """Change at most 100 contacts."""
        return await self._write("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": list(inputs)})

    async def archive(self, ids: Sequence[str]) -> Answered | NotSent | Unknown:
        """Put at most 100 contacts into the bin; nothing is said about those that are not there."""
        body = {"inputs": [{"id": each} for each in ids]}
        return await self._write("POST", "/crm/v3/objects/contacts/batch/archive", body)

    async def unsubscribe(self, address: str) -> Answered | NotSent | Unknown:
        """Opt an address out of all e-mails. Repeating it changes nothing."""
        path = f"/communication-preferences/v4/statuses/{quote(address, safe='')}/unsubscribe-all"
        template = "/communication-preferences/v4/statuses/{email}/unsubscribe-all"
        return await self._write("POST", f"{path}?channel=EMAIL", None, template)

    # --- lists ---------------------------------------------------------------------------------------------------

    async def lists(self) -> list[ListInfo]:
        """All lists of contacts."""
        found: list[ListInfo] = []
        body: dict[str, Any] = {"query": "", "offset": 0, "count": _MOST_LISTS, "additionalProperties": []}
        for _ in range(_MOST_PAGES):
            answer = await self._post("/crm/v3/lists/search", body)
            page = json_as(_FoundLists, answer.body, what="lists")
            found += page.lists
            if not page.has_more or page.offset <= body["offset"]:
                return [each for each in found if each.object_type_id == CONTACT]
            body["offset"] = page.offset
        raise ContractBroken("the list of lists does not end")

    async def new_list(self, name: str) -> ListInfo | Answered | NotSent | Unknown:
        """Make a static list of contacts."""
        body = {"name": name, "objectTypeId": CONTACT, "processingType": "MANUAL"}
        answer = await self._write("POST", "/crm/v3/lists/", body)
        if not isinstance(answer, Answered) or answer.status not in {200, 201}:
            return answer
        try:
            return json_as(_MadeList, answer.body, what="new list").list
        except ContractBroken as error:
            return Unknown(error.message)

    async def memberships(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the lists that each of at most 100 contacts is in; a contact that is not there is missing."""
        body = {"inputs": [{"objectTypeId": CONTACT, "recordId": each} for each in ids]}
        answer = await self._post("/crm/v3/lists/records/memberships/batch/read", body)
        members = json_as(_Members, answer.body, what="memberships").results
        return {each.record_id: [str(one.list_id) for one in each.record_list_memberships] for each in members}

    async def change_members(self, list_id: str, way: str, ids: Sequence[str]) -> Answered | NotSent | Unknown:
        """Put contacts into a static list (``add``) or take them out (``remove``). Repeating it changes nothing."""
        template = f"/crm/v3/lists/{{list}}/memberships/{way}"
        path = f"/crm/v3/lists/{quote(list_id, safe='')}/memberships/{way}"
        return await self._write("PUT", path, list(ids), template)

    # --- the way of every call -----------------------------------------------------------------------------------

    async def _get(
        self, path: str, query: Mapping[str, str] | None = None, *, template: str = "", missing: bool = False
    ) -> Answered:
        url = f"{self._root}{path}" + (f"?{urlencode(query, quote_via=quote, safe=',')}" if query else "")
        call = Call("GET", url, template or path, accept=_READ, content="json")
        return await self._answered(call, missing=missing)

    async def _post(self, path: str, body: Any, *, heavy: bool = False) -> Answered:
        data = msgspec.json.encode(body)
        call = Call("POST", f"{self._root}{path}", path, _JSON, data, accept=_READ, content="json", heavy=heavy)
        return await self._answered(call, missing=False)

    async def _answered(self, call: Call, *, missing: bool) -> Answered:
        answer = await self._http.read(call)
        told = answer.headers.get(_DAILY, "")
        if told.isascii() and told.isdecimal() and len(told) < 12:
            self.daily = int(told)
        if answer.status in {200, 207} or (missing and answer.status == 404):
            return answer
        failure = failure_of(answer)
        if failure is None:
            raise ContractBroken(f"unexpected status {answer.status}", hint="is api_url the address of the API?")
        raise HubSpotRefusal(failure.category or str(answer.status))

    async def _write(self, method: str, path: str, body: Any, template: str = "") -> Answered | NotSent | Unknown:
        data = b"" if body is None else msgspec.json.encode(body)
        headers = {} if body is None else _JSON
        call = Call(method, f"{self._root}{path}", template or path, headers, data, accept=_WRITE, content="json")
        return await self._http.write(call)


def _page(answer: Answered, what: str) -> RowPage:
    rows = rows_of(answer.body, what)
    after = rows.paging.next.after if rows.paging is not None and rows.paging.next is not None else ""
    return RowPage(rows.results, after, http_date(answer.headers.get("date")))


def rows_of(body: bytes, what: str) -> _Rows:
    """The contacts of an answer; where single values are damaged, ``UNCLEAR`` stands in their place.

    Raises:
        ContractBroken: it is no answer with contacts.
    """
    try:
        return json_as(_Rows, body, what=what)
    except ContractBroken:
        read = json_with_gaps(body, what=what)
        try:
            return msgspec.convert(read, _Rows)
        except msgspec.ValidationError as error:
            raise ContractBroken(f"{what}: {error}") from None


def _row(answer: Answered) -> dict[str, Any]:
    try:
        return json_as(dict[str, Any], answer.body, what="contact")
    except ContractBroken:
        read = json_with_gaps(answer.body, what="contact")
        if not isinstance(read, dict):
            raise
        return read
