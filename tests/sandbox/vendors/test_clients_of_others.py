"""Programs of others that speak to Zoho CRM take the sandbox for one: nothing in it is made to fit our own client.

Each runs in a process of its own, against the sandbox on a real port. Zoho's own client and the light reader belong to
the suite; the heavier readers run with ``pytest -m peers``.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from zohosyncd.sandbox.server import Served, WallClock, serve
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp

HERE = Path(__file__).parent
FIRST = 5_545_974_000_002_000_000


@pytest.fixture
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """An org with so many contacts, on a port."""
    count: int = request.param
    world = World(WallClock(), 7)
    app = ZohoApp(world.time, 7)
    world.add(app)
    then = int(app.crm.now()) - 86_400
    app.load(
        "Contacts",
        (
            {
                "id": FIRST + n,
                "Last_Name": f"Person {n}",
                "Created_Time": then + n // 10,
                "Modified_Time": then + n // 10,
            }
            for n in range(count)
        ),
    )
    async with serve(world) as running:
        app.at(running.base_url)
        yield running


async def told_by(program: str, address: str, folder: Path) -> Any:
    """What a program of others prints as JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / program), address, str(folder),
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


def needs(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")


def ids(count: int) -> set[str]:
    return {str(FIRST + n) for n in range(count)}


@needs("zohocrmsdk")
@pytest.mark.parametrize("served", [2_150], indirect=True)
async def test_zohos_own_client_does_its_work(served: Served, tmp_path: Path) -> None:
    told = await told_by("official_client.py", served.base_url, tmp_path)

    assert (told["fields"]["Email"], told["fields"]["Account_Name"]) == ("email", "lookup")
    assert told["refresh"] == {"status": 200, "another": True}

    listing = told["listing"]  # beyond 2,000 there is only the way along the page tokens
    assert (listing["pages"], listing["more"], len(listing["ids"])) == (11, False, 2_150)
    assert set(listing["ids"]) == ids(2_150)
    assert told["unchanged"] == 304

    good, nameless, wrong, other = told["mixed"]["rows"]
    assert told["mixed"]["status"] == 207
    assert (good["kind"], other["kind"]) == ("SuccessResponse", "SuccessResponse")
    assert (nameless["kind"], nameless["code"], nameless["field"]) == (
        "APIException",
        "MANDATORY_NOT_FOUND",
        "Last_Name",
    )
    assert (wrong["kind"], wrong["code"], wrong["field"]) == ("APIException", "INVALID_DATA", "Email")
    assert told["created"]["status"] == 201

    again, new = told["upsert"]["rows"]
    assert (again["action"], again["id"], new["action"]) == ("update", good["id"], "insert")
    updated, nobody = told["update"]["rows"]
    assert (told["update"]["status"], updated["code"], nobody["code"]) == (207, "SUCCESS", "INVALID_DATA")

    assert told["tagged"] == {"status": 200, "kinds": ["RecordSuccessResponse"] * 2}
    assert told["shown"] == {"Last_Name": "Updated", "Email": "doe@example.com", "Tag": ["Fair"]}
    assert told["untagged"] == {"status": 200, "kinds": ["RecordSuccessResponse"]}
    assert told["shown_after"]["Tag"] == []

    removed, unknown = told["delete"]["rows"]
    assert (told["delete"]["status"], removed["id"], unknown["code"]) == (207, other["id"], "INVALID_DATA")
    assert told["deleted"] == [{"id": other["id"], "type": "recycle"}]

    assert told["watch"] == {
        "answers": [[201, "SUCCESS"], [200, "SUCCESS"], [200, "SUCCESS"]],  # opened, renewed, closed
        "listed": [["1000000068001", ["Contacts.all"]]],
    }
    assert told["exported"] == {
        "created": [201, "ADDED_SUCCESSFULLY"],
        "states": ["ADDED", "COMPLETED"],
        "result": [2_153, False, 1],  # three are left of those that it has created
        "file": ["Id,Last_Name,Email", 2_154],
    }


@needs("zoho_crm_connector")
@pytest.mark.parametrize("served", [1_999], indirect=True)
async def test_an_independent_reader_reads_every_contact(served: Served, tmp_path: Path) -> None:
    told = await told_by("connector_reader.py", served.base_url, tmp_path)
    assert (len(told["ids"]), set(told["ids"])) == (1_999, ids(1_999))


@needs("dlt")
@pytest.mark.peers
@pytest.mark.parametrize("served", [2_150], indirect=True)
async def test_a_reader_for_any_api_reads_every_contact(served: Served, tmp_path: Path) -> None:
    told = await told_by("dlt_reader.py", served.base_url, tmp_path)
    assert (len(told["ids"]), set(told["ids"])) == (2_150, ids(2_150))


@needs("zoho")
@pytest.mark.peers
@pytest.mark.parametrize("served", [1_999], indirect=True)
async def test_an_independent_asynchronous_client_reads_every_contact(served: Served, tmp_path: Path) -> None:
    told = await told_by("zoho_reader.py", served.base_url, tmp_path)
    assert (len(told["ids"]), set(told["ids"])) == (1_999, ids(1_999))
