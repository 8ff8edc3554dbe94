"""Somebody else is at the mailbox at the same time, or Google says no in the middle."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.connectors.google_contacts.conftest import ANN, Mail
from zohosyncd.connectors.google_contacts.connector import REF
from zohosyncd.core.errors import RateLimited, RemoteError
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Item, Record, Values
from zohosyncd.ports.connector import Conflict, Done, Found, Moved, NotSent, Refused, WriteKind, WriteOp
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour

NAME, TITLE, EMAILS, LABELS = "names.givenName", "organizations.title", "emailAddresses", "memberships"
FIELDS = (NAME, TITLE, EMAILS, LABELS)


def op(known: Record, patch: Values) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.UPDATE, known.id, patch, known)


def create(patch: Values) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.CREATE, "", patch)


def delete(known: Record) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.DELETE, known.id, {}, known)


def failure(code: int, status: str, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, **more}}


async def several(mail: Mail, count: int) -> list[Record]:
    ids = mail.app.load(ANN, [{"names": [{"givenName": f"P{n}"}]} for n in range(count)])
    return [each.record for each in await mail.connector.fetch(REF, FIELDS, ids) if isinstance(each, Found)]


async def test_a_label_that_was_deleted_meanwhile_is_made_again(mail: Mail) -> None:
    ann, bob = await several(mail, 2)
    (first,) = await mail.connector.write(REF, [op(ann, {LABELS: as_value(["CRM"])})])
    assert isinstance(first, Done)
    ((label, _),) = mail.labels().items()
    mail.app.edit({"object": f"{ANN}/groups", "id": label, "delete": True})
    (second,) = await mail.connector.write(REF, [op(bob, {LABELS: as_value(["CRM"])})])
    assert isinstance(second, Done), second
    assert list(mail.labels().values()) == ["CRM"]


async def test_a_label_that_was_renamed_meanwhile_takes_nobody_in_under_its_old_name(mail: Mail) -> None:
    ann, bob = await several(mail, 2)
    await mail.connector.write(REF, [op(ann, {LABELS: as_value(["CRM"])})])
    ((label, _),) = mail.labels().items()
    mail.app.edit({"object": f"{ANN}/groups", "id": label, "set": {"name": "Old customers"}})
    (result,) = await mail.connector.write(REF, [op(bob, {LABELS: as_value(["CRM"])})])
    assert isinstance(result, Done), result
    assert sorted(mail.labels().values()) == ["CRM", "Old customers"]
    members = {each["name"]: each["members"] for each in mail.app.state()[f"{ANN}/groups"].values()}
    assert members == {"Old customers": [ann.id], "CRM": [bob.id]}


async def test_a_contact_in_a_label_that_is_deleted_meanwhile_is_written_from_what_it_is_now(mail: Mail) -> None:
    (ann,) = await several(mail, 1)
    await mail.connector.write(REF, [op(ann, {LABELS: as_value(["CRM"])})])
    known = await mail.read(ann.id, *FIELDS)
    ((label, _),) = mail.labels().items()
    mail.app.edit({"object": f"{ANN}/groups", "id": label, "delete": True})
    (result,) = await mail.connector.write(REF, [op(known, {LABELS: as_value(["CRM", "New"])})])
    assert isinstance(result, Conflict), result
    known = await mail.read(ann.id, *FIELDS)
    (result,) = await mail.connector.write(REF, [op(known, {LABELS: as_value(["CRM", "New"])})])
    assert isinstance(result, Done), result


async def test_a_label_that_is_renamed_between_read_and_write_is_not_taken_from_the_contact(mail: Mail) -> None:
    (ann,) = await several(mail, 1)
    await mail.connector.write(REF, [op(ann, {LABELS: as_value(["CRM"])})])
    known = await mail.read(ann.id, *FIELDS)
    ((label, _),) = mail.labels().items()
    mail.app.edit({"object": f"{ANN}/groups", "id": label, "set": {"name": "Clients"}})
    (result,) = await mail.connector.write(REF, [op(known, {LABELS: as_value(["CRM", "New"])})])
    assert isinstance(result, Conflict), result
    known = await mail.read(ann.id, *FIELDS)
    assert names_of(known.values[LABELS]) == ("Clients",)


async def test_a_label_that_is_deleted_in_the_moment_of_the_write_is_no_fault_of_the_contact(mail: Mail) -> None:
    (ann,) = await several(mail, 1)
    label = mail.label("CRM")
    whole, edit = mail.world.faults.answer, mail.app.edit
    gone: list[str] = []

    def late(app: Any, request: Any) -> Any:
        if "batchUpdate" in request.path and not gone:
            gone.append(label)
            edit({"object": f"{ANN}/groups", "id": label, "delete": True})
        return whole(app, request)

    mail.world.faults.answer = late  # type: ignore[method-assign]
    (result,) = await mail.connector.write(REF, [op(ann, {LABELS: as_value(["CRM"])})])
    assert isinstance(result, NotSent), result
    (result,) = await mail.connector.write(REF, [op(ann, {LABELS: as_value(["CRM"])})])
    assert isinstance(result, Done), result


async def test_a_deleted_label_that_the_list_still_shows_is_made_again(make_mail: Callable[..., Mail]) -> None:
    mail = make_mail(GoogleBehaviour(group_delay=300.0))
    ann, bob = await several(mail, 2)
    label = mail.label("CRM")
    mail.clock.moment += 400
    await mail.connector.schema(REF)
    mail.app.edit({"object": f"{ANN}/groups", "id": label, "delete": True})
    ops = [op(ann, {LABELS: as_value(["CRM"])}), create({NAME: "New", LABELS: as_value(["CRM"])})]
    for wish in ops:
        (first,) = await mail.connector.write(REF, [wish])
        assert isinstance(first, NotSent | Done), first
        (second,) = await mail.connector.write(REF, [wish if isinstance(first, NotSent) else op(bob, wish.patch)])
        assert isinstance(second, Done), second
    assert list(mail.labels().values()) == ["CRM"]


async def test_a_label_that_the_list_does_not_show_yet_is_no_missing_label(make_mail: Callable[..., Mail]) -> None:
    mail = make_mail(GoogleBehaviour(group_delay=300.0))
    (ann,) = await several(mail, 1)
    assert not names_of(ann.values[LABELS])
    label = mail.label("Just made")
    mail.edit(ann.id, {LABELS: as_value(["Just made"])})
    assert names_of((await mail.read(ann.id, *FIELDS)).values[LABELS]) == ("Just made",)
    mail.app.edit({"object": f"{ANN}/groups", "id": label, "delete": True})
    assert not names_of((await mail.read(ann.id, *FIELDS)).values[LABELS])


async def test_a_label_that_we_made_is_not_made_twice_while_the_list_does_not_show_it(
    make_mail: Callable[..., Mail],
) -> None:
    mail = make_mail(GoogleBehaviour(group_delay=300.0))
    known = await several(mail, 3)
    for each in known:
        (result,) = await mail.connector.write(REF, [op(each, {LABELS: as_value(["CRM"])})])
        assert isinstance(result, Done), result
    assert list(mail.labels().values()) == ["CRM"]


async def test_who_is_in_one_label_alone_can_lose_it(mail: Mail) -> None:
    (ann,) = await several(mail, 1)
    label = mail.label("CRM")
    mail.app.edit({"object": ANN, "id": ann.id, "set": {"memberships": [
        {"contactGroupMembership": {"contactGroupResourceName": label}}]}})  # fmt: skip
    known = await mail.read(ann.id, *FIELDS)
    assert names_of(known.values[LABELS]) == ("CRM",)
    (result,) = await mail.connector.write(REF, [op(known, {LABELS: None})])
    assert isinstance(result, Done), result
    assert not (await mail.read(ann.id, *FIELDS)).values[LABELS]


async def test_while_somebody_else_writes_a_batch_is_not_sent_in_ever_smaller_pieces(mail: Mail) -> None:
    known = await several(mail, 50)
    mail.forget_calls()
    mail.fail({"fault": "status", "method": "POST", "path": "*batchUpdate*", "status": 409,
               "body": failure(409, "ABORTED")})  # fmt: skip
    results = await mail.connector.write(REF, [op(each, {TITLE: "x"}) for each in known])
    assert all(isinstance(each, NotSent) for each in results)
    assert len(mail.calls()) <= 2


async def test_a_quota_that_ends_in_the_middle_tells_of_each_contact_what_became_of_it(
    make_mail: Callable[..., Mail],
) -> None:
    mail = make_mail(GoogleBehaviour(quotas={"critical_write": 6}), timeout="20s")
    known = await several(mail, 4)
    titles, names = [{TITLE: f"t{n}"} for n in range(2)], [{NAME: f"n{n}"} for n in range(2)]
    results = await mail.connector.write(
        REF, [op(each, patch) for each, patch in zip(known, titles + names, strict=True)]
    )
    done = [each for each in results if isinstance(each, Done)]
    waiting = [each for each in results if isinstance(each, NotSent)]
    assert len(done) + len(waiting) == 4
    for each, result, patch in zip(known, results, titles + names, strict=True):
        now = await mail.read(each.id, *FIELDS)
        assert all((now.values[name] == value) == isinstance(result, Done) for name, value in patch.items())


async def test_a_quota_that_is_spent_already_refuses_the_whole_call(make_mail: Callable[..., Mail]) -> None:
    mail = make_mail(GoogleBehaviour(quotas={"critical_write": 0}), timeout="20s")
    known = await several(mail, 2)
    with pytest.raises(RateLimited):
        await mail.connector.write(REF, [op(each, {TITLE: "x"}) for each in known])


async def test_a_full_mailbox_still_takes_changes_of_who_is_there(make_mail: Callable[..., Mail]) -> None:
    mail = make_mail(GoogleBehaviour(contacts=3))
    known = await several(mail, 3)
    results: list[Any] = []
    try:
        results = await mail.connector.write(REF, [create({NAME: f"new {n}"}) for n in range(2)])
    except RemoteError as error:
        results = [error]
    assert all(isinstance(each, Refused | RateLimited) for each in results), results
    changed = await mail.connector.write(REF, [op(known[0], {TITLE: "x"})])
    assert isinstance(changed[0], Done)


async def test_etags_that_are_old_are_told_for_each_contact_of_a_batch(mail: Mail) -> None:
    known = await several(mail, 9)
    for each in known[::3]:
        mail.edit(each.id, {NAME: "edited"})
    mail.delete(known[1].id)
    results = await mail.connector.write(REF, [op(each, {TITLE: "x"}) for each in known])
    assert [type(each) for each in results] == [Conflict, Conflict, Done, Conflict, Done, Done, Conflict, Done, Done]
    assert results[1] == Conflict(gone=True)
    for each in known[::3]:
        assert (await mail.read(each.id, *FIELDS)).values[NAME] == "edited"


async def test_a_stale_batch_whose_error_names_nobody_is_told_apart_all_the_same(mail: Mail) -> None:
    known = await several(mail, 6)
    mail.edit(known[4].id, {NAME: "edited"})
    whole = mail.world.faults.answer
    mail.world.faults.answer = lambda app, request: _nameless(whole(app, request))  # type: ignore[method-assign]
    results = await mail.connector.write(REF, [op(each, {TITLE: "x"}) for each in known])
    assert [type(each) for each in results] == [Done, Done, Done, Done, Conflict, Done]


def _nameless(answer: Any) -> Any:
    body = json.loads(answer.body) if answer.status == 400 else {}
    if "error" not in body:
        return answer
    errors = next((each["contactErrors"] for each in body["error"].get("details", []) if "contactErrors" in each), {})
    stale = any(each["code"] == 9 for each in errors.values())
    status = "FAILED_PRECONDITION" if stale else body["error"]["status"]
    return type(answer)(400, answer.headers, json.dumps(failure(400, status)).encode())


async def test_an_address_that_belongs_to_a_profile_changes_the_name_of_the_contact(mail: Mail) -> None:
    mail.app.tune({"profiles": {"kim@example.com": {"name": "people/117", "displayName": "Kim"}}})
    (kim,) = await several(mail, 1)
    pages = await mail.pages(FIELDS)
    (result,) = await mail.connector.write(REF, [op(kim, {EMAILS: (Item("kim@example.com", "work"),)})])
    assert isinstance(result, Done)
    (moved,) = await mail.connector.fetch(REF, FIELDS, [kim.id])
    assert moved == Moved(kim.id, "people/117")
    found = await mail.read("people/117", *FIELDS)
    assert found.values[NAME] == "P0"
    mail.clock.moment += 400
    changes = [change for page in await mail.pages(FIELDS, pages[-1].cursor) for change in page.changes]
    assert Moved(kim.id, "people/117") in changes


async def test_deletions_of_who_is_gone_or_changed_meanwhile(mail: Mail) -> None:
    known = await several(mail, 5)
    mail.delete(known[1].id)
    mail.edit(known[3].id, {NAME: "edited"})
    results = await mail.connector.write(REF, [delete(each) for each in known])
    assert [type(each) for each in results] == [Done, Conflict, Done, Conflict, Done]
    assert list(mail.app.state()[ANN]) == [known[3].id]


async def test_a_name_of_googles_own_is_waited_for_only_as_long_as_lists_may_be_late(mail: Mail) -> None:
    (ann,) = await several(mail, 1)
    (first,) = await mail.connector.write(REF, [op(ann, {LABELS: as_value(["chatBuddies"])})])
    assert isinstance(first, NotSent)
    mail.clock.moment += 700
    (later,) = await mail.connector.write(REF, [op(ann, {LABELS: as_value(["chatBuddies"])})])
    assert isinstance(later, Refused)
