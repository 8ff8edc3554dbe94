"""What a person decides, as any store keeps it: decisions about holds, partings, pauses, and what has to be looked at."""

from dataclasses import replace

from tests.storage.world import NOW, World, email, shown
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.store import (
    Choice,
    ContactState,
    Decision,
    Hold,
    HoldReason,
    IntentState,
    JournalEntry,
    Parted,
    Quarantined,
    SeenGone,
    Settlement,
    detail_of,
)


def hold(record_id: str, reason: HoldReason = HoldReason.AMBIGUOUS, **more: object) -> Hold:
    return Hold(Side.LEFT, record_id, reason, since=NOW, **more)  # type: ignore[arg-type]


async def keep(world: World, **decision: object) -> None:
    await world.store.decide(Decision(world.connection, **decision))  # type: ignore[arg-type]


# --- decisions about holds ------------------------------------------------------------------------------------


async def test_a_decision_stays_with_its_hold_and_can_be_taken_back(world: World) -> None:
    first, second = hold("a"), hold("b", field="title", detail=detail_of({side: {"T": side.value} for side in SIDES}))
    await keep(world, holds=[first, second])
    await keep(
        world, choices=[(first.key, Choice.CREATE), (second.key, Choice.LEFT), ((Side.LEFT, "c", ""), Choice.LEAVE)]
    )
    found = await world.store.held_of(world.connection, Side.LEFT, ["a", "b", "c"])
    assert found == {"a": (replace(first, decision=Choice.CREATE),), "b": (replace(second, decision=Choice.LEFT),)}
    assert (found["b"][0].seen(Side.LEFT), found["b"][0].seen(Side.RIGHT)) == ({"T": "left"}, {"T": "right"})
    await keep(world, choices=[(first.key, None)])
    assert (await world.store.held_of(world.connection, Side.LEFT, ["a"]))["a"] == (first,)


async def test_a_hold_that_is_stored_again_comes_with_the_decision_that_it_names(world: World) -> None:
    decided = hold("a", decision=Choice.CREATE)
    await keep(world, holds=[decided])
    await keep(world, holds=[decided], examined=[(Side.LEFT, "a")])
    assert (await world.store.held_of(world.connection, Side.LEFT, ["a"]))["a"] == (decided,)
    await keep(world, examined=[(Side.LEFT, "a")])
    assert await world.store.held_of(world.connection, Side.LEFT, ["a"]) == {}


async def test_what_is_left_alone_is_neither_listed_nor_counted(world: World) -> None:
    await keep(world, holds=[hold("a", decision=Choice.LEAVE), hold("b")])
    assert [each.record_id for each in await world.store.held(world.connection)] == ["b"]
    assert (await world.store.counts(world.connection)).held == {"ambiguous": 1}
    assert [each.record_id for each in await world.store.held_after(world.connection, None, 9)] == ["a", "b"]


async def test_holds_are_read_in_pages_by_reason(world: World) -> None:
    names = [f"{number:02}" for number in range(9)]
    await keep(world, holds=[hold(name, field=field) for name in names for field in ("", "title")])
    await keep(world, holds=[hold("99", HoldReason.NO_KEY)])
    found, after = [], None
    while page := await world.store.held_after(world.connection, after, 4, HoldReason.AMBIGUOUS):
        assert len(page) <= 4
        found += [each.key for each in page]
        after = page[-1].key
    assert found == [(Side.LEFT, name, field) for name in names for field in ("", "title")]


async def test_a_create_that_is_done_ends_the_holds_of_its_source(world: World) -> None:
    held = Hold(Side.RIGHT, "r1", HoldReason.NO_KEY, since=NOW, decision=Choice.CREATE)
    other = replace(held, record_id="r2")
    create = world.create("r1")
    await keep(world, holds=[held, other])
    await world.send(create)
    settlement = Settlement(create.id, world.connection, examined=[(Side.RIGHT, "r1")])
    await world.store.settle([replace(settlement, state=IntentState.UNKNOWN, examined=[])])
    assert len(await world.store.held(world.connection)) == 2
    await world.store.settle([settlement])
    assert await world.store.held(world.connection) == [other]


# --- quarantine -----------------------------------------------------------------------------------------------


async def test_what_is_accepted_is_listed_no_more_and_the_rest_is(world: World) -> None:
    refused = [Quarantined(Side.LEFT, "a", "required", field, "no name", NOW) for field in ("", "title")]
    await keep(world, quarantined=[*refused, Quarantined(Side.LEFT, "b", "unreadable", since=NOW)])
    assert (await world.store.quarantined_of(world.connection, Side.LEFT, ["a"]))["a"] == tuple(refused)
    page = await world.store.quarantined_after(world.connection, None, 1, "required")
    assert page == refused[:1]
    key = (Side.LEFT, "a", "")
    assert await world.store.quarantined_after(world.connection, key, 9, "required") == refused[1:]
    await keep(world, accepted=[key])
    assert [each.field for each in await world.store.quarantined(world.connection)] == ["title", ""]


# --- partings -------------------------------------------------------------------------------------------------


async def test_partings_are_known_from_both_sides_and_the_last_word_counts(world: World) -> None:
    await keep(world, parted=[Parted("l1", "r1", strangers=False), Parted("l1", "r2", strangers=True)])
    ask = world.store.apart
    assert await ask(world.connection, Side.LEFT, ["l1", "l2"]) == {"l1": {"r1": False, "r2": True}}
    assert await ask(world.connection, Side.RIGHT, ["r2"]) == {"r2": {"l1": True}}
    await keep(world, parted=[Parted("l1", "r1", strangers=True)], joined=[("l1", "r2")])
    assert await ask(world.connection, Side.LEFT, ["l1"]) == {"l1": {"r1": True}}
    second = (await world.store.open_connection("second", world.left, world.right)).id
    assert await ask(second, Side.LEFT, ["l1"]) == {}


async def test_a_create_may_share_keys_with_strangers_only(world: World) -> None:
    ann = email("ann@example.org")
    await world.see(shown("stranger", "Ann", "v1", ann))
    create = world.create("r1", ann)
    assert await world.plan(create) == (create.id,)
    known = replace(world.create("r1", ann), despite=frozenset({"stranger"}))
    assert await world.plan(known) == ()
    twin = replace(world.create("r2", ann), despite=frozenset({"stranger"}))
    assert await world.plan(twin) == (twin.id,), "an open create has reserved the key"
    await world.store.withdraw([known.id])
    await world.see(shown("late", "Anja", "v1", ann))
    assert await world.plan(twin) == (twin.id,), "somebody has come whom nobody has told apart"


# --- what has to be looked at again ---------------------------------------------------------------------------


async def test_what_is_touched_is_news_and_stays_as_it_is(world: World) -> None:
    await world.see(shown("l1", "Ann", "v1", email("ann@example.org")), shown("l2"))
    before = (await world.store.rows(world.left, ["l1"]))["l1"]
    await keep(world, touched=[(world.left, "l1"), (world.left, "l1"), (world.left, "nobody"), (world.right, "l1")])
    (row,) = await world.store.changes(world.left, 2, 9)
    assert row == replace(before, seq=3)
    assert await world.store.last_seq(world.left) == 3
    assert len(await world.store.keys_of(world.left, ["l1"])) == 1


async def test_what_is_touched_is_decided_anew_before_it_is_sent(world: World) -> None:
    await world.see(shown("l1"))
    update = world.update("l1", target_seq=1)
    await world.plan(update)
    await keep(world, touched=[(world.left, "l1")])
    assert await world.store.mark_sent([update.id], NOW) == set()


# --- pauses and history ---------------------------------------------------------------------------------------


async def test_a_pause_is_remembered(world: World) -> None:
    await world.store.pause(world.connection, NOW)
    assert (await world.store.open_connection("crm-book", world.left, world.right)).paused == NOW
    await world.store.pause(world.connection, 0.0)
    assert (await world.store.connections())[0].paused == 0.0


async def test_history_is_read_in_pages_by_record_run_and_time(world: World) -> None:
    entries = [
        JournalEntry(
            "updated", world.connection, f"run{number % 2}", left_id=f"l{number}", right_id="r", at=NOW + number
        )
        for number in range(6)
    ]
    await keep(world, journal=entries)
    ask = world.store.history
    first = await ask(world.connection, limit=4)
    assert [each.left_id for each in first] == ["l5", "l4", "l3", "l2"]
    assert [each.left_id for each in await ask(world.connection, before=first[-1].id)] == ["l1", "l0"]
    assert [each.left_id for each in await ask(world.connection, run="run1")] == ["l5", "l3", "l1"]
    assert [each.left_id for each in await ask(world.connection, since=NOW + 4)] == ["l5", "l4"]
    some = await ask(world.connection, records={Side.LEFT: ["l1", "l2"], Side.RIGHT: []})
    assert [each.left_id for each in some] == ["l2", "l1"]
    assert len(await ask(world.connection, records={Side.LEFT: [], Side.RIGHT: ["r"]})) == 6
    assert await ask(world.connection, records={Side.LEFT: [], Side.RIGHT: []}) == []


# --- where records stand --------------------------------------------------------------------------------------


async def test_records_are_counted_by_the_first_state_that_is_true_of_them(world: World) -> None:
    await world.see(*(shown(name) for name in "abcdefgh"))
    await world.see(SeenGone("h"))
    await world.link("a", "ra")
    await world.link("b", "rb")
    await world.see(*(shown(name) for name in ("ra", "rb")), object_id=world.right)
    await keep(world, holds=[hold("a", HoldReason.CLASH, field="title"), hold("c", decision=Choice.LEAVE)])
    await keep(world, holds=[hold("d", others=((Side.LEFT, "e"),)), hold("e", others=((Side.RIGHT, "x"),))])
    await keep(world, quarantined=[Quarantined(Side.LEFT, "f", "required", since=NOW)])
    counted = await world.store.contact_counts(world.connection, {Side.LEFT: 9, Side.RIGHT: 0})
    left = {state for state, count in counted[Side.LEFT].items() if count}
    assert left == set(ContactState) - {ContactState.FROZEN, ContactState.PENDING}
    assert sum(counted[Side.LEFT].values()) == 8
    assert counted[Side.RIGHT][ContactState.HELD] == counted[Side.RIGHT][ContactState.IN_SYNC] == 1
    assert counted[Side.LEFT][ContactState.EXCLUDED] == 2
    first = await world.store.contact_counts(world.connection, None)
    assert first[Side.LEFT][ContactState.PENDING] == 1
    assert [each.record_id for each in await world.store.stands(world.left, "b", 3)] == ["c", "d", "e"]
    assert (await world.store.stands(world.left, "g", 3))[0].gone
