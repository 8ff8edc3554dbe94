"""Zoho CRM and a mailing list, both ways, with the whole daemon in between: who waits, who is out, who is called what."""

from pathlib import Path
from typing import Any

from tests.worlds.desk import Desk
from tests.worlds.desks.mailing_list import ListDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.town import HOUR, Town
from zohosyncd.sandbox.mailman.app import MailmanApp

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def town_of(folder: Path, people: int, new: str) -> tuple[Town, ZohoDesk, ListDesk]:
    town = Town(folder, [ZohoDesk, ListDesk])
    zoho, lists = town.desks
    assert isinstance(zoho, ZohoDesk)
    assert isinstance(lists, ListDesk)
    town.settle_in(people)
    town.connect(zoho, lists, 'winner = "left"', "[consent]", f'new = "{new}"')
    return town, zoho, lists


def full_names(zoho: ZohoDesk) -> dict[str, str]:
    return {each.emails[0].casefold(): f"{each.given} {each.family}".strip() for each in zoho.people().values()}


def test_a_list_and_a_crm_come_to_rest_and_nobody_who_opted_out_is_mailed(tmp_path: Path) -> None:
    town, zoho, lists = town_of(tmp_path, 120, "subscribed")

    def by_address(desk: Desk) -> dict[str, str]:
        return {each.emails[0].casefold(): key for key, each in desk.people().items()}

    async def days() -> None:
        async with town.living() as daemon:
            await town.rest(daemon)
            town.judge()
            assert {**full_names(zoho), **lists.names()} == full_names(zoho)
            people = sorted(by_address(zoho))
            for address in people[:5]:
                lists.opt_out(by_address(lists)[address])
            for address in people[5:10]:
                zoho.opt_out(by_address(zoho)[address])
            town.outs |= set(people[:10])
            family = {address: zoho.people()[by_address(zoho)[address]].family for address in people[20:30]}
            for address in people[20:30]:
                lists.rename(by_address(lists)[address], f"Renamed {family[address]}")
            for address in people[25:40]:
                zoho.change(by_address(zoho)[address], title="Buyer of Everything")
            await town.rest(daemon)
            town.judge()
            assert {**full_names(zoho), **lists.names()} == full_names(zoho)
            assert full_names(zoho)[people[20]] == f"Renamed {family[people[20]]}"
            calls = town.sender.calls.copy()
            await town.clock.sleep(HOUR)
            since = town.sender.calls - calls
            assert not [each for each in since if each.startswith(WRITES) and "/3.1/" in each]

    town.run(days())


def waiting(app: MailmanApp) -> set[str]:
    return {each.email for of in app.lists.values() for each in of.waiting.values()}


def test_whoever_is_asked_to_confirm_is_asked_once_and_stays_one_person(tmp_path: Path) -> None:
    town, zoho, lists = town_of(tmp_path, 40, "pending")
    lists.app.behaviour.pending_life = 6 * HOUR
    before = set(lists.names())

    async def days() -> None:
        async with town.living() as daemon:
            await town.rest(daemon)
            asked = waiting(lists.app)
            # Whoever has opted out in the CRM is on the list without being mailed, and is asked for nothing.
            assert asked
            assert asked | set(lists.names()) - {f"waiting:{each}" for each in asked} >= set(full_names(zoho))
            yes, never = sorted(asked)[0], sorted(asked)[1]
            lists.confirm(yes)
            count = len(zoho.people())
            await town.rest(daemon)
            assert len(zoho.people()) == len(full_names(zoho)) == count
            assert yes in lists.names()
            calls: Any = town.sender.calls.copy()
            await town.clock.sleep(4 * HOUR)
            assert never not in waiting(lists.app), "the request is forgotten, and nobody asks again"
            assert never not in lists.names()
            assert len(zoho.people()) == count
            since = town.sender.calls - calls
            assert not [each for each in since if each.startswith("POST") and each.endswith("/members")]
            assert before <= set(lists.names())

    town.run(days())
