"""``zohosyncd sync NAME``: one run, to its end."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zohosyncd.cli.asking import Call, config_option, folder_of, json_option, reached
from zohosyncd.cli.completing import connections

if TYPE_CHECKING:
    from zohosyncd.cli.plan_file import PlanFile


@click.command("sync")
@click.argument("name", shell_complete=connections)
@click.option("--once", is_flag=True, help="Accepted for clarity: a run is always one.")
@click.option("--plan", "path", type=click.Path(path_type=Path), help="Write exactly what this plan says.")
@config_option
@json_option
def command(name: str, own_folder: str | None, *, once: bool, path: Path | None, as_json: bool) -> int:  # noqa: ARG001
    """Run the connection NAME once: everything known at its start is worked off.

    With --plan, only writes that stand in the file (made by `zohosyncd plan NAME --out FILE`) are made. Each is read
    and decided anew first, and left out if it is no longer the same; what was left out is told by name, and whatever
    is not in the plan waits for another run. The exit code is 3 then. The first sync of a connection needs no other
    approval for what it is given so.
    """
    import anyio

    from zohosyncd.cli.output import print_json
    from zohosyncd.cli.plan_file import PlanFile

    plan = PlanFile.open(path, name) if path is not None else None
    report, left_out = anyio.run(_run, folder_of(own_folder), name, plan)
    if plan is not None:
        _tell_left_out(plan, left_out, report)
    if as_json:
        print_json({"connections": {name: report}})
    else:
        _print(name, report)
    if report.get("left_out") or report.get("not_in_plan"):
        return 3
    if report["waiting"] or report["stage"] == "approval":
        return 3
    return 0 if report["converged"] else 1


async def _run(folder: Path, name: str, plan: "PlanFile | None") -> tuple[dict[str, Any], set[int]]:
    """One run; on a terminal with its progress, elsewhere with log lines. What of the plan was left out, by number."""
    import anyio

    left_out: set[int] = set()

    async def hear(lines: Sequence[Any]) -> None:
        left_out.update(line["number"] for line in lines if line["line"] == "left_out")

    terminal = sys.stderr.isatty()
    level = "error" if terminal else "info"
    async with reached(folder, log_level=level) as call, anyio.create_task_group() as tasks:
        if terminal:
            tasks.start_soon(_show_progress, call, name)
        if plan is None:
            answer = await call("sync", {"connection": name})
        else:
            header = {key: str(plan.header.get(key, "")) for key in ("instance", "meaning")}
            answer = await call("sync", {"connection": name, **header}, say=plan.digests(), hear=hear)
        tasks.cancel_scope.cancel()
    report: dict[str, Any] = answer[name]
    return report, left_out


def _tell_left_out(plan: "PlanFile", left_out: set[int], report: dict[str, Any]) -> None:
    """On standard error, each line of the plan that was not carried out."""
    from zohosyncd.cli.plan_file import show

    if not left_out and not report["not_in_plan"]:
        return
    count = 0
    for number, line in enumerate(plan.writes()):
        count += 1
        if number in left_out:
            show(line | {"why": "left out, it is not the same any more"}, err=True)
    others = f"; {report['not_in_plan']} other writes are not in the plan" if report["not_in_plan"] else ""
    click.echo(f"{len(left_out)} of {count} writes of the plan were left out{others}", err=True)


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
        click.echo(
            "not everything could be worked off: `zohosyncd status` tells why. Who is new waits a few minutes for an "
            "app whose lists are late; then give the command again"
        )
