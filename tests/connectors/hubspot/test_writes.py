"""Writes: what travels, what comes back in which order, what is refused and why."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.connectors.hubspot.conftest import FIELDS, Portal, Spoiling, op
from zohosyncd.core.errors import RateLimited
from zohosyncd.core.record import Owner
from zohosyncd.ports.connector import Conflict, Done, Duplicate, NotSent, Refused, Unknown, WriteKind
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.transport.sender import Answered, Lost

CREATE, UPDATE, DELETE = WriteKind.CREATE, WriteKind.UPDATE, WriteKind.DELETE


def sent(portal: Portal, path: str) -> list[Any]:
    """Bodies of the requests to this path."""
    return [msgspec.json.decode(each.body) for each in portal.sender.sent if each.url.endswith(path)]


async def test_an_update_sends_its_patch_and_nothing_else(portal: Portal) -> None:
    ann = portal.person(firstname="Ann", email="a@example.com", city="Berlin")
    result = await portal.update(ann, jobtitle="Director", city=None)
    assert isinstance(result, Done)
    (body,) = sent(portal, "/batch/update")
    (row,) = body["inputs"]
    assert row["properties"] == {"jobtitle": "Director", "city": ""}
    assert row["id"] == ann
    assert len(row["objectWriteTraceId"]) == 32
    assert result.modified == pytest.approx(portal.app.contacts.required(ann).updated / 1000)


async def test_a_hundred_updates_are_two_calls(portal: Portal) -> None:
    ids = [portal.person(email=f"p{n}@example.com") for n in range(100)]
    known = [await portal.read(each) for each in ids]
    before = len(portal.calls())
    results = await portal.write(*(op(UPDATE, each.id, {"jobtitle": "x"}, each) for each in known))
    assert all(isinstance(each, Done) for each in results)
    assert portal.calls()[before:] == [
        "POST /crm/v3/objects/contacts/batch/read", "POST /crm/v3/objects/contacts/batch/update",
    ]  # fmt: skip


@pytest.mark.parametrize("multi_status", [True, False])
async def test_each_row_has_its_own_result_whatever_the_order_of_the_answer(
    make_portal: Callable[..., Portal], multi_status: bool
) -> None:
    portal = make_portal(HubSpotSetup(multi_status=multi_status, shuffled=True))
    taken = portal.person(email="taken@example.com")
    people: list[dict[str, Any]] = [{"email": f"p{n}@example.com", "firstname": f"P{n}"} for n in range(10)]
    people[3] = {"email": "Taken@example.com", "firstname": "Other"}
    people[6] = {"email": "no address", "firstname": "Wrong"}
    people[7] = {"email": "taken@example.com", "firstname": "Third"}
    results = await portal.write(*(op(CREATE, "", each) for each in people))
    for n, (person, result) in enumerate(zip(people, results, strict=True)):
        if n in {3, 7}:
            assert result == Duplicate(taken, "email")
        elif n == 6:
            assert isinstance(result, Refused)
            assert (result.code, result.field) == ("INVALID_EMAIL", "email")
        else:
            assert isinstance(result, Done)
            assert portal.shown(result.id)["firstname"] == person["firstname"]
    assert len(portal.app.state()["contacts"]) == 8


async def test_rows_without_a_trace_are_known_by_their_address(portal: Portal, spoiling: Spoiling) -> None:
    def untraced(request: Any, answer: Any) -> Any:
        if not request.url.endswith("/batch/create"):
            return answer
        body = msgspec.json.decode(answer.body)
        for row in body["results"]:
            row.pop("objectWriteTraceId")
        return replace(answer, body=msgspec.json.encode(body))

    spoiling.spoil = untraced
    people = [{"email": f"P{n}@example.com", "firstname": f"P{n}"} for n in range(5)] + [{"lastname": "Nobody"}]
    results = await portal.write(*(op(CREATE, "", each) for each in people))
    for person, result in zip(people[:5], results, strict=False):
        assert isinstance(result, Done)
        assert portal.shown(result.id)["firstname"] == person["firstname"]
    assert isinstance(results[5], Unknown)  # made, and nothing says which one it is


async def test_one_bad_value_does_not_keep_the_others_away(portal: Portal) -> None:
    ann = portal.person(firstname="Ann", email="a@example.com")
    result = await portal.update(ann, jobtitle="Director", annual_spend="a lot", lifecyclestage="no stage")
    assert isinstance(result, Done)
    assert {each.field: each.code for each in result.refused} == {
        "annual_spend": "INVALID_INTEGER", "lifecyclestage": "INVALID_OPTION",
    }  # fmt: skip
    assert portal.shown(ann)["jobtitle"] == "Director"
    assert "a lot" not in str(result)


async def test_nobody_is_created_without_the_address_that_was_refused(portal: Portal) -> None:
    result = await portal.create(firstname="Ann", email="no address")
    assert isinstance(result, Refused)
    assert portal.app.state()["contacts"] == []


async def test_an_owner_who_is_gone_is_refused_whole(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    await portal.connector.schema("contacts")
    portal.app.contacts.owners = ("41000001",)  # the others have left since the schema was read
    result = await portal.update(ann, jobtitle="x", hubspot_owner_id=Owner("41000002"))
    assert isinstance(result, Refused)
    assert (result.code, result.field) == ("INVALID_OWNER_ID", "hubspot_owner_id")
    assert "jobtitle" not in portal.shown(ann)


async def test_an_owner_is_taken_away(portal: Portal) -> None:
    ann = portal.person(hubspot_owner_id="41000001")
    assert isinstance(await portal.update(ann, hubspot_owner_id=None), Done)
    assert "hubspot_owner_id" not in portal.shown(ann)


async def test_a_property_that_is_gone_is_refused_by_name(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    await portal.connector.schema("contacts")
    del portal.app.contacts.properties["customer_number"]
    known = await portal.read(ann)
    (result,) = await portal.write(op(UPDATE, ann, {"customer_number": "C-1", "jobtitle": "x"}, known))
    assert isinstance(result, Done)
    assert [(each.code, each.field) for each in result.refused] == [("PROPERTY_DOESNT_EXIST", "customer_number")]


async def test_what_is_read_only_is_refused_before_anything_is_sent(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    known = await portal.read(ann)
    for name in ("createdate", "hs_full_name_or_email", "no_such", "ActiveLists"):
        (result,) = await portal.write(op(UPDATE, ann, {name: "x"}, known))
        assert result == Refused("READ_ONLY_VALUE", name, "the property cannot be written")
    assert not sent(portal, "/batch/update")


async def test_an_address_of_somebody_else_is_a_duplicate(portal: Portal) -> None:
    ann, bob = portal.person(email="a@example.com"), portal.person(email="b@example.com")
    assert await portal.update(ann, email="B@example.com") == Duplicate(bob, "email")


async def test_a_lifecycle_stage_only_goes_forward(portal: Portal) -> None:
    ann = portal.person(lifecyclestage="customer")
    result = await portal.update(ann, lifecyclestage="lead", jobtitle="x")
    assert isinstance(result, Done)
    assert [each.field for each in result.refused] == ["lifecyclestage"]
    assert sent(portal, "/batch/update")[-1]["inputs"][0]["properties"] == {"jobtitle": "x"}
    only = await portal.update(ann, lifecyclestage="lead")
    assert isinstance(only, Refused)
    assert isinstance(await portal.update(ann, lifecyclestage="evangelist"), Done)
    assert portal.shown(ann)["lifecyclestage"] == "evangelist"


# Somebody else was quicker


async def test_an_edit_of_the_same_field_since_the_read_stops_the_write(portal: Portal) -> None:
    ann = portal.person(firstname="Ann", jobtitle="first")
    known = await portal.read(ann)
    portal.edit(ann, jobtitle="typed by a person")
    (result,) = await portal.write(op(UPDATE, ann, {"jobtitle": "ours"}, known))
    assert result == Conflict()
    assert portal.shown(ann)["jobtitle"] == "typed by a person"
    assert not sent(portal, "/batch/update")
    (result,) = await portal.write(op(DELETE, ann, {}, known))
    assert result == Conflict()


async def test_an_edit_of_another_field_since_the_read_stops_nothing(portal: Portal) -> None:
    ann = portal.person(firstname="Ann", jobtitle="first")
    known = await portal.read(ann)
    portal.edit(ann, city="Berlin")
    (result,) = await portal.write(op(UPDATE, ann, {"jobtitle": "ours"}, known))
    assert isinstance(result, Done)
    assert (portal.shown(ann)["jobtitle"], portal.shown(ann)["city"]) == ("ours", "Berlin")


async def test_the_same_edit_by_somebody_else_is_no_conflict(portal: Portal) -> None:
    ann = portal.person(jobtitle="first")
    known = await portal.read(ann)
    portal.edit(ann, jobtitle="the same")
    (result,) = await portal.write(op(UPDATE, ann, {"jobtitle": "the same"}, known))
    assert isinstance(result, Done)


async def test_who_was_merged_away_since_is_looked_at_again(portal: Portal) -> None:
    ann, twin = portal.person(email="a@example.com"), portal.person(email="b@example.com")
    known = await portal.read(ann)
    portal.merge(ann, twin)
    results = [
        *await portal.write(op(UPDATE, ann, {"jobtitle": "x"}, known)),
        *await portal.write(op(DELETE, ann, {}, known)),
    ]
    assert results == [Conflict(), Conflict()]


async def test_two_writes_of_one_contact_in_a_batch_are_two_calls(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    known = await portal.read(ann, *FIELDS, "city")
    results = await portal.write(op(UPDATE, ann, {"jobtitle": "x"}, known), op(UPDATE, ann, {"city": "Berlin"}, known))
    assert [type(each) for each in results] == [Done, Done]
    assert (portal.shown(ann)["jobtitle"], portal.shown(ann)["city"]) == ("x", "Berlin")


# Answers that are lost or wrong


@pytest.mark.parametrize("fault", [{"fault": "reset"}, {"fault": "status", "status": 502}, {"fault": "hang"}])
async def test_a_create_without_an_answer_is_unknown_and_can_be_found(portal: Portal, fault: dict[str, Any]) -> None:
    old = portal.person(email="old@example.com")
    await portal.clock.sleep(60)
    before = portal.clock.now()
    portal.fail({"method": "POST", "path": "*/batch/create", "executed": True, **fault})
    result = await portal.create(firstname="Ann", email="ann@example.com")
    assert isinstance(result, Unknown)
    portal.fail()
    found = await portal.connector.find("contacts", ["ann@example.com"])
    assert found is not None
    (ann,) = found
    assert ann != old
    await portal.clock.sleep(portal.connector.capabilities.settle)
    pages = [page async for page in portal.connector.created_since("contacts", FIELDS, before - 5)]
    assert [each.id for page in pages for each in page.records] == [ann]
    assert pages[-1].beyond
    again = await portal.create(firstname="Ann", email="ann@example.com")
    assert again == Duplicate(ann, "email")


async def test_an_answer_with_too_few_rows_leaves_the_others_unknown(portal: Portal, spoiling: Spoiling) -> None:
    def shortened(request: Any, answer: Any) -> Any:
        if not request.url.endswith("/batch/create"):
            return answer
        body = msgspec.json.decode(answer.body)
        return replace(answer, body=msgspec.json.encode({**body, "results": body["results"][:1]}))

    spoiling.spoil = shortened
    results = await portal.write(*(op(CREATE, "", {"email": f"p{n}@example.com"}) for n in range(3)))
    assert sorted(type(each).__name__ for each in results) == ["Done", "Unknown", "Unknown"]


async def test_an_answer_with_a_row_twice_is_not_believed(portal: Portal, spoiling: Spoiling) -> None:
    def doubled(request: Any, answer: Any) -> Any:
        if not request.url.endswith("/batch/create"):
            return answer
        body = msgspec.json.decode(answer.body)
        return replace(answer, body=msgspec.json.encode({**body, "results": body["results"] * 2}))

    spoiling.spoil = doubled
    results = await portal.write(op(CREATE, "", {"email": "a@example.com"}))
    assert [type(each) for each in results] == [Unknown]


async def test_the_second_half_of_a_batch_that_meets_a_limit_was_not_sent(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(HubSpotSetup(multi_status=False))
    people = [{"email": f"p{n}@example.com"} for n in range(4)]
    people[0] = {"email": "no address"}
    portal.fail(
        {"method": "POST", "path": "*/batch/create", "fault": "status", "status": 429, "after": 4,
         "body": {"policyName": "DAILY", "message": "x"}},
    )  # fmt: skip
    results = await portal.write(*(op(CREATE, "", each) for each in people))
    kinds = [type(each).__name__ for each in results]
    assert kinds[0] == "Refused"
    assert "NotSent" in kinds
    made = {each["email"] for each in portal.app.state()["contacts"]}
    for person, result in zip(people, results, strict=True):
        assert (person["email"] in made) == isinstance(result, Done)


async def test_a_limit_before_anything_was_written_is_raised(portal: Portal) -> None:
    portal.fail({"method": "POST", "path": "*/batch/create", "fault": "status", "status": 429,
                 "body": {"policyName": "DAILY"}})  # fmt: skip
    with pytest.raises(RateLimited):
        await portal.create(email="a@example.com")


async def test_a_read_before_the_write_that_makes_no_sense_means_not_sent(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    known = await portal.read(ann)
    portal.fail({"method": "POST", "path": "*/batch/read", "fault": "html"})
    (result,) = await portal.write(op(UPDATE, ann, {"jobtitle": "x"}, known))
    assert isinstance(result, NotSent)


async def test_messages_of_hubspot_are_never_repeated(portal: Portal, spoiling: Spoiling) -> None:
    told = {"status": "error", "category": "VALIDATION_ERROR", "message": "ann@example.com is on fire",
            "errors": [{"message": "ann@example.com", "code": "ann@example.com", "context": {"propertyName": ["a@b"]}}]}  # fmt: skip

    def refusing(request: Any, answer: Any) -> Any:
        if not request.url.endswith("/batch/create"):
            return answer
        return Answered(400, answer.headers, msgspec.json.encode(told), request.url)

    spoiling.spoil = refusing
    result = await portal.create(email="ann@example.com")
    assert isinstance(result, Refused)
    assert "example" not in repr(result)
    assert "a@b" not in repr(result)


async def test_nothing_that_comes_back_in_place_of_an_answer_is_taken_for_one(
    portal: Portal, spoiling: Spoiling
) -> None:
    for status, body in [
        (200, b"[]"), (201, b'{"results": "x"}'), (207, b"null"), (200, b""), (400, b"oops"), (409, b"[]"),
        (201, b'{"results": [{"id": 5}]}'), (302, b""), (204, b""),
    ]:  # fmt: skip

        def spoil(request: Any, answer: Any, status: int = status, body: bytes = body) -> Any:
            if not request.url.endswith("/batch/create"):
                return answer
            return Answered(status, {"content-type": "application/json"}, body, request.url)

        spoiling.spoil = spoil
        result = await portal.create(email=f"x{status}{len(body)}@example.com")
        assert isinstance(result, Unknown), (status, body, result)


async def test_a_lost_archive_is_unknown(portal: Portal, spoiling: Spoiling) -> None:
    ann = portal.person(firstname="Ann")
    known = await portal.read(ann)
    spoiling.spoil = lambda request, answer: Lost("deadline") if request.url.endswith("/archive") else answer
    (result,) = await portal.write(op(DELETE, ann, {}, known))
    assert isinstance(result, Unknown)
