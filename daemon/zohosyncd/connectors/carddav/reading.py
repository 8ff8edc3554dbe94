"""Cards as records: what the server sent, read with our fields; and the point reads of the port."""

from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Final

from zohosyncd.connectors.carddav import bodies
from zohosyncd.connectors.carddav.client import DavClient, etag_of
from zohosyncd.connectors.carddav.fields import is_group, parse, revision, values_of
from zohosyncd.connectors.carddav.multistatus import Entry
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Fetched, Found, Missing, Unreadable
from zohosyncd.transport.together import together

MULTIGET: Final = 100
"""Most cards of one multiget: large enough for few calls, small enough for servers that read each card from disk."""

GROUP: Final = "a group of cards, not a person"


def shown(href: str, entry: Entry, fields: Sequence[str]) -> Found | Unreadable:
    """A card that the server sent, as a record. Groups are Unreadable with the reason :data:`GROUP`."""
    text = entry.card
    if text is None:
        return Unreadable(href, entry.version, "the server sent no card")
    return record_of(href, text, fields, version=entry.version, modified=when(entry.text(bodies.MODIFIED)))


def record_of(
    href: str, text: str, fields: Sequence[str], *, version: str | None, modified: float | None
) -> Found | Unreadable:
    """A card's text as a record; ``native`` is the text itself."""
    try:
        card = parse(text)
        if is_group(card):
            return Unreadable(href, version, GROUP)
        values = values_of(card, fields)
    except DataError as error:
        return Unreadable(href, version, error.message)
    return Found(Record(href, values, version, modified if modified is not None else revision(card), text))


def when(moment: str | None) -> float | None:
    """Seconds since 1970 of an HTTP date (RFC 9110 section 5.6.7), None if it is none."""
    if not moment:
        return None
    try:
        parsed = parsedate_to_datetime(moment)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


async def read_cards(client: DavClient, book: str, fields: Sequence[str], hrefs: Sequence[str]) -> list[Fetched]:
    """Read these cards, each path answered once."""
    wanted = list(dict.fromkeys(hrefs))
    chunks = [wanted[start : start + MULTIGET] for start in range(0, len(wanted), MULTIGET)]
    answers = await together(partial(_read_chunk, client, book, fields, chunk) for chunk in chunks)
    return [each for answer in answers for each in answer]


async def _read_chunk(client: DavClient, book: str, fields: Sequence[str], hrefs: Sequence[str]) -> list[Fetched]:
    entries = await client.cards(book, hrefs)
    return [
        await _read_one(client, href, fields) if (entry := entries.get(href)) is None else _fetched(href, entry, fields)
        for href in hrefs
    ]


def _fetched(href: str, entry: Entry, fields: Sequence[str]) -> Fetched:
    return Missing(href) if entry.missing else shown(href, entry, fields)


async def _read_one(client: DavClient, href: str, fields: Sequence[str]) -> Fetched:
    """A path that a multiget left out: absence from an answer is no evidence, so ask for the card itself."""
    answer = await client.get(href)
    if answer.status != 200:
        return Missing(href)
    version, modified = etag_of(answer), when(answer.headers.get("last-modified"))
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return Unreadable(href, version, "the card is not UTF-8")
    return record_of(href, text, fields, version=version, modified=modified)
