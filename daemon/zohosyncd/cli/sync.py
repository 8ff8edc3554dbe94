"""``zohosyncd sync NAME``: one run, to its end."""

import sys
from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import Call, config_option, folder_of, json_option, reached


@click.command("sync")
@click.argument("name")
@click.option("--once", is_flag=True, help="Accepted for clarity: a run is always one.")
@config_option
@json_option
def command(name: str, own_folder: str | None, *, once: bool, as_json: bool) -> int:  # noqa: ARG001
    """Run the connection NAME once: everything known at its start is worked off."""
    import anyio

    from zohosyncd.cli.output import print_json

    report = anyio.run(_run, folder_of(own_folder), name)
    if as_json:
        print_json({"connections": {name: report}})
    else:
        _print(name, report)
    if report["waiting"] or report["stage"] == "approval":
        return 3
    return 0 if report["converged"] else 1


async def _run(folder: Path, name: str) -> dict[str, Any]:
    """One run; on a terminal with its progress, elsewhere with log lines."""
    import anyio

    terminal = sys.stderr.isatty()
    level = "error" if terminal else "info"
    async with reached(folder, log_level=level) as call, anyio.create_task_group() as tasks:
        if terminal:
            tasks.start_soon(_show_progress, call, name)
        answer = await call("sync", {"connection": name})
        tasks.cancel_scope.cancel()
    report: dict[str, Any] = answer[name]
    return report


async def _show_progress(call: Call, name: str) -> None:
    """One line on standard error that is written again and again, and removed at the end."""
    import anyio

    try:
        while True:
            await anyio.sleep(0.25)
            now = (await call("progress", {})).get(name)
            if now is not None:
                line = (
                    f"{name}: {now['progress'] or now['stage']}, {sum(now['records_read'].values())} read, "
                    f"{now['links']} linked, {sum(now['created'].values())} created, "
                    f"{sum(now['updated'].values())} updated"
                )
                click.echo(f"\r\033[K{line}", nl=False, err=True)
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def _print(name: str, report: dict[str, Any]) -> None:
    created, updated = report["created"], report["updated"]
    click.echo(
        f"{name}: {report['links']} linked; created {created['left']} left, {created['right']} right; "
        f"updated {updated['left']} left, {updated['right']} right; "
        f"{report['held']} held, {report['quarantined']} quarantined ({report['seconds']} s)"
    )
    if report["stage"] == "approval":
        click.echo(f"the first sync waits: look at `zohosyncd plan {name}`, then `zohosyncd approve {name}`")
    elif report["waiting"]:
        click.echo(f"the guard stopped {report['waiting']} writes: `zohosyncd approve {name}` releases them")
    elif not report["converged"]:
        click.echo("not everything could be worked off: `zohosyncd status` tells why")
