"""What matching rules do to the partner, and what is undone when a record leaves a rule."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules.apps import ANN, BEN, good, person
from zohosyncd.core.consent import Opt
from zohosyncd.core.record import Record
from zohosyncd.core.rules.actions import Actions, Applied, Overruled, act
from zohosyncd.core.rules.compiling import RuleSet
from zohosyncd.core.rules.language import Action, AddTo, On, RemoveFrom, Rule, SetConsent, SetField
from zohosyncd.core.rules.subject import Owner, Subject
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.side import Side

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
OWNERS = {each.id: each for each in (ANN, BEN)}


def to_book(*rules: Sequence[Action]) -> RuleSet:
    """Rules of the CRM, with conditions that differ; whether they match is given by hand."""
    from tests.core.rules.apps import test

    return good(*(Rule(Side.LEFT, (test("Score", "is", n),), tuple(each)) for n, each in enumerate(rules)))


def to_crm(*rules: Sequence[Action]) -> RuleSet:
    from tests.core.rules.apps import test

    return good(*(Rule(Side.RIGHT, (test("note", "is", str(n)),), tuple(each)) for n, each in enumerate(rules)))


def carried_out(partner: Subject, actions: Actions) -> Subject:
    """The partner after everything was written."""
    containers = {kind: set(names) for kind, names in partner.containers.items()}
    for kind, name in actions.add:
        containers[kind].add(name)
    for kind, name in actions.remove:
        containers[kind].remove(name)
    owner = actions.owner if actions.owner is not None else partner.owner
    owner = OWNERS.get(owner.id, owner) if isinstance(owner, Owner) else owner
    return replace(
        partner,
        record=Record("x", {**partner.record.values, **actions.fields}),
        containers={kind: frozenset(names) for kind, names in containers.items()},
        owner=owner,
    )


ADD, REMOVE = AddTo("labels", "CRM", revert=True), RemoveFrom("labels", "CRM", revert=True)
NOTE = SetField("note", "from the CRM", revert=True)


class TestDoing:
    def test_only_what_is_not_so_already_is_written(self):
        rules = to_book([AddTo("labels", "CRM"), SetField("note", "x"), RemoveFrom("labels", "old")])
        fresh = act(rules, Side.LEFT, [YES], person(note="y", labels=("Old", "a")))
        assert (fresh.add, fresh.remove, fresh.fields) == ((("labels", "CRM"),), (("labels", "Old"),), {"note": "x"})
        assert not act(rules, Side.LEFT, [YES], person(note=" x", labels=("crm",))).writes

    def test_a_rule_that_does_not_match_does_nothing(self):
        assert not act(to_book([ADD, NOTE]), Side.LEFT, [NO], person(note=None)).writes

    def test_a_rule_of_which_nothing_is_known_starts_nothing(self):
        actions = act(to_book([ADD, NOTE]), Side.LEFT, [UNKNOWN], person(note=None))
        assert not actions.writes
        assert actions.applied == Applied()

    @pytest.mark.parametrize(
        ("on", "created", "done"),
        [(On.CREATE, True, True), (On.CREATE, False, False), (On.UPDATE, True, False), (On.UPDATE, False, True),
         (On.ALWAYS, True, True), (On.ALWAYS, False, True)],
    )  # fmt: skip
    def test_when_a_value_is_set(self, on, created, done):
        rules = to_book([SetField("note", "x", on)])
        actions = act(rules, Side.LEFT, [YES], None if created else person(note="y"))
        assert actions.fields == ({"note": "x"} if done else {})

    def test_a_new_record_gets_everything(self):
        rules = to_crm([SetField("Owner", "ann@example.org", On.CREATE), AddTo("tags", "CRM"), SetField("Code", "7")])
        actions = act(rules, Side.RIGHT, [YES], None)
        assert (actions.owner, actions.add, actions.fields) == (ANN, (("tags", "CRM"),), {"Code": "7"})

    def test_a_choice_is_set_in_the_apps_spelling(self):
        actions = act(to_crm([SetField("Lead_Source", "trade show")]), Side.RIGHT, [YES], person(Lead_Source=None))
        assert actions.fields == {"Lead_Source": "Trade Show"}

    def test_a_moment_is_set_unless_the_same_one_is_there_in_another_zone(self):
        rules = to_crm([SetField("Last_Call", "2026-05-02T11:00:00+02:00")])
        assert act(rules, Side.RIGHT, [YES], person(Last_Call=None)).fields == {
            "Last_Call": "2026-05-02T09:00:00+00:00"
        }
        assert act(rules, Side.RIGHT, [YES], person(Last_Call="2026-05-02T05:00:00-04:00")).fields == {}

    def test_the_owner_is_changed_only_if_it_is_another(self):
        rules = to_crm([SetField("owner", "Ann Lee")])
        assert act(rules, Side.RIGHT, [YES], person(owner=BEN)).owner == ANN
        assert act(rules, Side.RIGHT, [YES], person(owner=ANN)).owner is None
        assert act(rules, Side.RIGHT, [YES], person(owner=None)).owner == ANN

    def test_what_was_not_read_waits(self):
        rules = to_book([ADD, NOTE])
        actions = act(rules, Side.LEFT, [YES], person(labels=None))
        assert not actions.writes
        assert actions.unread == ("labels", "note")
        assert actions.applied == Applied()

    def test_rules_only_wish_for_consent(self):
        rules = to_crm([SetConsent(Opt.IN)], [SetConsent(Opt.OUT)])
        assert act(rules, Side.RIGHT, [YES, NO], person()).opt is Opt.IN
        assert act(rules, Side.RIGHT, [YES, YES], person()).opt is Opt.OUT
        assert act(rules, Side.RIGHT, [YES, UNKNOWN], person()).opt is Opt.IN
        assert act(rules, Side.RIGHT, [NO, NO], person()).opt is None


class TestSeveralRules:
    def test_the_first_rule_wins_and_the_other_is_named(self):
        rules = to_book([SetField("note", "a")], [SetField("note", "b")])
        actions = act(rules, Side.LEFT, [YES, YES], person(note=None))
        assert actions.fields == {"note": "a"}
        assert actions.overruled == (Overruled("rules[1].then[0]", "rules[0].then[0]"),)
        assert act(rules, Side.LEFT, [NO, YES], person(note=None)).fields == {"note": "b"}

    def test_adding_wins_over_removing_whatever_the_order(self):
        for rules in (to_book([ADD], [REMOVE]), to_book([REMOVE], [ADD])):
            assert act(rules, Side.LEFT, [YES, YES], person(labels=())).add == (("labels", "CRM"),)
            assert not act(rules, Side.LEFT, [YES, YES], person(labels=("CRM",))).writes


class TestLeaving:
    def enter(self, rules: RuleSet, partner: Subject, *matches: Truth, applied: Applied | None = None):
        actions = act(rules, Side.LEFT, matches, partner, applied)
        return carried_out(partner, actions), actions.applied

    def test_what_a_rule_gave_is_undone(self):
        rules = to_book([ADD, NOTE])
        before = person(note="mine", labels=("a",))
        there, applied = self.enter(rules, before, YES)
        assert there.containers["labels"] == {"a", "CRM"}
        back, applied = self.enter(rules, there, NO, applied=applied)
        assert (back, applied) == (before, Applied())

    def test_without_revert_it_stays(self):
        rules = to_book([AddTo("labels", "CRM")])
        there, applied = self.enter(rules, person(), YES)
        assert applied == Applied()
        assert self.enter(rules, there, NO, applied=applied)[0] == there

    def test_what_was_there_before_is_not_taken_away(self):
        rules = to_book([ADD])
        there, applied = self.enter(rules, person(labels=("CRM",)), YES)
        assert self.enter(rules, there, NO, applied=applied)[0] == there

    def test_what_another_rule_gives_stays(self):
        rules = to_book([ADD], [ADD])
        there, applied = self.enter(rules, person(), YES, YES)
        there, applied = self.enter(rules, there, NO, YES, applied=applied)
        assert there.containers["labels"] == {"CRM"}
        there, applied = self.enter(rules, there, NO, NO, applied=applied)
        assert there.containers["labels"] == set()

    def test_what_another_rule_gives_for_good_stays_for_good(self):
        rules = to_book([ADD], [AddTo("labels", "CRM")])
        there, applied = self.enter(rules, person(), YES, YES)
        there, applied = self.enter(rules, there, NO, YES, applied=applied)
        there, applied = self.enter(rules, there, NO, NO, applied=applied)
        assert there.containers["labels"] == {"CRM"}

    def test_while_it_is_unknown_nothing_ends(self):
        rules = to_book([ADD, NOTE])
        there, applied = self.enter(rules, person(note=None), YES)
        assert self.enter(rules, there, UNKNOWN, applied=applied) == (there, applied)

    def test_the_second_value_goes_back_to_what_was_before_the_first(self):
        rules = to_book([SetField("note", "a", revert=True)], [SetField("note", "b", revert=True)])
        there, applied = self.enter(rules, person(note="mine"), YES, NO)
        there, applied = self.enter(rules, there, NO, YES, applied=applied)
        assert there.record.values["note"] == "b"
        there, applied = self.enter(rules, there, NO, NO, applied=applied)
        assert there.record.values["note"] == "mine"

    @pytest.mark.parametrize("edit", ["another", None])
    def test_what_somebody_has_changed_since_stays(self, edit):
        rules = to_book([NOTE])
        _, applied = self.enter(rules, person(note="mine"), YES)
        actions = act(rules, Side.LEFT, [NO], person(note=edit), applied)
        assert not actions.writes
        assert actions.applied == Applied()

    def test_what_the_app_has_made_of_it_is_no_edit(self):
        rules = to_book([NOTE])
        _, applied = self.enter(rules, person(note="mine"), YES)
        assert act(rules, Side.LEFT, [NO], person(note="FROM THE CRM"), applied).fields == {"note": "mine"}

    def test_a_label_that_somebody_took_away_is_not_taken_away_again(self):
        rules = to_book([ADD])
        _, applied = self.enter(rules, person(), YES)
        assert not act(rules, Side.LEFT, [NO], person(labels=()), applied).writes

    def test_a_label_of_before_that_somebody_took_away_does_not_come_back(self):
        rules = to_book([ADD])
        _, applied = self.enter(rules, person(labels=("CRM",)), YES)
        assert not act(rules, Side.LEFT, [NO], person(labels=()), applied).writes

    def test_a_rule_of_which_nothing_is_known_does_not_make_lasting_things_end(self):
        rules = to_book([AddTo("labels", "CRM")], [ADD])
        there, applied = self.enter(rules, person(), YES, UNKNOWN)
        assert applied == Applied()
        there, applied = self.enter(rules, there, NO, UNKNOWN, applied=applied)
        assert self.enter(rules, there, NO, NO, applied=applied)[0].containers["labels"] == {"CRM"}

    def test_a_rule_that_is_gone_from_the_file_is_a_rule_that_was_left(self):
        there, applied = self.enter(to_book([ADD, NOTE]), person(note="mine"), YES)
        back, applied = self.enter(to_book(), there, applied=applied)
        assert (back, applied) == (person(note="mine"), Applied())

    def test_an_owner_is_given_back(self):
        rules = to_crm([SetField("owner", "Ann Lee", revert=True)])
        actions = act(rules, Side.RIGHT, [YES], person(owner=BEN))
        back = act(rules, Side.RIGHT, [NO], person(owner=ANN), actions.applied)
        assert back.owner is not None
        assert back.owner.id == BEN.id
        assert act(rules, Side.RIGHT, [NO], person(owner=BEN), actions.applied).owner is None

    def test_what_cannot_be_seen_is_undone_later(self):
        rules = to_book([ADD])
        there, applied = self.enter(rules, person(), YES)
        hidden = act(rules, Side.LEFT, [NO], person(labels=None), applied)
        assert (hidden.writes, hidden.unread, hidden.applied) == (False, ("labels",), applied)
        assert act(rules, Side.LEFT, [NO], there, hidden.applied).remove == (("labels", "CRM"),)

    def test_a_record_created_anew_owes_nothing(self):
        rules = to_book([ADD])
        _, applied = self.enter(rules, person(labels=("CRM",)), YES)
        assert act(rules, Side.LEFT, [YES], None, applied).applied.before == {"in:labels:crm": None}


EFFECTS = st.sampled_from(
    [
        AddTo("labels", "A"), AddTo("labels", "A", revert=True), RemoveFrom("labels", "B", revert=True),
        AddTo("labels", "B", revert=True), SetField("note", "x"), SetField("note", "y", revert=True),
        SetField("note", "z", revert=True), SetField("title", 7, revert=True), SetField("title", None, revert=True),
    ]
)  # fmt: skip
RULES = st.lists(st.lists(EFFECTS, max_size=1).map(tuple), min_size=1, max_size=4)
MATCHES = st.lists(st.sampled_from(Truth), min_size=4, max_size=4)
PARTNERS = st.builds(
    lambda note, title, labels: person(note=note, title=title, labels=tuple(labels)),
    st.sampled_from([None, "mine", "x"]),
    st.sampled_from([None, 1, 7]),
    st.sets(st.sampled_from(["A", "B", "C"])),
)


@given(RULES, st.lists(MATCHES, max_size=3), PARTNERS)
def test_doing_it_twice_is_doing_it_once(rules, history, partner):
    compiled, applied = to_book(*rules), Applied()
    for matches in history:
        first = act(compiled, Side.LEFT, matches[: len(rules)], partner, applied)
        partner, applied = carried_out(partner, first), first.applied
        again = act(compiled, Side.LEFT, matches[: len(rules)], partner, applied)
        assert not again.writes
        assert again.applied == applied


@given(RULES, MATCHES, PARTNERS)
def test_a_lost_outcome_changes_nothing(rules, matches, partner):
    """The memory is stored before anything is sent: whether it arrived or not, the same end is reached."""
    compiled = to_book(*rules)
    first = act(compiled, Side.LEFT, matches[: len(rules)], partner, Applied())
    unsent = act(compiled, Side.LEFT, matches[: len(rules)], partner, first.applied)
    assert (unsent.fields, unsent.add, unsent.remove) == (first.fields, first.add, first.remove)
    assert unsent.applied == first.applied


@given(RULES, st.lists(MATCHES, max_size=3), PARTNERS)
def test_left_all_rules_it_is_as_before_up_to_what_was_given_for_good(rules, history, partner):
    reverting = [[replace(each, revert=True) for each in rule] for rule in rules]
    compiled, applied, now = to_book(*reverting), Applied(), partner
    for matches in [*history, [NO] * len(rules)]:
        actions = act(compiled, Side.LEFT, matches[: len(rules)], now, applied)
        now, applied = carried_out(now, actions), actions.applied
    assert now == partner
    assert applied == Applied()


@given(st.lists(st.lists(EFFECTS.filter(lambda each: not isinstance(each, SetField)), max_size=1), max_size=4).flatmap(
    lambda rules: st.tuples(st.just(rules), st.permutations(range(len(rules))))), MATCHES, PARTNERS)  # fmt: skip
def test_the_order_of_rules_does_not_matter_for_containers(rules_and_order, matches, partner):
    rules, order = rules_and_order
    first = act(to_book(*rules), Side.LEFT, matches[: len(rules)], partner)
    second = act(to_book(*(rules[n] for n in order)), Side.LEFT, [matches[n] for n in order], partner)
    assert carried_out(partner, first) == carried_out(partner, second)
    assert first.applied == second.applied


@given(RULES, MATCHES, PARTNERS)
def test_rules_that_match_have_what_they_give(rules, matches, partner):
    compiled = to_book(*rules)
    actions = act(compiled, Side.LEFT, matches[: len(rules)], partner)
    after = carried_out(partner, actions)
    gave_way = {each.path for each in actions.overruled}
    for rule, truth in zip(compiled.of(Side.LEFT), matches, strict=False):
        for effect in rule.effects:
            if truth is YES and effect.path not in gave_way:
                if hasattr(effect, "present"):
                    assert (effect.name in after.containers["labels"]) == effect.present
                else:
                    assert after.record.values[effect.name] == effect.value
