"""Single contacts and lists, as the vendor's reference and issue tracker describe them."""

from typing import Any

import pytest

from tests.sandbox.microsoft.conftest import IMMUTABLE, Graph, MakeGraph

KEY = "String {5c1f0c1e-7a0b-4d5e-9a54-2f6a6d0c9b31} Name Key"


def test_a_contact_is_made_read_changed_and_put_into_deleted_items(graph: Graph) -> None:
    made = graph.add(surname="Miller", emailAddresses=[{"address": "ann@example.com"}], birthday="1980-03-05")
    assert (made["displayName"], made["fileAs"]) == ("Ann Miller", "Miller, Ann")
    assert made["emailAddresses"] == [{"name": "ann@example.com", "address": "ann@example.com"}]
    assert made["birthday"] == "1980-03-05T11:59:00Z"
    assert made["@odata.etag"] == f'W/"{made["changeKey"]}"'

    path = f"me/contactFolders/{made['parentFolderId']}/contacts/{made['id']}"
    changed = graph.call("PATCH", path, {"jobTitle": "Director", "displayName": "Annie"}, IMMUTABLE).body
    assert (changed["jobTitle"], changed["displayName"]) == ("Director", "Annie")
    assert changed["changeKey"] != made["changeKey"]

    assert graph.call("DELETE", path, headers=IMMUTABLE).status == 204
    there = graph.get(path)
    assert there.body["parentFolderId"] != made["parentFolderId"], "an id that lasts finds what is in Deleted Items"
    assert graph.get("me/contacts").rows == []


def test_ids_change_with_a_move_unless_lasting_ones_are_asked_for(graph: Graph) -> None:
    graph.app.edit({"folder": "Partners"})
    lasting = graph.add()["id"]
    (before,) = [row["id"] for row in graph.get("me/contacts", accept="json").rows]
    assert before != lasting
    graph.app.edit({"id": lasting, "move": "Partners"})
    assert graph.get(f"me/contacts/{before}").code == "ErrorItemNotFound"
    assert graph.get(f"me/contacts/{lasting}").body["id"] == lasting


def test_ids_differ_in_upper_and_lower_case_alone_at_times(graph: Graph) -> None:
    ids = [graph.add()["id"] for _ in range(4)]
    assert len(set(ids)) == 4
    assert len({each.lower() for each in ids}) < 4


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"businessPhones": ["1", "2", "3"]}, "BusinessPhones has 3 entries, that exceeds the max allowed value of 2"),
        ({"emailAddresses": [{"address": f"{n}@x.org"} for n in range(4)]}, "EmailAddresses has 4 entries"),
        ({"mobilePhones": ["1"]}, "The property 'mobilePhones' does not exist"),
        ({"givenName": 7}, "Cannot convert the value of property 'givenName'"),
        ({"birthday": "tomorrow"}, "Cannot convert the value of property 'birthday'"),
        ({"birthday": "1980-03-05T00:00:00"}, "Cannot convert the value of property 'birthday'"),
        ({"homeAddress": {"zip": "1"}}, "The property 'zip' does not exist"),
        ({"id": "x"}, "Set action is invalid for property id"),
    ],
)
def test_what_the_service_refuses(graph: Graph, values: dict[str, Any], said: str) -> None:
    reply = graph.call("POST", "me/contacts", {"givenName": "Ann", **values})
    assert reply.status == 400
    assert said in reply.body["error"]["message"]
    assert set(reply.body["error"]["innerError"]) == {"date", "request-id", "client-request-id"}
    assert graph.get("me/contacts").rows == []


def test_an_address_that_is_none_vanishes_and_its_name_stays(graph: Graph) -> None:
    made = graph.add(emailAddresses=[{"address": "a@example.com,", "name": "Ann"}])
    assert made["emailAddresses"] == [{"name": "Ann"}]


def test_the_display_name_is_made_anew_by_changes_that_do_not_name_it(graph: Graph) -> None:
    made = graph.add(surname="Miller", displayName="The boss")
    path = f"me/contacts/{made['id']}"
    assert graph.call("PATCH", path, {"jobTitle": "x", "displayName": "The boss"}).body["displayName"] == "The boss"
    assert graph.call("PATCH", path, {"jobTitle": "y"}).body["displayName"] == "Ann Miller"


def test_an_old_entity_tag_is_refused_where_it_is_looked_at(make_graph: MakeGraph) -> None:
    for looks, statuses in ((True, [412, 412]), (False, [200, 204])):
        graph = make_graph(if_match=looks)
        made = graph.add()
        graph.app.edit({"id": made["id"], "set": {"jobTitle": "Typed"}})
        headers = {**IMMUTABLE, "if-match": made["@odata.etag"]}
        path = f"me/contacts/{made['id']}"
        replies = [graph.call("PATCH", path, {"jobTitle": "x"}, headers), graph.call("DELETE", path, None, headers)]
        assert [each.status for each in replies] == statuses
        assert not looks or {each.code for each in replies} == {"ErrorIrresolvableConflict"}


@pytest.mark.parametrize(("style", "stored"), [("noon", "1980-03-05T11:59:00Z"), ("midnight", "1980-03-04T23:00:00Z")])
def test_a_day_that_a_person_types_is_stored_as_a_moment(make_graph: MakeGraph, style: str, stored: str) -> None:
    graph = make_graph(birthdays=style)
    made = graph.app.edit({"create": {"givenName": "Ann", "birthday": "1980-03-05"}})
    assert made["birthday"] == stored


def test_lists_are_paged_sorted_and_filtered(graph: Graph) -> None:
    for n in range(25):
        graph.clock.moment += 60
        graph.add(surname=f"P{n:02}", emailAddresses=[{"address": f"P{n}@example.com"}])
    first = graph.get("me/contacts")
    assert len(first.rows) == 10
    second = graph.get(first.body["@odata.nextLink"])
    assert not {row["id"] for row in first.rows} & {row["id"] for row in second.rows}
    newest = graph.get("me/contacts?$orderby=createdDateTime desc&$top=3&$select=surname").rows
    assert [row["surname"] for row in newest] == ["P24", "P23", "P22"]
    assert set(newest[0]) == {"@odata.etag", "id", "surname"}
    found = graph.get("me/contacts?$filter=emailAddresses/any(a:a/address eq 'p7@EXAMPLE.com')").rows
    assert [row["surname"] for row in found] == ["P07"]


def test_a_contact_is_found_by_an_extended_property_of_an_app(graph: Graph) -> None:
    graph.add()
    made = graph.add(singleValueExtendedProperties=[{"id": KEY, "value": "abc'1"}])
    condition = f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq 'ABC''1')"
    (found,) = graph.get(f"me/contacts?$filter={condition}").rows
    assert found["id"] == made["id"]
    assert "singleValueExtendedProperties" not in found
    one = graph.get(f"me/contacts/{made['id']}?$expand=singleValueExtendedProperties($filter=id eq '{KEY}')").body
    assert one["singleValueExtendedProperties"] == [{"id": KEY, "value": "abc'1"}]


@pytest.mark.parametrize(
    "query",
    ["$select=nothing", "$filter=surname like 'x'", "$top=1001", "$top=x", "$search=x", "page=2", "$orderby=nothing",
     "$filter=surname eq 'x'&$orderby=createdDateTime desc", "$expand=photo", "$top=1&$top=2"],
)  # fmt: skip
def test_unknown_and_wrong_query_options_are_refused(graph: Graph, query: str) -> None:
    assert graph.get(f"me/contacts?{query}").status == 400


def test_folders_lie_below_the_default_one_which_has_a_name_of_its_own(graph: Graph) -> None:
    made = graph.call("POST", "me/contactFolders", {"displayName": "Partners"}).body
    child = graph.call("POST", f"me/contactFolders/{made['id']}/childFolders", {"displayName": "Berlin"}).body
    assert graph.call("POST", "me/contactFolders", {"displayName": "Partners"}).code == "ErrorFolderExists"
    assert [row["displayName"] for row in graph.get("me/contactFolders").rows] == ["Partners"]
    assert graph.get(f"me/contactFolders/{made['id']}/childFolders").rows == [child]
    assert graph.get("me/contactFolders/contacts").body["id"] == made["parentFolderId"]
    inside = graph.add(child["id"])
    assert inside["parentFolderId"] == child["id"]
    assert graph.get("me/contacts").rows == []


def test_every_way_in_needs_its_right(graph: Graph) -> None:
    token, graph.token = graph.token, ""
    assert graph.get("me/contacts").code == "InvalidAuthenticationToken"
    graph.token = token
    assert graph.get("users/ben@example.org/contacts").code == "ErrorAccessDenied"
    assert graph.get("users/ann@example.org/contacts").status == 200
    graph.log_in(grant_type="refresh_token", refresh_token=graph.app.login.granted("11112222-bbbb-3333-cccc-4444dddd5555", "Contacts.Read", "offline_access"))  # fmt: skip
    assert graph.get("me/contacts").status == 200
    assert graph.call("POST", "me/contacts", {"givenName": "Ann"}).code == "ErrorAccessDenied"
    assert graph.get("me").code == "Authorization_RequestDenied"


def test_an_app_without_a_person_has_every_mailbox_and_no_me(graph: Graph) -> None:
    graph.log_in(grant_type="client_credentials", scope="https://graph.microsoft.com/.default")
    assert graph.get("me/contacts").status == 400
    assert graph.get("users/ben@example.org/contacts").status == 200
    assert graph.get("users/nobody@example.org/contacts").code == "ErrorInvalidUser"
    assert graph.get("users/ben@example.org").code == "Authorization_RequestDenied"
    graph.app.tune({"roles": []})
    assert graph.get("users/ben@example.org/contacts").code == "ErrorAccessDenied"


def test_a_mailbox_takes_so_many_requests_in_ten_minutes(make_graph: MakeGraph) -> None:
    graph = make_graph(requests=3)
    assert [graph.get("me/contacts").status for _ in range(4)] == [200, 200, 200, 429]
    wait = int(graph.get("me/contacts").headers["Retry-After"])
    assert 1 <= wait <= 601
    graph.clock.moment += wait
    assert graph.get("me/contacts").status == 200


def test_what_people_and_tests_do_goes_through_the_control_endpoints(graph: Graph) -> None:
    graph.app.normalise("ann@example.org/Contacts", [{"field": "jobTitle", "do": "truncate", "length": 3}])
    made = graph.add(jobTitle="Director")
    assert made["jobTitle"] == "Dir"
    state = graph.app.state()
    assert [row["id"] for row in state["ann@example.org/Contacts"]] == [made["id"]]
    graph.app.edit({"id": made["id"], "delete": True})
    assert graph.app.state() == {"ann@example.org/Contacts": [], "ben@example.org/Contacts": []}
    graph.app.edit({"id": made["id"], "restore": True})
    assert [row["id"] for row in graph.app.state()["ann@example.org/Contacts"]] == [made["id"]]
    graph.app.edit({"id": made["id"], "purge": True})
    assert graph.get(f"me/contacts/{made['id']}").status == 404
    for wrong in ({"id": made["id"], "delete": True}, {"object": "x", "create": {}}, {"create": {"nothing": "x"}}, {}):
        with pytest.raises(ValueError, match=r"no such|exactly one|does not exist"):
            graph.app.edit(wrong)
    with pytest.raises(ValueError, match="no such property"):
        graph.app.normalise("ann@example.org/Contacts", [{"field": "nothing", "do": "lower"}])
    with pytest.raises(ValueError, match="unknown knob"):
        graph.app.tune({"nothing": 1})
    with pytest.raises(ValueError, match="cannot be"):
        graph.app.tune({"empty_pages": "many"})
