"""Readers: each question gets a consistent picture, and none waits for the writer."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from zohosyncd.storage.codec import Codec
from zohosyncd.storage.work import Runner, Session, Unit, Work

T = TypeVar("T")


class Readers:
    """A few connections for reading; a question goes to the one with the fewest before it."""

    def __init__(self, sessions: Sequence[tuple[Runner, Session]], codec: Codec, now: Callable[[], float]) -> None:
        self._sessions, self._codec, self._now = sessions, codec, now
        self._waiting = [0] * len(sessions)

    async def do(self, question: Unit[T]) -> T:
        """Ask within one read transaction."""
        index = min(range(len(self._sessions)), key=self._waiting.__getitem__)
        connection, session = self._sessions[index]
        self._waiting[index] += 1
        try:
            return await connection.run(lambda _: self._ask(session, question))
        finally:
            self._waiting[index] -= 1

    def _ask(self, session: Session, question: Unit[T]) -> T:
        session.begin()
        try:
            return question(Work(session.sql, self._codec, self._now()))
        finally:
            session.rollback()
