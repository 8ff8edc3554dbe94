"""All that is held about one person is found and told, and once it is erased no byte of it is left anywhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.conftest import Opener
from tests.storage.world import KEY, Clock, World, email, shown
from zohosyncd.core.errors import Busy
from zohosyncd.core.link import Base, LinkStatus
from zohosyncd.core.record import Item, Record
from zohosyncd.core.side import Side
from zohosyncd.ports.store import (
    Choice,
    Decision,
    Hold,
    HoldReason,
    JournalEntry,
    Parted,
    Quarantined,
    SeenListed,
    SeenRecord,
)
from zohosyncd.storage import SqlStore, open_store
from zohosyncd.storage.codec import Codec

ADDRESS = "canary@verborgen.example"
CANARY = b"canary"


async def a_life(world: World, mark: str = "canary") -> None:
    """Somebody is linked, held, refused, parted, about to be written, and has a history; and so is somebody else."""
    address = f"{mark}@verborgen.example"
    left, right = f"{mark}-left", f"{mark}-right"
    await world.see(shown(left, mark, "v1", email(address)))
    await world.see(SeenRecord(Record(right, {"name": mark}, "v1", 1.0), (email(address),)), object_id=world.right)
    await world.see(shown(left, f"{mark} later", "v2", email(address)))
    link = await world.link(left, right)
    values = {"Name": f"{mark} value", "Email": address}
    base = Base(values, "v1", values)
    (link,) = (await world.store.links(world.connection, Side.LEFT, [left])).values()
    connection = world.connection
    await world.store.decide(
        Decision(
            connection,
            links=[link.with_base(Side.LEFT, base).with_base(Side.RIGHT, base)],
            holds=[Hold(Side.LEFT, left, HoldReason.CLASH, "Name", ((Side.RIGHT, right),), detail=values)],
            quarantined=[Quarantined(Side.LEFT, left, "required", "Name", f"{mark} is missing")],
            journal=[
                JournalEntry("updated", connection, "run", Side.LEFT, left, right, before=values, after=values),
                JournalEntry("unlinked", connection, "run", None, left, f"{mark}-former"),
            ],
            parted=[Parted(left, f"{mark}-stranger", strangers=True)],
        )
    )
    await world.plan(world.update(left, source_id=right, patch=values, before=values, source=values))


def held_bytes(path: Path, key: bytes = KEY) -> Iterator[tuple[str, bytes]]:
    """Every file of the state as it is on the disk, and every encrypted value of it in clear."""
    import sqlite3

    for file in sorted(path.parent.glob(f"{path.name}*")):
        yield file.name, file.read_bytes()
    codec, raw = Codec(key), sqlite3.connect(path)
    raw.row_factory = sqlite3.Row
    rows: dict[str, list[sqlite3.Row]] = {
        table: raw.execute(f"SELECT * FROM {table}").fetchall()
        for table in ("mirror", "link", "intent", "held", "journal")
    }
    raw.close()
    names = ("kind", "connection_id", "run", "left_id", "right_id", "reason", "at")
    for row in rows["mirror"]:
        yield "mirror", codec.open(row["body"], "mirror", row["object_id"], row["record_id"])
    for row in rows["journal"]:
        yield "journal", codec.open(row["body"], "journal", *(row[name] for name in names))
    for row in rows["held"]:
        where = (row["connection_id"], row["side"], row["record_id"], row["field"])
        yield "held", codec.open(row["body"], "held", *where)
    for row in rows["link"]:
        for side in ("left", "right"):
            yield (
                "link",
                repr(codec.open_base(row[f"{side}_base"], "link", row["connection_id"], row["id"], side)).encode(),
            )
    for row in rows["intent"]:
        yield "intent", codec.open(row["body"], "intent", row["id"])


async def test_a_person_is_found_everywhere(store: SqlStore, world: World) -> None:
    await a_life(world)
    await a_life(world, "other")
    found = await store.subjects.find("  Canary@Verborgen.example ")
    assert {(place.account, place.record_id) for place, _row in found.records} == {
        ("crm", "canary-left"),
        ("book", "canary-right"),
    }
    (here,) = found.connections
    assert here.name == "crm-book"
    assert [len(each) for each in (here.links, here.intents, here.holds, here.quarantined, here.parted)] == [1] * 5
    assert [entry.kind for entry in here.journal] == ["updated", "unlinked"]
    assert not found.mentions


async def test_what_is_erased_leaves_no_byte_and_the_others_stay(opener: Opener, fresh: Path, path: Path) -> None:
    shutil.copy(fresh, path)
    async with opener() as store:
        world = await World(store).begin()
        await a_life(world)
        await a_life(world, "other")
        assert any(CANARY in plain for _where, plain in held_bytes(path)), "else nothing would be shown"
        erased = await store.subjects.erase(ADDRESS)
        assert {what: count for what, count in erased.removed.items() if count} == {
            "records": 2, "links": 1, "writes": 1, "holds": 1, "quarantined": 1, "partings": 1, "journal": 2,
        }  # fmt: skip
        assert CANARY not in repr(erased).encode(), "nor does the receipt tell who it was"
        assert [where for where, plain in held_bytes(path) if CANARY in plain.lower()] == []
        assert (await store.subjects.find(ADDRESS)).is_empty
        others = await store.subjects.find("other@verborgen.example")
        assert len(others.records) == 2
        assert len(others.connections[0].journal) == 2
    assert [where for where, plain in held_bytes(path) if CANARY in plain.lower()] == []


async def test_whoever_was_erased_does_not_come_back_by_being_seen(store: SqlStore, world: World) -> None:
    await a_life(world)
    await store.subjects.erase(ADDRESS)
    assert await store.subjects.suppressed() == 3
    await world.see(
        shown("canary-left", "canary", "v3", email(ADDRESS)),  # the record of old
        shown("9", "Canary", "v1", email(ADDRESS)),  # a new one with the address
        SeenRecord(Record("10", {"Mail": (Item("CANARY@verborgen.example", "work"),)}, "v1", 1.0)),  # without any key
        shown("canary-left", "canary", "v4", email("new@example.org")),  # the record of old with another address
        SeenListed("canary-left", "v5"),
        shown("11", "Somebody", "v1", email("else@example.org")),
    )
    assert [row.record_id for row in await store.changes(world.left, 0, 10)] == ["11"]


async def test_somebody_known_who_takes_such_an_address_stays_known(store: SqlStore, world: World) -> None:
    await world.see(shown("1", "Bob", "v1", email("bob@example.org")))
    await store.subjects.erase("gone@example.org")
    await world.see(shown("1", "Bob", "v2", email("gone@example.org")))
    (row,) = await store.changes(world.left, 0, 10)
    assert row.version == "v2"


async def test_a_suppression_can_be_lifted_with_the_records_of_the_person(store: SqlStore, world: World) -> None:
    await a_life(world)
    await store.subjects.erase(ADDRESS)
    await store.subjects.erase("other@example.org")
    assert await store.subjects.lift("Canary@verborgen.example")
    assert not await store.subjects.lift(ADDRESS)
    assert await store.subjects.suppressed() == 1, "the other one's"
    await world.see(shown("canary-left", "canary", "v9", email(ADDRESS)))
    assert len(await store.changes(world.left, 0, 10)) == 1


async def test_a_suppression_outlives_restarts_and_stands_beside_the_state(opener: Opener, path: Path) -> None:
    async with opener() as store:
        await store.subjects.erase("gone@example.org")
    beside = path.with_name("state.db.suppressed")
    assert beside.stat().st_mode & 0o777 == 0o600
    assert b"gone" not in beside.read_bytes()
    kept = beside.read_bytes()
    beside.unlink()
    async with opener() as store:
        assert await store.subjects.suppressed() == 1
    assert beside.read_bytes() == kept, "either is made good from the other"


async def test_nothing_is_erased_while_a_write_has_no_outcome(store: SqlStore, world: World) -> None:
    await a_life(world)
    seq = (await store.rows(world.left, ["canary-left"]))["canary-left"].seq
    assert await world.send(world.update("canary-left", target_seq=seq))
    with pytest.raises(Busy) as caught:
        await store.subjects.erase(ADDRESS)
    assert caught.value.hint
    assert len((await store.subjects.find(ADDRESS)).records) == 2
    assert await store.subjects.suppressed() == 0


async def test_who_waited_because_of_the_erased_is_looked_at_again(store: SqlStore, world: World) -> None:
    await a_life(world)
    await world.see(shown("double", "Double"), shown("alone", "Alone"))
    others = ((Side.LEFT, "canary-left"),)
    holds = [Hold(Side.LEFT, each, HoldReason.AMBIGUOUS, others=others) for each in ("double", "alone")]
    await store.decide(Decision(world.connection, holds=holds))
    await store.decide(Decision(world.connection, choices=[((Side.LEFT, "alone", ""), Choice.LEAVE)]))
    last = await store.last_seq(world.left)
    await store.subjects.erase(ADDRESS)
    assert {row.record_id for row in await store.changes(world.left, last, 10)} >= {"double"}
    left = await store.held_of(world.connection, Side.LEFT, ["double", "alone"])
    assert {name: hold.decision for name, (hold,) in left.items()} == {"alone": Choice.LEAVE}
    assert left["alone"][0].others == ()


async def test_an_address_in_other_peoples_records_is_told_and_in_history_removed(
    store: SqlStore, world: World
) -> None:
    await a_life(world)
    await world.see(shown("friend", f"call {ADDRESS} first", "v1", email("friend@example.org")))
    entry = JournalEntry("updated", world.connection, "run", Side.LEFT, "friend", "", after={"Note": f"ask {ADDRESS}"})
    await store.decide(Decision(world.connection, journal=[entry]))
    erased = await store.subjects.erase(ADDRESS)
    assert [place.record_id for place in erased.mentions] == ["friend"]
    assert "updated" not in {each.kind for each in await store.journal(world.connection)}
    assert len(await store.changes(world.left, 0, 10)) == 1, "the friend's record is the friend's"


async def test_everything_that_links_tie_together_is_one_person(store: SqlStore, world: World) -> None:
    """A ring of two connections: the third record has another address."""
    third = (await store.open_object("list", "audience")).id
    second = (await store.open_connection("book-list", world.right, third)).id
    await a_life(world)
    await world.see(shown("canary-third", "x", "v1", email("third@example.org")), object_id=third)
    from zohosyncd.core.link import Link

    await store.decide(Decision(second, links=[Link(0, "canary-right", "canary-third", status=LinkStatus.TOMBSTONE)]))
    erased = await store.subjects.erase(ADDRESS)
    assert erased.removed["records"] == 3
    assert erased.removed["links"] == 2


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whoever_is_erased_of_a_crowd_is_gone_and_nobody_else(
    fresh: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    import asyncio

    names = data.draw(st.lists(st.sampled_from(["ann", "bob", "cat", "dan"]), unique=True, min_size=2))
    gone = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=len(names) - 1))
    path = tmp_path_factory.mktemp("crowd") / "state.db"
    shutil.copy(fresh, path)

    async def tell() -> None:
        async with open_store(path, KEY, clock=Clock(), inline=True, durable=False) as store:
            world = await World(store).begin()
            for name in names:
                await a_life(world, f"{name}-person")
            for name in gone:
                await store.subjects.erase(f"{name}-person@verborgen.example")
            for name in names:
                found = await store.subjects.find(f"{name}-person@verborgen.example")
                assert len(found.records) == (0 if name in gone else 2)
        everything = b"".join(plain for _where, plain in held_bytes(path))
        for name in names:
            assert (f"{name}-person".encode() in everything) == (name not in gone)

    asyncio.run(tell())
