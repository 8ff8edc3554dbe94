"""The store port: what the daemon remembers, as values, and the units of work that change it.

Terminology
    unit of work   one call of a writing method: it is applied wholly or not at all, and acknowledged after COMMIT.
                   Units that wait at the same time may share a transaction; a failing one leaves the others alone.
    ordinal        a local number that grows with every request and every answer: it says what was known before what.
    seq            grows with each change of a mirror row; offsets count in it.
    digest         the keyed hash of a match key; equal across objects and apps.

Values never appear in clear outside this port's arguments and results. All methods may be called concurrently.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Link
from zohosyncd.core.notices import Notice, Topic
from zohosyncd.core.record import Values
from zohosyncd.core.side import Side
from zohosyncd.ports.keeping import Subjects, Upkeep
from zohosyncd.ports.state import (
    Choice,
    ConnectionState,
    ContactCounts,
    ContactState,
    Counts,
    Decided,
    Decision,
    Hold,
    HoldKey,
    HoldReason,
    Intent,
    IntentState,
    JournalEntry,
    KeyDigest,
    MirrorRow,
    ObjectState,
    Observation,
    Observed,
    Parted,
    Permitted,
    Quarantined,
    Seen,
    SeenGone,
    SeenListed,
    SeenRecord,
    Settlement,
    Stage,
    Stand,
    Waiting,
    detail_of,
)

__all__ = [
    "Choice",
    "ConnectionState",
    "ContactCounts",
    "ContactState",
    "Counts",
    "Decided",
    "Decision",
    "Hold",
    "HoldKey",
    "HoldReason",
    "Intent",
    "IntentState",
    "JournalEntry",
    "KeyDigest",
    "MirrorRow",
    "ObjectState",
    "Observation",
    "Observed",
    "Parted",
    "Permitted",
    "Quarantined",
    "Seen",
    "SeenGone",
    "SeenListed",
    "SeenRecord",
    "Settlement",
    "Stage",
    "Stand",
    "Store",
    "Waiting",
    "detail_of",
]


class Store(Protocol):
    """Everything that survives a restart."""

    @property
    def upkeep(self) -> Upkeep:
        """What is done to all of it beside storing."""
        ...

    @property
    def subjects(self) -> Subjects:
        """All that it holds about one person."""
        ...

    def ordinal(self) -> int:
        """The next ordinal; larger than every one stored before, also after a restart."""
        ...

    def digests(self, keys: Sequence[MatchKey]) -> tuple[KeyDigest, ...]:
        """The keyed hashes of these match keys, in order."""
        ...

    async def identity(self, account: str) -> str:
        """The app's id of the org or mailbox seen with this account, "" before the first check."""
        ...

    async def set_identity(self, account: str, identity: str) -> None:
        """Remember who the account is."""
        ...

    async def spending(self, account: str) -> str:
        """What was remembered of the credits that an account has spent, "" for nothing; the caller knows its form."""
        ...

    async def set_spending(self, account: str, told: str) -> None:
        """Remember it."""
        ...

    async def open_object(self, account: str, ref: str) -> ObjectState:
        """The object's state, made if it is new."""
        ...

    async def begin_scan(self, object_id: int, *, forget_cursor: bool) -> ObjectState:
        """Start a complete read: next scan number, no scan cursor; ``forget_cursor`` also drops the feed's cursor."""
        ...

    async def set_needs(self, object_id: int, needs: frozenset[str]) -> None:
        """Which fields and kinds of keys (``Reading.needs``) all rows of the object have, from now on."""
        ...

    async def rekey(self, object_id: int, keys: Mapping[str, tuple[int, Sequence[MatchKey]]]) -> None:
        """Replace the match keys of these records, by id, where the row still has this seq."""
        ...

    async def open_connection(self, name: str, left_object: int, right_object: int) -> ConnectionState:
        """The connection's state, made if it is new. Another pair of objects than before raises StateError."""
        ...

    async def set_stage(self, connection_id: int, stage: Stage, *, approved: bool | None = None) -> None:
        """Move the first sync on."""
        ...

    async def set_offsets(self, connection_id: int, left: int, right: int, mapping_version: str) -> None:
        """Both sides are settled up to these seqs under this version of the connection's meaning."""
        ...

    async def remember_meaning(
        self, connection_id: int, version: str, pairs: Sequence[str]
    ) -> Mapping[str, Sequence[str]]:
        """Links may be decided under this version from now on; its pairs are remembered as long as a link has it.

        Answers everything that is remembered, by version.
        """
        ...

    async def end_recovery(self, connection_id: int) -> None:
        """Everything was read and linked again."""
        ...

    async def forecast(self, connection_id: int) -> str:
        """What was told last about what the first sync would do (numbers, as JSON), "" for nothing."""
        ...

    async def set_forecast(self, connection_id: int, told: str) -> None:
        """Remember what the first sync would do, for as long as it waits."""
        ...

    async def observe(self, observation: Observation) -> Observed:
        """Store what a request showed."""
        ...

    async def rereads(self, object_id: int, limit: int) -> list[str]:
        """Ids whose observation was not accepted and which no write holds any longer: read them again."""
        ...

    async def absent(self, object_id: int, scan: int, after: str, limit: int) -> list[str]:
        """Ids (ascending, beyond ``after``) that are in the mirror, not gone, and were not seen by that scan."""
        ...

    async def count_absent(self, object_id: int, scan: int) -> tuple[int, int]:
        """How many records are in the mirror, not gone, and were not seen by that scan; and how many are not gone."""
        ...

    async def set_missing(self, object_id: int, missing: int, known: int) -> None:
        """Remember how many of how many records a complete read lacked; (0, 0) if no person has to look at it."""
        ...

    async def changes(self, object_id: int, after: int, limit: int) -> list[MirrorRow]:
        """Mirror rows with a larger seq, ascending, gone ones included."""
        ...

    async def unlinked(self, connection_id: int, side: Side, object_id: int, after: int, limit: int) -> list[MirrorRow]:
        """As ``changes``, but only records that exist and have no link in this connection."""
        ...

    async def links_after(self, connection_id: int, after: int, limit: int) -> list[Link]:
        """Live links with a larger id, ascending."""
        ...

    async def last_seq(self, object_id: int) -> int:
        """The largest seq of the object, 0 if it is empty."""
        ...

    async def count_pending(self, object_id: int, after: int) -> int:
        """How many mirror rows lie beyond that seq."""
        ...

    async def oldest_pending(self, object_id: int, after: int) -> float:
        """Wall seconds at which the oldest row beyond that seq got its seq, 0.0 if there is none."""
        ...

    async def rows(self, object_id: int, ids: Collection[str]) -> dict[str, MirrorRow]:
        """These mirror rows by id; missing ones are left out."""
        ...

    async def keys_of(self, object_id: int, ids: Collection[str]) -> dict[str, tuple[KeyDigest, ...]]:
        """The match keys of these records."""
        ...

    async def holders(self, object_id: int, keys: Collection[KeyDigest]) -> dict[KeyDigest, tuple[str, ...]]:
        """Which existing records of the object have these keys (at most 20 a key, ascending ids)."""
        ...

    async def links(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, Link]:
        """The links of these records of one side by that side's id: the live one, else the newest tombstone."""
        ...

    async def connections(self) -> list[ConnectionState]:
        """Every connection ever opened."""
        ...

    async def tied(
        self, connections: Collection[int], object_id: int, ids: Collection[str]
    ) -> dict[str, frozenset[tuple[int, str]]]:
        """The persons of these records of an object: every record (object, id), itself included, that live links of
        these connections tie to it. Records without any such link are left out."""
        ...

    async def held_dependents(
        self, connection_id: int, side: Side, ids: Collection[str], keys: Collection[KeyDigest]
    ) -> set[tuple[Side, str]]:
        """Held records that depend on one of these ids or keys (themselves included)."""
        ...

    async def decide(self, decision: Decision) -> Decided:
        """Store a batch of decisions before any request is sent."""
        ...

    async def mark_sent(self, intent_ids: Sequence[str], now: float) -> set[str]:
        """Mark planned intents as sent; the ids for which source and target rows still have the seq decided from.

        The others stay planned: the caller withdraws them and decides anew.
        """
        ...

    async def withdraw(self, intent_ids: Sequence[str]) -> None:
        """Remove planned, waiting or approved intents and their claims."""
        ...

    async def withdraw_planned(self, connection_id: int) -> int:
        """Remove all planned intents of a connection (at start, and when it is removed); how many.

        Its offsets go back to before their sources: one that was held, and examined again because another record had
        changed, lies behind the offset, and nothing else remembers it.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Store the outcomes of one answer."""
        ...

    async def open_intents(
        self, connection_id: int | None = None, states: Collection[IntentState] = tuple(IntentState)
    ) -> list[Intent]:
        """Intents in these states, oldest first."""
        ...

    async def set_waiting(self, intent_ids: Sequence[str], batch: str) -> None:
        """Planned intents wait for approval as this batch."""
        ...

    async def waiting(self, connection_id: int) -> list[Waiting]:
        """What waits for approval, in numbers, the oldest first."""
        ...

    async def approve(self, connection_id: int, batch: str = "") -> int:
        """Release waiting intents ("" = all of the connection); how many."""
        ...

    async def moved_to(self, object_id: int, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """For these records of an object the ids of lost ones that have moved to them; others are left out."""
        ...

    async def held_of(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, tuple[Hold, ...]]:
        """The holds of these records of a side, by id and in the order of their fields."""
        ...

    async def held_after(
        self, connection_id: int, after: HoldKey | None, limit: int, reason: HoldReason | None = None
    ) -> list[Hold]:
        """Holds (of one reason) beyond a key, in the order of their keys; also those that are left alone for good."""
        ...

    async def quarantined_of(
        self, connection_id: int, side: Side, ids: Collection[str]
    ) -> dict[str, tuple[Quarantined, ...]]:
        """The quarantines of these records of a side, by id and in the order of their fields."""
        ...

    async def quarantined_after(
        self, connection_id: int, after: HoldKey | None, limit: int, code: str = ""
    ) -> list[Quarantined]:
        """Quarantines (of one code) beyond a key, in the order of their keys."""
        ...

    async def apart(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, dict[str, bool]]:
        """For these records of a side the ones that a person has parted from them, each with whether both are
        strangers; others are left out."""
        ...

    async def creating(self, connection_id: int, side: Side, ids: Collection[str]) -> set[str]:
        """Of these records of a side those for which a create is open."""
        ...

    async def stands(self, object_id: int, after: str, limit: int) -> list[Stand]:
        """Where the records of an object stand, by ascending id beyond ``after``; lost ones included."""
        ...

    async def contact_counts(self, connection_id: int, floors: Mapping[Side, int] | None) -> ContactCounts:
        """How many records are in which state.

        ``floors``: the seqs up to which the sides are settled, None during the first sync.
        """
        ...

    async def pause(self, connection_id: int, since: float) -> None:
        """Let a connection write nothing since that moment (wall seconds); 0.0 lets it write again."""
        ...

    async def written_since(
        self, connection_id: int, side: Side, ids: Collection[str], since: float
    ) -> dict[str, list[Values]]:
        """What this connection has written to these records of a side since that moment (wall seconds), by id.

        Records with fewer than two such writes are left out.
        """
        ...

    async def made(self, object_id: int, ids: Collection[str]) -> set[str]:
        """Of these records of an object those that a create of some connection is known to have made."""
        ...

    async def journal_count(
        self, connection_id: int, kinds: Collection[str], since: float, *, without: Collection[str] = ()
    ) -> int:
        """How many entries of these kinds were written since that moment, without those with one of these reasons."""
        ...

    async def journal(
        self, connection_id: int, *, left_id: str = "", right_id: str = "", limit: int = 50
    ) -> list[JournalEntry]:
        """The newest entries, first the newest; of one pair of records where ids are given."""
        ...

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
        """Entries, first the newest, with smaller ids than ``before`` (0 = all): of any of these records, of one run,
        not older than a moment (wall seconds)."""
        ...

    async def journal_after(self, connection_id: int, after: int, limit: int) -> list[JournalEntry]:
        """The entries with a larger id, ascending."""
        ...

    async def held(self, connection_id: int, limit: int = 1000) -> list[Hold]:
        """What waits for a person, oldest first; without what is left alone for good."""
        ...

    async def quarantined(self, connection_id: int, limit: int = 1000) -> list[Quarantined]:
        """What is refused, oldest first."""
        ...

    async def counts(self, connection_id: int) -> Counts:
        """Numbers for status and metrics."""
        ...

    async def secret(self, name: str) -> str | None:
        """A stored secret (token), None if there is none."""
        ...

    async def secrets(self) -> Mapping[str, str]:
        """All stored secrets by name."""
        ...

    async def set_secret(self, name: str, value: str | None) -> None:
        """Store or remove a secret."""
        ...

    async def notices(self) -> list[Notice]:
        """Every trouble that stands, or whose end somebody still has to be told."""
        ...

    async def keep_notices(self, kept: Collection[Notice], gone: Collection[Topic]) -> None:
        """Store these as they are now, and forget those."""
        ...

    async def check_lease(self) -> None:
        """Ask the database whether it is still ours.

        Raises:
            StateError: it cannot be read. LeaseLost: another process has taken over.
        """
        ...

    def scratch(self) -> AbstractAsyncContextManager["Store"]:
        """A copy of everything as it is now, to rehearse on: what is done to it is thrown away with it.

        Nobody has to wait while it is made. Raises StateError where there is no room for it.
        """
        ...

    async def facts(self) -> Mapping[str, Any]:
        """Size in bytes, schema version, instance id, units of work that wait: for status and metrics."""
        ...
