"""The demonstration: the sandbox and the same supervisor as ``run``, in one process, with somebody telling about it."""

import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import click

from zohosyncd.cli.asking import load_settings
from zohosyncd.cli.edits import EDITS
from zohosyncd.cli.serving import opened, watch_files, watch_signals
from zohosyncd.sandbox.server import Served, run_sandbox
from zohosyncd.supervisor.daemon import Daemon, open_daemon

CONNECTION = "zoho-book"
_PORT = 9595
_RUNS = 10


async def demonstrate_once(people: int, seed: int) -> dict[str, Any]:
    """Sync until nothing is left to do; the numbers of all runs together."""
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
            calls = daemon.calls.calls
        seconds = anyio.current_time() - began
        numbers = {kind: {side: counter[side] for side in ("left", "right")} for kind, counter in totals.items()}
        shown = {
            "links": report["links"], **numbers, "held": report["held"], "quarantined": report["quarantined"],
        }  # fmt: skip
        return {
            "connections": {CONNECTION: shown},
            "duplicates": _duplicates(served),
            "converged": report["converged"],
            "seconds": round(seconds, 3),
            "calls": calls,
        }


async def demonstrate(people: int, seed: int) -> None:
    """Show the first sync, a few edits, then stay until Ctrl-C."""
    async with _scene(people, seed) as (served, folder):
        click.echo(f"The demo lives in {folder.parent}; remove it and nothing is left.")
        click.echo(f"Zoho CRM and an address book are simulated at {served.base_url}: {people} people, seed {seed}.\n")
        settings = load_settings(folder)
        async with opened(folder, settings) as (daemon, listen), anyio.create_task_group() as tasks:
            tasks.start_soon(watch_signals, daemon, _tell_reload)
            tasks.start_soon(watch_files, daemon, folder, _tell_reload)
            tasks.start_soon(_narrate, daemon, served, folder, str(listen), people)
            click.echo("\n" + await daemon.serve())
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def _scene(people: int, seed: int) -> AsyncIterator[tuple[Served, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="zohosyncd-demo-")) / "config"
    async with run_sandbox(0, people, seed, write_config=folder) as served:
        service = folder / "zohosyncd.toml"
        text = await anyio.Path(service).read_text()
        await anyio.Path(service).write_text(text.replace(f"127.0.0.1:{_PORT}", f"127.0.0.1:{await _free_port()}"))
        yield served, folder


async def _free_port() -> int:
    """The usual port, or the next one that is free."""
    for port in range(_PORT, _PORT + 100):
        try:
            listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
        except OSError:
            continue
        await listener.aclose()
        return port
    return 0


def _duplicates(served: Served) -> int:
    if served.scene is None:
        return 0
    state = {"apps": {name: app.state() for name, app in served.world.apps.items()}}
    return sum(served.scene.duplicates(state).values())


async def _narrate(daemon: Daemon, served: Served, folder: Path, listen: str, people: int) -> None:
    await _first_sync(daemon)
    click.echo(f"\nDuplicates created: {_duplicates(served)}")
    if people >= 20:
        click.echo("\nNow some people edit, on both sides:")
        for edit in EDITS:
            await _show_edit(daemon, served, edit)
    click.echo(
        f"\nMetrics: http://{listen}/metrics   Status: http://{listen}/status\n"
        f"Ask it:  zohosyncd status --config {folder}\n"
        f"         zohosyncd held --config {folder}\n"
        f"Edit {folder}/connections.d/{CONNECTION}.toml (say, every = \"5s\") and watch it being applied;\n"
        f"a mistake in it is refused. Ctrl-C ends the demo."
    )  # fmt: skip


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


async def _show_edit(daemon: Daemon, served: Served, edit: Any) -> None:
    """Do one edit as a person would, wait until it has arrived, and tell what was done about it."""
    what, query = edit(served)
    click.echo(f"  - {what}")
    since = anyio.current_time()
    with anyio.move_on_after(30):
        while True:
            await anyio.sleep(0.1)
            told = await _history(daemon, query)
            if told and told[0]["at"] >= daemon.world.clock.now() - (anyio.current_time() - since) - 1:
                seconds = anyio.current_time() - since
                for entry in reversed(told[:3]):
                    click.echo(
                        f"      {seconds:.1f} s later: {entry['kind']} {entry['side']} {', '.join(entry['fields'])}"
                    )
                return
    click.echo("      nothing happened within 30 s: see `zohosyncd status`")


async def _history(daemon: Daemon, query: str) -> list[dict[str, Any]]:
    from zohosyncd.core.errors import SyncError

    try:
        told = await daemon.commands.explain(CONNECTION, query)
    except SyncError:
        return []
    since = daemon.started_at
    return [entry for person in told["persons"] for entry in person["history"] if entry["at"] > since]


def _tell_reload(answer: dict[str, object]) -> None:
    if answer["applied"]:
        changes = {kind: names for kind, names in answer["changes"].items() if names}  # type: ignore[attr-defined]
        if changes:
            click.echo(f"configuration applied: {changes}")
    else:
        click.echo("configuration refused, the old one stays:")
        for error in answer["errors"]:  # type: ignore[attr-defined]
            click.echo(f"  {error}")
