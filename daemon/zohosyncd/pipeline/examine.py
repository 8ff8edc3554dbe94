"""Examines a batch of mirror rows of one side: links, claims, the decision, its intents; all in one commit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.reconcile import is_settled
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Delivery, Owner
from zohosyncd.pipeline.draft import Approvals, Batch, Draft, Permit
from zohosyncd.pipeline.intents import IntentMaker
from zohosyncd.pipeline.linked import Linked
from zohosyncd.pipeline.persons import NOBODY, BatchClaims
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.pipeline.unlinked import Unlinked
from zohosyncd.pipeline.work import Person, Work
from zohosyncd.ports.store import MirrorRow


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a batch: rows that need nothing more, rows that were busy, works, intents that were lost,
    other records to be examined anew, and how many rows have to wait for a later run."""

    settled: tuple[MirrorRow, ...]
    busy: tuple[MirrorRow, ...]
    works: tuple[tuple[Work, tuple[Delivery, ...]], ...] = ()
    lost: frozenset[str] = frozenset()
    woken: tuple[tuple[Side, str], ...] = ()
    later: int = 0


class Examiner:
    """Examines rows of one connection. It decides and commits; delivering what it answers is the runner's."""

    def __init__(self, world: World, plan: Plan, owner: Owner, approvals: Approvals) -> None:
        maker = IntentMaker(world, plan)
        self._approvals = approvals
        self._world = world
        self._plan = plan
        self._unlinked = Unlinked(world, plan, owner, maker, approvals)
        self._linked = Linked(world, plan, owner, maker, approvals)

    async def examine(self, side: Side, rows: Sequence[MirrorRow], permit: Permit, run: str) -> Examined:
        """Examine rows of one side, as far as the permit allows, and commit what is decided."""
        self._plan.tally.examined += len(rows)
        batch = Batch(side, permit, run, BatchClaims(self._world.claims))
        try:
            await self._sort_out(batch, rows)
            await self._unlinked.examine(batch)
            if permit.merge:
                await self._linked.examine(batch)
            else:
                batch.settled += [row for row, _link in batch.linked]
            lost = await self._commit(batch.draft)
        except BaseException:
            for work, _deliveries in batch.draft.works:
                self._world.claims.release(work.persons)
            raise
        finally:
            batch.claims.release()
        self._count(batch.draft)
        works = tuple((work, tuple(deliveries)) for work, deliveries in batch.draft.works)
        return Examined(
            tuple(batch.settled), tuple(batch.busy), works, lost, tuple(batch.draft.woken), len(batch.later)
        )

    async def _commit(self, draft: Draft) -> frozenset[str]:
        if not draft.says_something:
            return frozenset()
        return frozenset((await self._world.store.decide(draft.decision(self._plan.id))).lost)

    async def _sort_out(self, batch: Batch, rows: Sequence[MirrorRow]) -> None:
        """Tell apart what is done, busy, linked and not linked; whole persons are claimed.

        A row is claimed before its links are read: whatever moved them has then ended, or this row is busy. A record
        without a link that came after ``known`` may be what a create without an outcome has made.
        """
        side, ring = batch.side, await self._world.persons.ring(self._plan.id)
        known = self._world.births.known(self._plan.endpoint(side).object_id, ring)
        mine = []
        for row in rows:
            if batch.claims.take(row.record_id, [self._person(side, row.record_id)]):
                mine.append(row)
            else:
                batch.busy.append(row)
        links = await self._world.store.links(self._plan.id, side, [row.record_id for row in mine])
        done = {row.record_id for row in mine if self._is_done(side, row, links.get(row.record_id))}
        done -= await self._left_behind(side, [row for row in mine if row.record_id in done], links)
        held = await self._held(side, done)
        undone = []
        for row in mine:
            if row.gone and row.record_id in held:
                batch.draft.examined.append((side, row.record_id))  # there is nothing left to decide about
            waiting = self._approvals.concern(side, row.record_id)
            if waiting and row.gone and row.record_id in done:
                self._approvals.decided([(side, row.record_id)], (), batch.draft)
            if row.record_id in done and (row.gone or not (waiting or row.record_id in held)):
                batch.settled.append(row)
                batch.claims.drop(row.record_id)
            else:
                undone.append(row)
        for row in await self._claim_persons(batch, undone):
            link = links.get(row.record_id)
            if link is None or (link.status is LinkStatus.TOMBSTONE and row.gone):
                if row.seq <= known:
                    batch.unlinked.append(row)
                else:
                    batch.put_off(row)
            elif batch.claims.take(row.record_id, [self._person(side.other, link.record_id(side.other))]):
                batch.linked.append((row, link))
            else:
                batch.put_off(row)

    async def _left_behind(self, side: Side, rows: Sequence[MirrorRow], links: Mapping[str, Link]) -> set[str]:
        """Rows that are as agreed, and their counterparts are not: edited while a field of these could not be read.

        What we have written ourselves is as agreed because of that.
        """
        there = side.other
        live = [row for row in rows if row.record_id in links and not (row.gone or row.written)]
        ids = {links[row.record_id].record_id(there): row.record_id for row in live}
        others = await self._world.store.rows(self._plan.endpoint(there).object_id, ids) if ids else {}
        return {
            ids[each]
            for each, row in others.items()
            if not row.gone and UNREADABLE not in row.values and not self._is_done(there, row, links[ids[each]])
        }

    async def _claim_persons(self, batch: Batch, rows: Sequence[MirrorRow]) -> Sequence[MirrorRow]:
        """In a ring: claim everything that belongs to the rows' persons; whose person is busy is put off.

        Asked until nothing more is found: what is claimed gets no new links.
        """
        object_id = self._plan.endpoint(batch.side).object_id
        while rows:
            found = await self._world.persons.of(self._plan.id, object_id, [row.record_id for row in rows])
            if not found:
                return rows
            batch.persons = found
            wider = [row for row in rows if not batch.claims.has(row.record_id, found.get(row.record_id, ()))]
            if not wider:
                return rows
            lost = set()
            for row in wider:
                if not batch.claims.take(row.record_id, found[row.record_id]):
                    batch.put_off(row)  # at once: two rows of one person must not both wait for the other
                    lost.add(row.record_id)
            rows = [row for row in rows if row.record_id not in lost]
        batch.persons = NOBODY
        return rows

    async def _held(self, side: Side, ids: Collection[str]) -> set[str]:
        """Which of these a person had to decide about: one that was set back to its base may let the other side in."""
        if not ids:
            return set()
        dependents = await self._world.store.held_dependents(self._plan.id, side, ids, ())
        return {record_id for its_side, record_id in dependents if its_side is side}

    def _person(self, side: Side, record_id: str) -> Person:
        return self._plan.endpoint(side).object_id, record_id

    def _is_done(self, side: Side, row: MirrorRow, link: Link | None) -> bool:
        if link is None or link.status is LinkStatus.TOMBSTONE:
            return row.gone
        if row.gone or link.version != self._plan.version:
            return False
        watched = self._plan.governance.watched.get(side, ())
        return is_settled(self._plan.mapping, link, side, row.values, written=row.written, watched=watched)

    def _count(self, draft: Draft) -> None:
        tally = self._plan.tally
        tally.links += sum(1 for link in draft.links if link.id == 0)
        for hold in draft.holds:
            tally.held[hold.reason.value] += 1
        for refused in draft.quarantined:
            tally.quarantined[refused.code] += 1
