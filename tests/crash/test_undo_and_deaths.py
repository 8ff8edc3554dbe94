"""Undo and restore, with a process that dies in the middle: said again, they end where one ends that never died."""

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


@pytest.mark.parametrize("which", [0, 1], ids=["undo", "restore"])
def test_a_death_at_every_commit_and_after_every_write(which: int, tmp_path: Path) -> None:
    wanted, *commands = edited(tmp_path / "undisturbed")
    before = wanted.people()
    life = wanted.live(said=commands[which])
    assert wanted.people() != before
    assert life.sender.writes > 2
    wanted.until_quiet()
    # At the even commits just after them, at the odd ones just before: the next life finds what it wrote until then.
    deaths: list[dict[str, Any]] = [{"commit": at, "durable": at % 2 == 0} for at in range(1, life.commits + 1)]
    deaths += [{"request": at} for at in range(1, life.sender.writes + 1)]
    for number, death in enumerate(deaths):
        company, *commands = edited(tmp_path / str(number))
        assert company.live(said=commands[which], **death).died, f"not reached: {death}"
        company.live(said=commands[which])
        company.until_quiet()
        assert company.people() == wanted.people(), f"died at {death}"
