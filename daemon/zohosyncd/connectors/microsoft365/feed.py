"""The feed of a folder: rounds of changes with opaque links (vendor: delta query).

The service may send pages without rows, the same contact several times, changes that it has told before, rows with
nothing but what has changed, and removals of what nobody knows. A contact that somebody moved to another folder is
removed here. A row may show a contact as it was before our own write (see :mod:`.recent`). Links are followed as they
were given, and only to the account's own servers: the client refuses others.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from zohosyncd.connectors.microsoft365.client import Listed
from zohosyncd.connectors.microsoft365.fields import SELECT, is_whole, version_of
from zohosyncd.connectors.microsoft365.mailbox import Mailbox
from zohosyncd.connectors.microsoft365.reading import changed_lately, read_contacts, shown
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Change, Found, Missing, Moved, Page, Removed, Unreadable, Upserted

_FORM: Final = hashlib.sha256(",".join(SELECT).encode()).hexdigest()[:8]
"""Names the properties that links remember."""

_MOST_EMPTY: Final = 200
"""So many pages without rows one after the other lead nowhere."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a feed stands.

    Attributes:
        link: where to go on. form: of the properties that it brings.
        full: it lies within a complete read.
    """

    link: str
    form: str = _FORM
    full: bool = False

    def text(self) -> str:
        """As the pipeline keeps it."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what :meth:`text` wrote. Raises CursorExpired."""
        try:
            cursor = msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError:
            raise CursorExpired("the stored place in the feed cannot be read") from None
        if cursor.form != _FORM:
            raise CursorExpired("the stored place in the feed brings other fields")
        return cursor


async def changes(box: Mailbox, folder: str, fields: Sequence[str], cursor: str | None) -> AsyncIterator[Page]:
    """Pages from the cursor to the present.

    Raises:
        CursorExpired: the service has forgotten the link. ContractBroken: its links lead nowhere.
    """
    known = Cursor.parse(cursor) if cursor is not None else None
    full, client, lag = known is None or known.full, box.client, box.recent.seconds
    link = known.link if known is not None else client.changes(folder)
    # A complete read may be behind, too: who was changed lately is read one by one.
    lately = await changed_lately(client, folder, lag) if full and lag else frozenset[str]()
    told = _Told(box, folder, fields, lately, doubting=box.recent.is_new and not full)
    seen, empty = {link}, 0
    first = known is None
    while True:
        page = await client.page_of_changes(link, first=first)
        first = False
        changed = await told.changes(page)
        if page.later:
            yield Page(tuple(changed), Cursor(page.later).text(), complete=True, full=full)
            return
        empty = 0 if page.rows else empty + 1
        if not page.following or page.following in seen or empty > _MOST_EMPTY:
            raise ContractBroken("the links of the change feed lead nowhere")
        seen.add(page.following)
        link = page.following
        yield Page(tuple(changed), Cursor(link, full=full).text(), complete=False, full=full)


@dataclass(slots=True)
class _Told:
    """What one pass has told so far.

    No order is promised, so whoever came both ways is asked for; and so is whom a row shows otherwise than was seen.

    Attributes:
        lately: contacts that were changed a short while ago, where that is known. doubting: no row is believed.
    """

    box: Mailbox
    folder: str
    fields: Sequence[str]
    lately: frozenset[str]
    doubting: bool
    there: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    async def changes(self, page: Listed) -> list[Change]:
        """A page's rows as changes."""
        gone = {str(row["id"]) for row in page.rows if "@removed" in row}
        rows = {str(row["id"]): row for row in page.rows if "@removed" not in row}
        doubtful = [each for each, row in rows.items() if each in gone or self._doubts(each, row)]
        asked = set(doubtful)
        doubtful += [each for each in sorted(gone - asked) if self._doubts(each, None)]
        asked = set(doubtful)
        sure = [_of_read(shown(self.fields, row)) for each, row in rows.items() if each not in asked]
        removed = [Removed(each) for each in sorted(gone - asked)]
        self.there |= rows.keys()
        self.gone |= gone
        read = await read_contacts(self.box, self.folder, self.fields, doubtful) if doubtful else []
        return [*sure, *removed, *map(_of_read, read)]

    def _doubts(self, contact: str, row: dict[str, Any] | None) -> bool:
        """Whether a contact has to be asked for; ``row``: as it is shown, None where it is said to be removed."""
        if row is None:
            known = contact in self.there
        else:
            known = contact in self.gone or contact in self.lately or not is_whole(row)
        version = None if row is None else version_of(row)
        return known or self.doubting or self.box.recent.doubts(self.folder, contact, version)


def _of_read(answer: Found | Missing | Moved | Unreadable) -> Change:
    match answer:
        case Found(record):
            return Upserted(record)
        case Missing(contact):
            return Removed(contact)
        case other:
            return other
