"""The change feeds of the in-memory app: token, since and list, page by page.

A full read walks the ids that were there when it began, and goes on, page after page, in what they are now; its last
cursor stands at its beginning, so that whatever changed meanwhile comes (perhaps again) in the next pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from zohosyncd.connectors.memory.app import MemoryApp, Row
from zohosyncd.core.errors import CursorExpired
from zohosyncd.ports.connector import Change, Listed, Moved, Page, Removed, Upserted


class _Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The text form of a place: ``serial`` and ``since`` are known up to here, ``after`` ended the last page."""

    epoch: int
    serial: int = 0
    since: float = 0.0
    after: tuple[float, str] | None = None
    everything: bool = False
    end_serial: int = 0
    end_since: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pass stands: its cursor, and whether it began without one."""

    cursor: _Cursor
    full: bool


def start(app: MemoryApp, ref: str, cursor: str | None) -> Place:
    """Begin a pass. Raises CursorExpired for a cursor that the app forgot."""
    end_serial, end_since = _present(app, ref)
    if cursor is None:
        return Place(_Cursor(app.epoch, everything=True, end_serial=end_serial, end_since=end_since), full=True)
    known = msgspec.json.decode(cursor, type=_Cursor)
    if known.epoch != app.epoch:
        raise CursorExpired("the app forgot the cursor")
    if app.behaviour.feed == "list":
        return Place(_Cursor(app.epoch, everything=True, end_serial=end_serial, end_since=end_since), full=True)
    if known.after is None:
        known = _moved_on(known, end_serial=end_serial, end_since=end_since)
    return Place(known, full=False)


def page(app: MemoryApp, ref: str, fields: Sequence[str], place: Place) -> tuple[Page, Place | None]:
    """The next page and the place behind it, None after the last page."""
    cursor = place.cursor
    rows = sorted((row for row in app.rows(ref) if _belongs(app, cursor, row)), key=lambda row: _key(app, cursor, row))
    now, later = rows[: app.behaviour.page], rows[app.behaviour.page :]
    changes = tuple(_change(app, fields, row) for row in now)
    if not later:
        return Page(changes, written(app, place), complete=True, full=place.full), None
    following = replace(place, cursor=_moved_on(cursor, after=_key(app, cursor, now[-1])))
    return Page(changes, _encoded(following.cursor), complete=False, full=place.full), following


def written(app: MemoryApp, place: Place) -> str:
    """The cursor after a complete pass."""
    return _encoded(_Cursor(app.epoch, serial=place.cursor.end_serial, since=place.cursor.end_since))


def _moved_on(cursor: _Cursor, **values: object) -> _Cursor:
    """The cursor with other values."""
    return msgspec.structs.replace(cursor, **values)


def _present(app: MemoryApp, ref: str) -> tuple[int, float]:
    """The place of everything that the feed shows at this moment."""
    hidden = [row.serial for row in app.rows(ref) if not _visible(app, row)]
    return (min(hidden) - 1 if hidden else app.serial), app.coarse(app.now())


def _visible(app: MemoryApp, row: Row) -> bool:
    return row.modified + app.behaviour.lag <= app.now()


def _belongs(app: MemoryApp, cursor: _Cursor, row: Row) -> bool:
    """Whether a row has still to be yielded in this pass."""
    if cursor.after is not None and _key(app, cursor, row) <= cursor.after:
        return False
    if cursor.everything:
        return row.alive and row.created + app.behaviour.lag <= app.now()
    if not _visible(app, row):
        return False
    if not row.alive and not app.behaviour.reports_deletions:
        return False
    if app.behaviour.feed == "token":
        return row.serial > cursor.serial
    return app.coarse(row.modified) >= cursor.since - app.behaviour.overlap


def _key(app: MemoryApp, cursor: _Cursor, row: Row) -> tuple[float, str]:
    """Order within a pass: a full read by id (nothing can slip past it), others by the time of change."""
    if cursor.everything:
        return (0.0, row.id)
    if app.behaviour.feed == "token":
        return (float(row.serial), "")
    return (app.coarse(row.modified), row.id)


def _change(app: MemoryApp, fields: Sequence[str], row: Row) -> Change:
    if not row.alive:
        return Moved(row.id, row.moved_to) if row.moved_to else Removed(row.id)
    if app.behaviour.feed == "list":
        return Listed(row.id, app.version(row))
    return Upserted(app.shown(row, fields))


def _encoded(cursor: _Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
