"""Values that Zoho keeps from our user, all of a sudden: nobody's is blanked, on neither side, and no edit is lost."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.bench.company import Company


def titles(company: Company) -> list[str]:
    return re.findall(r"TITLE:([^\r]*)", "".join(company.cards().values()))


def titled(company: Company, title: str) -> None:
    """Ann gives everybody in her book another title."""
    for href, card in company.cards().items():
        bare = re.sub(r"TITLE:[^\r]*\r\n", "", card)
        company.edit_card(href, bare.replace("END:VCARD", f"TITLE:{title}\r\nEND:VCARD"))


def in_zoho(company: Company) -> list[Any]:
    return [each["Title"] for each in company.contacts().values()]


@pytest.fixture(params=["restricted", "hidden"])
def right(request: pytest.FixtureRequest) -> str:
    """The API shows the field as null (HIPAA), or the profile does not show it at all."""
    return str(request.param)


def living(company: Company, right: str, *, noticed: bool) -> None:
    """The field is taken away, in the life of the daemon or between two, and then somebody edits another field."""
    for number in range(2):
        company.contact(number, Title="Clerk")
    company.serve(300.0)
    assert titles(company) == ["Clerk"] * 2

    async def serving(daemon: Any) -> None:
        async def changed() -> None:
            await company.clock.sleep(130.0)
            company.zoho.tune({right: ["Title"]})
            for each in company.contacts():
                company.zoho.edit({"object": "Contacts", "id": each, "set": {"Department": "Court"}})
            await company.clock.sleep(300.0)
            daemon.stop()

        daemon._tasks.start_soon(changed)
        await daemon.serve()

    if noticed:
        company.zoho.tune({right: ["Title"]})
        for each in company.contacts():
            company.zoho.edit({"object": "Contacts", "id": each, "set": {"Department": "Court"}})
        company.serve(300.0)
    else:
        company.live(serving)
    assert all("Court" in card for card in company.cards().values())


@pytest.fixture(params=[False, True])
def noticed(request: pytest.FixtureRequest) -> bool:
    """Whether the daemon has been started since: until then it goes by the metadata of its last start."""
    return bool(request.param)


def test_a_value_that_is_not_shown_any_more_is_blanked_nowhere(tmp_path: Path, right: str, noticed: bool) -> None:
    company = Company(tmp_path)
    living(company, right, noticed=noticed)
    assert titles(company) == in_zoho(company) == ["Clerk"] * 2
    company.serve(600.0)
    assert titles(company) == in_zoho(company) == ["Clerk"] * 2
    company.zoho.tune({right: []})
    file = tmp_path / "connections.d/zoho-user0.toml"
    file.write_text(file.read_text().replace('every = "60s"', 'every = "1h"'))
    company.serve(100_000.0)  # with a complete read
    assert titles(company) == in_zoho(company) == ["Clerk"] * 2


def test_an_edit_of_the_other_side_arrives_once_it_is_shown_again(tmp_path: Path, right: str) -> None:
    company = Company(tmp_path)
    living(company, right, noticed=True)
    titled(company, "Judge")
    company.serve(300.0)
    assert titles(company) == ["Judge"] * 2
    company.zoho.tune({right: []})
    file = tmp_path / "connections.d/zoho-user0.toml"
    file.write_text(file.read_text().replace('every = "60s"', 'every = "1h"'))
    company.serve(100_000.0)  # with a complete read
    assert titles(company) == in_zoho(company) == ["Judge"] * 2


def test_a_first_sync_overwrites_nothing_that_it_could_not_see(tmp_path: Path, right: str) -> None:
    company = Company(tmp_path)
    company.zoho.tune({right: ["Title"]})
    company.contact(1, Title="Clerk")
    company.serve(300.0)
    assert titles(company) == []
    assert in_zoho(company) == ["Clerk"]
