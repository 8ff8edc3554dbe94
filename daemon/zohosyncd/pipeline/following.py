"""A lost record may live on under another id: merged into another one, or made anew for another connection.

The link follows it. The survivor may lack what the lost one had, or be older than what was agreed: only what it shows
of the old base stays a base, the rest is merged as on a first sync. Where the survivor belongs to another link already,
the partner gets the record that the links of a ring know it by; without one a person decides: the partner is neither
deleted nor written to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zohosyncd.core.link import Base, Link
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.draft import Batch
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.ports.connector import Missing, Moved
from zohosyncd.ports.store import Hold, HoldReason, MirrorRow

_LONGEST_CHAIN = 5


@dataclass(frozen=True, slots=True)
class Lost:
    """A link whose record on one side is gone, and where it may live on.

    Attributes:
        row, link, side: the row under examination, its link, the side of the lost record.
        survivor: what the lost record has moved to, "" if nothing. tied: what other links of a ring tie to its partner.
    """

    row: MirrorRow
    link: Link
    side: Side
    survivor: str
    tied: tuple[str, ...]


class Follower:
    """Follows lost records of one connection."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    async def follow(self, batch: Batch) -> list[tuple[MirrorRow, Link]]:
        """The linked rows of a batch, with links that point to where lost records live on.

        Rows that a person has to decide about are held, and those that wait for a survivor to be seen are put off.
        """
        rows = {side: await self._rows(side, [link.record_id(side) for _row, link in batch.linked]) for side in SIDES}
        kept: list[tuple[MirrorRow, Link]] = []
        for row, link in batch.linked:
            lost = await self._lost(batch, row, link, rows)
            if lost is None:
                kept.append((row, link))
            elif (followed := await self._relinked(batch, lost)) is not None:
                kept.append((row, followed))
        return kept

    async def _rows(self, side: Side, ids: list[str]) -> dict[str, MirrorRow]:
        return await self._world.store.rows(self._plan.endpoint(side).object_id, ids) if ids else {}

    async def _lost(
        self, batch: Batch, row: MirrorRow, link: Link, rows: Mapping[Side, Mapping[str, MirrorRow]]
    ) -> Lost | None:
        both = {side: rows[side].get(link.record_id(side)) for side in SIDES}
        gone = [(side, each) for side in SIDES if (each := both[side]) is not None and each.gone]
        if len(gone) != 1:
            return None
        ((side, last),) = gone
        survivor = await self._survivor(side, last.moved_to)
        object_id = self._plan.endpoint(side).object_id
        person = batch.persons.get(row.record_id, frozenset())
        known = {link.record_id(side), survivor}
        tied = sorted(each for at, each in person if at == object_id and each not in known)
        return Lost(row, link, side, survivor, tuple(tied)) if survivor or tied else None

    async def _survivor(self, side: Side, moved_to: str) -> str:
        """The record at the end of a chain of merges, "" if there is none any more.

        The feed need not have shown all of them: one that was made and merged away between two polls is read by id.
        """
        for _ in range(_LONGEST_CHAIN):
            if not moved_to:
                break
            row = (await self._rows(side, [moved_to])).get(moved_to)
            if row is None:
                answer = (await self._plan.endpoint(side).feed.fetch([moved_to])).get(moved_to)
                if not isinstance(answer, Moved | Missing):
                    break
                moved_to = answer.to if isinstance(answer, Moved) else ""
            elif row.gone:
                moved_to = row.moved_to
            else:
                break
        return moved_to

    async def _relinked(self, batch: Batch, lost: Lost) -> Link | None:
        link, side = lost.link, lost.side
        candidates = [each for each in (lost.survivor, *lost.tied) if each]
        rows = await self._rows(side, candidates)
        alive = [each for each in candidates if each in rows and not rows[each].gone]
        if lost.survivor and lost.survivor not in alive:
            batch.put_off(lost.row)  # its survivor has not been seen yet
            return None
        object_id = self._plan.endpoint(side).object_id
        if not batch.claims.take(lost.row.record_id, [(object_id, each) for each in alive]):
            batch.put_off(lost.row)  # somebody may just be giving it a partner of its own
            return None
        taken = await self._world.store.links(self._plan.id, side, alive)
        partner = link.record_id(side.other)
        parted = (await self._world.store.apart(self._plan.id, side.other, [partner])).get(partner, {})
        free = [each for each in alive if each not in parted and (each not in taken or taken[each].id == link.id)]
        if lost.survivor in free:
            free = [lost.survivor]
        if len(free) == 1:
            base = link.base(side)
            shown = rows[free[0]].values
            said = {name: value for name, value in base.values.items() if name in shown and shown[name] == value}
            ids = (free[0], link.right_id) if side is Side.LEFT else (link.left_id, free[0])
            link = replace(link.with_base(side, Base(said)), left_id=ids[0], right_id=ids[1])
            batch.draft.links.append(link)
            return link
        if not lost.survivor:
            return link
        others = ((side, lost.survivor),)
        now = self._world.clock.now()
        batch.draft.examined.append((batch.side, lost.row.record_id))
        batch.draft.holds.append(Hold(side.other, partner, HoldReason.LINKED_ELSEWHERE, others=others, since=now))
        batch.settled.append(lost.row)
        return None
