"""Mirror rows as they are written: what is known of each without its values, and what becomes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Record, encode_values
from zohosyncd.storage.tables import match_key, mirror
from zohosyncd.storage.work import Work, among


@dataclass(slots=True)
class Row:
    """A mirror row under way: it changes in memory and is written once, at the end of the unit."""

    record_id: str
    seq: int = 0
    value_hash: bytes = b""
    keys_hash: bytes = b""
    version: str | None = None
    modified: float | None = None
    taken: int = 0
    answered: int = 0
    scan: int = 0
    gone: bool = False
    moved_to: str = ""
    changed_at: float = 0.0
    body: bytes | None = None
    keys: set[tuple[str, bytes]] | None = None
    stored: bool = True
    touched: bool = False

    @property
    def written(self) -> bool:
        """Whether the row is what we wrote, and no read has shown it since."""
        return self.answered > 0 and self.taken == self.answered


_KNOWN = (
    mirror.c.record_id,
    mirror.c.seq,
    mirror.c.value_hash,
    mirror.c.keys_hash,
    mirror.c.version,
    mirror.c.modified,
    mirror.c.taken,
    mirror.c.answered,
    mirror.c.scan,
    mirror.c.gone,
    mirror.c.moved_to,
    mirror.c.changed_at,
)
_FIND = sa.select(*_KNOWN).where(mirror.c.object_id == sa.bindparam("object_id"), among(mirror.c.record_id))
_TOUCHED = ("seq", "version", "modified", "taken", "answered", "scan", "gone", "moved_to", "changed_at")
_TOUCH = (
    sa.update(mirror)
    .where(mirror.c.object_id == sa.bindparam("in_object"), mirror.c.record_id == sa.bindparam("in_record"))
    .values({name: sa.bindparam(name) for name in _TOUCHED})
)
_DROP_KEYS = sa.delete(match_key).where(
    match_key.c.object_id == sa.bindparam("object_id"), among(match_key.c.record_id)
)


@dataclass(slots=True)
class Rows:
    """The mirror rows of one object that a unit of work concerns; seqs are drawn from ``last_seq`` on."""

    work: Work
    object_id: int
    last_seq: int
    found: dict[str, Row] = field(default_factory=dict)
    changed: int = 0

    def find(self, ids: Iterable[str]) -> None:
        """Read what is known of these records."""
        for row in self.work.plain_by_ids(_FIND, ids, object_id=self.object_id):
            self.found[row[0]] = Row(*row)

    def hash(self, record: Record) -> tuple[bytes, bytes]:
        """The record's values as bytes, and their hash."""
        encoded = encode_values(record.values)
        return encoded, self.work.codec.value_hash(encoded)

    def show(
        self, record: Record, encoded: bytes, value_hash: bytes, keys: Sequence[MatchKey], *, taken: int, now: float
    ) -> Row:
        """The record exists and looks like this."""
        row = self.found.get(record.id)
        if row is None:
            row = self.found[record.id] = Row(record.id, stored=False)
        codec = self.work.codec
        if row.value_hash != value_hash or row.gone or not row.stored:
            self._next_seq(row, now)
            row.value_hash = value_hash
            row.body = codec.seal(encoded, "mirror", self.object_id, record.id)
        self.key(row, keys)
        mark = (record.version, record.modified, max(row.taken, taken), False, "")
        if mark != (row.version, row.modified, row.taken, row.gone, row.moved_to):
            row.version, row.modified, row.taken, row.gone, row.moved_to = mark
            row.touched = True
        return row

    def key(self, row: Row, keys: Sequence[MatchKey]) -> None:
        """The record has these match keys and no others."""
        codec = self.work.codec
        digests = {(key.kind, codec.mac(key)) for key in keys}
        keys_hash = codec.value_hash(b"".join(sorted([digest + kind.encode() for kind, digest in digests])))
        if row.keys_hash != keys_hash:
            row.keys, row.keys_hash, row.touched = digests, keys_hash, True

    def confirm(self, row: Row, *, taken: int, now: float) -> None:
        """A read shows what we wrote: the row is news although its values are the same."""
        self._next_seq(row, now)
        row.taken = taken

    def touch(self, row: Row, *, now: float) -> None:
        """The row is news although nothing has been read."""
        self._next_seq(row, now)

    def lose(self, row: Row, moved_to: str, *, taken: int, now: float) -> None:
        """The record is gone."""
        if not row.gone or row.moved_to != moved_to:
            self._next_seq(row, now)
            row.gone, row.moved_to, row.taken = True, moved_to, max(row.taken, taken)

    def _next_seq(self, row: Row, now: float) -> None:
        self.last_seq += 1
        self.changed += 1
        row.seq, row.changed_at, row.touched = self.last_seq, now, True

    def store(self) -> None:
        """Write what has changed."""
        whole = [row for row in self.found.values() if row.body is not None]
        self.work.upsert(mirror, [self._columns(row) for row in whole], key=("object_id", "record_id"))
        # What has no new values keeps its body, which is most of the row; a new hash of keys travels with it.
        rest = [row for row in self.found.values() if row.touched and row.body is None]
        self.work.many(_TOUCH, [self._touch(row) for row in rest])
        rekeyed = [row for row in self.found.values() if row.keys is not None]
        if not rekeyed:
            return
        self.work.many(_REKEY, [self._rekey(row) for row in rekeyed if row.body is None])
        self.work.change_by_ids(_DROP_KEYS, [row.record_id for row in rekeyed if row.stored], object_id=self.object_id)
        new = [
            {"object_id": self.object_id, "record_id": row.record_id, "kind": kind, "digest": digest}
            for row in rekeyed
            for kind, digest in sorted(row.keys or ())
        ]
        self.work.insert(match_key, new)

    def _columns(self, row: Row) -> dict[str, Any]:
        return {
            "object_id": self.object_id,
            "record_id": row.record_id,
            "seq": row.seq,
            "version": row.version,
            "modified": row.modified,
            "taken": row.taken,
            "answered": row.answered,
            "scan": row.scan,
            "gone": row.gone,
            "moved_to": row.moved_to,
            "changed_at": row.changed_at,
            "value_hash": row.value_hash,
            "keys_hash": row.keys_hash,
            "body": row.body,
        }

    def _touch(self, row: Row) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in _TOUCHED}
        return {"in_object": self.object_id, "in_record": row.record_id, **values}

    def _rekey(self, row: Row) -> dict[str, Any]:
        return {"in_object": self.object_id, "in_record": row.record_id, "keys_hash": row.keys_hash}


_REKEY = (
    sa.update(mirror)
    .where(mirror.c.object_id == sa.bindparam("in_object"), mirror.c.record_id == sa.bindparam("in_record"))
    .values(keys_hash=sa.bindparam("keys_hash"))
)
