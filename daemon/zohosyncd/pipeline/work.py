"""Who is being worked on, and how far a connection has come."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from zohosyncd.core.link import Link
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Intent, Quarantined

Person = tuple[int, str]
"""A record somewhere: (object id, record id). Links of all connections that share one share the person."""


_EVERYBODY = 0
"""Stands for all connections; no connection has this number."""


def persons_of(intent: Intent, source_object: int) -> list[Person]:
    """The records that an intent is about: its source in that object, and its target if it has one already."""
    persons = [(source_object, intent.source_id)]
    return [*persons, (intent.object_id, intent.target_id)] if intent.target_id else persons


class Claims:
    """Persons under work, over all connections: nobody waits for one, a busy person comes later.

    Without waiting there is no deadlock, and two connections never decide about one record at the same time, so
    that a ring of connections cannot rotate values.
    """

    def __init__(self) -> None:
        self._busy: Counter[Person] = Counter()

    def take(self, persons: Iterable[Person]) -> bool:
        """Claim all of them, or none; whoever has one already does not ask for it again."""
        wanted = set(persons)
        if any(person in self._busy for person in wanted):
            return False
        self._busy.update(wanted)
        return True

    def take_over(self, persons: Iterable[Person]) -> None:
        """Claim them, whoever else has: writes of two connections may both have been under way at the last end."""
        self._busy.update(set(persons))

    def release(self, persons: Iterable[Person]) -> None:
        """Give them back."""
        for person in set(persons):
            self._busy[person] -= 1
            if self._busy[person] <= 0:
                del self._busy[person]

    def __len__(self) -> int:
        return len(self._busy)


class Births:
    """Creates that have no outcome yet, of all connections.

    What they make may stand in the mirror before their answer is stored, or long before it is known. A record that was
    not there when the create was decided, and has no link, may be one of these: it is left alone until then.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[int, int, int]] = {}

    def begin(self, intent: Intent) -> None:
        """An intent may be sent from now on; only creates make something.

        One that takes the place of a lost record concerns every connection, as all of them know that record.
        """
        if intent.kind is WriteKind.CREATE:
            concerned = _EVERYBODY if intent.replaces else intent.connection_id
            self._open.setdefault(intent.id, (concerned, intent.object_id, intent.target_seq))

    def end(self, intent_id: str) -> None:
        """Its outcome is stored."""
        self._open.pop(intent_id, None)

    def known(self, object_id: int, connections: Collection[int]) -> float:
        """The seq up to which records of the object are certainly made by none of these connections."""
        concerned = {_EVERYBODY, *connections}
        of_these = (seq for each, at, seq in self._open.values() if at == object_id and each in concerned)
        return min(of_these, default=float("inf"))


class Offset:
    """How far one side of a connection is settled: everything up to ``floor`` is, some rows beyond may be open."""

    def __init__(self, start: int) -> None:
        self.position = start  # rows up to here have been handed out
        self._heap: list[int] = []
        self._open: dict[int, int] = {}

    def hand_out(self, seqs: Sequence[int]) -> None:
        """Rows on their way through the pipeline, ascending: all there are beyond the position, up to the last one."""
        for seq in seqs:
            self._begin(seq)
        if seqs:
            self.position = max(self.position, seqs[-1])
        self._forget_settled()

    def hand_out_again(self, seq: int) -> None:
        """A row that was read by its id. Beyond the position it comes by itself: others lie in between."""
        if seq <= self.position:
            self._begin(seq)

    def _begin(self, seq: int) -> None:
        if seq not in self._open:
            heapq.heappush(self._heap, seq)
        self._open[seq] = self._open.get(seq, 0) + 1

    def settle(self, seq: int) -> None:
        """A row is done, held, quarantined or waits for approval."""
        left = self._open.get(seq, 0) - 1
        if left > 0:
            self._open[seq] = left
        else:
            self._open.pop(seq, None)

    @property
    def floor(self) -> int:
        """The seq up to which everything is settled."""
        self._forget_settled()
        return self._heap[0] - 1 if self._heap else self.position

    def _forget_settled(self) -> None:
        while self._heap and self._heap[0] not in self._open:
            heapq.heappop(self._heap)

    @property
    def open(self) -> int:
        """How many rows are not settled."""
        return len(self._open)

    def rewind(self) -> None:
        """Hand everything that is not settled out again."""
        self.position = self.floor
        self._heap.clear()
        self._open.clear()


class Next(StrEnum):
    """What comes after an outcome."""

    SETTLED = "settled"
    AGAIN = "again"  # examine the record anew in this run
    LATER = "later"  # in a later run: the row stays unsettled
    UNKNOWN = "unknown"  # find out first
    RESENT = "resent"  # by sending the same request again


@dataclass(slots=True)
class Work:
    """One decision about one person on its way: it holds the claims until all its intents have an outcome.

    ``more``: there is more to do once they are all done, and only another look will find it.
    ``recalled``: it was decided before this start, perhaps under another configuration.
    ``refused``: of a create, the values that it leaves out.
    ``edited_at``: when its record was edited (wall seconds), 0.0 where that is not known.
    """

    side: Side
    record_id: str
    seq: int
    persons: tuple[Person, ...]
    link: Link | None = None
    open: set[str] = field(default_factory=set)
    next: Next = Next.SETTLED
    sent_at: float = 0.0
    more: bool = False
    recalled: bool = False
    refused: tuple[Quarantined, ...] = ()
    edited_at: float = 0.0

    def again(self) -> "Work":
        """Nothing can be decided yet: the record is examined anew."""
        self.next = Next.AGAIN
        return self

    def worsen(self, outcome: Next) -> None:
        """Remember the outcome that asks for most."""
        order = (Next.SETTLED, Next.AGAIN, Next.LATER, Next.UNKNOWN)
        self.next = max(self.next, outcome, key=order.index)
