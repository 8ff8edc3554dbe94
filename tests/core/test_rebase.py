"""A mapping that changes under links: what was agreed stays agreed, and only what changed is decided anew."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zohosyncd.core.link import Base, Link
from zohosyncd.core.mapping import ContactMapping, FieldPair, compile_mapping
from zohosyncd.core.meaning import Change, changes, meaning_of
from zohosyncd.core.outcome import Deletion, Gone, Merged, Policy, Recreate
from zohosyncd.core.reconcile import reconcile
from zohosyncd.core.record import Item, Record, Value
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.settle import arrived
from zohosyncd.core.side import SIDES, Cleared, Direction, Side, Winner

T = FieldType
CRM = Schema.of(
    Field("First", T.TEXT, semantic="given_name"),
    Field("Title", T.TEXT, semantic="title", max_length=10),
    Field("Kind", T.CHOICE, choices=("Wholesale", "Retail", "Press")),
    Field("Phone", T.PHONE, semantic="phones"),
    Field("Mobile", T.PHONE, semantic="phones", slot=1, item_label="mobile"),
    Field("Number", T.TEXT),
)
BOOK = Schema.of(
    Field("given", T.TEXT, semantic="given_name"),
    Field("title", T.TEXT, semantic="title"),
    Field("class", T.TEXT),
    Field("TEL", T.PHONES, semantic="phones"),
    Field("number", T.TEXT),
)
LEFT: dict[str, Value] = {
    "First": "Ann", "Title": "Boss", "Kind": "Wholesale", "Phone": "030 123456", "Mobile": None, "Number": "7",
}  # fmt: skip
RIGHT: dict[str, Value] = {
    "given": "Ann", "title": "Boss", "class": "Wholesale", "TEL": (Item("+49 30 123456"),), "number": "7",
}  # fmt: skip
KIND, NUMBER = FieldPair("Kind", "class"), FieldPair("Number", "number")
MAPPED = FieldPair("Kind", "class", values={"Wholesale": "B2B"})


def compiled(*pairs: FieldPair, direction: Direction = Direction.BOTH, region: str = "DE", **more: Any):
    return compile_mapping(CRM, BOOK, pairs=pairs, direction=direction, region=region, **more)


def since(before: ContactMapping, after: ContactMapping) -> dict[str, Change]:
    return changes(after, meaning_of(before).pairs)


def policy(winner: Winner = Winner.LEFT, **more: Any) -> Policy:
    return Policy(winner=winner, first_sync_winner=winner, **more)


def decided(
    before: ContactMapping, after: ContactMapping, left: Mapping[str, Value], right: Mapping[str, Value],
    link: Link | None = None, winner: Winner = Winner.LEFT,
) -> Merged:  # fmt: skip
    link = link or Link(1, "L", "R", Base(LEFT), Base(RIGHT))
    records = Record("L", left, None, 2.0), Record("R", right, None, 1.0)
    outcome = reconcile(after, policy(winner), link, *records, since(before, after))
    assert isinstance(outcome, Merged)
    return outcome


def patches(outcome: Merged) -> dict[Side, Mapping[str, Value]]:
    return {side: write.patch for side, write in outcome.writes.items()}


class TestChanges:
    def test_who_wins_what_is_cleared_and_a_narrower_direction_change_no_pair(self) -> None:
        before = compiled(KIND)
        decides = FieldPair("Kind", "class", Direction.LEFT_TO_RIGHT, Winner.RIGHT, Cleared.HOLD)
        assert since(before, compiled(decides, cleared=Cleared.KEEP)) == {}

    @pytest.mark.parametrize(
        ("after", "changed"),
        [
            (compiled(MAPPED), {"Kind = class": Change.OTHER}),
            (compiled(KIND, NUMBER), {"Number = number": Change.OTHER}),
            (compiled(KIND, region="FR"), {"phones": Change.OTHER}),
            (compiled(KIND, without=["title"]), {}),
            (compiled(FieldPair("Title", "class")), {"Title = class": Change.OTHER}),
        ],
    )
    def test_what_is_seen_otherwise_or_is_new_is_changed(self, after, changed) -> None:
        assert since(compiled(KIND), after) == changed

    def test_values_that_may_travel_to_another_side_make_a_pair_wider(self) -> None:
        narrow = compiled(KIND, direction=Direction.LEFT_TO_RIGHT)
        assert set(since(narrow, compiled(KIND)).values()) == {Change.WIDER}
        assert since(compiled(KIND), narrow) == {}

    def test_an_option_that_an_app_has_got_changes_the_pairs_of_its_field_alone(self) -> None:
        more = Schema.of(*CRM, Field("Kind", T.CHOICE, choices=("Wholesale", "Retail", "Press", "Fair")))
        after = compile_mapping(more, BOOK, pairs=[MAPPED], direction=Direction.BOTH, region="DE")
        assert since(compiled(MAPPED), after) == {"Kind = class": Change.OTHER}

    def test_a_meaning_changes_with_everything_that_decides_and_with_no_order_of_it(self) -> None:
        mapping = compiled(KIND)
        told = [policy(), policy(Winner.RIGHT), policy(deletions={Side.LEFT: Deletion.DELETE})]
        assert len({meaning_of(mapping, each, True).version for each in told}) == 3
        assert meaning_of(mapping, policy(), False).version != meaning_of(mapping, policy(), True).version
        both = {Side.LEFT: Deletion.DELETE, Side.RIGHT: Deletion.OFF}
        backwards = dict(reversed(both.items()))
        assert meaning_of(mapping, policy(deletions=both)) == meaning_of(mapping, policy(deletions=backwards))
        assert meaning_of(compiled(KIND), frozenset("abc")) == meaning_of(compiled(KIND), frozenset("cab"))

    def test_what_cannot_be_told_is_no_part_of_a_meaning(self) -> None:
        with pytest.raises(TypeError):
            meaning_of(compiled(), object())


class TestRebasing:
    def test_a_new_field_is_filled_and_a_clash_of_it_has_the_first_sync_winner(self) -> None:
        link = Link(1, "L", "R", Base({**LEFT, "Number": None}), Base(RIGHT))
        link = Link(
            1, "L", "R", _only(link.left, compiled(KIND), Side.LEFT), _only(link.right, compiled(KIND), Side.RIGHT)
        )
        new = compiled(KIND, NUMBER)
        assert patches(decided(compiled(KIND), new, {**LEFT, "Number": None}, RIGHT, link)) == {
            Side.LEFT: {"Number": "7"}
        }
        clash = decided(compiled(KIND), new, LEFT, {**RIGHT, "number": "8"}, link, Winner.RIGHT)
        assert patches(clash) == {Side.LEFT: {"Number": "8"}}
        assert [each.values for each in clash.clashes] == [{Side.LEFT: {"Number": "7"}, Side.RIGHT: {"number": "8"}}]

    def test_a_field_that_is_mapped_no_longer_is_forgotten_without_a_write(self) -> None:
        outcome = decided(compiled(KIND), compiled(), {**LEFT, "Kind": "Press"}, RIGHT)
        assert patches(outcome) == {}
        assert "Kind" not in outcome.link.left.values
        assert "class" not in outcome.link.right.values

    def test_a_value_map_that_comes_is_applied_to_what_was_agreed_without_it(self) -> None:
        assert patches(decided(compiled(KIND), compiled(MAPPED), LEFT, RIGHT)) == {Side.RIGHT: {"class": "B2B"}}

    def test_where_both_bases_show_the_same_through_the_changed_pair_an_edit_is_an_edit(self) -> None:
        retail = Link(1, "L", "R", Base({**LEFT, "Kind": "Retail"}), Base({**RIGHT, "class": "Retail"}))
        mapped = compiled(FieldPair("Kind", "class", values={"Wholesale": "B2B", "Retail": "Retail"}))
        edited = decided(
            compiled(KIND), mapped, {**LEFT, "Kind": "Retail"}, {**RIGHT, "class": "B2B"}, retail, Winner.LEFT
        )
        assert patches(edited) == {Side.LEFT: {"Kind": "Wholesale"}}
        assert edited.clashes == ()

    def test_what_somebody_emptied_and_was_kept_is_not_refilled_by_a_change_of_something_else(self) -> None:
        keep = compiled(KIND, cleared=Cleared.KEEP)
        link = Link(1, "L", "R", Base({**LEFT, "Title": None}), Base(RIGHT))
        emptied = {**LEFT, "Title": None}
        for after in (compiled(MAPPED, cleared=Cleared.KEEP), compiled(KIND, NUMBER), compiled(KIND, region="FR")):
            outcome = decided(keep, after, emptied, RIGHT, link)
            assert not any({"Title", "title"} & set(patch) for patch in patches(outcome).values())

    def test_nor_by_a_wider_direction(self) -> None:
        narrow = compiled(KIND, direction=Direction.RIGHT_TO_LEFT, cleared=Cleared.KEEP)
        link = Link(1, "L", "R", Base(LEFT), Base({**RIGHT, "title": None}))
        wide = compiled(KIND, cleared=Cleared.KEEP)
        assert patches(decided(narrow, wide, LEFT, {**RIGHT, "title": None}, link)) == {}

    def test_a_wider_direction_decides_about_what_never_travelled(self) -> None:
        narrow = compiled(KIND, direction=Direction.LEFT_TO_RIGHT)
        link = Link(1, "L", "R", Base(LEFT), Base({**RIGHT, "title": "Chief"}))
        outcome = decided(narrow, compiled(KIND), LEFT, {**RIGHT, "title": "Chief"}, link, Winner.RIGHT)
        assert patches(outcome) == {Side.LEFT: {"Title": "Chief"}}
        assert [clash.pair for clash in outcome.clashes] == ["title"]

    def test_a_cut_text_is_still_agreed(self) -> None:
        long = "Head of everything"
        link = Link(1, "L", "R", Base({**LEFT, "Title": long[:10]}), Base({**RIGHT, "title": long}))
        shown = {**LEFT, "Title": long[:10]}
        before = compiled(KIND, direction=Direction.LEFT_TO_RIGHT)
        assert patches(decided(before, compiled(KIND), shown, {**RIGHT, "title": long}, link)) == {}

    def test_a_removed_number_stays_removed_where_only_slots_are_missing(self) -> None:
        """Three numbers, two slots: what the slots show is agreed; who takes one out is not asked twice."""
        three = (Item("030 1"), Item("030 2"), Item("030 3"))
        slots = {**LEFT, "Phone": "030 1", "Mobile": "030 2"}
        link = Link(1, "L", "R", Base(slots), Base({**RIGHT, "TEL": three}))
        removed = {**RIGHT, "TEL": (three[0], three[2])}
        narrow = compiled(direction=Direction.RIGHT_TO_LEFT)
        outcome = decided(narrow, compiled(), slots, removed, link)
        assert patches(outcome) == {Side.LEFT: {"Mobile": None}}

    def test_an_edit_still_beats_a_deletion_while_the_mapping_changes(self) -> None:
        link = Link(1, "L", "R", Base(LEFT), Base(RIGHT))
        changed = since(compiled(KIND), compiled(MAPPED))
        edited = Record("L", {**LEFT, "Kind": "Press"})
        delete = policy(deletions=dict.fromkeys(SIDES, Deletion.DELETE))
        assert isinstance(reconcile(compiled(MAPPED), delete, link, edited, Gone.GONE, changed), Recreate)


def _only(base: Base, mapping: ContactMapping, side: Side) -> Base:
    used = mapping.used_fields(side)
    return Base({name: value for name, value in base.values.items() if name in used})


# --- laws -------------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from([None, "Boss", "boss", "Chief", "Head of everything"])
NUMBERS = st.sampled_from([None, "7", "8", "C-7"])
PHONES = st.sampled_from([None, "030 123456", "+49 30 123456", "+33 1 23456789", "x"])
LEFTS = st.fixed_dictionaries(
    {
        "First": st.sampled_from(["Ann", "Bob"]), "Title": WORDS, "Number": NUMBERS, "Phone": PHONES, "Mobile": PHONES,
        "Kind": st.sampled_from([None, "Wholesale", "Retail", "Press"]),
    }
)  # fmt: skip
RIGHTS = st.fixed_dictionaries(
    {
        "given": st.sampled_from(["Ann", "Bob"]), "title": WORDS, "number": NUMBERS,
        "class": st.sampled_from([None, "Wholesale", "B2B", "Retail", "other"]),
        "TEL": st.lists(PHONES.filter(bool).map(Item), max_size=3, unique_by=lambda item: item.value).map(tuple),
    }
)  # fmt: skip
PEOPLE = st.tuples(LEFTS, RIGHTS, LEFTS, RIGHTS)
CONFIGURED = st.lists(
    st.sampled_from(
        [
            KIND, MAPPED, NUMBER, FieldPair("Number", "class"), FieldPair("Title", "number"),
            FieldPair("Kind", "class", values={"Wholesale": "B2B", "Retail": "Wholesale"}),
            FieldPair("Kind", "class", Direction.LEFT_TO_RIGHT), FieldPair("Number", "number", Direction.RIGHT_TO_LEFT),
        ]
    ),
    max_size=3,
)  # fmt: skip


@st.composite
def mappings(draw: st.DrawFn) -> ContactMapping:
    taken: set[str] = set()
    pairs = []
    for pair in draw(CONFIGURED):
        names = {f"l {pair.left}", f"r {pair.right}"}
        if not names & taken:
            taken |= names
            pairs.append(pair)
    without = draw(st.sets(st.sampled_from(["title", "phones"])))
    replaced = {name for name, field in (("title", "l Title"),) if field in taken}
    return compiled(
        *pairs, region=draw(st.sampled_from(["DE", "FR"])), without=sorted(without - replaced),
        cleared=draw(st.sampled_from(Cleared)),
    )  # fmt: skip


POLICIES = st.builds(
    Policy, winner=st.sampled_from(Winner), first_sync_winner=st.sampled_from([Winner.LEFT, Winner.RIGHT, Winner.HOLD])
)


def carried_out(
    mapping: ContactMapping,
    rules: Policy,
    link: Link,
    records: dict[Side, Record],
    changed: Mapping[str, Change] | None,
) -> tuple[Link, dict[Side, Record], Merged]:
    outcome = reconcile(mapping, rules, link, records[Side.LEFT], records[Side.RIGHT], changed)
    assert isinstance(outcome, Merged)
    link = outcome.link
    for side, write in outcome.writes.items():
        record = Record(records[side].id, {**records[side].values, **write.patch})
        records = {**records, side: record}
        link = arrived(
            link, side, patch=write.patch, source=write.source, agreed=write.agreed, version=None, stored=record,
            exact_versions=True,
        )  # fmt: skip
    return link, records, outcome


def at_rest(
    mapping: ContactMapping,
    rules: Policy,
    link: Link,
    records: dict[Side, Record],
    changed: Mapping[str, Change] | None,
) -> tuple[Link, dict[Side, Record], list[Merged]]:
    outcomes = []
    for _ in range(6):
        link, records, outcome = carried_out(mapping, rules, link, records, changed)
        outcomes.append(outcome)
        changed = None
        if not outcome.writes:
            return link, records, outcomes
    raise AssertionError("no rest")


@settings(max_examples=300, deadline=None)
@given(mappings(), mappings(), POLICIES, POLICIES, PEOPLE)
def test_after_any_change_of_mapping_and_any_edits_both_sides_come_to_rest_and_nothing_is_lost(
    before: ContactMapping, after: ContactMapping, then: Policy, now: Policy, people: Any
) -> None:
    left, right, left_later, right_later = people
    link, records, _ = at_rest(
        before, then, Link(1, "L", "R"), {Side.LEFT: Record("L", left), Side.RIGHT: Record("R", right)}, None
    )
    edited = {Side.LEFT: Record("L", left_later), Side.RIGHT: Record("R", right_later)}
    link, records, outcomes = at_rest(after, now, link, edited, since(before, after))
    open_ = {clash.pair for clash in outcomes[-1].clashes if clash.held} | {each.pair for each in outcomes[-1].unfit}
    kept = {pair.name for pair in after.pairs if pair.cleared is not Cleared.TRAVEL}
    for pair in after.pairs:
        views = [pair.lens(side).get(records[side].values) for side in SIDES]
        alike = pair.canon(views[0]) == pair.canon(views[1]) or pair.fuller_of(*views) is not None
        if pair.direction is Direction.BOTH and pair.name not in open_ | kept and not pair.multi:
            assert alike, pair.name
    for side in SIDES:
        used = after.used_fields(side)
        for name, value in edited[side].values.items():
            told = [write.before[name] for each in outcomes for at, write in each.writes.items()
                    if at is side and name in write.patch]  # fmt: skip
            assert records[side].values[name] == value or value in told
            if name not in used:
                assert records[side].values[name] == value
                assert name not in link.base(side).values


@settings(max_examples=300, deadline=None)
@given(mappings(), mappings(), POLICIES, PEOPLE)
def test_pairs_that_mean_the_same_are_decided_as_if_nothing_had_changed(
    before: ContactMapping, after: ContactMapping, rules: Policy, people: Any
) -> None:
    left, right, left_later, right_later = people
    link, _records, _ = at_rest(
        before, rules, Link(1, "L", "R"), {Side.LEFT: Record("L", left), Side.RIGHT: Record("R", right)}, None
    )
    changed = since(before, after)
    same = {pair.name: pair for pair in before.pairs}
    kept = [pair for pair in after.pairs if pair.name not in changed and same.get(pair.name) == pair]
    edited = {Side.LEFT: Record("L", left_later), Side.RIGHT: Record("R", right_later)}
    _, _, expected = carried_out(before, rules, link, edited, None)
    _, _, outcome = carried_out(after, rules, link, edited, changed)
    for pair in kept:
        for side in SIDES:
            assert _part(outcome, pair.fields(side), side) == _part(expected, pair.fields(side), side)
            for name in pair.fields(side):
                assert outcome.link.base(side).values.get(name) == expected.link.base(side).values.get(name)
        told = [[clash for clash in each.clashes if clash.pair == pair.name] for each in (outcome, expected)]
        assert told[0] == told[1]


def _part(outcome: Merged, names: tuple[str, ...], side: Side) -> dict[str, Value]:
    patch = outcome.writes[side].patch if side in outcome.writes else {}
    return {name: value for name, value in patch.items() if name in names}
