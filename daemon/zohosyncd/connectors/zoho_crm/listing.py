"""The stage of a pass that reads records: pages of a list, and queries or a job where there are more than one shows.

Records come by Modified_Time ascending: one that changes meanwhile moves forward and is seen again, none is skipped.
Page tokens reach 100,000 records and live a day; where one ends, the pass goes on from the largest Modified_Time read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import structlog

from zohosyncd.connectors.zoho_crm.bulk import Bulk, Exporting
from zohosyncd.connectors.zoho_crm.client import PER_PAGE, RecordPage, ZohoClient, ZohoRefusal
from zohosyncd.connectors.zoho_crm.completing import completed, listed
from zohosyncd.connectors.zoho_crm.cursor import Cursor, Job, Pass
from zohosyncd.connectors.zoho_crm.fields import OWNER, ModuleSchema
from zohosyncd.connectors.zoho_crm.queries import FIRST_ROWS, MOST_ROWS, Queries
from zohosyncd.connectors.zoho_crm.reading import Row, groups_of, rows_by_id, with_the_rest
from zohosyncd.connectors.zoho_crm.recent import Recent
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.connectors.zoho_crm.row_reader import RowReader
from zohosyncd.connectors.zoho_crm.times import instant
from zohosyncd.core.errors import ContractBroken, PermissionLacking
from zohosyncd.core.record import Record, encode_values
from zohosyncd.ports.connector import Change, Upserted

END_OF_REACH: Final = frozenset({"PAGINATION_LIMIT_EXCEEDED", "DISCRETE_PAGINATION_LIMIT_EXCEEDED"})
_SPENT_TOKEN: Final = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"})
_MOST_EMPTY: Final = 10
_FIRST: Final = "0"
"""Below every id."""

_NEAR: Final = (10.0, 5.0, 2.0, 0.0)
"""Seconds before the last pass from which one reads that leaves the rest to a second look: as far as shows little."""

_FEW: Final = PER_PAGE - 1
"""So many changes that have been shown may be shown again: they fit into the page that is read anyway."""

_log = structlog.get_logger("zohosyncd.feed")


@dataclass(frozen=True, slots=True)
class Source:
    """What a feed reads: a module with these fields, and how long (seconds) a change may take to show."""

    client: ZohoClient
    module: str
    fields: tuple[str, ...]
    schema: ModuleSchema
    overlap: float
    queries: Queries
    recent: Recent
    bulk: Bulk

    def settled(self, cursor: Cursor) -> float:
        """Changes before this moment have been looked for long after they were made."""
        known = (cursor.since or 0.0) - self.overlap
        return max(0.0, known if cursor.settled is None else cursor.settled)


@dataclass(frozen=True, slots=True)
class Step:
    """A page and the place behind it.

    Attributes:
        ended: all records of the pass have been read. date: the server's clock.
        rows, fresh: what the page showed; changes at or after that moment will be looked for again.
        snapshot: the job whose file it is from, see ``Page``.
    """

    changes: tuple[Change, ...]
    cursor: Cursor
    ended: bool = False
    date: float | None = None
    rows: Sequence[Row] = ()
    fresh: float = 0.0
    snapshot: str = ""


class Records:
    """Reads the records of a pass."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._own = listed(source.fields, source.schema)
        self._groups = groups_of(self._own)
        self._reader = RowReader(source.fields, source.schema)
        self._sample: dict[str, Row] = {}
        self._queried = source.queries.usable(self._own)
        self._shown: object = None
        self._empty = 0
        self._restarts = 0
        self._exporting = Exporting(source.bulk, self._own, self._check_rows)

    async def next(self, cursor: Cursor) -> Step:
        """The next page's changes and the cursor behind it."""
        source = self._source
        run = cursor.under_way or self._begun(cursor)
        if run.job is not None:
            return await self._by_job(cursor, run)
        page, rows, run = await self._page(run)
        if cursor.under_way is None:
            run = msgspec.structs.replace(run, started=page.date or 0.0)
        if run.upper is None or run.after is None:
            rows = await self._completed(rows)
        if run.after is None:
            self._sample = {str(row.get("id")): row for row in rows}
        changes = tuple(self._change(row) for row in rows)
        more = page.more and not (run.upper is not None and run.border is not None and run.border >= run.upper)
        if cursor.full:
            run = msgspec.structs.replace(run, rows=run.rows + len(page.rows))
        if more and run.border is not None:
            job = await self._planned(run, run.rows - len(page.rows)) if cursor.full else None
            if job is not None:
                run = msgspec.structs.replace(run, token=None, after=None, job=job)
            elif run.after is None and self._queried:
                run = msgspec.structs.replace(run, token=None, after=_FIRST)
        fresh = run.started - source.overlap if cursor.full else source.settled(cursor)
        behind = msgspec.structs.replace(cursor, under_way=run)
        return Step(changes, behind, ended=not more, date=page.date, rows=page.rows, fresh=fresh)

    def _begun(self, cursor: Cursor) -> Pass:
        """Where a new pass begins: a little before the last one, or as far back as a change may still be unseen."""
        if cursor.since is None:
            return Pass(0.0)
        far, recent = self._source.settled(cursor), self._source.recent
        if recent.count(far) <= _FEW:
            return Pass(0.0, lower=far)
        starts = [cursor.since - seconds for seconds in _NEAR]
        near = next((start for start in starts if recent.count(start // 1) <= _FEW), starts[-1])
        return Pass(0.0, lower=max(near, far), near=near > far)

    async def _page(self, run: Pass) -> tuple[RecordPage, list[Row], Pass]:
        """A page, its rows with everything asked for, and the pass behind it."""
        while True:
            if run.after is not None:
                asked = await self._by_query(run)
                if asked is not None:
                    return asked
                lower = run.lower if run.border is None else run.border
                run = msgspec.structs.replace(run, lower=lower, token=None, after=None)
            try:
                return await self._by_list(run)
            except ZohoRefusal as refusal:
                run = self._restarted(run, refusal)

    # --- jobs -------------------------------------------------------------------------------------------------

    async def _planned(self, run: Pass, before: int) -> Job | None:
        """The job that reads the rest. ``before``: how many rows had been read before this page."""
        bulk = self._source.bulk
        if not bulk.asks(before, run.rows) or not bulk.usable(self._own):
            return None
        return await bulk.planned(run, queries=self._queried)

    async def _by_job(self, cursor: Cursor, run: Pass) -> Step:
        """The next rows of a job's file; where it does not work, the place from which queries or lists go on."""
        job = run.job
        read: list[Row] = []
        try:
            read, run = await self._exporting.next(run)
        except (ContractBroken, PermissionLacking) as error:
            self._source.bulk.refuse(error)
            after = _FIRST if self._queried else None
            run = msgspec.structs.replace(run, job=None, lower=run.border, token=None, after=after)
        rows = await self._completed(await self._with_owners([self._source.queries.as_listed(row) for row in read]))
        changes = tuple(self._change(row) for row in rows)
        snapshot = (run.job or job or Job()).id
        fresh = run.started - self._source.overlap
        behind = msgspec.structs.replace(cursor, under_way=run)
        return Step(changes, behind, rows=read, fresh=fresh, snapshot=snapshot)

    async def _check_rows(self, rows: Sequence[Row]) -> None:
        """Whether rows of a file are what a list shows, as far as they were not changed since.

        Raises:
            ContractBroken: they are not, or nobody can tell.
        """
        source, reader = self._source, RowReader(self._own, self._source.schema)
        shown = await self._with_owners([source.queries.as_listed(row) for row in rows])
        listed = await rows_by_id(source.client, source.module, self._own, [str(row["id"]) for row in rows])
        same = [(row, listed[row["id"]]) for row in shown if _is_same_version(row, listed.get(row["id"]))]
        for row, other in same:
            ours, theirs = reader.read(row), reader.read(other)
            if not (isinstance(ours, Record) and isinstance(theirs, Record)) or not _is_within(ours, theirs):
                raise ContractBroken("a bulk file shows a record in another way than the list")
        if not same:
            raise ContractBroken("no record tells whether a bulk file shows what the list does")

    # --- lists ------------------------------------------------------------------------------------------------

    async def _by_list(self, run: Pass) -> tuple[RecordPage, list[Row], Pass]:
        source = self._source
        page = await source.client.records(
            source.module, self._groups[0], sort_by=MODIFIED, since=run.lower, token=run.token
        )
        self._check_progress(run, page)
        border = _latest(run.border, page.rows)
        if border != run.border:
            self._restarts = 0
        rows = await with_the_rest(source.client, source.module, self._groups, page.rows)
        return page, rows, msgspec.structs.replace(run, border=border, token=page.token)

    def _restarted(self, run: Pass, refusal: ZohoRefusal) -> Pass:
        """The pass behind a page token that is no longer good: from the last Modified_Time read."""
        spent, reached = refusal.code in _SPENT_TOKEN, refusal.code in END_OF_REACH
        if run.token is None or not (spent or reached):
            raise refusal
        onward = run.border is not None and (run.lower is None or run.border > run.lower)
        if reached and not onward:
            raise ContractBroken(
                "more records have the same Modified_Time than Zoho's pages reach",
                hint="give the login the scope ZohoCRM.coql.READ: queries reach them (long_reads must not be list)",
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

    # --- queries ----------------------------------------------------------------------------------------------

    async def _by_query(self, run: Pass) -> tuple[RecordPage, list[Row], Pass] | None:
        """The same by a query; None where lists have to do it."""
        source = self._source
        if not self._queried or run.after is None or run.border is None:
            return None
        names = self._own if run.upper is None else []
        text = source.queries.text(names, (run.border, run.after), run.upper, self._rows(run))
        try:
            page = await source.client.query(text)
            behind = _behind(run, page)
            if run.upper is not None:
                return page, await self._unseen(page.rows), behind
            rows = [source.queries.as_listed(row) for row in page.rows]
            rows = await self._with_owners(rows)
            if await self._as_listed(rows):
                return page, [row for row in rows if not self._was_listed(row)], behind
        except (ContractBroken, PermissionLacking) as error:
            if source.queries.forced:
                raise
            _log.info("queries do not work here, reading by lists", module=source.module, reason=error.message)
            source.queries.refuse()
        self._queried = False
        self._shown = None
        return None

    def _rows(self, run: Pass) -> int:
        """How many rows the next query asks for: it is paid by what it asks for, not by what it shows."""
        if run.upper is None:
            return FIRST_ROWS if run.after == _FIRST else MOST_ROWS
        expected = self._source.recent.count_behind(run.border or 0.0, run.after or _FIRST, run.upper)
        return next((size for size in (PER_PAGE, FIRST_ROWS) if expected < size), MOST_ROWS)

    async def _unseen(self, rows: Sequence[Row]) -> list[Row]:
        """Of a second look: the records whose change no pass has shown yet."""
        source = self._source
        ids = [str(row["id"]) for row in rows if not source.recent.knows(row)]
        found = await rows_by_id(source.client, source.module, self._own, ids)
        return await self._completed(list(found.values()))

    async def _with_owners(self, rows: list[Row]) -> list[Row]:
        """Rows whose owner a query could not name get it from a read by id: nobody lists users who have left."""
        if OWNER not in self._own:
            return rows
        unnamed = [str(row["id"]) for row in rows if OWNER not in row]
        found = await rows_by_id(self._source.client, self._source.module, [OWNER], unnamed)
        return [{**row, OWNER: found[row["id"]][OWNER]} if OWNER in found.get(row["id"], {}) else row for row in rows]

    async def _as_listed(self, rows: Sequence[Row]) -> bool:
        """Whether a record that was listed a moment ago looks the same here. False: no record tells.

        Raises:
            ContractBroken: it does not.
        """
        source, fields = self._source, frozenset(self._own)
        if fields in source.queries.verified or not self._sample:
            return True
        both = await self._completed([row for row in rows if self._was_listed(row)])
        for row in both:
            if self._reader.read(row) != self._reader.read(self._sample[row["id"]]):
                raise ContractBroken("a query shows a record in another way than the list")
            source.queries.verified.add(fields)
        return bool(both)

    def _was_listed(self, row: Row) -> bool:
        """Whether the last page of the list has shown just this; the first query begins in the second of its end."""
        listed = self._sample.get(row["id"])
        return listed is not None and instant(listed.get(MODIFIED)) == instant(row.get(MODIFIED))

    async def _completed(self, rows: Sequence[Row]) -> list[Row]:
        source = self._source
        return await completed(source.client, source.module, source.fields, rows, source.schema)

    def _change(self, row: Row) -> Change:
        read = self._reader.read(row)
        return Upserted(read) if isinstance(read, Record) else read


def after_records(source: Source, step: Step, *, deletions: bool) -> Step:
    """What follows the records of a pass: a second look at what is old enough, the deleted list, or the end."""
    cursor, run = step.cursor, step.cursor.under_way
    if run is None:
        return step
    before = msgspec.structs.replace(cursor, under_way=None)
    far = source.settled(before)
    if run.near and not run.started:
        source.recent.forget_before(float("inf"))  # without Zoho's clock nothing grows old: the next pass begins far
    if run.near and run.upper is None and run.started - far >= 2 * source.overlap:
        upper = float((run.started - source.overlap) // 1)
        border = float(far // 1)
        look = {"lower": border, "border": border, "token": None, "after": _FIRST, "upper": upper}
        return _with(step, msgspec.structs.replace(cursor, under_way=msgspec.structs.replace(run, **look)))
    if before.since is None or not deletions:
        return _with(step, ended(source, before, run, deletions=before.since is None))
    lower = max(0.0, before.deletions_known - source.overlap)
    run = msgspec.structs.replace(run, token=None, after=None, deleted_page=1, deleted_lower=lower)
    return _with(step, msgspec.structs.replace(cursor, under_way=run))


def ended(source: Source, cursor: Cursor, run: Pass, *, deletions: bool) -> Cursor:
    """The place after a complete pass. It never goes back, although the clocks of Zoho's servers differ."""
    since = max(cursor.since or 0.0, run.started or run.border or 0.0)
    settled = source.settled(cursor) if run.near else None
    if run.upper is not None:
        settled = run.upper
    return Cursor(since=since, settled=settled, deleted_since=None if deletions else cursor.deletions_known)


def _with(step: Step, cursor: Cursor) -> Step:
    return Step(step.changes, cursor, date=step.date, rows=step.rows, fresh=step.fresh)


def _behind(run: Pass, page: RecordPage) -> Pass:
    """The place behind a page of a query.

    Raises:
        ContractBroken: its rows are not in the order asked for, or not behind the place that it was asked for.
    """
    last = (run.border or 0.0, int(run.after or 0))
    for row in page.rows:
        moment, record_id = instant(row.get(MODIFIED)), row.get("id")
        if moment is None or not isinstance(record_id, str) or not record_id.isdecimal():
            raise ContractBroken("a row of a query without its id or its time")
        key = (moment, int(record_id))
        if key <= last:
            raise ContractBroken("the rows of a query are not in the order asked for")
        last = key
    if page.more and not page.rows:
        raise ContractBroken("a query has more rows but shows none")
    return msgspec.structs.replace(run, border=last[0], after=str(last[1]))


def _is_same_version(row: Row, other: Row | None) -> bool:
    moment = instant(row.get(MODIFIED))
    return other is not None and moment is not None and moment == instant(other.get(MODIFIED))


def _is_within(record: Record, other: Record) -> bool:
    """Whether everything that the one shows stands in the other to the last octet: 7 is not 7.0."""
    theirs = {name: other.values[name] for name in record.values if name in other.values}
    return encode_values(record.values) == encode_values(theirs)


def _latest(border: float | None, rows: Sequence[dict[str, Any]]) -> float | None:
    moments = [moment for row in rows if (moment := instant(row.get(MODIFIED))) is not None]
    return max((*moments, border) if border is not None else moments, default=None)
