"""HubSpot's own client takes the sandbox for HubSpot: nothing in it is made to fit our connector."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from zohosyncd.sandbox.hubspot.app import HubSpotApp
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.sandbox.server import Served, WallClock, serve
from zohosyncd.sandbox.world import World

PROGRAM = Path(__file__).parent / "hubspot_client.py"
pytestmark = pytest.mark.skipif(find_spec("hubspot") is None, reason="hubspot-api-client is not installed")


@pytest.fixture
async def served() -> AsyncIterator[tuple[Served, HubSpotApp]]:
    world = World(WallClock(), 7)
    app = HubSpotApp(world.time, 7, setup=HubSpotSetup(index_lag=1.0))
    world.add(app)
    app.load({"id": 10_001 + n, "lastname": f"Person {n}", "email": f"p{n}@example.com"} for n in range(250))
    async with serve(world) as running:
        app.at(running.base_url)
        yield running, app


async def test_hubspots_own_client_does_its_work(served: tuple[Served, HubSpotApp]) -> None:
    running, app = served
    words = (running.base_url, app.setup.token, app.setup.client_id, app.setup.client_secret, app.setup.refresh_token)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    told = json.loads(out.splitlines()[-1])

    listing = told["listing"]
    assert (listing["pages"], set(listing["ids"])) == (3, {str(10_001 + n) for n in range(250)})
    assert listing["properties"] == ["createdate", "email", "hs_object_id", "jobtitle", "lastmodifieddate"]

    one = told["one"]
    assert one["email"] == "ann@example.com"  # it was typed in capitals
    assert one["again"] == {
        "status": 409,
        "category": "CONFLICT",
        "message": f"Contact already exists. Existing ID: {one['id']}",
    }
    assert (one["wrong"]["status"], "PROPERTY_DOESNT_EXIST" in one["wrong"]["message"]) == (400, True)
    assert (one["changed"], one["moved_on"], one["read"]) == ("Director", True, [one["id"], "Director"])

    many = told["many"]
    assert (many["kind"], many["made"]) == ("BatchResponseSimplePublicObjectWithErrors", ["bob", "carl"])
    assert many["errors"] == [["CONFLICT", ["ann"]], ["VALIDATION_ERROR", ["not an address"]]]
    assert many["read"][1:] == [["bob@example.com"], {"ids": ["1"]}]
    assert (many["changed"], many["upserted"], many["archived"]) == ([False, True], [False, True], [[True, True]])

    assert (told["search"]["total"], told["search"]["email"]) == (1, "bob@example.com")
    assert told["search"]["beyond"]["status"] == 400
    assert told["lists"] == {
        "added": [True, ["1"]],
        "of": [True],
        "found": ["Trade fair"],
        "members": [True],
        "removed": True,
    }
    about = told["about"]
    assert (about["stages"], about["read_only"], len(about["owners"])) == (["subscriber", "lead"], True, 3)
    assert (about["status"], about["types"]) == (["NOT_SUBSCRIBED"] * 2, ["Newsletter", "One to One"])
    merge = told["merge"]
    assert (merge["new"], merge["old"], merge["merged"], merge["emails"]) == (True, True, True, "bob@example.com")
    assert merge["gone"]["status"] == 404
    assert told["oauth"] == ["bearer", 1800, 10]
    assert told["stranger"]["status"] == 401
