"""The bells that hang out: which request rings which of them. It judges what strangers send, and waits for nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from zohosyncd.ports.push import Bell, Greeted, Hook, Rang, Ring, Stranger
from zohosyncd.ports.world import Clock

PREFIX: Final = "/hooks/"
"""Where bells hang, below the public address."""

_BELL_RATE, _BELL_BURST = 20.0, 100.0
_STRANGER_RATE, _STRANGER_BURST = 10.0, 100.0


class RingOutcome(StrEnum):
    """What became of a request; the words of a metric."""

    RANG = "rang"
    GREETED = "greeted"
    STRANGER = "stranger"  # nothing proves that the app sent it
    UNKNOWN = "unknown"  # no bell hangs there
    METHOD = "method"  # the app's requests come by another method
    LIMITED = "limited"  # too many
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request. Whoever cannot prove anything gets the same one, whatever is there."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain"


NOTHING_HERE: Final = Reply(404)
_TOO_MANY: Final = Reply(429)
_HEARD: Final = Reply(200)


@dataclass(slots=True)
class Bucket:
    """So many at once, and so many a second after that."""

    rate: float
    burst: float
    level: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.level = self.burst

    def has(self, now: float) -> bool:
        """Whether one more could pass now (monotonic seconds)."""
        self.level = min(self.burst, self.level + max(now - self.at, 0.0) * self.rate)
        self.at = now
        return self.level >= 1.0

    def take(self, now: float) -> bool:
        """Whether one more may pass now; it does."""
        passes = self.has(now)
        self.level -= passes
        return passes


def _bucket() -> Bucket:
    return Bucket(_BELL_RATE, _BELL_BURST)


@dataclass(slots=True)
class _Hung:
    """A bell that hangs out."""

    hook: Hook
    secret: str = field(repr=False)
    rang: Callable[[frozenset[str]], None]
    bucket: Bucket


class Doorbell:
    """All bells of the daemon.

    Args:
        public_url: the address under which apps reach us. clock: for rates and arrival.
        counted: is told what became of each request.
    """

    def __init__(self, public_url: str, clock: Clock, counted: Callable[[RingOutcome], None]) -> None:
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._counted = counted
        self._hung: dict[str, _Hung] = {}
        self._strangers = Bucket(_STRANGER_RATE, _STRANGER_BURST)

    def address(self, hook: Hook, key: str) -> str:
        """The address of a bell."""
        return f"{self._public_url}{PREFIX}{hook.path}/{key}"

    def hang(self, bell: Bell, hook: Hook, rang: Callable[[frozenset[str]], None]) -> None:
        """Hang a bell out, or give one that hangs there a new secret; ``rang`` is called for each ring."""
        path = f"{PREFIX}{hook.path}/{bell.key}"
        before = self._hung.get(path)
        self._hung[path] = _Hung(hook, bell.secret, rang, before.bucket if before is not None else _bucket())

    def take_down(self, bell: Bell, hook: Hook) -> None:
        """Nobody rings it any more."""
        self._hung.pop(f"{PREFIX}{hook.path}/{bell.key}", None)

    def full(self, path: str) -> bool:
        """Whether a request to this path has to be turned away before its body is read: there are too many."""
        hung, now = self._hung.get(path), self._clock.monotonic()
        if self._strangers.has(now) if hung is None else hung.bucket.take(now):
            return False
        self._counted(RingOutcome.LIMITED)
        return True

    def turned_away(self, outcome: RingOutcome) -> None:
        """A request whose body was not read to its end."""
        self._strangers.take(self._clock.monotonic())
        self._counted(outcome)

    def answer(self, path: str, ring: Ring) -> Reply:
        """What a request is answered; a true ring is told to whoever hung the bell.

        Args:
            path: below the public address, with :data:`PREFIX`. ring: the request.
        """
        outcome, reply = self._judged(path, ring)
        if outcome in (RingOutcome.UNKNOWN, RingOutcome.STRANGER, RingOutcome.METHOD):
            self._strangers.take(self._clock.monotonic())
        self._counted(outcome)
        return reply

    def _judged(self, path: str, ring: Ring) -> tuple[RingOutcome, Reply]:
        hung = self._hung.get(path)
        if hung is None:
            return RingOutcome.UNKNOWN, NOTHING_HERE
        if ring.method not in hung.hook.methods:
            return RingOutcome.METHOD, NOTHING_HERE
        match hung.hook.read(ring, hung.secret):
            case Rang(ids):
                hung.rang(ids)
                return RingOutcome.RANG, _HEARD
            case Greeted(body, content_type):
                return RingOutcome.GREETED, Reply(200, body, content_type)
            case Stranger():
                return RingOutcome.STRANGER, NOTHING_HERE

    @property
    def public_url(self) -> str:
        """The address under which apps reach us, without a slash at its end."""
        return self._public_url

    def now(self) -> float:
        """Wall time, for requests that arrive."""
        return self._clock.now()
