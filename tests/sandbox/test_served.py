"""The sandbox on a real port: delays, resets and shut-down for real."""

import asyncio
import errno
import time
from pathlib import Path

import aiohttp
import pytest

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.sandbox.others import servings
from zohosyncd.sandbox.server import bind, run_sandbox, serve
from zohosyncd.sandbox.wire import Request
from zohosyncd.settings import load
from zohosyncd.supervisor.daemon import open_daemon


async def fail(client, **rule):
    async with client.post("/_sandbox/faults", json={"app": "zoho_crm", "rules": [rule] if rule else []}) as answer:
        assert answer.status == 200


async def test_the_whole_sandbox_is_served_on_loopback_under_its_own_address():
    async with run_sandbox(people=40, seed=3) as served, aiohttp.ClientSession(served.base_url) as client:
        assert served.base_url == f"http://127.0.0.1:{served.port}"
        form = {"grant_type": "refresh_token", "client_id": "1000.SANDBOX", "client_secret": "sandbox-client-secret",
                "refresh_token": "1000.sandbox.refresh"}  # fmt: skip
        async with client.post("/oauth/v2/token", data=form) as answer:
            token = await answer.json()
        assert token["api_domain"] == served.base_url
        key = {"Authorization": f"Zoho-oauthtoken {token['access_token']}"}
        async with client.get("/crm/v8/Contacts", params={"fields": "Last_Name"}, headers=key) as answer:
            assert len((await answer.json())["data"]) == sum(person.in_zoho for person in served.scene.everybody())
            assert "GMT" in answer.headers["Date"]
        async with client.post(
            "/crm/v8/Contacts", data=b'{"data":[{"Last_Name":"x"}]}', headers=key, skip_auto_headers=["Content-Type"]
        ) as answer:
            assert answer.status == 201
        async with client.get("/crm/v8/Contacts/5545974000009999999", headers=key) as answer:
            assert (answer.status, await answer.read()) == (204, b"")
        async with client.request("PROPFIND", "/.well-known/carddav", allow_redirects=False) as answer:
            assert answer.status in {301, 401}
        async with client.get("/_sandbox/state") as answer:
            assert set((await answer.json())["apps"]) == {"zoho_crm", "carddav", *servings()}


async def test_a_taken_port_is_told_plainly():
    with bind(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is in use") as caught:
            async with run_sandbox(port, people=1):
                pass
    assert caught.value.errno == errno.EADDRINUSE


async def test_a_reset_breaks_the_connection_before_or_inside_the_answer(zoho):
    async with serve(zoho.world) as served, aiohttp.ClientSession(served.base_url) as client:
        await fail(client, fault="reset", path="/crm/*")
        with pytest.raises(aiohttp.ClientError):
            await client.get("/crm/v8/org")
        await fail(client, fault="reset", path="/crm/*", executed=True)
        with pytest.raises(aiohttp.ClientError):
            async with client.get("/crm/v8/org") as answer:
                await answer.read()
        await fail(client)
        async with client.get("/crm/v8/org") as answer:
            assert answer.status == 401


async def test_a_hanging_request_is_executed_and_does_not_hold_up_the_end(zoho):
    key = {"Authorization": f"Zoho-oauthtoken {zoho.token}"}
    async with serve(zoho.world) as served, aiohttp.ClientSession(served.base_url) as client:
        await fail(client, fault="hang", executed=True)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.post("/crm/v8/Contacts", json={"data": [{"Last_Name": "Doe"}]}, headers=key)
        assert len(zoho.app.state()["Contacts"]) == 1
        hanging = asyncio.create_task(client.get("/crm/v8/org"))
        await asyncio.sleep(0.05)
        began = time.monotonic()
    assert time.monotonic() - began < 0.8
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_a_slow_write_is_carried_out_though_the_client_has_left(zoho):
    key = {"Authorization": f"Zoho-oauthtoken {zoho.token}"}
    async with serve(zoho.world) as served, aiohttp.ClientSession(served.base_url) as client:
        await fail(client, fault="slow", seconds=0.3)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.post("/crm/v8/Contacts", json={"data": [{"Last_Name": "Doe"}]}, headers=key)
        assert zoho.app.state()["Contacts"] == []
        async with asyncio.timeout(5):
            while not zoho.app.state()["Contacts"]:
                await asyncio.sleep(0.02)


async def test_latency_delays_the_apps_but_not_the_control(zoho):
    async with serve(zoho.world, latency_ms=80) as served, aiohttp.ClientSession(served.base_url) as client:
        began = time.monotonic()
        async with client.get("/crm/v8/org"):
            pass
        assert time.monotonic() - began >= 0.08


async def test_more_calls_at_once_than_the_edition_allows_are_refused(make_zoho):
    zoho = make_zoho(edition="free")
    key = {"Authorization": f"Zoho-oauthtoken {zoho.token}"}
    async with serve(zoho.world, latency_ms=150) as served, aiohttp.ClientSession(served.base_url) as client:

        async def status() -> int:
            async with client.get("/crm/v8/org", headers=key) as answer:
                return answer.status

        statuses = await asyncio.gather(*(status() for _ in range(8)))
    assert sorted(statuses) == [200] * 5 + [429] * 3


async def test_the_same_world_answers_in_process_and_over_http(zoho):
    async with serve(zoho.world) as served, aiohttp.ClientSession(served.base_url) as client:
        async with client.get("/_sandbox/state") as answer:
            over_http = await answer.read()
        assert over_http == zoho.world.handle(Request("GET", "/_sandbox/state")).body


@pytest.mark.parametrize("app", servings())
async def test_every_other_app_is_there_with_an_account_that_opens_it(tmp_path: Path, app: str) -> None:
    async with run_sandbox(people=10, write_config=tmp_path / "conf", others=[app]) as served:
        assert app in served.world.apps
        settings = load(tmp_path / "conf", BY_NAME)
        (account,) = [each for each in settings.accounts.values() if each.app == app]
        async with open_daemon(tmp_path / "conf", serving=False) as daemon:
            told = (await daemon.commands.check())["accounts"][account.name]
        assert told["state"] == "up", told
