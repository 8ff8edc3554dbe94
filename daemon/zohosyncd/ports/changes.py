"""What a connector says of an app's records: what its feed yields, and what its point reads answer.

::

    feed        Upserted (exists, and looks so), Listed (exists, content not read), Removed, Moved, Unreadable
    point read  Found, Missing, Moved, Unreadable
    probe       Created

Only :class:`Removed` and :class:`Missing` say that somebody is gone, and only an app that said so itself is quoted: a
record that a list does not show is not removed, and an answer that cannot be read is an error and not "missing".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from zohosyncd.core.record import Record


@dataclass(frozen=True, slots=True)
class Upserted:
    """A record exists and looks like this."""

    record: Record


@dataclass(frozen=True, slots=True)
class Listed:
    """A record exists with this version; its content was not read (feeds of kind "list")."""

    id: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """The app says that the record is gone. Absence from a list is not this.

    ``at``: when it was deleted, by the app's clock; None where the app does not say. A record that was seen modified at
    that moment or later may be there again, and is asked for.
    """

    id: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The record was merged into another one or got another id."""

    id: str
    to: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record exists but cannot be read (a damaged card); ``reason`` without personal data."""

    id: str
    version: str | None
    reason: str


Change = Upserted | Listed | Removed | Moved | Unreadable


@dataclass(frozen=True, slots=True)
class Page:
    """One page of changes.

    Attributes:
        changes: at least once, in any order, duplicates allowed.
        cursor: where to go on after this page.
        complete: this page ends the pass: everything that existed or changed before the pass began has been yielded.
        full: the pass began without a cursor, so that after its complete page what was never yielded is absent.
        snapshot: the name of what the app has prepared at once: all pages with it show the app as it was when the first
            of them was asked for, or later; "" = as it is now. Only where ``full``.
    """

    changes: tuple[Change, ...]
    cursor: str
    complete: bool
    full: bool
    snapshot: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The record, as it is now."""

    record: Record


@dataclass(frozen=True, slots=True)
class Missing:
    """The app answered and says that there is no such record."""

    id: str


Fetched = Found | Missing | Moved | Unreadable


@dataclass(frozen=True, slots=True)
class Created:
    """A page of records created since some moment. ``beyond``: an older record was met, so that nothing is missing.

    Where no page says so, the list may have ended too early: the caller looks for a record that it must contain.
    """

    records: Sequence[Record]
    beyond: bool = False
