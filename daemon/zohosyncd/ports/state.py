"""What the daemon remembers, as values: the terms and units of work of the store port.

The terminology stands in :mod:`zohosyncd.ports.store`, which also names all of these.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

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
        fields: the fields its mirror is read with, and "key KIND" for the keys that its rows have.
        scan: number of the complete read that is under way or was the last one (0 = none yet).
        scan_cursor: where that complete read goes on, None when none is under way.
        swept_at: when the last complete read ended (wall seconds), 0.0 for never.
        missing, missing_of: how many of how many known records the last complete read lacked, where that is so much
            that a person has to look at it; 0 else.
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
    missing: int = 0
    missing_of: int = 0


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
    """One connection as the store knows it; offsets are the seq up to which each side is settled.

    ``mapping_version``: of the connection's meaning that the offsets were reached under.
    ``paused``: since when (wall seconds) a person lets it write nothing, 0.0 while it may.
    ``recovery``: since when it recovers from an old state that was put back, 0.0 if it does not.
    """

    id: int
    name: str
    left_object: int
    right_object: int
    stage: Stage = Stage.READING
    approved: bool = False
    left_offset: int = 0
    right_offset: int = 0
    mapping_version: str = ""
    paused: float = 0.0
    recovery: float = 0.0


_LATE: Final = 86_400.0
"""Seconds after which an edit is not seen for the first time, as long as the daemon runs."""


class KeyDigest(NamedTuple):
    """A match key that no longer tells what it was."""

    kind: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """Our last observation of one record.

    ``gone``: the app has it no more (values are the last ones seen). ``written``: the values are what we wrote last;
    no read has shown the record since. ``changed_at``: when the row got its seq (wall seconds).
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
    changed_at: float = 0.0

    @property
    def edited_at(self) -> float:
        """When it was edited (wall seconds): as the app dates it, or else when that was seen.

        What the app dates much earlier has come into view for another reason than an edit, such as a new field.
        """
        seen, dated = self.changed_at, self.modified
        return dated if dated is not None and not self.gone and seen - _LATE <= dated <= seen else seen

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
        fields: with ``ends_scan``: the fields and kinds of keys the object has now been read with.
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


class Permitted(StrEnum):
    """Why a write does not count as one that nobody was asked about: the reason of its journal entry."""

    FIRST_SYNC = "first sync"
    APPROVED = "approved"


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
        guarded: "" or what the guard counts it as: "delete", "blank", "create", "opt_out"; "undo" for
            what undoes another write, "restore" for what brings a snapshot back: a person has seen and wanted these.
        batch: the approval batch it waits in, "" if none.
        version: the target's version that it was decided from.
        replaces: of a create that makes a lost record anew: the id that the lost one had.
        given: of a create: effects of rules in it that will be undone, and the like (``core.create.Creation``).
        despite: of a create: records of the target that share a key with it, and of which a person has said that they
            are somebody else. It is not stored: it matters only when the intent is.
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
    despite: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many writes to one side wait for approval in one batch. ``guarded``: what the guard counts them as."""

    batch: str
    guarded: str
    side: Side
    count: int
    since: float


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
    SHARED_MAILBOX = "shared_mailbox"  # all that candidates share is an address that several people use
    OSCILLATION = "oscillation"  # the same value written a third time in a day: another writer fights ours


class Choice(StrEnum):
    """What a person has decided about something that is held; carried out when it is looked at next."""

    CREATE = "create"  # it is somebody of its own: created on the other side, whoever shares its keys
    LEAVE = "leave"  # left alone for good: neither linked nor created
    OPT_OUT = "opt_out"  # opted out on both sides
    LEFT = "left"  # the left value is the right one
    RIGHT = "right"  # the right value is the right one


HoldKey = tuple[Side, str, str]
"""Which hold: side, record and field ("" = the whole record)."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One record (or, with a field, one pair of a link) that waits for a person.

    ``others``: ids on either side that it depends on; ``keys``: match keys that it depends on. A change to any of
    them re-examines it. ``detail`` is encrypted and may hold values; those of both sides of a pair are named by side
    and field (``left:Title``). ``decision``: what a person has decided about it, until that has been carried out.
    """

    side: Side
    record_id: str
    reason: HoldReason
    field: str = ""
    others: tuple[tuple[Side, str], ...] = ()
    keys: tuple[KeyDigest, ...] = ()
    detail: Values = dataclasses.field(default_factory=dict)
    since: float = 0.0
    decision: Choice | None = None

    @property
    def key(self) -> HoldKey:
        """Which one it is."""
        return self.side, self.record_id, self.field

    @property
    def asked_by(self) -> str:
        """The connection of the ring whose question it is, "" if it is its own."""
        return str(self.detail.get("connection", "")) if self.reason is HoldReason.UNEXPLAINED else ""

    def seen(self, side: Side) -> Values:
        """The values of a side that it was made from."""
        mark = f"{side.value}:"
        return {name.removeprefix(mark): value for name, value in self.detail.items() if name.startswith(mark)}


def detail_of(values: Mapping[Side, Values]) -> Values:
    """The values of both sides as a hold keeps them."""
    return {f"{side.value}:{name}": value for side, found in values.items() for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Parted:
    """Two records that a person has parted for good.

    ``strangers``: they are two people, and each may get a partner of its own; else nothing is created for them.
    """

    left_id: str
    right_id: str
    strangers: bool
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
    undone, restored, consent, recreated, tombstoned, revived, truncated (``other`` = what did not fit),
    stored_differently, withdrawn, unknown; decided by a person: taken (``after`` shall win, ``other`` lose), unlinked,
    split, decided (``reason`` says what), accepted;
    erased (of whom, it does not tell).
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
        parted, joined: pairs that a person parts, or parts no longer.
        choices: what a person decides about holds that are there already (None takes a decision back).
        accepted: quarantines (by side, record and field) that a person wants to see no more.
        touched: records (object, id) to be examined again: their mirror rows get the next seq.
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
    parted: Sequence[Parted] = ()
    joined: Sequence[tuple[str, str]] = ()
    choices: Sequence[tuple[HoldKey, Choice | None]] = ()
    accepted: Sequence[HoldKey] = ()
    touched: Sequence[tuple[int, str]] = ()


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
        examined: records whose holds and quarantines are over.
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
    examined: Sequence[tuple[Side, str]] = ()
    holds: Sequence[Hold] = ()
    quarantined: Sequence[Quarantined] = ()
    journal: Sequence[JournalEntry] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of one connection for status and metrics; keys are the enums' values.

    ``held``: without what a person has left alone for good.
    """

    links: int
    tombstones: int
    held: Mapping[str, int]
    quarantined: Mapping[str, int]
    intents: Mapping[str, int]
    oldest_unknown: float  # wall seconds of the oldest intent that is unknown, 0.0 if none
    stored_differently: int


@dataclass(frozen=True, slots=True)
class Stand:
    """A mirror row without its values: where a record stands."""

    record_id: str
    seq: int
    gone: bool = False
    moved_to: str = ""


class ContactState(StrEnum):
    """Where a record of a side stands in a connection; each is in exactly one state."""

    IN_SYNC = "in_sync"  # it has a partner, and both are kept the same
    PENDING = "pending"  # it has not been looked at yet, or its partner is being made or waits for approval
    EXCLUDED = "excluded"  # it has no partner and gets none
    DUPLICATE = "duplicate"  # several records of its own side share a key
    AMBIGUOUS = "ambiguous"  # several records of the other side could be its partner
    HELD = "held"  # another decision of a person is needed
    REFUSED = "refused"  # the other app refuses it, or it cannot be read
    FROZEN = "frozen"  # it has a partner, but is out of the rules' scope
    DELETED = "deleted"  # it is gone, or its partner is


ContactCounts = Mapping[Side, Mapping[ContactState, int]]
"""How many records each side has in each state."""
