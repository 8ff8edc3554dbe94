"""Custom fields of every kind, against the simulated org: what is read, what is written, what stays untouched."""

from collections.abc import Callable
from typing import Any

import pytest

from zohosyncd.core.record import Item, Record, Value
from zohosyncd.core.schema import FieldType
from zohosyncd.ports.connector import Done, Found, Upserted, WriteKind, WriteOp
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.layouts import Layout
from zohosyncd.sandbox.zoho.schema import Rights
from zohosyncd.sandbox.zoho.standard import EVERY_KIND

KINDS = [each.name for each in EVERY_KIND]
WRITTEN: dict[str, Value] = {
    "Text_1": "x",
    "Notes_1": "two\nlines",
    "Story": "<b>bold</b>",
    "Private_Email": "p@example.com",
    "Hotline": "+49 30 1234",
    "Shop": "https://shop.example",
    "Size": "L",
    "Topics": (Item("blue"), Item("red")),
    "Agreed": True,
    "Seats": 4,
    "Big_Number": "900719925474099312",
    "Weight": 2.5,
    "Budget": 10.25,
    "Rebate": 7,
    "Hired": "2020-02-29",
    "Last_Call": "2026-05-02T09:00:00+00:00",
}


@pytest.fixture
def org(make_org: Callable[..., Any]) -> Any:
    return make_org(ZohoSetup(custom=EVERY_KIND, time_zone="America/New_York"))


async def read(org: Any, record_id: str, *fields: str) -> Record:
    (found,) = await org.connector.fetch("Contacts", fields, [record_id])
    assert isinstance(found, Found)
    return found.record


async def listed(org: Any, *fields: str) -> dict[str, Record]:
    """Everybody as the feed shows them."""
    pages = [page async for page in org.connector.changes("Contacts", fields, None)]
    return {each.record.id: each.record for page in pages for each in page.changes if isinstance(each, Upserted)}


async def write(org: Any, kind: WriteKind, known: Record | None = None, **patch: Value) -> Any:
    op = WriteOp("0" * 32, kind, known.id if known else "", patch, known)
    (result,) = await org.connector.write("Contacts", [op])
    return result


def pointing(org: Any) -> dict[str, Any]:
    """What a person puts into the kinds that are only read."""
    bob, eve = org.person(First_Name="Bob"), org.person(First_Name="Eve")
    users = [str(user.number) for user in org.app.crm.users]
    return {
        "Referrer": {"id": bob},
        "Partners": [{"id": bob}, {"id": eve}],
        "Agents": [{"id": users[1]}],
        "Advisor": {"id": users[2]},
        "Children": [{"id": "1", "Name": "Tim", "Age": 4}, {"id": "2", "Name": "Eva"}],
        "Papers": [{"File_Name__s": "cv.pdf", "id": "1"}],
        "Pictures": [{"File_Name__s": "me.png", "id": "2"}],
        "Basis": {"id": "5", "name": "Consent"},
        "Hologram": "blue light",
    }


READ: dict[str, Value] = {
    "Referrer": "Bob Miller",
    "Partners": (Item("Bob Miller"), Item("Eve Miller")),
    "Agents": (Item("Ann Arbour"),),
    "Advisor": "Ben Bright",
    "Children": "Tim, 4; Eva",
    "Papers": "cv.pdf",
    "Pictures": "me.png",
    "Basis": "Consent",
    "Hologram": "blue light",
}


async def test_whatever_can_be_written_is_written_and_read_back(org: Any) -> None:
    made = await write(org, WriteKind.CREATE, Last_Name="Miller", **WRITTEN)
    assert isinstance(made, Done)
    assert made.refused == ()
    assert (await read(org, made.id, *WRITTEN)).values == WRITTEN
    assert (await listed(org, *WRITTEN))[made.id].values == WRITTEN


async def test_whatever_can_be_written_can_be_emptied(org: Any) -> None:
    made = await write(org, WriteKind.CREATE, Last_Name="Miller", **WRITTEN)
    known = await read(org, made.id, *WRITTEN)
    empty: dict[str, Value] = {name: False if name == "Agreed" else None for name in WRITTEN} | {"Topics": ()}
    done = await write(org, WriteKind.UPDATE, known, **empty)
    assert isinstance(done, Done)
    assert done.refused == ()
    assert (await read(org, made.id, *WRITTEN)).values == empty


async def test_whatever_points_somewhere_or_is_computed_is_read_and_survives_a_write(org: Any) -> None:
    one = org.person(**pointing(org))
    (before,) = [each for each in org.app.state()["Contacts"] if each["id"] == one]
    known = await read(org, one, *READ, "Ticket", "Score")
    assert {name: known.values[name] for name in READ} == READ
    assert known.values["Score"] == 6.0
    assert str(known.values["Ticket"]).startswith("T-")
    assert (await listed(org, *READ))[one].values == READ
    assert isinstance(await write(org, WriteKind.UPDATE, known, Title="x"), Done)
    (after,) = [each for each in org.app.state()["Contacts"] if each["id"] == one]
    assert {name for name in KINDS if before[name] != after[name]} == set()


async def test_no_kind_is_missing_here(org: Any) -> None:
    schema = await org.connector.schema("Contacts")
    assert set(KINDS) == WRITTEN.keys() | READ.keys() | {"Ticket", "Score"}
    assert {name for name in KINDS if schema.fields[name].writable} == {*WRITTEN, "Referrer"}
    assert {name for name in KINDS if schema.fields[name].type is FieldType.OTHER} == set()
    assert schema.fields["Topics"].choices == ("red", "green", "blue"), "the words that travel, not their translations"


class TestRichTexts:
    """Lists cut them; what was cut is never taken for the text."""

    LONG = "<p>" + "long " * 300 + "</p>"

    async def test_they_are_read_whole_by_one_call_for_a_page(self, org: Any) -> None:
        long = [org.person(Story=f"{self.LONG}{n}") for n in range(3)]
        short = org.person(Story="short")
        shown = await listed(org, "Story", "Title")
        assert [shown[each].values["Story"] for each in long] == [f"{self.LONG}{n}" for n in range(3)]
        assert shown[short].values["Story"] == "short"
        assert sum("fetch_full_data" in call for call in org.calls()) == 1
        assert (await read(org, long[0], "Story")).values["Story"] == f"{self.LONG}0"

    async def test_one_that_cannot_be_read_whole_is_not_read(self, org: Any) -> None:
        one = org.person(Story=self.LONG, Title="x")
        await org.connector.schema("Contacts")
        org.fail({"path": "*fetch_full_data", "fault": "status", "status": 400, "body": {"code": "INVALID_DATA"}})
        assert (await read(org, one, "Story", "Title")).values == {"Title": "x"}

    async def test_where_none_is_long_no_call_is_spent(self, org: Any) -> None:
        org.person(Story="short")
        await listed(org, "Story")
        assert not any("fetch_full_data" in call for call in org.calls())


class TestRights:
    """What the user of the login may not see is never taken for empty."""

    async def test_a_field_that_the_profile_hides_is_not_read(self, org: Any) -> None:
        one = org.person(Text_1="secret", Title="x")
        await org.connector.schema("Contacts")
        org.app.tune({"hidden": ["Text_1"]})
        assert (await read(org, one, "Text_1", "Title")).values == {"Title": "x"}
        assert (await listed(org, "Text_1", "Title"))[one].values == {"Title": "x"}

    async def test_what_the_profile_hides_or_only_shows_is_not_writable(self, org: Any) -> None:
        org.app.tune({"hidden": ["Text_1"], "read_only": ["Seats"]})
        schema = await org.connector.schema("Contacts")
        assert not schema.fields["Text_1"].writable
        assert not schema.fields["Seats"].writable

    async def test_a_value_that_the_hipaa_setting_hides_is_not_read(self, make_org: Callable[..., Any]) -> None:
        org = make_org(ZohoSetup(custom=EVERY_KIND, rights=Rights(restricted=frozenset({"Text_1", "Topics"}))))
        one = org.person(Text_1="secret", Topics=["red"], Title="x")
        assert (await read(org, one, "Text_1", "Topics", "Title")).values == {"Title": "x"}


async def test_a_moment_is_the_same_whatever_the_zone_of_the_user(org: Any) -> None:
    one = org.person(Last_Call="2026-10-25T02:30:00+02:00")
    first = await read(org, one, "Last_Call")
    org.app.tune({"time_zone": "Europe/Berlin"})
    second = await read(org, one, "Last_Call")
    assert first == second
    assert first.values == {"Last_Call": "2026-10-25T00:30:00+00:00"}
    org.edit(one, Last_Call="2026-10-25T02:30:00+01:00")
    assert (await read(org, one, "Last_Call")).values == {"Last_Call": "2026-10-25T01:30:00+00:00"}


async def test_a_field_that_only_the_layout_wants_stops_its_emptying_alone(make_org: Callable[..., Any]) -> None:
    org = make_org(ZohoSetup(layouts=(Layout(mandatory=frozenset({"Title"})),), layout_always=True))
    one = org.person(Title="Judge", Department="Court")
    known = await read(org, one, "Title", "Department")
    done = await write(org, WriteKind.UPDATE, known, Title=None, Department="Appeal")
    assert isinstance(done, Done)
    assert [(each.code, each.field) for each in done.refused] == [("MANDATORY_NOT_FOUND", "Title")]
    assert (await read(org, one, "Title", "Department")).values == {"Title": "Judge", "Department": "Appeal"}
