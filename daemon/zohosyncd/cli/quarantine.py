"""``zohosyncd quarantine``: what an app refuses; try it again, or accept it."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections
from zohosyncd.cli.verbs import Verbs


@click.group("quarantine", cls=Verbs)
def command() -> None:
    """List what an app refuses (quarantine [NAME]); try it again, or accept it (quarantine retry, quarantine drop)."""


@command.command("list", hidden=True)
@click.argument("name", shell_complete=connections, required=False)
@config_option
@json_option
def listing(name: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """List records that an app refuses or that cannot be read; each is tried again when it changes."""
    from zohosyncd.cli.output import print_json, print_table, when

    answer = ask(own_folder, "quarantine", connection=name)
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["connection"], each["side"], each["record_id"], each["who"], each["code"], each["field"],
            each["message"], when(each["since"]),
        )
        for each in answer["quarantine"]
    ]  # fmt: skip
    columns = ("connection", "side", "record", "who", "code", "field", "message", "since")
    print_table(columns, rows, empty="nothing is quarantined")
    return 0


@command.command("retry")
@click.argument("name", shell_complete=connections)
@click.argument("record", required=False)
@click.option("--reason", metavar="CODE", help="Try everything again that is refused with this code.")
@config_option
@json_option
def retry(name: str, record: str | None, reason: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """Look at the refused RECORD of connection NAME again and write it again, or all of a code."""
    from zohosyncd.cli.decided import decide

    return decide(
        own_folder, "retry_quarantined", "tried again in the next run", as_json=as_json, one=record is not None,
        connection=name, record=record, reason=reason,
    )  # fmt: skip


@command.command("drop")
@click.argument("name", shell_complete=connections)
@click.argument("record", required=False)
@click.option("--reason", metavar="CODE", help="Accept everything that is refused with this code.")
@config_option
@json_option
def drop(name: str, record: str | None, reason: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """Accept that RECORD of connection NAME does not travel: it is listed no more until it changes."""
    from zohosyncd.cli.decided import decide

    return decide(
        own_folder, "drop_quarantined", "accepted until it changes", as_json=as_json, one=record is not None,
        connection=name, record=record, reason=reason,
    )  # fmt: skip
