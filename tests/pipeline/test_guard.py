"""Somebody's mistake on one side stops at the guard: nothing at all happens on the other without approval."""

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.errors import SyncError
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.record import Item

GUARD = Guard({"delete": Limit(), "blank": Limit()})


async def settled(bench: Bench, people: int, **behaviour: object) -> tuple[Connection, list[str]]:
    connection = await bench.pair(left=behaviour, right=behaviour, delete=True, guard=GUARD)
    ids = [
        bench.crm.app.create({"First": f"P{number}", "Last": "X", "Email": f"p{number}@example.org"})
        for number in range(people)
    ]
    await bench.until_quiet()
    assert len(bench.book.app.state()) == people
    return connection, ids


async def test_a_thousand_people_deleted_by_mistake_in_pages_are_deleted_nowhere_else(bench: Bench) -> None:
    connection, ids = await settled(bench, 1_000, page=50)
    before = bench.written()
    for record_id in ids:
        bench.crm.app.delete(record_id)
    for _ in range(3):
        report = await connection.run(wait=True)
        assert bench.written() == before
        assert len(bench.book.app.state()) == 1_000
        assert report.waiting == 1_000
    await connection.restart()
    assert (await connection.run(wait=True)).waiting == 1_000
    assert bench.written() == before


async def test_a_mistake_that_goes_on_while_its_beginning_waits_waits_too(bench: Bench) -> None:
    """The first page trips the guard; each later one alone would have been few enough."""
    connection, ids = await settled(bench, 200)
    before = bench.written()
    deleted = 0
    for size in (30, 5, 5, 10, 1):
        for record_id in ids[deleted : deleted + size]:
            bench.crm.app.delete(record_id)
        deleted += size
        report = await connection.run(wait=True)
        assert report.waiting == deleted
        assert bench.written() == before
    await bench.store.approve(connection.plan.id)
    report = await connection.run(wait=True)
    assert report.waiting == 0
    assert len(bench.book.app.state()) == 200 - deleted


async def test_a_thousand_emptied_fields_wait(bench: Bench) -> None:
    connection, ids = await settled(bench, 40)
    for record_id in ids:
        bench.crm.app.edit(record_id, {"Title": "chief"})
    await bench.until_quiet()
    before = bench.written()
    for record_id in ids:
        bench.crm.app.edit(record_id, {"Title": None})
    assert (await connection.run(wait=True)).waiting == 40
    assert bench.written() == before


@pytest.mark.parametrize("feed", ["list", "since", "token"])
@pytest.mark.parametrize("side", ["crm", "book"])
@pytest.mark.parametrize("kind", [FaultKind.EMPTY, FaultKind.PERMISSION, FaultKind.UNAVAILABLE, FaultKind.BROKEN])
async def test_a_wrong_answer_deletes_nobody(bench: Bench, feed: str, side: str, kind: FaultKind) -> None:
    """An empty list, a 403, a 503, nonsense: from the feed, from reads by id, and from both."""
    connection, _ids = await settled(bench, 5, feed=feed)  # so few that the guard alone would let them go
    account: Account = bench.accounts[side]
    before = bench.written()
    for calls in ((Call.CHANGES,), (Call.FETCH,), (Call.CHANGES, Call.FETCH)):
        account.app.forget_cursors()
        for call in calls:
            account.app.fail(call, kind, times=6)
        for _ in range(3):
            try:
                await connection.run(wait=True)
            except SyncError:
                continue
        account.app.heal()
    await bench.until_quiet()
    assert bench.written() == before
    assert len(bench.crm.app.state()) == len(bench.book.app.state()) == 5


async def test_a_side_that_is_suddenly_empty_empties_nothing(bench: Bench) -> None:
    """Everybody is gone, and nobody is left who could bear witness: another book stands there, or none."""
    connection, ids = await settled(bench, 5, feed="list")
    for record_id in ids:
        bench.crm.app.delete(record_id)
    for _ in range(3):
        await connection.run(wait=True)
    assert len(bench.book.app.state()) == 5


async def test_another_address_book_under_the_same_connection_is_refused(bench: Bench) -> None:
    connection, _ids = await settled(bench, 3)
    other = await bench.account("other")
    other.app.create({"given": "Eve", "family": "X", "emails": (Item("eve@example.org"),)})
    with pytest.raises(SyncError, match="joined other objects before"):
        await bench.connect(connection.plan.name, bench.crm, other)
    assert len(other.app.state()) == 1
