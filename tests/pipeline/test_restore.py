"""Restoring from a snapshot: what differs comes back on the pairs, and neither travels nor is written over again."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from tests.pipeline.crowd import Crowd
from tests.pipeline.test_undo import contact, undo
from zohosyncd.connectors.memory import SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.core.record import Values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.restore import Kept, RestoreTally, Snapshot
from zohosyncd.pipeline.set_back import Step
from zohosyncd.ports.connector import WriteKind


def kept(left: Account, right: Account) -> dict[Side, Kept]:
    """Both sides as they are now, with every field, as a complete read shows them."""
    return {
        side: {
            each: {name: values.get(name) for name in account.app.schema.fields}
            for each, values in account.app.state().items()
        }
        for side, account in zip(SIDES, (left, right), strict=True)
    }


async def pages(records: Kept) -> AsyncIterator[dict[str, Values]]:
    for each, values in records.items():
        yield {each: values}


def restoring(connection: Connection, snapshot: dict[Side, Kept], **more: Any) -> AsyncIterator[tuple[str, list[Step]]]:
    options = {"dry": False, "missing": False, **more}
    at = options.pop("at", 0.0)
    sides = {side: Snapshot(at, pages(snapshot[side])) for side in (Side.RIGHT, Side.LEFT)}
    return connection.runner.restore(sides, RestoreTally(), **options)


async def restore(connection: Connection, snapshot: dict[Side, Kept], **more: Any) -> list[Step]:
    return [step async for _run, steps in restoring(connection, snapshot, **more) for step in steps]


async def test_both_sides_come_back_and_come_to_rest(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss", Phone="+49 30 1"))
    bench.crm.app.create(contact("Bob"))
    await bench.until_quiet()
    snapshot, before = kept(bench.crm, bench.book), bench.everybody("crm", "First", "Title", "Phone")
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
    snapshot = kept(bench.crm, bench.book)
    (card,) = bench.book.app.state()
    bench.book.app.delete(card)
    await bench.until_quiet()
    (step,) = await restore(connection, snapshot)
    assert (step.kind, step.why) == (None, "it is gone; --missing makes it anew")
    await restore(connection, snapshot, missing=True)
    assert bench.everybody("book", "given", "title") == [("Ann", "boss")]
    await bench.until_quiet()
    assert len(bench.book.app.state()) == len(bench.crm.app.state()) == 1


async def test_strangers_are_left_alone(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="old"))
    bench.crm.app.create({"First": "No", "Last": "Key"})
    await bench.until_quiet()
    snapshot = kept(bench.crm, bench.book)
    (stranger,) = [each for each, values in bench.crm.app.state().items() if values["First"] == "No"]
    bench.crm.app.edit(ann, {"Title": "new"})
    bench.crm.app.edit(stranger, {"Title": "new"})
    await bench.until_quiet()
    await restore(connection, snapshot)
    assert bench.crm.app.state()[ann]["Title"] == "old"
    assert bench.crm.app.state()[stranger]["Title"] == "new"


@pytest.mark.parametrize("kind", [FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED, FaultKind.NOT_SENT])
async def test_an_answer_that_is_lost_is_made_up_for_by_the_same_command(bench: Bench, kind: FaultKind) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot = kept(bench.crm, bench.book)
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
    snapshot = kept(bench.crm, bench.book)
    bench.crm.app.edit(ann, {"Title": "better"})
    await bench.until_quiet()
    await restore(connection, snapshot)
    runs = {entry.run for entry in await connection.journal("restored")}
    for run in runs:
        await undo(connection, run=run)
    assert bench.everybody("crm", "Title") == bench.everybody("book", "title") == [("better",)]


async def test_both_sides_are_one_run_that_can_be_undone_at_once(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot = kept(bench.crm, bench.book)
    bench.crm.app.edit(ann, {"Title": "better"})
    await bench.until_quiet()
    runs = [run async for run, _steps in restoring(connection, snapshot)]
    assert len(set(runs)) == 1
    assert {entry.run for entry in await connection.journal("restored")} == set(runs)
    assert bench.everybody("crm", "Title") == bench.everybody("book", "title") == [("boss",)]
    await undo(connection, run=runs[0])
    assert bench.everybody("crm", "Title") == bench.everybody("book", "title") == [("better",)]


async def test_only_those_are_read_who_differ(bench: Bench) -> None:
    connection = await bench.pair()
    ids = [bench.crm.app.create(contact(name, Title="boss")) for name in ("Ann", "Bob", "Cy")]
    await bench.until_quiet()
    snapshot = kept(bench.crm, bench.book)
    reads = bench.crm.app.calls[Call.FETCH], bench.book.app.calls[Call.FETCH]
    assert await restore(connection, snapshot) == []
    assert (bench.crm.app.calls[Call.FETCH], bench.book.app.calls[Call.FETCH]) == reads
    bench.crm.app.edit(ids[1], {"Title": "wrong"})
    steps = await restore(connection, snapshot)
    assert [(step.side, step.ids[0]) for step in steps] == [(Side.LEFT, ids[1])]


async def test_who_opted_out_is_neither_opted_in_nor_made_anew_without_it(bench: Bench) -> None:
    left, right = [await bench.account(name, SLOTS_SCHEMA) for name in ("left", "right")]
    connection = await bench.connect("pair", left, right)
    ann, bob = (left.app.create(contact(name, Opted_Out=False, Title="old")) for name in ("Ann", "Bob"))
    await bench.until_quiet()
    snapshot = kept(left, right)
    for each in (ann, bob):
        left.app.edit(each, {"Opted_Out": True, "Title": "new"})
    await bench.until_quiet()
    left.app.delete(bob)
    await bench.until_quiet()
    steps = await restore(connection, snapshot, missing=True)
    for side in ("left", "right"):
        assert bench.everybody(side, "First", "Opted_Out", "Title") == [("Ann", True, "old"), ("Bob", True, "old")]
    assert {step.why for step in steps if step.kind is None} == {"nobody is opted in again by a snapshot"}
    await bench.until_quiet()
    for side in ("left", "right"):
        assert bench.everybody(side, "First", "Opted_Out") == [("Ann", True), ("Bob", True)]


async def test_what_the_app_refuses_is_not_told_as_done(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot = kept(bench.crm, bench.book)
    bench.crm.app.edit(ann, {"Title": "wrong"})
    await bench.until_quiet()
    before = bench.crm.app.calls[Call.WRITE]
    bench.crm.app.fail(Call.WRITE, FaultKind.REFUSED, times=9)
    steps = await restore(connection, snapshot)
    assert [(step.side, step.kind) for step in steps] == [(Side.RIGHT, WriteKind.UPDATE), (Side.LEFT, None)]
    assert "quarantine" in steps[-1].why
    assert bench.crm.app.calls[Call.WRITE] == before + 1


async def pairs_now(bench: Bench, connection: Connection) -> set[tuple[str, str]]:
    """The pairs of which both records are there."""
    left, right = bench.crm.app.state(), bench.book.app.state()
    links = await bench.store.links(connection.plan.id, Side.LEFT, list(left))
    return {(each.left_id, each.right_id) for each in links.values() if each.right_id in right}


def faces(snapshot: dict[Side, Kept], connection: Connection, ids: dict[Side, set[str]]) -> Counter[str]:
    """What these records show of the fields that the connection writes, without ids."""
    found: Counter[str] = Counter()
    for side in SIDES:
        for each in ids[side]:
            values = snapshot[side][each]
            shown = {name: values.get(name) for name in connection.plan.mapping.used_fields(side)}
            found[f"{side} {sorted((name, value) for name, value in shown.items() if value not in (None, ()))}"] += 1
    return found


@pytest.mark.parametrize("seed", range(24))
async def test_after_anything_that_people_did_the_pairs_are_as_the_snapshot_shows_them(bench: Bench, seed: int) -> None:
    """Also with answers that get lost, and another process that takes over: the same command is given again then."""
    crowd = Crowd(bench, seed)
    connection = await crowd.begin(delete=True)
    await connection.run(wait=True)
    await bench.until_quiet()
    snapshot, pairs = kept(bench.crm, bench.book), await pairs_now(bench, connection)
    options = {"missing": True, "at": bench.clock.now()}
    crowd.live(crowd.chance.randint(2, 10))
    await connection.run(wait=True)
    await bench.until_quiet()
    if seed % 2:
        for account in bench.accounts.values():
            kind = crowd.chance.choice((FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED, FaultKind.NOT_SENT))
            account.app.fail(Call.WRITE, kind, times=2, skip=crowd.chance.randint(0, 2))
        await restore(connection, snapshot, **options)
        await connection.hand_over()
        for account in bench.accounts.values():
            account.app.heal()
    steps = await restore(connection, snapshot, **options)
    ids = {side: {pair[SIDES.index(side)] for pair in pairs} for side in SIDES}
    now = kept(bench.crm, bench.book)
    lost = faces(snapshot, connection, ids) - faces(now, connection, {side: set(now[side]) for side in SIDES})
    unmade = {step.ids[SIDES.index(step.side)] for step in steps if "cannot be made without" in step.why}
    lost -= faces(snapshot, connection, {side: unmade & set(snapshot[side]) for side in SIDES})
    assert not lost, [step for step in steps if step.kind is None]
    written = bench.written()
    await connection.run(wait=True)
    assert bench.written() == written
    assert kept(bench.crm, bench.book) == now
    assert not [step for step in await restore(connection, snapshot, **options) if step.kind is not None]


async def test_who_was_merged_into_somebody_is_not_made_anew(bench: Bench) -> None:
    connection = await bench.pair()
    ann, other = (bench.crm.app.create(contact(name, Title="boss")) for name in ("Ann", "Anna"))
    await bench.until_quiet()
    snapshot, at = kept(bench.crm, bench.book), bench.clock.now()
    bench.crm.app.merge(ann, other)
    steps = await restore(connection, snapshot, missing=True, at=at)
    assert "it was merged into another record, and lives on there" in {step.why for step in steps}
    assert not [step for step in steps if step.kind is WriteKind.CREATE]
    assert bench.everybody("crm", "First") == [("Anna",)]


async def test_who_was_made_anew_by_a_sync_is_followed(bench: Bench) -> None:
    connection = await bench.pair(delete=True)
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    snapshot, at = kept(bench.crm, bench.book), bench.clock.now()
    (card,) = bench.book.app.state()
    bench.book.app.delete(card)
    bench.crm.app.edit(ann, {"Title": "an edit that beats the deletion"})
    await bench.until_quiet()
    assert card not in bench.book.app.state()
    await restore(connection, snapshot, at=at)
    assert bench.everybody("crm", "Title") == bench.everybody("book", "title") == [("boss",)]
