"""A field of Zoho that the profile of our user may not edit any more: nobody's edit is lost, and nothing goes in circles."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.bench.company import Company


def titled(company: Company, title: str) -> None:
    """Ann gives everybody in her book another title."""
    for href, card in company.cards().items():
        bare = re.sub(r"TITLE:[^\r]*\r\n", "", card)
        company.edit_card(href, bare.replace("END:VCARD", f"TITLE:{title}\r\nEND:VCARD"))


def titles(company: Company) -> list[str]:
    return re.findall(r"TITLE:([^\r]*)", "".join(company.cards().values()))


def refused(company: Company) -> set[str]:
    told: set[str] = set()

    async def ask(daemon: Any) -> None:
        told.update(each["code"] for each in (await daemon.commands.quarantine("zoho-user0"))["quarantine"])

    company.live(ask)
    return told


@pytest.mark.parametrize("restarted", [False, True])
def test_what_zoho_ignores_is_no_edit_of_a_person(tmp_path: Path, restarted: bool) -> None:
    company = Company(tmp_path)
    people = [company.contact(n, Title="Clerk") for n in range(2)]
    company.serve(300.0)

    async def serving(daemon: Any) -> None:
        async def ann_and_ben() -> None:
            await company.clock.sleep(130.0)
            company.zoho.tune({"read_only": ["Title"]})
            titled(company, "Judge")
            await company.clock.sleep(65.0)
            # Somebody edits something else in Zoho: the record comes again, later than our write, with the old title.
            for each in people:
                company.zoho.edit({"object": "Contacts", "id": each, "set": {"Department": "Court"}})
            await company.clock.sleep(1.0 if restarted else 400.0)
            daemon.stop()

        daemon._tasks.start_soon(ann_and_ben)
        await daemon.serve()

    company.live(serving)
    if restarted:
        company.serve(400.0)
    assert [each["Title"] for each in company.contacts().values()] == ["Clerk"] * 2
    assert titles(company) == ["Judge"] * 2
    assert all("Court" in card for card in company.cards().values())
    company.spent()
    company.serve(300.0)
    assert not company.spent().keys() & {"write", "tag"}
    assert titles(company) == ["Judge"] * 2


def test_a_later_edit_waits_with_its_reason_until_the_field_is_open_again(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.contact(1, Title="Clerk")
    company.serve(300.0)

    async def serving(daemon: Any) -> None:
        async def ann() -> None:
            await company.clock.sleep(130.0)
            company.zoho.tune({"read_only": ["Title"]})
            for title in ("Judge", "Advocate"):
                titled(company, title)
                await company.clock.sleep(200.0)
            daemon.stop()

        daemon._tasks.start_soon(ann)
        await daemon.serve()

    company.live(serving)
    assert titles(company) == ["Advocate"]
    assert refused(company) == {"READ_ONLY"}
    company.zoho.tune({"read_only": []})
    titled(company, "Notary")
    company.serve(300.0)
    assert titles(company) == [each["Title"] for each in company.contacts().values()] == ["Notary"]
