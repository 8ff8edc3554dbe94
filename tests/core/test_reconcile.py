"""The decision about two linked records, cell by cell, and its laws."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.conftest import BOOK, CRM
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping, FieldPair, compile_mapping
from zohosyncd.core.reconcile import (
    Bury,
    Delete,
    Deletion,
    Gone,
    Merged,
    NotSeen,
    Policy,
    Recreate,
    Wait,
    is_settled,
    reconcile,
)
from zohosyncd.core.record import Item, Record, Value
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.settle import arrived
from zohosyncd.core.side import SIDES, Cleared, Direction, Side, Winner

EXACT = {Side.LEFT: False, Side.RIGHT: True}
LEFT_WINS = Policy(winner=Winner.LEFT, first_sync_winner=Winner.LEFT, exact_versions=EXACT)
RIGHT_WINS = Policy(winner=Winner.RIGHT, first_sync_winner=Winner.RIGHT, exact_versions=EXACT)
ANN_LEFT: dict[str, Value] = {
    "First": "Ann", "Last": "Lee", "Title": None, "Email": "ann@example.org", "Email2": None, "Born": None,
}  # fmt: skip
ANN_RIGHT: dict[str, Value] = {
    "given": "Ann", "family": "Lee", "title": None, "EMAIL": (Item("ann@example.org", "home"),), "BDAY": None,
}  # fmt: skip


def left(**changes: Value) -> Record:
    return Record("L", {**ANN_LEFT, **changes}, "v1", 100.0)


def right(**changes: Value) -> Record:
    return Record("R", {**ANN_RIGHT, **changes}, "e1", 50.0)


def linked(**changes: Any) -> Link:
    return Link(1, "L", "R", Base(ANN_LEFT, "v1"), Base(ANN_RIGHT, "e1"), **changes)


def merged(
    mapping: ContactMapping, ours: Record, theirs: Record, policy: Policy = LEFT_WINS, link: Link | None = None
) -> Merged:
    outcome = reconcile(mapping, policy, link or linked(), ours, theirs)
    assert isinstance(outcome, Merged)
    return outcome


def patches(outcome: Merged) -> dict[Side, Mapping[str, Value]]:
    return {side: write.patch for side, write in outcome.writes.items()}


class TestBothExist:
    def test_nothing_changed_is_nothing_to_do(self, mapping: ContactMapping) -> None:
        assert patches(merged(mapping, left(), right())) == {}
        assert is_settled(mapping, linked(), Side.LEFT, left().values)

    def test_a_change_on_one_side_goes_to_the_other_and_nothing_else_is_written(self, mapping: ContactMapping) -> None:
        assert patches(merged(mapping, left(First="Anna"), right())) == {Side.RIGHT: {"given": "Anna"}}
        assert patches(merged(mapping, left(), right(given="Anna"))) == {Side.LEFT: {"First": "Anna"}}

    def test_changes_of_different_fields_go_both_ways(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(First="Anna"), right(title="Boss"))
        assert patches(outcome) == {Side.RIGHT: {"given": "Anna"}, Side.LEFT: {"Title": "Boss"}}

    def test_the_same_change_on_both_sides_is_agreed_without_a_write(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(First="Anna"), right(given=" Anna "))
        assert patches(outcome) == {}
        assert outcome.link.left.values["First"] == "Anna"
        assert outcome.link.right.values["given"] == " Anna "

    def test_a_clash_follows_the_winner_and_keeps_both_values(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(First="Anna"), right(given="Annie"))
        assert patches(outcome) == {Side.RIGHT: {"given": "Anna"}}
        (clash,) = outcome.clashes
        assert clash.winner is Side.LEFT
        assert clash.values == {Side.LEFT: {"First": "Anna"}, Side.RIGHT: {"given": "Annie"}}

    def test_newest_means_the_record_that_was_modified_last(self, mapping: ContactMapping) -> None:
        newest = Policy(winner=Winner.NEWEST, exact_versions=EXACT)
        older = Record("L", {**ANN_LEFT, "First": "Anna"}, "v2", 10.0)
        assert patches(merged(mapping, older, right(given="Annie"), newest)) == {Side.LEFT: {"First": "Annie"}}

    def test_hold_writes_nothing_of_the_field_but_the_rest(self, mapping: ContactMapping) -> None:
        hold = Policy(winner=Winner.HOLD, exact_versions=EXACT)
        outcome = merged(mapping, left(First="Anna", Title="Boss"), right(given="Annie"), hold)
        assert patches(outcome) == {Side.RIGHT: {"title": "Boss"}}
        assert [clash.held for clash in outcome.clashes] == [True]
        assert outcome.link.left.values["First"] == "Ann"

    def test_a_cleared_value_is_a_change_like_any_other(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(First=None), right())
        assert patches(outcome) == {Side.RIGHT: {"given": None}}
        assert outcome.writes[Side.RIGHT].blanks == ("given_name",)

    def test_a_field_that_was_not_read_is_neither_written_nor_written_from(self, mapping: ContactMapping) -> None:
        values = {name: value for name, value in ANN_LEFT.items() if name != "First"}
        assert patches(merged(mapping, Record("L", values, "v2"), right(given="Anna"))) == {}
        values = {name: value for name, value in ANN_RIGHT.items() if name not in ("given", "EMAIL")}
        ours = left(First="Anna", Email2="b@example.org")
        assert patches(merged(mapping, ours, Record("R", values, "e2"))) == {}

    def test_values_travel_only_where_the_direction_allows(self, left_to_right: ContactMapping) -> None:
        assert patches(merged(left_to_right, left(), right(given="Anna"))) == {}
        assert patches(merged(left_to_right, left(First="Bea"), right(given="Anna"))) == {Side.RIGHT: {"given": "Bea"}}

    def test_another_spelling_of_values_that_may_differ_is_taken_note_of(self, mapping: ContactMapping) -> None:
        link = Link(1, "L", "R", Base(ANN_LEFT, "v1"), Base({**ANN_RIGHT, "given": "Bea"}, "e1"))
        outcome = merged(mapping, left(First=" Ann"), right(given="Bea"), link=link)
        assert patches(outcome) == {}
        assert outcome.link.left.values["First"] == " Ann"

    def test_of_two_edits_at_the_same_moment_or_without_a_moment_the_left_one_wins(
        self, mapping: ContactMapping
    ) -> None:
        newest = Policy(winner=Winner.NEWEST, exact_versions=EXACT)
        for ours, theirs in ((50.0, 50.0), (None, 50.0), (100.0, None), (None, None)):
            one = Record("L", {**ANN_LEFT, "First": "Anna"}, "v2", ours)
            two = Record("R", {**ANN_RIGHT, "given": "Annie"}, "e2", theirs)
            assert patches(merged(mapping, one, two, newest)) == {Side.RIGHT: {"given": "Anna"}}

    def test_an_edit_that_only_says_less_is_no_clash_with_one_that_says_all(self, mapping: ContactMapping) -> None:
        link = Link(1, "L", "R", Base({**ANN_LEFT, "Born": "1970-01-01"}), Base({**ANN_RIGHT, "BDAY": "1970-01-01"}))
        outcome = merged(mapping, left(Born="1980-05-01"), right(BDAY="--05-01"), RIGHT_WINS, link)
        assert (patches(outcome), outcome.clashes) == ({Side.RIGHT: {"BDAY": "1980-05-01"}}, ())

    def test_an_edit_that_may_not_travel_is_dealt_with_and_the_next_one_of_the_other_side_does(
        self, left_to_right: ContactMapping
    ) -> None:
        theirs = right(given="Annie")
        outcome = merged(left_to_right, left(), theirs)
        assert is_settled(left_to_right, outcome.link, Side.RIGHT, theirs.values)
        again = merged(left_to_right, left(First="Anna"), theirs, link=outcome.link)
        assert (patches(again), again.clashes) == ({Side.RIGHT: {"given": "Anna"}}, ())

    def test_an_edit_that_the_other_side_has_no_room_for_is_dealt_with(self, mapping: ContactMapping) -> None:
        values = {**ANN_LEFT, "Title": "Head of ev"}
        link = Link(1, "L", "R", Base(values, "v1"), Base({**ANN_RIGHT, "title": "Head of everything"}, "e1"))
        ours, theirs = Record("L", values, "v1"), right(title="Head of everybody")
        outcome = merged(mapping, ours, theirs, link=link)
        assert patches(outcome) == {}
        for side, record in ((Side.LEFT, ours), (Side.RIGHT, theirs)):
            assert is_settled(mapping, outcome.link, side, record.values)


class TestSettled:
    """What is passed over without a decision."""

    def settled(self, mapping: ContactMapping, link: Link, record: Record, **more: Any) -> bool:
        return is_settled(mapping, link, Side.LEFT, record.values, **more)

    def test_a_record_that_shows_its_base_in_all_that_was_read(self, mapping: ContactMapping) -> None:
        assert self.settled(mapping, linked(), left())
        assert not self.settled(mapping, linked(), left(First="ann"))
        unread = {name: value for name, value in ANN_LEFT.items() if name != "First"}
        assert self.settled(mapping, linked(), Record("L", unread))
        assert self.settled(mapping, linked(), left(Unmapped="x"))

    def test_a_field_without_a_base_is_still_to_be_decided_about(self, mapping: ContactMapping) -> None:
        base = Base({name: value for name, value in ANN_LEFT.items() if name != "First"})
        assert not self.settled(mapping, replace(linked(), left=base), left())

    def test_what_is_watched_counts_as_well(self, mapping: ContactMapping) -> None:
        link = replace(linked(), left=Base({**ANN_LEFT, "Tag": "x"}))
        assert self.settled(mapping, link, left(Tag="x"), watched=["Tag"])
        assert not self.settled(mapping, link, left(Tag="y"), watched=["Tag"])

    def test_not_one_of_a_buried_or_leaving_pair_or_with_a_doubt(self, mapping: ContactMapping) -> None:
        for link in (
            linked(status=LinkStatus.TOMBSTONE),
            linked(standing=Standing.LEAVING),
            replace(linked(), left=Base(ANN_LEFT, also={"First": "Anna"})),
        ):
            assert not self.settled(mapping, link, left())

    def test_our_own_write_only_as_its_echo(self, mapping: ContactMapping) -> None:
        link = replace(linked(), left=Base(ANN_LEFT, unconfirmed={"First": "Ann"}))
        assert self.settled(mapping, link, left(), written=True)
        assert not self.settled(mapping, link, left())


class TestSets:
    def test_items_travel_only_where_the_direction_allows(self, left_to_right: ContactMapping) -> None:
        more = (Item("ann@example.org"), Item("r@example.org"))
        outcome = merged(left_to_right, left(), right(EMAIL=more))
        assert patches(outcome) == {}
        assert is_settled(left_to_right, outcome.link, Side.RIGHT, right(EMAIL=more).values)
        both = merged(left_to_right, left(Email2="l@example.org"), right(EMAIL=more))
        assert patches(both) == {Side.RIGHT: {"EMAIL": (*more, Item("l@example.org"))}}

    def test_what_each_side_added_and_removed_is_done_to_the_other(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(Email="new@example.org"), right())
        assert patches(outcome) == {Side.RIGHT: {"EMAIL": (Item("new@example.org", "home"),)}}

    def test_a_spelling_that_means_the_same_is_left_alone(self, mapping: ContactMapping) -> None:
        assert patches(merged(mapping, left(Email="Ann@Example.org"), right())) == {}

    def test_items_beyond_the_slots_are_no_deletions(self, mapping: ContactMapping) -> None:
        many = (Item("ann@example.org"), Item("b@example.org"), Item("c@example.org"))
        ours, theirs = left(), right(EMAIL=many)
        link = linked()
        for _ in range(6):
            link, ours, theirs, written = carried_out(mapping, LEFT_WINS, link, ours, theirs)
            if not written:
                break
        assert not written
        assert ours.values["Email2"] == "b@example.org"
        assert theirs.values["EMAIL"] == many

    def test_news_of_both_sides_arrive_even_if_only_the_first_write_does(self, mapping: ContactMapping) -> None:
        """The base of the side written to moves only by the other's news: its own are not forgotten in between."""
        ours, theirs = left(Email2="l@example.org"), right(EMAIL=(Item("ann@example.org"), Item("r@example.org")))
        link = linked()
        outcome = merged(mapping, ours, theirs, link=link)
        assert list(outcome.writes) == [Side.RIGHT]
        link, ours, theirs, _ = carried_out(mapping, LEFT_WINS, link, ours, theirs)
        again = merged(mapping, ours, theirs, link=link)
        assert again.writes == {}, "both of the left's slots are taken"
        assert {item.value for item in theirs.values["EMAIL"]} == {  # type: ignore[union-attr]
            "ann@example.org", "l@example.org", "r@example.org",
        }  # fmt: skip


class TestFirstMerge:
    def test_a_value_fills_an_empty_field_and_nothing_is_erased(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(Title="Boss"), right(), link=Link(1, "L", "R"))
        assert patches(outcome) == {Side.RIGHT: {"title": "Boss"}}

    def test_two_values_are_a_clash_for_the_first_sync_winner(self, mapping: ContactMapping) -> None:
        right_first = Policy(winner=Winner.LEFT, first_sync_winner=Winner.RIGHT, exact_versions=EXACT)
        outcome = merged(mapping, left(First="Anna"), right(), right_first, Link(1, "L", "R"))
        assert patches(outcome) == {Side.LEFT: {"First": "Ann"}}

    def test_a_fuller_date_wins_whatever_the_winner(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(Born="1980-05-01"), right(BDAY="--05-01"), LEFT_WINS, Link(1, "L", "R"))
        assert patches(outcome) == {Side.RIGHT: {"BDAY": "1980-05-01"}}

    def test_what_stood_there_and_may_not_travel_is_not_agreed(self, left_to_right: ContactMapping) -> None:
        """What overwrites it later is told as a clash, with both values."""
        theirs = right(title="Boss")
        outcome = merged(left_to_right, left(), theirs, link=Link(1, "L", "R"))
        assert patches(outcome) == {}
        again = merged(left_to_right, left(Title="Queen"), theirs, link=outcome.link)
        assert patches(again) == {Side.RIGHT: {"title": "Queen"}}
        (clash,) = again.clashes
        assert clash.values == {Side.LEFT: {"Title": "Queen"}, Side.RIGHT: {"title": "Boss"}}


class TestDamage:
    def test_another_spelling_of_the_same_is_not_stored_differently(self, mapping: ContactMapping) -> None:
        link, ours, theirs = linked(), left(), right(given="Anneliese", title="Boss")
        write = merged(mapping, ours, theirs, link=link).writes[Side.LEFT]
        link = arrived(
            link, Side.LEFT, patch=write.patch, source=write.source, agreed=write.agreed, version="v2", stored=None,
            exact_versions=False,
        )  # fmt: skip
        shown = Record("L", {**ANN_LEFT, "First": "Anneliese ", "Title": "BOSS"}, "v2", 101.0)
        assert merged(mapping, shown, theirs, link=link).link.left.sent == {"Title": "Boss"}

    def test_a_truncated_value_never_travels_back(self, mapping: ContactMapping) -> None:
        link, ours, theirs = linked(), left(), right(title="Head of everything")
        outcome = merged(mapping, ours, theirs, link=link)
        assert patches(outcome) == {Side.LEFT: {"Title": "Head of ev"}}
        link, ours, theirs, _ = carried_out(mapping, LEFT_WINS, link, ours, theirs)
        assert patches(merged(mapping, ours, theirs, link=link)) == {}
        assert theirs.values["title"] == "Head of everything"

    def test_what_a_locked_field_shows_is_no_edit_and_the_other_fields_are(self, mapping: ContactMapping) -> None:
        """It became locked after we wrote to it; whoever opens it again finds both sides as they are."""
        base = Base({**ANN_LEFT, "First": "Zoe"}, "v2", unconfirmed={"First": "Zoe"})
        link = Link(1, "L", "R", base, Base({**ANN_RIGHT, "given": "Zoe"}, "e1"))
        shown, theirs = replace(left(Title="Queen"), version="v3"), right(given="Zoe")
        locked = {"First"}
        policy = Policy(locked={Side.LEFT: locked}, deletions={Side.LEFT: Deletion.DELETE})
        outcome = merged(mapping, shown, theirs, policy, link)
        assert patches(outcome) == {Side.RIGHT: {"title": "Queen"}}
        assert outcome.link.left.sent == {"First": "Zoe"}
        assert isinstance(reconcile(mapping, policy, link, left(), Gone.GONE), Delete), "nobody has edited it"
        locked.clear()
        again = merged(mapping, shown, right(given="Zoe", title="Queen"), policy, outcome.link)
        assert "First" not in patches(again).get(Side.LEFT, {})
        assert "given" not in patches(again).get(Side.RIGHT, {})
        assert patches(merged(mapping, left(), theirs, policy, link)) == {Side.RIGHT: {"given": "Ann"}}, "an edit, else"

    def test_another_value_under_our_own_version_is_damage_only_where_versions_are_exact(
        self, mapping: ContactMapping
    ) -> None:
        base = Base({**ANN_RIGHT, "given": "Anna"}, "e1", unconfirmed={"given": "Anna"})
        link = Link(1, "L", "R", Base({**ANN_LEFT, "First": "Anna"}, "v1"), base)
        for exact in ({}, {Side.LEFT: True}, {Side.RIGHT: False}, {Side.LEFT: False, Side.RIGHT: True}):
            policy = Policy(exact_versions=exact, deletions={Side.RIGHT: Deletion.DELETE})
            outcome = merged(mapping, left(First="Anna"), right(given="Zoe"), policy, link)
            gone = reconcile(mapping, policy, link, Gone.GONE, right(given="Zoe"))
            if exact.get(Side.RIGHT):
                assert patches(outcome) == {}
                assert outcome.link.right.sent == {"given": "Anna"}
                assert gone == Delete(outcome.link.with_base(Side.LEFT, link.left), Side.RIGHT)
            else:
                assert patches(outcome) == {Side.LEFT: {"First": "Zoe"}}
                assert isinstance(gone, Recreate)
                assert gone.link.right.unconfirmed == {}
            kept = reconcile(mapping, replace(policy, deletions={}), link, Gone.GONE, right(given="Anna"))
            assert isinstance(kept, Bury)
            assert kept.link.right.unconfirmed == {}

    def test_what_is_stored_differently_ends_when_the_other_side_becomes_the_same(
        self, mapping: ContactMapping
    ) -> None:
        values = {**ANN_LEFT, "First": "Annelies", "Title": "Bos"}
        base = Base(values, "v1", sent={"First": "Anneliese", "Title": "Boss"})
        link = Link(1, "L", "R", base, Base({**ANN_RIGHT, "given": "Anneliese", "title": "Boss"}, "e1"))
        outcome = merged(mapping, Record("L", values, "v1"), right(given="Annelies", title="Boss"), link=link)
        assert patches(outcome) == {}
        assert outcome.link.left.sent == {"Title": "Boss"}
        respelled = merged(mapping, Record("L", values, "v1"), right(given="Anneliese ", title="Boss"), link=link)
        assert respelled.link.left.sent == base.sent

    def test_what_a_read_did_not_show_stays_unconfirmed_and_what_an_echo_shows_too(
        self, mapping: ContactMapping
    ) -> None:
        base = Base(ANN_LEFT, "v1", unconfirmed={"First": "Ann"}, also={"First": "Anna"})
        unread = {name: value for name, value in ANN_LEFT.items() if name != "First"}
        for record in (Record("L", unread, "v2"), Record("L", ANN_LEFT, "v2", echo=True)):
            after = merged(mapping, record, right(title="Boss"), link=replace(linked(), left=base)).link.left
            assert (after.unconfirmed, after.also) == (base.unconfirmed, base.also)
        seen = merged(mapping, Record("L", ANN_LEFT, "v2"), right(), link=replace(linked(), left=base)).link.left
        assert (seen.unconfirmed, seen.also, seen.version) == ({}, {}, "v2")

    def test_what_the_server_makes_of_our_write_is_no_edit(self, mapping: ContactMapping) -> None:
        link, ours, theirs = linked(), left(), right(given="Anneliese")
        write = merged(mapping, ours, theirs, link=link).writes[Side.LEFT]
        link = arrived(
            link, Side.LEFT, patch=write.patch, source=write.source, agreed=write.agreed, version="v2", stored=None,
            exact_versions=False,
        )  # fmt: skip
        shown = Record("L", {**ANN_LEFT, "First": "ANNELIES"}, "v2", 101.0)
        outcome = merged(mapping, shown, theirs, link=link)
        assert patches(outcome) == {}
        assert outcome.link.left.sent == {"First": "Anneliese"}

    def test_an_edit_in_the_second_of_our_write_is_an_edit(self, mapping: ContactMapping) -> None:
        link, ours, theirs = linked(), left(), right(given="Anneliese")
        write = merged(mapping, ours, theirs, link=link).writes[Side.LEFT]
        link = arrived(
            link, Side.LEFT, patch=write.patch, source=write.source, agreed=write.agreed, version="v2", stored=None,
            exact_versions=False,
        )  # fmt: skip
        edited = Record("L", {**ANN_LEFT, "First": "Barbara", "Title": "Boss"}, "v2", 101.0)
        assert patches(merged(mapping, edited, theirs, link=link)) == {
            Side.RIGHT: {"given": "Barbara", "title": "Boss"}
        }

    def test_an_edit_after_the_damage_travels(self, mapping: ContactMapping) -> None:
        base = Base({**ANN_LEFT, "First": "ANNELIES"}, "v2", sent={"First": "Anneliese"})
        link = Link(1, "L", "R", base, Base({**ANN_RIGHT, "given": "Anneliese"}, "e1"))
        edited = Record("L", {**ANN_LEFT, "First": "Anna"}, "v3", 200.0)
        outcome = merged(mapping, edited, right(given="Anneliese"), link=link)
        assert patches(outcome) == {Side.RIGHT: {"given": "Anna"}}


class TestDeletions:
    def test_gone_and_unchanged_buries_the_link_by_default(self, mapping: ContactMapping) -> None:
        outcome = reconcile(mapping, LEFT_WINS, linked(), left(), Gone.GONE)
        assert isinstance(outcome, Bury)
        assert outcome.gone == (Side.RIGHT,)

    def test_another_spelling_and_a_field_without_a_base_are_no_edits(self, mapping: ContactMapping) -> None:
        base = Base({name: value for name, value in ANN_LEFT.items() if name != "Title"}, "v1")
        link = replace(linked(), left=base)
        assert isinstance(reconcile(mapping, LEFT_WINS, link, left(First=" Ann", Title="Boss"), Gone.GONE), Bury)

    def test_gone_and_unchanged_deletes_where_the_operator_says_so(self, mapping: ContactMapping) -> None:
        policy = Policy(deletions={Side.LEFT: Deletion.DELETE}, exact_versions=EXACT)
        outcome = reconcile(mapping, policy, linked(), left(), Gone.GONE)
        assert isinstance(outcome, Delete)
        assert outcome.side is Side.LEFT
        assert isinstance(reconcile(mapping, policy, linked(), Gone.GONE, right()), Bury)

    def test_an_edit_beats_a_deletion(self, mapping: ContactMapping) -> None:
        policy = Policy(deletions={Side.LEFT: Deletion.DELETE}, exact_versions=EXACT)
        outcome = reconcile(mapping, policy, linked(), left(First="Anna"), Gone.GONE)
        assert isinstance(outcome, Recreate)
        assert outcome.side is Side.RIGHT

    def test_an_edit_does_not_bring_back_what_the_direction_forbids(self, left_to_right: ContactMapping) -> None:
        policy = Policy(direction=Direction.LEFT_TO_RIGHT, exact_versions=EXACT)
        assert isinstance(reconcile(left_to_right, policy, linked(), Gone.GONE, right(given="Anna")), Bury)

    def test_both_gone_is_the_end(self, mapping: ContactMapping) -> None:
        assert reconcile(mapping, LEFT_WINS, linked(), Gone.GONE, Gone.GONE) == Bury(linked(), SIDES)

    def test_a_survivor_is_never_created_anew(self, mapping: ContactMapping) -> None:
        tomb = linked(status=LinkStatus.TOMBSTONE)
        assert isinstance(reconcile(mapping, LEFT_WINS, tomb, left(First="Anna"), Gone.GONE), Bury)

    def test_a_restored_record_revives_the_link(self, mapping: ContactMapping) -> None:
        outcome = merged(mapping, left(First="Anna"), right(), link=linked(status=LinkStatus.TOMBSTONE))
        assert outcome.revived
        assert outcome.link.status is LinkStatus.LIVE
        assert patches(outcome) == {Side.RIGHT: {"given": "Anna"}}

    def test_what_nobody_has_seen_waits(self, mapping: ContactMapping) -> None:
        for sights in ((NotSeen.NOT_SEEN, right()), (left(), NotSeen.NOT_SEEN), (NotSeen.NOT_SEEN, Gone.GONE)):
            assert isinstance(reconcile(mapping, LEFT_WINS, linked(), *sights), Wait)


def carried_out(
    mapping: ContactMapping, policy: Policy, link: Link, ours: Record, theirs: Record
) -> tuple[Link, Record, Record, bool]:
    """Pretend that every write succeeds as sent."""
    outcome = merged(mapping, ours, theirs, policy, link)
    link, records = outcome.link, {Side.LEFT: ours, Side.RIGHT: theirs}
    for side, write in outcome.writes.items():
        old = records[side]
        records[side] = Record(old.id, {**old.values, **write.patch}, f"{old.version}+", (old.modified or 0) + 1)
        link = arrived(
            link, side, patch=write.patch, source=write.source, agreed=write.agreed, version=records[side].version,
            stored=records[side] if policy.exact_versions[side] else None,
            exact_versions=policy.exact_versions[side],
        )  # fmt: skip
    return link, records[Side.LEFT], records[Side.RIGHT], bool(outcome.writes)


WORDS = st.sampled_from([None, "a", "A", "b", "Ann", "Bob", "x" * 14])
MAILS = st.sampled_from(["a@x.org", "A@X.org", "b@x.org", "c@x.org", "d@x.org"])
DATES = st.sampled_from([None, "1980-05-01", "1981-06-02"])
LEFTS = st.fixed_dictionaries(
    {
        "First": WORDS,
        "Last": WORDS,
        "Title": WORDS,
        "Email": st.none() | MAILS,
        "Email2": st.none() | MAILS,
        "Born": DATES,
    }
)
RIGHTS = st.fixed_dictionaries(
    {
        "given": WORDS, "family": WORDS, "title": WORDS, "BDAY": DATES | st.just("--05-01"),
        "EMAIL": st.lists(MAILS.map(Item), max_size=4, unique_by=lambda item: item.value.lower()).map(tuple),
    }
)  # fmt: skip
POLICIES = st.builds(
    Policy,
    winner=st.sampled_from([Winner.LEFT, Winner.RIGHT, Winner.NEWEST]),
    first_sync_winner=st.sampled_from([Winner.LEFT, Winner.RIGHT, Winner.NEWEST]),
    exact_versions=st.just(EXACT),
)
BASES = st.none() | st.tuples(LEFTS, RIGHTS)


@settings(max_examples=150, deadline=None)
@given(LEFTS, RIGHTS, BASES, POLICIES)
def test_once_carried_out_nothing_is_left_to_decide(
    ours: dict[str, Value],
    theirs: dict[str, Value],
    bases: tuple[dict[str, Value], dict[str, Value]] | None,
    policy: Policy,
) -> None:
    mapping = _mapping()
    link = Link(1, "L", "R", Base(bases[0], "v0"), Base(bases[1], "e0")) if bases else Link(1, "L", "R")
    one, two = Record("L", ours, "v1", 10.0), Record("R", theirs, "e1", 20.0)
    for _ in range(4):
        link, one, two, written = carried_out(mapping, policy, link, one, two)
        if not written:
            break
    assert not written, "no rest after four rounds"
    for side in SIDES:
        record = one if side is Side.LEFT else two
        again, *_ = carried_out(mapping, policy, link, one, two)
        assert merged(mapping, one, two, policy, again).writes == {}
        assert record.id


@settings(max_examples=100, deadline=None)
@given(LEFTS, RIGHTS, BASES, POLICIES)
def test_only_what_differs_is_written_and_only_with_a_cause(
    ours: dict[str, Value],
    theirs: dict[str, Value],
    bases: tuple[dict[str, Value], dict[str, Value]] | None,
    policy: Policy,
) -> None:
    mapping = _mapping()
    link = Link(1, "L", "R", Base(bases[0], "v0"), Base(bases[1], "e0")) if bases else Link(1, "L", "R")
    records = {Side.LEFT: Record("L", ours, "v1", 10.0), Side.RIGHT: Record("R", theirs, "e1", 20.0)}
    outcome = merged(mapping, records[Side.LEFT], records[Side.RIGHT], policy, link)
    for side, write in outcome.writes.items():
        for name, value in write.patch.items():
            assert value != records[side].values[name]
        causes = [pair for pair in mapping.pairs if set(pair.lens(side).fields) & set(write.patch)]
        for pair in causes:
            left_view, right_view = pair.left.get(ours), pair.right.get(theirs)
            assert pair.canon(left_view) != pair.canon(right_view)


def _mapping(cleared: Cleared = Cleared.TRAVEL) -> ContactMapping:
    return compile_mapping(CRM, BOOK, direction=Direction.BOTH, region="DE", cleared=cleared)


@settings(max_examples=150, deadline=None)
@given(LEFTS, RIGHTS, BASES, POLICIES, st.sampled_from([Cleared.KEEP, Cleared.HOLD]))
def test_where_clearing_does_not_travel_nothing_is_emptied_and_it_comes_to_rest(
    ours: dict[str, Value],
    theirs: dict[str, Value],
    bases: tuple[dict[str, Value], dict[str, Value]] | None,
    policy: Policy,
    cleared: Cleared,
) -> None:
    mapping = _mapping(cleared)
    link = Link(1, "L", "R", Base(bases[0], "v0"), Base(bases[1], "e0")) if bases else Link(1, "L", "R")
    one, two = Record("L", ours, "v1", 10.0), Record("R", theirs, "e1", 20.0)
    for _ in range(4):
        outcome = merged(mapping, one, two, policy, link)
        assert not any(write.blanks for write in outcome.writes.values())
        link, one, two, written = carried_out(mapping, policy, link, one, two)
        if not written:
            break
    assert not written, "no rest after four rounds"


def test_a_pair_may_have_a_winner_of_its_own() -> None:
    one = Schema.of(Field("a", FieldType.TEXT))
    two = Schema.of(Field("b", FieldType.TEXT))
    mapping = compile_mapping(
        one, two, pairs=[FieldPair("a", "b", winner=Winner.RIGHT)], direction=Direction.BOTH, region=""
    )
    link = Link(1, "L", "R", Base({"a": "0"}), Base({"b": "0"}))
    outcome = merged(mapping, Record("L", {"a": "1"}), Record("R", {"b": "2"}), LEFT_WINS, link)
    assert patches(outcome) == {Side.LEFT: {"a": "2"}}


class TestCleared:
    """What it does to the other side that somebody has emptied a field: it travels, the value stays, or a person decides."""

    ONE = Schema.of(Field("a", FieldType.TEXT), Field("m", FieldType.EMAIL))
    TWO = Schema.of(Field("b", FieldType.TEXT), Field("n", FieldType.EMAILS))
    LINK = Link(1, "L", "R", Base({"a": "0", "m": "x@x.org"}), Base({"b": "0", "n": (Item("x@x.org"),)}))

    def outcome(
        self, cleared, a, b, direction=Direction.BOTH, winner=Winner.LEFT, m="x@x.org", n=("x@x.org",), link=LINK
    ):
        pairs = [FieldPair("a", "b", direction, cleared=cleared), FieldPair("m", "n", direction, cleared=cleared)]
        mapping = compile_mapping(self.ONE, self.TWO, pairs=pairs, direction=Direction.BOTH, region="")
        policy = Policy(winner=winner, first_sync_winner=winner, exact_versions=EXACT)
        return merged(
            mapping, Record("L", {"a": a, "m": m}), Record("R", {"b": b, "n": tuple(map(Item, n))}), policy, link
        )

    def test_it_travels_by_default(self):
        assert patches(self.outcome(Cleared.TRAVEL, None, "0")) == {Side.RIGHT: {"b": None}}
        assert patches(self.outcome(Cleared.TRAVEL, None, "1")) == {Side.RIGHT: {"b": None}}

    def test_keep_writes_nothing_and_comes_to_rest(self):
        for a, b in ((None, "0"), (" ", "0"), ("0", None)):
            outcome = self.outcome(Cleared.KEEP, a, b)
            assert (outcome.writes, outcome.clashes) == ({}, ())
            again = self.outcome(Cleared.KEEP, a, b, link=outcome.link)
            assert again.writes == {}
            assert again.link == outcome.link

    def test_a_kept_value_travels_when_it_is_changed_and_so_does_a_new_one(self):
        kept = self.outcome(Cleared.KEEP, None, "0").link
        assert patches(self.outcome(Cleared.KEEP, None, "1", link=kept)) == {Side.LEFT: {"a": "1"}}
        assert patches(self.outcome(Cleared.KEEP, "2", "0", link=kept)) == {Side.RIGHT: {"b": "2"}}
        assert patches(self.outcome(Cleared.KEEP, None, None, link=kept)) == {}

    def test_emptied_here_and_changed_there_the_value_wins_whoever_is_the_winner(self):
        for winner in (Winner.LEFT, Winner.RIGHT, Winner.NEWEST, Winner.HOLD):
            outcome = self.outcome(Cleared.KEEP, None, "1", winner=winner)
            assert patches(outcome) == {Side.LEFT: {"a": "1"}}
            assert [(clash.winner, clash.cleared, clash.held) for clash in outcome.clashes] == [
                (Side.RIGHT, Side.LEFT, False)
            ]

    def test_keep_does_not_write_against_the_direction(self):
        outcome = self.outcome(Cleared.KEEP, None, "1", Direction.LEFT_TO_RIGHT)
        assert (outcome.writes, outcome.clashes) == ({}, ())
        assert patches(self.outcome(Cleared.KEEP, "1", None, Direction.LEFT_TO_RIGHT)) == {Side.RIGHT: {"b": "1"}}

    def test_hold_asks_a_person_and_goes_on_asking(self):
        for a, b, side in (
            (None, "0", Side.LEFT),
            (None, "1", Side.LEFT),
            ("0", None, Side.RIGHT),
            ("1", None, Side.RIGHT),
        ):
            outcome = self.outcome(Cleared.HOLD, a, b)
            assert outcome.writes == {}
            assert [(clash.held, clash.cleared) for clash in outcome.clashes] == [(True, side)]
            assert self.outcome(Cleared.HOLD, a, b, link=outcome.link).clashes == outcome.clashes

    def test_hold_asks_only_about_what_would_be_written(self):
        outcome = self.outcome(Cleared.HOLD, "0", None, Direction.LEFT_TO_RIGHT)
        assert (outcome.writes, outcome.clashes) == ({}, ())

    def test_a_change_to_another_value_is_no_clearing(self):
        for cleared in Cleared:
            assert patches(self.outcome(cleared, "1", "0")) == {Side.RIGHT: {"b": "1"}}
            assert patches(self.outcome(cleared, None, None)) == {}

    def test_a_set_that_was_emptied(self):
        assert patches(self.outcome(Cleared.TRAVEL, "0", "0", m=None)) == {Side.RIGHT: {"n": ()}}
        kept = self.outcome(Cleared.KEEP, "0", "0", m=None)
        assert (kept.writes, kept.clashes) == ({}, ())
        assert self.outcome(Cleared.KEEP, "0", "0", m=None, link=kept.link).writes == {}
        held = self.outcome(Cleared.HOLD, "0", "0", m=None)
        assert (held.writes, [clash.held for clash in held.clashes]) == ({}, [True])

        backwards = self.outcome(Cleared.HOLD, "0", "0", Direction.LEFT_TO_RIGHT, n=())
        assert (backwards.writes, backwards.clashes) == ({}, ())

    def test_a_set_that_nobody_ever_filled_was_not_emptied(self):
        link = replace(self.LINK, left=Base({"a": "0", "m": None}), right=Base({"b": "0", "n": ()}))
        for cleared in Cleared:
            outcome = self.outcome(cleared, "0", "0", m=None, n=("y@x.org",), link=link)
            assert (patches(outcome), outcome.clashes) == ({Side.LEFT: {"m": "y@x.org"}}, ())

    def test_what_is_added_beside_a_kept_set_travels_alone(self):
        outcome = self.outcome(Cleared.KEEP, "0", "0", m=None, n=("x@x.org", "y@x.org"))
        assert patches(outcome) == {Side.LEFT: {"m": "y@x.org"}}
        write = outcome.writes[Side.LEFT]
        link = arrived(
            outcome.link, Side.LEFT, patch=write.patch, source=write.source, agreed=write.agreed, version=None,
            stored=None, exact_versions=False,
        )  # fmt: skip
        assert self.outcome(Cleared.KEEP, "0", "0", m="y@x.org", n=("x@x.org", "y@x.org"), link=link).writes == {}

    def test_one_item_taken_out_of_several_is_no_clearing_unless_nothing_would_stay(self):
        two = [Item("x@x.org"), Item("y@x.org")]
        mapping = compile_mapping(
            self.TWO, self.TWO, pairs=[FieldPair("n", "n", cleared=Cleared.KEEP)], direction=Direction.BOTH, region=""
        )
        link = Link(1, "L", "R", Base({"n": tuple(two)}), Base({"n": tuple(two)}))
        taken_out = merged(mapping, Record("L", {"n": (two[1],)}), Record("R", {"n": tuple(two)}), link=link)
        assert patches(taken_out) == {Side.RIGHT: {"n": (two[1],)}}
        link = replace(self.LINK, right=Base({"b": "0", "n": tuple(two)}))
        for cleared, held in ((Cleared.KEEP, []), (Cleared.HOLD, [True])):
            outcome = self.outcome(cleared, "0", "0", n=("y@x.org",), link=link)
            assert (outcome.writes, [clash.held for clash in outcome.clashes]) == ({}, held)

    def test_the_connection_may_say_it_for_all_pairs_that_do_not(self):
        pairs = [FieldPair("a", "b", cleared=Cleared.TRAVEL)]
        mapping = compile_mapping(CRM, BOOK, pairs=[], direction=Direction.BOTH, region="", cleared=Cleared.KEEP)
        assert {pair.cleared for pair in mapping.pairs} == {Cleared.KEEP}
        own = compile_mapping(
            self.ONE, self.TWO, pairs=pairs, direction=Direction.BOTH, region="", cleared=Cleared.KEEP
        )
        assert [pair.cleared for pair in own.pairs] == [Cleared.TRAVEL]


def test_a_name_that_cannot_be_taken_apart_is_told_and_not_forgotten() -> None:
    """Where only one side splits names, an unclear new full name is refused; it must stay a change."""
    parts = Schema.of(
        Field("First", FieldType.TEXT, semantic="given_name"), Field("Last", FieldType.TEXT, semantic="family_name")
    )
    whole = Schema.of(Field("name", FieldType.TEXT, semantic="full_name"))
    mapping = compile_mapping(parts, whole, direction=Direction.BOTH, region="")
    link = Link(1, "L", "R", Base({"First": "Anna", "Last": "Schmidt"}), Base({"name": "Anna Schmidt"}))
    outcome = merged(
        mapping, Record("L", {"First": "Anna", "Last": "Schmidt"}), Record("R", {"name": "Bob Jones"}), link=link
    )
    assert outcome.writes == {} or outcome.writes[Side.LEFT].patch
    if not outcome.writes:
        assert outcome.unfit
        assert outcome.link.right.values["name"] == "Anna Schmidt"
