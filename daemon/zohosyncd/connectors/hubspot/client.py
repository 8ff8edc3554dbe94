"""HubSpot's wire: one function per call of the API, its parameters and the shape of its answer. No rules of ours.

Source: HubSpot's public specifications of CRM v3 (contacts, properties, owners), of the communication
preferences v4 and of the account information v3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import msgspec

from zohosyncd.connectors.hubspot.fields import PropertyInfo
from zohosyncd.connectors.hubspot.wire import Wire
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.decode import json_as, json_with_gaps
from zohosyncd.transport.retry import http_date
from zohosyncd.transport.sender import Answered

MOST: Final = 100
"""Contacts of a page of the list, and inputs of a batch."""

FOUND: Final = 200
"""Contacts of a page of a search."""

REACH: Final = 10_000
"""Contacts that a search can show; asking for more is refused."""

_MOST_PAGES: Final = 100
_MOST_OWNERS: Final = 500
_LONGEST_URL: Final = 6_000

Rows = list[dict[str, Any]]


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
    """Calls the API of one account, but for its lists."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    # --- about the account ---------------------------------------------------------------------------------------

    async def account(self) -> tuple[Account, float | None]:
        """The account and the server's clock."""
        answer = await self.wire.get("/account-info/v3/details")
        return json_as(Account, answer.body, what="account"), http_date(answer.headers.get("date"))

    async def properties(self) -> list[PropertyInfo]:
        """The properties of contacts."""
        answer = await self.wire.get("/crm/v3/properties/contacts")
        return json_as(_Properties, answer.body, what="properties").results

    async def owners(self) -> list[OwnerInfo]:
        """All who may own a contact."""
        found: list[OwnerInfo] = []
        query = {"limit": str(_MOST_OWNERS)}
        for _ in range(_MOST_PAGES):
            page = json_as(_Owners, (await self.wire.get("/crm/v3/owners", query)).body, what="owners")
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
        return _page(await self.wire.get("/crm/v3/objects/contacts", query), "list of contacts")

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
        return _page(await self.wire.post(path, body, heavy=True), "found contacts")

    async def read(self, names: Sequence[str], keys: Sequence[str], *, by: str = "") -> Rows:
        """Those of these contacts that there are, in any order; at most 100. ``by``: a unique property, "" = the id."""
        body: dict[str, Any] = {
            "inputs": [{"id": each} for each in keys],
            "properties": list(names),
            "propertiesWithHistory": [],
        }
        if by:
            body["idProperty"] = by
        return _page(await self.wire.post("/crm/v3/objects/contacts/batch/read", body), "contacts by id").rows

    async def contact(self, record_id: str, names: Sequence[str]) -> dict[str, Any] | None:
        """One contact, perhaps under another id than the one asked for; None where there is none."""
        path = f"/crm/v3/objects/contacts/{quote(record_id, safe='')}"
        query = {"properties": ",".join(names)} if names and self.fits(names) else {}
        answer = await self.wire.get(path, query, template="/crm/v3/objects/contacts/{id}", missing=True)
        return None if answer.status == 404 else _row(answer)

    async def create(self, inputs: Sequence[Mapping[str, Any]]) -> Answered | NotSent | Unknown:
        """Make at most 100 contacts."""
        return await self.wire.write("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": list(inputs)})

    async def update(self, inputs: Sequence[Mapping[str, Any]]) -> Answered | NotSent | Unknown:
        """Change at most 100 contacts."""
        return await self.wire.write("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": list(inputs)})

    async def archive(self, ids: Sequence[str]) -> Answered | NotSent | Unknown:
        """Put at most 100 contacts into the bin; nothing is said about those that are not there."""
        body = {"inputs": [{"id": each} for each in ids]}
        return await self.wire.write("POST", "/crm/v3/objects/contacts/batch/archive", body)

    async def unsubscribe(self, address: str) -> Answered | NotSent | Unknown:
        """Opt an address out of all e-mails. Repeating it changes nothing."""
        path = f"/communication-preferences/v4/statuses/{quote(address, safe='')}/unsubscribe-all"
        template = "/communication-preferences/v4/statuses/{email}/unsubscribe-all"
        return await self.wire.write("POST", f"{path}?channel=EMAIL", None, template)


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
