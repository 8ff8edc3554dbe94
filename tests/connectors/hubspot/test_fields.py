"""Properties as a schema, and values to and fro: laws for every kind."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.hubspot.conftest import Portal
from zohosyncd.connectors.hubspot.fields import PropertyInfo, schema_of
from zohosyncd.connectors.hubspot.records import Unwritable, properties_to_write, record_of
from zohosyncd.connectors.hubspot.times import day_of, in_utc, millis
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Owner, Value
from zohosyncd.core.schema import FieldType
from zohosyncd.sandbox.hubspot.about import OWNERS
from zohosyncd.sandbox.hubspot.properties import ALL, Invalid, stored

INFOS = msgspec.convert([each.shown() for each in ALL.values()], list[PropertyInfo])
KNOWN = [Owner(each, f"{given} {family}", email) for each, (given, family, email) in OWNERS.items()]
SCHEMA = schema_of(INFOS, owners=KNOWN, lists=["VIP"])


def test_the_standard_properties_have_their_meanings() -> None:
    meanings = {each.name: (each.semantic, each.part, each.slot) for each in SCHEMA if each.semantic}
    assert meanings == {
        "salutation": ("prefix", "", 0), "firstname": ("given_name", "", 0), "lastname": ("family_name", "", 0),
        "email": ("emails", "", 0), "phone": ("phones", "", 0), "mobilephone": ("phones", "", 1),
        "company": ("company", "", 0), "jobtitle": ("title", "", 0), "website": ("websites", "", 0),
        "address": ("address", "street", 0), "city": ("address", "city", 0), "state": ("address", "region", 0),
        "zip": ("address", "code", 0), "country": ("address", "country", 0), "date_of_birth": ("birthday", "", 0),
        "hs_email_optout": ("opted_out", "", 0),
    }  # fmt: skip


def test_types_choices_and_what_may_be_written() -> None:
    kinds = {each.name: each.type for each in SCHEMA}
    assert kinds["topics"] is FieldType.NAMES
    assert kinds["hs_additional_emails"] is FieldType.NAMES
    assert (kinds["lifecyclestage"], kinds["key_account"], kinds["annual_spend"], kinds["customer_since"], kinds["last_visit"]) == (
        FieldType.CHOICE, FieldType.BOOLEAN, FieldType.NUMBER, FieldType.DATE, FieldType.MOMENT,
    )  # fmt: skip
    assert kinds["date_of_birth"] is FieldType.TEXT
    assert SCHEMA.fields["lifecyclestage"].choices[:2] == ("subscriber", "lead")
    assert SCHEMA.stages.index("lead") < SCHEMA.stages.index("customer")
    locked = {each.name for each in SCHEMA if not each.writable}
    assert {"createdate", "lastmodifieddate", "hs_object_id", "hs_full_name_or_email", "hs_additional_emails"} <= locked
    assert "hs_email_optout" not in locked
    assert "hs_merged_object_ids" not in SCHEMA.fields  # hidden
    assert (SCHEMA.owner, SCHEMA.created, SCHEMA.owners) == ("hubspot_owner_id", "createdate", tuple(KNOWN))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"type": "date"}, FieldType.DATE),
        ({"type": "json"}, FieldType.OTHER),
        ({"type": "object_coordinates"}, FieldType.OTHER),
        ({"type": "phone_number"}, FieldType.PHONE),
        ({"type": "enumeration", "fieldType": "booleancheckbox"}, FieldType.BOOLEAN),
        ({"type": "enumeration", "fieldType": "select"}, FieldType.CHOICE),
        ({"type": ""}, FieldType.OTHER),
    ],
)
def test_kinds_of_properties(more: dict[str, Any], kind: FieldType) -> None:
    info = msgspec.convert({"name": "p", **more}, PropertyInfo)
    field = schema_of([info], owners=None, lists=None).fields["p"]
    assert field.type is kind
    assert field.writable == (kind is not FieldType.OTHER)


def test_hidden_and_archived_properties_are_left_out_and_hidden_options_cannot_be_chosen() -> None:
    infos = msgspec.convert(
        [{"name": "a", "type": "string", "hidden": True}, {"name": "b", "type": "string", "archived": True},
         {"name": "c", "type": "enumeration", "fieldType": "select", "options": [
             {"value": "2", "displayOrder": 2}, {"value": "x", "hidden": True}, {"value": "1", "displayOrder": 1},
             {"value": "last", "displayOrder": -1}]}], list[PropertyInfo])  # fmt: skip
    schema = schema_of(infos, owners=None, lists=None)
    assert list(schema.fields) == ["c"]
    assert schema.fields["c"].choices == ("1", "2", "last")


def test_a_birthday_that_is_a_date_can_be_written() -> None:
    info = msgspec.convert({"name": "date_of_birth", "type": "date", "fieldType": "date"}, PropertyInfo)
    field = schema_of([info], owners=None, lists=None).fields["date_of_birth"]
    assert (field.type, field.semantic, field.writable) == (FieldType.DATE, "birthday", True)


VALUES = {
    "jobtitle": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50),
    "annual_spend": st.integers(-(2**50), 2**50) | st.floats(allow_nan=False, allow_infinity=False, width=32),
    "key_account": st.booleans(),
    "customer_since": st.dates().map(str),
    "last_visit": st.datetimes().map(lambda each: each.replace(microsecond=0).isoformat() + "+00:00"),
    "lifecyclestage": st.sampled_from(SCHEMA.fields["lifecyclestage"].choices),
    "topics": st.sets(st.sampled_from(["events", "offers", "product_news"])).map(lambda each: as_value(sorted(each))),
    "hubspot_owner_id": st.sampled_from(KNOWN),
}
PATCHES = st.fixed_dictionaries({}, optional={name: values | st.none() for name, values in VALUES.items()})


@given(PATCHES)
def test_what_is_written_is_what_is_read(patch: dict[str, Value]) -> None:
    texts = properties_to_write(patch, SCHEMA)
    assert all(isinstance(each, str) for each in texts.values())
    kept = {name: stored(ALL[name], text, OWNERS) for name, text in texts.items()}
    row = {"id": "1", "properties": {name: text or None for name, text in kept.items()}}
    read = record_of(row, list(patch), SCHEMA).values
    for name, value in patch.items():
        nothing = () if name == "topics" else None
        assert read[name] == (value if value not in (None, ()) else nothing), (name, value, texts)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA.fields)), st.text(max_size=30) | st.none()))
def test_nothing_that_hubspot_could_show_breaks_a_record(shown: dict[str, Any]) -> None:
    record = record_of({"id": "1", "properties": shown}, list(shown), SCHEMA)
    assert record.values.keys() <= shown.keys()


@given(st.integers(-60_000_000_000_000, 60_000_000_000_000))
def test_moments_and_days_have_one_spelling(moment: int) -> None:
    text = in_utc(str(moment)) if abs(moment) > 99_999 else None
    if text is not None:
        assert text.endswith("+00:00")
        assert millis(text) == moment
        assert in_utc(text) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [("2020-02-29", "2020-02-29"), ("1582934400000", "2020-02-29"), ("2020-02-30", None), ("", None), ("soon", None),
     ("2020-02-29T00:00:00Z", "2020-02-29"), ("-62135596800001", None)],
)  # fmt: skip
def test_days(text: str, day: str | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("name", "value"),
    [("customer_since", "--03-05"), ("customer_since", "5 March"), ("last_visit", "yesterday"),
     ("last_visit", "2020-01-01T00:00:00"), ("topics", as_value(["no topic"])), ("annual_spend", float("nan")),
     ("jobtitle", as_value(["a"])), ("hubspot_owner_id", Owner("1")), ("hubspot_owner_id", Owner("", "Nobody"))],
)  # fmt: skip
def test_what_hubspot_cannot_hold_is_told_before_it_is_sent(name: str, value: Value) -> None:
    with pytest.raises(Unwritable) as caught:
        properties_to_write({name: value}, SCHEMA)
    assert caught.value.hint == name


def test_options_are_matched_without_regard_to_case() -> None:
    assert properties_to_write({"topics": as_value(["EVENTS", "Offers"])}, SCHEMA) == {"topics": "events;offers"}


def test_owners_are_found_by_address_or_name() -> None:
    for meant in (Owner("", email="BEN.costa@example.com"), Owner("", name="ben costa"), KNOWN[1]):
        assert properties_to_write({"hubspot_owner_id": meant}, SCHEMA) == {"hubspot_owner_id": "41000002"}


async def test_only_contacts_are_an_object(portal: Portal) -> None:
    assert await portal.connector.objects() == {"contacts": "Contacts"}
    assert await portal.connector.resolve("") == await portal.connector.resolve(" CONTACTS ") == "contacts"


def test_the_sandbox_refuses_what_hubspot_refuses() -> None:
    for name, text in (("email", "a b@c.de"), ("customer_since", "1582934400001"), ("key_account", "yes"),
                       ("annual_spend", "1,5"), ("hs_email_optout", "true"), ("last_visit", "2020-01-01T00:00:00")):  # fmt: skip
        with pytest.raises(Invalid):
            stored(ALL[name], text, OWNERS)
