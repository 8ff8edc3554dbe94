"""What commands print: JSON for programs, tables for people."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click


def print_json(document: Any) -> None:
    """One JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


class JsonList:
    """One JSON document with one long list, printed as its items come.

    Args:
        name: the list's name. head: what stands before it.
    """

    def __init__(self, name: str, **head: Any) -> None:
        parts = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in head.items()]
        self._before = "".join(["{\n", *parts, f"  {json.dumps(name)}: ["])
        self._empty = True

    def add(self, item: Any) -> None:
        """The next item."""
        click.echo((self._before if self._empty else ",") + "\n    " + json.dumps(item, ensure_ascii=False), nl=False)
        self._empty = False

    def end(self) -> None:
        """No more items."""
        click.echo((self._before if self._empty else "\n  ") + "]\n}")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Columns side by side; ``empty`` where there are no rows. One row is one line, except on a terminal."""
    if not rows:
        click.echo(empty)
        return
    if sys.stdout.isatty():
        _print_rich(columns, rows)
        return
    texts = [[str(value) for value in row] for row in rows]
    widths = [max(len(column), *(len(row[at]) for row in texts)) for at, column in enumerate(columns)]
    click.echo("  ".join(column.upper().ljust(width) for column, width in zip(columns, widths, strict=True)).rstrip())
    for row in texts:
        click.echo("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())


def _print_rich(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """The same for a terminal: long values wrap inside their column."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from zohosyncd.cli.terminal import drawn_on, harmless

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(str(value))) for value in row))
    Console(highlight=False, file=drawn_on(sys.stdout)).print(table)


def when(moment: float) -> str:
    """A moment for people, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def shown(value: Any) -> str:
    """A value of a record on one line."""
    if value is None or value == []:
        return "-"
    if isinstance(value, list):
        return ", ".join(f"{item['value']}" + (f" ({item['label']})" if item["label"] else "") for item in value)
    if isinstance(value, dict):
        return ", ".join(part for part in value.values() if part)
    return " ".join(str(value).split())[:60]


def print_entry(entry: dict[str, Any]) -> None:
    """A line of history, with its values below it."""
    words = (entry["kind"], entry["side"], ", ".join(entry["fields"]), entry["reason"])
    click.echo(f"{when(entry['at'])}  " + " ".join(word for word in words if word))
    for what in ("before", "after", "lost"):
        if entry[what]:
            click.echo(f"    {what}: " + ", ".join(f"{field} = {shown(v)}" for field, v in entry[what].items()))


def counted(numbers: dict[str, int]) -> str:
    """``{"a": 1}`` as ``1 a``; "none" where nothing counts."""
    return ", ".join(f"{count} {name}" for name, count in numbers.items() if count) or "none"
