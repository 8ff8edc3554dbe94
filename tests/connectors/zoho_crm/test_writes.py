"""Writes: rows in order, each with its own outcome; doubt is never a success and never a failure."""

import json
from typing import Any

import pytest

from zohosyncd.core.errors import AuthLost, PermissionLacking, RateLimited
from zohosyncd.core.record import Owner, Record
from zohosyncd.ports.connector import (
    Conflict,
    Created,
    Done,
    Duplicate,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.transport.sender import Answered, Lost

ID = "0" * 32


def create(**values: Any) -> WriteOp:
    return WriteOp(ID, WriteKind.CREATE, "", {"Last_Name": "Miller", **values})


def update(record_id: str, known: Record | None = None, **values: Any) -> WriteOp:
    return WriteOp(ID, WriteKind.UPDATE, record_id, values, known)


def delete(record_id: str) -> WriteOp:
    return WriteOp(ID, WriteKind.DELETE, record_id)


async def write(org: Any, *ops: WriteOp) -> list[WriteResult]:
    results: list[WriteResult] = await org.connector.write("Contacts", ops)
    return results


def contacts(org: Any) -> dict[str, Any]:
    return {each["id"]: each for each in org.app.state()["Contacts"]}


class TestOutcomes:
    async def test_created_updated_deleted(self, org: Any) -> None:
        (made,) = await write(org, create(Email="a@example.com"))
        assert isinstance(made, Done)
        assert (made.modified, made.stored) == (int(org.clock.moment), None)
        org.clock.moment += 5.0
        (changed,) = await write(org, update(made.id, Title="x"))
        assert isinstance(changed, Done)
        assert changed.modified == made.modified + 5.0
        assert contacts(org)[made.id]["Title"] == "x"
        assert await write(org, delete(made.id)) == [Done(made.id)]

    async def test_no_workflow_of_the_org_runs(self, org: Any) -> None:
        (made,) = await write(org, create())
        assert isinstance(made, Done)
        await write(org, update(made.id, Title="x"))
        await write(org, delete(made.id))
        post, put, remove = org.sender.sent[-3:]
        assert json.loads(post.body) == {"data": [{"Last_Name": "Miller"}], "trigger": []}
        assert json.loads(put.body) == {"data": [{"id": made.id, "Title": "x"}], "trigger": []}
        assert remove.url.endswith(f"/Contacts?ids={made.id}&wf_trigger=false")

    async def test_rows_that_fail_do_not_shift_the_others(self, org: Any) -> None:
        long = "x" * 500
        results = await write(org, create(Title="1"), create(Title=long), create(Email="no address"), create(Title="4"))
        assert [type(each) for each in results] == [Done, Done, Refused, Done]
        assert isinstance(results[3], Done)
        assert contacts(org)[results[3].id]["Title"] == "4"
        assert long not in repr(results)

    async def test_what_cannot_be_missing_is_refused_whole(self, org: Any) -> None:
        results = await write(org, create(Last_Name="x" * 500), create(Email="no address", Title="x"))
        assert [each.field for each in results if isinstance(each, Refused)] == ["Last_Name", "Email"]
        assert contacts(org) == {}

    async def test_a_missing_name_is_named(self, org: Any) -> None:
        (result,) = await write(org, WriteOp(ID, WriteKind.CREATE, "", {"Email": "a@example.com"}))
        assert isinstance(result, Refused)
        assert (result.code, result.field) == ("MANDATORY_NOT_FOUND", "Last_Name")

    async def test_a_duplicate_names_the_record_that_exists(self, make_org: Any) -> None:
        org = make_org(ZohoSetup(unique=frozenset({"Email"})))
        first = org.person(Email="a@example.com")
        assert await write(org, create(Email="a@example.com")) == [Duplicate(first, "Email")]

    async def test_a_locked_record_is_pending(self, org: Any) -> None:
        one = org.person()
        org.app.tune({"lock": [one]})
        assert [type(each) for each in await write(org, update(one, Title="x"))] == [Pending]
        assert [type(each) for each in await write(org, delete(one))] == [Pending]

    async def test_what_is_gone_is_gone(self, org: Any) -> None:
        one = org.person()
        org.delete(one)
        assert await write(org, update(one, Title="x")) == [Conflict(gone=True)]
        assert await write(org, delete(one)) == [Conflict(gone=True)]

    async def test_a_refusal_that_names_a_field_does_not_say_gone(self, org: Any) -> None:
        one, two = org.person(), org.person()
        await org.connector.schema("Contacts")
        org.fail({"path": "/crm/v8/Contacts*", "fault": "rows", "share": 1.0})
        assert [type(each) for each in await write(org, update(one, Title="x"), update(two, Title="x"))] == [
            Refused
        ] * 2
        assert [type(each) for each in await write(org, delete(one))] == [Refused]

    async def test_one_update_is_guarded_by_the_read_it_was_decided_from(self, org: Any) -> None:
        one = org.person(Title="old")
        (found,) = await org.connector.fetch("Contacts", ["Title"], [one])
        org.clock.moment += 1.0
        org.edit(one, Title="typed by a person")
        assert await write(org, update(one, found.record, Title="ours")) == [Conflict()]
        assert contacts(org)[one]["Title"] == "typed by a person"

    async def test_what_cannot_be_written_is_refused_here_and_the_rest_goes_on(self, org: Any) -> None:
        results = await write(org, create(Full_Name="x"), create(Title="y"), create(Nonsense=1))
        assert [type(each) for each in results] == [Refused, Done, Refused]
        assert results[0] == Refused("FIELD_NOT_WRITABLE", "Full_Name", "the field cannot be written")

    async def test_a_full_batch(self, org: Any) -> None:
        results = await write(org, *(create(Email=f"{n}@example.com") for n in range(100)))
        shown = contacts(org)
        assert [shown[each.id]["Email"] for each in results if isinstance(each, Done)] == [
            f"{n}@example.com" for n in range(100)
        ]
        with pytest.raises(ValueError, match="100"):
            await write(org, *(create() for _ in range(101)))


class TestOneBadValue:
    """A row is sent once more without the value that Zoho does not take."""

    async def test_the_others_arrive_and_it_is_told(self, org: Any) -> None:
        one, two = org.person(Title="old"), org.person(Title="old")
        results = await write(
            org, update(one, Title="new", Phone="no number!", Other_Phone="nor this!"), update(two, Title="new")
        )
        assert [type(each) for each in results] == [Done, Done]
        assert isinstance(results[0], Done)
        assert [(each.code, each.field) for each in results[0].refused] == [
            ("INVALID_DATA", "Phone"), ("INVALID_DATA", "Other_Phone"),
        ]  # fmt: skip
        assert [contacts(org)[each]["Title"] for each in (one, two)] == ["new", "new"]
        assert sum(call.startswith("PUT") for call in org.calls()) == 3, "the row that arrived is not sent again"

    async def test_several_at_once_are_taken_out_one_by_one(self, org: Any) -> None:
        inner, seen = org.sender, []
        await org.connector.schema("Contacts")

        class Several:
            async def send(self, request: Any) -> Any:
                if request.method != "PUT":
                    return await inner.send(request)
                seen.append(json.loads(request.body)["data"][0])
                bad = [name for name in ("Phone", "Fax") if name in seen[-1]]
                if not bad:
                    return Answered(200, {}, json.dumps({"data": [_success("1")]}).encode())
                errors = [{"code": "INVALID_DATA", "details": {"api_name": name}, "status": "error"} for name in bad]
                row = {"code": "MULTIPLE_OR_MULTI_ERRORS", "details": {"errors": errors}, "status": "error"}
                return Answered(400, {}, json.dumps({"data": [row]}).encode())

        org.connector._client._http._sender = Several()
        (result,) = await write(org, update("1", Title="x", Phone="1", Fax="2"))
        assert isinstance(result, Done)
        assert [each.field for each in result.refused] == ["Phone", "Fax"]
        assert seen[-1] == {"id": "1", "Title": "x"}

    async def test_with_nothing_else_to_write_it_is_refused(self, org: Any) -> None:
        one = org.person()
        assert await write(org, update(one, Phone="no number!")) == [
            Refused("INVALID_DATA", "Phone", "Zoho does not accept the value")
        ]

    async def test_an_owner_who_has_left_stops_the_row_and_says_what_helps(self, org: Any) -> None:
        one = org.person(Title="old")
        gone = str(next(user.number for user in org.app.crm.users if not user.active))
        (result,) = await write(org, update(one, Owner=Owner(gone), Title="new"))
        assert isinstance(result, Refused)
        assert result.field == "Owner"
        assert "reactivate" in result.message
        assert contacts(org)[one]["Title"] == "old"

    async def test_a_second_call_that_fails_leaves_the_row_for_later(self, org: Any) -> None:
        one, two = org.person(), org.person()
        await org.connector.schema("Contacts")
        inner, puts = org.sender, []

        class SecondRefused:
            async def send(self, request: Any) -> Any:
                puts.extend([request] if request.method == "PUT" else [])
                if request.method == "PUT" and len(puts) > 1:
                    return Answered(403, {}, _error("NO_PERMISSION"))
                return await inner.send(request)

        org.connector._client._http._sender = SecondRefused()
        first, second = await write(org, update(one, Title="x", Phone="no number!"), update(two, Title="x"))
        assert isinstance(first, NotSent)
        assert isinstance(second, Done)


class TestGuard:
    """Nobody's edit is overwritten unread, however many records share a call."""

    async def known(self, org: Any, *ids: str) -> list[Record]:
        found = {each.record.id: each.record for each in await org.connector.fetch("Contacts", ["Title"], ids)}
        return [found[each] for each in ids]

    async def test_records_at_rest_share_one_guarded_call(self, org: Any) -> None:
        people = []
        for _ in range(5):
            people.append(org.person(Title="old"))
            org.clock.moment += 7.0
        org.clock.moment += 60.0
        known = await self.known(org, *people)
        before = len(org.calls())
        results = await write(org, *(update(each.id, each, Title="ours") for each in known))
        assert [type(each) for each in results] == [Done] * 5
        assert len(org.calls()) == before + 1

    async def test_an_edit_after_the_read_stops_the_call_and_no_other(self, org: Any) -> None:
        old, edited = org.person(Title="old"), org.person(Title="old")
        org.clock.moment += 60.0
        fresh = org.person(Title="old")
        known = await self.known(org, old, edited, fresh)
        org.clock.moment += 1.0
        org.edit(edited, Title="typed by a person")
        results = await write(org, *(update(each.id, each, Title="ours") for each in known))
        assert [type(each) for each in results] == [Conflict, Conflict, Done]
        shown = contacts(org)
        assert [shown[each]["Title"] for each in (old, edited, fresh)] == ["old", "typed by a person", "ours"]

    async def test_what_was_just_modified_does_not_open_the_guard_of_the_others(self, org: Any) -> None:
        """One record read at noon and edited a second later, another modified and read two seconds later."""
        edited = org.person(Title="old")
        org.clock.moment += 60.0
        (first,) = await self.known(org, edited)
        org.clock.moment += 1.0
        org.edit(edited, Title="typed by a person")
        org.clock.moment += 1.0
        (second,) = await self.known(org, org.person(Title="old"))
        results = await write(org, update(first.id, first, Title="ours"), update(second.id, second, Title="ours"))
        assert [type(each) for each in results] == [Conflict, Done]

    async def test_an_update_that_arrives_late_overwrites_nobody(self, org: Any) -> None:
        people = [org.person(Title="old") for _ in range(2)]
        org.clock.moment += 60.0
        known = await self.known(org, *people)
        inner = org.sender
        late = []

        class Late:
            async def send(self, request: Any) -> Any:
                if request.method != "PUT":
                    return await inner.send(request)
                late.append(request)
                return Lost("deadline")

        org.connector._client._http._sender = Late()
        results = await write(org, *(update(each.id, each, Title="ours") for each in known))
        assert [type(each) for each in results] == [Unknown, Unknown]
        org.clock.moment += 90.0
        org.edit(people[0], Title="typed by a person")
        answer = await inner.send(late[0])
        assert answer.status == 412
        assert contacts(org)[people[0]]["Title"] == "typed by a person"


class TestDoubt:
    @pytest.mark.parametrize("executed", [True, False])
    @pytest.mark.parametrize("fault", ["reset", "hang", "html", "status", "truncate", "slow"])
    async def test_no_readable_answer_is_unknown_and_sent_once(self, org: Any, fault: str, executed: bool) -> None:
        await org.connector.schema("Contacts")
        rule = {"method": "POST", "path": "/crm/v8/*", "fault": fault, "executed": executed, "seconds": 100.0}
        org.fail(rule if fault != "html" else {**rule, "status": 201})
        results = await write(org, create(), create())
        assert [type(each) for each in results] == [Unknown, Unknown]
        assert sum(call == "POST /crm/v8/Contacts" for call in org.calls()) == 1

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{}", b"[]", b'{"data":{}}', b'{"data":[]}', b'{"data":[1]}', b'{"data":[{}]}',
            b'{"data":[{"code":"SUCCESS","status":"success"}]}',
            b'{"data":[{"code":"SUCCESS","status":"success","details":{"id":123}}]}',
            b'{"data":[{"code":"INTERNAL_ERROR","status":"error","details":{}}]}',
            b'{"data":[{"code":"","status":"error","details":{}}]}',
        ],
    )  # fmt: skip
    async def test_a_row_without_a_clear_word_is_unknown(self, org: Any, body: bytes) -> None:
        assert [type(each) for each in await _answered(org, Answered(201, {}, body), create())] == [Unknown]

    async def test_rows_too_few_leave_the_rest_unknown(self, org: Any) -> None:
        body = json.dumps({"data": [_success("1")]}).encode()
        first, second = await _answered(org, Answered(201, {}, body), create(), create())
        assert isinstance(first, Done)
        assert isinstance(second, Unknown)

    async def test_rows_too_many_or_of_other_records_are_believed_nowhere(self, org: Any) -> None:
        body = json.dumps({"data": [_success("1"), _success("2")]}).encode()
        assert [type(each) for each in await _answered(org, Answered(201, {}, body), create())] == [Unknown]
        swapped = await _answered(org, Answered(200, {}, body), update("2", Title="x"), update("1", Title="x"))
        assert [type(each) for each in swapped] == [Unknown, Unknown]


class TestWholeCalls:
    async def test_a_row_that_spoils_the_call_is_found_and_the_others_get_through(self, org: Any) -> None:
        await org.connector.schema("Contacts")
        inner = org.sender

        class Strict:
            async def send(self, request: Any) -> Any:
                if b"poison" in request.body:
                    return Answered(400, {}, _error("INVALID_DATA"))
                return await inner.send(request)

        org.connector._client._http._sender = Strict()
        results = await write(org, *(create(Title="poison" if n == 5 else "fine") for n in range(8)))
        assert [type(each) for each in results] == [Done] * 5 + [Refused] + [Done] * 2
        assert len(contacts(org)) == 7

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (401, "OAUTH_SCOPE_MISMATCH", PermissionLacking), (403, "NO_PERMISSION", PermissionLacking),
            (400, "AUTHORIZATION_FAILED", PermissionLacking), (401, "INVALID_TOKEN", AuthLost),
            (401, "AUTHENTICATION_FAILURE", AuthLost), (429, "TOO_MANY_REQUESTS", RateLimited),
            (400, "RATE_LIMIT_EXCEEDED", RateLimited),
        ],
    )  # fmt: skip
    async def test_a_call_refused_unread_is_raised(
        self, org: Any, status: int, code: str, kind: type[Exception]
    ) -> None:
        with pytest.raises(kind):
            await _answered(org, Answered(status, {}, _error(code)), create())

    async def test_the_old_form_of_a_limit_is_known(self, org: Any) -> None:
        body = b'{"code":429,"error":"TOO_MANY_REQUESTS","error_info":"x"}'
        with pytest.raises(RateLimited):
            await _answered(org, Answered(400, {}, body), create())

    async def test_other_refusals_are_the_ops_own(self, org: Any) -> None:
        for status, code in ((400, "INVALID_MODULE"), (404, "INVALID_URL_PATTERN"), (400, "LIMIT_EXCEEDED")):
            (result,) = await _answered(org, Answered(status, {}, _error(code)), create())
            assert isinstance(result, Refused)
            assert result.code == code

    async def test_a_dead_token_in_the_middle_writes_once(self, org: Any) -> None:
        await org.connector.schema("Contacts")
        org.app.accounts.expire_all()
        assert [type(each) for each in await write(org, create(), create())] == [Done, Done]
        assert len(contacts(org)) == 2

    async def test_what_never_left_is_not_sent(self, org: Any) -> None:
        await org.connector.schema("Contacts")
        org.sender.unreachable = 99
        assert await write(org, create()) == [NotSent("connection refused")]


class TestProbe:
    async def test_the_newest_records_down_to_the_second_asked_for(self, org: Any) -> None:
        org.person(Email="old@example.com")
        org.clock.moment += 10.0
        since = org.clock.moment
        expected = []
        for n in range(450):
            expected.append(org.person(Email=f"{n}@example.com"))
            org.clock.moment += 0.5
        pages = [page async for page in org.connector.created_since("Contacts", ["Email"], since)]
        found = [each for page in pages for each in page.records]
        assert pages[-1].beyond
        assert {each.id for each in found} == set(expected)
        assert set(found[0].values) == {"Email"}
        assert len(pages) == 3

    async def test_an_edit_does_not_make_a_record_new(self, org: Any) -> None:
        old = org.person()
        org.clock.moment += 10.0
        since = org.clock.moment
        org.edit(old, Title="x")
        pages = [page async for page in org.connector.created_since("Contacts", ["Email"], since)]
        assert pages == [Created([], beyond=True)]

    async def test_a_list_that_ends_before_an_older_record_does_not_say_that_it_is_complete(self, org: Any) -> None:
        new = org.person()
        (page,) = [page async for page in org.connector.created_since("Contacts", ["Email"], org.clock.moment - 60.0)]
        assert ([each.id for each in page.records], page.beyond) == ([new], False)


class TestFetch:
    async def test_many_ids_are_read_in_parts(self, org: Any) -> None:
        people = [org.person(Email=f"{n}@example.com") for n in range(130)]
        found = await org.connector.fetch("Contacts", ["Email"], [*people, *people[:3], "1"])
        assert [type(each).__name__ for each in found] == ["Found"] * 130 + ["Missing"]
        assert sum("ids=" in call for call in org.calls()) == 3

    async def test_an_answer_that_is_none_is_no_proof(self, org: Any) -> None:
        one = org.person()
        await org.connector.schema("Contacts")
        for fault in ({"fault": "html"}, {"fault": "truncate"}, {"fault": "status", "status": 304}):
            org.fail({"path": "/crm/v8/Contacts", **fault})
            with pytest.raises(Exception, match=r"API|JSON|304"):
                await org.connector.fetch("Contacts", ["Email"], [one])


class TestCheck:
    async def test_the_org_its_country_and_its_clock(self, make_org: Any) -> None:
        org = make_org(ZohoSetup(skew=90.0, country="DE"))
        info = await org.connector.check()
        assert (info.identity, info.name, info.region) == ("5545974000000020001", "Sandbox Trading", "DE")
        assert abs(info.clock_offset - 90.0) <= 1.0

    async def test_objects(self, org: Any) -> None:
        assert await org.connector.resolve("") == await org.connector.resolve("contacts") == "Contacts"


async def _answered(org: Any, answer: Answered, *ops: WriteOp) -> list[WriteResult]:
    """Write while every call to the module is answered like this."""
    await org.connector.schema("Contacts")
    inner = org.sender

    class Fixed:
        async def send(self, request: Any) -> Any:
            return answer if "/Contacts" in request.url else await inner.send(request)

    org.connector._client._http._sender = Fixed()
    return await write(org, *ops)


def _success(record_id: str) -> dict[str, Any]:
    details = {"id": record_id, "Modified_Time": "2021-05-02T11:17:33+05:30"}
    return {"code": "SUCCESS", "details": details, "message": "record added", "status": "success"}


def _error(code: str) -> bytes:
    return json.dumps({"code": code, "details": {}, "message": "x", "status": "error"}).encode()
