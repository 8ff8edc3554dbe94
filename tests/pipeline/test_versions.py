"""A configuration that changes while thousands are linked: links move to it one by one, each pair by its own rule."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.record import Item
from zohosyncd.core.rules.language import Operator, Rule, Test
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Cleared, Direction, Side, Winner
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.pipeline.reading import Reading
from zohosyncd.ports.store import Decision, HoldReason

CRM = Schema.of(*SLOTS_SCHEMA, Field("Kind", FieldType.CHOICE, choices=("Wholesale", "Retail", "Press")))
BOOK = Schema.of(*LISTS_SCHEMA, Field("kind", FieldType.TEXT))
CUSTOM, KIND = FieldPair("Custom", "custom"), FieldPair("Kind", "kind")
MAPPED = FieldPair("Kind", "kind", values={"Wholesale": "B2B"})
KEEP: Mapping[str, Any] = {"cleared": Cleared.KEEP}


async def company(bench: Bench, *pairs: FieldPair, winner: Winner = Winner.LEFT, **mapped: Any) -> Connection:
    """Three people on both sides, in agreement."""
    crm, book = await bench.account("crm", CRM), await bench.account("book", BOOK)
    for number, name in enumerate(("Ann", "Bob", "Cem")):
        crm.app.create(
            {"First": name, "Last": "Lee", "Email": f"{name}@x.org", "Title": "Boss", "Custom": str(number),
             "Kind": "Wholesale"}
        )  # fmt: skip
    await bench.connect("crm-book", crm, book, winner=winner, mapped={"pairs": pairs, **mapped})
    await bench.until_quiet()
    return bench.connections["crm-book"]


async def configured(bench: Bench, *pairs: FieldPair, more: Mapping[str, Any] = {}, **mapped: Any) -> Connection:
    """The next configuration, run to its rest."""
    connection = await reloaded(bench, *pairs, more=more, **mapped)
    await bench.until_quiet()
    return connection


async def reloaded(bench: Bench, *pairs: FieldPair, more: Mapping[str, Any] = {}, **mapped: Any) -> Connection:
    kinds = {"winner": Winner.LEFT, **more}
    return await bench.connect("crm-book", bench.crm, bench.book, mapped={"pairs": pairs, **mapped}, **kinds)


def ids(bench: Bench) -> tuple[str, str]:
    """Ann's contact and her card."""
    (contact,) = (each for each, values in bench.crm.app.state().items() if values["First"] == "Ann")
    (card,) = (each for each, values in bench.book.app.state().items() if values["given"] == "Ann")
    return contact, card


async def versions(connection: Connection) -> set[str]:
    links = await connection.world.store.links_after(connection.plan.id, 0, 100)
    return {link.version for link in links}


async def remembered(connection: Connection) -> set[str]:
    plan = connection.plan
    return set(await connection.world.store.remember_meaning(plan.id, plan.version, plan.meaning.pairs))


async def test_every_link_says_under_which_meaning_it_was_decided(bench: Bench) -> None:
    connection = await company(bench)
    assert await versions(connection) == {connection.plan.version}
    old = connection.plan.version
    connection = await configured(bench, CUSTOM)
    assert connection.plan.version != old
    assert await versions(connection) == {connection.plan.version}


async def test_a_meaning_that_no_link_has_is_forgotten(bench: Bench) -> None:
    connection = await company(bench)
    old = connection.plan.version
    connection = await reloaded(bench, CUSTOM)
    assert await remembered(connection) == {old, connection.plan.version}
    await bench.until_quiet()
    assert await remembered(connection) == {connection.plan.version}


async def test_a_restart_under_the_same_meaning_examines_nobody(bench: Bench) -> None:
    connection = await company(bench, MAPPED)
    before = connection.plan.tally.examined
    again = await configured(bench, MAPPED)
    assert again.plan.version == connection.plan.version
    assert again.plan.tally.examined == 0
    assert before > 0


async def test_a_newly_mapped_field_is_filled_where_one_side_has_nothing(bench: Bench) -> None:
    await company(bench)
    _contact, card = ids(bench)
    bench.book.app.edit(card, {"custom": "mine"})
    await bench.until_quiet()
    connection = await configured(bench, CUSTOM)
    assert bench.everybody("book", "custom") == [("0",), ("1",), ("2",)]
    (entry,) = await connection.journal("clash")
    assert (entry.after, entry.other) == ({"Custom": "0"}, {"custom": "mine"})


async def test_a_field_that_is_mapped_no_longer_is_left_as_it_is_and_starts_anew_when_it_returns(bench: Bench) -> None:
    await company(bench, CUSTOM)
    before = bench.written()
    await configured(bench)
    contact, card = ids(bench)
    bench.crm.app.edit(contact, {"Custom": None})
    bench.book.app.edit(card, {"custom": "edited"})
    await bench.until_quiet()
    assert bench.written() == before
    await configured(bench, CUSTOM)
    assert bench.crm.app.state()[contact]["Custom"] == "edited"  # an old base would say: emptied on the left


async def test_a_value_map_that_comes_later_is_applied_to_everybody(bench: Bench) -> None:
    await company(bench, KIND)
    assert bench.everybody("book", "kind") == [("Wholesale",)] * 3
    await configured(bench, MAPPED)
    assert bench.everybody("book", "kind") == [("B2B",)] * 3
    assert bench.everybody("crm", "Kind") == [("Wholesale",)] * 3


async def test_what_a_changed_map_writes_is_written_although_the_process_ends_before(bench: Bench) -> None:
    connection = await company(bench, KIND)
    bench.book.app.fail(Call.WRITE, FaultKind.NOT_SENT)
    connection = await reloaded(bench, MAPPED)
    await connection.run()
    await connection.restart()
    await bench.until_quiet()
    assert bench.everybody("book", "kind") == [("B2B",)] * 3


async def test_an_edit_made_while_the_mapping_changed_is_merged_as_usual(bench: Bench) -> None:
    await company(bench, KIND)
    contact, card = ids(bench)
    bench.crm.app.edit(contact, {"Title": "Chief"})
    bench.book.app.edit(card, {"note": "met"})
    await configured(bench, MAPPED)
    assert bench.book.app.state()[card]["title"] == "Chief"
    assert bench.crm.app.state()[contact]["Notes"] == "met"


async def test_what_was_emptied_and_kept_is_not_refilled_by_an_unrelated_change(bench: Bench) -> None:
    await company(bench, **KEEP)
    contact, _card = ids(bench)
    bench.crm.app.edit(contact, {"Title": None})
    await bench.until_quiet()
    for pairs in ((KIND,), (MAPPED, CUSTOM), ()):
        await configured(bench, *pairs, **KEEP)
    await configured(bench)  # emptying travels from now on: what was kept before stays
    assert bench.crm.app.state()[contact]["Title"] is None
    assert bench.everybody("book", "title") == [("Boss",)] * 3


@pytest.mark.parametrize(("winner", "title"), [(Winner.LEFT, "Left"), (Winner.RIGHT, "Right")])
async def test_a_clash_that_is_held_is_decided_anew_when_the_winner_changes(
    bench: Bench, winner: Winner, title: str
) -> None:
    connection = await company(bench, winner=Winner.HOLD)
    contact, card = ids(bench)
    bench.crm.app.edit(contact, {"Title": "Left"})
    bench.book.app.edit(card, {"title": "Right"})
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, contact, HoldReason.CLASH, "title")}
    connection = await configured(bench, more={"winner": winner})
    assert bench.crm.app.state()[contact]["Title"] == bench.book.app.state()[card]["title"] == title
    assert await connection.held() == set()
    (entry,) = await connection.journal("clash")
    assert {*entry.after.values(), *entry.other.values()} == {"Left", "Right"}


async def test_blanks_that_a_change_of_the_winner_decides_are_counted_by_the_guard(bench: Bench) -> None:
    none = Guard({"blank": Limit(0, 0.0)})
    await company(bench, winner=Winner.HOLD)
    contact, card = ids(bench)
    bench.crm.app.edit(contact, {"Title": None})
    bench.book.app.edit(card, {"title": "Right"})
    await bench.until_quiet()
    connection = await reloaded(bench, more={"guard": none})
    report = await connection.run(wait=True)
    assert report.waiting == 1
    assert bench.book.app.state()[card]["title"] == "Right"
    await connection.world.store.approve(connection.plan.id)
    await bench.until_quiet()
    assert bench.book.app.state()[card]["title"] is None


async def test_a_wider_direction_brings_both_sides_together(bench: Bench) -> None:
    await company(bench, direction=Direction.LEFT_TO_RIGHT)
    contact, card = ids(bench)
    bench.book.app.edit(card, {"note": "met", "title": "Right"})
    await bench.until_quiet()
    assert bench.crm.app.state()[contact].get("Notes") is None
    connection = await configured(bench)
    assert bench.crm.app.state()[contact]["Notes"] == "met"
    assert bench.book.app.state()[card]["title"] == "Boss"  # the left is the winner
    (entry,) = await connection.journal("clash")
    assert entry.other == {"title": "Right"}


async def test_links_without_a_version_keep_all_their_bases(bench: Bench) -> None:
    """A state from before there were versions: the next examination writes nothing and gives them one."""
    connection = await company(bench, KIND, **KEEP)
    contact, card = ids(bench)
    bench.crm.app.edit(contact, {"Title": None})
    await bench.until_quiet()
    link = await connection.link_of(contact)
    assert link is not None
    await set_versions(connection, "")
    before = bench.written()
    connection = await configured(bench, KIND, more={"create_without_email": True}, **KEEP)
    assert bench.written() == before
    assert await versions(connection) == {connection.plan.version}
    assert bench.book.app.state()[card]["title"] == "Boss"


async def test_a_meaning_that_nobody_remembers_may_have_been_anything(bench: Bench) -> None:
    connection = await company(bench, KIND)
    await set_versions(connection, "lost")
    await configured(bench, MAPPED)
    assert bench.everybody("book", "kind") == [("B2B",)] * 3


async def set_versions(connection: Connection, version: str) -> None:
    links = await connection.world.store.links_after(connection.plan.id, 0, 100)
    changed = [replace(link, version=version) for link in links]
    await connection.world.store.decide(Decision(connection.plan.id, links=changed))


async def test_who_has_no_key_is_created_once_the_operator_allows_it(bench: Bench) -> None:
    connection = await company(bench)
    card = bench.book.app.create({"given": "Kim", "family": "Keyless"})
    await bench.until_quiet()
    assert await connection.held() == {(Side.RIGHT, card, HoldReason.NO_KEY, "")}
    connection = await configured(bench, more={"create_without_email": True})
    assert await connection.held() == set()
    assert ("Kim",) in bench.everybody("crm", "First")


async def test_two_changes_before_anybody_was_examined_are_one(bench: Bench) -> None:
    await company(bench, KIND, CUSTOM, **KEEP)
    contact, _card = ids(bench)
    bench.crm.app.edit(contact, {"Custom": None})
    await bench.until_quiet()
    await reloaded(bench, KIND, **KEEP)
    await configured(bench, KIND, CUSTOM, **KEEP)
    assert bench.crm.app.state()[contact]["Custom"] is None
    assert bench.everybody("book", "custom") == [("0",), ("1",), ("2",)]


async def test_a_configuration_that_changes_in_the_middle_of_the_first_sync_is_the_one_for_all(bench: Bench) -> None:
    crm, book = await bench.account("crm", CRM), await bench.account("book", BOOK)
    for name in ("Ann", "Bob"):
        crm.app.create({"First": name, "Last": "Lee", "Email": f"{name}@x.org", "Kind": "Wholesale"})
    book.app.create({"given": "Ann", "family": "Lee", "emails": (Item("ann@x.org"),)})
    book.app.fail(Call.WRITE, FaultKind.UNAVAILABLE, times=3)
    connection = await bench.connect("crm-book", crm, book, mapped={"pairs": (KIND,)})
    await connection.run()
    await configured(bench, MAPPED)
    assert bench.everybody("book", "kind") == [("B2B",)] * 2


async def test_a_create_of_an_earlier_configuration_that_is_found_later_gets_what_is_mapped_now(bench: Bench) -> None:
    crm, book = await bench.account("crm", CRM), await bench.account("book", BOOK)
    connection = await bench.connect("crm-book", crm, book, mapped={"pairs": (KIND,)})
    await bench.until_quiet()
    book.app.fail(Call.WRITE, FaultKind.UNKNOWN_EXECUTED)
    crm.app.create({"First": "Ann", "Last": "Lee", "Email": "ann@x.org", "Kind": "Wholesale"})
    await connection.run()
    assert bench.everybody("book", "kind") == [("Wholesale",)]
    await configured(bench, MAPPED)
    assert bench.everybody("book", "kind") == [("B2B",)]
    assert len(book.app.state()) == 1


async def test_what_was_read_for_a_connection_that_has_not_come_up_yet_is_read_on(bench: Bench) -> None:
    """After a start feeds work for the first connection that is up; the fields of the others are not lost meanwhile."""
    connection = await company(bench, CUSTOM)
    contact, _card = ids(bench)
    known = connection.plan.left.feed
    state = await bench.store.open_object("crm", bench.crm.app.refs[0])
    early = ObjectFeed(bench.world, bench.crm.connector, state, Reading(), sweep_every=0.0)
    early.want(Reading(frozenset({"First", "Last"}), known.keys, frozenset(CRM.fields)))
    bench.crm.app.edit(contact, {"Custom": "new"})
    await early.refresh()
    (row,) = (await bench.store.rows(state.id, [contact])).values()
    assert row.values["Custom"] == "new"


async def test_a_pair_that_is_out_of_scope_keeps_its_bases_until_it_comes_back(bench: Bench) -> None:
    """The value map came while Ann was out: it is applied when she returns, and nothing is written before."""
    await company(bench, KIND)
    contact, card = ids(bench)
    web = Rule(Side.LEFT, (Test("Company", Operator.IS, ("In",)),))
    bench.crm.app.edit(contact, {"Company": "In"})
    await bench.until_quiet()
    await configured(bench, KIND, more={"rules": (web,)})
    bench.crm.app.edit(contact, {"Company": "Out"})
    await bench.until_quiet()
    connection = await configured(bench, MAPPED, more={"rules": (web,)})
    link = await connection.link_of(contact)
    assert link is not None
    assert link.standing is Standing.OUT
    assert bench.book.app.state()[card]["kind"] == "Wholesale"
    bench.crm.app.edit(contact, {"Company": "In"})
    await bench.until_quiet()
    assert bench.book.app.state()[card]["kind"] == "B2B"


async def test_rules_that_change_are_applied_to_everybody_who_is_linked(bench: Bench) -> None:
    connection = await company(bench, KIND)
    before = connection.plan.version
    rule = Rule(Side.LEFT, (Test("First", Operator.IS, ("Ann",)),))
    connection = await configured(bench, KIND, more={"rules": (rule,)})
    assert connection.plan.version != before
    links = await connection.world.store.links_after(connection.plan.id, 0, 100)
    assert sorted(link.standing for link in links) == [Standing.IN, Standing.OUT, Standing.OUT]
