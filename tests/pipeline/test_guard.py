"""Somebody's mistake on one side stops at the guard: nothing at all happens on the other without approval."""

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.errors import GuardTripped, SyncError
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
    await bench.clock.sleep(3_601)  # a read that lacked everybody is repeated
    await bench.until_quiet()
    assert bench.written() == before
    assert len(bench.crm.app.state()) == len(bench.book.app.state()) == 5


async def test_a_side_that_is_suddenly_empty_empties_nothing(bench: Bench) -> None:
    """Everybody is gone, and nobody is left who could bear witness: another book stands there, or none."""
    connection, ids = await settled(bench, 5, feed="list")
    for record_id in ids:
        bench.crm.app.delete(record_id)
    for _ in range(3):
        with pytest.raises(GuardTripped, match="the left side shows none of 5 records"):
            await connection.run(wait=True)
    assert len(bench.book.app.state()) == 5
    await connection.restart()
    with pytest.raises(GuardTripped):
        await connection.run(wait=True)


@pytest.mark.parametrize("feed", ["list", "since"])
async def test_a_complete_read_that_lacks_a_tenth_stops_everything_until_a_person_has_looked(
    bench: Bench, feed: str
) -> None:
    """Although the limits would allow it; those who are approved are gone, and what that means is judged as ever."""
    everything = Guard({"delete": Limit(percent=100)})
    connection = await bench.pair(left={"feed": feed}, right={"feed": feed}, delete=True, guard=everything)
    ids = [
        bench.crm.app.create({"First": f"P{number}", "Last": "X", "Email": f"p{number}@example.org"})
        for number in range(100)
    ]
    await bench.until_quiet()
    before = bench.written()
    for record_id in ids[:11]:
        bench.crm.app.delete(record_id)
    bench.crm.app.edit(ids[50], {"Title": "Edited"})
    if feed == "since":
        await bench.clock.sleep(3_600)
        bench.crm.app.forget_cursors()  # so that nothing tells of the deletions
    for _ in range(2):
        with pytest.raises(GuardTripped, match="the left side lacks 11 of 100 records that were there"):
            await connection.run(wait=True)
    assert bench.written() == before
    assert [each async for each in bench.crm.feed.lacking()] == [sorted(ids[:11])]
    assert await connection.runner.accept_missing("read-99-1") == 0
    assert await connection.runner.accept_missing(bench.crm.feed.batch) == 11
    await bench.until_quiet()
    assert len(bench.book.app.state()) == 89


async def test_everybody_may_be_gone_if_a_person_says_so(bench: Bench) -> None:
    connection, ids = await settled(bench, 5, feed="list")
    for record_id in ids:
        bench.crm.app.delete(record_id)
    with pytest.raises(GuardTripped):
        await connection.run(wait=True)
    assert await connection.runner.accept_missing() == 5
    report = await connection.run(wait=True)
    assert (report.waiting, len(bench.book.app.state())) == (5, 5)  # that nobody would be left is another question
    await bench.store.approve(connection.plan.id)
    await bench.until_quiet()
    assert bench.book.app.state() == {}


async def test_a_read_that_lacked_them_by_mistake_is_forgotten_once_they_are_shown_again(bench: Bench) -> None:
    connection, ids = await settled(bench, 20, feed="list")
    bench.crm.app.edit(ids[3], {"Title": "Edited"})
    bench.crm.app.fail(Call.CHANGES, FaultKind.EMPTY, times=2)
    with pytest.raises(GuardTripped):
        await connection.run(wait=True)
    await bench.until_quiet()
    assert ("Edited",) in bench.everybody("book", "title")


async def test_another_address_book_under_the_same_connection_is_refused(bench: Bench) -> None:
    connection, _ids = await settled(bench, 3)
    other = await bench.account("other")
    other.app.create({"given": "Eve", "family": "X", "emails": (Item("eve@example.org"),)})
    with pytest.raises(SyncError, match="joined other objects before"):
        await bench.connect(connection.plan.name, bench.crm, other)
    assert len(other.app.state()) == 1
