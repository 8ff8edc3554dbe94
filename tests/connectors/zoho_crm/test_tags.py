"""Tags and owners of records in Zoho: read with the record, changed by calls of their own, and honest about both."""

import json
from typing import Any

import pytest

from tests.connectors.contract import creation, update
from zohosyncd.core.errors import RateLimited
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Owner, Record
from zohosyncd.ports.connector import Conflict, Done, Found, Pending, Refused, Unknown, WriteKind, WriteOp, WriteResult
from zohosyncd.sandbox.zoho.crm import ZohoSetup

FIELDS = ("Last_Name", "Title", "Tag", "Owner", "Created_Time")
ACTIONS = {"method": "POST", "path": "/crm/v8/Contacts/actions/*"}


async def read(org: Any, record_id: str) -> Record:
    (found,) = await org.connector.fetch("Contacts", FIELDS, [record_id])
    assert isinstance(found, Found)
    return found.record


async def write(org: Any, *ops: WriteOp) -> list[WriteResult]:
    results: list[WriteResult] = await org.connector.write("Contacts", ops)
    return results


async def tagged(org: Any, *names: str, **values: Any) -> Record:
    return await read(org, org.person(Tag=list(names), **values))


async def tags(org: Any, record_id: str) -> tuple[str, ...]:
    return names_of((await read(org, record_id)).values["Tag"])


def actions(org: Any) -> list[tuple[str, list[str], int]]:
    """Action, names and number of records of every tag call."""
    sent = [each for each in org.sender.sent if "/actions/" in each.url]
    bodies = [(each.url.rsplit("/", 1)[-1], json.loads(each.body)) for each in sent]
    return [(action, [tag["name"] for tag in body["tags"]], len(body["ids"])) for action, body in bodies]


class TestSchema:
    async def test_the_schema_names_tags_and_active_users(self, org: Any) -> None:
        org.person(Tag=["VIP", "Fair"])
        schema = await org.connector.schema("Contacts")
        assert schema.containers["tags"].names == ("VIP", "Fair")
        assert [each.email for each in schema.owners][:2] == ["robot@example.com", "ann@example.com"]
        assert "cleo@example.com" not in {each.email for each in schema.owners}

    async def test_a_login_without_the_rights_to_list_them_does_not_know_them(self, org: Any) -> None:
        denied = {"fault": "status", "status": 403, "body": {"code": "NO_PERMISSION", "message": "", "details": {}}}
        scope = {"fault": "status", "status": 401, "body": {"code": "OAUTH_SCOPE_MISMATCH", "message": "Unauthorized"}}
        org.fail({"path": "/crm/v8/users*", **denied}, {"path": "/crm/v8/settings/tags*", **scope})
        schema = await org.connector.schema("Contacts")
        assert schema.owners is None
        assert schema.containers["tags"].names is None
        assert schema.meaning("family_name")

    async def test_an_app_that_fails_for_the_moment_is_no_app_without_users(self, org: Any) -> None:
        busy = {"code": "TOO_MANY_REQUESTS", "message": "API credits of 24 hours", "details": {}}
        org.fail({"path": "/crm/v8/users*", "fault": "status", "status": 429, "body": busy})
        with pytest.raises(RateLimited):
            await org.connector.schema("Contacts")


class TestWrites:
    async def test_a_create_with_tags_is_an_insert_and_a_tag_call(self, org: Any) -> None:
        (made,) = await write(org, creation({"Last_Name": "Lee", "Tag": as_value(["VIP", "Fair"])}))
        assert isinstance(made, Done)
        assert made.left == ()
        assert await tags(org, made.id) == ("VIP", "Fair")
        assert actions(org) == [("add_tags", ["VIP", "Fair"], 1)]

    async def test_an_org_that_takes_tags_with_the_row_is_given_them_the_same_way(self, make_org: Any) -> None:
        org = make_org(ZohoSetup(tags_in_rows=True, tags_modify=True))
        (made,) = await write(org, creation({"Last_Name": "Lee", "Tag": as_value(["VIP"])}))
        assert isinstance(made, Done)
        known = await read(org, made.id)
        (done,) = await write(org, update(known, {"Title": "x", "Tag": as_value(["Fair"])}))
        assert isinstance(done, Done)
        assert await tags(org, made.id) == ("Fair",)

    async def test_only_the_difference_is_changed_and_what_somebody_added_meanwhile_stays(self, org: Any) -> None:
        known = await tagged(org, "Old", "Kept")
        org.edit(known.id, Tag=["Old", "Kept", "Theirs"])
        (done,) = await write(org, update(known, {"Tag": as_value(["kept", "New"])}))
        assert isinstance(done, Done)
        assert await tags(org, known.id) == ("Kept", "Theirs", "New")
        assert actions(org) == [("remove_tags", ["Old"], 1), ("add_tags", ["New"], 1)]

    async def test_tags_alone_write_no_values_and_no_difference_writes_nothing(self, org: Any) -> None:
        known = await tagged(org, "VIP")
        before = len(org.calls())
        (done,) = await write(org, update(known, {"Tag": as_value(["vip"])}))
        assert done == Done(known.id, known.version, known.modified)
        assert len(org.calls()) == before
        await write(org, update(known, {"Tag": ()}))
        assert [call.split("?")[0] for call in org.calls()[before:]] == ["POST /crm/v8/Contacts/actions/remove_tags"]

    async def test_records_with_the_same_change_share_a_call(self, org: Any) -> None:
        known = [await tagged(org, *names) for names in ((), ("A",), ("B",), ())]
        wished = [["X", "Y"], ["A", "y", "x"], ["B", "Z"], ["X", "Y"]]
        results = await write(
            org,
            *[update(each, {"Title": "t", "Tag": as_value(names)}) for each, names in zip(known, wished, strict=True)],
        )
        assert all(isinstance(each, Done) and not each.left for each in results)
        assert sorted(actions(org)) == [("add_tags", ["X", "Y"], 3), ("add_tags", ["Z"], 1)]
        assert await tags(org, known[1].id) == ("A", "X", "Y")

    async def test_a_full_record_loses_first_and_gains_then(self, org: Any) -> None:
        known = await tagged(org, *[f"T{n}" for n in range(10)])
        wished = [f"T{n}" for n in range(1, 10)] + ["New"]
        (done,) = await write(org, update(known, {"Tag": as_value(wished)}))
        assert isinstance(done, Done)
        assert await tags(org, known.id) == tuple(wished)

    @pytest.mark.parametrize(
        ("names", "code"), [(["x" * 26], "TAG_TOO_LONG"), ([f"T{n}" for n in range(11)], "TOO_MANY_TAGS")]
    )
    async def test_what_no_record_can_have_is_refused_before_anything_is_written(
        self, org: Any, names: list[str], code: str
    ) -> None:
        known = await tagged(org)
        refused, done = await write(
            org, update(known, {"Title": "x", "Tag": as_value(names)}), update(known, {"Title": "y"})
        )
        assert isinstance(refused, Refused)
        assert (refused.code, refused.field) == (code, "Tag")
        assert isinstance(done, Done)
        assert (await read(org, known.id)).values["Title"] == "y"

    async def test_a_change_of_tags_that_nobody_has_read_is_refused(self, org: Any) -> None:
        known = await tagged(org, "VIP")
        (result,) = await write(org, WriteOp("0" * 32, WriteKind.UPDATE, known.id, {"Tag": ()}))
        assert isinstance(result, Refused)
        assert await tags(org, known.id) == ("VIP",)


class TestHonesty:
    """Two calls make one write: whatever becomes of either, the result says no more than what is sure."""

    async def test_values_refused_leave_the_tags_alone(self, org: Any) -> None:
        known = await tagged(org)
        (result,) = await write(org, update(known, {"Title": "x" * 500, "Tag": as_value(["VIP"])}))
        assert isinstance(result, Refused)
        assert actions(org) == []

    async def test_values_without_an_answer_leave_the_tags_alone(self, org: Any) -> None:
        known = await tagged(org)
        org.fail({"method": "PUT", "path": "/crm/v8/Contacts*", "fault": "reset", "executed": True})
        (result,) = await write(org, update(known, {"Title": "x", "Tag": as_value(["VIP"])}))
        assert isinstance(result, Unknown)
        assert actions(org) == []

    @pytest.mark.parametrize("fault", [{"fault": "rows", "share": 1.0}, {"fault": "reset", "executed": False}])
    async def test_tags_that_did_not_arrive_with_values_that_did_are_left(
        self, org: Any, fault: dict[str, Any]
    ) -> None:
        known = await tagged(org)
        org.fail({**ACTIONS, **fault})
        done, made = (
            await write(org, update(known, {"Title": "x", "Tag": as_value(["VIP"])})),
            await write(org, creation({"Last_Name": "Lee", "Tag": as_value(["VIP"])})),
        )
        assert [(type(each), each.left) for each in (*done, *made)] == [(Done, ("Tag",))] * 2
        assert (await read(org, known.id)).values["Title"] == "x"
        assert (await read(org, made[0].id)).values["Tag"] == ()

    async def test_tags_alone_say_what_became_of_them(self, org: Any) -> None:
        known, gone, locked = [await tagged(org) for _ in range(3)]
        org.delete(gone.id)
        org.app.tune({"lock": [locked.id]})
        results = await write(org, *[update(each, {"Tag": as_value(["VIP"])}) for each in (known, gone, locked)])
        assert isinstance(results[0], Done)
        assert results[1] == Conflict(gone=True)
        assert isinstance(results[2], Pending)
        org.fail({**ACTIONS, "fault": "reset", "executed": True})
        (result,) = await write(org, update(known, {"Tag": as_value(["Fair"])}))
        assert isinstance(result, Unknown)
        org.fail({**ACTIONS, "fault": "rows", "share": 1.0, "code": "FAILURE"})
        (result,) = await write(org, update(known, {"Tag": as_value(["Fair"])}))
        assert result == Refused("FAILURE", "Tag", "Zoho refuses it")

    async def test_half_a_change_of_tags_is_left_and_not_refused(self, org: Any) -> None:
        known = await tagged(org, "Old")
        org.fail({"method": "POST", "path": "/crm/v8/Contacts/actions/add_tags", "fault": "rows", "share": 1.0})
        (result,) = await write(org, update(known, {"Tag": as_value(["New"])}))
        assert isinstance(result, Done)
        assert result.left == ("Tag",)
        assert await tags(org, known.id) == ()
        (result,) = await write(org, update(await read(org, known.id), {"Tag": as_value(["New"])}))
        assert isinstance(result, Refused)

    async def test_a_limit_in_the_middle_hides_nothing_that_was_carried_out(self, org: Any) -> None:
        busy = {"code": "TOO_MANY_REQUESTS", "message": "API credits of 24 hours", "details": {}}
        known = await tagged(org)
        org.fail({**ACTIONS, "fault": "status", "status": 429, "body": busy})
        (result,) = await write(org, update(known, {"Title": "x", "Tag": as_value(["VIP"])}))
        assert isinstance(result, Done)
        assert result.left == ("Tag",)
        with pytest.raises(RateLimited):
            await write(org, update(known, {"Tag": as_value(["VIP"])}))


class TestOwners:
    async def test_an_owner_is_read_and_given_by_address(self, org: Any) -> None:
        known = await tagged(org)
        assert str(known.values["Owner"]) == "ann@example.com"
        (done,) = await write(org, update(known, {"Owner": Owner("", email="Dora@example.com")}))
        assert isinstance(done, Done)
        assert str((await read(org, known.id)).values["Owner"]) == "dora@example.com"

    async def test_an_inactive_user_is_refused_by_address_and_by_id(self, org: Any) -> None:
        known = await tagged(org)
        (former,) = [each for each in org.app.crm.users if not each.active]
        results = await write(
            org,
            update(known, {"Owner": Owner("", email=former.email)}),
            update(known, {"Owner": Owner(str(former.number))}),
        )
        assert [(type(each), each.field) for each in results] == [(Refused, "Owner")] * 2

    async def test_creation_is_a_moment_in_utc(self, org: Any) -> None:
        assert (await tagged(org)).values["Created_Time"] == "2027-01-15T08:00:00+00:00"


class TestManyAtOnce:
    """A call takes 500 records; one that also has other values to write carries as many as those calls do."""

    async def test_five_hundred_changes_of_nothing_but_tags_are_one_call(self, org: Any) -> None:
        shown = [Record(org.person(), {"Tag": ()}, "1", 1.0) for _ in range(501)]
        ops = [update(each, {"Tag": as_value(["VIP"])}) for each in shown]
        assert all(isinstance(each, Done) for each in await write(org, *ops[:500]))
        assert actions(org) == [("add_tags", ["VIP"], 500)]
        assert await tags(org, shown[499].id) == ("VIP",)
        with pytest.raises(ValueError, match="at most 500"):
            await write(org, *ops)
        with pytest.raises(ValueError, match="at most 100"):
            await write(org, *ops[:100], update(shown[100], {"Tag": as_value(["VIP"]), "Title": "Boss"}))
