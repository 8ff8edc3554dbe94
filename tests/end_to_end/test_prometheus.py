"""A real Prometheus scrapes a daemon under load: nothing that is shown or watched stays empty."""

import asyncio
import json
import math
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import anyio
import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.promises.monitoring import (
    DASHBOARD,
    PROMETHEUS,
    RULES,
    alerts,
    as_grafana_asks,
    as_often_as_it_can,
    asked_by_panels,
    rules,
)
from tests.servers.prometheus import Prometheus, free_port, prometheus

WINDOW = "15s"
"""What Grafana would put for $__rate_interval, at a scrape a second."""

needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs prometheus and promtool")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def promtool(*arguments: str | Path, page: bytes = b"") -> str:
    done = subprocess.run(["promtool", *arguments], input=page, capture_output=True, check=False)
    told = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, told
    return told


@needs_prometheus
def test_promtool_accepts_rules_and_configuration_and_the_rules_do_as_they_say() -> None:
    assert "SUCCESS" in promtool("check", "rules", *RULES)
    assert "SUCCESS" in promtool("check", "config", PROMETHEUS / "prometheus.yml")
    assert "SUCCESS" in promtool("test", "rules", PROMETHEUS / "zohosyncd.test.yml")


def test_grafana_s_own_types_read_the_dashboard_and_write_the_same() -> None:
    cog = pytest.importorskip("grafana_foundation_sdk.cog.plugins", reason="needs the extra [grafana]")
    from grafana_foundation_sdk.cog.encoder import JSONEncoder  # type: ignore[import-not-found,unused-ignore]
    from grafana_foundation_sdk.models.dashboard import Dashboard  # type: ignore[import-not-found,unused-ignore]

    cog.register_default_plugins()
    assert json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD))) == DASHBOARD


@asynccontextmanager
async def daemon(rehearsal: Rehearsal) -> AsyncIterator[str]:
    """``zohosyncd run`` in a process of its own; where it listens."""
    target, hooks = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    said = f'[service]\nhooks_listen = "{hooks}"\npublic_url = "http://{hooks}"\n'
    rehearsal.rewrite(
        "zohosyncd.toml", {"[service]\n": said, 'listen = "127.0.0.1:9595"': f'listen = "{target}"'}
    )  # fmt: skip
    rehearsal.rewrite(f"connections.d/{CONNECTION}.toml", {'every = "2s"': 'every = "1s"'})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "zohosyncd", "run", "--config", str(rehearsal.folder),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield target
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def work(rehearsal: Rehearsal, linked: list[str]) -> None:
    """People edit on both sides, without end."""
    number = 0
    while True:
        number += 1
        await rehearsal.edit_contact(linked[number % len(linked)], Title=f"Title {number}")
        cards = await rehearsal.cards()
        href = sorted(cards)[number % len(cards)]
        await rehearsal.edit_card(href, cards[href].replace("END:VCARD", f"NOTE:{number}\r\nEND:VCARD"))
        await anyio.sleep(0.5)


def has_a_number(found: list[dict[str, object]]) -> bool:
    return any(not math.isnan(float(str(each["value"][1]))) for each in found)  # type: ignore[index]


async def page_of(target: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"http://{target}/metrics") as answer:
        assert answer.status == 200
        return await answer.text()


async def empty(server: Prometheus) -> dict[str, str]:
    """What has no number now, by where it stands."""
    wanted = {(each.where, as_grafana_asks(each.query, WINDOW)) for each in asked_by_panels()}
    for rule in rules():
        name = rule.get("alert") or rule["record"]
        wanted |= {(name, part) for part in as_often_as_it_can(rule["expr"])}
        if "record" in rule:
            wanted.add((name, rule["record"]))
    return {where: query for where, query in sorted(wanted) if not has_a_number(await server.query(query))}


@needs_prometheus
async def test_everything_that_is_shown_or_watched_has_numbers_under_load(tmp_path: Path) -> None:
    async with (
        rehearse(tmp_path, people=300) as rehearsal,
        daemon(rehearsal) as target,
        prometheus(tmp_path / "prometheus", target) as server,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(work, rehearsal, sorted(await rehearsal.contacts())[:40])
        left: dict[str, str] = {}
        with anyio.move_on_after(120):
            while left := await empty(server):
                await anyio.sleep(2)
        assert not left
        assert promtool("check", "metrics", page=(await page_of(target)).encode()) == ""
        firing = {each["labels"]["alertname"] for each in (await server.ask("alerts"))["alerts"]}
        assert firing <= {alert["alert"] for alert in alerts() if alert["labels"]["severity"] == "info"}
        told = (await server.ask("rules"))["groups"]
        assert [rule["name"] for group in told for rule in group["rules"] if rule["health"] != "ok"] == []
        tasks.cancel_scope.cancel()
