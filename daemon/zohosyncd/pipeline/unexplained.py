"""Creates without an answer that nobody could explain: they, and the records that may be what they made, stay held.

As long as such a record exists and belongs to nobody, its create is not sent again, and it gets no partner of its own.
In a ring that binds every connection: what one of them must not make again, another must not make for it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from zohosyncd.core.link import LinkStatus
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Person
from zohosyncd.ports.store import Choice, Hold, HoldReason


@dataclass(frozen=True, slots=True)
class _Joined:
    """A connection and the objects that it joins."""

    id: int
    name: str
    objects: Mapping[Side, int]


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A hold of another connection of the ring, and the record that it is about."""

    connection: _Joined
    about: Person
    hold: Hold


class Unexplained:
    """Looks up, for one connection, what has to stay held."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._me = _Joined(plan.id, plan.name, {side: plan.endpoint(side).object_id for side in SIDES})

    async def of(self, side: Side, ids: Collection[str], persons: Mapping[str, frozenset[Person]]) -> dict[str, Hold]:
        """The holds of these records of a side that are still right, by record.

        Args:
            persons: of records in a ring, everything that belongs to them.
        """
        object_id = self._me.objects[side]
        whole = {each: persons.get(each, frozenset()) | {(object_id, each)} for each in ids}
        found = await self._open(self._me, side, whole)
        rest = {each: person for each, person in whole.items() if each not in found}
        return found | (await self._around(side, rest) if rest else {})

    async def _open(self, connection: _Joined, side: Side, whole: Mapping[str, frozenset[Person]]) -> dict[str, Hold]:
        """Of these records of a connection, with their persons, those beside which somebody stands who may be theirs:
        who exists, is not known to be theirs or somebody else, and belongs to nobody."""
        held = await self._world.store.held_of(connection.id, side, list(whole))
        holds = {record: hold for record, each in held.items() for hold in each if _binds(hold)}
        if not holds:
            return {}
        other = connection.objects[side.other]
        free = await self._free(connection, side.other, {each for hold in holds.values() for _at, each in hold.others})
        parted = await self._world.store.apart(connection.id, side, list(holds))
        return {
            record: hold
            for record, hold in holds.items()
            if any(
                each in free and each not in parted.get(record, {}) and (other, each) not in whole[record]
                for _at, each in hold.others
            )
        }

    async def _free(self, connection: _Joined, side: Side, ids: Collection[str]) -> set[str]:
        """Of these records of a side those that exist and belong to nobody: have no partner, or have lost it."""
        store = self._world.store
        rows = await store.rows(connection.objects[side], ids)
        links = await store.links(connection.id, side, ids)
        partners = {each: link.record_id(side.other) for each, link in links.items() if link.status is LinkStatus.LIVE}
        theirs = await store.rows(connection.objects[side.other], set(partners.values())) if partners else {}
        lost = {each for each, partner in partners.items() if partner in theirs and theirs[partner].gone}
        return {each for each in ids if not (each in rows and rows[each].gone) and (each not in links or each in lost)}

    # --- in a ring --------------------------------------------------------------------------------------------

    async def _around(self, side: Side, whole: Mapping[str, frozenset[Person]]) -> dict[str, Hold]:
        """What the other connections of the ring hold about these persons, as holds of this one."""
        elsewhere = await self._elsewhere(whole)
        parted = await self._world.store.apart(self._me.id, side, list(whole)) if elsewhere else {}
        found: dict[str, Hold] = {}
        for record, person in whole.items():
            mine = [each for each in elsewhere if each.about in person]
            if not mine:
                continue
            suspects = await self._here(side.other, mine)
            if suspects and not suspects.difference(parted.get(record, {})):
                continue
            others = tuple((side.other, each) for each in sorted(suspects))
            detail = {"connection": mine[0].connection.name}
            since = min(each.hold.since for each in mine)
            found[record] = Hold(side, record, HoldReason.UNEXPLAINED, others=others, detail=detail, since=since)
        return found

    async def _elsewhere(self, whole: Mapping[str, frozenset[Person]]) -> list[_Elsewhere]:
        ring = await self._world.persons.ring(self._me.id)
        states = await self._world.store.connections() if len(ring) > 1 else []
        persons = {each: person for person in whole.values() for each in person}
        found: list[_Elsewhere] = []
        for state in states:
            if state.id not in ring or state.id == self._me.id:
                continue
            joined = _Joined(state.id, state.name, {Side.LEFT: state.left_object, Side.RIGHT: state.right_object})
            for side, object_id in joined.objects.items():
                theirs = {each: person for (at, each), person in persons.items() if at == object_id}
                open_ = await self._open(joined, side, theirs) if theirs else {}
                found += [_Elsewhere(joined, (object_id, each), hold) for each, hold in open_.items()]
        return found

    async def _here(self, side: Side, elsewhere: Iterable[_Elsewhere]) -> set[str]:
        """What other connections suspect, as records of a side of this one."""
        mine = self._me.objects[side]
        found: set[str] = set()
        for each in elsewhere:
            others = [record for _at, record in each.hold.others]
            object_id = each.connection.objects[each.hold.side.other]
            if object_id == mine:
                found.update(others)
                continue
            tied = await self._world.persons.of(self._me.id, object_id, others)
            found |= {record for person in tied.values() for at, record in person if at == mine}
        return found


def _binds(hold: Hold) -> bool:
    """Whether it is a connection's own question, and still one."""
    return hold.reason is HoldReason.UNEXPLAINED and hold.decision is not Choice.CREATE and not hold.asked_by
