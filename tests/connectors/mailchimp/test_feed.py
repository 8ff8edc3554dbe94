"""The feed of an audience: what it asks for, and who is not skipped while people work."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.connectors.mailchimp.conftest import AUDIENCE, EXTRA, Account
from zohosyncd.connectors.mailchimp.client import PER_PAGE, MemberPage
from zohosyncd.connectors.mailchimp.pages import walk
from zohosyncd.core.errors import ContractBroken, CursorExpired, Unavailable
from zohosyncd.ports.connector import Page, Removed, Unreadable, Upserted
from zohosyncd.sandbox.mailchimp.setup import FIELDS, MailchimpSetup

NAMES = ("email_address", "FNAME")


async def read(account: Account, cursor: str | None = None, **more: Any) -> list[Page]:
    return [page async for page in account.connector.changes(account.ref, NAMES, cursor, **more)]


def shown(pages: list[Page]) -> list[str]:
    return [each.record.id for page in pages for each in page.changes if isinstance(each, Upserted)]


def removed(pages: list[Page]) -> list[str]:
    return [each.id for page in pages for each in page.changes if isinstance(each, Removed)]


def queries(account: Account) -> list[dict[str, str]]:
    """The questions for members so far."""
    urls = (urlsplit(each.url) for each in account.sender.sent)
    return [
        {name: each[0] for name, each in parse_qs(url.query).items()} for url in urls if url.path.endswith("/members")
    ]


def crowd(account: Account, count: int, *, second: int = 1) -> None:
    """So many members, ``second`` of them changed in each second."""
    people = ({"email_address": f"p{n}@example.com", "last_changed": 1_700_000_000 + n // second} for n in range(count))
    account.app.load(AUDIENCE, people)


async def test_a_full_read_asks_for_everything_in_the_order_of_change(account: Account) -> None:
    account.person()
    await read(account)
    (asked,) = queries(account)
    assert (asked["sort_field"], asked["sort_dir"], asked["count"], asked["offset"]) == (
        "last_changed",
        "ASC",
        "1000",
        "0",
    )
    assert "since_last_changed" not in asked
    assert "members.merge_fields.FNAME" in asked["fields"].split(",")


async def test_a_poll_begins_an_overlap_before_the_last_pass_by_the_servers_clock(account: Account) -> None:
    first = await read(account)
    account.clock.moment += 100
    await read(account, first[-1].cursor)
    polls = queries(account)[1:]
    # Five seconds of overlap, and one more, as "since" leaves out its own second.
    assert {each["since_last_changed"] for each in polls} == {"2027-01-15T07:59:54+00:00"}
    assert [each.get("status", "") for each in polls] == ["", "archived"]


async def test_archived_members_are_no_longer_asked_for_once_lists_have_shown_them(account: Account) -> None:
    ann = account.person()
    cursor = (await read(account))[-1].cursor
    account.clock.moment += 10
    account.archive(ann)
    pages = await read(account, cursor)
    assert removed(pages) == [ann]
    assert pages[-1].complete
    before = len(queries(account))
    await read(account, pages[-1].cursor)
    assert len(queries(account)) == before + 1


async def test_a_member_that_comes_back_from_the_archive_is_there_again(account: Account) -> None:
    ann = account.person()
    cursor = (await read(account))[-1].cursor
    for step in ("archived", "subscribed"):
        account.clock.moment += 10
        account.edit(ann, status=step)
        pages = await read(account, cursor)
        assert (removed(pages), shown(pages)) == (([ann], []) if step == "archived" else ([], [ann]))
        cursor = pages[-1].cursor


async def test_what_was_archived_meanwhile_is_told_by_the_first_poll_that_may_ask(
    make_account: Callable[..., Account],
) -> None:
    account = make_account(MailchimpSetup(fields=(*FIELDS, *EXTRA), lists_archived=False))
    ann = account.person()
    cursor = (await read(account))[-1].cursor
    account.clock.moment += 10
    account.archive(ann)
    for _ in range(3):
        account.clock.moment += 100
        pages = await read(account, cursor, deletions=False)
        assert removed(pages) == []
        cursor = pages[-1].cursor
    assert removed(await read(account, cursor)) == [ann]


async def test_a_pass_that_breaks_off_goes_on_where_it_was(account: Account) -> None:
    crowd(account, 2_500)
    pages = account.connector.changes(account.ref, NAMES, None)
    first = await anext(pages)
    await pages.aclose()  # type: ignore[attr-defined]
    rest = await read(account, first.cursor)
    assert set(shown([first, *rest])) == set(account.members())
    assert len(shown(rest)) < 1_600
    assert all(page.full for page in rest)


@pytest.mark.parametrize("second", [1, 2_500], ids=["each in a second of its own", "all in one second"])
async def test_nobody_is_skipped_by_edits_during_a_read(account: Account, second: int) -> None:
    crowd(account, 2_500, second=second)
    everybody = list(account.members())
    seen: list[str] = []
    moved = 0
    async for page in account.connector.changes(account.ref, NAMES, None):
        seen += shown([page])
        # Somebody edits forty who have been read: those behind them move forward by as many places.
        for contact in everybody[moved : moved + 40]:
            account.edit(contact, FNAME="Edited")
        moved += 40
        if moved > 400:
            break
    assert set(seen) == set(everybody)


async def test_when_more_has_moved_than_pages_overlap_a_part_is_read_again(account: Account) -> None:
    crowd(account, 2_500)
    everybody = list(account.members())
    seen: list[str] = []
    edited = False
    async for page in account.connector.changes(account.ref, NAMES, None):
        seen += shown([page])
        if not edited:
            edited = True
            for contact in everybody[:300]:
                account.edit(contact, FNAME="Edited")
    assert set(seen) == set(everybody)


async def _drained(pages: Any) -> None:
    for _ in range(100):
        await anext(pages)


async def test_a_list_that_never_stands_still_is_given_up() -> None:
    asked = 0

    async def others_each_time(offset: int) -> MemberPage:
        nonlocal asked
        asked += 1
        rows = [{"contact_id": f"{asked}/{n}", "last_changed": ""} for n in range(PER_PAGE)]
        return MemberPage(rows, 10**6, None)

    with pytest.raises(Unavailable, match="faster"):
        await _drained(walk(others_each_time))


async def test_a_change_that_shows_late_is_seen(make_account: Callable[..., Account]) -> None:
    account = make_account(replace(MailchimpSetup(), list_lag=20.0), overlap="30s")
    ann = account.person(FNAME="Ann")
    account.clock.moment += 60
    cursor = (await read(account))[-1].cursor
    account.edit(ann, FNAME="Anna")
    names: list[Any] = []
    for _ in range(6):
        account.clock.moment += 10
        pages = await read(account, cursor)
        names += [each.record.values["FNAME"] for page in pages for each in page.changes if isinstance(each, Upserted)]
        cursor = pages[-1].cursor
    assert "Anna" in names


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"version":7}', '{"since":"never"}'])
async def test_a_cursor_of_another_form_is_spent(account: Account, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        await read(account, cursor)


async def test_one_damaged_member_does_not_hide_the_others(account: Account, spoiling: Any) -> None:
    ann, bob = account.person(FNAME="Ann"), account.person("bob@example.com", FNAME="Bob")

    def spoil(request: Any, answer: Any) -> Any:
        return replace(answer, body=answer.body.replace(b'"FNAME":"Bob"', b'"FNAME":"\\ud800"'))

    spoiling.spoil = spoil
    (page,) = await read(account)
    kinds = {type(each): each for each in page.changes}
    assert shown([page]) == [ann]
    assert kinds[Unreadable].id == bob  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"members":{}}', b'{"members":[7]}', b'{"members":[{"id":"x"}]}'])
async def test_an_answer_that_is_no_list_of_members_is_not_an_empty_list(
    account: Account, spoiling: Any, body: bytes
) -> None:
    await account.connector.schema(account.ref)
    spoiling.spoil = lambda request, answer: replace(answer, body=body)
    with pytest.raises(ContractBroken):
        await read(account)


async def test_a_member_with_more_tags_than_lists_show_has_all_of_them(make_account: Callable[..., Account]) -> None:
    account = make_account(MailchimpSetup(shown_tags=2))
    names = [f"Tag {n}" for n in range(5)]
    account.person(tags=names)
    pages = [page async for page in account.connector.changes(account.ref, ("tags",), None)]
    (change,) = pages[0].changes
    assert isinstance(change, Upserted)
    assert [each.value for each in change.record.values["tags"]] == names  # type: ignore[union-attr]
    assert account.calls()[-1].endswith("/tags")
