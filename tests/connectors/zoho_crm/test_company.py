"""Fields of a contact's company: read with the contact, never written, and cheap."""

from typing import Any

import pytest

from tests.connectors.contract import update
from zohosyncd.core.record import Record
from zohosyncd.core.schema import FieldType
from zohosyncd.ports.connector import Found, Refused, Upserted

WEBSITE, INDUSTRY = "Account_Name.Website", "Account_Name.Industry"


def company(org: Any, **values: Any) -> str:
    created = org.app.edit({"object": "Accounts", "create": {"Account_Name": "Acme", **values}})
    return str(created["id"])


async def read(org: Any, *ids: str, fields: tuple[str, ...] = ("Last_Name", WEBSITE, INDUSTRY)) -> list[Record]:
    answers = await org.connector.fetch("Contacts", fields, ids)
    assert all(isinstance(each, Found) for each in answers)
    return [each.record for each in answers]


async def follow(org: Any, cursor: str | None, *fields: str) -> tuple[list[Record], str]:
    records, after = [], ""
    async for page in org.connector.changes("Contacts", fields, cursor):
        records += [each.record for each in page.changes if isinstance(each, Upserted)]
        after = page.cursor
    return records, after


async def test_contacts_have_the_fields_of_their_company_which_mean_nothing_and_cannot_be_written(org: Any) -> None:
    schema = await org.connector.schema("Contacts")
    website, industry = schema.fields[WEBSITE], schema.fields[INDUSTRY]
    assert (website.type, website.writable, website.semantic) == (FieldType.URL, False, "")
    assert website.label == "Company: Website"
    assert "Technology" in industry.choices
    names = {name for name in schema.fields if name.startswith("Account_Name.")}
    assert {"Account_Name.Phone", "Account_Name.Billing_City", "Account_Name.Employees"} <= names
    assert not names & {"Account_Name.Account_Name", "Account_Name.Owner", "Account_Name.Tag"}
    assert not any(name.startswith("Account_Name.") for name in (await org.connector.schema("Accounts")).fields)


async def test_they_are_read_with_the_contact(org: Any) -> None:
    acme = company(org, Website="https://acme.example", Industry="Technology")
    with_one, without = org.person(Account_Name={"id": acme}), org.person()
    one, other = await read(org, with_one, without)
    assert one.values == {"Last_Name": "Miller", WEBSITE: "https://acme.example", INDUSTRY: "Technology"}
    assert other.values == {"Last_Name": "Miller", WEBSITE: None, INDUSTRY: None}
    records, _ = await follow(org, None, "Last_Name", WEBSITE, INDUSTRY)
    assert {each.id: each.values for each in records} == {each.id: each.values for each in (one, other)}
    since = [page async for page in org.connector.created_since("Contacts", [WEBSITE], 0.0)]
    assert {each.id: each.values[WEBSITE] for page in since for each in page.records} == {
        with_one: "https://acme.example", without: None,
    }  # fmt: skip


async def test_the_companies_of_a_page_are_read_together_and_only_when_asked_for(org: Any) -> None:
    companies = [company(org, Website=f"https://{n}.example") for n in range(60)]
    for n in range(120):
        org.person(Account_Name={"id": companies[n % 60]})
    await org.connector.schema("Contacts")
    before = len(org.calls())
    await follow(org, None, "Last_Name", "Account_Name")
    assert not [call for call in org.calls()[before:] if "/Accounts" in call]
    records, _ = await follow(org, None, "Last_Name", WEBSITE)
    assert len({each.values[WEBSITE] for each in records}) == 60
    assert len([call for call in org.calls()[before:] if "/Accounts" in call]) == 2


async def test_a_change_of_the_company_is_not_in_the_feed_and_every_read_shows_it(org: Any) -> None:
    acme = company(org, Website="https://old.example")
    person = org.person(Account_Name={"id": acme})
    _, cursor = await follow(org, None, WEBSITE)
    await org.clock.sleep(600)
    _, cursor = await follow(org, cursor, WEBSITE)  # what was new a moment ago is shown once more
    await org.clock.sleep(600)
    org.app.edit({"object": "Accounts", "id": acme, "set": {"Website": "https://new.example"}})
    records, cursor = await follow(org, cursor, WEBSITE)
    assert records == []
    (record,) = await read(org, person)
    assert record.values[WEBSITE] == "https://new.example"
    (record,), _ = await follow(org, None, WEBSITE)
    assert record.values[WEBSITE] == "https://new.example"


async def test_a_company_that_cannot_be_seen_was_not_read_and_is_not_empty(org: Any) -> None:
    acme = company(org, Website="https://acme.example")
    person = org.person(Account_Name={"id": acme})
    await org.connector.schema("Contacts")
    org.fail({"path": "/crm/v8/Accounts*", "fault": "empty"})
    (record,) = await read(org, person)
    assert record.values == {"Last_Name": "Miller"}


@pytest.mark.parametrize("value", ["https://x.example", None])
async def test_a_company_is_never_written_through_its_contact(org: Any, value: str | None) -> None:
    acme = company(org, Website="https://acme.example")
    (known,) = await read(org, org.person(Account_Name={"id": acme}))
    (result,) = await org.connector.write("Contacts", [update(known, {WEBSITE: value})])
    assert isinstance(result, Refused)
    assert result.field == WEBSITE
