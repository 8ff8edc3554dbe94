"""``zohosyncd undo NAME``: what was written comes back."""

import time
from collections.abc import Sequence
from typing import Any

import click

from zohosyncd.cli.asking import ask_and_hear, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("undo")
@click.argument("name", shell_complete=connections)
@click.option("--run", metavar="RUN", help="All writes of this run; `history` lists runs.")
@click.option("--person", metavar="EMAIL|ID", help="All writes to this person.")
@click.option("--since", metavar="TIME", help="Not before: 7d, 12h, 30m, or 2026-01-31, 2026-01-31T08:00 (UTC).")
@click.option("--field", metavar="FIELD", help="Only this field, or pair of fields.")
@click.option("--dry-run", "dry", is_flag=True, help="Only show what would come back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def command(
    name: str, run: str | None, person: str | None, since: str | None, field: str | None, own_folder: str | None,
    *, dry: bool, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Undo what was written by the connection NAME: every field that still shows it gets its old value back.

    What a person has edited since stays. Records that were created are deleted, and are not created again; deleted ones
    are made anew, under other ids. Nobody is opted in again. An undo is a run of its own, and can be undone.
    """
    from zohosyncd.cli.history import moment_of
    from zohosyncd.cli.output import print_json

    moment = repr(moment_of(since, time.time())) if since else None
    arguments = {"connection": name, "run": run, "person": person, "since": moment, "field": field}

    def hear(lines: Sequence[Any]) -> None:
        from zohosyncd.cli.plan_file import show

        for line in lines:
            if not as_json:
                show(line)

    if dry or not yes:
        told = ask_and_hear(own_folder, "undo", hear, **arguments, dry="yes")
        if not as_json:
            click.echo(_counted(told, would=True))
        if dry:
            if as_json:
                print_json(told)
            return 0
        if not any(told[kind] for kind in ("create", "update", "delete")):
            return 0
        click.confirm("Undo this?", abort=True, err=True)
    answer = ask_and_hear(own_folder, "undo", hear if yes else None, **arguments)
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{_counted(answer, would=False)}; this was run {answer['run']}")
    return 0


def _counted(told: dict[str, Any], *, would: bool) -> str:
    verb = "would be" if would else "were"
    return (
        f"{told['update']} records {verb} set back, {told['delete']} deleted, {told['create']} made anew under other "
        f"ids; {told['stays']} stay as they are"
    )
