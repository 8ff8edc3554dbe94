"""By what records are recognised before they are linked."""

import pytest

from zohosyncd.core.keys import MatchKey, fields_needed, kinds, level_problems, match_keys
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
        "field:A=b.c/1",
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
