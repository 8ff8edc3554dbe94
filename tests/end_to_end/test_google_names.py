"""Contacts of Google that get another resource name, are merged, or come back from the trash stay the people they were."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.google_office import ANN, Office
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour

DELETING = '[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n'
PROFILES = {"profiles": {"known@example.com": {"name": "people/109000000000000000001", "displayName": "Known"}}}


def emails(person: dict[str, Any]) -> set[str]:
    return {each["value"] for each in person.get("emailAddresses", ())}


def everybody(office: Office) -> list[str]:
    """Last names of both sides; a person who is there twice shows twice."""
    right = [each["names"][0].get("familyName", "") for each in office.people().values()]
    assert sorted(each["Last_Name"] for each in office.contacts().values()) == sorted(right)
    return sorted(right)


@pytest.mark.parametrize("more", ["", DELETING], ids=["deletions stay", "deletions travel"])
def test_a_contact_that_our_own_write_gives_another_name_stays_one_person(tmp_path: Path, more: str) -> None:
    office = Office(tmp_path, more)
    office.google.tune(PROFILES)
    ann = office.contact(Last_Name="Miller", Email="ann@example.com", Title="Queen")
    office.contact(Last_Name="Stone", Email="bob@example.com")
    office.rest()
    before = set(office.people())
    office.edit_contact(ann, Secondary_Email="known@example.com")
    office.rest()
    assert "people/109000000000000000001" in office.people().keys() - before
    office.edit_contact(ann, Title="Empress")
    office.rest()
    assert everybody(office) == ["Miller", "Stone"]
    assert office.people()["people/109000000000000000001"]["organizations"][0]["title"] == "Empress"
    office.edit_contact(ann, Secondary_Email=None)
    office.rest()
    assert set(office.people()) == before
    assert everybody(office) == ["Miller", "Stone"]


@pytest.mark.parametrize("more", ["", DELETING], ids=["deletions stay", "deletions travel"])
def test_a_contact_that_a_person_gives_another_name_stays_one_person(tmp_path: Path, more: str) -> None:
    office = Office(tmp_path, more)
    office.google.tune(PROFILES)
    ann = office.contact(Last_Name="Miller", Email="ann@example.com")
    office.contact(Last_Name="Stone", Email="bob@example.com")
    office.rest()
    (name,) = [id_ for id_, each in office.people().items() if "ann@example.com" in emails(each)]
    office.edit_person(name, emailAddresses=[{"value": "ann@example.com"}, {"value": "known@example.com"}])
    office.rest()
    assert everybody(office) == ["Miller", "Stone"]
    assert office.contacts()[ann]["Secondary_Email"] == "known@example.com"
    office.edit_contact(ann, Title="Empress")
    office.rest()
    assert office.people()["people/109000000000000000001"]["organizations"][0]["title"] == "Empress"


@pytest.mark.parametrize("leaves", [False, True])
def test_two_contacts_that_a_person_merges_lose_nothing_and_are_not_made_anew(tmp_path: Path, leaves: bool) -> None:
    office = Office(tmp_path, behaviour=GoogleBehaviour(merge_leaves_names=leaves))
    office.contact(First_Name="Ann", Last_Name="Miller", Email="ann@example.com", Phone="030 1111111")
    office.contact(First_Name="Ann", Last_Name="Miller-Stone", Email="stone@example.com", Title="Queen")
    office.rest()
    first, second = sorted(office.people(), key=lambda each: "stone@example.com" in emails(office.people()[each]))
    office.google.edit({"object": ANN, "id": first, "merge": second})
    office.rest()
    assert list(office.people()) == [first]
    assert {"ann@example.com", "stone@example.com"} <= emails(office.people()[first])
    assert len(office.contacts()) == 2
    quiet = len(office.writes())
    office.sync(2)
    assert len(office.writes()) == quiet


def test_a_contact_that_comes_back_from_the_trash_is_the_same_person(tmp_path: Path) -> None:
    office = Office(tmp_path)
    ann = office.contact(Last_Name="Miller", Email="ann@example.com")
    office.contact(Last_Name="Stone", Email="bob@example.com")
    office.rest()
    (name,) = [id_ for id_, each in office.people().items() if "ann@example.com" in emails(each)]
    office.google.edit({"object": ANN, "id": name, "delete": True})
    office.rest()
    assert len(office.people()) == 1
    office.google.edit({"object": ANN, "id": name, "restore": True})
    office.rest()
    office.edit_contact(ann, Title="Empress")
    office.rest()
    assert everybody(office) == ["Miller", "Stone"]
    assert office.people()[name]["organizations"][0]["title"] == "Empress"
