"""Creates without an answer: adopted, sent again, or held; never made twice, and nobody taken for another."""

import asyncio
from dataclasses import replace

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.core.errors import Unavailable, UsageError
from zohosyncd.core.link import Link
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Choice, Decision, HoldReason

KIM = {"given": "Kim", "family": "Keyless", "title": "Boss"}
EDITED = {"First": "Kimberly", "Last": "Renamed", "Title": None}
EXECUTED, NOT_EXECUTED = FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED


async def without_answer(bench: Bench, kind: FaultKind, *, marks: bool = False) -> tuple[Connection, str]:
    """Kim of the book was created in the CRM; no answer came, and it is too early to look. Eve is on both sides."""
    connection = await bench.pair(create_without_email=True)
    bench.crm.app.behaviour = replace(bench.crm.app.behaviour, marks=marks)
    bench.crm.app.create({"First": "Eve", "Last": "Else", "Email": "eve@example.org"})
    await bench.until_quiet()
    await bench.clock.sleep(60.0)
    card = bench.book.app.create(KIM)
    bench.crm.app.fail(Call.WRITE, kind)
    await connection.run()
    assert connection.runner.unknown == 1
    return connection, card


def names(bench: Bench) -> list[tuple[object, ...]]:
    """Who is in the CRM beside Eve."""
    return [name for name in bench.everybody("crm", "First", "Last") if name[0] != "Eve"]


def suspect(bench: Bench) -> str:
    return bench.crm.creates()[-1]


@pytest.mark.parametrize("kind", [EXECUTED, NOT_EXECUTED])
async def test_a_create_without_an_answer_ends_with_one_record(bench: Bench, kind: FaultKind) -> None:
    connection, _card = await without_answer(bench, kind)
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless")]
    assert len(await connection.journal("adopted")) == (kind is EXECUTED)
    assert len(bench.book.app.state()) == 2


@pytest.mark.parametrize("kind", [EXECUTED, NOT_EXECUTED])
async def test_it_is_not_looked_for_before_the_app_can_show_it(bench: Bench, kind: FaultKind) -> None:
    connection, _card = await without_answer(bench, kind)
    calls = bench.crm.app.calls[Call.CREATED_SINCE]
    for _ in range(3):
        await connection.run()
    assert bench.crm.app.calls[Call.CREATED_SINCE] == calls
    assert bench.everybody("book", "given") == [("Eve",), ("Kim",)]  # the CRM's feed may have shown it: not news
    assert connection.runner.unknown == 1


async def unexplained(bench: Bench) -> tuple[Connection, str, str, set[tuple[Side, str, HoldReason, str]]]:
    """Somebody renamed the record before it could be looked for: nobody can tell whether it is Kim."""
    connection, card = await without_answer(bench, EXECUTED)
    contact = suspect(bench)
    bench.crm.app.edit(contact, EDITED)
    await bench.until_quiet()
    held = {
        (Side.LEFT, contact, HoldReason.UNEXPLAINED, ""),
        (Side.RIGHT, card, HoldReason.UNEXPLAINED, ""),
    }
    assert await connection.held() == held
    return connection, contact, card, held


async def test_a_record_edited_before_it_was_looked_for_stays_held_whatever_changes(bench: Bench) -> None:
    connection, contact, card, held = await unexplained(bench)
    bench.crm.app.edit(contact, {"Title": "Queen"})
    await bench.until_quiet()
    assert await connection.held() == held
    bench.book.app.edit(card, {"note": "met"})
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Email": "kim@example.org"})
    await bench.until_quiet()
    await connection.restart()
    bench.crm.app.edit(contact, {"Company": "New"})
    await bench.until_quiet()
    assert await connection.held() == held
    assert names(bench) == [("Kimberly", "Renamed")]
    assert bench.everybody("book", "given") == [("Eve",), ("Kim",)]


async def test_once_the_suspect_is_deleted_the_person_is_made(bench: Bench) -> None:
    connection, contact, _card, _held = await unexplained(bench)
    bench.crm.app.delete(contact)
    await bench.until_quiet()
    assert await connection.held() == set()
    assert names(bench) == [("Kim", "Keyless")]
    assert bench.everybody("book", "given") == [("Eve",), ("Kim",)]


async def test_once_the_person_is_deleted_the_suspect_is_somebody_of_their_own(bench: Bench) -> None:
    connection, _contact, card, _held = await unexplained(bench)
    bench.book.app.delete(card)
    await bench.until_quiet()
    assert await connection.held() == set()
    assert names(bench) == [("Kimberly", "Renamed")]
    assert bench.everybody("book", "given") == [("Eve",), ("Kimberly",)]


async def test_once_both_are_linked_by_a_person_they_are_merged(bench: Bench) -> None:
    connection, contact, card, _held = await unexplained(bench)
    link = Link(0, contact, card, by_hand=True)
    await bench.store.decide(Decision(connection.plan.id, links=[link]))
    bench.crm.app.edit(contact, {"Company": "New"})
    await bench.until_quiet()
    assert await connection.held() == set()
    assert len(names(bench)) == 1
    assert len(bench.book.app.state()) == 2
    assert ("New",) in bench.everybody("book", "company")


async def test_once_the_suspect_is_linked_to_another_the_person_is_made(bench: Bench) -> None:
    connection, contact, card, _held = await unexplained(bench)
    other = bench.book.app.create({"given": "Kimberly", "family": "Renamed", "emails": ()})
    await bench.book.feed.refresh()
    await bench.store.decide(Decision(connection.plan.id, links=[Link(0, contact, other, by_hand=True)]))
    bench.book.app.edit(card, {"note": "met"})
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless"), ("Kimberly", "Renamed")]
    assert bench.everybody("book", "given") == [("Eve",), ("Kim",), ("Kimberly",)]
    assert await connection.held() == set()


async def test_a_list_that_ends_too_early_leaves_the_outcome_unknown(bench: Bench) -> None:
    connection, _card = await without_answer(bench, EXECUTED)
    for _ in range(2):
        await bench.clock.sleep(60.0)
        bench.crm.app.fail(Call.CREATED_SINCE, FaultKind.EMPTY)
        with pytest.raises(Unavailable, match="ends before"):
            await connection.run()
        assert connection.runner.unknown == 1
        assert len(bench.crm.creates()) == 1
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless")]
    assert len(await connection.journal("adopted")) == 1


async def two_books(bench: Bench) -> tuple[Connection, Connection]:
    """A CRM connected to two books that know nothing of each other, everything live."""
    crm = await bench.account("crm", SLOTS_SCHEMA, latency=0.2)
    for name in ("ann", "bob"):
        book = await bench.account(name, latency=0.2)
        await bench.connect(f"crm-{name}", crm, book, create_without_email=True)
    crm.app.create({"First": "Eve", "Last": "Else", "Email": "eve@example.org"})
    await bench.until_quiet()
    return bench.connections["crm-ann"], bench.connections["crm-bob"]


@pytest.mark.parametrize("wait", [True, False], ids=["found out together", "found out one by one"])
@pytest.mark.parametrize("kinds", [(EXECUTED, EXECUTED), (EXECUTED, NOT_EXECUTED), (NOT_EXECUTED, EXECUTED)])
async def test_equal_creates_of_two_connections_get_a_record_each(
    bench: Bench, kinds: tuple[FaultKind, FaultKind], wait: bool
) -> None:
    connections = await two_books(bench)
    ids = [bench.accounts[name].app.create(KIM) for name in ("ann", "bob")]
    for kind in kinds:
        bench.crm.app.fail(Call.WRITE, kind)
    await asyncio.gather(*(each.run(wait=wait) for each in connections))
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless")] * 2
    linked = []
    for connection, card in zip(connections, ids, strict=True):
        links = await bench.store.links(connection.plan.id, Side.RIGHT, [card])
        linked.append(links[card].left_id)
    assert len(set(linked)) == 2
    assert [len(bench.accounts[name].app.state()) for name in ("ann", "bob")] == [3, 3]
    assert sum(write.kind is WriteKind.CREATE for write in bench.crm.app.writes) == 2


async def test_a_record_belongs_to_the_create_that_sent_most_of_it(bench: Bench) -> None:
    of_ann, of_bob = await two_books(bench)
    short = bench.accounts["ann"].app.create({"given": "Kim", "family": "Keyless"})
    bench.accounts["bob"].app.create(KIM)
    for connection, kind in ((of_ann, NOT_EXECUTED), (of_bob, EXECUTED)):
        bench.crm.app.fail(Call.WRITE, kind)
        await connection.run()
        assert connection.runner.unknown == 1
    await bench.until_quiet()
    assert sorted(bench.everybody("crm", "First", "Title"), key=repr)[1:] == [("Kim", "Boss"), ("Kim", None)]
    link = (await bench.store.links(of_ann.plan.id, Side.RIGHT, [short]))[short]
    assert bench.crm.app.state()[link.left_id].get("Title") is None


async def test_a_list_that_is_wrongly_empty_makes_nobody_twice_in_an_app_that_was_empty(bench: Bench) -> None:
    connection = await bench.pair(create_without_email=True)
    await bench.until_quiet()
    bench.book.app.create(KIM)
    bench.crm.app.fail(Call.WRITE, EXECUTED)
    await connection.run()
    bench.crm.app.fail(Call.CREATED_SINCE, FaultKind.EMPTY)
    await bench.clock.sleep(600.0)
    with pytest.raises(Unavailable):
        await connection.run(wait=True)
    await bench.until_quiet()
    assert bench.everybody("crm", "First", "Last") == [("Kim", "Keyless")]
    assert bench.everybody("book", "given", "family") == [("Kim", "Keyless")]


async def in_a_ring(bench: Bench) -> tuple[Connection, Connection, str]:
    """Kim of both books was created in the CRM without an answer, and edited there before anybody could look."""
    crm = await bench.account("crm", SLOTS_SCHEMA)
    ann, bob = [await bench.account(name) for name in ("ann", "bob")]
    await bench.connect("ann-bob", ann, bob, create_without_email=True)
    crm.app.create({"First": "Eve", "Last": "Else", "Email": "eve@example.org"})
    of_ann = await bench.connect("crm-ann", crm, ann, create_without_email=True)
    of_bob = await bench.connect("crm-bob", crm, bob, create_without_email=True)
    await bench.until_quiet()
    ann.app.create(KIM)
    await bench.connections["ann-bob"].run()
    crm.app.fail(Call.WRITE, EXECUTED)
    await of_ann.run()
    assert of_ann.runner.unknown == 1
    crm.app.edit(suspect(bench), EDITED)
    await bench.until_quiet()
    return of_ann, of_bob, suspect(bench)


def kim_of(bench: Bench, book: str) -> str:
    (card,) = (each for each, values in bench.accounts[book].app.state().items() if values["given"] == "Kim")
    return card


def kims(bench: Bench) -> list[int]:
    return [len(bench.accounts[name].app.state()) - 1 for name in ("crm", "ann", "bob")]


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_one_connection_of_a_ring_must_not_make_again_no_other_makes(bench: Bench, restarted: bool) -> None:
    of_ann, of_bob, contact = await in_a_ring(bench)
    if restarted:
        await of_bob.restart()
    bench.accounts["bob"].app.edit(kim_of(bench, "bob"), {"note": "met"})
    bench.crm.app.edit(contact, {"Company": "New"})
    await bench.until_quiet()
    assert kims(bench) == [1, 1, 1]
    for connection in (of_ann, of_bob):
        held = await connection.held()
        assert {reason for _side, _record, reason, _field in held} == {HoldReason.UNEXPLAINED}
        assert {side for side, _record, _reason, _field in held} == set(Side)


@pytest.mark.parametrize("name", ["crm-ann", "crm-bob"])
async def test_who_is_linked_by_a_person_in_one_connection_of_a_ring_is_explained_in_all(
    bench: Bench, name: str
) -> None:
    _of_ann, _of_bob, contact = await in_a_ring(bench)
    await bench.connections[name].hand.link(contact, kim_of(bench, name.removeprefix("crm-")))
    await bench.until_quiet()
    assert kims(bench) == [1, 1, 1]
    assert [await each.held() for each in bench.connections.values()] == [set()] * 3


async def test_somebody_else_is_said_to_be_so_in_the_connection_that_asks(bench: Bench) -> None:
    of_ann, of_bob, _contact = await in_a_ring(bench)
    with pytest.raises(UsageError, match="connection crm-ann cannot explain it") as refused:
        await of_bob.decide(Choice.CREATE, Side.RIGHT, kim_of(bench, "bob"))
    assert refused.value.hint == "decide there: `zohosyncd held crm-ann`"
    await of_ann.decide(Choice.CREATE, Side.RIGHT, kim_of(bench, "ann"))
    await bench.until_quiet()
    assert kims(bench) == [2, 2, 2]
    assert [await each.held() for each in bench.connections.values()] == [set()] * 3


async def test_in_a_ring_too_the_person_is_made_once_the_suspect_is_deleted(bench: Bench) -> None:
    _of_ann, _of_bob, contact = await in_a_ring(bench)
    bench.crm.app.delete(contact)
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless")]
    assert kims(bench) == [1, 1, 1]
    assert [await each.held() for each in bench.connections.values()] == [set()] * 3
