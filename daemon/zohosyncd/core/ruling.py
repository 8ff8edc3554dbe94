"""What rules and consent say about a pair, once everything is so that they bring about themselves.

An effect of one side's rules may be what the other side's rules look at: a label that is taken back may have been all
that kept the pair in. So rules are asked about the records as they will be, until nothing changes any more; where that
never happens, because rules contradict each other in a circle, they are asked about the records as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zohosyncd.core.consent import Consent, ConsentDecision, ConsentState, Opt, OptIn, OptOut, TagOptOut, Travel, decide
from zohosyncd.core.extras import Extras
from zohosyncd.core.governance import Governance, has_consent, tag_kind
from zohosyncd.core.link import Link
from zohosyncd.core.record import Record, Unread
from zohosyncd.core.rules.actions import Actions, act
from zohosyncd.core.rules.scope import Matched
from zohosyncd.core.rules.subject import Subject, bears
from zohosyncd.core.rules.truth import Truth, some
from zohosyncd.core.side import SIDES, Side

_ROUNDS = 4

Matches = Mapping[Side, tuple[Truth, ...]]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What rules and consent say.

    Attributes:
        matched: whether each side matches any of its rules. actions: by the side that they change.
        consent: what is done about it, None where nothing can be.
        extras: by side, everything of it that is to be written.
    """

    matched: Matched
    actions: Mapping[Side, Actions]
    consent: ConsentDecision | None
    extras: Mapping[Side, Extras]


def ruling(governance: Governance, link: Link, records: Mapping[Side, Record], *, opt_out: bool = False) -> Ruling:
    """Ask the rules of both sides, and decide about consent.

    Args:
        governance: rules and consent. link: with what it remembers. records: of both sides, as they are.
        opt_out: an operator wants the person opted out on both sides.
    """
    asking = _Asking(governance, link, records, opt_out=opt_out)
    first = matches = asking.matches(records)
    for _ in range(_ROUNDS):
        found = asking.ruling(matches)
        after = asking.matches(asking.expected(found))
        if after == matches:
            return found
        matches = after
    return asking.ruling(first)


class _Asking:
    """The records of one pair, and how rules are asked about them."""

    def __init__(self, governance: Governance, link: Link, records: Mapping[Side, Record], *, opt_out: bool) -> None:
        self.opt_out = opt_out
        self.governance = governance
        self.link = link
        self.records = records
        self.subjects = {side: governance.subject(side, record) for side, record in records.items()}

    def matches(self, records: Mapping[Side, Record]) -> Matches:
        rules, governance = self.governance.rules, self.governance
        return {side: rules.matches(side, governance.subject(side, records[side])) for side in SIDES}

    def expected(self, ruled: Ruling) -> Mapping[Side, Record]:
        """The records as they will be."""
        return {
            side: replace(record, values={**record.values, **ruled.extras[side].patch()})
            for side, record in self.records.items()
        }

    def ruling(self, matches: Matches) -> Ruling:
        rules, link, subjects = self.governance.rules, self.link, self.subjects
        actions = {
            side.other: act(rules, side, matches[side], subjects[side.other], link.applied.get(side.other))
            for side in SIDES
        }
        consent = self._consent(actions)
        extras = {side: self._extras(side, actions[side], consent) for side in SIDES}
        matched = Matched(*(some(matches[side]) if matches[side] else None for side in SIDES))
        return Ruling(matched, actions, consent, extras)

    def _extras(self, side: Side, actions: Actions, consent: ConsentDecision | None) -> Extras:
        schema = self.governance.schemas[side]
        extras = Extras(schema, self.records[side])
        extras.fields.update(actions.fields)
        for kind, name in actions.add:
            extras.add(kind, name)
        for kind, name in actions.remove:
            extras.remove(kind, name)
        if actions.owner is not None:
            extras.fields[schema.owner] = actions.owner
        match consent.writes.get(side) if consent is not None else None:
            case TagOptOut():
                extras.add(tag_kind(schema), self.governance.consent_tag)
            case OptOut():
                extras.opt(ConsentState.UNSUBSCRIBED)
            case OptIn(state):
                extras.opt(state)
        return extras

    def _consent(self, actions: Mapping[Side, Actions]) -> ConsentDecision | None:
        governance = self.governance
        if not governance.decides_consent:
            return None
        onto = {
            side: governance.consent.onto.get(side, Travel.OPT_OUT)
            if governance.consent_can_change(side)
            else Travel.OFF
            for side in SIDES
        }
        wishes = {side: found.opt for side, found in actions.items() if found.opt is not None}
        if self.opt_out:
            wishes = {side: Opt.OUT for side in SIDES if has_consent(governance.schemas[side])}
        policy = replace(governance.consent, onto=onto, wishes=wishes)
        left, right = (self._said(side, self.subjects[side]) for side in SIDES)
        known = replace(self.link.consent, new=self.link.consent.new - self._acted_since())
        return decide(left, right, known, policy)

    def _acted_since(self) -> frozenset[Side]:
        """The sides on which a person has acted since the record was created: another time or source is told."""
        found = set()
        for side in self.link.consent.new:
            fields = self.governance.schemas[side].consent
            known, shown = self.link.base(side).values, self.records[side].values
            told = (fields.at, fields.source) if fields is not None else ()
            if any(name in known and name in shown and known[name] != shown[name] for name in told):
                found.add(side)
        return frozenset(found)

    def _said(self, side: Side, subject: Subject) -> Consent | Unread:
        """What the app says; one that keeps no consent has never been asked anything."""
        if has_consent(self.governance.schemas[side]):
            return subject.consent
        return Consent(ConsentState.NEVER, tagged=bears(subject.containers, self.governance.consent_tag))
