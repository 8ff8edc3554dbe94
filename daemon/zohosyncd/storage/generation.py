"""The generation: tells a state file from an older copy of it that was put in its place.

A number in the state grows with each opening, each closing and each backup, and stands in a small file beside it, too.
A state whose number is smaller than the one beside it is older than what was there: whatever was done since, it does
not know. The file holds no more than that number and the state's random id.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from zohosyncd.core.errors import StateError
from zohosyncd.storage.private_file import make_private
from zohosyncd.storage.tables import meta

_GROW = sa.update(meta).values(generation=meta.c.generation + 1)
_ASK = sa.select(meta.c.instance_id, meta.c.generation)


@dataclass(frozen=True, slots=True)
class Generation:
    """Which state, and how often it has been opened, closed and backed up."""

    instance: str
    number: int

    def is_older_than(self, beside: "Generation") -> bool:
        """Whether the state is not the one that was last at work here."""
        return self.instance != beside.instance or self.number < beside.number


def generation_path(path: Path) -> Path:
    """The file beside the state."""
    return path.with_name(path.name + ".generation")


def read_beside(path: Path) -> Generation | None:
    """What stands beside the state; None if nothing does, or nothing that can be understood."""
    try:
        found = json.loads(generation_path(path).read_bytes())
        return Generation(str(found["instance"]), int(found["generation"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_beside(path: Path, generation: Generation) -> None:
    """Write it, wholly or not at all. Raises StateError."""
    told = json.dumps({"instance": generation.instance, "generation": generation.number}).encode()
    try:
        replace_file(generation_path(path), told)
    except OSError as error:
        raise StateError(
            f"{generation_path(path)} cannot be written: {error.strerror}",
            hint="make room, and let the daemon's user own the folder of the state",
        ) from error


def refuse_missing(path: Path) -> None:
    """Raises StateError if the state has been here and is not any more: to begin anew is for a person to decide."""
    there = path.exists() and path.stat().st_size > 0
    if not there and generation_path(path).exists():
        raise StateError(
            f"the state file {path} is missing, and it has been there",
            hint="put a backup back with `zohosyncd restore-state FILE`; "
            f"to begin anew with a first sync, remove {generation_path(path)}",
        )


def current(sql: sa.Connection) -> Generation:
    """The state's own."""
    row = sql.execute(_ASK).one()
    return Generation(row.instance_id, row.generation)


def grow(sql: sa.Connection, *, beyond: int = 0) -> Generation:
    """The next one, within the caller's transaction; larger than ``beyond``."""
    if beyond:
        sql.execute(sa.update(meta).where(meta.c.generation < beyond).values(generation=beyond))
    sql.execute(_GROW)
    return current(sql)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file for its owner only, wholly or not at all, and wait for the disk. Raises OSError."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(make_private(part), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Wait until the disk knows the folder's entries. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
