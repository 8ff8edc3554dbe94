"""Commands that decide page by page: they tell what was done, and why what could not be done was not."""

from collections import Counter
from typing import Any

import click

from zohosyncd.cli.asking import ask_pages


def decide(
    own_folder: str | None, command: str, said: str, *, as_json: bool, one: bool, quiet: bool = True, then: str = "",
    **arguments: str | None,
) -> int:  # fmt: skip
    """Carry it out, and answer the exit code: 1 if something could not be done now.

    Args:
        said: what was done, as "decided: take left". one: it is about one record. quiet: many are only counted.
        then: what comes of it, for people.
    """
    from zohosyncd.cli.output import JsonList

    listed = JsonList("decided", said=said) if as_json else None
    count: Counter[str] = Counter()

    def show(page: dict[str, Any]) -> None:
        for word in ("done", "failed"):
            for each in page[word]:
                count[word] += 1
                if listed is not None:
                    listed.add({**each, "done": word == "done"})
                elif word == "failed" or one or not quiet:
                    click.echo(_line(each, said))

    ask_pages(own_folder, command, arguments, show)
    if listed is not None:
        listed.end()
    elif not one:
        failed = f", {count['failed']} could not be now" if count["failed"] else ""
        click.echo(f"{said}: {count['done']}{failed}")
    if then and count["done"] and listed is None:
        click.echo(then)
    return 1 if count["failed"] else 0


def _line(each: dict[str, Any], said: str) -> str:
    what = f"{each['side']} {each['record_id']}" + (f" {each['field']}" if each["field"] else "")
    return f"{what} ({each['reason']}): {each.get('error') or said}"
