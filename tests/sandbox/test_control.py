"""The control endpoints, in the shapes that scripts outside rely on."""

import pytest

from zohosyncd.sandbox.scene import Scene
from zohosyncd.sandbox.scene.worlds import build_world
from zohosyncd.sandbox.wire import Request


def control(zoho, method, name, body=None):
    return zoho.call(method, f"/_sandbox/{name}", body=body)


def test_state_shows_all_apps_without_limits_or_faults_and_without_the_deleted(zoho):
    zoho.fill(2_500)
    zoho.call("DELETE", "Contacts/5545974000002000000")
    control(zoho, "POST", "faults", {"app": "zoho_crm", "rules": [{"fault": "status"}]})
    state = control(zoho, "GET", "state").body
    assert set(state["apps"]) == {"zoho_crm"}
    contacts = state["apps"]["zoho_crm"]["Contacts"]
    assert len(contacts) == 2_499
    assert contacts[0]["Last_Name"] == "Person 1"
    assert {"id", "Email", "Modified_Time", "Owner"} <= set(contacts[0])


def test_edit_creates_sets_and_deletes_and_answers_the_record(zoho):
    created = control(
        zoho, "POST", "edit", {"app": "zoho_crm", "object": "Contacts", "create": {"Last_Name": "Doe"}}
    ).body
    assert created["Last_Name"] == "Doe"
    where = {"app": "zoho_crm", "object": "Contacts", "id": created["id"]}
    assert control(zoho, "POST", "edit", {**where, "set": {"Title": "Buyer"}}).body["Title"] == "Buyer"
    assert control(zoho, "POST", "edit", {**where, "delete": True}).body["id"] == created["id"]
    again = control(zoho, "POST", "edit", {**where, "delete": True})
    assert (again.status, "no such record" in again.body["error"]) == (400, True)


def test_calls_are_counted_by_kind_with_their_credits_and_forgotten_on_demand(zoho):
    control(zoho, "DELETE", "calls")
    number = zoho.add()
    zoho.get(number)
    zoho.get(number)
    zoho.insert(*[{"Last_Name": "Doe"}] * 11)
    assert control(zoho, "GET", "calls").body == {
        "apps": {
            "zoho_crm": {
                "POST /crm/v8/Contacts": {"calls": 2, "credits": 3},
                "GET /crm/v8/Contacts/{id}": {"calls": 2, "credits": 2},
            }
        }
    }
    assert control(zoho, "DELETE", "calls").body == {"apps": {"zoho_crm": {}}}


def test_failed_calls_count_too(zoho):
    control(zoho, "DELETE", "calls")
    control(zoho, "POST", "faults", {"app": "zoho_crm", "rules": [{"fault": "status"}]})
    zoho.call("GET", "org")
    assert control(zoho, "GET", "calls").body["apps"]["zoho_crm"]["GET /crm/v8/org"] == {"calls": 1, "credits": 1}


def test_the_clock_jumps_stands_and_goes_on(zoho):
    assert control(zoho, "POST", "clock", {"advance": 3_600}).body["now"] == zoho.clock.moment + 3_600
    frozen = control(zoho, "POST", "clock", {"freeze": True}).body["now"]
    zoho.clock.moment += 50
    assert control(zoho, "POST", "clock", {"advance": 5}).body["now"] == frozen + 5
    control(zoho, "POST", "clock", {"freeze": False})
    zoho.clock.moment += 7
    assert control(zoho, "POST", "clock", {}).body["now"] == frozen + 12
    assert control(zoho, "POST", "clock", {"advance": -1}).status == 400


def test_normalisation_is_set_by_object(zoho):
    rules = [{"field": "Title", "do": "upper"}]
    assert control(zoho, "POST", "normalise", {"app": "zoho_crm", "object": "Contacts", "rules": rules}).status == 200
    assert zoho.get(zoho.add(Title="Buyer"))["Title"] == "BUYER"


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("GET", "wishes", None, 404),
        ("POST", "edit", {"app": "fax"}, 400),
        (
            "POST",
            "normalise",
            {"app": "zoho_crm", "object": "Contacts", "rules": [{"field": "Nose", "do": "drop"}]},
            400,
        ),
        (
            "POST",
            "normalise",
            {"app": "zoho_crm", "object": "Contacts", "rules": [{"field": "Title", "do": "shout"}]},
            400,
        ),
        ("POST", "faults", {"app": "zoho_crm"}, 400),
        ("POST", "clock", {"rewind": 1}, 400),
        ("POST", "knobs", {"app": "zoho_crm", "set": {"volume": 11}}, 400),
    ],
)
def test_mistakes_are_told(zoho, method, name, body, status):
    reply = control(zoho, method, name, body)
    assert reply.status == status
    assert reply.body["error"]


def test_a_path_of_no_app_is_404(zoho):
    assert zoho.world.handle(Request("GET", "/elsewhere")).status == 404


def test_a_whole_world_repeats_itself_from_its_seed(zoho):
    def told() -> list[bytes]:
        world = build_world(zoho.clock, Scene(60, 5))
        return [world.handle(Request("GET", "/_sandbox/state")).body]

    assert told() == told()
