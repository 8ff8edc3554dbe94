"""The first sync from Zoho CRM to Google Contacts, whose writes travel in batches, against a bare chain of the same calls.

The bare chain knows nothing: it reads Zoho page by page and creates the same number of contacts, 200 in a request.
"""

import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bench.sandbox import Sandbox
from tests.bench.spent import Spent
from zohosyncd.supervisor.daemon import open_daemon

PEOPLE = 20_000
BATCH = 200
_OFF = {"quotas": {"critical_read": 10**6, "critical_write": 10**6, "read": 10**6, "write": 10**6}}


async def bare(sandbox: Sandbox, folder: Path, created: int) -> float:
    """Read all contacts of Zoho, then create as many in the mailbox as the daemon has, and nothing in between."""
    secrets = {each.name: each.read_text().strip() for each in (folder / "secrets").iterdir()}
    async with aiohttp.ClientSession(sandbox.url) as http:
        zoho = await _token(http, "/oauth/v2/token", _client(folder, "zoho"), secrets, "zoho")
        google = await _token(http, "/google/token", _client(folder, "google"), secrets, "google")
        began = time.perf_counter()
        await _read(http, {"Authorization": f"Zoho-oauthtoken {zoho}"})
        for start in range(0, created, BATCH):
            count = min(BATCH, created - start)
            people = [
                {
                    "contactPerson": {
                        "names": [{"givenName": "Bare", "familyName": f"Person {start + at}"}],
                        "emailAddresses": [{"value": f"bare{start + at}@example.org", "type": "work"}],
                        "phoneNumbers": [{"value": f"+49 30 {start + at:07d}", "type": "work"}],
                        "organizations": [{"name": "Company", "title": "Buyer"}],
                    }
                }
                for at in range(count)
            ]
            body = {"contacts": people, "readMask": "names,emailAddresses,metadata"}
            headers = {"Authorization": f"Bearer {google}"}
            async with http.post("/google/v1/people:batchCreateContacts", json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                json.loads(await answer.read())
        return time.perf_counter() - began


def _client(folder: Path, account: str) -> str:
    text = (folder / f"accounts.d/{account}.toml").read_text()
    return next(line for line in text.splitlines() if line.startswith("client_id")).split('"')[1]


async def _token(http: aiohttp.ClientSession, path: str, client: str, secrets: dict[str, str], app: str) -> str:
    form = {
        "grant_type": "refresh_token", "client_id": client, "client_secret": secrets[f"{app}-client-secret"],
        "refresh_token": secrets[f"{app}-refresh-token"],
    }  # fmt: skip
    async with http.post(path, data=form) as answer:
        return str((await answer.json(content_type=None))["access_token"])


async def _read(http: aiohttp.ClientSession, login: dict[str, str]) -> int:
    fields = "First_Name,Last_Name,Email,Phone,Mobile,Title,Description,Mailing_Street,Mailing_City,Date_of_Birth"
    query, last = f"select {fields} from Contacts where id > {{}} order by id limit 2000", "0"
    found = 0
    while True:
        async with http.post("/crm/v8/coql", json={"select_query": query.format(last)}, headers=login) as answer:
            rows: list[dict[str, Any]] = json.loads(await answer.read())["data"] if answer.status == 200 else []
        found += len(rows)
        if len(rows) < 2000:
            return found
        last = rows[-1]["id"]


@pytest.mark.bench
@pytest.mark.timeout(1800)
async def test_first_sync_to_google_in_batches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--with", "google_contacts")
    with Sandbox(tmp_path / "ours", PEOPLE, *more) as sandbox:
        await sandbox.tune("google_contacts", _OFF)
        account = tmp_path / "ours/accounts.d/google.toml"
        account.write_text(account.read_text().replace('lag = "10s"', 'lag = "0s"'))  # waiting is not measured
        async with open_daemon(tmp_path / "ours", serving=False) as daemon:
            before = Spent.now()
            report: dict[str, Any] = (await daemon.commands.sync("zoho-google"))["zoho-google"]
            ours = Spent.now() - before
        calls = await sandbox.calls()
    with Sandbox(tmp_path / "bare", PEOPLE, *more) as sandbox:
        await sandbox.tune("google_contacts", _OFF)
        before = Spent.now()
        floor = await bare(sandbox, tmp_path / "bare", report["created"]["right"])
        theirs = Spent.now() - before
    created = report["created"]["right"]
    writes = calls["google_contacts"]["POST /v1/people:batchCreateContacts"]["calls"]
    reads = sum(each["calls"] for each in calls["zoho_crm"].values())
    spent = sum(each["credits"] for each in calls["zoho_crm"].values())
    with capsys.disabled():
        print(
            f"\nfirst sync of {created} people to Google: {ours.wall:.1f} s, {created / ours.wall:.0f} records/s; "
            f"bare chain {floor:.1f} s, {created / floor:.0f} records/s; ratio {floor / ours.wall:.2f}\n"
            f"processor time a person: {1000 * ours.main / created:.2f} ms on the main thread, "
            f"{1000 * ours.storage / created:.2f} ms in the storage threads; bare {1000 * theirs.main / created:.2f} ms\n"
            f"batch creates: {writes} of at least {-(-created // BATCH)}; Zoho: {reads} calls, {spent} credits"
        )
    assert report["converged"]
    assert writes <= 1.05 * -(-created // BATCH) + 1
