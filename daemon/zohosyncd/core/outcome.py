"""What is decided about two linked records: the policy that goes in, and the outcomes that come out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zohosyncd.core.link import Link
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.side import Direction, Side, Winner


class Deletion(StrEnum):
    """What a deletion on one side does to the other."""

    OFF = "off"
    TAG = "tag"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided for a connection.

    Attributes:
        direction: which way records and values may travel.
        winner, first_sync_winner: who wins a clash, later and when there is no base yet.
        deletions: by the side on which a record would be deleted.
        exact_versions: by side, whether equal versions mean equal content.
        locked: by side, the fields that the app has locked, as its schema knows now.
    """

    direction: Direction = Direction.BOTH
    winner: Winner = Winner.NEWEST
    first_sync_winner: Winner = Winner.NEWEST
    deletions: Mapping[Side, Deletion] = field(default_factory=dict)
    exact_versions: Mapping[Side, bool] = field(default_factory=dict)
    locked: Mapping[Side, Collection[str]] = field(default_factory=dict)


class Gone(StrEnum):
    """There is evidence that the record does not exist any more."""

    GONE = "gone"


class NotSeen(StrEnum):
    """Nothing is known about the record now; only a point read can tell."""

    NOT_SEEN = "not_seen"


Sight = Record | Gone | NotSeen


@dataclass(frozen=True, slots=True)
class Write:
    """Values for one side, and the bases that they move when they have arrived.

    Attributes:
        patch: the fields to write. before: what the target shows in them now.
        source: the source's raw values that it was decided from: its base afterwards.
        agreed: the target's base afterwards (for sets: without what the target itself added meanwhile).
        blanks: names of pairs that it empties.
        opts_out, opts_in: it opts the person out, or in.
    """

    patch: Mapping[str, Value]
    before: Mapping[str, Value]
    source: Mapping[str, Value]
    agreed: Mapping[str, Value]
    blanks: tuple[str, ...] = ()
    opts_out: bool = False
    opts_in: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed one field, or one emptied it. ``held``: nobody wins before a person decides.

    ``cleared``: the side on which somebody emptied the field, where the pair does not let that travel by itself.
    """

    pair: str
    winner: Side
    fields: Mapping[Side, tuple[str, ...]]
    values: Mapping[Side, Values]
    held: bool = False
    cleared: Side | None = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that the side cannot store. ``reason`` names no personal data; ``option``: the choice of the other side
    that has no counterpart, "" where it is anything else."""

    pair: str
    side: Side
    reason: str
    option: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Something beside a clash waits for a person. ``what``: "consent" or "leaving"; ``detail`` is for that person."""

    what: str
    side: Side
    detail: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remarked:
    """A decision that history keeps: its kind, the side it is about, why, and values on both sides."""

    kind: str
    side: Side
    reason: str
    fields: tuple[str, ...] = ()
    after: Values = field(default_factory=dict)
    other: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """Both records exist. The link carries the bases of everything that agrees without a write.

    Attributes:
        held: what a person has to decide beside clashes. remarks: decisions for the journal.
        again: there is more to do once the writes have arrived, and nothing but another look will find it.
    """

    link: Link
    writes: Mapping[Side, Write] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    revived: bool = False
    held: tuple[Held, ...] = ()
    remarks: tuple[Remarked, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Recreate:
    """The record of ``side`` is gone, but the other one was edited since: an edit beats a deletion."""

    link: Link
    side: Side


@dataclass(frozen=True, slots=True)
class Delete:
    """The record of the other side is gone, and this one has not changed since: it goes too, if the guard lets it.

    ``left``: the other record is not gone, but the pair has left the rules.
    """

    link: Link
    side: Side
    left: bool = False


@dataclass(frozen=True, slots=True)
class Tagging:
    """As ``Delete``, but the record is only given the tag that says so; when it bears it, the link is buried."""

    link: Link
    side: Side
    write: Write


@dataclass(frozen=True, slots=True)
class Part:
    """The pair has left the rules, and is no pair any more; both records stay."""

    link: Link


@dataclass(frozen=True, slots=True)
class Bury:
    """The link becomes a tombstone; a survivor stays. ``gone``: the sides without a record."""

    link: Link
    gone: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be decided before ``side`` has been read."""

    side: Side


Outcome = Merged | Recreate | Delete | Tagging | Bury | Part | Wait
