"""What a unit of work is handed, and how it speaks to the database: in batches, never a row at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from zohosyncd.storage.codec import Codec

T = TypeVar("T")
Columns = Any
"""One row of a query: its columns in order, or by name. What they are is said where they are read."""

CHUNK: Final = 400
"""Most ids or digests of one IN list."""

_LENGTHS: Final = (1, 10, 50, 100, 200, CHUNK)
"""Lengths of IN lists. Each is a statement of its own to the driver, which keeps 256 of them prepared on every
connection: with lists of every length there is, a first sync of 25,000 people had 17 MB of them, and it grew."""

_INSERTS: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Work:
    """An open transaction.

    Attributes:
        sql: the database connection. codec: seals and opens values. now: wall seconds.
    """

    sql: sa.Connection
    codec: Codec
    now: float

    def all(self, statement: sa.Select[*tuple[Any, ...]], **parameters: Any) -> Sequence[Columns]:
        """All rows of a query."""
        return self.sql.execute(statement, parameters).all()

    def value(self, statement: sa.Select[T], **parameters: Any) -> T | None:
        """The first column of the first row, None if there is no row."""
        return self.sql.execute(statement, parameters).scalar()

    def many(self, statement: sa.Insert | sa.Update | sa.Delete, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run a statement once for each row of parameters; how many table rows it touched. Nothing for no rows.

        All rows have the same names. The statement is compiled once and the rows go to the driver as they are:
        SQLAlchemy's work on each parameter would cost more than the database's.
        """
        if not rows:
            return 0
        text, names = _compiled(self.sql.dialect, statement, tuple(rows[0]))
        pick = itemgetter(*names)
        plain = [pick(row) for row in rows] if len(names) > 1 else [(pick(row),) for row in rows]
        return self.sql.exec_driver_sql(text, plain).rowcount

    def insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows."""
        self.many(_insert(table), rows)

    def by_ids(
        self, statement: sa.Select[*tuple[Any, ...]], ids: Iterable[Any], *, name: str = "ids", **parameters: Any
    ) -> Iterator[Columns]:
        """All rows of a query whose expanding parameter ``name`` takes ids; asked a chunk at a time."""
        for chunk in chunks(ids):
            yield from self.sql.execute(statement, {name: chunk, **parameters}).all()

    def plain_by_ids(
        self, statement: sa.Select[*tuple[Any, ...]], ids: Iterable[Any], **parameters: Any
    ) -> Iterator[tuple[Any, ...]]:
        """As :meth:`by_ids` with the name "ids", for queries that are asked all the time.

        The statement is compiled once for each size of list and goes to the driver as it is; the rows are the driver's
        own: plain tuples, in which a flag may be 0 or 1.
        """
        cursor = self.sql.connection.cursor()
        try:
            for chunk in chunks(ids):
                asked = _expanded(self.sql.dialect, statement, len(chunk), tuple(parameters))
                cursor.execute(asked.text, asked.order(chunk, parameters))
                yield from cursor.fetchall()
        finally:
            cursor.close()

    def change_by_ids(
        self, statement: sa.Delete | sa.Update, ids: Iterable[Any], *, name: str = "ids", **parameters: Any
    ) -> int:
        """Run a statement whose expanding parameter ``name`` takes ids; how many table rows it touched."""
        return sum(self.sql.execute(statement, {name: chunk, **parameters}).rowcount for chunk in chunks(ids))

    def upsert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> None:
        """Insert rows; where the key stands already, replace all other columns that the rows name."""
        if rows:
            self.many(_upsert(self.sql.dialect.name, table, tuple(key), tuple(rows[0])), rows)

    def add(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that are not there yet; those that are stay as they are."""
        if rows:
            self.many(_add(self.sql.dialect.name, table), rows)


Unit = Callable[[Work], T]
"""A unit of work: what is done within one transaction. It runs on the database's thread and may be run again."""


@lru_cache(maxsize=256)
def _compiled(
    dialect: sa.Dialect, statement: sa.Insert | sa.Update | sa.Delete, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """The statement as the driver takes it, and which parameters it wants, in order."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    return str(compiled), tuple(compiled.positiontup or ())


@dataclass(frozen=True, slots=True)
class _Expanded:
    """A statement with room for so many ids: its text, and which values it wants in which order."""

    text: str
    places: tuple[tuple[bool, Any], ...]  # an id (by place in the list) or a named or constant value

    def order(self, ids: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        return [ids[what] if is_id else what(named) for is_id, what in self.places]


@lru_cache(maxsize=256)
def _expanded(
    dialect: sa.Dialect, statement: sa.Select[*tuple[Any, ...]], size: int, names: tuple[str, ...]
) -> _Expanded:
    ids = [object() for _ in range(size)]
    named = {name: object() for name in names}
    state = statement.compile(dialect=dialect).construct_expanded_state({"ids": ids, **named})
    known: dict[int, tuple[bool, Any]] = {id(mark): (True, place) for place, mark in enumerate(ids)}
    known |= {id(mark): (False, itemgetter(name)) for name, mark in named.items()}
    places = [known.get(id(value), (False, partial(_constant, value))) for value in state.positional_parameters]
    return _Expanded(state.statement, tuple(places))


def _constant(value: Any, _: Mapping[str, Any]) -> Any:
    return value


@lru_cache(maxsize=64)
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table).inline()


@lru_cache(maxsize=64)
def _add(dialect: str, table: sa.Table) -> sa.Insert:
    return _INSERTS[dialect](table).inline().on_conflict_do_nothing()  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _upsert(dialect: str, table: sa.Table, key: tuple[str, ...], columns: tuple[str, ...]) -> sa.Insert:
    insert = _INSERTS[dialect](table).inline()
    replaced = {name: insert.excluded[name] for name in columns if name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=replaced)  # type: ignore[no-any-return]


class Session(Protocol):
    """An open connection of any database as the writer and the readers use it, on the connection's own thread."""

    @property
    def sql(self) -> sa.Connection:
        """SQLAlchemy's side of it."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; a database may end it by itself when it fails."""
        ...

    def begin(self) -> None:
        """Start a transaction."""
        ...

    def commit(self) -> None:
        """End the transaction; what was written is on the disk when this returns."""
        ...

    def rollback(self) -> None:
        """Undo the transaction, if it is still open."""
        ...

    def savepoint(self) -> None:
        """What follows can be undone alone."""
        ...

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        ...

    def undo(self) -> None:
        """Undo what was done since the savepoint."""
        ...


class Runner(Protocol):
    """Where a connection's statements are executed: its thread, or at once."""

    async def run(self, function: Callable[[Any], T]) -> T:
        """Run a function there, after everything asked before."""
        ...


def chunks(ids: Iterable[T]) -> Iterator[list[T]]:
    """The ids in lists of at most CHUNK; the last id is repeated up to one of the usual lengths."""
    every = list(ids)
    for start in range(0, len(every), CHUNK):
        chunk = every[start : start + CHUNK]
        missing = next(length for length in _LENGTHS if length >= len(chunk)) - len(chunk)
        yield chunk + chunk[-1:] * missing


def among(column: sa.ColumnElement[Any], name: str = "ids") -> sa.ColumnElement[bool]:
    """``column IN (...)`` with the list as an expanding parameter."""
    return column.in_(sa.bindparam(name, expanding=True))
