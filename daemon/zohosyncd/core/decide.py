"""The decision about one link as an operator wants it: consent, scope, merge, what rules do, deletions. Pure.

Consent comes before scope: an opt-out travels also when the record has just left the rules. A pair out of scope is
left alone, bases included, so that it comes back to an ordinary merge. What rules give and take is added to what the
merge writes, one write a side.
"""

from collections.abc import Mapping
from dataclasses import replace

from zohosyncd.core.confirm import confirm
from zohosyncd.core.consent import (
    ConsentDecision,
    ConsentHold,
    OptOut,
    TagOptOut,
)
from zohosyncd.core.extras import Extras, with_extras
from zohosyncd.core.governance import Governance, tag_kind
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.meaning import Change
from zohosyncd.core.outcome import Deletion, Held, Merged, Outcome, Part, Policy, Remarked, Tagging, Write
from zohosyncd.core.reconcile import Bury, Delete, Recreate, Sight, changed_since_base, reconcile
from zohosyncd.core.record import Record, Value
from zohosyncd.core.rules.applied import Applied, kept
from zohosyncd.core.rules.scope import Crossing, Leave, Matched, Standing, crossing, linking, standing
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.ruling import Ruling, ruling
from zohosyncd.core.side import SIDES, Side


def decide(
    mapping: ContactMapping,
    policy: Policy,
    governance: Governance,
    link: Link,
    left: Sight,
    right: Sight,
    changed: Mapping[str, Change] | None = None,
    *,
    opt_out: bool = False,
) -> Outcome:
    """Decide about one link.

    Args:
        mapping, policy, changed: as in ``reconcile``. governance: rules, consent, deletions.
        link: with its bases. left, right: what is known of the records now.
        opt_out: an operator wants the person opted out on both sides.

    Returns:
        What should be done; deciding again after it was done gives nothing to do.
    """
    outcome = reconcile(mapping, policy, link, left, right, changed, governance.watched)
    if governance.is_empty:
        return outcome
    match outcome:
        case Merged() if isinstance(left, Record) and isinstance(right, Record):
            pair = _Pair(governance, policy, mapping, link, {Side.LEFT: left, Side.RIGHT: right})
            return pair.decide(outcome, opt_out=opt_out)
        case Recreate(side=gone) if not _stays(governance, policy, link, gone, _sight(gone.other, left, right)):
            return Bury(outcome.link, (gone,))
        case Delete(side=side):
            return _deleted(governance, policy, link, outcome, _sight(side, left, right))
        case _:
            return outcome


def crosses(governance: Governance, policy: Policy, side: Side, record: Record) -> Crossing:
    """Whether an unlinked record of that side is created on the other one, and if not, why."""
    if governance.is_empty:
        return Crossing.CREATE if policy.direction.writes(side.other) else Crossing.DIRECTION
    return crossing(_alone(governance, side, record), side, policy.direction)


def links(governance: Governance, left: Record, right: Record) -> Truth:
    """Whether two unlinked records that are the same person are linked."""
    if not governance.rules.rules:
        return Truth.YES
    both = {Side.LEFT: left, Side.RIGHT: right}
    said = {side: governance.rules.match(side, governance.subject(side, record)) for side, record in both.items()}
    return linking(Matched(said[Side.LEFT], said[Side.RIGHT]))


def _sight(side: Side, left: Sight, right: Sight) -> Record:
    found = left if side is Side.LEFT else right
    if not isinstance(found, Record):
        raise TypeError("reconcile keeps a survivor only where there is one")
    return found


def _alone(governance: Governance, side: Side, record: Record) -> Matched:
    """What the rules say of one record; of the other side's only whether there are any."""
    rules = governance.rules
    own = rules.match(side, governance.subject(side, record)) if rules.of(side) else None
    other = rules.match(side.other, None)
    return Matched(own, other) if side is Side.LEFT else Matched(other, own)


def _stays(governance: Governance, policy: Policy, link: Link, gone: Side, survivor: Record) -> bool:
    """Whether a lost record is made anew because its partner was edited: only if it would be made at all."""
    found = crosses(governance, policy, gone.other, survivor)
    return found is Crossing.CREATE or (found is not Crossing.DIRECTION and _is_in(governance, link, gone, survivor))


def _is_in(governance: Governance, link: Link, gone: Side, survivor: Record) -> bool:
    """Whether the pair of a survivor is in scope. What the rules would say of the lost record is not known."""
    return standing(_alone(governance, gone.other, survivor), link.standing) is Standing.IN


def _deleted(governance: Governance, policy: Policy, link: Link, outcome: Delete, survivor: Record) -> Outcome:
    side, gone = outcome.side, outcome.side.other
    if not _is_in(governance, link, gone, survivor):
        return Bury(outcome.link, (gone,))
    if policy.deletions.get(side) is not Deletion.TAG:
        return outcome
    extras = Extras(governance.schemas[side], survivor)
    extras.add(tag_kind(governance.schemas[side]), governance.deletion_tag)
    patch = extras.patch()
    if not patch:
        return Bury(outcome.link, (gone,))
    before = {name: survivor.values.get(name) for name in patch}
    return Tagging(outcome.link, side, Write(patch, before, {}, patch))


class _Pair:
    """One decision about a pair whose records both exist."""

    def __init__(
        self,
        governance: Governance,
        policy: Policy,
        mapping: ContactMapping,
        link: Link,
        records: Mapping[Side, Record],
    ) -> None:
        self.governance = governance
        self.policy = policy
        self.mapping = mapping
        self.link = link
        self.records = records
        self.extras: Mapping[Side, Extras] = {}
        self.held: list[Held] = []
        self.remarks: list[Remarked] = []
        self.opts_out: set[Side] = set()
        self.opts_in: set[Side] = set()

    def decide(self, merged: Merged, *, opt_out: bool) -> Outcome:
        """Consent, then scope, then everything that scope allows."""
        ruled = ruling(self.governance, self.link, self.records, opt_out=opt_out)
        consent, now = ruled.consent, standing(ruled.matched, self.link.standing)
        after = replace(
            merged.link if now is Standing.IN else self._frozen(merged.link),
            standing=now,
            applied=self._applied(ruled),
            consent=consent.base if consent is not None else self.link.consent,
        )
        if consent is not None:
            self._note_consent(consent)
        self.extras = ruled.extras
        left = now is Standing.OUT and self.link.standing is not Standing.OUT
        if self.governance.leave is Leave.TAG and (
            left or (now is Standing.IN) is not (self.link.standing is Standing.IN)
        ):
            self._leave_tag(given=left)
        outcome = self._together(
            after, merged if now is Standing.IN else replace(merged, writes={}, clashes=(), unfit=())
        )
        if left:
            return self._leaving(outcome)
        return outcome

    # --- what rules do -----------------------------------------------------------------------------------------

    def _applied(self, ruled: Ruling) -> dict[Side, Applied]:
        """What is remembered from now on. An effect that is taken back is forgotten when that has arrived."""
        found = {}
        for side, actions in ruled.actions.items():
            before, schema = self.link.applied.get(side, Applied()), self.governance.schemas[side]
            found[side] = kept(before, actions.applied, schema, self.records[side].values)
        return {side: applied for side, applied in found.items() if applied.given}

    # --- consent ------------------------------------------------------------------------------------------------

    def _note_consent(self, decision: ConsentDecision) -> None:
        """What history and people are told of the decision."""
        for side, write in decision.writes.items():
            if isinstance(write, TagOptOut):
                self.remarks.append(Remarked("consent", side, f"opted out on the {side.other}: tagged here"))
            elif isinstance(write, OptOut):
                self.opts_out.add(side)
                why = "by a rule" if write.cause is None else f"on the {write.cause}"
                evidence = _evidence(write.at, write.source)
                self.remarks.append(Remarked("consent", side, f"opted out {why}", after=evidence))
            else:
                self.opts_in.add(side)
                evidence = _evidence(write.evidence, write.source)
                self.remarks.append(Remarked("consent", side, "opted in by a rule", after=evidence))
        self.held += [_held(hold) for hold in decision.holds]

    # --- scope --------------------------------------------------------------------------------------------------

    def _frozen(self, merged: Link) -> Link:
        """A pair that is out keeps its bases for the day it comes back.

        What was sent before is confirmed all the same: after the next write there is no telling any more whether a
        person has edited it. What may still arrive may do so until then.
        """
        link = replace(self.link, status=LinkStatus.LIVE, version=merged.version)
        for side in SIDES:
            link = link.with_base(side, replace(self._confirmed(side), also=self.link.base(side).also))
        return link

    def _confirmed(self, side: Side) -> Base:
        exact = self.policy.exact_versions.get(side, False)
        locked = self.policy.locked.get(side, ())
        return confirm(self.link.base(side), self.records[side], exact_versions=exact, locked=locked)

    def _leave_tag(self, *, given: bool) -> None:
        """The tag of those who have left is given to the partner of each side that has rules, and taken on return."""
        for side in SIDES:
            kind = tag_kind(self.governance.schemas[side])
            if kind and self.governance.rules.of(side.other):
                change = self.extras[side].add if given else self.extras[side].remove
                change(kind, self.governance.leave_tag)

    def _leaving(self, outcome: Merged) -> Outcome:
        """What else becomes of a pair that has just left; what is to be written before comes first."""
        leave = self.governance.leave
        if leave is Leave.FREEZE:
            return outcome
        leaving = replace(outcome.link, standing=Standing.LEAVING)
        if outcome.writes:
            return replace(outcome, link=leaving, again=True)
        if leave is Leave.UNLINK:
            return Part(outcome.link)
        if leave is Leave.TAG:
            return outcome
        (ruled,) = (side for side in SIDES if self.governance.rules.of(side))
        target = ruled.other
        base = self._confirmed(target)
        if any(changed_since_base(pair, target, base, self.records[target]) for pair in self.mapping.pairs):
            held = Held("leaving", target)
            return replace(outcome, link=leaving, held=(*outcome.held, held))
        return Delete(leaving, target, left=True)

    # --- one write a side ---------------------------------------------------------------------------------------

    def _together(self, link: Link, merged: Merged) -> Merged:
        """The merge's writes with everything else that is to be written; consent does not wait for a guarded blank."""
        writes: dict[Side, Write] = {}
        again = any(self._changes_rules(side, write) for side, write in merged.writes.items())
        for side in SIDES:
            write, patch = merged.writes.get(side), self.extras[side].patch()
            out = side in self.opts_out
            if write is not None and write.blanks and out:
                write, again = None, True
            if write is not None or patch:
                known, mapped = link.base(side).values, self.mapping.used_fields(side)
                bases = {name: known[name] for name in patch if name in mapped and name in known}
                combined = with_extras(write, patch, self.records[side], bases)
                source = {**self._news(link, side.other), **combined.source}
                writes[side] = replace(combined, source=source, opts_out=out, opts_in=side in self.opts_in)
        for side in SIDES:
            if side.other not in writes:
                link = self._noted(link, side)
        return Merged(
            link, writes, merged.clashes, merged.unfit, merged.revived, tuple(self.held), tuple(self.remarks), again
        )  # fmt: skip

    def _changes_rules(self, side: Side, write: Write) -> bool:
        """Whether rules look at what the merge writes: they are asked again when it has arrived."""
        reading = self.governance.rules.reading.get(side)
        return reading is not None and not write.patch.keys().isdisjoint(reading.fields)

    def _noted(self, link: Link, side: Side) -> Link:
        """What is watched of a side is seen at once if nothing is written because of it, else when that has arrived."""
        seen, base = self._news(link, side), link.base(side)
        return link.with_base(side, replace(base, values={**base.values, **seen})) if seen else link

    def _news(self, link: Link, side: Side) -> dict[str, Value]:
        """What its watched fields show and its base does not, without what is about to be written there.

        The base of a mapped field moves with the merge alone: a change that is held or refused stays a change.
        """
        known, patch = link.base(side).values, {*self.extras[side].patch(), *self.mapping.used_fields(side)}
        return {
            name: value
            for name, value in self.governance.seen(side, self.records[side]).items()
            if name not in patch and (name not in known or known[name] != value)
        }


def _held(hold: ConsentHold) -> Held:
    detail: dict[str, Value] = {"reason": hold.reason.value}
    if hold.opted_out is not None:
        detail["opted_out"] = hold.opted_out
    if hold.consented is not None:
        detail["consented"] = hold.consented
    return Held("consent", hold.side, detail)


def _evidence(at: float | None, source: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if at is not None:
        found["at"] = at
    if source:
        found["source"] = source
    return found
