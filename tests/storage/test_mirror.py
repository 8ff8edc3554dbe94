"""Observations, seqs, match keys, scans: the mirror of any store."""

from typing import Any

import pytest

from tests.storage.world import NOW, World, email, shown
from zohosyncd.core.errors import StateError
from zohosyncd.core.record import Item, Postal, Record
from zohosyncd.core.side import Side
from zohosyncd.ports.store import IntentState, KeyDigest, Observation, SeenGone, SeenListed, SeenRecord


async def test_a_record_that_was_read_stands_in_the_mirror_as_it_was_shown(world: World) -> None:
    values = {
        "Name": "Zoë \N{GRINNING FACE} 李",
        "Emails": (Item("a@example.org", "work"), Item("b@example.org")),
        "Home": Postal("Weg 1", "Bonn", "", "53111", "DE"),
        "Count": 3,
        "Rate": 1.5,
        "Out": True,
        "None": None,
    }
    seen = await world.see(SeenRecord(Record("1", values, "v1", 12.5)), taken=7, now=NOW)
    row = (await world.store.rows(world.left, ["1", "unknown"]))["1"]
    assert (seen.changed, seen.stored, seen.reread, seen.unread) == (1, 1, (), ())
    assert row.values == values
    assert (row.seq, row.version, row.modified, row.taken, row.gone) == (1, "v1", 12.5, 7, False)
    assert await world.store.rows(world.left, ["unknown"]) == {}
    assert await world.store.rows(world.right, ["1"]) == {}


async def test_seq_grows_with_the_values_and_not_with_the_version(world: World) -> None:
    await world.see(shown("1"), shown("2"))
    assert (await world.see(shown("1", version="v2"))).changed == 0
    assert (await world.see(shown("1", "Bob", "v2"))).changed == 1
    rows = await world.store.changes(world.left, 0, 10)
    assert [(row.record_id, row.seq) for row in rows] == [("2", 2), ("1", 3)]
    assert [row.record_id for row in await world.store.changes(world.left, 2, 10)] == ["1"]
    assert await world.store.last_seq(world.left) == 3
    assert await world.store.last_seq(world.right) == 0


async def test_a_record_that_comes_twice_in_one_page_stands_there_once(world: World) -> None:
    assert (await world.see(shown("1"), shown("1", "Bob"))).changed == 2
    (row,) = await world.store.changes(world.left, 0, 10)
    assert row.values == {"Name": "Bob"}


async def test_a_record_goes_and_comes_back(world: World) -> None:
    await world.see(shown("1", "Ann", "v1", email("a")))
    await world.see(SeenGone("1", "2"))
    row = (await world.store.rows(world.left, ["1"]))["1"]
    assert (row.gone, row.moved_to, row.seq, row.values) == (True, "2", 2, {"Name": "Ann"})
    digests = world.store.digests([email("a")])
    assert await world.store.holders(world.left, digests) == {}
    assert (await world.see(SeenGone("1", "2"), SeenGone("never seen"))).changed == 0
    await world.see(shown("1", "Ann", "v1", email("a")))
    row = (await world.store.rows(world.left, ["1"]))["1"]
    assert (row.gone, row.moved_to, row.seq) == (False, "", 3)
    assert await world.store.holders(world.left, digests) == {digests[0]: ("1",)}


async def test_an_observation_older_than_our_own_write_is_read_again(world: World) -> None:
    await world.see(shown("1"))
    before = world.store.ordinal()
    intent = world.update("1", target_seq=1)
    assert await world.send(intent) == {intent.id}
    answered = world.store.ordinal()
    await world.settle(intent, object_id=world.left, record=Record("1", {"Name": "Ours"}, "v2"), answered=answered)
    seen = await world.see(shown("1", "Theirs, older"), shown("2"), taken=before)
    assert (seen.reread, seen.stored) == (("1",), 1)
    assert (await world.store.rows(world.left, ["1"]))["1"].values == {"Name": "Ours"}
    assert await world.store.rereads(world.left, 10) == ["1"]
    assert (await world.see(shown("1", "Theirs, younger", "v3"))).reread == ()
    assert (await world.store.rows(world.left, ["1"]))["1"].values == {"Name": "Theirs, younger"}
    assert await world.store.rereads(world.left, 10) == []


async def test_what_an_older_observation_repeats_need_not_be_read_again(world: World) -> None:
    early, late = world.store.ordinal(), world.store.ordinal()
    await world.see(shown("1", "Now"), taken=late)
    assert (await world.see(shown("1", "Now"), taken=early)).reread == ()
    assert (await world.see(shown("1", "Past"), taken=early)).reread == ("1",)
    assert (await world.see(SeenGone("1"), taken=early)).reread == ("1",)
    assert (await world.store.rows(world.left, ["1"]))["1"].values == {"Name": "Now"}


@pytest.mark.parametrize("unknown", [False, True])
async def test_while_a_write_is_under_way_its_target_waits(world: World, unknown: bool) -> None:
    await world.see(shown("1"), shown("2"))
    intent = world.update("1", target_seq=1)
    await world.send(intent)
    if unknown:
        await world.settle(intent, state=IntentState.UNKNOWN)
    seen = await world.see(shown("1", "Edit"), shown("2", "Edit"))
    assert (seen.reread, seen.changed) == (("1",), 1)
    listed = await world.see(SeenListed("1", "v9"), SeenListed("2", "v9"))
    assert (listed.reread, listed.unread) == (("1",), ("2",))
    assert await world.store.rereads(world.left, 10) == []
    await world.settle(intent)
    assert await world.store.rereads(world.left, 10) == ["1"]


async def test_a_planned_write_holds_nothing_up(world: World) -> None:
    await world.see(shown("1"))
    await world.plan(world.update("1", target_seq=1))
    assert (await world.see(shown("1", "Edit"))).changed == 1


async def test_only_listed_records_of_another_version_are_unread(world: World) -> None:
    await world.see(shown("1"), shown("2", version=None), shown("3"))
    await world.see(SeenGone("3"))
    listed = (SeenListed("1", "v1"), SeenListed("2", None), SeenListed("3", "v1"), SeenListed("4", "v1"))
    assert (await world.see(*listed)).unread == ("2", "3", "4")
    assert (await world.see(SeenListed("1", "v2"))).unread == ("1",)


async def test_the_first_read_of_what_we_wrote_is_news(world: World) -> None:
    await world.see(shown("1"))
    intent = world.update("1", target_seq=1)
    await world.send(intent)
    ours = Record("1", {"Name": "Ours"}, "v2", 1.0)
    await world.settle(intent, object_id=world.left, record=ours, answered=world.store.ordinal(), shown=False)
    assert (await world.store.rows(world.left, ["1"]))["1"].written
    assert (await world.see(shown("1", "Ours", "v3"))).changed == 1
    assert not (await world.store.rows(world.left, ["1"]))["1"].written
    assert (await world.see(shown("1", "Ours", "v3"))).changed == 0


async def test_match_keys_follow_the_record(world: World) -> None:
    await world.see(shown("1", "Ann", "v1", email("a"), email("b")), shown("2", "Ann", "v1", email("b"), email("b")))
    a, b, c = world.store.digests([email("a"), email("b"), email("c")])
    assert await world.store.holders(world.left, [a, b, c]) == {a: ("1",), b: ("1", "2")}
    assert await world.store.holders(world.left, [KeyDigest("phone", a.digest)]) == {}
    assert await world.store.keys_of(world.left, ["1", "2", "3"]) == {"1": tuple(sorted((a, b))), "2": (b,)}
    assert (await world.see(shown("1", "Ann", "v1", email("c")))).changed == 0
    assert await world.store.holders(world.left, [a, b, c]) == {b: ("2",), c: ("1",)}
    assert world.store.digests([email("a")]) == (a,)


async def test_a_key_names_at_most_twenty_holders(world: World) -> None:
    await world.see(*(shown(f"{number:03}", "Ann", "v1", email("a")) for number in range(900)))
    (a,) = world.store.digests([email("a")])
    assert await world.store.holders(world.left, [a]) == {a: tuple(f"{number:03}" for number in range(20))}


async def test_more_ids_than_one_statement_takes(world: World) -> None:
    await world.see(*(shown(str(number)) for number in range(1100)))
    ids = [str(number) for number in range(2000)]
    assert len(await world.store.rows(world.left, ids)) == 1100


async def test_a_complete_read_moves_its_own_place_and_finds_the_absent(world: World) -> None:
    await world.see(shown("1"), shown("2"), shown("3"), cursor="feed")
    state = await world.store.begin_scan(world.left, forget_cursor=False)
    assert (state.scan, state.scan_cursor, state.cursor, state.complete) == (1, None, "feed", False)
    await world.see(SeenListed("1", "v1"), scan=1, cursor="page 2")
    half = await world.store.open_object("crm", "Contacts")
    assert (half.scan_cursor, half.cursor, half.complete) == ("page 2", "feed", False)
    await world.see(shown("3", "Bob"), scan=1, ends_scan=True, fields=frozenset({"Name", "Mail"}), now=NOW + 5)
    done = await world.store.open_object("crm", "Contacts")
    assert (done.scan_cursor, done.cursor, done.complete) == (None, "feed", True)
    assert (done.fields, done.swept_at) == (frozenset({"Name", "Mail"}), NOW + 5)
    assert await world.store.absent(world.left, 1, "", 10) == ["2"]
    assert await world.store.absent(world.left, 1, "2", 10) == []
    await world.see(SeenGone("2"))
    assert await world.store.absent(world.left, 1, "", 10) == []


async def test_a_page_of_an_earlier_scan_does_not_move_the_present_one(world: World) -> None:
    await world.store.begin_scan(world.left, forget_cursor=True)
    await world.store.begin_scan(world.left, forget_cursor=True)
    await world.see(shown("1"), scan=1, ends_scan=True, cursor="old")
    state = await world.store.open_object("crm", "Contacts")
    assert (state.scan, state.scan_cursor, state.cursor, state.complete) == (2, None, None, False)


async def test_a_scan_of_a_forgotten_feed_leaves_its_end_as_the_feeds_place(world: World) -> None:
    await world.see(cursor="lost")
    await world.store.begin_scan(world.left, forget_cursor=True)
    await world.see(scan=1, cursor="here", ends_scan=True)
    assert (await world.store.open_object("crm", "Contacts")).cursor == "here"


async def test_what_lies_beyond_an_offset(world: World) -> None:
    await world.see(shown("1"), shown("2"), now=NOW)
    await world.see(shown("3"), now=NOW + 10)
    assert [await world.store.count_pending(world.left, after) for after in (0, 2, 3)] == [3, 1, 0]
    assert [await world.store.oldest_pending(world.left, after) for after in (0, 2, 3)] == [NOW, NOW + 10, 0.0]


async def test_unlinked_leaves_out_the_gone_and_everything_that_ever_had_a_link(world: World) -> None:
    await world.see(*(shown(each) for each in "12345"))
    await world.see(SeenGone("4"))
    await world.link("1", "r1")
    link = await world.link("2", "r2")
    await world.tombstone(link)
    found = await world.store.unlinked(world.connection, Side.LEFT, world.left, 0, 10)
    assert [row.record_id for row in found] == ["3", "5"]
    assert await world.store.unlinked(world.connection, Side.RIGHT, world.left, 5, 10) == []


async def test_an_unknown_object_is_refused(world: World) -> None:
    with pytest.raises(StateError, match="no object 99"):
        await world.store.observe(Observation(99, 1, [shown("1")]))
    with pytest.raises(StateError, match="no object 99"):
        await world.store.begin_scan(99, forget_cursor=False)


async def test_a_feed_page_that_repeats_what_is_known_writes_nothing(world: World, path: Any) -> None:
    await world.see(shown("1"), cursor="c")
    wal = path.with_name("state.db-wal")
    before = wal.stat().st_mtime_ns, wal.stat().st_size
    assert (await world.see(shown("1"), cursor="c")).stored == 1
    assert (wal.stat().st_mtime_ns, wal.stat().st_size) == before


async def test_that_a_record_is_gone_is_believed_also_while_a_write_to_it_is_under_way(world: World) -> None:
    await world.see(shown("1"))
    await world.send(world.update("1", target_seq=1))
    observed = await world.see(SeenGone("1"))
    assert observed.reread == ()
    assert (await world.store.rows(world.left, ["1"]))["1"].gone


async def test_where_a_lost_record_has_moved_to_is_not_forgotten_when_it_is_reported_again(world: World) -> None:
    await world.see(shown("1"))
    await world.see(SeenGone("1", "2"))
    await world.see(SeenGone("1"))
    assert (await world.store.rows(world.left, ["1"]))["1"].moved_to == "2"
