"""``zohosyncd snapshot``: both sides in files, and back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import ask, ask_and_hear, config_option, json_option
from zohosyncd.cli.completing import connections
from zohosyncd.cli.verbs import Verbs


@click.group("snapshot", cls=Verbs)
def command() -> None:
    """Write both sides to files (snapshot NAME), and bring them back (snapshot restore)."""


@command.command("list", hidden=True)
@click.argument("name", shell_complete=connections)
@config_option
@json_option
def take(name: str, own_folder: str | None, *, as_json: bool) -> int:
    """Write both sides of the connection NAME to files beside the state, as they were last read.

    The files hold contact values in clear, for the daemon's user only. Before its first write a first sync makes one by
    itself, unless the connection says snapshot = false.
    """
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "snapshot", connection=name)
    if as_json:
        print_json(answer)
    else:
        records = answer["records"]
        click.echo(f"{name}: {records['left']} records left, {records['right']} right, in {answer['folder']}")
    return 0


@command.command("restore")
@click.argument("name", shell_complete=connections)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--side", metavar="SIDE", help="Only one side: left, right or the account's name.")
@click.option("--person", metavar="EMAIL|ID", help="Only this person, by an e-mail (then or now) or an id of a record.")
@click.option("--missing", is_flag=True, help="Also make anew what is gone, under other ids.")
@click.option("--dry-run", "dry", is_flag=True, help="Only show what would come back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def restore(
    name: str, folder: Path, side: str | None, person: str | None, own_folder: str | None,
    *, missing: bool, dry: bool, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Bring the pairs of the connection NAME back to what the snapshot in FOLDER shows.

    Only fields that differ are written, and only to records that have a partner: nothing was ever written to others.
    Nothing is deleted, nobody is opted in. It is a run of its own, and can be undone.
    """
    from zohosyncd.cli.output import print_json
    from zohosyncd.cli.plan_file import show

    place = str(folder.absolute())
    arguments = {
        "connection": name, "folder": place, "side": side, "person": person, "missing": "yes" if missing else None,
    }  # fmt: skip

    def hear(lines: Sequence[Any]) -> None:
        for line in lines:
            if not as_json:
                show(line)

    if dry or not yes:
        told = ask_and_hear(own_folder, "restore", hear, **arguments, dry="yes")
        if not as_json:
            click.echo(_counted(told, would=True))
            _say_costs(told)
        elif dry:
            print_json(told)
        if dry or not any(told[kind] for kind in ("create", "update")):
            return 0
        click.confirm("Restore this?", abort=True, err=True)
    answer = ask_and_hear(own_folder, "restore", hear if yes else None, **arguments)
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{_counted(answer, would=False)}; this was run {answer['run'] or 'none'}")
    return 0


def _counted(told: dict[str, Any], *, would: bool) -> str:
    verb = "would be" if would else "were"
    alone = f", {told['alone']} have no partner and are left alone" if told["alone"] else ""
    return (
        f"{told['update']} records {verb} set back, {told['create']} made anew; {told['stays']} stay as they are{alone}"
    )


def _say_costs(told: dict[str, Any]) -> None:
    from zohosyncd.cli.plan import price

    for side, costs in told["costs"].items():
        read, write = (price(costs[each]) for each in ("read", "write"))
        click.echo(f"  costs {side:<6} {write} to write ({costs['account']}); reading what differs was {read}")
