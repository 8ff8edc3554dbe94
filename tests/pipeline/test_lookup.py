"""Before somebody is created the app itself is asked: what its feed has not shown would be made twice."""

from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.record import Item
from zohosyncd.core.side import Side
from zohosyncd.ports.store import HoldReason

ANN = {"First": "Ann", "Last": "Both", "Email": "Ann@Example.org", "Title": "Boss"}
CARD = {"given": "Ann", "family": "Both", "company": "Old"}
EVE = {"First": "Eve", "Last": "Else", "Email": "eve@example.org"}


def card(**more: Any) -> dict[str, Any]:
    return {**CARD, "emails": (Item("ann@example.org", "home"),), **more}


async def at_rest(bench: Bench, **right: Any) -> Connection:
    """A CRM and a book with one person each, Eve."""
    connection = await bench.pair(right={"finds": True, **right})
    bench.crm.app.create(EVE)
    await bench.until_quiet()
    return connection


def others(bench: Bench, name: str, *fields: str) -> list[tuple[object, ...]]:
    """Everybody but Eve."""
    return [each for each in bench.everybody(name, *fields) if each[0] != "Eve"]


@pytest.mark.parametrize("lag", [0.0, 600.0], ids=["its feed lies", "its feed lags"])
async def test_who_is_there_already_is_not_made_twice_though_the_feed_did_not_show_it(bench: Bench, lag: float) -> None:
    connection = await at_rest(bench, lag=lag)
    bench.crm.app.create(ANN)
    bench.book.app.create(card())
    if not lag:
        bench.book.app.fail(Call.CHANGES, FaultKind.EMPTY)
    await connection.run()
    assert others(bench, "book", "given", "title", "company") == [("Ann", "Boss", "Old")]
    await bench.clock.sleep(lag)
    await bench.until_quiet()
    assert others(bench, "book", "given", "title", "company") == [("Ann", "Boss", "Old")]
    assert others(bench, "crm", "First", "Company") == [("Ann", "Old")]


async def test_nor_is_one_whose_new_address_the_feed_did_not_show(bench: Bench) -> None:
    connection = await at_rest(bench)
    known = bench.book.app.create(card(emails=()))
    await bench.until_quiet()
    assert await connection.held() == {(Side.RIGHT, known, HoldReason.NO_KEY, "")}
    bench.crm.app.create(ANN)
    bench.book.app.edit(known, card())
    bench.book.app.fail(Call.CHANGES, FaultKind.EMPTY)
    await bench.until_quiet()
    assert others(bench, "book", "given", "title", "company") == [("Ann", "Boss", "Old")]


async def test_an_answer_that_lacks_somebody_who_is_there_proves_nothing(bench: Bench) -> None:
    connection = await at_rest(bench)
    bench.crm.app.create(ANN)
    bench.book.app.create(card())
    bench.book.app.fail(Call.CHANGES, FaultKind.EMPTY, times=2)
    bench.book.app.fail(Call.FIND, FaultKind.EMPTY, times=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await connection.run()
    assert bench.book.creates() == bench.book.creates()[:1]
    await bench.until_quiet()
    assert others(bench, "book", "given", "title", "company") == [("Ann", "Boss", "Old")]


async def test_an_app_that_never_finds_anybody_is_not_asked_for_ever(bench: Bench) -> None:
    connection = await at_rest(bench)
    bench.crm.app.create(ANN)
    bench.book.app.fail(Call.FIND, FaultKind.EMPTY, times=100)
    failed = 0
    for _ in range(10):
        try:
            await connection.run()
        except Unavailable:
            failed += 1
    assert 0 < failed < 5
    assert others(bench, "book", "given", "title") == [("Ann", "Boss")]
    asked = bench.book.app.calls[Call.FIND]
    bench.crm.app.create({**ANN, "First": "Bea", "Email": "bea@example.org"})
    await bench.until_quiet()
    assert others(bench, "book", "given") == [("Ann",), ("Bea",)]
    assert bench.book.app.calls[Call.FIND] == asked


async def test_an_empty_app_and_one_that_cannot_be_asked_get_everybody(bench: Bench) -> None:
    connection = await bench.pair(right={"finds": True}, left={"finds": False})
    await bench.until_quiet()
    bench.crm.app.create(ANN)
    await connection.run()
    bench.book.app.create({"given": "Bob", "family": "Two", "emails": (Item("bob@example.org", "home"),)})
    await bench.until_quiet()
    assert bench.everybody("book", "given") == [("Ann",), ("Bob",)]
    assert bench.everybody("crm", "First") == [("Ann",), ("Bob",)]
    assert bench.crm.app.calls[Call.FIND] == 0


async def test_many_are_asked_for_at_once_and_not_at_all_after_a_complete_read(bench: Bench) -> None:
    connection = await bench.pair(right={"finds": True})
    for number in range(300):
        bench.crm.app.create({"Last": "First", "Email": f"first{number}@example.org"})
    await bench.until_quiet()
    assert bench.book.app.calls[Call.FIND] == 0, "the first sync has just read everybody"
    for number in range(300):
        bench.crm.app.create({"Last": "Later", "Email": f"later{number}@example.org"})
    await connection.run()
    assert len(bench.book.app.state()) == 600
    assert 1 <= bench.book.app.calls[Call.FIND] <= 8


async def test_who_came_during_the_first_sync_is_asked_for(bench: Bench) -> None:
    connection = await bench.pair(right={"finds": True}, approved=False)
    bench.crm.app.create(EVE)
    bench.book.app.create({"given": "Eve", "family": "Else", "emails": (Item("eve@example.org", "home"),)})
    await connection.run()
    bench.crm.app.create(ANN)
    bench.book.app.create(card())
    bench.book.app.fail(Call.CHANGES, FaultKind.EMPTY)
    await connection.runner.approve()
    await connection.run()
    await bench.until_quiet()
    assert others(bench, "book", "given", "title", "company") == [("Ann", "Boss", "Old")]


async def test_who_was_typed_into_both_apps_at_once_is_made_in_neither(bench: Bench) -> None:
    """The book shows whom somebody has typed only after a minute, and cannot be asked."""
    late = {"feed": "token", "lag": 60.0, "says_lag": 60.0, "finds": False}
    connection = await bench.pair(right=late)
    await connection.run(wait=True)
    bench.crm.app.create({"First": "Ann", "Last": "Miller", "Email": "ann@example.org"})
    bench.book.app.create({"given": "Ann", "family": "Miller", "emails": (Item("ann@example.org"),)})
    report = await connection.run(wait=True)
    assert not report.converged
    assert len(bench.book.app.state()) == 1
    await bench.clock.sleep(61.0)
    await bench.until_quiet()
    assert len(bench.crm.app.state()) == len(bench.book.app.state()) == 1
    assert (await bench.store.counts(connection.plan.id)).links == 1


async def test_whoever_waits_for_an_app_that_is_late_is_made_there_once_it_cannot_hide_anybody(bench: Bench) -> None:
    connection = await bench.pair(right={"feed": "token", "lag": 60.0, "says_lag": 60.0, "finds": False})
    for number in range(300):
        bench.crm.app.create({"First": f"P{number}", "Last": "Miller", "Email": f"p{number}@example.org"})
    for _ in range(3):
        assert not (await connection.run(wait=True)).converged
        assert bench.book.app.state() == {}
    await bench.clock.sleep(61.0)
    await bench.until_quiet()
    assert len(bench.book.app.state()) == 300
    bench.crm.app.create({"First": "Late", "Last": "Comer", "Email": "late@example.org"})
    bench.crm.app.edit(next(iter(bench.crm.app.state())), {"Title": "Judge"})
    await connection.run(wait=True)
    assert "Judge" in {each.get("title") for each in bench.book.app.state().values()}, "edits do not wait"
    assert len(bench.book.app.state()) == 300
    await bench.clock.sleep(61.0)
    await bench.until_quiet()
    assert len(bench.book.app.state()) == 301
