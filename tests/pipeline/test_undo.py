"""Undo: both sides are what they were, except for what people did since, consent, and ids of what was made anew."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.crowd import Crowd
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.record import Item, Postal
from zohosyncd.core.side import Side
from zohosyncd.pipeline.set_back import Step
from zohosyncd.pipeline.undo import Scope
from zohosyncd.ports.connector import WriteKind


async def undo(connection: Connection, *, dry: bool = False, **scope: Any) -> list[Step]:
    return [step async for _run, steps in connection.runner.undo(Scope(**scope), dry=dry) for step in steps]


def done(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.kind is not None]


def picture(bench: Bench) -> dict[str, list[Mapping[str, Any]]]:
    """What people see in both apps, without ids; empty fields are no fields, and sets have no order."""

    def seen(values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            name: tuple(sorted(each.value.lower() for each in value)) if isinstance(value, tuple) else value
            for name, value in sorted(values.items())
            if value not in (None, ()) and name not in ("Created", "Owner")
        }

    return {
        name: sorted((seen(each) for each in account.app.state().values()), key=repr)
        for name, account in bench.accounts.items()
    }


def contact(name: str, **more: Any) -> dict[str, Any]:
    return {"First": name, "Last": "Crm", "Email": f"{name.lower()}@example.org", **more}


async def test_an_edit_that_has_travelled_comes_back_and_neither_travels_again(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief"})
    report = await connection.run(wait=True)
    (dry,) = await undo(connection, dry=True, run=report.run)
    assert (dry.side, dry.kind, dry.before, dry.after) == (
        Side.RIGHT, WriteKind.UPDATE, {"title": "chief"}, {"title": "boss"}
    )  # fmt: skip
    assert bench.everybody("book", "title") == [("chief",)]
    assert await undo(connection, run=report.run) == [dry]
    assert bench.everybody("book", "title") == [("boss",)]
    assert bench.everybody("crm", "Title") == [("chief",)]
    before = bench.written()
    await bench.until_quiet()
    assert bench.written() == before
    bench.crm.app.edit(ann, {"Title": "queen"})
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("queen",)]


async def test_what_a_person_has_edited_since_stays_and_is_named(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss", Notes="old"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief", "Notes": "new"})
    report = await connection.run(wait=True)
    (card,) = bench.book.app.state()
    bench.book.app.edit(card, {"title": "by hand"})
    steps = await undo(connection, run=report.run)
    assert bench.everybody("book", "title", "note") == [("by hand", "old")]
    assert [step.why for step in steps if step.kind is None] == ["edited since: title"]
    await bench.until_quiet()
    assert bench.everybody("crm", "Title", "Notes") == [("by hand", "new")]


async def test_an_edit_on_the_other_side_that_was_still_to_travel_travels_all_the_same(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss", Notes="old"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief", "Notes": "new"})
    report = await connection.run(wait=True)
    bench.crm.app.edit(ann, {"Title": "queen"})
    await undo(connection, run=report.run)
    await bench.until_quiet()
    assert bench.everybody("crm", "Title", "Notes") == [("queen", "new")]
    assert bench.everybody("book", "title", "note") == [("queen", "old")]


async def test_so_it_does_to_a_record_that_is_made_anew(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    report = await connection.run(wait=True)
    bench.crm.app.edit(ann, {"Title": "queen"})
    await undo(connection, run=report.run)
    (entry,) = await connection.journal("undone")
    await bench.until_quiet()
    await undo(connection, run=entry.run)
    await bench.until_quiet()
    assert bench.everybody("crm", "First", "Title") == [("Ann", "queen")]
    assert bench.everybody("book", "given", "title") == [("Ann", "queen")]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("kind", [FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED])
@pytest.mark.parametrize("before", [None, "boss"])
async def test_what_an_undo_without_an_answer_has_set_back_does_not_travel(
    bench: Bench, before: str | None, kind: FaultKind, restarted: bool
) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Title=before))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief"})
    report = await connection.run(wait=True)
    bench.book.app.fail(Call.WRITE, kind)
    await undo(connection, run=report.run)
    if restarted:
        await connection.hand_over()
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == [("chief",)]
    assert bench.everybody("book", "title") == [(before if kind is FaultKind.UNKNOWN_EXECUTED else "chief",)]


@pytest.mark.parametrize("restarted", [False, True])
async def test_nor_does_it_where_it_arrives_after_somebody_has_looked(bench: Bench, restarted: bool) -> None:
    connection = await bench.pair(right={"settle": 60.0})
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief"})
    report = await connection.run(wait=True)
    bench.book.app.fail(Call.WRITE, FaultKind.UNKNOWN_NOT_EXECUTED)
    await undo(connection, run=report.run)
    if restarted:
        await connection.hand_over()
    for note in ("a", "b"):
        bench.crm.app.edit(ann, {"Notes": note})
        await bench.clock.sleep(10.0)
        await connection.run()
    (card,) = bench.book.app.state()
    bench.book.app.edit(card, {"title": "boss"})  # as the request that had no answer would do it
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == [("chief",)]
    assert bench.everybody("book", "title", "note") == [("boss", "b")]


async def test_of_a_set_only_what_the_run_brought_goes(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Second_Email": "second@example.org"})
    report = await connection.run(wait=True)
    (card,) = bench.book.app.state()
    emails = bench.book.app.state()[card]["emails"]
    assert isinstance(emails, tuple)
    bench.book.app.edit(card, {"emails": (*emails, Item("hand@example.org"))})
    await undo(connection, run=report.run)
    (found,) = bench.everybody("book", "emails")
    assert {each.value for each in found[0]} == {"ann@example.org", "hand@example.org"}  # type: ignore[union-attr]


@pytest.mark.parametrize("edit", ["added", "taken"])
async def test_what_a_person_did_to_the_same_set_meanwhile_is_still_to_travel(bench: Bench, edit: str) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Phone="030 1111111"))
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    bench.book.app.edit(card, {"emails": (Item("ann@example.org"), Item("old@example.org"))})
    report = await connection.run(wait=True)
    assert bench.everybody("crm", "Email", "Second_Email") == [("ann@example.org", "old@example.org")]
    bench.crm.app.edit(ann, {"Email": "hand@example.org" if edit == "added" else None})
    await undo(connection, run=report.run)
    assert bench.everybody("crm", "Email", "Second_Email") == [("hand@example.org" if edit == "added" else None, None)]
    await bench.until_quiet()
    (found,) = bench.everybody("book", "emails")
    left = {"old@example.org", "hand@example.org"} if edit == "added" else {"old@example.org"}
    assert {each.value for each in found[0]} == left  # type: ignore[union-attr]
    assert bench.everybody("crm", "Email", "Second_Email") == [("hand@example.org" if edit == "added" else None, None)]


async def test_a_group_of_fields_of_which_a_person_has_edited_another_one_since_stays(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann", Street="Oak 1", City="Bonn", Title="boss"))
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    bench.book.app.edit(card, {"address": Postal("Oak 1", "Trier"), "title": "chief"})
    report = await connection.run(wait=True)
    assert bench.everybody("crm", "Street", "City") == [("Oak 1", "Trier")]
    bench.crm.app.edit(ann, {"Street": "Elm 2"})
    steps = await undo(connection, run=report.run)
    assert [step.why for step in steps if step.kind is None] == ["edited since: address"]
    await bench.until_quiet()
    assert bench.everybody("crm", "Street", "City", "Title") == [("Elm 2", "Trier", "boss")]
    assert bench.everybody("book", "address", "title") == [(Postal("Elm 2", "Trier"), "chief")]


async def test_who_was_created_is_deleted_and_never_created_again(bench: Bench) -> None:
    connection = await bench.pair()
    ann = bench.crm.app.create(contact("Ann"))
    bench.crm.app.create(contact("Bob"))
    report = await connection.run(wait=True)
    card = next(each for each, values in bench.book.app.state().items() if values["given"] == "Bob")
    bench.book.app.edit(card, {"note": "typed by hand"})
    steps = await undo(connection, run=report.run)
    assert [step.kind for step in done(steps)] == [WriteKind.DELETE]
    assert [step.why for step in steps if step.kind is None] == ["it was edited since it was made, and stays"]
    assert bench.everybody("book", "given") == [("Bob",)]
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "still nobody there"})
    await bench.until_quiet()
    assert bench.everybody("book", "given") == [("Bob",)]
    assert bench.everybody("crm", "First") == [("Ann",), ("Bob",)]


async def test_who_was_deleted_is_made_anew_and_stands_alone(bench: Bench) -> None:
    connection = await bench.pair(delete=True)
    ann = bench.crm.app.create(contact("Ann", Title="boss"))
    await bench.until_quiet()
    (old,) = bench.book.app.state()
    bench.crm.app.delete(ann)
    report = await connection.run(wait=True)
    assert not bench.book.app.state()
    (step,) = await undo(connection, run=report.run)
    assert step.kind is WriteKind.CREATE
    assert bench.everybody("book", "given", "title") == [("Ann", "boss")]
    assert old not in bench.book.app.state()
    for _ in range(2):
        await bench.until_quiet()
        assert not bench.crm.app.state()
        assert bench.everybody("book", "given") == [("Ann",)]


async def test_nobody_is_opted_in_again_by_an_undo(bench: Bench) -> None:
    from zohosyncd.connectors.memory import SLOTS_SCHEMA

    left = await bench.account("left", SLOTS_SCHEMA)
    right = await bench.account("right", SLOTS_SCHEMA)
    connection = await bench.connect("pair", left, right)
    ann = left.app.create({**contact("Ann"), "Opted_Out": False, "Title": "boss"})
    await connection.run(wait=True)
    left.app.edit(ann, {"Opted_Out": True, "Title": "chief"})
    report = await connection.run(wait=True)
    assert bench.everybody("right", "Opted_Out") == [(True,)]
    steps = await undo(connection, run=report.run)
    assert bench.everybody("right", "Opted_Out", "Title") == [(True, "boss")]
    assert [step.why for step in steps if step.kind is None] == ["nobody is opted in again by an undo"]
    await connection.run(wait=True)
    assert bench.everybody("right", "Opted_Out") == [(True,)]


async def test_an_undo_is_a_run_and_can_be_undone(bench: Bench) -> None:
    connection = await bench.pair(delete=True)
    ann, bob = (bench.crm.app.create(contact(name, Title="boss")) for name in ("Ann", "Bob"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief"})
    bench.crm.app.delete(bob)
    bench.crm.app.create(contact("Cy"))
    before_run = picture(bench)["book"]
    report = await connection.run(wait=True)
    after_run = picture(bench)["book"]
    first = [(run, steps) async for run, steps in connection.runner.undo(Scope(run=report.run), dry=False)]
    assert picture(bench)["book"] == before_run
    await undo(connection, run=first[0][0])
    assert picture(bench)["book"] == after_run
    before = bench.written()
    await bench.until_quiet()
    assert bench.written() == before


async def test_only_a_field_or_only_a_person_is_undone(bench: Bench) -> None:
    connection = await bench.pair()
    ids = {name: bench.crm.app.create(contact(name, Title="boss", Notes="old")) for name in ("Ann", "Bob")}
    await bench.until_quiet()
    for record_id in ids.values():
        bench.crm.app.edit(record_id, {"Title": "chief", "Notes": "new"})
    report = await connection.run(wait=True)
    await undo(connection, run=report.run, field="title")
    assert bench.everybody("book", "title", "note") == [("boss", "new"), ("boss", "new")]
    await undo(connection, records={Side.LEFT: [ids["Ann"]]}, since=bench.clock.now() - 1, field="notes")
    assert sorted(bench.everybody("book", "given", "note")) == [("Ann", "old"), ("Bob", "new")]


async def test_an_undo_without_an_answer_is_found_out_and_not_done_twice(bench: Bench) -> None:
    connection = await bench.pair(delete=True)
    ann, bob = (bench.crm.app.create(contact(name, Title="boss")) for name in ("Ann", "Bob"))
    await bench.until_quiet()
    bench.crm.app.edit(ann, {"Title": "chief"})
    bench.crm.app.delete(bob)
    before_run = picture(bench)["book"]
    report = await connection.run(wait=True)
    bench.book.app.fail(Call.WRITE, FaultKind.UNKNOWN_EXECUTED, times=2)
    await undo(connection, run=report.run)
    await connection.hand_over()
    await bench.until_quiet()
    assert not done(await undo(connection, run=report.run))
    assert picture(bench)["book"] == before_run


@pytest.mark.parametrize("seed", range(40))
async def test_a_run_and_its_undo_leave_both_sides_as_they_were(bench: Bench, seed: int) -> None:
    crowd = Crowd(bench, seed)
    connection = await crowd.begin()
    await connection.run(wait=True)
    await bench.until_quiet()
    crowd.live(crowd.chance.randint(1, 8))
    before = picture(bench)
    report = await connection.run(wait=True)
    told = await undo(connection, dry=True, run=report.run)
    steps = await undo(connection, run=report.run)
    assert {(step.ids, step.side, step.kind) for step in steps} == {(step.ids, step.side, step.kind) for step in told}
    assert picture(bench) == before
    written = bench.written()
    await connection.run(wait=True)
    assert picture(bench) == before
    assert bench.written() == written


@pytest.mark.parametrize("seed", range(100, 116))
async def test_an_undo_that_is_disturbed_is_given_again_and_doubles_nothing(bench: Bench, seed: int) -> None:
    """Lost answers, refusals to connect, conflicts, and another process that takes over in the middle."""
    crowd = Crowd(bench, seed)
    connection = await crowd.begin(delete=True)
    await connection.run(wait=True)
    await bench.until_quiet()
    crowd.live(6)
    before = picture(bench)
    report = await connection.run(wait=True)
    for _ in range(3):
        for account in bench.accounts.values():
            kind = crowd.chance.choice(
                (FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED, FaultKind.NOT_SENT, FaultKind.CONFLICT)
            )
            account.app.fail(Call.WRITE, kind, times=crowd.chance.randint(1, 2), skip=crowd.chance.randint(0, 2))
        await undo(connection, run=report.run)
        await connection.hand_over()
        for account in bench.accounts.values():
            account.app.heal()
    await connection.run(wait=True)
    assert not done(await undo(connection, run=report.run))
    assert picture(bench) == before
    await bench.until_quiet()
    assert picture(bench) == before
