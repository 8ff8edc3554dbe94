"""``zohosyncd explain NAME EMAIL|ID``: everything about one person, and why."""

from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("explain")
@click.argument("name")
@click.argument("query", metavar="EMAIL|ID")
@config_option
@json_option
def command(name: str, query: str, own_folder: str | None, *, as_json: bool) -> int:
    """Tell what the connection NAME knows of a person: records, link, differences, holds, history."""
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "explain", connection=name, query=query)
    if as_json:
        print_json(answer)
        return 0
    for person in answer["persons"]:
        _print(person)
    return 0


def _print(person: dict[str, Any]) -> None:
    from zohosyncd.cli.output import print_entry, print_table, shown

    for side, record in person["records"].items():
        click.echo(f"{side}: {record['id'] or 'no record'} ({record['state']})")
    click.echo(f"link: {person['link']}")
    rows = [
        (
            each["pair"], shown(each["left"]), each.get("left_is", ""), shown(each["right"]), each.get("right_is", "")
        )
        for each in person["fields"]
    ]  # fmt: skip
    print_table(("field", "left", "is", "right", "is"), rows, empty="no fields are known")
    for each in person["held"]:
        click.echo(f"held: {each['reason']} {each['field']} ({each['side']})")
    for each in person["quarantined"]:
        click.echo(f"quarantined: {each['code']} {each['field']}: {each['message']}")
    for each in person["history"]:
        print_entry(each)
    click.echo()
