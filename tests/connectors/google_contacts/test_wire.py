"""What is sent to the People API, and what each of its documented errors means."""

import json
import uuid
from typing import Any

import pytest

from tests.connectors.google_contacts.wire import HOST, Script, answer, error, found, person, scripted
from zohosyncd.connectors.google_contacts.connector import REF, GoogleContacts
from zohosyncd.core.errors import (
    AuthLost,
    ContractBroken,
    CursorExpired,
    PermissionLacking,
    RateLimited,
    RemoteError,
    Unavailable,
)
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Item, Record, Values
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Found,
    Listed,
    Missing,
    Moved,
    NotSent,
    Page,
    Refused,
    Removed,
    Unknown,
    Unreadable,
    Upserted,
    WriteKind,
    WriteOp,
)
from zohosyncd.transport.sender import Lost

FIELDS = ("names.givenName", "emailAddresses", "userDefined.customer")
MASK = "emailAddresses,metadata,names,userDefined"
SOURCE = ["READ_SOURCE_TYPE_CONTACT"]
EXPIRED = error(400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN", "Sync token is expired.")


async def pages(connector: GoogleContacts, cursor: str | None = None, fields: Any = FIELDS) -> list[Page]:
    return [page async for page in connector.changes(REF, fields, cursor)]


async def synced(*later: Any) -> tuple[GoogleContacts, Script, str]:
    """A connector that has read everything and holds a sync token, and what the server says then."""
    connector, script = scripted(answer({"nextSyncToken": "s1"}), *later)
    (page,) = await pages(connector)
    script.requests.clear()
    return connector, script, page.cursor


def creation(patch: Values) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.CREATE, "", patch)


def update(number: int, patch: Values, **fields: Any) -> WriteOp:
    native = person(number, **fields)
    known = Record(native["resourceName"], {"memberships": ()}, f"#{number}", None, native)
    return WriteOp(uuid.uuid4().hex, WriteKind.UPDATE, known.id, patch, known)


def deletion(number: int) -> WriteOp:
    known = Record(f"people/c{number}", {}, f"#{number}")
    return WriteOp(uuid.uuid4().hex, WriteKind.DELETE, known.id, {}, known)


def made(ops: list[WriteOp]) -> list[dict[str, Any]]:
    """What the answer to a batch says of these creates."""
    people = [person(at, clientData=[{"key": "zohosyncd", "value": op.op_id}]) for at, op in enumerate(ops)]
    return [{"httpStatusCode": 200, "person": each, "requestedResourceName": each["resourceName"]} for each in people]


# What is sent


async def test_a_complete_read_asks_for_its_own_contacts_and_for_what_is_mapped_alone() -> None:
    connector, script = scripted(
        answer({"connections": [person(1)], "nextPageToken": "p2"}), answer({"nextSyncToken": "s1"})
    )
    first, last = await pages(connector)
    assert [each.url.partition("?")[0] for each in script.requests] == [f"{HOST}/v1/people/me/connections"] * 2
    asked = {"personFields": [MASK], "sources": SOURCE, "pageSize": ["1000"], "requestSyncToken": ["true"]}
    assert script.query(0) == asked
    assert script.query(1) == {**asked, "pageToken": ["p2"]}
    assert (first.complete, first.full, last.complete, last.full) == (False, True, True, True)


async def test_changes_are_asked_for_with_the_very_parameters_of_the_complete_read() -> None:
    connector, script, cursor = await synced(answer({"nextSyncToken": "s2"}))
    await pages(connector, cursor, ("names.givenName",))
    assert script.query(0) == {
        "personFields": [MASK], "sources": SOURCE, "pageSize": ["1000"], "requestSyncToken": ["true"],
        "syncToken": ["s1"],
    }  # fmt: skip


async def test_a_token_that_was_given_for_fewer_fields_is_not_used() -> None:
    connector, script, cursor = await synced(answer({"nextSyncToken": "s2"}))
    with pytest.raises(CursorExpired):
        await pages(connector, cursor, (*FIELDS, "urls"))
    assert not script.requests


async def test_two_hundred_names_go_as_a_form_that_says_it_is_a_get() -> None:
    people = [person(10**18 + n) for n in range(250)]
    connector, script = scripted(found(*people[:200]), found(*people[200:]))
    answers = await connector.fetch(REF, FIELDS, [each["resourceName"] for each in people])
    assert all(isinstance(each, Found) for each in answers)
    assert [len(script.query(n)["resourceNames"]) for n in (0, 1)] == [200, 50]
    first = script.requests[0]
    assert (first.method, first.headers["X-HTTP-Method-Override"]) == ("POST", "GET")
    assert first.url == f"{HOST}/v1/people:batchGet"


async def test_new_contacts_carry_our_key_and_the_answer_is_told_apart_by_it() -> None:
    ops = [creation({"names.givenName": f"P{n}"}) for n in range(3)]
    connector, script = scripted(answer({"createdPeople": made(ops)[::-1]}))
    results = await connector.write(REF, ops)
    assert [each.id for each in results if isinstance(each, Done)] == ["people/c0", "people/c1", "people/c2"]
    (body,) = script.bodies()
    assert script.requests[0].url == f"{HOST}/v1/people:batchCreateContacts"
    assert body["contacts"][1] == {
        "contactPerson": {
            "names": [{"givenName": "P1"}],
            "memberships": [{"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}}],
            "clientData": [{"key": "zohosyncd", "value": ops[1].op_id}],
        }
    }
    assert body["sources"] == SOURCE
    assert {"clientData", "metadata", "names"} <= set(body["readMask"].split(","))


async def test_updates_go_by_mask_with_the_version_that_was_read() -> None:
    ops = [
        update(1, {"names.givenName": "A"}),
        update(2, {"emailAddresses": (Item("b@example.org"),), "names.givenName": "B"}),
        update(3, {"names.givenName": "C"}),
    ]
    names = {f"people/c{n}": {"person": person(n, etag=f"#new{n}")} for n in (1, 3)}
    both = {"people/c2": {"person": person(2, etag="#new2")}}
    connector, script = scripted(answer({"updateResult": names}), answer({"updateResult": both}))
    results = await connector.write(REF, ops)
    assert [each.version for each in results if isinstance(each, Done)] == ["#new1", "#new2", "#new3"]
    first, second = script.bodies()
    assert (first["updateMask"], second["updateMask"]) == ("names", "emailAddresses,names")
    assert set(first["contacts"]) == {"people/c1", "people/c3"}
    assert second["contacts"]["people/c2"] == {
        "resourceName": "people/c2", "metadata": {"sources": [{"type": "CONTACT", "id": "2", "etag": "#2"}]},
        "names": [{"givenName": "B"}], "emailAddresses": [{"value": "b@example.org"}],
    }  # fmt: skip


async def test_deletions_are_compared_just_before_and_go_in_one_call() -> None:
    read = found(person(1), person(2, etag="#changed"))
    body = {"responses": [*json.loads(read.body)["responses"],
                          {"httpStatusCode": 404, "requestedResourceName": "people/c3", "status": {"code": 5}}]}  # fmt: skip
    connector, script = scripted(answer(body), answer({}))
    results = await connector.write(REF, [deletion(1), deletion(2), deletion(3)])
    assert results == [Done("people/c1"), Conflict(), Conflict(gone=True)]
    assert script.query(0)["personFields"] == ["metadata"]
    assert script.bodies() == [{"resourceNames": ["people/c1"]}]


# What its errors mean


async def test_an_expired_sync_token_is_a_complete_read() -> None:
    for said in (EXPIRED, error(410, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN"), error(410, "GONE"),
                 error(400, "INVALID_ARGUMENT", message="Invalid sync token.")):  # fmt: skip
        connector, _script, cursor = await synced(said)
        with pytest.raises(CursorExpired):
            await pages(connector, cursor)


async def test_an_ended_page_token_begins_a_complete_read_anew_and_the_changes_at_their_sync_token() -> None:
    ended = error(400, "INVALID_ARGUMENT", message="Invalid page token.")
    connector, _ = scripted(answer({"connections": [person(1)], "nextPageToken": "p2"}), ended)
    with pytest.raises(CursorExpired):
        await pages(connector)
    connector, script, cursor = await synced(
        answer({"connections": [person(1)], "nextPageToken": "p2"}), found(person(1)), ended,
        answer({"connections": [person(1), person(2)], "nextSyncToken": "s2"}), found(person(1), person(2)),
    )  # fmt: skip
    first, last = await pages(connector, cursor)
    assert {each.record.id for each in last.changes if isinstance(each, Upserted)} == {"people/c2"}
    assert {each.id for each in last.changes if isinstance(each, Listed)} == {"people/c1"}
    assert "pageToken" not in script.query(3)
    assert (first.complete, last.complete) == (False, True)


async def test_page_tokens_that_end_again_and_again_are_no_endless_read() -> None:
    ended = error(400, "INVALID_ARGUMENT", message="Invalid page token.")
    more = answer({"connections": [person(1)], "nextPageToken": "p2"})
    connector, _script, cursor = await synced(more, found(person(1)), ended, more, ended)
    with pytest.raises(ContractBroken):
        await pages(connector, cursor)


@pytest.mark.parametrize(
    ("said", "raised", "hint"),
    [
        (error(401, "UNAUTHENTICATED"), AuthLost, ""),
        (error(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), PermissionLacking, "zohosyncd auth ann"),
        (error(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), PermissionLacking, "enable the People API"),
        (error(403, "PERMISSION_DENIED", message="The caller does not have permission"), PermissionLacking, "allow"),
        (error(403, "PERMISSION_DENIED", "rateLimitExceeded"), RateLimited, ""),
        (
            error(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", "Quota exceeded per minute per user"),
            RateLimited,
            "",
        ),
        (error(400, "INVALID_ARGUMENT", message="Invalid field mask"), ContractBroken, ""),
        (error(404, "NOT_FOUND"), ContractBroken, ""),
    ],
)
async def test_errors_of_a_read(said: Any, raised: type[RemoteError], hint: str) -> None:
    connector, _ = scripted(said)
    with pytest.raises(raised) as caught:
        await pages(connector)
    assert hint in str(caught.value)


async def test_a_quota_of_the_day_is_not_asked_for_again_at_once() -> None:
    connector, script = scripted(error(429, "RESOURCE_EXHAUSTED", message="limit 'Requests per day' exceeded"))
    with pytest.raises(RateLimited) as caught:
        await pages(connector)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 900
    assert len(script.requests) == 1


def row_error(code: int, field: str = "") -> dict[str, Any]:
    violations = [{"field": field, "description": "no@example.org is bad"}]
    return {"code": code, "message": "no@example.org", "details": [
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]}  # fmt: skip


def batch_error(kind: str, errors: dict[str, Any]) -> Any:
    type_ = f"type.googleapis.com/google.people.v1.{kind}ContactsErrorDetails"
    return error(400, "INVALID_ARGUMENT", details=[{"@type": type_, "contactErrors": errors}])


async def test_what_a_refused_update_batch_names_is_told_and_the_others_are_sent_anew() -> None:
    ops = [update(n, {"names.givenName": "A", "emailAddresses": (Item("no@example.org"),)}) for n in range(5)]
    bad = batch_error("BatchUpdate", {
        "people/c0": row_error(9), "people/c1": row_error(5), "people/c3": row_error(3, "person.email_addresses[0].value"),
        "people/c99": row_error(3),
    })  # fmt: skip
    done = answer({"updateResult": {f"people/c{n}": {"person": person(n, etag="#n")} for n in (2, 4)}})
    connector, script = scripted(bad, done)
    results = await connector.write(REF, ops)
    assert results[:2] == [Conflict(), Conflict(gone=True)]
    assert isinstance(results[3], Refused)
    assert results[3].field == "emailAddresses"
    assert "example" not in str(results[3])
    assert [isinstance(each, Done) for each in results] == [False, False, True, False, True]
    assert [set(each["contacts"]) for each in script.bodies()][1] == {"people/c2", "people/c4"}


async def test_what_a_refused_create_batch_names_by_number_is_told_and_the_others_are_sent_anew() -> None:
    ops = [creation({"names.givenName": f"P{n}", "biographies": "x"}) for n in range(3)]
    bad = batch_error("BatchCreate", {"1": row_error(3, "contacts[1].contact_person.biographies")})
    connector, script = scripted(bad, answer({"createdPeople": made([ops[0], ops[2]])}))
    results = await connector.write(REF, ops)
    assert [isinstance(each, Done) for each in results] == [True, False, True]
    assert isinstance(results[1], Refused)
    assert results[1].field == "biographies"
    assert [len(each["contacts"]) for each in script.bodies()] == [3, 2]


async def test_a_batch_that_is_refused_without_a_word_is_sent_by_halves() -> None:
    ops = [creation({"names.givenName": f"P{n}"}) for n in range(4)]
    refused = error(400, "INVALID_ARGUMENT")
    connector, script = scripted(
        refused, answer({"createdPeople": made(ops[:2])}), refused,
        answer({"createdPeople": made([ops[2]])}), refused,
    )  # fmt: skip
    results = await connector.write(REF, ops)
    assert [type(each).__name__ for each in results] == ["Done", "Done", "Done", "Refused"]
    assert [len(each["contacts"]) for each in script.bodies()] == [4, 2, 2, 1, 1]


async def test_an_old_version_of_a_single_contact_is_a_conflict_in_whatever_words() -> None:
    for said in (error(400, "FAILED_PRECONDITION"), error(400, "INVALID_ARGUMENT", "failedPrecondition"),
                 error(412, "FAILED_PRECONDITION")):  # fmt: skip
        connector, _ = scripted(said)
        assert await connector.write(REF, [update(1, {"names.givenName": "A"})]) == [Conflict()]


async def test_a_full_mailbox_refuses_new_contacts_at_once() -> None:
    ops = [creation({"names.givenName": f"P{n}"}) for n in range(4)]
    connector, script = scripted(error(429, "RESOURCE_EXHAUSTED", message="MY_CONTACTS_OVERFLOW_COUNT"))
    results = await connector.write(REF, ops)
    assert {each.code for each in results if isinstance(each, Refused)} == {"MAILBOX_FULL"}
    assert len(script.requests) == 1


async def test_what_others_are_writing_at_the_same_time_is_not_carried_out() -> None:
    connector, _ = scripted(error(409, "ABORTED"))
    (result,) = await connector.write(REF, [update(1, {"names.givenName": "A"})])
    assert isinstance(result, NotSent)


async def test_a_quota_in_the_middle_hides_nothing_of_what_was_carried_out() -> None:
    ops = [update(1, {"names.givenName": "A"}), update(2, {"emailAddresses": ()})]
    done = answer({"updateResult": {"people/c1": {"person": person(1, etag="#n")}}})
    exhausted = error(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", "limit 'Requests per day' exceeded")
    connector, _ = scripted(done, exhausted)
    first, second = await connector.write(REF, ops)
    assert isinstance(first, Done)
    assert isinstance(second, NotSent)
    connector, _ = scripted(exhausted)
    with pytest.raises(RateLimited):
        await connector.write(REF, ops)


async def test_what_an_answer_lacks_is_unknown_and_never_done() -> None:
    ops = [creation({"names.givenName": f"P{n}"}) for n in range(3)]
    connector, _ = scripted(answer({"createdPeople": made(ops[:2])}))
    assert [type(each).__name__ for each in await connector.write(REF, ops)] == ["Done", "Done", "Unknown"]
    connector, _ = scripted(answer({}))
    (result,) = await connector.write(REF, [update(1, {"names.givenName": "A"})])
    assert isinstance(result, Unknown)
    connector, _ = scripted(Lost("deadline"))
    assert all(isinstance(each, Unknown) for each in await connector.write(REF, ops))


# Lists that are strange


async def test_a_list_that_does_not_end_or_ends_without_a_token_is_no_answer() -> None:
    for said in (answer({"connections": [person(1)], "nextPageToken": "p1"}), answer({"connections": [person(1)]})):
        connector, _ = scripted(said)
        with pytest.raises(ContractBroken):
            await pages(connector)


async def test_changes_are_read_by_name_and_what_is_gone_is_gone_once_a_read_has_shown_it() -> None:
    gone, back, other = person(2), person(3), person(4)
    for each in (gone, back):
        each["metadata"]["deleted"] = True
    other["metadata"]["previousResourceNames"] = ["people/c40"]
    answers = {"responses": [
        {"httpStatusCode": 404, "requestedResourceName": "people/c2"},
        {"httpStatusCode": 200, "requestedResourceName": "people/c3", "person": person(3)},
    ]}  # fmt: skip
    connector, _script, cursor = await synced(
        answer({"connections": [person(1), gone, back, other], "nextSyncToken": "s2"}),
        found(person(1, etag="#now"), other), answer(answers),
    )  # fmt: skip
    (page,) = await pages(connector, cursor)
    shown = {each.record.id: each.record.version for each in page.changes if isinstance(each, Upserted)}
    assert shown == {"people/c1": "#now", "people/c3": "#3", "people/c4": "#4"}
    assert [each for each in page.changes if not isinstance(each, Upserted)] == [
        Moved("people/c40", "people/c4"), Removed("people/c2"),
    ]  # fmt: skip


async def test_an_answer_that_knows_nobody_of_a_list_is_none_and_the_place_stays() -> None:
    nobody = answer({"responses": [{"httpStatusCode": 404, "requestedResourceName": "people/c1"}]})
    connector, _script, cursor = await synced(answer({"connections": [person(1)], "nextSyncToken": "s2"}), nobody)
    with pytest.raises(Unavailable):
        await pages(connector, cursor)
    one_gone = answer({"responses": [
        {"httpStatusCode": 404, "requestedResourceName": "people/c1"},
        {"httpStatusCode": 200, "requestedResourceName": "people/c2", "person": person(2)},
    ]})  # fmt: skip
    both = answer({"connections": [person(1), person(2)], "nextSyncToken": "s2"})
    connector, _script, cursor = await synced(both, one_gone)
    (page,) = await pages(connector, cursor)
    assert [type(each).__name__ for each in page.changes] == ["Upserted"]


async def test_an_echo_of_what_was_written_a_moment_ago_costs_no_read() -> None:
    op = creation({"names.givenName": "Ann"})
    made_now = made([op])[0]
    connector, script, cursor = await synced(
        answer({"createdPeople": [made_now]}), answer({"connections": [made_now["person"]], "nextSyncToken": "s2"})
    )
    await connector.write(REF, [op])
    (page,) = await pages(connector, cursor)
    assert page.changes == (Listed("people/c0", "#0"),)
    assert len(script.requests) == 2


async def test_a_text_that_cannot_be_decoded_makes_one_contact_unreadable_and_not_the_page() -> None:
    good, bad = person(1, biographies=[{"value": "fine"}]), person(2, biographies=[{"value": "BROKEN"}])
    body = json.dumps({"connections": [good, bad], "nextSyncToken": "s1"}).encode()
    connector, _ = scripted(answer(body.replace(b"BROKEN", b"\\ud83d")))
    (page,) = await pages(connector, None, ("biographies",))
    assert [type(each).__name__ for each in page.changes] == ["Upserted", "Unreadable"]
    (damaged,) = [each for each in page.changes if isinstance(each, Unreadable)]
    assert damaged.id == "people/c2"


async def test_a_contact_that_a_list_cuts_off_is_read_whole() -> None:
    cut = person(1, emailAddresses=[{"value": f"{n}@example.org"} for n in range(100)])
    whole = person(1, emailAddresses=[{"value": f"{n}@example.org"} for n in range(120)])
    connector, _ = scripted(answer({"connections": [cut], "nextSyncToken": "s1"}), found(whole))
    (page,) = await pages(connector)
    (change,) = page.changes
    assert isinstance(change, Upserted)
    emails = change.record.values["emailAddresses"]
    assert isinstance(emails, tuple)
    assert len(emails) == 120


async def test_who_is_asked_for_is_found_missing_or_called_otherwise_and_silence_is_no_answer() -> None:
    profile = {"resourceName": "people/c5", "metadata": {"sources": [{"type": "PROFILE", "id": "9"}]}}
    body = {"responses": [
        {"httpStatusCode": 200, "requestedResourceName": "people/c1", "person": person(1)},
        {"httpStatusCode": 404, "requestedResourceName": "people/c2"},
        {"requestedResourceName": "people/c3", "person": person(30), "status": {}},
        {"requestedResourceName": "people/c5", "person": profile},
    ]}  # fmt: skip
    connector, script = scripted(answer(body), answer(person(4)), error(404, "NOT_FOUND"))
    ids = [f"people/c{n}" for n in (1, 2, 3, 4, 5, 6)]
    answers = await connector.fetch(REF, FIELDS, ids)
    assert [type(each).__name__ for each in answers] == ["Found", "Missing", "Moved", "Found", "Missing", "Missing"]
    assert answers[2] == Moved("people/c3", "people/c30")
    assert answers[5] == Missing("people/c6")
    assert [each.url.partition("?")[0] for each in script.requests[1:]] == [
        f"{HOST}/v1/people/c4", f"{HOST}/v1/people/c6",
    ]  # fmt: skip


async def test_the_newest_contacts_are_asked_for_without_a_sync_token_and_have_to_be_in_order() -> None:
    times = ["2026-11-24T12:00:02Z", "2026-11-24T12:00:01.5Z", "2026-11-24T11:00:00Z"]
    people = [person(n, updated=each) for n, each in enumerate(times)]
    connector, script = scripted(answer({"connections": people, "nextPageToken": "p2"}))
    since = 1_795_521_601.0
    found_ = [each async for each in connector.created_since(REF, FIELDS, since)]
    assert [[record.id for record in each.records] for each in found_] == [["people/c0", "people/c1"]]
    assert [each.beyond for each in found_] == [True]
    asked = script.query(0)
    assert asked["sortOrder"] == ["LAST_MODIFIED_DESCENDING"]
    assert "requestSyncToken" not in asked
    connector, _ = scripted(answer({"connections": people[::-1]}))
    with pytest.raises(ContractBroken):
        _ = [each async for each in connector.created_since(REF, FIELDS, 0.0)]


# Labels

GROUPS = answer({"contactGroups": [
    {"resourceName": "contactGroups/myContacts", "name": "myContacts", "groupType": "SYSTEM_CONTACT_GROUP"},
    {"resourceName": "contactGroups/friends", "name": "friends", "groupType": "SYSTEM_CONTACT_GROUP"},
    {"resourceName": "contactGroups/starred", "name": "starred", "groupType": "SYSTEM_CONTACT_GROUP"},
    {"resourceName": "contactGroups/a1", "name": "Customers", "groupType": "USER_CONTACT_GROUP"},
]})  # fmt: skip


def grouped(*groups: str) -> list[dict[str, Any]]:
    return [{"contactGroupMembership": {"contactGroupResourceName": f"contactGroups/{each}"}} for each in groups]


async def test_a_label_that_exists_is_used_and_one_that_somebody_makes_at_the_same_moment_too() -> None:
    ops = [update(1, {"memberships": as_value(["customers", "New"])}, memberships=grouped("myContacts"))]
    there = json.loads(GROUPS.body)["contactGroups"]
    now = answer({"contactGroups": [*there, {"resourceName": "contactGroups/b2", "name": "new", "groupType": "USER"}]})
    done = answer({"updateResult": {"people/c1": {"person": person(1, etag="#n", memberships=grouped("a1", "b2"))}}})
    connector, script = scripted(GROUPS, GROUPS, error(409, "ALREADY_EXISTS"), now, done)
    (result,) = await connector.write(REF, ops)
    assert isinstance(result, Done)
    assert result.stored is not None
    assert result.stored.values["memberships"] == as_value(["Customers", "new"])
    assert script.bodies()[0] == {"contactGroup": {"name": "New"}}
    assert script.bodies()[1]["contacts"]["people/c1"]["memberships"] == grouped("myContacts", "a1", "b2")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error(400, "INVALID_ARGUMENT"), Refused),
        (error(409, "ALREADY_EXISTS"), NotSent),
        (Lost("deadline"), NotSent),
        (answer(b"<html>"), NotSent),
    ],
)
async def test_without_its_label_nothing_of_a_contact_is_sent_and_the_others_are(said: Any, kind: type) -> None:
    ops = [
        update(1, {"names.givenName": "A", "memberships": as_value(["New"])}, memberships=grouped("myContacts")),
        update(2, {"names.givenName": "B", "memberships": as_value(["starred"])}, memberships=grouped("myContacts")),
    ]
    done = answer({"updateResult": {"people/c2": {"person": person(2, etag="#n", memberships=grouped("starred"))}}})
    reloaded = [GROUPS] if getattr(said, "status", 0) == 409 else []
    connector, script = scripted(GROUPS, GROUPS, said, *reloaded, done)
    first, second = await connector.write(REF, ops)
    assert isinstance(first, kind)
    assert isinstance(second, Done)
    assert set(script.bodies()[-1]["contacts"]) == {"people/c2"}


async def test_groups_that_the_list_does_not_name_are_asked_for_once_and_are_no_label() -> None:
    strange = [person(n, memberships=grouped("myContacts", "zz", "friends")) for n in range(3)]
    nobody = answer({"responses": [{"requestedResourceName": "contactGroups/zz", "status": {"code": 5}}]})
    connector, script = scripted(GROUPS, found(strange[0]), GROUPS, nobody, found(strange[1]))
    await connector.schema(REF)
    for each in strange[:2]:
        (answer_,) = await connector.fetch(REF, ["memberships"], [each["resourceName"]])
        assert isinstance(answer_, Found)
        assert answer_.record.values["memberships"] == as_value(["friends"])
    assert len(script.requests) == 5


async def test_a_probe_whose_page_token_ends_is_not_sure_and_says_so() -> None:
    more = answer({"connections": [person(1)], "nextPageToken": "p2"})
    for ask in (lambda each: each.made_by(REF, FIELDS, ["0" * 32]), lambda each: _all_created(each)):
        connector, _ = scripted(more, error(400, "INVALID_ARGUMENT", message="Invalid page token."))
        with pytest.raises(ContractBroken):
            await ask(connector)


async def _all_created(connector: GoogleContacts) -> list[Any]:
    return [each async for each in connector.created_since(REF, FIELDS, 0.0)]


async def test_who_bears_the_mark_of_a_write_is_read_as_it_is_now() -> None:
    mine, other = "a" * 32, "b" * 32
    marked = person(1, clientData=[{"key": "zohosyncd", "value": other}, {"key": "zohosyncd", "value": mine}])
    foreign = person(2, clientData=[{"key": "another tool", "value": mine}])
    now = person(1, etag="#now", names=[{"givenName": "Edited"}])
    connector, script = scripted(answer({"connections": [foreign, marked], "nextPageToken": "p2"}), found(now))
    made_ = await connector.made_by(REF, FIELDS, [mine])
    assert {op_id: [each.values["names.givenName"] for each in records] for op_id, records in made_.items()} == {
        mine: ["Edited"]
    }
    assert script.query(0)["personFields"] == ["clientData,metadata"]
    assert len(script.requests) == 2
