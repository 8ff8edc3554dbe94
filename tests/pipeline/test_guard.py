"""Somebody's mistake on one side stops at the guard: nothing at all happens on the other without approval."""

import asyncio
from dataclasses import replace

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.errors import GuardTripped, SyncError
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.record import Item
from zohosyncd.ports.store import Observation, SeenGone

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


@pytest.mark.parametrize("delete", [True, False])
async def test_who_is_reported_as_removed_and_is_there_loses_nobody(bench: Bench, delete: bool) -> None:
    """A restored record may stay in the app's list of deleted ones: it is read by its id before its partner goes."""
    connection = await bench.pair(delete=delete, guard=GUARD)
    ids = [bench.crm.app.create({"First": "P", "Last": name, "Email": f"{name}@example.org"}) for name in "abc"]
    await bench.until_quiet()
    gone = Observation(bench.crm.feed.object_id, bench.store.ordinal(), [SeenGone(ids[0])], now=bench.clock.now())
    await bench.store.observe(gone)
    await bench.until_quiet()
    bench.crm.app.edit(ids[0], {"Title": "Edited"})
    await bench.until_quiet()
    assert len(bench.book.app.state()) == 3
    assert sorted(bench.everybody("book", "title"), key=repr) == [("Edited",), (None,), (None,)]
    assert len(await bench.store.links_after(connection.plan.id, 0, 9)) == 3


async def test_another_address_book_under_the_same_connection_is_refused(bench: Bench) -> None:
    connection, _ids = await settled(bench, 3)
    other = await bench.account("other")
    other.app.create({"given": "Eve", "family": "X", "emails": (Item("eve@example.org"),)})
    with pytest.raises(SyncError, match="joined other objects before"):
        await bench.connect(connection.plan.name, bench.crm, other)
    assert len(other.app.state()) == 1


class TestSecondLook:
    """What was held back until the guard had counted it goes as it was decided, if that was a moment ago."""

    async def deleted(self, bench: Bench, people: int, latency: float, **behaviour: object) -> tuple[Connection, int]:
        """People are deleted in the CRM, one run; how many requests for reads by id the book got."""
        connection, ids = await settled(bench, 2 * people, fetch_batch=10, batch=10, **behaviour)
        everything = Guard({"delete": Limit(more_than=10 * people), "blank": Limit()})
        connection = await bench.connect(
            "crm-book", bench.crm, bench.book, delete=True, guard=everything, batch=10, workers=1
        )
        for record_id in ids[:people]:
            bench.crm.app.delete(record_id)
        bench.book.app.behaviour = replace(bench.book.app.behaviour, latency=latency)
        bench.book.app.calls.clear()
        await connection.run(wait=True)
        return connection, bench.book.app.calls[Call.FETCH]

    @pytest.mark.parametrize("latency", [0.1, 8.0])
    async def test_deletions_that_the_guard_lets_go_cost_one_point_read_each(
        self, bench: Bench, latency: float
    ) -> None:
        """They are counted before they are read, however long that takes."""
        connection, reads = await self.deleted(bench, 40, latency)
        assert len(bench.book.app.state()) == 40
        assert reads == 4
        assert (await connection.run()).left_over == 0

    async def test_deletions_that_a_person_approves_cost_one_point_read_each(self, bench: Bench) -> None:
        connection, ids = await settled(bench, 40, fetch_batch=10, batch=10)
        connection = await bench.connect("crm-book", bench.crm, bench.book, delete=True, guard=GUARD, batch=10)
        for record_id in ids[:20]:
            bench.crm.app.delete(record_id)
        bench.book.app.calls.clear()
        assert (await connection.run(wait=True)).waiting == 20
        assert bench.book.app.calls[Call.FETCH] == 0
        await bench.store.approve(connection.plan.id)
        await connection.run(wait=True)
        assert len(bench.book.app.state()) == 20
        assert bench.book.app.calls[Call.FETCH] == 2

    @pytest.mark.parametrize(("latency", "repeated"), [(0.1, False), (8.0, True)])
    async def test_a_point_read_that_was_long_ago_when_the_guard_had_counted_is_repeated(
        self, bench: Bench, latency: float, repeated: bool
    ) -> None:
        many = Guard({"delete": Limit(), "blank": Limit(more_than=100)})
        connection, ids = await settled(bench, 80, fetch_batch=10, batch=10)
        for record_id in ids[:40]:
            bench.crm.app.edit(record_id, {"Title": "chief"})
        await bench.until_quiet()
        connection = await bench.connect("crm-book", bench.crm, bench.book, guard=many, batch=10, workers=1)
        for record_id in ids[:40]:
            bench.crm.app.edit(record_id, {"Title": None})
        bench.book.app.behaviour = replace(bench.book.app.behaviour, latency=latency)
        bench.book.app.calls.clear()
        await connection.run(wait=True)
        assert bench.everybody("book", "title") == [(None,)] * 80
        assert (bench.book.app.calls[Call.FETCH] > 4) is repeated

    async def test_who_waits_too_long_for_the_deliveries_before_is_read_again(self, bench: Bench) -> None:
        """One lane that takes its time; whoever comes last was edited meanwhile, and no feed has shown it."""
        behaviour = {"lanes": 1, "guard": False, "exact_versions": False, "returns_record": False}
        connection, ids = await settled(bench, 40, batch=5, **behaviour)
        connection = await bench.connect(
            "crm-book", bench.crm, bench.book, delete=True, guard=Guard({"delete": Limit(30)})
        )
        cards = {}
        for record_id in ids[:30]:
            link = await connection.link_of(record_id)
            assert link is not None
            cards[record_id] = link.right_id
            bench.crm.app.delete(record_id)
        bench.book.app.behaviour = replace(bench.book.app.behaviour, latency=2.0)
        run = asyncio.create_task(connection.run(wait=True))
        while not bench.book.deliverer.in_flight:
            await bench.clock.sleep(0.5)
        await bench.clock.sleep(1.0)
        there = [each for each in cards.values() if each in bench.book.app.state()]
        bench.book.app.edit(there[-1], {"title": "Needed"})
        await run
        await bench.until_quiet()
        assert ("Needed",) in bench.everybody("book", "title")
        assert len(bench.book.app.state()) == 11

    async def test_who_was_edited_between_count_and_request_stays(self, bench: Bench) -> None:
        """The feed of another connection showed it while the guard was counting."""
        connection, ids = await settled(bench, 6)
        link = await connection.link_of(ids[0])
        assert link is not None
        bench.crm.app.delete(ids[0])
        bench.crm.app.behaviour = replace(bench.crm.app.behaviour, latency=1.0)
        release = connection.runner._guarding.release_or_hold

        async def late() -> bool:
            if bench.book.app.state()[link.right_id].get("title") is None:
                bench.book.app.edit(link.right_id, {"title": "Needed"})
                await bench.book.feed.refresh()
            return await release()

        connection.runner._guarding.release_or_hold = late  # type: ignore[method-assign]
        await connection.run(wait=True)
        await bench.until_quiet()
        assert ("Needed",) in bench.everybody("book", "title")
        assert ("Needed",) in bench.everybody("crm", "Title")

    async def test_a_card_that_can_only_be_written_whole_is_read_again(self, bench: Bench) -> None:
        """What it looks like as the app has it may be large, and is not kept for all that wait."""
        connection, ids = await settled(bench, 6, whole_records=True)
        for record_id in ids[:4]:
            bench.crm.app.edit(record_id, {"Title": "chief"})
        await bench.until_quiet()
        bench.book.app.calls.clear()
        for record_id in ids[:4]:
            bench.crm.app.edit(record_id, {"Title": None})
        await connection.run(wait=True)
        assert bench.everybody("book", "title") == [(None,)] * 6
        assert bench.book.app.calls[Call.FETCH] == 2

    async def test_a_life_that_ends_while_they_are_let_go_leaves_nobody_claimed(self, bench: Bench) -> None:
        """The book is so slow that there is no room for all of them."""
        connection, ids = await settled(bench, 20, batch=1, lanes=1)
        book, guard = bench.book, Guard({"blank": Limit(15)})
        for record_id in ids[:5]:
            bench.crm.app.edit(record_id, {"Title": "chief"})
        await bench.until_quiet()
        book.deliverer._capacity = 1
        connection = await bench.connect("crm-book", bench.crm, book, batch=1, guard=guard)
        for record_id in ids[:5]:
            bench.crm.app.edit(record_id, {"Title": None})
        book.app.behaviour = replace(book.app.behaviour, latency=3.0)
        run = asyncio.create_task(connection.run(wait=True))
        while not (book.deliverer.in_flight and book.deliverer.depth):
            await bench.clock.sleep(0.5)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        assert connection.runner._drain.guarded
        await connection.hand_over()
        assert len(bench.world.claims) == 0
        await bench.until_quiet()
        assert bench.everybody("book", "title") == [(None,)] * 20


async def test_whom_the_first_sync_made_counts_for_nobody_who_comes_later(bench: Bench) -> None:
    creates = Guard({"create": Limit(more_than=10, percent=20.0)})
    connection = await bench.pair(guard=creates)
    for number in range(40):
        bench.crm.app.create({"First": f"P{number}", "Last": "X", "Email": f"p{number}@example.org"})
    await bench.until_quiet()
    bench.crm.app.create({"First": "Late", "Last": "Comer", "Email": "late@example.org"})
    report = await connection.run(wait=True)
    assert report.waiting == 0
    assert len(bench.book.app.state()) == 41
    for number in range(20):
        bench.crm.app.create({"First": f"Q{number}", "Last": "X", "Email": f"q{number}@example.org"})
    assert (await connection.run(wait=True)).waiting == 20, "those that come later still count"


async def test_what_a_person_has_approved_does_not_count_again(bench: Bench) -> None:
    connection, ids = await settled(bench, 200)
    for record_id in ids[:30]:
        bench.crm.app.delete(record_id)
    assert (await connection.run(wait=True)).waiting == 30
    await bench.store.approve(connection.plan.id)
    assert (await connection.run(wait=True)).waiting == 0
    bench.crm.app.delete(ids[30])
    assert (await connection.run(wait=True)).waiting == 0
    assert len(bench.book.app.state()) == 169
    for record_id in ids[31:41]:
        bench.crm.app.delete(record_id)
    assert (await connection.run(wait=True)).waiting == 10, "what was let go unasked counts"
