"""Reading a whole module through the connector against a bare aiohttp and orjson loop over the same sandbox.

Both read the same pages with the same fields from a sandbox in a process of its own. Where the sandbox takes longer to
make a page than both take to read it, seconds flatter the slower reader; so the processor time of this process is
compared as well, in which the sandbox does not appear.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.bench.sandbox import Sandbox
from tests.bench.spent import Spent
from zohosyncd.connectors.tools import Tools
from zohosyncd.connectors.zoho_crm import SPEC
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.settings.secrets import Secret, SecretRef
from zohosyncd.supervisor.garbage import calm_collector
from zohosyncd.supervisor.world import SystemClock, SystemEntropy
from zohosyncd.transport.wire import AiohttpSender

orjson = pytest.importorskip("orjson")

CONTACTS = 20_000
ROUNDS = 5
FORM = {"grant_type": "refresh_token", "client_id": "1000.SANDBOX", "client_secret": "sandbox-client-secret",
        "refresh_token": "1000.sandbox.refresh"}  # fmt: skip
FIELDS = (
    "Salutation", "First_Name", "Last_Name", "Full_Name", "Email", "Secondary_Email", "Title", "Department", "Phone",
    "Mobile", "Home_Phone", "Other_Phone", "Fax", "Assistant", "Asst_Phone", "Date_of_Birth", "Lead_Source",
    "Email_Opt_Out", "Mailing_Street", "Mailing_City", "Mailing_State", "Mailing_Zip", "Mailing_Country",
    "Other_Street", "Other_City", "Other_State", "Other_Zip", "Other_Country", "Description", "Created_Time", "Owner",
    "Tag", "Account_Name",
)  # fmt: skip
"""With the modified time, which every read asks for, 34 fields."""


async def bare(url: str, key: dict[str, str]) -> int:
    """The least that one can do: ask for a page, decode it, ask for the next."""
    query: dict[str, Any] = {"fields": ",".join(("Modified_Time", *FIELDS)), "per_page": 200,
                             "sort_by": "Modified_Time", "sort_order": "asc"}  # fmt: skip
    read, token = 0, None
    async with aiohttp.ClientSession() as http:
        while True:
            asked = urlencode({**query, "page_token": token} if token else query)
            async with http.get(f"{url}/crm/v8/Contacts?{asked}", headers=key) as answer:
                page = orjson.loads(await answer.read())
            read += len(page["data"])
            token = page["info"]["next_page_token"]
            if token is None:
                return read


async def key_of(url: str) -> dict[str, str]:
    async with aiohttp.ClientSession() as http, http.post(f"{url}/oauth/v2/token", data=FORM) as answer:
        token = orjson.loads(await answer.read())["access_token"]
    return {"Authorization": f"Zoho-oauthtoken {token}"}


async def through_the_connector(url: str, sender: AiohttpSender) -> tuple[int, Spent]:
    """The records of a first read, as the pipeline gets them; login and schema are not counted."""

    def secret(ref: SecretRef) -> Secret:
        return Secret(FORM["client_secret" if str(ref) == "env:SECRET" else "refresh_token"])

    options = ZohoOptions.model_validate({
        "api_url": url, "accounts_url": url, "allow_http": True, "client_id": FORM["client_id"],
        "client_secret": "env:SECRET", "refresh_token": "env:REFRESH",
    })  # fmt: skip
    connector = SPEC.open(options, Tools("zoho", sender, SystemClock(), SystemEntropy(), secret))
    await connector.schema("Contacts")
    read, before = 0, Spent.now()
    async for page in connector.changes("Contacts", FIELDS, None):
        read += len(page.changes)
    return read, Spent.now() - before


@pytest.mark.bench
@pytest.mark.timeout(600)
async def test_reading_against_a_bare_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calm_collector()  # as the daemon does at its start; the bare loop gains from it, too
    floor, ours = [], []
    with Sandbox(tmp_path / "config", CONTACTS * 100 // 78) as sandbox:
        key = await key_of(sandbox.url)
        async with AiohttpSender() as sender:
            for _ in range(ROUNDS):
                before = Spent.now()
                there = await bare(sandbox.url, key)
                floor.append(Spent.now() - before)
                read, spent = await through_the_connector(sandbox.url, sender)
                ours.append(spent)
                assert read == there
    wall, floor_wall = min(each.wall for each in ours), min(each.wall for each in floor)
    work, floor_work = min(each.main for each in ours), min(each.main for each in floor)
    with capsys.disabled():
        print(
            f"\nreading {read} contacts of {1 + len(FIELDS)} fields, best of {ROUNDS}: {read / wall:.0f}/s, "
            f"bare aiohttp and orjson {read / floor_wall:.0f}/s, ratio {floor_wall / wall:.2f}\n"
            f"processor time a contact: {1e6 * work / read:.1f} us, bare {1e6 * floor_work / read:.1f} us, "
            f"ratio {floor_work / work:.2f}"
        )
