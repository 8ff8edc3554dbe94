"""``zohosyncd held [NAME]``: what waits for a decision."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("held")
@click.argument("name", required=False)
@config_option
@json_option
def command(name: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """List records that wait for a person's decision, with the reason and what they depend on."""
    from zohosyncd.cli.output import print_json, print_table, when

    answer = ask(own_folder, "held", connection=name)
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["connection"], each["side"], each["record_id"], each["reason"], each["field"],
            ", ".join(f"{other['side']} {other['record_id']}" for other in each["others"]), when(each["since"]),
        )
        for each in answer["held"]
    ]  # fmt: skip
    print_table(("connection", "side", "record", "reason", "field", "others", "since"), rows, empty="nothing is held")
    for reason in sorted({each["reason"] for each in answer["held"]}):
        click.echo(f"{reason}: {next(each['cure'] for each in answer['held'] if each['reason'] == reason)}")
    if rows:
        click.echo("`zohosyncd explain NAME RECORD` tells more about one of them")
    return 0
