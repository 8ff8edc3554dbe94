"""Google's own clients take the sandbox for the People API: nothing in it is made to fit our own client."""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from zohosyncd.sandbox.google.app import CLIENT_ID, CLIENT_SECRET, GoogleApp
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour
from zohosyncd.sandbox.server import WallClock, serve
from zohosyncd.sandbox.world import World

HERE = Path(__file__).parent


@pytest.mark.skipif(find_spec("google_auth_oauthlib") is None, reason="Google's clients are not installed")
async def test_googles_own_clients_do_their_work(tmp_path: Path) -> None:
    world = World(WallClock(), 7)
    app = GoogleApp(world.time, 7, behaviour=GoogleBehaviour(sync_delay=0.0, search_warm=0.0))
    world.add(app)
    people = [{"names": [{"givenName": f"Person {n}"}]} for n in range(120)]
    app.load("ann@example.org", people)
    app.load("ben@example.org", people[:3])
    async with serve(world) as running:
        app.at(running.base_url)
        (tmp_path / "key.json").write_text(json.dumps(app.service_account()))
        told = await told_by(
            running.base_url, app.refresh_tokens["ann@example.org"], CLIENT_ID, CLIENT_SECRET, tmp_path / "key.json"
        )

    assert told["first"] == [3, 120]
    single = told["single"]
    assert (single["changed"], single["etag_moved"]) == ("Zoe Zed", True)
    assert (single["raced"]["status"], "etag is different" in single["raced"]["reason"]) == (400, True)
    assert (single["no_sources"]["status"], single["no_fields"]["status"], single["gone"]["status"]) == (400, 400, 404)
    assert single["incremental"] == [single["name"]]
    assert single["deleted"] == {single["name"]: True}

    batches = told["batches"]
    assert batches["updated"] == ["new0@example.com", "new1@example.com", "new2@example.com"]
    assert len(batches["stale"]["details"][0]["contactErrors"]) == 3
    assert list(batches["wrong"]["details"][0]["contactErrors"]) == ["3"]
    assert batches["got"] == {"true": 200, "false": 404}
    assert batches["deleted"] == 404

    groups = told["groups"]
    assert (groups["twice"], groups["not_found"], groups["members"]) == (409, ["people/c1"], True)
    assert groups["last"] == [{}, True]
    assert (groups["renamed"], "Clients" in groups["listed"]) == ("Clients", True)
    assert groups["after"] == ["myContacts"]

    assert (told["cold"], told["warm"]) == ([], 10)
    assert told["consented"] == {"renewable": True, "me": "ben@example.org"}
    assert (told["expired"]["status"], told["expired"]["details"][0]["reason"]) == (400, "EXPIRED_SYNC_TOKEN")
    assert (told["quota"]["status"], told["quota"]["details"][0]["reason"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert told["delegated"] == 3
    assert "invalid_grant" in told["no_grant"][0]
    assert "Invalid email or User ID" in told["no_user"][0]
    assert "unauthorized_client" in told["no_scope"][0]


async def told_by(*arguments: Any) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "people_client.py"), *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    return json.loads(out.splitlines()[-1])
