"""A mailbox with other people at it, small quotas and answers that get lost: everybody is still there once."""

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.google_office import ANN, Office, contact_of, person_of
from tests.simulation.process import Death
from zohosyncd.core.errors import GuardTripped
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour

DELETIONS = '[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n'


def emails(person: Any) -> set[str]:
    return {each["value"].lower() for each in person.get("emailAddresses", [])}


def filled(office: Office, contacts: int, people: int) -> None:
    chance = random.Random(11)
    for n in range(contacts):
        office.contact(**contact_of(n, chance))
    for n in range(people):
        office.person(**person_of(n, chance))


def everybody_once(office: Office) -> int:
    left, right = office.pairs(
        lambda each: str(each["Email"]).lower(), lambda each: str(each["emailAddresses"][0]["value"]).lower()
    )
    assert left.keys() == right.keys()
    return len(left)


def test_quotas_that_are_far_too_small_only_take_time(tmp_path: Path) -> None:
    small = {"critical_read": 14, "critical_write": 14, "read": 4, "write": 4}
    office = Office(tmp_path, behaviour=GoogleBehaviour(quotas=small, full_syncs=1))
    filled(office, 60, 60)
    office.rest()
    assert everybody_once(office) == 120


@pytest.mark.parametrize("write", [1, 2])
def test_a_death_while_a_batch_of_new_contacts_is_under_way_makes_nobody_twice(tmp_path: Path, write: int) -> None:
    office = Office(tmp_path, behaviour=GoogleBehaviour(list_delay=240.0, uneven=True))
    filled(office, 210, 0)
    office.sync(death=Death(write=write))
    office.rest()
    assert everybody_once(office) == 210


def test_answers_that_get_lost_make_nobody_twice(tmp_path: Path) -> None:
    office = Office(tmp_path, behaviour=GoogleBehaviour(list_delay=240.0))
    filled(office, 60, 60)
    office.world.faults.replace("google_contacts", [
        {"fault": "reset", "method": "POST", "path": "*batchCreate*", "executed": True, "count": 3},
        {"fault": "truncate", "method": "POST", "path": "*batchUpdate*", "count": 2},
        {"fault": "status", "status": 503, "rate": 0.1, "count": 20},
    ])  # fmt: skip
    office.sync(3)
    office.world.faults.replace("google_contacts", [])
    office.rest()
    assert everybody_once(office) == 120


def test_a_contact_that_becomes_one_with_a_profile_stays_the_same_person(tmp_path: Path) -> None:
    office = Office(tmp_path, more=DELETIONS)
    office.google.tune({"profiles": {"kim@profile.example": {"name": "people/117", "displayName": "Kim P."}}})
    kim = office.contact(First_Name="Kim", Last_Name="Stone", Email="kim@work.example", Title="Queen")
    office.rest()
    office.edit_contact(kim, Secondary_Email="kim@profile.example")
    office.rest()
    assert list(office.people()) == ["people/117"]
    assert list(office.contacts()) == [kim]
    person = office.people()["people/117"]
    office.edit_person("people/117", organizations=[{**person["organizations"][0], "title": "Empress"}])
    office.rest()
    assert office.contacts()[kim]["Title"] == "Empress"
    office.edit_contact(kim, Secondary_Email=None)
    office.rest()
    ((name, person),) = office.people().items()
    assert name != "people/117"
    assert emails(person) == {"kim@work.example"}
    office.edit_contact(kim, Title="Czar")
    office.rest()
    assert office.people()[name]["organizations"][0]["title"] == "Czar"
    office.zoho.edit({"object": "Contacts", "id": kim, "delete": True})
    office.rest()
    assert office.people() == {}


@pytest.mark.parametrize("leaves", [True, False])
def test_two_contacts_that_a_person_merges_are_not_torn_apart(tmp_path: Path, leaves: bool) -> None:
    office = Office(tmp_path, behaviour=GoogleBehaviour(merge_leaves_names=leaves))
    office.contact(First_Name="Kim", Last_Name="Stone", Email="kim@work.example")
    office.contact(First_Name="Kim", Last_Name="Stone", Email="kim@home.example")
    office.rest()
    one, two = office.people()
    office.google.edit({"object": ANN, "id": one, "merge": two})
    office.rest()
    writes = len(office.writes())
    office.sync(3)
    assert len(office.writes()) == writes
    assert set().union(*map(emails, office.people().values())) == {"kim@work.example", "kim@home.example"}
    assert {str(each["Email"]) for each in office.contacts().values()} | {
        str(each["Secondary_Email"]) for each in office.contacts().values()} >= {"kim@work.example", "kim@home.example"}  # fmt: skip


def test_who_is_taken_out_of_the_trash_is_the_same_person_as_before(tmp_path: Path) -> None:
    office = Office(tmp_path)
    filled(office, 3, 0)
    office.rest()
    name = next(iter(office.people()))
    office.google.edit({"object": ANN, "id": name, "delete": True})
    office.rest()
    assert (len(office.contacts()), len(office.people())) == (3, 2)
    office.google.edit({"object": ANN, "id": name, "restore": True})
    office.rest()
    assert everybody_once(office) == 3
    mine = emails(office.people()[name])
    (known,) = [each for each in office.contacts().values() if str(each["Email"]).lower() in mine]
    office.edit_contact(known["id"], Title="Empress")
    office.rest()
    assert office.people()[name]["organizations"][0]["title"] == "Empress"


def test_a_mailbox_that_is_full_keeps_what_it_has_up_to_date(tmp_path: Path) -> None:
    office = Office(tmp_path, behaviour=GoogleBehaviour(contacts=20))
    filled(office, 15, 10)
    office.rest()
    assert len(office.people()) <= 20
    known = next(each for each in office.contacts().values() if each["Email"].startswith("google"))
    office.edit_contact(known["id"], Title="Empress")
    office.rest()
    (person,) = [each for each in office.people().values() if known["Email"].lower() in emails(each)]
    assert person["organizations"][0]["title"] == "Empress"


def test_no_write_of_ours_meets_another_one_of_ours(tmp_path: Path) -> None:
    office = Office(tmp_path)
    filled(office, 30, 30)
    office.rest()
    for n, each in enumerate(office.contacts().values()):
        office.edit_contact(each["id"], **({"Title": f"T{n}"} if n % 2 else {"First_Name": f"F{n}"}))
    office.rest()
    assert [each.url for each in office.exchanges if each.status == 409] == []
    assert everybody_once(office) == 60


def test_a_label_of_a_rule_that_a_person_deletes_is_made_again(tmp_path: Path) -> None:
    rule = '[[rules]]\nfrom = "zoho"\nthen = [ { add = "labels", value = "CRM" } ]\n'
    office = Office(tmp_path, more=rule)
    office.contact(Last_Name="One", Email="one@example.com")
    office.rest()
    labels = office.google.state()[f"{ANN}/groups"]
    (label,) = labels
    office.google.edit({"object": f"{ANN}/groups", "id": label, "delete": True})
    office.contact(Last_Name="Two", Email="two@example.com")
    office.rest()
    ((_, after),) = office.google.state()[f"{ANN}/groups"].items()
    assert after["name"] == "CRM"
    assert any("two@example.com" in emails(office.people()[each]) for each in after["members"])


@pytest.mark.parametrize("path", ["*connections*", "*people*"])
def test_a_mailbox_that_shows_itself_empty_for_a_while_costs_nobody(tmp_path: Path, path: str) -> None:
    office = Office(tmp_path, more=DELETIONS)
    filled(office, 20, 20)
    office.rest()
    for forgets in (False, True):
        office.world.faults.replace("google_contacts", [{"fault": "empty", "path": path}])
        if forgets:
            office.google.tune({"forget_tokens": True})
        with suppress(GuardTripped):
            office.sync(2)
        office.world.faults.replace("google_contacts", [])
        office.rest()
        assert everybody_once(office) == 40
