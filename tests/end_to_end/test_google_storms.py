"""People edit on both sides while Google is late, fails, and processes die; then everything heals and has to come to rest.

One seed alone: ``pytest tests/end_to_end/test_google_storms.py -k "storm and 7"``; many: with ``-m slow``.
"""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.end_to_end.google_office import CONNECTION, Office
from tests.simulation.process import ALIVE, Death
from zohosyncd.core.errors import SyncError
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour

FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "status", "status": 503, "executed": True},
    {"fault": "status", "status": 503, "executed": False},
    {"fault": "status", "status": 429, "executed": False},
    {"fault": "reset", "executed": True},
    {"fault": "reset", "executed": False},
    {"fault": "hang", "executed": True},
    {"fault": "html", "executed": True},
    {"fault": "truncate", "executed": True},
    {"fault": "empty"},
    {"fault": "rows", "share": 0.3, "code": "ABORTED"},
)
FIELDS = ("title", "notes", "phone", "city")
_ZOHO = {"title": "Title", "notes": "Description", "phone": "Mobile", "city": "Mailing_City"}


def of_contact(contact: Mapping[str, Any]) -> dict[str, str]:
    phones = [contact[name] for name in ("Phone", "Mobile", "Home_Phone", "Other_Phone") if contact[name]]
    return {**{field: contact[name] or "" for field, name in _ZOHO.items()}, "phone": " ".join(sorted(phones))}


def of_person(person: Mapping[str, Any]) -> dict[str, str]:
    def first(field: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = next(iter(person.get(field, ())), {})
        return found

    return {
        "phone": " ".join(sorted(each["value"] for each in person.get("phoneNumbers", ()))),
        "title": first("organizations").get("title", ""), "notes": first("biographies").get("value", ""),
        "city": first("addresses").get("city", ""),
    }  # fmt: skip


class Storm:
    """An office in which everything goes wrong that a seed says. People are known by their last names."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = Random(f"storm/{seed}")
        late = self.chance.choice([0.0, 60.0, 250.0])
        behaviour = GoogleBehaviour(
            sync_delay=late, uneven=self.chance.random() < 0.5,
            lower_case_emails=self.chance.random() < 0.5, no_op_moves_etag=self.chance.random() < 0.5,
            error_list=self.chance.random() < 0.5, full_syncs=60,
        )  # fmt: skip
        lag = self.chance.choice(["0s", "5m"])
        behaviour.list_delay = 0.0 if lag == "0s" else late / 2
        self.office = Office(folder, 'winner = "newest"\n', behaviour, lag)
        self.last: dict[tuple[str, str], dict[str, str]] = {}
        self.number = 0

    def somebody(self) -> None:
        """Somebody new, on one side or both."""
        self.number += 1
        name, email = f"Person{self.number}", f"p{self.number}@example.com"
        side = self.chance.choice(["zoho", "google", "both"])
        if side != "google":
            self.office.contact(First_Name="P", Last_Name=name, Email=email)
        if side != "zoho":
            self.office.person(names=[{"givenName": "P", "familyName": name}], emailAddresses=[{"value": email}])

    def edit(self) -> None:
        """Somebody types another value into a field of somebody, on one side."""
        field, value = self.chance.choice(FIELDS), f"Value {self.chance.randrange(10**6)}"
        value = f"+49 171 {self.chance.randrange(10**6):07}" if field == "phone" else value
        if self.chance.random() < 0.5 and (contacts := list(self.office.contacts().values())):
            contact = self.chance.choice(contacts)
            self.office.edit_contact(contact["id"], **{_ZOHO[field]: value})
            self._said(contact["Last_Name"], field, "zoho", value)
        elif people := list(self.office.people().items()):
            id_, person = self.chance.choice(people)
            self.office.edit_person(id_, **_typed(person, field, value))
            self._said(person["names"][0]["familyName"], field, "google", value)

    def _said(self, name: str, field: str, side: str, value: str) -> None:
        self.last.setdefault((name, field), {})[side] = value

    def life(self) -> None:
        """One life of the daemon: people work beside it, requests fail, and it may die."""
        chance, office = self.chance, self.office
        rules = [
            {**chance.choice(FAULTS), "path": chance.choice(["/google/v1/*", "*batch*", "*connections*"]),
             "rate": chance.choice([0.1, 0.3]), "count": chance.randrange(1, 8)}
            for _ in range(chance.randrange(3))
        ]  # fmt: skip
        office.world.faults.replace("google_contacts", rules)

        async def work(daemon: Any) -> None:
            for _ in range(chance.randrange(2, 6)):
                for _ in range(chance.randrange(4)):
                    self.somebody() if chance.random() < 0.3 else self.edit()
                await office.clock.sleep(chance.choice([1.0, 20.0, 300.0]))
                try:
                    await daemon.commands.sync(CONNECTION)
                except SyncError:
                    await office.clock.sleep(60.0)

        office.live(work, Death(write=chance.randrange(1, 6)) if chance.random() < 0.4 else ALIVE)

    def wrongs(self) -> list[str]:
        """What is not as it should be, once everything has come to rest."""
        left = {each["Last_Name"]: of_contact(each) for each in self.office.contacts().values()}
        right = {each["names"][0]["familyName"]: of_person(each) for each in self.office.people().values()}
        counts = (len(self.office.contacts()), len(self.office.people()))
        wrong = [] if counts == (self.number, self.number) else [f"{self.number} people became {counts}"]
        wrong += [f"{name} differs" for name in left if left[name] != right.get(name)]
        for (name, field), said in self.last.items():
            shown = left.get(name, {}).get(field, "")
            if shown not in said.values() and not (field == "phone" and any(each in shown for each in said.values())):
                wrong.append(f"{name}: {field} is {shown!r}, and was last said to be {said}")
        return wrong


def _typed(person: Mapping[str, Any], field: str, value: str) -> dict[str, Any]:
    match field:
        case "title":
            return {"organizations": [{**next(iter(person.get("organizations", ())), {}), "title": value}]}
        case "notes":
            return {"biographies": [{"value": value}]}
        case "city":
            return {"addresses": [{**next(iter(person.get("addresses", ())), {}), "city": value}]}
        case _:
            others = [each for each in person.get("phoneNumbers", ()) if each.get("type") != "mobile"]
            return {"phoneNumbers": [*others, {"value": value, "type": "mobile"}]}


def tell(folder: Path, seed: int) -> None:
    storm = Storm(folder, seed)
    for _ in range(6):
        storm.somebody()
    for _ in range(5):
        storm.life()
    storm.office.world.faults.replace("google_contacts", [])
    storm.office.rest()
    assert not storm.wrongs(), f"seed {seed}: {storm.wrongs()}"


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_everybody_is_there_once_and_as_they_were_last_typed(tmp_path: Path, seed: int) -> None:
    tell(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ten", range(10))
def test_after_many_storms(tmp_path: Path, ten: int) -> None:
    wrong = []
    for seed in range(100 + ten * 10, 110 + ten * 10):
        try:
            tell(tmp_path / str(seed), seed)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)
