"""A person links, parts and splits records: remembered for ever, and never half applied."""

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.errors import Busy, UsageError
from zohosyncd.core.record import Item
from zohosyncd.core.side import Side
from zohosyncd.ports.store import HoldReason


def contact(bench: Bench, given: str, email: str = "", **more: str) -> str:
    return bench.crm.app.create({"First": given, "Last": "Both", "Email": email or None, **more})


def card(bench: Bench, given: str, email: str = "", **more: str) -> str:
    return bench.book.app.create({"given": given, "family": "Both", "emails": (Item(email),) if email else (), **more})


async def linked(bench: Bench) -> tuple[Connection, str, str]:
    """Ann in the CRM and Ann in the book share an address and are linked."""
    connection = await bench.pair()
    left = contact(bench, "Ann", "ann@example.org")
    await bench.until_quiet()
    (right,) = bench.book.app.state()
    return connection, left, right


def people(bench: Bench) -> tuple[list[object], list[object]]:
    """First names in the CRM and in the book."""
    crm, book = bench.everybody("crm", "First"), bench.everybody("book", "given")
    return [first for (first,) in crm], [given for (given,) in book]


# --- link -----------------------------------------------------------------------------------------------------


async def two_without_keys(bench: Bench) -> tuple[Connection, str, str]:
    connection = await bench.pair()
    left, right = contact(bench, "Kim", Title="Queen"), card(bench, "Kim", note="met")
    await bench.until_quiet()
    assert {reason for _side, _id, reason, _field in await connection.held()} == {HoldReason.NO_KEY}
    return connection, left, right


async def test_two_that_share_nothing_are_linked_and_merged(bench: Bench) -> None:
    connection, left, right = await two_without_keys(bench)
    await connection.hand.link(left, right)
    assert await connection.held() == set()
    await bench.until_quiet()
    assert bench.everybody("crm", "Title", "Notes") == bench.everybody("book", "title", "note") == [("Queen", "met")]
    found = await connection.link_of(left)
    assert found is not None
    assert (found.right_id, found.by_hand) == (right, True)


async def test_a_link_by_hand_outlives_a_restart_before_it_was_looked_at(bench: Bench) -> None:
    connection, left, right = await two_without_keys(bench)
    await connection.hand.link(left, right)
    await connection.restart()
    await bench.until_quiet()
    assert bench.everybody("crm", "Title", "Notes") == [("Queen", "met")]


async def test_a_link_by_hand_outlives_its_keys(bench: Bench) -> None:
    connection, left, right = await two_without_keys(bench)
    await connection.hand.link(left, right)
    await bench.until_quiet()
    bench.crm.app.edit(left, {"Email": "kim@example.org"})
    await bench.until_quiet()
    bench.book.app.edit(right, {"emails": (Item("kim@example.com"),)})
    await bench.until_quiet()
    assert people(bench) == (["Kim"], ["Kim"])
    assert bench.everybody("crm", "Email") == [("kim@example.com",)]


async def test_who_belongs_to_another_is_linked_only_if_that_is_given_up(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    other = card(bench, "Anna")
    await bench.until_quiet()
    with pytest.raises(UsageError, match=f"the left record is linked to {right}") as refused:
        await connection.hand.link(left, other)
    assert "--replace" in refused.value.hint
    done = await connection.hand.link(left, other, replace_others=True)
    assert done.freed == ((Side.RIGHT, right),)
    await bench.until_quiet()
    found = await connection.link_of(left)
    assert found is not None
    assert found.right_id == other
    # Who was let go of shares an address with somebody who has a partner: a person decides, nobody is made.
    assert (Side.RIGHT, right, HoldReason.AMBIGUOUS, "") in await connection.held()
    assert len(bench.crm.app.state()) == 1


async def test_who_does_not_exist_cannot_be_linked(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    for pair in ((left, "nobody"), ("nobody", right)):
        with pytest.raises(UsageError, match="there is no record nobody"):
            await connection.hand.link(*pair)
    bench.book.app.delete(right)
    await bench.until_quiet()
    with pytest.raises(UsageError, match=f"there is no record {right}"):
        await connection.hand.link(left, right)


async def test_one_that_no_feed_has_shown_yet_is_read_and_linked(bench: Bench) -> None:
    connection, left, _right = await two_without_keys(bench)
    late = card(bench, "Kimmy")
    await connection.hand.link(left, late)
    await bench.until_quiet()
    found = await connection.link_of(left)
    assert found is not None
    assert found.right_id == late


async def test_linking_what_is_linked_makes_it_a_persons_word(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    before = await connection.link_of(left)
    assert (await connection.hand.link(left, right)).before
    after = await connection.link_of(left)
    assert before is not None
    assert after is not None
    assert (before.by_hand, after.by_hand, after.id) == (False, True, before.id)
    written = bench.written()
    await bench.until_quiet()
    assert bench.written() == written


async def test_a_busy_person_is_told_and_nothing_is_done(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    person = (connection.plan.left.object_id, left)
    assert bench.world.claims.take([person])
    with pytest.raises(Busy, match="just being worked on"):
        await connection.hand.part(left, right, strangers=False)
    assert await connection.link_of(left) is not None
    bench.world.claims.release([person])
    await connection.hand.part(left, right, strangers=False)
    assert len(bench.world.claims) == 0


# --- unlink ---------------------------------------------------------------------------------------------------


async def test_who_is_unlinked_is_not_kept_the_same_not_linked_again_and_nobody_is_made(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    await connection.hand.part(left, right, strangers=False)
    bench.crm.app.edit(left, {"Title": "Queen"})
    await bench.until_quiet()
    await connection.restart()
    bench.book.app.edit(right, {"note": "met"})
    await bench.until_quiet()
    assert await connection.link_of(left) is None
    assert await connection.held() == set()
    assert bench.everybody("crm", "Title", "Notes") == [("Queen", None)]
    assert bench.everybody("book", "title", "note") == [(None, "met")]


async def test_what_is_not_linked_cannot_be_unlinked(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    other = card(bench, "Anna")
    await bench.until_quiet()
    with pytest.raises(UsageError, match=f"not linked; left {left} is linked to right {right}"):
        await connection.hand.part(left, other, strangers=False)


async def test_a_link_ends_a_parting(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    await connection.hand.part(left, right, strangers=False)
    bench.crm.app.edit(left, {"Title": "Queen"})
    await bench.until_quiet()
    await connection.hand.link(left, right)
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("Queen",)]
    assert await bench.store.apart(connection.plan.id, Side.LEFT, [left]) == {}


async def test_one_of_two_parted_may_find_another_partner(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    await connection.hand.part(left, right, strangers=False)
    bench.book.app.edit(right, {"emails": (Item("other@example.org"),)})
    late = card(bench, "Ann", "ann@example.org")
    await bench.until_quiet()
    found = await connection.link_of(left)
    assert found is not None
    assert found.right_id == late


# --- split ----------------------------------------------------------------------------------------------------


async def test_two_people_with_one_address_each_get_a_partner_of_their_own(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    bench.book.app.edit(right, {"given": "Andrea"})
    await bench.until_quiet()
    await connection.hand.part(left, right, strangers=True)
    bench.crm.app.edit(left, {"First": "Ann"})
    await bench.until_quiet()
    assert people(bench) == (["Andrea", "Ann"], ["Andrea", "Ann"])
    assert await connection.held() == set()
    first, second = await connection.link_of(left), await bench.store.links(connection.plan.id, Side.RIGHT, [right])
    assert first is not None
    assert first.right_id != right
    assert second[right].left_id != left
    bench.crm.app.edit(left, {"Title": "Queen"})
    await bench.until_quiet()
    assert sorted(bench.everybody("book", "given", "title"), key=repr) == [("Andrea", None), ("Ann", "Queen")]


async def test_a_split_outlives_a_restart_before_anybody_was_made(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    await connection.hand.part(left, right, strangers=True)
    await connection.restart()
    await bench.until_quiet()
    assert (len(bench.crm.app.state()), len(bench.book.app.state())) == (2, 2)
    await connection.restart()
    await bench.until_quiet()
    assert (len(bench.crm.app.state()), len(bench.book.app.state())) == (2, 2)


async def test_two_that_were_never_linked_are_told_apart(bench: Bench) -> None:
    connection = await bench.pair()
    await bench.until_quiet()
    left = contact(bench, "Ann", "ann@example.org")
    right = card(bench, "Andrea", "ann@example.org")
    await bench.crm.feed.refresh()
    await bench.book.feed.refresh()
    assert not (await connection.hand.part(left, right, strangers=True)).before
    await bench.until_quiet()
    assert people(bench) == (["Andrea", "Ann"], ["Andrea", "Ann"])


async def test_a_third_of_that_address_is_for_a_person_to_decide(bench: Bench) -> None:
    connection, left, right = await linked(bench)
    await connection.hand.part(left, right, strangers=True)
    await bench.until_quiet()
    third = card(bench, "Anja", "ann@example.org")
    await bench.until_quiet()
    assert await connection.held() == {(Side.RIGHT, third, HoldReason.AMBIGUOUS, "")}
