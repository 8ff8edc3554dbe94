"""Zoho and two mailboxes of one Google client: late lists by turns, quotas, a login that is lost for a while."""

from pathlib import Path
from typing import Any

from tests.worlds.desks.google import GoogleDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.town import HOUR, Town
from zohosyncd.sandbox.google.app import GoogleApp
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour
from zohosyncd.sandbox.world import World

ANN, BEN = "ann@example.org", "ben@example.org"
BEHAVIOUR = {"sync_delay": 240.0, "list_delay": 120.0, "uneven": True, "full_syncs": 2, "error_list": True}


def mailboxes(world: World, url: str) -> tuple[GoogleDesk, GoogleDesk]:
    app = GoogleApp(world.time, world.seed, (ANN, BEN), GoogleBehaviour(**BEHAVIOUR), base_url=url)
    world.add(app)
    ann, ben = (GoogleDesk(world, url, login.partition("@")[0], login=login, app=app) for login in (ANN, BEN))
    for desk in (ann, ben):
        desk.holds = GoogleDesk.holds - {"company"}  # which Zoho, between them, does not pass on
    return ann, ben


def town_of(folder: Path, seed: int) -> Town:
    made: list[GoogleDesk] = []

    def ann(world: World, url: str) -> Any:
        made.extend(mailboxes(world, url))
        return made[0]

    town = Town(folder, [ZohoDesk, ann, lambda world, url: made[1]], seed)
    zoho, first, second = town.desks
    first.app.normalise(*first.normalisation)
    town.settle_in(40)
    town.connect(zoho, first)
    town.connect(zoho, second)
    return town


def test_two_mailboxes_and_zoho_come_to_rest_together(tmp_path: Path) -> None:
    town = town_of(tmp_path, 3)

    async def days() -> None:
        async with town.living() as daemon:
            await town.rest(daemon, 8)
            town.judge()
            town.day(25)
            town.desks[1].app.tune({"expire_tokens": True, "forget_tokens": True})
            await town.rest(daemon, 8)
            town.judge()
            shape, writes = town.shape(), town.sender.writes
            await town.clock.sleep(HOUR)
            assert town.shape() == shape
            assert town.sender.writes == writes

    town.run(days())


def test_a_mailbox_whose_consent_is_withdrawn_leaves_the_other_alone(tmp_path: Path) -> None:
    town = town_of(tmp_path, 4)
    zoho, ann, ben = town.desks

    async def days() -> None:
        async with town.living() as daemon:
            await town.rest(daemon, 8)
            town.judge()
            ann.app.edit({"object": "consent", "user": ANN, "delete": True})
            record = next(iter(zoho.people()))
            zoho.change(record, title="Empress")
            await town.clock.sleep(HOUR)
            address = zoho.people()[record].emails[0].casefold()
            titles = {
                desk.name: [each.title for each in desk.people().values() if each.emails[0].casefold() == address]
                for desk in (ann, ben)
            }
            assert titles["ben"] == ["Empress"]
            assert titles["ann"] != ["Empress"]

    town.run(days())
