"""A field that the profile may not edit any more: Zoho says done and keeps the value; nobody takes that for an edit."""

from typing import Any

from zohosyncd.connectors.zoho_crm.locks import LOCKED, LOOK_AGAIN
from zohosyncd.ports.connector import Done, Found, Refused, WriteKind, WriteOp

FIELDS = ("Title", "Department")
METADATA = "GET /crm/v8/settings/fields?module=Contacts"


async def read(org: Any, number: str) -> Any:
    (found,) = await org.connector.fetch("Contacts", FIELDS, [number])
    assert isinstance(found, Found)
    return found.record


async def change(org: Any, number: str, **values: Any) -> Any:
    op = WriteOp("0" * 32, WriteKind.UPDATE, number, values, await read(org, number))
    (result,) = await org.connector.write("Contacts", [op])
    await org.clock.sleep(5.0)
    return result


def looks(org: Any) -> int:
    return org.calls().count(METADATA)


async def test_it_is_found_out_by_the_first_read_that_shows_the_old_value(org: Any) -> None:
    one = org.person(Title="Clerk", Department="Court")
    schema = await org.connector.schema("Contacts")
    org.app.tune({"read_only": ["Title"]})
    assert isinstance(await change(org, one, Title="Judge", Department="Appeal"), Done), "Zoho says so"
    assert schema.locked.isdisjoint(FIELDS)
    assert (await read(org, one)).values == {"Title": "Clerk", "Department": "Appeal"}
    assert schema.locked >= {"Title"}
    assert (looks(org), "Department" in schema.locked) == (2, False)


async def test_the_feed_finds_it_too(org: Any) -> None:
    one = org.person(Title="Clerk")
    cursor = None
    async for page in org.connector.changes("Contacts", FIELDS, None):
        cursor = page.cursor
    org.app.tune({"read_only": ["Title"]})
    await change(org, one, Title="Judge")
    async for _page in org.connector.changes("Contacts", FIELDS, cursor):
        pass
    assert "Title" in (await org.connector._known("Contacts")).locked


async def test_from_then_on_it_is_left_out_with_its_cure_and_the_rest_arrives(org: Any) -> None:
    one = org.person(Title="Clerk", Department="Court")
    await org.connector.schema("Contacts")
    org.app.tune({"read_only": ["Title"]})
    await change(org, one, Title="Judge")
    done = await change(org, one, Title="Advocate", Department="Appeal")
    assert isinstance(done, Done)
    assert [(each.code, each.field) for each in done.refused] == [(LOCKED, "Title")]
    before = len(org.calls())
    alone = await change(org, one, Title="Advocate")
    assert isinstance(alone, Refused)
    assert "profile" in alone.message
    assert not any(call.startswith("PUT") for call in org.calls()[before:])


async def test_once_it_is_open_again_it_is_written_again(org: Any) -> None:
    one = org.person(Title="Clerk")
    await org.connector.schema("Contacts")
    org.app.tune({"read_only": ["Title"]})
    await change(org, one, Title="Judge")
    assert isinstance(await change(org, one, Title="Judge"), Refused)
    org.app.tune({"read_only": []})
    assert isinstance(await change(org, one, Title="Judge"), Refused), "nobody has looked since"
    await org.clock.sleep(LOOK_AGAIN)
    assert isinstance(await change(org, one, Title="Judge"), Done)
    assert (await read(org, one)).values["Title"] == "Judge"


async def test_a_person_who_takes_a_change_back_is_a_person(org: Any) -> None:
    """It costs one look whether the field is locked; everything else costs none."""
    one = org.person(Title="Clerk")
    schema = await org.connector.schema("Contacts")
    await change(org, one, Title="Judge")
    await read(org, one)
    assert looks(org) == 1
    await change(org, one, Title="Advocate")
    org.edit(one, Title="Judge")
    assert (await read(org, one)).values["Title"] == "Judge"
    assert looks(org) == 2
    assert "Title" not in schema.locked
    await read(org, one)
    assert looks(org) == 2


async def test_what_was_ignored_for_another_reason_costs_one_look_too(org: Any) -> None:
    one = org.person(Title="Clerk")
    await org.connector.schema("Contacts")
    await change(org, one, Title="Judge")
    for _ in range(3):
        org.edit(one, Title="Clerk")
        await read(org, one)
    assert looks(org) == 2


async def test_whoever_has_an_older_schema_knows_it_too(org: Any) -> None:
    """Connections start at different times, and somebody asks for the list of fields in between."""
    one = org.person(Title="Clerk")
    older = await org.connector.schema("Contacts")
    org.app.tune({"read_only": ["Title"]})
    await change(org, one, Title="Judge")
    newer = await org.connector.schema("Contacts")
    assert "Title" in older.locked
    assert (newer.fields["Title"].writable, "Title" in newer.locked) == (False, True)
    before = looks(org)
    assert (await read(org, one)).values["Title"] == "Clerk"
    assert looks(org) == before, "the metadata is younger than the write"
