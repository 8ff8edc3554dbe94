"""The feed of one object of one account: pages of changes into the mirror. Shared by all its connections.

The cursor is stored with the page, so it never waits for a connection. Absence is never taken for deletion: what a
complete read did not show is read by id, together with a record that is known to be there (a witness), before it
counts as gone. Where a complete read lacks so much that it may be the read that is wrong, nobody is even asked for: a
person has to look at it.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

import anyio
import structlog

from zohosyncd.core.errors import BudgetSpent, Busy, CursorExpired, Unavailable
from zohosyncd.core.guard import shrank
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Record
from zohosyncd.core.schedule import Purpose
from zohosyncd.pipeline.pace import Pace
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.scan_place import ScanPlace
from zohosyncd.ports.connector import (
    Change,
    Connector,
    Fetched,
    Found,
    Listed,
    Missing,
    Moved,
    Page,
    Removed,
    Unreadable,
    Upserted,
)
from zohosyncd.ports.errand import errand
from zohosyncd.ports.store import ObjectState, Observation, Observed, Seen, SeenGone, SeenListed, SeenRecord

UNREADABLE = "!unreadable"
"""Stands in the values of a record that cannot be read, with the reason as its value."""

_SAVE_CURSOR_EVERY = 300.0
_SLICE = 5.0
"""Seconds that polls wait at most for a complete read that goes on beside them, a page at a time."""

_EMPTY_READS, _EMPTY_PAUSE = 3, 0.5
"""How often, and after how many seconds each, a first read that found nothing is repeated before it is believed."""

_DOUBTS, _LOOK_AGAIN = 2, 3_600.0
"""A read that lacked too much is repeated so often in all at once, and then after so many seconds, until a person has
looked at it: it may have been the app's mistake."""

_PASS_ENDED, _PASS_OPEN = "=", "+"
"""Stand before a stored cursor: whether the pass that it belongs to had ended."""

_log = structlog.get_logger("zohosyncd.feed")


@dataclass(slots=True)
class FeedTally:
    """What a feed has done, for metrics."""

    pages: int = 0
    records: int = 0
    changed: int = 0
    full_reads: int = 0
    expired: int = 0
    removed: int = 0
    doubted: int = 0  # absences that could not be proven
    unreadable: int = 0
    last_success: float = 0.0
    poll_credits: float = 0.0  # what polls that find nothing cost, on average
    sweep_credits: int = 0  # what the last sweep cost, or else the first complete read


@dataclass(slots=True)
class Reading:
    """What the connections of an object want to have read of it.

    ``kinds``: of the keys that are made of it. ``known``: all fields that it has. ``deletions_every``: of so many polls
    one asks what was deleted.
    """

    fields: frozenset[str] = frozenset()
    keys: Callable[[Record], tuple[MatchKey, ...]] = field(default=lambda _record: ())
    known: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    deletions_every: int = 1

    @property
    def needs(self) -> frozenset[str]:
        """What a complete read has to have brought: the fields, and keys of these kinds."""
        return self.fields | {f"key {kind}" for kind in self.kinds}


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
        self.tally = FeedTally()
        self.pace: Pace | None = None
        """The bell that is rung for it, if there is one."""
        self._news = False
        self._tell = news
        self._world = world
        self._connector = connector
        self._state = state
        self._reading = reading
        self._sweep_every = sweep_every
        self._lock = anyio.Lock()
        self._begun = 0
        self._finished = 0
        self._thorough = 0
        self._skipped = 0
        self._read_at = float("-inf")
        self._witness = ""
        self._saved_at = world.clock.now()
        self._jitter = world.entropy.uniform(0.8, 1.0)
        self._doubts = 0
        self.rest = 0.0
        self.sweep_rest = 0.0
        self._sweep_credits = 0
        self._poll_costs: dict[bool, int] = {}

    @property
    def object_id(self) -> int:
        """The object's number in the store."""
        return self._state.id

    @property
    def fields(self) -> frozenset[str]:
        """What is read of each record: also what was wanted when everything was read the last time.

        After a start not every connection has said yet what it wants; and who maps a field again finds it in the
        mirror as it is now. The next complete read leaves out what nobody wants.
        """
        return self._reading.fields | (self._state.fields & self._reading.known)

    @property
    def complete(self) -> bool:
        """Whether everything has been read at least once, with all fields and keys that are wanted."""
        return self.has(self._reading.needs)

    def has(self, needs: frozenset[str]) -> bool:
        """Whether everything has been read at least once, with these fields and keys."""
        return self._state.complete and needs <= self._state.fields

    @property
    def _behind(self) -> bool:
        """Whether a complete read goes on beside the polls."""
        return self._state.complete and (self._state.scan_cursor is not None or not self.complete)

    @property
    def batch(self) -> str:
        """What a person approves who knows that what the last complete read lacked may be gone."""
        return f"read-{self._state.id}-{self._state.scan}"

    @property
    def missing(self) -> tuple[int, int]:
        """How many of how many records the last complete read lacked, (0, 0) unless a person has to look at it."""
        return self._state.missing, self._state.missing_of

    def want(self, reading: Reading) -> None:
        """Replace what is read. What is new is read of all records beside the polls, in slices."""
        self._reading = reading

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
        now = self._world.clock.monotonic()
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
                    due = self._skipped + 1 >= self._reading.deletions_every
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
        self._news = False
        await self._telling(self._pass(deletions=deletions, whole=whole))
        if self.pace is not None:
            self.pace.read(self._read_at, began, news=self._news)
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

    @property
    def age(self) -> float:
        """Seconds since the last complete poll began, infinite before the first one."""
        return self._now() - self._read_at

    def _now(self) -> float:
        return self._world.clock.monotonic()

    async def lacking(self) -> AsyncIterator[list[str]]:
        """Ids that the last complete read lacked, in pages, if a person has to look at it."""
        after = ""
        while self.missing[0] and (ids := await self._world.store.absent(self.object_id, self._state.scan, after, 200)):
            after = ids[-1]
            yield ids

    async def accept_missing(self) -> int:
        """A person knows that what the last complete read lacked may be gone: each is looked for by its id.

        Returns:
            How many are gone.

        Raises:
            Busy: a complete read is under way. RemoteError: the app cannot be asked now.
        """
        async with self._lock:
            if self._state.scan_cursor is not None:
                raise Busy("a complete read is under way", hint="try again when it has ended")
            before = self.tally.removed
            await self._look_for_absent(self._state.scan, accepted=True)
            return self.tally.removed - before

    async def fetch(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """Point reads that go through the mirror; the answers by id.

        A missing record counts as gone only if it is missing twice, the second time in an answer that shows another
        record, or if the feed has reported its removal. Otherwise it is left out of the answers: nothing is known.
        """
        return await self._look_for(ids, accepted=False)

    async def _look_for(self, ids: Sequence[str], *, accepted: bool) -> dict[str, Fetched]:
        """As ``fetch``; with ``accepted`` a person vouches for what is missing, instead of another record."""
        if not ids:
            return {}
        taken = self._world.store.ordinal()
        answers = {_id_of(answer): answer for answer in await self._fetch(list(dict.fromkeys(ids)))}
        shown = [record for record, answer in answers.items() if isinstance(answer, Found | Unreadable)]
        self._witness = shown[-1] if shown else self._witness
        missing = [record for record, answer in answers.items() if isinstance(answer, Missing)]
        if missing:
            answers = {record: answer for record, answer in answers.items() if record not in missing}
            proven = await (self._missing_twice(missing, "") if accepted else self._prove_missing(missing))
            answers |= proven
            # What a read alone cannot prove, the feed may have told before.
            rows = await self._world.store.rows(self.object_id, [each for each in missing if each not in answers])
            answers |= {row.record_id: Missing(row.record_id) for row in rows.values() if row.gone}
        seen = [self._seen_answer(answer) for answer in answers.values()]
        await self._observe(Observation(self.object_id, taken, seen, now=self._world.clock.now()))
        return answers

    async def _prove_missing(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """What a second read says of these, asked together with a record that is known to be there: the witness.

        Without a witness, or where the answer does not show it, nothing is known.
        """
        witness = await self._find_witness(ids)
        return await self._missing_twice(ids, witness) if witness else {}

    async def _missing_twice(self, ids: Sequence[str], witness: str) -> dict[str, Fetched]:
        proven: dict[str, Fetched] = {}
        size = max(self._connector.capabilities.fetch_batch - 1, 1)
        for start in range(0, len(ids), size):
            part = ids[start : start + size]
            asked = [*part, witness] if witness else part
            answers = {_id_of(answer): answer for answer in await self._fetch(asked)}
            if not witness or isinstance(answers.get(witness), Found | Unreadable):
                proven |= {record: answers[record] for record in part if record in answers}
        return proven

    async def _find_witness(self, missing: Sequence[str]) -> str:
        if self._witness and self._witness not in missing:
            return self._witness
        rows = await self._world.store.changes(self.object_id, 0, len(missing) + 50)
        known = [row.record_id for row in rows if not row.gone and row.record_id not in missing]
        self._witness = known[-1] if known else ""
        return self._witness

    def keys(self, record: Record) -> tuple[MatchKey, ...]:
        """The record's match keys for all connections of the object."""
        return self._reading.keys(record)

    async def _fetch(self, ids: Sequence[str]) -> list[Fetched]:
        return await self._connector.fetch(self._state.ref, sorted(self.fields), ids)

    async def _pass(self, *, deletions: bool, whole: bool) -> None:
        state = self._state
        resumed = state.scan_cursor is not None
        if state.cursor is None or not state.complete:
            with errand(Purpose.BACKFILL) as spent:
                await self._full_read(feeding=True, whole=True)
            self.tally.sweep_credits = max(self.tally.sweep_credits, spent.credits)
            if resumed:  # it began before this refresh was asked for
                await self._poll(deletions=deletions)
        else:
            await self._counted_poll(deletions=deletions)
            if self._state.missing and self._state.scan_cursor is None:
                await self._prove_absent(self._state.scan)  # the feed may have told since what became of them
        if self._behind or self._sweep_due():
            await self._sweep(whole=whole)
        await self.read_again()

    async def _counted_poll(self, *, deletions: bool) -> None:
        changed = self.tally.changed
        with errand() as spent:
            await self._poll(deletions=deletions)
        if spent.purpose is Purpose.FEED and self.tally.changed == changed:
            self._poll_costs[deletions] = spent.credits
            often = self._reading.deletions_every
            dear, cheap = (self._poll_costs.get(each, spent.credits) for each in (True, False))
            self.tally.poll_credits = (dear + (often - 1) * cheap) / often

    async def _sweep(self, *, whole: bool) -> None:
        """Read everything for what no feed tells; what the budget does not allow goes on with the next poll."""
        before = self.tally.full_reads
        purpose = Purpose.SWEEP if self.complete else Purpose.BACKFILL
        with errand(purpose) as spent, suppress(BudgetSpent):
            await self._full_read(feeding=False, whole=whole)
        self._sweep_credits += spent.credits
        if self.tally.full_reads > before:
            self.tally.sweep_credits, self._sweep_credits = self._sweep_credits, 0

    async def _poll(self, *, deletions: bool) -> None:
        """From the cursor to the present; a pass that an earlier process began is ended first."""
        for _ in range(2):
            cursor = self._state.cursor or _PASS_ENDED
            resumed = cursor.startswith(_PASS_OPEN)
            try:
                await self._changes(cursor[1:], deletions=deletions)
            except CursorExpired:
                self.tally.expired += 1
                _log.info("cursor expired, reading everything", account=self._state.account)
                self._state = await self._world.store.begin_scan(self.object_id, forget_cursor=True)
                with errand(Purpose.BACKFILL):
                    await self._full_read(feeding=True, whole=True)
            if not resumed:
                return

    def _sweep_due(self) -> bool:
        if self._state.missing:
            return self._doubts < _DOUBTS or self._world.clock.now() - self._state.swept_at > _LOOK_AGAIN
        if not self._sweep_every:
            return False
        return self._world.clock.now() - self._state.swept_at > max(self._sweep_every * self._jitter, self.sweep_rest)

    async def _changes(self, cursor: str, *, deletions: bool) -> None:
        scan: int | None = None
        news = False
        pages = self._connector.changes(self._state.ref, sorted(self.fields), cursor, deletions=deletions)
        taken = self._world.store.ordinal()
        async for page in pages:
            if page.full and scan is None:  # a feed of lists: this pass shows everything that exists
                self._state = await self._world.store.begin_scan(self.object_id, forget_cursor=False)
                scan = self._state.scan
            await self._store_page(page, taken, scan, None)
            if scan is None or page.complete:
                news = news or bool(page.changes)
                await self._move_cursor(page, news=news)
            taken = self._world.store.ordinal()
        if scan is not None:
            await self._prove_absent(scan)

    async def _full_read(self, *, feeding: bool, whole: bool) -> None:
        """Read everything; what was there before and did not come is proven to be gone, or left alone.

        Args:
            feeding: polls begin where it ends. whole: to its end; otherwise a slice of it, and later on from there.
        """
        store, had = self._world.store, self._state.complete
        place = await self._scan_place()
        scan, complete, empty = self._state.scan, False, not had and place.cursor is None
        until = None if whole else self._world.clock.monotonic() + _SLICE
        taken = store.ordinal()
        try:
            async with aclosing(self._pages(place)) as pages:
                async for page in pages:
                    empty = empty and not page.changes
                    if page.complete and empty and not await self._is_empty():
                        raise Unavailable("the app said that nothing is there, and then that something is")
                    place = place.among(self._all_known(place), self._reading.kinds).showing(page.snapshot, taken)
                    await self._store_page(page, place.asked, scan, place)
                    if page.complete:
                        complete = True
                        if feeding:
                            await self._move_cursor(page, news=True)
                    elif until is not None and self._world.clock.monotonic() >= until:
                        break
                    taken = store.ordinal()
        except CursorExpired:
            self._state = await store.begin_scan(self.object_id, forget_cursor=feeding)
            raise
        finally:
            await self._note_scan()
        if complete:
            self.tally.full_reads += 1
            if had:
                await self._prove_absent(scan)
                self._doubts += bool(self._state.missing)

    async def _scan_place(self) -> ScanPlace:
        """Where the complete read goes on; at the beginning if none is under way that brings all that is wanted."""
        reading = self._reading
        place = ScanPlace.parse(self._state.scan_cursor)
        if place is None or not place.brings(reading.fields, reading.kinds):
            cursor = self._state.cursor
            began = await self._world.store.begin_scan(self.object_id, forget_cursor=False)
            self._state = replace(began, cursor=cursor)
            place = ScanPlace(reading.fields, reading.kinds)
        return place

    def _pages(self, place: ScanPlace) -> AsyncGenerator[Page]:
        fields = sorted(place.fields & self._all_known(place))
        return _generated(self._connector.changes(self._state.ref, fields, place.cursor))

    def _all_known(self, place: ScanPlace) -> frozenset[str]:
        """Fields that may still be asked for: after a start not every connection has said yet what it wants."""
        return self._reading.fields | (self._reading.known or place.fields)

    async def _note_scan(self) -> None:
        """The complete read's place, as it is stored; the feed's own may be ahead of what is stored of it."""
        stored = await self._world.store.open_object(self._state.account, self._state.ref)
        self._state = stored if stored.cursor is None else replace(stored, cursor=self._state.cursor or stored.cursor)

    async def _is_empty(self) -> bool:
        """Whether an object that was never read before is empty indeed: a wrong answer would double everybody."""
        for _ in range(_EMPTY_READS):
            await self._world.clock.sleep(_EMPTY_PAUSE)
            async for page in self._connector.changes(self._state.ref, sorted(self._reading.fields), None):
                if page.changes:
                    return False
        return True

    async def _store_page(self, page: Page, taken: int, scan: int | None, place: ScanPlace | None) -> None:
        self.tally.pages += 1
        if not page.changes and scan is None:
            return  # most polls: nothing is news, and nothing is stored
        seen = [self._seen_change(change) for change in page.changes]
        if page.snapshot and self._state.complete:
            seen = await self._known_or_listed(seen)
        if self.pace is not None and scan is None and not self._news:
            self._news = await self._others_changed(seen)
        cursor = None if scan is None else page.cursor
        if place is not None:  # where it ends, a feed without a place of its own goes on
            cursor = _PASS_ENDED + page.cursor if page.complete else place.text(page.cursor)
        observed = await self._observe(
            Observation(
                self.object_id,
                taken,
                seen,
                cursor=cursor,
                scan=scan,
                ends_scan=page.complete and scan is not None,
                fields=self._state.fields if place is None else place.needs,
                now=self._world.clock.now(),
            )
        )
        if observed.unread:
            await self.fetch(observed.unread)
        shown = [each.record.id for each in seen if isinstance(each, SeenRecord)]
        self._witness = shown[-1] if shown else self._witness

    async def _known_or_listed(self, seen: Sequence[Seen]) -> list[Seen]:
        """Of a snapshot, whom the mirror does not know is only a name to ask for: its deletion may have been told."""
        rows = await self._world.store.rows(self.object_id, {_id_seen(each) for each in seen})
        return [each if (named := _id_seen(each)) in rows else SeenListed(named, None) for each in seen]

    async def _others_changed(self, seen: Sequence[Seen]) -> bool:
        """Whether somebody else has changed one of these since it was last seen: what we wrote is no news."""
        rows = await self._world.store.rows(self.object_id, {_id_seen(each) for each in seen})
        for each in seen:
            row = rows.get(_id_seen(each))
            match each:
                case SeenRecord(record):
                    news = row is None or (not row.written and (row.gone or row.values != record.values))
                case SeenListed(_, version):
                    news = row is None or (not row.written and row.version != version)
                case SeenGone():
                    news = row is not None and not row.gone
            if news:
                return True
        return False

    async def _move_cursor(self, page: Page, *, news: bool) -> None:
        """Go on from here. A poll that found nothing commits nothing, except once in a while.

        An old cursor only makes the first poll after a restart read a little more.
        """
        cursor = (_PASS_ENDED if page.complete else _PASS_OPEN) + page.cursor
        now = self._world.clock.now()
        if cursor == self._state.cursor:
            return
        if news or now - self._saved_at > _SAVE_CURSOR_EVERY:
            taken = self._world.store.ordinal()
            await self._world.store.observe(Observation(self.object_id, taken, (), cursor, now=now))
            self._saved_at = now
            await self._refresh_state()
        else:
            self._state = replace(self._state, cursor=cursor)

    async def _refresh_state(self) -> None:
        self._state = await self._world.store.open_object(self._state.account, self._state.ref)

    async def _prove_absent(self, scan: int) -> None:
        """What a complete read did not show is looked for, unless so much is missing that the read may be wrong."""
        missing, known = await self._world.store.count_absent(self.object_id, scan)
        if shrank(missing, known):
            await self._remember_missing(missing, known)
        else:
            await self._look_for_absent(scan, accepted=False)

    async def _remember_missing(self, missing: int, known: int) -> None:
        if (missing, known) != self.missing:
            await self._world.store.set_missing(self.object_id, missing, known)
            self._state = replace(self._state, missing=missing, missing_of=known)

    async def _look_for_absent(self, scan: int, *, accepted: bool) -> None:
        after = ""
        while ids := await self._world.store.absent(self.object_id, scan, after, 200):
            after = ids[-1]
            answers = await self._look_for(ids, accepted=accepted)
            if not answers:
                self.tally.doubted += len(ids)
                _log.warning("records are absent, but nothing proves that they are gone", account=self._state.account)
                return
        await self._remember_missing(0, 0)
        self._doubts = 0

    async def read_again(self) -> None:
        """Point reads of records whose observation came too early to be believed, or that no feed will show again."""
        while ids := await self._world.store.rereads(self.object_id, self._connector.capabilities.fetch_batch):
            answers = await self.fetch(ids)
            if not any(record in answers for record in ids):
                return

    async def _observe(self, observation: Observation) -> Observed:
        observed = await self._world.store.observe(observation)
        self.tally.records += len(observation.seen)
        self.tally.changed += observed.changed
        self.tally.removed += sum(isinstance(each, SeenGone) for each in observation.seen)
        return observed

    def _seen(self, record: Record) -> SeenRecord:
        if UNREADABLE in record.values:
            self.tally.unreadable += 1
            return SeenRecord(record)
        return SeenRecord(record, self._reading.keys(record))

    def _seen_answer(self, answer: Fetched) -> Seen:
        match answer:
            case Found(record):
                return self._seen(record)
            case Missing(record_id):
                return SeenGone(record_id)
            case Moved(record_id, survivor):
                return SeenGone(record_id, survivor)
            case Unreadable():
                return self._seen(_unreadable(answer))

    def _seen_change(self, change: Change) -> Seen:
        match change:
            case Upserted(record):
                return self._seen(record)
            case Listed(record_id, version):
                return SeenListed(record_id, version)
            case Removed(record_id):
                return SeenGone(record_id)
            case Moved(record_id, survivor):
                return SeenGone(record_id, survivor)
            case Unreadable():
                return self._seen(_unreadable(change))


async def _generated(pages: AsyncIterator[Page]) -> AsyncGenerator[Page]:
    """The same pages, in an iterator that can be closed."""
    async for page in pages:
        yield page


def _unreadable(change: Unreadable) -> Record:
    return Record(change.id, {UNREADABLE: change.reason}, change.version)


def _id_seen(seen: Seen) -> str:
    return seen.record.id if isinstance(seen, SeenRecord) else seen.id


def _id_of(answer: Fetched) -> str:
    return answer.record.id if isinstance(answer, Found) else answer.id
