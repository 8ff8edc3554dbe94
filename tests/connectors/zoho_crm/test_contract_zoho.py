"""The Zoho connector keeps the promises of a connector, against the simulated org: for every kind of module."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from tests.connectors.http_faults import HttpFaults
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Values
from zohosyncd.sandbox.zoho.crm import ZohoSetup


def contact(given: str, family: str, email: str) -> Values:
    return {"First_Name": given, "Last_Name": family, "Email": email}


def lead(given: str, family: str, email: str) -> Values:
    return {**contact(given, family, email), "Company": "ACME"}


def member(given: str, family: str, email: str) -> Values:
    return {"Name": f"{given} {family}", "Email": email}


@dataclass(frozen=True)
class Module:
    """A module, the people of it, and a field of theirs. ``more``: what we do not map; ``called``: another name."""

    name: str
    person: Callable[[str, str, str], Values]
    text: str
    more: Mapping[str, Any]
    called: str
    setup: ZohoSetup = field(default_factory=lambda: ZohoSetup(queries=False))


CONTACTS = Module("Contacts", contact, "Title", {"Fax": "1", "Twitter": "@ann", "Customer_Number": "C-1"}, "Contacts")
MODULES = {
    "worst": CONTACTS,
    "kindest": replace(CONTACTS, setup=ZohoSetup(tags_modify=True, tags_in_rows=True)),
    "leads": Module("Leads", lead, "Designation", {"Fax": "1", "Lead_Source": "Chat"}, "Leads"),
    "own": Module("Members", member, "Position", {"Note": "x", "Member_Since": "2020-01-01"}, "Members"),
}


def typed(values: Values) -> dict[str, Any]:
    """Values as a person's browser sends them: tags by their names."""
    return {name: list(names_of(value)) if name == "Tag" else value for name, value in values.items()}


@pytest.fixture(params=MODULES.values(), ids=MODULES)
def bench(make_org: Callable[..., Any], request: pytest.FixtureRequest) -> Bench:
    module: Module = request.param
    org = make_org(replace(module.setup))

    async def create(values: Values) -> str:
        return str(org.person(module.name, **typed(values)))

    async def edit(record_id: str, values: Values) -> None:
        org.edit(record_id, module.name, **typed(values))

    async def delete(record_id: str) -> None:
        org.delete(record_id, module.name)

    async def everything(record_id: str) -> Mapping[str, Any]:
        (found,) = [each for each in org.app.state()[module.name] if each["id"] == record_id]
        return dict(found)

    async def strange() -> str:
        return await create({**module.person("Ann", "Miller", "a@example.com"), **module.more})

    async def fill(count: int) -> list[str]:
        people = (module.person(f"G{n}", "Miller", f"{n}@example.com") for n in range(count))
        return [org.person(module.name, **typed(each)) for each in people]

    return Bench(
        org.connector,
        module.name,
        module.person,
        module.text,
        create,
        edit,
        delete,
        everything,
        strange,
        org.clock.sleep,
        module.called,
        own_parts=frozenset({"Modified_Time", "Modified_By", "Last_Activity_Time", "Change_Log_Time__s"}),
        fill=fill,
        page=700 if module.setup.queries else 200,  # a page of a list, and one of a query
        world=org.world,
        api="/crm/*",
        renews=True,
    )


class TestZohoConnector(ConnectorContract):
    """See the contract."""


@pytest.mark.parametrize("bench", [MODULES["worst"]], indirect=True)
class TestZohoFaults(HttpFaults):
    """See the suite."""
