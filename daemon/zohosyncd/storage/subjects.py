"""All that is held about one person: found, told, removed. Values are encrypted: the search opens every one of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

import sqlalchemy as sa

from zohosyncd.core.emails import canonical_email
from zohosyncd.core.record import Record, decode_values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.keeping import Dossier, Erased, InConnection, Place
from zohosyncd.ports.store import IntentState, Parted
from zohosyncd.storage import erasing, holds, intents, journal, links, mirror, parted, suppressed
from zohosyncd.storage.tables import journal as journal_table
from zohosyncd.storage.tables import match_key
from zohosyncd.storage.tables import mirror as mirror_table
from zohosyncd.storage.work import Unit, Work

T = TypeVar("T")

_PAGE: Final = 500
_SUBJECT_DIGITS: Final = 16
_MIRROR = (
    sa.select(mirror_table.c.id, mirror_table.c.object_id, mirror_table.c.record_id, mirror_table.c.body)
    .where(mirror_table.c.id > sa.bindparam("after"))
    .order_by(mirror_table.c.id)
    .limit(_PAGE)
)
_JOURNAL = (
    sa.select(journal_table).where(journal_table.c.id > sa.bindparam("after")).order_by(journal_table.c.id).limit(_PAGE)
)
_MATCHED = (
    sa.select(sa.literal(1))
    .where(
        match_key.c.object_id == sa.bindparam("object_id"),
        match_key.c.record_id == sa.bindparam("record_id"),
        sa.or_(match_key.c.kind.like("email/%"), match_key.c.kind.like("mailbox/%")),
    )
    .limit(1)
)


class Ask(Protocol):
    """Asks within one transaction."""

    async def __call__(self, unit: Unit[T], /) -> T:
        """The answer."""
        ...


@dataclass(slots=True)
class _Sighting:
    """Where an address stands beside the match keys.

    ``persons``: records that nothing else tells of. ``mentions``: other people's. ``entries``: of the journal.
    """

    persons: dict[int, set[str]] = field(default_factory=dict)
    mentions: dict[int, set[str]] = field(default_factory=dict)
    entries: set[int] = field(default_factory=set)


class Subjects:
    """The :class:`zohosyncd.ports.keeping.Subjects` of a state.

    Args:
        path: the state. read, write: ask within one transaction. scrub: leaves nothing in the transactions' log.
    """

    def __init__(self, path: Path, read: Ask, write: Ask, scrub: Callable[[], Awaitable[None]]) -> None:
        self._path, self._read, self._write, self._scrub = path, read, write, scrub

    async def find(self, address: str) -> Dossier:
        """Everything that is held."""
        address = canonical_email(address)
        seen = await self._sighting(address)
        return await self._read(lambda work: _dossier(work, address, seen))

    async def erase(self, address: str) -> Erased:
        """Remove everything, and remember whom."""
        address = canonical_email(address)
        seen = await self._sighting(address)

        def unit(work: Work) -> Erased:
            mentions = _places(work, seen.mentions)
            removed, count = erasing.erase(work, address, seen.persons, seen.entries)
            mentions = [each for each in mentions if mirror.rows(work, each.object_id, [each.record_id])]
            subject = suppressed.address_digest(work, address).hex()[:_SUBJECT_DIGITS]
            return Erased(subject, dict(removed), count, mentions)

        erased = await self._write(unit)
        await self._write_beside()
        await self._scrub()
        return erased

    async def lift(self, address: str) -> bool:
        """End the suppression of an address, and of the records that were suppressed with it."""
        found = await self._write(lambda work: suppressed.lift(work, address))
        await self._write_beside()
        return found > 0

    async def suppressed(self) -> int:
        """How many hashes are remembered."""
        return len(await self._read(suppressed.everything))

    async def _write_beside(self) -> None:
        suppressed.write_beside(self._path, await self._read(suppressed.everything))

    async def _sighting(self, address: str) -> _Sighting:
        """Look into every value, a page at a time, so that nobody has to wait."""
        seen, needle = _Sighting(), address.encode().lower()
        for look in (partial(_look_in_mirror, needle, address, seen), partial(_look_in_journal, needle, seen)):
            after: int | None = 0
            while after is not None:
                after = await self._read(partial(look, after))
        return seen


def _look_in_mirror(needle: bytes, address: str, seen: _Sighting, after: int, work: Work) -> int | None:
    rows = work.all(_MIRROR, after=after)
    for row in rows:
        plain = work.codec.open(row.body, "mirror", row.object_id, row.record_id)
        if needle not in plain.lower():
            continue
        record = Record(row.record_id, decode_values(plain))
        matched = work.value(_MATCHED, object_id=row.object_id, record_id=row.record_id)
        whole = address in map(canonical_email, suppressed.texts(record))
        found = seen.persons if whole and not matched else seen.mentions
        found.setdefault(row.object_id, set()).add(row.record_id)
    return rows[-1].id if rows else None


def _look_in_journal(needle: bytes, seen: _Sighting, after: int, work: Work) -> int | None:
    rows = work.all(_JOURNAL, after=after)
    seen.entries |= {row.id for row in rows if needle in journal.opened(work, row).lower()}
    return rows[-1].id if rows else None


def _places(work: Work, ids: Mapping[int, set[str]]) -> list[Place]:
    where = erasing.places(work)
    return [Place(*where[number], number, each) for number, some in sorted(ids.items()) for each in sorted(some)]


def _dossier(work: Work, address: str, seen: _Sighting) -> Dossier:
    ids = erasing.person(work, address, seen.persons)
    records = []
    for place in _places(work, ids):
        known = mirror.rows(work, place.object_id, [place.record_id])
        records.append((place, known.get(place.record_id)))
    connections = [_in_connection(work, pair, ids, seen.entries) for pair in erasing.pairs(work)]
    mentions = [each for each in _places(work, seen.mentions) if each.record_id not in ids.get(each.object_id, ())]
    told = [each for each in connections if not each.is_empty]
    return Dossier(records, told, mentions)


def _in_connection(work: Work, pair: erasing.Pair, ids: Mapping[int, set[str]], entries: set[int]) -> InConnection:
    own = {side: ids.get(pair.objects[side], set()) for side in SIDES}
    found_links = {each.id: each for side in SIDES for each in links.all_of(work, pair.id, side, own[side])}
    waiting = [holds.held_of(work, pair.id, side, own[side]) for side in SIDES]
    refused = [holds.quarantined_of(work, pair.id, side, own[side]) for side in SIDES]
    open_ = [
        each
        for each in intents.open_intents(work, pair.id, tuple(IntentState))
        if each.source_id in own[each.side.other] or each.target_id in own[each.side]
    ]
    entered = {each.id: each for each in journal.of_records(work, pair.id, own)}
    entered |= {each.id: each for each in journal.entries(work, pair.id, entries)}
    return InConnection(
        pair.name,
        [found_links[number] for number in sorted(found_links)],
        open_,
        [each for found in waiting for some in found.values() for each in some],
        [each for found in refused for some in found.values() for each in some],
        _parted(work, pair.id, own),
        [entered[number] for number in sorted(entered)],
    )


def _parted(work: Work, connection_id: int, own: Mapping[Side, set[str]]) -> list[Parted]:
    found: dict[tuple[str, str], Parted] = {}
    for side in SIDES:
        for record_id, others in parted.partings(work, connection_id, side, own[side]).items():
            for other, strangers in others.items():
                pair = (record_id, other) if side is Side.LEFT else (other, record_id)
                found[pair] = Parted(*pair, strangers)
    return [found[pair] for pair in sorted(found)]
