"""Linked records: the counterparts are read, core decides, and what it decides becomes intents."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from zohosyncd.core.decide import decide
from zohosyncd.core.link import Link
from zohosyncd.core.outcome import (
    Bury,
    Delete,
    Gone,
    Merged,
    NotSeen,
    Outcome,
    Part,
    Recreate,
    Sight,
    Tagging,
    Wait,
)
from zohosyncd.core.record import Record
from zohosyncd.core.recovery import cautious_mapping, cautious_policy
from zohosyncd.core.side import SIDES, Side
from zohosyncd.core.taking import with_blanks
from zohosyncd.pipeline.breaker import Breaker
from zohosyncd.pipeline.deliver import Delivery, Owner
from zohosyncd.pipeline.draft import Approvals, Batch
from zohosyncd.pipeline.following import Follower
from zohosyncd.pipeline.intents import IntentMaker
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.pipeline.relinking import Relinking, Survivor
from zohosyncd.pipeline.unexplained import Unexplained
from zohosyncd.ports.connector import Fetched, Found, Missing, Moved, WriteKind
from zohosyncd.ports.store import Choice, Hold, JournalEntry, MirrorRow

Rows = dict[Side, dict[str, MirrorRow]]
Taken = dict[int, dict[str, Hold]]
Answers = Mapping[Side, Mapping[str, Fetched]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a decision is made from: mirror rows, answers of point reads and when they came, last seqs.

    ``counted``: links whose deletion is only counted now, and decided with point reads when it is let go.
    """

    rows: Rows
    fetched: Answers
    read_at: float
    horizons: Mapping[Side, int]
    counted: Collection[int]


class Linked:
    """Examines linked records of one connection."""

    def __init__(self, world: World, plan: Plan, owner: Owner, maker: IntentMaker, approvals: Approvals) -> None:
        self._world = world
        self._plan = plan
        self._owner = owner
        self._maker = maker
        self._approvals = approvals
        self._breaker = Breaker(world, plan)
        self._follower = Follower(world, plan)
        self._unexplained = Unexplained(world, plan)
        self._relinking = Relinking(world, plan)
        self._cautious = cautious_mapping(plan.mapping), cautious_policy(plan.policy)

    async def examine(self, batch: Batch) -> None:
        """Decide about them, after reading what would be written."""
        if not batch.linked:
            return
        batch.linked = await self._follower.follow(batch)
        if not batch.linked:
            return
        rows = await self._both_rows(batch.linked)
        chosen = await self._chosen(batch)
        taken = _taken(chosen)
        opted = {number for number, holds in chosen.items() if any(map(_opts_out, holds.values()))}
        outcomes = {link.id: self._reconcile(link, rows, {}, taken, opted) for _row, link in batch.linked}
        counted = {link.id for _row, link in batch.linked if self._is_counted_first(link, outcomes[link.id])}
        fetched = await self._point_reads(
            [(link, outcomes[link.id]) for _row, link in batch.linked if link.id not in counted]
        )
        news = [each for each in batch.linked if _tells_more(each[1], rows, fetched)]
        if news:
            for side, read in (await self._both_rows(news)).items():
                rows[side] |= read
            outcomes |= {link.id: self._reconcile(link, rows, fetched, taken, opted) for _row, link in news}
        allowed = {number: holds.keys() for number, holds in taken.items()}
        calmed = await self._breaker.calm({link.id: link for _row, link in batch.linked}, outcomes, allowed)
        outcomes = calmed.outcomes
        batch.draft.holds += calmed.holds
        unexplained = await self._may_stand_there(batch, outcomes)
        useless = await self._relinking.useless([link for _row, link in batch.linked], outcomes)
        horizons = await self._horizons(outcomes.values())
        seen = Seen(rows, fetched, self._world.clock.monotonic(), horizons, counted)
        for row, link in batch.linked:
            # A field is held on the left, whichever side's change has now decided about it.
            batch.draft.examined += [(side, link.record_id(side)) for side in SIDES]
            batch.draft.holds += self._still_taken(taken.get(link.id, {}), outcomes[link.id])
            batch.draft.holds += _still_opted(chosen.get(link.id, {}), outcomes[link.id])
            if link.id in useless:
                self._let_go(batch, row, link, useless[link.id])
            elif link.id in unexplained:
                self._approvals.decided([(side, link.record_id(side)) for side in SIDES], (), batch.draft)
                batch.draft.holds.append(unexplained[link.id])
                batch.settled.append(row)
            elif not self._draft(batch, row, link, outcomes[link.id], seen, chosen.get(link.id, {})):
                batch.settled.append(row)

    def _let_go(self, batch: Batch, row: MirrorRow, link: Link, survivor: Survivor) -> None:
        """The link is no more, and who is left is examined as one without a link."""
        both = [(side, link.record_id(side)) for side in SIDES]
        self._approvals.decided(both, (), batch.draft)
        reason = "its partner is gone, and somebody who may have been made for it since stands there"
        entry = JournalEntry("parted", self._plan.id, batch.run, None, link.left_id, link.right_id, reason=reason)
        batch.draft.journal.append(replace(entry, at=self._world.clock.now()))
        batch.draft.unlink.append(link.id)
        batch.draft.woken.append(survivor)
        batch.settled.append(row)

    async def _may_stand_there(self, batch: Batch, outcomes: Mapping[int, Outcome]) -> dict[int, Hold]:
        """By link: what stays held instead of being made anew, since an earlier create of it may have done so."""
        found: dict[int, Hold] = {}
        for gone in SIDES:
            lost = {
                link.record_id(gone.other): (row, link.id)
                for row, link in batch.linked
                if isinstance(outcome := outcomes[link.id], Recreate) and outcome.side is gone
            }
            persons = {each: batch.persons.get(row.record_id, frozenset()) for each, (row, _id) in lost.items()}
            holds = await self._unexplained.of(gone.other, lost.keys(), persons) if lost else {}
            found |= {lost[each][1]: hold for each, hold in holds.items()}
        return found

    async def _horizons(self, outcomes: Collection[Outcome]) -> dict[Side, int]:
        """The last seq of each side on which a record will be made anew."""
        sides = {outcome.side for outcome in outcomes if isinstance(outcome, Recreate)}
        return {side: await self._world.store.last_seq(self._plan.endpoint(side).object_id) for side in sorted(sides)}

    async def _both_rows(self, linked: Sequence[tuple[MirrorRow, Link]]) -> Rows:
        store = self._world.store
        return {
            each: await store.rows(self._plan.endpoint(each).object_id, [link.record_id(each) for _row, link in linked])
            for each in SIDES
        }

    async def _chosen(self, batch: Batch) -> Taken:
        """The holds of these links about which a person has decided, by link and field."""
        numbers = {link.left_id: link.id for _row, link in batch.linked}
        held = await self._world.store.held_of(self._plan.id, Side.LEFT, list(numbers))
        return {
            numbers[left_id]: chosen
            for left_id, holds in held.items()
            if (chosen := {hold.field: hold for hold in holds if hold.decision is not None})
        }

    def _still_taken(self, taken: Mapping[str, Hold], outcome: Outcome) -> list[Hold]:
        """Decisions that have to be remembered: their value has not arrived yet."""
        if isinstance(outcome, Wait):
            return list(taken.values())
        if not isinstance(outcome, Merged):
            return []
        written = {
            pair.name
            for pair in self._plan.mapping.pairs
            for side, write in outcome.writes.items()
            if not write.patch.keys().isdisjoint(pair.fields(side))
        }
        return [hold for name, hold in taken.items() if name in written]

    def _reconcile(self, link: Link, rows: Rows, fetched: Answers, taken: Taken, opted: Collection[int]) -> Outcome:
        sights = {}
        for side in SIDES:
            record_id = link.record_id(side)
            sights[side] = _sight(rows[side].get(record_id), fetched.get(side, {}).get(record_id))
        plan, mapping, policy = self._plan, self._plan.mapping, self._plan.policy
        if plan.recovery:
            mapping, policy = self._cautious
        left, right = sights[Side.LEFT], sights[Side.RIGHT]
        if link.id in taken:
            certain = {name for name, hold in taken[link.id].items() if _is_as_seen(hold, sights)}
            mapping = with_blanks(mapping, frozenset(certain))
        outcome = decide(
            mapping,
            policy,
            plan.governance,
            link,
            left,
            right,
            plan.changed_since(link),
            opt_out=link.id in opted,
        )
        if link.id in opted and isinstance(outcome, Merged) and outcome.writes:
            return replace(outcome, again=True)  # the decision is forgotten only when both sides say so
        return outcome

    async def _point_reads(self, outcomes: Sequence[tuple[Link, Outcome]]) -> dict[Side, dict[str, Fetched]]:
        """Truth is a read just before the write: the records that will be written, and those nobody has seen."""
        wanted: dict[Side, list[str]] = {Side.LEFT: [], Side.RIGHT: []}
        for side in SIDES:
            if any(_empties(outcome, side) for _link, outcome in outcomes):
                await self._plan.endpoint(side).feed.recheck()
        for link, outcome in outcomes:
            for side in SIDES:
                if _is_concerned(outcome, side):
                    wanted[side].append(link.record_id(side))
        return {side: await self._plan.endpoint(side).feed.fetch(ids) for side, ids in wanted.items()}

    def _is_counted_first(self, link: Link, outcome: Outcome) -> bool:
        """Whether it is a deletion that has to wait until all are counted: what was read before would be too old."""
        if not isinstance(outcome, Delete | Tagging) or not self._approvals.counting:
            return False
        kind = WriteKind.DELETE if isinstance(outcome, Delete) else WriteKind.UPDATE
        wished = (outcome.side, link.record_id(outcome.side.other), link.record_id(outcome.side), kind)
        return self._plan.limits.counts("delete") and not self._approvals.let_go(wished)

    def _draft(
        self, batch: Batch, row: MirrorRow, link: Link, outcome: Outcome, seen: Seen, chosen: Mapping[str, Hold]
    ) -> bool:
        """Note what has to be stored and sent; False if there is nothing to be sent or waited for."""
        draft = batch.draft
        unread = link.id not in seen.counted and _is_written(outcome) and not _were_read(outcome, link, seen.fetched)
        if unread or isinstance(outcome, Wait):
            draft.works.append((batch.work(row, link).again(), []))
            return True
        made = self._maker.of(outcome, link, seen.rows, batch.run, seen.horizons)
        if made.link is not None and made.link != link:
            draft.links.append(made.link)
        if made.unlink:
            draft.unlink.append(made.unlink)
        draft.journal += made.journal
        draft.holds += [_with_decision(hold, chosen.get(hold.field)) for hold in made.holds]
        draft.quarantined += made.quarantined
        self._approvals.decided([(side, link.record_id(side)) for side in SIDES], made.intents, draft)
        if not made.intents:
            return False
        work = batch.work(row, made.link or link)
        work.open = {intent.id for intent in made.intents}
        work.more = made.again or (isinstance(outcome, Recreate) and bool(self._plan.governance.rules.of(outcome.side)))
        if isinstance(outcome, Recreate):
            work.refused = made.quarantined
        deliveries = []
        for intent in made.intents:
            answer = seen.fetched.get(intent.side, {}).get(intent.target_id)
            known = answer.record if isinstance(answer, Found) else None
            ref = self._plan.endpoint(intent.side).ref
            deliveries.append(Delivery(intent, ref, self._owner, work, known, seen.read_at))
        draft.intents += made.intents
        draft.works.append((work, deliveries))
        return True


def _sight(row: MirrorRow | None, answer: Fetched | None) -> Sight:
    """What is known of a record: the answer of a point read, else the mirror."""
    if isinstance(answer, Found):
        return answer.record
    if isinstance(answer, Missing):
        return Gone.GONE
    if row is None or UNREADABLE in row.values or isinstance(answer, Moved):
        return NotSeen.NOT_SEEN  # one that has moved is followed the next time
    return Gone.GONE if row.gone else row.record()


def _opts_out(hold: Hold) -> bool:
    return hold.decision is Choice.OPT_OUT


def _still_opted(chosen: Mapping[str, Hold], outcome: Outcome) -> list[Hold]:
    """Decisions to opt out that have not arrived everywhere yet."""
    opts_out = not isinstance(outcome, Merged) or any(write.opts_out for write in outcome.writes.values())
    return [hold for hold in chosen.values() if _opts_out(hold)] if opts_out else []


def _taken(chosen: Taken) -> Taken:
    """Those of which a person has taken one side's value."""
    taken = {
        number: {name: hold for name, hold in holds.items() if hold.decision in (Choice.LEFT, Choice.RIGHT)}
        for number, holds in chosen.items()
    }
    return {number: holds for number, holds in taken.items() if holds}


def _with_decision(hold: Hold, before: Hold | None) -> Hold:
    """A hold that is there again for the same reason: what a person has decided about it, and is not over, stays."""
    if before is None or before.reason is not hold.reason or before.decision in (Choice.LEFT, Choice.RIGHT):
        return hold
    return replace(hold, decision=before.decision)


def _is_as_seen(hold: Hold, sights: Mapping[Side, Sight]) -> bool:
    """Whether both records show what the person saw who decided; else what was emptied is a question again."""
    return all(
        isinstance(sight, Record) and all(sight.values.get(name) == value for name, value in hold.seen(side).items())
        for side, sight in sights.items()
    )


def _tells_more(link: Link, rows: Rows, fetched: Answers) -> bool:
    """Whether a point read showed anything else than the mirror row that was decided from, or confirmed our write."""
    return any(
        not _shows(rows[side].get(record_id), answer)
        for side in SIDES
        if (answer := fetched.get(side, {}).get(record_id := link.record_id(side))) is not None
    )


def _shows(row: MirrorRow | None, answer: Fetched) -> bool:
    """Whether an answer shows exactly a row that was read before, too."""
    if row is None or row.gone or row.written:
        return False
    return isinstance(answer, Found) and answer.record == row.record()


def _is_written(outcome: Outcome) -> bool:
    return isinstance(outcome, Delete | Tagging | Recreate) or (isinstance(outcome, Merged) and bool(outcome.writes))


def _empties(outcome: Outcome, side: Side) -> bool:
    """Whether something is gone on this side, and would be emptied on the other."""
    written = outcome.writes.get(side.other) if isinstance(outcome, Merged) else None
    return written is not None and bool(written.blanks)


def _were_read(outcome: Outcome, link: Link, fetched: Answers) -> bool:
    return all(link.record_id(side) in fetched.get(side, {}) for side in SIDES if _is_concerned(outcome, side))


def _is_concerned(outcome: Outcome, side: Side) -> bool:
    """Whether the record of that side has to be read before the outcome may be carried out."""
    match outcome:
        case Merged(writes=writes):
            return side in writes or any(write.opts_in for write in writes.values()) or _empties(outcome, side)
        case Delete() | Tagging():
            return True
        case Recreate(side=gone):
            return side is gone
        case Wait(side=unseen):
            return side is unseen
        case Bury() | Part():
            return False
