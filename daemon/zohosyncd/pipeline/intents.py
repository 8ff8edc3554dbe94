"""Turns a decision of core into intents, link moves, holds and lines of history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zohosyncd.core.create import Creation, Impossible
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.newborn import born
from zohosyncd.core.outcome import (
    Bury,
    Clash,
    Delete,
    Held,
    Merged,
    Outcome,
    Part,
    Recreate,
    Remarked,
    Tagging,
    Unfit,
    Write,
)
from zohosyncd.core.rules.scope import Crossing, Standing
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import (
    Hold,
    HoldReason,
    Intent,
    JournalEntry,
    KeyDigest,
    MirrorRow,
    Quarantined,
    detail_of,
)

Rows = Mapping[Side, Mapping[str, MirrorRow]]


@dataclass(frozen=True, slots=True)
class Made:
    """What an outcome becomes in the store. ``again``: the record is examined anew when the intents are done."""

    link: Link | None = None
    intents: tuple[Intent, ...] = ()
    holds: tuple[Hold, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    unlink: int = 0
    again: bool = False


class IntentMaker:
    """Makes intents for one connection."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    def create(
        self, made: Creation, side: Side, row: MirrorRow, claims: tuple[KeyDigest, ...], run: str, horizon: int,
        replaces: str = "", despite: frozenset[str] = frozenset(),
    ) -> Intent:  # fmt: skip
        """The intent that creates a record on the other side of ``side`` for this row.

        ``horizon``: the target's last seq before this was decided; nothing up to it can be what the create makes.
        ``despite``: records there that share a key and are known to be somebody else.
        """
        plan, target = self._plan, side.other
        return Intent(
            self._world.entropy.new_id(), plan.id, run, plan.endpoint(target).object_id, target, WriteKind.CREATE,
            row.record_id, "", patch=made.patch, source=made.source, agreed=made.agreed, source_seq=row.seq,
            target_seq=horizon, replaces=replaces, claims=claims, given=made.given, despite=despite,
            guarded="create" if plan.limits.counts("create") else "", created_at=self._world.clock.now(),
        )  # fmt: skip

    def of(self, outcome: Outcome, link: Link, rows: Rows, run: str, horizons: Mapping[Side, int]) -> Made:
        """Everything that an outcome about a link asks for; ``horizons``: see ``create``."""
        match outcome:
            case Merged():
                return self._merged(outcome, rows, run)
            case Recreate():
                return self._recreate(outcome, rows, run, horizons[outcome.side])
            case Delete():
                return self._delete(outcome, rows, run)
            case Tagging():
                return self._tag(outcome, rows, run)
            case Part():
                return Made(journal=(self._entry(link, run, "parted"),), unlink=link.id)
            case Bury(link=buried, gone=gone):
                if link.status is LinkStatus.TOMBSTONE:
                    return Made()
                entry = self._entry(link, run, "tombstoned", side=gone[0])
                return Made(replace(buried, status=LinkStatus.TOMBSTONE), journal=(entry,))
            case _:
                return Made()

    def _merged(self, outcome: Merged, rows: Rows, run: str) -> Made:
        link, now = outcome.link, self._world.clock.now()
        if link.standing is Standing.IN:  # the bases mean what the mapping means now; a pair that is out keeps its own
            # Without a version nothing is taken for settled: it is looked at again even after a death. What rules give
            # is in no base of the other side: only this tells that it has still to arrive.
            open_ = outcome.again or (bool(outcome.writes) and not self._plan.governance.is_empty)
            link = replace(link, version="" if open_ else self._plan.version)
        intents = tuple(self._update(link, side, write, rows, run) for side, write in outcome.writes.items())
        holds = tuple(self._clash_hold(link, clash, now) for clash in outcome.clashes if clash.held)
        holds += tuple(self._hold(link, held, now) for held in outcome.held)
        journal = [self._clash_entry(link, clash, run) for clash in outcome.clashes if not clash.held]
        journal += [self._remark(link, remark, run) for remark in outcome.remarks]
        if outcome.revived:
            journal.append(self._entry(link, run, "revived"))
        self._plan.tally.clashes += len(outcome.clashes)
        refused = tuple(refused_of(each, link.record_id(each.side.other), now) for each in outcome.unfit)
        return Made(link, intents, holds, refused, tuple(journal), again=outcome.again)

    def _update(self, link: Link, side: Side, write: Write, rows: Rows, run: str) -> Intent:
        plan = self._plan
        target, source = rows[side][link.record_id(side)], rows[side.other][link.record_id(side.other)]
        kinds = {"blank": bool(write.blanks), "opt_out": write.opts_out}
        guarded = next((kind for kind, counts in kinds.items() if counts and plan.limits.counts(kind)), "")
        return Intent(
            self._world.entropy.new_id(), plan.id, run, plan.endpoint(side).object_id, side, WriteKind.UPDATE,
            source.record_id, target.record_id, patch=write.patch, before=write.before, source=write.source,
            agreed=write.agreed, source_seq=source.seq, target_seq=target.seq, guarded=guarded,
            created_at=self._world.clock.now(), version=target.version,
        )  # fmt: skip

    def _delete(self, outcome: Delete, rows: Rows, run: str) -> Made:
        plan, link, side = self._plan, outcome.link, outcome.side
        target = rows[side][link.record_id(side)]
        gone = rows[side.other].get(link.record_id(side.other))
        intent = Intent(
            self._world.entropy.new_id(), plan.id, run, plan.endpoint(side).object_id, side, WriteKind.DELETE,
            link.record_id(side.other), target.record_id, before=target.values, target_seq=target.seq,
            source_seq=gone.seq if gone else 0,
            guarded="delete" if plan.limits.counts("delete") else "", created_at=self._world.clock.now(),
            version=target.version,
        )  # fmt: skip
        return Made(link, (intent,))

    def _tag(self, outcome: Tagging, rows: Rows, run: str) -> Made:
        """The tag of a deletion counts as one: a thousand of them are as wrong as a thousand deletions."""
        plan, link, side, write = self._plan, outcome.link, outcome.side, outcome.write
        target = rows[side][link.record_id(side)]
        gone = rows[side.other].get(link.record_id(side.other))
        intent = Intent(
            self._world.entropy.new_id(), plan.id, run, plan.endpoint(side).object_id, side, WriteKind.UPDATE,
            link.record_id(side.other), target.record_id, patch=write.patch, before=write.before, agreed=write.agreed,
            source_seq=gone.seq if gone else 0, target_seq=target.seq,
            guarded="delete" if plan.limits.counts("delete") else "", created_at=self._world.clock.now(),
            version=target.version,
        )  # fmt: skip
        return Made(link, (intent,), again=True)

    def _recreate(self, outcome: Recreate, rows: Rows, run: str, horizon: int) -> Made:
        plan, link, gone = self._plan, outcome.link, outcome.side
        survivor = rows[gone.other][link.record_id(gone.other)]
        schema = plan.endpoint(gone).schema
        made = born(plan.mapping, plan.governance, gone.other, schema, survivor.record(), link.consent)
        if isinstance(made, Crossing):
            return Made()  # it waits until its consent is read
        if isinstance(made, Impossible):
            reason = Quarantined(
                gone.other, survivor.record_id, "required", made.field, made.reason, self._world.clock.now()
            )
            return Made(replace(link, status=LinkStatus.TOMBSTONE), quarantined=(reason,))
        intent = self.create(made, gone.other, survivor, (), run, horizon, link.record_id(gone))
        refused = tuple(refused_of(each, survivor.record_id, intent.created_at) for each in made.unfit)
        return Made(link, (intent,), quarantined=refused, journal=(self._entry(link, run, "recreated", side=gone),))

    def _clash_hold(self, link: Link, clash: Clash, now: float) -> Hold:
        others = ((Side.RIGHT, link.right_id),)
        detail = detail_of(clash.values)
        return Hold(Side.LEFT, link.left_id, HoldReason.CLASH, clash.pair, others, detail=detail, since=now)

    def _hold(self, link: Link, held: Held, now: float) -> Hold:
        reason, others = HoldReason(held.what), ((Side.RIGHT, link.right_id),)
        return Hold(
            Side.LEFT, link.left_id, reason, f"{held.what} ({held.side})", others, detail=held.detail, since=now
        )

    def _remark(self, link: Link, remark: Remarked, run: str) -> JournalEntry:
        entry = self._entry(link, run, remark.kind, side=remark.side)
        return replace(entry, fields=remark.fields, after=remark.after, other=remark.other, reason=remark.reason)

    def _clash_entry(self, link: Link, clash: Clash, run: str) -> JournalEntry:
        winner, loser = clash.winner, clash.winner.other
        entry = self._entry(link, run, "clash", side=loser)
        reason = f"both sides changed {clash.pair}; {winner.value} won"
        return replace(
            entry, fields=clash.fields[loser], after=clash.values[winner], other=clash.values[loser], reason=reason
        )

    def _entry(self, link: Link, run: str, kind: str, *, side: Side | None = None) -> JournalEntry:
        return JournalEntry(kind, self._plan.id, run, side, link.left_id, link.right_id, at=self._world.clock.now())


def refused_of(unfit: Unfit, source_id: str, now: float) -> Quarantined:
    """What is told of a value that a side cannot store; ``source_id``: the record of the other side that has it."""
    code = "unmapped_option" if unfit.option else "not_storable"
    return Quarantined(unfit.side.other, source_id, code, unfit.pair, unfit.reason, now)
