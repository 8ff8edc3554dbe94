"""``zohosyncd contacts NAME``: where every record of both sides stands, and why."""

import csv
import sys
from collections import Counter
from typing import Any

import click

from zohosyncd.cli.asking import ask_pages, config_option, json_option
from zohosyncd.cli.completing import connections

_COLUMNS = ("side", "account", "record_id", "state", "reason", "partner", "name", "email")
_WIDTHS = (5, 24, 9, 16, 24)
_STATES = "in_sync, pending, excluded, duplicate, ambiguous, held, refused, frozen or deleted"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters by which a spreadsheet takes a text for a formula (OWASP ASVS 1.2.10), also in full width."""


@click.command("contacts")
@click.argument("name", shell_complete=connections)
@click.option("--state", metavar="STATE", help=f"Only these: {_STATES}.")
@click.option("--reason", metavar="R", help="Only these: the reason as it is listed.")
@click.option("--side", metavar="SIDE", help="Only one side: left, right or the account's name.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV; a leading ' keeps spreadsheets from calculating.")
@config_option
@json_option
def command(
    name: str, state: str | None, reason: str | None, side: str | None, own_folder: str | None, *, as_csv: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """List every record of both sides of the connection NAME: its one state, why, and who its partner is."""
    from zohosyncd.cli.output import JsonList

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    count: Counter[str] = Counter()
    listed = JsonList("contacts", connection=name) if as_json else None
    table = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL, lineterminator="\n") if as_csv else None

    def show(page: dict[str, Any]) -> None:
        if table is not None and not count["pages"]:
            table.writerow(_COLUMNS)
        count["pages"] += 1
        for each in page["contacts"]:
            count[each["state"]] += 1
            if listed is not None:
                listed.add(each)
            elif table is not None:
                table.writerow([safe(each[column]) for column in _COLUMNS])
            else:
                click.echo(_line(each))

    arguments = {"connection": name, "state": state, "reason": reason, "side": side}
    ask_pages(own_folder, "contacts", arguments, show)
    del count["pages"]
    if listed is not None:
        listed.end()
    elif table is None:
        click.echo(", ".join(f"{many} {word}" for word, many in sorted(count.items())) or "no records")
    return 0


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _line(each: dict[str, Any]) -> str:
    words = (each["side"], each["record_id"], each["state"], each["reason"], each["partner"])
    columns = [" ".join(str(word).split()).ljust(width) for word, width in zip(words, _WIDTHS, strict=True)]
    who = f"{each['name']} <{each['email']}>" if each["email"] else each["name"]
    return "  ".join([*columns, " ".join(who.split())]).rstrip()
