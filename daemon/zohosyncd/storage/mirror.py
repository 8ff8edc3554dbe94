"""The mirror as it is read: rows, match keys, and what lies beyond an offset."""

from collections.abc import Collection, Iterable
from typing import Any, Final

import sqlalchemy as sa

from zohosyncd.core.side import Side
from zohosyncd.ports.store import KeyDigest, MirrorRow
from zohosyncd.storage.links import linked
from zohosyncd.storage.tables import MOVED, intent, match_key, mirror, object_, reread
from zohosyncd.storage.work import Columns, Work, among

MOST_HOLDERS: Final = 20

_ROW = sa.select(
    mirror.c.record_id,
    mirror.c.seq,
    mirror.c.body,
    mirror.c.version,
    mirror.c.modified,
    mirror.c.taken,
    mirror.c.gone,
    mirror.c.moved_to,
    (mirror.c.answered > 0) & (mirror.c.taken == mirror.c.answered),
    mirror.c.changed_at,
)
_OF_OBJECT = mirror.c.object_id == sa.bindparam("object_id")
_BEYOND = _OF_OBJECT & (mirror.c.seq > sa.bindparam("after"))
_LIMIT: Any = sa.bindparam("limit", type_=sa.Integer)

_CHANGES = _ROW.where(_BEYOND).order_by(mirror.c.seq).limit(_LIMIT)
_UNLINKED = {
    side: _ROW.where(_BEYOND, sa.not_(mirror.c.gone), sa.not_(linked(side, mirror.c.record_id)))
    .order_by(mirror.c.seq)
    .limit(_LIMIT)
    for side in Side
}
_BY_IDS = _ROW.where(_OF_OBJECT, among(mirror.c.record_id))
_MOVED = (
    sa.select(mirror.c.record_id, mirror.c.moved_to)
    .where(_OF_OBJECT, sa.text(MOVED), mirror.c.gone, among(mirror.c.moved_to))
    .order_by(mirror.c.record_id)
)
_LAST_SEQ = sa.select(object_.c.last_seq).where(object_.c.id == sa.bindparam("object_id"))
_COUNT = sa.select(sa.func.count()).select_from(mirror).where(_BEYOND)
_OLDEST = sa.select(mirror.c.changed_at).where(_BEYOND).order_by(mirror.c.seq).limit(1)
_ABSENT = (
    sa.select(mirror.c.record_id)
    .where(
        _OF_OBJECT,
        mirror.c.record_id > sa.bindparam("after"),
        mirror.c.scan != sa.bindparam("scan"),
        sa.not_(mirror.c.gone),
    )
    .order_by(mirror.c.record_id)
    .limit(_LIMIT)
)
_COUNT_ABSENT = sa.select(
    sa.func.count().filter(mirror.c.scan != sa.bindparam("scan")).label("absent"), sa.func.count().label("known")
).where(_OF_OBJECT, sa.not_(mirror.c.gone))
_KEYS = (
    sa.select(match_key.c.record_id, match_key.c.kind, match_key.c.digest)
    .where(match_key.c.object_id == sa.bindparam("object_id"), among(match_key.c.record_id))
    .order_by(match_key.c.record_id, match_key.c.kind, match_key.c.digest)
)
_HOLDERS = (
    sa.select(match_key.c.kind, match_key.c.digest, match_key.c.record_id)
    .join(mirror, (mirror.c.object_id == match_key.c.object_id) & (mirror.c.record_id == match_key.c.record_id))
    .where(
        match_key.c.object_id == sa.bindparam("object_id"),
        match_key.c.kind == sa.bindparam("kind"),
        among(match_key.c.digest),
        sa.not_(mirror.c.gone),
    )
    .order_by(match_key.c.digest, match_key.c.record_id)
)
_REREADS = (
    sa.select(reread.c.record_id)
    .where(
        reread.c.object_id == sa.bindparam("object_id"),
        ~sa.exists().where(
            intent.c.object_id == reread.c.object_id,
            intent.c.target_id == reread.c.record_id,
            intent.c.state.in_(("sent", "unknown")),
        ),
    )
    .order_by(reread.c.record_id)
    .limit(_LIMIT)
)


def changes(work: Work, object_id: int, after: int, limit: int) -> list[MirrorRow]:
    """Rows with a larger seq, ascending, gone ones included."""
    return _rows(work, object_id, work.all(_CHANGES, object_id=object_id, after=after, limit=limit))


def unlinked(work: Work, connection_id: int, side: Side, object_id: int, after: int, limit: int) -> list[MirrorRow]:
    """Rows with a larger seq, ascending, of records that exist and have no link in the connection."""
    found = work.all(_UNLINKED[side], object_id=object_id, after=after, limit=limit, connection_id=connection_id)
    return _rows(work, object_id, found)


def rows(work: Work, object_id: int, ids: Collection[str]) -> dict[str, MirrorRow]:
    """These rows by id."""
    return {row.record_id: row for row in _rows(work, object_id, work.plain_by_ids(_BY_IDS, ids, object_id=object_id))}


def _rows(work: Work, object_id: int, found: Iterable[Columns]) -> list[MirrorRow]:
    opened = work.codec.open_values
    return [
        MirrorRow(
            record_id,
            seq,
            opened(body, "mirror", object_id, record_id),
            version,
            modified,
            taken,
            bool(gone),
            moved_to,
            bool(written),
            changed_at,
        )
        for record_id, seq, body, version, modified, taken, gone, moved_to, written, changed_at in found
    ]


def moved_to(work: Work, object_id: int, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For these records the ids of lost ones that have moved to them."""
    found: dict[str, tuple[str, ...]] = {}
    for record_id, survivor in work.by_ids(_MOVED, ids, object_id=object_id):
        found[survivor] = (*found.get(survivor, ()), record_id)
    return found


def last_seq(work: Work, object_id: int) -> int:
    """The largest seq given so far."""
    return work.value(_LAST_SEQ, object_id=object_id) or 0


def count_pending(work: Work, object_id: int, after: int) -> int:
    """How many rows lie beyond a seq."""
    return work.value(_COUNT, object_id=object_id, after=after) or 0


def oldest_pending(work: Work, object_id: int, after: int) -> float:
    """When the oldest row beyond a seq got its seq, 0.0 if there is none."""
    return work.value(_OLDEST, object_id=object_id, after=after) or 0.0


def absent(work: Work, object_id: int, scan: int, after: str, limit: int) -> list[str]:
    """Ids that exist in the mirror and were not seen by a scan."""
    return [row.record_id for row in work.all(_ABSENT, object_id=object_id, scan=scan, after=after, limit=limit)]


def count_absent(work: Work, object_id: int, scan: int) -> tuple[int, int]:
    """How many existing records a scan has not seen, and how many exist."""
    row = work.all(_COUNT_ABSENT, object_id=object_id, scan=scan)[0]
    return row.absent, row.known


def rereads(work: Work, object_id: int, limit: int) -> list[str]:
    """Ids to be read again that no write holds."""
    return [row.record_id for row in work.all(_REREADS, object_id=object_id, limit=limit)]


def keys_of(work: Work, object_id: int, ids: Collection[str]) -> dict[str, tuple[KeyDigest, ...]]:
    """The match keys of these records."""
    found: dict[str, list[KeyDigest]] = {}
    for record_id, kind, digest in work.plain_by_ids(_KEYS, ids, object_id=object_id):
        found.setdefault(record_id, []).append(KeyDigest(kind, digest))
    return {record_id: tuple(keys) for record_id, keys in found.items()}


def holders(work: Work, object_id: int, keys: Collection[KeyDigest]) -> dict[KeyDigest, tuple[str, ...]]:
    """Which existing records have these keys, at most MOST_HOLDERS a key."""
    by_kind: dict[str, list[bytes]] = {}
    for key in keys:
        by_kind.setdefault(key.kind, []).append(key.digest)
    found: dict[KeyDigest, list[str]] = {}
    for wanted, digests in by_kind.items():
        for kind, digest, record_id in work.plain_by_ids(_HOLDERS, digests, object_id=object_id, kind=wanted):
            records = found.setdefault(KeyDigest(kind, digest), [])
            if len(records) < MOST_HOLDERS:
                records.append(record_id)
    return {key: tuple(records) for key, records in found.items()}
