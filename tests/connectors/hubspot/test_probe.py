"""Creates without an answer are looked for among the newest contacts; a look that is not sure says so."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.connectors.hubspot.conftest import FIELDS, Portal, Spoiling
from zohosyncd.connectors.hubspot.connector import REF
from zohosyncd.core.errors import ContractBroken
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.transport.sender import Answered


async def newest(portal: Portal, since: float) -> tuple[list[str], bool]:
    pages = [page async for page in portal.connector.created_since(REF, FIELDS, since)]
    return [each.id for page in pages for each in page.records], pages[-1].beyond


def made(portal: Portal, count: int, at: int, per_moment: int = 1) -> list[str]:
    return portal.app.load({"lastname": f"P{at + n}", "createdate": at + n // per_moment} for n in range(count))


async def test_all_pages_are_read_until_an_older_contact_is_met(portal: Portal) -> None:
    now = portal.app.contacts.now()
    old = made(portal, 50, now - 100_000)
    young = made(portal, 450, now)
    await portal.clock.sleep(60)
    found, beyond = await newest(portal, now / 1000)
    assert beyond
    assert set(found) == set(young)
    assert len(found) == 450
    assert not set(found) & set(old)


async def test_a_list_without_older_contacts_does_not_say_that_it_went_beyond(portal: Portal) -> None:
    now = portal.app.contacts.now()
    young = made(portal, 3, now)
    await portal.clock.sleep(60)
    assert await newest(portal, now / 1000) == (young[::-1], False)


async def test_many_of_one_moment_are_passed_as_far_as_the_search_reaches(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(HubSpotSetup(index_lag=0.0))
    now = portal.app.contacts.now()
    old = made(portal, 5, now - 100_000)
    young = made(portal, 900, now, per_moment=450)
    await portal.clock.sleep(1)
    found, beyond = await newest(portal, now / 1000)
    assert beyond
    assert sorted(found) == sorted(young)
    assert old


async def test_more_of_one_moment_than_can_be_shown_is_not_taken_for_the_end(portal: Portal) -> None:
    now = portal.app.contacts.now()
    made(portal, 10_300, now, per_moment=20_000)
    await portal.clock.sleep(60)
    with pytest.raises(ContractBroken, match="one moment"):
        await newest(portal, now / 1000)


async def test_a_list_in_another_order_is_not_believed(portal: Portal, spoiling: Spoiling) -> None:
    now = portal.app.contacts.now()
    made(portal, 10, now)
    await portal.clock.sleep(60)

    def turned(request: Any, answer: Any) -> Any:
        if not isinstance(answer, Answered) or not request.url.endswith("contacts/search"):
            return answer
        body = msgspec.json.decode(answer.body)
        return replace(answer, body=msgspec.json.encode({**body, "results": body["results"][::-1]}))

    spoiling.spoil = turned
    with pytest.raises(ContractBroken, match="order"):
        await newest(portal, now / 1000)


async def test_a_contact_that_cannot_be_read_makes_the_look_unsure(portal: Portal, spoiling: Spoiling) -> None:
    portal.person(firstname="DAMAGED", email="a@example.com")
    await portal.clock.sleep(60)

    def damaged(request: Any, answer: Any) -> Any:
        return replace(answer, body=answer.body.replace(b"DAMAGED", b"\\ud83d"))

    spoiling.spoil = damaged
    with pytest.raises(ContractBroken):
        await newest(portal, 0.0)
