"""Intents, their claims and their outcomes: of any store."""

from dataclasses import replace

import pytest

from tests.storage.world import NOW, Clock, World, email, shown
from zohosyncd.core.errors import StateError
from zohosyncd.core.link import Base, Link
from zohosyncd.core.record import Record
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import (
    Decision,
    Hold,
    HoldReason,
    IntentState,
    JournalEntry,
    Quarantined,
    SeenGone,
    Settlement,
)


async def test_an_intent_comes_back_as_it_was_planned(world: World) -> None:
    intent = world.create(
        "r1", email("b"), email("a"), patch={"Name": "Ann"}, before={"Name": None}, source={"FN": "Ann"},
        agreed={"Name": "Ann"}, source_seq=0, guarded="create", created_at=NOW, version="v1",
    )  # fmt: skip
    await world.plan(intent)
    (found,) = await world.store.open_intents()
    assert sorted(found.claims) == sorted(intent.claims)
    assert replace(found, claims=intent.claims) == intent


async def test_open_intents_are_listed_oldest_first_by_connection_and_state(world: World) -> None:
    other = (await world.store.open_connection("second", world.left, world.right)).id
    first, second = world.update("1"), world.update("2", state=IntentState.WAITING, batch="b")
    third = world.update("3", connection_id=other)
    await world.plan(first, second)
    await world.store.decide(Decision(other, intents=[third]))

    async def listed(*question: object) -> list[str]:
        return [intent.id for intent in await world.store.open_intents(*question)]  # type: ignore[arg-type]

    assert await listed() == [first.id, second.id, third.id]
    assert await listed(world.connection) == [first.id, second.id]
    assert await listed(None, [IntentState.WAITING]) == [second.id]


async def test_only_intents_whose_rows_stand_still_are_marked_as_sent(world: World) -> None:
    await world.see(shown("1"), shown("2"), shown("3"))
    await world.see(shown("r1"), object_id=world.right)
    still = world.update("1", target_seq=1, source_id="r1", source_seq=1)
    moved = world.update("2", target_seq=2, source_id="r1", source_seq=1)
    source_unseen = world.update("3", target_seq=3, source_id="r2", source_seq=4)
    fresh = world.create("r1", source_seq=1)
    await world.plan(still, moved, source_unseen, fresh)
    await world.see(shown("2", "Edit"))
    ids = [intent.id for intent in (still, moved, source_unseen, fresh)]
    assert await world.store.mark_sent(ids, NOW) == {still.id, fresh.id}
    assert await world.store.mark_sent(ids, NOW) == set()
    sent = await world.store.open_intents(states=[IntentState.SENT])
    assert {(intent.id, intent.sent_at) for intent in sent} == {(still.id, NOW), (fresh.id, NOW)}


async def test_a_source_that_went_withdraws_its_write(world: World) -> None:
    await world.see(shown("r1"), object_id=world.right)
    create = world.create("r1", source_seq=1)
    await world.plan(create)
    await world.see(SeenGone("r1"), object_id=world.right)
    assert await world.store.mark_sent([create.id], NOW) == set()


async def test_two_creates_never_claim_the_same_person(world: World) -> None:
    other = (await world.store.open_connection("second", world.left, world.right)).id
    first, second = world.create("r1", email("a"), email("b")), world.create("r2", email("b"), connection_id=other)
    assert await world.plan(first) == ()
    assert (await world.store.decide(Decision(other, intents=[second]))).lost == (second.id,)
    assert [intent.id for intent in await world.store.open_intents()] == [first.id]
    await world.store.withdraw([first.id])
    assert (await world.store.decide(Decision(other, intents=[second]))).lost == ()


async def test_of_two_creates_in_one_decision_the_first_has_the_key(world: World) -> None:
    first, second, third = world.create("r1", email("a")), world.create("r2", email("a")), world.create("r3")
    assert await world.plan(first, second, third) == (second.id,)


async def test_the_same_person_may_be_created_in_two_objects(world: World) -> None:
    there = world.create("l1", email("a"), object_id=world.right, side=Side.RIGHT)
    assert await world.plan(world.create("r1", email("a")), there) == ()


async def test_a_create_is_lost_to_a_record_that_stands_there_by_now(world: World) -> None:
    await world.see(shown("1", "Ann", "v1", email("a")))
    create = world.create("r1", email("a"))
    assert await world.plan(create) == (create.id,)
    await world.see(SeenGone("1"))
    assert await world.plan(create) == ()


async def test_a_decision_replaces_waiting_intents_with_their_claims(world: World) -> None:
    old, new = world.create("r1", email("a"), state=IntentState.APPROVED), world.create("r1", email("a"))
    await world.plan(old)
    decision = Decision(world.connection, intents=[new], drop_intents=[old.id])
    assert (await world.store.decide(decision)).lost == ()
    assert [intent.id for intent in await world.store.open_intents()] == [new.id]


async def test_what_was_sent_cannot_be_withdrawn(world: World) -> None:
    sent, planned = world.create("r1", email("a")), world.create("r2")
    await world.send(sent)
    await world.plan(planned)
    await world.store.withdraw([sent.id, planned.id])
    assert [intent.id for intent in await world.store.open_intents()] == [sent.id]
    assert await world.plan(world.create("r3", email("a"))) != ()


async def test_at_start_planned_intents_are_withdrawn(world: World) -> None:
    await world.send(world.create("r1"))
    await world.plan(world.create("r2"), world.create("r3", state=IntentState.WAITING))
    assert await world.store.withdraw_planned(world.connection) == 1
    assert (await world.store.counts(world.connection)).intents == {"sent": 1, "waiting": 1}


async def test_approval_goes_by_batch(world: World) -> None:
    intents = [world.create(f"r{number}") for number in range(3)]
    await world.plan(*intents)
    await world.store.set_waiting([intents[0].id], "one")
    await world.store.set_waiting([intents[1].id], "two")
    assert await world.store.approve(world.connection, "one") == 1
    (approved,) = await world.store.open_intents(states=[IntentState.APPROVED])
    assert (approved.id, approved.batch) == (intents[0].id, "one")
    assert await world.store.approve(world.connection) == 1
    assert await world.store.approve(world.connection) == 0


async def test_an_outcome_is_stored_as_one(world: World) -> None:
    create = world.create("r1", email("a"))
    await world.send(create)
    link = Link(0, "1", "r1", Base({"Name": "Ann"}), Base({"FN": "Ann"}))
    entry = JournalEntry("created", world.connection, "run", Side.LEFT, "1", "r1", after={"Name": "Ann"})
    answered = world.store.ordinal()
    await world.settle(
        create, link=link, object_id=world.left, record=Record("1", {"Name": "Ann"}), keys=(email("a"),),
        answered=answered, journal=[entry],
    )  # fmt: skip
    assert await world.store.open_intents() == []
    row = (await world.store.rows(world.left, ["1"]))["1"]
    assert (row.values, row.seq, row.taken) == ({"Name": "Ann"}, 1, answered)
    assert list(await world.store.links(world.connection, Side.RIGHT, ["r1"])) == ["r1"]
    assert await world.store.journal_count(world.connection, ["created"], 0.0) == 1
    again = world.create("r2", email("a"))
    assert await world.plan(again) == (again.id,)


async def test_an_outcome_that_is_refused_leaves_everything_as_it_was(world: World) -> None:
    await world.link("1", "r1")
    create = world.create("r2")
    await world.send(create)
    with pytest.raises(StateError):
        await world.settle(create, link=Link(0, "1", "r2"), object_id=world.left, record=Record("9", {}), answered=5)
    assert [intent.state for intent in await world.store.open_intents()] == [IntentState.SENT]
    assert await world.store.rows(world.left, ["9"]) == {}


async def test_an_unknown_outcome_keeps_the_claim_and_its_age(world: World) -> None:
    create = world.create("r1", email("a"))
    await world.send(create)
    await world.settle(create, state=IntentState.UNKNOWN)
    counts = await world.store.counts(world.connection)
    assert (counts.intents, counts.oldest_unknown) == ({"unknown": 1}, NOW)
    assert await world.plan(world.create("r2", email("a"))) != ()
    await world.settle(create, state=IntentState.PLANNED)
    (found,) = await world.store.open_intents()
    assert (found.state, found.sent_at) == (IntentState.PLANNED, 0.0)


async def test_a_delete_that_arrived_leaves_a_row_that_is_gone(world: World) -> None:
    await world.see(shown("1"))
    delete = world.intent(WriteKind.DELETE, "1", target_seq=1)
    before = world.store.ordinal()
    await world.send(delete)
    await world.settle(delete, gone=True, object_id=world.left, answered=world.store.ordinal())
    row = (await world.store.rows(world.left, ["1"]))["1"]
    assert (row.gone, row.seq) == (True, 2)
    assert (await world.see(shown("1"), taken=before)).reread == ("1",)


async def test_an_answer_without_the_record_is_a_barrier_all_the_same(world: World) -> None:
    await world.see(shown("1"))
    update = world.update("1", target_seq=1)
    before = world.store.ordinal()
    await world.send(update)
    await world.settle(update, answered=world.store.ordinal())
    assert (await world.see(shown("1", "Past"), taken=before)).reread == ("1",)
    assert (await world.see(shown("1", "Now"))).changed == 1


async def test_a_record_that_its_feed_will_not_show_again_is_read_by_id(world: World) -> None:
    await world.see(shown("1"))
    update = world.update("1", target_seq=1)
    await world.send(update)
    await world.settle(update, reread=True)
    assert await world.store.rereads(world.left, 10) == ["1"]
    await world.see(shown("1", "Now"))
    assert await world.store.rereads(world.left, 10) == []


async def test_a_create_needs_no_target_and_everything_else_needs_one(world: World) -> None:
    wrong = (
        world.intent(WriteKind.CREATE, "1"), world.intent(WriteKind.UPDATE, ""), world.intent(WriteKind.DELETE, ""),
        world.update("1", source_seq=-1), world.update("1", guarded="whatever"), world.update("1", object_id=99),
    )  # fmt: skip
    for intent in wrong:
        with pytest.raises(StateError, match="impossible"):
            await world.plan(intent)
    assert await world.store.open_intents() == []


async def test_holds_and_quarantine_replace_what_was_examined(world: World, clock: Clock) -> None:
    (a, b) = world.store.digests([email("a"), email("b")])
    hold = Hold(
        Side.LEFT, "1", HoldReason.AMBIGUOUS, "", ((Side.RIGHT, "r1"), (Side.RIGHT, "r2")), (a,), {"Name": "Ann"}, 5.0
    )
    clash = Hold(Side.LEFT, "1", HoldReason.CLASH, "Name")
    refused = Quarantined(Side.RIGHT, "r9", "INVALID_DATA", "Email", "not an address", 3.0)
    await world.store.decide(Decision(world.connection, holds=[clash, hold], quarantined=[refused]))
    assert await world.store.held(world.connection) == [hold, Hold(Side.LEFT, "1", HoldReason.CLASH, "Name", since=NOW)]
    assert await world.store.held(world.connection, 1) == [hold]
    assert await world.store.quarantined(world.connection) == [refused]
    counts = await world.store.counts(world.connection)
    assert (counts.held, counts.quarantined) == ({"ambiguous": 1, "clash": 1}, {"INVALID_DATA": 1})

    async def dependents(side: Side, ids: list[str], *keys: object) -> set[tuple[Side, str]]:
        return await world.store.held_dependents(world.connection, side, ids, list(keys))  # type: ignore[arg-type]

    itself = {(Side.LEFT, "1")}
    assert await dependents(Side.LEFT, ["1"]) == itself
    assert await dependents(Side.RIGHT, ["r2", "r7"]) == itself
    assert await dependents(Side.LEFT, [], a, b) == itself
    assert await dependents(Side.RIGHT, ["1", "r7"], b) == set()
    decision = Decision(
        world.connection,
        holds=[Hold(Side.LEFT, "2", HoldReason.NO_KEY)],
        examined=[(Side.LEFT, "1"), (Side.RIGHT, "r9")],
    )
    await world.store.decide(decision)
    assert [each.record_id for each in await world.store.held(world.connection)] == ["2"]
    assert await world.store.quarantined(world.connection) == []
    assert await dependents(Side.RIGHT, ["r2"], a) == set()


async def test_a_hold_of_the_same_field_is_replaced(world: World) -> None:
    for reason in (HoldReason.AMBIGUOUS, HoldReason.TOMBSTONE):
        hold = Hold(Side.LEFT, "1", reason, others=((Side.RIGHT, reason.value),))
        await world.store.decide(Decision(world.connection, holds=[hold, hold]))
    assert [hold.reason for hold in await world.store.held(world.connection)] == [HoldReason.TOMBSTONE]
    assert await world.store.held_dependents(world.connection, Side.RIGHT, ["ambiguous"], []) == set()


async def test_the_journal_tells_the_newest_first(world: World, clock: Clock) -> None:
    entries = [
        JournalEntry(
            "updated", world.connection, "run", Side.LEFT, f"l{number}", f"r{number}", ("Name", "Mail"),
            {"Name": "old"}, {"Name": "new"}, {"Name": "lost"}, "why", NOW + number,
        )
        for number in range(3)
    ]  # fmt: skip
    await world.store.decide(Decision(world.connection, journal=entries))
    found = await world.store.journal(world.connection)
    assert [entry.left_id for entry in found] == ["l2", "l1", "l0"]
    assert found[0] == replace(entries[2], id=3)
    assert [entry.id for entry in await world.store.journal(world.connection, left_id="l1")] == [2]
    assert [entry.id for entry in await world.store.journal(world.connection, left_id="l1", right_id="r2")] == []
    assert len(await world.store.journal(world.connection, limit=2)) == 2
    assert await world.store.journal_count(world.connection, ["updated", "deleted"], NOW + 1) == 2
    assert await world.store.journal_count(world.connection, ["deleted"], 0.0) == 0


async def test_a_second_outcome_of_one_intent_changes_nothing(world: World) -> None:
    intent = world.create("r1")
    await world.send(intent)
    await world.settle(intent, link=Link(0, "1", "r1"))
    await world.settle(intent, link=Link(0, "2", "r2"), journal=[JournalEntry("created", world.connection, "run")])
    assert [each.left_id for each in await world.store.links_after(world.connection, 0, 10)] == ["1"]
    assert await world.store.journal(world.connection) == []


async def test_settlements_of_two_connections_are_one_unit(world: World) -> None:
    other = (await world.store.open_connection("second", world.left, world.right)).id
    first, second = world.create("r1"), world.create("r1", connection_id=other)
    await world.send(first)
    await world.store.decide(Decision(other, intents=[second]))
    await world.store.settle(
        [
            Settlement(first.id, world.connection, link=Link(0, "1", "r1")),
            Settlement(second.id, other, link=Link(0, "1", "r1"), quarantined=[Quarantined(Side.LEFT, "1", "X")]),
        ]
    )
    assert [(await world.store.counts(each)).links for each in (world.connection, other)] == [1, 1]


async def test_what_is_withdrawn_at_a_start_is_examined_again(world: World) -> None:
    await world.store.set_offsets(world.connection, 9, 9, "v")
    await world.plan(world.create("r1", source_seq=4), world.create("r2", source_seq=7))
    assert await world.store.withdraw_planned(world.connection) == 2
    state = await world.store.open_connection("crm-book", world.left, world.right)
    assert (state.left_offset, state.right_offset) == (9, 3)


async def test_a_withdrawn_intent_beyond_the_offset_moves_nothing(world: World) -> None:
    await world.store.set_offsets(world.connection, 9, 9, "v")
    await world.plan(world.create("r1", source_seq=12))
    assert await world.store.withdraw_planned(world.connection) == 1
    state = await world.store.open_connection("crm-book", world.left, world.right)
    assert (state.left_offset, state.right_offset) == (9, 9)
