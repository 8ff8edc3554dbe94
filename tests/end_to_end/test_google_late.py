"""Google's lists are minutes behind: nothing that was just written is taken for somebody's edit, or for gone."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.google_office import ANN, Office
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour

MORE = '[[fields]]\nleft = "Skype_ID"\nright = "userDefined.skype"\n'
ANYBODY = {"First_Name": "Ann", "Last_Name": "Miller", "Email": "ann@example.com", "Title": "Queen"}


def title(person: dict[str, Any]) -> str:
    return str(person["organizations"][0]["title"])


def late(tmp_path: Path, **more: Any) -> Office:
    return Office(tmp_path, behaviour=GoogleBehaviour(sync_delay=300.0, **more))


def test_a_complete_read_right_after_a_start_does_not_take_our_own_write_back(tmp_path: Path) -> None:
    office = late(tmp_path)
    ann = office.contact(**ANYBODY)
    office.rest()
    office.edit_contact(ann, Title="Empress")
    office.sync(pause=1.0)
    ((name, person),) = office.people().items()
    assert title(person) == "Empress"
    office.connect(MORE)
    office.sync(rounds=2, pause=30.0)
    assert office.contacts()[ann]["Title"] == "Empress"
    office.rest()
    assert office.contacts()[ann]["Title"] == "Empress"
    assert title(office.people()[name]) == "Empress"


def test_a_complete_read_right_after_a_start_does_not_bring_back_who_was_deleted(tmp_path: Path) -> None:
    office = late(tmp_path)
    office.connect('[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n')
    ann = office.contact(**ANYBODY)
    office.contact(Last_Name="Stone", Email="bob@example.com")
    office.rest()
    office.zoho.edit({"object": "Contacts", "id": ann, "delete": True})
    office.sync(pause=1.0)
    assert len(office.people()) == 1
    office.connect('[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n' + MORE)
    office.sync(rounds=2, pause=30.0)
    office.rest()
    assert (len(office.people()), len(office.contacts())) == (1, 1)


def test_a_contact_that_a_person_changed_just_before_a_complete_read_keeps_the_change(tmp_path: Path) -> None:
    office = late(tmp_path)
    ann = office.contact(**ANYBODY)
    office.rest()
    ((name, person),) = office.people().items()
    office.edit_person(name, organizations=[{**person["organizations"][0], "title": "Empress"}])
    office.connect(MORE)
    office.sync(rounds=2, pause=10.0)
    office.rest()
    assert (title(office.people()[name]), office.contacts()[ann]["Title"]) == ("Empress", "Empress")


def test_copies_that_are_late_by_turns_do_not_make_values_swing(tmp_path: Path) -> None:
    office = late(tmp_path, uneven=True, list_delay=200.0)
    ann = office.contact(**ANYBODY)
    office.rest()
    ((name, person),) = office.people().items()
    for n in range(12):
        if n % 2:
            office.edit_contact(ann, Title=f"Title {n}")
        else:
            shown = office.people()[name]
            office.edit_person(name, organizations=[{**shown["organizations"][0], "title": f"Title {n}"}])
        office.connect(MORE if n % 3 else "")
        office.sync(rounds=3, pause=250.0)
    office.rest()
    assert title(office.people()[name]) == office.contacts()[ann]["Title"] == "Title 11"


@pytest.mark.parametrize("status", [400, 410])
def test_an_expired_token_in_the_middle_of_a_pass_is_a_complete_read_and_nothing_else(
    tmp_path: Path, status: Any
) -> None:
    office = late(tmp_path, expired_status=status)
    for n in range(5):
        office.contact(Last_Name=f"Person {n}", Email=f"p{n}@example.com")
    office.rest()
    before = office.people()
    writes = len(office.writes())
    office.clock.advance(8 * 86_400) if hasattr(office.clock, "advance") else None
    office.google.tune({"forget_tokens": True})
    office.rest()
    assert office.people() == before
    assert len(office.writes()) == writes
    assert ANN in office.google.state()


def test_a_field_that_is_new_is_read_of_everybody_also_right_after_a_start(tmp_path: Path) -> None:
    office = late(tmp_path)
    for n in range(5):
        office.person(
            names=[{"givenName": f"P{n}", "familyName": "Q"}], userDefined=[{"key": "skype", "value": f"s{n}"}]
        )
    office.rest()
    office.connect(MORE)
    office.sync(rounds=2, pause=10.0)
    assert sorted(str(each["Skype_ID"]) for each in office.contacts().values()) == [f"s{n}" for n in range(5)]
