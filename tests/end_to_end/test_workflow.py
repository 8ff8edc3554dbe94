"""An org whose workflows edit again what a person has edited: both edits arrive once, and ours set nothing off."""

from pathlib import Path
from typing import Any

import pytest

from tests.bench.company import Company
from zohosyncd.sandbox.zoho.crm import Workflow, ZohoSetup


def writes(company: Company) -> int:
    return sum(1 for each in company._exchanges if each.writes)


@pytest.mark.parametrize("delay", [0.0, 1.0, 70.0])
@pytest.mark.parametrize("sets", [{"Department": "Court"}, {"Title": "JUDGE"}])
def test_what_a_workflow_makes_of_an_edit_arrives_and_nothing_goes_in_circles(
    tmp_path: Path, delay: float, sets: dict[str, Any]
) -> None:
    company = Company(tmp_path, setup=ZohoSetup(workflow=Workflow(sets, delay, on=("edit",))))
    one, _ = (company.contact(n, Title="Clerk") for n in range(2))
    company.serve(300.0)

    async def serving(daemon: Any) -> None:
        async def edited() -> None:
            await company.clock.sleep(130.0)
            company.zoho.edit({"object": "Contacts", "id": one, "set": {"Title": "Judge"}})
            await company.clock.sleep(400.0)
            daemon.stop()

        daemon._tasks.start_soon(edited)
        await daemon.serve()

    company.live(serving)
    expected = {"Title": "Judge", **sets}
    assert {name: company.contacts()[one][name] for name in expected} == expected
    (card,) = [card for card in company.cards().values() if "zoho0@" in card]
    assert f"TITLE:{expected['Title']}" in card
    if "Department" in expected:
        assert "Court" in card
    company._exchanges.clear()
    company.serve(600.0)
    assert writes(company) == 0


def test_our_own_writes_set_no_workflow_off(tmp_path: Path) -> None:
    company = Company(tmp_path, setup=ZohoSetup(workflow=Workflow({"Description": "welcome mail sent"})))
    company.card(1)
    company.serve(300.0)
    for href, card in company.cards().items():
        company.edit_card(href, card.replace("END:VCARD", "TITLE:Judge\r\nEND:VCARD"))
    company.serve(300.0)
    (made,) = company.contacts().values()
    assert (made["Title"], made["Description"]) == ("Judge", None)
