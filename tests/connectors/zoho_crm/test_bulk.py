"""All records at once by jobs of Bulk Read: the same records as by lists, whatever happens to the job."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.connectors.zoho_crm.test_feed import FIELDS, follow, removed, upserted
from tests.connectors.zoho_crm.test_long_reads import crowd, kinds, spent, spoiled
from zohosyncd.connectors.zoho_crm.bulk import WORTH_A_QUESTION
from zohosyncd.connectors.zoho_crm.bulk_rows import SAMPLE, telling
from zohosyncd.connectors.zoho_crm.cursor import Cursor
from zohosyncd.connectors.zoho_crm.long_reads import best_way, credits_of
from zohosyncd.core.errors import PermissionLacking, RateLimited
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Page, Unreadable, Upserted
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.schema import Rights
from zohosyncd.sandbox.zoho.standard import EVERY_KIND
from zohosyncd.transport.sender import Answered, HttpRequest

MakeOrg = Callable[..., Any]
PLAIN = (
    "Text_1", "Notes_1", "Private_Email", "Hotline", "Shop", "Agreed", "Seats", "Big_Number", "Weight", "Budget",
    "Rebate", "Hired", "Last_Call",
)  # fmt: skip
OTHERS = ("Account_Name", "Account_Name.Phone", "Owner", "Email_Opt_Out", "Full_Name", "Created_Time", "Ticket")


@pytest.fixture
def org(make_org: MakeOrg) -> Any:
    """An org of many people whose connector reads by jobs, however few they are."""
    made = make_org(ZohoSetup(custom=EVERY_KIND), long_reads="bulk")
    crowd(made, 450, seconds=1.0)
    made.clock.moment += 10.0
    return made


def calls(org: Any, part: str) -> int:
    return sum(part in call for call in org.calls())


def records(pages: Sequence[Page]) -> dict[str, Record | Unreadable]:
    shown = [each for page in pages for each in page.changes]
    return {each.record.id: each.record for each in shown if isinstance(each, Upserted)}


async def listed(make_org: MakeOrg, org: Any, fields: Sequence[str] = FIELDS) -> dict[str, Any]:
    """The records as lists show them."""
    other = make_org(ZohoSetup(custom=EVERY_KIND), long_reads="list")
    other.connector._client._http._sender = org.sender
    return records(await follow(other, None, fields))


def job_of(page: Page) -> Any:
    run = Cursor.parse(page.cursor).under_way
    return None if run is None else run.job


def is_believed(org: Any) -> bool:
    return bool(org.connector._bulk["Contacts"].usable(FIELDS))


class TestWhichWay:
    """By the number of records alone."""

    @pytest.mark.parametrize(("count", "queries", "way"), [
        (0, True, "list"), (200, True, "list"), (5_000, True, "query"), (33_000, True, "query"), (80_000, True, "bulk"),
        (5_000, False, "list"), (20_000, False, "bulk"), (1_000_000, True, "bulk"),
    ])  # fmt: skip
    def test_the_cheapest_by_credits_and_time(self, count: int, queries: bool, way: str) -> None:
        assert best_way(count, queries=queries) == way

    def test_what_is_chosen_never_costs_more_credits_than_a_list(self) -> None:
        for count in range(0, 400_000, 1_700):
            for queries in (False, True):
                assert credits_of(best_way(count, queries=queries), count) <= credits_of("list", max(count, 800))

    async def test_few_records_are_not_even_counted(self, make_org: MakeOrg) -> None:
        org = make_org()
        crowd(org, 450, seconds=1.0)
        await follow(org, None)
        assert calls(org, "/actions/count") == calls(org, "/bulk/") == 0

    @pytest.mark.slow
    @pytest.mark.parametrize("count", [30_000, 90_000])
    async def test_many_are_counted_and_read_as_is_cheapest(self, make_org: MakeOrg, count: int) -> None:
        org = make_org()
        rows = ({"id": 5_545_974_000_002_000_000 + n, "Last_Name": f"P {n}", "Created_Time": 1_700_000_000 + n // 9,
                 "Modified_Time": 1_700_000_000 + n // 9} for n in range(count))  # fmt: skip
        org.app.load("Contacts", rows)
        await org.connector.schema("Contacts")
        before = spent(org)
        pages = await follow(org, None)
        assert len(set(upserted(pages))) == count
        assert calls(org, "/actions/count") == 1
        assert (calls(org, "/result") == 1) is (count > 80_000)
        assert spent(org) - before <= (93 if count > 80_000 else 1.05 * credits_of("query", count))

    async def test_changes_are_never_read_by_a_job(self, org: Any) -> None:
        cursor = (await follow(org, None))[-1].cursor
        await org.clock.sleep(500.0)
        people = crowd(org, 450, start=1000)
        before = calls(org, "/bulk/")
        assert set(upserted(await follow(org, cursor))) >= people
        assert calls(org, "/bulk/") == before

    @pytest.mark.parametrize(("daily", "jobs"), [(900, 0), (2_000, 1)])
    async def test_a_job_that_would_take_much_of_the_days_share_is_not_created(
        self, make_org: MakeOrg, daily: int, jobs: int
    ) -> None:
        org = make_org(counted=True, long_reads="bulk", credits_per_day=daily)
        people = crowd(org, 250, seconds=1.0)
        org.clock.moment += 10.0
        assert set(upserted(await follow(org, None))) == people
        assert calls(org, "POST /crm/bulk") == jobs

    @pytest.mark.parametrize("field", ["Tag", "Topics", "Size", "Story", "Referrer", "Score"])
    async def test_what_a_file_shows_otherwise_is_left_to_lists(self, org: Any, field: str) -> None:
        assert len(set(upserted(await follow(org, None, (*FIELDS, field))))) == 450
        assert calls(org, "/bulk/") == 0

    async def test_a_field_that_the_profile_hides_is_left_to_lists(self, org: Any) -> None:
        org.app.tune({"hidden": ["Text_1"]})
        pages = await follow(org, None, (*FIELDS, "Text_1"))
        assert not any("Text_1" in each.values for each in records(pages).values() if isinstance(each, Record))
        assert calls(org, "/bulk/") == 0


class TestWhatAFileShows:
    async def test_one_job_shows_everybody_and_the_list_goes_on_behind_it(self, org: Any) -> None:
        await org.connector.schema("Contacts")
        before = spent(org)
        pages = await follow(org, None)
        assert len(set(upserted(pages))) == 450
        assert [page.complete for page in pages][-2:] == [False, True]
        assert (calls(org, "POST /crm/bulk"), calls(org, "/result")) == (1, 1)
        assert kinds(org) == ["list", "by id", "list"]
        # a page, the count, the job, three looks, the file, a sample, what changed since
        assert spent(org) - before == 1 + 1 + 50 + 3 + 1 + 1 + 1
        assert is_believed(org)

    @settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(people=st.lists(
        st.fixed_dictionaries({}, optional={
            "Text_1": st.text(max_size=30), "Notes_1": st.text(max_size=60), "Agreed": st.booleans(),
            "Private_Email": st.sampled_from(["p@example.com", "Ü@exämple.com"]), "Hotline": st.just("+49 30 1234"),
            "Shop": st.sampled_from(["https://shop.example/?a=1&b=2", "=x"]), "Seats": st.integers(-10**9, 10**9),
            "Big_Number": st.integers(-(10**16), 10**16).map(str), "Hired": st.dates().map(str),
            "Weight": st.integers(-999, 999) | st.floats(-1e6, 1e6).map(lambda value: round(value, 3) + 0.0005),
            "Budget": st.sampled_from([0, 7, 10.25, -3.5]), "Rebate": st.integers(0, 100),
            "Last_Call": st.sampled_from(["2026-10-25T02:30:00+02:00", "2020-02-29T23:59:59-11:00"]),
        }),
        min_size=20, max_size=40,
    ))  # fmt: skip
    async def test_the_same_values_as_a_list_for_every_kind(self, make_org: MakeOrg, people: list[Any]) -> None:
        org = make_org(ZohoSetup(custom=EVERY_KIND, time_zone="America/New_York"), long_reads="bulk")
        crowd(org, 201)
        org.clock.moment += 5.0
        company = org.app.edit({"object": "Accounts", "create": {"Account_Name": 'A "c", me', "Phone": "1"}})["id"]
        users = [each.number for each in org.app.crm.users]
        for n, values in enumerate(people):
            one = org.person(**values, Account_Name={"id": company} if n % 2 else None, Email_Opt_Out=n % 3 == 0)
            row = org.app.crm.tables["Contacts"].rows[int(one)]
            row.values = {**row.values, "Owner": users[n % len(users)]}  # some of them have left
        org.clock.moment += 5.0
        fields = (*FIELDS, *PLAIN, *OTHERS)
        shown = records(await follow(org, None, fields))
        assert calls(org, "/result") == 1
        assert is_believed(org), "a file that is not believed would be read by lists"
        assert shown == await listed(make_org, org, fields)

    async def test_a_value_that_the_hipaa_setting_hides_is_not_read(self, make_org: MakeOrg) -> None:
        setup = ZohoSetup(custom=EVERY_KIND, rights=Rights(restricted=frozenset({"Text_1", "Agreed"})))
        org = make_org(setup, long_reads="bulk")
        crowd(org, 250, seconds=1.0)
        one = org.person(Text_1="secret", Agreed=True, Title="x")
        org.clock.moment += 5.0
        shown = records(await follow(org, None, ("Text_1", "Agreed", "Title")))
        assert shown[one].values == {"Title": "x"}  # type: ignore[union-attr]
        assert is_believed(org)

    async def test_a_file_is_unpacked_as_its_rows_are_asked_for(self, org: Any) -> None:
        columns = (await _bulk(org)).columns
        table = [
            "Id,Modified_Time,Notes_1\n",
            *(f"{n},2026-11-24T12:00:00+01:00,{'x' * 4_000}\n" for n in range(1_000)),
        ]
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("1.csv", "".join(table))
        archive = made.getvalue()
        del table, made
        tracemalloc.start()
        try:
            assert sum(1 for _ in columns.rows(archive, ["Notes_1"])) == 1_000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 1_000_000, "of four million octets of text"

    def test_a_sample_shows_every_field_and_whatever_may_be_spelt_otherwise(self) -> None:
        plain = [{"id": str(n), "A": "x", "B": None} for n in range(500)]
        odd: list[dict[str, Any]] = [{"id": "b", "A": "x", "B": True}, {"id": "c", "A": "x", "B": False},
                                     {"id": "n", "A": "two\nlines", "B": None}, {"id": "f", "A": "=x", "B": None}]  # fmt: skip
        chosen = telling([*plain, *odd])
        assert len(chosen) == SAMPLE
        assert {row["id"] for row in chosen} >= {"b", "c", "n", "f"}


def rewritten(archive: bytes, change: Callable[[list[list[str]]], list[list[str]]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        (name,) = packed.namelist()
        rows = list(csv.reader(io.StringIO(packed.read(name).decode(), newline="")))
    text, made = io.StringIO(newline=""), io.BytesIO()
    csv.writer(text).writerows(change(rows))
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr(name, text.getvalue())
    return made.getvalue()


class TestWhatIsNotBelieved:
    """Whatever a file lacks or shows otherwise, everybody is read, and nobody with a wrong value."""

    @pytest.mark.parametrize("change", [
        lambda rows: rows[:-1],
        lambda rows: [*rows, rows[-1]],
        lambda rows: [row[:-1] for row in rows],
        lambda rows: [rows[0], *(row[:-1] for row in rows[1:])],
        lambda rows: [["Row", *rows[0][1:]], *rows[1:]],
        lambda rows: [rows[0], *([*row[:-2], f"x{row[-2]}", row[-1]] for row in rows[1:])],
        lambda rows: [rows[0], *([row[0], "24/11/2026 12:00", *row[2:]] for row in rows[1:])],
        lambda rows: [[cell.replace("Email", "E-mail") for cell in row] for row in rows],
    ])  # fmt: skip
    async def test_a_file_with_wrong_rows(self, make_org: MakeOrg, org: Any, change: Any) -> None:
        def spoil(request: HttpRequest, answer: Any) -> Any:
            if request.url.endswith("/result"):
                return Answered(200, answer.headers, rewritten(answer.body, change))
            return answer

        inner = org.sender
        spoiled(org, spoil)
        pages = await follow(org, None)
        org.sender = inner
        assert records(pages) == await listed(make_org, org)
        assert pages[-1].complete
        assert not is_believed(org)

    @pytest.mark.parametrize("body", [b"", b"no zip", b"PK\x03\x04damaged", b"<html>"])
    async def test_a_file_that_is_none(self, org: Any, body: bytes) -> None:
        spoiled(org, lambda request, answer: Answered(200, {}, body) if request.url.endswith("/result") else answer)
        assert len(set(upserted(await follow(org, None)))) == 450
        assert not is_believed(org)

    @pytest.mark.parametrize("knobs", [{"bulk_failures": 1}, {"bulk_rows": 100}, {"bulk_takes": 7_200.0}])
    async def test_a_job_that_fails_or_is_too_small_or_never_ends(self, org: Any, knobs: dict[str, Any]) -> None:
        org.app.tune(knobs)
        assert len(set(upserted(await follow(org, None)))) == 450
        assert "query" in kinds(org)
        assert not is_believed(org)
        before = calls(org, "POST /crm/bulk")
        await follow(org, None)
        assert calls(org, "POST /crm/bulk") == before, "a job is dear: it is tried again the next day"
        await org.clock.sleep(90_000.0)
        assert is_believed(org)

    async def test_a_job_that_was_perhaps_created_is_not_created_twice(self, org: Any) -> None:
        org.fail({"method": "POST", "path": "/crm/bulk/*", "fault": "reset", "executed": True, "count": 1})
        assert len(set(upserted(await follow(org, None)))) == 450
        assert calls(org, "POST /crm/bulk") == 1

    @pytest.mark.parametrize("knob", ["bulk", "counts"])
    async def test_a_login_without_the_scope_reads_as_it_may(self, make_org: MakeOrg, knob: str) -> None:
        org = make_org()
        org.app.tune({knob: False})
        crowd(org, 450, seconds=1.0)
        org.connector._options.__dict__["long_reads"] = "auto"
        bulk = await _bulk(org)
        bulk.asks = lambda before, after: before == 0  # type: ignore[method-assign]
        assert len(set(upserted(await follow(org, None)))) == 450
        assert calls(org, "/result") == 0

    async def test_whoever_wants_jobs_is_told_that_they_may_not_be_used(self, org: Any) -> None:
        org.app.tune({"bulk": False})
        with pytest.raises(PermissionLacking):
            await follow(org, None)

    async def test_used_up_credits_are_no_reason_to_give_jobs_up(self, org: Any) -> None:
        await org.connector.schema("Contacts")
        org.app.tune({"credits": spent(org) + 10})
        with pytest.raises(RateLimited):
            await follow(org, None)
        org.app.tune({"credits": 10_000})
        org.clock.moment += 1_000.0
        assert len(set(upserted(await follow(org, None)))) == 450
        assert calls(org, "/result") == 1


async def _bulk(org: Any) -> Any:
    await org.connector.schema("Contacts")
    return org.connector._bulk["Contacts"]


class TestRestarts:
    """The job's id is part of the place."""

    async def test_another_process_waits_for_the_same_job_and_goes_on_in_its_file(
        self, org: Any, make_org: Any
    ) -> None:
        await _bulk(org)
        seen: list[str] = []
        cursor, places = None, set()
        while True:
            (page,) = await follow(org, cursor, stop=1)
            seen += upserted([page])
            cursor = page.cursor
            places.add(getattr(job_of(page), "id", None))
            org.connector._recent.clear()
            if page.complete:
                break
        assert len(set(seen)) == 450
        assert len(seen) <= 450 + 202
        assert calls(org, "POST /crm/bulk") == 1
        assert len(places - {None, ""}) == 1

    async def test_a_file_is_gone_on_with_behind_the_rows_that_were_shown(self, org: Any) -> None:
        pages = await follow(org, None)
        (at,) = [n for n, page in enumerate(pages) if getattr(job_of(page), "shown", 0)]
        again = await follow(org, pages[at].cursor)
        assert upserted(again) == upserted(pages[at + 1 :])
        assert calls(org, "/result") == 2

    async def test_a_job_that_zoho_has_forgotten_is_gone_on_without(self, org: Any) -> None:
        first = await follow(org, None, stop=2)
        assert job_of(first[-1]).id
        org.clock.moment += 200_000.0
        rest = await follow(org, first[-1].cursor)
        assert len(set(upserted([*first, *rest]))) == 450
        assert rest[-1].complete
        assert calls(org, "POST /crm/bulk") == 1

    async def test_while_a_job_runs_pages_without_records_come_soon(self, org: Any) -> None:
        before, waits = 0.0, []
        async for page in org.connector.changes("Contacts", FIELDS, None):
            if job_of(page) is not None and before:
                waits.append(org.clock.moment - before)
            before = org.clock.moment
            assert not page.complete or job_of(page) is None
        assert max(waits) <= 5.0


class TestMeanwhile:
    """What happens while a job runs is seen by what follows it."""

    async def test_edits_creations_and_deletions_during_the_job(self, org: Any, make_org: Any) -> None:
        people = sorted(records(await follow(org, None)))
        pages, changed = [], False
        async for page in org.connector.changes("Contacts", FIELDS, None):
            pages.append(page)
            if getattr(job_of(page), "id", "") and not changed:
                changed = True
                await org.clock.sleep(3.0)
                org.edit(people[7], Title="Judge")
                org.delete(people[300])
                late = org.person(Email="late@example.com")
        shown = records(pages)
        assert shown[people[7]].values["Title"] == "Judge"  # type: ignore[union-attr]
        assert late in shown, "the list behind the job shows what is younger than it"
        await org.clock.sleep(30.0)
        assert people[300] in removed(await follow(org, pages[-1].cursor))

    async def test_pages_of_a_file_say_that_they_show_the_past(self, org: Any) -> None:
        pages = await follow(org, None)
        named = [page.snapshot for page in pages]
        job = next(filter(None, named))
        assert named == ["", *[job] * (len(named) - 2), ""]
        first = named.index(job)
        assert not pages[first].changes, "before it is waited for, its name is known"


class TestWindows:
    """More records than one file has room for are read by several jobs, of what was changed from when to when."""

    async def test_every_window_is_a_job(self, org: Any) -> None:
        (await _bulk(org)).room = 150
        org.app.tune({"bulk_rows": 160})
        pages = await follow(org, None)
        assert len(set(upserted(pages))) == 450
        assert calls(org, "POST /crm/bulk") == calls(org, "/result") == 2
        assert is_believed(org)

    async def test_a_second_that_fills_a_file_is_left_to_queries(self, make_org: MakeOrg) -> None:
        org = make_org(long_reads="bulk")
        crowd(org, 450)
        org.clock.moment += 10.0
        (await _bulk(org)).room = 150
        assert len(set(upserted(await follow(org, None)))) == 450
        assert calls(org, "POST /crm/bulk") == 0
        assert "query" in kinds(org)


def test_one_asks_how_many_there_are_when_that_is_cheap() -> None:
    assert 1 / credits_of("query", WORTH_A_QUESTION) < 0.05
