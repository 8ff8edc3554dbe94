"""The feed of a module: everything once, then what changed and what was deleted, as pages with a cursor.

A pass reads records by Modified_Time ascending (see ``listing``). The bound of the next pass is the server's clock at
the first request of this one, never ours. An incremental pass ends with the deleted list, if it is wanted; a full one
does not need it, as what it did not yield is absent.

Changes may show late, and times are whole seconds, so every change is looked for a second time, ``overlap`` or more
after it was made. While few records change, each pass simply begins that much earlier. After a burst that would read
everything again and again: then a pass begins close to the last one, and once the burst is old enough a second look
at it asks for ids and moments alone, and reads what had not been shown.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import msgspec

from zohosyncd.connectors.zoho_crm.client import ZohoRefusal
from zohosyncd.connectors.zoho_crm.cursor import Cursor
from zohosyncd.connectors.zoho_crm.listing import END_OF_REACH, Records, Source, Step, after_records, ended
from zohosyncd.connectors.zoho_crm.times import instant
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Page, Removed

RETENTION: Final = 59 * 86_400.0
"""Seconds that the deleted list surely reaches back; Zoho keeps rows of the recycle bin for 60 days."""


async def pages(source: Source, cursor_text: str | None, *, deletions: bool = True) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Args:
        source: the module. cursor_text: the place, None = the beginning. deletions: whether the deleted list is read;
            if not, the place in it stays.

    Raises:
        CursorExpired: the cursor is unreadable, or older than the deleted list reaches.
        ContractBroken: Zoho's pages do not get anywhere.
    """
    cursor = Cursor.parse(cursor_text)
    full = cursor.full
    records, deleted = Records(source), _Deletions(source)
    while True:
        if cursor.under_way is not None and cursor.under_way.deleted_page:
            step = await deleted.next(cursor)
        else:
            step = await records.next(cursor)
            _check_age(cursor, step.date)
            if step.ended:
                step = after_records(source, step, deletions=deletions)
        cursor = step.cursor
        yield Page(step.changes, cursor.text(), complete=cursor.under_way is None, full=full, snapshot=step.snapshot)
        source.recent.note(step.rows, step.fresh)  # only now: whoever asks for more has stored what was shown
        if cursor.under_way is None:
            if not full:
                source.recent.forget_before(source.settled(cursor))
            return


@dataclass(slots=True)
class _Deletions:
    """The stage of a pass that reads the deleted list."""

    source: Source
    shown: list[str] | None = None

    async def next(self, cursor: Cursor) -> Step:
        """The next page's deletions and the cursor behind it."""
        run = cursor.under_way
        if run is None:
            raise RuntimeError("no pass is under way")
        try:
            page = await self.source.client.deleted(self.source.module, run.deleted_lower, run.deleted_page)
        except ZohoRefusal as refusal:
            if refusal.code in END_OF_REACH:
                raise CursorExpired("more was deleted than Zoho's deleted list can show") from None
            raise
        _check_age(cursor, page.date)
        ids = [row.id for row in page.rows]
        if page.more and (not ids or ids == self.shown):
            raise ContractBroken("the list of deleted records shows the same page again")
        self.shown = ids
        changes = tuple(Removed(row.id, instant(row.deleted_time)) for row in page.rows)
        if not page.more:
            return Step(changes, ended(self.source, cursor, run, deletions=True))
        run = msgspec.structs.replace(run, deleted_page=run.deleted_page + 1)
        return Step(changes, msgspec.structs.replace(cursor, under_way=run))


def _check_age(cursor: Cursor, now: float | None) -> None:
    """A cursor beyond Zoho's memory of deletions cannot go on: what was deleted since would stay for ever."""
    if cursor.since is not None and now is not None and now - cursor.deletions_known > RETENTION:
        raise CursorExpired("the last complete read is older than Zoho's list of deleted records")
