"""A field that a person has to decide about: held while it is a clash, and not a moment longer."""

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.record import Item
from zohosyncd.core.side import Side, Winner
from zohosyncd.ports.store import HoldReason


async def clash(bench: Bench) -> tuple[Connection, str, str]:
    """Ann's title was "Old"; the CRM says "Left" now, the book "Right", and a person has to decide."""
    connection = await bench.pair(winner=Winner.HOLD)
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org", "Title": "Old"})
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    bench.crm.app.edit(contact, {"Title": "Left"})
    bench.book.app.edit(card, {"title": "Right"})
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, contact, HoldReason.CLASH, "title")}
    assert titles(bench) == ("Left", "Right")
    return connection, contact, card


def titles(bench: Bench) -> tuple[object, object]:
    ((left,),), ((right,),) = bench.everybody("crm", "Title"), bench.everybody("book", "title")
    return left, right


async def test_a_held_field_holds_no_other(bench: Bench) -> None:
    connection, contact, card = await clash(bench)
    before = await connection.held()
    bench.crm.app.edit(contact, {"Company": "New"})
    bench.book.app.edit(card, {"note": "met"})
    await bench.until_quiet()
    assert bench.everybody("book", "title", "company", "note") == [("Right", "New", "met")]
    assert bench.everybody("crm", "Title", "Company", "Notes") == [("Left", "New", "met")]
    assert await connection.held() == before


@pytest.mark.parametrize("side", Side)
async def test_a_person_decides_by_making_one_side_like_the_other(bench: Bench, side: Side) -> None:
    connection, contact, card = await clash(bench)
    if side is Side.LEFT:
        bench.crm.app.edit(contact, {"Title": "Right"})
    else:
        bench.book.app.edit(card, {"title": "Left"})
    await bench.until_quiet()
    assert len(set(titles(bench))) == 1
    assert await connection.held() == set()


@pytest.mark.parametrize("side", Side)
async def test_who_takes_an_edit_back_lets_the_other_one_in(bench: Bench, side: Side) -> None:
    connection, contact, card = await clash(bench)
    if side is Side.LEFT:
        bench.crm.app.edit(contact, {"Title": "Old"})
    else:
        bench.book.app.edit(card, {"title": "Old"})
    await bench.until_quiet()
    assert titles(bench) == (("Right", "Right") if side is Side.LEFT else ("Left", "Left"))
    assert await connection.held() == set()


async def test_of_two_namesakes_who_is_deleted_is_held_no_longer_and_not_made(bench: Bench) -> None:
    connection = await bench.pair()
    await bench.until_quiet()
    address = (Item("twin@example.org"),)
    first, second = (bench.book.app.create({"given": name, "family": "Twin", "emails": address}) for name in "AB")
    await bench.until_quiet()
    assert await connection.held() == {(Side.RIGHT, each, HoldReason.AMBIGUOUS, "") for each in (first, second)}
    bench.book.app.delete(first)
    await bench.until_quiet()
    assert await connection.held() == set()
    assert bench.everybody("crm", "First") == [("B",)]


async def test_who_has_no_key_and_is_deleted_is_held_no_longer(bench: Bench) -> None:
    connection = await bench.pair()
    await bench.until_quiet()
    card = bench.book.app.create({"given": "Kim", "family": "Keyless"})
    await bench.until_quiet()
    assert await connection.held() == {(Side.RIGHT, card, HoldReason.NO_KEY, "")}
    bench.book.app.delete(card)
    await bench.until_quiet()
    assert await connection.held() == set()
    assert bench.crm.app.state() == {}


@pytest.mark.parametrize("dies", [False, True], ids=["the process lives on", "the process ends"])
@pytest.mark.parametrize("first", [False, True], ids=["live", "in the first sync"])
async def test_who_was_linked_out_of_a_hold_is_merged_though_the_app_failed_just_then(
    bench: Bench, dies: bool, first: bool
) -> None:
    connection = await bench.pair(approved=not first)
    bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org", "Title": "Boss"})
    card = {"given": "Ann", "family": "Both", "emails": (Item("ann@example.org", ""),)}
    bench.book.app.create({**card, "company": "Mine"})
    twin = bench.book.app.create(card)
    await connection.run()
    assert len(await connection.held()) == 3
    bench.book.app.edit(twin, {"emails": (Item("bea@example.org", ""),), "given": "Bea"})
    bench.book.app.fail(Call.FETCH, FaultKind.UNAVAILABLE)
    if first:
        await connection.runner.approve()
    with pytest.raises(Unavailable):
        await connection.run()
    assert len(await connection.journal("linked")) == 1
    if dies:
        await connection.restart()
    await bench.until_quiet()
    assert bench.everybody("crm", "First", "Company", "Title") == [("Ann", "Mine", "Boss"), ("Bea", None, None)]
    assert bench.everybody("book", "given", "company", "title") == [("Ann", "Mine", "Boss"), ("Bea", None, None)]
    assert await connection.held() == set()
