"""The in-memory app keeps the promises of a connector, however it behaves."""

from dataclasses import replace

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from zohosyncd.connectors.memory import (
    LISTS_SCHEMA,
    MEMBERS_SCHEMA,
    SLOTS_SCHEMA,
    Behaviour,
    MemoryApp,
    MemoryConnector,
)
from zohosyncd.core.record import Item, Values

BEHAVIOURS = {
    "pleasant": Behaviour(page=3),
    "like a CRM": Behaviour(
        feed="since", exact_versions=False, granularity=1.0, returns_record=False, page=3, overlap=2.0, lag=1.0, batch=7
    ),
    "like an address book": Behaviour(client_ids=True, whole_records=True, page=3, fetch_batch=2),
    "only a list": Behaviour(feed="list", reports_deletions=False, modified_times=False, page=3),
    "nothing can be deleted": Behaviour(deletable=False, reports_deletions=False, page=3),
    "tags and owners": Behaviour(exact_versions=False, granularity=1.0, guard=False, returns_record=False, page=3),
    "members": Behaviour(page=3, marks=True),
}
SCHEMAS = {"tags and owners": SLOTS_SCHEMA, "members": MEMBERS_SCHEMA}
PEOPLE = {
    "tags and owners": ("First", "Last", "Email"),
    "members": ("first", "last", "email"),
}


class HandClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.25

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds


def person(given: str, family: str, email: str) -> Values:
    return {"given": given, "family": family, "emails": (Item(email, "work"),)}


@pytest.fixture(params=BEHAVIOURS)
def bench(request: pytest.FixtureRequest) -> Bench:
    clock = HandClock()
    behaviour, schema = BEHAVIOURS[request.param], SCHEMAS.get(request.param, LISTS_SCHEMA)
    app = MemoryApp(clock, behaviour, schema)

    def person(given: str, family: str, email: str) -> Values:
        names = PEOPLE.get(request.param)
        if names is None:
            return {"given": given, "family": family, "emails": (Item(email, "work"),)}
        return dict(zip(names, (given, family, email), strict=True))

    text = next(name for name in ("title", "Title", "custom") if name in schema.fields)

    async def create(values: Values) -> str:
        record_id = app.create(values)
        await clock.sleep(behaviour.lag)
        return record_id

    async def edit(record_id: str, values: Values) -> None:
        app.edit(record_id, values)
        await clock.sleep(behaviour.lag)

    async def delete(record_id: str) -> None:
        app.delete(record_id)
        await clock.sleep(behaviour.lag)

    async def everything(record_id: str) -> Values:
        return app.state()[record_id]

    async def strange() -> str:
        return app.create({**person("Ann", "Miller", "a@example.com"), "unheard of": "kept", "custom": "c"})

    async def lose_cursors() -> None:
        app.forget_cursors()

    async def fill(count: int) -> list[str]:
        ids = [app.create(person(f"G{n}", f"F{n}", f"{n}@example.com")) for n in range(count)]
        await clock.sleep(behaviour.lag)
        return ids

    return Bench(
        MemoryConnector(app),
        "people",
        person,
        text,
        create,
        edit,
        delete,
        everything,
        strange,
        clock.sleep,
        "people",
        lose_cursors=lose_cursors,
        fill=fill,
        page=behaviour.page,
        guarded=behaviour.guard,
    )


class TestMemoryConnector(ConnectorContract):
    """See the contract."""


async def test_equal_calls_at_equal_times_give_equal_answers() -> None:
    async def once() -> list[object]:
        app = MemoryApp(HandClock(), replace(BEHAVIOURS["like a CRM"], latency=0.1))
        connector = MemoryConnector(app)
        for n in range(9):
            app.create(person(f"G{n}", "F", f"{n}@example.com"))
        return [page async for page in connector.changes("people", ["given"], None)]

    assert await once() == await once()
