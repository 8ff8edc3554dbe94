"""The Microsoft 365 connector keeps the promises of a connector, however unpleasant the service is."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from tests.connectors.http_faults import HttpFaults
from tests.connectors.microsoft365.conftest import CONTACTS, MakeOutlook
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Values
from zohosyncd.sandbox.microsoft.behaviour import Behaviour

KINDS: Mapping[str, dict[str, Any]] = {
    "kind": {"renames": False},
    "blind": {"if_match": False, "spells": True},
    "crowded": {"batch": "refuses", "wait_in_batch": False, "elsewhere": False},
    "sparse": {"sparse": True, "replays": 3, "removed_at_first": True, "empty_pages": 1},
}


def person(given: str, family: str, email: str) -> Values:
    return {"givenName": given, "surname": family, "emailAddresses.1": email}


def typed(values: Values) -> dict[str, Any]:
    """Values as a person's Outlook stores them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "emailAddresses.1":
            found["emailAddresses"] = [{"address": value, "name": "at work"}]
        else:
            found[name] = list(names_of(value)) if name == "categories" else value
    return found


STRANGE = {
    "givenName": "Ann", "surname": "Miller", "displayName": "Ann from the fair", "fileAs": "Fair, Ann",
    "emailAddresses": [{"address": "ann@example.com", "name": "Ann (work)"}, {"name": "lost", "address": "x,"}],
    "imAddresses": ["sip:ann@example.com"], "children": ["Eva"], "homePhones": ["1", "2"], "birthday": "1980-03-05",
    "otherAddress": {"street": "Somewhere"}, "categories": ["Golf", "Friends"], "spouseName": "Bob",
    "personalNotes": "one\ntwo", "singleValueExtendedProperties": [{"id": "String {x} Name Other", "value": "kept"}],
}  # fmt: skip


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def bench(make_outlook: MakeOutlook, request: pytest.FixtureRequest) -> Bench:
    outlook = make_outlook(Behaviour(**request.param))
    outlook.app.edit({"folder": "Partners"})

    async def create(values: Values) -> str:
        return outlook.person(CONTACTS, **typed(values))

    async def edit(contact: str, values: Values) -> None:
        outlook.edit(contact, **typed(values))

    async def delete(contact: str) -> None:
        outlook.act(contact, delete=True)

    async def everything(contact: str) -> Mapping[str, Any]:
        box = outlook.app.boxes["ann@example.org"]
        key = box.key_of(contact)
        assert key is not None
        found = box.get(key)
        assert found is not None
        return {**found.values, "extended": dict(found.extended)}

    async def strange() -> str:
        return outlook.person(CONTACTS, **STRANGE)

    async def fill(count: int) -> list[str]:
        people = [{"givenName": f"G{n}", "surname": "Miller"} for n in range(count)]
        return outlook.app.load(CONTACTS, people)

    async def lose_cursors() -> None:
        outlook.app.rounds.forget()

    return Bench(
        outlook.connector,
        outlook.folder,
        person,
        "jobTitle",
        create,
        edit,
        delete,
        everything,
        strange,
        outlook.clock.sleep,
        "Contacts",
        lose_cursors=lose_cursors,
        fill=fill,
        page=200,
        world=outlook.world,
        api="/v1.0/*",
        renews=True,
    )


class TestMicrosoftConnector(ConnectorContract):
    """See the contract."""


@pytest.mark.parametrize("bench", [KINDS["blind"]], indirect=True)
class TestMicrosoftFaults(HttpFaults):
    """See the suite."""
