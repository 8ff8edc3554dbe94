"""The store against bare aiosqlite, in one run, all of it durable (WAL, synchronous=FULL), 100 records a transaction.

Two floors. ``one bare table``: id, version and body of a record in a table with a primary key, nothing else. ``the same
rows``: what the store leaves behind, in the same tables with the same indexes, by nothing but executemany of rows that
were made before: no look at what is there, no decision, no encryption, no hashing.

    observe        a page: rows found by id, judged, encrypted; seq, value hash, two match keys (HMAC) each
    observe again  the same page with other values
    carry over     decide + settle: two transactions; an intent with two claims comes and goes, then link with two
                   bases, journal entry, and the target's mirror row with its keys: eleven rows of six tables a record
    rows, links    read by id, decrypted, decoded; the floor is SELECT ... WHERE id IN (...) of the bare table
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import aiosqlite
import pytest

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Base, Link
from zohosyncd.core.record import Item, Record, encode_values
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Decision, Intent, JournalEntry, Observation, SeenRecord, Settlement
from zohosyncd.storage import SqlStore, open_store

UNIT = 100
RECORDS = 10_000
RUNS = 3


class Clock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def record(number: int, word: str = "first") -> Record:
    """A contact of twelve fields."""
    values = {f"Field_{field}": f"{word} value {number} of field {field}" for field in range(10)}
    emails = (Item(f"person{number}@example.org", "work"), Item(f"p{number}@example.com", "home"))
    return Record(f"{number:019}", values | {"Emails": emails, "Count": number}, f"v-{word}", 1.0)


def keys(number: int) -> tuple[MatchKey, ...]:
    return tuple(MatchKey("email/1", f"p{number}@example.{end}") for end in ("org", "com"))


def units(many: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(many), UNIT):
        yield many[start : start + UNIT]


async def rate(work: Callable[[Sequence[int]], Awaitable[object]], many: Sequence[int]) -> float:
    """Records a second, a unit after the other."""
    began = time.perf_counter()
    for unit in units(many):
        await work(unit)
    return len(many) / (time.perf_counter() - began)


UPSERT = "INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {replaced}"


def upsert(table: str, key: Sequence[str], names: Sequence[str]) -> str:
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key) or f"{key[0]} = {key[0]}"
    marks = ", ".join("?" * len(names))
    return UPSERT.format(table=table, names=", ".join(names), marks=marks, key=", ".join(key), replaced=replaced)


@asynccontextmanager
async def plain(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as sql:
        await sql.execute("PRAGMA journal_mode = WAL")
        await sql.execute("PRAGMA synchronous = FULL")
        yield sql


async def one_table(path: Path, many: Sequence[int]) -> dict[str, float]:
    """The plainest thing that keeps a record: id, version and body."""
    async with plain(path) as sql:
        await sql.execute("CREATE TABLE t (id TEXT PRIMARY KEY, version TEXT, body BLOB)")
        bodies = {number: (f"{number:019}", "v", encode_values(record(number).values)) for number in many}

        async def write(unit: Sequence[int]) -> None:
            await sql.execute("BEGIN IMMEDIATE")
            await sql.executemany(upsert("t", ["id"], ["id", "version", "body"]), [bodies[each] for each in unit])
            await sql.execute("COMMIT")

        async def read(unit: Sequence[int]) -> None:
            marks = ", ".join("?" * len(unit))
            ids = [bodies[each][0] for each in unit]
            rows = await sql.execute_fetchall(f"SELECT * FROM t WHERE id IN ({marks})", ids)
            assert len(list(rows)) == len(unit)

        return {"write": await rate(write, many), "again": await rate(write, many), "read": await rate(read, many)}


Rows = dict[str, tuple[list[str], list[str], list[tuple[object, ...]]]]


async def same_tables(path: Path, like: Path, many: Sequence[int]) -> dict[str, float]:
    """The rows that the store has left in ``like`` for its three ways of writing, by nothing but executemany."""
    shutil.copy(like, path)
    async with plain(path) as sql:
        rows = await taken_out(sql)

        async def put(table: str, unit: Sequence[int], each: int = 1) -> None:
            key, names, every = rows[table]
            part = every[unit[0] * each : (unit[-1] + 1) * each]
            await sql.executemany(upsert(table, key, names), part)

        async def observe(unit: Sequence[int]) -> None:
            await sql.execute("BEGIN IMMEDIATE")
            await put("mirror", unit)
            await put("match_key", unit, 2)
            await sql.execute("COMMIT")

        async def carry_over(unit: Sequence[int]) -> None:
            await sql.execute("BEGIN IMMEDIATE")
            await put("intent", unit)
            await put("create_claim", unit, 2)
            await sql.execute("COMMIT")
            await sql.execute("BEGIN IMMEDIATE")
            _, _, intents = rows["intent"]
            ids = [(intents[each][1],) for each in unit]
            await sql.executemany("DELETE FROM create_claim WHERE intent_id = ?", ids)
            await sql.executemany("DELETE FROM intent WHERE id = ?", ids)
            for table, each in (("mirror2", 1), ("match_key2", 2), ("link", 1), ("journal", 1)):
                key, names, every = rows[table]
                part = every[unit[0] * each : (unit[-1] + 1) * each]
                await sql.executemany(upsert(table.rstrip("2"), key, names), part)
            await sql.execute("COMMIT")

        return {"observe": await rate(observe, many), "carry over": await rate(carry_over, many)}


async def taken_out(sql: aiosqlite.Connection) -> Rows:
    """All rows of a state file, which is empty afterwards; ``2``: those of the right side."""
    keys = {
        "mirror": ["object_id", "record_id"], "match_key": ["object_id", "record_id", "kind", "digest"],
        "intent": ["id"], "create_claim": ["object_id", "kind", "digest"], "link": ["connection_id", "id"],
        "journal": ["id"],
    }  # fmt: skip
    found: Rows = {}
    for table, key in keys.items():
        for suffix, where in (("", "object_id = 1"), ("2", "object_id = 2")):
            if suffix and not table.startswith("m"):
                continue
            condition = f" WHERE {where}" if table.startswith("m") else ""
            cursor = await sql.execute(f"SELECT * FROM {table}{condition} ORDER BY {', '.join(key)}")
            rows = [tuple(row) for row in await cursor.fetchall()]
            names = [column[0] for column in cursor.description]
            if table == "mirror":
                rows, names = [row[1:] for row in rows], names[1:]
            found[table + suffix] = (key, names, rows)
    for table in reversed(keys):
        await sql.execute(f"DELETE FROM {table}")
    await sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


class Bench:
    """The store at its daily work."""

    def __init__(self, store: SqlStore, left: int, right: int, connection: int) -> None:
        self.store, self.left, self.right, self.connection = store, left, right, connection
        self.records: dict[int, Record] = {}
        self.seen: dict[int, SeenRecord] = {}

    def prepare(self, word: str, many: Sequence[int]) -> None:
        self.records = {number: record(number, word) for number in many}
        self.seen = {number: SeenRecord(made, keys(number)) for number, made in self.records.items()}

    async def observe(self, unit: Sequence[int]) -> None:
        seen = [self.seen[number] for number in unit]
        observed = await self.store.observe(Observation(self.left, self.store.ordinal(), seen, cursor=str(unit[0])))
        assert observed.changed == len(unit)

    async def carry_over(self, unit: Sequence[int]) -> None:
        """Create these records on the right, as the pipeline does."""
        intents = [self.intent(number) for number in unit]
        assert (await self.store.decide(Decision(self.connection, intents=intents))).lost == ()
        await self.store.settle([self.settlement(number) for number in unit])

    def intent(self, number: int, end: str = "") -> Intent:
        values = self.records[number].values
        claims = tuple(MatchKey(key.kind, key.value + end) for key in keys(number))
        return Intent(
            f"{number:032x}", self.connection, "run", self.right, Side.RIGHT, WriteKind.CREATE,
            self.records[number].id, "", values, {}, values, values, 0, 0, self.store.digests(claims),
        )  # fmt: skip

    def settlement(self, number: int) -> Settlement:
        made = self.records[number]
        base = Base(made.values, "v")
        entry = JournalEntry("created", self.connection, "run", Side.RIGHT, made.id, made.id, after=made.values, at=1.0)
        return Settlement(
            f"{number:032x}", self.connection, None, Link(0, made.id, made.id, base, base), self.right, made,
            keys(number), answered=self.store.ordinal(), journal=[entry],
        )  # fmt: skip

    async def rows(self, unit: Sequence[int]) -> None:
        assert len(await self.store.rows(self.left, [self.records[number].id for number in unit])) == len(unit)

    async def links(self, unit: Sequence[int]) -> None:
        ids = [self.records[number].id for number in unit]
        assert len(await self.store.links(self.connection, Side.LEFT, ids)) == len(unit)


async def stored(path: Path, many: Sequence[int]) -> dict[str, float]:
    async with open_store(path, bytes(32), clock=Clock()) as store:
        left, right = await store.open_object("crm", "Contacts"), await store.open_object("book", "/ann/")
        connection = await store.open_connection("bench", left.id, right.id)
        bench = Bench(store, left.id, right.id, connection.id)
        bench.prepare("first", many)
        found = {"observe": await rate(bench.observe, many)}
        found["carry over"] = await rate(bench.carry_over, many)
        bench.prepare("second", many)
        found["observe again"] = await rate(bench.observe, many)
        found["rows"] = await rate(bench.rows, many)
        found["links"] = await rate(bench.links, many)
        return found


async def fill_intents(path: Path, many: Sequence[int]) -> None:
    """Leave open intents behind, which :func:`same_tables` takes as its pattern."""
    async with open_store(path, bytes(32), clock=Clock()) as store:
        left, right = await store.open_object("crm", "Contacts"), await store.open_object("book", "/ann/")
        connection = await store.open_connection("bench", left.id, right.id)
        bench = Bench(store, left.id, right.id, connection.id)
        bench.prepare("first", many)
        for unit in units(many):
            await store.decide(Decision(connection.id, intents=[bench.intent(each, "other") for each in unit]))


@pytest.mark.bench
def test_the_store_against_bare_aiosqlite(tmp_path: Path) -> None:
    many = list(range(RECORDS))
    floors: list[dict[str, float]] = []
    same: list[dict[str, float]] = []
    ours: list[dict[str, float]] = []
    for run in range(RUNS):
        path = tmp_path / f"store{run}.db"
        floors.append(asyncio.run(one_table(tmp_path / f"bare{run}.db", many)))
        ours.append(asyncio.run(stored(path, many)))
        asyncio.run(fill_intents(path, many))
        same.append(asyncio.run(same_tables(tmp_path / f"same{run}.db", path, many)))
    floor, equal, store = ({name: median(each[name] for each in of) for name in of[0]} for of in (floors, same, ours))
    print(f"\n{RECORDS:,} records, {UNIT} a transaction, median of {RUNS}; records a second")
    for name, against in AGAINST.items():
        line = f"{name:>14}: {store[name]:>8,.0f} = {store[name] / floor[against]:.2f} of one bare table ({floor[against]:,.0f})"
        if name in equal:
            line += f", {store[name] / equal[name]:.2f} of the same rows by bare executemany ({equal[name]:,.0f})"
        print(line)
    assert store["observe"] > 0.25 * equal["observe"], "far below what it was when this was written"


AGAINST = {"observe": "write", "observe again": "again", "carry over": "write", "rows": "read", "links": "read"}
