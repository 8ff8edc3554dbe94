"""SQLite without threads: everything is executed at once, so that a simulation is the same each time it runs."""

import sqlite3
from collections.abc import Callable, Generator
from typing import Any

from zohosyncd.storage.sqlite import Connection


class InlineConnection(Connection):
    """An aiosqlite connection that never starts its thread and never waits."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._connection is None:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)

    def __await__(self) -> Generator[Any, None, "InlineConnection"]:
        self._connection = self._connector()
        return self
        yield  # what makes this a generator

    def stop(self) -> None:
        """Close at once; there is no thread to stop."""
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def inline(connector: Callable[[], sqlite3.Connection]) -> InlineConnection:
    """A connection without a thread."""
    return InlineConnection(connector, iter_chunk_size=64)
