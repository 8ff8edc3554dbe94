"""A paused connection reads and writes nothing, in this life and the next; what waited is written afterwards."""

import asyncio

import pytest

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.test_resolve import EXECUTED, NOT_EXECUTED, names, without_answer
from zohosyncd.connectors.memory import FaultKind
from zohosyncd.core.side import Side
from zohosyncd.ports.store import Stage


async def paused(bench: Bench) -> tuple[Connection, str]:
    connection = await bench.pair()
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    await bench.until_quiet()
    await connection.runner.pause(bench.clock.now())
    return connection, contact


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_changes_is_read_and_waits(bench: Bench, restarted: bool) -> None:
    connection, contact = await paused(bench)
    since, written = connection.runner.paused, bench.written()
    if restarted:
        await connection.restart()
    assert connection.runner.paused == since
    bench.crm.app.edit(contact, {"Title": "Queen"})
    bench.crm.app.create({"First": "Kim", "Last": "Late", "Email": "kim@example.org"})
    for _ in range(3):
        report = await connection.run(wait=True)
    assert report.paused
    assert not report.converged
    assert bench.written() == written
    floor = connection.runner.floor(Side.LEFT)
    assert await bench.store.count_pending(connection.plan.left.object_id, floor) == 2
    await connection.runner.resume()
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title") == [("Ann", "Queen"), ("Kim", None)]
    assert (await bench.store.connections())[0].paused == 0.0


async def test_a_pause_in_the_middle_of_a_first_sync_stops_it_and_it_goes_on_from_there(bench: Bench) -> None:
    connection = await bench.pair(right={"latency": 1.0, "batch": 2, "lanes": 1})
    for number in range(60):
        bench.crm.app.create({"First": "N", "Last": f"No{number}", "Email": f"n{number}@example.org"})
    app, running = bench.book.app, asyncio.create_task(connection.run(wait=True))
    while len(app.state()) < 10:
        await bench.clock.sleep(0.5)
    await connection.runner.pause(bench.clock.now())
    await running
    made = len(app.state())
    assert 10 <= made <= 12  # what was on its way has arrived, and no more
    assert connection.runner.stage is Stage.CREATING
    await connection.run(wait=True)
    assert len(app.state()) == made
    await connection.runner.resume()
    await bench.until_quiet()
    assert len(app.state()) == 60


@pytest.mark.parametrize("kind", [EXECUTED, NOT_EXECUTED])
async def test_what_was_sent_before_the_pause_gets_its_outcome_and_is_not_sent_again(
    bench: Bench, kind: FaultKind
) -> None:
    connection, _card = await without_answer(bench, kind)
    await connection.runner.pause(bench.clock.now())
    await bench.clock.sleep(300.0)
    await connection.run()
    assert connection.runner.unknown == 0
    assert len(names(bench)) == (kind is EXECUTED)
    await connection.runner.resume()
    await bench.until_quiet()
    assert len(names(bench)) == 1
