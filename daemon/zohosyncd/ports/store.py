"""The store port: what the daemon remembers, as values, and the units of work that change it.

Terminology
    unit of work   one call of a writing method: it is applied wholly or not at all, and acknowledged after COMMIT.
                   Units that wait at the same time may share a transaction; a failing one leaves the others alone.
    ordinal        a local number that grows with every request and every answer: it says what was known before what.
    seq            grows with each change of a mirror row; offsets count in it.
    digest         the keyed hash of a match key; equal across objects and apps.

Values never appear in clear outside this port's arguments and results. All methods may be called concurrently.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Link
from zohosyncd.core.record import Record, Values
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One object of one account as the store knows it.

    Attributes:
        id: its number here. cursor: where its feed goes on, None before the first page.
        complete: whether everything in it has been read once with these fields.
        fields: the fields its mirror is read with.
        scan: number of the complete read that is under way or was the last one (0 = none yet).
        scan_cursor: where that complete read goes on, None when none is under way.
        swept_at: when the last complete read ended (wall seconds), 0.0 for never.
    """

    id: int
    account: str
    ref: str
    cursor: str | None = None
    complete: bool = False
    fields: frozenset[str] = frozenset()
    scan: int = 0
    scan_cursor: str | None = None
    swept_at: float = 0.0


class Stage(StrEnum):
    """How far the first sync of a connection has come."""

    READING = "reading"
    MATCHING = "matching"
    APPROVAL = "approval"
    MERGING = "merging"
    CREATING = "creating"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection as the store knows it; offsets are the seq up to which each side is settled."""

    id: int
    name: str
    left_object: int
    right_object: int
    stage: Stage = Stage.READING
    approved: bool = False
    left_offset: int = 0
    right_offset: int = 0
    mapping_version: str = ""


class KeyDigest(NamedTuple):
    """A match key that no longer tells what it was."""

    kind: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """Our last observation of one record.

    ``gone``: the app has it no more (values are the last ones seen). ``written``: the values are what we wrote last;
    no read has shown the record since.
    """

    record_id: str
    seq: int
    values: Values
    version: str | None
    modified: float | None
    taken: int
    gone: bool = False
    moved_to: str = ""
    written: bool = False

    def record(self) -> Record:
        """The row as a record (without the app's native body)."""
        return Record(self.record_id, self.values, self.version, self.modified, echo=self.written)


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record was read; ``keys`` are all its match keys for this object's connections."""

    record: Record
    keys: tuple[MatchKey, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenListed:
    """A record stands in a list with this version."""

    id: str
    version: str | None


@dataclass(frozen=True, slots=True)
class SeenGone:
    """There is evidence that the record is gone (``moved_to``: merged into that one)."""

    id: str
    moved_to: str = ""


Seen = SeenRecord | SeenListed | SeenGone


@dataclass(frozen=True, slots=True)
class Observation:
    """What one request showed of an object.

    Attributes:
        taken: ordinal drawn before the request was sent.
        cursor: the feed's (or, with ``scan``, the complete read's) next place; None leaves it as it is.
        scan: number of the complete read this page belongs to, None for feed pages and point reads.
        ends_scan: this page was the last of that complete read.
        fields: with ``ends_scan``: the field set the object has now been read with.
    """

    object_id: int
    taken: int
    seen: Sequence[Seen]
    cursor: str | None = None
    scan: int | None = None
    ends_scan: bool = False
    fields: frozenset[str] = frozenset()
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Observed:
    """What the store made of an observation.

    Attributes:
        changed: rows that got a new seq. stored: rows accepted.
        reread: ids whose observation was not accepted (older than our own write, or a write is under way); they are
            remembered and returned by ``rereads``.
        unread: listed ids whose version is not the mirror's: their content has to be fetched.
    """

    changed: int
    stored: int
    reread: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class IntentState(StrEnum):
    """The life of an intent."""

    PLANNED = "planned"  # durable, not sent; withdrawn at start and decided anew
    WAITING = "waiting"  # waits for a person's approval (guard)
    APPROVED = "approved"  # released by a person; decided anew and sent if still equal
    SENT = "sent"  # on its way; found so at start = unknown
    UNKNOWN = "unknown"  # sent, outcome not known


@dataclass(frozen=True, slots=True)
class Intent:
    """One wished write, durable before it is sent.

    Attributes:
        id: 32 hexadecimal digits. object_id, side: where it writes. target_id: "" for a create.
        source_id: the record on the other side that it comes from.
        patch: new values of the target. before: the target's values of the same fields as seen.
        source: the source values (raw, all fields of the pairs concerned) that it was decided from; they become the
            source's base when it is done.
        agreed: the target values that become the target's base when it is done (the patch, without what the target
            itself has changed meanwhile and the source does not know yet).
        source_seq, target_seq: the mirror rows it was decided from (0 = no row); of a create ``target_seq`` is the
            target object's last one before the decision: what the create makes comes after it.
        claims: match keys that a create reserves in the target object.
        guarded: "" or what the guard counts it as: "delete", "blank", "create", "opt_out".
        batch: the approval batch it waits in, "" if none.
        version: the target's version that it was decided from.
        replaces: of a create that makes a lost record anew: the id that the lost one had.
        given: of a create: effects of rules in it that will be undone, by what they touch.
    """

    id: str
    connection_id: int
    run: str
    object_id: int
    side: Side
    kind: WriteKind
    source_id: str
    target_id: str
    patch: Values = dataclasses.field(default_factory=dict)
    before: Values = dataclasses.field(default_factory=dict)
    source: Values = dataclasses.field(default_factory=dict)
    agreed: Values = dataclasses.field(default_factory=dict)
    source_seq: int = 0
    target_seq: int = 0
    claims: tuple[KeyDigest, ...] = ()
    guarded: str = ""
    state: IntentState = IntentState.PLANNED
    batch: str = ""
    created_at: float = 0.0
    sent_at: float = 0.0
    version: str | None = None
    replaces: str = ""
    given: Values = dataclasses.field(default_factory=dict)


class HoldReason(StrEnum):
    """Why a person's decision is needed."""

    AMBIGUOUS = "ambiguous"  # several candidates, or several records of one side share a key
    LINKED_ELSEWHERE = "linked_elsewhere"  # the only candidate already belongs to another link
    CLASH = "clash"  # both sides changed, and the winner is "hold"
    TOMBSTONE = "tombstone"  # a record that was deleted appears again
    NO_KEY = "no_key"  # nothing to match by, and create_without_email is off
    UNEXPLAINED = "unexplained"  # a create without answer, and a record there that may or may not be it
    CONSENT = "consent"  # opting in without evidence, or an opt-out that was taken back
    LEAVING = "leaving"  # the pair left the rules, and what is to happen then is not possible
    OSCILLATION = "oscillation"  # the same value written a third time in a day: another writer fights ours


@dataclass(frozen=True, slots=True)
class Hold:
    """One record (or, with a field, one pair of a link) that waits for a person.

    ``others``: ids on either side that it depends on; ``keys``: match keys that it depends on. A change to any of
    them re-examines it. ``detail`` is encrypted and may hold values (both of a clash).
    """

    side: Side
    record_id: str
    reason: HoldReason
    field: str = ""
    others: tuple[tuple[Side, str], ...] = ()
    keys: tuple[KeyDigest, ...] = ()
    detail: Values = dataclasses.field(default_factory=dict)
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that an app refuses, or that cannot be read. ``side``/``record_id``: the record it comes from."""

    side: Side
    record_id: str
    code: str
    field: str = ""
    message: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of history. ``before``, ``after`` and ``other`` are encrypted values; the rest is in clear.

    kind: created, updated, deleted, blanked, opted_out, linked, parted, adopted, clash (``after`` won, ``other`` lost),
    consent, recreated, tombstoned, revived, truncated (``other`` = what did not fit), stored_differently, withdrawn,
    unknown.
    """

    kind: str
    connection_id: int
    run: str
    side: Side | None = None
    left_id: str = ""
    right_id: str = ""
    fields: tuple[str, ...] = ()
    before: Values = dataclasses.field(default_factory=dict)
    after: Values = dataclasses.field(default_factory=dict)
    other: Values = dataclasses.field(default_factory=dict)
    reason: str = ""
    at: float = 0.0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What one batch of reconciling decided: one unit of work.

    Attributes:
        links: new links (id 0) and links whose bases or status moved. unlink: ids of links that are no more.
        intents: planned (or waiting) writes with their claims.
        holds, quarantined: added or replaced (by side, record and field).
        examined: records whose former holds and quarantines are dropped before the new ones are added.
        drop_intents: waiting or approved intents that this decision replaces.
    """

    connection_id: int
    links: Sequence[Link] = ()
    intents: Sequence[Intent] = ()
    holds: Sequence[Hold] = ()
    quarantined: Sequence[Quarantined] = ()
    examined: Sequence[tuple[Side, str]] = ()
    drop_intents: Sequence[str] = ()
    journal: Sequence[JournalEntry] = ()
    unlink: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """``lost``: creates that were not stored because their key is claimed, or stands in the target object by now."""

    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one intent that was sent.

    Attributes:
        intent_id: the intent. state: None removes it (with its claims); UNKNOWN or PLANNED keep it.
        link: the link to store (id 0 = new). unlink: the id of a link that is no more, 0 for none.
        object_id, record, keys: the mirror row after the write; accepted whatever its ordinal, and later
            observations must be taken after ``answered`` (an ordinal). gone: the record was deleted.
        shown: the record is what the app showed after the write; else the first read of it is news even if it shows
            the same, because only that confirms the base.
        reread: the record has to be read by id (``rereads``): its feed will not show it again by itself.
        replaces: the id of a lost record that this one was made for; for all connections it has moved here.
    """

    intent_id: str
    connection_id: int
    state: IntentState | None = None
    link: Link | None = None
    object_id: int = 0
    record: Record | None = None
    keys: tuple[MatchKey, ...] = ()
    gone: bool = False
    shown: bool = True
    reread: bool = False
    replaces: str = ""
    unlink: int = 0
    answered: int = 0
    holds: Sequence[Hold] = ()
    quarantined: Sequence[Quarantined] = ()
    journal: Sequence[JournalEntry] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of one connection for status and metrics; keys are the enums' values."""

    links: int
    tombstones: int
    held: Mapping[str, int]
    quarantined: Mapping[str, int]
    intents: Mapping[str, int]
    oldest_unknown: float  # wall seconds of the oldest intent that is unknown, 0.0 if none
    stored_differently: int


class Store(Protocol):
    """Everything that survives a restart."""

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

    async def open_object(self, account: str, ref: str) -> ObjectState:
        """The object's state, made if it is new."""
        ...

    async def begin_scan(self, object_id: int, *, forget_cursor: bool) -> ObjectState:
        """Start a complete read: next scan number, no scan cursor; ``forget_cursor`` also drops the feed's cursor."""
        ...

    async def open_connection(self, name: str, left_object: int, right_object: int) -> ConnectionState:
        """The connection's state, made if it is new. Another pair of objects than before raises StateError."""
        ...

    async def set_stage(self, connection_id: int, stage: Stage, *, approved: bool | None = None) -> None:
        """Move the first sync on."""
        ...

    async def set_offsets(self, connection_id: int, left: int, right: int, mapping_version: str) -> None:
        """Both sides are settled up to these seqs under this mapping."""
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

    async def approve(self, connection_id: int, batch: str = "") -> int:
        """Release waiting intents ("" = all of the connection); how many."""
        ...

    async def moved_to(self, object_id: int, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """For these records of an object the ids of lost ones that have moved to them; others are left out."""
        ...

    async def unexplained(self, connection_id: int, side: Side, ids: Collection[str]) -> dict[str, Hold]:
        """The holds with the reason UNEXPLAINED of these records of a side, by id."""
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

    async def journal_count(self, connection_id: int, kinds: Collection[str], since: float) -> int:
        """How many entries of these kinds were written since that moment."""
        ...

    async def journal(
        self, connection_id: int, *, left_id: str = "", right_id: str = "", limit: int = 50
    ) -> list[JournalEntry]:
        """The newest entries, first the newest; of one pair of records where ids are given."""
        ...

    async def held(self, connection_id: int, limit: int = 1000) -> list[Hold]:
        """What waits for a person, oldest first."""
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

    async def set_secret(self, name: str, value: str | None) -> None:
        """Store or remove a secret."""
        ...

    async def facts(self) -> Mapping[str, Any]:
        """Size in bytes, schema version, instance id: for status."""
        ...
