"""A lost record may live on under another id: its link follows, and nobody is doubled, erased or deleted for it."""

import asyncio

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import SLOTS_SCHEMA
from zohosyncd.core.link import LinkStatus
from zohosyncd.core.side import Side
from zohosyncd.ports.store import HoldReason

ANN = {"First": "Ann", "Last": "Both", "Email": "ann@example.org", "Title": "Boss", "Company": "Old"}
KIM = {"First": "Kim", "Last": "Keyless", "Title": "Boss", "Company": "Old"}
EVE = {"First": "Eve", "Last": "Else", "Email": "eve@example.org"}
"""Stays where she is: an absence is only believed beside somebody who is there."""

deletions = pytest.mark.parametrize("delete", [True, False], ids=["deletions travel", "deletions stay"])


async def linked_ann(bench: Bench, *, delete: bool, **behaviour: float) -> tuple[Connection, str, str]:
    """Ann on both sides, linked: the connection and both ids."""
    connection = await bench.pair(delete=delete, left=behaviour)
    ann = bench.crm.app.create(ANN)
    await bench.clock.sleep(behaviour.get("lag", 0.0))
    await bench.until_quiet()
    link = await connection.link_of(ann)
    assert link is not None
    return connection, ann, link.right_id


async def no_one_was_harmed(bench: Bench, survivor: str, partner: str, connection: Connection) -> None:
    link = await connection.link_of(survivor)
    assert link is not None
    assert (link.right_id, link.status) == (partner, LinkStatus.LIVE)
    assert list(bench.crm.app.state()) == [survivor]
    assert list(bench.book.app.state()) == [partner]
    assert await connection.held() == set()


@deletions
@pytest.mark.parametrize("email", ["ann@example.org", "ann@example.com", None])
async def test_the_link_of_a_merged_record_follows_to_its_survivor(
    bench: Bench, delete: bool, email: str | None
) -> None:
    connection, ann, card = await linked_ann(bench, delete=delete)
    survivor = bench.crm.app.create({"First": "Anna", "Last": "Both", "Email": email, "Second_Email": "a@example.net"})
    bench.crm.app.merge(ann, survivor)
    await bench.until_quiet()
    await no_one_was_harmed(bench, survivor, card, connection)
    assert bench.everybody("book", "title", "company") == [("Boss", "Old")]
    bench.crm.app.edit(survivor, {"Title": "Queen"})
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("Queen",)]


async def test_what_the_survivor_lacks_is_not_erased_on_the_partner(bench: Bench) -> None:
    connection, ann, card = await linked_ann(bench, delete=True)
    survivor = bench.crm.app.create({"Last": "Both"})
    bench.crm.app.merge(ann, survivor)
    bench.crm.app.edit(survivor, {"Title": None, "Email": None, "Company": None})
    await bench.until_quiet()
    await no_one_was_harmed(bench, survivor, card, connection)
    assert bench.everybody("crm", "Title", "Email", "Company") == [("Boss", "ann@example.org", "Old")]
    assert bench.everybody("book", "given", "title", "company") == [("Ann", "Boss", "Old")]


async def test_an_edit_of_the_partner_reaches_the_survivor(bench: Bench) -> None:
    connection, ann, card = await linked_ann(bench, delete=True)
    survivor = bench.crm.app.create({"Last": "Both"})
    bench.crm.app.merge(ann, survivor)
    bench.book.app.edit(card, {"title": "Queen"})
    await bench.until_quiet()
    await no_one_was_harmed(bench, survivor, card, connection)
    assert bench.everybody("crm", "First", "Title") == [("Ann", "Queen")]


async def test_a_chain_of_merges_is_followed_to_its_end(bench: Bench) -> None:
    connection, ann, card = await linked_ann(bench, delete=True)
    first, last = (bench.crm.app.create({"Last": "Both"}) for _ in range(2))
    bench.crm.app.merge(ann, first)
    bench.crm.app.merge(first, last)
    await bench.until_quiet()
    await no_one_was_harmed(bench, last, card, connection)


async def test_a_survivor_that_the_feed_has_not_shown_yet_is_read_by_id(bench: Bench) -> None:
    connection, ann, card = await linked_ann(bench, delete=True, lag=60.0)
    survivor = bench.crm.app.create({"Last": "Both"})
    bench.crm.app.merge(ann, survivor)
    bench.book.app.edit(card, {"title": "Queen"})
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == [("Queen",)]
    await bench.clock.sleep(60.0)
    await bench.until_quiet()
    await no_one_was_harmed(bench, survivor, card, connection)
    assert bench.everybody("crm", "Title") == [("Queen",)]


async def test_a_survivor_with_a_partner_of_its_own_makes_a_person_decide(bench: Bench) -> None:
    connection, ann, card = await linked_ann(bench, delete=True)
    other = bench.crm.app.create({"First": "Anna", "Last": "Both", "Email": "anna@example.org"})
    await bench.until_quiet()
    link = await connection.link_of(other)
    assert link is not None
    before = bench.book.app.state()
    bench.crm.app.merge(ann, other)
    await bench.until_quiet()
    held = {(Side.RIGHT, card, HoldReason.LINKED_ELSEWHERE, "")}
    assert await connection.held() == held
    assert bench.book.app.state()[card] == before[card]
    assert bench.everybody("book", "given", "title") == [("Ann", "Boss"), ("Anna", "Boss")]
    bench.book.app.edit(card, {"title": "Queen"})
    bench.crm.app.edit(other, {"Company": "New"})
    await bench.until_quiet()
    assert await connection.held() == held
    assert bench.book.app.state()[card] == {**before[card], "title": "Queen"}
    assert bench.everybody("crm", "Title", "Company") == [("Boss", "New")]
    assert bench.book.app.state()[link.right_id]["company"] == "New"


async def star(bench: Bench, *, delete: bool) -> tuple[Connection, Connection]:
    """A CRM connected to two books that know nothing of each other."""
    crm = await bench.account("crm", SLOTS_SCHEMA, latency=0.2)
    for name in ("ann", "bob"):
        book = await bench.account(name, latency=0.2)
        await bench.connect(f"crm-{name}", crm, book, delete=delete, create_without_email=True)
    bench.crm.app.create(EVE)
    return bench.connections["crm-ann"], bench.connections["crm-bob"]


def theirs(bench: Bench, name: str) -> str:
    """The id of whoever is not Eve in a book."""
    (record_id,) = (key for key, each in bench.accounts[name].app.state().items() if each["given"] != "Eve")
    return record_id


def jobs(bench: Bench, *names: str) -> list[list[tuple[object, ...]]]:
    """Title and company of everybody but Eve."""
    fields = {"crm": ("Title", "Company")}
    return [bench.everybody(name, *fields.get(name, ("title", "company")))[:-1] for name in names]


@deletions
@pytest.mark.parametrize("first", ["crm-ann", "crm-bob", "both"])
async def test_a_record_made_anew_by_one_connection_is_followed_by_the_other(
    bench: Bench, delete: bool, first: str
) -> None:
    await star(bench, delete=delete)
    lost = bench.crm.app.create(KIM)
    await bench.until_quiet()
    bench.crm.app.delete(lost)
    bench.accounts["ann"].app.edit(theirs(bench, "ann"), {"title": "Queen"})
    runs = bench.connections.values() if first == "both" else [bench.connections[first]]
    await asyncio.gather(*(each.run() for each in runs))
    await bench.until_quiet()
    assert jobs(bench, "crm", "ann", "bob") == [[("Queen", "Old")]] * 3


@pytest.mark.parametrize("person", [ANN, KIM], ids=["with a key", "without a key"])
@pytest.mark.parametrize("first", ["crm-ann", "crm-bob", "both"])
async def test_a_record_that_both_would_make_anew_is_made_once_and_has_the_edits_of_both(
    bench: Bench, person: dict[str, str], first: str
) -> None:
    await star(bench, delete=False)
    lost = bench.crm.app.create(person)
    await bench.until_quiet()
    bench.crm.app.delete(lost)
    bench.accounts["ann"].app.edit(theirs(bench, "ann"), {"title": "Queen"})
    bench.accounts["bob"].app.edit(theirs(bench, "bob"), {"company": "New"})
    runs = bench.connections.values() if first == "both" else [bench.connections[first]]
    await asyncio.gather(*(each.run() for each in runs))
    await bench.until_quiet()
    assert jobs(bench, "crm", "ann", "bob") == [[("Queen", "New")]] * 3


@pytest.mark.parametrize("held_first", [True, False])
async def test_a_partner_whose_survivor_is_taken_gets_the_record_that_the_ring_knows_it_by(
    bench: Bench, held_first: bool
) -> None:
    crm, ann, bob = await bench.account("crm", SLOTS_SCHEMA), await bench.account("ann"), await bench.account("bob")
    crm_bob = await bench.connect("crm-bob", crm, bob, create_without_email=True)
    kim, lee = (crm.app.create({**KIM, "First": name}) for name in ("Kim", "Lee"))
    crm.app.create(EVE)
    await bench.until_quiet()
    link = await crm_bob.link_of(kim)
    assert link is not None
    card = link.right_id
    ann_bob = await bench.connect("ann-bob", ann, bob, create_without_email=True)
    await bench.until_quiet()
    crm.app.merge(kim, lee)
    if held_first:
        await bench.until_quiet()
        assert await crm_bob.held() == {(Side.RIGHT, card, HoldReason.LINKED_ELSEWHERE, "")}
    bench.connections = {"ann-bob": ann_bob}
    await bench.connect("crm-ann", crm, ann, create_without_email=True)
    await bench.until_quiet()
    bench.connections["crm-bob"] = crm_bob
    await bench.until_quiet()
    (again,) = (record for record, each in crm.app.state().items() if each["First"] == "Kim")
    link = await crm_bob.link_of(again)
    assert link is not None
    assert link.right_id == card
    assert await crm_bob.held() == set()
    assert [len(bench.everybody(name)) for name in ("crm", "ann", "bob")] == [3, 3, 3]
