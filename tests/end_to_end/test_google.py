"""Zoho CRM and Google Contacts by the mapping that nobody wrote: the example for which people ask first."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.google_office import ANN, Office, clean, contact_of, person_of
from tests.simulation.process import Death
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour


def email_of_contact(contact: Any) -> str:
    return str(contact["Email"]).lower()


def email_of_person(person: Any) -> str:
    return str(person["emailAddresses"][0]["value"]).lower()


def test_everything_of_a_contact_arrives_in_google_and_what_is_changed_there_comes_back(tmp_path: Path) -> None:
    office = Office(tmp_path)
    ann = office.contact(
        Salutation="Dr.", First_Name="Ann", Last_Name="Miller", Email="ann@work.example",
        Secondary_Email="ann@home.example", Phone="030 1234567", Mobile="+49 171 2345678", Home_Phone="030 7654321",
        Title="Queen", Department="Court", Mailing_Street="Main St 1", Mailing_City="Berlin", Mailing_Zip="10115",
        Mailing_Country="Germany", Date_of_Birth="1980-03-05", Description="Likes tea.\nTwo lines.",
    )  # fmt: skip
    office.rest()
    ((name, person),) = office.people().items()
    (names,) = clean(person["names"], "honorificPrefix", "givenName", "familyName")
    assert names == {"honorificPrefix": "Dr.", "givenName": "Ann", "familyName": "Miller"}
    assert {each["value"]: each.get("type") for each in person["emailAddresses"]} == {
        "ann@work.example": None, "ann@home.example": "other",
    }  # fmt: skip
    assert {each["value"]: each.get("type") for each in person["phoneNumbers"]} == {
        "030 1234567": "work", "+49 171 2345678": "mobile", "030 7654321": "home",
    }  # fmt: skip
    assert clean(person["organizations"], "title", "department") == [{"title": "Queen", "department": "Court"}]
    assert clean(person["addresses"], "streetAddress", "city", "postalCode", "country") == [
        {"streetAddress": "Main St 1", "city": "Berlin", "postalCode": "10115", "country": "Germany"}
    ]
    assert [each["date"] for each in person["birthdays"]] == [{"year": 1980, "month": 3, "day": 5}]
    assert [each["value"] for each in person["biographies"]] == ["Likes tea.\nTwo lines."]

    phones = [{**each, "value": "030 999"} if each.get("type") == "home" else each for each in person["phoneNumbers"]]
    office.edit_person(
        name, phoneNumbers=phones, organizations=[{**person["organizations"][0], "title": "Empress"}],
        names=[{"givenName": "Anna", "familyName": "Miller"}], biographies=[{"value": "Likes coffee."}],
        relations=[{"person": "Bob", "type": "spouse"}],
    )  # fmt: skip
    office.rest()
    contact = office.contacts()[ann]
    told = {key: contact[key] for key in ("First_Name", "Title", "Department", "Description", "Home_Phone", "Phone")}
    assert told == {
        "First_Name": "Anna", "Title": "Empress", "Department": "Court", "Description": "Likes coffee.",
        "Home_Phone": "030 999", "Phone": "030 1234567",
    }  # fmt: skip

    office.edit_contact(ann, Email="anna@work.example")
    office.rest()
    person = office.people()[name]
    assert {each["value"] for each in person["emailAddresses"]} == {"anna@work.example", "ann@home.example"}
    assert clean(person["relations"], "person") == [{"person": "Bob"}]


def test_a_birthday_without_a_year_stays_in_google_until_zoho_knows_the_year(tmp_path: Path) -> None:
    office = Office(tmp_path)
    name = office.person(
        names=[{"givenName": "Bob", "familyName": "Stone"}], emailAddresses=[{"value": "bob@example.org"}],
        birthdays=[{"date": {"month": 6, "day": 1}}], urls=[{"value": "https://bob.example"}],
    )  # fmt: skip
    office.rest()
    ((bob, contact),) = office.contacts().items()
    assert contact["Date_of_Birth"] is None
    assert [each["date"] for each in office.people()[name]["birthdays"]] == [{"month": 6, "day": 1}]
    assert (contact["First_Name"], contact["Last_Name"]) == ("Bob", "Stone")
    office.edit_contact(bob, Date_of_Birth="1990-06-01")
    office.rest()
    assert [each["date"] for each in office.people()[name]["birthdays"]] == [{"year": 1990, "month": 6, "day": 1}]
    office.edit_person(name, birthdays=[{"date": {"month": 6, "day": 1}}])
    office.rest()
    assert office.contacts()[bob]["Date_of_Birth"] == "1990-06-01"


def test_two_hundred_people_with_a_normaliser_come_to_rest_without_a_duplicate(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.google.normalise(
        ANN, [{"field": "emailAddresses.value", "do": "lower"}, {"field": "phoneNumbers.value", "do": "phone"}]
    )
    chance = random.Random(5)
    both = [contact_of(n, chance) for n in range(40)]
    for values in both:
        office.contact(**values)
        office.person(
            names=[{"givenName": values["First_Name"], "familyName": values["Last_Name"]}],
            emailAddresses=[{"value": values["Email"].upper()}],
        )
    for n in range(40, 120):
        office.contact(**contact_of(n, chance))
    for n in range(80):
        office.person(**person_of(n, chance))
    office.rest()
    left, right = office.pairs(email_of_contact, email_of_person)
    assert len(left) == len(right) == 200
    quiet = len(office.writes())
    office.sync(3)
    assert len(office.writes()) == quiet


def test_a_first_sync_makes_its_contacts_in_as_few_batches_as_there_can_be(tmp_path: Path) -> None:
    office = Office(tmp_path)
    chance = random.Random(6)
    for n in range(450):
        office.contact(**contact_of(n, chance))
    office.sync()
    made = [each for each in office.calls() if each.endswith("batchCreateContacts")]
    assert len(office.people()) == 450
    assert len(made) == 3


def test_labels_decide_who_travels_and_are_given_and_taken_by_name(tmp_path: Path) -> None:
    office = Office(
        tmp_path,
        '[[rules]]\nfrom = "zoho"\nif = [ { field = "Lead_Source", is = "Web Download" } ]\n'
        'then = [ { add = "labels", value = "From CRM" } ]\n'
        '[[rules]]\nfrom = "ann"\nif = [ { has = "labels", value = "Customers" } ]\n'
        'then = [ { add = "tags", value = "google" } ]\n',
    )
    group = str(office.google.edit({"object": f"{ANN}/groups", "create": {"name": "customers"}})["resourceName"])
    office.contact(First_Name="Web", Last_Name="One", Email="web@example.org", Lead_Source="Web Download")
    office.contact(First_Name="Cold", Last_Name="Two", Email="cold@example.org", Lead_Source="Cold Call")
    mine = office.person(
        names=[{"givenName": "Cus", "familyName": "Tomer"}], emailAddresses=[{"value": "customer@example.org"}],
        memberships=[{"contactGroupMembership": {"contactGroupResourceName": group}}],
    )  # fmt: skip
    office.person(names=[{"givenName": "Aunt"}], emailAddresses=[{"value": "aunt@example.org"}])
    office.rest()
    assert {each["Email"] for each in office.contacts().values()} == {
        "web@example.org", "cold@example.org", "customer@example.org",
    }  # fmt: skip
    assert {email_of_person(each) for each in office.people().values()} == {
        "web@example.org", "aunt@example.org", "customer@example.org",
    }  # fmt: skip
    groups = office.google.state()[f"{ANN}/groups"]
    labelled = {each["name"]: each["members"] for each in groups.values()}
    (web,) = [id_ for id_, each in office.people().items() if email_of_person(each) == "web@example.org"]
    assert labelled == {"customers": [mine], "From CRM": [web]}
    in_groups = [each["contactGroupMembership"]["contactGroupResourceName"] for each in
                 office.people()[web]["memberships"]]  # fmt: skip
    assert "contactGroups/myContacts" in in_groups
    assert len([each for each in office.calls() if each == "POST /google/v1/contactGroups"]) == 1


def test_a_custom_field_is_mapped_by_its_label_without_being_named_in_the_account(tmp_path: Path) -> None:
    pair = '[[fields]]\nleft = "Customer_Number"\nright = "userDefined.customer number"\n'
    office = Office(tmp_path, pair)
    ann = office.contact(Last_Name="Miller", Email="ann@example.com", Customer_Number="C-1")
    office.rest()
    ((name, person),) = office.people().items()
    assert clean(person["userDefined"], "key", "value") == [{"key": "customer number", "value": "C-1"}]
    shoe = {"key": "shoe", "value": "39"}
    office.edit_person(name, userDefined=[shoe, {"key": "customer number", "value": "C-2"}])
    office.rest()
    assert office.contacts()[ann]["Customer_Number"] == "C-2"
    office.edit_contact(ann, Customer_Number=None)
    office.rest()
    assert clean(office.people()[name]["userDefined"], "key", "value") == [shoe]


def test_deletions_travel_both_ways_where_they_may(tmp_path: Path) -> None:
    office = Office(tmp_path, '[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n')
    for n in range(4):
        office.contact(Last_Name=f"Person {n}", Email=f"p{n}@example.com")
    office.rest()
    by_email = {email_of_person(each): id_ for id_, each in office.people().items()}
    office.google.edit({"object": ANN, "id": by_email["p0@example.com"], "delete": True})
    (one,) = [id_ for id_, each in office.contacts().items() if each["Email"] == "p1@example.com"]
    office.zoho.edit({"object": "Contacts", "id": one, "delete": True})
    office.rest()
    assert {each["Email"] for each in office.contacts().values()} == {"p2@example.com", "p3@example.com"}
    assert {email_of_person(each) for each in office.people().values()} == {"p2@example.com", "p3@example.com"}


@pytest.mark.parametrize("fault", [{"fault": "reset", "executed": True}, {"fault": "hang", "executed": True},
                                   {"fault": "status", "status": 503, "executed": False}])  # fmt: skip
def test_a_batch_without_an_answer_is_found_again_and_nobody_is_there_twice(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    office = Office(tmp_path)
    for n in range(30):
        office.contact(First_Name=f"P{n}", Last_Name="Person", Email=f"p{n}@example.com", Phone=f"030 12345{n:02}")
    rule = {**fault, "method": "POST", "path": "*batchCreateContacts", "count": 1}
    office.world.faults.replace("google_contacts", [rule])
    office.rest()
    assert sorted(map(email_of_person, office.people().values())) == sorted(f"p{n}@example.com" for n in range(30))
    assert len(office.contacts()) == 30


def test_what_was_made_without_an_answer_is_known_by_its_mark_whatever_a_person_has_made_of_it(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.contact(First_Name="Eve", Last_Name="Else", Email="eve@example.com")
    office.rest()
    for n in range(5):
        office.contact(First_Name=f"P{n}", Last_Name="Person", Email=f"p{n}@example.com", Title="Queen")
    rule = {"fault": "reset", "executed": True, "method": "POST", "path": "*batchCreateContacts", "count": 1}
    office.world.faults.replace("google_contacts", [rule])
    office.sync(pause=60.0)
    assert len(office.people()) == 6
    for id_, person in office.people().items():
        number = email_of_person(person).partition("@")[0]
        if number != "eve":
            office.edit_person(
                id_, names=[{"givenName": "Married", "familyName": number}], organizations=[],
                emailAddresses=[{"value": f"{number}@elsewhere.example"}],
            )  # fmt: skip
    office.rest()
    assert len(office.people()) == len(office.contacts()) == 6
    assert {each["Email"] for each in office.contacts().values()} == {
        "eve@example.com", *(f"p{n}@elsewhere.example" for n in range(5)),
    }  # fmt: skip


def test_a_process_that_dies_after_any_request_makes_nobody_twice(tmp_path: Path) -> None:
    made: set[int] = set()
    for write in range(1, 6):
        office = Office(tmp_path / str(write))
        for n in range(30):
            office.contact(First_Name=f"P{n}", Last_Name="Person", Email=f"p{n}@example.com")
        office.sync(death=Death(write=write))
        made.add(len(office.people()))
        office.rest()
        assert len(office.people()) == len(office.contacts()) == 30
    assert made == {0, 30}, "some of them died before the batch, and some behind it"


def test_a_quota_of_the_minute_is_waited_for(tmp_path: Path) -> None:
    quotas = {"critical_read": 90, "critical_write": 90, "read": 120, "write": 90}
    office = Office(tmp_path, behaviour=GoogleBehaviour(quotas={**quotas, "critical_write": 12}))
    chance = random.Random(8)
    for n in range(500):
        office.contact(**contact_of(n, chance))
    office.rest()
    assert len(office.people()) == 500
