"""What is sent to Mailman, and what each of its answers means."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.connectors.contract import creation, deletion, update
from tests.connectors.mailman.benches import LIST
from zohosyncd.core.errors import AuthLost, ContractBroken, Unavailable
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Conflict, Done, Duplicate, Pending, Refused, Unknown
from zohosyncd.sandbox.mailman.behaviour import Behaviour

ANN = Record("m" * 32, {"email": "ann@example.com"})


def sent(core: Any, method: str) -> list[tuple[str, dict[str, str]]]:
    """Path and form of the requests so far that change something."""
    return [
        (urlsplit(each.url).path, dict(parse_qsl(each.body.decode(), keep_blank_values=True)))
        for each in core.sender.sent
        if each.method == method
    ]


def fail(core: Any, *rules: dict[str, Any]) -> None:
    core.world.faults.replace("mailman", list(rules))


async def only(core: Any, op: Any) -> Any:
    (result,) = await core.connector.write(LIST, [op])
    return result


@pytest.mark.parametrize(
    ("status", "vouched"),
    [
        ("subscribed", {"delivery_status": "enabled"}),
        ("unsubscribed", {"delivery_status": "by_user"}),
        ("pending", None),
        (None, None),
    ],
)
async def test_only_who_is_said_to_be_subscribed_is_vouched_for(core: Any, status: Any, vouched: Any) -> None:
    patch = {"email": "ann@example.com", **({} if status is None else {"status": status})}
    await only(core, creation(patch))
    ((path, form),) = sent(core, "POST")
    assert path == "/3.1/members"
    flags = {name: value for name, value in form.items() if name.startswith("pre_")}
    assert flags == (
        {} if vouched is None else dict.fromkeys(("pre_verified", "pre_confirmed", "pre_approved"), "true")
    )
    assert form.get("delivery_status") == (None if vouched is None else vouched["delivery_status"])


async def test_who_is_not_vouched_for_waits_even_where_the_list_is_open(make_core: Any) -> None:
    core = make_core(Behaviour(policy="open"))
    result = await only(core, creation({"email": "ann@example.com"}))
    assert isinstance(result, Done)
    assert result.id.startswith("pending-")


@pytest.mark.parametrize(
    ("body", "field", "compliance"),
    [
        ("Membership is banned", "email", True),
        ("List posting address cannot subscribe", "email", False),
        ("ann@example.com is already an owner of news@example.com", "", False),
    ],
)
async def test_a_refusal_says_why_and_names_nobody(core: Any, body: str, field: str, compliance: bool) -> None:
    fail(core, {"method": "POST", "fault": "status", "status": 400, "body": {"title": "400", "description": body}})
    result = await only(core, creation({"email": "ann@example.com"}))
    assert isinstance(result, Refused)
    assert (result.field, result.compliance) == (field, compliance)
    assert "ann@" not in repr(result)


async def test_who_is_there_already_is_named(core: Any) -> None:
    there = await core.subscribe({"email": "ann@example.com"})
    assert await only(core, creation({"email": "ANN@example.com"})) == Duplicate(there, "email")


async def test_a_new_member_without_an_address_in_the_answer_may_be_there(core: Any) -> None:
    fail(core, {"method": "POST", "fault": "status", "status": 201, "executed": True})
    assert isinstance(await only(core, creation({"email": "ann@example.com", "status": "subscribed"})), Unknown)


async def test_consent_is_written_first_and_what_came_behind_a_failure_is_left(core: Any) -> None:
    known = Record(await core.subscribe({"email": "ann@example.com"}), {})
    fail(core, {"method": "PATCH", "path": "/3.1/addresses/*", "fault": "status", "status": 503})
    result = await only(core, update(known, {"display_name": "Ann", "status": "unsubscribed"}))
    assert result == Done(known.id, left=("display_name",))
    assert core.list.members[known.id].effective("delivery_status") == "by_user"


async def test_a_field_that_is_refused_does_not_undo_the_others(core: Any) -> None:
    known = Record(await core.subscribe({"email": "ann@example.com"}), {})
    await core.subscribe({"email": "bob@example.com"})
    result = await only(
        core, update(known, {"email": "bob@example.com", "status": "unsubscribed", "display_name": "A"})
    )
    assert isinstance(result, Done)
    assert [each.field for each in result.refused] == ["email"]
    assert result.left == ("display_name",)


async def test_nobody_is_asked_for_a_confirmation_who_is_a_member(core: Any) -> None:
    known = Record(await core.subscribe({"email": "ann@example.com", "delivery_status": "by_user"}), {})
    result = await only(core, update(known, {"status": "pending"}))
    assert isinstance(result, Refused)
    assert core.list.members[known.id].effective("delivery_status") == "by_user"
    assert not sent(core, "PATCH")


async def test_who_waits_is_not_changed_and_nobody_is_asked_again(core: Any) -> None:
    made = await only(core, creation({"email": "ann@example.com"}))
    before = len(core.sender.sent)
    assert isinstance(await only(core, update(Record(made.id, {}), {"display_name": "Ann"})), Pending)
    assert len(core.sender.sent) == before


async def test_who_waits_can_be_let_go(core: Any) -> None:
    made = await only(core, creation({"email": "ann@example.com"}))
    assert isinstance(await only(core, deletion(Record(made.id, {}))), Done)
    assert not core.list.waiting
    assert await only(core, deletion(Record(made.id, {}))) == Conflict(gone=True)


async def test_a_name_is_emptied_also_where_the_users_own_would_show(core: Any) -> None:
    known = Record(await core.subscribe({"email": "ann@example.com", "display_name": "Ann"}), {})
    core.list.members[known.id].address.user.name = "Ann of All Lists"
    assert isinstance(await only(core, update(known, {"display_name": None})), Done)
    assert core.list.members[known.id].name == ""


async def test_a_name_that_is_half_emptied_is_unknown(core: Any) -> None:
    known = Record(await core.subscribe({"email": "ann@example.com", "display_name": "Ann"}), {})
    core.list.members[known.id].address.user.name = "Ann of All Lists"
    fail(core, {"path": "/3.1/users/*", "fault": "status", "status": 429})
    assert isinstance(await only(core, update(known, {"display_name": None})), Unknown)


async def test_a_password_that_is_refused_is_sent_once(core: Any) -> None:
    fail(core, {"fault": "status", "status": 401})
    known = [Record(await core.subscribe({"email": f"p{n}@example.com"}), {}) for n in range(3)]
    with pytest.raises(AuthLost):
        await core.connector.write(LIST, [deletion(each) for each in known])
    assert len(core.sender.sent) == 1


async def test_something_else_at_the_address_is_no_mailman(core: Any) -> None:
    fail(core, {"fault": "status", "status": 200, "body": {"hello": "world"}})
    with pytest.raises(ContractBroken, match="no Mailman core"):
        await core.connector.check()


async def test_a_roster_that_always_shifts_is_no_roster(core: Any) -> None:
    for n in range(3):
        await core.subscribe({"email": f"p{n}@example.com"})
    page = {"start": 0, "total_size": 3, "entries": [{"member_id": "m1", "email": "a@example.com"}]}
    fail(core, {"path": "*/roster/member", "fault": "status", "status": 200, "body": page})
    with pytest.raises(Unavailable, match="changed whenever"):
        async for _ in core.connector.changes(LIST, ["email"], None):
            pass
