"""``zohosyncd snapshot NAME``: both sides in files."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("snapshot")
@click.argument("name")
@config_option
@json_option
def command(name: str, own_folder: str | None, *, as_json: bool) -> int:
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
