"""The demonstration: the sandbox and the same supervisor as ``run``, in one process, with somebody telling about it."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import click

from zohosyncd.cli.asking import load_settings
from zohosyncd.cli.edits import EDITS, Edit, Hands, Pair
from zohosyncd.cli.serving import opened, watch_files, watch_signals
from zohosyncd.core.errors import SyncError
from zohosyncd.sandbox.server import Served, run_sandbox
from zohosyncd.supervisor.daemon import Daemon, open_daemon

CONNECTION = "zoho-book"
_PORT = 9595
_PORTS = 100
_RUNS = 10
_PATIENCE_SECONDS = 30.0


async def demonstrate_once(people: int, seed: int) -> dict[str, Any]:
    """Sync until nothing is left to do; the numbers of all runs together. The folder is removed."""
    async with _scene(people, seed) as (served, folder):
        began = anyio.current_time()
        totals: dict[str, Counter[str]] = {"created": Counter(), "updated": Counter()}
        async with open_daemon(folder, serving=False) as daemon:
            for _ in range(_RUNS):
                report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
                for kind, counter in totals.items():
                    counter.update(report[kind])
                if report["converged"] and not any(report["writes"].values()):
                    break
        seconds = anyio.current_time() - began
        shutil.rmtree(folder.parent, ignore_errors=True)
        numbers = {kind: {side: counter[side] for side in ("left", "right")} for kind, counter in totals.items()}
        shown = {
            "links": report["links"], **numbers, "held": report["held"], "quarantined": report["quarantined"],
        }  # fmt: skip
        return {
            "connections": {CONNECTION: shown},
            "duplicates": _duplicates(served),
            "converged": report["converged"],
            "seconds": round(seconds, 3),
            "calls": Hands(served).calls(),
        }


async def demonstrate(people: int, seed: int) -> None:
    """Show the first sync, a few edits, then stay until Ctrl-C."""
    async with _scene(people, seed) as (served, folder):
        click.echo(f"The demo lives in {folder.parent}; remove it and nothing is left.")
        click.echo(f"Zoho CRM and an address book are simulated at {served.base_url}: {people} people, seed {seed}.\n")
        settings = load_settings(folder)
        async with opened(folder, settings) as (daemon, listen), anyio.create_task_group() as tasks:
            daemon.reloading.told = _tell_reload
            tasks.start_soon(watch_signals, daemon)
            tasks.start_soon(watch_files, daemon, folder)
            tasks.start_soon(_narrate, daemon, served, folder, str(listen))
            click.echo("\n" + await daemon.serve())
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def _scene(people: int, seed: int) -> AsyncIterator[tuple[Served, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="zohosyncd-demo-")) / "config"
    async with run_sandbox(0, people, seed, write_config=folder) as served:
        service = anyio.Path(folder / "zohosyncd.toml")
        text = await service.read_text()
        await service.write_text(text.replace(f"127.0.0.1:{_PORT}", f"127.0.0.1:{await _free_port()}"))
        connection = anyio.Path(folder / f"connections.d/{CONNECTION}.toml")
        text = await connection.read_text()
        await connection.write_text(text.replace('every = "2s"', 'every = "1s"'))  # somebody is waiting and watching
        yield served, folder


async def _free_port() -> int:
    """The usual port, or the next one that is free."""
    for port in range(_PORT, _PORT + _PORTS):
        try:
            listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
        except OSError:
            continue
        await listener.aclose()
        return port
    return 0


def _duplicates(served: Served) -> int:
    """Records that were created although the person already stood on that side."""
    return sum(served.scene.duplicates(Hands(served).ask("GET", "state")).values()) if served.scene else 0


async def _narrate(daemon: Daemon, served: Served, folder: Path, listen: str) -> None:
    hands = Hands(served)
    await _first_sync(daemon)
    click.echo(f"\nDuplicates created: {_duplicates(served)}. Requests: {hands.calls()}.")
    pairs = await _pairs(daemon, served, len(EDITS))
    if pairs:
        click.echo("\nNow people edit, on both sides:")
        for number, edit in enumerate(EDITS):
            await _show_edit(daemon, hands, edit, pairs[number % len(pairs)])
    click.echo(
        f"\nMetrics: http://{listen}/metrics   Status: http://{listen}/status\n"
        f"Ask it:  zohosyncd status --config {folder}\n"
        f"         zohosyncd held --config {folder}\n"
        f"Edit {folder}/connections.d/{CONNECTION}.toml (say, every = \"5s\") and watch it being applied;\n"
        f"a mistake in it is refused. Ctrl-C ends the demo."
    )  # fmt: skip
    await _follow(daemon)


async def _first_sync(daemon: Daemon) -> None:
    """Progress, counts and rate of the first sync, on one line of a terminal or as lines elsewhere."""
    began, shown, terminal = anyio.current_time(), "", sys.stdout.isatty()
    while True:
        now = (await daemon.commands.progress()).get(CONNECTION, {})
        seconds = max(anyio.current_time() - began, 0.001)
        read = sum(now.get("records_read", {}).values())
        created, updated = sum(now.get("created", {}).values()), sum(now.get("updated", {}).values())
        line = (
            f"first sync: {now.get('stage') or 'starting':<9} {read} read, {now.get('links', 0)} linked, "
            f"{created} created, {updated} updated, {(read + created + updated) / seconds:,.0f} records/s"
        )
        if now.get("reason"):
            line += f"  waits: {now['reason']}"
        done = bool(now.get("converged"))
        if terminal:
            click.echo("\r" + line.ljust(110), nl=done)
        elif now.get("stage") != shown or done:
            shown = now.get("stage", "")
            click.echo(line)
        if done:
            return
        await anyio.sleep(0.2)


async def _pairs(daemon: Daemon, served: Served, wanted: int) -> list[Pair]:
    """People who stood on both sides from the beginning and are linked, for people to edit."""
    found: list[Pair] = []
    for record_id, href in served.scene.truth.values() if served.scene else ():
        if len(found) == wanted:
            break
        if record_id and href:
            persons = await _explained(daemon, record_id)
            if any(each["records"]["right"]["id"] == href and not each["held"] for each in persons):
                found.append(Pair(record_id, href))
    return found


async def _show_edit(daemon: Daemon, hands: Hands, edit: Edit, pair: Pair) -> None:
    """Do one edit as a person would, wait until it has arrived, and tell what was done about it."""
    click.echo(f"  {(edit.__doc__ or '').strip()}")
    before, began = daemon.world.clock.now(), anyio.current_time()
    query = edit(hands, pair)
    with anyio.move_on_after(_PATIENCE_SECONDS):
        entries = await _arrived(daemon, query, before)
        click.echo(f"    after {anyio.current_time() - began:.1f} s:")
        for entry in entries:
            click.echo(f"      {_told(entry)}")
        return
    click.echo("    nothing happened yet; `zohosyncd status` tells why")


async def _arrived(daemon: Daemon, query: str, since: float) -> list[dict[str, Any]]:
    """Wait for the first entries of the journal, and a moment longer for the other direction of the same run."""
    while True:
        await anyio.sleep(0.1)
        if await _news(daemon, query, since):
            await anyio.sleep(0.3)
            return await _news(daemon, query, since)


async def _news(daemon: Daemon, query: str, since: float) -> list[dict[str, Any]]:
    """What the journal says of a person since then, the oldest first."""
    persons = await _explained(daemon, query)
    return [entry for each in persons for entry in reversed(each["history"]) if entry["at"] >= since]


async def _explained(daemon: Daemon, query: str) -> list[dict[str, Any]]:
    try:
        persons: list[dict[str, Any]] = (await daemon.commands.explain(CONNECTION, query))["persons"]
    except SyncError:  # nobody is known by that id yet
        return []
    return persons


_NAMES = {"left": "Zoho CRM", "right": "the address book", "": ""}


def _told(entry: Mapping[str, Any]) -> str:
    """One line of the journal for people."""
    where = _NAMES[entry["side"]]
    values = ", ".join(f"{field} = {_short(value)}" for field, value in entry["after"].items() if value)
    text = f"{entry['kind']}{f' in {where}' if where else ''}" + (f": {values}" if values else "")
    lost = ", ".join(f"{field} = {_short(value)}" for field, value in entry["lost"].items() if value)
    return text + (f"   (kept in the journal: {lost})" if lost else "")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


async def _follow(daemon: Daemon) -> None:
    """Tell what is written from now on, until the demo ends."""
    known = await _written(daemon)
    while True:
        await anyio.sleep(0.5)
        now = await _written(daemon)
        for what in sorted(now):
            if (more := now[what] - known[what]) > 0:
                click.echo(f"{CONNECTION}: {more} {what}")
        known = now


async def _written(daemon: Daemon) -> Counter[str]:
    now = (await daemon.commands.progress()).get(CONNECTION, {})
    return Counter(
        {
            f"{kind} in {_NAMES[side]}": count
            for kind in ("created", "updated")
            for side, count in now.get(kind, {}).items()
        }
    )


def _tell_reload(answer: Mapping[str, Any]) -> None:
    if not answer["applied"]:
        click.echo("configuration refused, the old one stays:")
        for error in answer["errors"]:
            click.echo(f"  {error}")
        return
    changes = "; ".join(
        f"{kind.replace('_', ' ')}: {', '.join(names)}" for kind, names in answer["changes"].items() if names
    )
    if changes:
        click.echo(f"configuration applied ({changes})")
