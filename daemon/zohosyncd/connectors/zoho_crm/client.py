"""Zoho's wire: one function per call of the API, its parameters and the shape of its answer. No rules of ours.

Source: REST API v8, Get/Insert/Update/Delete Records, Get Deleted Records, Fields and Layouts Metadata, Tags,
Users, Organization.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

import msgspec

from zohosyncd.connectors.zoho_crm.credits import MANY_ROWS, limit_of, price_of_query, price_of_rows, price_of_tags
from zohosyncd.connectors.zoho_crm.fields import FieldInfo
from zohosyncd.connectors.zoho_crm.judge import failure_of
from zohosyncd.connectors.zoho_crm.layouts import LayoutInfo, LayoutList
from zohosyncd.connectors.zoho_crm.rows import Deletion, Info, deletions_of, listing_of
from zohosyncd.connectors.zoho_crm.times import header_time
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.retry import http_date
from zohosyncd.transport.sender import Answered

PER_PAGE: Final = 200
MOST_FIELDS: Final = 50
MOST_IDS: Final = 50
"""Ids of one read; Zoho's own specification limits the parameter to 1,024 characters."""

_MOST_PAGES: Final = 50

TagAction = Literal["add_tags", "remove_tags"]

_READ: Final = frozenset({200, 204, 304, 400, 404})
_JSON: Final = {"Content-Type": "application/json"}


class ZohoRefusal(ContractBroken):
    """Zoho refused a read as a whole; its ``code`` decides what is to be done, mostly nothing."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Zoho refused the call with {code}", hint="was a field or a module deleted or hidden?")
        self.code = code


class FieldList(msgspec.Struct, frozen=True):
    """Fields metadata."""

    fields: list[FieldInfo]


class License(msgspec.Struct, frozen=True):
    """What the org has paid for; a trial follows the edition that is tried."""

    paid: bool | None = None
    paid_type: str | None = None
    trial_type: str | None = None
    users_license_purchased: int | None = None


class Organisation(msgspec.Struct, frozen=True):
    """The org."""

    id: str
    company_name: str | None = None
    country: str | None = None
    country_code: str | None = None
    license_details: License | None = None

    @property
    def edition(self) -> str:
        """The edition's name, "" where the answer does not tell."""
        found = self.license_details or License()
        return (found.paid_type if found.paid is not False or not found.trial_type else found.trial_type) or ""

    @property
    def users(self) -> int:
        """Licences for users."""
        return (self.license_details.users_license_purchased if self.license_details else None) or 0


class Organisations(msgspec.Struct, frozen=True):
    """The answer of ``/org``."""

    org: list[Organisation]


class ModuleInfo(msgspec.Struct, frozen=True):
    """A module of the org."""

    api_name: str
    plural_label: str | None = None
    api_supported: bool | None = None
    viewable: bool | None = None


class ModuleList(msgspec.Struct, frozen=True):
    """The answer of ``/settings/modules``."""

    modules: list[ModuleInfo]


class TagInfo(msgspec.Struct, frozen=True):
    """A tag of a module."""

    name: str


class TagList(msgspec.Struct, frozen=True):
    """The answer of ``/settings/tags``."""

    tags: list[TagInfo]


class User(msgspec.Struct, frozen=True):
    """A user of the org."""

    id: str
    full_name: str | None = None
    email: str | None = None


class UserList(msgspec.Struct, frozen=True):
    """A page of ``/users``."""

    users: list[User]
    info: Info | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records, the token of the next page, and the server's clock."""

    rows: tuple[dict[str, Any], ...]
    more: bool
    token: str | None
    date: float | None


@dataclass(frozen=True, slots=True)
class DeletedPage:
    """Rows of the deleted list in an order that the vendor does not promise, and the server's clock."""

    rows: tuple[Deletion, ...]
    more: bool
    date: float | None


class ZohoClient:
    """Calls the API of one org."""

    def __init__(self, http: Client, api_url: str) -> None:
        self._http = http
        self._root = f"{api_url}/crm/v8"
        self.last_seen: float | None = None
        """The latest moment that Zoho's clock has shown in an answer, seconds since 1970; None before the first."""

    def widen(self, concurrency: int) -> None:
        """So many calls at once are taken by the org."""
        self._http.gate.widen(concurrency)

    async def org(self) -> tuple[Organisation, float | None]:
        """The org and the server's clock."""
        answer = await self._read("/org", "/org", {})
        found = json_as(Organisations, answer.body, what="org").org
        if not found:
            raise ContractBroken("org: the answer names no organisation")
        return found[0], http_date(answer.headers.get("date"))

    async def fields(self, module: str) -> list[FieldInfo]:
        """Fields metadata of a module."""
        answer = await self._read("/settings/fields", "/settings/fields", {"module": module})
        if answer.status == 204:
            return []
        return json_as(FieldList, answer.body, what="fields metadata").fields

    async def layouts(self, module: str) -> list[LayoutInfo]:
        """Layouts of a module."""
        answer = await self._read("/settings/layouts", "/settings/layouts", {"module": module})
        return json_as(LayoutList, answer.body, what="list of layouts").layouts if answer.status == 200 else []

    async def tags(self, module: str) -> list[str]:
        """Names of a module's tags."""
        answer = await self._read("/settings/tags", "/settings/tags", {"module": module})
        if answer.status != 200:
            return []
        return [tag.name for tag in json_as(TagList, answer.body, what="list of tags").tags]

    async def active_users(self) -> list[User]:
        """All users who can own records."""
        found: list[User] = []
        for page in range(1, _MOST_PAGES + 1):
            query = {"type": "ActiveUsers", "page": str(page), "per_page": str(PER_PAGE)}
            answer = await self._read("/users", "/users", query)
            if answer.status != 200:
                break
            listed = json_as(UserList, answer.body, what="list of users")
            found += listed.users
            if listed.info is None or not listed.info.more_records:
                break
        return found

    async def change_tags(
        self, module: str, action: TagAction, names: Sequence[str], ids: Sequence[str]
    ) -> Answered | NotSent | Unknown:
        """Add these tags to at most 500 records, or remove them; other tags stay. Repeating it changes nothing."""
        body = {"tags": [{"name": name} for name in names], "ids": list(ids), "over_write": False}
        url = f"{self._root}/{quote(module)}/actions/{action}"
        call = _write("POST", url, _JSON, msgspec.json.encode(body), f"/actions/{action}", cost=price_of_tags(len(ids)))
        return await self._http.write(call)

    async def records(
        self,
        module: str,
        fields: Sequence[str],
        *,
        sort_by: str,
        descending: bool = False,
        since: float | None = None,
        token: str | None = None,
    ) -> RecordPage:
        """A page of the list.

        Args:
            fields: at most 50 API names.
            since: only records modified at or after this moment.
            token: page token of the page before; all other arguments must be those of that call.

        Raises:
            ZohoRefusal: with Zoho's code (a token that is no longer good, the end of what tokens reach).
        """
        query = {
            "fields": ",".join(fields),
            "sort_by": sort_by,
            "sort_order": "desc" if descending else "asc",
            "per_page": str(PER_PAGE),
        }
        if token is not None:
            query["page_token"] = token
        headers = {} if since is None else {"If-Modified-Since": header_time(since)}
        answer = await self._read(f"/{module}", "/{module}", query, headers, heavy=True)
        date = http_date(answer.headers.get("date"))
        if answer.status in {204, 304}:
            return RecordPage((), more=False, token=None, date=date)
        listing = listing_of(answer.body, what="list of records")
        if listing.info is None:
            raise ContractBroken("list of records: the answer does not say whether there are more")
        return RecordPage(tuple(listing.data), listing.info.more_records, listing.info.next_page_token, date)

    async def query(self, text: str) -> RecordPage:
        """The rows that a COQL query selects; a query that goes on behind them is the next page.

        Raises:
            ZohoRefusal: with Zoho's code.
        """
        body = msgspec.json.encode({"select_query": text})
        cost, url = price_of_query(limit_of(text)), f"{self._root}/coql"
        call = Call("POST", url, "/crm/v8/coql", _JSON, body, accept=_READ, content="json", cost=cost, heavy=True)
        answer = await self._answered(call)
        date = http_date(answer.headers.get("date"))
        if answer.status != 200:
            return RecordPage((), more=False, token=None, date=date)
        listing = listing_of(answer.body, what="rows of a query")
        if listing.info is None:
            raise ContractBroken("rows of a query: the answer does not say whether there are more")
        return RecordPage(tuple(listing.data), listing.info.more_records, None, date)

    async def records_by_id(
        self, module: str, fields: Sequence[str], ids: Sequence[str], *, converted: bool = False
    ) -> list[dict[str, Any]]:
        """Those of these records that exist; at most 50 ids and 50 fields. ``converted``: leads that were, alone."""
        query = {"ids": ",".join(ids), "fields": ",".join(fields), "per_page": str(PER_PAGE)}
        if converted:
            query["converted"] = "true"
        answer = await self._read(f"/{module}", "/{module}?ids", query)
        if answer.status == 204:
            return []
        if answer.status != 200:
            raise ContractBroken(f"records by id: unexpected status {answer.status}")
        listing = listing_of(answer.body, what="records by id")
        if listing.info is not None and listing.info.more_records:
            raise ContractBroken("records by id: the answer is not complete")
        return listing.data

    async def record(self, module: str, record_id: str) -> dict[str, Any] | None:
        """One record with everything that it has, None where there is none."""
        answer = await self._read(f"/{module}/{record_id}", "/{module}/{id}", {})
        if answer.status != 200:
            return None
        found = listing_of(answer.body, what="one record").data
        return found[0] if found else None

    async def rich_texts(self, module: str, fields: Sequence[str], ids: Sequence[str]) -> list[dict[str, Any]]:
        """Whole rich texts of records; at most 50 ids and 8 fields."""
        query = {"ids": ",".join(ids), "fields": ",".join(fields)}
        answer = await self._read(f"/{module}/actions/fetch_full_data", "/{module}/actions/fetch_full_data", query)
        return listing_of(answer.body, what="rich texts").data if answer.status == 200 else []

    async def modules(self) -> list[ModuleInfo]:
        """The modules of the org, as the user of the login sees them."""
        answer = await self._read("/settings/modules", "/settings/modules", {})
        return json_as(ModuleList, answer.body, what="list of modules").modules if answer.status == 200 else []

    async def deleted(self, module: str, since: float, page: int) -> DeletedPage:
        """A page of the list of deleted records, from that moment on; pages count from 1.

        Raises:
            ZohoRefusal: with Zoho's code.
        """
        query = {"type": "all", "page": str(page), "per_page": str(PER_PAGE)}
        headers = {"If-Modified-Since": header_time(since)}
        answer = await self._read(f"/{module}/deleted", "/{module}/deleted", query, headers)
        date = http_date(answer.headers.get("date"))
        if answer.status in {204, 304}:
            return DeletedPage((), more=False, date=date)
        found = deletions_of(answer.body, what="deleted records")
        return DeletedPage(tuple(found.data), found.info.more_records, date)

    async def insert(self, module: str, rows: Sequence[Mapping[str, Any]]) -> Answered | NotSent | Unknown:
        """Create at most 100 records. No workflow, approval or blueprint of the org runs."""
        return await self._http.write(self._batch("POST", module, rows, {}))

    async def upsert(
        self, module: str, rows: Sequence[Mapping[str, Any]], checks: Sequence[str]
    ) -> Answered | NotSent | Unknown:
        """Create at most 100 records, or update those that have the same values in the fields to check."""
        body = msgspec.json.encode({"data": list(rows), "duplicate_check_fields": list(checks), "trigger": []})
        url, cost, heavy = f"{self._root}/{quote(module)}/upsert", price_of_rows(len(rows)), len(rows) > MANY_ROWS
        return await self._http.write(_write("POST", url, _JSON, body, "/upsert", cost=cost, heavy=heavy))

    async def update(
        self, module: str, rows: Sequence[Mapping[str, Any]], unmodified_since: float | None = None
    ) -> Answered | NotSent | Unknown:
        """Change the named fields of at most 100 records.

        Args:
            rows: each with its ``id``.
            unmodified_since: refuse the whole call (412) if one of them was modified after this moment.
        """
        headers = {} if unmodified_since is None else {"If-Unmodified-Since": header_time(unmodified_since)}
        return await self._http.write(self._batch("PUT", module, rows, headers))

    async def delete(self, module: str, ids: Sequence[str]) -> Answered | NotSent | Unknown:
        """Move at most 100 records to the recycle bin."""
        query = _query({"ids": ",".join(ids), "wf_trigger": "false"})
        return await self._http.write(_write("DELETE", f"{self._root}/{quote(module)}?{query}"))

    def _batch(self, method: str, module: str, rows: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> Call:
        # Without "trigger" every workflow of the org would run, write again and mail customers.
        body = msgspec.json.encode({"data": list(rows), "trigger": []})
        url, cost, heavy = f"{self._root}/{quote(module)}", price_of_rows(len(rows)), len(rows) > MANY_ROWS
        return _write(method, url, {**_JSON, **headers}, body, cost=cost, heavy=heavy)

    async def _read(
        self,
        path: str,
        template: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        heavy: bool = False,
    ) -> Answered:
        url = f"{self._root}{quote(path)}" + (f"?{_query(query)}" if query else "")
        template = f"/crm/v8{template}"
        call = Call("GET", url, template, headers or {}, accept=_READ, content="json", heavy=heavy)
        return await self._answered(call)

    async def _answered(self, call: Call) -> Answered:
        """An answer to a read that says something. Raises ZohoRefusal."""
        answer = await self._http.read(call)
        if (date := http_date(answer.headers.get("date"))) is not None:
            self.last_seen = max(date, self.last_seen or 0.0)
        if answer.status in {200, 204, 304}:
            return answer
        failure = failure_of(answer)
        if failure is None:
            raise ContractBroken(f"unexpected status {answer.status}", hint="is api_url the address of the API?")
        raise ZohoRefusal(failure.word)


def _write(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"", below: str = "",
    *, cost: int = 1, heavy: bool = False,
) -> Call:  # fmt: skip
    accept = frozenset({200, 201, 202, 207, 400, 404, 412, 413})
    template = f"/crm/v8/{{module}}{below}"
    return Call(method, url, template, headers or {}, body, accept=accept, content="json", cost=cost, heavy=heavy)


def _query(values: Mapping[str, str]) -> str:
    return urlencode(values, quote_via=quote, safe=",")
