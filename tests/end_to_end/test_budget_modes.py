"""What a daemon still does when credits run short, and what it says of it."""

import asyncio
from pathlib import Path
from typing import Any

from tests.crash.virtual import run
from tests.end_to_end.free_org import HOUR, FreeOrg, card
from zohosyncd.supervisor.daemon import Daemon


async def until_live(org: FreeOrg, daemon: Daemon) -> None:
    for _ in range(200):
        await org.clock.sleep(60.0)
        connections = (await daemon.commands.status())["connections"].values()
        if all(each["stage"] == "live" for each in connections):
            return
    raise AssertionError("the first sync is not done")


def test_only_writes_go_on_near_the_end_and_status_tells_when_the_rest_does(tmp_path: Path) -> None:
    """Other tools of the org spend nearly everything. What is typed into a book still reaches Zoho."""
    org = FreeOrg(tmp_path, 3)

    async def live() -> tuple[dict[str, Any], int, dict[str, Any], str]:
        async with org.living() as daemon:
            await until_live(org, daemon)
            await org.clock.sleep(HOUR)
            left = org.zoho.purse.limit - org.zoho.purse.used()
            org.zoho.tune({"others_spend": left - 100})
            await org.clock.sleep(0.3 * HOUR)  # a poll hears it
            before = org.zoho.purse.used()
            status = await daemon.commands.status()
            org.books.load("/ann/one/", {"/ann/one/late.vcf": card("late")})
            for _ in range(8):
                await org.clock.sleep(120.0)
                daemon.connections["one"].wake()
            await daemon.refresh_metrics()
            page = daemon.metrics.render()[0].decode()
            return status, org.zoho.purse.used() - before, await daemon.commands.status(), page

    status, spent, later, page = run(org.clock, live())
    told = status["accounts"]["zoho"]["budget"]
    assert told["credits"]["mode"] == "writes"
    assert "only writes go on; everything does again at 20" in told["sentence"]
    assert "others have left us" in told["sentence"]
    assert told["credits"]["recovers_at"] > org.clock.now() - HOUR
    assert "late@example.org" in {each["Email"] for each in org.contacts()}
    assert 0 < spent < 40
    assert all(each["state"] == "running" for each in later["connections"].values())
    assert 'zohosyncd_api_credits_remaining{account="zoho"}' in page
    assert 'zohosyncd_api_credits_share{account="zoho"} 2500.0' in page
    assert 'zohosyncd_api_concurrency{account="zoho"} 5.0' in page


def test_what_is_typed_into_a_book_does_not_wait_for_polls_that_are_stretched(tmp_path: Path) -> None:
    org = FreeOrg(tmp_path, 3)

    async def live() -> tuple[float, dict[str, Any]]:
        async with org.living() as daemon:
            await until_live(org, daemon)
            await org.clock.sleep(HOUR)
            org.books.load("/ann/one/", {"/ann/one/late.vcf": card("late")})
            typed = org.clock.now()
            while "late@example.org" not in {each["Email"] for each in org.contacts()}:
                await org.clock.sleep(1.0)
            return org.clock.now() - typed, (await daemon.commands.status())["connections"]["one"]

    took, told = run(org.clock, live())
    assert took < 70.0
    assert 138.0 < told["polled_every_seconds"]["left"] < 150.0  # a quarter of 2,500 a day, nearly all polls cost one
    assert told["polled_every_seconds"]["right"] == told["interval_seconds"] == 60.0


def test_a_used_up_day_is_waited_for_and_said(tmp_path: Path) -> None:
    org = FreeOrg(tmp_path, 3, every="30m")

    async def live() -> tuple[dict[str, Any], int, int]:
        async with org.living() as daemon:
            await until_live(org, daemon)
            org.zoho.tune({"others_spend": 5_000})
            refused = org.sender.statuses[429]
            await org.clock.sleep(2 * HOUR)
            status = await daemon.commands.status()
            asked = org.sender.statuses[429] - refused
            org.edit(org.contacts()[0]["id"], Title="Seller")
            await org.clock.sleep(25 * HOUR)
            return status, asked, (await daemon.commands.status())["accounts"]["zoho"]["budget"]["credits"]["left"]

    status, asked, left = run(org.clock, live())
    told = status["accounts"]["zoho"]["budget"]
    assert told["credits"]["mode"] == "wait"
    assert "it waits until credits come back" in told["sentence"]
    assert 1 <= asked <= 12, "the app is asked again now and then, not again and again"
    assert left > 2_000, "and then everything goes on by itself"


def test_a_plan_tells_what_its_tags_cost(tmp_path: Path) -> None:
    org = FreeOrg(tmp_path, 30)
    file = tmp_path / "connections.d/one.toml"
    rule = '[[rules]]\nfrom = "book"\nthen = [{ add = "tags", value = "Book" }]\n'
    file.write_text(file.read_text().replace("auto", "approve") + rule)
    for name in ("two", "three"):
        (tmp_path / f"connections.d/{name}.toml").unlink()

    async def live() -> tuple[dict[str, Any], dict[str, Any]]:
        async with org.living() as daemon:
            await org.clock.sleep(30.0)
            await asyncio.sleep(0)
            plan = await daemon.commands.plan("one")
            org.sender.spent.clear()
            await daemon.commands.approve("one")
            await until_live(org, daemon)
            return plan["costs"]["left"], dict(org.sender.spent)

    told, spent = run(org.clock, live())
    assert told["tags"] == {"calls": 1, "credits": 1}
    assert told["write"] == {"calls": 2, "credits": 4}
    assert spent["POST"] == told["write"]["credits"]
    assert len([each for each in org.contacts() if each["Tag"]]) == 30
