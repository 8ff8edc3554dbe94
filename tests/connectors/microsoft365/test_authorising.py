"""Logins at Microsoft, through the daemon: a browser, a device's code, clients without a secret, and nobody at all."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.connectors.inprocess import WorldSender
from tests.connectors.zoho_crm.conftest import HandClock
from tests.supervisor.test_authorising import Numbers
from zohosyncd.core.errors import AuthLost, UsageError
from zohosyncd.sandbox.microsoft.app import CLIENT_ID, CLIENT_SECRET, GraphApp
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.supervisor.account_list import AccountList
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon

HOST = "http://127.0.0.1:1"
HEAD = f'app = "microsoft365"\nallow_http = true\napi_url = "{HOST}"\nlogin_url = "{HOST}"\n'
WITH_SECRET = f'client_id = "{CLIENT_ID}"\nclient_secret = "env:CLIENT_SECRET"\n'
PUBLIC = 'client_id = "public-client"\n'
Begin = Callable[[str], Any]


class Desk:
    """Somebody with a browser, and the daemon of one account."""

    def __init__(self, daemon: Daemon, world: World, app: GraphApp, clock: HandClock) -> None:
        self.daemon, self.world, self.app, self.clock = daemon, world, app, clock
        self.auth = daemon.commands.authorising

    def browse(self, url: str) -> str:
        parts = urlsplit(url)
        answer = self.world.handle(Request("GET", parts.path, tuple(parse_qsl(parts.query))))
        assert isinstance(answer, Response)
        return answer.headers.get("Location", "")

    async def by_browser(self) -> dict[str, Any]:
        return await self.auth.finish("ann", self.browse((await self.auth.begin("ann", None))["url"]))

    async def by_device(self) -> dict[str, Any]:
        shown = await self.auth.devices.begin("ann")
        self.browse(f"{shown['url']}?user_code={shown['code']}")
        return await self.auth.devices.wait("ann")

    async def account(self) -> dict[str, Any]:
        return dict((await AccountList(self.daemon).accounts())["accounts"]["ann"])


@pytest.fixture
def desk_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    monkeypatch.setenv("CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("STATE_KEY", base64.b64encode(b"k" * 32).decode())
    (tmp_path / "accounts.d").mkdir()
    (tmp_path / "zohosyncd.toml").write_text('[service]\nstate = "state.db"\nstate_key = "env:STATE_KEY"\n')

    @asynccontextmanager
    async def opened(keys: str) -> AsyncIterator[Desk]:
        (tmp_path / "accounts.d/ann.toml").write_text(HEAD + keys)
        clock = HandClock()
        world = World(clock, 7)
        app = GraphApp(world.time, 7, HOST)
        world.add(app)
        seams = Seams(clock=clock, entropy=Numbers(), sender=WorldSender(world, clock), inline_storage=True)
        async with open_daemon(tmp_path, serving=False, seams=seams) as daemon:
            yield Desk(daemon, world, app, clock)

    return opened


@pytest.mark.parametrize("client", [WITH_SECRET, PUBLIC], ids=["secret", "public"])
@pytest.mark.parametrize("way", ["by_browser", "by_device"])
async def test_a_person_logs_in_and_stays_logged_in(desk_with: Begin, client: str, way: str) -> None:
    async with desk_with(client) as desk:
        done = await getattr(desk, way)()
        assert (done["name"], done["missing"]) == ("Ann", [])
        shown = set()
        for _ in range(3):
            desk.clock.moment += 90_000.0  # replaced refresh tokens are good for a day, and no longer
            assert (await desk.daemon.account("ann").connector.check()).login == "ann@example.org"
            shown.add(desk.daemon.stored.consent(None, "ann").refresh_token)
        assert len(shown) == 3
        assert (await desk.account())["state"] == "up"


async def test_the_page_proposes_whom_the_file_names_and_nobody_else_will_do(desk_with: Begin) -> None:
    async with desk_with(PUBLIC + 'login = "Ben@Example.org"\n') as desk:
        assert (await desk.by_browser())["name"] == "Ben"
        desk.app.login.tune("consent_user", "ann@example.org")
        for way in (desk.by_browser, desk.by_device):
            with pytest.raises(AuthLost, match="another login than"):
                await way()
        assert (await desk.account())["name"] == "Ben"


async def test_a_person_may_say_no_to_a_device(desk_with: Begin) -> None:
    async with desk_with(PUBLIC) as desk:
        desk.app.login.tune("deny", True)
        with pytest.raises(AuthLost, match="the consent was refused"):
            await desk.by_device()


async def test_a_client_logs_in_by_itself_for_a_mailbox(desk_with: Begin) -> None:
    async with desk_with(WITH_SECRET + 'tenant = "example.org"\nuser = "ann@example.org"\n') as desk:
        found = await desk.account()
        assert (found["state"], found["login"], found["name"]) == ("up", "key", "ann@example.org")
        with pytest.raises(UsageError, match="needs no consent"):
            await desk.auth.begin("ann", None)


async def test_a_wrong_secret_of_such_a_client_says_what_helps(
    desk_with: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "canary-wrong")
    async with desk_with(WITH_SECRET + 'tenant = "example.org"\nuser = "ann@example.org"\n') as desk:
        found = await desk.account()
        assert found["state"] == "waiting"
        assert "Microsoft does not accept the client (invalid_client)" in found["reason"]
        assert "check client_id and client_secret" in found["cure"]
        assert "canary" not in str(found)
