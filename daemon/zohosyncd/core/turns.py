"""Who fills a batch when several connections wait for it: deficit round robin, in which each item costs one.

Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round Robin". Each in turn puts in up to a quantum;
whoever had to stop because the batch was full goes on with the rest of it in the next one. A batch is charged to each
connection by its part. Pure.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

QUANTUM: Final = 10
"""Items of one turn."""


class Turns(Generic[T]):
    """Items that wait, by connection; those of one keep their order."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[T]] = {}  # in the order of their turns
        self._left = QUANTUM  # what the first may still put in
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, flow: int, items: Iterable[T]) -> None:
        """These of one connection wait, too."""
        queue = self._queues.setdefault(flow, deque())
        before = len(queue)
        queue.extend(items)
        self._count += len(queue) - before
        if not queue:
            del self._queues[flow]

    def take(self, most: int) -> list[T]:
        """The next batch: as many as there are, but no more than ``most``."""
        taken: list[T] = []
        while self._queues and len(taken) < most:
            flow, queue = next(iter(self._queues.items()))
            count = min(self._left, most - len(taken), len(queue))
            taken += [queue.popleft() for _ in range(count)]
            self._left -= count
            if queue and self._left:
                break  # the batch is full in the middle of a turn
            del self._queues[flow]
            if queue:
                self._queues[flow] = queue  # at the end
            self._left = QUANTUM
        self._count -= len(taken)
        return taken
