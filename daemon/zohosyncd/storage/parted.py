"""Pairs of records that a person has parted for good."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from zohosyncd.core.side import Side
from zohosyncd.ports.store import Parted
from zohosyncd.storage.tables import apart
from zohosyncd.storage.work import Work, among

_HERE = apart.c.connection_id == sa.bindparam("connection_id")
_ANY = sa.select(sa.literal(1)).select_from(apart).where(_HERE).limit(1)
_OF = {
    Side.LEFT: sa.select(apart.c.left_id, apart.c.right_id, apart.c.strangers).where(_HERE, among(apart.c.left_id)),
    Side.RIGHT: sa.select(apart.c.right_id, apart.c.left_id, apart.c.strangers).where(_HERE, among(apart.c.right_id)),
}
_JOIN = sa.delete(apart).where(
    apart.c.connection_id == sa.bindparam("in_connection"),
    apart.c.left_id == sa.bindparam("in_left"),
    apart.c.right_id == sa.bindparam("in_right"),
)


def partings(work: Work, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, dict[str, bool]]:
    """For these records of a side those parted from them, each with whether both are strangers."""
    if not ids or not work.value(_ANY, connection_id=connection_id):
        return {}
    found: dict[str, dict[str, bool]] = {}
    for record_id, other, strangers in work.by_ids(_OF[side], ids, connection_id=connection_id):
        found.setdefault(record_id, {})[other] = bool(strangers)
    return found


def part(work: Work, connection_id: int, parted: Sequence[Parted]) -> None:
    """Remember pairs as parted; the last word counts."""
    rows = [
        {
            "connection_id": connection_id,
            "left_id": each.left_id,
            "right_id": each.right_id,
            "strangers": each.strangers,
            "since": each.since or work.now,
        }
        for each in parted
    ]
    work.upsert(apart, rows, key=("connection_id", "left_id", "right_id"))


def join(work: Work, connection_id: int, pairs: Sequence[tuple[str, str]]) -> None:
    """These pairs are parted no longer."""
    work.many(_JOIN, [{"in_connection": connection_id, "in_left": left, "in_right": right} for left, right in pairs])
