"""``zohosyncd approve NAME|BATCH``: release what waits for a person."""

from collections.abc import Sequence
from typing import Any

import click

from zohosyncd.cli.asking import ask, ask_and_hear, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("approve")
@click.argument("what", shell_complete=connections, metavar="NAME|BATCH")
@click.option("--show", "shows", is_flag=True, help="Only show what would be released: who, which fields, old and new.")
@config_option
@json_option
def command(what: str, own_folder: str | None, *, shows: bool, as_json: bool) -> int:
    """Release the first sync of a connection, or what the guard stopped: all of NAME's, or one BATCH.

    Where a complete read lacked too much, approving says that it may be gone: each is looked for by its id once more.
    What was approved is read and decided anew before it is sent, and sent only if it is still the same.
    """
    from zohosyncd.cli.output import print_json

    if shows:
        return _show(what, own_folder, as_json=as_json)
    answer = ask(own_folder, "approve", what=what)
    if as_json:
        print_json(answer)
    elif answer["first_sync"]:
        click.echo(f"{answer['connection']}: the first sync is approved; the next run starts it")
    elif answer["accepted"] and not answer["released"]:
        click.echo(f"{answer['connection']}: {answer['gone']} records are gone; the next run decides what follows")
    else:
        click.echo(f"{answer['connection']}: {answer['released']} writes are released; the next run sends them")
    return 0


def _show(what: str, own_folder: str | None, *, as_json: bool) -> int:
    import json

    from zohosyncd.cli.plan_file import show

    def hear(lines: Sequence[Any]) -> None:
        for line in lines:
            if as_json:
                click.echo(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
            else:
                show(line)

    answer = ask_and_hear(own_folder, "waiting", hear, what=what)
    if not as_json:
        click.echo(f"{answer['waiting']} lines wait for approval" if answer["waiting"] else "nothing of it waits")
    return 0
