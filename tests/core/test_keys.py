"""By what records are recognised before they are linked."""

import pytest

from zohosyncd.core.keys import (
    MatchKey,
    fields_needed,
    key_maker,
    kinds,
    level_problems,
    mailbox_kind,
    match_keys,
)
from zohosyncd.core.record import Item
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Side

CRM = Schema.of(
    Field("First_Name", FieldType.TEXT, semantic="given_name"),
    Field("Last_Name", FieldType.TEXT, semantic="family_name"),
    Field("Email", FieldType.EMAIL, semantic="emails"),
    Field("Second", FieldType.EMAIL, semantic="emails", slot=1),
    Field("Phone", FieldType.PHONE, semantic="phones"),
    Field("Number", FieldType.NUMBER),
)
BOOK = Schema.of(
    Field("FN", FieldType.TEXT, semantic="full_name"),
    Field("EMAIL", FieldType.EMAILS, semantic="emails"),
    Field("TEL", FieldType.PHONES, semantic="phones"),
    Field("NUMBER", FieldType.TEXT),
)
CRM_ANN = {
    "First_Name": "Ann",
    "Last_Name": "van Dyck",
    "Email": "Ann@X.de",
    "Second": "b@x.de",
    "Phone": "030 123456",
    "Number": 47.0,
}
BOOK_ANN = {
    "FN": "Ann VAN DYCK",
    "EMAIL": (Item("ann@x.DE"),),
    "TEL": (Item("+49 30 123456"), Item("ask")),
    "NUMBER": " 47",
}


def test_every_email_is_a_key():
    assert match_keys(CRM_ANN, CRM, ["email"], "DE") == (MatchKey("email/1", "ann@x.de"), MatchKey("email/1", "b@x.de"))


@pytest.mark.parametrize(
    "level", ["email", "phone", "phone+family_name", "email+full_name", "phone+given_name", "Number = NUMBER"]
)
def test_the_same_person_has_equal_keys_in_both_apps(level):
    ours = match_keys(CRM_ANN, CRM, [level], "DE", Side.LEFT)
    theirs = match_keys(BOOK_ANN, BOOK, [level], "DE", Side.RIGHT)
    assert theirs
    assert set(theirs) <= set(ours)
    assert {key.kind for key in ours} == set(kinds([level], "de"))


def test_the_kind_names_what_its_form_depends_on():
    assert kinds(["email", "phone+family_name", "A=b.c"], "DE") == (
        "email/1",
        "phone+family_name/DE/1",
        "field:A=b.c/DE/2.1",
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"Phone": "030 123456"},
        {"Phone": "030 123456", "Last_Name": None},
        {"Phone": "ask Ann", "Last_Name": "Dyck"},
        {"Phone": None, "Last_Name": "Dyck"},
        {"Last_Name": "Dyck"},
    ],
)
def test_a_record_that_lacks_a_part_or_was_not_read_gives_no_key(values):
    assert match_keys(values, CRM, ["phone+family_name"], "DE") == ()


def test_what_is_no_address_and_no_number_with_country_is_no_key():
    assert match_keys({"Email": "none"}, CRM, ["email"], "DE") == ()
    assert match_keys({"Phone": "030 123456"}, CRM, ["phone"], "") == ()
    assert match_keys({"Number": None}, CRM, ["Number=NUMBER"], "", Side.LEFT) == ()


def test_a_pair_of_fields_needs_the_side():
    with pytest.raises(ValueError, match="side"):
        match_keys(CRM_ANN, CRM, ["Number=NUMBER"], "DE")


def test_wrong_levels_are_named_with_what_is_near():
    problems = level_problems(["emial", "family_name", "Numbr=NUMBER", "email"], CRM, BOOK)
    assert len(problems) == 3
    assert '"email"' in problems[0]
    assert "tell nobody apart" in problems[1]
    assert '"Number"' in problems[2]


def test_the_fields_that_keys_are_made_of():
    assert fields_needed(["email", "phone+family_name", "Number=NUMBER"], CRM, Side.LEFT) == (
        "Email", "Second", "Phone", "First_Name", "Last_Name", "Number",
    )  # fmt: skip
    assert fields_needed(["email", "Number=NUMBER"], BOOK, Side.RIGHT) == ("EMAIL", "NUMBER")


SHARED = ("info", "office")


def test_the_address_of_a_shared_mailbox_is_a_key_only_together_with_a_name():
    values = {"Email": "Info@x.de", "Second": "ann@x.de", "First_Name": "Ann", "Last_Name": "Dyck"}
    levels = kinds(["email"], "DE", SHARED)
    keys = key_maker(CRM, ["email"], "DE", Side.LEFT, SHARED)(values)
    assert [(key.kind, key.value) for key in keys] == [
        (levels[0], "ann@x.de"), (levels[1], "info@x.de\x1fann dyck"), (mailbox_kind(SHARED), "info@x.de"),
    ]  # fmt: skip
    nameless = key_maker(CRM, ["email"], "DE", Side.LEFT, SHARED)({"Email": "info@x.de"})
    assert [key.kind for key in nameless] == [mailbox_kind(SHARED)]


def test_dots_and_plus_tags_make_other_addresses():
    maker = key_maker(CRM, ["email"], "DE", Side.LEFT, SHARED)
    keys = {maker({"Email": each})[0].value for each in ("a.nn@x.de", "ann@x.de", "ann+info@x.de", "info+ann@x.de")}
    assert len(keys) == 4


def test_another_list_of_mailboxes_makes_other_kinds_and_its_order_does_not():
    assert kinds(["email"], "", SHARED) == kinds(["email"], "", SHARED[::-1])
    assert not {*kinds(["email"], "", SHARED)} & {*kinds(["email"], "", ("info",)), *kinds(["email"], "")}


@pytest.mark.parametrize(
    ("left", "right", "one", "other", "same"),
    [
        (FieldType.PHONE, FieldType.PHONES, "030 123456", (Item("+49 30 123456"),), True),
        (FieldType.EMAIL, FieldType.EMAIL, "Ann@X.de", "ann@x.de", True),
        (FieldType.NUMBER, FieldType.TEXT, 1001.0, " 1001", True),
        (FieldType.TEXT, FieldType.TEXT, "C-7", "c-7 ", True),
        (FieldType.TEXT, FieldType.TEXT, "C-7", "C7", False),
    ],
)
def test_a_pair_of_fields_is_compared_as_its_types_are(left, right, one, other, same):
    ours, theirs = Schema.of(Field("A", left)), Schema.of(Field("B", right))
    assert level_problems(["A=B"], ours, theirs) == []
    keys = [
        match_keys({"A": one}, ours, ["A=B"], "DE", Side.LEFT),
        match_keys({"B": other}, theirs, ["A=B"], "DE", Side.RIGHT),
    ]
    assert all(keys)
    assert (keys[0] == keys[1]) is same


@pytest.mark.parametrize(
    "kind", [FieldType.BOOLEAN, FieldType.CHOICE, FieldType.DATE, FieldType.OWNER, FieldType.NAMES]
)
def test_what_many_people_share_is_no_match_key(kind):
    (problem,) = level_problems(["A=B"], Schema.of(Field("A", kind)), Schema.of(Field("B", FieldType.TEXT)))
    assert "A is of type" in problem
    assert "tells nobody apart" in problem


def test_an_address_and_a_text_are_no_match_key():
    (problem,) = level_problems(["A=B"], Schema.of(Field("A", FieldType.PHONE)), Schema.of(Field("B", FieldType.TEXT)))
    assert "different kinds of values" in problem
