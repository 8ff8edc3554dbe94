"""The simulated Zoho: kinds of fields, rights, layouts, merges and converted leads, as the vendor describes them."""

from collections.abc import Callable
from typing import Any

import pytest

from zohosyncd.sandbox.zoho.layouts import Layout, LayoutRule
from zohosyncd.sandbox.zoho.schema import Rights
from zohosyncd.sandbox.zoho.standard import EVERY_KIND

LONG = "x" * 900


@pytest.fixture
def zoho(make_zoho: Callable[..., Any]) -> Any:
    return make_zoho(custom=EVERY_KIND)


def listed(zoho: Any, fields: str, module: str = "Contacts", **more: str) -> list[dict[str, Any]]:
    answer = zoho.call("GET", f"/crm/v8/{module}", fields=fields, **more)
    return list(answer.body["data"]) if answer.status == 200 else []


def test_lists_leave_out_what_only_a_record_alone_shows(zoho: Any) -> None:
    bob = zoho.add(Last_Name="Bob")
    one = zoho.add(Partners=[{"id": bob}], Children=[{"Name": "Tim"}], Text_1="x")
    (row,) = [each for each in listed(zoho, "Partners,Children,Text_1") if each["id"] == one]
    assert row == {"id": one, "Text_1": "x"}
    alone = zoho.call("GET", f"/crm/v8/Contacts/{one}").body["data"][0]
    assert alone["Partners"][0]["Partners"] == {"name": "Bob", "id": bob}
    assert alone["Children"] == [{"Name": "Tim"}]


def test_lists_cut_rich_texts_and_one_call_shows_them_whole(zoho: Any) -> None:
    one = zoho.add(Story=LONG, Notes_1=LONG)
    assert listed(zoho, "Story,Notes_1") == [{"id": one, "Story": LONG[:500], "Notes_1": LONG}]
    path = "/crm/v8/Contacts/actions/fetch_full_data"
    assert zoho.call("GET", path, ids=one, fields="Story").body == {"data": [{"id": one, "Story": LONG}]}
    assert zoho.call("GET", path, ids=one).status == 400
    assert zoho.call("GET", path, ids=one, fields="Notes_1").body["code"] == "INVALID_DATA"
    assert zoho.call("GET", f"/crm/v8/Contacts/{one}/actions/fetch_full_data").body["data"][0]["Story"] == LONG


def test_rights_bind_the_user_of_the_api(make_zoho: Callable[..., Any]) -> None:
    names = {
        each: frozenset({name})
        for each, name in (("hidden", "Title"), ("read_only", "Fax"), ("restricted", "Skype_ID"))
    }
    zoho = make_zoho(rights=Rights(**names))
    made = {"Last_Name": "Doe", "Title": "x", "Fax": "1", "Skype_ID": "s"}
    one = zoho.app.edit({"object": "Contacts", "create": made})["id"]
    assert listed(zoho, "Title,Fax,Skype_ID") == [{"id": one, "Fax": "1", "Skype_ID": None}]
    body = {"data": [{"id": one, "Title": "y", "Fax": "2"}]}
    assert zoho.call("PUT", "/crm/v8/Contacts", body=body).body["data"][0]["code"] == "SUCCESS"
    (shown,) = zoho.app.state()["Contacts"]
    assert (shown["Title"], shown["Fax"], shown["Skype_ID"]) == ("x", "1", "s")
    described = zoho.call("GET", "/crm/v8/settings/fields", module="Contacts").body["fields"]
    flags = {each["api_name"]: each for each in described}
    assert not flags["Title"]["visible"]
    assert flags["Fax"]["read_only"]
    assert flags["Skype_ID"]["hipaa_compliance_enabled"]


def test_a_layout_wants_more_where_its_rules_apply(make_zoho: Callable[..., Any]) -> None:
    zoho = make_zoho(layouts=(Layout(mandatory=frozenset({"Title"})),))
    row = {"Last_Name": "Miller"}
    (layout,) = zoho.call("GET", "settings/layouts", module="Contacts").body["layouts"]
    assert zoho.call("POST", "/crm/v8/Contacts", body={"data": [row]}).status == 201
    rules = {"apply_feature_execution": [{"name": "layout_rules"}]}
    for body in ({"data": [row], **rules}, {"data": [{**row, "Layout": {"id": layout["id"]}}]}):
        refused = zoho.call("POST", "/crm/v8/Contacts", body=body).body["data"][0]
        assert (refused["code"], refused["details"]["api_name"]) == ("MANDATORY_NOT_FOUND", "Title")


RULE = LayoutRule(
    "Partners", "Lead_Source", frozenset({"Partner"}), mandatory=frozenset({"Phone"}), hidden=frozenset({"Fax"})
)
PRESS = Layout("Press", mandatory=frozenset({"Department"}), without=frozenset({"Title"}))
APPLIED = {"apply_feature_execution": [{"name": "layout_rules"}]}


def test_layouts_are_told_with_the_fields_that_each_of_them_has_and_wants(make_zoho: Callable[..., Any]) -> None:
    zoho = make_zoho(layouts=(Layout(mandatory=frozenset({"Email"}), rules=(RULE,)), PRESS))
    standard, press = zoho.call("GET", "settings/layouts", module="Contacts").body["layouts"]
    wants = {
        each["name"]: [f["api_name"] for s in each["sections"] for f in s["fields"] if f["required"]]
        for each in (standard, press)
    }
    assert wants == {"Standard": ["Last_Name", "Email"], "Press": ["Last_Name", "Department"]}
    assert "Title" not in str(press["sections"])
    alone = zoho.call("GET", f"settings/layouts/{press['id']}", module="Contacts").body["layouts"]
    assert alone == [press]
    assert [each["name"] for each in zoho.call("GET", "settings/layouts", module="Leads").body["layouts"]] == [
        "Standard"
    ]
    for query, code in (({}, "REQUIRED_PARAM_MISSING"), ({"module": "Contactz"}, "INVALID_MODULE")):
        refused = zoho.call("GET", "settings/layouts", **query)
        assert (refused.status, refused.body["code"]) == (400, code)
    assert zoho.call("GET", "settings/layouts/7", module="Contacts").body["code"] == "INVALID_DATA"


def test_a_layout_rule_makes_a_field_mandatory_and_is_named(make_zoho: Callable[..., Any]) -> None:
    zoho = make_zoho(layouts=(Layout(rules=(RULE,)),))
    partner = {"Last_Name": "Doe", "Lead_Source": "Partner"}
    reply = zoho.insert({"Last_Name": "Doe"}, partner, {**partner, "Phone": "1"}, **APPLIED)
    assert (reply.status, reply.codes) == (207, ["SUCCESS", "MANDATORY_NOT_FOUND", "SUCCESS"])
    details = reply.rows[1]["details"]
    assert (details["api_name"], details["json_path"]) == ("Phone", "$.data[1].Phone")
    assert details["layout_rule"]["name"] == "Partners"
    one = reply.rows[0]["details"]["id"]
    assert zoho.update({"id": one, "Lead_Source": "Partner"}, **APPLIED).codes == ["MANDATORY_NOT_FOUND"]
    assert zoho.update({"id": one, "Lead_Source": "Partner"}).codes == ["SUCCESS"]
    assert zoho.update({"id": one, "Title": "x"}, **APPLIED).codes == ["MANDATORY_NOT_FOUND"]
    assert zoho.update({"id": one, "Phone": "1"}, **APPLIED).codes == ["SUCCESS"]


def test_what_a_layout_does_not_have_is_ignored_without_a_word(make_zoho: Callable[..., Any]) -> None:
    zoho = make_zoho(layouts=(Layout(rules=(RULE,)), PRESS))
    press = zoho.call("GET", "settings/layouts", module="Contacts").body["layouts"][1]["id"]
    one = zoho.add(Department="News", Title="Judge", Layout={"id": press})
    assert (zoho.get(one)["Title"], zoho.get(one)["Department"]) == (None, "News")
    assert zoho.insert({"Last_Name": "x", "Layout": {"id": "7"}}).rows[0]["details"]["api_name"] == "Layout"
    hidden = {"Last_Name": "x", "Lead_Source": "Partner", "Phone": "1", "Fax": "2"}
    two = zoho.insert(hidden, **APPLIED).rows[0]["details"]["id"]
    assert zoho.get(two)["Fax"] is None
    assert zoho.get(zoho.insert(hidden).rows[0]["details"]["id"])["Fax"] == "2"


def test_a_converted_lead_is_listed_where_it_is_asked_for(zoho: Any) -> None:
    lead = zoho.app.edit({"object": "Leads", "create": {"Last_Name": "Lee", "Company": "ACME", "Email": "l@x.org"}})[
        "id"
    ]
    made = zoho.app.edit({"object": "Leads", "id": lead, "convert": True})
    assert (made["Last_Name"], made["Email"]) == ("Lee", "l@x.org")
    shown = {each: listed(zoho, "Email", "Leads", converted=each) for each in ("false", "true", "both")}
    assert {each: len(rows) for each, rows in shown.items()} == {"false": 0, "true": 1, "both": 1}
    assert zoho.call("GET", "/crm/v8/Leads/deleted").status == 204
    refused = zoho.call("PUT", "/crm/v8/Leads", body={"data": [{"id": lead, "Phone": "1"}]}).body["data"][0]
    assert refused["code"] == "INVALID_DATA"


def test_a_merge_deletes_the_children_and_names_no_survivor(zoho: Any) -> None:
    master, child = zoho.add(Email="a@x.org"), zoho.add(Email="b@x.org", Phone="1")
    body = {"merge": [{"data": [{"id": child, "_fields": [{"api_name": "Phone"}]}]}]}
    assert zoho.call("POST", f"/crm/v8/Contacts/{master}/actions/merge", body=body).status == 200
    assert listed(zoho, "Email,Phone") == [{"id": master, "Email": "a@x.org", "Phone": "1"}]
    (gone,) = zoho.call("GET", "/crm/v8/Contacts/deleted").body["data"]
    assert gone["id"] == child
    assert master not in str(gone)


def test_moments_come_in_the_zone_of_the_user(zoho: Any) -> None:
    one = zoho.add(Last_Call="2026-07-01T12:00:00+00:00")
    assert listed(zoho, "Last_Call")[0]["Last_Call"] == "2026-07-01T14:00:00+02:00"
    zoho.app.tune({"time_zone": "-11:00"})
    assert listed(zoho, "Last_Call") == [{"id": one, "Last_Call": "2026-07-01T01:00:00-11:00"}]
