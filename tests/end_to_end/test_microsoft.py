"""Zoho CRM and Outlook with the daemon between them: what Microsoft's servers do, and nobody is made twice or lost."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.worlds.desks.microsoft import MicrosoftDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.person import Person
from tests.worlds.town import HOUR, Town
from zohosyncd.supervisor.daemon import Daemon

DELETING = '[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"'
Job = Callable[[Daemon], Awaitable[None]]


class Office:
    """A town of two apps with a few people."""

    def __init__(self, folder: Path, *more: str, people: int = 0) -> None:
        self.town = Town(folder, [ZohoDesk, MicrosoftDesk])
        zoho, outlook = self.town.desks
        assert isinstance(outlook, MicrosoftDesk)
        self.zoho, self.outlook = zoho, outlook
        self.town.settle_in(people)
        self.town.connect(zoho, outlook, *more)

    def live(self, job: Job) -> None:
        """One life of the daemon; at its end nothing moves any more."""

        async def life() -> None:
            async with self.town.living() as daemon:
                await self.town.rest(daemon)
                await job(daemon)
                await self.town.rest(daemon, 8.0)

        self.town.run(life())

    def fail(self, **rule: Any) -> None:
        self.town.world.faults.replace("microsoft365", [rule] if rule else [])

    def names(self) -> tuple[list[str], list[str]]:
        """Who is in Zoho, and who is in Outlook."""
        shown = [sorted(f"{each.given} {each.family}" for each in desk.people().values()) for desk in self.town.desks]
        return shown[0], shown[1]


def ann(**more: Any) -> Person:
    return Person(**{"given": "Ann", "family": "Miller", "emails": ("ann@example.com",), **more})


def test_creates_whose_answers_are_lost_make_nobody_twice_though_they_are_edited_meanwhile(tmp_path: Path) -> None:
    office = Office(tmp_path, people=10)

    async def job(daemon: Daemon) -> None:
        office.fail(fault="reset", path="*$batch", method="POST", executed=True, rate=0.5)
        for n in range(8):
            office.zoho.add(ann(given=f"Ann {n}", emails=(f"ann{n}@example.com",)))
        await office.town.clock.sleep(150.0)
        new = [(key, each) for key, each in office.outlook.people().items() if each.given.startswith("Ann")]
        for key, each in new[::2]:
            office.outlook.change(key, title=f"Head of {each.given}")
        await office.town.clock.sleep(HOUR)
        office.fail()

    office.live(job)
    zoho, outlook = office.names()
    assert zoho == outlook
    assert len([each for each in zoho if each.startswith("Ann ") and each.endswith("Miller")]) == 8
    office.town.judge()


def test_who_is_moved_to_another_folder_and_back_is_the_same_person(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.outlook.app.edit({"folder": "Archive"})
    key = office.outlook.add(ann())
    bob = office.outlook.add(ann(given="Bob", emails=("bob@example.com",)))

    async def job(daemon: Daemon) -> None:
        office.outlook.app.edit({"id": key, "move": "Archive"})
        await office.town.clock.sleep(HOUR)
        assert len(office.zoho.people()) == 2, "without [deletions] whoever left the folder stays"
        office.outlook.app.edit({"id": key, "restore": True})
        office.outlook.change(key, title="Director")
        office.outlook.change(bob, title="Clerk")

    office.live(job)
    assert office.names() == (["Ann Miller", "Bob Miller"], ["Ann Miller", "Bob Miller"])
    assert sorted(each.title for each in office.zoho.people().values()) == ["Clerk", "Director"]


def test_links_that_end_lose_no_deletion_and_make_nobody_again(tmp_path: Path) -> None:
    office = Office(tmp_path, DELETING, people=20)

    async def job(daemon: Daemon) -> None:
        people = len(office.outlook.people())
        gone = sorted(office.outlook.people())[0]
        office.outlook.remove(gone)
        office.outlook.app.rounds.forget()
        await office.town.clock.sleep(HOUR)
        assert len(office.outlook.people()) == people - 1

    office.live(job)
    zoho, outlook = office.names()
    assert zoho == outlook
    office.town.judge()


def test_a_mailbox_that_takes_few_requests_is_filled_all_the_same(tmp_path: Path) -> None:
    office = Office(tmp_path, people=0)
    office.outlook.app.tune({"batch": "refuses", "requests": 60, "seconds": 60.0})
    for n in range(120):
        office.zoho.add(ann(given=f"Ann {n}", emails=(f"ann{n}@example.com",)))

    async def job(daemon: Daemon) -> None:
        await office.town.clock.sleep(HOUR)

    office.live(job)
    zoho, outlook = office.names()
    assert len(outlook) == 120
    assert zoho == outlook


def test_birthdays_stay_on_their_day_whoever_writes_them(tmp_path: Path) -> None:
    office = Office(tmp_path)
    typed = office.outlook.add(ann(birthday="1980-03-01"))
    sent = office.zoho.add(ann(given="Bob", emails=("bob@example.com",), birthday="1979-12-31"))

    async def job(daemon: Daemon) -> None:
        office.outlook.change(typed, title="Director")
        office.zoho.change(sent, title="Clerk")

    office.live(job)
    for desk in (office.zoho, office.outlook):
        assert {each.given: (each.birthday, each.title) for each in desk.people().values()} == {
            "Ann": ("1980-03-01", "Director"),
            "Bob": ("1979-12-31", "Clerk"),
        }
