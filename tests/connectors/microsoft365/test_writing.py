"""Writes: what is sent, and what each answer of the service means."""

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.microsoft365.conftest import MakeOutlook, Outlook
from zohosyncd.core.errors import AuthLost, PermissionLacking, RateLimited, Unavailable
from zohosyncd.core.record import Record, Values
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Found,
    NotSent,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.sandbox.microsoft.behaviour import Behaviour
from zohosyncd.transport.sender import Answered, HttpRequest, Outcome

FIELDS = ("givenName", "surname", "jobTitle", "displayName")
BATCH = "*$batch"


def creation(**values: Any) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.CREATE, "", {"givenName": "Ann", **values})


def update(known: Record, patch: Values) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.UPDATE, known.id, patch, known)


def deletion(known: Record) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.DELETE, known.id, {}, known)


async def known(outlook: Outlook, *contacts: str) -> list[Record]:
    answers = await outlook.connector.fetch(outlook.folder, FIELDS, contacts)
    return [each.record for each in answers if isinstance(each, Found)]


async def write(outlook: Outlook, *ops: WriteOp) -> list[WriteResult]:
    return await outlook.connector.write(outlook.folder, ops)


def answering(outlook: Outlook, *answers: dict[str, Any] | None, ops: bool = True) -> None:
    """The service carries out batches of writes, and says this of the first requests in each; None = nothing."""

    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if not isinstance(answer, Answered) or not request.url.endswith("$batch"):
            return answer
        if all(each["method"] == "GET" for each in json.loads(request.body)["requests"]) is ops:
            return answer
        told = {each["id"]: each for each in json.loads(answer.body)["responses"]}
        for at, each in enumerate(answers):
            told.pop(str(at), None)
            if each is not None:
                told[str(at)] = {"id": str(at), **each}
        return replace(answer, body=json.dumps({"responses": list(told.values())}).encode())

    outlook.spoiling.spoil = spoil


async def test_each_request_in_a_batch_has_headers_of_its_own(outlook: Outlook) -> None:
    op = creation(surname="Miller")
    (made,) = await write(outlook, op)
    assert isinstance(made, Done)
    ((request,),) = outlook.batches()
    assert request == {
        "id": "0",
        "method": "POST",
        "url": f"/me/contactFolders/{outlook.folder}/contacts",
        "headers": {"Prefer": 'IdType="ImmutableId"', "Content-Type": "application/json"},
        "body": {
            "givenName": "Ann",
            "surname": "Miller",
            "singleValueExtendedProperties": [
                {"id": "String {5c1f0c1e-7a0b-4d5e-9a54-2f6a6d0c9b31} Name ZohosyncdKey", "value": op.op_id}
            ],
        },
    }
    (record,) = await known(outlook, made.id)
    before = len(outlook.batches())
    await write(outlook, update(record, {"jobTitle": "Director"}))
    (looked,), (changed,) = outlook.batches()[before:]
    assert (looked["method"], looked["url"].partition("?")[2]) == ("GET", "$select=parentFolderId")
    assert changed["headers"]["If-Match"] == record.version
    assert changed["body"] == {"jobTitle": "Director", "displayName": "Ann Miller"}
    (record,) = await known(outlook, made.id)
    await write(outlook, deletion(record))
    assert outlook.batches()[-1][0]["headers"] == {"Prefer": 'IdType="ImmutableId"', "If-Match": record.version}


async def test_twenty_go_together_and_twenty_one_are_a_mistake(outlook: Outlook) -> None:
    results = await write(outlook, *[creation(surname=f"P{n}") for n in range(20)])
    assert all(isinstance(each, Done) for each in results)
    assert [len(each) for each in outlook.batches()] == [20]
    shown = [each.stored.values["surname"] for each in results if isinstance(each, Done) and each.stored]
    assert shown == [f"P{n}" for n in range(20)]
    with pytest.raises(ValueError, match="at most 20"):
        await write(outlook, *[creation() for _ in range(21)])


async def test_once_an_old_tag_was_refused_nobody_looks_twice(outlook: Outlook) -> None:
    ann = outlook.person()
    (record,) = await known(outlook, ann)

    def edit_between(request: HttpRequest, answer: Outcome) -> Outcome:
        if b'"method":"GET"' in request.body:
            outlook.edit(ann, jobTitle="Typed")
        return answer

    outlook.spoiling.spoil = edit_between
    assert await write(outlook, update(record, {"jobTitle": "Sent"})) == [Conflict()]
    assert outlook.row(ann)["jobTitle"] == "Typed"
    outlook.spoiling.spoil = lambda _request, answer: answer
    (record,) = await known(outlook, ann)
    before = len(outlook.batches())
    assert isinstance((await write(outlook, update(record, {"jobTitle": "Sent"})))[0], Done)
    assert len(outlook.batches()) == before + 1


async def test_a_service_that_looks_at_no_tag_is_asked_right_before(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(if_match=False))
    ann, bob, eve = (outlook.person() for _ in range(3))
    records = await known(outlook, ann, bob, eve)
    outlook.edit(ann, jobTitle="Typed")
    outlook.act(bob, delete=True)
    results = await write(outlook, *[update(each, {"jobTitle": "Sent"}) for each in records])
    assert results[:2] == [Conflict(), Conflict(gone=True)]
    assert isinstance(results[2], Done)
    assert (outlook.row(ann)["jobTitle"], outlook.row(eve)["jobTitle"]) == ("Typed", "Sent")


async def test_who_was_moved_meanwhile_is_not_written(outlook: Outlook) -> None:
    outlook.app.edit({"folder": "Partners"})
    ann = outlook.person()
    (record,) = await known(outlook, ann)
    outlook.act(ann, move="Partners")
    assert await write(outlook, update(record, {"jobTitle": "x"})) == [Conflict(gone=True)]
    assert await write(outlook, deletion(record)) == [Conflict(gone=True)]
    assert outlook.row(ann)["jobTitle"] is None


ERROR = {"error": {"code": "ErrorInvalidArgument", "message": "EmailAddresses has 4 entries"}}


@pytest.mark.parametrize(
    ("told", "result"),
    [
        (None, Unknown("no answer to this request of the batch")),
        ({"status": 500}, Unknown("status 500")),
        ({"status": 503, "body": {"error": {"code": "ErrorServerBusy"}}}, Unknown("status 503")),
        ({"status": 504}, Unknown("status 504")),
        ({"status": "200"}, Unknown("no answer to this request of the batch")),
        ({"status": 401}, NotSent("the login was refused")),
        ({"status": 424}, NotSent("it depended on another request")),
        ({"status": 409, "body": {"error": {"code": "ErrorIrresolvableConflict"}}}, Conflict()),
        ({"status": 412, "body": {"error": {"code": "ErrorIrresolvableConflict"}}}, Conflict()),
        ({"status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}}, Conflict(gone=True)),
        (
            {"status": 404, "body": {"error": {"code": "ErrorInvalidUser"}}},
            Refused("ErrorInvalidUser", "", "the folder or the mailbox is not there"),
        ),
        (
            {"status": 400, "body": ERROR},
            Refused("ErrorInvalidArgument", "emailAddresses.2", "the service refuses the contact as it is"),
        ),
        ({"status": 403}, Refused("403", "", "the login may not do this")),
        ({"status": 409}, Refused("409", "", "the service refuses the contact as it is")),
    ],
)
async def test_what_an_answer_in_a_batch_means(outlook: Outlook, told: Any, result: WriteResult) -> None:
    records = await known(outlook, outlook.person(), outlook.person())
    answering(outlook, told)
    patch: Values = {"emailAddresses.2": "b@example.com", "jobTitle": "x"}
    first, second = await write(outlook, *[update(each, patch) for each in records])
    assert first == result
    assert isinstance(second, Done)


async def test_a_create_that_is_answered_without_its_id_is_not_known(outlook: Outlook) -> None:
    answering(outlook, {"status": 201, "body": {}}, {"status": 201}, {"status": 201, "body": {"id": 7}})
    results = await write(outlook, creation(), creation(), creation())
    assert all(isinstance(each, Unknown) for each in results)


async def test_two_answers_to_one_request_are_none(outlook: Outlook) -> None:
    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if not isinstance(answer, Answered) or not request.url.endswith("$batch"):
            return answer
        told = json.loads(answer.body)["responses"]
        return replace(
            answer, body=json.dumps({"responses": [*told, *told[:1], {"id": "77", "status": 200}, "x"]}).encode()
        )

    outlook.spoiling.spoil = spoil
    results = await write(outlook, creation(), creation())
    assert sorted(type(each).__name__ for each in results) == ["Done", "Unknown"]


async def test_an_update_that_is_answered_by_another_contact_is_not_shown_as_stored(outlook: Outlook) -> None:
    ann, bob = outlook.person(), outlook.person()
    (record,) = await known(outlook, ann)
    answering(outlook, {"status": 200, "body": outlook.row(bob)})
    assert await write(outlook, update(record, {"jobTitle": "x"})) == [Done(ann)]


async def test_what_is_refused_for_its_number_goes_once_more_with_fewer(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(batch="refuses"))
    results = await write(outlook, *[creation(surname=f"P{n}") for n in range(20)])
    assert all(isinstance(each, Done) for each in results)
    assert [len(each) for each in outlook.batches()] == [20, 4, 4, 4, 4]
    shown = [row["surname"] for row in outlook.app.state()["ann@example.org/Contacts"]]
    assert sorted(shown) == sorted(f"P{n}" for n in range(20))
    waited = outlook.clock.moment
    await write(outlook, *[creation() for _ in range(8)])
    assert [len(each) for each in outlook.batches()[5:]] == [4, 4]
    assert outlook.clock.moment == waited


async def test_a_pause_that_is_asked_for_inside_a_batch_is_kept_by_all(outlook: Outlook) -> None:
    answering(outlook, {"status": 429, "headers": {"retry-after": "17"}})
    with pytest.raises(RateLimited) as caught:
        await write(outlook, creation())
    assert caught.value.retry_after == 17
    before = outlook.clock.moment
    await outlook.connector.fetch(outlook.folder, FIELDS, ["x"])
    assert outlook.clock.moment >= before + 16


async def test_reads_that_are_refused_for_their_number_are_asked_again(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(batch="refuses", wait_in_batch=False))
    ids = outlook.app.load("ann@example.org/Contacts", [{"givenName": f"P{n}"} for n in range(30)])
    assert len(await known(outlook, *ids)) == 30


async def test_reads_that_are_never_answered_are_not_missing(outlook: Outlook) -> None:
    ann = outlook.person()
    answering(outlook, {"status": 503}, ops=False)
    with pytest.raises(Unavailable):
        await known(outlook, ann)
    answering(outlook, {"status": 403, "body": {"error": {"code": "ErrorAccessDenied"}}}, ops=False)
    with pytest.raises(PermissionLacking):
        await known(outlook, ann)


async def test_a_batch_that_is_refused_as_a_whole_goes_one_by_one(outlook: Outlook) -> None:
    """One request in it may be the reason; nobody else has to wait for that."""
    bad = creation(jobTitle="BOOM")

    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if b"BOOM" in request.body:
            return Answered(413, {"content-type": "application/json"}, b'{"error":{"code":"RequestEntityTooLarge"}}')
        return answer

    inner = outlook.spoiling.inner

    class Before:
        async def send(self, request: HttpRequest) -> Outcome:
            blocked = b"BOOM" in request.body
            return spoil(request, Answered(200)) if blocked else await inner.send(request)

    outlook.connector._client._http._sender = Before()
    results = await write(outlook, creation(), bad, creation())
    assert [type(each) for each in results] == [Done, Refused, Done]
    assert results[1] == Refused("RequestEntityTooLarge", message="the service refuses the request")
    assert len(outlook.app.state()["ann@example.org/Contacts"]) == 2


async def test_rights_that_all_ops_lack_are_said_of_the_login(outlook: Outlook) -> None:
    answering(outlook, {"status": 403}, {"status": 403})
    with pytest.raises(PermissionLacking):
        await write(outlook, creation(), creation())


async def test_a_lost_login_is_said_so(outlook: Outlook) -> None:
    outlook.app.edit({"object": "consent", "delete": True})
    outlook.app.tune({"expire_tokens": True})
    with pytest.raises(AuthLost):
        await write(outlook, creation())


@pytest.mark.parametrize(
    ("patch", "field"),
    [({"createdDateTime": "x"}, "createdDateTime"), ({"unheard.1": "x"}, "unheard.1"), ({"birthday": "--03-05"}, "")],
)
async def test_what_cannot_be_stored_is_refused_before_it_is_sent(outlook: Outlook, patch: Values, field: str) -> None:
    op = WriteOp("0" * 32, WriteKind.CREATE, "", patch)
    refused, made = await write(outlook, op, creation())
    assert isinstance(refused, Refused)
    assert refused.field == field
    assert isinstance(made, Done)
    assert [len(each) for each in outlook.batches()] == [1]


async def test_no_error_repeats_what_the_service_says_of_people(outlook: Outlook) -> None:
    said = "User ann.miller@example.com is not valid in emailAddresses"
    answering(outlook, {"status": 400, "body": {"error": {"code": "ErrorX", "message": said}}})
    (result,) = await write(outlook, creation(**{"emailAddresses.1": "x@example.com"}))
    assert isinstance(result, Refused)
    assert "example.com" not in str(result)
    assert result.field == "emailAddresses.1"


async def test_a_create_is_found_again_by_its_mark_though_it_was_edited(outlook: Outlook) -> None:
    lost = creation(surname="Miller")
    outlook.fail({"fault": "reset", "path": BATCH, "executed": True, "count": 1})
    (result,) = await write(outlook, lost)
    assert isinstance(result, Unknown)
    (row,) = outlook.app.state()["ann@example.org/Contacts"]
    outlook.edit(row["id"], givenName="Annie", surname="Stone")
    found = await outlook.connector.made_by(outlook.folder, FIELDS, [lost.op_id, uuid.uuid4().hex])
    assert {op_id: [each.values["surname"] for each in records] for op_id, records in found.items()} == {
        lost.op_id: ["Stone"]
    }
    outlook.act(row["id"], delete=True)
    assert await outlook.connector.made_by(outlook.folder, FIELDS, [lost.op_id]) == {}
