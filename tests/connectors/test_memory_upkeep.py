"""What the in-memory app does by itself: owners, creation, consent with time and source, changes that no feed tells."""

from collections.abc import Mapping
from typing import Any

from tests.connectors.contract import creation, update
from tests.connectors.test_contract_memory import HandClock
from zohosyncd.connectors.memory import (
    MEMBERS_SCHEMA,
    OWNERS,
    SLOTS_SCHEMA,
    Behaviour,
    MemoryApp,
    MemoryConnector,
)
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.record import Item, Record, Values
from zohosyncd.core.rules.subject import Subject, subject_of
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import Done, Found, Refused, WriteOp, WriteResult

ANN = {"email": "ann@example.com"}


def made(schema: Schema, **behaviour: Any) -> tuple[MemoryApp, MemoryConnector]:
    app = MemoryApp(HandClock(), Behaviour(**behaviour), schema)
    return app, MemoryConnector(app)


async def read(connector: MemoryConnector, record_id: str) -> Record:
    schema = await connector.schema("people")
    (answer,) = await connector.fetch("people", tuple(schema.fields), [record_id])
    assert isinstance(answer, Found)
    return answer.record


async def write(connector: MemoryConnector, op: WriteOp) -> WriteResult:
    (result,) = await connector.write("people", [op])
    return result


async def subject(app: MemoryApp, connector: MemoryConnector, values: Mapping[str, Any]) -> Subject:
    return subject_of(app.schema, await read(connector, app.create(values)))


async def test_a_record_tells_who_owns_it_and_when_it_was_made() -> None:
    app, connector = made(SLOTS_SCHEMA)
    found = await subject(app, connector, {"Last": "Miller", "Tags": (Item("VIP"), Item("vip"))})
    assert found.owner == OWNERS[0]
    assert found.created == int(app.now()) + 0.25
    assert found.containers == {"tags": frozenset({"VIP"})}


async def test_the_schema_names_the_containers_in_use() -> None:
    app, connector = made(SLOTS_SCHEMA)
    app.delete(app.create({"Last": "Gone", "Tags": (Item("Old"),)}))
    app.create({"Last": "Miller", "Tags": (Item("VIP"), Item("CRM"))})
    assert (await connector.schema("people")).containers["tags"].names == ("CRM", "VIP")


async def test_a_silent_change_is_not_in_the_feed_but_every_read_shows_it() -> None:
    app, connector = made(SLOTS_SCHEMA, silent=frozenset({"Tags"}))
    ann = app.create({"Last": "Miller"})
    (page,) = [page async for page in connector.changes("people", ["Tags"], None)]
    before = await read(connector, ann)
    app.edit(ann, {"Tags": (Item("VIP"),)})
    (page,) = [page async for page in connector.changes("people", ["Tags"], page.cursor)]
    assert page.changes == ()
    after = await read(connector, ann)
    assert after.version == before.version
    assert after.values["Tags"] == (Item("VIP"),)
    app.edit(ann, {"Tags": (), "Title": "Director"})
    (page,) = [page async for page in connector.changes("people", ["Tags"], page.cursor)]
    assert len(page.changes) == 1


async def test_a_state_of_consent_carries_its_time_and_where_it_came_from() -> None:
    app, connector = made(MEMBERS_SCHEMA)
    ann = await read(connector, app.create(ANN))
    await app.clock.sleep(3600)
    assert isinstance(await write(connector, update(ann, {"state": "unsubscribed"})), Done)
    consent = subject_of(app.schema, await read(connector, ann.id)).consent
    assert (consent.state, consent.at, consent.source) == (ConsentState.UNSUBSCRIBED, app.now(), "api")
    app.edit(ann.id, {"state": "subscribed", "state_source": "form"})
    assert subject_of(app.schema, await read(connector, ann.id)).consent.source == "form"


async def test_only_the_app_itself_marks_a_bounced_address() -> None:
    app, connector = made(MEMBERS_SCHEMA)
    ann = await read(connector, app.create(ANN))
    assert await write(connector, update(ann, {"state": "cleaned"})) == Refused("STATE_NOT_WRITABLE", "state")


async def test_compliance_refuses_to_take_in_who_opted_out_and_only_them() -> None:
    app, connector = made(MEMBERS_SCHEMA, compliance=frozenset({"subscribed"}))
    out = await read(connector, app.create({**ANN, "state": "unsubscribed"}))
    result = await write(connector, update(out, {"state": "subscribed"}))
    assert isinstance(result, Refused)
    assert result.compliance
    assert app.state()[out.id]["state"] == "unsubscribed"
    asked: Values = {"email": "bob@example.com", "state": "pending"}
    bob = await write(connector, creation(asked))
    assert isinstance(bob, Done)
    assert isinstance(await write(connector, update(await read(connector, bob.id), {"state": "subscribed"})), Done)
    assert isinstance(await write(connector, update(out, {"state": "pending"})), Done)
