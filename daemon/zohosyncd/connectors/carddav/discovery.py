"""From the configured address to the address books: well-known path, principal, home, books (RFC 6764, RFC 6352).

The server must stay the one that the operator named: the login is never shown to another host. SRV records are not
looked up, the address names the host.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element  # a type only: parsing is defusedxml's

from zohosyncd.connectors.carddav import bodies
from zohosyncd.connectors.carddav.bodies import CARD, DAV
from zohosyncd.connectors.carddav.client import DavClient
from zohosyncd.connectors.carddav.href import collection_path, last_segment, normal_path
from zohosyncd.connectors.carddav.multistatus import Entry
from zohosyncd.core.errors import ContractBroken, PermissionLacking
from zohosyncd.transport.sender import Answered

WELL_KNOWN: Final = "/.well-known/carddav"

_ABOUT_US: Final = (bodies.PRINCIPAL, bodies.HOME_SET, bodies.RESOURCE_TYPE)
_ABOUT_BOOKS: Final = (
    bodies.RESOURCE_TYPE,
    bodies.DISPLAY_NAME,
    bodies.REPORTS,
    bodies.DATA_TYPES,
    bodies.CTAG,
    bodies.SYNC_TOKEN,
)
_ELSEWHERE: Final = frozenset({400, 403, 404, 405, 410, 501})  # "nothing of the kind here", in several dialects


@dataclass(frozen=True, slots=True)
class Book:
    """An address book.

    Attributes:
        path: of the collection; our reference of the object.
        name: for people.
        syncs: whether it answers sync-collection.
        versions: vCard versions that the server says it stores, empty where it does not say.
        ctag: a mark that changes with the content, None where there is none.
    """

    path: str
    name: str
    syncs: bool
    versions: frozenset[str] = frozenset()
    ctag: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What discovery found: who we are there, the server's time if it told it, and the books."""

    principal: str
    date: str
    books: tuple[Book, ...]


async def discover(client: DavClient, url: str) -> Home:
    """Find the address books of the login.

    Args:
        client: the account's server.
        url: what the operator configured: a host, a context path, a principal, a home or one book.

    Raises:
        ContractBroken: this is no CardDAV server, or it sends us to another host.
        PermissionLacking: no books were found, and the server forbids to look somewhere.
        AuthLost, Unavailable, RateLimited: see transport.
    """
    path = urlsplit(url).path or "/"
    starts = [path] if path != "/" else []
    forbidden: list[str] = []
    for start in (*starts, WELL_KNOWN, "/"):
        answer, found = await client.find(start, _ABOUT_US, depth=0, accept=_ELSEWHERE)
        if answer.status == 403:
            forbidden.append(start)
        if found is None or not found.entries:
            continue
        client.settle_on(answer.url)
        entry = found.entries[0]
        if _is_book(entry):
            return await _single(client, entry, answer)
        home = await _home(client, entry, answer, forbidden)
        if home is not None:
            return home
    if forbidden:
        raise PermissionLacking(
            "the server does not allow this login to look for address books",
            hint="may this user use address books there?",
        )
    raise ContractBroken("no address book was found there", hint="is the account's url that of a CardDAV server?")


async def _home(client: DavClient, entry: Entry, answer: Answered, forbidden: list[str]) -> Home | None:
    """From the answer of a context path or a principal to the books, None if it leads nowhere.

    Where the server lets the login not look is added to ``forbidden``.
    """
    base = urlsplit(answer.url).path
    principal = _own(client, entry.hrefs(bodies.PRINCIPAL), base)
    homes = _own(client, entry.hrefs(bodies.HOME_SET), base)
    if not homes and principal:
        answer, found = await client.find(principal[0], _ABOUT_US, depth=0, accept=_ELSEWHERE)
        if answer.status == 403:
            forbidden.append(principal[0])
        if found is None or not found.entries:
            return None
        homes = _own(client, found.entries[0].hrefs(bodies.HOME_SET), principal[0])
    books: dict[str, Book] = {}
    for home in homes:
        _, listed = await client.find(home, _ABOUT_BOOKS, depth=1)
        for each in listed.entries if listed is not None else ():
            if _is_book(each):
                book = _book(each)
                books[book.path] = book
    if not homes:
        return None
    who = principal[0] if principal else entry.href
    return Home(who, answer.headers.get("date", ""), tuple(books.values()))


async def _single(client: DavClient, entry: Entry, answer: Answered) -> Home:
    """The configured address is a book itself: that one and no other."""
    path = collection_path(entry.href)
    _, found = await client.find(path, _ABOUT_BOOKS, depth=0)
    if found is None or not found.entries:
        raise ContractBroken("the address book does not tell its properties")
    principal = _own(client, entry.hrefs(bodies.PRINCIPAL), path)
    who = principal[0] if principal else path
    return Home(who, answer.headers.get("date", ""), (_book(found.entries[0]),))


def _is_book(entry: Entry) -> bool:
    kind = entry.props.get(bodies.RESOURCE_TYPE)
    return kind is not None and kind.find(CARD + "addressbook") is not None


def _book(entry: Entry) -> Book:
    reports = entry.props.get(bodies.REPORTS)
    types = entry.props.get(bodies.DATA_TYPES)
    path = collection_path(entry.href)
    return Book(
        path=path,
        name=entry.text(bodies.DISPLAY_NAME) or last_segment(path),
        syncs=reports is not None and any(True for _ in reports.iter(DAV + "sync-collection")),
        versions=_versions(types) if types is not None else frozenset(),
        ctag=entry.text(bodies.CTAG),
    )


def _versions(types: Element) -> frozenset[str]:
    """The vCard versions in supported-address-data (RFC 6352 section 6.2.2)."""
    cards = [each for each in types if (each.get("content-type") or "text/vcard").startswith("text/vcard")]
    return frozenset(each.get("version") or "3.0" for each in cards)


def _own(client: DavClient, hrefs: Sequence[str], base: str) -> tuple[str, ...]:
    """The paths of these hrefs; one on another host is refused, as the login would be shown to it."""
    for href in hrefs:
        host = urlsplit(href).hostname
        if host not in {None, client.host}:
            raise PermissionLacking(
                "the address books of this login live on another host", hint=f"set the account's url to https://{host}/"
            )
    return tuple(normal_path(href, base) for href in hrefs)
