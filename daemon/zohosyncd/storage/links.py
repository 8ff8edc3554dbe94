"""Links with their two bases, and the persons that they tie together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from zohosyncd.core.errors import StateError
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.side import Side
from zohosyncd.storage.remembered import recalled, remembered
from zohosyncd.storage.tables import LIVE, TOMBSTONE, connection, link
from zohosyncd.storage.work import Columns, Work, among

_LIVE, _TOMBSTONE = sa.text(LIVE), sa.text(TOMBSTONE)
_OF_CONNECTION = link.c.connection_id == sa.bindparam("connection_id")
_ID = {Side.LEFT: link.c.left_id, Side.RIGHT: link.c.right_id}

_LINK = sa.select(
    link.c.id,
    link.c.left_id,
    link.c.right_id,
    link.c.status,
    link.c.by_hand,
    link.c.left_base,
    link.c.right_base,
    link.c.standing,
    link.c.version,
    link.c.remembered,
).where(_OF_CONNECTION)
_LIVE_BY = {side: _LINK.where(_LIVE, among(_ID[side])) for side in Side}
_DEAD_BY = {side: _LINK.where(_TOMBSTONE, among(_ID[side])).order_by(link.c.id) for side in Side}
_ANY_BY = {side: _LINK.where(among(_ID[side])) for side in Side}
_AFTER = (
    _LINK.where(_LIVE, link.c.id > sa.bindparam("after"))
    .order_by(link.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_UPDATE = sa.update(link).where(
    link.c.connection_id == sa.bindparam("of_connection"), link.c.id == sa.bindparam("link_id")
)
_COLUMNS = (
    "left_id",
    "right_id",
    "status",
    "by_hand",
    "stored_differently",
    "left_base",
    "right_base",
    "standing",
    "version",
    "remembered",
)
_REPLACE = _UPDATE.values({name: sa.bindparam(f"new_{name}") for name in _COLUMNS})
_REMOVE = sa.delete(link).where(_OF_CONNECTION, among(link.c.id))
_ENDS = sa.select(connection.c.id, connection.c.left_object, connection.c.right_object).where(among(connection.c.id))
_TIED = {
    side: sa.select(link.c.connection_id, link.c.left_id, link.c.right_id).where(
        _LIVE, among(link.c.connection_id, "connections"), among(_ID[side])
    )
    for side in Side
}
_LAST = sa.select(connection.c.last_link).where(connection.c.id == sa.bindparam("connection_id"))


def linked(side: Side, record_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a record has any link in the connection of parameter ``connection_id``."""
    same = (_OF_CONNECTION, _ID[side] == record_id)
    return sa.exists().where(_LIVE, *same) | sa.exists().where(_TOMBSTONE, *same)


def links(work: Work, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, Link]:
    """The links of these records by that side's id: the live one, else the newest tombstone."""
    wanted = [each for each in ids if each]
    live = _links(work, connection_id, work.plain_by_ids(_LIVE_BY[side], wanted, connection_id=connection_id))
    found = {each.record_id(side): each for each in live}
    rest = [each for each in wanted if each not in found]
    dead = _links(work, connection_id, work.plain_by_ids(_DEAD_BY[side], rest, connection_id=connection_id))
    return found | {each.record_id(side): each for each in dead}


def all_of(work: Work, connection_id: int, side: Side, ids: Collection[str]) -> list[Link]:
    """All links that these records have or had."""
    wanted = [each for each in ids if each]
    return _links(work, connection_id, work.plain_by_ids(_ANY_BY[side], wanted, connection_id=connection_id))


def links_after(work: Work, connection_id: int, after: int, limit: int) -> list[Link]:
    """Live links with a larger id, ascending."""
    return _links(work, connection_id, work.all(_AFTER, connection_id=connection_id, after=after, limit=limit))


def tied(
    work: Work, connections: Collection[int], object_id: int, ids: Collection[str]
) -> dict[str, frozenset[tuple[int, str]]]:
    """The persons of these records: every record that live links of these connections tie to them, by id."""
    ends = {number: (left, right) for number, left, right in work.by_ids(_ENDS, connections)}
    neighbours: dict[tuple[int, str], set[tuple[int, str]]] = {}
    open_: dict[int, set[str]] = {object_id: {each for each in ids if each}}
    seen: set[tuple[int, str]] = {(object_id, each) for each in open_[object_id]}
    while open_:
        fresh: dict[int, set[str]] = {}
        for at, records in open_.items():
            for left, right in _pairs_at(work, ends, at, records):
                neighbours.setdefault(left, set()).add(right)
                neighbours.setdefault(right, set()).add(left)
                for each in (left, right):
                    if each not in seen:
                        seen.add(each)
                        fresh.setdefault(each[0], set()).add(each[1])
        open_ = fresh
    return {each: _reached(neighbours, (object_id, each)) for each in ids if (object_id, each) in neighbours}


def _pairs_at(
    work: Work, ends: Mapping[int, tuple[int, int]], object_id: int, records: set[str]
) -> Iterable[tuple[tuple[int, str], tuple[int, str]]]:
    """The live links that have one of these records of an object on a side of theirs."""
    for at, side in enumerate(Side):
        here = [number for number, pair in ends.items() if pair[at] == object_id]
        if here:
            for number, left_id, right_id in work.by_ids(_TIED[side], sorted(records), connections=here):
                yield (ends[number][0], left_id), (ends[number][1], right_id)


def _reached(
    neighbours: Mapping[tuple[int, str], set[tuple[int, str]]], start: tuple[int, str]
) -> frozenset[tuple[int, str]]:
    reached, open_ = {start}, [start]
    while open_:
        fresh = neighbours[open_.pop()] - reached
        reached |= fresh
        open_ += fresh
    return frozenset(reached)


def _links(work: Work, connection_id: int, found: Iterable[Columns]) -> list[Link]:
    opened = work.codec.open_base
    return [
        Link(
            number,
            left_id,
            right_id,
            opened(left, "link", connection_id, number, "left"),
            opened(right, "link", connection_id, number, "right"),
            LinkStatus(status),
            bool(by_hand),
            Standing(standing),
            *recalled(work.codec, remembered, connection_id, number),
            version,
        )
        for number, left_id, right_id, status, by_hand, left, right, standing, version, remembered in found
    ]


def remove_links(work: Work, connection_id: int, numbers: Collection[int]) -> None:
    """Forget links: their records are no pair any more."""
    work.change_by_ids(_REMOVE, [each for each in numbers if each], connection_id=connection_id)


def store_links(work: Work, connection_id: int, changed: Sequence[Link]) -> None:
    """Add links with id 0, replace the others. Raises StateError for a link that the state does not know."""
    if not changed:
        return
    new = [each for each in changed if not each.id]
    old = [each for each in changed if each.id]
    # Tombstones first: what they set free may be linked anew in the same unit.
    old.sort(key=lambda each: each.status is LinkStatus.LIVE)
    replaced = [
        {"link_id": each.id, "of_connection": connection_id}
        | {f"new_{name}": value for name, value in _row(work, connection_id, each.id, each).items()}
        for each in old
    ]
    if work.many(_REPLACE, replaced) != len(old):
        raise StateError("the state does not know a link that was to be changed")
    if new:
        last = work.value(_LAST, connection_id=connection_id)
        if last is None:
            raise StateError(f"the state knows no connection {connection_id}")
        rows = [
            {"connection_id": connection_id, "id": number, **_row(work, connection_id, number, each)}
            for number, each in enumerate(new, last + 1)
        ]
        work.insert(link, rows)
        moved = sa.update(connection).where(connection.c.id == connection_id)
        work.sql.execute(moved.values(last_link=last + len(new)))


def _row(work: Work, connection_id: int, number: int, each: Link) -> dict[str, Any]:
    return {
        "left_id": each.left_id,
        "right_id": each.right_id,
        "status": each.status.value,
        "by_hand": each.by_hand,
        "stored_differently": bool(each.left.sent or each.right.sent),
        "left_base": work.codec.seal_base(each.left, "link", connection_id, number, "left"),
        "right_base": work.codec.seal_base(each.right, "link", connection_id, number, "right"),
        "standing": each.standing.value,
        "version": each.version,
        "remembered": remembered(work.codec, each, connection_id, number),
    }
