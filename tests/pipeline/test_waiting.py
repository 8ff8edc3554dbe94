"""What waits for a person is wished still: it goes when what it came from is undone, whoever undoes it."""

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.ports.store import IntentState

NOTHING = Limit(0, 0.0)


async def waiting(bench: Bench, connection: Connection) -> list[str]:
    states = (IntentState.WAITING, IntentState.APPROVED)
    return [each.kind.value for each in await bench.store.open_intents(connection.plan.id, states)]


async def pair(bench: Bench) -> tuple[Connection, str, str]:
    guard = Guard(dict.fromkeys(("delete", "blank", "create"), NOTHING))
    connection = await bench.pair(delete=True, guard=guard)
    contact = bench.crm.app.create({"First": "Ida", "Last": "Person", "Email": "ida@example.org", "Title": "Judge"})
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    return connection, contact, card


async def test_a_deletion_that_is_taken_back_waits_no_longer(bench: Bench) -> None:
    connection, contact, _ = await pair(bench)
    bench.crm.app.delete(contact)
    await connection.run(wait=True)
    assert await waiting(bench, connection) == ["delete"]
    bench.crm.app.restore(contact)
    await bench.until_quiet()
    assert await waiting(bench, connection) == []


async def test_a_deletion_that_an_edit_beats_waits_no_longer(bench: Bench) -> None:
    connection, contact, card = await pair(bench)
    bench.crm.app.delete(contact)
    await connection.run(wait=True)
    bench.book.app.edit(card, {"note": "alive"})
    await connection.run(wait=True)
    assert await waiting(bench, connection) == ["create"], "it is made anew instead, which the guard counts as well"


@pytest.mark.parametrize("approved", [False, True])
async def test_a_blank_that_is_filled_again_waits_no_longer(bench: Bench, approved: bool) -> None:
    connection, contact, _ = await pair(bench)
    bench.crm.app.edit(contact, {"Title": None})
    await connection.run(wait=True)
    assert await waiting(bench, connection) == ["update"]
    if approved:
        await bench.store.approve(connection.plan.id)
    bench.crm.app.edit(contact, {"Title": "Judge"})
    await bench.until_quiet()
    assert await waiting(bench, connection) == []
    assert bench.everybody("book", "title") == [("Judge",)]


async def test_a_create_whose_source_is_gone_waits_no_longer(bench: Bench) -> None:
    connection, _, _ = await pair(bench)
    newcomer = bench.crm.app.create({"First": "Tom", "Last": "New", "Email": "tom@example.org"})
    await connection.run(wait=True)
    assert await waiting(bench, connection) == ["create"]
    bench.crm.app.delete(newcomer)
    await bench.until_quiet()
    assert await waiting(bench, connection) == []


async def test_a_create_whose_person_appears_by_itself_waits_no_longer(bench: Bench) -> None:
    from zohosyncd.core.record import Item

    connection, _, _ = await pair(bench)
    bench.crm.app.create({"First": "Tom", "Last": "New", "Email": "tom@example.org"})
    await connection.run(wait=True)
    bench.book.app.create({"given": "Tom", "family": "New", "emails": (Item("tom@example.org"),)})
    await bench.until_quiet()
    assert await waiting(bench, connection) == []
    assert len(bench.book.app.state()) == 2


async def test_another_edit_of_somebody_who_waits_changes_what_waits(bench: Bench) -> None:
    connection, contact, _ = await pair(bench)
    bench.crm.app.edit(contact, {"Title": None})
    await connection.run(wait=True)
    bench.crm.app.edit(contact, {"First": "Ada"})
    await connection.run(wait=True)
    assert await waiting(bench, connection) == ["update"]
    await bench.store.approve(connection.plan.id)
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title") == [("Ada", None)]
