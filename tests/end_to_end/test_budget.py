"""A free org: the first sync takes as many days as the credits need, and then there are credits left to write."""

from pathlib import Path
from typing import Any

import pytest

from tests.crash.virtual import run
from tests.end_to_end.free_org import BOOKS, DAY, HOUR, FreeOrg
from zohosyncd.supervisor.daemon import Daemon


async def first_sync(org: FreeOrg, daemon: Daemon, share: int, hours: int) -> list[dict[str, Any]]:
    """Look every hour until everybody is there; what ``status`` said each time, with how far each connection was."""
    seen = []
    for _ in range(hours):
        await org.clock.sleep(HOUR)
        status = await daemon.commands.status()
        made = {name: each.get("links", 0) for name, each in status["connections"].items()}
        seen.append({"at": org.clock.now(), "made": made, "status": status})
        assert org.sender.most <= share
        if all(each["stage"] == "live" for each in status["connections"].values()):
            break
    return seen


def check_first_sync(org: FreeOrg, seen: list[dict[str, Any]], share: int) -> None:
    people = org.people
    assert {each["Email"] for each in org.contacts()} == {
        f"{book}{at}@example.org" for book in BOOKS for at in range(people)
    }, f"after {len(seen)} hours"
    assert len(org.contacts()) == 3 * people
    assert 429 not in org.sender.statuses
    assert org.sender.most <= share
    if 3 * people / 10 > share:
        assert len(seen) > 24, "their writes alone cost more than a day's share"
    for each in seen[2:-1]:
        for name, connection in each["status"]["connections"].items():
            if connection["stage"] not in ("", "live"):
                assert connection["done_at"] > each["at"], name
        assert each["status"]["accounts"]["zoho"]["budget"]["sentence"]
    short = [each for each in seen if max(each["made"].values()) < people]
    for each in short:
        got = each["made"].values()
        assert max(got) - min(got) <= max(300, people // 4), "no connection is far ahead of the others"


def scenario(org: FreeOrg, share: int, days: int) -> tuple[list[dict[str, Any]], int]:
    """The first sync with a restart on its first evening, and an idle day afterwards; what was seen, and its credits."""

    async def first_evening() -> list[dict[str, Any]]:
        async with org.living(1) as daemon:
            return await first_sync(org, daemon, share, 6)

    async def rest() -> tuple[list[dict[str, Any]], int]:
        async with org.living(2) as daemon:
            seen = await first_sync(org, daemon, share, 24 * days)
            await org.clock.sleep(1.1 * DAY)  # what the first sync has spent comes back
            for each in (await daemon.commands.status())["connections"].values():
                assert each["real_interval_seconds"] > each["interval_seconds"]
            return seen, org.zoho.purse.used()

    seen = run(org.clock, first_evening())
    more, idle = run(org.clock, rest())
    return seen + more, idle


def test_a_free_org_in_small(tmp_path: Path) -> None:
    share, org = 50, FreeOrg(tmp_path, 200, 100, says="credits_per_day = 100\n", every="1h")
    seen, idle = scenario(org, share, days=4)
    check_first_sync(org, seen, share)
    assert 0 < idle <= share / 4


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("people", [300, 6_667, 10_000])
def test_a_free_org_at_the_default_settings(people: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So many in each of three books, and nobody knows of anybody yet: few, 20,000 in a day's share, 30,000 in more."""
    org = FreeOrg(tmp_path, people)
    seen, idle = scenario(org, 2_500, days=10)
    check_first_sync(org, seen, 2_500)
    with capsys.disabled():
        print(
            f"\n{len(org.contacts())} contacts in {(seen[-1]['at'] - seen[0]['at']) / DAY:.1f} days, at most "
            f"{org.sender.most} of 2,500 credits in 24 hours; an idle day afterwards: {idle}; by method {org.sender.spent}"
        )
    assert 0 < idle <= 2_500 / 4
