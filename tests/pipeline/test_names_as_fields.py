"""Tags here, labels there, kept the same as a set; owners and moments shown as text; together with rules."""

from typing import Any

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.connectors.memory.schemas import OWNERS
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.record import Item
from zohosyncd.core.rules.language import AddTo, Operator, Rule, Test
from zohosyncd.core.side import Side, Winner
from zohosyncd.ports.store import HoldReason

TAGS = FieldPair("Tags", "labels")


def names(*texts: str) -> tuple[Item, ...]:
    return tuple(map(Item, texts))


async def linked(
    bench: Bench, *pairs: FieldPair, tags: tuple[str, ...] = (), labels: tuple[str, ...] = (), **more: Any
):
    """Ann on both sides."""
    crm, book = await bench.account("crm", SLOTS_SCHEMA), await bench.account("book", LISTS_SCHEMA)
    crm.app.create({"First": "Ann", "Last": "Lee", "Email": "ann@x.org", "Tags": names(*tags)})
    book.app.create({"given": "Ann", "family": "Lee", "emails": names("ann@x.org"), "labels": names(*labels)})
    connection: Connection = await bench.connect(
        "crm-book", crm, book, mapped={"pairs": pairs}, **{"winner": Winner.LEFT, **more}
    )
    await bench.until_quiet()
    return connection


def edit(bench: Bench, side: Side, **values: Any) -> None:
    app = (bench.crm if side is Side.LEFT else bench.book).app
    (record,) = app.state()
    app.edit(record, values)


def shown(bench: Bench) -> tuple[set[str], set[str]]:
    ((tags,),), ((labels,),) = bench.everybody("crm", "Tags"), bench.everybody("book", "labels")
    return tuple({item.value for item in each or ()} for each in (tags, labels))  # type: ignore[union-attr,return-value]


async def test_the_first_sync_puts_both_sets_together(bench: Bench) -> None:
    await linked(bench, TAGS, tags=("VIP", "Fair"), labels=("vip", "Friends"))
    assert shown(bench) == ({"VIP", "Fair", "Friends"}, {"vip", "Friends", "Fair"})


async def test_what_is_added_and_removed_on_one_side_is_on_the_other(bench: Bench) -> None:
    await linked(bench, TAGS, tags=("VIP", "Fair"))
    edit(bench, Side.LEFT, Tags=names("VIP", "Press"))
    edit(bench, Side.RIGHT, labels=names("VIP", "Fair", "Friends"))
    await bench.until_quiet()
    assert shown(bench) == ({"VIP", "Press", "Friends"}, {"VIP", "Press", "Friends"})
    edit(bench, Side.RIGHT, labels=())
    await bench.until_quiet()
    assert shown(bench) == (set(), set())


async def test_a_name_that_the_other_app_cannot_hold_is_told_and_the_rest_arrives(bench: Bench) -> None:
    long = "much too long for a tag of the CRM"
    connection = await linked(bench, TAGS, tags=("VIP",))
    edit(bench, Side.RIGHT, labels=names("VIP", long, "Friends"))
    await bench.until_quiet()
    assert shown(bench) == ({"VIP", "Friends"}, {"VIP", long, "Friends"})
    for _ in range(2):
        (told,) = await connection.world.store.quarantined(connection.plan.id)
        assert (told.side, told.field) == (Side.RIGHT, "Tags = labels")
        assert told.message == f'"{long}": longer than 25 characters'
        edit(bench, Side.LEFT, Title="Chief")
        await bench.until_quiet()
    assert shown(bench)[1] == {"VIP", long, "Friends"}, "it is no deletion"
    edit(bench, Side.RIGHT, labels=names("VIP", "short"))
    await bench.until_quiet()
    assert shown(bench) == ({"VIP", "short"}, {"VIP", "short"})
    assert await connection.world.store.quarantined(connection.plan.id) == []


async def test_so_it_is_for_a_record_that_is_created(bench: Bench) -> None:
    connection = await linked(bench, TAGS)
    bench.book.app.create(
        {"given": "Bob", "family": "Roe", "emails": names("bob@x.org"), "labels": names("x" * 30, "Friends")}
    )
    await bench.until_quiet()
    assert ("Bob", names("Friends")) in bench.everybody("crm", "First", "Tags")
    (told,) = await connection.world.store.quarantined(connection.plan.id)
    assert "longer than 25 characters" in told.message


async def test_a_rule_and_the_pair_write_one_set_together(bench: Bench) -> None:
    """The rule gives a label on the right; the pair brings a tag there and a label back: nothing is lost on the way."""
    everybody = Rule(Side.LEFT, (), (AddTo("labels", "CRM"),))
    await linked(bench, TAGS, tags=("VIP",), labels=("Friends",), rules=(everybody,))
    tags, labels = shown(bench)
    assert labels == {"CRM", "VIP", "Friends"}
    assert {"VIP", "Friends"} <= tags
    bench.crm.app.fail(Call.WRITE, FaultKind.NOT_SENT)
    edit(bench, Side.LEFT, Tags=names(*tags, "Press"))
    edit(bench, Side.RIGHT, labels=names("VIP", "Friends", "Book"))
    await bench.until_quiet()
    tags, labels = shown(bench)
    assert labels == {"CRM", "VIP", "Friends", "Press", "Book"}
    assert {"VIP", "Friends", "Press", "Book"} <= tags


async def test_a_field_that_rules_look_at_and_that_is_mapped_keeps_its_clash(bench: Bench) -> None:
    """A held clash stays one although the rules have seen the field, and something else was written."""
    rule = Rule(Side.LEFT, (Test("Title", Operator.IS_NOT, ("Spam",)),), (AddTo("labels", "CRM"),))
    connection = await linked(bench, rules=(rule,), winner=Winner.HOLD)
    edit(bench, Side.LEFT, Title="Left")
    edit(bench, Side.RIGHT, title="Right")
    await bench.until_quiet()
    (contact,) = bench.crm.app.state()
    for note in ("one", "two"):
        assert await connection.held() == {(Side.LEFT, contact, HoldReason.CLASH, "title")}
        edit(bench, Side.LEFT, Notes=note)
        await bench.until_quiet()
        assert bench.everybody("book", "title", "note") == [("Right", note)]
    assert bench.everybody("crm", "Title") == [("Left",)]


async def test_the_owner_and_the_time_of_creation_are_shown_and_never_written(bench: Bench) -> None:
    await linked(bench, FieldPair("Owner", "custom"), FieldPair("Created", "note"))
    edit(bench, Side.LEFT, Owner=OWNERS[1])
    await bench.until_quiet()
    assert bench.everybody("book", "custom") == [("Ben Roe",)]
    edit(bench, Side.RIGHT, custom="Somebody", note="mine")
    await bench.until_quiet()
    ((owner,),) = bench.everybody("crm", "Owner")
    assert owner == OWNERS[1]
    edit(bench, Side.LEFT, Owner=OWNERS[2])
    await bench.until_quiet()
    assert bench.everybody("book", "custom") == [("Cleo Hart",)]
