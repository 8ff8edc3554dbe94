"""Restoring from a snapshot: what differs comes back on the pairs, and neither travels nor is written over again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.test_undo import contact, undo
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.record import Values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.restore import Kept
from zohosyncd.pipeline.undo import Step


def kept(bench: Bench) -> dict[Side, Kept]:
    """Both sides as they are now."""
    return {
        side: {each: dict(values) for each, values in account.app.state().items()}
        for side, account in zip(SIDES, (bench.crm, bench.book), strict=True)
    }


async def pages(records: Kept) -> AsyncIterator[dict[str, Values]]:
    for each, values in records.items():
        yield {each: values}


async def restore(connection: Connection, snapshot: dict[Side, Kept], **more: Any) -> list[Step]:
    found: list[Step] = []
    for side in (Side.RIGHT, Side.LEFT):
        options = {"dry": False, "missing": False, **more}
        async for _run, steps in connection.runner.restore(side, pages(snapshot[side]), **options):
            found += steps
    return found


async def test_both_sides_come_back_and_come_to_rest(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss", Phone="+49 30 1"))
    bench.crm.app.create(contact("Bob"))
    await bench.until_quiet()
    snapshot, before = kept(bench), bench.everybody("crm", "First", "Title", "Phone")
    cards = bench.everybody("book", "given", "title", "phones")
    bench.crm.app.edit(ann, {"Title": "wrong", "Phone": None, "First": "Wrong"})
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title", "phones") != cards
    writes = bench.written()
    dry = await restore(connection, snapshot, dry=True)
    assert bench.written() == writes
    assert await restore(connection, snapshot) == dry
    assert bench.everybody("crm", "First", "Title", "Phone") == before
    assert bench.everybody("book", "given", "title", "phones") == cards
    after = bench.written()
    await bench.until_quiet()
    assert bench.written() == after
    assert await restore(connection, snapshot) == []


async def test_who_is_gone_is_told_and_made_anew_only_when_asked(bench: Bench) -> None:
    connection = await bench.pair()
    bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot = kept(bench)
    (card,) = bench.book.app.state()
    bench.book.app.delete(card)
    await bench.until_quiet()
    (step,) = await restore(connection, snapshot)
    assert (step.kind, step.why) == (None, "it is gone; --missing makes it anew")
    await restore(connection, snapshot, missing=True)
    assert bench.everybody("book", "given", "title") == [("Ann", "boss")]
    await bench.until_quiet()
    assert len(bench.book.app.state()) == len(bench.crm.app.state()) == 1


async def test_nobody_is_opted_in_and_strangers_are_left_alone(bench: Bench) -> None:
    connection = await bench.pair(said={"consent": {}})
    ann = bench.crm.app.create(contact("Ann", Opted_Out=False, Title="old"))
    bench.crm.app.create({"First": "No", "Last": "Key"})
    await bench.until_quiet()
    snapshot = kept(bench)
    (stranger,) = [each for each, values in bench.crm.app.state().items() if values["First"] == "No"]
    bench.crm.app.edit(ann, {"Opted_Out": True, "Title": "new"})
    bench.crm.app.edit(stranger, {"Title": "new"})
    await bench.until_quiet()
    await restore(connection, snapshot)
    assert bench.crm.app.state()[ann]["Opted_Out"] is True
    assert bench.crm.app.state()[ann]["Title"] == "old"
    assert bench.crm.app.state()[stranger]["Title"] == "new"


@pytest.mark.parametrize("kind", [FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED, FaultKind.NOT_SENT])
async def test_an_answer_that_is_lost_is_made_up_for_by_the_same_command(bench: Bench, kind: FaultKind) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot = kept(bench)
    bench.crm.app.edit(ann, {"Title": "wrong"})
    await bench.until_quiet()
    bench.crm.app.fail(Call.WRITE, kind)
    await restore(connection, snapshot)
    await connection.hand_over()
    await restore(connection, snapshot)
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == bench.everybody("book", "title") == [("boss",)]


async def test_a_restore_can_be_undone(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot = kept(bench)
    bench.crm.app.edit(ann, {"Title": "better"})
    await bench.until_quiet()
    await restore(connection, snapshot)
    runs = {entry.run for entry in await connection.journal("undone")}
    for run in runs:
        await undo(connection, run=run)
    assert bench.everybody("crm", "Title") == bench.everybody("book", "title") == [("better",)]
