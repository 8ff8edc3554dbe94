"""[[fields]] at work: value maps, converters, several fields as one, what an emptied field does."""

from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA
from zohosyncd.core.lens.converter import Conversion, Converter
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.record import Item
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Cleared, Direction, Side, Winner
from zohosyncd.ports.store import HoldReason

OPTIONS = ("Wholesale", "Retail", "Press")
CRM = Schema.of(*SLOTS_SCHEMA, Field("Kind", FieldType.CHOICE, choices=OPTIONS))
BOOK = Schema.of(*LISTS_SCHEMA, Field("kind", FieldType.CHOICE, choices=("B2B", "B2C", "Retail")))
MAPPED = FieldPair("Kind", "kind", values={"Wholesale": "B2B"})
JOINED = FieldPair(("Custom", "Title"), "custom", convert=(Converter(Conversion.JOIN, ", "),))


async def linked(bench: Bench, *pairs: FieldPair, winner: Winner = Winner.LEFT, **mapped: Any) -> Connection:
    """Ann, on both sides."""
    crm, book = await bench.account("crm", CRM), await bench.account("book", BOOK)
    crm.app.create({"First": "Ann", "Last": "Lee", "Email": "ann@x.org"})
    connection = await bench.connect("crm-book", crm, book, winner=winner, mapped={"pairs": pairs, **mapped})
    await bench.until_quiet()
    return connection


def edit(bench: Bench, side: Side, **values: Any) -> None:
    app = (bench.crm if side is Side.LEFT else bench.book).app
    (record,) = app.state()
    app.edit(record, values)


def shown(bench: Bench, side: Side, name: str) -> Any:
    (values,) = (bench.crm if side is Side.LEFT else bench.book).app.state().values()
    return values.get(name)


async def refused(connection: Connection) -> list[tuple[Side, str, str, str]]:
    found = await connection.world.store.quarantined(connection.plan.id)
    return [(each.side, each.code, each.field, each.message) for each in found]


class TestValueMaps:
    async def test_words_are_translated_both_ways(self, bench: Bench) -> None:
        connection = await linked(bench, MAPPED)
        edit(bench, Side.LEFT, Kind="Wholesale")
        await bench.until_quiet()
        assert shown(bench, Side.RIGHT, "kind") == "B2B"
        edit(bench, Side.RIGHT, kind="Retail")
        await bench.until_quiet()
        assert shown(bench, Side.LEFT, "Kind") == "Retail"
        assert await refused(connection) == []

    async def test_options_without_a_word_are_named_before_anything_is_written(self, bench: Bench) -> None:
        connection = await linked(bench, MAPPED)
        assert list(connection.plan.mapping.options_without_word()) == [
            'Kind = kind: the value map has nothing for "Press" of the left side',
            'Kind = kind: the value map has nothing for "B2C" of the right side',
        ]

    @pytest.mark.parametrize(
        ("side", "name", "option", "told"),
        [
            (Side.LEFT, "Kind", "Press", 'Kind is "Press": the value map has nothing for this value'),
            (Side.RIGHT, "kind", "B2C", 'kind is "B2C": the value map has nothing for this value'),
            # An option that somebody has added in the app since it was asked for its fields.
            (Side.LEFT, "Kind", "Fair", 'Kind is "Fair": the value map has nothing for this value'),
        ],
    )
    async def test_a_record_with_such_an_option_is_refused_by_name_and_its_other_fields_travel(
        self, bench: Bench, side: Side, name: str, option: str, told: str
    ) -> None:
        connection = await linked(bench, MAPPED)
        edit(bench, Side.LEFT, Kind="Wholesale")
        await bench.until_quiet()
        edit(bench, side, **{name: option})
        edit(bench, Side.LEFT, Company="Acme")
        await bench.until_quiet()
        assert shown(bench, Side.RIGHT, "company") == "Acme"
        other = ("kind", "B2B") if side is Side.LEFT else ("Kind", "Wholesale")
        assert shown(bench, side.other, other[0]) == other[1]
        assert await refused(connection) == [(side, "unmapped_option", "Kind = kind", told)]
        edit(bench, Side.LEFT, Company="Other")
        await bench.until_quiet()
        assert len(await refused(connection)) == 1, "it is told as long as it is so"
        edit(bench, side, **{name: "Retail"})
        await bench.until_quiet()
        assert await refused(connection) == []
        assert shown(bench, side.other, other[0]) == "Retail"

    async def test_a_new_record_with_such_an_option_is_made_without_it_and_told(self, bench: Bench) -> None:
        connection = await linked(bench, MAPPED)
        bench.crm.app.create({"First": "Bob", "Last": "Roe", "Email": "bob@x.org", "Kind": "Press"})
        await bench.until_quiet()
        assert ("Bob", None) in bench.everybody("book", "given", "kind")
        ((side, code, _field, message),) = await refused(connection)
        assert (side, code) == (Side.LEFT, "unmapped_option")
        assert '"Press"' in message

    async def test_an_entry_for_the_option_lets_it_through(self, bench: Bench) -> None:
        connection = await linked(bench, MAPPED)
        edit(bench, Side.LEFT, Kind="Press")
        await bench.until_quiet()
        more = FieldPair("Kind", "kind", values={"Wholesale": "B2B", "Press": "B2C"})
        connection = await bench.connect(
            "crm-book", bench.crm, bench.book, winner=Winner.LEFT, mapped={"pairs": (more,)}
        )
        await bench.until_quiet()
        assert shown(bench, Side.RIGHT, "kind") == "B2C"
        assert await refused(connection) == []

    async def test_what_a_person_typed_is_not_named(self, bench: Bench) -> None:
        connection = await linked(bench, FieldPair("Custom", "kind", values={"a": "B2B"}))
        edit(bench, Side.LEFT, Custom="something private")
        await bench.until_quiet()
        assert await refused(connection) == [
            (Side.LEFT, "not_storable", "Custom = kind", "the value map has nothing for this value")
        ]


class TestConverters:
    async def test_fields_are_joined_and_taken_apart_again(self, bench: Bench) -> None:
        connection = await linked(bench, JOINED)
        edit(bench, Side.LEFT, Custom="7", Title="Boss")
        await bench.until_quiet()
        assert shown(bench, Side.RIGHT, "custom") == "7, Boss"
        edit(bench, Side.RIGHT, custom="7, Chief")
        await bench.until_quiet()
        assert (shown(bench, Side.LEFT, "Custom"), shown(bench, Side.LEFT, "Title")) == ("7", "Chief")
        edit(bench, Side.RIGHT, custom="7, Chief, and more")
        await bench.until_quiet()
        ((side, code, _field, message),) = await refused(connection)
        assert (side, code) == (Side.RIGHT, "not_storable")
        assert "which part" in message
        assert shown(bench, Side.LEFT, "Title") == "Chief"

    async def test_a_prefix_goes_there_and_is_taken_off_on_the_way_back(self, bench: Bench) -> None:
        await linked(bench, FieldPair("Custom", "custom", convert=(Converter(Conversion.PREFIX, "C-"),)))
        edit(bench, Side.LEFT, Custom="7")
        await bench.until_quiet()
        assert shown(bench, Side.RIGHT, "custom") == "C-7"
        edit(bench, Side.RIGHT, custom="C-8")
        await bench.until_quiet()
        assert shown(bench, Side.LEFT, "Custom") == "8"


class TestCleared:
    async def company(self, bench: Bench, cleared: Cleared) -> Connection:
        connection = await linked(bench, FieldPair("Custom", "custom", cleared=cleared))
        edit(bench, Side.LEFT, Custom="7", Title="Boss")
        await bench.until_quiet()
        edit(bench, Side.LEFT, Custom=None, Title=None)
        await bench.until_quiet()
        return connection

    async def test_it_travels(self, bench: Bench) -> None:
        await self.company(bench, Cleared.TRAVEL)
        assert (shown(bench, Side.RIGHT, "custom"), shown(bench, Side.RIGHT, "title")) == (None, None)

    async def test_or_the_value_is_kept_there_until_it_changes(self, bench: Bench) -> None:
        await self.company(bench, Cleared.KEEP)
        assert (shown(bench, Side.RIGHT, "custom"), shown(bench, Side.RIGHT, "title")) == ("7", None)
        edit(bench, Side.LEFT, Company="Acme")
        await bench.until_quiet()
        assert shown(bench, Side.LEFT, "Custom") is None
        edit(bench, Side.RIGHT, custom="8")
        await bench.until_quiet()
        assert shown(bench, Side.LEFT, "Custom") == "8"

    async def test_or_a_person_decides(self, bench: Bench) -> None:
        connection = await self.company(bench, Cleared.HOLD)
        (contact,) = bench.crm.app.state()
        assert await connection.held() == {(Side.LEFT, contact, HoldReason.CLASH, "Custom = custom")}
        assert shown(bench, Side.RIGHT, "custom") == "7"

    async def test_the_connection_says_it_for_all_fields(self, bench: Bench) -> None:
        await linked(bench, cleared=Cleared.KEEP)
        edit(bench, Side.LEFT, Title="Boss")
        await bench.until_quiet()
        edit(bench, Side.LEFT, Title=None)
        await bench.until_quiet()
        assert shown(bench, Side.RIGHT, "title") == "Boss"


class TestWinners:
    """Both sides change one field between two looks; every decision keeps both values."""

    async def both_edit(self, bench: Bench, connection: Connection) -> None:
        edit(bench, Side.LEFT, Title="Left", Custom="L")
        await bench.clock.sleep(5)
        edit(bench, Side.RIGHT, title="Right", custom="R")
        await bench.until_quiet()

    @pytest.mark.parametrize(
        ("winner", "title"),
        [(Winner.LEFT, "Left"), (Winner.RIGHT, "Right"), (Winner.NEWEST, "Right"), (Winner.UNION, "Right")],
    )
    async def test_the_connection_has_one(self, bench: Bench, winner: Winner, title: str) -> None:
        connection = await linked(bench, winner=winner)
        await self.both_edit(bench, connection)
        assert shown(bench, Side.LEFT, "Title") == shown(bench, Side.RIGHT, "title") == title
        (entry,) = await connection.journal("clash")
        assert {*entry.after.values(), *entry.other.values()} == {"Left", "Right"}

    async def test_a_field_has_one_of_its_own(self, bench: Bench) -> None:
        connection = await linked(bench, FieldPair("Custom", "custom", winner=Winner.RIGHT), winner=Winner.LEFT)
        await self.both_edit(bench, connection)
        assert (shown(bench, Side.LEFT, "Title"), shown(bench, Side.LEFT, "Custom")) == ("Left", "R")
        assert {entry.reason for entry in await connection.journal("clash")} == {
            "both sides changed title; left won", "both sides changed Custom = custom; right won"
        }  # fmt: skip

    async def test_hold_keeps_both_values_where_they_are_and_with_the_hold(self, bench: Bench) -> None:
        connection = await linked(bench, winner=Winner.HOLD)
        await self.both_edit(bench, connection)
        assert (shown(bench, Side.LEFT, "Title"), shown(bench, Side.RIGHT, "title")) == ("Left", "Right")
        (hold,) = await connection.world.store.held(connection.plan.id)
        assert {*hold.detail.values()} == {"Left", "Right"}

    async def test_the_first_sync_has_its_own_and_never_empties(self, bench: Bench) -> None:
        crm, book = await bench.account("crm", CRM), await bench.account("book", BOOK)
        crm.app.create({"First": "Ann", "Last": "Lee", "Email": "ann@x.org", "Title": "Left", "Custom": "L"})
        book.app.create(
            {
                "given": "Ann",
                "family": "Lee",
                "emails": (Item("ann@x.org"),),
                "title": "Right",
                "note": "R",
                "custom": "R",
            }
        )
        own = FieldPair("Custom", "custom", winner=Winner.LEFT)
        connection = await bench.connect("crm-book", crm, book, winner=Winner.RIGHT, mapped={"pairs": (own,)})
        await bench.until_quiet()
        assert (shown(bench, Side.LEFT, "Title"), shown(bench, Side.LEFT, "Notes")) == ("Right", "R")
        assert shown(bench, Side.RIGHT, "custom") == "L", "a field's own winner is its winner from the beginning"
        assert {entry.reason.split(";")[1] for entry in await connection.journal("clash")} == {
            " right won", " left won"
        }  # fmt: skip


async def test_a_pair_of_one_direction_is_only_read_on_its_other_side(bench: Bench) -> None:
    await linked(bench, FieldPair("Custom", "custom", Direction.LEFT_TO_RIGHT))
    edit(bench, Side.LEFT, Custom="7")
    await bench.until_quiet()
    edit(bench, Side.RIGHT, custom="mine")
    await bench.until_quiet()
    assert shown(bench, Side.LEFT, "Custom") == "7"
