"""Worlds of people, 80 or (slow) 1,000: Zoho with each of the others, both ways, with servers that change what they store."""

from pathlib import Path

import pytest

from tests.worlds.desks.book import BookDesk
from tests.worlds.desks.google import GoogleDesk
from tests.worlds.desks.hubspot import HubSpotDesk
from tests.worlds.desks.mailchimp import MailchimpDesk
from tests.worlds.desks.microsoft import MicrosoftDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.town import HOUR, MakeDesk, Town

OTHERS: dict[str, MakeDesk] = {
    "carddav": BookDesk,
    "google": GoogleDesk,
    "hubspot": HubSpotDesk,
    "mailchimp": MailchimpDesk,
    "microsoft": MicrosoftDesk,
}


@pytest.mark.parametrize("people", [80, pytest.param(1_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_world_of_people_comes_to_rest(tmp_path: Path, other: MakeDesk, people: int) -> None:
    town = Town(tmp_path, [ZohoDesk, other])
    zoho, app = town.desks
    for desk in town.desks:
        desk.app.normalise(desk.normalisation[0], [dict(rule) for rule in desk.normalisation[1]])
    town.settle_in(people)
    town.connect(zoho, app)

    async def days() -> None:
        async with town.living() as daemon:
            await town.rest(daemon)
            town.judge()
            for _ in range(2):
                town.day(people // 5)
                await town.rest(daemon)
                town.judge()
            shape, writes = town.shape(), town.sender.writes
            await town.clock.sleep(HOUR)
            assert town.shape() == shape
            assert town.sender.writes == writes

    town.run(days())
