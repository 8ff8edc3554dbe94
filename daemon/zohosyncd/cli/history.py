"""``zohosyncd history NAME [EMAIL|ID]``: what was written and decided, with the values."""

import re
import time
from datetime import UTC, datetime
from typing import Any, Final

import click

from zohosyncd.cli.asking import ask_pages, config_option, json_option
from zohosyncd.cli.completing import connections

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@click.command("history")
@click.argument("name", shell_complete=connections)
@click.argument("query", metavar="[EMAIL|ID]", required=False)
@click.option("--since", metavar="TIME", help="Not before: 7d, 12h, 30m, or 2026-01-31, 2026-01-31T08:00 (UTC).")
@click.option("--run", metavar="RUN", help="Only of this run.")
@config_option
@json_option
def command(
    name: str, query: str | None, since: str | None, run: str | None, own_folder: str | None, *, as_json: bool
) -> int:
    """List the journal of the connection NAME, the newest first: every write and every decision, with the values."""
    from zohosyncd.cli.output import JsonList, print_entry

    listed = JsonList("history", connection=name) if as_json else None
    moment = repr(moment_of(since, time.time())) if since else None
    found = False

    def show(page: dict[str, Any]) -> None:
        nonlocal found
        for each in page["history"]:
            found = True
            if listed is not None:
                listed.add(each)
            else:
                click.echo(f"{each['run'] or '-':<12} left {each['left'] or '-'} right {each['right'] or '-'}")
                print_entry(each)

    arguments = {"connection": name, "query": query, "since": moment, "run": run}
    ask_pages(own_folder, "history", arguments, show, cursor="before")
    if listed is not None:
        listed.end()
    elif not found:
        click.echo("nothing has happened")
    return 0


def moment_of(text: str, now: float) -> float:
    """Wall seconds of "7d" (ago) or of a date, with or without time; without a zone it is UTC.

    Raises:
        click.BadParameter: it is neither.
    """
    ago = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        hint = "say 7d, 12h, 30m, or 2026-01-31T08:00"
        raise click.BadParameter(f"{text} is no time; {hint}", param_hint="--since") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
