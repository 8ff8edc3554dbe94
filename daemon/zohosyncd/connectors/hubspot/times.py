"""HubSpot's moments: ISO 8601 in milliseconds and UTC, or milliseconds since 1970; days are midnight UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS: Final = 86_400_000
_MOST_DIGITS: Final = 15


@lru_cache(maxsize=4_096)
def millis(text: object) -> int | None:
    """Milliseconds since 1970 of a moment in any of its spellings; None for what is none."""
    if not isinstance(text, str):
        return None
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and 5 < len(digits) <= _MOST_DIGITS:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def in_utc(text: object) -> str | None:
    """The same moment in our spelling: ``2021-05-02T05:47:33+00:00``; milliseconds only where there are any."""
    moment = millis(text)
    if moment is None:
        return None
    try:
        read = _EPOCH + timedelta(milliseconds=moment)
    except OverflowError:
        return None
    return read.isoformat(timespec="milliseconds" if moment % 1000 else "seconds")


def day_of(text: str) -> str | None:
    """The day of a date property, ``YYYY-MM-DD``; None for what is none."""
    if len(text) >= 10 and text[4:5] == "-":
        try:
            return datetime.fromisoformat(text[:10]).date().isoformat()
        except ValueError:
            return None
    moment = millis(text)
    shown = in_utc(str(moment - moment % _DAY_MS)) if moment is not None else None
    return shown[:10] if shown else None
