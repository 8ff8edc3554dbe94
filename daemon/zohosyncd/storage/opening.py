"""Opening the state file: lock, checks, tables, key; then the writer and the readers."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import anyio
import sqlalchemy as sa

from zohosyncd.core.errors import StateError
from zohosyncd.ports.world import Clock
from zohosyncd.storage import erasing, recovering, schema, sqlite, suppressed
from zohosyncd.storage.backup import keep_copy
from zohosyncd.storage.codec import Codec
from zohosyncd.storage.generation import Generation, current, grow, read_beside, refuse_missing, write_beside
from zohosyncd.storage.inline import inline as without_thread
from zohosyncd.storage.lock import locked
from zohosyncd.storage.objects import SHARD
from zohosyncd.storage.ordinals import Ordinals
from zohosyncd.storage.putting_back import remove_half
from zohosyncd.storage.readers import Readers
from zohosyncd.storage.scratch import copied, remove_left_over
from zohosyncd.storage.sqlite import AsyncCreator, Connection, Session
from zohosyncd.storage.store import SqlStore
from zohosyncd.storage.tables import meta, shard
from zohosyncd.storage.upkeep import Upkeep
from zohosyncd.storage.verifying import has_key, key_check
from zohosyncd.storage.work import Work
from zohosyncd.storage.writer import StoreObserver, Writer

T = TypeVar("T")

_APPLICATION: Final = "zohosyncd"
_READERS: Final = 2
_EPOCH: Final = 1


@asynccontextmanager
async def open_store(
    path: Path,
    key: bytes,
    *,
    clock: Clock,
    inline: bool = False,
    observer: StoreObserver | None = None,
    control_path: str = "",
    creator: AsyncCreator | None = None,
    durable: bool = True,
    failed: Callable[[StateError], None] | None = None,
) -> AsyncIterator[SqlStore]:
    """The store in this file, made if it is missing; closed at the end, after everything that waits is written.

    Args:
        path: the state file; ``path.lock`` beside it keeps a second daemon away.
        key: the state key, 32 bytes. clock: for times of rows and to measure transactions.
        inline: without threads, for simulations. creator: makes the connections (instead of ``inline``).
        observer: is told about each transaction. control_path: where the holder of the lock can be reached.
        durable: whether a transaction waits for the disk; only a copy that is thrown away need not.
        failed: is told that nothing more can be stored: the disk fails, or a page is broken. Only an end helps.

    Raises:
        StateLocked: another process has the state.
        StateError: the file or its folder cannot be used, is foreign, newer, damaged, or has another key.
    """
    codec = Codec(key)
    create = creator or (without_thread if inline else sqlite.threaded)
    async with AsyncExitStack() as stack:
        sqlite.check_folder(path)
        stack.enter_context(locked(path, control_path))
        remove_left_over(path)
        with suppress(OSError):  # it is in nobody's way
            remove_half(path)
        if durable:
            refuse_missing(path)
        sqlite.prepare_file(path)
        connection, writing = await _connect(stack, create, path, writes=True, durable=durable)
        found = await _asked(connection, partial(_prepare, writing, codec, path, clock.now(), durable=durable), path)
        readers = [await _connect(stack, create, path, writes=False) for _ in range(1 if inline else _READERS)]
        if durable:
            write_beside(path, found.generation)
        ordinals = Ordinals(found.ordinals)
        writer = Writer(
            connection,
            writing,
            codec,
            lease=(SHARD, _EPOCH),
            now=clock.now,
            monotonic=clock.monotonic,
            explain=partial(sqlite.explain, path=path),
            disk_failed=sqlite.disk_failed,
            ordinals=ordinals,
            observer=observer,
            failed=failed,
        )
        running = asyncio.create_task(writer.run(), name="store writer")
        try:
            scratch = partial(_scratch, path, key, clock, create)
            facts = partial(_facts, path, found.generation.instance)
            upkeep = Upkeep(path, create, codec, writer, connection, clock, found.generation.instance)
            yield SqlStore(writer, Readers(readers, codec, clock.now), codec, ordinals, facts, scratch, upkeep)
        finally:
            # Also when the owner is cancelled: what waits is written, and every connection is closed.
            with anyio.CancelScope(shield=True):
                writer.close()
                await running
                if durable and not writer.refuses:
                    await _note_closing(connection, writing, path)
                await stack.aclose()


@asynccontextmanager
async def _scratch(path: Path, key: bytes, clock: Clock, create: AsyncCreator) -> AsyncIterator[SqlStore]:
    async with copied(path, create) as copy, open_store(copy, key, clock=clock, creator=create, durable=False) as store:
        yield store


async def _connect(
    stack: AsyncExitStack, create: AsyncCreator, path: Path, *, writes: bool, durable: bool = True
) -> tuple[Connection, Session]:
    try:
        connection = create(sqlite.connector(path))
        await connection
    except sqlite3.Error as error:
        raise sqlite.explain(error, path) from error
    stack.push_async_callback(connection.close)
    if writes:
        await _asked(connection, partial(sqlite.check_file, path=path), path)
    session = await _asked(connection, lambda raw: Session(raw, writes=writes, durable=durable), path)
    stack.push_async_callback(connection.run, lambda _: session.close())
    return connection, session


async def _asked(connection: Connection, question: Callable[[sqlite3.Connection], T], path: Path) -> T:
    try:
        return await connection.run(question)
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise sqlite.explain(error.orig, path) from error
        raise
    except sqlite3.Error as error:
        raise sqlite.explain(error, path) from error


@dataclass(frozen=True, slots=True)
class _Found:
    """What an opened state says of itself. ``ordinals``: where they go on."""

    generation: Generation
    ordinals: int


def _prepare(
    session: Session, codec: Codec, path: Path, now: float, raw: sqlite3.Connection, *, durable: bool
) -> _Found:
    """Bring the tables up to date, check the key, and let an old state that was put back recover."""
    if durable:
        _keep_before_migration(raw, path, now)
        sqlite.make_shrinkable(raw)
    session.begin()
    try:
        sqlite.sign_file(raw)
        schema.bring_up_to_date(session.sql)
        row = session.sql.execute(sa.select(meta)).one_or_none()
        if row is None:
            instance = uuid.uuid4().hex
            check = key_check(codec, instance)
            new = {"id": 1, "instance_id": instance, "application": _APPLICATION, "key_check": check}
            session.sql.execute(sa.insert(shard), {"name": SHARD, "epoch": _EPOCH})
            session.sql.execute(sa.insert(meta), new)
            start = 0
        else:
            instance, start = row.instance_id, row.ordinals
            _check_key(codec, row.key_check, instance, path)
        beside = read_beside(path) if durable else None
        number = beside.number if beside is not None else 0
        older = beside is not None and current(session.sql).is_older_than(beside)
        if older:
            recovering.begin(Work(session.sql, codec, now), now)
        if durable:
            _share_suppressed(Work(session.sql, codec, now), path, older=older)
        generation = grow(session.sql, beyond=number) if durable else current(session.sql)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return _Found(generation, start)


def _share_suppressed(work: Work, path: Path, *, older: bool) -> None:
    """Who was erased is known to the state and to the file beside it, whichever of them is older.

    Args:
        older: whether an old state was put back: then it may still hold people who were erased since.
    """
    beside, inside = suppressed.read_beside(path), set(suppressed.everything(work))
    suppressed.suppress(work, beside - inside)
    if older:
        erasing.erase_suppressed(work, {digest for _subject, digest in beside - inside})
    if inside - beside:
        suppressed.write_beside(path, beside | inside)


def _keep_before_migration(raw: sqlite3.Connection, path: Path, now: float) -> None:
    """A copy of what an older version has left: only that version can read it again.

    Raises StateError if there is no room for it.
    """
    (made,) = raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    found = raw.execute("SELECT version_num FROM alembic_version").fetchone() if made else None
    if found is None or found[0] == schema.HEAD:
        return
    schema.refuse_newer(found[0])
    keep_copy(raw, path.parent / "backups", found[0], now)


async def _note_closing(connection: Connection, session: Session, path: Path) -> None:
    """Whatever was copied while the state was open is older than what is there from now on."""

    def note(_: sqlite3.Connection) -> Generation:
        session.begin()
        try:
            generation = grow(session.sql)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return generation

    with suppress(StateError):  # it is only a precaution, and what cannot be written has been told by then
        write_beside(path, await _asked(connection, note, path))


def _check_key(codec: Codec, check: bytes, instance: str, path: Path) -> None:
    if not has_key(codec, check, instance):
        raise StateError(
            f"the state key does not belong to {path}",
            hint="use the key that the file was made with; without it the file cannot be read",
        )


def _facts(path: Path, instance: str) -> Mapping[str, Any]:
    files = (path, path.with_name(path.name + "-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    return {"instance_id": instance, "schema": schema.HEAD, "size": size, "path": str(path)}
