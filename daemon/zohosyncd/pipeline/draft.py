"""A batch of rows on its way to a decision: what is claimed, what was found, what will be stored and done."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from zohosyncd.core.link import Link
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.persons import NOBODY, BatchClaims
from zohosyncd.pipeline.work import Person, Work
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Decision, Hold, Intent, IntentState, JournalEntry, MirrorRow, Permitted, Quarantined


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
            self.links or self.unlink or self.intents or self.drop_intents or self.holds or self.quarantined
            or self.examined or self.journal
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
        settled: need nothing more. busy: somebody else works on their person. later: to be looked at in a later run.
        unlinked, linked: to be decided.
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
    later: list[MirrorRow] = field(default_factory=list)
    unlinked: list[MirrorRow] = field(default_factory=list)
    linked: list[tuple[MirrorRow, Link]] = field(default_factory=list)
    before: dict[str, Hold] = field(default_factory=dict)

    def put_off(self, row: MirrorRow) -> None:
        """Somebody else works on the row's person."""
        self.claims.drop(row.record_id)
        self.busy.append(row)

    def work(self, row: MirrorRow, link: Link | None = None) -> Work:
        """The work on a row; it takes over what was claimed for it."""
        claimed = self.claims.hand_over(row.record_id)
        return Work(self.side, row.record_id, row.seq, claimed, link=link, edited_at=row.edited_at)


Wish = tuple[Side, str, str, WriteKind]
"""What an intent is about: the side it writes to, source, target, kind."""


def wish(intent: Intent) -> Wish:
    """What an intent is about."""
    return intent.side, intent.source_id, intent.target_id, intent.kind


class Approvals:
    """Intents of a connection that wait for a person, and what was released.

    ``counting``: dangerous writes are counted before they are sent, as they are not in a first sync.
    ``released``, ``approved``: what may be sent; what of it a person has approved.
    """

    def __init__(self) -> None:
        self.counting = False
        self.released: set[Wish] = set()
        self.approved: set[Wish] = set()
        self._waiting: dict[Wish, Intent] = {}
        self._about: dict[tuple[Side, str], set[Wish]] = {}

    @property
    def waiting(self) -> Collection[Intent]:
        """What waits, or was approved and has not been decided anew yet."""
        return self._waiting.values()

    def load(self, intents: Iterable[Intent]) -> None:
        """Begin anew with these."""
        self._waiting.clear()
        self._about.clear()
        for intent in intents:
            self.add(intent)

    def add(self, intent: Intent) -> None:
        """One more waits."""
        wished = wish(intent)
        self._waiting[wished] = intent
        for record in _concerned(wished):
            self._about.setdefault(record, set()).add(wished)

    def let_go(self, wished: Wish) -> bool:
        """Whether it has been counted, or a person has approved it."""
        waiting = self._waiting.get(wished)
        return wished in self.released or (waiting is not None and waiting.state is IntentState.APPROVED)

    def concern(self, side: Side, record_id: str) -> bool:
        """Whether anything waits that a record is the source or the target of."""
        return (side, record_id) in self._about

    def decided(self, records: Iterable[tuple[Side, str]], intents: Sequence[Intent], draft: Draft) -> None:
        """A new decision about these records replaces everything about them that waits.

        An approved intent that is still equal is released; what is not wished any more is dropped.
        """
        wished = {wish(intent): intent for intent in intents}
        old = {each for record in records for each in self._about.get(record, ())} | (wished.keys() & self._waiting)
        for each in old:
            before, now = self._pop(each), wished.get(each)
            draft.drop_intents.append(before.id)
            if now is not None and before.state is IntentState.APPROVED and before.patch == now.patch:
                self.released.add(each)
                self.approved.add(each)

    def permitted(self, intent: Intent) -> Permitted | None:
        """Why a write that is sent now does not count as one that nobody was asked about; None where it does."""
        if not self.counting:
            return Permitted.FIRST_SYNC
        return Permitted.APPROVED if wish(intent) in self.approved else None

    def ended(self, intent: Intent) -> None:
        """It has its outcome; what comes later is another wish."""
        self.released.discard(wish(intent))
        self.approved.discard(wish(intent))

    def _pop(self, wished: Wish) -> Intent:
        for record in _concerned(wished):
            about = self._about[record]
            about.discard(wished)
            if not about:
                del self._about[record]
        return self._waiting.pop(wished)


def _concerned(wished: Wish) -> list[tuple[Side, str]]:
    side, source, target, _kind = wished
    return [(side.other, source), *([(side, target)] if target else [])]
