"""A status that stays up to date: on a terminal in its place, elsewhere whenever something has changed."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

SECONDS: Final = 2.0
"""Between two looks."""

_NO_DAEMON: Final = "no daemon answers: start one with `zohosyncd run`; this screen finds it by itself"
_MOVING: Final = frozenset(
    {"uptime_seconds", "oldest_pending_seconds", "in_flight", "queued", "seconds", "expires_in_seconds", "last_run"}
)
"""What differs at each look without being news."""

Print = Callable[[dict[str, Any]], None]


def watch_status(own_folder: str | None, show: Print, *, as_json: bool) -> int:
    """Look again and again until Ctrl-C, which is its regular end.

    Args:
        own_folder: folder of the configuration. show: prints a status as a person reads it.
        as_json: one line of JSON for each change instead.
    """
    import anyio

    from zohosyncd.cli.asking import folder_of

    folder = folder_of(own_folder)
    terminal = sys.stdout.isatty() and not as_json
    try:
        with _screen() if terminal else _lines(as_json=as_json) as update:
            anyio.run(_look_again_and_again, folder, show, update)
    except KeyboardInterrupt:
        return 0
    return 0


Update = Callable[[dict[str, Any] | None, Print], None]
"""Shows a status, None for "no daemon answers"."""


async def _look_again_and_again(folder: Path, show: Print, update: Update) -> None:
    import anyio

    while True:
        update(await _look(folder), show)
        await anyio.sleep(SECONDS)


async def _look(folder: Path) -> dict[str, Any] | None:
    """What the running daemon says. Nothing is asked of the apps from here, and no state is opened."""
    from zohosyncd.cli.asking import daemon_socket
    from zohosyncd.core.errors import Unavailable
    from zohosyncd.web.client import NobodyThere, ask

    try:
        control = await daemon_socket(folder)
        return None if control is None else await ask(control, "status", {})
    except (NobodyThere, Unavailable):
        return None


@contextmanager
def _lines(*, as_json: bool) -> Iterator[Update]:
    """Below each other, whenever something has changed."""
    before: object = ()

    def update(status: dict[str, Any] | None, show: Print) -> None:
        nonlocal before
        news = None if status is None else _still(status)
        if news == before:
            return
        if as_json:
            click.echo(json.dumps(status, ensure_ascii=False))
        else:
            click.echo(("" if before == () else "\n") + _shown(status, show), nl=False)
        before = news

    yield update


def _still(value: Any) -> Any:
    """The same without what moves at each look."""
    if isinstance(value, dict):
        return {key: _still(each) for key, each in value.items() if key not in _MOVING}
    return [_still(each) for each in value] if isinstance(value, list) else value


def _shown(status: dict[str, Any] | None, show: Print) -> str:
    head = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}\n"
    if status is None:
        return f"{head}{_NO_DAEMON}\n"
    text = io.StringIO()
    with redirect_stdout(text):
        show(status)
    return head + text.getvalue()


@contextmanager
def _screen() -> Iterator[Update]:
    """On the other screen of a terminal; what was seen last stays when it ends."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from zohosyncd.cli.terminal import drawn_on, harmless

    console, last = Console(highlight=False, file=drawn_on(sys.stdout)), ""

    def update(status: dict[str, Any] | None, show: Print) -> None:
        nonlocal last
        last = _shown(status, show)
        live.update(Text(harmless(last)), refresh=True)

    try:
        with Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
            yield update
    finally:
        click.echo(last, nl=False)
