"""The feed over the simulated org: pages, tokens, bounds, deletions, and what may go wrong between them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.connectors.zoho_crm.conftest import Spoiling
from zohosyncd.core.errors import ContractBroken, CursorExpired, RateLimited, Unavailable
from zohosyncd.ports.connector import Page, Removed, Upserted
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.schema import Field
from zohosyncd.transport.sender import Answered, HttpRequest

FIELDS = ("Last_Name", "Email", "Title")
DAY = 86_400.0


async def follow(org: Any, cursor: str | None, fields: Sequence[str] = FIELDS, stop: int = 0) -> list[Page]:
    """A pass, or its first ``stop`` pages."""
    pages = []
    async for page in org.connector.changes("Contacts", fields, cursor):
        pages.append(page)
        if len(pages) == stop:
            break
    return pages


def upserted(pages: list[Page]) -> list[str]:
    return [each.record.id for page in pages for each in page.changes if isinstance(each, Upserted)]


def removed(pages: list[Page]) -> list[str]:
    return [each.id for page in pages for each in page.changes if isinstance(each, Removed)]


def refusal(code: str) -> Answered:
    return Answered(400, {}, json.dumps({"code": code, "details": {}, "message": "x", "status": "error"}).encode())


class TestRequests:
    async def test_a_full_pass_asks_in_order_of_change_and_for_nothing_else(self, org: Any) -> None:
        org.person()
        pages = await follow(org, None)
        assert [page.complete for page in pages] == [True]
        assert pages[0].full
        (call,) = org.calls()[6:]  # after the token and the schema
        assert call.startswith("GET /crm/v8/Contacts?fields=Modified_Time,Last_Name,Email,Title&")
        assert call.endswith("&sort_by=Modified_Time&sort_order=asc&per_page=200")
        assert "If-Modified-Since" not in org.sender.sent[2].headers

    async def test_the_next_pass_asks_from_before_the_last_ones_start(self, org: Any) -> None:
        org.person()
        (full,) = await follow(org, None)
        start = int(org.clock.moment)
        await org.clock.sleep(1000.0)
        pages = await follow(org, full.cursor)
        assert [page.full for page in pages] == [False, False]
        changes, deletions = org.sender.sent[-2:]
        assert changes.headers["If-Modified-Since"] == deletions.headers["If-Modified-Since"]
        assert changes.headers["If-Modified-Since"] == _utc(start - 120)
        assert deletions.url.endswith("/Contacts/deleted?type=all&page=1&per_page=200")

    async def test_an_idle_object_is_not_read_for_ever(self, org: Any) -> None:
        org.person()
        cursor = (await follow(org, None))[-1].cursor
        seen = []
        for _ in range(4):
            await org.clock.sleep(100.0)
            pages = await follow(org, cursor)
            cursor = pages[-1].cursor
            seen.append(len(upserted(pages)))
        assert seen == [1, 1, 0, 0]

    async def test_the_clock_that_counts_is_zohos(self, org: Any) -> None:
        org.app.tune({"skew": -5000.0})
        (full,) = await follow(org, None)
        late = org.person()
        org.app.tune({"skew": -5001.0})
        assert upserted(await follow(org, full.cursor)) == [late]


class TestPages:
    """Pages of lists alone; see test_long_reads for queries."""

    @pytest.fixture
    def org(self, make_org: Any) -> Any:
        return make_org(long_reads="list")

    async def test_beyond_two_thousand_records(self, org: Any) -> None:
        people = {org.person(Email=f"{n}@example.com") for n in range(2300)}
        pages = await follow(org, None)
        assert len(pages) == 12
        assert set(upserted(pages)) == people

    async def test_an_interrupted_pass_goes_on_where_it_was(self, org: Any) -> None:
        for n in range(500):
            org.person(Email=f"{n}@example.com")
            org.clock.moment += 1.0
        first = await follow(org, None, stop=1)
        rest = await follow(org, first[-1].cursor)
        assert all(page.full for page in rest)
        assert len(upserted(rest)) == 300
        assert len(set(upserted(first + rest))) == 500

    async def test_a_token_that_died_costs_the_records_of_one_second_only(self, org: Any) -> None:
        for n in range(500):
            org.person(Email=f"{n}@example.com")
            org.clock.moment += 1.0
        first = await follow(org, None, stop=1)
        org.clock.moment += 2 * DAY
        rest = await follow(org, first[-1].cursor)
        assert len(upserted(rest)) == 301
        assert len(set(upserted(first + rest))) == 500

    async def test_a_pass_with_other_fields_goes_on_too(self, org: Any) -> None:
        for n in range(300):
            org.person(Email=f"{n}@example.com")
            org.clock.moment += 1.0
        first = await follow(org, None, stop=1)
        rest = await follow(org, first[-1].cursor, fields=("Last_Name",))
        assert len(set(upserted(first + rest))) == 300

    async def test_another_user_of_the_org_cannot_use_a_token_and_reads_on_all_the_same(self, org: Any) -> None:
        """Somebody else has logged in between two pages: only the spelling of times is another."""
        for n in range(700):
            org.person(Email=f"{n}@example.com")
            org.clock.moment += 1.0
        asked = await follow(org, None, stop=1)
        org.app.tune({"user": "ben@example.com"})
        rest = await follow(org, asked[-1].cursor)
        assert len(set(upserted(asked + rest))) == 700
        assert len(upserted(rest)) == 501, "from the second of the last record on"
        again = await follow(org, rest[-1].cursor)
        org.app.tune({"user": "dora@example.com"})
        assert upserted(await follow(org, again[-1].cursor)) == upserted(again)

    async def test_the_end_of_what_tokens_reach_is_passed(
        self, org: Any, spoiling: Spoiling, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        org.app.tune({"token_reach": 400})
        for n in range(1100):
            org.person(Email=f"{n}@example.com")
            org.clock.moment += 1.0
        assert len(set(upserted(await follow(org, None)))) == 1100

    async def test_a_new_start_at_a_page_of_one_second_is_progress(
        self, org: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        org.app.tune({"token_reach": 400})
        people = {org.person(Email=f"{n}@example.com") for n in range(200)}
        org.clock.moment += 1.0
        people |= {org.person(Email=f"late{n}@example.com") for n in range(300)}
        assert set(upserted(await follow(org, None))) == people

    async def test_more_equal_moments_than_tokens_reach_are_told(
        self, org: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        org.app.tune({"token_reach": 400})
        for n in range(700):
            org.person(Email=f"{n}@example.com")
        with pytest.raises(ContractBroken, match="same Modified_Time"):
            await follow(org, None)

    async def test_a_record_that_changes_during_the_pass_hides_none(self, org: Any) -> None:
        people = []
        for n in range(450):
            people.append(org.person(Email=f"{n}@example.com"))
            org.clock.moment += 1.0
        seen: list[str] = []
        async for page in org.connector.changes("Contacts", FIELDS, None):
            seen += upserted([page])
            org.clock.moment += 5.0
            for each in people[:100:10]:
                org.edit(each, Title=f"after {len(seen)}")
        assert set(seen) == set(people)

    async def test_the_same_page_again_is_no_progress(self, org: Any, spoiling: Spoiling) -> None:
        for n in range(500):
            org.person(Email=f"{n}@example.com")
        kept: list[Any] = []

        def same(request: HttpRequest, answer: Any) -> Any:
            if "/Contacts?" in request.url:
                kept.append(answer)
                return kept[0]
            return answer

        spoiling.spoil = same
        with pytest.raises(ContractBroken, match="same page"):
            await follow(org, None)

    async def test_tokens_that_are_always_refused_end(self, org: Any, spoiling: Spoiling) -> None:
        for n in range(500):
            org.person(Email=f"{n}@example.com")
        spoiling.spoil = lambda request, answer: refusal("EXPIRED_VALUE") if "page_token" in request.url else answer
        with pytest.raises(ContractBroken, match="page"):
            await follow(org, None)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b'{"data":[]}', "more"),
            (b'{"data":[{"id":"1"}],"info":{"more_records":true,"next_page_token":null}}', "no way"),
            (b'{"info":{"more_records":false}}', "list of records"),
            (b'{"data":[{"id":"1"}],"info":{"count":1}}', "list of records"),
            (b'{"data":[{"Email":"x"}],"info":{"more_records":false}}', "without an id"),
            (b'{"data":[{"id":"1', "not valid JSON"),
            (b"", "not valid JSON"),
            (b"<html></html>", "not the API"),
        ],
    )
    async def test_a_damaged_list_is_never_an_empty_one(
        self, org: Any, spoiling: Spoiling, body: bytes, words: str
    ) -> None:
        spoiling.spoil = lambda request, answer: Answered(200, {}, body) if "/Contacts" in request.url else answer
        with pytest.raises(ContractBroken, match=words):
            await follow(org, None)


@pytest.fixture
def wide_org(make_org: Any) -> Any:
    """An org with fields for three calls."""
    return make_org(ZohoSetup(custom=tuple(Field(f"Custom_{n}", f"Custom {n}") for n in range(70))))


class TestManyFields:
    async def test_more_than_fifty_fields_are_read_in_parts_and_joined(self, wide_org: Any) -> None:
        org = wide_org
        fields = tuple((await org.connector.schema("Contacts")).fields)
        assert len(fields) > 100
        for n in range(120):
            org.person(Email=f"{n}@example.com", Custom_69=f"number {n}")
        (page,) = await follow(org, None, fields)
        records = [each.record for each in page.changes if isinstance(each, Upserted)]
        assert len(records) == 120
        assert all(set(each.values) == set(fields) for each in records)
        found = await org.connector.fetch("Contacts", fields, [each.id for each in records])
        assert [each.record.values for each in found] == [each.values for each in records]
        for call in org.calls():
            if "fields=" in call:
                assert len(call.split("fields=")[1].split("&")[0].split(",")) <= 50

    async def test_a_part_that_is_missing_was_not_read(self, wide_org: Any) -> None:
        org, spoiling = wide_org, Spoiling(wide_org.sender)
        org.connector._client._http._sender = spoiling
        fields = tuple((await org.connector.schema("Contacts")).fields)
        org.person()
        spoiling.spoil = lambda request, answer: Answered(204) if "ids=" in request.url else answer
        (page,) = await follow(org, None, fields)
        (change,) = page.changes
        assert isinstance(change, Upserted)
        assert 0 < len(change.record.values) < len(fields)


class TestDeletions:
    async def test_deleted_records_are_removed_and_restored_ones_come_back(self, org: Any) -> None:
        people = [org.person(Email=f"{n}@example.com") for n in range(250)]
        cursor = (await follow(org, None))[-1].cursor
        await org.clock.sleep(10.0)
        for each in people[:230]:
            org.delete(each)
        pages = await follow(org, cursor)
        assert set(removed(pages)) == set(people[:230])
        assert len(pages) == 3
        await org.clock.sleep(10.0)
        org.app.edit({"object": "Contacts", "id": people[0], "restore": True})
        later = await follow(org, pages[-1].cursor)
        assert people[0] in upserted(later)
        assert people[0] not in removed(later)

    async def test_a_cursor_older_than_zohos_memory_is_expired(self, org: Any) -> None:
        org.person()
        cursor = (await follow(org, None))[-1].cursor
        org.clock.moment += 60 * DAY
        with pytest.raises(CursorExpired):
            await follow(org, cursor)

    @pytest.mark.parametrize("cursor", ["", "nonsense", '{"version":9}', '{"since":"x"}', "[]"])
    async def test_a_cursor_of_another_form_is_expired(self, org: Any, cursor: str) -> None:
        with pytest.raises(CursorExpired):
            await follow(org, cursor)

    async def test_a_pass_interrupted_at_the_deleted_list_goes_on_there(self, org: Any) -> None:
        one = org.person()
        cursor = (await follow(org, None))[-1].cursor
        org.delete(one)
        first = await follow(org, cursor, stop=1)
        assert not first[0].complete
        assert removed(await follow(org, first[0].cursor)) == [one]


class TestFaults:
    async def test_short_trouble_is_waited_out(self, org: Any) -> None:
        people = {org.person(Email=f"{n}@example.com") for n in range(450)}
        await org.connector.schema("Contacts")
        for fault in (
            {"fault": "status", "status": 503},
            {"fault": "status", "status": 429, "headers": {"Retry-After": "2"}},
            {"fault": "status", "status": 429},
            {"fault": "status", "status": 401},
            {"fault": "reset"},
            {"fault": "reset", "executed": True},
            {"fault": "hang", "count": 1},
            {"fault": "slow", "executed": True},
        ):
            org.fail({"path": "/crm/v8/Contacts*", "count": 2, **fault})
            assert set(upserted(await follow(org, None))) == people, fault

    async def test_long_trouble_is_an_error_and_no_page(self, org: Any) -> None:
        org.person()
        await org.connector.schema("Contacts")
        org.fail({"path": "/crm/v8/Contacts*", "fault": "status", "status": 500})
        with pytest.raises(Unavailable):
            await follow(org, None)

    async def test_used_up_credits_are_told_apart_from_haste(self, make_org: Any) -> None:
        org = make_org()
        await org.connector.schema("Contacts")
        org.app.tune({"credits": 0})
        before = len(org.calls())
        with pytest.raises(RateLimited, match="24 hours") as caught:
            await follow(org, None)
        assert (caught.value.retry_after or 0.0) >= 900.0
        assert len(org.calls()) == before + 1


def _utc(moment: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).isoformat()
