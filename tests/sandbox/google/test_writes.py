"""Creating, updating and deleting contacts, one by one and in batches."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.google.conftest import Google
from zohosyncd.sandbox.wire import Request

MINE = {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}}


def body_of(person: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"metadata": {"sources": person["metadata"]["sources"]}, **fields}


def test_every_update_moves_both_etags_and_the_time(google: Google) -> None:
    made = google.named("Ann")
    google.later(1)
    changed = google.update(made, "names", names=[{"givenName": "Ann"}]).body
    assert changed["etag"] != made["etag"]
    old, new = made["metadata"]["sources"][0], changed["metadata"]["sources"][0]
    assert (old["id"], old["type"]) == (new["id"], new["type"])
    assert old["etag"] != new["etag"]
    assert old["updateTime"] < new["updateTime"]


def test_an_update_from_an_older_state_is_refused_and_changes_nothing(google: Google) -> None:
    made = google.named("Ann")
    google.app.edit({"object": "ann@example.org", "id": made["resourceName"], "set": {"names": [{"givenName": "Eve"}]}})
    reply = google.update(made, "names", names=[{"givenName": "Zoe"}])
    assert (reply.status, reply.error) == (400, "FAILED_PRECONDITION")
    assert google.get(made["resourceName"])["names"][0]["displayName"] == "Eve"
    again = google.update(google.get(made["resourceName"]), "names", names=[{"givenName": "Zoe"}])
    assert again.status == 200


def test_the_older_form_of_an_error_names_the_reason(make_google: Callable[..., Google]) -> None:
    google = make_google(error_list=True)
    made = google.named("Ann")
    google.update(made, "names")
    reply = google.update(made, "names")
    assert reply.body["error"]["errors"][0]["reason"] == "failedPrecondition"


def test_an_update_must_name_the_state_that_it_changes(google: Google) -> None:
    made = google.named("Ann")
    path, query = f"{made['resourceName']}:updateContact", {"updatePersonFields": "names"}
    source = made["metadata"]["sources"][0]
    for wrong in (
        {},
        {"etag": made["etag"]},
        {"metadata": {"sources": []}},
        {"metadata": {"sources": [{"type": "CONTACT"}]}},
        {"metadata": {"sources": [{**source, "type": "PROFILE"}]}},
        {"metadata": {"sources": [{**source, "id": "1"}]}},
        {"metadata": {"sources": [source]}, "etag": "%old"},
    ):
        assert google.call("PATCH", path, {**wrong, "names": []}, **query).status == 400, wrong
    assert google.call("PATCH", path, body_of(made)).status == 400
    assert google.call("PATCH", path, body_of(made), updatePersonFields="photos").status == 400
    assert google.call("PATCH", path, body_of(made), updatePersonFields="names,shoes").status == 400
    assert google.get(made["resourceName"]) == made


def test_fields_of_the_mask_are_replaced_whole_and_others_stay(google: Google) -> None:
    made = google.create(
        names=[{"givenName": "Ann", "familyName": "Lee"}], phoneNumbers=[{"value": "1"}],
        emailAddresses=[{"value": "a@example.com"}, {"value": "b@example.com"}],
    )  # fmt: skip
    changed = google.update(made, "emailAddresses,names", emailAddresses=[{"value": "c@example.com"}]).body
    assert [each["value"] for each in changed["emailAddresses"]] == ["c@example.com"]
    assert "names" not in changed
    assert changed["phoneNumbers"] == made["phoneNumbers"]


def test_singletons_have_one_value(google: Google) -> None:
    for field, one in (("names", {"givenName": "A"}), ("biographies", {"value": "x"}), ("genders", {"value": "male"}),
                       ("birthdays", {"date": {"year": 2000, "month": 1, "day": 1}})):  # fmt: skip
        assert google.call("POST", "people:createContact", {field: [one, one]}).status == 400, field
        made = google.create(**{field: [one]})
        assert google.update(made, field, **{field: [one, one]}).status == 400, field


def test_wrong_shapes_are_refused(google: Google) -> None:
    for wrong in (
        {"name": "Ann"},
        {"names": {"givenName": "Ann"}},
        {"names": [{"firstName": "Ann"}]},
        {"names": [{"givenName": 3}]},
        {"names": ["Ann"]},
        {"birthdays": [{"date": "2000-01-01"}]},
        {"birthdays": [{"date": {"year": 2001, "month": 2, "day": 29}}]},
        {"birthdays": [{"date": {"month": 13, "day": 1}}]},
        {"birthdays": [{"date": {"day": 1}}]},
        {"birthdays": [{"date": {"month": 2, "day": 30}}]},
        {"birthdays": [{"date": {}}]},
        {"organizations": [{"current": "yes"}]},
        {"memberships": [{"contactGroupMembership": {"contactGroupResourceName": "contactGroups/none"}}]},
        {"memberships": [{"contactGroupMembership": {"contactGroupResourceName": "contactGroups/friends"}}]},
        [],
    ):
        reply = google.call("POST", "people:createContact", wrong)
        assert (reply.status, reply.error) == (400, "INVALID_ARGUMENT"), wrong
    assert google.app.state()["ann@example.org"] == {}


@pytest.mark.parametrize(("path", "body"), [
    ("people:createContact", b"{"),
    ("people:createContact", b"\xff"),
    ("people:createContact", b'{"biographies": [{"value": "x", "contentType": "TEXT_MARKDOWN"}]}'),
    ("people:createContact", b'{"organizations": [{"fullTimeEquivalentMillipercent": 1.5}]}'),
    ("people:createContact", b'{"emailAddresses": [{"metadata": {"colour": "red"}}]}'),
    ("people:batchCreateContacts", b'{"contacts": [{"contactPerson": {}}], "readMask": "shoes"}'),
    ("people:batchCreateContacts", b'{"contacts": [{"contactPerson": {}}], "readMask": "", "sources": "CONTACT"}'),
    ("people:batchUpdateContacts", b'{"contacts": {}, "updateMask": "names", "readMask": ""}'),
    ("people:batchUpdateContacts", b'{"contacts": [], "updateMask": "names", "readMask": ""}'),
    ("people:batchUpdateContacts", b'{"contacts": {"people/c1": {}}, "readMask": ""}'),
    ("people:batchDeleteContacts", b'{"resourceNames": "people/c1"}'),
    ("people:batchDeleteContacts", b'{"resourceNames": []}'),
    ("contactGroups", b'{"contactGroup": {"name": "A", "clientData": {}}}'),
])  # fmt: skip
def test_bodies_that_are_not_what_the_method_takes(google: Google, path: str, body: bytes) -> None:
    request = google.request("POST", path)
    answer = google.app.handle(Request("POST", request.path, (), request.headers, body))
    assert answer.status == 400, answer
    assert google.app.state()["ann@example.org"] == {}


def test_a_contact_that_is_named_by_two_of_its_names_is_not_changed_twice(make_google: Callable[..., Google]) -> None:
    google = make_google(merge_leaves_names=True)
    ann, bob = google.named("Ann"), google.named("Bob")
    google.app.edit({"object": "ann@example.org", "id": ann["resourceName"], "merge": bob["resourceName"]})
    now = google.get(ann["resourceName"])
    contacts = {name: body_of(now) for name in (ann["resourceName"], bob["resourceName"])}
    body = {"contacts": contacts, "updateMask": "nicknames", "readMask": ""}
    assert google.call("POST", "people:batchUpdateContacts", body).status == 400


def test_partial_dates_are_kept(google: Google) -> None:
    for date in ({"month": 2, "day": 29}, {"year": 1980}, {"year": 1980, "month": 5},
                 {"year": 1980, "month": 5, "day": 6}):  # fmt: skip
        made = google.create(birthdays=[{"date": {"year": 0, "month": 0, "day": 0, **date}}])
        assert made["birthdays"][0]["date"] == date


def test_a_contact_keeps_a_group(google: Google) -> None:
    made = google.named("Ann")
    assert google.update(made, "memberships").status == 400
    assert google.update(made, "memberships", memberships=[]).status == 400
    starred = {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/starred"}}
    changed = google.update(made, "memberships", memberships=[MINE, starred, starred]).body
    assert [each["contactGroupMembership"]["contactGroupId"] for each in changed["memberships"]] == [
        "myContacts", "starred"]  # fmt: skip


def test_what_is_output_only_is_not_stored(google: Google) -> None:
    made = google.create(
        names=[{"givenName": "Ann", "displayName": "Boss", "metadata": {"primary": True, "source": {"id": "1"}}}],
        phoneNumbers=[{"value": "12", "canonicalForm": "+1234567", "formattedType": "Home"}],
        resourceName="people/c1", etag="x", photos=[{"url": "https://example.com/x"}],
    )  # fmt: skip
    assert made["names"][0]["displayName"] == "Ann"
    assert made["resourceName"] != "people/c1"
    assert made["phoneNumbers"][0].keys() == {"metadata", "value"}


def test_values_are_trimmed_and_empty_ones_are_left_out(google: Google) -> None:
    made = google.create(
        names=[{"givenName": "  Ann ", "familyName": " "}],
        emailAddresses=[{"value": " Ann@Example.com "}, {"value": "  "}, {"type": "home"}],
        biographies=[{"value": "\nline\nline \n"}],
    )
    assert made["names"][0]["displayName"] == "Ann"
    assert "familyName" not in made["names"][0]
    assert [each["value"] for each in made["emailAddresses"]] == ["Ann@Example.com"]
    assert made["biographies"][0]["value"] == "line\nline"


def test_exactly_one_value_of_a_field_is_primary(google: Google) -> None:
    made = google.create(emailAddresses=[{"value": "a@example.com"},
                                         {"value": "b@example.com", "metadata": {"sourcePrimary": True}}])  # fmt: skip
    flags = {each["value"]: each["metadata"].get("primary", False) for each in made["emailAddresses"]}
    assert flags == {"a@example.com": False, "b@example.com": True}


def test_what_the_server_does_to_values_is_configurable(make_google: Callable[..., Google]) -> None:
    google = make_google(lower_case_emails=True, distinct_values=True, calling_code="49")
    made = google.create(
        emailAddresses=[{"value": "A@Example.com"}, {"value": "a@example.COM"}],
        phoneNumbers=[{"value": "030 1234567"}, {"value": "0043 1 234567"}, {"value": "+1 (202) 555-0101"}],
    )
    assert [each["value"] for each in made["emailAddresses"]] == ["a@example.com"]
    assert [each["canonicalForm"] for each in made["phoneNumbers"]] == ["+49301234567", "+431234567", "+12025550101"]
    google.app.normalise("ann@example.org", [{"field": "names.givenName", "do": "upper"},
                                             {"field": "phoneNumbers", "do": "phone"}])  # fmt: skip
    made = google.create(names=[{"givenName": "ann"}], phoneNumbers=[{"value": "(030) 12"}])
    assert made["names"][0]["givenName"] == "ANN"
    assert made["phoneNumbers"][0]["value"] == "03012"


def test_a_contact_has_limits(make_google: Callable[..., Google]) -> None:
    google = make_google(fields=5, contact_bytes=2_000, contacts=2)
    many = [{"key": f"k{n}", "value": "v"} for n in range(5)]
    made = google.create(userDefined=many[:4])
    assert (
        google.call("POST", "people:createContact", {"userDefined": many, "nicknames": [{"value": "x"}]}).status == 400
    )
    assert google.call("POST", "people:createContact", {"biographies": [{"value": "x" * 2_000}]}).status == 400
    google.create()
    full = google.call("POST", "people:createContact", {})
    assert (full.status, full.error) == (429, "RESOURCE_EXHAUSTED")
    google.ok("DELETE", f"{made['resourceName']}:deleteContact")
    assert google.call("POST", "people:createContact", {}).status == 429, "the trash counts"
    google.behaviour.contacts = 4
    rows = [{"contactPerson": {}}] * 3
    assert google.call("POST", "people:batchCreateContacts", {"contacts": rows, "readMask": ""}).status == 429
    assert len(google.app.state()["ann@example.org"]) == 1, "none of a batch that does not fit"
    google.ok("POST", "people:batchCreateContacts", {"contacts": rows[:2], "readMask": ""})


def test_reads_by_name(google: Google) -> None:
    made = google.named("Ann")
    assert google.call("GET", made["resourceName"]).status == 400
    assert google.call("GET", "people/c1", personFields="names").status == 404
    assert google.call("GET", "people/c1/photos", personFields="names").status == 404
    shown = google.ok("GET", "people:batchGet", personFields="names",
                      resourceNames=[made["resourceName"], "people/c1", "people/me", "people/c1"])["responses"]  # fmt: skip
    assert {each["requestedResourceName"]: each["httpStatusCode"] for each in shown} == {
        made["resourceName"]: 200, "people/c1": 404, "people/me": 200}  # fmt: skip
    assert [each["status"]["code"] for each in shown if each["httpStatusCode"] == 404] == [5]
    assert google.call("GET", "people:batchGet", personFields="names").status == 400
    names = [f"people/c{n}" for n in range(201)]
    assert google.call("GET", "people:batchGet", personFields="names", resourceNames=names).status == 400


def test_a_batch_update_succeeds_or_fails_as_a_whole(google: Google) -> None:
    ann, bob, eve = (google.named(each) for each in ("Ann", "Bob", "Eve"))
    google.update(bob, "names", names=[{"givenName": "Bobby"}])
    contacts = {each["resourceName"]: body_of(each, names=[{"givenName": "New"}]) for each in (ann, bob, eve)}
    contacts["people/c1"] = body_of(ann)
    body = {"contacts": contacts, "updateMask": "names,emailAddresses", "readMask": "names"}
    reply = google.call("POST", "people:batchUpdateContacts", body)
    assert reply.status == 400
    detail = reply.body["error"]["details"][0]
    assert detail["@type"].endswith("google.people.v1.BatchUpdateContactsErrorDetails")
    assert {name: each["code"] for name, each in detail["contactErrors"].items()} == {
        bob["resourceName"]: 9, "people/c1": 5}  # fmt: skip
    assert google.get(ann["resourceName"]) == ann
    good = {name: each for name, each in contacts.items() if name not in detail["contactErrors"]}
    answer = google.ok("POST", "people:batchUpdateContacts", {**body, "contacts": good})["updateResult"]
    assert {name: each["person"]["names"][0]["displayName"] for name, each in answer.items()} == {
        ann["resourceName"]: "New", eve["resourceName"]: "New"}  # fmt: skip
    silent = {name: body_of(google.get(name)) for name in good}
    assert google.ok("POST", "people:batchUpdateContacts", {"contacts": silent, "updateMask": "nicknames"}) == {}


def test_a_batch_create_succeeds_or_fails_as_a_whole(google: Google) -> None:
    rows: list[Any] = [{"contactPerson": {"names": [{"givenName": f"P{n}"}]}} for n in range(3)]
    wrong = [*rows, {"contactPerson": {"names": [{}, {}]}}, {"person": {}}]
    reply = google.call("POST", "people:batchCreateContacts", {"contacts": wrong, "readMask": "names"})
    assert list(reply.body["error"]["details"][0]["contactErrors"]) == ["3", "4"]
    assert google.app.state()["ann@example.org"] == {}
    made = google.ok("POST", "people:batchCreateContacts", {"contacts": rows, "readMask": "names"})["createdPeople"]
    assert [each["person"]["names"][0]["displayName"] for each in made] == ["P0", "P1", "P2"]
    assert google.ok("POST", "people:batchCreateContacts", {"contacts": rows, "readMask": ""}) == {}
    assert google.call("POST", "people:batchCreateContacts", {"contacts": rows * 67, "readMask": ""}).status == 400
    assert google.call("POST", "people:batchCreateContacts", {"contacts": [], "readMask": ""}).status == 400
    assert len(google.app.state()["ann@example.org"]) == 6


def test_a_batch_delete_with_a_name_that_is_gone(make_google: Callable[..., Google]) -> None:
    for missing, status, left in (("refused", 404, 1), ("ignored", 200, 0)):
        google = make_google(missing_in_batch_delete=missing)
        made = google.named("Ann")
        names = [made["resourceName"], "people/c1"]
        assert google.call("POST", "people:batchDeleteContacts", {"resourceNames": names}).status == status
        assert len(google.app.state()["ann@example.org"]) == left
    many = [f"people/c{n}" for n in range(501)]
    assert google.call("POST", "people:batchDeleteContacts", {"resourceNames": many}).status == 400


def test_nobody_reads_or_changes_another_users_contacts(google: Google) -> None:
    made = google.named("Ann")
    google.user = "ben@example.org"
    assert google.call("GET", made["resourceName"], personFields="names").status == 404
    assert google.update(made, "names").status == 404
    assert google.call("DELETE", f"{made['resourceName']}:deleteContact").status == 404
    assert google.call("DELETE", "people/me:deleteContact").status == 400


@pytest.mark.parametrize(("how", "status"), [("aborted", 409), ("exhausted", 429), ("served", None)])
def test_a_mutation_while_another_of_the_same_user_runs(
    make_google: Callable[..., Google], how: str, status: int | None
) -> None:
    google = make_google(concurrent=how)
    first, second = (google.request("POST", "people:createContact", {}) for _ in range(2))
    read = google.request("GET", "people/me", personFields="names")
    google.user = "ben@example.org"
    bens = google.request("POST", "people:createContact", {})
    assert google.app.crowded(first, [first]) is None
    assert google.app.crowded(first, [read, bens, first]) is None
    assert google.app.crowded(read, [first, read]) is None
    refused = google.app.crowded(second, [first, second])
    assert (refused.status if refused else None) == status


def test_updates_that_change_nothing_may_leave_the_etag(make_google: Callable[..., Google]) -> None:
    google = make_google(no_op_moves_etag=False)
    made = google.named("Ann")
    assert google.update(made, "names", names=[{"givenName": "Ann"}]).body["etag"] == made["etag"]
    assert google.update(made, "names", names=[{"givenName": "Eve"}]).body["etag"] != made["etag"]


def test_free_names_are_taken_apart_and_structured_ones_decide(make_google: Callable[..., Google]) -> None:
    google = make_google()
    whole = google.create(names=[{"unstructuredName": "Ann Mary Lee"}])["names"][0]
    assert (whole["givenName"], whole["familyName"], whole["displayName"]) == ("Ann Mary", "Lee", "Ann Mary Lee")
    both = google.create(names=[{"unstructuredName": "Old Name", "givenName": "New"}])["names"][0]
    assert (both["displayName"], both["unstructuredName"]) == ("New", "New")
    google.behaviour.parse_names = False
    assert "givenName" not in google.create(names=[{"unstructuredName": "Ann Lee"}])["names"][0]
