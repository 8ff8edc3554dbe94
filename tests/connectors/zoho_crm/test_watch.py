"""Channels over Zoho's wire: what is asked for, and what is made of each answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.zoho_crm.conftest import Org
from zohosyncd.connectors.zoho_crm import SPEC
from zohosyncd.connectors.zoho_crm.ringing import HOOK, channel_number
from zohosyncd.core.errors import ContractBroken, PermissionLacking, RateLimited, RemoteError, Unavailable
from zohosyncd.ports.push import Bell, Channel, Pushes, Rang, Ring, Stranger
from zohosyncd.sandbox.zoho.crm import ZohoSetup

SECRET = "5" * 32
BELL = Bell("ab" * 16, "https://sync.example.org/hooks/zoho/" + "ab" * 16, SECRET)
DAY = 86_400


def watched(org: Org) -> list[dict[str, Any]]:
    """The bodies of all calls about channels that had one."""
    sent = [each for each in org.sender.sent if "/actions/watch" in each.url and each.body]
    return [json.loads(each.body)["watch"][0] for each in sent]


def ruled(org: Org, status: int, body: Any) -> None:
    org.fail({"path": "/crm/v8/actions/watch", "fault": "status", "status": status, "body": body})


def test_the_app_says_that_it_rings_and_how_its_rings_are_read() -> None:
    assert SPEC.hook is HOOK
    assert SPEC.offers.push


async def test_a_channel_asks_for_everything_of_one_module_and_for_no_values(org: Org) -> None:
    assert isinstance(org.connector, Pushes)
    push = org.connector.capabilities.push
    assert push is not None
    until = org.clock.now() + push.lifetime
    channel = await org.connector.open_channel("Accounts", BELL, until)
    assert channel.id == channel_number(BELL)
    assert channel.expires is not None
    assert abs(channel.expires - until) <= 1
    (wish,) = watched(org)
    assert wish["events"] == ["Accounts.all"]
    assert wish["notify_url"] == BELL.address
    assert wish["token"] == SECRET
    assert len(wish["token"]) <= 50
    assert wish["return_affected_field_values"] is False
    assert wish["notify_on_related_action"] is False


async def test_repeating_makes_no_second_channel_and_another_bell_does(org: Org) -> None:
    for _ in range(3):
        await org.connector.open_channel("Contacts", BELL, org.clock.now() + DAY)
    assert len(org.app.bells.channels) == 1
    await org.connector.open_channel("Contacts", Bell("cd" * 16, BELL.address, SECRET), org.clock.now() + DAY)
    assert len(org.app.bells.channels) == 2


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_channel_numbers_survive_whatever_reads_numbers(drawn: int) -> None:
    number = channel_number(Bell(f"{drawn:032x}", "", ""))
    assert len(number) == 15
    assert str(int(float(number))) == number


async def test_prolonging_keeps_the_channel_as_it_is(org: Org) -> None:
    channel = await org.connector.open_channel("Contacts", BELL, org.clock.now() + DAY)
    longer = await org.connector.renew_channel("Contacts", BELL, channel, org.clock.now() + 6 * DAY)
    assert longer is not None
    assert longer.id == channel.id
    (known,) = org.app.bells.channels.values()
    assert known.expires - org.clock.now() > 5 * DAY
    assert known.token == SECRET
    assert known.events == {"Contacts": {"all"}}


async def test_one_that_has_ended_is_not_prolonged_and_ending_it_is_no_trouble(org: Org) -> None:
    channel = await org.connector.open_channel("Contacts", BELL, org.clock.now() + 60)
    await org.clock.sleep(61)
    assert await org.connector.renew_channel("Contacts", BELL, channel, org.clock.now() + DAY) is None
    await org.connector.close_channel("Contacts", channel)
    await org.connector.close_channel("Contacts", Channel("42"))


async def test_ending_ends_it(org: Org) -> None:
    channel = await org.connector.open_channel("Contacts", BELL, org.clock.now() + DAY)
    await org.connector.close_channel("Contacts", channel)
    assert org.app.bells.channels == {}


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"code": "OAUTH_SCOPE_MISMATCH", "message": "Unauthorized"}, PermissionLacking, "notifications.ALL"),
        (403, {"code": "NO_PERMISSION", "message": "denied"}, PermissionLacking, "notifications.ALL"),
        (400, {"code": "INVALID_DATA", "message": "notify_url x@example.org", "details": {}}, ContractBroken, "public_url"),
        (400, {"watch": [{"code": "LIMIT_REACHED", "status": "error", "details": {}}]}, ContractBroken, "another tool"),
        (207, {"watch": [{"code": "INVALID_DATA", "status": "error", "message": "x"}]}, ContractBroken, "public_url"),
        (201, {"watch": []}, ContractBroken, ""),
        (201, {"data": []}, ContractBroken, ""),
        (200, "<html>", ContractBroken, ""),
        (429, {"code": "RATE_LIMIT_EXCEEDED", "message": "24 hour limit"}, RateLimited, ""),
        (500, {"code": "INTERNAL_ERROR", "message": "x"}, Unavailable, ""),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_in_our_words(
    make_org: Callable[..., Org], status: int, body: Any, kind: type[RemoteError], words: str
) -> None:
    org = make_org()
    ruled(org, status, body)
    with pytest.raises(kind) as caught:
        await org.connector.open_channel("Contacts", BELL, org.clock.now() + DAY)
    assert words in caught.value.hint
    assert "example.org" not in str(caught.value)
    assert SECRET not in str(caught.value)


async def test_a_lost_answer_is_asked_for_again(org: Org) -> None:
    org.fail({"path": "/crm/v8/actions/watch", "fault": "reset", "executed": True, "count": 1})
    channel = await org.connector.open_channel("Contacts", BELL, org.clock.now() + DAY)
    assert list(org.app.bells.channels) == [channel.id]


async def test_a_grant_in_another_time_zone_is_the_same_moment(make_org: Callable[..., Org]) -> None:
    org = make_org(ZohoSetup(time_zone="-11:00"))
    channel = await org.connector.open_channel("Contacts", BELL, org.clock.now() + DAY)
    assert channel.expires is not None
    assert abs(channel.expires - org.clock.now() - DAY) <= 1


async def test_the_earliest_end_of_several_counts_and_a_missing_one_is_not_invented(org: Org) -> None:
    events = [{"channel_expiry": "2030-01-02T00:00:00+00:00"}, {"channel_expiry": "2030-01-01T00:00:00+00:00"}, {}]
    row = {"code": "SUCCESS", "status": "success", "details": {"events": events}}
    ruled(org, 201, {"watch": [row]})
    assert (await org.connector.open_channel("Contacts", BELL, 0)).expires == 1_893_456_000.0
    ruled(org, 201, {"watch": [{**row, "details": {}}]})
    assert (await org.connector.open_channel("Contacts", BELL, 0)).expires is None


# --- rings ---------------------------------------------------------------------------------------------------------


def ring(body: Any) -> Ring:
    return Ring("POST", "", body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_ring_is_known_by_its_token_alone() -> None:
    told = {"token": SECRET, "ids": ["1", 2], "module": "Contacts", "operation": "insert", "affected_fields": []}
    assert HOOK.read(ring(told), SECRET) == Rang(frozenset({"1", "2"}))
    assert HOOK.read(ring({"token": SECRET}), SECRET) == Rang()
    assert HOOK.read(ring({"token": SECRET, "ids": None}), SECRET) == Rang()
    assert HOOK.read(ring(told), "other") == Stranger()
    assert HOOK.read(ring({"ids": []}), "") == Stranger()
    assert HOOK.read(ring({"token": ""}), "") == Stranger()


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["token", "ids", "x"]), inner, max_size=3),
    max_leaves=8,
).map(lambda found: json.dumps(found).encode()))  # fmt: skip
def test_no_bytes_are_a_ring_without_the_token_and_none_raises(body: bytes) -> None:
    assert HOOK.read(ring(body), SECRET) == Stranger()
