"""Mappings compiled from two schemas."""

from dataclasses import replace

import pytest

from zohosyncd.connectors.memory.schemas import MEMBERS_SCHEMA, SLOTS_SCHEMA
from zohosyncd.core.errors import Mistakes, UsageError
from zohosyncd.core.mapping import FieldPair, compile_mapping
from zohosyncd.core.record import Item, Postal
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Direction, Side, Winner

T = FieldType
CRM = Schema.of(
    Field("First_Name", T.TEXT, semantic="given_name"),
    Field("Last_Name", T.TEXT, semantic="family_name", required=True, max_length=80),
    Field("Full_Name", T.TEXT, semantic="full_name", writable=False),
    Field("Email", T.EMAIL, semantic="emails"),
    Field("Secondary_Email", T.EMAIL, semantic="emails", slot=1),
    Field("Phone", T.PHONE, semantic="phones", item_label="work"),
    Field("Mobile", T.PHONE, semantic="phones", slot=1, item_label="mobile"),
    Field("Mailing_Street", T.TEXT, semantic="address", part="street"),
    Field("Mailing_City", T.TEXT, semantic="address", part="city"),
    Field("Date_of_Birth", T.DATE, semantic="birthday"),
    Field("Email_Opt_Out", T.BOOLEAN, semantic="opted_out"),
    Field("Description", T.TEXT, semantic="notes"),
    Field("Customer_Number", T.TEXT),
    Field("Score", T.NUMBER),
    Field("Source", T.CHOICE, choices=("Web", "Fair")),
    Field("Created_Time", T.TEXT, writable=False),
    Field("Owner", T.OTHER),
)
BOOK = Schema.of(
    Field("N.given", T.TEXT, semantic="given_name"),
    Field("N.family", T.TEXT, semantic="family_name"),
    Field("FN", T.TEXT, semantic="full_name"),
    Field("EMAIL", T.EMAILS, semantic="emails"),
    Field("TEL", T.PHONES, semantic="phones"),
    Field("ADR", T.ADDRESS, semantic="address"),
    Field("BDAY", T.DATE, semantic="birthday", yearless=True),
    Field("NOTE", T.TEXT, semantic="notes"),
    Field("userDefined.customer", T.TEXT),
    Field("userDefined.score", T.TEXT),
)
LIST = Schema.of(
    Field("name", T.TEXT, semantic="full_name"),
    Field("email", T.EMAIL, semantic="emails", required=True),
    Field("unsubscribed", T.BOOLEAN, semantic="opted_out"),
)


def compiled(left=CRM, right=BOOK, direction=Direction.BOTH, region="DE", **more):
    return compile_mapping(left, right, direction=direction, region=region, **more)


def by_name(mapping):
    return {pair.name: pair for pair in mapping.pairs}


def test_the_default_pairs_follow_from_what_fields_mean():
    mapping = compiled()
    pairs = by_name(mapping)
    assert list(pairs) == ["given_name", "family_name", "emails", "phones", "birthday", "notes", "address"]
    assert {pair.name for pair in mapping.pairs if pair.multi} == {"emails", "phones"}
    assert pairs["emails"].left.fields == ("Email", "Secondary_Email")
    assert pairs["emails"].lens(Side.RIGHT).fields == ("EMAIL",)
    assert all(pair.direction is Direction.BOTH and not pair.narrowed for pair in mapping.pairs)
    assert mapping.dropped == ()


def test_slots_stand_against_one_field_with_several_values():
    pair = by_name(compiled())["phones"]
    assert pair.left.get({"Phone": "030 123456", "Mobile": None}) == (Item("030 123456", "work"),)
    assert pair.canon_item(Item("030 123456")) == "+4930123456"
    assert pair.canon(pair.left.get({"Phone": "030 123456", "Mobile": None})) == pair.canon((Item("+4930123456"),))


def test_address_parts_stand_against_one_field_in_the_parts_that_both_know():
    pair = by_name(compiled())["address"]
    assert pair.left.fields == ("Mailing_Street", "Mailing_City")
    assert pair.right.get({"ADR": Postal("Weg 1", "Bonn", code="53111")}) == Postal("Weg 1", "Bonn")


def test_name_parts_stand_against_a_full_name_where_the_other_app_has_nothing_else():
    mapping = compiled(CRM, LIST)
    pairs = by_name(mapping)
    assert list(pairs) == ["full_name", "emails"]
    assert pairs["full_name"].left.get({"First_Name": "Ann", "Last_Name": "Dyck"}) == "Ann Dyck"
    assert by_name(compiled(LIST, CRM))["full_name"].right.fields == ("First_Name", "Last_Name")
    assert pairs["emails"].multi


def test_one_single_email_on_both_sides_is_one_value():
    assert not by_name(compiled(LIST, LIST))["emails"].multi


def test_consent_is_no_plain_field():
    assert "opted_out" not in by_name(compiled(LIST, CRM))


def test_every_field_that_has_to_be_read_is_named():
    mapping = compiled(without=["phones"], match=["phone+family_name", "Customer_Number=userDefined.customer"])
    assert {"Phone", "Mobile", "Customer_Number"} <= set(mapping.fields(Side.LEFT))
    assert not {"Phone", "Mobile", "Customer_Number"} & set(mapping.used_fields(Side.LEFT))
    assert {"TEL", "userDefined.customer", "FN"} <= set(mapping.fields(Side.RIGHT))
    assert "Customer_Number" in mapping.unmapped(Side.LEFT)
    assert "EMAIL" not in mapping.unmapped(Side.RIGHT)


def test_a_configured_pair_comes_beside_the_default_ones():
    wish = FieldPair("Customer_Number", "userDefined.customer", Direction.LEFT_TO_RIGHT, Winner.LEFT)
    pair = compiled(pairs=[wish]).pairs[-1]
    assert (pair.name, pair.direction, pair.winner) == (
        "Customer_Number = userDefined.customer",
        Direction.LEFT_TO_RIGHT,
        Winner.LEFT,
    )
    assert pair.narrowed == ""


def test_a_configured_pair_replaces_the_default_pairs_of_its_fields():
    pairs = by_name(compiled(pairs=[FieldPair("Description", "FN"), FieldPair("Email", "EMAIL")]))
    assert "notes" not in pairs
    assert "emails" not in pairs
    assert pairs["Email = EMAIL"].multi


def test_types_narrow_the_direction_and_say_why():
    pair = compiled(pairs=[FieldPair("Score", "userDefined.score")]).pairs[-1]
    assert pair.direction is Direction.LEFT_TO_RIGHT
    assert "cannot always be read as a number" in pair.narrowed
    assert pair.left.get({"Score": 7.0}) == "7"
    pair = compiled(BOOK, CRM, pairs=[FieldPair("userDefined.score", "Score")]).pairs[-1]
    assert pair.direction is Direction.RIGHT_TO_LEFT


def test_a_read_only_field_is_only_read():
    pair = compiled(pairs=[FieldPair("Created_Time", "userDefined.customer")]).pairs[-1]
    assert pair.direction is Direction.LEFT_TO_RIGHT
    assert pair.narrowed == "Created_Time is read-only"


def test_a_pair_that_nothing_can_travel_through_is_dropped_with_the_reason():
    fixed = Schema.of(*(replace(field, writable=False) if field.name == "BDAY" else field for field in BOOK))
    mapping = compiled(right=fixed, direction=Direction.LEFT_TO_RIGHT)
    assert "birthday" not in by_name(mapping)
    assert mapping.dropped == ("birthday: BDAY is read-only",)


def test_a_configured_pair_against_the_direction_of_the_connection_is_dropped():
    wish = FieldPair("Customer_Number", "userDefined.customer", Direction.RIGHT_TO_LEFT)
    mapping = compiled(pairs=[wish], direction=Direction.LEFT_TO_RIGHT)
    assert mapping.dropped == (f"{wish.name}: right_to_left is not the direction of the connection",)


def test_the_direction_of_the_connection_is_no_narrowing():
    mapping = compiled(direction=Direction.RIGHT_TO_LEFT)
    assert {pair.direction for pair in mapping.pairs} == {Direction.RIGHT_TO_LEFT}
    assert {pair.narrowed for pair in mapping.pairs} == {""}


def test_a_choice_and_a_text_refuse_by_record():
    pair = compiled(pairs=[FieldPair("Source", "userDefined.customer")]).pairs[-1]
    assert pair.direction is Direction.BOTH
    assert pair.left.refuses("Letter") is not None
    assert pair.left.put("WEB", {"Source": None}) == {"Source": "Web"}


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (
            FieldPair("Custmer_Number", "NOTE"),
            'the left side has no field "Custmer_Number" (did you mean "Customer_Number"?)',
        ),
        (FieldPair("Customer_Number", "xyz"), 'the right side has no field "xyz"'),
        (FieldPair("Email_Opt_Out", "NOTE"), "hold different kinds of values"),
        (FieldPair("Owner", "NOTE"), "cannot be synced"),
        (FieldPair("Score", "EMAIL"), "hold different kinds of values"),
        (FieldPair("Email", "TEL"), "hold different kinds of values"),
        (FieldPair("Mailing_City", "ADR"), "hold different kinds of values"),
        (FieldPair("Customer_Number", "NOTE", winner=Winner.UNION), "only for fields with several values"),
        (FieldPair("Created_Time", "NOTE", Direction.RIGHT_TO_LEFT), "Created_Time is read-only"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(wish, message):
    with pytest.raises(UsageError) as caught:
        compiled(pairs=[wish])
    assert message in str(caught.value)


def test_all_problems_are_told_at_once():
    with pytest.raises(UsageError) as caught:
        compiled(pairs=[FieldPair("Nope", "Nada")], without=["birthdy"], match=["emial"])
    message = str(caught.value)
    assert message.count(";") == 3
    assert 'no default pair is called "birthdy" (did you mean "birthday"?)' in message


def test_a_field_stands_in_one_configured_pair():
    with pytest.raises(Mistakes) as caught:
        compiled(pairs=[FieldPair("Customer_Number", "NOTE"), FieldPair("Description", "NOTE")])
    (problem,) = caught.value.problems
    assert str(problem) == "fields[2].right: NOTE stands in more than one configured pair"


def test_a_wrong_level_or_name_of_a_pair_is_told_at_its_own_place():
    with pytest.raises(Mistakes) as caught:
        compiled(without=["birthday", "birthdy"], match=["email", "Custmer_Number=NOTE"])
    assert [str(each).split(": ")[0] for each in caught.value.problems] == ["mapping.without[2]", "match[2]"]


def test_the_version_changes_with_the_meaning_and_with_nothing_else():
    version = compiled().version
    longer = Schema.of(*(replace(field, max_length=99, label="x") for field in CRM))
    assert compiled(left=longer).version == version
    assert compiled(region="FR").version != version
    assert compiled(direction=Direction.LEFT_TO_RIGHT).version != version
    assert compiled(without=["birthday"]).version != version
    assert compiled(match=["Customer_Number=NOTE"]).version != version
    assert len(version) == 16


def test_the_fuller_side_of_two_values_that_are_no_clash():
    pairs = by_name(compiled())
    assert pairs["birthday"].fuller({"Date_of_Birth": "1980-03-05"}, {"BDAY": "--03-05"}) is Side.LEFT
    assert pairs["birthday"].fuller({"Date_of_Birth": "1980-03-05"}, {"BDAY": "--03-06"}) is None
    long = "x" * 90
    assert pairs["family_name"].fuller({"Last_Name": "x" * 80}, {"N.family": long}) is Side.RIGHT
    assert pairs["family_name"].fuller({"Last_Name": "x"}, {"N.family": "x"}) is None


def test_single_items_are_compared_only_in_sets():
    with pytest.raises(TypeError):
        by_name(compiled())["notes"].canon_item(Item("x"))


class TestConsent:
    """Consent is no value among others: a plain pair shows it elsewhere, and never writes it."""

    def test_a_state_of_consent_is_shown_and_not_written_by_a_pair(self):
        pair = by_name(compiled(SLOTS_SCHEMA, MEMBERS_SCHEMA, pairs=[FieldPair("Custom", "state")]))["Custom = state"]
        assert pair.direction is Direction.RIGHT_TO_LEFT
        assert "consent" in pair.narrowed

    def test_a_flag_of_consent_neither(self):
        with pytest.raises(Mistakes, match="consent"):
            compiled(CRM, LIST, pairs=[FieldPair("Email_Opt_Out", "unsubscribed")])

    def test_what_would_only_write_it_is_refused(self):
        wished = FieldPair("Custom", "state", direction=Direction.LEFT_TO_RIGHT)
        with pytest.raises(Mistakes, match="consent"):
            compiled(SLOTS_SCHEMA, MEMBERS_SCHEMA, pairs=[wished])
