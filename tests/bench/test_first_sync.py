"""The first sync against a bare loop that makes the same reads and writes on the same sandbox, in one run."""

import asyncio
import json
import time
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bench.sandbox import Sandbox
from tests.bench.spent import Spent
from zohosyncd.supervisor.daemon import open_daemon

PEOPLE = 3000


async def bare(url: str, folder: Path, created: dict[str, int], updated: dict[str, int]) -> float:
    """Read both sides and write as many records as the daemon did, with nothing in between."""
    login = {"Authorization": aiohttp.encode_basic_auth("ann", "sandbox-password")}
    async with aiohttp.ClientSession() as http:
        form = {"grant_type": "refresh_token"}
        secrets = folder / "secrets"
        form |= {
            "client_id": "1000.SANDBOX", "client_secret": (secrets / "zoho-client-secret").read_text().strip(),
            "refresh_token": (secrets / "zoho-refresh-token").read_text().strip(),
        }  # fmt: skip
        text = (folder / "accounts.d/zoho.toml").read_text()
        form["client_id"] = next(line for line in text.splitlines() if line.startswith("client_id")).split('"')[1]
        async with http.post(f"{url}/oauth/v2/token", data=form) as answer:
            zoho = {"Authorization": f"Zoho-oauthtoken {(await answer.json(content_type=None))['access_token']}"}
        began = time.perf_counter()
        ids = await read_zoho(http, url, zoho)
        hrefs = await read_book(http, url, login)
        await asyncio.gather(
            write_zoho(http, url, zoho, ids, created["left"], updated["left"]),
            write_book(http, url, login, hrefs, created["right"], updated["right"]),
        )
        return time.perf_counter() - began


async def read_zoho(http: aiohttp.ClientSession, url: str, login: dict[str, str]) -> list[str]:
    found: list[str] = []
    params = {"fields": "First_Name,Last_Name,Email,Phone,Mobile,Title,Description", "per_page": "200"}
    token = ""
    while True:
        async with http.get(
            f"{url}/crm/v8/Contacts", params={**params, **({"page_token": token} if token else {})}, headers=login
        ) as answer:
            page = json.loads(await answer.read())
        found += [each["id"] for each in page["data"]]
        if not page["info"]["more_records"]:
            return found
        token = page["info"]["next_page_token"]


async def read_book(http: aiohttp.ClientSession, url: str, login: dict[str, str]) -> dict[str, str]:
    import re

    body = (
        '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>'
    )
    async with http.request("REPORT", f"{url}/ann/contacts/", data=body, headers=login) as answer:
        text = await answer.text()
    found = {}
    for part in text.split("response>"):
        href, etag = re.search(r"href>([^<]+\.vcf)<", part), re.search(r"getetag>([^<]+)<", part)
        if href and etag:
            found[href[1]] = etag[1].replace("&quot;", '"')
    hrefs = list(found)
    for start in range(0, len(hrefs), 100):
        inner = "".join(f"<href>{each}</href>" for each in hrefs[start : start + 100])
        body = (
            '<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><getetag/>'
            f"<C:address-data/></prop>{inner}</C:addressbook-multiget>"
        )
        async with http.request("REPORT", f"{url}/ann/contacts/", data=body, headers=login) as answer:
            await answer.read()
    return found


async def write_zoho(
    http: aiohttp.ClientSession, url: str, login: dict[str, str], ids: list[str], creates: int, updates: int
) -> None:
    for start in range(0, creates, 100):
        rows = [{"Last_Name": f"Bare {start + at}"} for at in range(min(100, creates - start))]
        async with http.post(f"{url}/crm/v8/Contacts", json={"data": rows, "trigger": []}, headers=login) as answer:
            await answer.read()
    for start in range(0, updates, 100):
        changed = [{"id": each, "Title": "Bare"} for each in ids[start : min(start + 100, updates)]]
        async with http.put(f"{url}/crm/v8/Contacts", json={"data": changed, "trigger": []}, headers=login) as answer:
            await answer.read()


async def write_book(
    http: aiohttp.ClientSession, url: str, login: dict[str, str], etags: dict[str, str], creates: int, updates: int
) -> None:
    lanes = asyncio.Semaphore(8)

    async def put(href: str, guard: dict[str, str]) -> None:
        card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uuid.uuid4()}\r\nN:Bare;;;;\r\nFN:Bare\r\nEND:VCARD\r\n"
        async with lanes, http.put(f"{url}{href}", data=card, headers={**login, **guard}) as answer:
            await answer.read()

    jobs = [put(f"/ann/contacts/bare-{at}.vcf", {"If-None-Match": "*"}) for at in range(creates)]
    jobs += [put(href, {"If-Match": etag}) for href, etag in list(etags.items())[:updates]]
    await asyncio.gather(*jobs)


@pytest.mark.bench
@pytest.mark.timeout(600)
async def test_first_sync_against_a_bare_loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Seconds depend on what else the machine does; processor time of main thread and storage threads hardly."""
    with Sandbox(tmp_path / "ours", PEOPLE):
        async with open_daemon(tmp_path / "ours", serving=False) as daemon:
            before = Spent.now()
            report: dict[str, Any] = (await daemon.commands.sync("zoho-book"))["zoho-book"]
            ours = Spent.now() - before
    with Sandbox(tmp_path / "bare", PEOPLE) as sandbox:
        before = Spent.now()
        floor = await bare(sandbox.url, tmp_path / "bare", report["created"], report["updated"])
        theirs = Spent.now() - before
    persons = report["links"]
    with capsys.disabled():
        print(
            f"\nfirst sync of {PEOPLE} people: {ours.wall:.2f} s, {persons / ours.wall:.0f} persons/s; "
            f"bare loop with the same reads and writes: {floor:.2f} s; ratio {floor / ours.wall:.2f}\n"
            f"processor time a person: {1000 * ours.main / persons:.2f} ms on the main thread, "
            f"{1000 * ours.storage / persons:.2f} ms in the storage threads; bare loop: "
            f"{1000 * theirs.main / persons:.2f} ms"
        )
    assert report["converged"]
