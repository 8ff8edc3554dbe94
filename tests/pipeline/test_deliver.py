"""Between decision and request, and between request and outcome: what moved is decided anew, what is open stays busy."""

import asyncio
from dataclasses import replace

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.record import Item
from zohosyncd.core.side import Winner
from zohosyncd.pipeline.pace import Calm
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import IntentState

WRITE = 4.0
"""Seconds that a write to the CRM takes; only one is under way at a time."""


async def narrow(bench: Bench, *, seconds: float = WRITE, **more: bool) -> tuple[Connection, list[str], list[str]]:
    """Ann and Bob on both sides; a CRM that takes one write at a time. Their ids in the CRM and in the book."""
    connection = await bench.pair(left={"batch": 1, "lanes": 1, **more}, winner=Winner.LEFT)
    contacts = [
        bench.crm.app.create({"First": name, "Last": "Both", "Email": f"{name}@example.org", "Title": "Old"})
        for name in ("Ann", "Bob")
    ]
    await bench.until_quiet()
    links = [await connection.link_of(each) for each in contacts]
    slow_down(bench.crm, seconds / 2)
    return connection, contacts, [link.right_id for link in links if link is not None]


def slow_down(account: Account, latency: float) -> None:
    account.app.behaviour = replace(account.app.behaviour, latency=latency)


def sent(bench: Bench, contact: str) -> list[object]:
    """The titles that we gave to a contact, in order."""
    return [each.values["Title"] for each in bench.crm.app.writes if each.id == contact and "Title" in each.values]


async def both_titles_wait(bench: Bench, connection: Connection, cards: list[str]) -> "asyncio.Task[object]":
    """Two titles are decided upon; the first is on its way, the second waits for its turn."""
    for card in cards:
        bench.book.app.edit(card, {"title": "First"})
    run = asyncio.create_task(connection.run())
    while bench.crm.deliverer.in_flight + bench.crm.deliverer.depth < 2:
        await bench.clock.sleep(0.05)
    assert (bench.crm.deliverer.in_flight, bench.crm.deliverer.depth) == (1, 1)
    return run


async def test_an_intent_whose_source_moved_before_it_was_sent_is_decided_anew(bench: Bench) -> None:
    connection, contacts, cards = await narrow(bench)
    run = await both_titles_wait(bench, connection, cards)
    for card in cards:
        bench.book.app.edit(card, {"title": "Second"})
    await bench.book.feed.refresh()
    await run
    await bench.until_quiet()
    assert [sent(bench, each) for each in contacts] == [["First", "Second"], ["Second"]]
    assert bench.everybody("crm", "Title") == [("Second",)] * 2


async def test_an_intent_whose_target_moved_before_it_was_sent_is_decided_anew(bench: Bench) -> None:
    connection, contacts, cards = await narrow(bench, guard=False, exact_versions=False)
    run = await both_titles_wait(bench, connection, cards)
    bench.crm.app.edit(contacts[1], {"Title": "Theirs"})
    slow_down(bench.crm, 0.1)  # the feed is quicker than the write that is under way
    await bench.crm.feed.refresh()
    await run
    await bench.until_quiet()
    assert sent(bench, contacts[1]) == []
    assert bench.everybody("book", "given", "title") == [("Ann", "First"), ("Bob", "Theirs")]
    assert len(await connection.journal("clash")) == 1


async def test_a_point_read_that_waited_too_long_is_repeated(bench: Bench) -> None:
    connection, contacts, cards = await narrow(bench, seconds=12.0, guard=False, exact_versions=False)
    run = await both_titles_wait(bench, connection, cards)
    await bench.clock.sleep(1.0)
    bench.crm.app.edit(contacts[1], {"Title": "Theirs"})  # and no feed shows it
    await run
    await bench.until_quiet()
    assert sent(bench, contacts[1]) == []
    assert bench.everybody("book", "given", "title") == [("Ann", "First"), ("Bob", "Theirs")]


async def test_a_conflict_is_decided_anew_and_nobody_is_overwritten(bench: Bench) -> None:
    connection, contacts, cards = await narrow(bench)
    run = await both_titles_wait(bench, connection, cards)
    bench.crm.app.edit(contacts[1], {"Title": "Theirs"})
    await run
    await bench.until_quiet()
    assert connection.plan.tally.outcomes["left", "update", "conflict"] == 1
    assert sent(bench, contacts[1]) == []
    assert bench.everybody("book", "given", "title") == [("Ann", "First"), ("Bob", "Theirs")]


async def test_what_was_not_sent_leaves_nothing_behind(bench: Bench) -> None:
    connection, _contacts, cards = await narrow(bench)
    run = await both_titles_wait(bench, connection, cards)
    for card in cards:
        bench.book.app.edit(card, {"title": "Old"})
    await bench.book.feed.refresh()
    await run
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == [("Old",)] * 2
    assert await bench.store.open_intents() == []


@pytest.mark.parametrize("executed", [FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED])
@pytest.mark.parametrize("kind", [WriteKind.CREATE, WriteKind.UPDATE])
async def test_a_hand_over_claims_everybody_without_an_outcome_exactly_once(
    bench: Bench, kind: WriteKind, executed: FaultKind
) -> None:
    connection = await bench.pair()
    bench.crm.app.create({"First": "Eve", "Last": "Else", "Email": "eve@example.org"})
    await bench.until_quiet()
    if kind is WriteKind.CREATE:
        emails = (Item("kim@example.org"),)
        bench.book.app.create({"given": "Kim", "family": "New", "title": "Boss", "emails": emails})
    else:
        (card,) = bench.book.app.state()
        bench.book.app.edit(card, {"title": "Boss"})
    bench.crm.app.fail(Call.WRITE, executed)
    await connection.run()
    claimed = dict(bench.world.claims._busy)
    assert len(claimed) == (1 if kind is WriteKind.CREATE else 2)
    assert set(claimed.values()) == {1}
    for _ in range(3):
        await connection.hand_over()
        assert dict(bench.world.claims._busy) == claimed
        assert connection.runner.unknown == 1
    states = [each.state for each in await bench.store.open_intents()]
    assert states == [IntentState.UNKNOWN]
    await bench.until_quiet()
    assert len(bench.world.claims) == 0
    assert ("Boss",) in bench.everybody("crm", "Title")
    assert len(bench.crm.app.state()) == len(bench.book.app.state())


async def test_a_hand_over_lets_go_of_what_the_guard_held_back(bench: Bench) -> None:
    connection = await bench.pair(workers=1, batch=1)
    for name in ("Ann", "Bob"):
        bench.crm.app.create({"First": name, "Last": "Both", "Email": f"{name}@example.org", "Title": "Old"})
    await bench.until_quiet()
    ann, bob = bench.crm.app.state()
    bench.crm.app.edit(ann, {"Title": None})
    bench.crm.app.edit(bob, {"Title": "New"})
    bench.book.app.fail(Call.FETCH, FaultKind.UNAVAILABLE, skip=1)  # Ann's card can be read, Bob's cannot
    with pytest.raises(Unavailable):
        await connection.run()
    assert [each.guarded for each in await bench.store.open_intents()] == ["blank"]
    await connection.hand_over()
    assert len(bench.world.claims) == 0
    assert await bench.store.open_intents() == []
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title") == [("Ann", None), ("Bob", "New")]


class TestGathering:
    """Writes of one kind go in few requests, whoever wishes them, and a lone one waits for nobody."""

    async def shared(self, bench: Bench, count: int) -> list[Connection]:
        """A CRM, and so many books with one contact each."""
        crm = await bench.account("crm", SLOTS_SCHEMA, lanes=5)
        found = []
        for n in range(count):
            book = await bench.account(f"book{n}", LISTS_SCHEMA)
            person = {"given": f"P{n}", "family": "Lee", "title": "Old", "emails": (Item(f"{n}@x.org"),)}
            book.app.create(person)
            found.append(await bench.connect(f"crm-book{n}", crm, book, winner=Winner.RIGHT))
        await bench.until_quiet()
        slow_down(crm, 0.2)
        crm.app.calls.clear()
        return found

    async def edit_all(self, bench: Bench, connections: list[Connection], apart: float) -> None:
        """Each book's own person gets another title, and its connection a run, so many seconds after the last one."""
        async with asyncio.TaskGroup() as tasks:
            for n, each in enumerate(connections):
                book = bench.accounts[f"book{n}"].app
                own = next(record for record, values in book.state().items() if values["given"] == f"P{n}")
                book.edit(own, {"title": f"New {n}"})
                await each.plan.right.feed.refresh()
                tasks.create_task(each.runner.run(calm=Calm(age=1e6)))
                await bench.clock.sleep(apart)

    async def test_writes_of_several_connections_go_together(self, bench: Bench) -> None:
        connections = await self.shared(bench, 6)
        await self.edit_all(bench, connections, 0.1)
        assert {title for (title,) in bench.everybody("crm", "Title")} == {f"New {n}" for n in range(6)}
        assert bench.crm.app.calls[Call.WRITE] <= 3

    async def test_a_lone_write_waits_for_nobody(self, bench: Bench) -> None:
        (connection,) = await self.shared(bench, 1)
        began = bench.clock.monotonic()
        await self.edit_all(bench, [connection], 0.0)
        # One point read and one write, before and after which the app takes its time.
        assert bench.clock.monotonic() - began <= 2 * 2 * 0.2 + 0.01

    async def test_a_request_that_hangs_does_not_hold_up_the_others(self, bench: Bench) -> None:
        connections = await self.shared(bench, 2)
        slow_down(bench.crm, 30.0)
        deliverer, began = bench.crm.deliverer, bench.clock.monotonic()
        first = asyncio.create_task(self.edit_all(bench, connections[:1], 0.0))
        while not deliverer.in_flight:
            await bench.clock.sleep(1.0)
        slow_down(bench.crm, 0.0)
        last = connections[1]
        own = bench.accounts["book1"].app
        record = next(each for each, values in own.state().items() if values["given"] == "P1")
        own.edit(record, {"title": "New 1"})
        asked = bench.clock.monotonic()
        await last.plan.right.feed.refresh()
        await last.runner.run(calm=Calm(age=1e6))
        assert asked > began
        assert bench.clock.monotonic() - asked < 3.0
        assert not first.done()
        await first
