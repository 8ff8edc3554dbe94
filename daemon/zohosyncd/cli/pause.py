"""``zohosyncd pause NAME | --all``."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("pause")
@click.argument("name", shell_complete=connections, required=False)
@click.option("--all", "every", is_flag=True, help="All connections.")
@config_option
@json_option
def command(name: str | None, own_folder: str | None, *, every: bool, as_json: bool) -> int:
    """Let the connection NAME, or all, write nothing until `resume`: also after a restart.

    It goes on reading, so that `status` tells how many changes wait; what had been sent gets its outcome.
    """
    from zohosyncd.cli.output import print_json, when

    if (name is None) != every:
        raise click.UsageError("name one connection, or say --all")
    answer = ask(own_folder, "pause", connection=name)
    if as_json:
        print_json(answer)
        return 0
    for each, state in answer["paused"].items():
        rest = "" if state["at_rest"] else "; what is under way is still being finished"
        click.echo(f"{each}: paused since {when(state['since'])}{rest}")
    if not answer["paused"]:
        click.echo("there is nothing to pause")
    return 0
