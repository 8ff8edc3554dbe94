"""The feed of contacts: everything once from the list, then what changed from the search, and what was archived.

The search shows at most 10,000 contacts, takes one order, and its index lags behind. So no page is asked for by its
number: each begins at the moment at which the last one ended, and where one page cannot show all that changed in one
moment (an import), that moment is read in the order of ids. The search only tells who has changed; how they are is
read by id, from the contacts themselves, as what the index shows may be older than what we wrote. Each pass looks
again at an ``overlap`` of the past; what has been shown since is not read twice.

The list of archived contacts knows no time and no order: it is read completely, and what was archived since the last
time is asked for, since contacts that were merged away stand there, too. Where it is long it is read less often. What
was deleted for privacy stands nowhere; the daily sweep finds it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from zohosyncd.connectors.hubspot.client import Condition, HubSpotClient, RowPage
from zohosyncd.connectors.hubspot.cursor import Cursor, Pass
from zohosyncd.connectors.hubspot.fields import MODIFIED
from zohosyncd.connectors.hubspot.reading import Answer, Elsewhere, Row, merged_into, names_for, read_by_id
from zohosyncd.connectors.hubspot.records import id_of, modified_of
from zohosyncd.connectors.hubspot.rows import Reader
from zohosyncd.connectors.hubspot.times import millis
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Change, Moved, Page, Removed, Unreadable, Upserted
from zohosyncd.ports.world import Clock

RETENTION: Final = 89 * 86_400.0
"""Seconds that archived contacts surely stand in their list; they are kept for 90 days."""

_MOST_REMEMBERED: Final = 50_000
_CHEAP_PAGES: Final = 5
_REST_PER_PAGE: Final = 30.0


@dataclass
class Seen:
    """What this process has shown of late: kept in memory alone, whoever starts anew reads again.

    Attributes:
        changes: ids with the moment of the change that was shown, in milliseconds since 1970.
        gone: ids whose end was told. archived_pages, archived_at: how long the list of archived contacts was when it
            was read, and when that was (monotonic seconds).
    """

    changes: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    archived_pages: int = 0
    archived_at: float = float("-inf")

    def knows(self, row: Row) -> bool:
        """Whether this row's change has been shown."""
        moment, shown = modified_of(row), self.changes.get(str(row.get("id")))
        return moment is not None and shown is not None and shown >= moment

    def note(self, rows: Sequence[Row], since: float) -> None:
        """These contacts have been shown, and whoever asked for them has stored them."""
        for row in rows:
            moment = modified_of(row)
            if moment is not None and moment >= since * 1000:
                self.changes[str(row.get("id"))] = moment
        if len(self.changes) > _MOST_REMEMBERED:
            self.changes.clear()

    def forget_before(self, changed: float, gone: float) -> None:
        """Changes, and deletions, before these moments (seconds since 1970) are not looked at again."""
        self.changes = {each: at for each, at in self.changes.items() if at >= changed * 1000}
        self.gone = {each: at for each, at in self.gone.items() if at >= gone * 1000}

    def rested(self, now: float) -> bool:
        """Whether the list of archived contacts may be read again: a long one not with every poll."""
        return now - self.archived_at >= max(self.archived_pages - _CHEAP_PAGES, 0) * _REST_PER_PAGE


@dataclass(frozen=True, slots=True)
class Source:
    """What a pass reads from."""

    client: HubSpotClient
    fields: tuple[str, ...]
    reader: Reader
    overlap: float
    seen: Seen
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Step:
    """A page of changes, the rows among them, and the cursor behind it."""

    changes: tuple[Change, ...]
    cursor: Cursor
    rows: Sequence[Row] = ()
    gone: dict[str, int] = field(default_factory=dict)


async def pages(source: Source, cursor_text: str | None, *, deletions: bool = True) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Args:
        source: the account. cursor_text: the place, None = the beginning. deletions: whether the list of archived
            contacts is read; if not, the place in it stays.

    Raises:
        CursorExpired: the cursor is unreadable, or older than archived contacts are kept.
        ContractBroken: HubSpot's pages do not get anywhere.
    """
    cursor = Cursor.parse(cursor_text)
    full = cursor.full
    while True:
        step = await _next(source, cursor, deletions=deletions)
        cursor = step.cursor
        yield Page(step.changes, cursor.text(), complete=cursor.under_way is None, full=full)
        # Only now: whoever asks for more has stored what was shown.
        began = cursor.since if cursor.under_way is None else cursor.under_way.started
        source.seen.note(step.rows, (began or 0.0) - source.overlap)
        source.seen.gone |= step.gone
        if cursor.under_way is None:
            reach = source.overlap + 60.0
            source.seen.forget_before((cursor.since or 0.0) - reach, cursor.deletions_known - reach)
            return


async def _next(source: Source, cursor: Cursor, *, deletions: bool) -> _Step:
    run = cursor.under_way
    if cursor.full:
        return await _listed(source, cursor)
    if run is not None and run.archived:
        return await _archived(source, cursor, run)
    return await _changed(source, cursor, deletions=deletions)


# --- everything --------------------------------------------------------------------------------------------------


async def _listed(source: Source, cursor: Cursor) -> _Step:
    """A page of all contacts."""
    run, names = cursor.under_way, names_for(source.fields)
    fits = source.client.fits(names)
    page = await source.client.page(names if fits else [MODIFIED], run.after if run else "")
    if run is not None and page.after and page.after == run.after:
        raise ContractBroken("the list of contacts shows the same page again")
    started = run.started if run is not None else _date(page)
    if fits:
        rows = page.rows
    else:
        answers = await read_by_id(source.client, source.fields, map(id_of, page.rows))
        rows = [each for each in answers.values() if isinstance(each, dict)]
    changes = (*await _upserts(source, rows), *_moves(rows))
    if not page.after:
        return _Step(changes, Cursor(since=started, deleted_since=started), rows)
    return _Step(changes, msgspec.structs.replace(cursor, under_way=Pass(started, page.after)), rows)


# --- what has changed --------------------------------------------------------------------------------------------


async def _changed(source: Source, cursor: Cursor, *, deletions: bool) -> _Step:
    """A page of changes."""
    run = cursor.under_way
    lower = int(((cursor.since or 0.0) - source.overlap) * 1000) if run is None else run.lower
    page = await _found(source.client, lower, run)
    started = run.started if run is not None else _date(page)
    _check_age(cursor, started)
    run = _behind(page, run or Pass(started, lower=lower))
    changes, rows = await _read(source, [each for each in page.rows if not source.seen.knows(each)])
    if run is not None:
        return _Step(changes, msgspec.structs.replace(cursor, under_way=run), rows)
    if deletions and source.seen.rested(source.clock.monotonic()):
        return _Step(changes, msgspec.structs.replace(cursor, under_way=Pass(started, archived=True)), rows)
    known = cursor.deletions_known
    return _Step(changes, Cursor(since=max(started, cursor.since or 0.0), deleted_since=known), rows)


async def _found(client: HubSpotClient, lower: int, run: Pass | None) -> RowPage:
    if run is not None and run.at is not None:
        moment = str(run.at)
        conditions = [Condition(MODIFIED, "GTE", moment), Condition(MODIFIED, "LTE", moment)]
        if run.behind:
            conditions.append(Condition("hs_object_id", "GT", run.behind))
        return await client.search(conditions, "hs_object_id")
    return await client.search([Condition(MODIFIED, "GTE", str(lower))], MODIFIED)


def _behind(page: RowPage, run: Pass) -> Pass | None:
    """Where the next page begins, None where this was the last one. Raises ContractBroken."""
    if run.at is not None:
        if not page.after:
            return Pass(run.started, lower=run.at + 1)
        last = str(page.rows[-1].get("id")) if page.rows else ""
        if not last.isdecimal() or (run.behind and int(last) <= int(run.behind)):
            raise ContractBroken("found contacts are not in the order of their ids")
        return msgspec.structs.replace(run, behind=last)
    moments = [modified_of(each) for each in page.rows]
    known = [each for each in moments if each is not None]
    if len(known) < len(moments) or known != sorted(known):
        raise ContractBroken("found contacts are not in the order of their changes")
    if not page.after:
        return None
    if not known:
        raise ContractBroken("the search says that there are more, and shows none")
    if known[-1] > run.lower:
        return Pass(run.started, lower=known[-1])
    # A whole page of one moment.
    return Pass(run.started, lower=run.lower, at=run.lower)


async def _read(source: Source, rows: Sequence[Row]) -> tuple[tuple[Change, ...], list[Row]]:
    """How contacts are that have changed, and the rows of those that are there."""
    answers = await read_by_id(source.client, source.fields, [id_of(each) for each in rows])
    found = [each for each in answers.values() if isinstance(each, dict)]
    ends = (_end(each, answer) for each, answer in answers.items() if not isinstance(answer, dict))
    return (*await _upserts(source, found), *_moves(found), *ends), found


def _end(record_id: str, answer: Answer, at: float | None = None) -> Change:
    return Moved(record_id, answer.to) if isinstance(answer, Elsewhere) else Removed(record_id, at)


# --- what was archived -------------------------------------------------------------------------------------------


async def _archived(source: Source, cursor: Cursor, run: Pass) -> _Step:
    """A page of the list of archived contacts."""
    page = await source.client.page([MODIFIED], run.after, archived=True)
    if page.after and page.after == run.after:
        raise ContractBroken("the list of archived contacts shows the same page again")
    border = int((cursor.deletions_known - source.overlap) * 1000)
    found = {id_of(each): millis(each.get("archivedAt")) or 0 for each in page.rows}
    fresh = {each: at for each, at in found.items() if at >= border and source.seen.gone.get(each) != at}
    answers = await read_by_id(source.client, source.fields, fresh)
    there = [each for each in answers.values() if isinstance(each, dict)]  # archived and restored meanwhile
    ends = [
        _end(each, answer, fresh[each] / 1000.0) for each, answer in answers.items() if not isinstance(answer, dict)
    ]
    changes = (*ends, *await _upserts(source, there))
    number = source.seen.archived_pages = 1 if not run.after else source.seen.archived_pages + 1
    if page.after:
        under_way = msgspec.structs.replace(run, after=page.after)
        return _Step(changes, msgspec.structs.replace(cursor, under_way=under_way), there, fresh)
    source.seen.archived_pages, source.seen.archived_at = number, source.clock.monotonic()
    return _Step(changes, Cursor(since=max(run.started, cursor.since or 0.0), deleted_since=run.started), there, fresh)


# --- shared ------------------------------------------------------------------------------------------------------


async def _upserts(source: Source, rows: Sequence[Row]) -> list[Change]:
    return [
        each if isinstance(each, Unreadable) else Upserted(each)
        for each in await source.reader.records(rows, source.fields)
    ]


def _moves(rows: Sequence[Row]) -> list[Change]:
    """Where those are now who were merged into these contacts."""
    return [Moved(each, id_of(row)) for row in rows for each in merged_into(row)]


def _date(page: RowPage) -> float:
    if page.date is None:
        raise ContractBroken("the answer has no date")
    return page.date


def _check_age(cursor: Cursor, now: float) -> None:
    """A cursor beyond HubSpot's memory of deletions cannot go on: what was deleted since would stay for ever."""
    if now - cursor.deletions_known > RETENTION:
        raise CursorExpired("the last look at archived contacts is older than HubSpot keeps them")
