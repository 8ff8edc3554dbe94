"""More records than a page of a list shows: queries, when they may be used, and the walls they pass."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from tests.connectors.zoho_crm.test_feed import FIELDS, follow, removed, upserted
from zohosyncd.core.errors import ContractBroken, PermissionLacking, RateLimited
from zohosyncd.ports.connector import Upserted
from zohosyncd.transport.sender import Answered, HttpRequest

MakeOrg = Callable[..., Any]


def crowd(org: Any, count: int, *, seconds: float = 0.0, start: int = 0) -> set[str]:
    """So many contacts, all in one second or so many seconds apart."""
    found = set()
    for n in range(start, start + count):
        found.add(org.person(Email=f"{n}@example.com"))
        org.clock.moment += seconds
    return found


def kinds(org: Any) -> list[str]:
    """What the records were read by, request by request."""
    found = []
    for each in org.sender.sent:
        if each.url.endswith("/coql"):
            text = msgspec.json.decode(each.body)["select_query"]
            found.append("ids" if text.startswith("select Modified_Time from") else "query")
        elif "/Contacts?fields" in each.url:
            found.append("list")
        elif "/Contacts?ids" in each.url:
            found.append("by id")
    return found


def spent(org: Any) -> int:
    return int(org.app.purse.used())


async def read(org: Any, cursor: str | None = None, fields: Sequence[str] = FIELDS) -> tuple[list[str], str]:
    pages = await follow(org, cursor, fields)
    return upserted(pages), pages[-1].cursor


class TestWhichWay:
    async def test_a_page_is_a_list_and_more_are_queries(self, org: Any) -> None:
        people = crowd(org, 2500)
        await org.connector.schema("Contacts")
        before = spent(org)
        found, _ = await read(org)
        assert set(found) == people
        assert kinds(org) == ["list", "query", "query"]
        assert spent(org) - before == 1 + 2 + 3

    async def test_few_records_are_never_queried(self, org: Any) -> None:
        crowd(org, 199)
        await read(org)
        assert kinds(org) == ["list"]

    @pytest.mark.parametrize("fields", [(*FIELDS, "Tag"), (*FIELDS, "Interests")])
    async def test_what_a_query_cannot_show_is_listed(self, org: Any, fields: Sequence[str]) -> None:
        people = crowd(org, 500)
        found, _ = await read(org, fields=fields)
        assert set(found) == people
        assert set(kinds(org)) == {"list"}

    async def test_a_login_without_the_scope_reads_lists_and_asks_again_only_the_next_day(
        self, make_org: MakeOrg
    ) -> None:
        org = make_org()
        org.app.tune({"queries": False})
        people = crowd(org, 500)
        for _ in range(2):
            found, _ = await read(org)
            assert set(found) == people
        assert kinds(org) == ["list", "query", "list", "list", "list", "list", "list", "list"]
        org.app.tune({"queries": True})
        org.clock.moment += 90_000.0
        await read(org)
        assert kinds(org)[-2:] == ["list", "query"]

    async def test_whoever_wants_queries_is_told_that_they_may_not_be_used(self, make_org: MakeOrg) -> None:
        org = make_org(long_reads="query")
        org.app.tune({"queries": False})
        crowd(org, 500)
        with pytest.raises(PermissionLacking):
            await read(org)

    async def test_used_up_credits_are_no_reason_to_give_up_queries(self, org: Any) -> None:
        crowd(org, 500)
        await org.connector.schema("Contacts")
        org.app.tune({"credits": spent(org) + 1})
        with pytest.raises(RateLimited):
            await read(org)
        org.app.tune({"credits": 10_000})
        org.clock.moment += 1_000.0
        await read(org)
        assert kinds(org)[-1] == "query"


class TestWhatAQueryShows:
    async def test_the_same_records_as_a_list(self, make_org: MakeOrg) -> None:
        shown = []
        for way in ("list", "auto"):
            org = make_org(long_reads=way)
            company = org.app.edit({"object": "Accounts", "create": {"Account_Name": "Acme"}})["id"]
            owners = [each.number for each in org.app.crm.users]
            rows = org.app.crm.tables["Contacts"].rows
            for n in range(450):
                person = org.person(
                    Email=f"{n}@example.com", Account_Name={"id": company} if n % 2 else None,
                    Email_Opt_Out=n % 3 == 0, Date_of_Birth="1980-01-02",
                )  # fmt: skip
                owner = owners[n % len(owners)]  # some of them have left
                rows[int(person)].values = {**rows[int(person)].values, "Owner": owner}
            fields = (*FIELDS, "Account_Name", "Account_Name.Phone", "Owner", "Email_Opt_Out", "Date_of_Birth",
                      "Full_Name", "Salutation", "Created_Time")  # fmt: skip
            pages = await follow(org, None, fields)
            records = {each.record.id: each.record for page in pages for each in page.changes
                       if isinstance(each, Upserted)}  # fmt: skip
            assert len(records) == 450
            shown.append(records)
        assert shown[0] == shown[1]
        assert "query" in kinds(org)

    async def test_a_query_that_shows_other_values_is_not_believed(self, org: Any) -> None:
        people = crowd(org, 700)

        def spoil(request: HttpRequest, answer: Any) -> Any:
            if request.url.endswith("/coql"):
                return Answered(200, answer.headers, answer.body.replace(b"@example.com", b"@wrong.example"))
            return answer

        spoiled(org, spoil)
        pages = await follow(org, None)
        assert set(upserted(pages)) == people
        records = [each.record for page in pages for each in page.changes if isinstance(each, Upserted)]
        assert not [each for each in records if "wrong" in str(each.values["Email"])]

    @pytest.mark.parametrize("body", [b'{"data":[]}', b'{"data":[{"id":"7"}],"info":{"more_records":false}}', b"",
                                      b'{"data":[],"info":{"more_records":true}}'])  # fmt: skip
    async def test_a_damaged_query_is_not_the_end_of_the_list(self, org: Any, body: bytes) -> None:
        people = crowd(org, 700)
        spoiled(org, lambda request, answer: Answered(200, {}, body) if request.url.endswith("/coql") else answer)
        found, _ = await read(org)
        assert set(found) == people

    async def test_a_query_that_goes_backwards_is_not_believed(self, org: Any) -> None:
        people = crowd(org, 2500, seconds=1.0)
        seen: list[Any] = []

        def repeat(request: HttpRequest, answer: Any) -> Any:
            if not request.url.endswith("/coql"):
                return answer
            seen.append(answer)
            return seen[0]

        spoiled(org, repeat)
        found, _ = await read(org)
        assert set(found) == people

    async def test_an_interrupted_query_goes_on_behind_what_was_read(self, org: Any) -> None:
        people = crowd(org, 2500)
        first = await follow(org, None, stop=2)
        rest = await follow(org, first[-1].cursor)
        assert len(upserted(rest)) == 2500 - 1000
        assert set(upserted([*first, *rest])) == people
        assert kinds(org) == ["list", "query", "query"]


def spoiled(org: Any, spoil: Callable[[HttpRequest, Any], Any]) -> None:
    inner = org.sender

    class Sender:
        async def send(self, request: HttpRequest) -> Any:
            return spoil(request, await inner.send(request))

    org.connector._client._http._sender = Sender()


class TestWalls:
    """At the size that Zoho's own limits have: ``-m slow``; the same with lower limits always."""

    @pytest.fixture(params=[100, pytest.param(1, marks=pytest.mark.slow)], ids=["small", "full"])
    def part(self, request: pytest.FixtureRequest) -> int:
        return int(request.param)

    @pytest.fixture
    def walled(self, part: int, make_org: MakeOrg) -> Any:
        org = make_org()
        org.app.tune({"token_reach": 100_000 // part, "query_reach": max(2_000, 100_000 // part)})
        return org

    @pytest.mark.timeout(300)
    @pytest.mark.parametrize("way", ["auto", "list"])
    async def test_more_records_than_tokens_reach(self, part: int, walled: Any, way: str, make_org: MakeOrg) -> None:
        org = walled if way == "auto" else make_org(long_reads="list")
        org.app.tune({"token_reach": 100_000 // part})
        people = crowd(org, 100_000 // part + 1, seconds=0.01)
        found, _ = await read(org)
        assert set(found) == people
        assert len(found) <= 1.05 * len(people) + 400

    @pytest.mark.timeout(300)
    @pytest.mark.parametrize("count", [12_000, 120_000])
    async def test_so_many_with_one_modified_time(self, part: int, walled: Any, count: int) -> None:
        people = crowd(walled, count // part)
        found, _ = await read(walled)
        assert set(found) == people
        assert len(found) <= len(people) + 200

    @pytest.mark.timeout(300)
    async def test_five_thousand_deletions_between_two_polls(self, part: int, walled: Any) -> None:
        people = sorted(crowd(walled, max(5_000 // part, 450) + 7))
        _, cursor = await read(walled)
        walled.clock.moment += 500.0
        for each in people[7:]:
            walled.delete(each)
        pages = await follow(walled, cursor)
        assert set(removed(pages)) == set(people[7:])

    @pytest.mark.parametrize("count", [50, 51, 52, 201])
    async def test_any_number_of_ids_in_one_read(self, org: Any, count: int) -> None:
        people = crowd(org, count)
        found = await org.connector.fetch("Contacts", FIELDS, sorted(people))
        assert {each.record.id for each in found} == people

    async def test_without_queries_the_wall_of_one_second_is_told_with_its_cure(self, make_org: MakeOrg) -> None:
        org = make_org(long_reads="list")
        org.app.tune({"token_reach": 400})
        crowd(org, 700)
        with pytest.raises(ContractBroken, match="same Modified_Time") as caught:
            await read(org)
        assert "ZohoCRM.coql.READ" in caught.value.hint


class TestSecondLook:
    """After a burst, what was shown a moment ago is not read again and again."""

    async def burst(self, org: Any, count: int) -> tuple[set[str], str]:
        _, cursor = await read(org)
        await org.clock.sleep(500.0)
        _, cursor = await read(org, cursor)
        return crowd(org, count), cursor

    async def polls(self, org: Any, cursor: str, count: int, every: float) -> tuple[list[str], str]:
        seen: list[str] = []
        for _ in range(count):
            await org.clock.sleep(every)
            found, cursor = await read(org, cursor)
            seen += found
        return seen, cursor

    async def test_a_burst_is_read_once_and_looked_at_once_more(self, org: Any) -> None:
        people, cursor = await self.burst(org, 2500)
        before = spent(org)
        seen, cursor = await self.polls(org, cursor, 1, 30.0)
        assert set(seen) == people
        once = spent(org) - before
        seen, cursor = await self.polls(org, cursor, 20, 30.0)
        assert len(seen) <= 400  # a poll that begins near still reads the last ten seconds
        # 20 polls of two calls, and a second look at 2,500 ids
        assert spent(org) - before - once <= 20 * 2 + 2 + 3 + 2
        assert kinds(org).count("ids") == 2

    async def test_what_showed_late_is_found_by_the_second_look(self, org: Any) -> None:
        _, cursor = await self.burst(org, 400)
        hidden = sorted(crowd(org, 3, start=1000))
        rows = {int(each): org.app.crm.tables["Contacts"].rows[int(each)] for each in hidden}
        table = org.app.crm.tables["Contacts"]
        for entry in rows.values():  # Zoho has them, and shows them to nobody yet
            table.changes.remove((entry.modified, entry.number))
        seen, cursor = await self.polls(org, cursor, 2, 30.0)
        assert not set(seen) & set(hidden)
        for entry in rows.values():
            table.changes.add((entry.modified, entry.number))
        seen, cursor = await self.polls(org, cursor, 20, 30.0)
        assert set(seen) >= set(hidden)

    @pytest.mark.parametrize("way", ["list", "auto"])
    async def test_nothing_is_missed_whatever_shows_late(self, make_org: MakeOrg, way: str) -> None:
        """A change may take up to the overlap to show; whichever it is, in the end all have been shown."""
        from random import Random

        chance = Random(11)
        org = make_org(long_reads=way)
        _, cursor = await read(org)
        table, late, versions, shown = org.app.crm.tables["Contacts"], [], {}, {}
        people: list[str] = []
        for turn in range(60):
            for _ in range(chance.choice((0, 1, 30, 220))):
                if people and chance.random() < 0.5:
                    each = chance.choice(people)
                    entry = table.rows[int(each)]
                    if any(entry is other for _, other in late):
                        continue
                    org.edit(each, Title=f"{turn}")
                else:
                    each = org.person(Email=f"{len(people)}@example.com")
                    people.append(each)
                    entry = table.rows[int(each)]
                versions[each] = entry.modified
                if chance.random() < 0.1:
                    table.changes.remove((entry.modified, entry.number))
                    late.append((org.clock.moment + chance.uniform(0.0, 110.0), entry))
            await org.clock.sleep(chance.uniform(1.0, 60.0))
            for due, entry in [each for each in late if each[0] <= org.clock.moment]:
                table.changes.add((entry.modified, entry.number))
                late.remove((due, entry))
            if chance.random() < 0.1:
                org.connector._recent.clear()  # another process
            cursor = await self.collect(org, cursor, shown)
        for _, entry in late:
            table.changes.add((entry.modified, entry.number))
        for _ in range(12):
            await org.clock.sleep(60.0)
            cursor = await self.collect(org, cursor, shown)
        assert shown == versions

    async def collect(self, org: Any, cursor: str, shown: dict[str, float]) -> str:
        pages = await follow(org, cursor)
        for page in pages:
            for each in page.changes:
                if isinstance(each, Upserted):
                    shown[each.record.id] = each.record.modified
        return pages[-1].cursor

    async def test_a_page_that_could_not_be_stored_is_not_taken_for_shown(self, org: Any) -> None:
        people, cursor = await self.burst(org, 400)
        await org.clock.sleep(5.0)
        pages = org.connector.changes("Contacts", FIELDS, cursor)
        await anext(pages)
        await pages.aclose()  # the store refused it
        assert org.connector._recent["Contacts"].count(0.0) == 0
        seen, _ = await self.polls(org, cursor, 1, 30.0)
        assert set(seen) == people


class TestDeletionsLater:
    async def test_the_deleted_list_is_read_when_it_is_wanted_and_nothing_is_forgotten(self, org: Any) -> None:
        people = sorted(crowd(org, 5))
        _, cursor = await read(org)
        gone: list[str] = []
        for turn in range(5):
            await org.clock.sleep(300.0)
            org.delete(people[turn])
            await org.clock.sleep(300.0)
            pages = [page async for page in org.connector.changes("Contacts", FIELDS, cursor, deletions=turn == 4)]
            cursor = pages[-1].cursor
            gone += removed(pages)
            if turn < 4:
                assert len(pages) == 1
        assert set(gone) == set(people)

    async def test_a_full_read_knows_of_all_deletions_before_it(self, org: Any) -> None:
        (first,) = crowd(org, 1)
        org.delete(first)
        await org.clock.sleep(500.0)
        _, cursor = await read(org)
        assert removed(await follow(org, cursor)) == []


def test_the_query_is_what_zoho_documents(org: Any) -> None:
    """Conditions in pairs, moments with their offset, at most 2,000 rows."""
    import asyncio

    crowd(org, 300)
    asyncio.run(read(org))
    (call,) = [each for each in org.sender.sent if each.url.endswith("/coql")]
    text = unquote(msgspec.json.decode(call.body)["select_query"])
    assert text.startswith("select Modified_Time, Last_Name, Email, Title from Contacts where ((Modified_Time = '20")
    assert text.endswith(" order by Modified_Time asc, id asc limit 1000")
