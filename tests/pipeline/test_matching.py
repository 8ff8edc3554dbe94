"""By what two records are the same person: shared mailboxes, pairs of fields, and keys that come later."""

from typing import Any

from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.record import Item
from zohosyncd.core.side import Side
from zohosyncd.ports.store import HoldReason

SHARED = {"shared": ("info", "office")}
MAILBOX = HoldReason.SHARED_MAILBOX


async def apps(bench: Bench, **mapped: Any) -> Connection:
    return await bench.pair(mapped={**SHARED, **mapped})


def contact(bench: Bench, first: str, last: str, email: str = "info@acme.org", **more: Any) -> str:
    return bench.crm.app.create({"First": first, "Last": last, "Email": email, **more})


def card(bench: Bench, given: str | None, family: str | None, email: str = "info@acme.org", **more: Any) -> str:
    return bench.book.app.create({"given": given, "family": family, "emails": (Item(email),), **more})


async def test_an_equal_name_at_a_shared_mailbox_is_the_same_person(bench: Bench) -> None:
    connection = await apps(bench)
    ids = [contact(bench, *name) for name in (("Ann", "Lee"), ("Bob", "Roe"))]
    card(bench, "Bob", "Roe")
    card(bench, "ann", "Lee")
    await bench.until_quiet()
    assert await connection.held() == set()
    assert [await connection.link_of(each) is not None for each in ids] == [True, True]
    assert bench.everybody("book", "family") == [("Lee",), ("Roe",)]


async def test_colleagues_at_one_mailbox_are_created_and_do_not_hold_each_other(bench: Bench) -> None:
    connection = await apps(bench)
    for name in (("Ann", "Lee"), ("Bob", "Roe"), ("Cem", "Lee")):
        contact(bench, *name)
    card(bench, "Dora", "Hart")
    await bench.until_quiet()
    assert await connection.held() == set()
    assert len(bench.crm.app.state()) == len(bench.book.app.state()) == 4


async def test_who_may_be_the_same_is_held_with_the_reason_until_a_name_tells(bench: Bench) -> None:
    connection = await apps(bench)
    ann, short = contact(bench, "Ann", "Lee"), card(bench, "A.", "Lee")
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, ann, MAILBOX, ""), (Side.RIGHT, short, MAILBOX, "")}
    assert len(bench.crm.app.state()) == len(bench.book.app.state()) == 1
    bench.book.app.edit(short, {"given": "Ann"})
    await bench.until_quiet()
    assert await connection.held() == set()
    assert (await connection.link_of(ann)) is not None
    assert len(bench.book.app.state()) == 1


async def test_nobody_in_particular_is_never_linked_by_a_shared_mailbox_alone(bench: Bench) -> None:
    connection = await apps(bench)
    someone = card(bench, None, None, title="Reception")
    ann = contact(bench, "Ann", "Lee")
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, ann, MAILBOX, ""), (Side.RIGHT, someone, MAILBOX, "")}
    bench.book.app.delete(someone)
    await bench.until_quiet()
    assert await connection.held() == set()
    assert bench.everybody("book", "given") == [("Ann",)]


async def test_an_address_of_their_own_decides_before_the_shared_one(bench: Bench) -> None:
    connection = await apps(bench)
    ann = contact(bench, "Ann", "Lee", Second_Email="ann@acme.org")
    own = bench.book.app.create({"given": "A", "family": "L", "emails": (Item("ann@acme.org"), Item("info@acme.org"))})
    await bench.until_quiet()
    link = await connection.link_of(ann)
    assert link is not None
    assert link.right_id == own
    assert await connection.held() == set()


async def test_two_records_of_one_side_with_the_same_name_at_one_mailbox_are_held(bench: Bench) -> None:
    connection = await apps(bench)
    twins = [contact(bench, "Ann", "Lee") for _ in range(2)]
    await bench.until_quiet()
    assert await connection.held() == {(Side.LEFT, each, HoldReason.AMBIGUOUS, "") for each in twins}
    assert bench.book.app.state() == {}


async def test_without_a_list_every_address_is_somebodys_own(bench: Bench) -> None:
    connection = await bench.pair()
    ann = contact(bench, "Ann", "Lee")
    card(bench, "A.", "Lee")
    await bench.until_quiet()
    assert (await connection.link_of(ann)) is not None


async def test_a_pair_of_fields_is_a_key_like_any_other(bench: Bench) -> None:
    connection = await apps(bench, match=("email", "Custom=custom"))
    ann = contact(bench, "Ann", "Lee", "ann@old.org", Custom="C-7")
    own = card(bench, "Anna", "Lee-Hart", "anna@new.org", custom="c-7")
    other = contact(bench, "Bob", "Roe", "bob@x.org", Custom="C-8")
    await bench.until_quiet()
    link = await connection.link_of(ann)
    assert link is not None
    assert link.right_id == own
    assert (await connection.link_of(other)) is not None
    assert len(bench.book.app.state()) == 2


async def test_a_key_that_is_configured_later_is_known_of_everybody_who_was_read_before(bench: Bench) -> None:
    """Both fields were read already, and nobody has changed since: without their keys somebody would be made twice."""
    connection = await bench.pair(mapped={"match": ("email",)})
    people = [contact(bench, f"Lou {name}", "Late", f"{name}@old.org", Phone=f"030 99999{name}") for name in "123"]
    await bench.until_quiet()
    connection = await bench.connect(
        "crm-book", bench.crm, bench.book, mapped={"match": ("email", "phone+family_name")}
    )
    await connection.run()
    for account in (bench.crm, bench.book):
        keys = await bench.store.keys_of(account.feed.object_id, list(account.app.state()))
        assert len(keys) == len(people)
        assert all({key.kind for key in found} == {*connection.plan.levels} for found in keys.values())
    double = card(bench, "Louis", "Late", "louis@new.org", phones=(Item("+49 30 999991"),))
    await bench.until_quiet()
    assert len(bench.crm.app.state()) == len(people), "the newcomer is known by number and name"
    assert {record for _side, record, _reason, _field in await connection.held()} == {double}
