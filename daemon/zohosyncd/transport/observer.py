"""Who is told about every try: a protocol, so that this room needs no metrics."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was sent, or could not be.

    Attributes:
        account, method, template: what was called, without personal data.
        result: the status as text ("200"), "undelivered" or "lost".
        seconds: from the start of the request to the last byte of its answer.
        received: bytes of the answer's body, decompressed.
    """

    account: str
    method: str
    template: str
    result: str
    seconds: float
    received: int = 0


class CallObserver(Protocol):
    """Listens to the clients of all accounts. It must return at once and raise nothing."""

    def begun(self, account: str) -> None:
        """A request is under way."""
        ...

    def ended(self, account: str) -> None:
        """It is no longer under way: answered, failed or cancelled."""
        ...

    def attempted(self, attempt: Attempt) -> None:
        """A try ended."""
        ...

    def waiting(self, account: str, reason: str, seconds: float) -> None:
        """A client waits before it tries again; ``reason``: rate_limited, unavailable, lost or login."""
        ...

    def login_renewed(self, account: str, result: str) -> None:
        """An access token was asked for; ``result``: done, refused, throttled or unavailable."""
        ...

    def token_in_use(self, account: str, made: float, ends: float) -> None:
        """This access token is used from now on: when it was made, and will be replaced (wall seconds)."""
        ...


class Unobserved:
    """Nobody listens."""

    def begun(self, account: str) -> None:
        """Ignore it."""

    def ended(self, account: str) -> None:
        """Ignore it."""

    def attempted(self, attempt: Attempt) -> None:
        """Ignore it."""

    def waiting(self, account: str, reason: str, seconds: float) -> None:
        """Ignore it."""

    def login_renewed(self, account: str, result: str) -> None:
        """Ignore it."""

    def token_in_use(self, account: str, made: float, ends: float) -> None:
        """Ignore it."""
