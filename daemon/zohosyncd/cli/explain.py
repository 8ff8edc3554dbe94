"""``zohosyncd explain NAME EMAIL|ID``: everything about one person, and why."""

from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections


@click.command("explain")
@click.argument("name", shell_complete=connections)
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


_STANDINGS = {"in": "in scope", "out": "out of scope", "leaving": "leaving the rules"}


def _print(person: dict[str, Any]) -> None:
    from zohosyncd.cli.output import print_entry, print_table, shown

    for side, record in person["records"].items():
        click.echo(f"{side}: {record['id'] or 'no record'} ({record['state']})")
    how = " (by a person)" if person["by_hand"] else ""
    click.echo(
        f"link: {person['link']}{how}"
        + (f", {_STANDINGS.get(person['standing'], person['standing'])}" if person["standing"] else "")
    )
    rows = [
        (
            each["pair"], shown(each["left"]), each.get("left_is", ""), shown(each["right"]), each.get("right_is", ""),
            each["decided"],
        )
        for each in person["fields"]
    ]  # fmt: skip
    print_table(("field", "left", "is", "right", "is", "now"), rows, empty="no fields are known")
    for side, findings in person["rules"].items():
        for finding in findings:
            _print_finding(side, finding, "")
    for each in person["candidates"]:
        linked = f", linked to {each['linked_to']}" if each["linked_to"] else ""
        click.echo(f"candidate: {each['side']} {each['record_id']} shares {', '.join(each['shares'])}{linked}")
    for each in person["writes_under_way"]:
        click.echo(f"under way: {each['kind']} {each['side']}, {each['state']} for {each['seconds']} s")
    for each in person["held"]:
        click.echo(f"held: {each['reason']} {each['field']} ({each['side']})")
    for each in person["quarantined"]:
        click.echo(f"quarantined: {each['code']} {each['field']}: {each['message']}")
    click.echo(f"next: {person['next_action']}")
    for each in person["history"]:
        print_entry(each)
    click.echo()


def _print_finding(side: str, finding: dict[str, Any], indent: str) -> None:
    """A clause of a rule, with the value that it has seen, and the clauses inside."""
    seen = f" (seen: {finding['seen'] or 'nothing'})" if not finding["parts"] else ""
    click.echo(f"{indent}rule {side} {finding['path']}: {finding['words']}: {finding['truth']}{seen}")
    for each in finding["parts"]:
        _print_finding(side, each, indent + "  ")
