"""What an audience's fields are, and values on their way to and fro."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.mailchimp.conftest import Account
from zohosyncd.connectors.mailchimp.fields import MergeFieldInfo, merge_types, schema_of
from zohosyncd.connectors.mailchimp.members import Shape, query_fields, read, subscriber_hash
from zohosyncd.connectors.mailchimp.values import Unwritable, raw_of, value_of
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Postal, Record
from zohosyncd.core.schema import FieldType
from zohosyncd.ports.changes import Unreadable

INFOS = (
    MergeFieldInfo("FNAME", "text", "First Name"),
    MergeFieldInfo("LNAME", "text", "Last Name", required=True),
    MergeFieldInfo("ADDRESS", "address", "Address"),
    MergeFieldInfo("PHONE", "phone", "Phone", options={"phone_format": "none"}),
    MergeFieldInfo("BIRTHDAY", "birthday", "Birthday"),
    MergeFieldInfo("COMPANY", "text", "Company"),
    MergeFieldInfo("POINTS", "number", "Points"),
    MergeFieldInfo("SINCE", "date", "Since"),
    MergeFieldInfo("KIND", "radio", "Kind", options={"choices": ["Wholesale", "Retail"]}),
    MergeFieldInfo("PICTURE", "imageurl", "Picture"),
    MergeFieldInfo("USZIP", "zip", "ZIP"),
    MergeFieldInfo("FUTURE", "hologram", "Of a kind that nobody knows yet"),
)
TYPES = merge_types(INFOS)
SHAPE = Shape(schema_of(INFOS), TYPES)
MEMBER: dict[str, Any] = {
    "id": subscriber_hash("ann@example.com"), "contact_id": "c1", "email_address": "Ann@Example.com",
    "status": "subscribed", "timestamp_opt": "2026-01-02T03:04:05+00:00", "last_changed": "2026-02-02T03:04:05+00:00",
    "source": "Import", "language": "de", "vip": True, "tags_count": 1, "tags": [{"id": 1, "name": "VIP, really"}],
    "merge_fields": {"FNAME": "Ann", "LNAME": "", "BIRTHDAY": "05/12", "POINTS": 7, "ADDRESS": ""},
}  # fmt: skip


def shown(**more: Any) -> Any:
    return read({**MEMBER, **more}, tuple(SHAPE.schema.fields), SHAPE)


def test_the_merge_fields_have_their_types_limits_and_meanings() -> None:
    schema = SHAPE.schema
    kinds = {each.name: each.type for each in schema}
    assert kinds["FNAME"] is FieldType.TEXT
    assert kinds["ADDRESS"] is FieldType.ADDRESS
    assert (kinds["BIRTHDAY"], schema.fields["BIRTHDAY"].yearless) == (FieldType.DATE, True)
    assert (kinds["SINCE"], schema.fields["SINCE"].yearless) == (FieldType.DATE, False)
    assert (kinds["KIND"], schema.fields["KIND"].choices) == (FieldType.CHOICE, ("Wholesale", "Retail"))
    assert (kinds["PICTURE"], kinds["POINTS"]) == (FieldType.URL, FieldType.NUMBER)
    assert (kinds["FUTURE"], schema.fields["FUTURE"].writable) == (FieldType.OTHER, False)
    assert (schema.fields["FNAME"].max_length, schema.fields["USZIP"].max_length) == (255, 5)
    meanings = {each.semantic: each.name for each in schema if each.semantic}
    assert meanings == {
        "emails": "email_address", "given_name": "FNAME", "family_name": "LNAME", "address": "ADDRESS",
        "phones": "PHONE", "birthday": "BIRTHDAY", "company": "COMPANY",
    }  # fmt: skip


def test_a_field_of_a_well_known_tag_and_another_type_means_nothing() -> None:
    schema = schema_of([MergeFieldInfo("BIRTHDAY", "text"), MergeFieldInfo("FNAME", "number")])
    assert not schema.meaning("birthday")
    assert not schema.meaning("given_name")


def test_what_the_form_requires_is_required_only_where_the_operator_says_so() -> None:
    assert [each.name for each in SHAPE.schema.required] == ["email_address"]
    assert [each.name for each in schema_of(INFOS, require=True).required] == ["email_address", "LNAME"]


def test_consent_is_a_state_with_the_time_of_the_consent() -> None:
    consent = SHAPE.schema.consent
    assert consent is not None
    assert (consent.state, consent.at, consent.source) == ("status", "consented_at", "source")
    assert set(consent.states) == {"subscribed", "unsubscribed", "pending"}


def test_a_member_as_a_record() -> None:
    record = shown()
    assert isinstance(record, Record)
    assert (record.id, record.version) == ("c1", "2026-02-02T03:04:05+00:00")
    assert record.native == subscriber_hash("ann@example.com")
    assert record.values == {
        "email_address": "Ann@Example.com", "FNAME": "Ann", "LNAME": None, "ADDRESS": None, "BIRTHDAY": "--05-12",
        "POINTS": 7, "status": "subscribed", "consented_at": "2026-01-02T03:04:05+00:00", "source": "Import",
        "tags": as_value(["VIP, really"]), "language": "de", "vip": True,
    }  # fmt: skip


def test_what_the_answer_does_not_have_was_not_read_and_is_not_empty() -> None:
    record = shown()
    assert not {"PHONE", "COMPANY", "SINCE", "KIND"} & record.values.keys()
    assert shown(merge_fields=[]).values.keys().isdisjoint(TYPES)  # how an empty object comes


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "pending", "transactional"])
def test_only_who_is_subscribed_has_a_time_of_consent(status: str) -> None:
    assert shown(status=status).values["consented_at"] is None
    assert shown(status=status).values["status"] == status


@pytest.mark.parametrize("wrong", ["", "yesterday", None, 7, "2026-01-02T03:04:05"])
def test_a_time_of_consent_that_cannot_be_read_is_none(wrong: Any) -> None:
    assert shown(timestamp_opt=wrong).values["consented_at"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"status": "confused"}, {"tags": "none"}, {"tags": [{"id": 1}]}, {"merge_fields": {"POINTS": "many"}}],
    ids=str,
)
def test_what_cannot_be_read_is_unreadable_and_says_nothing_of_the_person(wrong: dict[str, Any]) -> None:
    found = shown(**wrong)
    assert isinstance(found, Unreadable), found
    assert found.id == "c1"
    assert not {"Ann", "example", "many", "confused"} & set(found.reason.replace("@", " ").split())


def test_an_address_has_its_lines_and_parts() -> None:
    raw = {"addr1": "1 Main St", "addr2": "Flat 2", "city": "Berlin", "state": "BE", "zip": "10115", "country": "DE"}
    address = Postal("1 Main St\nFlat 2", "Berlin", "BE", "10115", "DE")
    assert shown(merge_fields={"ADDRESS": raw}).values["ADDRESS"] == address
    assert raw_of("ADDRESS", address, TYPES) == raw
    only_country = {**dict.fromkeys(raw, ""), "country": "US"}
    assert shown(merge_fields={"ADDRESS": only_country}).values["ADDRESS"] is None


@pytest.mark.parametrize(("value", "raw"), [("1980-05-12", "05/12"), ("--02-29", "02/29"), (None, "")])
def test_a_birthday_is_written_without_its_year(value: str | None, raw: str) -> None:
    assert raw_of("BIRTHDAY", value, TYPES) == raw


def test_a_number_of_the_usa_has_its_country_here_and_none_there() -> None:
    types = merge_types([MergeFieldInfo("US", "phone", options={"phone_format": "US"})])
    assert raw_of("US", "+1 212-555-0101", types) == "212-555-0101"
    row = {**MEMBER, "merge_fields": {"US": "(212) 555-0101"}}
    assert value_of("US", row, types) == "+1 (212) 555-0101"
    assert raw_of("US", "+49 30 123456", types) == "+49 30 123456"  # which Mailchimp refuses


@pytest.mark.parametrize(
    ("name", "value"), [("BIRTHDAY", "soon"), ("ADDRESS", "1 Main St"), ("FNAME", Postal("x")), ("BIRTHDAY", 7)]
)
def test_a_value_of_another_kind_is_not_sent(name: str, value: Any) -> None:
    with pytest.raises(Unwritable) as caught:
        raw_of(name, value, TYPES)
    assert caught.value.field == name


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1).map(str.strip).filter(bool)
VALUES = {
    "FNAME": st.none() | LINE,
    "POINTS": st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32),
    "SINCE": st.none() | st.dates().map(str),
    "BIRTHDAY": st.none() | st.dates().map(lambda each: f"--{each.month:02}-{each.day:02}"),
    "ADDRESS": st.none() | st.builds(Postal, LINE, LINE, LINE, LINE, LINE),
}


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_what_is_written_reads_back_the_same(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[name])
    row = {**MEMBER, "merge_fields": {name: raw_of(name, value, TYPES)}}
    assert value_of(name, row, TYPES) == value


@given(st.text(string.ascii_letters + "üÜß", min_size=1))
def test_the_hash_of_an_address_does_not_depend_on_its_case(user: str) -> None:
    assert subscriber_hash(f" {user}@Example.COM ") == subscriber_hash(f"{user.lower()}@example.com")


def test_the_hash_is_that_of_the_documentation() -> None:
    assert subscriber_hash("Urist.McVankab@freddiesjokes.com") == "62eeb292278cc15f5817cb78f7790b08"


def test_only_what_is_needed_is_asked_for() -> None:
    assert query_fields(["FNAME"], "members.").split(",") == [
        "members.id", "members.contact_id", "members.status", "members.last_changed", "members.merge_fields.FNAME",
    ]  # fmt: skip


async def test_the_schema_follows_the_audience(account: Account) -> None:
    before = await account.connector.schema(account.ref)
    account.app.edit({"object": account.ref, "add_field": {"tag": "NEWS", "name": "News", "type": "text"}})
    account.app.edit({"object": account.ref, "drop_field": "JTITLE"})
    after = await account.connector.schema(account.ref)
    assert after.fields.keys() - before.fields.keys() == {"NEWS"}
    assert before.fields.keys() - after.fields.keys() == {"JTITLE"}
