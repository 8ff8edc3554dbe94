"""SQLite: the connection, its thread, its pragmas, and whether a file is ours.

aiosqlite owns the thread of each connection. A whole unit of work runs there at once, in one crossing: a crossing costs
more than the statement it carries. On that thread SQLAlchemy Core speaks to the same sqlite3 connection. With
``isolation_level=None`` sqlite3 leaves transactions alone, and we say BEGIN ourselves: the driver's own habit of
committing behind our back would let a released savepoint survive a rollback of its transaction.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from zohosyncd.core.errors import StateError
from zohosyncd.storage.private_file import make_private

T = TypeVar("T")

APPLICATION_ID: Final = 0x5A534443
"""Marks our files (``PRAGMA application_id``): "ZSDC"."""

_BUSY_SECONDS: Final = 10
_WRITER_CACHE_KIB: Final = 8192
_READER_CACHE_KIB: Final = 1024
_JOURNAL_LIMIT: Final = 16 * 1024 * 1024
_IO_ERROR: Final = 10  # SQLITE_IOERR, the low byte of all its kinds
_FULL: Final = 13  # SQLITE_FULL
_READ_ONLY: Final = 8  # SQLITE_READONLY
DAMAGED: Final = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB
_HEADER: Final = b"SQLite format 3\0"

_RESTORE = (
    "stop the daemon and put a backup back with `zohosyncd restore-state FILE`; without one, move the file away, with "
    "all whose names begin like its own, and start a first sync again"
)


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions on its thread."""

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function on the connection's thread, after everything asked before; the result is its result."""
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]
        return result


AsyncCreator = Callable[[Callable[[], sqlite3.Connection]], Connection]
"""Makes a connection from a function that opens the file."""


def threaded(connector: Callable[[], sqlite3.Connection]) -> Connection:
    """A connection with a thread of its own."""
    made = Connection(connector, iter_chunk_size=64)
    made._thread.daemon = True  # noqa: SLF001 - a thread that waits for the disk must not hold up an exit
    return made


_handed = threading.local()


def _leave_open(dbapi_connection: object) -> None:
    """Aiosqlite closes what it has opened."""


_ENGINE: Final = sa.create_engine(
    "sqlite+pysqlite://",
    creator=lambda: _handed.raw,
    poolclass=NullPool,
    isolation_level="AUTOCOMMIT",
    hide_parameters=True,  # ids of people's records stay out of error messages
)
"""One for all connections of the process, each of which a :class:`Session` hands to it: an engine keeps the statements
that it has compiled, and compiling them anew for each connection takes longer than executing them."""
_ENGINE.dialect.do_close = _leave_open  # type: ignore[method-assign]


class Session:
    """One connection with SQLAlchemy on it; used on the connection's thread only."""

    def __init__(self, raw: sqlite3.Connection, *, writes: bool, durable: bool = True) -> None:
        self.raw = raw
        _set_up(raw, writes=writes, durable=durable)
        # SQLAlchemy's own BEGIN is a no-op here: the driver's must never come back.
        raw.isolation_level = None
        self._begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        _handed.raw = raw
        try:
            self.sql = _ENGINE.connect()
        finally:
            del _handed.raw

    def begin(self) -> None:
        """Start a transaction; a writing one takes the write lock at once."""
        self.raw.execute(self._begin)

    def commit(self) -> None:
        """End the transaction; what was written is on the disk when this returns."""
        self.raw.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, if it is still open (a full disk ends it by itself)."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; a full disk ends it by itself."""
        return self.raw.in_transaction

    def savepoint(self) -> None:
        """What follows can be undone alone."""
        self.raw.execute("SAVEPOINT unit")

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        self.raw.execute("RELEASE unit")

    def undo(self) -> None:
        """Undo what was done since the savepoint."""
        self.raw.execute("ROLLBACK TO unit")
        self.raw.execute("RELEASE unit")

    def close(self) -> None:
        """Give SQLAlchemy's part back."""
        self.sql.close()


def connector(path: Path) -> Callable[[], sqlite3.Connection]:
    """A function that opens the file, which has to exist."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return lambda: sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )


def _set_up(raw: sqlite3.Connection, *, writes: bool, durable: bool) -> None:
    pragmas: dict[str, Any] = {
        "auto_vacuum": "INCREMENTAL",  # only before the first table; it lets free pages be given back
        "journal_mode": "WAL",
        "synchronous": "FULL" if durable else "OFF",
        "foreign_keys": "ON",
        "busy_timeout": _BUSY_SECONDS * 1000,
        "cache_size": -(_WRITER_CACHE_KIB if writes else _READER_CACHE_KIB),
        "mmap_size": 0,  # mapped pages would count as our memory, and grow with the account
        "journal_size_limit": _JOURNAL_LIMIT,
        "secure_delete": "ON",  # what was removed is overwritten: who is erased leaves nothing in free space
        "wal_autocheckpoint": 4000,
        "temp_store": "MEMORY",  # nothing of it lies anywhere in a temporary file
        "trusted_schema": "OFF",
    }
    if not writes:
        del pragmas["journal_mode"], pragmas["auto_vacuum"]
        pragmas["query_only"] = "ON"
    for name, value in pragmas.items():
        raw.execute(f"PRAGMA {name} = {value}")


def make_shrinkable(raw: sqlite3.Connection) -> None:
    """Rewrite a file of a version that could not give free pages back; once, and only where there is room for it."""
    if raw.execute("PRAGMA auto_vacuum").fetchone() == (0,):
        with suppress(sqlite3.OperationalError):
            raw.execute("VACUUM")


def check_folder(path: Path) -> None:
    """Raises StateError if there is no folder for the file."""
    if not path.parent.is_dir():
        raise StateError(
            f"the folder {path.parent} does not exist", hint="create it, or let state in [service] name another place"
        )


def prepare_file(path: Path) -> None:
    """Make the file with mode 0600 from its first byte if it is missing; SQLite gives -wal and -shm the same mode.

    Raises StateError if the file cannot be used, or is not ours.
    """
    try:
        with suppress(FileExistsError):
            os.close(make_private(path))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        with path.open("r+b") as file:
            head = file.read(len(_HEADER))
    except IsADirectoryError as error:
        raise StateError(f"{path} is a folder", hint="the state path has to name a file") from error
    except OSError as error:
        raise StateError(
            f"{path} cannot be read and written: {error.strerror}",
            hint="the daemon's user has to own the file and its folder",
        ) from error
    if head not in (b"", _HEADER):
        raise foreign(path)


def check_file(raw: sqlite3.Connection, path: Path) -> None:
    """Raises StateError if the file belongs to another program or is damaged. Reads only."""
    (number,) = raw.execute("PRAGMA application_id").fetchone()
    (tables,) = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if number != APPLICATION_ID and (number or tables):
        raise foreign(path)
    (found,) = raw.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise damaged(path)


def sign_file(raw: sqlite3.Connection) -> None:
    """Mark the file as ours, within the transaction that makes its tables."""
    if raw.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def foreign(path: Path) -> StateError:
    """The file belongs to another program."""
    return StateError(
        f"{path} is not a state file of this program", hint="set [state] path to another file; this one was not touched"
    )


def damaged(path: Path) -> StateError:
    """The file's structure is broken."""
    return StateError(f"the state file {path} is damaged", hint=_RESTORE)


def explain(error: sqlite3.Error, path: Path) -> StateError:
    """What the operator should know about an error of SQLite. Its text names tables and columns, never values."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, sqlite3.IntegrityError):
        return StateError(f"the state refuses an impossible change: {error}", hint="please report this")
    if code == _FULL:
        return StateError(f"the disk of {path} is full", hint="make room; nothing is lost, the daemon goes on then")
    if code == _IO_ERROR:
        return StateError(f"the disk of {path} fails", hint="check the disk and the system's log, then restart")
    if code == _READ_ONLY:
        return StateError(
            f"the state file {path} cannot be written: it, or its file system, is read-only",
            hint="let the daemon's user write it, then restart",
        )
    if code in DAMAGED:
        return damaged(path)
    return StateError(f"the state file {path} cannot be used: {error}", hint="check the file, its folder and the disk")


def disk_failed(error: sqlite3.Error) -> bool:
    """Whether what has been written is no longer certain: a failing fsync above all, or a broken page."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (_IO_ERROR, *DAMAGED)
