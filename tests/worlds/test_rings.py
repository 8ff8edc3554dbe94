"""Several connections over shared accounts: a ring of three apps, and a pair that nobody wrote."""

from itertools import combinations
from pathlib import Path

import pytest

from tests.worlds.desks.book import BookDesk
from tests.worlds.desks.google import GoogleDesk
from tests.worlds.desks.hubspot import HubSpotDesk
from tests.worlds.desks.mailchimp import MailchimpDesk
from tests.worlds.desks.microsoft import MicrosoftDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.town import HOUR, MakeDesk, Town


def days_of(town: Town, edits: int) -> None:
    """Two days in the town, each judged; then an hour in which nothing is written."""

    async def days() -> None:
        async with town.living() as daemon:
            await town.rest(daemon, hours=8)
            town.judge()
            for _ in range(2):
                town.day(edits)
                await town.rest(daemon, hours=8)
                town.judge()
            shape, writes = town.shape(), town.sender.writes
            await town.clock.sleep(2 * HOUR)
            assert town.shape() == shape
            assert town.sender.writes == writes

    town.run(days())


def test_zoho_google_and_mailchimp_in_a_ring_come_to_rest(tmp_path: Path) -> None:
    town = Town(tmp_path, [ZohoDesk, GoogleDesk, MailchimpDesk])
    for desk in town.desks:
        desk.app.normalise(desk.normalisation[0], [dict(rule) for rule in desk.normalisation[1]])
    town.settle_in(60)
    for left, right in combinations(town.desks, 2):
        town.connect(left, right)
    days_of(town, 20)


PAIRS: dict[str, tuple[MakeDesk, MakeDesk]] = {
    "google-mailchimp": (GoogleDesk, MailchimpDesk),
    "microsoft-google": (MicrosoftDesk, GoogleDesk),
    "hubspot-book": (HubSpotDesk, BookDesk),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_two_apps_are_kept_the_same_though_nobody_wrote_that_pair(
    tmp_path: Path, pair: tuple[MakeDesk, MakeDesk]
) -> None:
    town = Town(tmp_path, pair)
    town.settle_in(50)
    town.connect(*town.desks)
    days_of(town, 15)
