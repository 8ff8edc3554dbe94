"""The CardDAV connector keeps the promises of a connector against Radicale and Xandikos, as they ship."""

import asyncio
import random
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.connectors.carddav.benches import card_bench
from tests.connectors.contract import Bench, ConnectorContract
from tests.servers import real
from zohosyncd.connectors.carddav import SPEC
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.settings.secrets import Secret
from zohosyncd.transport.wire import AiohttpSender

MAKE_BOOK = (
    '<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop>'
    "<resourcetype><collection/><C:addressbook/></resourcetype><displayname>{}</displayname></prop></set></mkcol>"
)


class WallClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Chance:
    def new_id(self) -> str:
        return uuid.uuid4().hex

    def uniform(self, low: float, high: float) -> float:
        return random.uniform(low, high)


@dataclass(frozen=True)
class Standing:
    """A server that stands for all tests of this module; every test makes a book of its own beside ``path``."""

    name: str
    url: str
    path: str
    folder: Path


@dataclass(frozen=True)
class HttpHands:
    """A person's own client."""

    url: str
    http: aiohttp.ClientSession

    async def put(self, href: str, card: str) -> None:
        headers = {"Content-Type": "text/vcard; charset=utf-8"}
        async with self.http.put(self.url + href, data=card.encode(), headers=headers) as answer:
            assert answer.status in (200, 201, 204), (answer.status, await answer.text())

    async def get(self, href: str) -> str:
        async with self.http.get(self.url + href) as answer:
            assert answer.status == 200, answer.status
            return (await answer.read()).decode()

    async def delete(self, href: str) -> None:
        async with self.http.delete(self.url + href) as answer:
            assert answer.status in (200, 204), answer.status


@pytest.fixture(scope="module", params=["radicale", "xandikos"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("server")
    context = {"radicale": real.radicale, "xandikos": real.xandikos}[request.param](folder)
    with asyncio.Runner() as runner:
        book = runner.run(context.__aenter__())
        yield Standing(request.param, book.url, book.path, folder)
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
async def bench(server: Standing) -> AsyncIterator[Bench]:
    name = f"book-{uuid.uuid4().hex[:8]}"
    path = server.path.rstrip("/").rpartition("/")[0] + f"/{name}/"
    login = {"Authorization": aiohttp.encode_basic_auth(real.USER, real.PASSWORD)}
    async with aiohttp.ClientSession(headers=login) as http, AiohttpSender() as sender:
        body, headers = MAKE_BOOK.format(name), {"Content-Type": "application/xml"}
        async with http.request("MKCOL", server.url + path, data=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
        keys = {"url": f"{server.url}/", "username": real.USER, "password": "env:PASSWORD", "allow_http": True}
        tools = Tools("book", sender, WallClock(), Chance(), lambda _: Secret(real.PASSWORD))
        connector = SPEC.open(CardDavOptions.model_validate(keys), tools)
        assert isinstance(connector, CardDavConnector)
        await connector.check()

        async def lose_cursors() -> None:
            shutil.rmtree(server.folder / f"radicale/collections/collection-root{path}.Radicale.cache/sync-token")

        async def no_wait(seconds: float) -> None:
            """Etags and tokens need no time to pass."""

        yield card_bench(
            connector,
            path,
            HttpHands(server.url, http),
            no_wait,
            object_name=name,
            lose_cursors=lose_cursors if server.name == "radicale" else None,
        )


class TestCardDavServers(ConnectorContract):
    """See the contract."""

    async def test_an_address_of_a_grouped_property_is_found(self, bench: Bench) -> None:
        strange = await bench.strange()
        assert await bench.connector.find(bench.ref, ["ann@example.com"]) == [strange]
        assert await bench.connector.find(bench.ref, ["ann@home.example"]) == [strange]
