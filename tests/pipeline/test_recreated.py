"""Whoever was deleted on one side and edited on the other is made anew: once, and never beside what may be them already."""

import asyncio
from collections.abc import Mapping

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.record import Item, Value
from zohosyncd.core.side import Side
from zohosyncd.ports.store import Choice, HoldReason

EXECUTED, NOT_EXECUTED = FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED
RENAMED: Mapping[str, Value] = {"First": "Anne", "Title": "Queen"}


async def lost(bench: Bench, kind: FaultKind) -> tuple[Connection, str]:
    """Ann was deleted in the CRM and edited in the book: she was made anew, and no answer came."""
    connection = await bench.pair()
    for first, last in (("Ann", "Both"), ("Eve", "Else")):
        bench.crm.app.create({"First": first, "Last": last, "Email": f"{first.lower()}@example.org"})
    await bench.until_quiet()
    card = next(id_ for id_, values in bench.book.app.state().items() if values["given"] == "Ann")
    contact = next(id_ for id_, values in bench.crm.app.state().items() if values["First"] == "Ann")
    bench.crm.app.delete(contact)
    bench.book.app.edit(card, {"note": "met"})
    bench.crm.app.fail(Call.WRITE, kind)
    await connection.run()
    assert connection.runner.unknown == 1
    return connection, card


async def unexplained(bench: Bench, *, edited: Mapping[str, Value] = RENAMED) -> tuple[Connection, str, str]:
    """The record that was made was edited before anybody could look for it: it may be her, or not."""
    connection, card = await lost(bench, EXECUTED)
    suspect = bench.crm.creates()[-1]
    bench.crm.app.edit(suspect, edited)
    await bench.until_quiet()
    return connection, suspect, card


def anns(bench: Bench) -> list[tuple[Value, ...]]:
    return [each for each in bench.everybody("crm", "First", "Title") if each[0] != "Eve"]


def held(suspect: str, card: str) -> set[tuple[Side, str, HoldReason, str]]:
    return {(Side.LEFT, suspect, HoldReason.UNEXPLAINED, ""), (Side.RIGHT, card, HoldReason.UNEXPLAINED, "")}


@pytest.mark.parametrize("kind", [EXECUTED, NOT_EXECUTED])
async def test_without_an_answer_there_is_one_of_her_in_the_end(bench: Bench, kind: FaultKind) -> None:
    connection, card = await lost(bench, kind)
    await bench.until_quiet()
    assert anns(bench) == [("Ann", None)]
    link = await connection.link_of(bench.crm.creates()[-1])
    assert link is not None
    assert link.right_id == card


@pytest.mark.parametrize("restarted", [False, True])
async def test_beside_a_record_that_may_be_her_she_is_not_made_again_whatever_changes(
    bench: Bench, restarted: bool
) -> None:
    connection, suspect, card = await unexplained(bench)
    assert await connection.held() == held(suspect, card)
    bench.crm.app.edit(suspect, {"Title": "Empress"})
    await bench.until_quiet()
    if restarted:
        await connection.restart()
    bench.book.app.edit(card, {"note": "met twice"})
    await bench.until_quiet()
    assert anns(bench) == [("Anne", "Empress")]
    assert len(bench.book.app.state()) == 2
    assert await connection.held() == held(suspect, card)


async def test_once_the_record_that_may_be_her_is_deleted_she_is_made(bench: Bench) -> None:
    connection, suspect, _card = await unexplained(bench)
    bench.crm.app.delete(suspect)
    await bench.until_quiet()
    assert anns(bench) == [("Ann", None)]
    assert await connection.held() == set()


async def test_a_person_says_that_it_is_her(bench: Bench) -> None:
    connection, suspect, card = await unexplained(bench)
    await connection.hand.link(suspect, card, replace_others=True)
    await bench.until_quiet()
    assert len(anns(bench)) == 1
    assert len(bench.book.app.state()) == 2
    assert ("met",) in bench.everybody("crm", "Note") or ("met",) in bench.everybody("book", "note")
    assert await connection.held() == set()


@pytest.mark.parametrize("side", Side)
async def test_a_person_says_that_it_is_somebody_else(bench: Bench, side: Side) -> None:
    connection, suspect, card = await unexplained(bench)
    await connection.decide(Choice.CREATE, side, suspect if side is Side.LEFT else card)
    await bench.until_quiet()
    assert anns(bench) == [("Ann", None), ("Anne", "Queen")]
    assert sorted(bench.everybody("book", "given")) == [("Ann",), ("Anne",), ("Eve",)]
    assert await connection.held() == set()


async def test_a_person_leaves_her_alone(bench: Bench) -> None:
    connection, suspect, card = await unexplained(bench)
    await connection.decide(Choice.LEAVE, Side.RIGHT, card)
    await bench.until_quiet()
    bench.book.app.edit(card, {"note": "met twice"})
    await bench.until_quiet()
    await connection.restart()
    await bench.until_quiet()
    assert anns(bench) == [("Anne", "Queen")]
    assert len(bench.book.app.state()) == 2
    assert {(side, record) for side, record, _reason, _field in await connection.held()} == {(Side.LEFT, suspect)}


@pytest.mark.parametrize("late", [0.0, 0.3, 0.5])
async def test_somebody_with_her_address_is_not_made_at_the_same_time(bench: Bench, late: float) -> None:
    connection = await bench.pair(left={"latency": 0.2}, right={"latency": 0.2})
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    bob = await bench.account("bob", latency=0.2)
    other = await bench.connect("crm-bob", bench.crm, bob)
    await connection.run()
    bench.crm.app.delete(contact)
    await other.run()
    (card,) = bench.book.app.state()
    bench.book.app.edit(card, {"note": "met"})
    bob.app.create({"given": "Ann", "family": "Both", "emails": (Item("ann@example.org"),)})

    async def after(seconds: float) -> None:
        await bench.clock.sleep(seconds)
        await other.run()

    await asyncio.gather(connection.run(), after(late))
    await bench.until_quiet()
    assert bench.everybody("crm", "First", "Last") == [("Ann", "Both")]
