"""Links and their bases, objects, connections and secrets: of any store."""

from dataclasses import replace

import pytest

from tests.storage.world import World, shown
from zohosyncd.core.errors import StateError
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.record import Item
from zohosyncd.core.side import Side
from zohosyncd.ports.store import Decision, Stage
from zohosyncd.storage.schema import HEAD


async def test_a_link_comes_back_with_both_bases(world: World) -> None:
    left = Base({"A": "x", "M": (Item("m", "work"),)}, "v1", {"A": "u"}, {"A": "s"}, {"A": "a"})
    right = Base({"B": None}, None)
    link = Link(0, "l1", "r1", left, right, by_hand=True)
    await world.store.decide(Decision(world.connection, links=[link]))
    by_left = await world.store.links(world.connection, Side.LEFT, ["l1", "l2", ""])
    by_right = await world.store.links(world.connection, Side.RIGHT, ["r1"])
    assert by_left["l1"] == by_right["r1"] == replace(link, id=1)
    assert list(by_left) == ["l1"]


async def test_link_ids_grow_and_are_never_used_again(world: World) -> None:
    first, second = await world.link("l1", "r1"), await world.link("l2", "r2")
    await world.tombstone(second)
    third = await world.link("l2", "r2")
    assert (first.id, second.id, third.id) == (1, 2, 3)
    assert [link.id for link in await world.store.links_after(world.connection, 0, 10)] == [1, 3]
    assert [link.id for link in await world.store.links_after(world.connection, 1, 10)] == [3]
    assert [link.id for link in await world.store.links_after(world.connection, 0, 1)] == [1]


async def test_the_live_link_of_a_record_comes_before_its_tombstones(world: World) -> None:
    for right in ("r1", "r2"):
        await world.tombstone(await world.link("l1", right))
    found = (await world.store.links(world.connection, Side.LEFT, ["l1"]))["l1"]
    assert (found.right_id, found.status) == ("r2", LinkStatus.TOMBSTONE)
    await world.link("l1", "r3")
    assert (await world.store.links(world.connection, Side.LEFT, ["l1"]))["l1"].right_id == "r3"
    assert (await world.store.links(world.connection, Side.RIGHT, ["r1"]))["r1"].status is LinkStatus.TOMBSTONE


async def test_a_record_set_free_by_a_tombstone_may_be_linked_in_the_same_decision(world: World) -> None:
    old = await world.link("l1", "r1")
    other = await world.link("l2", "r2")
    freed = [replace(other, right_id="r1"), replace(old, status=LinkStatus.TOMBSTONE), Link(0, "l1", "r3")]
    await world.store.decide(Decision(world.connection, links=freed))
    assert (await world.store.links(world.connection, Side.RIGHT, ["r1"]))["r1"].left_id == "l2"
    assert (await world.store.links(world.connection, Side.LEFT, ["l1"]))["l1"].right_id == "r3"


async def test_two_live_links_of_one_record_are_impossible(world: World) -> None:
    await world.link("l1", "r1")
    for left, right in (("l1", "r2"), ("l2", "r1")):
        with pytest.raises(StateError, match="impossible"):
            await world.store.decide(Decision(world.connection, links=[Link(0, left, right)]))
    counts = await world.store.counts(world.connection)
    assert counts.links == 1


async def test_the_same_records_may_be_linked_in_two_connections(world: World) -> None:
    await world.link("l1", "r1")
    other = (await world.store.open_connection("second", world.left, world.right)).id
    await world.store.decide(Decision(other, links=[Link(0, "l1", "r1")]))
    assert (await world.store.links(other, Side.LEFT, ["l1"]))["l1"].id == 1


async def test_a_live_link_needs_both_records_and_a_tombstone_does_not(world: World) -> None:
    with pytest.raises(StateError, match="live_has_both"):
        await world.store.decide(Decision(world.connection, links=[Link(0, "l1", "")]))
    dead = Link(0, "l1", "", status=LinkStatus.TOMBSTONE)
    await world.store.decide(Decision(world.connection, links=[dead]))
    assert (await world.store.counts(world.connection)).tombstones == 1


async def test_a_link_that_is_not_there_cannot_be_changed(world: World) -> None:
    with pytest.raises(StateError, match="does not know a link"):
        await world.store.decide(Decision(world.connection, links=[Link(7, "l1", "r1")]))


async def test_fields_stored_differently_are_counted_without_reading_them(world: World) -> None:
    await world.store.decide(Decision(world.connection, links=[Link(0, "l1", "r1", Base(sent={"A": "x"}))]))
    link = (await world.store.links(world.connection, Side.LEFT, ["l1"]))["l1"]
    assert (await world.store.counts(world.connection)).stored_differently == 1
    await world.store.decide(Decision(world.connection, links=[replace(link, left=Base())]))
    assert (await world.store.counts(world.connection)).stored_differently == 0


async def test_a_connection_keeps_its_place(world: World) -> None:
    await world.store.set_stage(world.connection, Stage.MERGING, approved=True)
    await world.store.set_offsets(world.connection, 5, 6, "m1")
    await world.store.set_stage(world.connection, Stage.LIVE)
    state = await world.store.open_connection("crm-book", world.left, world.right)
    assert (state.stage, state.approved, state.left_offset, state.right_offset) == (Stage.LIVE, True, 5, 6)
    assert state.mapping_version == "m1"
    with pytest.raises(StateError, match="not_negative"):
        await world.store.set_offsets(world.connection, -1, 0, "m1")
    with pytest.raises(StateError, match="no connection"):
        await world.store.set_stage(99, Stage.LIVE)


async def test_a_connection_cannot_join_other_objects_than_before(world: World) -> None:
    with pytest.raises(StateError, match="joined other objects"):
        await world.store.open_connection("crm-book", world.right, world.left)


async def test_an_account_remembers_who_it_is(world: World) -> None:
    assert await world.store.identity("crm") == ""
    await world.store.set_identity("crm", "org-1")
    await world.store.set_identity("new", "org-2")
    assert [await world.store.identity(name) for name in ("crm", "new", "none")] == ["org-1", "org-2", ""]
    assert (await world.store.open_object("crm", "Contacts")).id == world.left


async def test_secrets_are_kept_replaced_and_removed(world: World) -> None:
    for value in ("token-ä", "second", None):
        await world.store.set_secret("crm:refresh", value)
        assert await world.store.secret("crm:refresh") == value
    assert await world.store.secret("other") is None


async def test_facts_tell_size_schema_and_instance(world: World) -> None:
    await world.see(shown("1"))
    facts = await world.store.facts()
    assert facts["size"] > 10_000
    assert facts["schema"] == HEAD
    assert len(facts["instance_id"]) == 32
