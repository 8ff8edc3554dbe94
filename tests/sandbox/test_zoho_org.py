"""Metadata, users, org, credits, paths, and what people do in Zoho's own pages."""

import pytest

from zohosyncd.sandbox.wire import Request


def test_fields_describe_themselves_with_the_keys_that_clients_rely_on(zoho):
    fields = {f["api_name"]: f for f in zoho.call("GET", "settings/fields", module="Contacts").body["fields"]}
    last = fields["Last_Name"]
    assert (last["data_type"], last["json_type"], last["length"], last["system_mandatory"]) == (
        "text",
        "string",
        80,
        True,
    )
    assert last["operation_type"] == {"web_create": True, "web_update": True, "api_create": True, "api_update": True}
    assert last["unique"] == {}
    assert fields["Full_Name"]["operation_type"]["api_update"] is False
    assert fields["Full_Name"]["field_read_only"] is True
    assert fields["Account_Name"]["lookup"]["module"]["api_name"] == "Accounts"
    assert "Web Download" in [choice["actual_value"] for choice in fields["Lead_Source"]["pick_list_values"]]
    assert fields["Customer_Number"]["custom_field"] is True
    assert len({f["id"] for f in fields.values()}) == len(fields)
    assert zoho.call("GET", "settings/fields", module="Accounts").status == 200


def test_fields_need_a_module_that_exists(zoho):
    assert zoho.call("GET", "settings/fields").body["code"] == "REQUIRED_PARAM_MISSING"
    assert zoho.call("GET", "settings/fields", module="Unicorns").body["code"] == "INVALID_MODULE"


def test_users_are_listed_by_type(zoho):
    def names(kind: str) -> list[str]:
        return [user["full_name"] for user in zoho.call("GET", "users", type=kind).body["users"]]

    assert names("AllUsers") == ["Sync Robot", "Ann Arbour", "Ben Bright", "Cleo Former", "Dora Dahl", "Emil Ebert"]
    assert names("CurrentUser") == ["Sync Robot"]
    assert names("DeactiveUsers") == ["Cleo Former"]
    assert zoho.call("GET", "users", type="CurrentUser").body["users"][0]["time_zone"] == "Europe/Berlin"
    assert zoho.call("GET", "users", type="Martians").status == 400


def test_the_org_tells_edition_country_and_time_zone(make_zoho):
    org = make_zoho(edition="free").call("GET", "org").body["org"][0]
    assert org["license_details"]["paid_type"] == "free"
    assert (org["country_code"], org["time_zone"]) == ("DE", "Europe/Berlin")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nowhere/at/all", 404, "INVALID_URL_PATTERN"),
        ("GET", "/crm/v2/Contacts", 404, "INVALID_URL_PATTERN"),
        ("GET", "Unicorns", 400, "INVALID_MODULE"),
        ("PATCH", "Contacts", 400, "INVALID_REQUEST_METHOD"),
        ("POST", "org", 400, "INVALID_REQUEST_METHOD"),
    ],
)
def test_wrong_paths_and_methods_are_named(zoho, method, path, status, code):
    reply = zoho.call(method, path)
    assert (reply.status, reply.body["code"]) == (status, code)


def test_every_answer_has_the_servers_date_which_may_be_ahead(zoho):
    assert zoho.call("GET", "org").headers["Date"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    zoho.app.tune({"skew": 90})
    assert zoho.call("GET", "org").headers["Date"] == "Tue, 24 Nov 2026 12:01:30 GMT"
    assert zoho.get(zoho.add())["Created_Time"] == "2026-11-24T13:01:30+01:00"


def test_credits_are_counted_told_after_half_and_then_refused(make_zoho):
    zoho = make_zoho(credits=20)
    zoho.insert(*[{"Last_Name": "Doe"}] * 91)
    zoho.call("GET", "org")
    half = zoho.call("GET", "org")
    assert half.headers["X-API-CREDITS-REMAINING"] == "8"
    zoho.insert(*[{"Last_Name": "Doe"}] * 80)
    spent = zoho.call("GET", "org")
    assert (spent.status, spent.body["code"]) == (429, "TOO_MANY_REQUESTS")
    assert "Retry-After" not in spent.headers
    zoho.clock.moment += 86_401
    zoho.log_in()
    assert zoho.call("GET", "org").status == 200


def test_nothing_is_told_before_half_of_the_credits_are_used(make_zoho):
    zoho = make_zoho(credits=20)
    assert "X-API-CREDITS-REMAINING" not in zoho.insert(*[{"Last_Name": "Doe"}] * 90).headers
    assert zoho.call("GET", "org").headers["X-API-CREDITS-REMAINING"] == "10"


def test_too_many_calls_at_the_same_time_are_refused(make_zoho):
    free = make_zoho(edition="free")
    call = Request("GET", "/crm/v8/org")
    assert free.world.crowded(call, [call] * 5) is None
    assert free.world.crowded(call, [call] * 6).status == 429
    large = make_zoho(edition="ultimate")
    heavy = Request("GET", "/crm/v8/Contacts", (("sort_by", "id"),))
    assert large.world.crowded(heavy, [heavy] * 10) is None
    assert large.world.crowded(heavy, [heavy] * 11).status == 429
    assert large.world.crowded(call, [*[heavy] * 11, call]) is None


def test_a_person_edits_as_another_user_and_moves_the_modified_time(zoho):
    number = zoho.add()
    zoho.clock.moment += 3
    edited = zoho.app.edit({"object": "Contacts", "id": number, "set": {"Title": "Buyer"}})
    assert edited["Title"] == "Buyer"
    assert edited["Modified_By"]["name"] == "Ann Arbour"
    assert edited["Modified_Time"] == "2026-11-24T13:00:03+01:00"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"object": "Contacts", "create": {"First_Name": "Ann"}}, "Last_Name is mandatory"),
        ({"object": "Contacts", "create": {"Last_Name": "x", "Nose": "long"}}, "no such field"),
        ({"object": "Contacts", "create": {"Last_Name": "x", "Email": "no"}}, "would refuse"),
        ({"object": "Contacts", "id": "1", "set": {}}, "no such record"),
        ({"object": "Unicorns", "create": {}}, "no such object"),
    ],
)
def test_edits_that_a_person_could_not_make_say_why(zoho, command, words):
    with pytest.raises(ValueError, match=words):
        zoho.app.edit(command)


@pytest.mark.parametrize(
    ("rule", "sent", "stored"),
    [
        ({"field": "Title", "do": "truncate", "length": 5}, "Head of Sales", "Head"),
        ({"field": "Title", "do": "lower"}, "Buyer", "buyer"),
        ({"field": "Title", "do": "upper"}, "Buyer", "BUYER"),
        ({"field": "Phone", "do": "phone"}, "+49 (30) 901-820", "+4930901820"),
        ({"field": "Title", "do": "drop"}, "Buyer", None),
    ],
)
def test_the_server_may_store_something_else_than_was_sent(zoho, rule, sent, stored):
    zoho.app.normalise("Contacts", [rule])
    assert zoho.get(zoho.add(**{rule["field"]: sent}))[rule["field"]] == stored
    zoho.app.normalise("Contacts", [])
    assert zoho.get(zoho.add(**{rule["field"]: sent}))[rule["field"]] == sent
