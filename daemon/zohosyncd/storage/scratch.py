"""A copy of the state to rehearse on: made while the daemon works, thrown away afterwards.

It lies in a private folder beside the state, where there is room for the state anyway. What a killed process has left
there is removed at the next start. Values in it are encrypted as they are in the state.
"""

import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import anyio

from zohosyncd.core.errors import StateError
from zohosyncd.storage import sqlite
from zohosyncd.storage.sqlite import AsyncCreator

_PAGES: Final = 1000
"""Pages (of 4 KiB) that are copied at a time: between two such pieces everybody else has a turn."""


class _Stopped(Exception):
    """The copy is not wanted any more."""


@asynccontextmanager
async def copied(path: Path, create: AsyncCreator) -> AsyncIterator[Path]:
    """A copy of the state as it is at one moment; its folder is removed at the end.

    Args:
        path: the state file. create: makes connections.

    Raises:
        StateError: there is no room for it, or the folder cannot be written.
    """
    try:
        folder = Path(mkdtemp(prefix=_prefix(path), dir=path.parent))  # mode 0700
    except OSError as error:
        raise StateError(
            f"no copy of the state can be made in {path.parent}: {error.strerror}",
            hint="the daemon's user has to own the state file's folder, and the disk needs room for a second copy",
        ) from error
    try:
        copy = folder / path.name
        copy.touch(mode=0o600)
        await copy_state(path, copy, create)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_over(path: Path) -> None:
    """Remove copies that a killed process has left. Only for who holds the state's lock."""
    for folder in path.parent.glob(f"{_prefix(path)}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(path: Path) -> str:
    return f"{path.name}.scratch-"


async def copy_state(path: Path, copy: Path, create: AsyncCreator) -> None:
    """Copy a state as it is at one moment into an empty file; nobody has to wait meanwhile.

    Raises StateError.
    """
    stop = threading.Event()
    connection = create(sqlite.connector(path))
    try:
        await connection
        await connection.run(partial(_back_up, copy, stop))
    except sqlite3.Error as error:
        raise sqlite.explain(error, path) from error
    finally:
        stop.set()
        with anyio.CancelScope(shield=True):
            await connection.close()


def _back_up(copy: Path, stop: threading.Event, raw: sqlite3.Connection) -> None:
    """Copy page by page within one read transaction: whatever is written meanwhile is neither seen nor held up."""

    def stopped(_status: int, _remaining: int, _total: int) -> None:
        if stop.is_set():
            raise _Stopped

    raw.execute("PRAGMA query_only = ON")
    raw.execute("BEGIN")
    raw.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on the picture stands still
    target = sqlite3.connect(copy, isolation_level=None)
    try:
        target.execute("PRAGMA synchronous = OFF")
        raw.backup(target, pages=_PAGES, progress=stopped)
    finally:
        target.close()
        raw.execute("ROLLBACK")
