"""A run that is given the writes of a plan: it makes these, each only if it is still the same, and no others."""

from typing import Any

from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.chosen import digest_of_line
from zohosyncd.core.record import Item
from zohosyncd.pipeline.chosen import Chosen
from zohosyncd.pipeline.rehearsal import rehearsed
from zohosyncd.ports.store import Stage
from zohosyncd.supervisor.rehearse import rehearse

Line = dict[str, Any]


async def plan_of(bench: Bench, connection: Connection) -> list[Line]:
    """The writes that a plan tells."""
    told: list[Line] = []

    async def tell(lines: Any) -> None:
        told.extend(lines)

    await rehearse(bench.world, connection.plan, connection.runner.stage, bench.connections, tell)
    return [line for line in told if line["line"] == "write"]


def chosen(lines: list[Line]) -> Chosen:
    def digest(line: Line) -> bytes:
        told = {} if line["kind"] == "delete" else line["fields"]
        fields = {name: (each["old"], each["new"]) for name, each in told.items()}
        return digest_of_line(line["side"], line["kind"], line["left"], line["right"], fields)

    return Chosen(digest(line) for line in lines)


def card(name: str, **more: Any) -> dict[str, Any]:
    return {"given": name, "family": "Book", "emails": (Item(f"{name.lower()}@example.org"),), **more}


def contact(name: str, **more: Any) -> dict[str, Any]:
    return {"First": name, "Last": "Crm", "Email": f"{name.lower()}@example.org", **more}


async def test_a_first_sync_is_carried_out_by_its_plan_without_another_approval(bench: Bench) -> None:
    connection = await bench.pair(approved=False)
    for name in ("Ann", "Bob", "Cy"):
        bench.crm.app.create(contact(name, Title="boss"))
    for name in ("Ann", "Eve"):
        bench.book.app.create(card(name))
    lines = await plan_of(bench, connection)
    assert sorted((each["side"], each["kind"]) for each in lines) == [
        ("left", "create"), ("right", "create"), ("right", "create"), ("right", "update")
    ]  # fmt: skip
    only = chosen(lines)
    report = await connection.runner.run(wait=True, only=only)
    assert (only.left, only.beyond) == ([], 0)
    assert report.converged
    assert connection.runner.stage is Stage.LIVE
    assert bench.written() == 4
    assert (await connection.run()).converged
    assert bench.written() == 4


async def test_what_moved_is_left_out_and_the_rest_is_made(bench: Bench) -> None:
    connection = await bench.pair()
    ids = {name: bench.crm.app.create(contact(name)) for name in ("Ann", "Bob", "Cy")}
    await bench.until_quiet()
    for record_id in ids.values():
        bench.crm.app.edit(record_id, {"Title": "chief"})
    lines = await plan_of(bench, connection)
    bench.crm.app.edit(ids["Bob"], {"Title": "no longer chief"})
    bench.crm.app.create(contact("Dan"))
    before, only = bench.written(), chosen(lines)
    report = await connection.runner.run(wait=True, only=only)
    assert [lines[number]["left"] for number in only.left] == [ids["Bob"]]
    assert only.beyond == 2
    assert bench.written() - before == 2
    assert not report.converged
    later = await connection.run(wait=True)
    assert later.converged
    assert bench.written() - before == 4


async def test_a_value_that_nobody_saw_is_not_written_over(bench: Bench) -> None:
    """The plan said "Ann" -> "Anna"; meanwhile somebody has typed "Annika" there, and the left would win again."""
    from zohosyncd.core.side import Winner

    connection = await bench.pair(winner=Winner.LEFT)
    record_id = bench.crm.app.create(contact("Ann"))
    await bench.until_quiet()
    (card_id,) = bench.book.app.state()
    bench.crm.app.edit(record_id, {"First": "Anna"})
    lines = await plan_of(bench, connection)
    bench.book.app.edit(card_id, {"given": "Annika"})
    only = chosen(lines)
    await connection.runner.run(wait=True, only=only)
    assert only.left == [0]
    assert bench.everybody("book", "given") == [("Annika",)]


async def test_both_writes_of_a_person_are_made_or_neither(bench: Bench) -> None:
    connection = await bench.pair()
    record_id = bench.crm.app.create(contact("Ann"))
    await bench.until_quiet()
    (card_id,) = bench.book.app.state()
    bench.crm.app.edit(record_id, {"Title": "chief"})
    bench.book.app.edit(card_id, {"note": "tall"})
    lines = await plan_of(bench, connection)
    assert {each["side"] for each in lines} == {"left", "right"}
    before, only = bench.written(), chosen([each for each in lines if each["side"] == "left"])
    await connection.runner.run(wait=True, only=only)
    assert bench.written() == before
    assert only.left == [0]
    assert only.beyond == 1


async def test_a_first_sync_of_which_something_was_left_out_still_waits(bench: Bench) -> None:
    connection = await bench.pair(approved=False)
    names = ("Ann", "Bob")
    for name in names:
        bench.crm.app.create(contact(name))
    lines = await plan_of(bench, connection)
    only = chosen(lines[:1])
    report = await connection.runner.run(wait=True, only=only)
    assert (only.left, only.beyond) == ([], 1)
    assert report.stage == "approval"
    assert bench.written() == 1
    await connection.restart()
    assert (await connection.run(wait=True)).stage == "approval"
    assert bench.written() == 1
    await connection.runner.approve()
    await connection.run(wait=True)
    assert len(bench.book.app.state()) == len(names)


async def test_what_the_guard_stops_is_no_line_that_could_be_chosen(bench: Bench) -> None:
    connection = await bench.pair(delete=True)
    ids = [bench.crm.app.create(contact(f"P{number}")) for number in range(40)]
    await bench.until_quiet()
    for record_id in ids[:30]:
        bench.crm.app.delete(record_id)
    told: list[Line] = []

    async def tell(lines: Any) -> None:
        told.extend(lines)

    numbers = await rehearse(bench.world, connection.plan, connection.runner.stage, bench.connections, tell)
    assert numbers["waiting"] == 30
    assert numbers["guard"] == {"delete": 30}
    waiting = [line for line in told if line["line"] == "waiting"]
    assert {line["right"] for line in waiting} <= set(bench.book.app.state())
    assert all(line["fields"]["given"]["old"] for line in waiting)
    assert not [line for line in told if line["line"] == "write"]


async def test_a_plan_counts_what_reading_has_cost_and_what_writing_will(bench: Bench) -> None:
    connection = await bench.pair(left={"batch": 10}, right={"batch": 4, "fetch_batch": 5})
    for number in range(10):
        bench.crm.app.create(contact(f"P{number}"))
    for number in range(10, 22):
        email = f"p{number}@example.org"
        bench.crm.app.create(contact(f"P{number}", Title="boss"))
        bench.book.app.create({"given": f"P{number}", "family": "Crm", "emails": (Item(email),)})
    numbers = await rehearse(bench.world, connection.plan, connection.runner.stage, bench.connections)
    right = numbers["costs"]["right"]
    assert right["write"] == {"calls": 3 + 3, "credits": 0}
    # Two pages at most, and the twelve that would be written, five at a time.
    assert 3 <= right["read"]["calls"] <= 6
    assert numbers["costs"]["left"]["write"]["calls"] == 0


async def test_what_a_rehearsal_would_create_is_found_by_those_who_come_after(bench: Bench) -> None:
    """Two new contacts, one after the other, of whom the second is looked for under an address of the first."""
    connection = await bench.pair()
    await bench.until_quiet()
    bench.crm.app.create(contact("Ann"))
    async with rehearsed(bench.world, connection.plan, connection.runner.stage, bench.connections) as rehearsal:
        assert rehearsal.report.converged
        assert sum(rehearsal.plan.tally.created.values()) == 1
    assert not bench.book.app.state()
