"""What a piece of work took: seconds, and processor time by thread."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, of the event loop's own thread, and of all other threads (those of the storage)."""

    wall: float
    main: float
    storage: float

    @classmethod
    def now(cls) -> "Spent":
        """As of now; asked on the event loop's thread, the difference of two is what came in between."""
        main = time.thread_time()
        return cls(time.perf_counter(), main, time.process_time() - main)

    def __sub__(self, earlier: "Spent") -> "Spent":
        return Spent(self.wall - earlier.wall, self.main - earlier.main, self.storage - earlier.storage)
