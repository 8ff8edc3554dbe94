"""``zohosyncd mapping NAME``: the pairs of fields."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option

_ARROWS = {"both": "<->", "left_to_right": "-->", "right_to_left": "<--"}


@click.command("mapping")
@click.argument("name")
@config_option
@json_option
def command(name: str, own_folder: str | None, *, as_json: bool) -> int:
    """List every pair of fields of the connection NAME with its direction, and what is not mapped."""
    from zohosyncd.cli.output import print_json, print_table

    answer = ask(own_folder, "mapping", connection=name)
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["pair"], ", ".join(each["left"]), _ARROWS[each["direction"]], ", ".join(each["right"]),
            "merged as a set" if each["set"] else "", each["narrowed"],
        )
        for each in answer["pairs"]
    ]  # fmt: skip
    print_table(("pair", "left", "", "right", "", "why narrower"), rows, empty="no pairs")
    for sentence in answer["dropped"]:
        click.echo(f"left out: {sentence}")
    for side, names in answer["unmapped"].items():
        click.echo(f"not mapped on the {side}: {', '.join(names) or 'nothing'}")
    return 0
