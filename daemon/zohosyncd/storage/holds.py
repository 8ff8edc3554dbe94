"""What waits for a person, what it depends on, and what apps refuse."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from zohosyncd.core.record import decode_values, encode_values
from zohosyncd.core.side import Side
from zohosyncd.ports.store import Choice, Hold, HoldKey, HoldReason, KeyDigest, Quarantined
from zohosyncd.storage.tables import held, held_on_key, held_on_record, quarantine
from zohosyncd.storage.work import Columns, Work, among

_body = msgspec.msgpack.Decoder(tuple[bytes, list[tuple[str, str]], list[tuple[str, bytes]]])
_pack = msgspec.msgpack.Encoder().encode
_LIMIT: Any = sa.bindparam("limit", type_=sa.Integer)
_KEY = ("connection_id", "side", "record_id", "field")


def _here(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.connection_id == sa.bindparam("connection_id")


def _of_records(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return _here(table), table.c.side == sa.bindparam("in_side"), among(table.c.record_id)


_DROP = {table: sa.delete(table).where(*_of_records(table)) for table in (held, quarantine)}
_ANY = {table: sa.select(sa.literal(1)).where(_here(table)).limit(1) for table in (held, quarantine)}
_HELD_ITSELF = sa.select(held.c.side, held.c.record_id).where(*_of_records(held))
_HELD_ON_RECORD = sa.select(held_on_record.c.side, held_on_record.c.record_id).where(
    _here(held_on_record), held_on_record.c.on_side == sa.bindparam("in_side"), among(held_on_record.c.on_id)
)
_HELD_ON_KEY = sa.select(
    held_on_key.c.side, held_on_key.c.record_id, held_on_key.c.on_kind, held_on_key.c.on_digest
).where(_here(held_on_key), among(held_on_key.c.on_digest))
_REPLACE = sa.delete(held).where(
    _here(held),
    held.c.side == sa.bindparam("in_side"),
    held.c.record_id == sa.bindparam("in_record"),
    held.c.field == sa.bindparam("in_field"),
)
_HOLD = sa.select(
    held.c.side, held.c.record_id, held.c.field, held.c.reason, held.c.since, held.c.body, held.c.decision
)
_HELD_OF = _HOLD.where(*_of_records(held)).order_by(held.c.record_id, held.c.field)
WAITS = held.c.decision != Choice.LEAVE.value
"""Whether a hold still waits for somebody, or for its decision to be carried out."""
_HELD = (
    _HOLD.where(_here(held), WAITS).order_by(held.c.since, held.c.side, held.c.record_id, held.c.field).limit(_LIMIT)
)
_CHOOSE = (
    sa.update(held)
    .where(
        held.c.connection_id == sa.bindparam("in_connection"),
        held.c.side == sa.bindparam("in_side"),
        held.c.record_id == sa.bindparam("in_record"),
        held.c.field == sa.bindparam("in_field"),
    )
    .values(decision=sa.bindparam("to_decision"))
)
_REFUSED = sa.select(
    quarantine.c.side,
    quarantine.c.record_id,
    quarantine.c.code,
    quarantine.c.field,
    quarantine.c.message,
    quarantine.c.since,
)
_QUARANTINED = (
    _REFUSED.where(_here(quarantine))
    .order_by(quarantine.c.since, quarantine.c.side, quarantine.c.record_id, quarantine.c.field)
    .limit(_LIMIT)
)
_QUARANTINED_OF = _REFUSED.where(*_of_records(quarantine)).order_by(quarantine.c.record_id, quarantine.c.field)
_ACCEPT = sa.delete(quarantine).where(
    quarantine.c.connection_id == sa.bindparam("in_connection"),
    quarantine.c.side == sa.bindparam("in_side"),
    quarantine.c.record_id == sa.bindparam("in_record"),
    quarantine.c.field == sa.bindparam("in_field"),
)


def examined(work: Work, connection_id: int, records: Collection[tuple[Side, str]]) -> None:
    """Drop the holds and quarantines of these records."""
    if not records:
        return
    for table in (held, quarantine):
        if not work.value(_ANY[table], connection_id=connection_id):
            continue
        for side in Side:
            ids = [record_id for its_side, record_id in records if its_side is side]
            work.change_by_ids(_DROP[table], ids, connection_id=connection_id, in_side=side.value)


def store_holds(work: Work, connection_id: int, holds: Sequence[Hold]) -> None:
    """Add or replace holds, with what they depend on."""
    if not holds:
        return
    rows = {(hold.side, hold.record_id, hold.field): hold for hold in holds}
    work.many(
        _REPLACE,
        [
            {"connection_id": connection_id, "in_side": side.value, "in_record": record_id, "in_field": name}
            for side, record_id, name in rows
        ],
    )
    work.insert(held, [_row(work, connection_id, hold) for hold in rows.values()])
    work.insert(
        held_on_record,
        [
            {**_owner(connection_id, hold), "on_side": side.value, "on_id": record_id}
            for hold in rows.values()
            for side, record_id in dict.fromkeys(hold.others)
        ],
    )
    work.insert(
        held_on_key,
        [
            {**_owner(connection_id, hold), "on_kind": key.kind, "on_digest": key.digest}
            for hold in rows.values()
            for key in dict.fromkeys(hold.keys)
        ],
    )


def _owner(connection_id: int, hold: Hold) -> dict[str, Any]:
    return dict(zip(_KEY, (connection_id, hold.side.value, hold.record_id, hold.field), strict=True))


def _row(work: Work, connection_id: int, hold: Hold) -> dict[str, Any]:
    plain = _pack(
        (
            encode_values(hold.detail),
            [(side.value, record_id) for side, record_id in hold.others],
            [(key.kind, key.digest) for key in hold.keys],
        )
    )
    row = _owner(connection_id, hold)
    body = work.codec.seal(plain, "held", *row.values())
    decision = hold.decision.value if hold.decision else ""
    return {**row, "reason": hold.reason.value, "since": hold.since or work.now, "body": body, "decision": decision}


def waiting(work: Work, connection_id: int, limit: int) -> list[Hold]:
    """What waits for a person, oldest first."""
    return _holds(work, connection_id, work.all(_HELD, connection_id=connection_id, limit=limit))


def held_of(work: Work, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, tuple[Hold, ...]]:
    """The holds of these records, by id."""
    if not work.value(_ANY[held], connection_id=connection_id):
        return {}
    found: dict[str, tuple[Hold, ...]] = {}
    rows = work.by_ids(_HELD_OF, dict.fromkeys(ids), connection_id=connection_id, in_side=side.value)
    for hold in _holds(work, connection_id, rows):
        found[hold.record_id] = (*found.get(hold.record_id, ()), hold)
    return found


def held_after(work: Work, connection_id: int, after: HoldKey | None, limit: int, reason: str) -> list[Hold]:
    """Holds (of one reason) beyond a key, in the order of their keys."""
    query = _page(_HOLD.where(_here(held)), held, after)
    if reason:
        query = query.where(held.c.reason == reason)
    return _holds(work, connection_id, work.all(query, connection_id=connection_id, limit=limit))


def _page(query: sa.Select[*tuple[Any, ...]], table: sa.Table, after: HoldKey | None) -> sa.Select[*tuple[Any, ...]]:
    key = (table.c.side, table.c.record_id, table.c.field)
    if after is not None:
        side, record_id, name = after
        query = query.where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, (side.value, record_id, name))))
    return query.order_by(*key).limit(_LIMIT)


def choose(work: Work, connection_id: int, choices: Sequence[tuple[HoldKey, Choice | None]]) -> None:
    """What a person has decided about holds."""
    rows = [
        {
            "in_connection": connection_id,
            "in_side": side.value,
            "in_record": record_id,
            "in_field": name,
            "to_decision": choice.value if choice else "",
        }
        for (side, record_id, name), choice in choices
    ]
    work.many(_CHOOSE, rows)


def _holds(work: Work, connection_id: int, rows: Iterable[Columns]) -> list[Hold]:
    found: list[Hold] = []
    for side, record_id, name, reason, since, body, decision in rows:
        plain = work.codec.open(body, "held", connection_id, side, record_id, name)
        detail, others, keys = _body.decode(plain)
        found.append(
            Hold(
                Side(side),
                record_id,
                HoldReason(reason),
                name,
                tuple((Side(other), other_id) for other, other_id in others),
                tuple(KeyDigest(kind, digest) for kind, digest in keys),
                decode_values(detail),
                since,
                Choice(decision) if decision else None,
            )
        )
    return found


def dependents(
    work: Work, connection_id: int, side: Side, ids: Collection[str], keys: Collection[KeyDigest]
) -> set[tuple[Side, str]]:
    """Held records that are among these ids, or depend on one of the ids or keys."""
    if not work.value(_ANY[held], connection_id=connection_id):
        return set()
    found: set[tuple[str, str]] = set()
    for query in (_HELD_ITSELF, _HELD_ON_RECORD):
        found |= {(row[0], row[1]) for row in work.by_ids(query, ids, connection_id=connection_id, in_side=side.value)}
    wanted = {(key.kind, key.digest) for key in keys}
    digests = {key.digest for key in keys}
    for its_side, record_id, kind, digest in work.by_ids(_HELD_ON_KEY, digests, connection_id=connection_id):
        if (kind, digest) in wanted:
            found.add((its_side, record_id))
    return {(Side(its_side), record_id) for its_side, record_id in found}


def store_quarantined(work: Work, connection_id: int, refused: Sequence[Quarantined]) -> None:
    """Add or replace quarantined records."""
    rows = {
        (each.side, each.record_id, each.field): {
            "connection_id": connection_id,
            "side": each.side.value,
            "record_id": each.record_id,
            "field": each.field,
            "code": each.code,
            "message": each.message,
            "since": each.since or work.now,
        }
        for each in refused
    }
    work.upsert(quarantine, list(rows.values()), key=_KEY)


def quarantined_of(
    work: Work, connection_id: int, side: Side, ids: Collection[str]
) -> dict[str, tuple[Quarantined, ...]]:
    """The quarantines of these records, by id."""
    if not work.value(_ANY[quarantine], connection_id=connection_id):
        return {}
    found: dict[str, tuple[Quarantined, ...]] = {}
    for row in work.by_ids(_QUARANTINED_OF, dict.fromkeys(ids), connection_id=connection_id, in_side=side.value):
        found[row.record_id] = (*found.get(row.record_id, ()), Quarantined(Side(row.side), *row[1:]))
    return found


def quarantined_after(
    work: Work, connection_id: int, after: HoldKey | None, limit: int, code: str
) -> list[Quarantined]:
    """Quarantines (of one code) beyond a key, in the order of their keys."""
    query = _page(_REFUSED.where(_here(quarantine)), quarantine, after)
    if code:
        query = query.where(quarantine.c.code == code)
    rows = work.all(query, connection_id=connection_id, limit=limit)
    return [Quarantined(Side(row.side), *row[1:]) for row in rows]


def accept(work: Work, connection_id: int, accepted: Sequence[HoldKey]) -> None:
    """Quarantines that a person wants to see no more."""
    work.many(
        _ACCEPT,
        [
            {"in_connection": connection_id, "in_side": side.value, "in_record": record_id, "in_field": name}
            for side, record_id, name in accepted
        ],
    )


def quarantined(work: Work, connection_id: int, limit: int) -> list[Quarantined]:
    """What is refused, oldest first."""
    rows = work.all(_QUARANTINED, connection_id=connection_id, limit=limit)
    return [Quarantined(Side(row.side), *row[1:]) for row in rows]
