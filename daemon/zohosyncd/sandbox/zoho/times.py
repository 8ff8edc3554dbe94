"""Zoho's timestamps: whole seconds with the offset of the API user's time zone, which moves with daylight saving."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIXED = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: a fixed offset, Europe/Berlin (which needs no tz database), or a name from the tz database."""

    name: str

    def __post_init__(self) -> None:
        try:
            self.offset(0)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"unknown time zone {self.name!r}: use +hh:mm or a name that this machine's tz database has"
            raise ValueError(message) from error

    def offset(self, seconds: int) -> int:
        """Seconds east of UTC at a moment (seconds since 1970)."""
        if fixed := _FIXED.fullmatch(self.name):
            return (1 if fixed[1] == "+" else -1) * (int(fixed[2]) * 3600 + int(fixed[3]) * 60)
        if self.name == "Europe/Berlin":
            return 7200 if _summer(seconds) else 3600
        found = datetime.fromtimestamp(seconds, ZoneInfo(self.name)).utcoffset()
        return int(found.total_seconds()) if found is not None else 0


def _summer(seconds: int) -> bool:
    year = datetime.fromtimestamp(seconds, UTC).year
    return _last_sunday(year, 3) <= seconds < _last_sunday(year, 10)


@lru_cache(maxsize=256)
def _last_sunday(year: int, month: int) -> int:
    """The change at 01:00 UTC on the last Sunday (Directive 2000/84/EC)."""
    day = 31 - (calendar.weekday(year, month, 31) + 1) % 7
    return int(datetime(year, month, day, 1, tzinfo=UTC).timestamp())


@lru_cache(maxsize=65_536)
def stamp(seconds: int, zone: Zone) -> str:
    """A moment as Zoho writes it, ``2026-11-23T09:15:00+01:00``."""
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=zone.offset(seconds)))).isoformat()


def instant(text: str) -> int | None:
    """The moment (whole seconds since 1970) of an ISO 8601 time with offset, None when it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else int(moment.timestamp() // 1)
