"""The calls of Graph's contacts, one method each: what is sent, which answers are understood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from zohosyncd.connectors.microsoft365 import batch
from zohosyncd.connectors.microsoft365.batch import IMMUTABLE, Step, Told
from zohosyncd.connectors.microsoft365.fields import MODIFIED, SELECT
from zohosyncd.connectors.microsoft365.judge import FORGOTTEN, error_in
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as, json_with_gaps
from zohosyncd.transport.retry import http_date
from zohosyncd.transport.sender import Answered

PAGE: Final = 200
"""Most contacts of one page."""

_PREFER: Final = {"Prefer": IMMUTABLE, "Accept": "application/json"}
_NO_FOLDER: Final = "the folder of contacts is no longer there"
_MOST_PAGES: Final = 1_000
"""More pages of folders than anybody has: a list that goes on for ever."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A contact folder: its id, which no move changes, and the path of names that leads to it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of rows: ``following`` is the link to the next page, ``later`` the one to later changes."""

    rows: Sequence[dict[str, Any]] = field(repr=False)
    following: str = field(default="", repr=False)
    later: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was refused as a whole, and so carried out nothing."""

    code: str


class GraphClient:
    """One mailbox.

    Args:
        http: the account's client.
        api_url: address of Graph. user: principal name of the mailbox, "" for that of whoever has logged in.

    Attributes:
        width: most requests of one batch.
    """

    def __init__(self, http: Client, api_url: str, user: str = "") -> None:
        self._http = http
        self._version = f"{api_url.rstrip('/')}/v1.0"
        self.user = user
        self.width = batch.MOST
        self._box = f"/users/{_part(user)}" if user else "/me"

    def crowded(self, wait: float | None) -> None:
        """Requests inside a batch were refused for their number: from now on few go together.

        Args:
            wait: seconds that the service asks for before anything else, None where it does not say.
        """
        self.width = batch.NARROW
        if wait is not None:
            self._http.gate.close(wait)

    # --- who and what -----------------------------------------------------------------------------------------

    async def me(self) -> tuple[dict[str, Any], float | None]:
        """Who has logged in, and the server's clock in seconds since 1970."""
        wanted = "id,displayName,userPrincipalName,mail,usageLocation"
        answer = await self._http.read(self._get(f"/me?$select={wanted}", "/v1.0/me"))
        return json_as(dict[str, Any], answer.body, what="user"), http_date(answer.headers.get("date"))

    async def folder(self, name: str) -> tuple[Folder | None, float | None]:
        """A folder by its id, or by the name ``contacts`` that the default one always has; and the server's clock."""
        call = self._get(f"{self._folder(name)}", "/v1.0/{mailbox}/contactFolders/{folder}", {400, 404})
        answer = await self._http.read(call)
        clock = http_date(answer.headers.get("date"))
        return (_folder(json_as(dict[str, Any], answer.body, what="folder"), ""), clock) if answer.status == 200 else (
            None, clock
        )  # fmt: skip

    async def some_parent(self, folder: str = "") -> str:
        """The folder that some contact of a folder (of the default one) names as its own, "" where that is empty."""
        at = f"{self._folder(folder)}/contacts" if folder else f"{self._box}/contacts"
        url = f"{self._version}{at}?$top=1&$select=parentFolderId"
        found = await self._listed(url, "/v1.0/{mailbox}/contactFolders/{folder}/contacts")
        return str(found.rows[0].get("parentFolderId", "")) if found.rows else ""

    async def folders(self, below: str = "", path: str = "") -> list[Folder]:
        """All folders below one (below the default one), those in them included."""
        at = f"{self._folder(below)}/childFolders" if below else f"{self._box}/contactFolders"
        url, found = f"{self._version}{at}?$top={PAGE // 2}", []
        for _ in range(_MOST_PAGES):
            page = await self._listed(url, "/v1.0/{mailbox}/contactFolders")
            found += [_folder(row, path) for row in page.rows]
            if not page.following:
                break
            url = page.following
        else:
            raise ContractBroken("the list of folders does not end")
        for each in list(found):
            found += await self.folders(each.id, f"{each.name}/")
        return found

    # --- contacts ---------------------------------------------------------------------------------------------

    def changes(self, folder: str) -> str:
        """The address at which reading a folder begins."""
        return f"{self._version}{self._folder(folder)}/contacts/delta?$select={','.join(SELECT)}"

    async def page_of_changes(self, url: str, *, first: bool) -> Listed:
        """A page of a round of changes.

        Args:
            url: :meth:`changes`, or a link of an earlier page, as it was given. first: whether it is the former.

        Raises:
            CursorExpired: the service has forgotten the link. ContractBroken: there is no such folder any more.
        """
        prefer = {**_PREFER, "Prefer": f"{IMMUTABLE}, odata.maxpagesize={PAGE}"}
        template = "/v1.0/{mailbox}/contactFolders/{folder}/contacts/delta"
        accept = frozenset({200, 404} if first else {200, 400, 404, 410})
        call = Call("GET", url, template, prefer, accept=accept | {410}, content="json")
        answer = await self._http.read(call)
        if answer.status == 200:
            return _listed(answer.body, what="changes")
        if first and answer.status == 404:
            raise ContractBroken(_NO_FOLDER)
        forgotten = error_in(answer.body).codes & FORGOTTEN
        what = (
            "asks for a new beginning" if answer.status == 410 or forgotten else "does not take its own link any more"
        )
        raise CursorExpired(f"the service {what}")

    async def newest(self, folder: str, link: str = "") -> Listed:
        """A page of contacts, those that were created last first."""
        path = f"{self._folder(folder)}/contacts?$orderby=createdDateTime%20desc&$top=50&$select={','.join(SELECT)}"
        return await self._listed(link or self._version + path, "/v1.0/{mailbox}/contactFolders/{folder}/contacts")

    async def changed_last(self, folder: str, link: str = "") -> tuple[Listed, float | None]:
        """A page of ids with their times of change, those that were changed last first; and the server's clock."""
        path = f"{self._folder(folder)}/contacts?$orderby={MODIFIED}%20desc&$top={PAGE}&$select={MODIFIED}"
        template = "/v1.0/{mailbox}/contactFolders/{folder}/contacts"
        accept = frozenset({200, 404})
        call = Call("GET", link or self._version + path, template, _PREFER, accept=accept, content="json")
        answer = await self._http.read(call)
        if answer.status == 404:
            raise ContractBroken(_NO_FOLDER)
        return _listed(answer.body, what="list"), http_date(answer.headers.get("date"))

    async def ask(self, steps: Sequence[Step]) -> list[Told | None]:
        """A batch of requests that change nothing."""
        answer = await self._http.read(self._batch(steps))
        return batch.read(answer.body, len(steps))

    async def tell(self, steps: Sequence[Step]) -> list[Told | None] | NotSent | Unknown | Refusal:
        """A batch of requests that change something; None for one whose answer cannot be read."""
        answer = await self._http.write(self._batch(steps))
        if not isinstance(answer, Answered):
            return answer
        if answer.status != 200:
            return Refusal(error_in(answer.body).code or str(answer.status))
        try:
            return batch.read(answer.body, len(steps))
        except ContractBroken as error:
            return Unknown(error.message)

    # --- requests in a batch ----------------------------------------------------------------------------------

    def reading(self, folder: str, contact: str, select: Iterable[str] = SELECT) -> Step:
        """Read one contact."""
        return Step("GET", f"{self._contact(folder, contact)}?$select={','.join(select)}")

    def finding(self, folder: str, condition: str, select: Iterable[str] = SELECT) -> Step:
        """Look for contacts of a folder by a condition in OData's filter language."""
        wanted = f"$filter={quote(condition, safe='')}&$select={','.join(select)}&$top=100"
        return Step("GET", f"{self._folder(folder)}/contacts?{wanted}")

    def creating(self, folder: str, body: dict[str, Any]) -> Step:
        """Make a contact."""
        return Step("POST", f"{self._folder(folder)}/contacts", body)

    def updating(self, folder: str, contact: str, body: dict[str, Any], match: str) -> Step:
        """Change the properties of a contact that has this entity tag."""
        return Step("PATCH", self._contact(folder, contact), body, match)

    def deleting(self, folder: str, contact: str, match: str) -> Step:
        """Put a contact that has this entity tag into Deleted Items."""
        return Step("DELETE", self._contact(folder, contact), None, match)

    # --- parts ------------------------------------------------------------------------------------------------

    def _folder(self, folder: str) -> str:
        return f"{self._box}/contactFolders/{_part(folder)}"

    def _contact(self, folder: str, contact: str) -> str:
        return f"{self._folder(folder)}/contacts/{_part(contact)}"

    def _batch(self, steps: Sequence[Step]) -> Call:
        headers = {**_PREFER, "Content-Type": "application/json"}
        return Call("POST", f"{self._version}/$batch", "/v1.0/$batch", headers, batch.written(steps), content="json")

    def _get(self, path: str, template: str, accept: Iterable[int] = ()) -> Call:
        return Call("GET", self._version + path, template, _PREFER, accept=frozenset({200, *accept}), content="json")

    async def _listed(self, url: str, template: str) -> Listed:
        answer = await self._http.read(Call("GET", url, template, _PREFER, content="json"))
        return _listed(answer.body, what="list")


def _part(text: str) -> str:
    """One part of a path. Ids are opaque, and case-sensitive."""
    return quote(text, safe="=")


def _listed(body: bytes, *, what: str) -> Listed:
    try:
        whole = json_as(dict[str, Any], body, what=what)
    except ContractBroken:
        whole = json_with_gaps(body, what=what)
    rows = whole.get("value") if isinstance(whole, dict) else None
    if not isinstance(rows, list) or not all(isinstance(each, dict) and _is_id(each.get("id", "-")) for each in rows):
        raise ContractBroken(f"{what}: the answer has no rows")
    following, later = whole.get("@odata.nextLink", ""), whole.get("@odata.deltaLink", "")
    if not isinstance(following, str) or not isinstance(later, str):
        raise ContractBroken(f"{what}: a link is no text")
    return Listed(rows, following, later)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _folder(row: dict[str, Any], path: str) -> Folder:
    number, name = row.get("id"), row.get("displayName")
    if not isinstance(number, str) or not number or not isinstance(name, str):
        raise ContractBroken("folder: the answer has no id or no name")
    return Folder(number, path + name)
