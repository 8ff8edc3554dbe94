"""How long an edit took to arrive is measured from the edit, and only for what is an edit."""

from collections import Counter
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.test_resolve import EXECUTED
from zohosyncd.connectors.memory import Call
from zohosyncd.core.side import Side
from zohosyncd.pipeline.tally import Tally


async def synced(bench: Bench, **more: Any) -> tuple[Connection, str]:
    connection = await bench.pair(**more)
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    await bench.until_quiet()
    return connection, contact


def delays(connection: Connection) -> Counter[tuple[Side, float]]:
    return connection.plan.tally.delays


async def test_a_first_sync_is_no_edit(bench: Bench) -> None:
    connection, _contact = await synced(bench)
    assert connection.plan.tally.created[Side.RIGHT] == 1
    assert not delays(connection)


async def test_an_edit_counts_from_when_the_app_dates_it(bench: Bench) -> None:
    connection, contact = await synced(bench)
    bench.crm.app.edit(contact, {"Title": "Queen"})
    await bench.clock.sleep(600.0)
    await bench.until_quiet()
    assert delays(connection) == {(Side.LEFT, 600.0): 1}


async def test_where_the_app_tells_no_time_it_counts_from_being_seen(bench: Bench) -> None:
    connection, _contact = await synced(bench, right={"modified_times": False, "exact_versions": True})
    (card,) = bench.book.app.state()
    bench.book.app.edit(card, {"title": "Queen"})
    await bench.clock.sleep(600.0)
    await connection.runner.pause(bench.clock.now())
    await connection.run()  # sees it
    await bench.clock.sleep(30.0)
    await connection.runner.resume()
    await bench.until_quiet()
    ((side, seconds),) = delays(connection)
    assert side is Side.RIGHT
    assert 30.0 <= seconds < 32.0


async def test_a_record_that_comes_into_view_long_after_it_was_edited_is_no_late_edit(bench: Bench) -> None:
    connection, _contact = await synced(bench)
    bench.crm.app.create({"First": "Old", "Last": "Hand", "Email": "old@example.org"})
    await bench.clock.sleep(30 * 86_400.0)
    await bench.until_quiet()
    ((_side, seconds),) = delays(connection)
    assert seconds < 60.0


async def test_who_is_walked_through_again_for_another_configuration_was_not_edited(bench: Bench) -> None:
    _connection, contact = await synced(bench, mapped={"without": ("title",)})
    bench.crm.app.edit(contact, {"Title": "Queen"})
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [(None,)]
    await bench.clock.sleep(600.0)
    again = await bench.connect("crm-book", bench.crm, bench.book)
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("Queen",)]
    assert not delays(again)
    bench.crm.app.edit(contact, {"Title": "King"})
    await bench.clock.sleep(50.0)
    await bench.until_quiet()
    assert delays(again) == {(Side.LEFT, 50.0): 1}


async def test_what_arrives_without_an_answer_counts_once_that_is_found_out(bench: Bench) -> None:
    connection, contact = await synced(bench)
    bench.book.app.fail(Call.WRITE, EXECUTED)
    bench.crm.app.edit(contact, {"Title": "Queen"})
    await bench.until_quiet()
    assert sum(delays(connection).values()) == 1


def test_however_many_edits_arrive_their_delays_are_few() -> None:
    tally = Tally()
    for number in range(100_000):
        tally.applied(Side.LEFT, number / 7)
    assert sum(tally.delays.values()) == 100_000
    assert len(tally.delays) < 700


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 1e-9])
def test_a_clock_that_is_ahead_makes_no_edit_arrive_before_it_was_made(seconds: float) -> None:
    tally = Tally()
    tally.applied(Side.RIGHT, seconds)
    assert tally.delays == {(Side.RIGHT, 0.01): 1}
