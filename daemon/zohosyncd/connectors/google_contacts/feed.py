"""The change feed of a mailbox: all contacts once, then what has changed, by sync tokens.

Lists may be behind by several minutes (vendor), so what they say has changed is only a reason to read it: a contact
that a list shows otherwise than it was last seen here is read by its name, a removed one as well. What they show of our
own writes is known, and costs nothing.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Literal

import msgspec

from zohosyncd.connectors.google_contacts.client import MOST_ITEMS, Connections, PageEnded
from zohosyncd.connectors.google_contacts.fields import EMAILS, MEMBERSHIPS, PHONES, person_fields
from zohosyncd.connectors.google_contacts.person import (
    Person,
    entries,
    former_ids,
    id_of,
    is_deleted,
    source_of,
)
from zohosyncd.connectors.google_contacts.reading import Reader, mask_for
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import (
    Change,
    Fetched,
    Found,
    Listed,
    Missing,
    Moved,
    Page,
    Removed,
    Unreadable,
    Upserted,
)


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a feed stands.

    Attributes:
        mode: reading everything, or what has changed. mask: what is asked for, which has to stay the same.
        sync: the token of what has been seen. page: the token of the next page, "" for the first one.
    """

    mode: Literal["all", "changed"]
    mask: str
    sync: str = ""
    page: str = ""

    def encoded(self) -> str:
        """Its text."""
        return msgspec.json.encode(self).decode()


async def changes(reader: Reader, fields: Sequence[str], cursor: str | None) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Raises:
        CursorExpired: a token has ended, or was given for fewer fields.
    """
    place = _place(fields, cursor)
    pages = _everything(reader, fields, place) if place.mode == "all" else _changed(reader, fields, place)
    async for page in pages:
        yield page


def _place(fields: Sequence[str], cursor: str | None) -> Cursor:
    if cursor is None:
        return Cursor("all", mask_for(fields))
    try:
        place = msgspec.json.decode(cursor, type=Cursor)
    except msgspec.DecodeError:
        raise CursorExpired("the cursor cannot be read") from None
    if not person_fields(fields) <= set(place.mask.split(",")):
        raise CursorExpired("the sync token was given for fewer fields")
    return place


async def _everything(reader: Reader, fields: Sequence[str], place: Cursor) -> AsyncIterator[Page]:
    if MEMBERSHIPS in fields:
        await reader.groups.load()  # names of labels change without a word about the contacts
    while True:
        read = await reader.client.connections(place.mask, page=place.page)
        place, last = _next(place, read)
        people = [each for each in read.connections if source_of(each) is not None and id_of(each)]
        await reader.know_labels(fields, people)
        yield Page(tuple(await _shown(reader, fields, people)), place.encoded(), complete=last, full=True)
        if last:
            return


async def _changed(reader: Reader, fields: Sequence[str], place: Cursor) -> AsyncIterator[Page]:
    again = False
    while True:
        try:
            read = await reader.client.connections(place.mask, sync=place.sync, page=place.page)
        except PageEnded:
            if again:
                raise ContractBroken("Google does not go on with its own list of changes") from None
            # From the sync token on: what was read already comes once more.
            place, again = Cursor("changed", place.mask, place.sync), True
            continue
        place, last = _next(place, read)
        known = [each for each in read.connections if id_of(each)]
        yield Page(tuple(await _news(reader, fields, known)), place.encoded(), complete=last, full=False)
        if last:
            return


def _next(place: Cursor, read: Connections) -> tuple[Cursor, bool]:
    """Where to go on, and whether this was the last page."""
    if read.next_page:
        if read.next_page == place.page:
            raise ContractBroken("the list of contacts does not end")
        return Cursor(place.mode, place.mask, place.sync, read.next_page), False
    if not read.next_sync:
        raise ContractBroken("the list of contacts ended without a sync token")
    return Cursor("changed", place.mask, read.next_sync), True


async def _shown(reader: Reader, fields: Sequence[str], people: Sequence[Person]) -> list[Change]:
    """Everybody on a page of a complete read; of whom the page may be behind, or cut, what a read by name says."""
    found: list[Change] = []
    doubtful: list[str] = []
    for person in people:
        record = reader.record(person, fields)
        if isinstance(record, Unreadable):
            found.append(record)
        elif not reader.recent.trusts(record) or _may_be_cut(person):
            doubtful.append(record.id)
        else:
            found.append(Upserted(record))
    return [*found, *_told(await reader.fetch_listed(fields, doubtful))]


async def _news(reader: Reader, fields: Sequence[str], people: Sequence[Person]) -> list[Change]:
    """What a page of changes means, as reads by name show it: who is so, who is gone, and who is called otherwise."""
    living = [each for each in people if not is_deleted(each) and source_of(each) is not None]
    await reader.know_labels(fields, living)
    moved = {former: id_of(each) for each in living for former in former_ids(each) if former != id_of(each)}
    found: list[Change] = [Moved(former, name) for former, name in moved.items()]
    unknown: list[str] = []
    for person in living:
        record = reader.record(person, fields)
        if isinstance(record, Record) and reader.recent.is_known(record):
            found.append(Listed(record.id, record.version))
        else:
            unknown.append(id_of(person))
    found += _told(await reader.fetch_listed(fields, unknown))
    dead = {id_of(each) for each in people} - {id_of(each) for each in living} - moved.keys()
    ours = {each for each in dead if reader.recent.is_lost(each)}
    found += [Removed(each) for each in sorted(ours)]
    gone = await reader.fetch(fields, sorted(dead - ours))
    return [*found, *_told(gone), *(Removed(each.id) for each in gone if isinstance(each, Missing))]


def _told(answers: Sequence[Fetched]) -> list[Change]:
    """What reads by name have shown; who is missing is left out."""
    shown: list[Change] = [Upserted(each.record) for each in answers if isinstance(each, Found)]
    return shown + [each for each in answers if isinstance(each, Moved | Unreadable)]


def _may_be_cut(person: Person) -> bool:
    return any(len(entries(person, field)) >= MOST_ITEMS for field in (EMAILS, PHONES))
