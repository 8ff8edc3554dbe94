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
from zohosyncd.storage.ordinals import Ordinals
from zohosyncd.storage.tables import shard
from zohosyncd.storage.work import Runner, Session, Unit, Work

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
    """``failed``: the whole transaction came to nothing, not this unit alone."""

    value: Any = None
    error: Exception | None = None
    failed: bool = False


class Writer:
    """Takes units from any task and runs them in the order they came.

    Args:
        runner, session: where to write. codec: seals values. lease: shard and the epoch in which we may write.
        now: wall clock. monotonic: measures transactions. explain: what a database error means to the operator.
        disk_failed: whether it leaves in doubt what is on the disk; then nothing more is written.
        ordinals: has its reserve stored with each transaction.
        failed: is told once that nothing more is written.

    Attributes:
        committed: transactions so far; as long as it stays the same, so does everything that is stored.
    """

    def __init__(
        self,
        runner: Runner,
        session: Session,
        codec: Codec,
        *,
        lease: tuple[str, int],
        now: Callable[[], float],
        monotonic: Callable[[], float],
        explain: Callable[[sqlite3.Error], StateError],
        disk_failed: Callable[[sqlite3.Error], bool],
        ordinals: Ordinals,
        observer: StoreObserver | None = None,
        failed: Callable[[StateError], None] | None = None,
    ) -> None:
        self._failed = failed
        self._runner, self._session, self._codec = runner, session, codec
        self._lease, self._now, self._monotonic = lease, now, monotonic
        self._explain, self._disk_failed = explain, disk_failed
        self._ordinals, self._observer = ordinals, observer
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._refusal: StateError | None = None
        self.committed = 0

    async def do(self, unit: Unit[T], rows: int = 1) -> T:
        """Run a unit of work; returns after COMMIT. ``rows``: about how many rows it writes.

        Cancelling the caller takes the unit back only as long as its transaction has not begun.
        """
        if self._refusal is not None:
            raise _again(self._refusal)
        if self._closing:
            raise StateError("the state is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(unit, rows, answer))
        self._wake.set()
        return await answer

    @property
    def waiting(self) -> int:
        """Units that wait for their transaction."""
        return len(self._queue)

    @property
    def refuses(self) -> bool:
        """Whether nothing more is written because what is on the disk is in doubt."""
        return self._refusal is not None

    def close(self) -> None:
        """Take no further unit; :meth:`run` ends when the queue is empty."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """Write until closed."""
        try:
            while not self._closing:
                await self._wake.wait()
                self._wake.clear()
                while batch := self._take():
                    await self._write(batch)
        finally:
            self._closing = True
            while self._queue:
                _answer(self._queue.popleft(), _Result(error=StateError("the state is closed")))

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
        began = self._monotonic()
        if self._refusal is not None:
            results: Sequence[_Result] = [_Result(error=_again(self._refusal))] * len(batch)
        else:
            try:
                results = await self._tried([waiting.unit for waiting in batch])
            except BaseException:
                for waiting in batch:
                    _answer(waiting, _Result(error=StateError("the state was closed before this was confirmed")))
                raise
        if len(batch) > 1 and all(result.failed for result in results) and self._refusal is None:
            # One of them may have brought the whole transaction down: each gets one of its own.
            for waiting in batch:
                await self._write([waiting])
            return
        for waiting, result in zip(batch, results, strict=True):
            _answer(waiting, result)
        if self._refusal is not None and self._failed is not None:
            self._failed(self._refusal)
            self._failed = None
        if self._observer is None:
            return
        if any(result.failed for result in results):
            self._observer.failed(len(batch))
        elif any(result.error is None for result in results):
            self._observer.committed(len(batch), sum(each.rows for each in batch), self._monotonic() - began)

    async def _tried(self, units: Sequence[Unit[Any]]) -> Sequence[_Result]:
        now = self._now()
        try:
            return await self._runner.run(lambda _: self._transact(units, now))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the callers, and the writer goes on
            told = self._told(error)
            return [_Result(error=told, failed=told is not error or len(units) > 1)] * len(units)

    def check_lease(self, work: Work) -> None:
        """Whether we may still write. Raises LeaseLost."""
        name, mine = self._lease
        if work.value(_epoch, name=name) != mine:
            raise LeaseLost("another process has taken over this state")

    def _transact(self, units: Sequence[Unit[Any]], now: float) -> Sequence[_Result]:
        session, ordinals = self._session, self._ordinals
        work = Work(session.sql, self._codec, now)
        session.begin()
        try:
            self.check_lease(work)
            if len(units) == 1:
                results = [_Result(units[0](work))]
            else:
                results = [self._guarded(work, unit) for unit in units]
            end = ordinals.reserve(work)
            session.commit()
            self.committed += 1
        except BaseException:
            session.rollback()
            raise
        ordinals.reserved(end)
        return results

    def _guarded(self, work: Work, unit: Unit[Any]) -> _Result:
        session = self._session
        session.savepoint()
        try:
            value = unit(work)
        except Exception as error:
            if isinstance(error, sa.exc.OperationalError | sqlite3.OperationalError) or not session.in_transaction:
                raise  # the database failed, not the unit: the whole transaction ends
            session.undo()
            return _Result(error=self._told(error))
        session.release()
        return _Result(value)

    def _told(self, error: Exception) -> Exception:
        """The error as the caller shall see it; a failing disk ends all writing."""
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if not isinstance(cause, sqlite3.Error):
            return error
        told = self._explain(cause)
        if self._disk_failed(cause):
            self._refusal = self._refusal or told
        return told


def _answer(waiting: _Waiting, result: _Result) -> None:
    if waiting.answer.done():
        return  # its caller was cancelled
    if result.error is not None:
        waiting.answer.set_exception(result.error)
    else:
        waiting.answer.set_result(result.value)


def _again(error: StateError) -> StateError:
    return StateError(error.message, hint=error.hint)
