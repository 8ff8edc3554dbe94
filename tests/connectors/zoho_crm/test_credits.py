"""Credits and limits of Zoho: our count against the org's own, editions, and every way of saying "too many"."""

from collections.abc import Callable
from typing import Any

import pytest

from zohosyncd.connectors.zoho_crm.credits import edition_of, limit_of, price_of_query, price_of_rows, price_of_tags
from zohosyncd.connectors.zoho_crm.judge import judge
from zohosyncd.core.errors import BudgetSpent
from zohosyncd.core.record import Item
from zohosyncd.core.schedule import Purpose
from zohosyncd.ports.connector import Found, WriteKind, WriteOp
from zohosyncd.ports.errand import errand
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.refusals import CONCURRENT, SPENT, too_many
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Throttled
from zohosyncd.transport.sender import Answered

FIELDS = ("Last_Name", "Email")
ANY = Call("GET", "http://127.0.0.1:1/crm/v8/org", "/crm/v8/org", accept=frozenset({200, 400}), content="json")


@pytest.mark.parametrize(
    ("name", "users", "daily", "concurrency"),
    [
        ("free", 3, 5_000, 5), ("standard", 10, 52_500, 10), ("Standard", 1_000, 100_000, 10),
        ("starter", 0, 50_000, 10), ("professional", 10, 55_000, 15), ("enterprise", 5, 55_000, 20),
        ("Zoho One", 100, 150_000, 20), ("ultimate", 10, 70_000, 25), ("CRM Plus", 10, 70_000, 25),
        ("", 10, 5_000, 5), (None, 10, 5_000, 5), ("unheard of", 10, 5_000, 5),
    ],
)  # fmt: skip
def test_an_edition_gives_credits_by_its_users_and_calls_at_once(
    name: str | None, users: int, daily: int, concurrency: int
) -> None:
    edition = edition_of(name)
    assert (edition.daily(users), edition.concurrency) == (daily, concurrency)


def test_prices() -> None:
    assert [price_of_rows(each) for each in (0, 1, 10, 11, 100)] == [1, 1, 1, 2, 10]
    assert [price_of_tags(each) for each in (1, 50, 51, 500)] == [1, 1, 2, 10]
    assert [price_of_query(each) for each in (1, 200, 201, 1_000, 1_001, 2_000)] == [1, 1, 2, 2, 3, 3]


def test_a_query_is_priced_by_its_limit() -> None:
    queries = (
        "select id from Contacts where x = 1",
        "... limit 0, 2000",
        "... LIMIT 1000",
        "... limit 5 ... limit 300",
    )
    assert [price_of_query(limit_of(each)) for each in queries] == [1, 3, 2, 2]


@pytest.mark.parametrize("spelling", ["plain", "rate_limit", "limit_reached", "old", "bad_request", "vague"])
@pytest.mark.parametrize(("reason", "spent"), [(CONCURRENT, False), (SPENT, True)])
def test_a_moment_is_told_from_a_day_in_every_spelling(spelling: str, reason: str, spent: bool) -> None:
    refusal = too_many(reason, spelling)
    verdict = judge(ANY, Answered(refusal.status, dict(refusal.headers), refusal.body))
    assert isinstance(verdict, Throttled)
    assert verdict.spent is (None if spelling == "vague" else spent)
    assert (verdict.seconds or 0.0) >= (600.0 if verdict.spent else 0.0)


@pytest.fixture
def counted(make_org: Callable[..., Any]) -> Callable[..., Any]:
    """An org and what is counted here of it."""

    def make(setup: ZohoSetup | None = None, **more: Any) -> Any:
        org = make_org(setup, counted=True, **more)
        return org, org.budget

    return make


async def everything(org: Any) -> None:
    """Calls of every kind: reads, point reads, writes in small and large batches, tags, deletions, polls."""
    connector = org.connector
    await connector.check()
    schema = await connector.schema("Contacts")
    for at in range(230):
        org.person(Last_Name=f"Miller {at}")
    ids, cursor = [], ""
    async for page in connector.changes("Contacts", FIELDS, None):
        ids += [change.record.id for change in page.changes]
        cursor = page.cursor
    async for _ in connector.changes("Contacts", FIELDS, cursor):
        pass
    async for _ in connector.changes("Contacts", tuple(schema.fields), cursor):
        pass
    found = await connector.fetch("Contacts", (*FIELDS, "Tag"), ids[:120])
    known = {each.record.id: each.record for each in found if isinstance(each, Found)}
    names = [WriteOp("0" * 32, WriteKind.CREATE, "", {"Last_Name": f"New {at}"}) for at in range(37)]
    tags = [
        WriteOp("0" * 32, WriteKind.UPDATE, each, {"Tag": (Item("VIP"), Item("New" if at % 2 else "Old"))}, known[each])
        for at, each in enumerate(ids[:100])
    ]
    gone = [WriteOp("0" * 32, WriteKind.DELETE, each, {}, known[each]) for each in ids[:3]]
    for ops in (names, names[:1], tags, gone):
        await connector.write("Contacts", ops)
    async for _ in connector.created_since("Contacts", FIELDS, org.clock.now() - 10.0):
        pass


async def test_our_count_is_the_orgs(counted: Any) -> None:
    org, budget = counted()
    await everything(org)
    assert org.app.purse.used() > 30
    assert budget.allowance.spending.used(org.clock.now()) == org.app.purse.used()


async def test_the_org_says_its_edition(counted: Any) -> None:
    org, budget = counted(ZohoSetup(edition="free"))
    assert budget.allowance.credits == 2_500
    await org.connector.check()
    assert (budget.allowance.limit, org.connector._client._http.gate.width.most) == (5_000, 5)
    org, budget = counted(ZohoSetup(edition="ultimate"))
    await org.connector.check()
    assert (budget.allowance.limit, org.connector._client._http.gate.width.most) == (60_000, 25)


async def test_what_the_operator_says_counts_more(counted: Any) -> None:
    org, budget = counted(ZohoSetup(edition="free"), credits_per_day=9_000, credit_share=0.1, concurrency=3)
    await org.connector.check()
    assert (budget.allowance.credits, org.connector._client._http.gate.width.most) == (900, 3)


async def test_when_others_have_spent_everything_we_wait_and_go_on_by_ourselves(counted: Any) -> None:
    org, budget = counted(ZohoSetup(edition="free"))
    await org.connector.check()
    org.app.tune({"others_spend": 10_000})
    for _ in range(3):
        with pytest.raises(BudgetSpent):
            await org.connector.check()
    assert len([each for each in org.calls() if "/org" in each]) == 2
    org.clock.moment += 86_400.0
    await org.connector.check()
    assert budget.allowance.left(org.clock.now()) > 2_400


async def test_what_others_spend_narrows_our_share(counted: Any) -> None:
    org, budget = counted(ZohoSetup(edition="free"))
    org.app.tune({"others_spend": 4_960})
    await org.connector.check()
    assert budget.allowance.left(org.clock.now()) == 39
    with errand(Purpose.SWEEP), pytest.raises(BudgetSpent):
        await org.connector.schema("Contacts")
    assert isinstance(budget, AccountBudget)


@pytest.mark.parametrize("purpose", [Purpose.ASKED, Purpose.FEED, Purpose.SWEEP])
async def test_whatever_is_written_leaves_something_for_every_other_work(counted: Any, purpose: Purpose) -> None:
    org, _ = counted(ZohoSetup(edition="free"), credits_per_day=1_000, credit_share=0.2)
    await org.connector.check()
    await org.connector.schema("Contacts")
    made = [WriteOp("0" * 32, WriteKind.CREATE, "", {"Last_Name": f"New {at}"}) for at in range(10)]

    async def write_all_day() -> None:
        with errand(Purpose.WRITE):
            for _ in range(300):
                await org.connector.write("Contacts", made)

    with pytest.raises(BudgetSpent):
        await write_all_day()
    with errand(purpose):
        for _ in range(5):
            await org.connector.fetch("Contacts", FIELDS, ["1"])
    with errand(Purpose.WRITE), pytest.raises(BudgetSpent):
        await org.connector.write("Contacts", made)
    assert 170 < org.app.purse.used() <= 200


async def test_the_less_is_left_the_less_is_done_and_writes_go_last(counted: Any) -> None:
    """The order of what gives way: complete reads and polls, reads for writes, writes."""
    org, _ = counted(ZohoSetup(edition="free"), credits_per_day=1_000, credit_share=0.2)
    await org.connector.check()
    await org.connector.schema("Contacts")
    made = [WriteOp("0" * 32, WriteKind.CREATE, "", {"Last_Name": f"New {at}"}) for at in range(10)]
    ended: dict[Purpose, int] = {}
    for spent in range(300):
        for purpose in (Purpose.SWEEP, Purpose.FEED, Purpose.POINT, Purpose.WRITE):
            if purpose in ended:
                continue
            try:
                with errand(purpose):
                    if purpose is Purpose.WRITE:
                        await org.connector.write("Contacts", made)
                    else:
                        await org.connector.fetch("Contacts", FIELDS, ["1"])
            except BudgetSpent:
                ended[purpose] = spent
        if len(ended) == 4:
            break
    assert ended[Purpose.SWEEP] <= ended[Purpose.POINT] < ended[Purpose.WRITE]
    assert ended[Purpose.FEED] <= ended[Purpose.POINT]
    assert org.app.purse.used() <= 200
