"""A break is one line for each account and connection that it concerns, its end another, whatever happens between."""

import io
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.crash.company import CONNECTION, Company
from tests.supervisor.office import Office
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.telemetry.logs import configure

SHOWS = ({"fault": "status", "status": 503}, {"fault": "reset"}, {"fault": "html"}, {"fault": "status", "status": 502})
DENIED = {"path": "*", "fault": "status", "status": 401}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    handlers, stream = list(logging.getLogger().handlers), io.StringIO()
    configure("json", "info", stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers


def test_an_outage_of_half_an_hour_is_one_line_for_each_who_is_concerned(tmp_path: Path, logged: io.StringIO) -> None:
    office = Office(Company(tmp_path / "company"), notify="")

    async def outage(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        logged.truncate(0)
        for _ in range(4):
            for show in SHOWS:
                office.faults("zoho_crm", {"path": "*", **show})
                await office.company.clock.sleep(113)
        office.faults("zoho_crm")
        await office.company.clock.sleep(600)

    office.live(outage)
    lines = [json.loads(line) for line in logged.getvalue().lstrip("\0").splitlines()]
    told = Counter((line["event"], line.get("call") or line.get("connection") or line.get("account")) for line in lines)
    assert told["connection waits", CONNECTION] == told["connection works again", CONNECTION] == 1
    assert all(count == 1 for count in told.values()), told
    assert len(lines) < 16
    waits = next(line for line in lines if line["event"] == "connection waits")
    assert waits["request"] in {line.get("request") for line in lines if line["event"] == "calls_failing"}


def test_a_lost_login_is_one_line_for_each_who_is_concerned(tmp_path: Path, logged: io.StringIO) -> None:
    office = Office(Company(tmp_path / "company"), notify="")

    async def losing(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        logged.truncate(0)
        office.faults("carddav", DENIED)
        await office.company.clock.sleep(900)
        office.faults("carddav")
        await office.company.clock.sleep(300)

    office.live(losing)
    lines = [json.loads(line) for line in logged.getvalue().lstrip("\0").splitlines()]
    told = Counter((line["event"], line.get("call") or line.get("connection") or line.get("account")) for line in lines)
    assert told["account does not work", "book"] == told["account works again", "book"] == 1
    assert told["connection waits", CONNECTION] == told["connection works again", CONNECTION] == 1
    assert all(count == 1 for count in told.values()), told
