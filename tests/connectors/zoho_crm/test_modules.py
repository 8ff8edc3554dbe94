"""Modules: those that can be synced, by name or label; converted leads; records that come back."""

from typing import Any

import pytest

from zohosyncd.core.errors import UsageError
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Found, Missing, Refused, Removed, Upserted, WriteKind, WriteOp
from zohosyncd.sandbox.zoho.crm import ZohoSetup

LEAD = {"Last_Name": "Miller", "Company": "ACME", "Email": "a@example.com"}


async def follow(org: Any, module: str, cursor: str | None = None) -> tuple[list[Any], str]:
    pages = [page async for page in org.connector.changes(module, ["Email"], cursor)]
    return [each for page in pages for each in page.changes], pages[-1].cursor


def gone(changes: list[Any]) -> set[str]:
    return {each.id for each in changes if isinstance(each, Removed)}


class TestObjects:
    async def test_every_module_of_the_org(self, org: Any) -> None:
        assert {"Contacts", "Leads", "Accounts", "Members"} <= (await org.connector.objects()).keys()

    async def test_the_usual_ones_cost_no_call(self, org: Any) -> None:
        assert [await org.connector.resolve(each) for each in ("", "contacts", "LEADS", "Accounts")] == [
            "Contacts", "Contacts", "Leads", "Accounts",
        ]  # fmt: skip
        assert org.calls() == []

    async def test_an_unknown_one_is_refused_with_those_that_are_there(self, org: Any) -> None:
        assert await org.connector.resolve("members") == "Members"
        with pytest.raises(UsageError, match="Memberz") as refused:
            await org.connector.resolve("Memberz")
        assert "Members" in refused.value.hint

    async def test_where_modules_may_not_be_listed_the_usual_ones_are_known(self, org: Any) -> None:
        org.fail(
            {"path": "*/settings/modules", "fault": "status", "status": 401, "body": {"code": "OAUTH_SCOPE_MISMATCH"}}
        )
        assert await org.connector.resolve("leads") == "Leads"
        assert set(await org.connector.objects()) == {"Contacts", "Leads", "Accounts"}


class TestConvertedLeads:
    """The person goes on as a contact: the lead is neither shown nor deleted."""

    async def converted(self, org: Any) -> tuple[str, Record]:
        one = org.person("Leads", **LEAD)
        org.app.edit({"object": "Leads", "id": one, "convert": True})
        (found,) = await org.connector.fetch("Leads", ["Email", "Designation"], [one])
        assert isinstance(found, Found)
        return one, found.record

    async def test_a_first_read_does_not_show_it(self, org: Any) -> None:
        await self.converted(org)
        still = org.person("Leads", **LEAD)
        changes, _ = await follow(org, "Leads")
        assert [each.record.id for each in changes] == [still]

    async def test_it_is_not_reported_as_deleted(self, org: Any) -> None:
        one = org.person("Leads", **LEAD)
        _, cursor = await follow(org, "Leads")
        org.clock.moment += 60.0
        org.app.edit({"object": "Leads", "id": one, "convert": True})
        changes, _ = await follow(org, "Leads", cursor)
        assert one not in gone(changes)
        found = await org.connector.fetch("Leads", ["Email"], [one, "1"])
        assert [type(each) for each in found] == [Found, Missing]

    async def test_a_write_to_it_is_refused_and_does_not_say_gone(self, org: Any) -> None:
        one, known = await self.converted(org)
        op = WriteOp("0" * 32, WriteKind.UPDATE, one, {"Designation": "x"}, known)
        (result,) = await org.connector.write("Leads", [op])
        assert isinstance(result, Refused)
        assert result.code == "LEAD_CONVERTED"
        assert not any(call.startswith("PUT") for call in org.calls())

    async def test_it_became_a_contact(self, org: Any) -> None:
        await self.converted(org)
        changes, _ = await follow(org, "Contacts")
        assert [each.record.values["Email"] for each in changes] == ["a@example.com"]


class TestGoneAndBack:
    async def test_a_restored_record_is_there_again_under_its_id(self, org: Any) -> None:
        one = org.person(Email="a@example.com")
        _, cursor = await follow(org, "Contacts")
        org.clock.moment += 60.0
        org.delete(one)
        changes, cursor = await follow(org, "Contacts", cursor)
        assert one in gone(changes)
        org.clock.moment += 60.0
        org.app.edit({"object": "Contacts", "id": one, "restore": True})
        changes, _ = await follow(org, "Contacts", cursor)
        assert [each.record.id for each in changes if isinstance(each, Upserted)] == [one]
        assert one not in gone(changes)

    async def test_where_restored_ids_stay_among_the_deleted_it_is_told_when_that_was(self, make_org: Any) -> None:
        """Both are told, and when it was deleted: before it was modified the last time."""
        org = make_org(ZohoSetup(restored_stay=True))
        one = org.person(Email="a@example.com")
        _, cursor = await follow(org, "Contacts")
        org.clock.moment += 60.0
        org.delete(one)
        org.clock.moment += 1.0
        org.app.edit({"object": "Contacts", "id": one, "restore": True})
        changes, _ = await follow(org, "Contacts", cursor)
        (back,) = [each.record for each in changes if isinstance(each, Upserted)]
        (removed,) = [each for each in changes if isinstance(each, Removed)]
        assert back.id == removed.id == one
        assert removed.at == 1_800_000_060.0 == back.modified - 1.0

    async def test_of_a_merge_the_children_are_gone_and_the_survivor_has_changed(self, org: Any) -> None:
        master, child = org.person(Email="a@example.com"), org.person(Email="b@example.com", Phone="1")
        _, cursor = await follow(org, "Contacts")
        org.clock.moment += 60.0
        org.app.edit({"object": "Contacts", "id": master, "merge": {child: ["Email", "Phone"]}})
        changes, _ = await follow(org, "Contacts", cursor)
        (survivor,) = [each.record for each in changes if isinstance(each, Upserted)]
        assert (survivor.id, survivor.values["Email"]) == (master, "b@example.com")
        assert child in gone(changes)
