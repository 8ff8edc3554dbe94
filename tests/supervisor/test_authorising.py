"""Consents of one account on a clock and a network of the test's own: data centres, hosts, limits, what is kept."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.connectors.inprocess import WorldSender
from tests.connectors.zoho_crm.conftest import HandClock, Middle
from zohosyncd.core.errors import AuthLost, RateLimited, SyncError, Unavailable, UsageError
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.supervisor.account_list import AccountList
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.consent import LIFE

ACCOUNT = 'app = "zoho_crm"\nclient_id = "1000.SANDBOX"\nclient_secret = "env:ZOHO_SECRET"\n'
ONE = "127.0.0.1:1"


class Numbers(Middle):
    """Ids that differ."""

    def __init__(self) -> None:
        self._count = 0

    def new_id(self) -> str:
        self._count += 1
        return f"{self._count:032x}"


class Desk:
    """Somebody with a browser, in front of a world that answers under every host."""

    def __init__(self, daemon: Daemon, world: World, app: ZohoApp, sender: WorldSender, clock: HandClock) -> None:
        self.daemon, self.world, self.app, self.sender, self.clock = daemon, world, app, sender, clock
        self.auth = daemon.commands.authorising

    async def address(self, **more: Any) -> str:
        """Begin, and say yes; where that leads."""
        begun = await self.auth.begin("zoho", None, **more)
        parts = urlsplit(begun["url"])
        query = tuple((key, values[0]) for key, values in parse_qs(parts.query).items())
        answer = self.world.handle(Request("GET", parts.path, query))
        assert isinstance(answer, Response)
        return answer.headers["Location"]

    def hosts(self) -> list[str]:
        return [urlsplit(each.url).netloc for each in self.sender.sent]

    def paths(self) -> list[str]:
        return [f"{each.method} {urlsplit(each.url).path}" for each in self.sender.sent]


Open = Callable[..., Any]


@pytest.fixture
def at_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("ZOHO_SECRET", "sandbox-client-secret")
    monkeypatch.setenv("STATE_KEY", base64.b64encode(b"k" * 32).decode())
    (tmp_path / "accounts.d").mkdir()
    (tmp_path / "zohosyncd.toml").write_text('[service]\nstate = "state.db"\nstate_key = "env:STATE_KEY"\n')

    @asynccontextmanager
    async def open_desk(keys: str = "", base: str = f"http://{ONE}", home: str = "us") -> AsyncIterator[Desk]:
        (tmp_path / "accounts.d/zoho.toml").write_text(ACCOUNT + keys)
        clock = HandClock()
        world = World(clock, 7)
        app = ZohoApp(world.time, 7, base)
        app.accounts.home = home
        world.add(app)
        sender = WorldSender(world, clock)
        seams = Seams(clock=clock, entropy=Numbers(), sender=sender, inline_storage=True)
        async with open_daemon(tmp_path, serving=False, seams=seams) as daemon:
            yield Desk(daemon, world, app, sender, clock)

    return open_desk


SERVED = f'api_url = "http://{ONE}"\naccounts_url = "http://{ONE}"\nallow_http = true\n'


CENTERS = {
    "us": ("accounts.zoho.com", "www.zohoapis.com"), "eu": ("accounts.zoho.eu", "www.zohoapis.eu"),
    "in": ("accounts.zoho.in", "www.zohoapis.in"), "au": ("accounts.zoho.com.au", "www.zohoapis.com.au"),
    "jp": ("accounts.zoho.jp", "www.zohoapis.jp"), "ca": ("accounts.zohocloud.ca", "www.zohoapis.ca"),
    "sa": ("accounts.zoho.sa", "www.zohoapis.sa"), "cn": ("accounts.zoho.com.cn", "www.zohoapis.com.cn"),
    "uk": ("accounts.zoho.uk", "www.zohoapis.uk"),
}  # fmt: skip


async def test_the_data_centre_that_answers_is_used_whichever_it_is(at_desk: Open) -> None:
    async with at_desk() as desk:
        for location, (accounts, api) in CENTERS.items():
            desk.app.at(f"https://{accounts}")
            desk.sender.sent.clear()
            done = await desk.auth.finish("zoho", await desk.address())
            assert (done["location"], done["server"], done["note"]) == (location, f"https://{accounts}", "")
            await desk.daemon.account("zoho").check()
            assert desk.hosts() == [accounts, api, api]
            stored = desk.daemon.stored.consent(None, "zoho")
            assert stored is not None
            assert (stored.location, stored.server) == (location, f"https://{accounts}")
            desk.app.accounts.expire_all()
            await desk.daemon.account("zoho").connector.check()
            assert desk.hosts()[3:] == [api, accounts, api]


async def test_another_data_centre_than_the_files_is_used_and_told(at_desk: Open) -> None:
    async with at_desk('data_center = "us"\nenvironment = "sandbox"\n', base="https://accounts.zoho.in") as desk:
        done = await desk.auth.finish("zoho", await desk.address())
        assert "belongs to data centre in" in done["note"]
        assert desk.hosts()[-1] == "sandbox.zohoapis.in"


async def test_a_foreign_accounts_server_is_sent_nothing(at_desk: Open) -> None:
    async with at_desk(base="https://accounts.zoho.eu") as desk:
        for server in ("https://evil.example", "https://accounts.zoho.eu.evil.example", "http://accounts.zoho.eu"):
            address = (await desk.address()).replace("https%3A%2F%2Faccounts.zoho.eu", server)
            with pytest.raises(AuthLost, match="not Zoho's"):
                await desk.auth.finish("zoho", address)
        assert desk.sender.sent == []


async def test_a_code_of_another_data_centre_goes_to_the_server_that_its_answer_names(at_desk: Open) -> None:
    async with at_desk(SERVED, home="eu") as desk:
        done = await desk.auth.finish("zoho", await desk.address())
        assert (done["location"], done["server"]) == ("eu", f"http://{ONE}/eu")
        assert desk.paths() == ["POST /eu/oauth/v2/token", "GET /crm/v8/org"]
        code = desk.app.edit({"object": "self_client", "create": {"scope": "ZohoCRM.org.READ"}})["code"]
        with pytest.raises(AuthLost, match="right data_center"):
            await desk.auth.by_code("zoho", code)
        assert (await desk.daemon.account("zoho").check()).identity


async def test_a_restart_keeps_consent_and_access_token(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        await desk.auth.finish("zoho", await desk.address())
        grants, alive = desk.app.accounts.grants, desk.app.accounts._alive
    async with at_desk(SERVED) as desk:
        desk.app.accounts.grants, desk.app.accounts._alive = grants, alive
        assert (await desk.daemon.account("zoho").check()).identity
        assert desk.paths() == ["GET /crm/v8/org"]


async def test_an_answer_is_good_once_and_not_for_ever(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        address = await desk.address()
        await desk.auth.finish("zoho", address)
        with pytest.raises(UsageError, match="no consent of this account"):
            await desk.auth.finish("zoho", address)
        late = await desk.address()
        desk.clock.moment += LIFE + 1
        with pytest.raises(UsageError, match="no consent of this account"):
            await desk.auth.finish("zoho", late)
        first = await desk.address()
        await desk.address()
        with pytest.raises(UsageError, match="state differs"):
            await desk.auth.finish("zoho", first)


async def test_who_begins_to_wait_after_the_browser_has_come_back_is_told_all_the_same(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        assert await desk.auth.returned(urlsplit(await desk.address()).query) == "zoho"
        assert (await desk.auth.wait("zoho"))["name"] == "Sandbox Trading"
        desk.app.tune({"deny": True})
        refused = urlsplit(await desk.address()).query
        for take in (desk.auth.returned(refused), desk.auth.wait("zoho")):
            with pytest.raises(AuthLost, match="was refused"):
                await take
        with pytest.raises(UsageError, match="belongs to no consent"):
            await desk.auth.returned(refused)


async def test_a_consent_that_is_not_kept_is_given_back(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        await desk.auth.finish("zoho", await desk.address())
        before = set(desk.app.accounts.grants)
        desk.app.tune({"consent_org": "4242"})
        with pytest.raises(AuthLost, match=r"another organisation .* \(4242\)"):
            await desk.auth.finish("zoho", await desk.address())
        assert set(desk.app.accounts.grants) == before
        desk.app.tune({"consent_org": ""})
        fault = {"path": "/crm/v8/org", "fault": "status", "status": 503}
        desk.world.faults.replace("zoho_crm", [fault])
        with pytest.raises(Unavailable):
            await desk.auth.finish("zoho", await desk.address())
        assert set(desk.app.accounts.grants) == before
        desk.world.faults.replace("zoho_crm", [])
        assert (await desk.daemon.account("zoho").check()).identity


ANSWERS: list[tuple[dict[str, Any], type[SyncError]]] = [
    ({"fault": "status", "status": 503}, Unavailable),
    ({"fault": "reset"}, Unavailable),
    ({"fault": "html"}, SyncError),
    ({"fault": "status", "status": 200, "body": {"error": "Access Denied"}}, RateLimited),
    ({"fault": "status", "status": 200, "body": {"error": "invalid_client_secret"}}, AuthLost),
    ({"fault": "status", "status": 200, "body": {"access_token": "1000.canary"}}, AuthLost),
    ({"fault": "status", "status": 200, "body": {"refresh_token": "1000.canary"}}, SyncError),
]


async def test_whatever_the_token_server_answers_changes_nothing_and_leaks_nothing(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        for fault, kind in ANSWERS:
            address = await desk.address()
            desk.world.faults.replace("zoho_crm", [{"path": "/oauth/v2/token", **fault}])
            with pytest.raises(kind) as caught:
                await desk.auth.finish("zoho", address)
            code = parse_qs(urlsplit(address).query)["code"][0]
            assert not any(secret in str(caught.value) for secret in (code, "canary", "sandbox-client-secret"))
            assert desk.daemon.stored.consent(None, "zoho") is None


async def test_a_consent_of_another_client_does_not_count(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        await desk.auth.finish("zoho", await desk.address())
    async with at_desk(SERVED.replace("api_url", 'key_field = "X"\napi_url')) as desk:
        file = desk.daemon.settings.folder / "accounts.d/zoho.toml"
        file.write_text(file.read_text().replace("1000.SANDBOX", "1000.OTHER"))
        await desk.daemon.reload()
        with pytest.raises(AuthLost, match=r"another client_id .*zohosyncd auth zoho"):
            await desk.daemon.account("zoho").check()


async def test_secrets_of_people_are_told_apart_from_ours(at_desk: Open) -> None:
    async with at_desk(SERVED) as desk:
        await desk.auth.finish("zoho", await desk.address())
        await desk.daemon.commands.account_list.set_secret("mine", "hunter2")
        listed = await desk.daemon.commands.account_list.secrets()
        assert [each["name"] for each in listed["secrets"]] == ["mine"]
        with pytest.raises(UsageError, match="no such secret"):
            await desk.daemon.commands.account_list.remove_secret("zoho/consent", force=True)


async def test_rights_that_were_not_given_are_named_where_the_server_tells_them(at_desk: Open) -> None:
    async with at_desk() as desk:
        desk.app.accounts.tells_scopes = True
        asked = {each["scope"]: each["why"] for each in (await desk.auth.scopes("zoho"))["scopes"]}
        assert all(asked.values())
        given = [*sorted(asked)[:4], "ZohoCRM.org.READ"]
        made = desk.app.edit({"object": "self_client", "create": {"scope": ",".join(given)}})
        told = await desk.auth.by_code("zoho", str(made["code"]))
        assert set(told["missing"]) == asked.keys() - set(given)
        (listed,) = (await AccountList(desk.daemon).accounts())["accounts"].values()
        assert {each["scope"]: each["why"] for each in listed["missing"]} == {
            name: why for name, why in asked.items() if name in told["missing"]
        }
