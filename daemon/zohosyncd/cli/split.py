"""``zohosyncd split NAME LEFT RIGHT``: two records are two people."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("split")
@click.argument("name", shell_complete=connections)
@click.argument("left", metavar="LEFT")
@click.argument("right", metavar="RIGHT")
@config_option
@json_option
def command(name: str, left: str, right: str, own_folder: str | None, *, as_json: bool) -> int:
    """Tell the records LEFT and RIGHT of connection NAME apart: they are two people.

    Each gets a partner of its own on the other side, as far as rules and direction allow, also where both have the same
    address; `link` ends that. What was carried from one to the other stays. Each is named by its id or by an e-mail
    that nobody else has on its side.
    """
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "split", connection=name, left=left, right=right)
    if as_json:
        print_json(answer)
        return 0
    click.echo(f"left {answer['left']} and right {answer['right']}: two people from now on")
    return 0
