"""``zohosyncd connectors``: the apps, and what a pair of them can do."""

import click

from zohosyncd.cli.asking import json_option


@click.command("connectors")
@click.option("--pair", "two", nargs=2, metavar="APP APP", help="What a connection of these two apps can do.")
@json_option
def command(two: tuple[str, str] | None, *, as_json: bool) -> int:
    """List the apps that can be synced, or what a pair of them can do: filters, actions, deletions, consent.

    It needs no configuration and asks no app: an account, or one of its objects, may have less.
    """
    from zohosyncd.cli.output import print_json, print_table
    from zohosyncd.connectors.registry import BY_NAME, SPECS
    from zohosyncd.supervisor import pairing

    if two is None:
        if as_json:
            print_json({"apps": [pairing.app(spec) for spec in SPECS]})
        else:
            columns = ("app", "name", "containers", "owner", "consent", "times", "deletions are", "can delete")
            print_table(columns, [pairing.told(spec) for spec in SPECS], empty="no apps")
        return 0
    for name in two:
        if name not in BY_NAME:
            raise click.UsageError(f"there is no app {name}; there are {', '.join(BY_NAME)}")
    rows = pairing.pair(*(BY_NAME[name] for name in two))
    if as_json:
        print_json({"left": two[0], "right": two[1], "rows": [row.as_json() for row in rows]})
    else:
        lines = [(row.part, row.where, ", ".join(row.choices) or "-", row.note) for row in rows]
        print_table(("part", "where", "choices", "note"), lines, empty="nothing")
    return 0
