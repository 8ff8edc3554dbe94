"""One daemon per state file: an exclusive lock on a file beside it.

Never on the database file itself: closing any descriptor of it would drop SQLite's own locks.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from zohosyncd.core.errors import StateError, StateLocked
from zohosyncd.storage.private_file import make_private


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who runs on a state file: process id, and the path of its control socket ("" if it has none)."""

    pid: int
    control: str


def lock_path(path: Path) -> Path:
    """The lock file that belongs to a state file."""
    return path.with_name(path.name + ".lock")


def lock_holder(path: Path) -> LockHolder | None:
    """Who holds the state now, None if nobody does."""
    try:
        descriptor = os.open(lock_path(path), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, control: str) -> Iterator[None]:
    """Hold the state for ourselves; the lock falls with the process, however it ends.

    Raises StateLocked if another process has it.
    """
    try:
        with suppress(FileExistsError):
            os.close(make_private(lock_path(path)))
        descriptor = os.open(lock_path(path), os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(descriptor)
            raise StateLocked(
                f"process {holder.pid or '(unknown)'} already runs on the state file {path}",
                hint="stop it first, or give this one a state file of its own",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "control": control}).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> LockHolder:
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
        return LockHolder(int(found["pid"]), str(found["control"]))
    except (ValueError, KeyError, TypeError):
        return LockHolder(0, "")


def _unusable(path: Path, error: OSError) -> StateError:
    return StateError(
        f"{lock_path(path)} cannot be opened: {error.strerror}",
        hint="the daemon's user has to own the state file's folder",
    )
