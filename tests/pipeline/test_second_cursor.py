"""A complete read beside the polls: in slices, on a cursor of its own, and whoever does not need it goes on."""

from dataclasses import replace

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.pipeline.pace import Calm
from zohosyncd.pipeline.reading import Reading
from zohosyncd.pipeline.scan_place import ScanPlace

CRM = Schema.of(*SLOTS_SCHEMA, Field("Kind", FieldType.TEXT))
BOOK = Schema.of(*LISTS_SCHEMA, Field("kind", FieldType.TEXT))
KIND = FieldPair("Kind", "kind")
PEOPLE, PAGE, LATENCY = 12, 1, 1.5
"""A page takes so long (twice) that a slice has two of them."""


async def live(bench: Bench) -> Connection:
    """A CRM whose pages take long, and a book."""
    crm, book = await bench.account("crm", CRM, page=PAGE), await bench.account("book", BOOK)
    for n in range(PEOPLE):
        crm.app.create({"First": f"P{n}", "Last": "Lee", "Email": f"{n}@x.org", "Kind": f"K{n}"})
    connection = await bench.connect("crm-book", crm, book)
    await bench.until_quiet()
    await bench.clock.sleep(600.0)
    await bench.until_quiet()
    crm.app.behaviour = replace(crm.app.behaviour, latency=LATENCY)
    return connection


async def another(bench: Bench) -> Connection:
    """A second connection of the same CRM, which needs a field that nobody has read."""
    return await bench.connect("crm-other", bench.crm, await bench.account("other", BOOK), mapped={"pairs": (KIND,)})


async def turn(connection: Connection, age: float = 1.0) -> None:
    """A run by the interval, not by command."""
    await connection.runner.run(calm=Calm(age=age))


async def test_the_old_feed_goes_on_while_a_new_field_is_read(bench: Bench) -> None:
    first = await live(bench)
    second = await another(bench)
    record = next(iter(bench.crm.app.state()))
    turns = 0
    while not second.runner.informed:
        turns += 1
        bench.crm.app.edit(record, {"Title": f"T{turns}"})
        await bench.clock.sleep(60.0)
        await turn(second)
        await turn(first)
        assert (f"T{turns}",) in bench.everybody("book", "title")
        if not second.runner.informed:
            assert bench.everybody("other", "kind") == []
    assert turns >= 3, "it was not read in slices"
    await bench.until_quiet()
    assert bench.everybody("other", "kind") == sorted((f"K{n}",) for n in range(PEOPLE))


async def test_between_two_polls_only_the_slices_go_on(bench: Bench) -> None:
    await live(bench)
    second = await another(bench)
    await turn(second)
    before = bench.crm.feed.age
    while not second.runner.informed:
        await bench.clock.sleep(1.0)
        await turn(second, age=1e6)
    assert bench.crm.feed.age > before + 10.0


async def test_a_command_waits_for_all_of_it(bench: Bench) -> None:
    await live(bench)
    second = await another(bench)
    await second.run(wait=True)
    assert second.runner.informed


async def test_a_sweep_holds_up_nobody_for_long_and_comes_to_its_end(bench: Bench) -> None:
    first = await live(bench)
    feed = bench.crm.feed
    feed._sweep_every = 10.0
    reads, longest = feed.tally.full_reads, 0.0
    while feed.tally.full_reads == reads:
        await bench.clock.sleep(60.0)
        began = bench.clock.monotonic()
        await turn(first)
        longest = max(longest, bench.clock.monotonic() - began)
    assert longest < PEOPLE / PAGE * 2 * LATENCY / 2


async def test_a_read_that_failed_half_way_goes_on_there(bench: Bench) -> None:
    crm = await bench.account("crm", CRM, page=PAGE)
    for n in range(PEOPLE):
        crm.app.create({"First": f"P{n}", "Last": "Lee", "Email": f"{n}@x.org"})
    crm.feed.want(Reading(frozenset({"First"}), known=frozenset(CRM.fields)))
    crm.app.fail(Call.CHANGES, FaultKind.UNAVAILABLE, skip=PEOPLE // 2)
    with pytest.raises(Unavailable):
        await crm.feed.refresh()
    crm.app.calls.clear()
    await crm.feed.refresh()
    assert crm.feed.complete
    assert crm.app.calls[Call.CHANGES] <= PEOPLE // 2 + 3


async def half_read(bench: Bench) -> Account:
    """Half of the CRM was read with one field when the process ended."""
    crm = await bench.account("crm", CRM, page=PAGE)
    for n in range(PEOPLE):
        crm.app.create({"First": f"P{n}", "Last": "Lee", "Email": f"{n}@x.org", "Kind": f"K{n}"})
    crm.feed.want(Reading(frozenset({"First"}), known=frozenset(CRM.fields)))
    crm.app.fail(Call.CHANGES, FaultKind.UNAVAILABLE, skip=PEOPLE // 2)
    with pytest.raises(Unavailable):
        await crm.feed.refresh()
    return crm


async def test_a_read_is_never_taken_for_complete_with_what_its_first_half_lacked(bench: Bench) -> None:
    crm = await half_read(bench)
    crm.feed.want(Reading(frozenset({"First", "Kind"}), known=frozenset(CRM.fields)))
    await crm.feed.refresh()
    assert crm.feed.complete
    rows = await bench.store.changes(crm.feed.object_id, 0, 100)
    assert {row.values.get("Kind") for row in rows} == {f"K{n}" for n in range(PEOPLE)}


def test_a_place_is_read_as_it_was_written() -> None:
    place = ScanPlace(frozenset({"Email", "Kind"}), frozenset({"email"}))
    again = ScanPlace.parse(place.text("there"))
    assert again == replace(place, cursor="there")
    assert again.brings({"Email"}, {"email"})
    assert not again.brings({"Email", "Title"}, ())
    assert not again.brings((), {"phone"})
    for text in (None, "", "17", "[]", "{}", '{"since":1}', "page 2"):
        assert ScanPlace.parse(text) is None


async def test_another_process_goes_on_where_the_last_one_was(bench: Bench) -> None:
    crm = await half_read(bench)
    state = await bench.store.open_object("crm", crm.app.refs[0])
    feed = type(crm.feed)(bench.world, crm.connector, state, Reading(), sweep_every=0.0)
    feed.want(Reading(frozenset({"First"}), known=frozenset(CRM.fields)))
    crm.app.calls.clear()
    await feed.refresh()
    assert feed.complete
    assert crm.app.calls[Call.CHANGES] <= PEOPLE // 2 + 3
