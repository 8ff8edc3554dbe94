"""Virtual time and seeded chance: a whole company in one thread, the same each time."""

import asyncio
import heapq
import random
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
START = 1_795_000_000.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer whenever nothing is ready: waiting costs nothing."""

    def __init__(self, elapsed: float) -> None:
        super().__init__()
        self.elapsed = elapsed

    def time(self) -> float:
        return self.elapsed

    def _run_once(self) -> None:
        ready, scheduled = self._ready, self._scheduled  # type: ignore[attr-defined]
        while scheduled and scheduled[0]._cancelled:
            self._timer_cancelled_count -= 1
            heapq.heappop(scheduled)._scheduled = False
        if not ready and scheduled:
            self.elapsed = max(self.elapsed, scheduled[0]._when)
        super()._run_once()  # type: ignore[misc]


class VirtualClock:
    """The loop's time as a clock for the daemon, and for the simulated world."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self.loop: VirtualLoop | None = None

    @property
    def elapsed(self) -> float:
        return self._elapsed if self.loop is None else self.loop.elapsed

    def now(self) -> float:
        return START + self.elapsed

    def monotonic(self) -> float:
        return self.elapsed

    def keep(self, elapsed: float) -> None:
        self._elapsed, self.loop = elapsed, None

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SeededEntropy:
    """Chance that is the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def new_id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


def run(clock: VirtualClock, work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of its own that begins where the clock stands."""
    loop = clock.loop = VirtualLoop(clock.elapsed)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        clock.keep(loop.elapsed)
        asyncio.set_event_loop(None)
        loop.close()
