"""Mailchimp's wire: one method per call, its parameters and the shape of its answer. No rules of ours.

Source: Marketing API 3.0 reference, Root, Lists, List Members, Member Tags, Merge Fields, Batch subscribe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

import msgspec

from zohosyncd.connectors.mailchimp.fields import MergeFieldInfo
from zohosyncd.connectors.mailchimp.values import Row
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as, json_with_gaps
from zohosyncd.transport.retry import http_date
from zohosyncd.transport.sender import Answered

PER_PAGE: Final = 1_000
_JSON: Final = {"Content-Type": "application/json"}
_REFUSALS: Final = frozenset({200, 204, 400, 404, 405})

Sent = Answered | NotSent | Unknown


class Contact(msgspec.Struct, frozen=True):
    """Where the account's owner lives."""

    country: str = ""


class Account(msgspec.Struct, frozen=True):
    """Whose key it is."""

    account_id: str
    account_name: str = ""
    contact: Contact = Contact()


class Audience(msgspec.Struct, frozen=True):
    """An audience, which the API calls a list."""

    id: str
    name: str = ""


class _Audiences(msgspec.Struct, frozen=True):
    lists: list[Audience]


class _MergeFields(msgspec.Struct, frozen=True):
    merge_fields: list[MergeFieldInfo]
    total_items: int = 0


class _Tags(msgspec.Struct, frozen=True):
    tags: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of members. ``total``: of all pages. ``date``: the server's clock, in seconds since 1970."""

    rows: Sequence[Row]
    total: int
    date: float | None


class MailchimpClient:
    """One account.

    Args:
        http: the account's client. base: the API's address without a slash at its end.
    """

    def __init__(self, http: Client, base: str) -> None:
        self._http = http
        self._base = f"{base}/3.0"

    async def account(self) -> tuple[Account, float | None]:
        """GET /: whose key this is, and the server's clock."""
        answer = await self._get("/", "/", {"fields": "account_id,account_name,contact.country"})
        return json_as(Account, answer.body, what="account"), http_date(answer.headers.get("date"))

    async def audiences(self) -> list[Audience]:
        """GET /lists: all of them."""
        answer = await self._get("/lists", "/lists", {"fields": "lists.id,lists.name", "count": "1000"})
        return json_as(_Audiences, answer.body, what="audiences").lists

    async def has_audience(self, ref: str) -> bool:
        """GET /lists/{id}: whether there is such an audience."""
        answer = await self._get(f"/lists/{quote(ref, safe='')}", "/lists/{id}", {"fields": "id"}, {200, 404})
        return answer.status == 200

    async def merge_fields(self, ref: str) -> list[MergeFieldInfo]:
        """GET /lists/{id}/merge-fields: an audience has at most 80."""
        kept = ("tag", "type", "name", "required", "options")
        query = {"count": "1000", "fields": ",".join([*(f"merge_fields.{each}" for each in kept), "total_items"])}
        path = f"/lists/{quote(ref, safe='')}/merge-fields"
        answer = await self._get(path, "/lists/{id}/merge-fields", query)
        return json_as(_MergeFields, answer.body, what="merge fields").merge_fields

    async def members(
        self,
        ref: str,
        fields: str,
        *,
        offset: int = 0,
        count: int = PER_PAGE,
        since: float | None = None,
        status: str = "",
        order: Literal["ASC", "DESC"] = "ASC",
    ) -> MemberPage:
        """GET /lists/{id}/members, in the order of their last change.

        Args:
            fields: the parts of members, each with "members." before it. offset, count: of the page.
            since: only those changed in or after that second. status: only those.
        """
        query = {
            "fields": f"{fields},total_items", "count": str(count), "offset": str(offset),
            "sort_field": "last_changed", "sort_dir": order,
        }  # fmt: skip
        if since is not None:
            query["since_last_changed"] = _moment(since - 1.0)  # the API means "after", without that second itself
        if status:
            query["status"] = status
        answer = await self._get(f"/lists/{quote(ref, safe='')}/members", "/lists/{id}/members", query)
        body = _object(answer.body, "members")
        rows, total = body.get("members"), body.get("total_items")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ContractBroken("members: the list is missing")
        return MemberPage(rows, total if isinstance(total, int) else len(rows), http_date(answer.headers.get("date")))

    async def member(self, ref: str, key: str, fields: str) -> Row | None:
        """GET a member by contact id or hash; None where there is none."""
        path, template = _member(ref, key)
        answer = await self._get(path, template, {"fields": fields}, {200, 404})
        return _object(answer.body, "member") if answer.status == 200 else None

    async def tags(self, ref: str, contact: str) -> list[dict[str, Any]]:
        """GET all tags of a member; its own record shows at most 50."""
        path, template = _member(ref, contact)
        query = {"count": "1000", "fields": "tags.name"}
        answer = await self._get(f"{path}/tags", f"{template}/tags", query, {200, 404})
        return json_as(_Tags, answer.body, what="tags").tags if answer.status == 200 else []

    async def add(self, ref: str, body: Row, *, lenient: bool) -> Sent:
        """POST a new member."""
        path = f"/lists/{quote(ref, safe='')}/members"
        return await self._send("POST", path, "/lists/{id}/members", body, lenient=lenient)

    async def add_many(self, ref: str, rows: Sequence[Row], *, lenient: bool) -> Sent:
        """POST up to 500 new members; those that exist are told and left as they are."""
        body = {"members": list(rows), "update_existing": False}
        return await self._send("POST", f"/lists/{quote(ref, safe='')}", "/lists/{id}", body, lenient=lenient)

    async def change(self, ref: str, contact: str, body: Row) -> Sent:
        """PATCH a member. What it lacks of required fields is not asked for."""
        path, template = _member(ref, contact)
        return await self._send("PATCH", path, template, body, lenient=True)

    async def archive(self, ref: str, contact: str) -> Sent:
        """DELETE a member, which archives it."""
        path, template = _member(ref, contact)
        url = self._base + path
        return await self._http.write(Call("DELETE", url, f"/3.0{template}", accept=_REFUSALS, content="json"))

    async def change_tags(self, ref: str, subscriber: str, changes: Mapping[str, bool]) -> Sent:
        """POST the tags that a member gets (True) and loses. This call is documented for the hash alone."""
        path, template = _member(ref, subscriber)
        words = {True: "active", False: "inactive"}
        body = {"tags": [{"name": name, "status": words[active]} for name, active in changes.items()]}
        return await self._send("POST", f"{path}/tags", f"{template}/tags", body)

    async def _get(
        self, path: str, template: str, query: Mapping[str, str], accept: frozenset[int] | set[int] = frozenset({200})
    ) -> Answered:
        url = f"{self._base}{path}?{urlencode(query)}"
        return await self._http.read(Call("GET", url, f"/3.0{template}", accept=frozenset(accept), content="json"))

    async def _send(self, method: str, path: str, template: str, body: Any, *, lenient: bool | None = None) -> Sent:
        query = "" if lenient is None else f"?skip_merge_validation={'true' if lenient else 'false'}"
        url = f"{self._base}{path}{query}"
        content = msgspec.json.encode(body)
        return await self._http.write(
            Call(method, url, f"/3.0{template}", _JSON, content, accept=_REFUSALS, content="json")
        )


def row_of(answer: Answered) -> dict[str, Any]:
    """The member in the answer to a write. Raises ContractBroken."""
    return _object(answer.body, "member")


def _object(body: bytes, what: str) -> dict[str, Any]:
    try:
        return json_as(dict[str, Any], body, what=what)
    except ContractBroken:
        read = json_with_gaps(body, what=what)
    if not isinstance(read, dict):
        raise ContractBroken(f"{what}: the answer is no object")
    return read


def _member(ref: str, key: str) -> tuple[str, str]:
    return f"/lists/{quote(ref, safe='')}/members/{quote(key, safe='')}", "/lists/{id}/members/{id}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(max(seconds, 0.0) // 1), UTC).isoformat()
