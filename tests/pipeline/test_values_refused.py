"""One value that the app does not take: the rest of the record arrives, and what is missing is told and not forgotten."""

from dataclasses import replace
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.record import Item
from zohosyncd.ports.store import Quarantined

COARSE: dict[str, Any] = {"returns_record": False, "exact_versions": False, "feed": "since", "overlap": 2.0}


async def pair(bench: Bench, *refused: str, **behaviour: Any) -> Connection:
    connection = await bench.pair()
    bench.crm.app.behaviour = replace(bench.crm.app.behaviour, refuses=frozenset(refused), **behaviour)
    return connection


async def told(connection: Connection) -> list[Quarantined]:
    return await connection.world.store.quarantined(connection.plan.id)


def card(bench: Bench, **values: Any) -> str:
    return bench.book.app.create({"given": "Ann", "family": "Lee", "emails": (Item("ann@x.org"),), **values})


@pytest.mark.parametrize("behaviour", [{}, COARSE], ids=["shown", "not shown"])
async def test_somebody_is_created_without_the_value_and_updated_without_it(
    bench: Bench, behaviour: dict[str, Any]
) -> None:
    connection = await pair(bench, "Title", **behaviour)
    ann = card(bench, title="Judge")
    await bench.until_quiet()
    assert bench.everybody("crm", "First", "Title") == [("Ann", None)]
    (missing,) = await told(connection)
    assert (missing.record_id, missing.code, missing.field) == (ann, "INVALID_DATA", "Title")
    bench.book.app.edit(ann, {"title": "Chief", "company": "Court"})
    await bench.until_quiet()
    assert bench.everybody("crm", "Company", "Title") == [("Court", None)]
    assert [each.field for each in await told(connection)] == ["Title"]
    assert bench.everybody("book", "title") == [("Chief",)], "nothing travels back"


@pytest.mark.parametrize("update", [False, True], ids=["created", "updated"])
async def test_it_arrives_with_the_next_edit_once_the_app_takes_it(bench: Bench, update: bool) -> None:
    connection = await pair(bench, "Title")
    ann = card(bench, **{} if update else {"title": "Judge"})
    await bench.until_quiet()
    if update:
        bench.book.app.edit(ann, {"title": "Judge", "family": "Lang"})
        await bench.until_quiet()
    bench.crm.app.behaviour = replace(bench.crm.app.behaviour, refuses=frozenset())
    bench.book.app.edit(ann, {"company": "Court"})
    await bench.until_quiet()
    assert bench.everybody("crm", "Company", "Title") == [("Court", "Judge")]
    assert await told(connection) == []


async def test_one_of_several_values_is_refused_and_the_others_arrive(bench: Bench) -> None:
    connection = await pair(bench, "Second_Email")
    ann = card(bench)
    await bench.until_quiet()
    bench.book.app.edit(ann, {"emails": (Item("new@x.org"), Item("second@x.org"))})
    await bench.until_quiet()
    assert bench.everybody("crm", "Email", "Second_Email") == [("new@x.org", None)]
    assert [each.field for each in await told(connection)] == ["Second_Email"]
    ((emails,),) = bench.everybody("book", "emails")
    assert [each.value for each in emails] == ["new@x.org", "second@x.org"], "it is no deletion"


async def test_an_edit_of_the_other_side_is_not_lost_to_the_value_that_waits(bench: Bench) -> None:
    await pair(bench, "Title")
    ann = card(bench)
    await bench.until_quiet()
    bench.book.app.edit(ann, {"title": "Judge", "company": "Court"})
    await bench.until_quiet()
    (contact,) = bench.crm.app.state()
    bench.crm.app.behaviour = replace(bench.crm.app.behaviour, refuses=frozenset())
    bench.crm.app.edit(contact, {"Title": "Typed by a person"})
    await bench.until_quiet()
    ((here,),), ((there,),) = bench.everybody("crm", "Title"), bench.everybody("book", "title")
    assert here == there == "Typed by a person"
