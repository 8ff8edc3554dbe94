"""Consent: the table cell by cell, and the laws of the ratchet."""

import math
from dataclasses import dataclass, field, replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zohosyncd.core.consent import (
    Consent,
    ConsentBase,
    ConsentHoldReason,
    ConsentPolicy,
    ConsentState,
    ConsentWrite,
    NewMember,
    Opt,
    OptIn,
    OptOut,
    TagOptOut,
    Travel,
    consent_arrived,
    consent_refused,
    decide,
    state_of_new,
    undone_consent,
)
from zohosyncd.core.record import UNREAD
from zohosyncd.core.side import SIDES, Side

S = ConsentState
L, R = Side.LEFT, Side.RIGHT
PLAIN = ConsentPolicy()
NEW = ConsentBase()
OUT = Consent(S.UNSUBSCRIBED, 100.0)
CLOSED = (S.UNSUBSCRIBED, S.CLEANED, S.ARCHIVED)
OPEN = tuple(state for state in S if state not in CLOSED)
BOTH_OUT = ConsentBase(S.UNSUBSCRIBED, S.UNSUBSCRIBED, 100.0)


def wants(side: Side, opt: Opt, **more) -> ConsentPolicy:
    return ConsentPolicy(wishes={side: opt}, **more)


class TestOptingOut:
    @pytest.mark.parametrize("state", [S.UNSUBSCRIBED, S.CLEANED])
    @pytest.mark.parametrize("other", OPEN)
    def test_an_opt_out_travels_from_either_side_to_every_open_state(self, state, other):
        out, open_ = Consent(state, 100.0, "form"), Consent(other)
        assert decide(out, open_, NEW, PLAIN).writes == {R: OptOut(L, 100.0, "form")}
        assert decide(open_, out, NEW, PLAIN).writes == {L: OptOut(R, 100.0, "form")}

    @pytest.mark.parametrize("other", CLOSED)
    def test_where_nobody_can_be_reached_any_more_nothing_is_written(self, other):
        assert not decide(OUT, Consent(other), NEW, PLAIN).writes

    @pytest.mark.parametrize(("one", "other"), list(product((*OPEN, S.ARCHIVED), (*OPEN, S.ARCHIVED))))
    def test_without_an_opt_out_or_a_wish_nothing_is_written_and_nobody_is_opted_in(self, one, other):
        decision = decide(Consent(one, 50.0), Consent(other, 60.0), NEW, PLAIN)
        assert (decision.writes, decision.holds, decision.waits) == ({}, (), ())

    def test_by_direction_it_is_opted_out_tagged_or_left_alone(self):
        here = Consent(S.SUBSCRIBED)
        for mode, expected in (
            (Travel.OPT_OUT, {R: OptOut(L, 100.0)}),
            (Travel.TAG, {R: TagOptOut()}),
            (Travel.OFF, {}),
        ):
            policy = ConsentPolicy(onto={R: mode})
            assert decide(OUT, here, NEW, policy).writes == expected
            assert decide(here, OUT, NEW, policy).writes == {L: OptOut(R, 100.0)}

    def test_a_tag_that_is_there_is_not_given_again(self):
        tagged = Consent(S.SUBSCRIBED, tagged=True)
        assert not decide(OUT, tagged, NEW, ConsentPolicy(onto={R: Travel.TAG})).writes

    def test_a_later_consent_is_the_persons_last_word(self):
        later, same = Consent(S.SUBSCRIBED, 100.5), Consent(S.SUBSCRIBED, 100.0)
        assert not decide(OUT, later, NEW, PLAIN).writes
        assert decide(OUT, same, NEW, PLAIN).writes == {R: OptOut(L, 100.0)}
        assert decide(replace(OUT, at=None), later, NEW, PLAIN).writes == {R: OptOut(L)}
        assert decide(OUT, Consent(S.PENDING, 200.0), NEW, PLAIN).writes

    def test_a_rule_may_opt_out_without_any_permission(self):
        policy = wants(R, Opt.OUT)
        assert decide(Consent(S.SUBSCRIBED), Consent(S.SUBSCRIBED, 900.0), NEW, policy).writes == {R: OptOut(None)}
        for closed in CLOSED:
            assert R not in decide(Consent(S.SUBSCRIBED), Consent(closed), NEW, policy).writes

    def test_what_was_not_read_decides_nothing_but_an_opt_out_is_remembered(self):
        decision = decide(OUT, UNREAD, NEW, PLAIN)
        assert (decision.writes, decision.waits) == ({}, (R,))
        assert decision.base == ConsentBase(opted_out=100.0)
        assert decide(UNREAD, UNREAD, NEW, PLAIN).waits == (L, R)

    def test_an_opt_out_of_somebody_who_has_just_left_every_filter_travels_too(self):
        """Nothing here knows of scope: the decision is the same before and after."""
        before = decide(Consent(S.NEVER), Consent(S.SUBSCRIBED), NEW, PLAIN).base
        assert decide(OUT, Consent(S.SUBSCRIBED), before, PLAIN).writes == {R: OptOut(L, 100.0)}


class TestTakenBack:
    def test_an_agreed_opt_out_that_somebody_took_back_is_held_with_both_times(self):
        decision = decide(Consent(S.SUBSCRIBED, 90.0), OUT, BOTH_OUT, PLAIN)
        assert not decision.writes
        (hold,) = decision.holds
        assert (hold.side, hold.reason) == (L, ConsentHoldReason.TAKEN_BACK)
        assert (hold.opted_out, hold.consented) == (100.0, 90.0)
        assert decision.base == BOTH_OUT, "it stays held"

    def test_a_new_opt_out_wins_over_it(self):
        decision = decide(Consent(S.NEVER), replace(OUT, at=300.0), BOTH_OUT, PLAIN)
        assert decision.writes == {L: OptOut(R, 300.0)}
        assert decide(Consent(S.NEVER), replace(OUT, at=300.0), decision.base, PLAIN).writes

    def test_with_a_later_consent_it_stands(self):
        decision = decide(Consent(S.SUBSCRIBED, 200.0), OUT, BOTH_OUT, PLAIN)
        assert (decision.writes, decision.holds) == ({}, ())
        assert decision.base == ConsentBase(S.SUBSCRIBED, S.UNSUBSCRIBED, 100.0)

    @pytest.mark.parametrize("mode", [Travel.OFF, Travel.TAG])
    def test_where_opt_outs_do_not_travel_there_is_nothing_to_hold(self, mode):
        assert not decide(Consent(S.NEVER), OUT, BOTH_OUT, ConsentPolicy(onto={L: mode})).holds

    def test_taken_back_on_both_sides_is_agreed_and_remembered(self):
        base = decide(Consent(S.NEVER), Consent(S.NEVER), BOTH_OUT, PLAIN).base
        assert base == ConsentBase(S.NEVER, S.NEVER, 100.0)
        assert decide(Consent(S.NEVER), Consent(S.NEVER), base, wants(R, Opt.IN)).holds


class TestOptingIn:
    IN = wants(R, Opt.IN)

    @pytest.mark.parametrize("source", [S.NEVER, S.SUBSCRIBED, S.PENDING, S.TRANSACTIONAL, S.ARCHIVED])
    def test_who_never_opted_out_anywhere_may_be_opted_in(self, source):
        assert decide(Consent(source), Consent(S.NEVER), NEW, self.IN).writes == {R: OptIn(S.PENDING)}

    def test_a_customer_who_never_subscribed_needs_a_subscription(self):
        (hold,) = decide(Consent(S.NEVER), Consent(S.TRANSACTIONAL), NEW, self.IN).holds
        assert hold.reason is ConsentHoldReason.NO_EVIDENCE
        assert decide(Consent(S.SUBSCRIBED), Consent(S.TRANSACTIONAL), NEW, self.IN).writes == {R: OptIn(S.PENDING)}

    def test_after_an_opt_out_only_a_later_consent_of_the_source_counts(self):
        for at, allowed in ((100.0, False), (100.5, True), (None, False), (math.inf, False)):
            decision = decide(Consent(S.SUBSCRIBED, at, "form"), OUT, NEW, self.IN)
            assert decision.writes.get(R) == (OptIn(S.PENDING, at, "form") if allowed else None)
            assert [hold.side for hold in decision.holds] == ([] if allowed else [R])

    def test_an_opt_out_without_a_time_is_later_than_everything(self):
        assert decide(Consent(S.SUBSCRIBED, 1e9), Consent(S.UNSUBSCRIBED), NEW, self.IN).holds

    def test_a_consent_that_is_no_subscription_is_none(self):
        for state in (S.NEVER, S.PENDING, S.TRANSACTIONAL, S.ARCHIVED):
            assert decide(Consent(state, 900.0), OUT, NEW, self.IN).holds

    def test_an_opt_out_that_is_remembered_counts_like_one_that_is_seen(self):
        base = ConsentBase(S.NEVER, S.NEVER, 100.0)
        assert decide(Consent(S.SUBSCRIBED), Consent(S.NEVER), base, self.IN).holds
        assert decide(Consent(S.SUBSCRIBED, 101.0), Consent(S.NEVER), base, self.IN).writes

    def test_the_source_that_opted_out_itself_opts_nobody_in(self):
        assert decide(OUT, Consent(S.NEVER), NEW, self.IN).writes == {R: OptOut(L, 100.0)}
        off = replace(self.IN, onto={R: Travel.OFF})
        assert not decide(OUT, Consent(S.NEVER), NEW, off).writes

    def test_who_is_in_or_asked_already_is_left_alone(self):
        for state in (S.SUBSCRIBED, S.PENDING):
            decision = decide(Consent(S.SUBSCRIBED, 900.0), Consent(state), NEW, self.IN)
            assert (decision.writes, decision.holds) == ({}, ())

    def test_who_was_archived_waits_for_a_person(self):
        (hold,) = decide(Consent(S.SUBSCRIBED, 900.0), Consent(S.ARCHIVED), NEW, self.IN).holds
        assert hold.reason is ConsentHoldReason.ARCHIVED

    def test_a_refusal_for_compliance_is_a_named_hold_until_the_app_says_otherwise(self):
        source = Consent(S.SUBSCRIBED, 200.0)
        base = consent_refused(decide(source, OUT, NEW, self.IN).base, R)
        decision = decide(source, OUT, base, self.IN)
        assert [hold.reason for hold in decision.holds] == [ConsentHoldReason.REFUSED]
        assert not decision.writes
        assert decide(source, Consent(S.SUBSCRIBED), decision.base, self.IN).base.refused == frozenset()

    def test_in_an_app_with_a_flag_open_is_in(self):
        flag = wants(R, Opt.IN, flags=frozenset({R}))
        assert not decide(Consent(S.SUBSCRIBED, 200.0), Consent(S.NEVER), NEW, flag).writes
        assert decide(Consent(S.SUBSCRIBED, 200.0), OUT, NEW, flag).writes == {R: OptIn(S.NEVER, 200.0)}

    def test_without_a_confirmation_only_if_the_operator_says_so(self):
        sure = wants(R, Opt.IN, new=NewMember.SUBSCRIBED)
        assert decide(Consent(S.SUBSCRIBED, 200.0), OUT, NEW, sure).writes == {R: OptIn(S.SUBSCRIBED, 200.0)}

    def test_without_a_wish_nobody_is_opted_in_whatever_the_evidence(self):
        assert not decide(Consent(S.SUBSCRIBED, 900.0), OUT, NEW, PLAIN).writes


class TestNewMembers:
    @pytest.mark.parametrize("new", list(NewMember))
    def test_never_more_than_the_source_has(self, new):
        policy = ConsentPolicy(new=new)
        for closed in CLOSED:
            assert state_of_new(R, Consent(closed, 1.0), policy) is S.UNSUBSCRIBED
        for state in (S.NEVER, S.SUBSCRIBED):
            assert state_of_new(R, Consent(state), policy) is ConsentState(new)
        for state in (S.PENDING, S.TRANSACTIONAL):
            expected = S.PENDING if new is NewMember.SUBSCRIBED else ConsentState(new)
            assert state_of_new(R, Consent(state), policy) is expected
        assert state_of_new(R, UNREAD, policy) is None

    def test_off_makes_nobody_subscribed_who_opted_out(self):
        policy = ConsentPolicy(onto={R: Travel.OFF}, new=NewMember.SUBSCRIBED)
        assert state_of_new(R, OUT, policy) is S.UNSUBSCRIBED

    def test_who_is_created_anew_is_not_forgotten_to_have_opted_out(self):
        policy = ConsentPolicy(new=NewMember.SUBSCRIBED)
        assert state_of_new(R, Consent(S.SUBSCRIBED, 90.0), policy, BOTH_OUT) is S.UNSUBSCRIBED
        assert state_of_new(R, Consent(S.SUBSCRIBED, 190.0), policy, BOTH_OUT) is S.SUBSCRIBED

    def test_a_flag_says_only_out_or_nothing(self):
        policy = ConsentPolicy(flags=frozenset({L}))
        assert state_of_new(L, OUT, policy) is S.UNSUBSCRIBED
        assert state_of_new(L, Consent(S.SUBSCRIBED), policy) is S.NEVER


@pytest.mark.parametrize(("before", "now"), list(product(S, S)))
def test_an_undo_only_tightens(before, now):
    after = undone_consent(before, now)
    assert after in {None, S.UNSUBSCRIBED}
    if now in CLOSED:
        assert after is None
    elif before in {S.UNSUBSCRIBED, S.CLEANED}:
        assert after is S.UNSUBSCRIBED


TIMES = st.none() | st.integers(1, 6).map(float)
CONSENTS = st.builds(Consent, st.sampled_from(S), TIMES, tagged=st.booleans())
STATES = st.none() | st.sampled_from(S)
BASES = st.builds(
    ConsentBase, STATES, STATES, st.none() | st.integers(1, 6).map(float) | st.just(math.inf),
    st.sets(st.sampled_from(SIDES)).map(frozenset),
)  # fmt: skip
POLICIES = st.builds(
    ConsentPolicy,
    onto=st.dictionaries(st.sampled_from(SIDES), st.sampled_from(Travel)),
    wishes=st.dictionaries(st.sampled_from(SIDES), st.sampled_from(Opt)),
    new=st.sampled_from(NewMember),
    flags=st.sets(st.sampled_from(SIDES)).map(frozenset),
)


def written(consent: Consent, write: ConsentWrite, *, flag: bool) -> Consent:
    """What an app shows after a write; it knows no time of ours."""
    if isinstance(write, TagOptOut):
        return replace(consent, tagged=True)
    state = write.state if isinstance(write, OptIn) else S.UNSUBSCRIBED
    return Consent(S.NEVER if flag and isinstance(write, OptIn) else state, None, tagged=consent.tagged)


@given(CONSENTS, CONSENTS, BASES, POLICIES)
def test_carried_out_it_is_settled_and_repeated_it_is_the_same(left, right, base, policy):
    seen = {L: left, R: right}
    first = decide(left, right, base, policy)
    again = decide(left, right, first.base, policy)
    assert (again.writes, again.holds) == (first.writes, first.holds), "the outcome was lost, nothing had arrived"
    for known in (True, False):  # whether the answers arrived
        after, remembered = dict(seen), first.base
        for _ in range(3):
            step = decide(after[L], after[R], remembered, policy)
            remembered = step.base
            if not step.writes:
                break
            for side, write in step.writes.items():
                after[side] = written(after[side], write, flag=side in policy.flags)
                remembered = consent_arrived(remembered, side, write) if known else remembered
        assert not step.writes


@given(CONSENTS, CONSENTS, BASES, POLICIES)
def test_no_side_is_preferred(left, right, base, policy):
    def turned(sides):
        return {side.other: value for side, value in sides.items()}

    mirrored = ConsentPolicy(
        turned(policy.onto), turned(policy.wishes), policy.new, frozenset(side.other for side in policy.flags)
    )
    other_way = ConsentBase(base.right, base.left, base.opted_out, frozenset(side.other for side in base.refused))
    one, two = decide(left, right, base, policy), decide(right, left, other_way, mirrored)

    def turn(write):
        return replace(write, cause=write.cause.other) if isinstance(write, OptOut) and write.cause else write

    assert {side.other: turn(write) for side, write in one.writes.items()} == two.writes
    assert {(hold.side.other, hold.reason) for hold in one.holds} == {(hold.side, hold.reason) for hold in two.holds}
    assert (one.base.left, one.base.right, one.base.opted_out) == (two.base.right, two.base.left, two.base.opted_out)


@given(CONSENTS, CONSENTS, BASES, POLICIES)
def test_the_memory_of_an_opt_out_never_fades(left, right, base, policy):
    after = decide(left, right, base, policy).base
    for out in (base.opted_out, *(math.inf if each.at is None else each.at for each in (left, right) if each.out)):
        if out is not None:
            assert after.opted_out is not None
            assert after.opted_out >= out


@given(CONSENTS, CONSENTS, BASES, POLICIES)
def test_every_opt_in_has_its_evidence(left, right, base, policy):
    seen = {L: left, R: right}
    for side, write in decide(left, right, base, policy).writes.items():
        if isinstance(write, OptIn):
            other = seen[side.other]
            outs = [math.inf if each.at is None else each.at for each in (left, right) if each.out]
            outs += [] if base.opted_out is None else [base.opted_out]
            assert not outs or (other.state is S.SUBSCRIBED and other.at is not None and other.at > max(outs))
            assert not other.out
            assert policy.wishes[side] is Opt.IN


@dataclass
class World:
    """Two apps, their person, a daemon that remembers what it has stored, and all that really happened."""

    consents: dict[Side, Consent]
    base: ConsentBase = field(default_factory=ConsentBase)
    clock: float = 0.0
    outs: list[float] = field(default_factory=list)  # opt-outs that a decision has seen, or that can still be seen
    acts: dict[Side, float] = field(default_factory=dict)  # real consents, by side

    def person(self, side: Side, act: str) -> None:
        self.clock += 1
        if act == "opts out":
            self.consents[side] = Consent(S.UNSUBSCRIBED, self.clock)
        elif act == "opts out and the app keeps no time":
            self.consents[side] = Consent(S.UNSUBSCRIBED)
        elif act == "subscribes":
            self.consents[side] = Consent(S.SUBSCRIBED, self.clock)
            self.acts[side] = self.clock
        elif act == "is set to subscribed by an import":
            self.consents[side] = Consent(S.SUBSCRIBED)
        elif act == "is set to nothing by a colleague":
            self.consents[side] = Consent(S.NEVER)
        else:
            self.consents[side] = Consent(S.ARCHIVED)

    def sync(self, policy: ConsentPolicy, crash: str) -> None:
        visible = [math.inf if each.at is None else each.at for each in self.consents.values() if each.out]
        decision = decide(self.consents[L], self.consents[R], self.base, policy)
        for side, write in decision.writes.items():
            if isinstance(write, OptIn):
                outs = [*self.outs, *visible]
                evidence = self.acts.get(side.other, -1.0)
                assert not outs or evidence > max(outs), (side, write, outs)
                assert not self.consents[side.other].out
        if crash == "before anything is stored":
            return
        self.base = decision.base
        self.outs += visible
        if crash == "before anything is sent":
            return
        for side, write in decision.writes.items():
            self.consents[side] = written(self.consents[side], write, flag=side in policy.flags)
            if crash != "before the answer":
                self.base = consent_arrived(self.base, side, write)

    def undo(self, side: Side, before: ConsentState) -> None:
        after = undone_consent(before, self.consents[side].state)
        if after is not None:
            self.consents[side] = Consent(after)


ACTS = st.sampled_from(
    ["opts out", "opts out and the app keeps no time", "subscribes", "is set to subscribed by an import",
     "is set to nothing by a colleague", "is archived"]
)  # fmt: skip
CRASHES = st.sampled_from(["", "", "", "before anything is stored", "before anything is sent", "before the answer"])
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("person"), st.sampled_from(SIDES), ACTS),
        st.tuples(st.just("sync"), POLICIES, CRASHES),
        st.tuples(st.just("undo"), st.sampled_from(SIDES), st.sampled_from(S)),
    ),
    max_size=12,
)


@settings(max_examples=300)
@given(CONSENTS, CONSENTS, EVENTS)
def test_nobody_who_opted_out_is_opted_in_again_without_evidence_by_any_sequence(left, right, events):
    """Edits by the person and by others, syncs under any policy, undos and crashes, in any order."""
    world = World({L: left, R: right}, clock=10.0)
    for side, consent in world.consents.items():
        if consent.state is S.SUBSCRIBED and consent.at is not None:
            world.acts[side] = consent.at
    for what, one, two in events:
        getattr(world, what)(one, two)


@settings(max_examples=200)
@given(CONSENTS, CONSENTS, EVENTS)
def test_in_the_end_an_opt_out_is_everywhere_or_answered_by_a_person(left, right, events):
    """After any history: with opt-outs travelling both ways, an open side beside one that is out is held or consented."""
    world = World({L: left, R: right}, clock=10.0)
    for side, consent in world.consents.items():
        if consent.state is S.SUBSCRIBED and consent.at is not None:
            world.acts[side] = consent.at
    for what, one, two in events:
        getattr(world, what)(one, two)
    for _ in range(3):
        world.sync(PLAIN, "")
    decision = decide(world.consents[L], world.consents[R], world.base, PLAIN)
    assert not decision.writes
    for side in SIDES:
        its, other = world.consents[side], world.consents[side.other]
        if other.out and not its.closed:
            held = [hold.side for hold in decision.holds]
            assert side in held or (its.state is S.SUBSCRIBED and its.at is not None and its.at > (other.at or 0))
