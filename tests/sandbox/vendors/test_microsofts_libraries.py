"""Microsoft's own libraries take the sandbox for Microsoft 365."""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from zohosyncd.sandbox.microsoft.app import CLIENT_ID, CLIENT_SECRET, GraphApp
from zohosyncd.sandbox.server import WallClock, serve
from zohosyncd.sandbox.world import World

PROGRAM = Path(__file__).parent / "microsoft_client.py"


@pytest.mark.skipif(not (find_spec("msal") and find_spec("msgraph_core")), reason="needs msal and msgraph-core")
async def test_microsofts_own_libraries_log_in_and_work_with_contacts() -> None:
    world = World(WallClock(), 7)
    app = GraphApp(world.time, 7)
    world.add(app)
    async with serve(world) as running:
        app.at(running.base_url)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), running.base_url, CLIENT_ID, CLIENT_SECRET,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            out, err = await asyncio.wait_for(process.communicate(), 60)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 0, err.decode()
    told = json.loads(out.splitlines()[-1])
    assert told["logins"] == {
        "code": ["Contacts.ReadWrite", "User.Read", "offline_access", "openid", "profile"],
        "rotated": True, "again": "invalid_grant", "itself": "Bearer", "wrong": "invalid_client", "device": True,
    }  # fmt: skip
    assert told["contacts"] == {
        "pages": [10, 2],
        "delta": 12,
        "changed": [200, "Director"],
        "stale": [412, "ErrorIrresolvableConflict"],
        "deleted": 204,
        "later": [[False, "Director"], [True, None]],
        "batch": {"0": 200, "1": 200, "2": 200},  # an id that lasts finds what is in Deleted Items
    }
