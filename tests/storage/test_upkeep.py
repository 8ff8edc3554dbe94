"""A state does not grow without end: old history goes in short pieces, and freed pages go back to the disk."""

from pathlib import Path

from tests.storage.conftest import Opener
from tests.storage.world import NOW, Clock, World, shown
from zohosyncd.ports.store import Decision, JournalEntry
from zohosyncd.storage import SqlStore
from zohosyncd.supervisor.tidying import tidy

DAY = 86_400.0


async def history(store: SqlStore, world: World, count: int, at: float, size: int = 10) -> None:
    values = {"Note": "x" * size}
    entry = JournalEntry("updated", world.connection, "run", left_id="1", before=values, after=values, at=at)
    for start in range(0, count, 500):
        await store.decide(Decision(world.connection, journal=[entry] * min(500, count - start)))


async def test_what_is_older_goes_and_the_rest_stays(store: SqlStore, world: World, clock: Clock) -> None:
    await history(store, world, 1_200, NOW - 100 * DAY)
    await history(store, world, 30, NOW - 10 * DAY)
    assert await tidy(store, clock, 90 * DAY) == 1_200
    assert len(await store.journal(world.connection, limit=5_000)) == 30
    assert await tidy(store, clock, 90 * DAY) == 0


async def test_an_entry_with_a_wrong_time_keeps_no_other(store: SqlStore, world: World, clock: Clock) -> None:
    await history(store, world, 1, NOW + 500 * DAY)
    await history(store, world, 5, NOW - 100 * DAY)
    assert await tidy(store, clock, 90 * DAY) == 5


async def test_others_write_between_the_pieces(store: SqlStore, world: World) -> None:
    await history(store, world, 3_000, NOW - 100 * DAY)
    seen: list[int] = []

    class Breathing(Clock):
        async def sleep(self, seconds: float) -> None:
            await world.see(shown(f"between {len(seen)}"))
            seen.append(len(await store.journal(world.connection, limit=5_000)))

    await tidy(store, Breathing(), 90 * DAY)
    assert seen[:2] == [2_000, 1_000], "a piece is at most a thousand entries"


async def test_the_file_shrinks_again(opener: Opener, path: Path) -> None:
    async with opener(durable=False) as store:
        world = await World(store).begin()
        for _ in range(4):
            await history(store, world, 500, NOW - 100 * DAY, 4_000)
        await store.upkeep.scrub()
        large = path.stat().st_size
        await tidy(store, Clock(), 90 * DAY)
        await store.upkeep.scrub()
        assert path.stat().st_size < large / 2


async def test_a_file_of_before_is_made_so_that_it_can_shrink(opener: Opener, path: Path) -> None:
    import sqlite3

    async with opener() as store:
        await (await World(store).begin()).see(shown("1"))
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode = DELETE")
    raw.execute("PRAGMA auto_vacuum = NONE")
    raw.execute("VACUUM")
    assert raw.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    raw.close()
    async with opener() as store:
        assert len(await store.changes(1, 0, 10)) == 1
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    raw.close()
