"""A day in a property that holds a moment.

Outlook has no property for a day. Its web pages store 11:59 UTC, which is the same day in nearly all of the world
([MS-ASCNTC] 2.2.2.5: the time should be ignored); its desktop program stores midnight in the zone of the machine, which
in UTC is the evening before or the morning of the day; the reference speaks of midnight UTC.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from zohosyncd.core.errors import DataError

_NOON: Final = (timedelta(hours=11, minutes=59), timedelta(hours=12))
_YEARLESS: Final = 1604
"""The year that phones write where somebody has given none."""
_NEVER: Final = 4501
"""The year of "no date" in Exchange."""


def day_of(moment: str) -> str | None:
    """The day that somebody meant: "YYYY-MM-DD", "--MM-DD" where they gave no year, None for no day.

    A time around noon says nothing. Any other one is midnight somewhere, and so belongs to the nearest midnight UTC.

    Raises:
        DataError: it is no moment.
    """
    try:
        at = datetime.fromisoformat(moment)
        if len(moment) > 10 and at.tzinfo is None:
            raise DataError("a birthday without a time zone")
        found = _nearest(at.astimezone(UTC) if at.tzinfo else at)
    except (ValueError, OverflowError):
        raise DataError("a birthday that is no moment") from None
    if found.year >= _NEVER:
        return None
    return f"--{found:%m-%d}" if found.year == _YEARLESS else f"{found.year:04}-{found:%m-%d}"


def moment_of_day(day: str) -> str:
    """What is written for a day: 11:59 UTC, which no time zone from -11 to +12 moves to another day.

    Raises:
        DataError: it is no day with a year.
    """
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise DataError("a birthday needs its year here") from None
    return f"{found.year:04}-{found:%m-%d}T11:59:00Z"


def _nearest(at: datetime) -> date:
    time = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
    if _NOON[0] <= time <= _NOON[1]:
        return at.date()
    return (at + timedelta(hours=12)).date()
