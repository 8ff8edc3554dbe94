"""Complete reads of one object: the first one, the sweeps, and those for fields that are new, beside the polls.

A complete read goes on where it was, also in another process, as long as it brings all that is wanted.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from zohosyncd.core.errors import CursorExpired, Unavailable
from zohosyncd.pipeline.absences import Absences
from zohosyncd.pipeline.mirror import Mirror
from zohosyncd.pipeline.scan_place import ScanPlace
from zohosyncd.ports.connector import Page

_SLICE: Final = 5.0
"""Seconds that polls wait at most for a complete read that goes on beside them, a page at a time."""

_EMPTY_READS, _EMPTY_PAUSE = 3, 0.5
"""How often, and after how many seconds each, a first read that found nothing is repeated before it is believed."""


class Scan:
    """Reads everything in one object."""

    def __init__(self, mirror: Mirror, absences: Absences) -> None:
        self._mirror = mirror
        self._absences = absences

    async def run(self, *, feeding: bool, whole: bool) -> None:
        """Read everything; what was there before and did not come is proven to be gone, or left alone.

        Args:
            feeding: polls begin where it ends. whole: to its end; otherwise a slice of it, and later on from there.

        Raises the RemoteError tree; CursorExpired begins it anew.
        """
        mirror, had = self._mirror, self._mirror.state.complete
        wanting = had and not mirror.complete
        place = await self._place()
        try:
            complete = await self._pages_of(place, feeding=feeding, whole=whole)
        except CursorExpired:
            mirror.state = await mirror.world.store.begin_scan(mirror.object_id, forget_cursor=feeding)
            raise
        finally:
            await self._note()
        if complete:
            mirror.tally.full_reads += 1
            mirror.tally.widened += wanting
            mirror.tally.swept += had and not wanting and not feeding
            if had:
                await self._absences.prove()
                self._absences.note_full_read()

    async def _pages_of(self, place: ScanPlace, *, feeding: bool, whole: bool) -> bool:
        """Read on from a place; whether the end was reached."""
        mirror, store, clock = self._mirror, self._mirror.world.store, self._mirror.world.clock
        scan, empty = mirror.state.scan, not mirror.state.complete and place.cursor is None
        until = None if whole else clock.monotonic() + _SLICE
        taken, complete = store.ordinal(), False
        async with aclosing(self._pages(place)) as pages:
            async for page in pages:
                empty = empty and not page.changes
                if page.complete and empty and not await self._is_empty():
                    raise Unavailable("the app said that nothing is there, and then that something is")
                place = place.among(self._all_known(place), mirror.reading.kinds).showing(page.snapshot, taken)
                await self._absences.fetch(await mirror.store_page(page, place.asked, scan, place))
                if page.complete:
                    complete = True  # the connector is asked for more: so it knows that its last page is stored
                    if feeding:
                        await mirror.move_cursor(page, news=True)
                    continue
                if until is not None and clock.monotonic() >= until:
                    return False
                taken = store.ordinal()
        return complete

    async def _place(self) -> ScanPlace:
        """Where the complete read goes on; at the beginning if none is under way that brings all that is wanted."""
        mirror, reading = self._mirror, self._mirror.reading
        place = ScanPlace.parse(mirror.state.scan_cursor)
        if place is None or not place.brings(reading.fields, reading.kinds):
            cursor = mirror.state.cursor
            began = await mirror.world.store.begin_scan(mirror.object_id, forget_cursor=False)
            mirror.state = replace(began, cursor=cursor)
            place = ScanPlace(reading.fields, reading.kinds)
        return place

    def _pages(self, place: ScanPlace) -> AsyncGenerator[Page]:
        fields = sorted(place.fields & self._all_known(place))
        return _generated(self._mirror.connector.changes(self._mirror.state.ref, fields, place.cursor))

    def _all_known(self, place: ScanPlace) -> frozenset[str]:
        """Fields that may still be asked for: after a start not every connection has said yet what it wants."""
        reading = self._mirror.reading
        return reading.fields | (reading.known or place.fields)

    async def _note(self) -> None:
        """The complete read's place, as it is stored; the feed's own may be ahead of what is stored of it."""
        mirror, stored = self._mirror, await self._mirror.stored()
        ahead = stored.cursor is not None
        mirror.state = replace(stored, cursor=mirror.state.cursor or stored.cursor) if ahead else stored

    async def _is_empty(self) -> bool:
        """Whether an object that was never read before is empty indeed: a wrong answer would double everybody."""
        mirror = self._mirror
        for _ in range(_EMPTY_READS):
            await mirror.world.clock.sleep(_EMPTY_PAUSE)
            async for page in mirror.connector.changes(mirror.state.ref, sorted(mirror.reading.fields), None):
                if page.changes:
                    return False
        return True


async def _generated(pages: AsyncIterator[Page]) -> AsyncGenerator[Page]:
    """The same pages, in an iterator that can be closed."""
    async for page in pages:
        yield page
