"""Where the records of both sides stand, without their values: to be listed, and counted by state.

The states are those of ``pipeline.contacts``, which also tells the reasons; a test holds both to the same numbers.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import ContactCounts, ContactState, HoldReason, Stand
from zohosyncd.storage.holds import WAITS
from zohosyncd.storage.tables import (
    LIVE,
    OUTSIDE,
    TOMBSTONE,
    connection,
    held,
    held_on_record,
    intent,
    link,
    mirror,
    quarantine,
)
from zohosyncd.storage.work import Work

_STANDS = (
    sa.select(mirror.c.record_id, mirror.c.seq, mirror.c.gone, mirror.c.moved_to)
    .where(mirror.c.object_id == sa.bindparam("object_id"), mirror.c.record_id > sa.bindparam("after"))
    .order_by(mirror.c.record_id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_HERE: sa.BindParameter[int] = sa.bindparam("connection_id")
_ID = {Side.LEFT: link.c.left_id, Side.RIGHT: link.c.right_id}
_OBJECTS = sa.select(connection.c.left_object, connection.c.right_object).where(connection.c.id == _HERE)


def _holds_of(side: Side, record_id: Any) -> sa.Select[Any]:
    return sa.select(sa.literal(1)).where(
        held.c.connection_id == _HERE, held.c.side == side.value, held.c.record_id == record_id
    )


def _state(side: Side) -> sa.ColumnElement[str]:
    """The state of one mirror row."""
    me = mirror.c.record_id
    left_alone = _holds_of(side, me).where(sa.not_(WAITS)).correlate(mirror).exists()
    mine = _holds_of(side, me).where(WAITS).correlate(mirror)
    of_me = (link.c.connection_id == _HERE, _ID[side] == me)
    live, dead = (sa.exists().where(sa.text(condition), *of_me).correlate(mirror) for condition in (LIVE, TOMBSTONE))
    outside = sa.exists().where(sa.text(LIVE), *of_me, sa.text(OUTSIDE)).correlate(mirror)
    partners = (
        sa.exists()
        .where(
            sa.text(LIVE), *of_me, held.c.connection_id == _HERE, held.c.side == side.other.value,
            held.c.record_id == _ID[side.other], WAITS,
        )
        .correlate(mirror)
    )  # fmt: skip
    twin = sa.exists().where(
        held_on_record.c.connection_id == _HERE, held_on_record.c.side == side.value,
        held_on_record.c.record_id == me, held_on_record.c.on_side == side.value,
    ).correlate(mirror)  # fmt: skip
    refused = sa.exists().where(
        quarantine.c.connection_id == _HERE, quarantine.c.side == side.value, quarantine.c.record_id == me
    ).correlate(mirror)  # fmt: skip
    # Not correlated: it is read once, instead of once for every record.
    creating = me.in_(
        sa.select(intent.c.source_id).where(
            intent.c.connection_id == _HERE, intent.c.kind == WriteKind.CREATE.value, intent.c.side == side.other.value
        )
    )
    because = {reason: mine.where(held.c.reason == reason.value).exists() for reason in HoldReason}
    word = {state: sa.literal(state.value) for state in ContactState}
    return sa.case(
        (mirror.c.gone, word[ContactState.DELETED]),
        (left_alone & sa.not_(live), word[ContactState.EXCLUDED]),
        (because[HoldReason.AMBIGUOUS] & twin, word[ContactState.DUPLICATE]),
        (because[HoldReason.AMBIGUOUS], word[ContactState.AMBIGUOUS]),
        (because[HoldReason.NO_KEY], word[ContactState.EXCLUDED]),
        (mine.exists() | partners, word[ContactState.HELD]),
        (refused, word[ContactState.REFUSED]),
        (outside, word[ContactState.FROZEN]),
        (live, word[ContactState.IN_SYNC]),
        (dead, word[ContactState.DELETED]),
        (creating | (mirror.c.seq > sa.bindparam("floor")), word[ContactState.PENDING]),
        else_=word[ContactState.EXCLUDED],
    )


def _counted(side: Side) -> sa.Select[Any]:
    """By state, in one row: grouping would sort all records in memory. The offset has each state found out once."""
    each = sa.select(_state(side).label("state")).where(mirror.c.object_id == sa.bindparam("object_id"))
    state = each.offset(0).subquery().c.state
    counts: list[sa.ColumnElement[Any]] = [sa.func.count(sa.case((state == one.value, 1))) for one in ContactState]
    return sa.select(*counts)


_COUNTED: Final = {side: _counted(side) for side in SIDES}


def stands(work: Work, object_id: int, after: str, limit: int) -> list[Stand]:
    """Where the records of an object stand, by ascending id."""
    rows = work.all(_STANDS, object_id=object_id, after=after, limit=limit)
    return [Stand(record_id, seq, bool(gone), moved_to) for record_id, seq, gone, moved_to in rows]


def contact_counts(work: Work, connection_id: int, floors: Mapping[Side, int] | None) -> ContactCounts:
    """How many records of either side are in which state."""
    rows = work.all(_OBJECTS, connection_id=connection_id)
    found: dict[Side, dict[ContactState, int]] = {side: dict.fromkeys(ContactState, 0) for side in SIDES}
    for side, object_id in zip(SIDES, rows[0] if rows else (), strict=False):
        floor = -1 if floors is None else floors[side]
        counted = work.all(_COUNTED[side], connection_id=connection_id, object_id=object_id, floor=floor)
        found[side] |= dict(zip(ContactState, counted[0], strict=True))
    return found
