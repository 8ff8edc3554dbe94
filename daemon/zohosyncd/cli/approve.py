"""``zohosyncd approve NAME|BATCH``: release what waits for a person."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("approve")
@click.argument("what", metavar="NAME|BATCH")
@config_option
@json_option
def command(what: str, own_folder: str | None, *, as_json: bool) -> int:
    """Release the first sync of a connection, or writes that the guard stopped: all of NAME's, or one BATCH.

    What was approved is read and decided anew before it is sent, and sent only if it is still the same.
    """
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "approve", what=what)
    if as_json:
        print_json(answer)
    elif answer["first_sync"]:
        click.echo(f"{answer['connection']}: the first sync is approved; the next run starts it")
    else:
        click.echo(f"{answer['connection']}: {answer['released']} writes are released; the next run sends them")
    return 0
