"""The Zoho connector keeps the promises of a connector, against the simulated org."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Values
from zohosyncd.sandbox.zoho.crm import ZohoSetup


def person(given: str, family: str, email: str) -> Values:
    return {"First_Name": given, "Last_Name": family, "Email": email}


def typed(values: Values) -> dict[str, Any]:
    """Values as a person's browser sends them: tags by their names."""
    return {name: list(names_of(value)) if name == "Tag" else value for name, value in values.items()}


@pytest.fixture(params=[ZohoSetup(), ZohoSetup(tags_modify=True, tags_in_rows=True)], ids=["worst", "kindest"])
def bench(make_org: Callable[..., Any], request: pytest.FixtureRequest) -> Bench:
    org = make_org(replace(request.param))

    async def create(values: Values) -> str:
        return str(org.person(**typed(values)))

    async def edit(record_id: str, values: Values) -> None:
        org.edit(record_id, **typed(values))

    async def delete(record_id: str) -> None:
        org.delete(record_id)

    async def everything(record_id: str) -> Mapping[str, Any]:
        (found,) = [each for each in org.app.state()["Contacts"] if each["id"] == record_id]
        return dict(found)

    async def strange() -> str:
        return await create(
            {**person("Ann", "Miller", "a@example.com"), "Fax": "1", "Twitter": "@ann", "Customer_Number": "C-1"}
        )

    async def fill(count: int) -> list[str]:
        return [org.person(First_Name=f"G{n}", Email=f"{n}@example.com") for n in range(count)]

    return Bench(
        org.connector,
        "Contacts",
        person,
        "Title",
        create,
        edit,
        delete,
        everything,
        strange,
        org.clock.sleep,
        "Contacts",
        own_parts=frozenset({"Modified_Time", "Modified_By", "Last_Activity_Time", "Change_Log_Time__s"}),
        fill=fill,
        page=200,
    )


class TestZohoConnector(ConnectorContract):
    """See the contract."""
