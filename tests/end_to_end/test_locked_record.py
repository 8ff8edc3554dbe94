"""A record that is locked in Zoho, by an approval or a merge: it is written once it is open, and nobody has to do anything."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.bench.company import Company

TAGGED = '[deletions]\nright_to_left = "tag"'


def titled(company: Company, title: str) -> None:
    """Ann gives everybody in her book another title."""
    for href, card in company.cards().items():
        bare = re.sub(r"TITLE:[^\r]*\r\n", "", card)
        company.edit_card(href, bare.replace("END:VCARD", f"TITLE:{title}\r\nEND:VCARD"))


def waiting(company: Company) -> list[Any]:
    """What waits for a person."""
    found: list[Any] = []

    async def ask(daemon: Any) -> None:
        found.extend((await daemon.commands.quarantine("zoho-user0"))["quarantine"])
        found.extend((await daemon.commands.held("zoho-user0"))["held"])

    company.live(ask)
    return found


@pytest.mark.parametrize("restarted", [False, True])
def test_its_edit_waits_and_arrives(tmp_path: Path, restarted: bool) -> None:
    company = Company(tmp_path)
    locked, free = (company.contact(n, Title="Clerk") for n in range(2))
    company.serve(300.0)
    titled(company, "Judge")
    company.zoho.tune({"lock": [locked]})

    async def serving(daemon: Any) -> None:
        async def unlocked() -> None:
            await company.clock.sleep(300.0)
            assert [company.contacts()[each]["Title"] for each in (locked, free)] == ["Clerk", "Judge"]
            if not restarted:
                company.zoho.tune({"unlock": [locked]})
                await company.clock.sleep(300.0)
            daemon.stop()

        daemon._tasks.start_soon(unlocked)
        await daemon.serve()

    company.live(serving)
    if restarted:
        assert waiting(company) == []
        company.zoho.tune({"unlock": [locked]})
        company.serve(300.0)
    assert [company.contacts()[each]["Title"] for each in (locked, free)] == ["Judge", "Judge"]
    assert "TITLE:Judge" in "".join(company.cards().values())
    assert waiting(company) == []
    company.spent()
    company.serve(300.0)
    assert not company.spent().keys() & {"write", "tag"}


def test_so_do_its_tags(tmp_path: Path) -> None:
    company = Company(tmp_path, more=TAGGED)
    one = company.contact(1)
    company.serve(300.0)
    company.zoho.tune({"lock": [one]})
    for href in company.cards():
        company.delete_card(href)
    company.serve(300.0)
    assert company.contacts()[one]["Tag"] == []
    company.zoho.tune({"unlock": [one]})
    company.serve(300.0)
    assert [each["name"] for each in company.contacts()[one]["Tag"]] == ["Zohosyncd Trash"]
    assert waiting(company) == []
