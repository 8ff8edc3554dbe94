"""Search: an index with a delay, words instead of equality, 2,000 records at most."""

import pytest


def found(zoho, **query):
    reply = zoho.call("GET", "Contacts/search", **query)
    return sorted(row["Last_Name"] for row in reply.rows) if reply.status == 200 else reply.status


@pytest.fixture
def people(zoho):
    zoho.insert(
        {"Last_Name": "Abc", "Email": "ann@example.org", "Phone": "+49 30 901820"},
        {"Last_Name": "Abc Inc", "Secondary_Email": "ann@example.org"},
        {"Last_Name": "Xyz", "Email": "joann@example.org", "Mobile": "+4930901820", "Title": "a (b), c:d"},
    )
    return zoho


def test_equals_on_a_text_finds_what_contains_it(people):
    assert found(people, criteria="(Last_Name:equals:abc)") == ["Abc", "Abc Inc"]


def test_email_looks_at_all_addresses_and_phone_at_all_numbers(people):
    assert found(people, email="ANN@example.org") == ["Abc", "Abc Inc"]
    assert found(people, phone="49 30 90 18 20") == ["Abc", "Xyz"]
    assert found(people, word="inc") == ["Abc Inc"]


def test_criteria_are_joined_nested_and_escaped(people):
    assert found(people, criteria="((Last_Name:starts_with:A)and(Email:equals:ann@example.org))") == ["Abc"]
    assert found(
        people, criteria="((Last_Name:equals:xyz)or((Last_Name:equals:inc)and(Last_Name:starts_with:abc)))"
    ) == ["Abc Inc", "Xyz"]
    assert found(people, criteria=r"(Title:equals:a \(b\)\, c:d)") == ["Xyz"]
    assert found(people, criteria="(Last_Name:in:Xyz,Nobody)") == ["Xyz"]
    assert found(people, criteria="(Created_Time:between:2026-11-24T12:00:00+00:00,2026-11-24T14:00:00+01:00)") == [
        "Abc",
        "Abc Inc",
        "Xyz",
    ]
    assert found(people, criteria="(Created_Time:greater_than:2026-11-24T13:00:00+01:00)") == 204


@pytest.mark.parametrize(
    "criteria",
    ["Last_Name:equals:x", "(Last_Name:resembles:x)", "(Last_Name)", "((Last_Name:equals:x)", "(No_Field:equals:x)"],
)
def test_bad_criteria_are_an_invalid_query(people, criteria):
    assert people.call("GET", "Contacts/search", criteria=criteria).body["code"] == "INVALID_QUERY"


def test_nothing_found_is_204_and_no_question_is_an_error(people):
    assert found(people, email="nobody@example.org") == 204
    assert people.call("GET", "Contacts/search").body["code"] == "REQUIRED_PARAM_MISSING"


def test_the_index_lags_behind_writes_but_never_shows_the_deleted(make_zoho):
    zoho = make_zoho(search_lag=30.0)
    number = zoho.add(Email="old@example.org")
    assert found(zoho, email="old@example.org") == 204
    zoho.clock.moment += 30
    assert found(zoho, email="old@example.org") == ["Doe"]
    zoho.update({"id": number, "Email": "new@example.org"})
    assert found(zoho, email="new@example.org") == 204
    assert found(zoho, email="old@example.org") == ["Doe"]
    zoho.clock.moment += 30
    assert found(zoho, email="new@example.org") == ["Doe"]
    assert found(zoho, email="old@example.org") == 204
    zoho.call("DELETE", f"Contacts/{number}")
    assert found(zoho, email="new@example.org") == 204


def test_two_thousand_are_the_most_that_a_search_shows(zoho):
    zoho.fill(2_100)
    last = zoho.call("GET", "Contacts/search", word="person", page=10)
    assert (last.body["info"]["count"], last.body["info"]["more_records"]) == (200, False)
    assert zoho.call("GET", "Contacts/search", word="person", page=11).body["code"] == "LIMIT_EXCEEDED"
