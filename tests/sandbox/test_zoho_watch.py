"""Notifications of the simulated Zoho, as its documentation has them, and as badly as it allows."""

import json
from typing import Any

import pytest

from tests.sandbox.conftest import ZohoOrg
from zohosyncd.sandbox.wire import Outgoing

URL = "http://127.0.0.1:9/hooks/zoho/abc?k=v"
HOUR, WEEK = 3600, 604_800


class Post:
    """Everything that the org has sent by itself."""

    def __init__(self, zoho: ZohoOrg) -> None:
        self.letters: list[Outgoing] = []
        zoho.world.post = self.letters.append

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(letter.body) for letter in self.letters]

    def operations(self) -> list[str]:
        return [body["operation"] for body in self.bodies()]


@pytest.fixture
def post(zoho: ZohoOrg) -> Post:
    return Post(zoho)


def wish(**more: Any) -> dict[str, Any]:
    return {"channel_id": "1000000068001", "events": ["Contacts.all"], "token": "proof", "notify_url": URL, **more}


def at(zoho: ZohoOrg, seconds: float) -> str:
    return zoho.app.crm.stamp(int(zoho.clock.now() + seconds))


def enable(zoho: ZohoOrg, *wishes: dict[str, Any]) -> Any:
    return zoho.call("POST", "actions/watch", body={"watch": list(wishes or (wish(),))})


def person(zoho: ZohoOrg, **values: Any) -> str:
    body = {"app": "zoho_crm", "object": "Contacts", "create": {"Last_Name": "Doe", **values}}
    return str(zoho.call("POST", "/_sandbox/edit", body=body).body["id"])


def edit(zoho: ZohoOrg, number: str, **what: Any) -> None:
    zoho.call("POST", "/_sandbox/edit", body={"app": "zoho_crm", "object": "Contacts", "id": number, **what})


def test_every_change_rings_with_the_token_and_no_value(zoho: ZohoOrg, post: Post) -> None:
    assert enable(zoho, wish(return_affected_field_values=False)).status == 201
    number = person(zoho, Email="a@example.org")
    edit(zoho, number, set={"Email": "b@example.org"})
    edit(zoho, number, delete=True)
    assert post.operations() == ["insert", "update", "delete"]
    update = post.bodies()[1]
    assert post.letters[1].url == URL
    assert update["ids"] == [number]
    assert update["token"] == "proof"
    assert update["channel_id"] == "1000000068001"
    assert update["query_params"] == {"k": "v"}
    assert update["affected_fields"] == [{number: ["Email"]}]
    assert "affected_values" not in update
    assert abs(update["server_time"] - zoho.clock.now() * 1000) < 1000


def test_writes_through_the_api_ring_too_and_a_batch_rings_once(zoho: ZohoOrg, post: Post) -> None:
    enable(zoho)
    zoho.insert({"Last_Name": "One"}, {"Last_Name": "Two"})
    (body,) = post.bodies()
    assert body["operation"] == "insert"
    assert len(body["ids"]) == 2


def test_values_are_told_only_to_who_asked(zoho: ZohoOrg, post: Post) -> None:
    enable(zoho, wish(return_affected_field_values=True))
    number = person(zoho, Email="a@example.org")
    (value,) = post.bodies()[0]["affected_values"]
    assert value["record_id"] == number
    assert value["values"]["Email"] == "a@example.org"


def test_only_the_events_asked_for_ring(zoho: ZohoOrg, post: Post) -> None:
    assert enable(zoho, wish(events=["Contacts.edit", "Accounts.all"])).status == 201
    number = person(zoho)
    edit(zoho, number, delete=True)
    assert post.letters == []
    edit(zoho, person(zoho), set={"Email": "a@example.org"})
    assert post.operations() == ["update"]


@pytest.mark.parametrize(
    ("asked", "granted"),
    [(None, HOUR), (60, 60), (WEEK, WEEK), (WEEK + 1, HOUR), (30 * WEEK, HOUR)],
    ids=["default", "a-minute", "a-week", "a-second-over-a-week", "much-more"],
)
def test_expiry_is_an_hour_by_default_and_whenever_more_than_a_week_is_asked(
    zoho: ZohoOrg, asked: int | None, granted: int
) -> None:
    given = wish() if asked is None else wish(channel_expiry=at(zoho, asked))
    (event,) = enable(zoho, given).body["watch"][0]["details"]["events"]
    assert event["channel_expiry"] == at(zoho, granted)


def test_after_its_end_a_channel_is_silent_and_unknown(zoho: ZohoOrg, post: Post) -> None:
    enable(zoho, wish(channel_expiry=at(zoho, 60)))
    zoho.clock.moment += 61
    person(zoho)
    assert post.letters == []
    assert zoho.call("GET", "actions/watch").status == 204
    reply = zoho.call("PATCH", "actions/watch", body={"watch": [wish()]})
    assert reply.status == 400
    assert reply.body["watch"][0]["code"] == "NOT_SUBSCRIBED"


def test_an_update_moves_the_end_and_keeps_the_rest(zoho: ZohoOrg, post: Post) -> None:
    enable(zoho)
    given = {"channel_id": "1000000068001", "channel_expiry": at(zoho, WEEK)}
    reply = zoho.call("PATCH", "actions/watch", body={"watch": [given]})
    assert reply.status == 200
    zoho.clock.moment += 3 * HOUR
    zoho.log_in()
    (shown,) = zoho.call("GET", "actions/watch", channel_id="1000000068001").body["watch"]
    assert shown["token"] == "proof"
    assert shown["events"] == ["Contacts.all"]
    person(zoho)
    assert post.operations() == ["insert"]


def test_a_number_that_is_used_again_forgets_what_it_was(zoho: ZohoOrg, post: Post) -> None:
    enable(zoho)
    enable(zoho, wish(token="other"))
    person(zoho)
    assert [body["token"] for body in post.bodies()] == ["other"]


def test_channels_end_by_delete_or_event_by_event(zoho: ZohoOrg) -> None:
    enable(zoho, wish(events=["Contacts.edit", "Contacts.create"]), wish(channel_id=2))
    half = {"channel_id": "1000000068001", "events": ["Contacts.edit"], "_delete_events": True}
    assert zoho.call("PATCH", "actions/watch", body={"watch": [half]}).status == 200
    listed = zoho.call("GET", "actions/watch", module="Contacts").body["watch"]
    assert [(each["channel_id"], each["events"]) for each in listed] == [
        ("1000000068001", ["Contacts.create"]),
        ("2", ["Contacts.all"]),
    ]
    reply = zoho.call("DELETE", "actions/watch", channel_ids="2,3")
    assert reply.status == 207
    assert [row["code"] for row in reply.body["watch"]] == ["SUCCESS", "NOT_SUBSCRIBED"]
    assert zoho.call("DELETE", "actions/watch", channel_ids="2").status == 400


@pytest.mark.parametrize(
    ("wrong", "code", "name"),
    [
        ({"channel_id": None}, "MANDATORY_NOT_FOUND", "channel_id"),
        ({"channel_id": "abc"}, "INVALID_DATA", "channel_id"),
        ({"events": []}, "MANDATORY_NOT_FOUND", "events"),
        ({"events": ["Contacts.insert"]}, "INVALID_DATA", "events"),
        ({"events": ["Nothing.all"]}, "INVALID_DATA", "events"),
        ({"notify_url": None}, "MANDATORY_NOT_FOUND", "notify_url"),
        ({"notify_url": "ftp://example.org"}, "INVALID_DATA", "notify_url"),
        ({"token": "x" * 51}, "INVALID_DATA", "token"),
        ({"channel_expiry": "2020-01-01T00:00:00+00:00"}, "INVALID_DATA", "channel_expiry"),
    ],
)
def test_a_wrong_wish_is_refused_alone(zoho: ZohoOrg, wrong: dict[str, Any], code: str, name: str) -> None:
    reply = enable(zoho, wish(**wrong), wish(channel_id=7))
    assert reply.status == 207
    bad, good = reply.body["watch"]
    assert (bad["code"], bad["details"]["api_name"]) == (code, name)
    assert good["code"] == "SUCCESS"


def test_bells_may_be_late_double_lost_or_silent(zoho: ZohoOrg, post: Post) -> None:
    enable(zoho)
    zoho.app.tune({"bell_delay": 30})
    person(zoho)
    assert post.letters == []
    assert zoho.world.settle() == 30
    zoho.clock.moment += 30
    zoho.world.settle()
    assert post.operations() == ["insert"]
    zoho.app.tune({"bell_delay": 0, "bell_times": 2})
    person(zoho)
    assert post.operations() == ["insert"] * 3
    zoho.app.tune({"bell_times": 0})
    person(zoho)
    zoho.app.tune({"bell_times": 1, "bell_lost": 1.0})
    person(zoho)
    zoho.app.tune({"bell_lost": 0.0, "forget_channels": True})
    person(zoho)
    assert len(post.letters) == 3


def test_a_changed_account_rings_for_its_contacts_unless_that_was_declined(zoho: ZohoOrg, post: Post) -> None:
    account = zoho.call("POST", "Accounts", body={"data": [{"Account_Name": "Acme"}]}).rows[0]["details"]["id"]
    contact = person(zoho, Account_Name={"id": account})
    enable(zoho, wish(notify_on_related_action=False), wish(channel_id=2))
    zoho.call("PUT", "Accounts", body={"data": [{"id": account, "Account_Name": "Acme Ltd"}]})
    assert [(body["channel_id"], body["ids"]) for body in post.bodies()] == [("2", [contact])]
