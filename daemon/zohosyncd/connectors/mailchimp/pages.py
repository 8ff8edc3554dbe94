"""Pages by offset of a list that changes while it is read.

A member that is changed moves to the other end of the list, and what was behind it moves one place forward: who reads
on at the next offset skips somebody. So each page begins with some of the rows that ended the one before. As long as
one of those is there, and unchanged, nothing between them was skipped, for the order of the others stays. If none is,
so much has changed at once that a part of the page before is read again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from zohosyncd.connectors.mailchimp.client import PER_PAGE, MemberPage
from zohosyncd.connectors.mailchimp.members import CHANGED, contact_of
from zohosyncd.connectors.mailchimp.values import Row
from zohosyncd.core.errors import Unavailable

OVERLAP: Final = 50
"""Rows of a page that are read again with the next one."""

_STEPS_BACK: Final = 20
"""How often a pass may have to step back."""

Seen = frozenset[tuple[str, object]]


async def walk(ask: Callable[[int], Awaitable[MemberPage]]) -> AsyncIterator[tuple[MemberPage, Sequence[Row], bool]]:
    """All pages: each with those of its rows that the one before did not show, and whether it is the last.

    Args:
        ask: reads the page at an offset, of ``PER_PAGE`` rows.

    Raises:
        Unavailable: the list changes faster than it can be read.
    """
    offset, back = 0, 0
    before: Seen = frozenset()
    while True:
        page = await ask(offset)
        shown = frozenset((contact_of(row), row.get(CHANGED)) for row in page.rows)
        if before and offset and before.isdisjoint(shown):
            back += 1
            if back > _STEPS_BACK:
                raise Unavailable("the list of members changes faster than it can be read")
            offset = max(0, offset - PER_PAGE // 2)
            continue
        fresh = [row for row in page.rows if (contact_of(row), row.get(CHANGED)) not in before]
        last = len(page.rows) < PER_PAGE
        yield page, fresh, last
        if last:
            return
        before = shown
        offset += len(page.rows) - OVERLAP
