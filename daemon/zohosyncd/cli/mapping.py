"""``zohosyncd mapping NAME``: the pairs of fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections

_ARROWS = {"both": "<->", "left_to_right": "-->", "right_to_left": "<--"}


@click.command("mapping")
@click.argument("name", shell_complete=connections)
@config_option
@json_option
def command(name: str, own_folder: str | None, *, as_json: bool) -> int:
    """List every pair of fields of the connection NAME: types, direction, what was wished, and what is not mapped."""
    from zohosyncd.cli.output import print_json, print_table

    answer = ask(own_folder, "mapping", connection=name)
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["pair"], _fields(each["left"]), _ARROWS[each["direction"]], _fields(each["right"]),
            "; ".join(_wishes(each)), each["narrowed"],
        )
        for each in answer["pairs"]
    ]  # fmt: skip
    print_table(("pair", "left", "", "right", "how", "why narrower"), rows, empty="no pairs")
    for sentence in answer["dropped"]:
        click.echo(f"left out: {sentence}")
    for sentence in answer["without_word"]:
        click.echo(f"note: {sentence}; records with them are quarantined")
    for side, fields in answer["unmapped"].items():
        click.echo(f"not mapped on the {side} ({answer['accounts'][side]}): {_fields(fields) or 'nothing'}")
    return 0


def _fields(fields: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{each['name']} ({each['type']})" for each in fields)


def _wishes(pair: Mapping[str, Any]) -> Iterator[str]:
    """What is not as by default."""
    if pair["set"]:
        yield "merged as a set"
    if pair["winner"]:
        yield f"winner {pair['winner']}"
    if pair["cleared"] != "travel":
        yield f"cleared {pair['cleared']}"
    if pair["values"]:
        yield ", ".join(f"{left} = {right}" for left, right in pair["values"].items())
    steps = (each if isinstance(each, str) else " ".join(f'{key} "{text}"' for key, text in each.items())
             for each in pair["convert"])  # fmt: skip
    if pair["convert"]:
        yield ", ".join(steps)
