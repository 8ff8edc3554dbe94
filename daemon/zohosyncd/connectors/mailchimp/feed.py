"""The feed of an audience: everything once, then what was changed since.

Members come in the order of their last change: whoever changes meanwhile moves to the end and is seen again. The bound
of the next pass is the server's clock at the first request of this one, and changes may show late, so the next pass
begins an overlap before it.

Archived members are not there for us. Whether a list without a filter shows them is not documented, so they are asked
for by a call of their own, until it has been seen to. Members that were deleted for ever leave no trace: only a
complete read lacks them.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from zohosyncd.connectors.mailchimp.client import MailchimpClient, MemberPage
from zohosyncd.connectors.mailchimp.cursor import Cursor, Pass
from zohosyncd.connectors.mailchimp.fields import TAGS
from zohosyncd.connectors.mailchimp.members import (
    Shape,
    changed_at,
    contact_of,
    is_archived,
    lacks_tags,
    query_fields,
    read,
)
from zohosyncd.connectors.mailchimp.pages import walk
from zohosyncd.connectors.mailchimp.values import Row
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Change, Page, Removed, Upserted


@dataclass(slots=True)
class Source:
    """What a feed reads.

    Attributes:
        ref: the audience. shape: its schema. overlap: seconds that every pass reads again.
        tells_archived: whether lists without a filter have been seen to show archived members.
    """

    client: MailchimpClient
    ref: str
    shape: Shape
    overlap: float
    tells_archived: bool = False


async def pages(
    source: Source, fields: Sequence[str], cursor_text: str | None, *, deletions: bool = True
) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Args:
        source: the audience. fields: of the records. cursor_text: the place, None = the beginning.
        deletions: whether archived members may be asked for by a call of their own.

    Raises:
        CursorExpired: the cursor is unreadable.
    """
    place = Cursor.parse(cursor_text)
    full = place.full
    if place.under_way is None or not place.under_way.archived:
        async for changes, after in _changed(source, fields, place):
            place = after
            read_all = after.under_way is not None and after.under_way.archived
            known = full or source.tells_archived
            if read_all and (known or not deletions):
                yield Page(changes, _ended(after, known=known).text(), complete=True, full=full)
                return
            yield Page(changes, after.text(), complete=False, full=full)
    async for changes, after in _archived(source, place):
        yield Page(changes, after.text(), complete=after.under_way is None, full=full)


async def _changed(
    source: Source, fields: Sequence[str], cursor: Cursor
) -> AsyncIterator[tuple[tuple[Change, ...], Cursor]]:
    """The changes of each page and the place behind it."""
    run = cursor.under_way
    lower = None if cursor.since is None else cursor.since - source.overlap
    lower = run.border if run is not None and run.border is not None else lower
    asked = query_fields(fields, "members.")

    async def ask(offset: int) -> MemberPage:
        return await source.client.members(source.ref, asked, offset=offset, since=lower)

    async for page, rows, last in walk(ask):
        moments = [at for row in page.rows if (at := changed_at(row)) is not None]
        border = max(moments, default=run.border if run is not None else None)
        if run is None:
            run = Pass(page.date if page.date is not None else border or 0.0)
        found = [await change_of(source, fields, row) for row in rows]
        changes = tuple(each for each in found if not (cursor.full and isinstance(each, Removed)))
        run = msgspec.structs.replace(run, border=border, archived=last)
        cursor = msgspec.structs.replace(cursor, under_way=run)
        yield changes, cursor


async def _archived(source: Source, cursor: Cursor) -> AsyncIterator[tuple[tuple[Change, ...], Cursor]]:
    """Archived members of each page and the place behind it; a pass that was interrupted here begins here anew."""
    known = cursor.since if cursor.archived_since is None else cursor.archived_since
    since = None if known is None else known - source.overlap
    asked = query_fields((), "members.")

    async def ask(offset: int) -> MemberPage:
        return await source.client.members(source.ref, asked, offset=offset, since=since, status="archived")

    async for _page, rows, last in walk(ask):
        changes = tuple(Removed(contact_of(row), changed_at(row)) for row in rows if is_archived(row))
        yield changes, _ended(cursor, known=True) if last else cursor


def _ended(cursor: Cursor, *, known: bool) -> Cursor:
    """The place behind a complete pass. ``known``: whether it has shown what was archived."""
    started = cursor.under_way.started if cursor.under_way is not None else 0.0
    before = cursor.since if cursor.archived_since is None else cursor.archived_since
    return Cursor(max(started, cursor.since or 0.0), None if known else before)


async def change_of(source: Source, fields: Sequence[str], row: Row) -> Change:
    """What a row of a list says."""
    if is_archived(row):
        source.tells_archived = True
        return Removed(contact_of(row), changed_at(row))
    record = read(await with_all_tags(source, fields, row), fields, source.shape)
    return Upserted(record) if isinstance(record, Record) else record


async def with_all_tags(source: Source, fields: Sequence[str], row: Row) -> Row:
    """The row, with all its tags where it shows only some of them."""
    if TAGS not in fields or not lacks_tags(row):
        return row
    return {**row, TAGS: await source.client.tags(source.ref, contact_of(row))}
