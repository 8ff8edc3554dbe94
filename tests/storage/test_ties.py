"""Who belongs together, who lives on where, what we made and wrote: of any store."""

from dataclasses import replace

import pytest

from tests.storage.world import NOW, World, email, shown
from zohosyncd.core.link import Link
from zohosyncd.core.record import Record
from zohosyncd.core.side import Side
from zohosyncd.ports.store import Decision, Hold, HoldReason, JournalEntry, MirrorRow, SeenGone

DAY = 86_400.0


class Triangle:
    """The world's connection "left" to "right", and two more to a third object: from the left, and from the right."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.third = self.by_left = self.by_right = 0

    async def begin(self) -> "Triangle":
        store, world = self.world.store, self.world
        self.third = (await store.open_object("bob", "/bob/")).id
        self.by_left = (await store.open_connection("crm-bob", world.left, self.third)).id
        self.by_right = (await store.open_connection("book-bob", world.right, self.third)).id
        return self

    @property
    def ring(self) -> tuple[int, int, int]:
        return self.world.connection, self.by_left, self.by_right

    async def link(self, connection: int, left: str, right: str) -> Link:
        await self.world.store.decide(Decision(connection, links=[Link(0, left, right)]))
        return (await self.world.store.links(connection, Side.LEFT, [left]))[left]


@pytest.fixture
async def triangle(world: World) -> Triangle:
    return await Triangle(world).begin()


# --- tied -----------------------------------------------------------------------------------------------------


async def test_a_person_is_everything_that_links_of_the_ring_tie_together(triangle: Triangle) -> None:
    world = triangle.world
    await triangle.link(world.connection, "l1", "r1")
    await triangle.link(triangle.by_right, "r1", "t1")
    await triangle.link(triangle.by_left, "l2", "t2")
    ann = frozenset({(world.left, "l1"), (world.right, "r1"), (triangle.third, "t1")})
    bob = frozenset({(world.left, "l2"), (triangle.third, "t2")})
    assert await world.store.tied(triangle.ring, world.left, ["l1", "l2", "l3", ""]) == {"l1": ann, "l2": bob}
    assert await world.store.tied(triangle.ring, triangle.third, ["t1", "t2"]) == {"t1": ann, "t2": bob}
    assert await world.store.tied(triangle.ring, world.right, ["r1"]) == {"r1": ann}
    assert await world.store.tied(triangle.ring, world.right, []) == {}


async def test_links_that_contradict_each_other_make_one_large_person(triangle: Triangle) -> None:
    world = triangle.world
    await triangle.link(world.connection, "l1", "r1")
    await triangle.link(triangle.by_right, "r1", "t1")
    await triangle.link(triangle.by_left, "l2", "t1")
    (person,) = set((await world.store.tied(triangle.ring, world.left, ["l1", "l2"])).values())
    assert person == {(world.left, "l1"), (world.left, "l2"), (world.right, "r1"), (triangle.third, "t1")}


async def test_equal_ids_of_different_objects_are_different_records(triangle: Triangle) -> None:
    world = triangle.world
    await triangle.link(world.connection, "1", "2")
    await triangle.link(triangle.by_left, "2", "1")
    found = await world.store.tied(triangle.ring, world.left, ["1", "2"])
    assert found["1"] == {(world.left, "1"), (world.right, "2")}
    assert found["2"] == {(world.left, "2"), (triangle.third, "1")}


async def test_only_live_links_of_these_connections_tie(triangle: Triangle) -> None:
    world = triangle.world
    await triangle.link(world.connection, "l1", "r1")
    await triangle.link(triangle.by_right, "r1", "t1")
    pair = frozenset({(world.left, "l1"), (world.right, "r1")})
    assert await world.store.tied([world.connection], world.left, ["l1"]) == {"l1": pair}
    assert await world.store.tied([triangle.by_left], world.left, ["l1"]) == {}
    await world.tombstone((await world.store.links(world.connection, Side.LEFT, ["l1"]))["l1"])
    assert await world.store.tied(triangle.ring, world.left, ["l1"]) == {}


# --- moved_to -------------------------------------------------------------------------------------------------


async def test_a_merged_record_is_known_by_its_survivor(world: World) -> None:
    await world.see(shown("a"), shown("b"), shown("c"), shown("d"))
    await world.see(SeenGone("a", "c"), SeenGone("b", "c"), SeenGone("d"))
    found = await world.store.moved_to(world.left, ["a", "c", "d", "e"])
    assert {survivor: set(lost) for survivor, lost in found.items()} == {"c": {"a", "b"}}
    assert await world.store.moved_to(world.right, ["c"]) == {}
    assert await world.store.moved_to(world.left, []) == {}


async def test_a_record_that_came_back_has_moved_nowhere(world: World) -> None:
    await world.see(shown("a"), shown("c"))
    await world.see(SeenGone("a", "c"))
    await world.see(shown("a", "Ann again", "v2"))
    assert await world.store.moved_to(world.left, ["c"]) == {}


async def test_a_record_made_anew_is_where_the_lost_one_has_moved(world: World) -> None:
    await world.see(shown("old"))
    await world.see(SeenGone("old"))
    create = world.create("r1", replaces="old")
    await world.send(create)
    made = Record("new", {"Name": "Ann"}, "v1", 1.0)
    answered = world.store.ordinal()
    await world.settle(
        create, link=Link(0, "new", "r1"), object_id=world.left, record=made, answered=answered, replaces="old"
    )
    assert await world.store.moved_to(world.left, ["new"]) == {"new": ("old",)}
    row: MirrorRow = (await world.store.rows(world.left, ["old"]))["old"]
    assert (row.gone, row.moved_to) == (True, "new")


async def test_a_lost_record_that_is_there_again_is_not_moved_by_its_successor(world: World) -> None:
    await world.see(shown("old"))
    create = world.create("r1", replaces="old")
    await world.send(create)
    made = Record("new", {"Name": "Ann"}, "v1", 1.0)
    await world.settle(create, object_id=world.left, record=made, answered=world.store.ordinal(), replaces="old")
    assert await world.store.moved_to(world.left, ["new"]) == {}
    assert not (await world.store.rows(world.left, ["old"]))["old"].gone


# --- held_of ----------------------------------------------------------------------------------------------


async def test_only_holds_of_these_records_of_the_side_are_found(world: World) -> None:
    keys = world.store.digests([email("ann@example.org")])
    source = Hold(Side.RIGHT, "r1", HoldReason.UNEXPLAINED, others=((Side.LEFT, "l1"),), keys=keys, since=NOW)
    suspect = Hold(Side.LEFT, "l1", HoldReason.UNEXPLAINED, others=((Side.RIGHT, "r1"),), since=NOW)
    other = Hold(Side.RIGHT, "r2", HoldReason.AMBIGUOUS, since=NOW)
    await world.store.decide(Decision(world.connection, holds=[source, suspect, other]))
    ask = world.store.held_of
    assert await ask(world.connection, Side.RIGHT, ["r1", "r3", "l1"]) == {"r1": (source,)}
    assert await ask(world.connection, Side.RIGHT, ["r1", "r2"]) == {"r1": (source,), "r2": (other,)}
    assert await ask(world.connection, Side.LEFT, ["l1", "r1"]) == {"l1": (suspect,)}
    assert await ask(world.connection, Side.LEFT, []) == {}
    second = (await world.store.open_connection("second", world.left, world.right)).id
    assert await ask(second, Side.RIGHT, ["r1"]) == {}


async def test_what_was_examined_is_unexplained_no_longer(world: World) -> None:
    hold = Hold(Side.RIGHT, "r1", HoldReason.UNEXPLAINED, others=((Side.LEFT, "l1"),), since=NOW)
    create = world.create("r1")
    await world.send(create)
    await world.settle(create, holds=[hold])
    assert await world.store.held_of(world.connection, Side.RIGHT, ["r1"]) == {"r1": (hold,)}
    await world.store.decide(Decision(world.connection, examined=[(Side.RIGHT, "r1")]))
    assert await world.store.held_of(world.connection, Side.RIGHT, ["r1"]) == {}


# --- written_since and made -----------------------------------------------------------------------------------


def entry(world: World, kind: str, title: str, **more: object) -> JournalEntry:
    line = JournalEntry(kind, world.connection, "run", Side.RIGHT, "l1", "r1", after={"Title": title}, at=NOW)
    return replace(line, **more)  # type: ignore[arg-type]


async def test_what_was_written_twice_or_more_since_a_moment_is_told(world: World) -> None:
    write = [
        entry(world, "created", "a", at=NOW - DAY),
        entry(world, "updated", "b"),
        entry(world, "blanked", "c", at=NOW + 1),
        entry(world, "clash", "no write"),
        entry(world, "truncated", "no write"),
        entry(world, "updated", "to the left", side=Side.LEFT),
        entry(world, "updated", "only once", right_id="r2"),
    ]
    await world.store.decide(Decision(world.connection, journal=write))
    ask = world.store.written_since
    found = await ask(world.connection, Side.RIGHT, ["r1", "r2", "r3"], NOW - DAY)
    assert {each: sorted(values["Title"] for values in written) for each, written in found.items()} == {
        "r1": ["a", "b", "c"]
    }
    found = await ask(world.connection, Side.RIGHT, ["r1"], NOW)
    assert sorted(values["Title"] for values in found["r1"]) == ["b", "c"]
    assert await ask(world.connection, Side.RIGHT, ["r1"], NOW + 1) == {}
    assert await ask(world.connection, Side.LEFT, ["l1"], NOW - DAY) == {}
    assert await ask(world.connection, Side.RIGHT, [], 0.0) == {}


async def test_what_another_connection_wrote_is_not_told(world: World) -> None:
    second = (await world.store.open_connection("second", world.left, world.right)).id
    mine = [entry(world, "updated", "a")]
    theirs = [entry(world, "updated", "a", connection_id=second)]
    await world.store.decide(Decision(world.connection, journal=mine))
    await world.store.decide(Decision(second, journal=theirs))
    assert await world.store.written_since(world.connection, Side.RIGHT, ["r1"], 0.0) == {}


async def test_what_a_create_of_any_connection_has_made_is_known(triangle: Triangle) -> None:
    world = triangle.world
    mine = [
        entry(world, "created", "a", right_id="r1"),
        entry(world, "adopted", "a", right_id="r2"),
        entry(world, "updated", "a", right_id="r3"),
        entry(world, "linked", "a", right_id="r4", side=None),
        entry(world, "created", "a", left_id="l9", right_id="r9", side=Side.LEFT),
    ]
    theirs = [
        entry(world, "created", "a", connection_id=triangle.by_right, side=Side.LEFT, left_id="r5", right_id="t5"),
        entry(world, "created", "a", connection_id=triangle.by_left, left_id="l6", right_id="r6"),
    ]
    await world.store.decide(Decision(world.connection, journal=mine))
    for each in theirs:
        await world.store.decide(Decision(each.connection_id, journal=[each]))
    wanted = [f"r{number}" for number in range(1, 10)]
    assert await world.store.made(world.right, wanted) == {"r1", "r2", "r5"}
    assert await world.store.made(world.left, ["l1", "l6", "l9"]) == {"l9"}
    assert await world.store.made(triangle.third, ["t5", "r6"]) == {"r6"}
    assert await world.store.made(world.right, []) == set()
