"""What does not fit is cut where it does not fit, kept whole in history, and never comes back as an edit."""

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.record import Item

LONG = "Karl-Theodor Maria Nikolaus Johann Jacob Philipp Franz Joseph"
CUT = LONG[:40]


async def with_a_long_name(bench: Bench, *, update: bool) -> tuple[Connection, str, str]:
    """Somebody whose given name is longer than the CRM's field: made there, or renamed after the first sync."""
    connection = await bench.pair()
    card = bench.book.app.create(
        {"given": "Karl" if update else LONG, "family": "Long", "emails": (Item("k@example.org"),)}
    )
    await bench.until_quiet()
    if update:
        bench.book.app.edit(card, {"given": LONG})
        await bench.until_quiet()
    (contact,) = bench.crm.app.state()
    return connection, contact, card


@pytest.mark.parametrize("update", [False, True], ids=["created", "updated"])
async def test_a_text_that_is_too_long_is_cut_and_kept_whole_in_history(bench: Bench, update: bool) -> None:
    connection, contact, card = await with_a_long_name(bench, update=update)
    assert bench.everybody("crm", "First") == [(CUT,)]
    assert bench.everybody("book", "given") == [(LONG,)]
    (entry,) = await connection.journal("truncated")
    assert (entry.left_id, entry.right_id, entry.fields) == (contact, card, ("First",))
    assert entry.after == {"First": CUT}
    assert entry.other == {"given": LONG}


@pytest.mark.parametrize("update", [False, True], ids=["created", "updated"])
async def test_nothing_of_the_cut_travels_back(bench: Bench, update: bool) -> None:
    _connection, contact, card = await with_a_long_name(bench, update=update)
    bench.crm.app.edit(contact, {"Title": "Count"})
    bench.book.app.edit(card, {"company": "Castle"})
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title", "company") == [(LONG, "Count", "Castle")]
    assert bench.everybody("crm", "First", "Title", "Company") == [(CUT, "Count", "Castle")]
    assert all("given" not in write.values for write in bench.book.app.writes)


async def test_an_edit_of_the_cut_text_does_travel(bench: Bench) -> None:
    _connection, contact, _card = await with_a_long_name(bench, update=False)
    bench.crm.app.edit(contact, {"First": "Karl-Theodor"})
    await bench.until_quiet()
    assert bench.everybody("book", "given") == [("Karl-Theodor",)]


async def test_an_address_without_a_place_is_kept_in_history_and_on_its_own_side(bench: Bench) -> None:
    connection = await bench.pair()
    addresses = tuple(Item(f"{name}@example.org") for name in ("a", "b", "c"))
    bench.book.app.create({"given": "Ann", "family": "Many", "emails": addresses})
    await bench.until_quiet()
    assert bench.everybody("crm", "Email", "Second_Email") == [("a@example.org", "b@example.org")]
    (entry,) = await connection.journal("truncated")
    assert entry.other == {"emails": addresses}
    (contact,) = bench.crm.app.state()
    bench.crm.app.edit(contact, {"Second_Email": None})
    await bench.until_quiet()
    ((left,),) = bench.everybody("book", "emails")
    assert {item.value for item in left} == {"a@example.org", "c@example.org"}
