"""Zoho CRM and an audience of Mailchimp, end to end: consent, addresses, and what people do in between."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.desks.mailchimp import MailchimpDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.person import Person
from tests.worlds.town import MakeDesk, Town
from zohosyncd.sandbox.mailchimp.setup import FIELDS
from zohosyncd.supervisor.daemon import Daemon

ANN = Person(given="Ann", family="Miller", emails=("ann@example.org",))
BOB = Person(given="Bob", family="Stone", emails=("bob@example.org",))
CONNECTION = "zoho-list"


class WholeForm(MailchimpDesk):
    """An audience with all the fields that Mailchimp gives a new one, and a phone of the USA."""

    fields = (
        *(each for each in FIELDS if each["tag"] != "PHONE"),
        {"tag": "PHONE", "name": "Phone Number", "type": "phone", "options": {"phone_format": "US"}},
    )


class Office(Town):
    """Two people at their desks, one in Zoho and one in Mailchimp."""

    zoho: ZohoDesk
    audience: MailchimpDesk

    def __init__(self, folder: Path, *lines: str, desk: MakeDesk = MailchimpDesk) -> None:
        super().__init__(folder, [ZohoDesk, desk])
        self.zoho, self.audience = self.desks  # type: ignore[assignment]
        self.connect(self.zoho, self.audience, *lines)

    async def rest(self, daemon: Daemon, hours: float = 2.0) -> None:
        """Wait until ten minutes pass in which nothing changes anywhere."""
        for _ in range(int(6 * hours)):
            before = self.shape()
            await self.clock.sleep(600.0)
            if self.shape() == before:
                return
        raise AssertionError("no rest")

    def member(self, address: str) -> dict[str, Any]:
        """Whoever has this address, archived or not."""
        return next(each for each in self.members() if each["email_address"].casefold() == address)

    def members(self) -> list[dict[str, Any]]:
        return self.audience.app.state()["Customers"]

    def edit_member(self, address: str, **values: Any) -> None:
        self.audience.app.edit({"object": "Customers", "id": address, "set": values})

    def contact(self, address: str) -> dict[str, Any]:
        return next(each for each in self.zoho.app.state()["Contacts"] if each["Email"] == address)

    def edit_contact(self, address: str, **values: Any) -> None:
        self.zoho.app.edit({"object": "Contacts", "id": self.contact(address)["id"], "set": values})


def during(office: Office, story: Callable[[Daemon], Awaitable[None]]) -> None:
    """Tell a story while the daemon is at work, which has come to rest before."""

    async def tell() -> None:
        async with office.living() as daemon:
            await office.rest(daemon)
            await story(daemon)

    office.run(tell())


def test_opt_outs_travel_both_ways_and_are_never_undone_by_a_sync(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for person in (ANN, BOB):
        office.zoho.add(person)
        office.audience.add(person)

    async def story(daemon: Daemon) -> None:
        office.edit_contact("ann@example.org", Email_Opt_Out=True)
        office.edit_member("bob@example.org", status="unsubscribed")
        await office.rest(daemon)
        assert office.member("ann@example.org")["status"] == "unsubscribed"
        assert office.contact("bob@example.org")["Email_Opt_Out"] is True

        # Somebody in the CRM takes Ann's opt-out back: nothing proves that she did.
        office.edit_contact("ann@example.org", Email_Opt_Out=False, Title="Director")
        await office.rest(daemon)
        assert office.member("ann@example.org")["status"] == "unsubscribed"

        # Bob signs up again by the form: the CRM's opt-out is his, and stays until somebody decides.
        office.edit_member("bob@example.org", status="subscribed")
        await office.rest(daemon)
        assert office.member("bob@example.org")["status"] == "subscribed"
        assert office.contact("bob@example.org")["Email_Opt_Out"] is True

    during(office, story)


@pytest.mark.parametrize("new", ["pending", "subscribed", "unsubscribed"])
def test_new_members_have_the_state_that_the_operator_says_and_never_more_than_their_contact(
    tmp_path: Path, new: str
) -> None:
    office = Office(tmp_path, "[consent]", f'new = "{new}"')
    office.zoho.add(ANN)
    office.zoho.opt_out(office.zoho.add(BOB))

    async def story(daemon: Daemon) -> None:
        assert office.member("ann@example.org")["status"] == new
        assert office.member("bob@example.org")["status"] == "unsubscribed"
        if new == "pending":
            office.edit_member("ann@example.org", status="subscribed")  # she confirms
        await office.rest(daemon)
        assert office.contact("ann@example.org")["Email_Opt_Out"] is False

    during(office, story)


def test_a_bounce_opts_out(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.zoho.add(ANN)
    office.audience.add(ANN)

    async def story(daemon: Daemon) -> None:
        office.edit_member("ann@example.org", status="cleaned")
        await office.rest(daemon)
        assert office.contact("ann@example.org")["Email_Opt_Out"] is True

    during(office, story)


def test_an_address_that_changes_on_either_side_stays_one_person(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.zoho.add(ANN)
    office.audience.add(ANN)

    async def story(daemon: Daemon) -> None:
        contact = office.member("ann@example.org")["contact_id"]
        office.edit_contact("ann@example.org", Email="ann@new.example")
        await office.rest(daemon)
        assert [(each["contact_id"], each["email_address"]) for each in office.members()] == [
            (contact, "ann@new.example")
        ]
        office.edit_member("ann@new.example", email_address="Ann@Third.example")
        await office.rest(daemon)
        assert [each["Email"].casefold() for each in office.zoho.app.state()["Contacts"]] == ["ann@third.example"]
        assert [each["contact_id"] for each in office.members()] == [contact]

    during(office, story)


def test_an_address_of_somebody_else_is_told_and_nobody_is_made_twice(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for person in (ANN, BOB):
        office.zoho.add(person)
        office.audience.add(person)
    office.audience.add(Person(given="Carl", family="Gone", emails=("carl@example.org",)))

    async def story(daemon: Daemon) -> None:
        office.edit_contact("ann@example.org", Email="carl@example.org", First_Name="Anna")
        await office.rest(daemon)
        assert len(office.members()) == 3
        assert office.member("ann@example.org")["merge_fields"]["FNAME"] == "Anna"
        told = await daemon.commands.quarantine(CONNECTION)
        assert "ADDRESS_TAKEN" in {each["code"] for each in told["quarantine"]}

    during(office, story)


def test_who_was_deleted_for_ever_is_not_made_again(tmp_path: Path) -> None:
    office = Office(tmp_path)
    erased = office.audience.add(ANN)
    office.audience.app.edit({"object": "Customers", "id": erased, "delete": True, "permanent": True})
    office.zoho.add(ANN)

    async def story(daemon: Daemon) -> None:
        assert office.members() == []
        told = await daemon.commands.quarantine(CONNECTION)
        assert [each["code"] for each in told["quarantine"]] == ["FORGOTTEN_EMAIL"]
        before = office.sender.calls.copy()
        await office.rest(daemon)
        again = [each for each in office.sender.calls - before if each.startswith("POST") and "/3.0/" in each]
        assert not again, "it was tried again"

    during(office, story)


def test_who_is_archived_stays_archived_and_the_contact_stays(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.zoho.add(ANN)
    member = office.audience.add(ANN)

    async def story(daemon: Daemon) -> None:
        office.audience.remove(member)
        await office.rest(daemon)
        office.edit_contact("ann@example.org", First_Name="Anna")
        await office.rest(daemon)
        assert office.members() == []
        assert office.contact("ann@example.org")["First_Name"] == "Anna"
        # A person takes her out of the archive.
        office.edit_member("ann@example.org", status="subscribed")
        await office.rest(daemon)
        assert [each["contact_id"] for each in office.members()] == [member]
        assert len(office.zoho.app.state()["Contacts"]) == 1

    during(office, story)


def test_an_edit_at_the_moment_of_archiving_does_not_bring_anybody_back(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.zoho.add(ANN)
    member = office.audience.add(ANN)

    async def story(daemon: Daemon) -> None:
        office.edit_contact("ann@example.org", First_Name="Anna")
        office.audience.remove(member)
        await office.rest(daemon)
        assert office.members() == []
        told = await daemon.commands.quarantine(CONNECTION)
        assert [each["code"] for each in told["quarantine"]] == ["ARCHIVED"]

    during(office, story)


def test_a_merge_field_that_is_deleted_empties_nothing_in_zoho(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.zoho.add(Person(given="Ann", family="Miller", emails=("ann@example.org",), phones=("+49 30 2000001",)))
    office.audience.add(ANN)

    async def story(daemon: Daemon) -> None:
        assert office.member("ann@example.org")["merge_fields"]["PHONE"]
        office.audience.app.edit({"object": "Customers", "drop_field": "PHONE"})
        office.edit_member("ann@example.org", FNAME="Anna")
        await office.rest(daemon)
        assert office.contact("ann@example.org")["Phone"] == "+49 30 2000001"
        assert office.contact("ann@example.org")["First_Name"] == "Anna"

    during(office, story)


def test_lost_answers_make_nobody_twice(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for number in range(30):
        office.zoho.add(Person(given="P", family=f"Number {number}", emails=(f"p{number}@example.org",)))
    office.world.faults.replace(
        "mailchimp",
        [{"method": method, "fault": "reset", "executed": done, "rate": 0.5, "count": 12}
         for method in ("POST", "PATCH") for done in (True, False)],
    )  # fmt: skip

    async def story(daemon: Daemon) -> None:
        for number in range(30):
            office.edit_contact(f"p{number}@example.org", First_Name=f"Q{number}")
        await office.rest(daemon, hours=8.0)
        assert len(office.members()) == 30
        names = {each["email_address"]: each["merge_fields"]["FNAME"] for each in office.members()}
        assert names == {f"p{number}@example.org": f"Q{number}" for number in range(30)}

    during(office, story)


def test_tags_follow_rules_and_those_of_people_stay(tmp_path: Path) -> None:
    rules = (
        "[[rules]]", 'from = "zoho"', 'if = [{ field = "Lead_Source", in = ["Trade Show"] }]',
        'then = [{ add = "tags", value = "Fair" }]', "[[rules]]", 'from = "list"',
    )  # fmt: skip
    office = Office(tmp_path, *rules)
    office.zoho.add(ANN)
    office.edit_contact("ann@example.org", Lead_Source="Trade Show")
    office.audience.app.edit({"object": "Customers", "create": {"email_address": "ann@example.org", "tags": ["VIP"]}})

    async def story(daemon: Daemon) -> None:
        assert {each["name"] for each in office.member("ann@example.org")["tags"]} == {"VIP", "Fair"}
        office.edit_contact("ann@example.org", Lead_Source=None)
        await office.rest(daemon)
        assert {each["name"] for each in office.member("ann@example.org")["tags"]} >= {"VIP"}

    during(office, story)


def test_birthdays_have_no_year_there_and_keep_it_here(tmp_path: Path) -> None:
    office = Office(tmp_path, desk=WholeForm)
    office.zoho.add(Person(given="Ann", family="Miller", emails=("ann@example.org",), birthday="1980-05-12"))

    async def story(daemon: Daemon) -> None:
        assert office.member("ann@example.org")["merge_fields"]["BIRTHDAY"] == "05/12"
        assert office.contact("ann@example.org")["Date_of_Birth"] == "1980-05-12"
        # The CRM cannot hold a day without its year, and none is made up.
        office.edit_member("ann@example.org", BIRTHDAY="06/01", FNAME="Anna")
        await office.rest(daemon)
        assert office.contact("ann@example.org")["Date_of_Birth"] == "1980-05-12"
        assert office.contact("ann@example.org")["First_Name"] == "Anna"

    during(office, story)


def test_an_address_travels_whole_or_is_told_and_does_not_hold_the_rest(tmp_path: Path) -> None:
    office = Office(tmp_path, desk=WholeForm)
    home = Person(street="1 Main Street", city="Berlin", code="10115", country="Germany")
    for number, state in enumerate(("BE", "")):
        contact = office.zoho.add(replace(home, given="P", family=f"N{number}", emails=(f"p{number}@example.org",)))
        office.zoho.app.edit({"object": "Contacts", "id": contact, "set": {"Mailing_State": state or None}})

    async def story(daemon: Daemon) -> None:
        whole = office.member("p0@example.org")["merge_fields"]["ADDRESS"]
        assert (whole["addr1"], whole["state"], whole["zip"], whole["country"]) == (
            "1 Main Street",
            "BE",
            "10115",
            "DE",
        )
        assert office.contact("p0@example.org")["Mailing_Country"] == "Germany"
        assert office.member("p1@example.org")["merge_fields"]["LNAME"] == "N1"
        assert office.member("p1@example.org")["merge_fields"]["ADDRESS"] == ""
        told = await daemon.commands.quarantine(CONNECTION)
        assert [each["field"] for each in told["quarantine"]] == ["ADDRESS"]
        before = office.sender.calls.copy()
        await office.rest(daemon)
        assert not [each for each in office.sender.calls - before if not each.startswith("GET") and "/3.0/" in each]
        whole = {**whole, "addr1": "2 Side Street", "addr2": "Flat 3"}
        office.edit_member("p0@example.org", ADDRESS=whole)
        await office.rest(daemon)
        assert office.contact("p0@example.org")["Mailing_Street"] == "2 Side Street\nFlat 3"
        assert office.contact("p0@example.org")["Mailing_Country"] == "Germany"

    during(office, story)


def test_a_number_of_the_usa_keeps_its_country(tmp_path: Path) -> None:
    office = Office(tmp_path, desk=WholeForm)
    office.zoho.add(Person(given="Ann", family="Miller", emails=("ann@example.org",), phones=("+1 212 555 0101",)))
    office.audience.app.edit(
        {"object": "Customers", "create": {"email_address": "bob@example.org", "LNAME": "Stone", "PHONE": "2125550102"}}
    )

    async def story(daemon: Daemon) -> None:
        assert office.member("ann@example.org")["merge_fields"]["PHONE"] == "(212) 555-0101"
        assert office.contact("ann@example.org")["Phone"] == "+1 212 555 0101"
        assert "".join(filter(str.isdigit, office.contact("bob@example.org")["Phone"])) == "12125550102"

    during(office, story)
