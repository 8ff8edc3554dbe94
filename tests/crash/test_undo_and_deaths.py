"""Undo and restore, with a process that dies in the middle: said again, they end where one ends that never died."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.company import Company, Said

SAYS = """
[deletions]
zoho_to_book = "delete"
book_to_zoho = "delete"
"""


def edited(folder: Path) -> tuple[Company, Said, Said]:
    """A company in which a wrong day's work has travelled; the commands that undo it, and that restore what was."""
    company = Company(folder, SAYS)
    company.until_quiet()
    company.live(said=[("snapshot", {})])
    (snapshot,) = sorted(str(each) for each in (folder / "snapshots").iterdir())[-1:]
    ids = {each["First_Name"]: each["id"] for each in company.world.apps["zoho_crm"].state()["Contacts"]}
    cards: dict[str, str] = company.world.apps["carddav"].state()["/ann/contacts/"]
    edit(company, "zoho_crm", "Contacts", id=ids["Ann"], set={"Title": "Wrong", "Phone": "+49 30 23125000"})
    edit(company, "zoho_crm", "Contacts", id=ids["Bob"], delete=True)
    edit(company, "zoho_crm", "Contacts", create={"Last_Name": "New", "First_Name": "Una", "Email": "u@example.org"})
    (eve,) = [href for href, text in cards.items() if "Eve" in text]
    text = cards[eve].replace("END:VCARD", "NOTE:wrong\r\nEND:VCARD")
    edit(company, "carddav", "/ann/contacts/", id=eve, set={"vcard": text})
    run = company.live().report["run"]
    company.until_quiet()
    restoring = {"folder": snapshot, "missing": "yes"}
    return company, [("undo", {"run": run})], [("restore", restoring)]


def edit(company: Company, app: str, place: str, **what: Any) -> None:
    company.control("edit", {"app": app, "object": place, **what})


@dataclass(frozen=True)
class Day:
    """A company after a wrong day, a command that sets it back, and how it ends where nobody dies meanwhile."""

    before: Company
    said: Said
    wanted: Company
    commits: int
    writes: int

    def die(self, folder: Path, **death: Any) -> None:
        """Die there, say the same again, and end where one ends that never died."""
        company = self.before.copy(folder)
        assert company.live(said=self.said, **death).died, f"not reached: {death}"
        company.live(said=self.said)
        company.until_quiet()
        assert company.people() == self.wanted.people(), f"died at {death}"


@pytest.fixture(scope="module", params=["undo", "restore"])
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp(request.param)
    before, undo, restore = edited(folder / "before")
    said = undo if request.param == "undo" else restore
    wanted = before.copy(folder / "wanted")
    life = wanted.live(said=said)
    wanted.until_quiet()
    assert wanted.people() != before.people()
    assert life.sender.writes > 2
    return Day(before, said, wanted, life.commits, life.sender.writes)


def test_said_once_more_it_finds_nothing_to_do(day: Day, tmp_path: Path) -> None:
    company = day.wanted.copy(tmp_path / "again")
    assert company.live(said=day.said).sender.writes == 0
    assert company.people() == day.wanted.people()


@pytest.mark.parametrize("first", [1, 2], ids=["odd", "even"])
def test_a_death_just_after_every_commit(first: int, day: Day, tmp_path: Path) -> None:
    for at in range(first, day.commits + 1, 2):
        day.die(tmp_path / str(at), commit=at)


def test_a_death_just_before_commits_here_and_there(day: Day, tmp_path: Path) -> None:
    for at in range(1, day.commits + 1, 3):
        day.die(tmp_path / str(at), commit=at, durable=False)


def test_a_death_after_every_write_that_was_executed(day: Day, tmp_path: Path) -> None:
    for at in range(1, day.writes + 1):
        day.die(tmp_path / str(at), request=at)


@pytest.mark.slow
def test_a_death_just_before_every_commit(day: Day, tmp_path: Path) -> None:
    for at in range(1, day.commits + 1):
        day.die(tmp_path / str(at), commit=at, durable=False)


def test_two_deaths_in_a_row(day: Day, tmp_path: Path) -> None:
    """Once after a write that nobody knows of, once more while that is found out."""
    twice = 0
    for at in range(1, day.writes + 1):
        company = day.before.copy(tmp_path / str(at))
        assert company.live(said=day.said, request=at).died
        twice += company.live(said=day.said, commit=4 * at).died
        company.live(said=day.said)
        company.until_quiet()
        assert company.people() == day.wanted.people(), f"died after write {at}, and at commit {4 * at} after it"
    assert twice > 1
