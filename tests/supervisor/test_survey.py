"""What ``check`` says of the people in the mirror: rules that match nobody, and who lacks a required field."""

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory.schemas import OWNERS
from zohosyncd.core.record import Item
from zohosyncd.core.rules.language import On, Operator, Rule, SetField, Test
from zohosyncd.core.side import Side
from zohosyncd.supervisor.survey import survey

ANN, BEN, _ = OWNERS
OF_ANN = Rule(Side.LEFT, (Test("owner", Operator.IS, (ANN.email,)),))
OF_BEN = Rule(Side.LEFT, (Test("owner", Operator.IS, (BEN.email,)),))
JUDGES = Rule(Side.RIGHT, (Test("title", Operator.IS, ("Judge",)),))


def contacts(bench: Bench, count: int) -> None:
    for at in range(count):
        bench.crm.app.create({"First": "Ann", "Last": f"No {at}", "Email": f"a{at}@example.org", "Owner": ANN})


def cards(bench: Bench, count: int, **more: str) -> None:
    """People without a family name, which the CRM requires."""
    for at in range(count):
        bench.book.app.create({"given": "Bo", "emails": (Item(f"b{at}@example.org"),), **more})


async def read(bench: Bench) -> None:
    """Everything is read, and nobody has been looked for or created yet."""
    for account in (bench.crm, bench.book):
        await account.feed.refresh()


async def told(connection: Connection, **more: float) -> list[str]:
    return await survey(connection.world, connection.plan, **more)


async def test_a_rule_that_matches_nobody_is_told_with_its_place_and_number(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_ANN, OF_BEN, JUDGES))
    contacts(bench, 3)
    cards(bench, 2, family="Person", title="Smith")
    await read(bench)
    assert await told(connection) == [
        "rules[2]: it matches no record of crm (of 3)",
        "rules[3]: it matches no record of book (of 2)",
    ]


async def test_deleted_records_match_nothing(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_ANN,))
    contacts(bench, 2)
    await read(bench)
    assert await told(connection) == []
    for record_id in list(bench.crm.app.state()):
        bench.crm.app.delete(record_id)
    bench.crm.app.create({"Last": "Last", "Email": "last@example.org", "Owner": BEN})
    await read(bench)
    assert await told(connection) == ["rules[1]: it matches no record of crm (of 1)"]


async def test_an_empty_app_is_no_mistake_of_a_rule(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_ANN,))
    await read(bench)
    assert await told(connection) == []


async def test_nothing_is_said_of_what_was_not_read(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_BEN, JUDGES))
    contacts(bench, 2)
    cards(bench, 2)
    assert await told(connection) == []


async def test_one_complete_side_is_enough_for_its_own_rules(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_BEN, JUDGES))
    contacts(bench, 1)
    cards(bench, 1)
    await bench.crm.feed.refresh()
    assert await told(connection) == ["rules[1]: it matches no record of crm (of 1)"]


async def test_who_lacks_a_required_field_is_counted_until_a_rule_gives_it(bench: Bench) -> None:
    connection = await bench.pair()
    cards(bench, 3)
    cards(bench, 2, family="Person")
    contacts(bench, 1)
    await read(bench)
    assert await told(connection) == ["crm requires Last; records of book that would be created there and lack it: 3"]
    given = Rule(Side.RIGHT, (), (SetField("Last", "Unknown", On.CREATE),))
    connection = await bench.connect("crm-book", bench.crm, bench.book, rules=(given,))
    await read(bench)
    assert await told(connection) == []


async def test_who_is_not_to_be_created_lacks_nothing(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_ANN,))
    contacts(bench, 1)
    cards(bench, 3)
    await read(bench)
    assert await told(connection) == []


async def test_when_time_is_up_it_says_how_far_it_has_looked(bench: Bench) -> None:
    connection = await bench.pair(rules=(OF_BEN, Rule(Side.RIGHT)))
    contacts(bench, 250)
    cards(bench, 250)
    await read(bench)
    first, second = await told(connection, seconds=0.0)
    assert first == "rules[1]: it matches no record of crm as far as check has looked (the first 200)"
    assert second.endswith("and lack it: at least 200")
    assert await told(connection) == [
        "rules[1]: it matches no record of crm (of 250)",
        "crm requires Last; records of book that would be created there and lack it: 250",
    ]
