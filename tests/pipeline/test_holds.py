"""A field that a person has to decide about: held while it is a clash, and not a moment longer."""

import pytest

from tests.pipeline.bench import Bench, Connection
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
