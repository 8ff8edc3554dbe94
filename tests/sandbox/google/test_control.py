"""The control endpoints' side of the simulated Google: state, edits, faults, knobs, counting."""

import json
from typing import Any

import pytest

from tests.sandbox.google.conftest import Google
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

ANN = "ann@example.org"


def test_the_state_has_everything_that_a_user_sees(google: Google) -> None:
    made = google.named("Ann", "ann@example.com")
    group = google.app.edit({"object": f"{ANN}/groups", "create": {"name": "Customers"}})["resourceName"]
    google.ok("POST", f"{group}/members:modify", {"resourceNamesToAdd": [made["resourceName"]]})
    state = google.app.state()
    assert state.keys() == {ANN, f"{ANN}/groups", "ben@example.org", "ben@example.org/groups"}
    assert state[ANN][made["resourceName"]]["emailAddresses"][0]["value"] == "ann@example.com"
    assert state[f"{ANN}/groups"] == {group: {"name": "Customers", "members": [made["resourceName"]]}}
    json.dumps(state)


def test_a_person_edits_without_an_etag(google: Google) -> None:
    made = google.app.edit({"object": ANN, "create": {"names": [{"givenName": "Ann"}]}})
    changed = google.app.edit({"object": ANN, "id": made["resourceName"], "set": {"nicknames": [{"value": "Annie"}]}})
    assert changed["nicknames"][0]["value"] == "Annie"
    assert changed["names"] == made["names"]
    assert google.app.edit({"object": ANN, "id": made["resourceName"], "delete": True})["deleted"] is True
    assert google.app.state()[ANN] == {}


@pytest.mark.parametrize("command", [
    {"object": "nobody@example.org", "create": {}}, {"object": ANN}, {"object": ANN, "create": {"name": "x"}},
    {"object": ANN, "id": "people/c1", "delete": True}, {"object": f"{ANN}/groups", "id": "x", "delete": True},
    {"object": ANN, "create": {"names": [{}, {}]}},
])  # fmt: skip
def test_wrong_commands_say_what_is_wrong(google: Google, command: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        google.app.edit(command)


def test_an_empty_answer_says_that_nobody_is_there_and_goes_on_from_there(google: Google) -> None:
    made = google.named("Ann")
    google.later()
    google.tokens.clear()
    token = google.sync()["nextSyncToken"]
    google.update(made, "nicknames", nicknames=[{"value": "x"}])
    google.later(300)
    query = {"personFields": "metadata,names,emailAddresses", "requestSyncToken": "true", "pageSize": 100,
             "sources": "READ_SOURCE_TYPE_CONTACT"}  # fmt: skip
    full = emptied(google, "people/me/connections", **query)
    assert full.keys() == {"nextSyncToken"}
    since = emptied(google, "people/me/connections", **query, syncToken=token)
    assert since.keys() == {"nextSyncToken"}
    for each in (full, since):
        assert list(google.sync(each["nextSyncToken"])["people"]) == [made["resourceName"]]
    assert emptied(google, made["resourceName"], personFields="names")["error"]["code"] == 404
    assert google.get(made["resourceName"])["names"] == made["names"]


def emptied(google: Google, path: str, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(google.app.emptied(google.request("GET", path, **query)).body)
    return found


def test_refused_rows_refuse_their_batch(google: Google) -> None:
    rows = [{"contactPerson": {}} for _ in range(10)]
    request = google.request("POST", "people:batchCreateContacts", {"contacts": rows, "readMask": ""})
    answer = google.app.refused_rows(request, 0.5, "PERMISSION_DENIED")
    errors = json.loads(answer.body)["error"]["details"][0]["contactErrors"]
    assert 0 < len(errors) < 10
    assert {each["code"] for each in errors.values()} == {7}
    assert google.app.state()[ANN] == {}
    assert google.app.handle(request).status == 200


def test_knobs_are_turned_by_name(google: Google) -> None:
    google.app.tune({"sync_delay": 0, "quotas": {"read": 1}, "deny": True})
    assert (google.behaviour.sync_delay, google.behaviour.quotas["read"], google.behaviour.quotas["critical_read"]) == (
        0, 1, 90)  # fmt: skip
    with pytest.raises(ValueError, match="no knob"):
        google.app.tune({"shoes": 1})


def test_calls_are_counted_by_method_and_everything_lives_below_google_as_well(google: Google) -> None:
    world = World(google.clock, 1, [google.app])
    for prefix in ("", "/google"):
        for path in ("people/c1", "people/me", "contactGroups/x", "people:batchGet", "people/c1:updateContact"):
            answer = world.handle(Request("GET", f"{prefix}/v1/{path}"))
            assert isinstance(answer, Response)
            assert answer.status in (401, 404)
    counted = world.handle(Request("GET", "/_sandbox/calls"))
    assert isinstance(counted, Response)
    assert set(json.loads(counted.body)["apps"]["google_contacts"]) == {
        "GET /v1/people/{person}", "GET /v1/people/me", "GET /v1/contactGroups/{group}", "GET /v1/people:batchGet",
        "GET /v1/people/{person}:updateContact"}  # fmt: skip
