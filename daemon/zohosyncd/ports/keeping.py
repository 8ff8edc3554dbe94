"""What is done to the state as a whole, and to all that it holds about one person.

Terminology
    backup       the whole state in one file, read back before it counts
    dossier      everything that the state holds about one person, over all objects and connections
    suppression  keyed hashes of the addresses and records of somebody who was erased: what has one of them, and is not
                 known, is not stored
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from zohosyncd.core.link import Link
from zohosyncd.ports.state import Hold, Intent, JournalEntry, MirrorRow, Parted, Quarantined


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a state, in numbers. ``newest``: wall seconds of its last change, 0.0 if it has none."""

    version: str
    instance: str
    generation: int
    connections: int
    records: int
    links: int
    newest: float


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read back.

    Attributes:
        path: the file. size: in bytes. sha256: of the file, hexadecimal. contents: what is in it, in numbers.
        removed: older backups in the folder that were removed.
    """

    path: str
    size: int
    sha256: str
    contents: Contents
    removed: tuple[str, ...] = ()


class Upkeep(Protocol):
    """What is done to a state beside storing in it; each piece is short, and others have their turn in between."""

    async def back_up(self, folder: str = "", *, keep: int = 0) -> Backup:
        """Write a backup.

        Args:
            folder: where to, "" for ``backups`` beside the state. keep: how many stay in it, 0 for all.

        Raises:
            StateError: it cannot be written.
        """
        ...

    async def forget_history(self, before: float) -> int:
        """Remove some of the journal's entries that are older than a moment (wall seconds); how many, 0 at the end."""
        ...

    async def give_back(self) -> int:
        """Give some of the file's free pages back to the file system; how many, 0 if those left are wanted soon."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A record, by its account, its object and its id there; ``object_id``: of the object in the store."""

    account: str
    ref: str
    object_id: int
    record_id: str


@dataclass(frozen=True, slots=True)
class InConnection:
    """What one connection holds about a person."""

    name: str
    links: Sequence[Link] = ()
    intents: Sequence[Intent] = ()
    holds: Sequence[Hold] = ()
    quarantined: Sequence[Quarantined] = ()
    parted: Sequence[Parted] = ()
    journal: Sequence[JournalEntry] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing."""
        return not (self.links or self.intents or self.holds or self.quarantined or self.parted or self.journal)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that is held about a person.

    Attributes:
        records: all records that are this person, with what was last seen of them (None: only history knows them).
        connections: what each connection holds. mentions: other people's records in which the address stands.
    """

    records: Sequence[tuple[Place, MirrorRow | None]] = ()
    connections: Sequence[InConnection] = ()
    mentions: Sequence[Place] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not (self.records or self.connections or self.mentions)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed, in numbers by what it was.

    Attributes:
        subject: a part of the keyed hash of the address: the same address gives the same, and nothing else is told.
        removed: how many records, links, entries of the journal and so on. suppressed: hashes that are remembered.
        mentions: other people's records in which the address still stands.
    """

    subject: str
    removed: dict[str, int] = field(default_factory=dict)
    suppressed: int = 0
    mentions: Sequence[Place] = ()


class Subjects(Protocol):
    """What the state holds about one person, named by an e-mail address."""

    async def find(self, address: str) -> Dossier:
        """Look everywhere, also into what is encrypted."""
        ...

    async def erase(self, address: str) -> Erased:
        """Remove everything, and see to it that it does not come back.

        Raises:
            Busy: a write to one of the records has no outcome yet.
        """
        ...

    async def lift(self, address: str) -> bool:
        """The person may come back: end the suppression of an address; whether there was one."""
        ...

    async def suppressed(self) -> int:
        """How many hashes are suppressed."""
        ...
