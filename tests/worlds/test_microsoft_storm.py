"""Days on which every tenth request to Microsoft fails in some way: at their end nobody is lost, and nobody there twice."""

from pathlib import Path

import pytest

from tests.worlds.desks.microsoft import MicrosoftDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.town import HOUR, Town

API, BATCH = {"path": "/v1.0/*"}, {"path": "*batch"}
FAULTS = [
    {**API, "fault": "status", "status": 503, "rate": 0.04},
    {**API, "fault": "status", "status": 503, "rate": 0.04, "executed": True},
    {**API, "fault": "status", "status": 429, "rate": 0.05, "headers": {"Retry-After": "3"}},
    {**API, "fault": "status", "status": 401, "rate": 0.02},
    {**API, "fault": "reset", "rate": 0.04, "executed": True},
    {**API, "fault": "html", "rate": 0.03, "executed": True},
    {**API, "fault": "truncate", "rate": 0.04},
    {**BATCH, "fault": "rows", "rate": 0.1, "share": 0.3, "code": "429"},
    {**BATCH, "fault": "rows", "rate": 0.1, "share": 0.3, "code": "503"},
    {**BATCH, "fault": "rows", "rate": 0.05, "share": 0.3, "code": "401"},
    {"path": "/v1.0/*delta", "fault": "empty", "rate": 0.05},
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_people_come_through_a_storm(tmp_path: Path, seed: int) -> None:
    town = Town(tmp_path, [ZohoDesk, MicrosoftDesk], seed)
    zoho, outlook = town.desks
    assert isinstance(outlook, MicrosoftDesk)
    if seed % 2:
        outlook.app.tune({"if_match": False, "batch": "refuses", "spells": True, "removed_at_first": True})
    town.settle_in(80)
    town.connect(zoho, outlook)

    async def days() -> None:
        async with town.living(seed) as daemon:
            town.world.faults.replace("microsoft365", FAULTS)
            await town.clock.sleep(6 * HOUR)
            for n in range(3):
                town.day(40)
                if n == 1:
                    outlook.app.rounds.forget()
                await town.clock.sleep(2 * HOUR)
            town.world.faults.replace("microsoft365", [])
            await town.rest(daemon, 12)
            town.judge()

    town.run(days())
