"""Zoho's moments: ISO 8601 in whole seconds, with the offset of the API user, which moves with the seasons."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

_MINUTE_NAMES: Final = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60))
_SECOND_NAMES: Final = tuple(f":{second:02}" for second in range(60))
_MINUTES: Final = {name: 60 * number for number, name in enumerate(_MINUTE_NAMES)}
_SECONDS: Final = {name: number for number, name in enumerate(_SECOND_NAMES)}
_EPOCH: Final = date(1970, 1, 1).toordinal()


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
        # Most days have been met before, and within a day there is nothing to calculate but a sum.
        day, minutes, seconds = _day(text[:10], text[19:]), _MINUTES[text[11:16]], _SECONDS[text[16:19]]
        moment = day + minutes + seconds
        number, within = divmod(moment, 86_400)
        return float(moment), f"{_day_name(number)}{_MINUTE_NAMES[within // 60]}{_SECOND_NAMES[within % 60]}+00:00"
    except (KeyError, ValueError, OverflowError):
        return _read_any(text)


def _read_any(text: str) -> tuple[float, str] | None:
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


@lru_cache(maxsize=4_096)
def _day(day: str, offset: str) -> int:
    """The second at which a day begins where this offset is in force.

    Raises:
        ValueError: it is no day, or no offset in whole seconds.
    """
    start = datetime.fromisoformat(f"{day}T00:00:00{offset}")
    if start.tzinfo is None or not start.timestamp().is_integer():
        raise ValueError("no offset")
    return int(start.timestamp())


@lru_cache(maxsize=4_096)
def _day_name(number: int) -> str:
    return f"{date.fromordinal(_EPOCH + number).isoformat()}T"
