"""Intents and the match keys that creates claim."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Intent, IntentState, KeyDigest, Waiting
from zohosyncd.storage.mirror import holders
from zohosyncd.storage.tables import connection, create_claim, intent, mirror
from zohosyncd.storage.work import Columns, Work, among

_CLEAR = (
    "id",
    "connection_id",
    "run",
    "object_id",
    "side",
    "kind",
    "source_id",
    "target_id",
    "source_seq",
    "target_seq",
    "guarded",
    "state",
    "batch",
    "created_at",
    "sent_at",
    "version",
    "replaces",
)
_PLAIN = tuple(name for name in _CLEAR if name not in ("side", "kind", "state"))
_INTENT = (
    sa.select(*(intent.c[name] for name in _CLEAR), intent.c.body)
    .where(among(intent.c.state, "states"))
    .order_by(intent.c.number)
)
_INTENT_HERE = _INTENT.where(intent.c.connection_id == sa.bindparam("connection_id"))
_CLAIMS_OF = sa.select(create_claim.c.intent_id, create_claim.c.kind, create_claim.c.digest).where(
    among(create_claim.c.intent_id)
)
_CLAIMED = sa.select(create_claim.c.kind, create_claim.c.digest).where(
    create_claim.c.object_id == sa.bindparam("object_id"), among(create_claim.c.digest)
)
_PLANNED = sa.select(
    intent.c.id,
    intent.c.object_id,
    intent.c.side,
    intent.c.source_id,
    intent.c.target_id,
    intent.c.source_seq,
    intent.c.target_seq,
    connection.c.left_object,
    connection.c.right_object,
).join(connection, connection.c.id == intent.c.connection_id)
_PLANNED = _PLANNED.where(among(intent.c.id), intent.c.state == "planned")
_SEQS = sa.select(mirror.c.record_id, mirror.c.seq).where(
    mirror.c.object_id == sa.bindparam("object_id"), among(mirror.c.record_id)
)
_MARK_SENT = sa.update(intent).where(among(intent.c.id)).values(state="sent", sent_at=sa.bindparam("now"))
_NOBODY: frozenset[str] = frozenset()
_CREATING = sa.select(intent.c.source_id).where(
    intent.c.connection_id == sa.bindparam("connection_id"),
    intent.c.kind == WriteKind.CREATE.value,
    intent.c.side == sa.bindparam("in_side"),
    among(intent.c.source_id),
)
_WITHDRAW = sa.delete(intent).where(among(intent.c.id), intent.c.state.in_(("planned", "waiting", "approved")))
_WAIT = (
    sa.update(intent)
    .where(among(intent.c.id), intent.c.state == "planned")
    .values(state="waiting", batch=sa.bindparam("in_batch"))
)


_WAITING = (
    sa.select(intent.c.batch, intent.c.guarded, intent.c.side, sa.func.count(), sa.func.min(intent.c.created_at))
    .where(intent.c.connection_id == sa.bindparam("connection_id"), intent.c.state == "waiting")
    .group_by(intent.c.batch, intent.c.guarded, intent.c.side)
    .order_by(sa.func.min(intent.c.number))
)


def open_intents(work: Work, connection_id: int | None, states: Collection[IntentState]) -> list[Intent]:
    """Intents in these states, oldest first."""
    wanted = [state.value for state in states]
    if connection_id is None:
        rows = list(work.by_ids(_INTENT, wanted, name="states"))
    else:
        rows = list(work.by_ids(_INTENT_HERE, wanted, name="states", connection_id=connection_id))
    creates = [row.id for row in rows if row.kind == WriteKind.CREATE]
    claims: dict[str, list[KeyDigest]] = {}
    for intent_id, kind, digest in work.by_ids(_CLAIMS_OF, creates):
        claims.setdefault(intent_id, []).append(KeyDigest(kind, digest))
    return [_intent(work, row, tuple(sorted(claims.get(row.id, ())))) for row in rows]


def _intent(work: Work, row: Columns, claims: tuple[KeyDigest, ...]) -> Intent:
    patch, before, source, agreed, *given = work.codec.open_all(row.body, "intent", row.id)
    return Intent(
        **{name: getattr(row, name) for name in _PLAIN},
        side=Side(row.side),
        kind=WriteKind(row.kind),
        state=IntentState(row.state),
        patch=patch,
        before=before,
        source=source,
        agreed=agreed,
        given=given[0] if given else {},
        claims=claims,
    )


def store_intents(work: Work, wished: Sequence[Intent]) -> tuple[str, ...]:
    """Store new intents with their claims; the ids of creates that are not stored because their key is taken."""
    if not wished:
        return ()
    claimed, standing = _taken(work, wished)
    lost: list[str] = []
    rows: list[dict[str, Any]] = []
    claims: list[dict[str, Any]] = []
    for each in wished:
        wants = {(each.object_id, key) for key in each.claims} if each.kind is WriteKind.CREATE else set()
        if any(want in claimed or standing.get(want, _NOBODY) - each.despite for want in wants):
            lost.append(each.id)
            continue
        claimed |= wants
        rows.append(_row(work, each))
        claims += (
            {"object_id": object_id, "kind": key.kind, "digest": key.digest, "intent_id": each.id}
            for object_id, key in wants
        )
    work.insert(intent, rows)
    work.insert(create_claim, claims)
    return tuple(lost)


def _taken(
    work: Work, wished: Iterable[Intent]
) -> tuple[set[tuple[int, KeyDigest]], dict[tuple[int, KeyDigest], frozenset[str]]]:
    """Of the match keys that creates want: those claimed by an open create, and who has them in the target object."""
    wanted: dict[int, set[KeyDigest]] = {}
    for each in wished:
        if each.kind is WriteKind.CREATE and each.claims:
            wanted.setdefault(each.object_id, set()).update(each.claims)
    taken: set[tuple[int, KeyDigest]] = set()
    standing: dict[tuple[int, KeyDigest], frozenset[str]] = {}
    for object_id, keys in wanted.items():
        digests = {key.digest for key in keys}
        claimed = work.plain_by_ids(_CLAIMED, digests, object_id=object_id)
        taken |= {(object_id, KeyDigest(kind, digest)) for kind, digest in claimed}
        standing |= {(object_id, key): frozenset(ids) for key, ids in holders(work, object_id, keys).items()}
    return taken, standing


def _row(work: Work, each: Intent) -> dict[str, Any]:
    parts = (each.patch, each.before, each.source, each.agreed, *((each.given,) if each.given else ()))
    row = {name: getattr(each, name) for name in _PLAIN}
    row |= {"side": each.side.value, "kind": each.kind.value, "state": each.state.value}
    row["created_at"] = each.created_at or work.now
    row["body"] = work.codec.seal_all(parts, "intent", each.id)
    return row


class _Planned(NamedTuple):
    """What :data:`_PLANNED` asks for."""

    id: str
    object_id: int
    side: str
    source_id: str
    target_id: str
    source_seq: int
    target_seq: int
    left_object: int
    right_object: int


def mark_sent(work: Work, intent_ids: Sequence[str], now: float) -> set[str]:
    """Mark planned intents as sent whose source and target rows have not moved; their ids."""
    planned = [_Planned(*row) for row in work.plain_by_ids(_PLANNED, intent_ids)]
    needed: dict[int, set[str]] = {}
    for row in planned:
        for object_id, record_id, _ in _decided_from(row):
            needed.setdefault(object_id, set()).add(record_id)
    seqs: Mapping[tuple[int, str], int] = {
        (object_id, record_id): seq
        for object_id, ids in needed.items()
        for record_id, seq in work.plain_by_ids(_SEQS, ids, object_id=object_id)
    }
    still = {
        row.id
        for row in planned
        if all(seqs.get((object_id, record_id), 0) == seq for object_id, record_id, seq in _decided_from(row))
    }
    work.change_by_ids(_MARK_SENT, still, now=now)
    return still


def _decided_from(row: _Planned) -> list[tuple[int, str, int]]:
    """The mirror rows (object, record, seq) that must not have moved; a create has only a source."""
    source = row.right_object if row.side == Side.LEFT else row.left_object
    rows = [(source, row.source_id, row.source_seq), (row.object_id, row.target_id, row.target_seq)]
    return rows if row.target_id else rows[:1]


def withdraw(work: Work, intent_ids: Sequence[str]) -> None:
    """Remove intents that were not sent, with their claims."""
    work.change_by_ids(_WITHDRAW, intent_ids)


def withdraw_planned(work: Work, connection_id: int) -> int:
    """Remove all planned intents of a connection, and set its offsets back to before their sources; how many."""
    planned = (intent.c.connection_id == connection_id, intent.c.state == "planned")
    for side, offset in ((Side.RIGHT, connection.c.left_offset), (Side.LEFT, connection.c.right_offset)):
        first = work.value(sa.select(sa.func.min(intent.c.source_seq)).where(*planned, intent.c.side == side.value))
        if first:
            here = (connection.c.id == connection_id, offset >= first)
            work.sql.execute(sa.update(connection).where(*here).values({offset.name: first - 1}))
    return work.sql.execute(sa.delete(intent).where(*planned)).rowcount


def creating(work: Work, connection_id: int, side: Side, ids: Collection[str]) -> set[str]:
    """Of these records of a side those for which a create on the other side is open."""
    rows = work.by_ids(_CREATING, ids, connection_id=connection_id, in_side=side.other.value)
    return {row.source_id for row in rows}


def set_waiting(work: Work, intent_ids: Sequence[str], batch: str) -> None:
    """Planned intents wait for approval as this batch."""
    work.change_by_ids(_WAIT, intent_ids, in_batch=batch)


def waiting(work: Work, connection_id: int) -> list[Waiting]:
    """How many intents wait for approval, by batch, what the guard counts them as, and side; the oldest first."""
    rows = work.all(_WAITING, connection_id=connection_id)
    return [Waiting(batch, guarded, Side(side), count, since) for batch, guarded, side, count, since in rows]


def approve(work: Work, connection_id: int, batch: str) -> int:
    """Release waiting intents; how many."""
    update = sa.update(intent).where(intent.c.connection_id == connection_id, intent.c.state == "waiting")
    if batch:
        update = update.where(intent.c.batch == batch)
    return work.sql.execute(update.values(state="approved")).rowcount
