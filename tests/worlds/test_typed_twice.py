"""Somebody is typed into both apps within a minute, also into one whose lists are minutes behind: nobody is made twice."""

from pathlib import Path

import pytest

from tests.worlds.desks.google import GoogleDesk
from tests.worlds.desks.hubspot import HubSpotDesk
from tests.worlds.desks.mailchimp import MailchimpDesk
from tests.worlds.desks.microsoft import MicrosoftDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.person import Person
from tests.worlds.town import MakeDesk, Town

OTHERS: dict[str, MakeDesk] = {
    "google": GoogleDesk, "hubspot": HubSpotDesk, "mailchimp": MailchimpDesk, "microsoft": MicrosoftDesk,
}  # fmt: skip


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_nobody_is_made_twice(tmp_path: Path, other: MakeDesk) -> None:
    town = Town(tmp_path, [ZohoDesk, other])
    town.settle_in(10)
    town.connect(*town.desks)

    def typed(name: str) -> None:
        for desk in town.desks:
            shown = {"given": name, "family": "Miller", "emails": (f"{name.lower()}@example.org",)}
            desk.add(Person(**shown))

    async def days() -> None:
        typed("Before")  # the first sync begins before any list shows them
        async with town.living() as daemon:
            await town.rest(daemon)
            town.judge()
            for number, wait in enumerate((1.0, 50.0, 100.0, 119.0)):
                await town.clock.sleep(wait)
                typed(f"Typed{number}")
            await town.rest(daemon)
            town.judge()

    town.run(days())
