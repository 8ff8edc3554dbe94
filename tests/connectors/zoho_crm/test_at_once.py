"""How many calls are under way at once: never more than the edition takes, and of the heavy kinds never more than ten."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.zoho_crm.client import ZohoClient
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.transport.sender import Answered, HttpRequest, Outcome
from zohosyncd.transport.together import together

ROWS = [{"Last_Name": f"Miller {at}"} for at in range(11)]
MANY = 40


class Turns:
    """Time that stands still while everybody else has a few turns."""

    async def sleep(self, _seconds: float) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


class Watched(WorldSender):
    """Requests take a while, the org refuses those that are too many; remembers the most at once, and who was refused."""

    def __init__(self, org: Any) -> None:
        super().__init__(org.world, Turns(), latency=1.0)  # type: ignore[arg-type]
        self.most = self.under_way = self.refused = 0

    async def send(self, request: HttpRequest) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            outcome = await super().send(request)
        finally:
            self.under_way -= 1
        self.refused += isinstance(outcome, Answered) and outcome.status == 429
        return outcome


async def at_once(make_org: Callable[..., Any], edition: str, ask: Callable[[ZohoClient], Awaitable[Any]]) -> Watched:
    """Ask so often at the same time."""
    org = make_org(ZohoSetup(edition=edition))
    org.person()
    await org.connector.check()
    client = org.connector._client
    watched = client._http._sender = Watched(org)
    await together(partial(ask, client) for _ in range(MANY))
    assert len(watched.sent) == MANY
    return watched


HEAVY: dict[str, Callable[[ZohoClient], Awaitable[Any]]] = {
    "a sorted list": lambda zoho: zoho.records("Contacts", ["Last_Name"], sort_by="Modified_Time"),
    "a query": lambda zoho: zoho.query("select id from Contacts where id is not null limit 10"),
    "an insert": lambda zoho: zoho.insert("Contacts", ROWS),
    "an upsert": lambda zoho: zoho.upsert("Contacts", ROWS, ["Email"]),
    "an update": lambda zoho: zoho.update("Contacts", [{"id": str(at), **row} for at, row in enumerate(ROWS)]),
}
LIGHT: dict[str, Callable[[ZohoClient], Awaitable[Any]]] = {
    "the org": lambda zoho: zoho.org(),
    "a read by ids": lambda zoho: zoho.records_by_id("Contacts", ["Last_Name"], ["1"]),
    "an insert of ten": lambda zoho: zoho.insert("Contacts", ROWS[:10]),
}


@pytest.mark.parametrize("kind", HEAVY)
async def test_of_the_heavy_kinds_ten_go_at_once_in_the_largest_edition(
    make_org: Callable[..., Any], kind: str
) -> None:
    watched = await at_once(make_org, "ultimate", HEAVY[kind])
    assert (watched.most, watched.refused) == (10, 0)


@pytest.mark.parametrize("kind", LIGHT)
@pytest.mark.parametrize(("edition", "most"), [("free", 5), ("standard", 10), ("enterprise", 20), ("ultimate", 25)])
async def test_of_the_others_as_many_as_the_edition_takes(
    make_org: Callable[..., Any], kind: str, edition: str, most: int
) -> None:
    watched = await at_once(make_org, edition, LIGHT[kind])
    assert (watched.most, watched.refused) == (most, 0)


async def test_all_who_need_the_first_token_share_one_refresh(make_org: Callable[..., Any]) -> None:
    org = make_org()
    watched = org.connector._client._http._sender = Watched(org)
    auth = org.connector._client._http._auth
    auth._sender = watched
    await together(partial(org.connector.check) for _ in range(MANY))
    assert [each.url.endswith("/oauth/v2/token") for each in watched.sent].count(True) == 1
    org.app.accounts.expire_all()
    await together(partial(org.connector.check) for _ in range(MANY))
    assert [each.url.endswith("/oauth/v2/token") for each in watched.sent].count(True) == 2
