"""The feed of one object of one account: when it is read, and how. Shared by all its connections.

The cursor is stored with the page, so it never waits for a connection. What is read goes through the mirror
(:mod:`.mirror`), complete reads are in :mod:`.scan`, and what is not shown any more in :mod:`.absences`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

import anyio
import structlog

from zohosyncd.core.errors import BudgetSpent, CursorExpired
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Record
from zohosyncd.core.schedule import Purpose
from zohosyncd.pipeline.absences import Absences
from zohosyncd.pipeline.mirror import PASS_ENDED, PASS_OPEN, Mirror
from zohosyncd.pipeline.pace import Pace
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.reading import FeedTally, Reading
from zohosyncd.pipeline.scan import Scan
from zohosyncd.ports.connector import Connector, Fetched, Removed
from zohosyncd.ports.errand import errand
from zohosyncd.ports.store import ObjectState

_log = structlog.get_logger("zohosyncd.feed")


class ObjectFeed:
    """Keeps the mirror of one object up to date.

    Args:
        world: store, clock, entropy. account, connector: the login. state: the object as the store knows it.
        reading: fields and match keys, as all its connections together want them.
        sweep_every: seconds between complete reads; 0 switches sweeps off.
        news: called after a pass that has changed the mirror.

    Attributes:
        rest: seconds between two polls that the budget wants to have; 0.0 where the app counts no credits.
        sweep_rest: the same between two sweeps.
    """

    def __init__(
        self,
        world: World,
        connector: Connector,
        state: ObjectState,
        reading: Reading,
        *,
        sweep_every: float = 86_400.0,
        news: Callable[[], None] | None = None,
    ) -> None:
        self.pace: Pace | None = None
        """The bell that is rung for it, if there is one."""
        self._mirror = Mirror(world, connector, state, reading)
        self._absences = Absences(self._mirror)
        self._scan = Scan(self._mirror, self._absences)
        self._tell = news
        self._world = world
        self._sweep_every = sweep_every
        self._lock = anyio.Lock()
        self._begun = 0
        self._finished = 0
        self._thorough = 0
        self._skipped = 0
        self._read_at = float("-inf")
        self._jitter = world.entropy.uniform(0.8, 1.0)
        self.rest = 0.0
        self.sweep_rest = 0.0
        self._sweep_credits = 0
        self._poll_costs: dict[bool, int] = {}

    # --- what is known ----------------------------------------------------------------------------------------

    @property
    def object_id(self) -> int:
        """The object's number in the store."""
        return self._mirror.object_id

    @property
    def tally(self) -> FeedTally:
        """What it has done."""
        return self._mirror.tally

    @property
    def fields(self) -> frozenset[str]:
        """What is read of each record."""
        return self._mirror.fields

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of keys that are made of each record."""
        return self._mirror.reading.kinds

    @property
    def complete(self) -> bool:
        """Whether everything has been read at least once, with all fields and keys that are wanted."""
        return self._mirror.complete

    @property
    def swept_at(self) -> float:
        """When the last complete read ended (wall seconds), 0.0 for never."""
        return self._mirror.state.swept_at

    def has(self, needs: frozenset[str]) -> bool:
        """Whether everything has been read at least once, with these fields and keys."""
        return self._mirror.has(needs)

    def keys(self, record: Record) -> tuple[MatchKey, ...]:
        """The record's match keys for all connections of the object."""
        return self._mirror.reading.keys(record)

    def want(self, reading: Reading) -> None:
        """Replace what is read. What is new is read of all records beside the polls, in slices."""
        self._mirror.reading = reading

    @property
    def _behind(self) -> bool:
        """Whether a complete read goes on beside the polls."""
        state = self._mirror.state
        return state.complete and (state.scan_cursor is not None or not self.complete)

    @property
    def age(self) -> float:
        """Seconds since the last complete poll began, infinite before the first one."""
        return self._now() - self._read_at

    def _now(self) -> float:
        return self._world.clock.monotonic()

    # --- when it is read --------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read what has changed, to the end. Callers at the same time share one pass that began after they asked.

        Raises the RemoteError tree.
        """
        asked = self._begun
        async with self._lock:
            if self._thorough <= asked:
                await self._read(deletions=True, whole=True)

    def spares(self) -> bool:
        """Whether the budget wants it to rest now, and nobody has rung for it."""
        now = self._now()
        if not self.complete or now - self._read_at >= self.rest:
            return False
        return self.pace is None or not self.pace.rang_for(self._read_at, now)

    async def refresh_if_older(self, seconds: float) -> None:
        """Poll, unless that was begun less than so many seconds ago: who shares a feed shares its polls.

        A poll leaves out most times what was deleted, where that costs a call of its own, and of a complete read that
        goes on beside it there is only a slice. Raises the RemoteError tree.
        """
        if self.age > seconds or self._behind:
            async with self._lock:
                if self.age > seconds:  # not if somebody else was just at it
                    due = self._skipped + 1 >= self._mirror.reading.deletions_every
                    await self._read(deletions=due or self._finished == 0, whole=False)
                elif self._behind:
                    await self._telling(self._sweep(whole=False))

    async def refresh_unless_resting(self, slow: float, age: float = 0.0) -> None:
        """Read what has changed, unless a bell that is trusted has not rung for it.

        Args:
            slow: how many seconds it may rest at most. age: as in ``refresh_if_older``, where it does not rest.

        Raises the RemoteError tree.
        """
        if self.pace is not None and self.pace.rang_for(self._read_at, self._now()):
            async with self._lock:
                if self.pace.rang_for(self._read_at, self._now()):
                    await self._read(deletions=True, whole=False)
        elif self.pace is None or self._behind or not self.pace.rests(self._read_at, slow, self._now()):
            await self.refresh_if_older(age)

    async def _read(self, *, deletions: bool, whole: bool) -> None:
        self._begun += 1
        number, began = self._begun, self._now()
        self._mirror.news = None if self.pace is None else False
        await self._telling(self._pass(deletions=deletions, whole=whole))
        if self.pace is not None:
            self.pace.read(self._read_at, began, news=bool(self._mirror.news))
        self._read_at = began
        self._finished = number
        if deletions and whole:
            self._thorough = number
        self._skipped = 0 if deletions else self._skipped + 1
        self.tally.last_success = self._world.clock.now()

    async def _telling(self, reading: Awaitable[None]) -> None:
        """Read; whoever shares the mirror is told if that has changed it."""
        changed = self.tally.changed
        try:
            await reading
        finally:
            if self._tell is not None and self.tally.changed != changed:
                self._tell()

    # --- how it is read ---------------------------------------------------------------------------------------

    async def _pass(self, *, deletions: bool, whole: bool) -> None:
        state = self._mirror.state
        resumed = state.scan_cursor is not None
        if state.cursor is None or not state.complete:
            with errand(Purpose.BACKFILL) as spent:
                await self._scan.run(feeding=True, whole=True)
            self.tally.sweep_credits = max(self.tally.sweep_credits, spent.credits)
            if resumed:  # it began before this refresh was asked for
                await self._poll(deletions=deletions)
        else:
            await self._counted_poll(deletions=deletions)
            if self._mirror.state.missing and self._mirror.state.scan_cursor is None:
                await self._absences.prove()  # the feed may have told since what became of them
        if self._behind or self._sweep_due():
            await self._sweep(whole=whole)
        await self.read_again()

    async def _counted_poll(self, *, deletions: bool) -> None:
        changed = self.tally.changed
        with errand() as spent:
            await self._poll(deletions=deletions)
        if spent.purpose is Purpose.FEED and self.tally.changed == changed:
            self._poll_costs[deletions] = spent.credits
            often = self._mirror.reading.deletions_every
            dear, cheap = (self._poll_costs.get(each, spent.credits) for each in (True, False))
            self.tally.poll_credits = (dear + (often - 1) * cheap) / often

    async def _poll(self, *, deletions: bool) -> None:
        """From the cursor to the present; a pass that an earlier process began is ended first."""
        mirror = self._mirror
        for _ in range(2):
            cursor = mirror.state.cursor or PASS_ENDED
            resumed = cursor.startswith(PASS_OPEN)
            try:
                await self._changes(cursor[1:], deletions=deletions)
            except CursorExpired:
                self.tally.expired += 1
                _log.info("cursor expired, reading everything", account=mirror.state.account)
                mirror.state = await self._world.store.begin_scan(self.object_id, forget_cursor=True)
                with errand(Purpose.BACKFILL):
                    await self._scan.run(feeding=True, whole=True)
            if not resumed:
                return

    async def _changes(self, cursor: str, *, deletions: bool) -> None:
        mirror, store = self._mirror, self._world.store
        scan: int | None = None
        news = False
        pages = mirror.connector.changes(mirror.state.ref, sorted(self.fields), cursor, deletions=deletions)
        taken = store.ordinal()
        async for page in pages:
            if page.full and scan is None:  # a feed of lists: this pass shows everything that exists
                mirror.state = await store.begin_scan(self.object_id, forget_cursor=False)
                scan = mirror.state.scan
            unread = await mirror.store_page(page, taken, scan, None)
            told = all(isinstance(each, Removed) for each in page.changes)
            await self._absences.fetch(unread, vouched=told)
            if scan is None or page.complete:
                news = news or bool(page.changes)
                await mirror.move_cursor(page, news=news)
            taken = store.ordinal()
        if scan is not None:
            await self._absences.prove()

    def _sweep_due(self) -> bool:
        if self._mirror.state.missing:
            return self._absences.doubtful
        if not self._sweep_every:
            return False
        waited = self._world.clock.now() - self._mirror.state.swept_at
        return waited > max(self._sweep_every * self._jitter, self.sweep_rest)

    async def _sweep(self, *, whole: bool) -> None:
        """Read everything for what no feed tells; what the budget does not allow goes on with the next poll."""
        await self._mirror.rekey()
        if not self._behind and not self._sweep_due():
            return
        before = self.tally.full_reads
        purpose = Purpose.SWEEP if self.complete else Purpose.BACKFILL
        with errand(purpose) as spent, suppress(BudgetSpent):
            await self._scan.run(feeding=False, whole=whole)
        self._sweep_credits += spent.credits
        if self.tally.full_reads > before:
            self.tally.sweep_credits, self._sweep_credits = self._sweep_credits, 0

    async def keep_up(self) -> None:
        """See :meth:`Mirror.keep_up`."""
        await self._mirror.keep_up()

    # --- one by one -------------------------------------------------------------------------------------------

    async def recheck(self) -> None:
        """See :meth:`Connector.recheck`."""
        await self._mirror.connector.recheck(self._mirror.state.ref)

    async def fetch(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """Point reads that go through the mirror: see :meth:`Absences.fetch`."""
        return await self._absences.fetch(ids)

    async def read_again(self) -> None:
        """Point reads of records whose observation came too early to be believed, or that no feed will show again."""
        size = self._mirror.connector.capabilities.fetch_batch
        while ids := await self._world.store.rereads(self.object_id, size):
            answers = await self.fetch(ids)
            if not any(record in answers for record in ids):
                return

    # --- what a complete read lacked --------------------------------------------------------------------------

    @property
    def batch(self) -> str:
        """What a person approves who knows that what the last complete read lacked may be gone."""
        return self._absences.batch

    @property
    def missing(self) -> tuple[int, int]:
        """How many of how many records the last complete read lacked, (0, 0) unless a person has to look at it."""
        return self._absences.missing

    def lacking(self) -> AsyncIterator[list[str]]:
        """Ids that the last complete read lacked, in pages, if a person has to look at it."""
        return self._absences.lacking()

    async def accept_missing(self) -> int:
        """A person knows that what the last complete read lacked may be gone: see :meth:`Absences.accept`."""
        async with self._lock:
            return await self._absences.accept()
