"""Every record of both sides is in exactly one state, and the states that are counted are those that are listed."""

from collections import Counter

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.test_deciding import twins
from tests.pipeline.test_holds import clash
from zohosyncd.core.record import Item
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.contacts import Contact, contacts
from zohosyncd.pipeline.run import Runner
from zohosyncd.ports.store import Choice, ContactState, Stage


def floor(runner: Runner, side: Side) -> int | None:
    return runner.floor(side) if runner.stage is Stage.LIVE else None


async def listed(connection: Connection, limit: int = 3) -> dict[tuple[Side, str], Contact]:
    """All records of both sides, read in small pages, after it was seen that they are counted alike."""
    found: dict[tuple[Side, str], Contact] = {}
    for side in SIDES:
        after = ""
        while True:
            page, after = await contacts(
                connection.world, connection.plan, side, floor(connection.runner, side), after, limit
            )
            for each in page:
                assert (side, each.record_id) not in found
                found[side, each.record_id] = each
            if not after:
                break
    live = connection.runner.stage is Stage.LIVE
    floors = {side: connection.runner.floor(side) for side in SIDES} if live else None
    counted = await connection.world.store.contact_counts(connection.plan.id, floors)
    for side in SIDES:
        states = Counter(each.state for (at, _id), each in found.items() if at is side)
        assert states == Counter({state: count for state, count in counted[side].items() if count})
    return found


def told(contact: Contact) -> tuple[ContactState, str]:
    return contact.state, contact.reason


def person(name: str, email: str = "") -> dict[str, object]:
    return {"given": name, "family": "Both", "emails": (Item(email),) if email else ()}


async def test_before_the_first_sync_everybody_is_pending(bench: Bench) -> None:
    connection = await bench.pair(approved=False)
    bench.book.app.create(person("Ann", "ann@example.org"))
    bench.crm.app.create({"First": "Bob", "Last": "Both", "Email": "bob@example.org"})
    await connection.run()
    found = await listed(connection)
    assert {told(each) for each in found.values()} == {(ContactState.PENDING, "new")}
    assert len(found) == 2


async def test_partners_are_in_sync_and_know_each_other(bench: Bench) -> None:
    connection = await bench.pair()
    for name in "ABCDEFG":
        bench.book.app.create(person(name, f"{name}@example.org"))
    await bench.until_quiet()
    found = await listed(connection)
    assert {told(each) for each in found.values()} == {(ContactState.IN_SYNC, "")}
    assert len(found) == 14
    assert all(found[each.side.other, each.partner].partner == each.record_id for each in found.values())


async def test_a_clash_is_held_on_both_sides(bench: Bench) -> None:
    connection, contact, card = await clash(bench)
    found = await listed(connection)
    assert told(found[Side.LEFT, contact]) == told(found[Side.RIGHT, card]) == (ContactState.HELD, "clash")


async def test_twins_are_duplicates_until_a_person_decides(bench: Bench) -> None:
    connection, first, second = await twins(bench)
    found = await listed(connection)
    assert {told(each) for each in found.values()} == {(ContactState.DUPLICATE, "shares_key")}
    await connection.decide(Choice.LEAVE, Side.RIGHT, first)
    await connection.decide(Choice.CREATE, Side.RIGHT, second)
    await bench.until_quiet()
    found = await listed(connection)
    assert told(found[Side.RIGHT, first]) == (ContactState.EXCLUDED, "left_alone")
    assert told(found[Side.RIGHT, second]) == (ContactState.IN_SYNC, "")


async def test_one_with_two_candidates_is_ambiguous_and_the_candidates_are_duplicates(bench: Bench) -> None:
    connection = await bench.pair()
    await bench.until_quiet()
    one = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    many = [bench.book.app.create(person(name, "ann@example.org")) for name in ("Ann", "Anna")]
    await bench.until_quiet()
    found = await listed(connection)
    assert told(found[Side.LEFT, one]) == (ContactState.AMBIGUOUS, "ambiguous")
    assert {told(found[Side.RIGHT, each]) for each in many} == {(ContactState.DUPLICATE, "shares_key")}


async def test_all_other_states(bench: Bench) -> None:
    connection = await bench.pair()
    gone, parted, lonely = (
        bench.crm.app.create({"First": name, "Last": "Both", "Email": f"{name}@example.org"}) for name in "gpl"
    )
    await bench.until_quiet()
    nameless = bench.book.app.create(person("Kim"))
    cards = {each["emails"][0].value[0]: key for key, each in bench.book.app.state().items() if each["emails"]}  # type: ignore[index,union-attr]
    bench.crm.app.delete(gone)
    bench.book.app.delete(cards["l"])
    await connection.hand.part(parted, cards["p"], strangers=False)
    await bench.until_quiet()
    found = await listed(connection)
    assert told(found[Side.LEFT, gone]) == (ContactState.DELETED, "gone")
    assert told(found[Side.RIGHT, cards["g"]]) == (ContactState.DELETED, "partner_gone")
    assert told(found[Side.LEFT, lonely]) == (ContactState.DELETED, "partner_gone")
    assert told(found[Side.RIGHT, nameless]) == (ContactState.EXCLUDED, "no_key")
    for each in ((Side.LEFT, parted), (Side.RIGHT, cards["p"])):
        assert told(found[each]) == (ContactState.EXCLUDED, "parted")
    late = bench.book.app.create(person("Zoe", "zoe@example.org"))
    await bench.book.feed.refresh()
    assert told((await listed(connection))[Side.RIGHT, late]) == (ContactState.PENDING, "new")
