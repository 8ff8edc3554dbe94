"""The calls of CardDAV, one method each: what is sent, which answers are understood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from zohosyncd.connectors.carddav import bodies
from zohosyncd.connectors.carddav.bodies import DAV
from zohosyncd.connectors.carddav.href import is_member, is_normal, normal_path
from zohosyncd.connectors.carddav.multistatus import (
    Entry,
    Multistatus,
    parse_multistatus,
    preconditions,
    read_multistatus,
    strong,
)
from zohosyncd.core.errors import ContractBroken, CursorExpired, PermissionLacking
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.sender import Answered

_XML: Final = {"Content-Type": "application/xml; charset=utf-8"}
_NO_TOKEN: Final = DAV + "valid-sync-token"
_NOT_OFFERED: Final = frozenset({400, 404, 405, 415, 501})


class SyncNotOffered(Exception):
    """The server does not (or not now) answer sync-collection; its book has to be listed."""


@dataclass(frozen=True, slots=True)
class Delta:
    """An answer to sync-collection.

    Attributes:
        changed: paths of cards that are new or different.
        removed: paths of cards that are gone.
        token: where to go on.
        truncated: there is more; ask again with the token (RFC 6578 section 3.6).
    """

    changed: Sequence[str]
    removed: Sequence[str]
    token: str
    truncated: bool


class DavClient:
    """One account's CardDAV server.

    Args:
        http: the account's client.
        url: the configured address; paths are taken from its root.
    """

    def __init__(self, http: Client, url: str) -> None:
        self._http = http
        self._root = urljoin(url, "/")

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self._root).hostname or ""

    def settle_on(self, url: str) -> None:
        """Go on with the server that a redirect of discovery led to (the client allowed it)."""
        self._root = urljoin(url, "/")

    async def find(
        self, path: str, properties: Iterable[str], *, depth: int, accept: Iterable[int] = ()
    ) -> tuple[Answered, Multistatus | None]:
        """PROPFIND; the second part is None for the other accepted statuses."""
        call = self._call(
            "PROPFIND", path, "/{path}", bodies.propfind(properties), {"Depth": str(depth)}, {207, *accept}
        )
        answer = await self._http.read(call)
        return answer, parse_multistatus(answer.body, urlsplit(answer.url).path) if answer.status == 207 else None

    async def changed_since(self, book: str, token: str | None) -> Delta:
        """REPORT sync-collection.

        Raises:
            CursorExpired: the server forgot the token (the precondition decides: servers differ in the status).
            SyncNotOffered: it does not know this report, or cannot answer it as a whole.
        """
        statuses = {207, 403, 409, 410, 412, 507, *_NOT_OFFERED}
        call = self._call("REPORT", book, "/{book}/", bodies.sync_collection(token), {"Depth": "0"}, statuses)
        answer = await self._http.read(call)
        if answer.status != 207:
            raise _no_delta(answer, token)
        return _delta(answer.body, book, token)

    async def cards(self, book: str, hrefs: Sequence[str]) -> dict[str, Entry]:
        """REPORT addressbook-multiget: what the server says of these paths; unanswered ones are missing."""
        call = self._call("REPORT", book, "/{book}/", bodies.multiget(hrefs), {"Depth": "0"}, {207})
        answer = await self._http.read(call)
        return {each.href: each for each in parse_multistatus(answer.body, book).entries}

    async def any_card(self, book: str) -> Entry | None:
        """One card's version and time, None in an empty book or where queries are not answered."""
        statuses = {207, 403, 507, *_NOT_OFFERED}
        call = self._call("REPORT", book, "/{book}/", bodies.one_card(), {"Depth": "1"}, statuses)
        answer = await self._http.read(call)
        if answer.status != 207:
            return None
        entries = parse_multistatus(answer.body, book).entries
        return next((each for each in entries if each.version and is_member(each.href, book)), None)

    async def cards_with(self, book: str, addresses: Iterable[str]) -> list[str] | None:
        """Paths of the cards with one of these e-mail addresses; None where that is not answered, or only in part."""
        statuses = {207, 403, 507, *_NOT_OFFERED}
        call = self._call("REPORT", book, "/{book}/", bodies.with_address(addresses), {"Depth": "1"}, statuses)
        answer = await self._http.read(call)
        if answer.status != 207:
            return None
        entries = parse_multistatus(answer.body, book).entries
        if any(each.status == 507 for each in entries):
            return None
        return [each.href for each in entries if each.version and is_member(each.href, book)]

    async def get(self, href: str) -> Answered:
        """GET a card: status 200, 404 or 410."""
        headers = {"Accept": "text/vcard"}
        url = self._url(href)
        return await self._http.read(Call("GET", url, "/{book}/{card}", headers, accept=frozenset({200, 404, 410})))

    async def put(self, href: str, card: str, *, version: str | None) -> Answered | NotSent | Unknown:
        """PUT a card: over that version, or as a new one (None)."""
        headers = {"If-None-Match": "*"} if version is None else {"If-Match": version}
        headers["Content-Type"] = "text/vcard; charset=utf-8"
        accept = frozenset({200, 201, 204, 403})  # 403 carries a precondition that concerns this card alone
        call = Call("PUT", self._url(href), "/{book}/{card}", headers, card.encode(), accept)
        return _no_page(await self._http.write(call))

    async def delete(self, href: str, *, version: str) -> Answered | NotSent | Unknown:
        """DELETE a card of that version."""
        accept = frozenset({200, 202, 204, 403})
        headers = {"If-Match": version}
        call = Call("DELETE", self._url(href), "/{book}/{card}", headers, accept=accept)
        return _no_page(await self._http.write(call))

    def _call(
        self, method: str, path: str, template: str, body: bytes, headers: dict[str, str], accept: Iterable[int]
    ) -> Call:
        return Call(method, self._url(path), template, {**_XML, **headers}, body, frozenset(accept), content="xml")

    def _url(self, path: str) -> str:
        # What is rooted and in our spelling only needs the server before it.
        return self._root[:-1] + path if is_normal(path) else urljoin(self._root, path)


def _no_page(answer: Answered | NotSent | Unknown) -> Answered | NotSent | Unknown:
    """A page for people that says "fine" is a proxy's or a login's: nobody knows what became of the write.

    Pages beside an error are common, and their status is the server's own.
    """
    if isinstance(answer, Answered) and answer.status < 300:
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media == "text/html" and answer.body:
            return Unknown("a page in place of an answer")
    return answer


def etag_of(answer: Answered) -> str | None:
    """The version that a PUT or GET names; servers that rewrite a card leave it out."""
    return strong(answer.headers.get("etag"))


def location_of(answer: Answered, href: str) -> str:
    """Where a PUT has put the card: some servers choose another path."""
    location = answer.headers.get("location")
    return normal_path(location, href) if location and answer.status == 201 else href


def _no_delta(answer: Answered, token: str | None) -> Exception:
    named = preconditions(answer.body)
    if _NO_TOKEN in named or (answer.status == 410 and token):
        return CursorExpired("the server forgot the sync token")
    if answer.status == 403 and not named:
        return PermissionLacking("the login may not read this address book")
    return SyncNotOffered()


def _delta(body: bytes, book: str, token: str | None) -> Delta:
    changed: list[str] = []
    removed: list[str] = []
    members, truncated = 0, False

    def take(entry: Entry) -> None:
        nonlocal members, truncated
        if is_member(entry.href, book):
            members += 1
            if entry.missing:
                removed.append(entry.href)
            elif entry.status in {200, None}:
                changed.append(entry.href)
        truncated = truncated or (entry.status == 507 and entry.href in {book, book.rstrip("/")})

    found = read_multistatus(body, book, take)
    if found is None:
        raise ContractBroken("the server answered a sync report without a token")
    if truncated and found == token and not members:
        raise ContractBroken("the server repeats a truncated sync report for ever")
    return Delta(changed, removed, found, truncated)
