"""The calls of Mailman's REST API 3.1 (vendor: ``mailman/rest/docs``), one method each.

Bodies go as forms. Answers have an ``http_etag``, but ``If-Match`` is ignored (tried with 3.3.10). A list that is empty
has no ``entries``. A parameter that it does not know is refused.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin

from zohosyncd.core.errors import ContractBroken, Unavailable
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

PAGE: Final = 500
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_PLAIN: Final = {"Accept": "application/json"}

Params = Sequence[tuple[str, str]]


class Shifted(Unavailable):
    """A list was changed while its pages were read, so that somebody may have been left out, or come twice."""


class MailmanClient:
    """One account's core.

    Args:
        http: the account's client. url: of the API, without the version.
    """

    def __init__(self, http: Client, url: str) -> None:
        self._http = http
        self._root = urljoin(url if url.endswith("/") else f"{url}/", "3.1/")

    @property
    def root(self) -> str:
        """The API's address."""
        return self._root

    async def versions(self) -> tuple[dict[str, Any], str]:
        """What runs there, and the server's date."""
        answer = await self._http.read(self._get("system/versions", "/3.1/system/versions"))
        return self._object(answer, "the versions"), answer.headers.get("date", "")

    async def lists(self) -> list[dict[str, Any]]:
        """All lists."""
        return [each async for page in self._pages("lists", "/3.1/lists", ()) for each in page]

    def roster(self, ref: str, fields: Sequence[str]) -> AsyncIterator[list[dict[str, Any]]]:
        """All members of a list, in pages by address.

        Raises:
            Shifted: its size changed while it was read.
        """
        asked = [("fields", each) for each in fields]
        return self._pages(f"lists/{_quoted(ref)}/roster/member", "/3.1/lists/{list}/roster/member", asked)

    async def requests(self, ref: str) -> list[dict[str, Any]]:
        """Who waits for a confirmation or a moderator; all at once, as Mailman forgets them after some days."""
        call = self._get(f"lists/{_quoted(ref)}/requests", "/3.1/lists/{list}/requests")
        return _entries(self._object(await self._http.read(call), "the requests"))

    async def members_with(self, ref: str, **wanted: str) -> list[str]:
        """Ids of the members of a list with a ``subscriber`` (an address) or an effective ``delivery_status``."""
        params = [("list_id", ref), ("role", "member"), *wanted.items(), ("fields", "member_id")]
        call = self._get("members/find", "/3.1/members/find", params)
        found = _entries(self._object(await self._http.read(call), "the members found"))
        return [str(each["member_id"]) for each in found if "member_id" in each]

    async def member(self, record_id: str) -> dict[str, Any] | None:
        """A member; None where there is none of this id."""
        return await self._one(f"members/{_quoted(record_id)}", "/3.1/members/{id}")

    async def delivery_status(self, record_id: str) -> str | None:
        """The delivery status that counts for a member: its own, its address's, its user's, or the site's."""
        shown = await self._one(f"members/{_quoted(record_id)}/all/preferences", "/3.1/members/{id}/all/preferences")
        if shown is None:
            return None
        status = shown.get("delivery_status")
        if not isinstance(status, str):
            raise ContractBroken("a member's preferences lack the delivery status")
        return status

    async def user(self, user: str) -> dict[str, Any] | None:
        """A user by id or by one of its addresses."""
        return await self._one(f"users/{_quoted(user)}", "/3.1/users/{id}")

    async def post(self, path: str, template: str, form: Mapping[str, str]) -> Answered | NotSent | Unknown:
        """Make something: 201, or 202 where somebody has to confirm it."""
        return await self._write("POST", path, template, form, {201, 202, 204})

    async def patch(self, path: str, template: str, form: Mapping[str, str]) -> Answered | NotSent | Unknown:
        """Change something: 204."""
        return await self._write("PATCH", path, template, form, {204})

    async def delete(self, record_id: str) -> Answered | NotSent | Unknown:
        """Unsubscribe: 204; address and user stay."""
        return await self._write("DELETE", f"members/{_quoted(record_id)}", "/3.1/members/{id}", {}, {204})

    async def _one(self, path: str, template: str) -> dict[str, Any] | None:
        answer = await self._http.read(self._get(path, template, accept={200, 404}))
        shown = self._object(answer, "an answer")
        if answer.status == 404:
            return None
        return shown

    async def _pages(self, path: str, template: str, params: Params) -> AsyncIterator[list[dict[str, Any]]]:
        total, seen = -1, 0
        for page in range(1, 1_000_000):
            call = self._get(path, template, [*params, ("count", str(PAGE)), ("page", str(page))])
            shown = self._object(await self._http.read(call), "a page")
            size = shown.get("total_size")
            if not isinstance(size, int):
                raise ContractBroken("a list does not tell its size")
            if total not in {-1, size}:
                raise Shifted("a list was changed while it was read")
            total, entries = size, _entries(shown)
            seen += len(entries)
            yield entries
            if seen >= total:
                return
            if not entries:
                raise Shifted("a list ended before its end")

    async def _write(
        self, method: str, path: str, template: str, form: Mapping[str, str], accept: set[int]
    ) -> Answered | NotSent | Unknown:
        body = urlencode(form).encode()
        call = Call(method, self._root + path, template, _FORM, body, frozenset(accept), content="json")
        return await self._http.write(call)

    def _get(self, path: str, template: str, params: Params = (), *, accept: set[int] | None = None) -> Call:
        query = f"?{urlencode(params)}" if params else ""
        return Call(
            "GET", self._root + path + query, template, _PLAIN, accept=frozenset(accept or {200}), content="json"
        )

    def _object(self, answer: Answered, what: str) -> dict[str, Any]:
        return json_as(dict[str, Any], answer.body, what=what)


def _entries(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = shown.get("entries", [])
    if (
        "total_size" not in shown
        or not isinstance(entries, list)
        or not all(isinstance(each, dict) for each in entries)
    ):
        raise ContractBroken("a list is none")
    return entries


def _quoted(part: str) -> str:
    return quote(part, safe="")
