"""Putting a backup back in the place of the state. Nobody may have the state open; it is kept beside, not removed."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from zohosyncd.core.errors import StateError
from zohosyncd.ports.keeping import Contents
from zohosyncd.storage import erasing, recovering, schema, sqlite, suppressed
from zohosyncd.storage.codec import Codec
from zohosyncd.storage.generation import Generation, flush_folder, grow, read_beside, write_beside
from zohosyncd.storage.lock import locked
from zohosyncd.storage.private_file import make_private
from zohosyncd.storage.sqlite import Session
from zohosyncd.storage.verifying import verify
from zohosyncd.storage.work import Work

_SUFFIXES = ("", "-wal", "-shm", "-journal")
"""Of a database and of what SQLite keeps beside it."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """A backup that has become the state.

    Attributes:
        contents: what was in the backup. replaced: where the state of before is now, None if there was none.
        erased: people who had been erased since, and were erased from the backup, too.
    """

    contents: Contents
    replaced: Path | None
    erased: int


def look_into(backup: Path, key: bytes) -> Contents:
    """What a backup holds, after it was read from its first page to its last. Raises StateError."""
    return verify(backup, Codec(key))


def put_back(path: Path, backup: Path, key: bytes, now: float) -> PutBack:
    """Let a backup become the state, in recovery: see :mod:`zohosyncd.storage.recovering`.

    Everything is prepared in a copy beside the state, which takes its place in one step.

    Args:
        path: the state. backup: a file that :func:`zohosyncd.storage.backup.back_up` has written; it stays as it is.
        key: the state key. now: wall seconds.

    Raises:
        StateLocked: a daemon runs on the state. StateError: the backup cannot be used, or there is no room.
    """
    codec = Codec(key)
    sqlite.check_folder(path)
    with locked(path, ""), _prepared(path, backup) as copy:
        contents = verify(copy, codec)
        generation, erased = _recover(copy, path, codec, now)
        replaced = _set_aside(path, now)
        try:
            copy.replace(path)
            flush_folder(path.parent)
        except OSError as error:
            raise _no_room(path, error) from error
        write_beside(path, generation)
    return PutBack(contents, replaced, erased)


@contextmanager
def _prepared(path: Path, backup: Path) -> Iterator[Path]:
    """A copy of the backup beside the state, which only its owner can read."""
    copy = _copy_of(path)
    try:
        remove_half(path)
        os.close(make_private(copy))
        shutil.copyfile(backup, copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise _no_room(path, error) from error
    try:
        yield copy
    finally:
        remove_half(path)


def remove_half(path: Path) -> None:
    """Remove what a killed process has left of putting a backup back. Only for who holds the state's lock.

    Logs above all: SQLite would take those for the next copy's own, and mix both.
    """
    copy = _copy_of(path)
    for suffix in reversed(_SUFFIXES):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _copy_of(path: Path) -> Path:
    return path.with_name(path.name + ".putting-back")


def _recover(copy: Path, path: Path, codec: Codec, now: float) -> tuple[Generation, int]:
    """Bring the copy up to date, let it recover, and remove whoever was erased since it was made."""
    raw = sqlite.connector(copy)()
    try:
        with closing(raw), closing(Session(raw, writes=True)) as session:
            session.begin()
            schema.bring_up_to_date(session.sql)
            work = Work(session.sql, codec, now)
            known = set(suppressed.everything(work))
            since = suppressed.read_beside(path) - known
            suppressed.suppress(work, since)
            recovering.begin(work, now)
            erased = erasing.erase_suppressed(work, {digest for _subject, digest in known | since})
            beside = read_beside(path)
            generation = grow(session.sql, beyond=beside.number if beside else 0)
            everybody = suppressed.everything(work)
            session.commit()
            raw.execute("PRAGMA journal_mode = DELETE")
        with copy.open("rb") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as error:
        raise _no_room(path, error) from error
    if everybody:
        suppressed.write_beside(path, everybody)
    return generation, erased


def _set_aside(path: Path, now: float) -> Path | None:
    """Give the state of before another name, with what it has not taken over yet of its transactions' log.

    A log that stayed behind would be taken for the new state's own, and ruin it.
    """
    if not path.exists():
        return None
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    names = (f"{path.name}.replaced-{stamp}{f'-{number}' if number else ''}" for number in count())
    aside = next(path.with_name(each) for each in names if not path.with_name(each).exists())
    with suppress(sqlite3.Error), closing(sqlite.connector(path)()) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # closing it removes the log
    try:
        for suffix in _SUFFIXES:
            if (old := path.with_name(path.name + suffix)).exists():
                os.link(old, aside.with_name(aside.name + suffix))
        for suffix in _SUFFIXES[1:]:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        flush_folder(path.parent)
    except OSError as error:
        raise _no_room(path, error) from error
    return aside


def _no_room(path: Path, error: OSError | sqlite3.Error) -> StateError:
    said = error.strerror if isinstance(error, OSError) else str(error)
    return StateError(
        f"the backup cannot take the place of {path}: {said}",
        hint="the file has to be readable, and the state's folder writable, with room for one more state",
    )
