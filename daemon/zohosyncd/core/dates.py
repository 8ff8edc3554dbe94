"""Dates with and without a year: "1980-03-05" and "--03-05" (RFC 6350 4.3.1, in the extended form); moments."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final

_FULL: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?", re.ASCII).fullmatch
_YEARLESS: Final = re.compile(r"--(\d\d)-?(\d\d)", re.ASCII).fullmatch
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=2048)
def canonical_date(text: str) -> str | None:
    """The date as "YYYY-MM-DD" or "--MM-DD", None if the text is no date.

    A time behind the date is dropped: a birthday is no point in time and is moved by no time zone.
    """
    text = text.strip()
    if found := _FULL(text):
        year, month, day = found.groups()
        return f"{year}-{month}-{day}" if _exists(int(year), int(month), int(day)) else None
    if found := _YEARLESS(text):
        month, day = found.groups()
        return f"--{month}-{day}" if _exists(4, int(month), int(day)) else None
    return None


def moment_of(text: str) -> float | None:
    """Seconds since 1970 UTC of "YYYY-MM-DDTHH:MM:SS+HH:MM"; None for what is no moment, or one without an offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()


def has_year(date: str) -> bool:
    """Whether a canonical date names its year."""
    return not date.startswith("--")


def is_less_precise(part: str | None, whole: str | None) -> bool:
    """Whether ``part`` is ``whole`` without its year: both canonical dates, agreeing in month and day."""
    if part is None or whole is None:
        return False
    return not has_year(part) and has_year(whole) and whole[4:] == part[1:]


def _exists(year: int, month: int, day: int) -> bool:
    if year == 0 or not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return leap or (month, day) != (2, 29)
