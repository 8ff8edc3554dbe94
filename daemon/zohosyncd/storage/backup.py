"""Backups: the whole state in one file, made while the daemon works, and read back before it counts.

The file has a name that tells the time alone. Until it is whole and verified it is called otherwise, so that whatever a
killed process leaves is never taken for a backup; it is removed by the next one.
"""

import hashlib
import os
import re
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import anyio

from zohosyncd.core.errors import StateError
from zohosyncd.ports.keeping import Backup, Contents
from zohosyncd.storage import sqlite
from zohosyncd.storage.codec import Codec
from zohosyncd.storage.generation import flush_folder
from zohosyncd.storage.private_file import make_folder, make_private
from zohosyncd.storage.scratch import copy_state
from zohosyncd.storage.sqlite import AsyncCreator
from zohosyncd.storage.verifying import verify

_PREFIX: Final = "state-"
_PART: Final = ".part"
_BLOCK: Final = 1 << 20


async def back_up(
    path: Path, folder: Path, create: AsyncCreator, codec: Codec, instance: str, now: float, *, keep: int = 0
) -> Backup:
    """Write the state as it is at one moment to a new file in a folder; one at a time.

    Args:
        path: the state. folder: made if it is missing. create: makes connections. codec: of the state.
        instance: its random id; a part of it tells its backups from those of another one.
        now: wall seconds. keep: how many backups of it stay in the folder, this one among them; 0 for all.

    Raises:
        StateError: the folder cannot be written, there is no room, or what was written is not what was read.
    """
    prefix = f"{_PREFIX}{instance[:8]}-"
    part = folder / f"{prefix}{os.getpid()}{_PART}"
    try:
        make_folder(folder)
        for left in folder.glob(f"{prefix}*{_PART}*"):
            left.unlink()  # what a killed process has left
        os.close(make_private(part))
        await copy_state(path, part, create)
        connection = create(sqlite.connector(part))
        await connection
        try:
            contents, digest = await connection.run(partial(_finish, part, codec))
        finally:
            with anyio.CancelScope(shield=True):
                await connection.close()
        final = _free(folder, prefix, now)
        part.rename(final)
        flush_folder(folder)
        removed = _remove_older(folder, prefix, keep) if keep else ()
        return Backup(str(final), final.stat().st_size, digest, contents, tuple(map(str, removed)))
    except (OSError, sqlite3.Error) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise StateError(
            f"no backup can be written to {folder}: {said}",
            hint="name a folder that the daemon's user may write, with room for the whole state",
        ) from error
    finally:
        for left in folder.glob(f"{part.name}*"):
            left.unlink(missing_ok=True)


def _finish(part: Path, codec: Codec, raw: sqlite3.Connection) -> tuple[Contents, str]:
    """Make one file of it that needs no other, let the disk have it, and read it back."""
    raw.execute("PRAGMA journal_mode = DELETE")
    with part.open("rb") as file:
        os.fsync(file.fileno())
        contents = verify(part, codec)
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return contents, digest.hexdigest()


def keep_copy(raw: sqlite3.Connection, folder: Path, version: str, now: float) -> Path:
    """Copy a state that nobody else uses as an older version has left it. Raises StateError.

    Args:
        raw: the state. folder: of backups, made if it is missing. version: of its tables. now: wall seconds.
    """
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    final, part = folder / f"before-upgrade-of-{version}-{stamp}.db", folder / f"{_PREFIX}upgrade{_PART}"
    try:
        make_folder(folder)
        part.unlink(missing_ok=True)
        os.close(make_private(part))
        target = sqlite3.connect(part, isolation_level=None)
        try:
            raw.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        part.replace(final)
        flush_folder(folder)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise StateError(
            f"no copy of the state can be kept in {folder} before it is brought up to date: {said}",
            hint="make room for a second copy there, and let the daemon's user write it; nothing was changed",
        ) from error
    return final


def _free(folder: Path, prefix: str, now: float) -> Path:
    """A name that is not taken yet: a clock may show the same moment twice."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    names = (f"{prefix}{stamp}{f'-{number}' if number else ''}.db" for number in count())
    return next(folder / each for each in names if not (folder / each).exists())


def _remove_older(folder: Path, prefix: str, keep: int) -> tuple[Path, ...]:
    ours = re.compile(re.escape(prefix) + r"\d{8}T\d{6}\.\d{6}Z(-\d+)?\.db")
    older = sorted(each for each in folder.iterdir() if ours.fullmatch(each.name))[:-keep]
    for each in older:
        each.unlink()
    return tuple(older)
