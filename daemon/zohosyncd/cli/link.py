"""``zohosyncd link NAME LEFT RIGHT``: two records are the same person."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("link")
@click.argument("name", shell_complete=connections)
@click.argument("left", metavar="LEFT")
@click.argument("right", metavar="RIGHT")
@click.option("--replace", is_flag=True, help="Give up the links that one of the two has to others.")
@config_option
@json_option
def command(name: str, left: str, right: str, own_folder: str | None, *, replace: bool, as_json: bool) -> int:
    """Keep the records LEFT and RIGHT of connection NAME the same: they are one person.

    Each is named by its id or by an e-mail that nobody else has on its side. The link is remembered for ever, also
    when addresses change.
    """
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "link", connection=name, left=left, right=right, replace="yes" if replace else None)
    if as_json:
        print_json(answer)
        return 0
    again = " (they were linked before; now by your word)" if answer["linked_before"] else ""
    click.echo(f"linked: left {answer['left']} and right {answer['right']}{again}")
    for each in answer["freed"]:
        click.echo(f"no longer linked: {each['side']} {each['record_id']}; it is looked at again in the next run")
    return 0
