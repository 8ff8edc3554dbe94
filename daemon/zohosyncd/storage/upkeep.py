"""The upkeep of a state that is open: backups, the end of old history, space given back."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa

from zohosyncd.ports.keeping import Backup
from zohosyncd.ports.world import Clock
from zohosyncd.storage import sqlite
from zohosyncd.storage.backup import back_up
from zohosyncd.storage.codec import Codec
from zohosyncd.storage.generation import Generation, grow, write_beside
from zohosyncd.storage.sqlite import AsyncCreator, Connection
from zohosyncd.storage.tables import journal
from zohosyncd.storage.work import Work, among
from zohosyncd.storage.writer import Writer

T = TypeVar("T")

_LOOKED_AT: Final = 1000
"""So many of the oldest entries are looked at at a time: none of them that has a wrong time keeps the others."""

_PAGES: Final = 256
"""Pages (of 4 KiB) that are given back at a time."""

_SPARE: Final = 1024
"""So many free pages stay: the next records need them."""

_OLDEST = sa.select(journal.c.id, journal.c.at).order_by(journal.c.id).limit(_LOOKED_AT)
_REMOVE = sa.delete(journal).where(among(journal.c.id))


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is done to a state beside storing in it; each piece is short, and others have their turn in between.

    Args:
        path: the state. create: makes connections. codec: of the state. writer: its only one. connection: the writer's.
        clock: for names. instance: the state's random id.
    """

    path: Path
    create: AsyncCreator
    codec: Codec
    writer: Writer
    connection: Connection
    clock: Clock
    instance: str
    _one: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def back_up(self, folder: str = "", *, keep: int = 0) -> Backup:
        """Write a backup; see :func:`zohosyncd.storage.backup.back_up`.

        Args:
            folder: where to, "" for ``backups`` beside the state. keep: how many stay in it, 0 for all.

        Raises:
            StateError: it cannot be written.
        """
        where = Path(folder) if folder else self.path.parent / "backups"
        async with self._one:
            now = self.clock.now()
            made = await back_up(self.path, where, self.create, self.codec, self.instance, now, keep=keep)
            # From here on the state is newer than the backup, whatever else happens: whoever puts it back is told so.
            write_beside(self.path, await self.writer.do(_grown))
        return made

    async def forget_history(self, before: float) -> int:
        """Remove some of the journal's entries that are older than a moment (wall seconds).

        Returns:
            How many; 0 if there is none left.
        """
        return await self.writer.do(lambda work: _forget(work, before), _LOOKED_AT)

    async def give_back(self) -> int:
        """Give some of the file's free pages back to the file system; how many, 0 if those left are wanted soon."""

        def shrink(raw: sqlite3.Connection) -> int:
            (free,) = raw.execute("PRAGMA freelist_count").fetchone()
            count = max(min(_PAGES, free - _SPARE), 0)
            if count:
                raw.execute(f"PRAGMA incremental_vacuum({count})").fetchall()
                (free_now,) = raw.execute("PRAGMA freelist_count").fetchone()
                count = free - free_now
            return int(count)

        return await self._outside(shrink)

    async def scrub(self) -> None:
        """Let nothing that was removed stay in the log of transactions beside the state."""
        await self._outside(lambda raw: raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    async def _outside(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run something between two transactions of the writer."""
        try:
            return await self.connection.run(function)
        except sqlite3.Error as error:
            raise sqlite.explain(error, self.path) from error


def _grown(work: Work) -> Generation:
    return grow(work.sql)


def _forget(work: Work, before: float) -> int:
    old = [row.id for row in work.all(_OLDEST) if row.at < before]
    return work.change_by_ids(_REMOVE, old) if old else 0
