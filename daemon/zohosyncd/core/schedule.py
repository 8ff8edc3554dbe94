"""Who goes next among calls that wait for one account: by purpose, then fairly among its connections.

Within a purpose it is deficit round robin (Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round Robin"):
each connection in turn may spend its quantum, and keeps what is too little for its next call. A purpose that has been
passed over too often goes first once, so that none starves. Pure: what may go now is asked of the caller.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

QUANTUM: Final = 10
"""Credits of one turn: the price of a full batch in the app that counts them."""

PATIENCE: Final = 20
"""How often a purpose is passed over before it goes first once."""


class Purpose(IntEnum):
    """What a call is for, the most urgent first."""

    ASKED = 0  # who we are, fields, whatever a person waits for: nothing else can go on without it
    POINT = 1  # a read just before a write
    WRITE = 2
    FEED = 3  # what has changed
    BACKFILL = 4  # a first or repeated complete read
    SWEEP = 5  # the slow complete read that finds what no feed tells


@dataclass(frozen=True, slots=True)
class Wish:
    """A call that waits.

    Attributes:
        purpose: what for. flow: the connection that it is made for, 0 for none in particular.
        cost: credits, at least 1. heavy: whether it falls under the app's smaller limit for heavy calls.
    """

    purpose: Purpose
    flow: int = 0
    cost: int = 1
    heavy: bool = False


May = Callable[[Wish], bool]


def _always(_wish: Wish) -> bool:
    return True


@dataclass(slots=True)
class _Round:
    """Deficit round robin over the flows of one purpose."""

    queues: dict[int, deque[tuple[int, Wish]]] = field(default_factory=dict)
    deficits: dict[int, int] = field(default_factory=dict)
    turns: deque[int] = field(default_factory=deque)
    begun: bool = False  # the first flow has had its quantum for this turn
    passed: int = 0

    def join(self, number: int, wish: Wish) -> None:
        queue = self.queues.get(wish.flow)
        if queue is None:
            queue = self.queues[wish.flow] = deque()
            self.deficits[wish.flow] = 0
            self.turns.append(wish.flow)
        queue.append((number, wish))

    def leave(self, number: int, flow: int) -> None:
        queue = self.queues[flow]
        queue.remove(next(each for each in queue if each[0] == number))
        if not queue:
            self._drop(flow)

    def ready(self, may: May) -> bool:
        return any(may(queue[0][1]) for queue in self.queues.values())

    def next(self, may: May) -> tuple[int, Wish] | None:
        blocked = 0
        while blocked < len(self.turns):
            flow = self.turns[0]
            number, wish = self.queues[flow][0]
            if not may(wish):
                blocked += 1
                self._rotate()
                continue
            if not self.begun:
                self.deficits[flow] += QUANTUM
                self.begun = True
            if wish.cost <= self.deficits[flow]:
                self.deficits[flow] -= wish.cost
                self.queues[flow].popleft()
                if not self.queues[flow]:
                    self._drop(flow)
                return number, wish
            blocked = 0
            self._rotate()
        return None

    def _rotate(self) -> None:
        self.turns.rotate(-1)
        self.begun = False

    def _drop(self, flow: int) -> None:
        """A flow that has nothing to send keeps no credit."""
        if self.turns[0] == flow:
            self.begun = False
        self.turns.remove(flow)
        del self.queues[flow], self.deficits[flow]


class Line:
    """Calls that wait for their turn, by number."""

    def __init__(self) -> None:
        self._rounds = {purpose: _Round() for purpose in Purpose}
        self._wishes: dict[int, Wish] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._wishes)

    def __iter__(self) -> Iterator[tuple[int, Wish]]:
        """Everybody who waits, in the order they came."""
        return iter(list(self._wishes.items()))

    def join(self, wish: Wish) -> int:
        """Wait; answers the number under which it will be called."""
        self._last += 1
        self._wishes[self._last] = wish
        self._rounds[wish.purpose].join(self._last, wish)
        return self._last

    def leave(self, number: int) -> None:
        """Wait no longer."""
        wish = self._wishes.pop(number, None)
        if wish is not None:
            self._rounds[wish.purpose].leave(number, wish.flow)

    def next(self, may: May = _always) -> int | None:
        """The number of who goes now, who thereby leaves the line; None if nobody may.

        Args:
            may: whether such a call may go at this moment.
        """
        ready = [purpose for purpose in Purpose if self._rounds[purpose].ready(may)]
        if not ready:
            return None
        starved = [purpose for purpose in ready if self._rounds[purpose].passed >= PATIENCE]
        chosen = max(starved, key=lambda each: self._rounds[each].passed, default=ready[0])
        found = self._rounds[chosen].next(may)
        if found is None:
            return None
        self._rounds[chosen].passed = 0
        for purpose in ready:
            if purpose > chosen:
                self._rounds[purpose].passed += 1
        number, _wish = found
        del self._wishes[number]
        return number


@dataclass(slots=True)
class Width:
    """How many calls at once: additive increase, multiplicative decrease (Chiu and Jain).

    Attributes:
        most: never more than this. now: at the moment.
    """

    most: int
    now: float = 0.0
    _calm_from: float = 0.0

    def __post_init__(self) -> None:
        self.now = self.now or float(self.most)

    @property
    def calls(self) -> int:
        """Whole calls, at least one."""
        return max(1, int(self.now))

    def refused(self, sent_at: float, now: float) -> None:
        """The app said "too many at once" to a call sent at ``sent_at``.

        Calls that were under way when the width was halved say nothing new.
        """
        if sent_at >= self._calm_from:
            self.now = max(1.0, self.now / 2.0)
            self._calm_from = now

    def passed(self) -> None:
        """A call went through: one more for each full width of them."""
        self.now = min(float(self.most), self.now + 1.0 / max(self.now, 1.0))

    def limit(self, most: int) -> None:
        """Another upper end; a width that has never been too much goes along."""
        if self.now >= self.most:
            self.now = float(most)
        self.most = most
        self.now = min(self.now, float(most))
