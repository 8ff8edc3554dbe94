"""``zohosyncd resume NAME | --all``."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("resume")
@click.argument("name", shell_complete=connections, required=False)
@click.option("--all", "every", is_flag=True, help="All connections.")
@config_option
@json_option
def command(name: str | None, own_folder: str | None, *, every: bool, as_json: bool) -> int:
    """Let the connection NAME, or all that are paused, write again."""
    from zohosyncd.cli.output import print_json

    if (name is None) != every:
        raise click.UsageError("name one connection, or say --all")
    answer = ask(own_folder, "resume", connection=name)
    if as_json:
        print_json(answer)
        return 0
    for each in answer["resumed"]:
        click.echo(f"{each}: writes again")
    if not answer["resumed"]:
        click.echo("nothing was paused")
    return 0
