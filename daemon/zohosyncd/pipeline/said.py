"""What a person has said about records without a link, as far as it decides who they are and whether they are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zohosyncd.core.match import Ambiguous, Match, NoPartner, Partner, Taken
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.ports.store import Choice, Hold


@dataclass(frozen=True, slots=True)
class Said:
    """About some records of one side.

    Attributes:
        holds: those about which a person has decided. parted: whom a person has parted from them.
        told_apart: candidates that belong to records which the person has seen beside a held one.
        unborn: records decided about that have a candidate which a create without an outcome may have made: it is too
            early to say that somebody has come whom the person has not seen.
    """

    holds: Mapping[str, Hold]
    parted: Mapping[str, Mapping[str, bool]]
    told_apart: frozenset[str]
    unborn: frozenset[str]

    def is_own(self, record_id: str, decided: Match) -> bool:
        """Whether a person has said that it is somebody of its own, and no candidate has come up since.

        The candidates that the person has seen are parted from it; records of its own side may still share its keys,
        and these may have got partners meanwhile.
        """
        hold = self.holds.get(record_id)
        if hold is None or hold.decision is not Choice.CREATE or isinstance(decided, Partner):
            return False
        return _candidates(decided) <= self.told_apart

    def strangers(self, record_id: str) -> frozenset[str]:
        """Records of the other side that are known to be somebody else, whatever they share with it."""
        known = {other for other, both in self.parted.get(record_id, {}).items() if both}
        return self.told_apart.union(known) if record_id in self.holds else frozenset(known)

    def wants_nobody(self, record_id: str) -> bool:
        """Whether a person has parted it from somebody, and wants nobody made for it."""
        return not all(self.parted.get(record_id, {}).values())


async def said_about(
    world: World, plan: Plan, side: Side, ids: Sequence[str], holds: Mapping[str, Hold], found: Mapping[str, Match]
) -> Said:
    """Look it up for these records of a side; ``holds``: decided ones by record. ``found``: what matching says."""
    store, object_id = world.store, plan.endpoint(side.other).object_id
    parted = await store.apart(plan.id, side, ids)
    candidates = {record: _candidates(found[record]) for record in holds if record in found}
    wanted = {each for few in candidates.values() for each in few}
    if not wanted:
        return Said(holds, parted, frozenset(), frozenset())
    seen = {other for hold in holds.values() for at, other in hold.others if at is side}
    links = await store.links(plan.id, side.other, wanted)
    known = world.births.known(object_id, await world.persons.ring(plan.id))
    late = {each for each, row in (await store.rows(object_id, wanted)).items() if row.seq > known}
    return Said(
        holds,
        parted,
        frozenset(each for each, link in links.items() if link.record_id(side) in seen),
        frozenset(record for record, few in candidates.items() if few & late),
    )


def _candidates(decided: Match) -> frozenset[str]:
    match decided:
        case Ambiguous(others=others):
            return others
        case Taken(record_id=other) | Partner(record_id=other):
            return frozenset((other,))
        case NoPartner():
            return frozenset()
