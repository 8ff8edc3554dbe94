"""``zohosyncd quarantine [NAME]``: what an app refuses."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("quarantine")
@click.argument("name", required=False)
@config_option
@json_option
def command(name: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """List records that an app refuses or that cannot be read; each is tried again when it changes."""
    from zohosyncd.cli.output import print_json, print_table, when

    answer = ask(own_folder, "quarantine", connection=name)
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["connection"], each["side"], each["record_id"], each["code"], each["field"], each["message"],
            when(each["since"]),
        )
        for each in answer["quarantine"]
    ]  # fmt: skip
    columns = ("connection", "side", "record", "code", "field", "message", "since")
    print_table(columns, rows, empty="nothing is quarantined")
    return 0
