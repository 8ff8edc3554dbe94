"""people.connections.list: masks, pages, sync tokens and what they are bound to, and writes that show only later."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.google.conftest import Google

WEEK = 7 * 86_400
LIST = {"personFields": "names,metadata", "sources": "READ_SOURCE_TYPE_CONTACT"}
SYNC = {**LIST, "requestSyncToken": "true"}


def load(google: Google, count: int) -> list[str]:
    return google.app.load("ann@example.org", [{"names": [{"givenName": f"Person {n:03}"}]} for n in range(count)])


def test_a_list_needs_a_mask_of_valid_fields_and_people_me(google: Google) -> None:
    for path, query in (
        ("people/me/connections", {}),
        ("people/me/connections", {"personFields": ""}),
        ("people/me/connections", {"personFields": "names,shoeSize"}),
        ("people/c1/connections", LIST),
        ("people/me/connections", {**LIST, "pageSize": 1_001}),
        ("people/me/connections", {**LIST, "pageSize": "many"}),
        ("people/me/connections", {**LIST, "sources": "CONTACT"}),
        ("people/me/connections", {**LIST, "sortOrder": "RANDOM"}),
        ("people/me/connections", {**LIST, "updated_after": "1"}),
        ("people/me/connections", {**LIST, "personFields": ["names", "metadata"]}),
        ("people/me/connections", {**LIST, "alt": "proto"}),
        ("people/me/connections", {**LIST, "requestSyncToken": "perhaps"}),
        ("people/me/connections", {**LIST, "pageSize": -1}),
        ("people/me/connections", {**LIST, "quotaUser": "x" * 41}),
        ("people/me/connections", {**LIST, "syncToken": ["a", "b"]}),
        ("contactGroups", {"pageToken": "none"}),
        ("contactGroups", {"syncToken": "none"}),
        ("contactGroups:batchGet", {}),
    ):
        reply = google.call("GET", path, **query)
        assert (reply.status, reply.error) == (400, "INVALID_ARGUMENT"), query


def test_every_contact_is_on_exactly_one_page(google: Google) -> None:
    names = load(google, 250)
    found: list[str] = []
    asked: dict[str, Any] = {**LIST, "pageSize": 100}
    while True:
        page = google.ok("GET", "people/me/connections", **asked)
        found += [each["resourceName"] for each in page["connections"]]
        assert page["totalItems"] == 250
        if "nextPageToken" not in page:
            break
        asked["pageToken"] = page["nextPageToken"]
    assert found == names
    assert "nextSyncToken" not in page
    assert len(google.ok("GET", "people/me/connections", **LIST)["connections"]) == 100


def test_the_token_of_a_sync_comes_on_the_last_page_alone(google: Google) -> None:
    load(google, 3)
    first = google.ok("GET", "people/me/connections", **SYNC, pageSize=2)
    assert "nextSyncToken" not in first
    last = google.ok("GET", "people/me/connections", **SYNC, pageSize=2, pageToken=first["nextPageToken"])
    assert "nextSyncToken" in last
    assert "nextPageToken" not in last


def test_pages_are_of_one_moment_whatever_happens_between_them(google: Google) -> None:
    names = load(google, 4)
    first = google.ok("GET", "people/me/connections", **LIST, pageSize=2)
    google.app.edit({"object": "ann@example.org", "id": names[3], "delete": True})
    google.named("New")
    last = google.ok("GET", "people/me/connections", **LIST, pageSize=2, pageToken=first["nextPageToken"])
    assert [each["resourceName"] for each in last["connections"]] == names[2:]


@pytest.mark.parametrize("change", [{"personFields": "names"}, {"pageSize": 3}, {"sources": "READ_SOURCE_TYPE_PROFILE"},
                                    {"requestSyncToken": "false"}, {"sortOrder": "FIRST_NAME_ASCENDING"}])  # fmt: skip
def test_a_token_is_bound_to_the_parameters_of_the_first_call(google: Google, change: dict[str, Any]) -> None:
    load(google, 3)
    first = google.ok("GET", "people/me/connections", **SYNC, pageSize=2)
    page = {**SYNC, "pageSize": 2, "pageToken": first["nextPageToken"]}
    assert google.call("GET", "people/me/connections", **{**page, **change}).status == 400
    last = google.ok("GET", "people/me/connections", **page)
    sync = {**SYNC, "pageSize": 2, "syncToken": last["nextSyncToken"]}
    assert google.call("GET", "people/me/connections", **{**sync, **change}).status == 400
    assert google.call("GET", "people/me/connections", **sync).status == 200


def test_what_only_shapes_the_answer_may_change(google: Google) -> None:
    load(google, 3)
    first = google.ok("GET", "people/me/connections", **SYNC, pageSize=2)
    page = {
        **SYNC,
        "pageSize": 2,
        "pageToken": first["nextPageToken"],
        "fields": "nextSyncToken",
        "prettyPrint": "false",
    }
    assert list(google.ok("GET", "people/me/connections", **page)) == ["nextSyncToken"]


def test_tokens_are_nobody_elses_and_cannot_be_made(google: Google) -> None:
    token = google.sync()["nextSyncToken"]
    google.user = "ben@example.org"
    for wrong in (token, "abc", token[:-1] + "x"):
        reply = google.call("GET", "people/me/connections", **SYNC, pageSize=100, syncToken=wrong)
        assert (reply.status, reply.error) == (400, "INVALID_ARGUMENT")
    reply = google.call("GET", "people/me/connections", **SYNC, pageToken=token)
    assert reply.status == 400


def test_a_sync_token_ends_a_week_after_the_full_sync_however_often_it_was_renewed(google: Google) -> None:
    token = google.sync()["nextSyncToken"]
    for _ in range(6):
        google.later(86_400)
        google.tokens.clear()
        token = google.sync(token)["nextSyncToken"]
    google.later(86_400 - 1)
    google.tokens.clear()
    google.sync(token)
    google.later(1)
    reply = google.call("GET", "people/me/connections", **{**SYNC, "personFields": "metadata,names,emailAddresses"},
                        pageSize=100, syncToken=token)  # fmt: skip
    assert (reply.status, reply.error, reply.reason) == (400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN")


def test_tokens_may_be_renewed_by_use_or_end_with_the_status_of_older_apis(make_google: Callable[..., Google]) -> None:
    google = make_google(renewed_by_use=True, expired_status=410)
    token = google.sync()["nextSyncToken"]
    google.later(WEEK - 1)
    google.tokens.clear()
    token = google.sync(token)["nextSyncToken"]
    google.later(WEEK - 1)
    google.tokens.clear()
    google.sync(token)
    google.app.tune({"forget_tokens": True})
    query = {**SYNC, "personFields": "metadata,names,emailAddresses", "pageSize": 100, "syncToken": token}
    assert google.call("GET", "people/me/connections", **query).status == 410


def test_syncs_show_writes_only_minutes_later_but_reads_by_name_at_once(google: Google) -> None:
    token = google.sync()["nextSyncToken"]
    made = google.named("Ann")
    assert google.get(made["resourceName"])["etag"] == made["etag"]
    for _ in range(2):
        answered = google.sync(token)
        assert answered["people"] == {}
        token = answered["nextSyncToken"]
        google.later(100)
    assert list(google.sync(token)["people"]) == [made["resourceName"]]


def test_a_full_sync_is_as_late_as_its_token_but_a_plain_list_is_not(google: Google) -> None:
    made = google.named("Ann")
    first = google.sync()
    assert first["people"] == {}
    assert google.ok("GET", "people/me/connections", **LIST)["connections"][0]["resourceName"] == made["resourceName"]
    google.later(200)
    assert list(google.sync(first["nextSyncToken"])["people"]) == [made["resourceName"]]


def test_nothing_is_lost_however_late_each_copy_is(make_google: Callable[..., Google]) -> None:
    google = make_google(uneven=True, full_syncs=1_000, quotas={"critical_read": 10_000, "critical_write": 10_000})
    seen, token = {}, google.sync()["nextSyncToken"]
    made = []
    for n in range(30):
        made.append(google.named(f"Person {n}")["resourceName"])
        google.later(40)
        answered = google.sync(token)
        seen |= answered["people"]
        token = answered["nextSyncToken"]
    google.later(1_000)
    seen |= google.sync(token)["people"]
    assert sorted(seen) == sorted(made)


def test_deletions_show_in_syncs_alone_and_only_where_metadata_is_asked_for(google: Google) -> None:
    (name,) = load(google, 1)
    token = google.sync()["nextSyncToken"]
    plain = google.sync(personFields="names")["nextSyncToken"]
    google.ok("DELETE", f"{name}:deleteContact")
    google.later(300)
    told = google.sync(token)["people"][name]
    assert told["metadata"]["deleted"] is True
    assert "names" not in told
    assert google.sync(plain, personFields="names")["people"][name].keys() == {"resourceName", "etag"}
    assert google.sync()["people"] == {}


def test_a_contact_that_came_and_went_since_is_told_as_deleted(google: Google) -> None:
    token = google.sync()["nextSyncToken"]
    made = google.named("Ann")
    google.ok("DELETE", f"{made['resourceName']}:deleteContact")
    google.later(300)
    assert google.sync(token)["people"][made["resourceName"]]["metadata"]["deleted"] is True


def test_first_pages_of_full_syncs_have_a_quota_of_their_own(make_google: Callable[..., Google]) -> None:
    google = make_google(full_syncs=2)
    load(google, 3)
    token = google.sync()["nextSyncToken"]
    google.sync(pageSize=1)
    reply = google.call("GET", "people/me/connections", **SYNC)
    assert (reply.status, reply.error, reply.reason) == (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
    google.sync(token)
    google.user = "ben@example.org"
    google.sync()
    google.user = "ann@example.org"
    google.later(61)
    google.sync()


def test_a_quota_per_minute_and_user_ends_in_429_and_comes_back(make_google: Callable[..., Google]) -> None:
    google = make_google(quotas={"critical_read": 3, "critical_write": 3})
    for _ in range(3):
        google.ok("GET", "people/me", personFields="names")
    reply = google.call("GET", "people/me", personFields="names")
    assert (reply.status, reply.error) == (429, "RESOURCE_EXHAUSTED")
    assert google.call("POST", "people:createContact", {}).status == 429
    assert google.app.state()["ann@example.org"] == {}
    google.later(60)
    google.named("Ann")


def test_an_updated_contact_is_the_last_of_the_list(google: Google) -> None:
    names = load(google, 3)
    google.update(google.get(names[0]), "names", names=[{"givenName": "Abe"}])
    listed = google.ok("GET", "people/me/connections", **LIST)["connections"]
    assert [each["resourceName"] for each in listed] == [*names[1:], names[0]]
    by_name = google.ok("GET", "people/me/connections", **LIST, sortOrder="FIRST_NAME_ASCENDING")["connections"]
    assert by_name[0]["resourceName"] == names[0]
    first = google.ok("GET", "people/me/connections", **LIST, sortOrder="LAST_MODIFIED_DESCENDING")["connections"][0]
    assert first["resourceName"] == names[0]


def test_lists_show_at_most_100_addresses_of_a_contact(google: Google) -> None:
    emails = [{"value": f"a{n}@example.com"} for n in range(120)]
    (name,) = google.app.load("ann@example.org", [{"emailAddresses": emails}])
    assert len(google.sync()["people"][name]["emailAddresses"]) == 100
    assert len(google.get(name)["emailAddresses"]) == 120


def test_a_profile_of_the_same_address_changes_the_name_of_the_resource(google: Google) -> None:
    google.app.tune({"profiles": {"kim@example.com": {"name": "people/117", "displayName": "Kim P."}}})
    (old,) = google.app.load("ann@example.org", [{"names": [{"givenName": "Kim"}]}])
    token = google.sync()["nextSyncToken"]
    changed = google.update(google.get(old), "emailAddresses", emailAddresses=[{"value": "Kim@example.com"}]).body
    assert changed["resourceName"] == "people/117"
    google.later(300)
    told = google.sync(token)["people"]
    assert told["people/117"]["metadata"]["previousResourceNames"] == [old]
    assert google.get(old)["resourceName"] == "people/117"
    assert "previousResourceNames" not in google.get(old)["metadata"]
    shown = google.get(old)["names"]
    assert [each["metadata"]["source"]["type"] for each in shown] == ["PROFILE", "CONTACT"]
    alone = google.ok("GET", old, personFields="names", sources="READ_SOURCE_TYPE_CONTACT")["names"]
    assert [each["displayName"] for each in alone] == ["Kim"]


@pytest.mark.parametrize("leaves", [True, False])
def test_two_that_a_person_merged_are_one(make_google: Callable[..., Google], leaves: bool) -> None:
    google = make_google(merge_leaves_names=leaves)
    first, second = load(google, 2)
    token = google.sync()["nextSyncToken"]
    google.app.edit({"object": "ann@example.org", "id": first, "merge": second})
    google.later(300)
    told = google.sync(token)["people"]
    assert told[second]["metadata"]["deleted"] is True
    assert told[first]["metadata"].get("previousResourceNames", []) == ([second] if leaves else [])
    assert google.call("GET", second, personFields="names").status == (200 if leaves else 404)


def test_a_contact_comes_back_out_of_the_trash(google: Google) -> None:
    (name,) = load(google, 1)
    token = google.sync()["nextSyncToken"]
    google.ok("DELETE", f"{name}:deleteContact")
    google.later(86_400)
    google.tokens.clear()
    google.app.edit({"object": "ann@example.org", "id": name, "restore": True})
    google.later(300)
    assert "deleted" not in google.sync(token)["people"][name]["metadata"]
    google.app.edit({"object": "ann@example.org", "id": name, "delete": True})
    google.later(31 * 86_400)
    with pytest.raises(ValueError, match="trash"):
        google.app.edit({"object": "ann@example.org", "id": name, "restore": True})


def test_a_list_of_profiles_shows_no_contact_data_and_an_older_mask_is_still_taken(google: Google) -> None:
    (name,) = load(google, 1)
    shown = google.ok("GET", name, personFields="names", sources="READ_SOURCE_TYPE_PROFILE")
    assert shown.keys() == {"resourceName", "etag"}
    legacy = {"requestMask.includeField": "person.names,person.metadata"}
    assert google.ok("GET", name, **legacy).keys() == {"resourceName", "etag", "metadata", "names"}


def test_partial_answers_show_what_was_chosen(google: Google) -> None:
    load(google, 2)
    page = google.ok("GET", "people/me/connections", **LIST, fields="connections(resourceName,names/displayName)")
    assert page["connections"][0].keys() == {"resourceName", "names"}
    assert page["connections"][0]["names"] == [{"displayName": "Person 000"}]
    assert google.ok("GET", "people/me/connections", **LIST, fields="*").keys() >= {"connections", "totalItems"}
    for wrong in ("connections(", "connections/", "a,,b", "connections(names))"):
        assert google.call("GET", "people/me/connections", **LIST, fields=wrong).status == 400, wrong
