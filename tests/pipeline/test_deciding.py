"""A person decides about what is held: the decision is carried out, whatever ends the process, and no further."""

from dataclasses import replace
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.test_breaker import Fight
from tests.pipeline.test_holds import clash, titles
from tests.pipeline.test_resolve import unexplained
from zohosyncd.core.errors import SyncError, UsageError
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.record import Item
from zohosyncd.core.side import Direction, Side, Winner
from zohosyncd.pipeline.deciding import Deciding
from zohosyncd.ports.store import Choice, HoldReason

TAKE = {Side.LEFT: Choice.LEFT, Side.RIGHT: Choice.RIGHT}


# --- a field --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("restarted", [False, True])
async def test_the_value_that_is_taken_wins_and_both_are_in_the_journal(
    bench: Bench, side: Side, restarted: bool
) -> None:
    connection, contact, _card = await clash(bench)
    await connection.decide(TAKE[side], Side.LEFT, contact)
    if restarted:
        await connection.restart()
    await bench.until_quiet()
    won, lost = ("Left", "Right") if side is Side.LEFT else ("Right", "Left")
    assert titles(bench) == (won, won)
    assert await connection.held() == set()
    (entry,) = await connection.journal("taken")
    assert (set(entry.after.values()), set(entry.other.values())) == ({won}, {lost})


@pytest.mark.parametrize("side", Side)
async def test_what_was_edited_since_is_a_clash_again(bench: Bench, side: Side) -> None:
    connection, contact, card = await clash(bench)
    await connection.decide(TAKE[side], Side.LEFT, contact)
    loser = side.other  # nobody has seen this edit yet
    if loser is Side.LEFT:
        bench.crm.app.edit(contact, {"Title": "Third"})
    else:
        bench.book.app.edit(card, {"title": "Third"})
    await bench.until_quiet()
    assert set(titles(bench)) == {"Third", "Left" if side is Side.LEFT else "Right"}
    assert await connection.held() == {(Side.LEFT, contact, HoldReason.CLASH, "title")}


async def test_an_edit_that_is_seen_before_the_decision_refuses_it(bench: Bench) -> None:
    connection, contact, card = await clash(bench)
    bench.book.app.edit(card, {"title": "Third"})
    await bench.book.feed.refresh()
    with pytest.raises(SyncError, match="the right record has changed since"):
        await connection.decide(Choice.LEFT, Side.LEFT, contact)
    await bench.until_quiet()
    assert titles(bench) == ("Left", "Third")


@pytest.mark.parametrize("side", Side)
async def test_a_clash_of_the_first_sync_is_decided_too(bench: Bench, side: Side) -> None:
    connection = await bench.pair(winner=Winner.HOLD)
    person = {"First": "Ann", "Last": "Both", "Email": "ann@example.org"}
    contact = bench.crm.app.create({**person, "Title": "Left", "Company": "Same"})
    bench.book.app.create(
        {"given": "Ann", "family": "Both", "emails": (Item("ann@example.org"),), "title": "Right", "company": "Same"}
    )
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, contact, HoldReason.CLASH, "title")}
    await connection.decide(TAKE[side], Side.LEFT, contact)
    await bench.until_quiet()
    assert titles(bench) == (("Left", "Left") if side is Side.LEFT else ("Right", "Right"))
    assert await connection.held() == set()


@pytest.mark.parametrize("side", Side)
async def test_who_ends_a_fight_gets_the_value_through_once_more(bench: Bench, side: Side) -> None:
    fight = await Fight.begin(bench)
    for _ in range(3):
        await fight.once()
    assert await fight.connection.held() == fight.held
    before = fight.sent()
    await fight.connection.decide(TAKE[side], Side.LEFT, fight.contact)
    await fight.connection.restart()
    await bench.until_quiet()
    value = "Low" if side is Side.LEFT else "High"
    assert titles(bench) == (value, value)
    assert await fight.connection.held() == set()
    assert sum(fight.sent()) == sum(before) + 1
    for _ in range(2):
        await fight.once()
    assert await fight.connection.held() == fight.held  # nobody has stopped the other tools


async def test_only_fields_can_be_taken_and_only_records_made(bench: Bench) -> None:
    connection, contact, _card = await clash(bench)
    for choice in (Choice.CREATE, Choice.LEAVE, Choice.OPT_OUT):
        with pytest.raises(UsageError, match="is no answer to clash") as refused:
            await connection.decide(choice, Side.LEFT, contact)
        assert refused.value.hint == "say --take"


# --- somebody of its own --------------------------------------------------------------------------------------


async def twins(bench: Bench, **more: Any) -> tuple[Connection, str, str]:
    """Two cards share one address, and the CRM knows nobody of it."""
    connection = await bench.pair(**more)
    await bench.until_quiet()
    address = (Item("twin@example.org"),)
    first, second = (bench.book.app.create({"given": name, "family": "Twin", "emails": address}) for name in "AB")
    await bench.until_quiet()
    return connection, first, second


@pytest.mark.parametrize("restarted", [False, True])
async def test_two_that_share_an_address_are_both_made(bench: Bench, restarted: bool) -> None:
    connection, first, second = await twins(bench)
    for each in (first, second):
        await connection.decide(Choice.CREATE, Side.RIGHT, each)
        if restarted:
            await connection.restart()
        await bench.until_quiet()
    assert bench.everybody("crm", "First") == [("A",), ("B",)]
    assert await connection.held() == set()
    await connection.restart()
    await bench.until_quiet()
    assert len(bench.crm.creates()) == 2


@pytest.mark.parametrize("counted", [False, True])
async def test_both_decided_at_once_are_made_one_after_the_other(bench: Bench, counted: bool) -> None:
    connection, first, second = await twins(bench, **({"guard": Guard({"create": Limit(9)})} if counted else {}))
    for each in (first, second):
        await connection.decide(Choice.CREATE, Side.RIGHT, each)
    report = await connection.run()
    assert report.converged
    assert report.seconds < 1.0  # nobody waits for a create that the guard has not judged yet
    assert bench.everybody("crm", "First") == [("A",), ("B",)]
    assert await connection.held() == set()


async def test_who_has_no_key_is_made(bench: Bench) -> None:
    connection = await bench.pair()
    await bench.until_quiet()
    card = bench.book.app.create({"given": "Kim", "family": "Keyless"})
    await bench.until_quiet()
    await connection.decide(Choice.CREATE, Side.RIGHT, card)
    await bench.until_quiet()
    assert bench.everybody("crm", "First") == [("Kim",)]
    assert await connection.held() == set()


async def namesake(bench: Bench) -> tuple[Connection, str, str]:
    """Ann is linked; another card has her address."""
    connection = await bench.pair()
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    await bench.until_quiet()
    other = bench.book.app.create({"given": "Anna", "family": "Other", "emails": (Item("ann@example.org"),)})
    await bench.until_quiet()
    return connection, contact, other


async def test_somebody_with_the_address_of_another_is_made_although_the_app_knows_that_address(bench: Bench) -> None:
    connection, contact, other = await namesake(bench)
    await connection.decide(Choice.CREATE, Side.RIGHT, other)
    await bench.until_quiet()
    assert bench.everybody("crm", "First") == [("Ann",), ("Anna",)]
    assert len(bench.book.app.state()) == 2
    link = await connection.link_of(contact)
    assert link is not None
    assert link.right_id != other
    assert await connection.held() == set()


async def test_a_candidate_that_nobody_has_seen_is_a_new_question(bench: Bench) -> None:
    connection, _contact, other = await namesake(bench)
    await connection.decide(Choice.CREATE, Side.RIGHT, other)
    late = bench.crm.app.create({"First": "Anja", "Last": "Late", "Email": "ann@example.org"})
    await bench.until_quiet()
    held = await connection.held()
    assert (Side.RIGHT, other, HoldReason.AMBIGUOUS, "") in held
    assert (Side.LEFT, late, HoldReason.AMBIGUOUS, "") in held
    assert len(bench.crm.creates()) == 0


async def test_a_reason_that_went_by_itself_takes_the_decision_along(bench: Bench) -> None:
    connection = await bench.pair()
    await bench.until_quiet()
    card = bench.book.app.create({"given": "Kim", "family": "Keyless"})
    await bench.until_quiet()
    await connection.decide(Choice.CREATE, Side.RIGHT, card)
    contact = bench.crm.app.create({"First": "Kim", "Last": "Keyless", "Email": "kim@example.org"})
    bench.book.app.edit(card, {"emails": (Item("kim@example.org"),)})
    await bench.until_quiet()
    link = await connection.link_of(contact)
    assert link is not None
    assert link.right_id == card
    assert await connection.held() == set()


async def test_a_suspect_that_is_somebody_else_lets_the_person_be_made(bench: Bench) -> None:
    connection, _contact, card, _held = await unexplained(bench)
    await connection.decide(Choice.CREATE, Side.RIGHT, card)
    await bench.until_quiet()
    assert bench.everybody("crm", "First") == [("Eve",), ("Kim",), ("Kimberly",)]
    assert bench.everybody("book", "given") == [("Eve",), ("Kim",), ("Kimberly",)]
    assert await connection.held() == set()


async def test_whoever_came_back_from_the_dead_is_made_if_a_person_says_so(bench: Bench) -> None:
    connection = await bench.pair()
    bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    bench.book.app.delete(card)
    await bench.until_quiet()
    again = bench.book.app.create({"given": "Ann", "family": "Again", "emails": (Item("ann@example.org"),)})
    await bench.until_quiet()
    assert await connection.held() == {(Side.RIGHT, again, HoldReason.TOMBSTONE, "")}
    await connection.decide(Choice.CREATE, Side.RIGHT, again)
    await bench.until_quiet()
    assert bench.everybody("crm", "Last") == [("Again",), ("Both",)]
    assert await connection.held() == set()


async def test_nothing_is_made_against_the_direction(bench: Bench) -> None:
    connection, first, _second = await twins(bench)
    connection.plan = replace(
        connection.plan, policy=replace(connection.plan.policy, direction=Direction.LEFT_TO_RIGHT)
    )
    with pytest.raises(UsageError, match="creates nothing on its left side"):
        await connection.decide(Choice.CREATE, Side.RIGHT, first)


# --- left alone -----------------------------------------------------------------------------------------------


async def test_who_is_left_alone_is_neither_linked_nor_made_nor_listed_until_a_person_says_so(bench: Bench) -> None:
    connection, first, second = await twins(bench)
    await connection.decide(Choice.LEAVE, Side.RIGHT, first)
    bench.book.app.delete(second)
    bench.book.app.edit(first, {"title": "Queen"})
    await bench.until_quiet()
    await connection.restart()
    await bench.until_quiet()
    assert bench.crm.app.state() == {}
    assert await connection.held() == set()
    counts = await bench.store.counts(connection.plan.id)
    assert sum(counts.held.values()) == 0
    ((hold,),) = (await bench.store.held_of(connection.plan.id, Side.RIGHT, [first])).values()
    await Deciding(bench.world, connection.plan).retry(hold)
    await bench.until_quiet()
    assert bench.everybody("crm", "First", "Title") == [("A", "Queen")]


async def test_nobody_gets_one_as_a_partner_who_is_left_alone(bench: Bench) -> None:
    connection, first, second = await twins(bench)
    await connection.decide(Choice.LEAVE, Side.RIGHT, first)
    bench.book.app.delete(second)
    await bench.until_quiet()
    late = bench.crm.app.create({"First": "Late", "Last": "Twin", "Email": "twin@example.org"})
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, late, HoldReason.LINKED_ELSEWHERE, "")}
    assert len(bench.book.app.state()) == 1
