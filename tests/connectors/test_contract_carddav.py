"""The CardDAV connector keeps the promises of a connector, against the simulated server in its several manners."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.connectors.carddav.benches import card_bench, card_of, person
from tests.connectors.contract import Bench, ConnectorContract
from tests.connectors.http_faults import HttpFaults
from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.carddav import SPEC
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.carddav.behaviour import Behaviour
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret

BOOK = "/ann/contacts/"

BEHAVIOURS = {
    "pleasant": Behaviour(),
    "rewrites cards and answers no etag": Behaviour(answer_etag_on_put=False, reserialise=True),
    "truncates, lists itself, loses CR": Behaviour(page=3, lists_itself=True, crlf_in_reports=False),
    "only version 4.0, another status": Behaviour(versions=("4.0",), stale_token_status=412, delete_status=200),
    "without sync-collection": Behaviour(sync_collection=False, well_known="none"),
}


class SandboxHands:
    """A person at the simulated server."""

    def __init__(self, app: CardDavApp) -> None:
        self._app = app

    async def put(self, href: str, card: str) -> None:
        if href in self._app.state()[BOOK]:
            self._app.edit({"object": BOOK, "id": href, "set": {"vcard": card}})
        else:
            self._app.load(BOOK, {href: card})

    async def get(self, href: str) -> str:
        return self._app.state()[BOOK][href]

    async def delete(self, href: str) -> None:
        self._app.edit({"object": BOOK, "id": href, "delete": True})


class HandClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.25

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds


class SeededChance:
    def __init__(self) -> None:
        self._random = random.Random(1)

    def new_id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


@pytest.fixture(params=BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
async def bench(request: pytest.FixtureRequest) -> Bench:
    clock = HandClock()
    world = World(clock, 1)
    app = CardDavApp(world.time, 1, users={"ann": "password"}, behaviour=replace(request.param))
    world.add(app)
    path = "/dav/" if request.param.well_known == "none" else "/"
    options = CardDavOptions.model_validate(
        {"url": f"http://127.0.0.1:1{path}", "username": "ann", "password": "env:PASSWORD", "allow_http": True}
    )
    tools = Tools("book", WorldSender(world, clock), clock, SeededChance(), lambda _: Secret("password"))
    connector = SPEC.open(options, tools)
    assert isinstance(connector, CardDavConnector)
    await connector.check()

    async def lose_cursors() -> None:
        app.forget_tokens(BOOK)

    async def fill(count: int) -> Sequence[str]:
        cards = {
            f"{BOOK}{n}.vcf": card_of(person(f"G{n}", f"F{n}", f"{n}@example.com"), f"uid-{n}") for n in range(count)
        }
        app.load(BOOK, cards)
        return list(cards)

    page = 1000 if not request.param.sync_collection else min(100, request.param.page)
    return card_bench(
        connector,
        BOOK,
        SandboxHands(app),
        clock.sleep,
        object_name="contacts",
        lose_cursors=lose_cursors,
        fill=fill,
        page=page,
        version=request.param.versions[0],
        world=world,
    )


class TestCardDavConnector(ConnectorContract):
    """See the contract."""


LISTED = pytest.param(BEHAVIOURS["without sync-collection"], marks=pytest.mark.slow)


@pytest.mark.parametrize("bench", [BEHAVIOURS["pleasant"], LISTED], indirect=True)
class TestCardDavFaults(HttpFaults):
    """See the suite."""
