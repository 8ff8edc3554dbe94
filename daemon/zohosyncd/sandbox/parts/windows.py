"""So many requests in so many seconds, as vendors count them."""

from collections import deque
from dataclasses import dataclass, field

from zohosyncd.sandbox.wire import Clock


@dataclass(slots=True)
class Window:
    """At most ``most`` uses in any ``seconds``. ``most`` may be changed while it runs; 0 lets nothing through."""

    clock: Clock
    most: int
    seconds: float
    _uses: deque[float] = field(default_factory=deque)

    def take(self, uses: int = 1) -> float:
        """Use it: 0.0 where that is allowed, else how many seconds it takes until it would be; nothing is used then."""
        self._forget()
        if len(self._uses) + uses <= self.most:
            self._uses.extend([self.clock.now()] * uses)
            return 0.0
        over = len(self._uses) + uses - self.most
        frees = self._uses[min(over, len(self._uses)) - 1] if self._uses else self.clock.now()
        return max(frees + self.seconds - self.clock.now(), 0.001)

    @property
    def left(self) -> int:
        """How many uses are left now."""
        self._forget()
        return max(self.most - len(self._uses), 0)

    def _forget(self) -> None:
        border = self.clock.now() - self.seconds
        while self._uses and self._uses[0] <= border:
            self._uses.popleft()
