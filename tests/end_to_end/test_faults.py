"""What the network and the apps do wrong: nothing lost, nothing doubled, and each visible in a metric and in status."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from zohosyncd.core.errors import SyncError
from zohosyncd.supervisor.daemon import Daemon

CONTACTS, CARDS = "/crm/v8/Contacts*", "/ann/contacts/*"


def rule(fault: str, method: str = "*", path: str = CONTACTS, **more: Any) -> dict[str, Any]:
    return {"method": method, "path": path, "fault": fault, "count": 3, **more}


FAULTS: dict[str, tuple[str, list[Mapping[str, Any]]]] = {
    "500 before it is executed": ("zoho_crm", [rule("status", status=500, executed=False)]),
    "500 after it is executed": ("zoho_crm", [rule("status", "POST", status=500, executed=True)]),
    "reset before an answer": ("zoho_crm", [rule("reset", executed=False)]),
    "reset in the answer": ("zoho_crm", [rule("reset", "POST", executed=True)]),
    "429 with Retry-After": ("zoho_crm", [rule("status", status=429, headers={"Retry-After": "1"})]),
    "429 without Retry-After": (
        "zoho_crm", [rule("status", status=429, body={"code": "TOO_MANY_REQUESTS", "status": "error"})],
    ),
    "an expired token in the middle": (
        "zoho_crm", [rule("status", status=401, body={"code": "INVALID_TOKEN", "status": "error"}, count=1)],
    ),
    "HTML instead of JSON": ("zoho_crm", [rule("html", "GET")]),
    "HTML instead of an answer to a POST": ("zoho_crm", [rule("html", "POST", executed=True)]),
    "an empty list although there is data": ("zoho_crm", [rule("empty", "GET")]),
    "a truncated answer": ("zoho_crm", [rule("truncate", "GET")]),
    "half of a batch refused": ("zoho_crm", [rule("rows", "POST", share=0.5, code="INVALID_DATA")]),
    "the book fails": ("carddav", [rule("status", path=CARDS, status=503)]),
    "a PUT of the book is executed without an answer": ("carddav", [rule("reset", "PUT", CARDS, executed=True)]),
    "the book says nothing is there": ("carddav", [rule("empty", "REPORT", CARDS)]),
}  # fmt: skip


async def until_quiet(rehearsal: Rehearsal, daemon: Daemon, rounds: int = 8) -> dict[str, Any]:
    for _ in range(rounds):
        try:
            report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
        except SyncError:
            continue
        if report["converged"] and report["writes"] == {"left": 0, "right": 0}:
            return report
    raise AssertionError(f"no rest: {report}")


@pytest.mark.parametrize("name", FAULTS)
async def test_a_first_sync_through(name: str, tmp_path: Path) -> None:
    app, rules = FAULTS[name]
    async with rehearse(tmp_path, people=60) as rehearsal:
        rehearsal.rewrite("accounts.d/zoho.toml", append='timeout = "3s"\n')
        rehearsal.rewrite("accounts.d/book.toml", append='timeout = "3s"\n')
        before = await rehearsal.state()
        await rehearsal.faults(app, *rules)
        async with rehearsal.daemon() as daemon:
            troubles = []
            for _ in range(3):
                try:
                    await daemon.commands.sync(CONNECTION)
                except SyncError as error:
                    troubles.append(error)
            page = daemon.metrics.render()[0].decode()
            await rehearsal.faults(app)
            await until_quiet(rehearsal, daemon)
            status = await daemon.commands.status()
        assert await rehearsal.duplicates() == {"zoho": 0, "book": 0}
        await nothing_is_missing(rehearsal, before)
        assert status["connections"][CONNECTION]["state"] == "running"
        assert is_seen(page, app, name, status, troubles), page


async def nothing_is_missing(rehearsal: Rehearsal, before: dict[str, Any]) -> None:
    contacts, cards = await rehearsal.contacts(), await rehearsal.cards()
    assert {each["id"] for each in before["apps"]["zoho_crm"]["Contacts"]} <= set(contacts)
    for book in before["apps"]["carddav"].values():
        assert set(book) <= set(cards)


def is_seen(page: str, app: str, name: str, status: dict[str, Any], troubles: list[SyncError]) -> bool:
    """A fault shows in a counter of requests, of refusals or of doubts, in the status, or as an error with a reason."""
    account = "zoho" if app == "zoho_crm" else "book"
    bad = [
        line
        for line in page.splitlines()
        if f'account="{account}"' in line
        and not line.endswith(" 0.0")
        and (
            "api_retries_total" in line
            or 'outcome="4xx"' in line
            or 'outcome="5xx"' in line
            or 'outcome="lost"' in line
        )
    ]
    bad += [line for line in page.splitlines() if 'outcome="unknown"' in line and not line.endswith(" 0.0")]
    refused = sum(status["connections"][CONNECTION]["quarantined"].values())
    quiet = ("an empty list", "the book says nothing")
    return bool(bad or troubles or refused) or name.startswith(quiet)


async def test_a_lost_authorisation_pauses_the_account_and_says_what_to_do(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        (rehearsal.folder / "secrets/book-password").write_text("wrong")
        async with rehearsal.daemon(hasty=True) as daemon:
            with pytest.raises(SyncError) as error:
                await daemon.commands.sync(CONNECTION)
            assert "book" in str(error.value)
            status = await daemon.commands.status()
        assert status["accounts"]["book"]["state"] == "waiting"
        assert status["connections"][CONNECTION]["state"] == "waiting"
        assert status["accounts"]["book"]["cure"]


async def test_the_consent_of_another_org_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        async with rehearsal.daemon() as daemon:
            await until_quiet(rehearsal, daemon)
        (first, *_), cards = await rehearsal.contacts(), await rehearsal.cards()
        await rehearsal.control("POST", "edit", {
            "app": "zoho_crm", "object": "Contacts", "id": first, "set": {"Title": "of another org"},
        })  # fmt: skip
        other = {"org": [{"id": "4242", "company_name": "Other", "country_code": "DE"}]}
        await rehearsal.faults("zoho_crm", {"path": "/crm/v8/org", "fault": "status", "status": 200, "body": other})
        await rehearsal.forget_calls()
        async with rehearsal.daemon() as daemon:
            with pytest.raises(SyncError, match=r"another login or organisation .*4242"):
                await daemon.commands.sync(CONNECTION)
            status = await daemon.commands.status()
        assert status["accounts"]["zoho"]["state"] == "waiting"
        assert await rehearsal.writes() == 0
        assert await rehearsal.cards() == cards


async def test_an_empty_side_does_not_empty_the_other(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=40) as rehearsal:
        rehearsal.rewrite(
            f"connections.d/{CONNECTION}.toml",
            append='[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n',
        )
        async with rehearsal.daemon() as daemon:
            await until_quiet(rehearsal, daemon)
            before = (await rehearsal.contacts(), await rehearsal.cards())
            for app, path in (("zoho_crm", CONTACTS), ("carddav", CARDS)):
                await rehearsal.faults(app, rule("empty", path=path, count=50))
                for _ in range(2):
                    with suppress(SyncError):
                        await daemon.commands.sync(CONNECTION)
                await rehearsal.faults(app)
            await until_quiet(rehearsal, daemon)
        assert (await rehearsal.contacts()).keys() == before[0].keys()
        assert (await rehearsal.cards()).keys() == before[1].keys()


@pytest.mark.parametrize("how", ["truncate", "lower", "upper", "phone", "drop"])
async def test_a_server_that_changes_what_it_stores_is_not_an_editor(how: str, tmp_path: Path) -> None:
    fields = {"truncate": "Title", "lower": "Title", "upper": "Last_Name", "phone": "Mobile", "drop": "Description"}
    async with rehearse(tmp_path, people=60) as rehearsal:
        given: dict[str, Any] = {"field": fields[how], "do": how, "length": 6}
        await rehearsal.control("POST", "normalise", {"app": "zoho_crm", "object": "Contacts", "rules": [given]})
        cards = await rehearsal.cards()
        async with rehearsal.daemon() as daemon:
            await until_quiet(rehearsal, daemon)
            await rehearsal.forget_calls()
            for _ in range(3):
                report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
                assert report["writes"] == {"left": 0, "right": 0}
            assert await rehearsal.writes() == 0
            await no_damage(rehearsal, cards, daemon)


async def no_damage(rehearsal: Rehearsal, before: dict[str, str], daemon: Daemon) -> None:
    """Whatever stands in the book as changed by us came from a value that stood in the CRM from the start."""
    after = await rehearsal.cards()
    for href, card in before.items():
        for name in ("TITLE", "NOTE"):
            old, new = value_of(card, name), value_of(after[href], name)
            assert not old or not new or new == old or not old.lower().startswith(new.lower()), (old, new)


def value_of(card: str, name: str) -> str:
    for line in card.replace("\r\n ", "").splitlines():
        if line.partition(":")[0].partition(";")[0].rpartition(".")[2].upper() == name:
            return line.partition(":")[2]
    return ""
