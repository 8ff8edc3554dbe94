"""Pictures of the dashboard for the README: its own queries, a real Prometheus, a daemon that works on the sandbox.

    pip install -e '.[test,grafana]' && python -m tests.end_to_end.pictures config/grafana/pictures    # seven minutes

It draws in the manner of Grafana, which is not needed for it.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.end_to_end.test_prometheus import daemon, work
from tests.promises.monitoring import DASHBOARD, as_grafana_asks
from tests.servers.prometheus import Prometheus, prometheus

WINDOW, STEP = "15s", "2"
BUSY = {
    "method": "*",
    "path": "/crm/v8/*",
    "fault": "status",
    "status": 503,
    "share": 1.0,
    "rate": 0.7,
    "count": 100_000,
}
CLOUDS = {"method": "PUT", "path": "/ann/contacts/*", "fault": "status", "status": 503, "rate": 0.3, "count": 100_000}


def rows() -> dict[str, list[dict[str, Any]]]:
    """The panels by their row."""
    found: dict[str, list[dict[str, Any]]] = {}
    for panel in DASHBOARD["panels"]:
        if panel["type"] == "row":
            found[panel["title"]] = []
        else:
            found[next(reversed(found))].append(panel)
    return found


async def story(rehearsal: Rehearsal) -> None:
    """Seven minutes: a first sync, edits on both sides, Zoho failing for a minute, then the address book now and then."""
    async with anyio.create_task_group() as tasks:
        await anyio.sleep(40)
        tasks.start_soon(work, rehearsal, sorted(await rehearsal.contacts())[:200])
        await anyio.sleep(110)
        await rehearsal.faults("zoho_crm", BUSY)
        await anyio.sleep(60)
        await rehearsal.faults("zoho_crm")
        await anyio.sleep(70)
        await rehearsal.faults("carddav", CLOUDS)
        await anyio.sleep(40)
        await rehearsal.faults("carddav")
        await anyio.sleep(100)
        tasks.cancel_scope.cancel()


async def shown(server: Prometheus, began: float) -> dict[str, list[dict[str, Any]]]:
    """What each query of each panel shows, by the panel's title."""
    found: dict[str, list[dict[str, Any]]] = {}
    ended = time.time()
    for panel in (each for row in rows().values() for each in row):
        results = found[panel["title"]] = []
        for target in panel["targets"]:
            asked = as_grafana_asks(target["expr"], WINDOW)
            told = await server.ask("query_range", query=asked, start=str(began), end=str(ended), step=STEP)
            results += [{"legend": target["legendFormat"], **each} for each in told["result"]]
    return found


async def collect() -> dict[str, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            rehearse(Path(folder), people=1500) as rehearsal,
            daemon(rehearsal) as target,
            prometheus(Path(folder) / "prometheus", target) as server,
        ):
            began = time.time() + 2
            await story(rehearsal)
            return await shown(server, began)


def main(target: Path, kept: Path | None) -> None:
    from tests.end_to_end.drawing import draw

    if kept is not None and kept.exists():
        data = json.loads(kept.read_text())
    else:
        data = anyio.run(collect)
        if kept is not None:
            kept.write_text(json.dumps(data))
    target.mkdir(parents=True, exist_ok=True)
    for (title, panels), name in zip(rows().items(), ("overview", "connection", "budget"), strict=True):
        draw(title.replace("$connection", CONNECTION).replace("$account", "zoho"), panels, data, target / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
