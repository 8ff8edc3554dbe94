"""Where every record of both sides stands, and why: pure over what is known of one record, and read in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zohosyncd.core.decide import crosses
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.rules.scope import Crossing, Standing
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.ports.store import Choice, ContactState, Hold, HoldReason, MirrorRow, Quarantined, Stand

_DECIDED_BY_MATCHING = {
    HoldReason.AMBIGUOUS: ContactState.AMBIGUOUS,
    HoldReason.NO_KEY: ContactState.EXCLUDED,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one record in one connection.

    Attributes:
        side, stand: which side's, and where its mirror row stands.
        link: the live one, else the newest tombstone.
        hold: what it waits for; else what its partner waits for. refused: what the other app says against it.
        creating: its partner is being made. settled: it has been looked at since it last changed.
        parted: a person has parted it from somebody, and wants nobody made for it.
        crossing: what rules and direction say about creating it on the other side, None if they were not asked.
    """

    side: Side
    stand: Stand
    link: Link | None = None
    hold: Hold | None = None
    refused: Quarantined | None = None
    creating: bool = False
    settled: bool = True
    parted: bool = False
    crossing: Crossing | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One record in its one state, with the reason in a word."""

    side: Side
    record_id: str
    state: ContactState
    reason: str = ""
    partner: str = ""


def classify(known: Known) -> Contact:
    """The state of one record: the first of these that is true of it."""
    link = known.link
    partner = link.record_id(known.side.other) if link is not None else ""
    state, reason = _state(known)
    return Contact(known.side, known.stand.record_id, state, reason, partner)


def _state(known: Known) -> tuple[ContactState, str]:
    link, hold = known.link, known.hold
    live = link is not None and link.status is LinkStatus.LIVE
    if known.stand.gone:
        return ContactState.DELETED, "merged" if known.stand.moved_to else "gone"
    if hold is not None and hold.decision is Choice.LEAVE and not live:
        return ContactState.EXCLUDED, "left_alone"
    if hold is not None and hold.decision is not Choice.LEAVE:
        return _held(known.side, hold)
    if known.refused is not None:
        return ContactState.REFUSED, known.refused.code
    if link is not None and live:
        return (ContactState.IN_SYNC, "") if link.standing is Standing.IN else (ContactState.FROZEN, "no_match")
    if link is not None:
        return ContactState.DELETED, "partner_gone"
    if known.creating:
        return ContactState.PENDING, "creating"
    if not known.settled:
        return ContactState.PENDING, "new"
    return ContactState.EXCLUDED, _excluded(known)


def _held(side: Side, hold: Hold) -> tuple[ContactState, str]:
    if hold.reason is HoldReason.AMBIGUOUS and any(at is hold.side for at, _other in hold.others):
        return ContactState.DUPLICATE, "shares_key"
    if hold.side is not side:
        return ContactState.HELD, hold.reason.value
    return _DECIDED_BY_MATCHING.get(hold.reason, ContactState.HELD), hold.reason.value


def _excluded(known: Known) -> str:
    if known.parted:
        return "parted"
    if known.crossing in (None, Crossing.CREATE):
        return "accepted"  # an app refused it, and a person wants to hear no more of it
    return str(known.crossing)


async def contacts(
    world: World, plan: Plan, side: Side, floor: int | None, after: str, limit: int
) -> tuple[list[Contact], str]:
    """One page of a side's records in ascending order of their ids, and where the next one begins.

    Args:
        floor: the seq up to which the side is settled, None during the first sync.
        after: "" for the first page. limit: the most records of a page.

    Returns:
        The contacts, and the id to go on after: "" if these were the last.
    """
    stands = await world.store.stands(plan.endpoint(side).object_id, after, limit)
    gathered = await _gather(world, plan, side, stands, floor)
    return [classify(each) for each in gathered], stands[-1].record_id if len(stands) == limit else ""


async def contact_of(world: World, plan: Plan, side: Side, floor: int | None, record_id: str) -> Contact | None:
    """One record in its one state, None if it was never seen; ``floor``: as in :func:`contacts`."""
    row = (await world.store.rows(plan.endpoint(side).object_id, [record_id])).get(record_id)
    if row is None:
        return None
    (known,) = await _gather(world, plan, side, [Stand(record_id, row.seq, row.gone, row.moved_to)], floor)
    return classify(known)


async def _gather(world: World, plan: Plan, side: Side, stands: Sequence[Stand], floor: int | None) -> list[Known]:
    store, ids = world.store, [stand.record_id for stand in stands]
    links = await store.links(plan.id, side, ids)
    live = {each: link for each, link in links.items() if link.status is LinkStatus.LIVE}
    holds = await store.held_of(plan.id, side, ids)
    theirs = await store.held_of(plan.id, side.other, [link.record_id(side.other) for link in live.values()])
    refused = await store.quarantined_of(plan.id, side, ids)
    creating = await store.creating(plan.id, side, ids)
    parted = await store.apart(plan.id, side, ids)
    alone = [stand.record_id for stand in stands if not stand.gone and stand.record_id not in links]
    rows = await store.rows(plan.endpoint(side).object_id, alone)
    return [
        Known(
            side,
            stand,
            links.get(stand.record_id),
            _first(holds.get(stand.record_id, ()), _of_partner(live.get(stand.record_id), side, theirs)),
            next(iter(refused.get(stand.record_id, ())), None),
            creating=stand.record_id in creating,
            settled=floor is not None and stand.seq <= floor,
            parted=not all(parted.get(stand.record_id, {}).values()),
            crossing=_crossing(plan, side, rows.get(stand.record_id)),
        )
        for stand in stands
    ]


def _of_partner(link: Link | None, side: Side, holds: Mapping[str, Sequence[Hold]]) -> Sequence[Hold]:
    return holds.get(link.record_id(side.other), ()) if link is not None else ()


def _first(mine: Sequence[Hold], partners: Sequence[Hold]) -> Hold | None:
    """The hold that tells most: one that waits, its own first; else one that was left alone."""
    waiting = [hold for hold in (*mine, *partners) if hold.decision is not Choice.LEAVE]
    return next(iter(waiting), next(iter(mine), None))


def _crossing(plan: Plan, side: Side, row: MirrorRow | None) -> Crossing | None:
    if row is None or UNREADABLE in row.values:
        return None
    return crosses(plan.governance, plan.policy, side, row.record())
