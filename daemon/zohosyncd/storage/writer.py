"""The one writer: waiting units of work are merged into a transaction and acknowledged after COMMIT.

A transaction costs a flush of the disk, whatever is in it. So the units that wait while one transaction is under way
share the next one, each behind a savepoint of its own: a failing one is undone alone.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa

from zohosyncd.core.errors import LeaseLost, StateError
from zohosyncd.storage.codec import Codec
from zohosyncd.storage.sqlite import Connection, Session, disk_failed
from zohosyncd.storage.tables import shard
from zohosyncd.storage.work import Unit, Work

T = TypeVar("T")

MOST_UNITS: Final = 64
MOST_ROWS: Final = 4000
"""A transaction takes no further unit beyond these."""

_epoch = sa.select(shard.c.epoch).where(shard.c.name == sa.bindparam("name"))


class StoreObserver(Protocol):
    """Is told about each transaction."""

    def committed(self, units: int, rows: int, seconds: float) -> None:
        """A transaction was committed: how many units, about how many rows, and how long it took."""
        ...

    def failed(self, units: int) -> None:
        """The units of a transaction came to nothing because the database failed."""
        ...


@dataclass(slots=True)
class _Waiting:
    unit: Unit[Any]
    rows: int
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Result:
    value: Any = None
    error: Exception | None = None


class Writer:
    """Takes units from any task and runs them in the order they came.

    Args:
        connection, session: where to write. codec: seals values. lease: shard and the epoch in which we may write.
        now: wall clock. monotonic: measures transactions. explain: what a database error means to the operator.
        reserve: called in each transaction before COMMIT, for what has to be stored along.
    """

    def __init__(
        self,
        connection: Connection,
        session: Session,
        codec: Codec,
        *,
        lease: tuple[str, int],
        now: Callable[[], float],
        monotonic: Callable[[], float],
        explain: Callable[[sqlite3.Error], StateError],
        reserve: Callable[[Work], None],
        observer: StoreObserver | None = None,
    ) -> None:
        self._connection, self._session, self._codec = connection, session, codec
        self._lease, self._now, self._monotonic = lease, now, monotonic
        self._explain, self._reserve, self._observer = explain, reserve, observer
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._refusal: StateError | None = None

    async def do(self, unit: Unit[T], rows: int = 1) -> T:
        """Run a unit of work; returns after COMMIT. ``rows``: about how many rows it writes.

        Cancelling the caller takes the unit back only as long as its transaction has not begun.
        """
        if self._refusal is not None:
            raise self._refusal
        if self._closing:
            raise StateError("the state is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(unit, rows, answer))
        self._wake.set()
        return await answer

    def close(self) -> None:
        """Take no further unit; :meth:`run` ends when the queue is empty."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """Write until closed."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while batch := self._take():
                await self._write(batch)
            if self._closing:
                return

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        rows = 0
        while self._queue and len(batch) < MOST_UNITS and rows < MOST_ROWS:
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
                rows += waiting.rows
        return batch

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        units = [waiting.unit for waiting in batch]
        began, now = self._monotonic(), self._now()
        results: Sequence[_Result]
        if self._refusal is not None:
            results = [_Result(error=self._refusal)] * len(units)
        else:
            try:
                results = await self._connection.run(lambda _: self._transact(units, now))
            except Exception as error:  # noqa: BLE001 - whatever it is belongs to the callers, and the writer goes on
                results = [_Result(error=self._told(error))] * len(units)
                if len(units) > 1 and self._refusal is None:
                    # One of them may have brought the whole transaction down: each gets one of its own.
                    for waiting in batch:
                        await self._write([waiting])
                    return
                if self._observer is not None and results[0].error is not error:
                    self._observer.failed(len(units))
            else:
                if self._observer is not None:
                    self._observer.committed(len(units), sum(w.rows for w in batch), self._monotonic() - began)
        for waiting, result in zip(batch, results, strict=True):
            if waiting.answer.done():
                continue
            if result.error is not None:
                waiting.answer.set_exception(result.error)
            else:
                waiting.answer.set_result(result.value)

    def _transact(self, units: Sequence[Unit[Any]], now: float) -> Sequence[_Result]:
        session = self._session
        work = Work(session.sql, self._codec, now)
        session.begin()
        try:
            name, mine = self._lease
            if work.value(_epoch, name=name) != mine:
                raise LeaseLost("another process has taken over this state")
            if len(units) == 1:
                results = [_Result(units[0](work))]
            else:
                results = [self._guarded(work, unit) for unit in units]
            self._reserve(work)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return results

    def _guarded(self, work: Work, unit: Unit[Any]) -> _Result:
        raw = self._session.raw
        raw.execute("SAVEPOINT unit")
        try:
            value = unit(work)
        except Exception as error:
            if isinstance(error, sa.exc.OperationalError) or not raw.in_transaction:
                raise  # the database failed, not the unit: the whole transaction ends
            raw.execute("ROLLBACK TO unit")
            raw.execute("RELEASE unit")
            return _Result(error=self._told(error))
        raw.execute("RELEASE unit")
        return _Result(value)

    def _told(self, error: Exception) -> Exception:
        """The error as the caller shall see it; a failing disk ends all writing."""
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if not isinstance(cause, sqlite3.Error):
            return error
        told = self._explain(cause)
        told.__cause__ = None
        if disk_failed(cause):
            self._refusal = told
        return told
