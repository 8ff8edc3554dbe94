"""``zohosyncd plan NAME``: what a run would do."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import ask_and_hear, config_option
from zohosyncd.cli.completing import connections


@click.command("plan")
@click.argument("name", shell_complete=connections)
@click.option("--out", type=click.Path(path_type=Path), help="Write the plan to this file, for `sync --plan`.")
@click.option("--counts", is_flag=True, help="Numbers only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
def command(name: str, own_folder: str | None, *, out: Path | None, counts: bool, as_json: bool) -> int:
    """Tell what a run of the connection NAME would do, without writing to either app.

    It is the run itself on a copy of the state, in which every write is only pretended: each person and field with its
    old and new value, what waits for a decision and why, and what it costs in calls and credits. Before a first sync is
    approved it shows the whole first sync.
    """
    if out is not None:
        _to_file(own_folder, name, out)
        return 0

    if as_json:
        _as_json(own_folder, name, counts=counts)
        return 0
    from zohosyncd.cli.plan_file import show

    def hear(lines: Sequence[Any]) -> None:
        for line in lines:
            show(line)

    print_numbers(ask_and_hear(own_folder, "plan", hear, connection=name, numbers="yes" if counts else None))
    return 0


def _as_json(own_folder: str | None, name: str, *, counts: bool) -> None:
    """One document, printed as it comes: the lines first, then the numbers."""
    first = True

    def hear(lines: Sequence[Any]) -> None:
        nonlocal first
        for line in lines:
            click.echo(('{"lines": [\n' if first else ",\n") + _json(line), nl=False)
            first = False

    numbers = ask_and_hear(own_folder, "plan", hear, connection=name, numbers="yes" if counts else None)
    click.echo("{" if first else "\n],", nl=False)
    click.echo(_json(numbers)[1:])


def _to_file(own_folder: str | None, name: str, out: Path) -> None:
    from zohosyncd.cli.plan_file import written

    with written(out) as write:
        numbers = ask_and_hear(own_folder, "plan", write, connection=name)
        write([{"line": "end", **numbers}])
    print_numbers(numbers)
    click.echo(f"  written to {out}: carry out exactly this with `zohosyncd sync {name} --plan {out}`")


def _json(line: Any) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def print_numbers(numbers: dict[str, Any]) -> None:
    """The numbers of a plan for people."""
    from zohosyncd.cli.output import counted

    click.echo(f"{numbers['connection']} ({numbers['stage']}): {numbers['links']} linked so far")
    click.echo(f"  would link       {numbers['link']}")
    for kind in ("create", "update", "delete"):
        click.echo(f"  would {kind:<10} {numbers[kind]['left']} left, {numbers[kind]['right']} right")
    click.echo(f"  clashes          {numbers['clashes']}")
    click.echo(f"  held             {counted(numbers['hold'])}")
    click.echo(f"  quarantined      {counted(numbers['quarantine'])}")
    for side, costs in numbers["costs"].items():
        read, write = (price(costs[each]) for each in ("read", "write"))
        tags = f", {price(costs['tags'])} of them for tags" if costs.get("tags", {}).get("calls") else ""
        click.echo(f"  costs {side:<10} {write} to write{tags} ({costs['account']}); this plan has read {read}")
    if numbers["waiting"]:
        click.echo(f"  the guard stops  {counted(numbers['guard'])}: `zohosyncd approve` releases them")
    for note in numbers["notes"]:
        click.echo(f"  note: {note}")
    if not numbers["complete"]:
        click.echo("  this is not all: writes whose outcome is not known yet have to be found out first")


def price(costs: dict[str, int]) -> str:
    """Calls, and credits where the app counts them, for people."""
    said = f"{costs['calls']} calls"
    return f"{said}, {costs['credits']} credits" if costs["credits"] else said
