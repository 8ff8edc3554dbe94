"""Zoho's moments: ISO 8601 in whole seconds, with the offset of the API user, which moves with the seasons."""

from datetime import UTC, datetime


def instant(text: object) -> float | None:
    """Seconds since 1970 of ``2021-05-02T11:17:33+05:30``; None for what is no such moment."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Without an offset nobody knows which moment is meant.
    return None if moment.tzinfo is None else moment.timestamp()


def in_utc(text: object) -> str | None:
    """The same moment in one spelling, however the user's offset changes: ``2021-05-02T05:47:33+00:00``."""
    moment = instant(text)
    return None if moment is None else header_time(moment)


def header_time(moment: float) -> str:
    """A moment as Zoho's conditional headers take it: whole seconds, rounded down, in UTC."""
    return datetime.fromtimestamp(int(moment // 1), UTC).isoformat(timespec="seconds")
