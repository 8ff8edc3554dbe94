"""How often a call is tried and how long is waited in between."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from zohosyncd.ports.world import Entropy

LONGEST_RETRY_AFTER: Final = 3600.0
"""Seconds; a server that asks for more is asked again after this time."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter.

    Attributes:
        attempts: most tries of one call.
        base: seconds, the upper end of the first wait; it doubles with each try.
        cap: seconds, the longest wait of our own choice.
        total: seconds that all tries and waits of one call may take.
        login: seconds, the shortest and longest wait before a fresh login that was refused is tried once more.
    """

    attempts: int = 5
    base: float = 0.5
    cap: float = 30.0
    total: float = 120.0
    login: tuple[float, float] = (2.0, 5.0)

    def backoff(self, failures: int, entropy: Entropy) -> float:
        """Seconds to wait after that many failed tries (1 = after the first)."""
        return entropy.uniform(0.0, min(self.cap, self.base * 2.0 ** (failures - 1)))


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110 section 10.2.3), at most an hour; None if it says nothing.

    Args:
        header: its value, seconds or an HTTP date.
        now: wall time, for the date.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        # A number of hundreds of digits is absurd, but must not raise.
        seconds = float(text[:12]) if len(text) <= 12 else LONGEST_RETRY_AFTER
    else:
        moment = http_date(text)
        if moment is None:
            return None
        seconds = moment - now
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def http_date(text: str | None) -> float | None:
    """Seconds since 1970 of an HTTP date (RFC 9110 section 5.6.7); None where it is missing or is none."""
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
