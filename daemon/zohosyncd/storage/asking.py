"""The half of the store that commands ask: pages of what is held and refused, of contacts and of history."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol, TypeVar

from zohosyncd.core.side import Side
from zohosyncd.ports.store import (
    ContactCounts,
    Hold,
    HoldKey,
    HoldReason,
    JournalEntry,
    Quarantined,
    Stand,
)
from zohosyncd.storage import holds, intents, journal, parted, standings
from zohosyncd.storage.work import Unit

T = TypeVar("T")


class Read(Protocol):
    """Asks within one read transaction."""

    async def __call__(self, question: Unit[T]) -> T:
        """The answer."""
        ...


class Asking:
    """Questions about one connection; what each promises stands in :mod:`zohosyncd.ports.store`.

    Args:
        read: asks within one read transaction. committed: the number of transactions so far.
    """

    def __init__(self, read: Read, committed: Callable[[], int]) -> None:
        self._ask, self._committed = read, committed
        self._standings: dict[int, tuple[object, ContactCounts]] = {}

    async def held_of(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, tuple[Hold, ...]]:
        """The holds of these records."""
        if not ids:
            return {}
        return await self._ask(lambda work: holds.held_of(work, connection_id, side, ids))

    async def held_after(
        self, connection_id: int, after: HoldKey | None, limit: int, reason: HoldReason | None = None
    ) -> list[Hold]:
        """Holds beyond a key."""
        wanted = reason.value if reason else ""
        return await self._ask(lambda work: holds.held_after(work, connection_id, after, limit, wanted))

    async def quarantined_of(
        self, connection_id: int, side: Side, ids: Collection[str]
    ) -> dict[str, tuple[Quarantined, ...]]:
        """The quarantines of these records."""
        if not ids:
            return {}
        return await self._ask(lambda work: holds.quarantined_of(work, connection_id, side, ids))

    async def quarantined_after(
        self, connection_id: int, after: HoldKey | None, limit: int, code: str = ""
    ) -> list[Quarantined]:
        """Quarantines beyond a key."""
        return await self._ask(lambda work: holds.quarantined_after(work, connection_id, after, limit, code))

    async def apart(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, dict[str, bool]]:
        """Whom a person has parted from these records."""
        if not ids:
            return {}
        return await self._ask(lambda work: parted.partings(work, connection_id, side, ids))

    async def creating(self, connection_id: int, side: Side, ids: Collection[str]) -> set[str]:
        """For which of these records a create is open."""
        if not ids:
            return set()
        return await self._ask(lambda work: intents.creating(work, connection_id, side, ids))

    async def stands(self, object_id: int, after: str, limit: int) -> list[Stand]:
        """Where the records of an object stand."""
        return await self._ask(lambda work: standings.stands(work, object_id, after, limit))

    async def contact_counts(self, connection_id: int, floors: Mapping[Side, int] | None) -> ContactCounts:
        """How many records are in which state; counted anew only if something has been stored since the last time."""
        mark = (self._committed(), floors and tuple(sorted(floors.items())))
        known = self._standings.get(connection_id)
        if known is not None and known[0] == mark:
            return known[1]
        found: ContactCounts = await self._ask(lambda work: standings.contact_counts(work, connection_id, floors))
        self._standings[connection_id] = mark, found
        return found

    async def history(
        self,
        connection_id: int,
        *,
        records: Mapping[Side, Collection[str]] | None = None,
        since: float = 0.0,
        run: str = "",
        before: int = 0,
        limit: int = 100,
    ) -> list[JournalEntry]:
        """Entries of the journal, first the newest."""
        return await self._ask(
            lambda work: journal.history(
                work, connection_id, records=records, since=since, run=run, before=before, limit=limit
            )
        )
