"""Rules that are edited while many are linked, and records that move between owners: done as said, and planned before."""

from typing import Any

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.test_plan_is_run import planned, ran
from tests.pipeline.test_rules import BEN, FROM_ANN, contact, labels, names
from zohosyncd.connectors.memory.schemas import OWNERS
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.rules.language import AddTo, Has, Operator, Rule, Test
from zohosyncd.core.rules.scope import Leave, Standing
from zohosyncd.core.side import Side

CLEO = OWNERS[2]
FROM_BEN = Rule(Side.LEFT, (Test("owner", Operator.IS, (BEN.email,)),), (AddTo("labels", "Ben's"),))
PRESS = Rule(Side.LEFT, (Has("tags", "Press"),), (AddTo("labels", "Press", revert=True),))
PEOPLE = 300


async def many(bench: Bench, *rules: Rule, **more: Any) -> Connection:
    connection = await bench.pair(rules=rules, **more)
    for number in range(PEOPLE):
        owner = (OWNERS[0], BEN, CLEO)[number % 3]
        contact(bench, f"P{number}", Owner=owner, Tags=names("Press") if number % 5 == 0 else ())
    await bench.until_quiet()
    return connection


async def edited(bench: Bench, connection: Connection, *rules: Rule, **more: Any) -> Connection:
    """The same connection under other rules, as after a reload."""
    await bench.store.withdraw_planned(connection.plan.id)
    await connection.runner.rest()
    connection.runner.abandon()
    return await bench.connect("crm-book", bench.crm, bench.book, rules=rules, **more)


async def test_a_rule_that_is_narrowed_freezes_who_is_left_out_and_writes_nothing(bench: Bench) -> None:
    connection = await many(bench, FROM_ANN, FROM_BEN)
    assert len(bench.book.app.state()) == 2 * PEOPLE / 3
    connection = await edited(bench, connection, FROM_ANN)
    told, rest = await planned(bench, connection)
    assert (told, rest) == await ran(bench, connection)
    assert not told
    found = await bench.store.links_after(connection.plan.id, 0, 1000)
    assert sum(link.standing is Standing.OUT for link in found) == PEOPLE / 3


async def test_a_new_rule_creates_exactly_who_it_matches_as_the_plan_had_said(bench: Bench) -> None:
    connection = await many(bench, FROM_ANN)
    connection = await edited(bench, connection, FROM_ANN, FROM_BEN)
    told, rest = await planned(bench, connection)
    assert sum(line[1] == "created" and line[4] == "family" for line in told.elements()) == PEOPLE / 3
    assert (told, rest) == await ran(bench, connection)
    assert sorted(labels(bench).values(), key=repr).count({"Ben's"}) == PEOPLE / 3


async def test_an_action_that_is_taken_out_of_a_rule_is_taken_back_only_where_it_said_so(bench: Bench) -> None:
    connection = await many(bench, FROM_ANN, PRESS)
    assert sum("Press" in each for each in labels(bench).values()) == PEOPLE / 5
    without = Rule(Side.LEFT, PRESS.conditions)
    connection = await edited(bench, connection, Rule(Side.LEFT, FROM_ANN.conditions), without)
    told, rest = await planned(bench, connection)
    assert (told, rest) == await ran(bench, connection)
    assert not any("Press" in each for each in labels(bench).values()), "it said revert"
    assert sum("CRM" in each for each in labels(bench).values()) == PEOPLE / 3, "it did not"


async def test_leaving_by_deletion_waits_for_approval_when_a_rule_is_edited(bench: Bench) -> None:
    said = {"leave": Leave.DELETE}
    guard = Guard({"delete": Limit()})
    connection = await many(bench, FROM_ANN, FROM_BEN, said=said, guard=guard)
    before = len(bench.book.app.state())
    connection = await edited(bench, connection, FROM_ANN, said=said, guard=guard)
    told, rest = await planned(bench, connection)
    assert not told
    assert len(rest["waiting"]) == PEOPLE / 3
    assert (told, rest) == await ran(bench, connection)
    assert len(bench.book.app.state()) == before
    connection = await edited(bench, connection, FROM_ANN, FROM_BEN, said=said, guard=guard)
    await bench.until_quiet()
    assert len(bench.book.app.state()) == before
    assert (await bench.store.counts(connection.plan.id)).intents == {}, "what waited is not wanted any more"


async def test_who_goes_from_ann_to_ben_keeps_what_a_rule_that_still_matches_gives(bench: Bench) -> None:
    ann = Rule(Side.LEFT, FROM_ANN.conditions, (AddTo("labels", "CRM", revert=True),))
    connection = await many(bench, ann, FROM_BEN, PRESS)
    people = [
        (record, values)
        for record, values in bench.crm.app.state().items()
        if values["Owner"] == OWNERS[0] and values["Tags"]
    ]
    record, values = people[0]
    bench.crm.app.edit(record, {"Owner": BEN, "Title": "Reassigned"})
    told, rest = await planned(bench, connection)
    assert (told, rest) == await ran(bench, connection)
    assert labels(bench)[str(values["First"])] == {"Ben's", "Press"}
    bench.crm.app.edit(record, {"Owner": CLEO})
    told, rest = await planned(bench, connection)
    assert (told, rest) == await ran(bench, connection)
    assert labels(bench)[str(values["First"])] == {"Ben's", "Press"}, "Ben's rule takes nothing back"
    bench.crm.app.edit(record, {"Tags": (), "Title": "Nobody's"})
    told, rest = await planned(bench, connection)
    assert (told, rest) == await ran(bench, connection)
    assert labels(bench)[str(values["First"])] == {"Ben's"}
    assert ("Reassigned",) in bench.everybody("book", "title")
    assert ("Nobody's",) not in bench.everybody("book", "title")
