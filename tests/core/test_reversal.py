"""What is set back and what stays, what is agreed then, and what a record is made anew with; consent only tightens."""

from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.memory.schemas import LISTS_SCHEMA, MEMBERS_SCHEMA, SLOTS_SCHEMA
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.link import Base
from zohosyncd.core.mapping import ContactMapping, compile_mapping
from zohosyncd.core.record import Item, Owner, Value, Values
from zohosyncd.core.reversal import Reversal, Written, brought_back, made_anew, reverse
from zohosyncd.core.reversal_bases import bases_after
from zohosyncd.core.side import Direction, Side

OUT = {ConsentState.UNSUBSCRIBED, ConsentState.CLEANED}
STATES = st.sampled_from(ConsentState)
FLAGS = st.sampled_from([True, False, None])


def back(kept: Values, present: Values, base: Base | None = None, keep_tag: str = "") -> Reversal:
    return brought_back(SLOTS_SCHEMA, SLOTS_SCHEMA.fields, kept, present, base or Base(), keep_tag)


def test_what_was_added_since_goes_and_what_was_emptied_comes_back() -> None:
    found = back({"Title": None, "Phone": "1", "City": "x"}, {"Title": "new", "Phone": None, "City": "x"})
    assert found == Reversal({"Title": None, "Phone": "1"})


def test_a_field_that_one_of_them_does_not_show_is_unknown_and_stays() -> None:
    assert back({"Title": "a"}, {"Phone": "1"}) == back({}, {"Title": "a"}) == Reversal()


def test_empty_is_empty_and_sets_have_no_order_and_owners_are_known_by_their_id() -> None:
    kept: Values = {"Title": None, "Tags": (Item("A"), Item("B")), "Owner": Owner("1", "Ann Keller")}
    assert back(kept, {"Title": "", "Tags": (Item("b"), Item("a")), "Owner": Owner("1", "Ann Roe")}) == Reversal()
    assert back(kept, {"Tags": (), "Owner": Owner("2", "Ann Keller")}).patch.keys() == {"Tags", "Owner"}


def test_what_the_app_makes_of_a_value_is_not_written_again_and_again() -> None:
    base = Base({"Phone": "+49 30 1"}, sent={"Phone": "030 1"})
    assert back({"Phone": "030 1"}, {"Phone": "+49 30 1"}, base) == Reversal()
    assert back({"Phone": "030 1"}, {"Phone": "+49 30 2"}, base).patch == {"Phone": "030 1"}
    assert back({"Phone": None}, {"Phone": "+49 30 1"}, Base({"Phone": "+49 30 1"})).patch == {"Phone": None}


def test_a_value_that_the_field_cannot_have_is_named_and_not_written() -> None:
    kept: Values = {"Title": 5, "Tags": "A", "Opted_Out": "yes", "Owner": "Ann", "Phone": True, "City": "x"}
    present: Values = {"Title": "a", "Tags": (), "Opted_Out": False, "Owner": Owner("1"), "Phone": "1", "City": "y"}
    found = back(kept, present)
    assert found.patch == {"City": "x"}
    assert found.kept == ("Opted_Out", "Owner", "Phone", "Tags", "Title")


def test_the_tag_of_an_opt_out_stays() -> None:
    found = back({"Tags": (Item("A"),)}, {"Tags": (Item("Gone"), Item("B"))}, keep_tag="Gone")
    assert found.patch == {"Tags": (Item("A"), Item("Gone"))}
    assert found.consent


@given(FLAGS, FLAGS, STATES, STATES)
def test_nobody_is_opted_in(kept: Value, present: Value, was: ConsentState, now: ConsentState) -> None:
    patch = back({"Opted_Out": kept}, {"Opted_Out": present}).patch
    assert patch in ({}, {"Opted_Out": True})
    found = brought_back(MEMBERS_SCHEMA, ["state"], {"state": was.value}, {"state": now.value}, Base(), "").patch
    assert found in ({}, {"state": "unsubscribed"})
    assert bool(found) == (was in OUT and now not in {*OUT, ConsentState.ARCHIVED})


@given(FLAGS, FLAGS, st.booleans())
def test_every_opt_out_that_is_known_goes_into_a_record_that_is_made_anew(
    kept: Value, last: Value, remembered: bool
) -> None:
    made = made_anew(SLOTS_SCHEMA, {"Opted_Out": kept}, {"Opted_Out": last}, opted_out=remembered, keep_tag="")
    assert bool(made.get("Opted_Out")) == bool(kept or last or remembered)


@given(STATES, STATES, st.booleans())
def test_a_member_is_made_anew_with_no_consent_but_its_last_one(
    kept: ConsentState, last: ConsentState, remembered: bool
) -> None:
    values: Values = {"email": "a@example.org", "state": kept.value, "state_at": "2026-01-01T00:00:00+00:00"}
    made = made_anew(MEMBERS_SCHEMA, values, {"state": last.value}, opted_out=remembered, keep_tag="")
    if remembered or OUT & {kept, last}:
        assert made["state"] == "unsubscribed"
    elif "state" in made:
        assert made["state"] == kept.value == last.value
    assert made["email"] == "a@example.org"
    assert "state_at" not in made


def test_the_tag_of_an_opt_out_goes_into_a_record_that_is_made_anew() -> None:
    made = made_anew(
        SLOTS_SCHEMA, {"Tags": (Item("A"),)}, {"Tags": (Item("Gone"), Item("B"))}, opted_out=False, keep_tag="Gone"
    )
    assert made["Tags"] == (Item("A"), Item("Gone"))


def items(*values: str) -> tuple[Item, ...]:
    return tuple(map(Item, values))


class TestBasesAfter:
    """A write has brought "x@"; the undo takes it away again."""

    PATCH: ClassVar[Values] = {"EMAIL": items("a@")}
    LEFT: ClassVar[Values] = {"Email": "a@", "Email2": "x@"}

    def base(self, mapping: ContactMapping, now: Value, before: Values | None) -> Value:
        source, agreed = bases_after(mapping, Side.RIGHT, self.PATCH, {"EMAIL": now}, self.LEFT, before)
        assert source == self.LEFT
        assert agreed.keys() == {"EMAIL"}
        return agreed["EMAIL"]

    def test_of_a_set_that_nobody_has_edited_what_is_shown(self, mapping: ContactMapping) -> None:
        assert self.base(mapping, items("a@", "x@"), {"EMAIL": items("x@", "A@")}) == items("a@")

    def test_what_a_person_has_added_is_not_agreed(self, mapping: ContactMapping) -> None:
        patch = {"EMAIL": items("a@", "new@")}
        _source, agreed = bases_after(
            mapping, Side.RIGHT, patch, {"EMAIL": items("a@", "x@", "new@")}, {}, {"EMAIL": items("a@", "x@")}
        )
        assert agreed == {"EMAIL": items("a@")}

    def test_what_a_person_has_taken_away_is_still_there(self, mapping: ContactMapping) -> None:
        assert self.base(mapping, items("x@"), {"EMAIL": items("gone@", "x@")}) == items("gone@", "a@")

    def test_without_a_base_everything_shown_is_agreed(self, mapping: ContactMapping) -> None:
        for before in (None, {}, {"given": "Ann"}):
            assert self.base(mapping, items("a@", "x@", "new@"), before) == items("a@")

    def test_slots_are_one_set(self, mapping: ContactMapping) -> None:
        _source, agreed = bases_after(
            mapping, Side.LEFT, {"Email2": None}, {"Email": "new@", "Email2": "x@"}, {}, self.LEFT
        )
        assert agreed == {"Email": "a@", "Email2": None}

    def test_names_beside_the_mapping_go_one_by_one_too(self, mapping: ContactMapping) -> None:
        def tags(now: Value, base: Value, patch: Value) -> Value:
            return bases_after(mapping, Side.LEFT, {"Tags": patch}, {"Tags": now}, {}, {"Tags": base})[1]["Tags"]

        assert tags(items("VIP", "CRM"), items("CRM"), items("VIP")) == ()
        assert tags(items("VIP"), None, items("VIP", "CRM")) == items("CRM")
        assert tags(items("CRM"), items("CRM"), None) is None


def test_a_group_is_edited_by_an_edit_of_any_of_its_fields() -> None:
    mapping = compile_mapping(SLOTS_SCHEMA, LISTS_SCHEMA, direction=Direction.BOTH, region="DE")
    now: Values = {"Street": "Elm 2", "City": "Trier", "Region": None, "Code": None, "Country": None}
    write = Written({"City": "Bonn"}, {"City": "Trier"})

    def undone(street: str) -> Reversal:
        return reverse(mapping, Side.LEFT, SLOTS_SCHEMA, [write], now, Base({**now, "Street": street}))

    assert undone("Oak 1") == Reversal(kept=("address",))
    assert undone("Elm 2") == undone("ELM 2 ") == Reversal({"City": "Bonn"})
