"""Examines a batch of mirror rows of one side: links, claims, point reads, the decision, its intents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zohosyncd.core.create import Impossible, create
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.match import Ambiguous, Match, NoPartner, Partner, Taken
from zohosyncd.core.reconcile import (
    Bury,
    Delete,
    Gone,
    Merged,
    NotSeen,
    Outcome,
    Recreate,
    Sight,
    Wait,
    is_settled,
    reconcile,
)
from zohosyncd.core.record import Record
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.deliver import Delivery, Owner
from zohosyncd.pipeline.feed import UNREADABLE
from zohosyncd.pipeline.intents import IntentMaker
from zohosyncd.pipeline.matching import find_matches
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Births, Next, Person, Work
from zohosyncd.ports.connector import Fetched, Found, Missing, Moved, WriteKind
from zohosyncd.ports.store import (
    Decision,
    Hold,
    HoldReason,
    Intent,
    IntentState,
    JournalEntry,
    KeyDigest,
    MirrorRow,
    Quarantined,
)


@dataclass(frozen=True, slots=True)
class Permit:
    """What a stage of the first sync allows."""

    link: bool = True
    merge: bool = True
    create: bool = True


EVERYTHING = Permit()
MATCH_ONLY = Permit(merge=False, create=False)


Wish = tuple[Side, str, str, WriteKind]
"""What an intent is about: the side it writes to, source, target, kind."""


def wish(intent: Intent) -> Wish:
    """What an intent is about."""
    return intent.side, intent.source_id, intent.target_id, intent.kind


@dataclass(slots=True)
class Draft:
    """A decision in the making, and what has to happen once it is stored."""

    links: list[Link] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    examined: list[tuple[Side, str]] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    works: list[tuple[Work, list[Delivery]]] = field(default_factory=list)
    drop_intents: list[str] = field(default_factory=list)

    def decision(self, connection_id: int) -> Decision:
        """The unit of work."""
        return Decision(
            connection_id, self.links, self.intents, self.holds, self.quarantined, self.examined,
            self.drop_intents, self.journal,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a batch: rows that need nothing more, and rows that were busy."""

    settled: tuple[MirrorRow, ...]
    busy: tuple[MirrorRow, ...]
    works: tuple[tuple[Work, tuple[Delivery, ...]], ...] = ()
    lost: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Sorted:
    """The rows of a batch by what has to be done about them."""

    settled: list[MirrorRow] = field(default_factory=list)
    busy: list[MirrorRow] = field(default_factory=list)
    unlinked: list[MirrorRow] = field(default_factory=list)
    linked: list[tuple[MirrorRow, Link]] = field(default_factory=list)


class Examiner:
    """Examines rows of one connection. It decides and commits; delivering what it answers is the runner's."""

    def __init__(self, world: World, plan: Plan, owner: Owner, maker: IntentMaker) -> None:
        self._world = world
        self._plan = plan
        self._owner = owner
        self._maker = maker
        self.waiting: dict[Wish, Intent] = {}
        self.released: set[Wish] = set()
        self.births = Births()

    async def examine(self, side: Side, rows: Sequence[MirrorRow], permit: Permit, run: str) -> Examined:
        """Examine rows of one side, as far as the permit allows, and commit what is decided."""
        self._plan.tally.examined += len(rows)
        known = self.births.known(side)
        # Claimed before its links are read: whatever moved them has then ended, or this row is busy.
        mine = [row for row in rows if self._world.claims.take([self._person(side, row.record_id)])]
        claimed = {self._person(side, row.record_id) for row in mine}
        sorted_out = _Sorted(busy=[row for row in rows if self._person(side, row.record_id) not in claimed])
        draft = Draft()
        try:
            await self._sort_out(side, mine, known, sorted_out, claimed)
            await self._examine_unlinked(side, sorted_out, permit, draft, run, claimed)
            if permit.merge:
                await self._examine_linked(side, sorted_out.linked, draft, run)
            else:
                sorted_out.settled += [row for row, _link in sorted_out.linked]
            decided = await self._world.store.decide(draft.decision(self._plan.id)) if _anything(draft) else None
        except BaseException:
            self._world.claims.release(claimed)
            raise
        self._world.claims.release(claimed - {person for work, _deliveries in draft.works for person in work.persons})
        self._count(draft)
        working = {work.record_id for work, _deliveries in draft.works}
        sorted_out.settled += [row for row, _ in sorted_out.linked if permit.merge and row.record_id not in working]
        return Examined(
            tuple(sorted_out.settled),
            tuple(sorted_out.busy),
            tuple((work, tuple(deliveries)) for work, deliveries in draft.works),
            frozenset(decided.lost if decided else ()),
        )

    async def _sort_out(
        self, side: Side, rows: Sequence[MirrorRow], known: float, into: _Sorted, claimed: set[Person]
    ) -> None:
        """Tell apart what is done, busy, linked and not linked; the partners of linked ones are claimed as well.

        A record without a link that came after ``known`` may be what a create without an outcome has made.
        """
        links = await self._world.store.links(self._plan.id, side, [row.record_id for row in rows])
        for row in rows:
            link = links.get(row.record_id)
            if self._is_done(side, row, link):
                into.settled.append(row)
            elif link is None or (link.status is LinkStatus.TOMBSTONE and row.gone):
                (into.unlinked if row.seq <= known else into.busy).append(row)
            elif self._claim([self._person(side.other, link.record_id(side.other))], claimed):
                into.linked.append((row, link))
            else:
                into.busy.append(row)

    def _claim(self, persons: list[Person], claimed: set[Person]) -> bool:
        if not self._world.claims.take(persons):
            return False
        claimed.update(persons)
        return True

    def _person(self, side: Side, record_id: str) -> Person:
        return self._plan.endpoint(side).object_id, record_id

    def _is_done(self, side: Side, row: MirrorRow, link: Link | None) -> bool:
        if link is None:
            return row.gone
        if link.status is LinkStatus.TOMBSTONE:
            return row.gone
        return not row.gone and is_settled(self._plan.mapping, link, side, row.values, written=row.written)

    def _persons(self, side: Side, row: MirrorRow, link: Link | None) -> list[Person]:
        persons = [self._person(side, row.record_id)]
        if link is not None:
            persons.append(self._person(side.other, link.record_id(side.other)))
        return persons

    def _count(self, draft: Draft) -> None:
        tally = self._plan.tally
        tally.links += sum(1 for link in draft.links if link.id == 0)
        for hold in draft.holds:
            tally.held[hold.reason.value] += 1
        for refused in draft.quarantined:
            tally.quarantined[refused.code] += 1

    # --- records without a link -------------------------------------------------------------------------------

    async def _examine_unlinked(
        self, side: Side, rows: _Sorted, permit: Permit, draft: Draft, run: str, claimed: set[Person]
    ) -> None:
        """Match them; partners are claimed, and those with new links go on as linked ones."""
        readable: list[MirrorRow] = []
        for row in rows.unlinked:
            draft.examined.append((side, row.record_id))
            if UNREADABLE in row.values:
                reason = str(row.values[UNREADABLE])
                draft.quarantined.append(
                    Quarantined(side, row.record_id, "unreadable", message=reason, since=self._world.clock.now())
                )
                rows.settled.append(row)
            else:
                readable.append(row)
        if not readable:
            return
        found, keys = await find_matches(self._world.store, self._plan, side, [row.record_id for row in readable])
        fresh: list[tuple[MirrorRow, Link]] = []
        for row in readable:
            decided = found[row.record_id]
            if isinstance(decided, Partner):
                if not self._claim([self._person(side.other, decided.record_id)], claimed):
                    rows.busy.append(row)
                    continue
                left, right = (row.record_id, decided.record_id)[:: 1 if side is Side.LEFT else -1]
                fresh.append((row, Link(0, left, right)))
            elif not (isinstance(decided, NoPartner) and self._create(side, row, decided, keys, permit, draft, run)):
                self._hold(side, row, decided, keys.get(row.record_id, ()), draft)
                rows.settled.append(row)
        if fresh:
            rows.linked += await self._store_links(side, fresh, run)

    async def _store_links(
        self, side: Side, fresh: Sequence[tuple[MirrorRow, Link]], run: str
    ) -> list[tuple[MirrorRow, Link]]:
        """Commit new links first: their ids are needed to move their bases later."""
        now = self._world.clock.now()
        journal = [
            JournalEntry("linked", self._plan.id, run, left_id=link.left_id, right_id=link.right_id, at=now)
            for _row, link in fresh
        ]
        examined = [(each, link.record_id(each)) for _row, link in fresh for each in SIDES]
        await self._world.store.decide(
            Decision(self._plan.id, links=[link for _row, link in fresh], examined=examined, journal=journal)
        )
        self._plan.tally.links += len(fresh)
        stored = await self._world.store.links(self._plan.id, side, [row.record_id for row, _link in fresh])
        return [(row, stored[row.record_id]) for row, _link in fresh]

    def _create(
        self,
        side: Side,
        row: MirrorRow,
        decided: NoPartner,
        keys: Mapping[str, tuple[KeyDigest, ...]],
        permit: Permit,
        draft: Draft,
        run: str,
    ) -> bool:
        """Plan the record's creation on the other side; False if it has to be held."""
        plan, target = self._plan, side.other
        if not permit.create or not plan.policy.direction.writes(target):
            draft.works.append((Work(side, row.record_id, row.seq, ()), []))
            return True
        if decided.keyless and not plan.create_without_email:
            return False
        made = create(plan.mapping, target, plan.endpoint(target).schema, row.record())
        if isinstance(made, Impossible):
            draft.quarantined.append(
                Quarantined(side, row.record_id, "required", made.field, made.reason, self._world.clock.now())
            )
            draft.works.append((Work(side, row.record_id, row.seq, ()), []))
            return True
        intent = self._maker.create(made, side, row, keys.get(row.record_id, ()), run)
        persons = tuple(self._persons(side, row, None))
        work = Work(side, row.record_id, row.seq, persons, open={intent.id})
        self._replace_waiting(intent, draft)
        draft.intents.append(intent)
        draft.works.append((work, [self._delivery(intent, work, None, 0.0)]))
        return True

    def _replace_waiting(self, intent: Intent, draft: Draft) -> None:
        """A new decision replaces the one that waits; an approved one that is still equal is released."""
        old = self.waiting.pop(wish(intent), None)
        if old is None:
            return
        draft.drop_intents.append(old.id)
        if old.state is IntentState.APPROVED and old.kind is intent.kind and old.patch == intent.patch:
            self.released.add(wish(intent))

    def _hold(self, side: Side, row: MirrorRow, decided: Match, keys: tuple[KeyDigest, ...], draft: Draft) -> None:
        other = side.other
        others: tuple[tuple[Side, str], ...] = ()
        reason = HoldReason.NO_KEY
        if isinstance(decided, Ambiguous):
            reason = HoldReason.AMBIGUOUS
            others = tuple(
                sorted([(side, own) for own in decided.own - {row.record_id}] + [(other, o) for o in decided.others])
            )
        elif isinstance(decided, Taken):
            reason = HoldReason.TOMBSTONE if decided.buried else HoldReason.LINKED_ELSEWHERE
            others = ((other, decided.record_id),)
        draft.holds.append(Hold(side, row.record_id, reason, others=others, keys=keys, since=self._world.clock.now()))

    def _delivery(self, intent: Intent, work: Work, known: Record | None, read_at: float) -> Delivery:
        endpoint = self._plan.endpoint(intent.side)
        return Delivery(intent, endpoint.ref, self._owner, work, known, read_at)

    # --- linked records ---------------------------------------------------------------------------------------

    async def _examine_linked(
        self, side: Side, linked: Sequence[tuple[MirrorRow, Link]], draft: Draft, run: str
    ) -> None:
        if not linked:
            return
        rows = await self._both_rows(side, linked)
        outcomes = {link.id: self._reconcile(link, rows, {}) for _row, link in linked}
        fetched = await self._point_reads([(link, outcomes[link.id]) for _row, link in linked])
        if any(fetched.values()):
            rows = await self._both_rows(side, linked)
        read_at = self._world.clock.monotonic()
        for row, link in linked:
            draft.examined.append((side, row.record_id))
            outcome = self._reconcile(link, rows, fetched) if any(fetched.values()) else outcomes[link.id]
            self._draft(side, row, link, outcome, rows, fetched, read_at, draft, run)

    async def _both_rows(
        self, side: Side, linked: Sequence[tuple[MirrorRow, Link]]
    ) -> dict[Side, dict[str, MirrorRow]]:
        store = self._world.store
        return {
            each: await store.rows(self._plan.endpoint(each).object_id, [link.record_id(each) for _row, link in linked])
            for each in (side, side.other)
        }

    def _reconcile(
        self,
        link: Link,
        rows: Mapping[Side, Mapping[str, MirrorRow]],
        fetched: Mapping[Side, Mapping[str, Fetched]],
    ) -> Outcome:
        sights = {}
        for side in SIDES:
            record_id = link.record_id(side)
            sights[side] = _sight(rows[side].get(record_id), fetched.get(side, {}).get(record_id))
        return reconcile(self._plan.mapping, self._plan.policy, link, sights[Side.LEFT], sights[Side.RIGHT])

    async def _point_reads(self, outcomes: Sequence[tuple[Link, Outcome]]) -> dict[Side, dict[str, Fetched]]:
        """Truth is a read just before the write: the records that will be written, and those nobody has seen."""
        wanted: dict[Side, list[str]] = {Side.LEFT: [], Side.RIGHT: []}
        for link, outcome in outcomes:
            for side in SIDES:
                if _is_concerned(outcome, side):
                    wanted[side].append(link.record_id(side))
        return {side: await self._plan.endpoint(side).feed.fetch(ids) for side, ids in wanted.items()}

    def _draft(
        self,
        side: Side,
        row: MirrorRow,
        link: Link,
        outcome: Outcome,
        rows: Mapping[Side, Mapping[str, MirrorRow]],
        fetched: Mapping[Side, Mapping[str, Fetched]],
        read_at: float,
        draft: Draft,
        run: str,
    ) -> None:
        made = self._maker.of(outcome, link, rows, run)
        persons = tuple(self._persons(side, row, link))
        work = Work(side, row.record_id, row.seq, persons, link=made.link or link)
        if isinstance(outcome, Wait) or (_is_written(outcome) and not self._were_read(outcome, link, fetched)):
            work.next = Next.AGAIN
            draft.works.append((work, []))
            return
        if made.link is not None and made.link != link:
            draft.links.append(made.link)
        draft.journal += made.journal
        draft.holds += made.holds
        draft.quarantined += made.quarantined
        for intent in made.intents:
            self._replace_waiting(intent, draft)
        draft.intents += made.intents
        if made.intents:
            work.open = {intent.id for intent in made.intents}
            deliveries = []
            for intent in made.intents:
                answer = fetched.get(intent.side, {}).get(intent.target_id)
                known = answer.record if isinstance(answer, Found) else None
                deliveries.append(self._delivery(intent, work, known, read_at))
            draft.works.append((work, deliveries))

    def _were_read(self, outcome: Outcome, link: Link, fetched: Mapping[Side, Mapping[str, Fetched]]) -> bool:
        return all(link.record_id(side) in fetched.get(side, {}) for side in SIDES if _is_concerned(outcome, side))


def _sight(row: MirrorRow | None, answer: Fetched | None) -> Sight:
    """What is known of a record: the answer of a point read, else the mirror."""
    if isinstance(answer, Found):
        return answer.record
    if isinstance(answer, Missing | Moved):
        return Gone.GONE
    if row is None or UNREADABLE in row.values:
        return NotSeen.NOT_SEEN
    return Gone.GONE if row.gone else row.record()


def _is_written(outcome: Outcome) -> bool:
    return isinstance(outcome, Delete | Recreate) or (isinstance(outcome, Merged) and bool(outcome.writes))


def _is_concerned(outcome: Outcome, side: Side) -> bool:
    """Whether the record of that side has to be read before the outcome may be carried out."""
    match outcome:
        case Merged(writes=writes):
            return side in writes
        case Delete():
            return True
        case Recreate(side=gone):
            return side is gone
        case Wait(side=unseen):
            return side is unseen
        case Bury():
            return False


def _anything(draft: Draft) -> bool:
    return bool(draft.links or draft.intents or draft.holds or draft.quarantined or draft.examined or draft.journal)
