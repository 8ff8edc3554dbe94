"""The feed of a module: everything once, then what changed and what was deleted, as pages with a cursor.

A pass reads records by Modified_Time ascending: a record that changes meanwhile moves forward and is seen again, none
is skipped. Its lower bound is closed and lies ``overlap`` before the moment up to which everything is known, since
changes may show late and times are whole seconds. The bound of the next pass is the server's clock at the first request
of this one, never ours. An incremental pass ends with the deleted list; a full one does not need it, as what it did not
yield is absent.

Page tokens reach 100,000 records and live a day. Where one ends, the pass goes on from the largest Modified_Time read.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from zohosyncd.connectors.zoho_crm.client import RecordPage, ZohoClient, ZohoRefusal
from zohosyncd.connectors.zoho_crm.completing import completed, listed
from zohosyncd.connectors.zoho_crm.cursor import Cursor, Pass
from zohosyncd.connectors.zoho_crm.fields import ModuleSchema
from zohosyncd.connectors.zoho_crm.reading import Row, groups_of, with_the_rest
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.connectors.zoho_crm.row_reader import RowReader
from zohosyncd.connectors.zoho_crm.times import instant
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Change, Page, Removed, Upserted

RETENTION: Final = 59 * 86_400.0
"""Seconds that the deleted list surely reaches back; Zoho keeps rows of the recycle bin for 60 days."""

_SPENT_TOKEN: Final = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"})
_MOST_EMPTY: Final = 10
_END_OF_REACH: Final = frozenset({"PAGINATION_LIMIT_EXCEEDED", "DISCRETE_PAGINATION_LIMIT_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class Source:
    """What a feed reads: a module with these fields, and how much of the past each pass reads again (seconds)."""

    client: ZohoClient
    module: str
    fields: tuple[str, ...]
    schema: ModuleSchema
    overlap: float


async def pages(source: Source, cursor_text: str | None) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Raises:
        CursorExpired: the cursor is unreadable, or older than the deleted list reaches.
        ContractBroken: Zoho's pages do not get anywhere.
    """
    cursor = Cursor.parse(cursor_text)
    full = cursor.full
    records, deletions = _Records(source), _Deletions(source)
    while True:
        stage = deletions if cursor.under_way is not None and cursor.under_way.deleted_page else records
        changes, cursor = await stage.next(cursor)
        ended = cursor.under_way is None
        yield Page(changes, cursor.text(), complete=ended, full=full)
        if ended:
            return


class _Records:
    """The stage of a pass that reads records."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._groups = groups_of(listed(source.fields, source.schema))
        self._reader = RowReader(source.fields, source.schema)
        self._shown: object = None
        self._empty = 0
        self._restarts = 0

    async def next(self, cursor: Cursor) -> tuple[tuple[Change, ...], Cursor]:
        """The next page's changes and the cursor behind it."""
        run = cursor.under_way or Pass(0.0, lower=self._lower(cursor))
        while True:
            try:
                page = await self._page(run)
                break
            except ZohoRefusal as refusal:
                run = self._restarted(run, refusal)
        _check_age(cursor, page.date)
        self._check_progress(run, page)
        if cursor.under_way is None:
            run = msgspec.structs.replace(run, started=page.date or 0.0)
        border = _latest(run.border, page.rows)
        if border != run.border:
            self._restarts = 0
        source = self._source
        rows = await with_the_rest(source.client, source.module, self._groups, page.rows)
        rows = await completed(source.client, source.module, source.fields, rows, source.schema)
        changes = tuple(self._change(row) for row in rows)
        return changes, self._behind(cursor, msgspec.structs.replace(run, border=border, token=page.token), page)

    def _lower(self, cursor: Cursor) -> float | None:
        return None if cursor.since is None else max(0.0, cursor.since - self._source.overlap)

    async def _page(self, run: Pass) -> RecordPage:
        source, fields = self._source, self._groups[0]
        return await source.client.records(source.module, fields, sort_by=MODIFIED, since=run.lower, token=run.token)

    def _restarted(self, run: Pass, refusal: ZohoRefusal) -> Pass:
        """The pass behind a page token that is no longer good: from the last Modified_Time read."""
        spent, reached = refusal.code in _SPENT_TOKEN, refusal.code in _END_OF_REACH
        if run.token is None or not (spent or reached):
            raise refusal
        onward = run.border is not None and (run.lower is None or run.border > run.lower)
        if reached and not onward:
            raise ContractBroken(
                "more records have the same Modified_Time than Zoho's pages reach",
                hint="100,000 records were changed in one second: touch some of them in Zoho at another time",
            ) from None
        self._restarts += 1
        if self._restarts > 3:
            raise ContractBroken("Zoho refuses its own page tokens again and again") from None
        self._shown = None
        return msgspec.structs.replace(run, lower=run.border if onward else run.lower, token=None)

    def _check_progress(self, run: Pass, page: RecordPage) -> None:
        shown = [(row.get("id"), row.get(MODIFIED)) for row in page.rows]
        if (shown and shown == self._shown) or (page.token is not None and page.token == run.token):
            raise ContractBroken("the list of records shows the same page again")
        if page.more and page.token is None:
            raise ContractBroken("the list of records has more pages but names no way to them")
        self._empty = 0 if shown else self._empty + 1
        if self._empty > _MOST_EMPTY:
            raise ContractBroken("the list of records has one empty page after the other")
        self._shown = shown

    def _behind(self, cursor: Cursor, run: Pass, page: RecordPage) -> Cursor:
        if page.more:
            return msgspec.structs.replace(cursor, under_way=run)
        if cursor.since is None:
            return _ended(cursor, run)
        lower = max(0.0, cursor.since - self._source.overlap)
        return msgspec.structs.replace(
            cursor, under_way=msgspec.structs.replace(run, token=None, deleted_page=1, deleted_lower=lower)
        )

    def _change(self, row: Row) -> Change:
        read = self._reader.read(row)
        return Upserted(read) if isinstance(read, Record) else read


class _Deletions:
    """The stage of a pass that reads the deleted list."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._shown: list[str] | None = None

    async def next(self, cursor: Cursor) -> tuple[tuple[Change, ...], Cursor]:
        """The next page's deletions and the cursor behind it."""
        run = cursor.under_way
        if run is None:
            raise RuntimeError("no pass is under way")
        try:
            page = await self._source.client.deleted(self._source.module, run.deleted_lower, run.deleted_page)
        except ZohoRefusal as refusal:
            if refusal.code in _END_OF_REACH:
                raise CursorExpired("more was deleted than Zoho's deleted list can show") from None
            raise
        _check_age(cursor, page.date)
        ids = [row.id for row in page.rows]
        if page.more and (not ids or ids == self._shown):
            raise ContractBroken("the list of deleted records shows the same page again")
        self._shown = ids
        changes = tuple(Removed(record_id) for record_id in ids)
        if not page.more:
            return changes, _ended(cursor, run)
        run = msgspec.structs.replace(run, deleted_page=run.deleted_page + 1)
        return changes, msgspec.structs.replace(cursor, under_way=run)


def _check_age(cursor: Cursor, now: float | None) -> None:
    """A cursor beyond Zoho's memory of deletions cannot go on: what was deleted since would stay for ever."""
    if cursor.since is not None and now is not None and now - cursor.since > RETENTION:
        raise CursorExpired("the last complete read is older than Zoho's list of deleted records")


def _ended(cursor: Cursor, run: Pass) -> Cursor:
    """The place after a complete pass. It never goes back, although the clocks of Zoho's servers differ."""
    return Cursor(since=max(cursor.since or 0.0, run.started or run.border or 0.0))


def _latest(border: float | None, rows: Sequence[dict[str, Any]]) -> float | None:
    moments = [moment for row in rows if (moment := instant(row.get(MODIFIED))) is not None]
    return max((*moments, border) if border is not None else moments, default=None)
