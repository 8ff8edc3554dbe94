"""Looks up who shares match keys with a batch of unlinked records, and lets core decide, a batch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zohosyncd.core.keys import names_in
from zohosyncd.core.link import LinkStatus
from zohosyncd.core.mailboxes import told_apart
from zohosyncd.core.match import Ambiguous, Level, Match, NoPartner, match
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.work import Person
from zohosyncd.ports.store import Choice, KeyDigest, Store


async def find_matches(
    store: Store, plan: Plan, side: Side, ids: Sequence[str], persons: Mapping[str, frozenset[Person]]
) -> tuple[dict[str, Match], dict[str, tuple[KeyDigest, ...]]]:
    """Decide for these unlinked records of one side, and tell their keys.

    Four queries a batch: keys of the records, who has them on either side, the keys of those candidates, and who has
    these on our side. ``persons``: what links of other connections tie to the records.
    What a person has parted is no candidate for each other; what is left alone belongs to nobody.
    """
    same = await _same(store, plan, side, ids, persons)
    me, other = plan.endpoint(side), plan.endpoint(side.other)
    keys = await store.keys_of(me.object_id, ids)
    own_kinds = {*plan.levels, plan.mailbox}
    keys = {record: tuple(key for key in found if key.kind in own_kinds) for record, found in keys.items()}
    wanted = {key for found in keys.values() for key in found}
    if not wanted and not any(same.values()):
        return {record: match(record, (), linked=(), buried=(), keyless=True) for record in ids}, keys
    here = await store.holders(me.object_id, wanted)
    there = await store.holders(other.object_id, wanted)
    candidates = sorted({record for found in [*there.values(), *same.values()] for record in found})
    back_keys = await store.keys_of(other.object_id, candidates) if candidates else {}
    back_wanted = {key for found in back_keys.values() for key in found if key.kind in own_kinds} - wanted
    back = {**here, **(await store.holders(me.object_id, back_wanted) if back_wanted else {})}
    links = await store.links(plan.id, side.other, candidates) if candidates else {}
    linked = {record for record, link in links.items() if link.status is LinkStatus.LIVE}
    buried = set(links) - linked
    linked |= await _left_alone(store, plan, side.other, candidates)
    apart = await _Apart.of(store, plan, side, ids, candidates, here)
    found = {
        record: match(
            record,
            [
                apart.level(record, _level(kind, record, keys.get(record, ()), here, there, back_keys, back))
                for kind in plan.levels
            ],
            linked=linked,
            buried=buried,
            keyless=not keys.get(record),
            same=same.get(record, frozenset()),
            apart=apart.mine.get(record, {}),
        )
        for record in ids
    }
    nobody = [record for record, decided in found.items() if isinstance(decided, NoPartner)]
    if plan.mailbox and nobody:
        levels = {
            record: apart.level(
                record, _level(plan.mailbox, record, keys.get(record, ()), here, there, back_keys, back)
            ).without(apart.mine.get(record, {}))
            for record in nobody
        }
        found |= await _sharing(store, plan, side, levels)
    return found, keys


async def _sharing(store: Store, plan: Plan, side: Side, levels: Mapping[str, Level]) -> dict[str, Ambiguous]:
    """Records that share a mailbox of several people with somebody who may be the same, as far as names tell.

    On its own side a record is only taken for another one if neither has a name: an app has its people apart.
    """
    me, other = plan.endpoint(side), plan.endpoint(side.other)
    levels = {record: level for record, level in levels.items() if level.others or level.siblings}
    if not levels:
        return {}
    mine = set(levels).union(*(level.siblings for level in levels.values()))
    theirs = set().union(*(level.others for level in levels.values()))
    ours = {each: names_in(me.schema, row.values) for each, row in (await store.rows(me.object_id, mine)).items()}
    names = {
        each: names_in(other.schema, row.values) for each, row in (await store.rows(other.object_id, theirs)).items()
    }
    found: dict[str, Ambiguous] = {}
    for record, level in levels.items():
        own = ours.get(record, ("", ""))
        siblings = {each for each in level.siblings if not any(own) and not any(ours.get(each, ("", "")))}
        others = {each for each in level.others if not told_apart(own, names.get(each, ("", "")))}
        if siblings or others:
            found[record] = Ambiguous(frozenset({record, *siblings}), frozenset(others), shared=True)
    return found


async def _left_alone(store: Store, plan: Plan, side: Side, ids: Sequence[str]) -> set[str]:
    """Of these records of a side those that a person wants left alone: they are nobody's partner."""
    held = await store.held_of(plan.id, side, ids)
    return {record for record, holds in held.items() if any(hold.decision is Choice.LEAVE for hold in holds)}


@dataclass(frozen=True, slots=True)
class _Apart:
    """What a person has parted: by our records, by their candidates, and whose partners our siblings are."""

    mine: Mapping[str, Mapping[str, bool]]
    theirs: Mapping[str, Mapping[str, bool]]
    partners: Mapping[str, str]

    @classmethod
    async def of(
        cls, store: Store, plan: Plan, side: Side, ids: Sequence[str], candidates: Sequence[str],
        here: Mapping[KeyDigest, Sequence[str]],
    ) -> "_Apart":  # fmt: skip
        mine = await store.apart(plan.id, side, ids)
        theirs = await store.apart(plan.id, side.other, candidates)
        siblings = {each for found in here.values() for each in found} if mine else set()
        links = await store.links(plan.id, side, siblings) if siblings else {}
        return cls(mine, theirs, {each: link.record_id(side.other) for each, link in links.items()})

    def level(self, record: str, level: Level) -> Level:
        """Without rivals that are parted from their candidate, and siblings whose partner is a stranger to the record:
        they are known to be somebody else."""
        if not self.mine and not self.theirs:
            return level
        strangers = {other for other, both in self.mine.get(record, {}).items() if both}
        siblings = frozenset(each for each in level.siblings if self.partners.get(each) not in strangers)
        rivals = {other: found.difference(self.theirs.get(other, ())) for other, found in level.rivals.items()}
        return Level(level.others, siblings, rivals)


async def _same(
    store: Store, plan: Plan, side: Side, ids: Sequence[str], persons: Mapping[str, frozenset[Person]]
) -> dict[str, frozenset[str]]:
    """Records of the other side that are certainly the same person: tied by links of other connections, or linked
    here to a lost record that has moved to this one."""
    object_id = plan.endpoint(side.other).object_id
    inside = {record: {each for at, each in person if at == object_id} for record, person in persons.items()}
    before = await store.moved_to(plan.endpoint(side).object_id, ids)
    if before:
        old = [each for lost in before.values() for each in lost]
        links = await store.links(plan.id, side, old)
        for record, lost in before.items():
            partners = {links[each].record_id(side.other) for each in lost if each in links and not links[each].by_hand}
            inside[record] = inside.get(record, set()) | partners
    rows = await store.rows(object_id, set().union(*inside.values())) if any(inside.values()) else {}
    alive = {record for record, row in rows.items() if not row.gone}
    return {record: frozenset(each & alive) for record, each in inside.items()}


def _level(
    kind: str,
    record: str,
    keys: Sequence[KeyDigest],
    here: Mapping[KeyDigest, Sequence[str]],
    there: Mapping[KeyDigest, Sequence[str]],
    back_keys: Mapping[str, Sequence[KeyDigest]],
    back: Mapping[KeyDigest, Sequence[str]],
) -> Level:
    mine = [key for key in keys if key.kind == kind]
    others = frozenset(found for key in mine for found in there.get(key, ()))
    siblings = frozenset(found for key in mine for found in here.get(key, ())) - {record}
    rivals = {
        other: frozenset(found for key in back_keys.get(other, ()) if key.kind == kind for found in back.get(key, ()))
        for other in others
    }
    return Level(others, siblings, rivals)
