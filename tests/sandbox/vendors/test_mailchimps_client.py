"""Mailchimp's own client takes the sandbox for Mailchimp: nothing in it is made to fit our own."""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from zohosyncd.sandbox.mailchimp.app import MailchimpApp
from zohosyncd.sandbox.mailchimp.setup import MailchimpSetup
from zohosyncd.sandbox.server import WallClock, serve
from zohosyncd.sandbox.world import World

INVALID = "Invalid Resource"


@pytest.mark.skipif(find_spec("mailchimp_marketing") is None, reason="mailchimp-marketing is not installed")
async def test_mailchimps_own_client_does_its_work() -> None:
    world = World(WallClock(), 7)
    app = MailchimpApp(world.time, 7, setup=MailchimpSetup(batch_seconds=0.3))
    world.add(app)
    (audience,) = app.audiences
    async with serve(world) as served:
        app.at(served.base_url)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).parent / "mailchimp_client.py"), served.base_url, audience,
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

    assert (told["ping"], told["account"], told["lists"]) == ("Everything's Chimpy!", "Sandbox", ["Customers"])
    assert told["wrong_key"] == {"status": 401, "title": "API Key Invalid", "fields": []}

    assert told["members"] == {
        "made": [True, "subscribed", "05/12", "Fair"],
        "by_id": "Ann.Miller@Example.com",
        "renamed": [True, True],
        "old_hash": {"status": 404, "title": "Resource Not Found", "fields": []},
        "again": {"status": 400, "title": "Member Exists", "fields": []},
        "fake": {"status": 400, "title": INVALID, "fields": []},
        "bad_date": {"status": 400, "title": INVALID, "fields": ["BIRTHDAY"]},
    }
    assert told["statuses"] == {
        "put": "pending",
        "cleaned": "cleaned",
        "back": {"status": 400, "title": "Member In Compliance State", "fields": []},
        "asked": "pending",
        "archived": 204,
        "then": "archived",
        "erased": 204,
        "forgotten": {"status": 400, "title": "Forgotten Email Not Subscribed", "fields": []},
    }
    assert told["tagging"] == {
        "status": 204, "tags": ["VIP"], "known": ["Fair", "VIP"], "segments": ["Fair", "VIP"],
    }  # fmt: skip
    assert told["listing"] == {
        "created": 25,
        "errors": [["ann@example.org", "ERROR_CONTACT_EXISTS"], ["nobody", "ERROR_GENERIC"]],
        "seen": [26, 26, 26],
        "default": 10,
        "fields": ["FNAME", "LNAME", "ADDRESS", "PHONE", "BIRTHDAY", "COMPANY"],
    }
    assert told["batches"] == {
        "begun": "pending",
        "told": ["finished", 3, 1],
        "results": [["1", 200], ["2", 200], ["99", 404]],
        "changed": "Given 1",
    }
