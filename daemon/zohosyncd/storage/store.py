"""The store port over SQL. What each method promises stands in :mod:`zohosyncd.ports.store`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Link
from zohosyncd.core.notices import Notice, Topic
from zohosyncd.core.record import Values
from zohosyncd.core.side import Side
from zohosyncd.ports.store import (
    ConnectionState,
    Counts,
    Decided,
    Decision,
    Hold,
    Intent,
    IntentState,
    JournalEntry,
    KeyDigest,
    MirrorRow,
    ObjectState,
    Observation,
    Observed,
    Quarantined,
    Settlement,
    Stage,
    Waiting,
)
from zohosyncd.storage import decisions, holds, intents, journal, links, mirror, notices, objects, observe, recovering
from zohosyncd.storage.asking import Asking
from zohosyncd.storage.codec import Codec
from zohosyncd.storage.ordinals import Ordinals
from zohosyncd.storage.readers import Readers
from zohosyncd.storage.subjects import Subjects
from zohosyncd.storage.upkeep import Upkeep
from zohosyncd.storage.work import Unit
from zohosyncd.storage.writer import Writer

T = TypeVar("T")


class SqlStore(Asking):
    """The :class:`zohosyncd.ports.store.Store` of this room; made by :func:`zohosyncd.storage.open_store`."""

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        codec: Codec,
        ordinals: Ordinals,
        facts: Callable[[], Mapping[str, Any]],
        scratch: Callable[[], AbstractAsyncContextManager["SqlStore"]],
        upkeep: Upkeep,
    ) -> None:
        super().__init__(self._read, lambda: writer.committed)
        self._writer, self._readers, self._codec = writer, readers, codec
        self._ordinals, self._facts, self._scratch = ordinals, facts, scratch
        self.upkeep = upkeep
        self.subjects = Subjects(upkeep.path, self._read, self._write_one, upkeep.scrub)
        self._counts: dict[int, tuple[int, Counts]] = {}

    async def _write(self, unit: Unit[T], rows: int = 1) -> T:
        return await self._writer.do(unit, rows)

    async def _write_one(self, unit: Unit[T]) -> T:
        return await self._writer.do(unit)

    async def _read(self, question: Unit[T]) -> T:
        return await self._readers.do(question)

    def ordinal(self) -> int:
        """The next ordinal."""
        return self._ordinals.next()

    def digests(self, keys: Sequence[MatchKey]) -> tuple[KeyDigest, ...]:
        """The keyed hashes of these match keys, in order."""
        return self._codec.digests(keys)

    async def identity(self, account: str) -> str:
        """The app's id of the org or mailbox."""
        return await self._read(lambda work: objects.identity(work, account))

    async def set_identity(self, account: str, identity: str) -> None:
        """Remember who the account is."""
        await self._write(lambda work: objects.set_identity(work, account, identity))

    async def spending(self, account: str) -> str:
        """What the account has spent."""
        return await self._read(lambda work: objects.spending(work, account))

    async def set_spending(self, account: str, told: str) -> None:
        """Remember what the account has spent."""
        await self._write(lambda work: objects.set_spending(work, account, told))

    async def open_object(self, account: str, ref: str) -> ObjectState:
        """The object's state, made if it is new."""
        return await self._write(lambda work: objects.open_object(work, account, ref))

    async def begin_scan(self, object_id: int, *, forget_cursor: bool) -> ObjectState:
        """Start a complete read."""
        return await self._write(lambda work: objects.begin_scan(work, object_id, forget_cursor=forget_cursor))

    async def set_needs(self, object_id: int, needs: frozenset[str]) -> None:
        """Which fields and kinds of keys all rows have."""
        await self._write(lambda work: objects.set_needs(work, object_id, needs))

    async def rekey(self, object_id: int, keys: Mapping[str, tuple[int, Sequence[MatchKey]]]) -> None:
        """Replace match keys."""
        await self._write(lambda work: observe.rekey(work, object_id, keys))

    async def open_connection(self, name: str, left_object: int, right_object: int) -> ConnectionState:
        """The connection's state, made if it is new."""
        return await self._write(lambda work: objects.open_connection(work, name, left_object, right_object))

    async def set_stage(self, connection_id: int, stage: Stage, *, approved: bool | None = None) -> None:
        """Move the first sync on."""
        await self._write(lambda work: objects.set_stage(work, connection_id, stage, approved))

    async def set_offsets(self, connection_id: int, left: int, right: int, mapping_version: str) -> None:
        """Both sides are settled up to these seqs."""
        await self._write(lambda work: objects.set_offsets(work, connection_id, left, right, mapping_version))

    async def remember_meaning(
        self, connection_id: int, version: str, pairs: Sequence[str]
    ) -> Mapping[str, Sequence[str]]:
        """Remember the pairs of this version; everything that is remembered, by version."""
        return await self._write(lambda work: objects.remember_meaning(work, connection_id, version, pairs))

    async def pause(self, connection_id: int, since: float) -> None:
        """Let a connection write nothing."""
        await self._write(lambda work: objects.pause(work, connection_id, since))

    async def end_recovery(self, connection_id: int) -> None:
        """Everything was read and linked again."""
        await self._write(lambda work: recovering.end(work, connection_id))

    async def forecast(self, connection_id: int) -> str:
        """What the first sync would do, as it was told."""
        return await self._read(lambda work: objects.forecast(work, connection_id))

    async def set_forecast(self, connection_id: int, told: str) -> None:
        """Remember what the first sync would do."""
        await self._write(lambda work: objects.set_forecast(work, connection_id, told))

    async def observe(self, observation: Observation) -> Observed:
        """Store what a request showed."""
        return await self._write(lambda work: observe.observe(work, observation), len(observation.seen) + 1)

    async def rereads(self, object_id: int, limit: int) -> list[str]:
        """Ids to be read again."""
        return await self._read(lambda work: mirror.rereads(work, object_id, limit))

    async def absent(self, object_id: int, scan: int, after: str, limit: int) -> list[str]:
        """Ids that a scan did not see."""
        return await self._read(lambda work: mirror.absent(work, object_id, scan, after, limit))

    async def count_absent(self, object_id: int, scan: int) -> tuple[int, int]:
        """How many a scan did not see, of how many."""
        return await self._read(lambda work: mirror.count_absent(work, object_id, scan))

    async def set_missing(self, object_id: int, missing: int, known: int) -> None:
        """Remember how much a complete read lacked."""
        await self._write(lambda work: objects.set_missing(work, object_id, missing, known))

    async def changes(self, object_id: int, after: int, limit: int) -> list[MirrorRow]:
        """Mirror rows with a larger seq."""
        return await self._read(lambda work: mirror.changes(work, object_id, after, limit))

    async def unlinked(self, connection_id: int, side: Side, object_id: int, after: int, limit: int) -> list[MirrorRow]:
        """Mirror rows with a larger seq, without a link."""
        return await self._read(lambda work: mirror.unlinked(work, connection_id, side, object_id, after, limit))

    async def links_after(self, connection_id: int, after: int, limit: int) -> list[Link]:
        """Live links with a larger id."""
        return await self._read(lambda work: links.links_after(work, connection_id, after, limit))

    async def last_seq(self, object_id: int) -> int:
        """The largest seq of the object."""
        return await self._read(lambda work: mirror.last_seq(work, object_id))

    async def count_pending(self, object_id: int, after: int) -> int:
        """How many mirror rows lie beyond that seq."""
        return await self._read(lambda work: mirror.count_pending(work, object_id, after))

    async def oldest_pending(self, object_id: int, after: int) -> float:
        """When the oldest of them got its seq."""
        return await self._read(lambda work: mirror.oldest_pending(work, object_id, after))

    async def rows(self, object_id: int, ids: Collection[str]) -> dict[str, MirrorRow]:
        """These mirror rows by id."""
        return await self._read(lambda work: mirror.rows(work, object_id, ids))

    async def keys_of(self, object_id: int, ids: Collection[str]) -> dict[str, tuple[KeyDigest, ...]]:
        """The match keys of these records."""
        return await self._read(lambda work: mirror.keys_of(work, object_id, ids))

    async def holders(self, object_id: int, keys: Collection[KeyDigest]) -> dict[KeyDigest, tuple[str, ...]]:
        """Which existing records have these keys."""
        return await self._read(lambda work: mirror.holders(work, object_id, keys))

    async def links(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, Link]:
        """The links of these records."""
        return await self._read(lambda work: links.links(work, connection_id, side, ids))

    async def connections(self) -> list[ConnectionState]:
        """Every connection ever opened."""
        return await self._read(objects.connections)

    async def tied(
        self, connections: Collection[int], object_id: int, ids: Collection[str]
    ) -> dict[str, frozenset[tuple[int, str]]]:
        """The persons of these records."""
        return await self._read(lambda work: links.tied(work, connections, object_id, ids))

    async def held_dependents(
        self, connection_id: int, side: Side, ids: Collection[str], keys: Collection[KeyDigest]
    ) -> set[tuple[Side, str]]:
        """Held records that depend on these ids or keys."""
        return await self._read(lambda work: holds.dependents(work, connection_id, side, ids, keys))

    async def decide(self, decision: Decision) -> Decided:
        """Store a batch of decisions."""
        size = len(decision.links) + len(decision.intents) + len(decision.journal) + 1
        return await self._write(lambda work: decisions.decide(work, decision), size)

    async def mark_sent(self, intent_ids: Sequence[str], now: float) -> set[str]:
        """Mark planned intents as sent, whose rows have not moved."""
        return await self._write(lambda work: intents.mark_sent(work, intent_ids, now), len(intent_ids))

    async def withdraw(self, intent_ids: Sequence[str]) -> None:
        """Remove intents that were not sent."""
        await self._write(lambda work: intents.withdraw(work, intent_ids), len(intent_ids))

    async def withdraw_planned(self, connection_id: int) -> int:
        """Remove all planned intents of a connection."""
        return await self._write(lambda work: intents.withdraw_planned(work, connection_id))

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Store the outcomes of one answer."""
        await self._write(lambda work: decisions.settle(work, settlements), 3 * len(settlements))

    async def open_intents(
        self, connection_id: int | None = None, states: Collection[IntentState] = tuple(IntentState)
    ) -> list[Intent]:
        """Intents in these states, oldest first."""
        return await self._read(lambda work: intents.open_intents(work, connection_id, states))

    async def set_waiting(self, intent_ids: Sequence[str], batch: str) -> None:
        """Planned intents wait for approval."""
        await self._write(lambda work: intents.set_waiting(work, intent_ids, batch), len(intent_ids))

    async def waiting(self, connection_id: int) -> list[Waiting]:
        """What waits for approval, in numbers."""
        return await self._read(lambda work: intents.waiting(work, connection_id))

    async def approve(self, connection_id: int, batch: str = "") -> int:
        """Release waiting intents."""
        return await self._write(lambda work: intents.approve(work, connection_id, batch))

    async def moved_to(self, object_id: int, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Lost records that have moved to these."""
        return await self._read(lambda work: mirror.moved_to(work, object_id, ids)) if ids else {}

    async def written_since(
        self, connection_id: int, side: Side, ids: Collection[str], since: float
    ) -> dict[str, list[Values]]:
        """What was written to these records."""
        if not ids:
            return {}
        return await self._read(lambda work: journal.written_since(work, connection_id, side, ids, since))

    async def made(self, object_id: int, ids: Collection[str]) -> set[str]:
        """Records that a create is known to have made."""
        return await self._read(lambda work: journal.made(work, object_id, ids)) if ids else set()

    async def journal_count(
        self, connection_id: int, kinds: Collection[str], since: float, *, without: Collection[str] = ()
    ) -> int:
        """How many entries of these kinds were written since that moment, without those with one of these reasons."""
        return await self._read(lambda work: journal.count(work, connection_id, kinds, since, without))

    async def journal(
        self, connection_id: int, *, left_id: str = "", right_id: str = "", limit: int = 50
    ) -> list[JournalEntry]:
        """The newest entries."""
        return await self._read(lambda work: journal.newest(work, connection_id, left_id, right_id, limit))

    async def journal_after(self, connection_id: int, after: int, limit: int) -> list[JournalEntry]:
        """The entries beyond that one, ascending."""
        return await self._read(lambda work: journal.after(work, connection_id, after, limit))

    async def held(self, connection_id: int, limit: int = 1000) -> list[Hold]:
        """What waits for a person."""
        return await self._read(lambda work: holds.waiting(work, connection_id, limit))

    async def quarantined(self, connection_id: int, limit: int = 1000) -> list[Quarantined]:
        """What is refused."""
        return await self._read(lambda work: holds.quarantined(work, connection_id, limit))

    async def counts(self, connection_id: int) -> Counts:
        """Numbers for status and metrics; counted anew only if something has been stored since the last time.

        Counting takes longer the more links there are, and a connection at rest is asked for its numbers every minute.
        """
        committed = self._writer.committed  # before the question: what comes in between is counted next time
        known = self._counts.get(connection_id)
        if known is not None and known[0] == committed:
            return known[1]
        found = await self._read(lambda work: decisions.counts(work, connection_id))
        self._counts[connection_id] = committed, found
        return found

    async def secret(self, name: str) -> str | None:
        """A stored secret."""
        return await self._read(lambda work: objects.read_secret(work, name))

    async def secrets(self) -> dict[str, str]:
        """All stored secrets by name."""
        return await self._read(objects.read_secrets)

    async def set_secret(self, name: str, value: str | None) -> None:
        """Store or remove a secret."""
        await self._write(lambda work: objects.set_secret(work, name, value))

    async def notices(self) -> list[Notice]:
        """Troubles that people were told of."""
        return await self._read(notices.notices)

    async def keep_notices(self, kept: Collection[Notice], gone: Collection[Topic]) -> None:
        """Store these, forget those."""
        await self._write(lambda work: notices.keep_notices(work, kept, gone))

    async def check_lease(self) -> None:
        """Ask the database whether it is still ours."""
        await self._read(self._writer.check_lease)

    def scratch(self) -> AbstractAsyncContextManager["SqlStore"]:
        """A copy of everything, to rehearse on."""
        return self._scratch()

    async def facts(self) -> Mapping[str, Any]:
        """Size in bytes, schema version, instance id, units that wait for the writer."""
        return {**self._facts(), "waiting": self._writer.waiting}
