"""The change feed of an address book: sync-collection with a token, or a list of etags where that is not offered.

The answer to one sync report may name a whole book; its cards are then read a hundred at a time, a page each. The
cursor of such a page is still the one before the report, as the server knows no place in between: whoever is
interrupted reads the report's cards again.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal

import msgspec

from zohosyncd.connectors.carddav import bodies
from zohosyncd.connectors.carddav.client import DavClient, Delta, SyncNotOffered
from zohosyncd.connectors.carddav.discovery import Book
from zohosyncd.connectors.carddav.href import is_member
from zohosyncd.connectors.carddav.reading import GROUP, MULTIGET, read_cards
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Change, Found, Listed, Missing, Page, Removed, Unreadable, Upserted

LIST_PAGE: Final = 1000
"""Most ids of one page of a list: they are only paths and versions."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a feed stands: ``mark`` is a sync token or a ctag, None = at the beginning."""

    mode: Literal["token", "list"]
    mark: str | None = None

    def encoded(self) -> str:
        """Its text."""
        return msgspec.json.encode(self).decode()


async def changes(client: DavClient, book: Book, fields: Sequence[str], cursor: str | None) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Raises:
        CursorExpired: the server forgot the token, or the book is no longer read in the way that the cursor names.
    """
    known = _decoded(cursor)
    if book.syncs and (known is None or known.mode == "token"):
        mark = known.mark if known is not None else None
        try:
            delta = await client.changed_since(book.path, mark)
        except SyncNotOffered:
            if mark is not None:
                raise CursorExpired("the server answers no sync report any more") from None
        else:
            async for page in _by_token(client, book, fields, mark, delta):
                yield page
            return
    elif known is not None and known.mode != "list":
        raise CursorExpired("the server answers no sync report any more")
    async for page in _by_list(client, book, known if known is not None and known.mode == "list" else None):
        yield page


def _decoded(cursor: str | None) -> Cursor | None:
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except msgspec.DecodeError:
        raise CursorExpired("the cursor cannot be read") from None


async def _by_token(
    client: DavClient, book: Book, fields: Sequence[str], mark: str | None, delta: Delta
) -> AsyncIterator[Page]:
    full = mark is None
    while True:
        removed: list[Change] = [Removed(href) for href in delta.removed] if not full else []
        hrefs = delta.changed
        before = Cursor("token", mark).encoded()
        for start in range(0, len(hrefs), MULTIGET):
            last = start + MULTIGET >= len(hrefs)
            read = await _read(client, book, fields, hrefs[start : start + MULTIGET])
            if not last:
                yield Page((*removed, *read), before, complete=False, full=full)
                removed = []
            else:
                removed += read
        if not delta.truncated:
            yield Page(tuple(removed), Cursor("token", delta.token).encoded(), complete=True, full=full)
            return
        # An interrupted full read begins anew: only a pass without gaps may say what is absent.
        mark = None if full else delta.token
        yield Page(tuple(removed), Cursor("token", mark).encoded(), complete=False, full=full)
        delta = await _next(client, book, delta.token)


async def _next(client: DavClient, book: Book, token: str) -> Delta:
    try:
        return await client.changed_since(book.path, token)
    except SyncNotOffered:
        raise ContractBroken("the server does not go on with its own truncated sync report") from None


async def _read(client: DavClient, book: Book, fields: Sequence[str], hrefs: Sequence[str]) -> list[Change]:
    read: list[Change] = []
    for answer in await read_cards(client, book.path, fields, hrefs):
        match answer:
            case Found(record):
                read.append(Upserted(record))
            case Missing(href):
                read.append(Removed(href))
            case Unreadable(reason=reason) if reason != GROUP:
                read.append(answer)
            case _:
                pass  # a group is no person
    return read


async def _by_list(client: DavClient, book: Book, known: Cursor | None) -> AsyncIterator[Page]:
    """Every path with its version, unless the book's ctag says that nothing has changed."""
    # The mark is taken before the list: what changes in between is listed again next time.
    _, about = await client.find(book.path, [bodies.CTAG], depth=0)
    ctag = about.entries[0].text(bodies.CTAG) if about is not None and about.entries else None
    after = Cursor("list", ctag).encoded()
    if known is not None and known.mark is not None and known.mark == ctag:
        yield Page((), after, complete=True, full=False)
        return
    _, listed = await client.find(book.path, [bodies.ETAG, bodies.RESOURCE_TYPE], depth=1)
    if listed is None:
        raise ContractBroken("the server does not list the address book")
    rows = [Listed(each.href, each.version) for each in listed.entries if is_member(each.href, book.path)]
    before = Cursor("list").encoded()
    for start in range(0, max(len(rows), 1), LIST_PAGE):
        last = start + LIST_PAGE >= len(rows)
        yield Page(tuple(rows[start : start + LIST_PAGE]), after if last else before, complete=last, full=True)
