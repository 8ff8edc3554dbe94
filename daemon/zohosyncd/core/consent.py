"""Consent: whether a person may be sent e-mails. It is a ratchet: out always goes, in only with evidence.

Decided before scope, from what both apps say now and what they said when they last agreed, and independent of the
direction of the connection. For the side that may have to change (T) and its partner (S):

====================  ==================================  ===========================================================
S says                T says                              what is done to T
====================  ==================================  ===========================================================
out                   out, or archived                    nothing
out                   a consent later than every opt-out  nothing: it is the person's last word
out                   open, though both had agreed on     held, with both times: somebody took an opt-out back, and
                      out and S has said nothing new      nothing proves that the person did
out                   open                                by the direction: opted out (the default), tagged, nothing
not out               out, and a rule wants it in         in with a consent of S later than every opt-out, else held
not out               never asked, and a rule wants it    in if the person never opted out anywhere, or with such a
                      in                                  consent; else held
not out               open, and a rule wants it out       opted out
anything              not read; or S was not read         waits: nothing is decided from what is not known
====================  ==================================  ===========================================================

Nothing else is written. Out: unsubscribed, or cleaned (bounced). Archived is neither: it is never opted in by a sync,
and an archived partner opts nobody out. What a rule opts out is out, and travels like any other opt-out. No line asks
which side is which, and only the third asks what was agreed: a decision whose outcome got lost is simply made again.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from zohosyncd.core.record import Unread
from zohosyncd.core.side import SIDES, Side


class ConsentState(StrEnum):
    """What an app says about a person and its e-mails."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    PENDING = "pending"  # was asked for a confirmation and has not answered
    TRANSACTIONAL = "transactional"  # known as a customer, never subscribed
    CLEANED = "cleaned"  # the address bounced
    ARCHIVED = "archived"  # put away by a person or an app
    NEVER = "never"  # has neither subscribed nor opted out


_OUT: Final = frozenset({ConsentState.UNSUBSCRIBED, ConsentState.CLEANED})
_CLOSED: Final = _OUT | {ConsentState.ARCHIVED}
_IN: Final = frozenset({ConsentState.SUBSCRIBED, ConsentState.PENDING})


@dataclass(frozen=True, slots=True)
class Consent:
    """What one app says about one person.

    Attributes:
        state: the state.
        at: when the person acted, in seconds since 1970 UTC, None where the app does not tell. For an opt-out without
            a time, the moment at which it was first seen is a safe one: it cannot have been later. For a consent
            nothing may be put here but the time of the consent itself: a record's modified time is none.
        source: where it came from, as the app names it ("form", "import"), "" if it does not say.
        tagged: the record bears the connection's tag for opt-outs.
    """

    state: ConsentState
    at: float | None = None
    source: str = ""
    tagged: bool = False

    @property
    def out(self) -> bool:
        """Whether the person may not be sent e-mails by its own word, or cannot be reached."""
        return self.state in _OUT

    @property
    def closed(self) -> bool:
        """Out or archived: there is nothing that an opt-out could still change."""
        return self.state in _CLOSED


class Opt(StrEnum):
    """Out: no e-mails any more. In: e-mails again, which needs evidence."""

    OUT = "out"
    IN = "in"


class Travel(StrEnum):
    """What an opt-out on one side does to the other."""

    OPT_OUT = "opt_out"
    TAG = "tag"
    OFF = "off"


class NewMember(StrEnum):
    """The state of newly created members, where the app has one."""

    PENDING = "pending"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """What the operator decided.

    Attributes:
        onto: by the side that would change, what an opt-out on the other one does to it; missing is ``opt_out``.
        wishes: by the side that would change, what the rules that match now want (``core.rules.actions``).
        new: the state of newly created members; also whether opting in asks for a confirmation (unless subscribed).
        flags: the sides whose app knows nothing but "opted out: yes or no".
    """

    onto: Mapping[Side, Travel] = field(default_factory=dict)
    wishes: Mapping[Side, Opt] = field(default_factory=dict)
    new: NewMember = NewMember.PENDING
    flags: frozenset[Side] = frozenset()


@dataclass(frozen=True, slots=True)
class ConsentBase:
    """What a link remembers of consent.

    Attributes:
        left, right: what the sides said at the last decision that was no hold, None before the first one.
        opted_out: time of the latest opt-out that was ever seen on either side; infinite if one had no time (no
            consent is then provably later), None if there never was one.
        refused: the sides whose app has refused to take this person in again (a vendor's compliance rule).
        new: the sides whose "unsubscribed" is nobody's word but the state in which the operator has members created:
            it counts as never asked until the record says something else, or an opt-out arrives there.
    """

    left: ConsentState | None = None
    right: ConsentState | None = None
    opted_out: float | None = None
    refused: frozenset[Side] = frozenset()
    new: frozenset[Side] = frozenset()


@dataclass(frozen=True, slots=True)
class OptOut:
    """Write an opt-out. ``cause``: the side whose opt-out travels, None for a rule; ``at``, ``source`` are its own."""

    cause: Side | None
    at: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class OptIn:
    """Opt in to ``state``. ``evidence``: time of the consent on the other side, None if there never was an opt-out."""

    state: ConsentState
    evidence: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class TagOptOut:
    """Give the record the connection's tag for opt-outs and leave its consent alone."""


ConsentWrite = OptOut | OptIn | TagOptOut


class ConsentHoldReason(StrEnum):
    """Why consent waits for a person."""

    NO_EVIDENCE = "no consent that is later than the opt-out"
    TAKEN_BACK = "an opt-out was taken back without a consent later than it"
    REFUSED = "the app's compliance rules refuse to opt this person in; only the person can, by the app's own form"
    ARCHIVED = "the person is archived in the app"


@dataclass(frozen=True, slots=True)
class ConsentHold:
    """Nothing is written to ``side`` before a person decides. Both times are shown; None is unknown or none."""

    side: Side
    reason: ConsentHoldReason
    opted_out: float | None
    consented: float | None


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """What is done about consent.

    Attributes:
        base: what the link remembers from now on: stored with the intents, before anything is sent.
        writes: by side. holds: what a person has to decide. waits: the sides that have to be read first.
    """

    base: ConsentBase
    writes: Mapping[Side, ConsentWrite] = field(default_factory=dict)
    holds: tuple[ConsentHold, ...] = ()
    waits: tuple[Side, ...] = ()


def decide(
    left: Consent | Unread, right: Consent | Unread, base: ConsentBase, policy: ConsentPolicy
) -> ConsentDecision:
    """Decide about the consent of one linked pair, by the table above.

    Args:
        left, right: what the apps say now; UNREAD where it was not read.
        base: what the link remembers. policy: the operator's modes and the wishes of matching rules.

    Returns:
        What to write; carried out or not, deciding again gives the same or nothing.
    """
    seen = {Side.LEFT: left, Side.RIGHT: right}
    known = {side: consent for side, consent in seen.items() if not isinstance(consent, Unread)}
    base = replace(base, new=base.new - {s for s, each in known.items() if each.state is not ConsentState.UNSUBSCRIBED})
    known |= {side: replace(known[side], state=ConsentState.NEVER, at=None) for side in base.new & set(known)}
    before, base = base, replace(base, opted_out=_latest(base.opted_out, known))
    waits = tuple(side for side in SIDES if side not in known)
    if waits:
        return ConsentDecision(base, waits=waits)
    writes: dict[Side, ConsentWrite] = {}
    holds: list[ConsentHold] = []
    for target in SIDES:
        for step in _towards(target, known[target], known[target.other], (before, base), policy):
            if isinstance(step, ConsentHold):
                holds.append(step)
            else:
                writes[target] = step
    base = replace(base, new=base.new - {side for side, write in writes.items() if not isinstance(write, TagOptOut)})
    if not any(hold.reason is ConsentHoldReason.TAKEN_BACK for hold in holds):
        cured = {side for side in SIDES if known[side].state in _IN}
        base = replace(base, left=known[Side.LEFT].state, right=known[Side.RIGHT].state, refused=base.refused - cured)
    return ConsentDecision(base, writes, tuple(holds))


def consent_arrived(base: ConsentBase, side: Side, write: ConsentWrite) -> ConsentBase:
    """What the link remembers once a write is known to have been carried out."""
    if isinstance(write, TagOptOut):
        return base
    return said_now(base, side, write.state if isinstance(write, OptIn) else ConsentState.UNSUBSCRIBED)


def said_now(base: ConsentBase, side: Side, state: ConsentState) -> ConsentBase:
    """What the link remembers once a side is known to say this."""
    return replace(base, left=state) if side is Side.LEFT else replace(base, right=state)


def consent_refused(base: ConsentBase, side: Side) -> ConsentBase:
    """What the link remembers once an app refused to opt somebody in for compliance: it is held from now on."""
    return replace(base, refused=base.refused | {side})


def undone_consent(before: ConsentState, now: ConsentState) -> ConsentState | None:
    """What an undo may set consent to, None for nothing: it only tightens, an opt-out is never undone."""
    return ConsentState.UNSUBSCRIBED if before in _OUT and now not in _CLOSED else None


def state_of_new(
    target: Side, source: Consent | Unread, policy: ConsentPolicy, base: ConsentBase | None = None
) -> ConsentState | None:
    """The state in which a record is created on ``target``: what the operator says, never more than its source has.

    Args:
        target: where it is created. source: the consent of the record that it is created for.
        policy: ``new`` and ``flags`` count; the modes do not: "off" makes nobody subscribed who opted out.
        base: what the link remembers where a record is created anew.

    Returns:
        The state, None to wait: the source's consent was not read. In an app with a flag: unsubscribed or never.
    """
    if isinstance(source, Unread):
        return None
    latest = _latest(base.opted_out if base is not None else None, {target.other: source})
    if source.closed or (latest is not None and not _consented_after(source, latest)):
        return ConsentState.UNSUBSCRIBED
    if target in policy.flags:
        return ConsentState.NEVER
    if policy.new is NewMember.SUBSCRIBED and source.state in {ConsentState.PENDING, ConsentState.TRANSACTIONAL}:
        return ConsentState.PENDING
    return ConsentState(policy.new)


def _towards(
    target: Side, its: Consent, other: Consent, bases: tuple[ConsentBase, ConsentBase], policy: ConsentPolicy
) -> Iterator[ConsentWrite | ConsentHold]:
    if policy.wishes.get(target) is Opt.OUT and not its.closed:
        yield OptOut(None)
    elif other.out:
        yield from _opt_out(target, its, other, bases, policy.onto.get(target, Travel.OPT_OUT))
    elif policy.wishes.get(target) is Opt.IN:
        yield from _opt_in(target, its, other, bases[1], policy)


def _opt_out(
    target: Side, its: Consent, other: Consent, bases: tuple[ConsentBase, ConsentBase], mode: Travel
) -> Iterator[ConsentWrite | ConsentHold]:
    before, base = bases
    if its.closed or mode is Travel.OFF or _consented_after(its, base.opted_out):
        return
    if mode is Travel.TAG:
        if not its.tagged:
            yield TagOptOut()
    elif before.left in _OUT and before.right in _OUT and before.opted_out == base.opted_out:
        yield _hold(target, ConsentHoldReason.TAKEN_BACK, base, its)
    else:
        yield OptOut(target.other, other.at, other.source)


def _opt_in(
    target: Side, its: Consent, other: Consent, base: ConsentBase, policy: ConsentPolicy
) -> Iterator[ConsentWrite | ConsentHold]:
    if its.state in _IN or (target in policy.flags and not its.closed):
        return
    never_out = base.opted_out is None and (its.state is ConsentState.NEVER or other.state is ConsentState.SUBSCRIBED)
    if its.state is ConsentState.ARCHIVED:
        yield _hold(target, ConsentHoldReason.ARCHIVED, base, other)
    elif not never_out and not _consented_after(other, base.opted_out):
        yield _hold(target, ConsentHoldReason.NO_EVIDENCE, base, other)
    elif target in base.refused:
        yield _hold(target, ConsentHoldReason.REFUSED, base, other)
    else:
        yield OptIn(_state_of_opt_in(target, policy), None if never_out else other.at, other.source)


def _state_of_opt_in(target: Side, policy: ConsentPolicy) -> ConsentState:
    if target in policy.flags:
        return ConsentState.NEVER
    return ConsentState.SUBSCRIBED if policy.new is NewMember.SUBSCRIBED else ConsentState.PENDING


def _hold(target: Side, reason: ConsentHoldReason, base: ConsentBase, consenting: Consent) -> ConsentHold:
    out = base.opted_out if base.opted_out is not None and math.isfinite(base.opted_out) else None
    return ConsentHold(target, reason, out, consenting.at)


def _consented_after(consent: Consent, opted_out: float | None) -> bool:
    """Whether this is a consent whose time is known to be later than every opt-out."""
    if consent.state is not ConsentState.SUBSCRIBED or consent.at is None or not math.isfinite(consent.at):
        return False
    return opted_out is None or consent.at > opted_out


def _latest(before: float | None, seen: Mapping[Side, Consent]) -> float | None:
    """Time of the latest opt-out, infinite where one has no time; None for none."""
    outs = [math.inf if each.at is None else each.at for each in seen.values() if each.out]
    return max((*outs, *(() if before is None else (before,))), default=None)
