"""Alive is whose loop turns; ready is who can use a state that is its own. Accounts in trouble are neither's business."""

import sqlite3
from pathlib import Path

import pytest

from tests.crash.company import CONNECTION, Company
from tests.supervisor.office import Office
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.web.dispatch import perform

DENIED = {"path": "*", "fault": "status", "status": 401}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(Company(tmp_path / "company"), notify="")


def test_it_is_not_alive_while_its_loop_hangs_and_is_again_when_it_turns(office: Office) -> None:
    async def hanging(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        assert daemon.live()
        loop = office.company.clock.loop
        assert loop is not None
        loop.elapsed += 60  # as long as something keeps the loop
        assert not daemon.live()
        await office.company.clock.sleep(6)
        assert daemon.live()

    office.live(hanging)


def test_accounts_that_are_paused_unauthorised_or_away_are_not_unhealthy(office: Office) -> None:
    async def troubled(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        await perform(daemon.commands, "pause", {"connection": CONNECTION})
        for app in ("zoho_crm", "carddav"):
            office.faults(app, DENIED)
        await office.company.clock.sleep(300)
        assert not daemon.accounts["book"].up
        assert daemon.live()
        assert await daemon.ready()

    office.live(troubled)


def test_it_is_not_ready_when_its_state_belongs_to_another_process(office: Office) -> None:
    async def taken(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        assert await daemon.ready()
        for epoch, ready in ((2, False), (1, True)):
            with sqlite3.connect(office.company.folder / "state.db") as other:
                other.execute("UPDATE shard SET epoch = ?", (epoch,))
            other.close()
            assert await daemon.ready() is ready
        daemon.stop()
        assert not await daemon.ready()

    office.live(taken)
