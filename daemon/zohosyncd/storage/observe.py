"""Observations become mirror rows, if they are younger than what we wrote ourselves.

The rules of acceptance, for each thing seen:

- a record that a write of ours is on its way to (an intent ``sent`` or ``unknown``) waits: it is read again afterwards;
- an observation whose request began before the last answer to our own write (``answered``), or before the request
  that the row comes from (``taken``), may show the past: it is read again, unless it shows what the row says anyway;
- everything else is accepted; the row gets the next seq if its values changed, or the record came or went.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from zohosyncd.core.errors import StateError
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Record
from zohosyncd.ports.store import Observation, Observed, Seen, SeenGone, SeenListed, SeenRecord, Settlement
from zohosyncd.storage.objects import fields_to
from zohosyncd.storage.rows import Row, Rows
from zohosyncd.storage.suppressed import allowed
from zohosyncd.storage.tables import intent, object_, reread
from zohosyncd.storage.work import Work, among

_OBJECT = sa.select(object_.c.cursor, object_.c.scan, object_.c.scan_cursor, object_.c.last_seq).where(
    object_.c.id == sa.bindparam("object_id")
)
_BUSY = sa.select(intent.c.target_id).where(
    intent.c.object_id == sa.bindparam("object_id"),
    among(intent.c.target_id),
    intent.c.state.in_(("sent", "unknown")),
)
_ANY_REREAD = sa.select(sa.literal(1)).where(reread.c.object_id == sa.bindparam("object_id")).limit(1)
_CLEAR_REREADS = sa.delete(reread).where(reread.c.object_id == sa.bindparam("object_id"), among(reread.c.record_id))


def observe(work: Work, observation: Observation) -> Observed:
    """Store what a request showed."""
    place = _place(work, observation.object_id)
    rows = Rows(work, observation.object_id, place.last_seq)
    ids = {_id(each) for each in observation.seen}
    rows.find(ids)
    seen = allowed(work, observation, rows.found)
    busy = {row[0] for row in work.plain_by_ids(_BUSY, ids, object_id=observation.object_id)}
    judge = _Judge(rows, observation, busy, observation.now or work.now)
    for each in seen:
        match each:
            case SeenRecord():
                judge.record(each)
            case SeenListed():
                judge.listed(each)
            case SeenGone():
                judge.gone(each)
    rows.store()
    again = tuple(judge.again)
    left_out = {_id(each) for each in observation.seen} - {_id(each) for each in seen}
    read_now = (judge.settled | left_out) - set(again)
    if read_now:
        waiting = work.value(_ANY_REREAD, object_id=observation.object_id)
        work.change_by_ids(_CLEAR_REREADS, read_now if waiting else (), object_id=observation.object_id)
    work.add(reread, [{"object_id": observation.object_id, "record_id": each} for each in again])
    _move(work, observation, place, rows.last_seq)
    return Observed(rows.changed, judge.stored, again, tuple(judge.unread))


def _id(seen: Seen) -> str:
    return seen.record.id if isinstance(seen, SeenRecord) else seen.id


@dataclass(slots=True)
class _Judge:
    """Applies the rules of acceptance to one observation."""

    rows: Rows
    observation: Observation
    busy: Collection[str]
    now: float
    stored: int = 0
    again: dict[str, None] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)

    def _waits(self, row: Row | None, record_id: str) -> bool:
        if self._is_stale(row) or record_id in self.busy:
            self.again[record_id] = None
            return True
        return False

    def _is_stale(self, row: Row | None) -> bool:
        taken = self.observation.taken
        return row is not None and (taken <= row.answered or taken < row.taken)

    def _scanned(self, row: Row) -> None:
        scan = self.observation.scan
        if scan is not None and row.scan != scan:
            row.scan, row.touched = scan, True

    def _accepted(self, record_id: str) -> None:
        self.stored += 1
        self.settled.add(record_id)
        self.again.pop(record_id, None)

    def record(self, seen: SeenRecord) -> None:
        record = seen.record
        row = self.rows.found.get(record.id)
        encoded, value_hash = self.rows.hash(record)
        if row is not None:
            self._scanned(row)
            shown = (row.value_hash, row.version, row.modified, row.gone)
            if shown == (value_hash, record.version, record.modified, False):
                self._confirmed(row, seen, encoded, value_hash)
                return
        if not self._waits(row, record.id):
            taken = self.observation.taken
            if row is not None and row.written and row.value_hash == value_hash and not row.gone:
                self.rows.confirm(row, taken=taken, now=self.now)
            row = self.rows.show(record, encoded, value_hash, seen.keys, taken=taken, now=self.now)
            self._scanned(row)
            self._accepted(record.id)
            self.unread.pop(record.id, None)

    def _confirmed(self, row: Row, seen: SeenRecord, encoded: bytes, value_hash: bytes) -> None:
        """The row says the same already. A page of a feed that only repeats it writes nothing.

        The first read that shows what we wrote ourselves is news: only now is it known to be stored so.
        """
        observation = self.observation
        if row.written and observation.taken > row.answered and row.record_id not in self.busy:
            self.rows.confirm(row, taken=observation.taken, now=self.now)
        repeats = observation.cursor is not None and observation.scan is None
        taken = row.taken if repeats or row.record_id in self.busy else observation.taken
        self.rows.show(seen.record, encoded, value_hash, seen.keys, taken=taken, now=self.now)
        self._accepted(row.record_id)

    def listed(self, seen: SeenListed) -> None:
        row = self.rows.found.get(seen.id)
        if row is not None:
            self._scanned(row)
            if not row.gone and seen.version is not None and row.version == seen.version:
                return
        if seen.id in self.busy:
            self.again[seen.id] = None
        else:
            self.unread[seen.id] = None

    def gone(self, seen: SeenGone) -> None:
        row = self.rows.found.get(seen.id)
        if row is None:
            self.settled.add(seen.id)
        elif self._is_stale(row):
            self.again[seen.id] = None
        else:  # also while a write is under way: no answer to an update brings the record back
            self.rows.lose(row, seen.moved_to or row.moved_to, taken=self.observation.taken, now=self.now)
            self._accepted(seen.id)


@dataclass(frozen=True, slots=True)
class _Place:
    cursor: str | None
    scan: int
    scan_cursor: str | None
    last_seq: int


def _place(work: Work, object_id: int) -> _Place:
    found = work.all(_OBJECT, object_id=object_id)
    if not found:
        raise StateError(f"the state knows no object {object_id}")
    return _Place(*found[0])


def _move(work: Work, observation: Observation, place: _Place, last_seq: int) -> None:
    """Move the object's places, if they move: what found nothing writes nothing."""
    change: dict[str, Any] = {}
    if last_seq != place.last_seq:
        change["last_seq"] = last_seq
    if observation.scan is None:
        if observation.cursor not in (None, place.cursor):
            change["cursor"] = observation.cursor
    elif observation.scan == place.scan:
        if observation.ends_scan:
            change |= {"complete": True, "scan_cursor": None, "fields": fields_to(observation.fields)}
            change["swept_at"] = observation.now or work.now
            if place.cursor is None and observation.cursor is not None:
                change["cursor"] = observation.cursor  # a feed that has no place yet goes on where the read ended
        elif observation.cursor not in (None, place.scan_cursor):
            change["scan_cursor"] = observation.cursor
    if change:
        _change(work, observation.object_id, change)


def _change(work: Work, object_id: int, change: dict[str, Any]) -> None:
    parameters = {f"to_{name}": value for name, value in change.items()}
    work.many(_object_update(tuple(change)), [{"in_object": object_id, **parameters}])


@lru_cache(maxsize=64)
def _object_update(names: tuple[str, ...]) -> sa.Update:
    values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in names}
    return sa.update(object_).where(object_.c.id == sa.bindparam("in_object")).values(values)


def touch(work: Work, records: Collection[tuple[int, str]]) -> None:
    """Examine records again although nothing about them has changed: their rows get the next seq."""
    wanted: dict[int, dict[str, None]] = {}
    for object_id, record_id in records:
        wanted.setdefault(object_id, {})[record_id] = None
    for object_id, ids in wanted.items():
        place = _place(work, object_id)
        rows = Rows(work, object_id, place.last_seq)
        rows.find(ids)
        for row in list(rows.found.values()):
            rows.touch(row, now=work.now)
        rows.store()
        if rows.last_seq != place.last_seq:
            _change(work, object_id, {"last_seq": rows.last_seq})


def rekey(work: Work, object_id: int, keys: Mapping[str, tuple[int, Sequence[MatchKey]]]) -> None:
    """Replace the match keys of records whose rows still have this seq; nothing else about them changes."""
    rows = Rows(work, object_id, 0)
    rows.find(keys)
    for row in rows.found.values():
        seq, made = keys[row.record_id]
        if row.seq == seq:
            rows.key(row, made)
    rows.store()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer to our own write says about one record: how it looks now, that it is gone, or nothing."""

    settlement: Settlement
    record_id: str


def store_answers(work: Work, object_id: int, answers: Collection[Answer]) -> None:
    """Mirror rows after our own writes: accepted whatever their ordinal, and a barrier for older observations."""
    place = _place(work, object_id)
    rows = Rows(work, object_id, place.last_seq)
    rows.find({answer.record_id for answer in answers} | {answer.settlement.replaces for answer in answers} - {""})
    for answer in answers:
        settlement = answer.settlement
        row = rows.found.get(answer.record_id)
        if settlement.gone:
            if row is None:
                continue
            rows.lose(row, "", taken=settlement.answered, now=work.now)
        elif settlement.record is not None:
            row = _show(rows, settlement.record, settlement, work.now)
        lost = rows.found.get(settlement.replaces)
        if lost is not None and lost.gone:
            rows.lose(lost, answer.record_id, taken=settlement.answered, now=work.now)
        if row is not None and settlement.answered > row.answered:
            # Where the app did not show the record, barrier and ordinal are equal: written, and not read since.
            shown = settlement.shown or settlement.gone or settlement.record is None
            row.answered, row.touched = settlement.answered - shown, True
    rows.store()
    again = [answer.record_id for answer in answers if answer.settlement.reread]
    work.add(reread, [{"object_id": object_id, "record_id": each} for each in dict.fromkeys(again)])
    if rows.last_seq != place.last_seq:
        _change(work, object_id, {"last_seq": rows.last_seq})


def _show(rows: Rows, record: Record, settlement: Settlement, now: float) -> Row:
    encoded, value_hash = rows.hash(record)
    return rows.show(record, encoded, value_hash, settlement.keys, taken=settlement.answered, now=now)
