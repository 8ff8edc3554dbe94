"""Zoho's moments: ISO 8601 in whole seconds, with the offset of the API user, which moves with the seasons."""

from datetime import UTC, datetime
from functools import lru_cache


def instant(text: object) -> float | None:
    """Seconds since 1970 of ``2021-05-02T11:17:33+05:30``; None for what is no such moment."""
    read = _read(text) if isinstance(text, str) else None
    return None if read is None else read[0]


def in_utc(text: object) -> str | None:
    """The same moment in one spelling, however the user's offset changes: ``2021-05-02T05:47:33+00:00``."""
    read = _read(text) if isinstance(text, str) else None
    return None if read is None else read[1]


def header_time(moment: float) -> str:
    """A moment as Zoho's conditional headers take it: whole seconds, rounded down, in UTC."""
    return datetime.fromtimestamp(int(moment // 1), UTC).isoformat(timespec="seconds")


@lru_cache(maxsize=1_024)
def _read(text: str) -> tuple[float, str] | None:
    """A moment both ways. The modified time of each record is asked for several times while its page is read."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None  # without an offset nobody knows which moment is meant
    try:
        in_seconds = moment.timestamp()
        return in_seconds, header_time(in_seconds)
    except (ValueError, OverflowError):
        return None
