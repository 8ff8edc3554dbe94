"""A batch of rows on its way to a decision: what is claimed, what was found, what will be stored and done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zohosyncd.core.link import Link
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.persons import NOBODY, BatchClaims
from zohosyncd.pipeline.work import Person, Work
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Decision, Hold, Intent, IntentState, JournalEntry, MirrorRow, Quarantined


@dataclass(frozen=True, slots=True)
class Permit:
    """What a stage of the first sync allows.

    ``known``: seqs by side; before rows up to there are created on the other side the app is not asked for them, since
    it has just been read completely.
    """

    link: bool = True
    merge: bool = True
    create: bool = True
    known: Mapping[Side, int] = field(default_factory=dict)


EVERYTHING = Permit()
MATCH_ONLY = Permit(merge=False, create=False)


@dataclass(slots=True)
class Draft:
    """A decision in the making, and what has to happen once it is stored; ``woken``: records to be examined anew."""

    links: list[Link] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    examined: list[tuple[Side, str]] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    works: list[tuple[Work, list[Delivery]]] = field(default_factory=list)
    drop_intents: list[str] = field(default_factory=list)
    unlink: list[int] = field(default_factory=list)
    woken: list[tuple[Side, str]] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        """Whether there is anything to store."""
        return bool(
            self.links or self.unlink or self.intents or self.holds or self.quarantined or self.examined or self.journal
        )  # fmt: skip

    def decision(self, connection_id: int) -> Decision:
        """The unit of work."""
        return Decision(
            connection_id, self.links, self.intents, self.holds, self.quarantined, self.examined,
            self.drop_intents, self.journal, self.unlink,
        )  # fmt: skip


@dataclass(slots=True)
class Batch:
    """Rows of one side under examination, sorted by what has to be done about them.

    Attributes:
        side, permit, run: whose rows, what may be done about them, in which run.
        claims: what this batch has claimed, by row. persons: of rows in a ring, everything that belongs to them.
        settled: need nothing more. busy: somebody else works on their person. unlinked, linked: to be decided.
        before: holds of unlinked rows as whole records, as they stood.
    """

    side: Side
    permit: Permit
    run: str
    claims: BatchClaims
    persons: Mapping[str, frozenset[Person]] = field(default_factory=lambda: NOBODY)
    draft: Draft = field(default_factory=Draft)
    settled: list[MirrorRow] = field(default_factory=list)
    busy: list[MirrorRow] = field(default_factory=list)
    unlinked: list[MirrorRow] = field(default_factory=list)
    linked: list[tuple[MirrorRow, Link]] = field(default_factory=list)
    before: dict[str, Hold] = field(default_factory=dict)

    def put_off(self, row: MirrorRow) -> None:
        """Somebody else works on the row's person."""
        self.claims.drop(row.record_id)
        self.busy.append(row)

    def work(self, row: MirrorRow, link: Link | None = None) -> Work:
        """The work on a row; it takes over what was claimed for it."""
        return Work(self.side, row.record_id, row.seq, self.claims.hand_over(row.record_id), link=link)


Wish = tuple[Side, str, str, WriteKind]
"""What an intent is about: the side it writes to, source, target, kind."""


def wish(intent: Intent) -> Wish:
    """What an intent is about."""
    return intent.side, intent.source_id, intent.target_id, intent.kind


class Approvals:
    """Intents of a connection that wait for a person, and what was released."""

    def __init__(self) -> None:
        self.waiting: dict[Wish, Intent] = {}
        self.released: set[Wish] = set()

    def replace(self, intent: Intent, draft: Draft) -> None:
        """A new decision replaces the one that waits; an approved one that is still equal is released."""
        old = self.waiting.pop(wish(intent), None)
        if old is None:
            return
        draft.drop_intents.append(old.id)
        if old.state is IntentState.APPROVED and old.kind is intent.kind and old.patch == intent.patch:
            self.released.add(wish(intent))
