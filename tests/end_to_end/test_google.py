"""Zoho CRM and Google Contacts by the mapping that nobody wrote: the example for which people ask first."""

import random
from pathlib import Path
from typing import Any

from tests.end_to_end.google_office import ANN, Office, clean, contact_of, person_of


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
