"""The HubSpot connector keeps the promises of a connector, against the simulated account, kind and unkind."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from tests.connectors.http_faults import HttpFaults
from zohosyncd.connectors.hubspot.connector import REF
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Values
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup

KINDS = {
    "worst": HubSpotSetup(index_lag=1.0, merged_in_bin=True, multi_status=False),
    "kindest": HubSpotSetup(
        index_lag=0.0, multi_status=True, merged_in_batches=True, lists_modify=True, shuffled=False
    ),
}


def person(given: str, family: str, email: str) -> Values:
    return {"firstname": given, "lastname": family, "email": email}


def typed(values: Values) -> dict[str, Any]:
    """Values as a person types them: lists by their names. HubSpot shows addresses in small letters."""
    lists = {"lists": list(names_of(values["Lists"]))} if "Lists" in values else {}
    return {name: value for name, value in values.items() if name != "Lists"} | lists


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def bench(make_portal: Callable[..., Any], request: pytest.FixtureRequest) -> Bench:
    portal = make_portal(replace(request.param), settle="2s")

    async def create(values: Values) -> str:
        return str(portal.person(**typed(values)))

    async def edit(record_id: str, values: Values) -> None:
        portal.edit(record_id, **typed(values))

    async def delete(record_id: str) -> None:
        portal.delete(record_id)

    async def everything(record_id: str) -> Mapping[str, Any]:
        return portal.shown(record_id)  # type: ignore[no-any-return]

    async def strange() -> str:
        more = {"fax": "1", "customer_number": "C-1", "topics": "events;offers", "hs_lead_status": "OPEN",
                "lists": ["VIP"], "annual_spend": "17.5", "closedate": "2026-05-05T10:00:00.123Z"}  # fmt: skip
        return await create({**person("Ann", "Miller", "a@example.com"), **more})

    async def fill(count: int) -> list[str]:
        return [portal.person(**person(f"G{n}", "Miller", f"{n}@example.com")) for n in range(count)]

    return Bench(
        portal.connector,
        REF,
        person,
        "jobtitle",
        create,
        edit,
        delete,
        everything,
        strange,
        portal.clock.sleep,
        "Contacts",
        own_parts=frozenset({"lastmodifieddate"}),
        fill=fill,
        page=100,
        ownerless=True,
        world=portal.world,
    )


class TestHubSpotConnector(ConnectorContract):
    """See the contract."""


@pytest.mark.parametrize("bench", [KINDS["worst"]], indirect=True)
class TestHubSpotFaults(HttpFaults):
    """See the suite."""
