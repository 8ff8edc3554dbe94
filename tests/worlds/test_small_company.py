"""The example of a small company as it is shipped, at the simulated apps: what its people do, and what becomes of it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.desks.google import GoogleDesk
from tests.worlds.desks.mailchimp import MailchimpDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.person import Person
from tests.worlds.town import HOUR, Town
from zohosyncd.sandbox.google.app import CLIENT_ID, GoogleApp
from zohosyncd.sandbox.world import World
from zohosyncd.supervisor.daemon import Daemon

SHIPPED = Path(__file__).parents[2] / "config/examples/small-company"
LOGINS = {"ann": "ann@example.com", "ben": "ben@example.com"}
MAKE_DESKS = {
    "ann": lambda world, url: GoogleDesk(
        world,
        url,
        "ann",
        login=LOGINS["ann"],
        app=GoogleApp(world.time, world.seed, tuple(LOGINS.values()), base_url=url),
    ),
    "newsletter": lambda world, url: MailchimpDesk(world, url, "newsletter"),
}


class Company:
    """The town with the shipped files: only what says where the apps are is another."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(folder, [ZohoDesk, self._mailboxes, MAKE_DESKS["newsletter"]])
        self.zoho, self.ann, self.news = self.town.desks
        assert isinstance(self.ann, GoogleDesk)
        self.ben = GoogleDesk(self.town.world, "http://127.0.0.1:1", "ben", login=LOGINS["ben"], app=self.ann.app)
        for part in ("connections.d", "presets.d"):
            shutil.copytree(SHIPPED / part, folder / part, dirs_exist_ok=True)
        shown = {desk.name: desk.account(folder) for desk in (self.zoho, self.ann, self.ben, self.news)}
        for name, there in shown.items():
            self._write(folder, name, there)
        client = '\n[oauth_clients.google]\nclient_id = "{}"\nclient_secret = "file:{}/secrets/google-client"\n'
        service = folder / "zohosyncd.toml"
        service.write_text(service.read_text() + client.format(CLIENT_ID, folder))

    @staticmethod
    def _mailboxes(world: World, url: str) -> GoogleDesk:
        app = GoogleApp(world.time, world.seed, tuple(LOGINS.values()), base_url=url)
        world.add(app)
        return GoogleDesk(world, url, "ann", login=LOGINS["ann"], app=app)

    @staticmethod
    def _write(folder: Path, name: str, there: str) -> None:
        """The shipped account, with the lines that lead to the sandbox in place of those that lead to the vendor."""
        lines = {line.partition(" = ")[0]: line for line in there.splitlines()}
        own = (SHIPPED / f"accounts.d/{name}.toml").read_text().splitlines()
        kept = [line for line in own if line.partition(" = ")[0] not in {*lines, "data_center"} or "=" not in line]
        more = [line for key, line in lines.items() if "oauth_client" not in " ".join(own) or "client_" not in key]
        (folder / f"accounts.d/{name}.toml").write_text("\n".join((*kept, *more)) + "\n")

    # What people do and see

    def contact(self, given: str, **more: Any) -> str:
        values = {"First_Name": given, "Last_Name": "Customer", "Email": f"{given.lower()}@example.net", **more}
        return str(self.zoho.app.edit({"object": "Contacts", "create": values})["id"])

    def in_crm(self) -> dict[str, Mapping[str, Any]]:
        return {each["First_Name"]: each for each in self.zoho.app.state()["Contacts"]}

    def tags(self, given: str) -> set[str]:
        return {each["name"] for each in self.in_crm()[given].get("Tag") or ()}

    def on_phone(self, who: str) -> dict[str, set[str]]:
        """The people of a mailbox by given name, each with its labels."""
        state = self.ann.app.state()
        groups = state[f"{LOGINS[who]}/groups"].values()
        return {
            person["names"][0]["givenName"]: {each["name"] for each in groups if record in each["members"]}
            for record, person in state[LOGINS[who]].items()
        }

    def label(self, who: str, given: str, name: str) -> None:
        """Somebody puts a contact below a label on the phone."""
        mailbox = f"{LOGINS[who]}/groups"
        record = self.record(who, given)
        groups = {each["name"]: number for number, each in self.ann.app.state()[mailbox].items()}
        number = groups.get(name) or self.ann.app.edit({"object": mailbox, "create": {"name": name}})["resourceName"]
        memberships = [
            {"contactGroupMembership": {"contactGroupResourceName": each}} for each in self._groups(who, record)
        ]
        memberships.append({"contactGroupMembership": {"contactGroupResourceName": number}})
        self.ann.app.edit({"object": LOGINS[who], "id": record, "set": {"memberships": memberships}})

    def _groups(self, who: str, record: str) -> list[str]:
        found = self.ann.app.state()[LOGINS[who]][record].get("memberships", ())
        return [each["contactGroupMembership"]["contactGroupResourceName"] for each in found]

    def record(self, who: str, given: str) -> str:
        people = self.ann.app.state()[LOGINS[who]].items()
        return next(record for record, person in people if person["names"][0]["givenName"] == given)

    def members(self) -> dict[str, tuple[str, set[str]]]:
        """The audience by given name: status and tags."""
        return {
            each["merge_fields"]["FNAME"]: (each["status"], {tag["name"] for tag in each["tags"]})
            for each in self.news.app.state()[self.news.object]
        }

    def member(self, given: str) -> str:
        return next(each for each, person in self.news.people().items() if person.given == given)


async def days(company: Company, daemon: Daemon) -> None:
    """Until everything has come to rest; whoever waits for approval gets it."""
    await company.town.clock.sleep(HOUR / 4)
    for name in ("crm-ann", "crm-ben", "crm-news"):
        if (await daemon.commands.status())["connections"][name]["stage"] == "approval":
            await daemon.commands.approve(name)
    await company.town.rest(daemon, hours=8, slice_=HOUR / 4)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path)
    company.contact("Ada", Owner=LOGINS["ann"], Tag=["Customer"])
    company.contact("Bob", Owner=LOGINS["ben"], Tag=["Customer"])
    company.contact("Hal", Owner=LOGINS["ben"], Tag=["Customer"])
    company.contact("Cyd", Owner=LOGINS["ann"], Tag=["Customer"], Email_Opt_Out=True)
    company.contact("Dee", Owner="dora@example.com")
    company.ann.add(Person("Ada", "Customer", ("ada@example.net",), ("+49 30 111",)))
    company.ann.add(Person("Eve", "Private", ("eve@example.net",)))
    company.ann.add(Person("Fay", "Friend", ("fay@example.net",)))
    company.ben.add(Person("Gus", "Newcomer", ("gus@example.net",)))
    company.label("ann", "Eve", "To CRM")
    company.label("ben", "Gus", "To CRM")
    company.town.clock.keep(24 * HOUR)
    return company


def test_the_scene_of_a_small_company(company: Company) -> None:
    async def scene() -> None:
        async with company.town.living() as daemon:
            await days(company, daemon)
            await everybody_is_where_he_belongs(company)
            await an_opt_out_comes_back_through_the_filter(company, daemon)
            await the_deleted_are_tagged(company, daemon)
            await a_customer_goes_to_another_seller(company, daemon)
            writes = company.town.sender.writes
            await company.town.clock.sleep(HOUR)
            assert company.town.sender.writes == writes

    company.town.run(scene())


async def everybody_is_where_he_belongs(company: Company) -> None:
    ann, ben, crm = company.on_phone("ann"), company.on_phone("ben"), company.in_crm()
    assert ann == {"Ada": {"Customers"}, "Cyd": {"Customers"}, "Eve": {"To CRM", "Customers"}, "Fay": set()}
    assert ben == {"Bob": {"Customers"}, "Hal": {"Customers"}, "Gus": {"To CRM", "Customers"}}
    assert crm.keys() == {"Ada", "Bob", "Cyd", "Dee", "Eve", "Gus", "Hal"}
    assert {crm[name]["Owner"]["email"] for name in ("Ada", "Cyd", "Eve")} == {LOGINS["ann"]}
    assert {crm[name]["Owner"]["email"] for name in ("Bob", "Gus", "Hal")} == {LOGINS["ben"]}
    assert crm["Eve"]["Lead_Source"] == "Employee Referral"
    assert "111" in (crm["Ada"]["Phone"] or ""), "both sides' details of one person are kept"
    assert company.members() == dict.fromkeys(("Ada", "Bob", "Hal"), ("pending", {"Customer"}))


async def an_opt_out_comes_back_through_the_filter(company: Company, daemon: Daemon) -> None:
    """Ada confirms and later unsubscribes: she leaves the filter by that very opt-out. Bob tells sales to stop."""
    audience, number = company.news.object, company.member("Ada")
    company.news.app.edit({"object": audience, "id": number, "set": {"status": "subscribed"}})
    await days(company, daemon)
    assert not company.in_crm()["Ada"]["Email_Opt_Out"]
    company.news.opt_out(number)
    company.zoho.opt_out(company.in_crm()["Bob"]["id"])
    await days(company, daemon)
    assert company.in_crm()["Ada"]["Email_Opt_Out"]
    assert {name: status for name, (status, _tags) in company.members().items()} == {
        "Ada": "unsubscribed", "Bob": "unsubscribed", "Hal": "pending",
    }  # fmt: skip


async def the_deleted_are_tagged(company: Company, daemon: Daemon) -> None:
    """Ann deletes Eve on the phone; sales deletes Hal, and Bob, who has left the newsletter's filter."""
    company.ann.remove(company.record("ann", "Eve"))
    for given in ("Hal", "Bob"):
        company.zoho.remove(company.in_crm()[given]["id"])
    await days(company, daemon)
    assert company.tags("Eve") == {"Deleted elsewhere"}
    assert all("Deleted elsewhere" in company.on_phone("ben")[given] for given in ("Hal", "Bob"))
    assert "Eve" not in company.on_phone("ann"), "who was deleted is not made anew"
    assert company.in_crm().keys() & {"Hal", "Bob"} == set()
    assert company.members()["Hal"][1] == {"Customer", "Deleted in CRM"}
    assert company.members()["Bob"] == ("unsubscribed", {"Customer"}), "who has left the filter is left as he is"


async def a_customer_goes_to_another_seller(company: Company, daemon: Daemon) -> None:
    company.zoho.app.edit({"object": "Contacts", "id": company.in_crm()["Cyd"]["id"], "set": {"Owner": LOGINS["ben"]}})
    await days(company, daemon)
    assert company.on_phone("ben")["Cyd"] == {"Customers"}
    assert "Former customers" in company.on_phone("ann")["Cyd"]
