"""The journal: every write and every automatic decision, append only."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from zohosyncd.core.record import Values
from zohosyncd.core.side import Side
from zohosyncd.ports.store import JournalEntry
from zohosyncd.storage.tables import connection, journal
from zohosyncd.storage.work import Columns, Work, among

_CLEAR = ("kind", "connection_id", "run", "left_id", "right_id", "reason", "at")
_COUNT = (
    sa.select(sa.func.count())
    .select_from(journal)
    .where(
        journal.c.connection_id == sa.bindparam("connection_id"),
        among(journal.c.kind, "kinds"),
        journal.c.at >= sa.bindparam("since"),
        sa.not_(among(journal.c.reason, "without")),
    )
)


_WRITES = ("created", "adopted", "updated", "blanked")
_TARGET = {Side.LEFT: journal.c.left_id, Side.RIGHT: journal.c.right_id}
_WRITTEN = {
    side: sa.select(journal).where(
        journal.c.connection_id == sa.bindparam("connection_id"),
        among(_TARGET[side]),
        journal.c.at >= sa.bindparam("since"),
        journal.c.side == side.value,
        journal.c.kind.in_(_WRITES),
    )
    for side in Side
}


_INTO = {
    Side.LEFT: sa.select(connection.c.id).where(connection.c.left_object == sa.bindparam("object_id")),
    Side.RIGHT: sa.select(connection.c.id).where(connection.c.right_object == sa.bindparam("object_id")),
}
_MADE = {
    side: sa.select(_TARGET[side]).where(
        among(journal.c.connection_id, "connections"),
        among(_TARGET[side]),
        journal.c.side == side.value,
        journal.c.kind.in_(("created", "adopted")),
    )
    for side in Side
}


def append(work: Work, entries: Sequence[JournalEntry]) -> None:
    """Add entries, in order."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        row = {name: getattr(entry, name) for name in _CLEAR}
        row["at"] = entry.at or work.now
        row["side"] = None if entry.side is None else entry.side.value
        row["fields"] = json.dumps(entry.fields) if entry.fields else ""
        parts = (entry.before, entry.after, entry.other)
        row["body"] = work.codec.seal_all(parts, "journal", *(row[name] for name in _CLEAR))
        rows.append(row)
    work.insert(journal, rows)


def count(work: Work, connection_id: int, kinds: Collection[str], since: float, without: Collection[str] = ()) -> int:
    """How many entries of these kinds were written since a moment, without those with one of these reasons."""
    given = {"connection_id": connection_id, "kinds": list(kinds), "since": since, "without": list(without)}
    return work.value(_COUNT, **given) or 0


def newest(work: Work, connection_id: int, left_id: str, right_id: str, limit: int) -> list[JournalEntry]:
    """The newest entries, first the newest; of one pair of records where ids are given."""
    query = sa.select(journal).where(journal.c.connection_id == connection_id)
    same = [
        column == wanted for column, wanted in ((journal.c.left_id, left_id), (journal.c.right_id, right_id)) if wanted
    ]
    if same:
        query = query.where(*same)
    return [_entry(work, row) for row in work.all(query.order_by(journal.c.id.desc()).limit(limit))]


def history(
    work: Work,
    connection_id: int,
    *,
    records: Mapping[Side, Collection[str]] | None,
    since: float,
    run: str,
    before: int,
    limit: int,
) -> list[JournalEntry]:
    """Entries older than ``before`` (an id), first the newest: of any of these records, of one run, since a moment."""
    query = sa.select(journal).where(journal.c.connection_id == connection_id, journal.c.at >= since)
    if records is not None:
        query = query.where(sa.or_(*(_TARGET[side].in_(sorted(ids)) for side, ids in records.items())))
    if run:
        query = query.where(journal.c.run == run)
    if before:
        query = query.where(journal.c.id < before)
    return [_entry(work, row) for row in work.all(query.order_by(journal.c.id.desc()).limit(limit))]


def after(work: Work, connection_id: int, entry_id: int, limit: int) -> list[JournalEntry]:
    """The entries beyond this one, ascending."""
    query = sa.select(journal).where(journal.c.connection_id == connection_id, journal.c.id > entry_id)
    return [_entry(work, row) for row in work.all(query.order_by(journal.c.id).limit(limit))]


def of_records(work: Work, connection_id: int, records: Mapping[Side, Collection[str]]) -> list[JournalEntry]:
    """All entries about any of these records."""
    query = sa.select(journal).where(journal.c.connection_id == connection_id)
    rows = {row.id: row for side, ids in records.items() for row in work.by_ids(query.where(among(_TARGET[side])), ids)}
    return [_entry(work, row) for row in rows.values()]


def entries(work: Work, connection_id: int, ids: Collection[int]) -> list[JournalEntry]:
    """Of these entries, those of one connection."""
    query = sa.select(journal).where(journal.c.connection_id == connection_id, among(journal.c.id))
    return [_entry(work, row) for row in work.by_ids(query, ids)]


def opened(work: Work, row: Columns) -> bytes:
    """The values of an entry as they are encoded, to be searched."""
    return work.codec.open(row.body, "journal", *(getattr(row, name) for name in _CLEAR))


def written_since(
    work: Work, connection_id: int, side: Side, ids: Collection[str], since: float
) -> dict[str, list[Values]]:
    """What was written to these records of a side since a moment; only records with at least two writes."""
    rows: dict[str, list[Columns]] = {}
    for row in work.by_ids(_WRITTEN[side], ids, connection_id=connection_id, since=since):
        rows.setdefault(row.left_id if side is Side.LEFT else row.right_id, []).append(row)
    return {each: [_entry(work, row).after for row in found] for each, found in rows.items() if len(found) > 1}


def made(work: Work, object_id: int, ids: Collection[str]) -> set[str]:
    """Of these records of an object those that a create of some connection is known to have made."""
    found: set[str] = set()
    for side, query in _MADE.items():
        here = [row.id for row in work.all(_INTO[side], object_id=object_id)]
        found |= {row[0] for row in work.by_ids(query, ids, connections=here)} if here else set()
    return found


def _entry(work: Work, row: Columns) -> JournalEntry:
    clear = {name: getattr(row, name) for name in _CLEAR}
    before, after, other = work.codec.open_all(row.body, "journal", *clear.values())
    return JournalEntry(
        **clear,
        side=None if row.side is None else Side(row.side),
        fields=tuple(json.loads(row.fields)) if row.fields else (),
        before=before,
        after=after,
        other=other,
        id=row.id,
    )
