"""The Zoho connector keeps the promises of a connector, against the simulated org."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from zohosyncd.core.record import Values


def person(given: str, family: str, email: str) -> Values:
    return {"First_Name": given, "Last_Name": family, "Email": email}


@pytest.fixture
def bench(make_org: Callable[..., Any]) -> Bench:
    org = make_org()

    async def create(values: Values) -> str:
        return str(org.person(**values))

    async def edit(record_id: str, values: Values) -> None:
        org.edit(record_id, **values)

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
