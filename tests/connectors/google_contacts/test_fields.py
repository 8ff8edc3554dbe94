"""What a person shows, and that a patch changes this and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.google_contacts.people import LABELS, RICH, patches, values
from zohosyncd.connectors.google_contacts.fields import (
    ADDRESSES,
    BIRTHDAY,
    EMAILS,
    FIELDS,
    MEMBERSHIPS,
    NOTES,
    PHONES,
    URLS,
    person_field,
    schema_with,
)
from zohosyncd.connectors.google_contacts.patch import Unwritable, patched
from zohosyncd.connectors.google_contacts.person import former_ids, makers_of, modified_of, version_of
from zohosyncd.connectors.google_contacts.values import values_of
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Item, Postal, Value, Values
from zohosyncd.core.schema import SEMANTICS, FieldType
from zohosyncd.core.spelling import fold

GROUPS = {fold(name): id_ for id_, name in LABELS.items()}
MAPPED = (*FIELDS, "userDefined.customer", "userDefined.shoe")


def written(person: dict[str, Any], patch: Values) -> dict[str, Any]:
    """The person as the API has it after an update by this mask."""
    return {**person, **patched(person, patch, LABELS, GROUPS)}


def shown(person: dict[str, Any], *names: str) -> dict[str, Value]:
    return values_of(person, names or MAPPED, LABELS)


def test_a_rich_person_shows_what_counts() -> None:
    assert shown(RICH) == {
        "names.givenName": "Ann",
        "names.familyName": "Miller",
        "names.middleName": "Maria",
        "names.honorificPrefix": "Dr.",
        "names.honorificSuffix": None,
        "names.unstructuredName": "Dr. Ann Maria Miller",
        "nicknames": "Mim",
        EMAILS: (
            Item("ann@home.example", "home"),
            Item("ann@work.example", "work"),
            Item("ann@club.example", "other"),
        ),
        PHONES: (Item("0171 2345678", "mobile"), Item("030 1", "fax")),
        "organizations.name": "ACME",
        "organizations.title": "Queen",
        "organizations.department": "Court",
        BIRTHDAY: "1980-03-05",
        NOTES: "Likes tea.\nTwo lines.",
        URLS: (Item("https://ann.example/blog", "other"),),
        ADDRESSES: Postal("Main St 1", "Berlin", "", "10115", "Germany"),
        "addresses.home": Postal("Side St 2", "Bonn"),
        "addresses.work": Postal("Main St 1", "Berlin", "", "10115", "Germany"),
        "addresses.other": None,
        MEMBERSHIPS: as_value(["Customers"]),
        "userDefined.customer": "C-1",
        "userDefined.shoe": "39",
    }
    assert version_of(RICH) == "#AbCd="
    assert modified_of(RICH) == pytest.approx(1_795_521_600.123456)
    assert makers_of(RICH) == ()
    assert former_ids(RICH) == ()


def test_a_person_without_anything_is_empty() -> None:
    empty = shown({"resourceName": "people/c1", "etag": "x"})
    assert {name for name, value in empty.items() if value} == set()
    assert empty[MEMBERSHIPS] == ()


@pytest.mark.parametrize(
    "wrong", [None, "text", 7, {}, [None], ["text"], [{}], [{"value": None}], [{"date": []}], [{"metadata": "x"}]]
)
def test_whatever_stands_where_a_field_should_be_reading_never_fails(wrong: Any) -> None:
    person = dict.fromkeys({person_field(each) for each in MAPPED} | {"metadata"}, wrong)
    assert not any(shown(person).values())


def test_every_field_has_a_type_that_its_values_have_and_meanings_are_there_once() -> None:
    schema = schema_with(["customer"], LABELS.values())
    meanings = [each.semantic for each in schema if each.semantic]
    assert set(meanings) == set(SEMANTICS) - {"opted_out"}
    assert len(meanings) == len(set(meanings))
    assert schema.fields["userDefined.customer"].type is FieldType.TEXT
    assert "userDefined.customer" in list(schema.fields)


def test_a_custom_field_is_there_as_soon_as_somebody_names_it() -> None:
    fields = schema_with([], []).fields
    assert fields["userDefined.any thing"].type is FieldType.TEXT
    assert "userDefined.any thing" in fields
    assert "userDefined.any thing" not in list(fields)
    for wrong in ("userDefined.", "userDefined", "customer", "names.other"):
        assert wrong not in fields
        with pytest.raises(KeyError):
            fields[wrong]


@given(values)
def test_what_is_written_to_a_new_person_is_what_it_shows(wished: dict[str, Value]) -> None:
    assert shown(written({}, wished), *wished) == wished


@given(values, values)
def test_what_is_written_over_another_person_is_what_it_shows(
    before: dict[str, Value], wished: dict[str, Value]
) -> None:
    after = shown(written(written({}, before), wished), *wished)
    assert {name: _unlabelled(value) for name, value in after.items()} == {
        name: _unlabelled(value) for name, value in wished.items()
    }


def _unlabelled(value: Value) -> Value | frozenset[str]:
    """No label says nothing against the one that is there, so an item may keep it; order says nothing either."""
    return frozenset(each.value for each in value) if isinstance(value, tuple) else value


@given(patches)
def test_a_patch_leaves_all_that_it_does_not_name_as_it_was(patch: dict[str, Value]) -> None:
    after = written(RICH, patch)
    assert {name for name in RICH if after.get(name) != RICH[name]} <= {person_field(name) for name in patch}
    untouched = [name for name in MAPPED if not _touched(name, patch)]
    assert shown(after, *untouched) == shown(RICH, *untouched)
    for name in patch:
        if name.startswith("userDefined."):
            assert {"metadata": _meta(RICH, "userDefined", 1), "key": "shoe", "value": "39"} in after["userDefined"]


def _meta(person: dict[str, Any], field: str, at: int) -> Any:
    return person[field][at]["metadata"]


def _touched(name: str, patch: Values) -> bool:
    """Full names follow their parts, and typed addresses the one that counts; else each field is its own."""
    return name in patch or (name.startswith(("addresses", "names.unstructured")) and person_field(name) in {
        person_field(each) for each in patch
    })  # fmt: skip


@given(values)
def test_writing_what_is_there_changes_nothing(wished: dict[str, Value]) -> None:
    person = written({}, wished)
    assert written(person, wished) == person


def test_writing_what_a_rich_person_shows_sends_its_entries_as_they_came() -> None:
    same = {name: value for name, value in shown(RICH).items() if name != MEMBERSHIPS}
    sent = patched(RICH, same, LABELS, GROUPS)
    ours = {name: [each for each in RICH[name] if _is_ours(each)] for name in sent}
    assert sent == ours


def _is_ours(entry: dict[str, Any]) -> bool:
    return bool(entry.get("metadata", {}).get("source", {}).get("type") == "CONTACT")


def test_a_new_address_of_one_kind_leaves_the_others_with_labels_and_everything() -> None:
    home, work, club, _profile = RICH["emailAddresses"]
    wished = (Item("ann@home.example", "home"), Item("queen@work.example", "work"), Item("ann@club.example", "other"))
    sent = patched(RICH, {EMAILS: wished}, LABELS, GROUPS)
    assert sent == {EMAILS: [home, {**work, "value": "queen@work.example"}, club]}


def test_a_work_number_that_goes_and_a_mobile_number_that_comes_are_two_changes() -> None:
    fax = RICH["phoneNumbers"][1]
    sent = patched(RICH, {PHONES: (Item("030 1", "fax"), Item("040 5", "home"))}, LABELS, GROUPS)
    assert sent == {PHONES: [fax, {"value": "040 5", "type": "home"}]}


def test_another_number_has_not_the_old_ones_canonical_form() -> None:
    sent = patched(RICH, {PHONES: (Item("0171 999", "mobile"), Item("030 1", "fax"))}, LABELS, GROUPS)
    (mobile, _fax) = sent[PHONES]
    assert mobile == {"metadata": _meta(RICH, "phoneNumbers", 0), "value": "0171 999", "type": "workMobile"}


def test_what_a_profile_shows_is_never_written_to_the_contact() -> None:
    sent = patched(RICH, {EMAILS: None}, LABELS, GROUPS)
    assert sent == {EMAILS: []}


def test_a_part_of_the_name_leaves_the_others_and_no_spelling_of_the_old_one() -> None:
    (name,) = patched(RICH, {"names.familyName": "Stone"}, LABELS, GROUPS)["names"]
    assert name == {
        "metadata": _meta(RICH, "names", 0), "givenName": "Ann", "middleName": "Maria", "familyName": "Stone",
        "honorificPrefix": "Dr.", "phoneticFamilyName": "MIL-ler",
    }  # fmt: skip


def test_a_whole_name_is_left_to_google_to_split_unless_its_parts_are_said_too() -> None:
    whole = {"names.unstructuredName": "Bob Stone"}
    (name,) = patched(RICH, whole, LABELS, GROUPS)["names"]
    assert name == {"metadata": _meta(RICH, "names", 0), "unstructuredName": "Bob Stone",
                    "phoneticFamilyName": "MIL-ler"}  # fmt: skip
    (both,) = patched({}, {**whole, "names.givenName": "Bob"}, LABELS, GROUPS)["names"]
    assert both == {"givenName": "Bob"}


def test_a_name_without_parts_shows_those_of_its_whole_and_keeps_them_beside_a_new_one() -> None:
    person = {"names": [{"metadata": FIRST_ONLY, "unstructuredName": "Ludwig van Beethoven", "displayName": "L. B."}]}
    assert shown(person, "names.givenName", "names.familyName") == {
        "names.givenName": "Ludwig", "names.familyName": "van Beethoven",
    }  # fmt: skip
    assert patched(person, {"names.givenName": "Ludwig"}, LABELS, GROUPS) == {"names": person["names"]}
    assert patched(person, {"names.givenName": "Louis"}, LABELS, GROUPS) == {
        "names": [{"metadata": FIRST_ONLY, "givenName": "Louis", "familyName": "van Beethoven"}]
    }


def test_a_name_that_is_emptied_goes() -> None:
    person = {"names": [{"metadata": FIRST_ONLY, "givenName": "Ann", "unstructuredName": "Ann", "displayName": "Ann"}]}
    assert patched(person, {"names.givenName": None}, LABELS, GROUPS) == {"names": []}


FIRST_ONLY = {"primary": True, "source": {"type": "CONTACT", "id": "1"}}


def test_an_address_keeps_what_we_do_not_map_and_loses_the_text_that_was_made_of_it() -> None:
    sent = patched(RICH, {ADDRESSES: Postal("Main St 9", "Berlin", "", "10115", "Austria")}, LABELS, GROUPS)
    home, work = sent[ADDRESSES]
    assert home == RICH["addresses"][0]
    assert work == {
        "metadata": _meta(RICH, "addresses", 1), "type": "work", "formattedType": "Work", "streetAddress": "Main St 9",
        "extendedAddress": "Floor 3", "city": "Berlin", "postalCode": "10115", "country": "Austria",
    }  # fmt: skip


def test_an_address_that_is_emptied_goes_but_not_its_post_office_box() -> None:
    assert [each["type"] for each in patched(RICH, {"addresses.home": None}, LABELS, GROUPS)[ADDRESSES]] == [
        "home", "work",
    ]  # fmt: skip
    bare = {ADDRESSES: [{"city": "Bonn", "type": "home", "formattedValue": "Bonn"}]}
    assert patched(bare, {ADDRESSES: None}, LABELS, GROUPS) == {ADDRESSES: []}


def test_an_address_that_is_only_a_text_is_its_street_and_one_of_a_kind_is_added_beside_the_others() -> None:
    text = {ADDRESSES: [{"formattedValue": "Somewhere 1, Bonn"}]}
    assert shown(text, ADDRESSES)[ADDRESSES] == Postal("Somewhere 1, Bonn")
    sent = patched(text, {"addresses.work": Postal("Main St", country="Germany")}, LABELS, GROUPS)
    assert sent[ADDRESSES] == [*text[ADDRESSES], {"streetAddress": "Main St", "country": "Germany", "type": "work"}]


def test_the_current_job_is_changed_and_an_ended_one_stays() -> None:
    old, now = RICH["organizations"]
    assert patched(RICH, {"organizations.title": "King"}, LABELS, GROUPS)["organizations"] == [
        old, {**now, "title": "King"},
    ]  # fmt: skip
    only_old = {"organizations": [old]}
    assert shown(only_old, "organizations.name")["organizations.name"] is None
    sent = patched(only_old, {"organizations.name": "New Inc"}, LABELS, GROUPS)
    assert sent["organizations"] == [old, {"name": "New Inc", "type": "work", "current": True}]


def test_a_job_of_which_nothing_is_left_goes() -> None:
    person = {"organizations": [{"metadata": FIRST_ONLY, "name": "ACME", "type": "work", "current": True}]}
    assert patched(person, {"organizations.name": None}, LABELS, GROUPS) == {"organizations": []}


@pytest.mark.parametrize(
    ("date", "seen"),
    [
        ({"year": 1980, "month": 3, "day": 5}, "1980-03-05"),
        ({"month": 2, "day": 29}, "--02-29"),
        ({"year": 0, "month": 12, "day": 1}, "--12-01"),
        ({"year": 1980}, None),
        ({"year": 1980, "month": 3}, None),
        ({"year": 1981, "month": 2, "day": 29}, None),
        ({}, None),
    ],
)
def test_birthdays_have_a_year_or_none_but_always_a_day(date: dict[str, int], seen: str | None) -> None:
    assert shown({BIRTHDAY: [{"date": date}]}, BIRTHDAY)[BIRTHDAY] == seen


def test_a_birthday_without_a_year_is_written_without_one() -> None:
    sent = patched(RICH, {BIRTHDAY: "--12-24"}, LABELS, GROUPS)
    assert sent == {BIRTHDAY: [{"metadata": _meta(RICH, "birthdays", 0), "date": {"month": 12, "day": 24}}]}


@pytest.mark.parametrize(
    ("name", "value"),
    [(BIRTHDAY, "yesterday"), (EMAILS, "a@example.org"), (NOTES, ()), (ADDRESSES, "Main St"), ("nobody", "x")],
)
def test_what_does_not_fit_is_refused_by_its_field(name: str, value: Value) -> None:
    with pytest.raises(Unwritable) as caught:
        patched(RICH, {name: value}, LABELS, GROUPS)
    assert caught.value.field == name
    assert str(value) not in str(caught.value)


# Labels


def memberships(person: dict[str, Any], *names: str) -> list[str]:
    sent = patched(person, {MEMBERSHIPS: as_value(names)}, LABELS, GROUPS)
    return [each["contactGroupMembership"]["contactGroupResourceName"] for each in sent[MEMBERSHIPS]]


def test_labels_are_changed_and_groups_that_are_none_stay() -> None:
    assert memberships(RICH, "trade FAIR", "starred") == [
        "contactGroups/myContacts", "contactGroups/zz", "contactGroups/b2", "contactGroups/starred",
    ]  # fmt: skip


def test_nobody_is_left_without_a_group() -> None:
    lonely = {MEMBERSHIPS: [{"contactGroupMembership": {"contactGroupResourceName": "contactGroups/a1"}}]}
    assert memberships(lonely) == ["contactGroups/myContacts"]
    assert memberships({}, "Customers") == ["contactGroups/myContacts", "contactGroups/a1"]
    assert memberships({}) == ["contactGroups/myContacts"]


@given(st.sets(st.sampled_from(sorted(LABELS.values()))))
def test_whatever_labels_are_wished_are_shown_afterwards(wished: set[str]) -> None:
    after = written(RICH, {MEMBERSHIPS: as_value(sorted(wished))})
    assert set(names_of(shown(after, MEMBERSHIPS)[MEMBERSHIPS])) == wished
