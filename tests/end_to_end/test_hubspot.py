"""Zoho CRM and HubSpot: merges, deletions, opt-outs, lists and lost answers, through the whole daemon."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.desks.hubspot import HubSpotDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.person import Person
from tests.worlds.town import Town

ANN = Person(given="Ann", family="Miller", emails=("ann@example.org",), title="Buyer")
BOB = Person(given="Bob", family="Stone", emails=("bob@example.org",), title="Engineer")


class Office:
    """A town of two desks."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.town = Town(folder, [ZohoDesk, HubSpotDesk])
        zoho, hubspot = self.town.desks
        assert isinstance(zoho, ZohoDesk)
        assert isinstance(hubspot, HubSpotDesk)
        self.zoho, self.hubspot = zoho, hubspot
        self.name = self.town.connect(zoho, hubspot, *more)

    def day(self, work: Callable[[Any], Awaitable[None]]) -> None:
        """What happens while a daemon is at work."""

        async def living() -> None:
            async with self.town.living() as daemon:
                await self.rest(daemon)
                await work(daemon)

        self.town.run(living())

    async def rest(self, daemon: Any) -> None:
        """Wait until a while passes in which nothing changes."""
        before = 0
        while (shape := self.town.shape()) != before:
            before = shape
            await self.town.clock.sleep(600)

    def contacts(self) -> dict[str, Any]:
        return {each["email"]: each for each in self.hubspot.app.state()["contacts"] if "email" in each}

    def records(self) -> dict[str, Any]:
        return {each["Email"]: each for each in self.zoho.app.state()["Contacts"]}


def test_a_contact_that_is_merged_in_hubspot_stays_the_same_person(tmp_path: Path) -> None:
    office = Office(tmp_path, "[deletions]", 'right_to_left = "delete"')
    ann = office.zoho.add(ANN)

    async def merged(daemon: Any) -> None:
        record_id = office.contacts()["ann@example.org"]["id"]
        twin = office.hubspot.app.edit({"create": {"firstname": "A.", "city": "Berlin", "lastname": "Miller"}})["id"]
        survivor = office.hubspot.app.edit({"id": record_id, "merge": twin})["id"]
        assert survivor not in {record_id, twin}
        await office.rest(daemon)
        assert [each["id"] for each in office.zoho.app.state()["Contacts"]] == [ann]
        assert [each["id"] for each in office.hubspot.app.state()["contacts"]] == [survivor]
        office.zoho.change(ann, title="Director")
        await office.rest(daemon)
        assert office.contacts()["ann@example.org"]["jobtitle"] == "Director"
        office.hubspot.change(survivor, company="ACME", title="Queen")
        await office.rest(daemon)
        assert office.records()["ann@example.org"]["Title"] == "Queen"

    office.day(merged)


@pytest.mark.parametrize("there", ["archived", pytest.param("for privacy", marks=pytest.mark.slow)])
def test_deletions_travel_both_ways_where_they_are_asked_to(tmp_path: Path, there: str) -> None:
    office = Office(tmp_path, "[deletions]", 'left_to_right = "delete"', 'right_to_left = "delete"')
    office.zoho.add(ANN)
    bob = office.zoho.add(BOB)
    others = {office.zoho.add(Person(family=f"F{n}", emails=(f"o{n}@example.org",))) for n in range(20)}

    async def deleted(daemon: Any) -> None:
        office.zoho.remove(bob)
        ann = office.contacts()["ann@example.org"]["id"]
        office.hubspot.app.edit({"id": ann, "delete" if there == "archived" else "forget": True})
        for _ in range(24):  # what was deleted for privacy is found by the daily complete read
            await office.town.clock.sleep(1_800 if there == "archived" else 3_600)
            if not {"ann@example.org", "bob@example.org"} & {*office.records(), *office.contacts()}:
                break
        assert {each["id"] for each in office.records().values()} == others
        assert office.records().keys() == office.contacts().keys()

    office.day(deleted)


def test_an_opt_out_travels_both_ways_and_is_never_taken_back(tmp_path: Path) -> None:
    office = Office(tmp_path)
    ann, bob = office.zoho.add(ANN), office.zoho.add(BOB)

    async def opted_out(daemon: Any) -> None:
        office.zoho.opt_out(ann)
        office.hubspot.opt_out(office.contacts()["bob@example.org"]["id"])
        await office.rest(daemon)
        assert {each["hs_email_optout"] for each in office.contacts().values()} == {"true"}
        assert all(each["Email_Opt_Out"] for each in office.records().values())
        office.zoho.app.edit({"object": "Contacts", "id": bob, "set": {"Email_Opt_Out": False}})
        await office.rest(daemon)
        assert office.contacts()["bob@example.org"]["hs_email_optout"] == "true"
        assert "bob@example.org" in office.hubspot.app.contacts.opted_out
        written = [each for each in office.town.sender.calls if "/statuses/" in each]
        assert written
        assert all(each.endswith("/unsubscribe-all") for each in written)

    office.day(opted_out)


def test_static_lists_say_who_travels_and_are_given_to_whoever_does(tmp_path: Path) -> None:
    office = Office(
        tmp_path,
        "[[rules]]",
        'from = "zoho"',
        'if = [ { field = "Lead_Source", in = ["Partner"] } ]',
        'then = [ { add = "lists", value = "From Zoho" } ]',
        "[[rules]]",
        'from = "hubspot"',
        'if = [ { has = "lists", value = "To Zoho" } ]',
    )
    ann = office.zoho.add(ANN)
    office.zoho.add(BOB)
    office.zoho.app.edit({"object": "Contacts", "id": ann, "set": {"Lead_Source": "Partner"}})
    edit = office.hubspot.app.edit
    edit({"create": {"email": "carl@example.org", "lastname": "Carl", "lists": ["to zoho"]}})
    edit({"create": {"email": "dora@example.org", "lastname": "Dora"}})

    async def listed(daemon: Any) -> None:
        assert office.contacts()["ann@example.org"]["lists"] == ["From Zoho"]
        assert set(office.contacts()) == {"ann@example.org", "carl@example.org", "dora@example.org"}
        assert set(office.records()) == {"ann@example.org", "bob@example.org", "carl@example.org"}

    office.day(listed)


def test_creates_whose_answers_are_lost_make_nobody_twice(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for number in range(30):
        office.zoho.add(Person(given="P", family=f"Number {number}", emails=(f"p{number}@example.org",)))
    lost = {"method": "POST", "path": "*/batch/create", "fault": "reset", "executed": True, "count": 3}
    office.town.world.faults.replace("hubspot", [lost])

    async def looked(daemon: Any) -> None:
        await office.town.clock.sleep(1_800)
        await office.rest(daemon)
        people = [each["email"] for each in office.hubspot.app.state()["contacts"]]
        assert sorted(people) == sorted(f"p{number}@example.org" for number in range(30))
        assert len(office.zoho.app.state()["Contacts"]) == 30
        office.zoho.change(office.records()["p7@example.org"]["id"], title="Found again")
        await office.rest(daemon)
        assert office.contacts()["p7@example.org"]["jobtitle"] == "Found again"

    office.day(looked)


def test_a_contact_that_somebody_makes_in_both_apps_at_once_is_one_person(tmp_path: Path) -> None:
    """The index does not show it yet: HubSpot itself says who has the address."""
    office = Office(tmp_path)

    async def made(daemon: Any) -> None:
        office.hubspot.setup.index_lag = 1_000.0
        office.hubspot.add(ANN)
        office.zoho.add(ANN)
        await office.town.clock.sleep(900)
        await office.rest(daemon)
        assert len(office.hubspot.app.state()["contacts"]) == len(office.zoho.app.state()["Contacts"]) == 1
        office.zoho.change(office.records()["ann@example.org"]["id"], title="One person")
        await office.rest(daemon)
        assert office.contacts()["ann@example.org"]["jobtitle"] == "One person"

    office.day(made)


def test_whoever_is_deleted_in_the_crm_is_put_into_a_list(tmp_path: Path) -> None:
    office = Office(tmp_path, "[deletions]", 'left_to_right = "tag"', 'tag = "Trash of the CRM"')
    ann = office.zoho.add(ANN)
    office.zoho.add(BOB)

    async def tagged(daemon: Any) -> None:
        office.zoho.remove(ann)
        await office.town.clock.sleep(3_600)
        await office.rest(daemon)
        lists = {address: each["lists"] for address, each in office.contacts().items()}
        assert lists == {"ann@example.org": ["Trash of the CRM"], "bob@example.org": []}
        assert set(office.records()) == {"bob@example.org"}

    office.day(tagged)


TROUBLES: tuple[dict[str, Any], ...] = (
    {"fault": "reset", "executed": True},
    {"fault": "reset", "executed": False},
    {"fault": "status", "status": 502, "executed": True},
    {"fault": "status", "status": 429, "body": {"policyName": "SECONDLY"}},
    {"fault": "html"},
    {"fault": "truncate"},
    {"fault": "rows", "share": 0.3, "code": "INVALID_OPTION"},
    {"fault": "status", "status": 401},
)


@pytest.mark.parametrize("seed", [5, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 18))])
def test_after_hours_of_trouble_everybody_is_there_once(tmp_path: Path, seed: int) -> None:
    town = Town(tmp_path, [ZohoDesk, HubSpotDesk], seed=seed)
    town.connect(*town.desks)
    town.settle_in(60)
    rules = [{"method": "*", "path": "*", "rate": 0.04, **each} for each in TROUBLES]

    async def troubled() -> None:
        async with town.living() as daemon:
            await town.rest(daemon)
            for _ in range(2):
                town.world.faults.replace("hubspot", rules)
                town.day(30)
                await town.clock.sleep(5_400)
                town.world.faults.replace("hubspot", [])
                town.day(10)
                await town.clock.sleep(5_400)
            await town.rest(daemon, hours=30)
            status = (await daemon.commands.status())["connections"]["zoho-hubspot"]
            assert not status["quarantined"], status
            town.judge()

    town.run(troubled())
