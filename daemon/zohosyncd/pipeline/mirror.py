"""The mirror of one object, as whoever reads the app writes it: pages and answers become observations in the store.

The feed's place is stored with the page that led to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zohosyncd.core.record import Record
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.reading import KEY, UNREADABLE, FeedTally, Reading
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
from zohosyncd.ports.store import ObjectState, Observation, Observed, Seen, SeenGone, SeenListed, SeenRecord

PASS_ENDED, PASS_OPEN = "=", "+"
"""Stand before a stored cursor: whether the pass that it belongs to had ended."""

_SAVE_CURSOR_EVERY = 300.0
_REKEYED_AT_ONCE = 500


@dataclass(slots=True)
class Mirror:
    """One object: how far it has been read, and the way of what is read into the store.

    Attributes:
        world: store, clock. connector: of its account. state: the object as the store knows it; its cursor may be ahead
            of that. reading: what its connections want of it.
        news: whether somebody else has changed what polls have shown; None while nobody wants to know.
        witness: a record that was there when it was last looked at, "" for none.
    """

    world: World
    connector: Connector
    state: ObjectState
    reading: Reading
    tally: FeedTally = field(default_factory=FeedTally)
    news: bool | None = None
    witness: str = ""
    _saved_at: float = 0.0

    def __post_init__(self) -> None:
        self._saved_at = self.world.clock.now()

    @property
    def object_id(self) -> int:
        """The object's number in the store."""
        return self.state.id

    @property
    def fields(self) -> frozenset[str]:
        """What is read of each record: also what was wanted when everything was read the last time.

        After a start not every connection has said yet what it wants; and who maps a field again finds it in the
        mirror as it is now. The next complete read leaves out what nobody wants.
        """
        return self.reading.fields | (self.state.fields & self.reading.known)

    @property
    def complete(self) -> bool:
        """Whether everything has been read at least once, with all fields and keys that are wanted."""
        return self.has(self.reading.needs)

    def has(self, needs: frozenset[str]) -> bool:
        """Whether everything has been read at least once, with these fields and keys."""
        return self.state.complete and needs <= self.state.fields

    async def rekey(self) -> None:
        """Make the match keys of all rows anew, if keys are all that they lack: of a connection that was away."""
        reading, store, after = self.reading, self.world.store, 0
        lacks = reading.needs - self.state.fields
        if not self.state.complete or not lacks or not reading.fields <= self.state.fields:
            return
        while rows := await store.changes(self.object_id, after, _REKEYED_AT_ONCE):
            after = rows[-1].seq
            readable = [row for row in rows if not row.gone and UNREADABLE not in row.values]
            keys = {row.record_id: (row.seq, reading.keys(row.record())) for row in readable}
            await store.rekey(self.object_id, keys)
        await self._set_needs(self.state.fields | reading.needs)

    async def _set_needs(self, needs: frozenset[str]) -> None:
        await self.world.store.set_needs(self.object_id, needs)
        self.state = replace(self.state, fields=needs)

    async def keep_up(self) -> None:
        """Keys that nobody makes now are not kept up from here on: whoever wants them again has them made anew."""
        lost = {each for each in self.state.fields if each.startswith(KEY)} - self.reading.needs
        if lost:
            await self._set_needs(self.state.fields - lost)

    async def answered(self, taken: int, answers: Sequence[Fetched]) -> None:
        """Point reads have shown this; ``taken``: the ordinal of the request."""
        await self.keep_up()
        seen = [self._seen_answer(answer) for answer in answers]
        await self._observe(Observation(self.object_id, taken, seen, now=self.world.clock.now()))

    async def store_page(self, page: Page, taken: int, scan: int | None, place: ScanPlace | None) -> Sequence[str]:
        """A feed has shown this.

        Args:
            taken: the ordinal of the request. scan: the complete read that it belongs to. place: where that goes on.

        Returns:
            Ids of records that have to be read before they are known.
        """
        self.tally.pages += 1
        self.tally.full_pages += scan is not None
        if not page.changes and scan is None:
            return ()  # most polls: nothing is news, and nothing is stored
        await self.keep_up()
        seen = await self._or_restored(page, [self._seen_change(change) for change in page.changes])
        if scan is None and self.news is False:
            self.news = await self._others_changed(seen)
        if page.snapshot and self.state.complete:
            seen = await self._known_or_listed(seen)
        cursor = None if scan is None else page.cursor
        if place is not None:  # where it ends, a feed without a place of its own goes on
            cursor = PASS_ENDED + page.cursor if page.complete else place.text(page.cursor)
        observed = await self._observe(
            Observation(
                self.object_id,
                taken,
                seen,
                cursor=cursor,
                scan=scan,
                ends_scan=page.complete and scan is not None,
                fields=self.state.fields if place is None else place.needs,
                now=self.world.clock.now(),
            )
        )
        shown = [each.record.id for each in seen if isinstance(each, SeenRecord)]
        self.witness = shown[-1] if shown else self.witness
        return observed.unread

    async def move_cursor(self, page: Page, *, news: bool) -> None:
        """Go on from here. A poll that found nothing commits nothing, except once in a while.

        An old cursor only makes the first poll after a restart read a little more.
        """
        cursor = (PASS_ENDED if page.complete else PASS_OPEN) + page.cursor
        now = self.world.clock.now()
        if cursor == self.state.cursor:
            return
        if news or now - self._saved_at > _SAVE_CURSOR_EVERY:
            taken = self.world.store.ordinal()
            await self.world.store.observe(Observation(self.object_id, taken, (), cursor, now=now))
            self._saved_at = now
            self.state = await self.stored()
        else:
            self.state = replace(self.state, cursor=cursor)

    async def stored(self) -> ObjectState:
        """The object as the store knows it."""
        return await self.world.store.open_object(self.state.account, self.state.ref)

    async def _others_changed(self, seen: Sequence[Seen]) -> bool:
        """Whether somebody else has changed one of these since it was last seen: what we wrote is no news."""
        rows = await self.world.store.rows(self.object_id, {_id_seen(each) for each in seen})
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

    async def _known_or_listed(self, seen: Sequence[Seen]) -> list[Seen]:
        """Of a snapshot, whom the mirror does not know is only a name to ask for: its deletion may have been told."""
        rows = await self.world.store.rows(self.object_id, {_id_seen(each) for each in seen})
        return [each if (named := _id_seen(each)) in rows else SeenListed(named, None) for each in seen]

    async def _or_restored(self, page: Page, seen: list[Seen]) -> list[Seen]:
        """Who was deleted and is seen modified since is only a name to ask for: it may be back."""
        deleted = {each.id: each.at for each in page.changes if isinstance(each, Removed) and each.at is not None}
        if not deleted:
            return seen
        rows = await self.world.store.rows(self.object_id, deleted)
        since = {each for each, row in rows.items() if not row.gone and (row.modified or 0.0) >= deleted[each]}
        return [SeenListed(named, None) if (named := _id_seen(each)) in since else each for each in seen]

    async def _observe(self, observation: Observation) -> Observed:
        observed = await self.world.store.observe(observation)
        self.tally.records += len(observation.seen)
        self.tally.changed += observed.changed
        gone = [each for each in observation.seen if isinstance(each, SeenGone)]
        self.tally.removed += len(gone)
        self.tally.moved += sum(bool(each.moved_to) for each in gone)
        return observed

    def _seen(self, record: Record) -> SeenRecord:
        if UNREADABLE in record.values:
            self.tally.unreadable += 1
            return SeenRecord(record)
        return SeenRecord(record, self.reading.keys(record))

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


def _unreadable(change: Unreadable) -> Record:
    return Record(change.id, {UNREADABLE: change.reason}, change.version)


def _id_seen(seen: Seen) -> str:
    return seen.record.id if isinstance(seen, SeenRecord) else seen.id
