"""``zohosyncd restore-state FILE``: a backup takes the place of the state."""

import time
from pathlib import Path

import click

from zohosyncd.cli.asking import config_option, folder_of, json_option, load_settings


@click.command("restore-state")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def command(file: Path, own_folder: str | None, *, yes: bool, as_json: bool) -> int:
    """Put the backup FILE in the place of the state. The daemon has to be stopped; the state of before is kept beside.

    At its next start the daemon recovers: it reads both sides of every connection completely and links again before
    anything else, creates and deletes nobody without your approval, and decides no clash. `status` tells how it goes.
    """
    from zohosyncd.cli.output import print_json, when
    from zohosyncd.storage import look_into, put_back
    from zohosyncd.supervisor.state_key import state_key

    settings = load_settings(folder_of(own_folder))
    key, state = state_key(settings), Path(settings.service.state)
    found = look_into(file, key)
    if not yes:
        click.echo(
            f"{file} holds {found.connections} connections, {found.records} records and {found.links} links; "
            f"its last change is of {when(found.newest) or 'never'} UTC",
            err=True,
        )
        click.confirm(f"Put it in the place of {state}?", abort=True, err=True)
    done = put_back(state, file, key, time.time())
    if as_json:
        print_json(
            {
                "state": str(state),
                "replaced": str(done.replaced) if done.replaced else None,
                "connections": found.connections,
                "records": found.records,
                "links": found.links,
                "newest": found.newest,
                "erased_again": done.erased,
            }
        )
        return 0
    click.echo(f"{state} is the backup now" + (f"; what was there is {done.replaced}" if done.replaced else ""))
    if done.erased:
        click.echo(f"{done.erased} people who had been erased since were erased from it, too")
    click.echo("start the daemon: it reads everything and links again before it creates or deletes anybody")
    return 0
