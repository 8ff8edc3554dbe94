"""The feed: everything from the list, changes from a search that lags, shows 10,000 and knows one order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.connectors.hubspot.conftest import FIELDS, Portal, Spoiling
from zohosyncd.connectors.hubspot.connector import REF
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Moved, Removed, Upserted
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.transport.sender import Answered

DAY = 86_400.0


def shown(changes: list[Any]) -> dict[str, Any]:
    return {each.record.id: dict(each.record.values) for each in changes if isinstance(each, Upserted)}


async def test_a_quiet_account_costs_one_search_and_a_look_into_the_bin(portal: Portal) -> None:
    portal.person(firstname="Ann")
    _, cursor = await portal.follow(None)
    await portal.clock.sleep(600)
    before = len(portal.calls())
    changes, cursor = await portal.follow(cursor)
    assert changes == []
    assert portal.calls()[before:] == ["POST /crm/v3/objects/contacts/search", "GET /crm/v3/objects/contacts"]
    before = len(portal.calls())
    await portal.follow(cursor, deletions=False)
    assert portal.calls()[before:] == ["POST /crm/v3/objects/contacts/search"]


async def test_a_change_that_the_index_shows_late_arrives_with_a_later_poll(portal: Portal) -> None:
    portal.app.setup.index_lag = 30.0
    ann = portal.person(firstname="Ann")
    await portal.clock.sleep(60)
    _, cursor = await portal.follow(None)
    portal.edit(ann, jobtitle="Director")
    await portal.clock.sleep(5)
    changes, cursor = await portal.follow(cursor)
    assert changes == []  # the search does not know yet
    await portal.clock.sleep(30)
    changes, cursor = await portal.follow(cursor)
    assert shown(changes)[ann]["jobtitle"] == "Director"


async def test_the_index_says_who_changed_and_the_contact_itself_how_it_is(portal: Portal) -> None:
    portal.app.setup.index_lag = 20.0
    ann = portal.person(jobtitle="first")
    await portal.clock.sleep(60)
    _, cursor = await portal.follow(None)
    portal.edit(ann, jobtitle="second")
    await portal.clock.sleep(21)
    portal.edit(ann, jobtitle="third")
    changes, _ = await portal.follow(cursor)
    assert shown(changes)[ann]["jobtitle"] == "third"  # the index still has "second"


async def test_what_was_shown_is_not_read_again_while_the_overlap_covers_it(portal: Portal) -> None:
    _, cursor = await portal.follow(None)
    ids = [portal.person(email=f"p{n}@example.com") for n in range(150)]
    await portal.clock.sleep(10)
    changes, cursor = await portal.follow(cursor)
    assert set(shown(changes)) == set(ids)
    portal.edit(ids[0], jobtitle="x")
    await portal.clock.sleep(10)
    before = len(portal.calls())
    changes, cursor = await portal.follow(cursor)
    assert set(shown(changes)) == {ids[0]}
    assert sum(each.endswith("/batch/read") for each in portal.calls()[before:]) == 1


async def test_whoever_stops_in_the_middle_of_a_pass_goes_on_there(portal: Portal) -> None:
    _, cursor = await portal.follow(None)
    ids = {portal.person(email=f"p{n}@example.com") for n in range(450)}
    await portal.clock.sleep(10)
    seen: set[str] = set()
    for _ in range(20):  # one page at a time, as if the process ended behind each
        pages = portal.connector.changes(REF, FIELDS, cursor)
        page = await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]
        seen |= set(shown(list(page.changes)))
        cursor = page.cursor
        if page.complete:
            break
    assert page.complete
    assert seen == ids


async def test_more_changes_than_a_search_can_show_all_arrive(portal: Portal) -> None:
    portal.app.setup.reach = 1_000
    _, cursor = await portal.follow(None)
    now = portal.app.contacts.now()
    portal.app.load(
        {
            "id": 10_000_000 + n,
            "lastname": f"P{n}",
            "createdate": now + 1 + n // 7,
            "lastmodifieddate": now + 1 + n // 7,
        }
        for n in range(1_345)
    )
    await portal.clock.sleep(60)
    changes, _ = await portal.follow(cursor)
    assert len(shown(changes)) == 1_345


async def test_more_changes_of_one_millisecond_than_a_search_can_show_all_arrive(portal: Portal) -> None:
    portal.app.setup.reach = 1_000
    _, cursor = await portal.follow(None)
    now = portal.app.contacts.now()
    portal.app.load({"lastname": f"Before {n}", "lastmodifieddate": now + 1} for n in range(3))
    portal.app.load({"lastname": f"P{n}", "lastmodifieddate": now + 5} for n in range(1_250))
    portal.app.load({"lastname": f"After {n}", "lastmodifieddate": now + 6} for n in range(3))
    await portal.clock.sleep(60)
    changes, cursor = await portal.follow(cursor)
    assert len(shown(changes)) == 1_256
    changes, _ = await portal.follow(cursor)
    assert changes == []


async def test_a_contact_that_moves_while_the_search_is_read_hides_nobody(portal: Portal) -> None:
    """With pages by number, one that moves to the end lets the first one of the next page fall through."""
    _, cursor = await portal.follow(None)
    ids = []
    for n in range(500):
        ids.append(portal.person(email=f"p{n}@example.com"))
        portal.clock.moment += 0.01
    await portal.clock.sleep(10)
    seen: set[str] = set()
    async for page in portal.connector.changes(REF, FIELDS, cursor):
        seen |= set(shown(list(page.changes)))
        for record_id in ids[:20]:
            portal.edit(record_id, jobtitle=f"again {portal.clock.moment}")
        await portal.clock.sleep(6)
        if len(portal.calls()) > 200:
            break  # somebody who edits for ever is read for ever
    assert seen == set(ids)


async def test_a_contact_made_during_a_complete_read_behind_its_place_arrives_with_the_next_poll(
    portal: Portal,
) -> None:
    for n in range(150):
        portal.person(email=f"p{n}@example.com")
    pages = portal.connector.changes(REF, FIELDS, None)
    first = await anext(pages)
    seen = set(shown(list(first.changes)))
    made = {portal.person(email=f"late{n}@example.com") for n in range(20)}  # some of their ids are small
    async for page in pages:
        seen |= set(shown(list(page.changes)))
    await portal.clock.sleep(10)
    changes, _ = await portal.follow(page.cursor)
    assert made - seen, "all of them came by the list: this proves nothing"
    assert made <= seen | set(shown(changes))


async def test_as_many_properties_as_an_address_cannot_hold_are_read_by_id(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    wide = tuple(f"a_property_of_the_account_with_a_long_name_{n:04}" for n in range(200))
    changes, _ = await portal.follow(None, (*FIELDS, *wide))
    assert shown(changes)[ann]["firstname"] == "Ann"
    longest = max(len(each.url) for each in portal.sender.sent)
    assert longest < 7_000


# Deletions, merges, restored


async def test_an_archived_contact_is_told_once_with_its_time(portal: Portal) -> None:
    ann, bob = portal.person(email="a@example.com"), portal.person(email="b@example.com")
    _, cursor = await portal.follow(None)
    await portal.clock.sleep(10)
    portal.delete(ann)
    at = portal.clock.now()
    await portal.clock.sleep(10)
    changes, cursor = await portal.follow(cursor)
    assert changes == [Removed(ann, pytest.approx(at, abs=0.002))]
    changes, cursor = await portal.follow(cursor)
    assert changes == []
    assert bob


async def test_deletions_may_wait_and_are_told_later(portal: Portal) -> None:
    ann = portal.person(email="a@example.com")
    _, cursor = await portal.follow(None)
    portal.delete(ann)
    for _ in range(5):
        await portal.clock.sleep(300)
        changes, cursor = await portal.follow(cursor, deletions=False)
        assert changes == []
    changes, _ = await portal.follow(cursor)
    assert [each.id for each in changes if isinstance(each, Removed)] == [ann]


@pytest.mark.parametrize("makes_id", [True, False])
@pytest.mark.parametrize("in_bin", [True, False])
@pytest.mark.parametrize("in_batches", [True, False])
async def test_merged_contacts_have_moved_and_are_not_deleted(
    make_portal: Callable[..., Portal], makes_id: bool, in_bin: bool, in_batches: bool
) -> None:
    portal = make_portal(HubSpotSetup(merge_makes_id=makes_id, merged_in_bin=in_bin, merged_in_batches=in_batches))
    ann, twin = portal.person(email="a@example.com"), portal.person(email="b@example.com")
    _, cursor = await portal.follow(None)
    await portal.clock.sleep(10)
    survivor = portal.merge(ann, twin)
    await portal.clock.sleep(10)
    changes, cursor = await portal.follow(cursor)
    gone = {ann, twin} - {survivor}
    assert {each.id: each.to for each in changes if isinstance(each, Moved)} == dict.fromkeys(gone, survivor)
    assert not [each for each in changes if isinstance(each, Removed)]
    assert survivor in shown(changes)
    answers = {
        each.id: each for each in await portal.connector.fetch(REF, FIELDS, sorted(gone)) if isinstance(each, Moved)
    }
    assert answers == {each: Moved(each, survivor) for each in gone}


async def test_a_chain_of_merges_leads_to_the_last_survivor(portal: Portal) -> None:
    ids = [portal.person(email=f"p{n}@example.com") for n in range(3)]
    first = portal.merge(ids[0], ids[1])
    last = portal.merge(first, ids[2])
    answers = await portal.connector.fetch(REF, FIELDS, [*ids, first])
    assert answers == [Moved(each, last) for each in (*ids, first)]


async def test_who_is_archived_and_restored_again_is_there(portal: Portal) -> None:
    ann = portal.person(email="a@example.com")
    _, cursor = await portal.follow(None)
    await portal.clock.sleep(10)
    portal.delete(ann)
    await portal.clock.sleep(10)
    changes, cursor = await portal.follow(cursor)
    assert [type(each) for each in changes] == [Removed]
    portal.app.edit({"id": ann, "restore": True})
    await portal.clock.sleep(10)
    (answer,) = await portal.connector.fetch(REF, FIELDS, [ann])
    assert answer.record.id == ann  # type: ignore[union-attr]


async def test_who_was_deleted_for_privacy_is_missing_and_absent_from_a_complete_read(portal: Portal) -> None:
    ann, bob = portal.person(email="a@example.com"), portal.person(email="b@example.com")
    _, cursor = await portal.follow(None)
    portal.app.edit({"id": ann, "forget": True})
    await portal.clock.sleep(10)
    changes, _ = await portal.follow(cursor)
    assert changes == []  # nothing tells: the sweep finds it
    changes, _ = await portal.follow(None)
    assert set(shown(changes)) == {bob}


async def test_a_long_bin_is_not_read_with_every_poll(portal: Portal) -> None:
    ids = [portal.person(email=f"p{n}@example.com") for n in range(900)]
    _, cursor = await portal.follow(None)
    for record_id in ids:
        portal.delete(record_id)
    await portal.clock.sleep(10)
    changes, cursor = await portal.follow(cursor)
    assert len([each for each in changes if isinstance(each, Removed)]) == 900
    await portal.clock.sleep(30)
    before = len(portal.calls())
    _, cursor = await portal.follow(cursor)
    assert portal.calls()[before:] == ["POST /crm/v3/objects/contacts/search"]
    last = portal.person(email="late@example.com")
    portal.delete(last)
    await portal.clock.sleep(200)
    changes, _ = await portal.follow(cursor)
    assert [each.id for each in changes if isinstance(each, Removed)] == [last]


async def test_a_cursor_older_than_the_bin_keeps_says_so(portal: Portal) -> None:
    _, cursor = await portal.follow(None)
    await portal.clock.sleep(91 * DAY)
    with pytest.raises(CursorExpired):
        await portal.follow(cursor)


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"version": 99}', '{"since": "x"}'])
async def test_a_cursor_that_is_none_leads_to_a_complete_read(portal: Portal, text: str) -> None:
    with pytest.raises(CursorExpired):
        await portal.follow(text)


# Answers that are wrong


async def changed_while(portal: Portal, spoiling: Spoiling, spoil: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """A poll in which each search answers something else."""
    _, cursor = await portal.follow(None)
    for n in range(250):
        portal.person(email=f"p{n}@example.com")
        portal.clock.moment += 0.01
    await portal.clock.sleep(10)

    def change(request: Any, answer: Any) -> Any:
        if not isinstance(answer, Answered) or not request.url.endswith("/search") or "/lists/" in request.url:
            return answer
        return replace(answer, body=msgspec.json.encode(spoil(msgspec.json.decode(answer.body))))

    spoiling.spoil = change
    await portal.follow(cursor)


async def test_a_search_in_another_order_is_not_believed(portal: Portal, spoiling: Spoiling) -> None:
    with pytest.raises(ContractBroken, match="order"):
        await changed_while(portal, spoiling, lambda body: {**body, "results": body["results"][::-1]})


async def test_a_search_that_never_ends_is_not_followed_for_ever(portal: Portal, spoiling: Spoiling) -> None:
    endless = {"next": {"after": "200"}}
    with pytest.raises(ContractBroken):
        await changed_while(portal, spoiling, lambda body: {**body, "results": [], "paging": endless})


async def test_a_list_that_shows_its_first_page_for_ever_is_not_followed(portal: Portal, spoiling: Spoiling) -> None:
    for n in range(250):
        portal.person(email=f"p{n}@example.com")

    def change(request: Any, answer: Any) -> Any:
        if "/objects/contacts?" not in request.url or not isinstance(answer, Answered):
            return answer
        body = msgspec.json.decode(answer.body)
        return replace(answer, body=msgspec.json.encode({**body, "paging": {"next": {"after": "1"}}}))

    spoiling.spoil = change
    with pytest.raises(ContractBroken, match="same page"):
        await portal.follow(None)


async def test_one_damaged_contact_does_not_stop_the_others(portal: Portal, spoiling: Spoiling) -> None:
    ann = portal.person(firstname="DAMAGED", email="a@example.com")
    bob = portal.person(firstname="Bob", email="b@example.com")

    def change(request: Any, answer: Any) -> Any:
        if not isinstance(answer, Answered):
            return answer
        return replace(answer, body=answer.body.replace(b"DAMAGED", b"\\ud83d"))

    spoiling.spoil = change
    changes, _ = await portal.follow(None)
    assert set(shown(changes)) == {bob}
    assert [each.id for each in changes if not isinstance(each, Upserted)] == [ann]
    (answer,) = await portal.connector.fetch(REF, FIELDS, [ann])
    assert type(answer).__name__ == "Unreadable"
    (answer,) = await portal.connector.fetch(REF, ["lastname"], [ann])
    assert type(answer).__name__ == "Found"


async def test_ids_as_numbers_and_values_of_a_wrong_kind_are_no_trouble(portal: Portal, spoiling: Spoiling) -> None:
    ann = portal.person(firstname="Ann", annual_spend="12", key_account="true")

    def change(request: Any, answer: Any) -> Any:
        if not isinstance(answer, Answered) or "batch/read" not in request.url:
            return answer
        body = msgspec.json.decode(answer.body)
        for row in body["results"]:
            row["id"] = int(row["id"])
            row["properties"] |= {"annual_spend": {"a": 1}, "key_account": "perhaps"}
        return replace(answer, body=msgspec.json.encode(body))

    spoiling.spoil = change
    record = await portal.read(ann, "firstname", "annual_spend", "key_account")
    assert record.values == {"firstname": "Ann"}  # what cannot be told was not read
    assert record.id == ann
