"""Removing all that is held about one person, in one unit of work."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from zohosyncd.core.errors import Busy
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Record, decode_values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.store import Choice, Hold, JournalEntry
from zohosyncd.storage import holds
from zohosyncd.storage import journal as history
from zohosyncd.storage.observe import touch
from zohosyncd.storage.suppressed import address_digest, addresses, record_digest, suppress
from zohosyncd.storage.tables import (
    apart,
    connection,
    held,
    held_on_record,
    intent,
    journal,
    link,
    match_key,
    mirror,
    object_,
    quarantine,
    reread,
)
from zohosyncd.storage.work import Work, among

Ids = Mapping[int, set[str]]
"""Ids of records by the number of their object."""

_KINDS = sa.select(match_key.c.kind).distinct()
_HAS_KEY = sa.select(match_key.c.record_id).where(
    match_key.c.object_id == sa.bindparam("object_id"), among(match_key.c.digest)
)
_MOVED_HERE = sa.select(mirror.c.record_id).where(
    mirror.c.object_id == sa.bindparam("object_id"), sa.text("moved_to <> ''"), among(mirror.c.moved_to)
)
_BODIES = sa.select(mirror.c.record_id, mirror.c.body).where(mirror.c.object_id == sa.bindparam("object_id"))
_SIDE = {Side.LEFT: link.c.left_id, Side.RIGHT: link.c.right_id}
_LINKED = {
    side: sa.select(link.c.left_id, link.c.right_id).where(
        link.c.connection_id == sa.bindparam("connection_id"), among(_SIDE[side])
    )
    for side in SIDES
}
_IN_OBJECT = {
    table: sa.delete(table).where(table.c.object_id == sa.bindparam("in_object"), among(table.c.record_id))
    for table in (mirror, reread)
}
_OF_SIDE = {
    table: sa.delete(table).where(
        table.c.connection_id == sa.bindparam("in_connection"),
        table.c.side == sa.bindparam("in_side"),
        among(table.c.record_id),
    )
    for table in (held, quarantine)
}
_BY_ID = {
    (table, side): sa.delete(table).where(
        table.c.connection_id == sa.bindparam("in_connection"),
        among(table.c.left_id if side is Side.LEFT else table.c.right_id),
    )
    for table in (link, apart, journal)
    for side in SIDES
}
_JOURNAL = sa.delete(journal).where(among(journal.c.id))
_DEPENDS = sa.select(held_on_record.c.side, held_on_record.c.record_id, held_on_record.c.field).where(
    held_on_record.c.connection_id == sa.bindparam("connection_id"),
    held_on_record.c.on_side == sa.bindparam("in_side"),
    among(held_on_record.c.on_id),
)
_INTENTS = {
    "source_id": sa.select(intent.c.id, intent.c.state).where(
        intent.c.connection_id == sa.bindparam("connection_id"),
        intent.c.side == sa.bindparam("in_side"),
        among(intent.c.source_id),
    ),
    "target_id": sa.select(intent.c.id, intent.c.state).where(
        intent.c.connection_id == sa.bindparam("connection_id"),
        intent.c.side == sa.bindparam("in_side"),
        among(intent.c.target_id),
    ),
}
_WITHDRAW = sa.delete(intent).where(among(intent.c.id))


@dataclass(frozen=True, slots=True)
class Pair:
    """A connection and the objects of its sides."""

    id: int
    name: str
    objects: Mapping[Side, int]


def pairs(work: Work) -> list[Pair]:
    """All connections."""
    query = sa.select(connection.c.id, connection.c.name, connection.c.left_object, connection.c.right_object)
    return [
        Pair(row.id, row.name, {Side.LEFT: row.left_object, Side.RIGHT: row.right_object})
        for row in work.all(query.order_by(connection.c.id))
    ]


def places(work: Work) -> dict[int, tuple[str, str]]:
    """By object: its account, and what it is called there."""
    rows = work.all(sa.select(object_.c.id, object_.c.account, object_.c.ref))
    return {row.id: (row.account, row.ref) for row in rows}


def person(work: Work, address: str, also: Ids) -> dict[int, set[str]]:
    """The records that have an address, those of ``also``, and everything that links and mergers tie to them."""
    kinds = [row.kind for row in work.all(_KINDS) if row.kind.startswith(("email/", "mailbox/"))]
    digests = [work.codec.mac(MatchKey(kind, address)) for kind in kinds]
    found: dict[int, set[str]] = {}
    for number in places(work):
        ids = {row.record_id for row in work.by_ids(_HAS_KEY, digests, object_id=number)} if digests else set()
        found[number] = ids | set(also.get(number, ()))
    return tied_to(work, found)


def tied_to(work: Work, ids: Ids) -> dict[int, set[str]]:
    """These records, and everything that links and mergers tie to them."""
    found: dict[int, set[str]] = {number: set(ids.get(number, ())) for number in places(work)}
    connections, fresh = pairs(work), {number: set(some) for number, some in found.items()}
    while any(fresh.values()):
        fresh = _tied(work, connections, fresh)
        fresh = {number: some - found[number] for number, some in fresh.items()}
        for number, some in fresh.items():
            found[number] |= some
    return {number: some for number, some in found.items() if some}


def _tied(work: Work, connections: Sequence[Pair], ids: Ids) -> dict[int, set[str]]:
    tied: dict[int, set[str]] = {number: set() for number in ids}
    for number, some in ids.items():
        tied[number] |= {row.record_id for row in work.by_ids(_MOVED_HERE, some, object_id=number)} if some else set()
    for pair in connections:
        for side in SIDES:
            some = ids.get(pair.objects[side], set())
            for left, right in work.by_ids(_LINKED[side], some, connection_id=pair.id) if some else ():
                tied[pair.objects[side.other]] |= {right if side is Side.LEFT else left} - {""}
    return tied


def erase(work: Work, address: str, also: Ids, entries: Collection[int]) -> tuple[Counter[str], int]:
    """Remove a person, and remember the hashes.

    Args:
        address: in its canonical form. also: records that are this person and that no match key tells of.
        entries: of the journal, in whose values the address stands.

    Returns:
        How many rows of what were removed, and how many hashes are remembered.

    Raises:
        Busy: a write to one of the records has no outcome yet; nothing was removed.
    """
    ids = person(work, address, also)
    removed = remove(work, ids, entries)
    where = places(work)
    subject = address_digest(work, address)
    digests = {subject, *(record_digest(work, *where[number], each) for number, some in ids.items() for each in some)}
    suppress(work, ((subject, digest) for digest in digests))
    return removed, len(digests)


def remove(work: Work, ids: Ids, entries: Collection[int]) -> Counter[str]:
    """Remove these records, everything about them, and entries of the journal; how many rows of what.

    Raises Busy.
    """
    removed: Counter[str] = Counter()
    touched: set[tuple[int, str]] = set()
    connections = pairs(work)
    for pair in connections:
        for side in SIDES:
            some = ids.get(pair.objects[side], set())
            if some:
                touched |= _of_side(work, pair, side, some, removed)
    removed["journal"] += work.change_by_ids(_JOURNAL, entries) if entries else 0
    for number, some in ids.items():
        removed["records"] += work.change_by_ids(_IN_OBJECT[mirror], some, in_object=number)
        work.change_by_ids(_IN_OBJECT[reread], some, in_object=number)
    touch(work, {(number, each) for number, each in touched if each not in ids.get(number, ())})
    told = [pair for pair in connections if set(pair.objects.values()) & ids.keys()]
    reason = "a person was erased by command"
    history.append(work, [JournalEntry("erased", each.id, "", reason=reason) for each in told])
    return removed


def _of_side(work: Work, pair: Pair, side: Side, some: set[str], removed: Counter[str]) -> set[tuple[int, str]]:
    """Remove what a connection holds about records of one side; whose holds depended on them is looked at again."""
    open_ = [
        row
        for column, target in (("source_id", side.other), ("target_id", side))
        for row in work.by_ids(_INTENTS[column], some, connection_id=pair.id, in_side=target.value)
    ]
    if any(row.state in ("sent", "unknown") for row in open_):
        raise Busy(
            "a write to this person is under way, or its outcome is not known yet",
            hint="`zohosyncd status` tells when it is; then give the command again",
        )
    removed["writes"] += work.change_by_ids(_WITHDRAW, {row.id for row in open_}) if open_ else 0
    removed["links"] += work.change_by_ids(_BY_ID[link, side], some, in_connection=pair.id)
    removed["partings"] += work.change_by_ids(_BY_ID[apart, side], some, in_connection=pair.id)
    removed["journal"] += work.change_by_ids(_BY_ID[journal, side], some, in_connection=pair.id)
    removed["quarantined"] += work.change_by_ids(_OF_SIDE[quarantine], some, in_connection=pair.id, in_side=side.value)
    depending = work.by_ids(_DEPENDS, some, connection_id=pair.id, in_side=side.value)
    waiting = {(row.side, row.record_id) for row in depending}
    for other in SIDES:
        theirs = {record_id for its_side, record_id in waiting if its_side == other.value}
        theirs -= some if other is side else set()
        alone = _left_alone(work, pair, other, theirs, side, some)
        theirs |= some if other is side else set()
        removed["holds"] += work.change_by_ids(_OF_SIDE[held], theirs, in_connection=pair.id, in_side=other.value)
        removed["holds"] -= len(alone)
        holds.store_holds(work, pair.id, alone)
    return {(pair.objects[Side(its_side)], record_id) for its_side, record_id in waiting}


def _left_alone(work: Work, pair: Pair, other: Side, ids: set[str], side: Side, some: set[str]) -> list[Hold]:
    """Holds of other people whom a person wants left alone: they stay so, and no longer name the erased ones."""
    found = holds.held_of(work, pair.id, other, ids) if ids else {}
    return [
        replace(each, others=tuple((at, id_) for at, id_ in each.others if at is not side or id_ not in some))
        for several in found.values()
        for each in several
        if each.decision is Choice.LEAVE
    ]


def erase_suppressed(work: Work, digests: Collection[bytes]) -> int:
    """Remove again whoever is suppressed, from an old state that still knows them.

    An address is no more than a hash by now; so the hashes of all that is known are compared with it.

    Returns:
        How many people that were.
    """
    wanted, people = set(digests), 0
    if not wanted:
        return 0
    where = places(work)
    for number, place in where.items():
        for row in work.all(_BODIES, object_id=number):
            values = decode_values(work.codec.open(row.body, "mirror", number, row.record_id))
            own = {address_digest(work, each) for each in addresses(Record(row.record_id, values), ())}
            if not wanted.isdisjoint({record_digest(work, *place, row.record_id), *own}):
                ids = tied_to(work, {number: {row.record_id}})
                people += bool(remove(work, ids, ())["records"])
    for pair in pairs(work):
        remove(work, {}, [entry.id for entry in history.after(work, pair.id, 0, -1) if _tells(work, entry, wanted)])
    return people


def _tells(work: Work, entry: JournalEntry, wanted: set[bytes]) -> bool:
    """Whether a suppressed address stands among an entry's values."""
    parts = (Record("", values) for values in (entry.before, entry.after, entry.other))
    return any(address_digest(work, each) in wanted for part in parts for each in addresses(part, ()))
