"""contactGroups: names, members, the last membership, the feed of changes."""

from typing import Any

from tests.sandbox.google.conftest import Google


def new(google: Google, name: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = google.ok("POST", "contactGroups", {"contactGroup": {"name": name, **more}})
    return made


def groups_of(google: Google, name: str) -> list[str]:
    return [each["contactGroupMembership"]["contactGroupId"] for each in google.get(name)["memberships"]]


def modify(google: Google, group: str, add: list[str] | None = None, remove: list[str] | None = None) -> Any:
    return google.call("POST", f"{group}/members:modify",
                       {"resourceNamesToAdd": add or [], "resourceNamesToRemove": remove or []})  # fmt: skip


def test_names_are_the_users_own_once(google: Google) -> None:
    made = new(google, " Customers ")
    assert (made["name"], made["groupType"]) == ("Customers", "USER_CONTACT_GROUP")
    for name in ("Customers", "customers", "starred"):
        reply = google.call("POST", "contactGroups", {"contactGroup": {"name": name}})
        assert (reply.status, reply.error) == (409, "ALREADY_EXISTS"), name
    assert google.call("POST", "contactGroups", {"contactGroup": {"name": " "}}).status == 400
    assert google.call("POST", "contactGroups", {"name": "x"}).status == 400
    other = new(google, "Clients")
    change = {"contactGroup": {"name": "Customers"}}
    assert google.call("PUT", other["resourceName"], change).status == 409
    assert google.call("PUT", "contactGroups/starred", {"contactGroup": {"name": "x"}}).status == 400
    assert google.call("DELETE", "contactGroups/myContacts").status == 400
    assert google.call("PUT", "contactGroups/none", change).status == 404
    google.user = "ben@example.org"
    new(google, "Customers")


def test_a_change_from_an_older_state_is_refused(google: Google) -> None:
    made = new(google, "A")
    google.ok("PUT", made["resourceName"], {"contactGroup": {"name": "B", "etag": made["etag"]}})
    reply = google.call("PUT", made["resourceName"], {"contactGroup": {"name": "C", "etag": made["etag"]}})
    assert (reply.status, reply.error) == (400, "FAILED_PRECONDITION")


def test_members_come_and_go_and_move_the_etag_of_the_contact(google: Google) -> None:
    ann, bob = (google.named(each)["resourceName"] for each in ("Ann", "Bob"))
    group = new(google, "Customers")["resourceName"]
    etag = google.get(ann)["etag"]
    assert modify(google, group, [ann, bob, ann]).body == {}
    assert groups_of(google, ann) == ["myContacts", group.removeprefix("contactGroups/")]
    assert google.get(ann)["etag"] != etag
    shown = google.ok("GET", group, maxMembers=1)
    assert (shown["memberCount"], shown["memberResourceNames"]) == (2, [ann])
    assert "memberResourceNames" not in google.ok("GET", group)
    assert modify(google, group, ["people/c1"], [bob]).body == {"notFoundResourceNames": ["people/c1"]}
    assert groups_of(google, bob) == ["myContacts"]


def test_nobody_leaves_the_last_group(google: Google) -> None:
    ann, bob = (google.named(each)["resourceName"] for each in ("Ann", "Bob"))
    modify(google, "contactGroups/starred", [bob])
    answer = modify(google, "contactGroups/myContacts", remove=[ann, bob])
    assert (answer.status, answer.body) == (200, {"canNotRemoveLastContactGroupResourceNames": [ann]})
    assert (groups_of(google, ann), groups_of(google, bob)) == (["myContacts"], ["starred"])


def test_system_groups_but_two_take_nobody(google: Google) -> None:
    ann = google.named("Ann")["resourceName"]
    for group in ("friends", "family", "coworkers", "all", "blocked"):
        assert modify(google, f"contactGroups/{group}", [ann]).status == 400, group
    assert modify(google, "contactGroups/friends", remove=[ann]).status == 200
    assert modify(google, "contactGroups/none", [ann]).status == 404


def test_at_most_a_thousand_names_in_one_request(google: Google) -> None:
    group = new(google, "Customers")["resourceName"]
    names = [f"people/c{n}" for n in range(600)]
    assert modify(google, group, names, names[:401]).status == 400
    assert modify(google, group, names, names[:400]).status == 200
    assert modify(google, group).status == 400


def test_who_loses_a_deleted_group_keeps_one(google: Google) -> None:
    ann, bob = (google.named(each)["resourceName"] for each in ("Ann", "Bob"))
    group = new(google, "Customers")["resourceName"]
    modify(google, group, [ann, bob])
    modify(google, "contactGroups/myContacts", remove=[ann])
    google.ok("DELETE", group)
    assert (groups_of(google, ann), groups_of(google, bob)) == (["myContacts"], ["myContacts"])
    other = new(google, "Gone")["resourceName"]
    modify(google, other, [ann])
    google.ok("DELETE", other, deleteContacts="true")
    assert google.call("GET", ann, personFields="names").status == 404


def test_the_list_has_pages_and_a_feed(google: Google) -> None:
    kept, gone = new(google, "Kept"), new(google, "Gone")
    found, asked = [], {"pageSize": 4}
    while True:
        page = google.ok("GET", "contactGroups", **asked)
        found += page["contactGroups"]
        if "nextPageToken" not in page:
            break
        asked["pageToken"] = page["nextPageToken"]
    assert len(found) == 10
    token = page["nextSyncToken"]
    again = google.ok("GET", "contactGroups", syncToken=token)
    assert "contactGroups" not in again
    google.ok("PUT", kept["resourceName"], {"contactGroup": {"name": "Renamed"}})
    google.ok("DELETE", gone["resourceName"])
    changed = google.ok("GET", "contactGroups", syncToken=token)["contactGroups"]
    assert [(each.get("name"), each["metadata"].get("deleted", False)) for each in changed] == [
        ("Renamed", False), (None, True)]  # fmt: skip
    google.later(8 * 86_400)
    google.tokens.clear()
    reply = google.call("GET", "contactGroups", syncToken=token)
    assert (reply.status, reply.reason) == (400, "EXPIRED_SYNC_TOKEN")


def test_the_list_may_be_late_but_reads_by_name_are_not(google: Google) -> None:
    google.behaviour.group_delay = 60.0
    token = google.ok("GET", "contactGroups")["nextSyncToken"]
    made = new(google, "Customers")
    assert google.ok("GET", made["resourceName"])["name"] == "Customers"
    assert "contactGroups" not in google.ok("GET", "contactGroups", syncToken=token)
    google.later(60)
    assert len(google.ok("GET", "contactGroups", syncToken=token)["contactGroups"]) == 1


def test_batches_of_groups(google: Google) -> None:
    shown = google.ok("GET", "contactGroups:batchGet", resourceNames=["contactGroups/starred", "contactGroups/none"])
    assert [each["status"].get("code", 0) for each in shown["responses"]] == [0, 5]


def test_a_user_has_only_so_many_groups(google: Google) -> None:
    google.behaviour.groups = 1
    new(google, "A")
    assert google.call("POST", "contactGroups", {"contactGroup": {"name": "B"}}).status == 429


def test_client_data_of_a_group(google: Google) -> None:
    made = new(google, "A", clientData=[{"key": "k", "value": "v"}])
    shown = google.ok("GET", made["resourceName"], groupFields="clientData")
    assert shown["clientData"] == [{"key": "k", "value": "v"}]
    assert "name" not in shown
    body = {"contactGroup": {"clientData": []}, "updateGroupFields": "clientData"}
    assert google.ok("PUT", made["resourceName"], body)["name"] == "A"
    assert "clientData" not in google.ok("GET", made["resourceName"], groupFields="clientData")
