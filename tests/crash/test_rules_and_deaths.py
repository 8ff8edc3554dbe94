"""Rules, consent and tagged deletions, with a process that dies in the middle: it ends where one ends that never died."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.crash.company import CONTACTS, Company

SAYS = """
leave = "tag"

[[rules]]
from = "zoho"
if = [ { opted_out = false }, { field = "Lead_Source", is = "Web Download" } ]
then = [ { add = "categories", value = "CRM", revert = true } ]

[[rules]]
from = "book"
if = [ { has = "categories", value = "Press" } ]
then = [ { add = "tags", value = "Press" }, { set = "Lead_Source", value = "Advertisement", on = "create" } ]

[consent]
zoho_to_book = "tag"

[deletions]
zoho_to_book = "tag"
book_to_zoho = "tag"
"""


def company_at_work(folder: Path) -> Company:
    """A company that is in sync, and a day's work of its people that the daemon has not seen yet."""
    company = Company(folder, SAYS)
    ids = {each["First_Name"]: each["id"] for each in company.world.apps["zoho_crm"].state()["Contacts"]}
    for record in ids.values():
        _set(company, record, Lead_Source="Web Download")
    company.until_quiet()
    (href,) = [href for href, text in _cards(company).items() if "Eve" in text]
    _write(company, href, "CATEGORIES:Press\r\n")
    _set(company, ids["Ann"], Email_Opt_Out=True, Title="Left the list")
    company.control("edit", {"app": "zoho_crm", "object": "Contacts", "id": ids["Bob"], "delete": True})
    _set(company, ids["Kim"], Lead_Source="Cold Call")
    new = {"First_Name": "Una", "Last_Name": "New", "Email": "una@example.org", "Lead_Source": "Web Download"}
    company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": new})
    return company


def _cards(company: Company) -> dict[str, str]:
    found: dict[str, str] = company.world.apps["carddav"].state()["/ann/contacts/"]
    return found


def _set(company: Company, record: str, **values: Any) -> None:
    company.control("edit", {"app": "zoho_crm", "object": "Contacts", "id": record, "set": values})


def _write(company: Company, href: str, line: str) -> None:
    text = _cards(company)[href].replace("END:VCARD", line + "END:VCARD")
    company.control("edit", {"app": "carddav", "object": "/ann/contacts/", "id": href, "set": {"vcard": text}})


def everything(company: Company) -> tuple[Counter[Any], Counter[Any]]:
    """Everybody with tags, consent and categories."""
    left = Counter(
        (
            each["First_Name"], each["Title"], each["Lead_Source"], bool(each["Email_Opt_Out"]),
            tuple(sorted(tag["name"] for tag in each["Tag"])),
        )
        for each in company.world.apps["zoho_crm"].state()["Contacts"]
    )  # fmt: skip
    kept = ("N", "NOTE", "TITLE", "CATEGORIES")
    right = Counter(
        tuple(sorted(line for line in text.splitlines() if line.partition(":")[0] in kept))
        for text in _cards(company).values()
    )
    return left, right


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company_at_work(tmp_path_factory.mktemp("morning") / "company")


@pytest.fixture(scope="module")
def undisturbed(morning: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, int, int]:
    company = morning.copy(tmp_path_factory.mktemp("undisturbed") / "company")
    life = company.live()
    company.until_quiet()
    return company, life.commits, life.sender.writes


def test_the_undisturbed_company_is_as_it_should_be(undisturbed: tuple[Company, int, int]) -> None:
    left, right = everything(undisturbed[0])
    assert set(left) == {
        ("Ann", "Left the list", "Web Download", True, ("Zohosyncd Left",)),
        ("Kim", None, "Cold Call", False, ("Zohosyncd Left",)),
        ("Una", None, "Web Download", False, ()),
        ("Eve", None, "Advertisement", False, ("Press",)),
    }
    lines = {line for card in right for line in card if line.startswith("CATEGORIES")}
    assert lines == {
        "CATEGORIES:CRM", "CATEGORIES:Press", "CATEGORIES:CRM,Zohosyncd Trash",
        "CATEGORIES:Zohosyncd Left", "CATEGORIES:Zohosyncd Unsubscribes,Zohosyncd Left",
    }  # fmt: skip
    assert len(CONTACTS) == 3
    assert undisturbed[1] > 8
    assert undisturbed[2] > 4


@pytest.mark.parametrize("durable", [True, False], ids=["after the commit", "before the commit"])
def test_a_death_at_every_commit(
    durable: bool, morning: Company, undisturbed: tuple[Company, int, int], tmp_path: Path
) -> None:
    wanted, commits, _ = undisturbed
    for at in range(1, commits + 1, 1 if durable else 3):
        company = morning.copy(tmp_path / str(at))
        assert company.live(commit=at, durable=durable).died, f"commit {at} was not reached"
        company.until_quiet()
        assert everything(company) == everything(wanted), f"died at commit {at}"


def test_a_death_after_every_write_that_was_executed(
    morning: Company, undisturbed: tuple[Company, int, int], tmp_path: Path
) -> None:
    wanted, _, writes = undisturbed
    for at in range(1, writes + 1):
        company = morning.copy(tmp_path / str(at))
        assert company.live(request=at).died, f"write {at} was not reached"
        company.until_quiet()
        assert everything(company) == everything(wanted), f"died after write {at} was executed"
