"""Dates: every spelling of BDAY and its like, read to one form and written back in the card's own spelling."""

import re
from datetime import date
from typing import NamedTuple

from . import parameters
from .lines import Line

OMITTED = "X-APPLE-OMIT-YEAR"
_APPLE_YEAR = "1604"
_DATE = re.compile(r"(\d{4}|--)(-?)(\d{2})(-?)(\d{2})(T.*)?", re.ASCII | re.DOTALL)
_PLAIN = re.compile(r"(\d{4}-|--)(\d{2})-(\d{2})", re.ASCII)


class Spelled(NamedTuple):
    """A date as it stands in a line: new parameters and new value."""

    params: str
    value: str


def read(line: Line) -> str | None:
    """The date of a line as ``YYYY-MM-DD``, or ``--MM-DD`` without a year.

    ``None`` for what is no calendar day: free text (``VALUE=text``), a year alone, the 31st of April.
    """
    params = parameters.read(line.params)
    match = _DATE.fullmatch(line.value.strip())
    if match is None or any(value.lower() == "text" for value in params.get("VALUE")):
        return None
    year, month, day = match.group(1), match.group(3), match.group(5)
    if year in params.get(OMITTED):
        year = "--"
    found = f"--{month}-{day}" if year == "--" else f"{year}-{month}-{day}"
    return found if is_date(found) else None


def respelled(line: Line, day: str, version: str) -> Spelled:
    """Parameters and value of a line that is to show another date, in the spelling that it has now.

    Dashes stay dashes, a time of day stays, and a year is left out as this card leaves it out.

    Args:
        line: the line as it is.
        day: ``YYYY-MM-DD`` or ``--MM-DD``.
        version: of the card; decides where the line's present value is no date.

    Raises:
        ValueError: ``day`` is no such date.
    """
    _check(day)
    params = parameters.without(line.params, (OMITTED,))
    match = _DATE.fullmatch(line.value.strip())
    if match is None or read(line) is None:
        fresh = spelled(day, version)
        return Spelled(parameters.without(params, ("VALUE",)) + fresh.params, fresh.value)
    dashes = bool(match.group(2) or match.group(4))
    rest = match.group(6) or ""
    if not day.startswith("--"):
        return Spelled(params, (day if dashes else day.replace("-", "")) + rest)
    shortened = match.group(1) == "--"
    if shortened or (version == "4.0" and OMITTED not in line.params.upper()):
        return Spelled(params, (day if dashes else "--" + day[2:].replace("-", "")) + rest)
    whole = f"{_APPLE_YEAR}-{day[2:]}"
    return Spelled(f"{params};{OMITTED}={_APPLE_YEAR}", (whole if dashes else whole.replace("-", "")) + rest)


def spelled(day: str, version: str) -> Spelled:
    """Parameters and value of a new line.

    4.0 has the basic form and leaves years out (RFC 6350, 4.3.1). 3.0 gets the extended form; it cannot leave a
    year out, so the year is Apple's 1604 with the parameter that says so, which most address books understand.

    Raises:
        ValueError: ``day`` is neither ``YYYY-MM-DD`` nor ``--MM-DD``.
    """
    _check(day)
    without_year = day.startswith("--")
    if version == "4.0":
        return Spelled("", "--" + day[2:].replace("-", "") if without_year else day.replace("-", ""))
    if without_year:
        return Spelled(f";{OMITTED}={_APPLE_YEAR}", f"{_APPLE_YEAR}-{day[2:]}")
    return Spelled("", day)


def is_date(day: str) -> bool:
    """Whether a text is ``YYYY-MM-DD`` or ``--MM-DD`` and such a day exists (the 29th of February without year)."""
    match = _PLAIN.fullmatch(day)
    if match is None:
        return False
    year = 2000 if match.group(1) == "--" else int(match.group(1)[:4])
    try:
        date(year, int(match.group(2)), int(match.group(3)))
    except ValueError:
        return False
    return True


def _check(day: str) -> None:
    if not is_date(day):
        raise ValueError("a date is YYYY-MM-DD or --MM-DD")
