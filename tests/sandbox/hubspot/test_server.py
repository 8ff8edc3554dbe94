"""The simulated HubSpot does what the vendor's pages say, and refuses what they refuse."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.hubspot.conftest import CONTACTS, Account
from zohosyncd.sandbox.wire import Request, Response


def test_reads_show_what_was_asked_for_and_three_more(account: Account) -> None:
    ann = account.contact(email="Ann@Example.COM", jobtitle="Queen")
    default = account.ask("GET", f"{CONTACTS}/{ann}").body
    assert set(default["properties"]) == {
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    }
    assert default["properties"]["email"] == "ann@example.com"
    asked = account.ask("GET", f"{CONTACTS}/{ann}", properties="jobtitle,city,no_such").body
    assert asked["properties"].keys() == {"createdate", "hs_object_id", "lastmodifieddate", "jobtitle", "city"}
    assert (asked["properties"]["jobtitle"], asked["properties"]["city"]) == ("Queen", None)
    assert asked["archived"] is False
    by_email = account.ask("GET", f"{CONTACTS}/ann@example.com", idProperty="email").body
    assert by_email["id"] == ann


def test_pages_go_on_behind_an_id_and_end(account: Account) -> None:
    ids = {account.contact(email=f"p{n}@example.com") for n in range(25)}
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(4):
        page = account.ask("GET", CONTACTS, limit=10, **after).body
        seen += [each["id"] for each in page["results"]]
        if "paging" not in page:
            break
        after = {"after": page["paging"]["next"]["after"]}
    assert set(seen) == ids
    assert len(seen) == 25
    assert seen == sorted(seen, key=int)
    for limit in (0, 101):
        assert account.ask("GET", CONTACTS, limit=limit).status == 400


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"email": "no address"}, "INVALID_EMAIL"),
        ({"shoe_size": "9"}, "PROPERTY_DOESNT_EXIST"),
        ({"createdate": "2020-01-01T00:00:00Z"}, "READ_ONLY_VALUE"),
        ({"hs_email_optout": "true"}, "READ_ONLY_VALUE"),
        ({"lifecyclestage": "king"}, "INVALID_OPTION"),
        ({"topics": "events;nonsense"}, "INVALID_OPTION"),
        ({"annual_spend": "a lot"}, "INVALID_INTEGER"),
        ({"customer_since": "1582934400001"}, "INVALID_DATE"),
        ({"hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
        ({"firstname": None}, "INVALID_VALUE"),
    ],
)
def test_values_that_are_not_taken_are_named_twice(account: Account, properties: dict[str, Any], code: str) -> None:
    (name,) = properties
    refused = account.ask("POST", CONTACTS, {"properties": {"lastname": "x", **properties}})
    assert (refused.status, refused.body["category"]) == (400, "VALIDATION_ERROR")
    assert refused.body["correlationId"]
    (detail,) = refused.body["errors"]
    assert (detail["code"], detail["context"]) == (code, {"propertyName": [name]})
    told = json.loads(refused.body["message"].removeprefix("Property values were not valid: "))
    assert [(each["name"], each["error"], each["isValid"]) for each in told] == [(name, code, False)]


def test_values_are_texts_and_empty_ones_are_nothing(account: Account) -> None:
    ann = account.contact(annual_spend="17.50", topics="offers;events;offers", customer_since="1582934400000")
    shown = account.app.shown(ann)["properties"]
    assert (shown["annual_spend"], shown["topics"], shown["customer_since"]) == ("17.50", "offers;events", "2020-02-29")
    account.ask("PATCH", f"{CONTACTS}/{ann}", {"properties": {"topics": ""}})
    assert account.app.shown(ann)["properties"]["topics"] is None


def test_an_address_belongs_to_one_contact(account: Account) -> None:
    ann, bob = account.contact(email="ann@example.com"), account.contact(email="bob@example.com")
    taken = {"status": 409, "category": "CONFLICT", "message": f"Contact already exists. Existing ID: {ann}"}
    for method, path in (("POST", CONTACTS), ("PATCH", f"{CONTACTS}/{bob}")):
        refused = account.ask(method, path, {"properties": {"email": "ANN@example.com"}})
        assert {"status": refused.status, **{key: refused.body[key] for key in ("category", "message")}} == taken
    assert account.ask("POST", CONTACTS, {"properties": {"city": "Berlin"}}).status == 400  # nobody at all


def test_a_lifecycle_stage_that_goes_back_is_ignored_without_a_word(account: Account) -> None:
    ann = account.contact(lifecyclestage="customer")
    path = f"{CONTACTS}/{ann}"
    assert account.ask("PATCH", path, {"properties": {"lifecyclestage": "lead"}}).status == 200
    assert account.app.shown(ann)["properties"]["lifecyclestage"] == "customer"
    account.ask("PATCH", path, {"properties": {"lifecyclestage": ""}})
    account.ask("PATCH", path, {"properties": {"lifecyclestage": "lead"}})
    assert account.app.shown(ann)["properties"]["lifecyclestage"] == "lead"


def test_archived_contacts_are_kept_for_ninety_days_and_can_come_back(account: Account) -> None:
    ann = account.contact(email="ann@example.com")
    assert account.ask("DELETE", f"{CONTACTS}/{ann}").status == 204
    assert account.ask("DELETE", f"{CONTACTS}/{ann}").status == 204  # nothing is said
    assert account.ask("GET", f"{CONTACTS}/{ann}").status == 404
    (row,) = account.ask("GET", CONTACTS, archived="true").body["results"]
    assert (row["id"], row["archived"]) == (ann, True)
    assert row["archivedAt"] > row["updatedAt"]
    assert account.ask("GET", f"{CONTACTS}/{ann}", archived="true").status == 200
    account.app.edit({"id": ann, "restore": True})
    assert account.ask("GET", f"{CONTACTS}/{ann}").status == 200
    account.ask("DELETE", f"{CONTACTS}/{ann}")
    account.clock.moment += 91 * 86_400
    assert account.ask("GET", CONTACTS, archived="true").body["results"] == []


def test_deleting_for_privacy_leaves_nothing_and_blocks_the_address(account: Account) -> None:
    ann = account.contact(email="ann@example.com")
    assert account.ask("POST", f"{CONTACTS}/gdpr-delete", {"objectId": ann}).status == 204
    assert account.ask("GET", CONTACTS, archived="true").body["results"] == []
    assert account.ask("POST", CONTACTS, {"properties": {"email": "ann@example.com"}}).status == 400


def test_a_merge_makes_a_contact_with_another_id_and_the_old_ones_lead_to_it(account: Account) -> None:
    ann, twin = (
        account.contact(email="a@example.com", city="Berlin"),
        account.contact(email="b@example.com", zip="10115"),
    )
    made = account.ask("POST", f"{CONTACTS}/merge", {"primaryObjectId": ann, "objectIdToMerge": twin}).body["id"]
    assert made not in {ann, twin}
    for old in (ann, twin):
        shown = account.ask(
            "GET", f"{CONTACTS}/{old}", properties="city,zip,email,hs_additional_emails,hs_merged_object_ids"
        ).body
        assert shown["id"] == made
        assert (shown["properties"]["city"], shown["properties"]["zip"]) == ("Berlin", "10115")
        assert (shown["properties"]["email"], shown["properties"]["hs_additional_emails"]) == (
            "a@example.com",
            "b@example.com",
        )
        assert set(shown["properties"]["hs_merged_object_ids"].split(";")) == {ann, twin}
    assert account.ask("GET", f"{CONTACTS}/b@example.com", idProperty="email").body["id"] == made


# Batches


def test_rows_of_a_batch_come_in_another_order_and_failures_are_grouped(account: Account) -> None:
    account.contact(email="taken@example.com")
    addresses = ["a@example.com", "taken@example.com", "b@example.com", "taken@example.com", "c@example.com"]
    inputs = [{"properties": {"email": each}, "objectWriteTraceId": f"t{n}"} for n, each in enumerate(addresses)]
    answer = account.ask("POST", f"{CONTACTS}/batch/create", {"inputs": inputs})
    assert (answer.status, answer.body["numErrors"]) == (207, 1)
    (error,) = answer.body["errors"]
    assert error["context"]["objectWriteTraceId"] == ["t1", "t3"]
    assert {each["objectWriteTraceId"]: each["properties"]["email"] for each in answer.body["results"]} == {
        "t0": "a@example.com", "t2": "b@example.com", "t4": "c@example.com",
    }  # fmt: skip


def test_a_batch_whose_rows_bear_no_trace_is_all_or_nothing(account: Account) -> None:
    account.contact(email="taken@example.com")
    inputs = [{"properties": {"email": each}} for each in ("a@example.com", "taken@example.com", "b@example.com")]
    refused = account.ask("POST", f"{CONTACTS}/batch/create", {"inputs": inputs})
    assert refused.status == 409
    assert len(account.app.state()["contacts"]) == 1
    assert account.ask("POST", CONTACTS, {"properties": {"email": "a@example.com"}}).status == 201


def test_batches_have_at_most_a_hundred_inputs_and_each_contact_once(account: Account) -> None:
    ann = account.contact(email="ann@example.com")
    many = [{"properties": {"email": f"p{n}@example.com"}} for n in range(101)]
    assert account.ask("POST", f"{CONTACTS}/batch/create", {"inputs": many}).status == 400
    twice = [{"id": ann, "properties": {"city": "x"}}] * 2
    assert account.ask("POST", f"{CONTACTS}/batch/update", {"inputs": twice}).status == 400


def test_a_read_of_many_tells_the_missing_by_their_ids(account: Account) -> None:
    ann, bob = account.contact(email="a@example.com"), account.contact(email="b@example.com")
    body = {"inputs": [{"id": each} for each in (ann, "1", bob)], "properties": ["email"], "propertiesWithHistory": []}
    answer = account.ask("POST", f"{CONTACTS}/batch/read", body)
    assert answer.status == 207
    assert {each["id"] for each in answer.body["results"]} == {ann, bob}
    assert answer.body["errors"][0]["context"] == {"ids": ["1"]}
    by_email = {**body, "inputs": [{"id": "A@example.com"}], "idProperty": "email"}
    assert [each["id"] for each in account.ask("POST", f"{CONTACTS}/batch/read", by_email).body["results"]] == [ann]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"inputs": []}', b'{"inputs": [{}]}', b'{"inputs": [{"properties": {}, "x": 1}]}',
                                  b'{"unknown": 1}'])  # fmt: skip
def test_bodies_of_another_shape_are_refused(account: Account, body: bytes) -> None:
    refused = account.ask("POST", f"{CONTACTS}/batch/create", body)
    assert (refused.status, refused.body["category"]) == (400, "VALIDATION_ERROR")


# The search


def test_the_index_is_behind_and_shows_the_past(make_account: Callable[..., Account]) -> None:
    account = make_account(index_lag=30.0)
    ann = account.contact(jobtitle="first")
    assert account.search().body["total"] == 0
    account.clock.moment += 31
    account.ask("PATCH", f"{CONTACTS}/{ann}", {"properties": {"jobtitle": "second"}})
    (row,) = account.search(properties=["jobtitle"]).body["results"]
    assert row["properties"]["jobtitle"] == "first"
    account.ask("DELETE", f"{CONTACTS}/{ann}")
    assert account.search().body["total"] == 1
    account.clock.moment += 31
    assert account.search().body["total"] == 0


def test_a_search_has_limits(make_account: Callable[..., Account]) -> None:
    account = make_account(index_lag=0.0, searches=1_000)
    account.app.load({"lastname": f"P{n}"} for n in range(10_300))
    page = account.search(after="9800").body
    assert (page["total"], len(page["results"]), page["paging"]["next"]["after"]) == (10_300, 200, "10000")
    assert account.search(after="10000").status == 400
    assert account.search(limit=201).status == 400
    assert account.search(sorts=["lastname", "email"]).status == 400
    one = {"propertyName": "lastname", "operator": "EQ", "value": "p7"}
    assert account.search(one).body["total"] == 1
    assert account.ask("POST", f"{CONTACTS}/search", {"filterGroups": [{"filters": [one]}] * 6}).status == 400
    assert account.search({"propertyName": "no_such", "operator": "EQ", "value": "x"}).status == 400
    assert account.search({"propertyName": "lastname", "operator": "LIKE", "value": "x"}).status == 400


def test_filters_compare_by_the_kind_of_the_property(make_account: Callable[..., Account]) -> None:
    account = make_account(index_lag=0.0)
    small, large = account.contact(annual_spend="9"), account.contact(annual_spend="10.5")

    def found(name: str, operator: str, **more: Any) -> set[str]:
        rows = account.search({"propertyName": name, "operator": operator, **more}).body["results"]
        account.clock.moment += 1
        return {each["id"] for each in rows}

    assert found("annual_spend", "GT", value="9") == {large}
    assert found("annual_spend", "BETWEEN", value="8", highValue="9") == {small}
    assert found("annual_spend", "IN", values=["9", "10.5"]) == {small, large}
    assert found("city", "NOT_HAS_PROPERTY") == {small, large}
    moment = account.app.contacts.required(large).updated
    assert found("lastmodifieddate", "GTE", value=str(moment)) == {large}
    assert found("hs_object_id", "EQ", value=small) == {small}
    by_time = account.search(sorts=[{"propertyName": "createdate", "direction": "DESCENDING"}]).body["results"]
    assert [each["id"] for each in by_time] == [large, small]


# Limits and logins


def test_limits_name_their_policy_and_the_answers_their_rest(make_account: Callable[..., Account]) -> None:
    account = make_account(burst=3, per_day=6, searches=1)
    rests = [account.ask("GET", CONTACTS).headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
    assert rests == ["2", "1", "0"]
    refused = account.ask("GET", CONTACTS)
    assert (refused.status, refused.body["policyName"], refused.body["errorType"]) == (
        429,
        "TEN_SECONDLY_ROLLING",
        "RATE_LIMIT",
    )
    searched = account.search()
    assert searched.status == 200
    assert not [name for name in searched.headers if "RateLimit" in name]
    assert account.search().body["policyName"] == "SECONDLY"
    account.clock.moment += 10
    daily = [account.ask("GET", CONTACTS) for _ in range(3)]
    assert [each.status for each in daily] == [200, 200, 429]
    assert daily[1].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert daily[2].body["policyName"] == "DAILY"
    account.clock.moment += 86_400
    assert account.ask("GET", CONTACTS).status == 200


def test_tokens_open_what_their_scopes_say(account: Account) -> None:
    assert account.ask("GET", CONTACTS, token="").status == 401
    assert account.ask("GET", CONTACTS, token="x").body["category"] == "INVALID_AUTHENTICATION"
    account.app.setup.scopes = ("crm.objects.contacts.read",)
    refused = account.ask("POST", CONTACTS, {"properties": {"lastname": "x"}})
    assert (refused.status, refused.body["category"]) == (403, "MISSING_SCOPES")
    assert refused.body["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.contacts.write"]}


def test_codes_are_good_once_and_tokens_end(account: Account) -> None:
    setup = account.app.setup
    query = {
        "client_id": setup.client_id,
        "redirect_uri": "http://localhost/cb",
        "scope": "crm.objects.contacts.read",
        "state": "s",
    }
    page = account.world.handle(Request("GET", "/oauth/authorize", tuple(query.items())))
    assert isinstance(page, Response)
    code = page.headers["Location"].partition("code=")[2].partition("&")[0]
    client = f"client_id={setup.client_id}&client_secret={setup.client_secret}"
    form = f"grant_type=authorization_code&{client}&redirect_uri=http%3A%2F%2Flocalhost%2Fcb&code={code}".encode()
    given = account.ask("POST", "/oauth/v1/token", form)
    assert (given.status, given.body["expires_in"], given.body["token_type"]) == (200, 1_800, "bearer")
    again = account.ask("POST", "/oauth/v1/token", form)
    assert (again.status, again.body["status"]) == (400, "BAD_AUTH_CODE")
    token = given.body["access_token"]
    shown = account.ask("GET", CONTACTS, token=token)
    assert shown.status == 200
    assert "X-HubSpot-RateLimit-Daily" not in shown.headers
    assert account.ask("GET", "/crm/v3/owners", token=token).status == 403
    account.clock.moment += 1_801
    assert account.ask("GET", CONTACTS, token=token).body["category"] == "EXPIRED_AUTHENTICATION"
    fresh = account.ask(
        "POST",
        "/oauth/v1/token",
        f"grant_type=refresh_token&{client}&refresh_token={given.body['refresh_token']}".encode(),
    )
    assert fresh.body["refresh_token"] == given.body["refresh_token"]


# Subscriptions


def test_an_address_is_unsubscribed_and_its_contact_shows_it_later(make_account: Callable[..., Account]) -> None:
    account = make_account(consent_lag=5.0)
    ann = account.contact(email="ann@example.com")
    path = "/communication-preferences/v4/statuses/ann@example.com/unsubscribe-all"
    assert account.ask("GET", path, channel="EMAIL").body["results"] == []
    assert account.ask("POST", path).status == 400
    before = account.app.contacts.required(ann).updated
    rows = account.ask("POST", path, channel="EMAIL").body["results"]
    assert [(each["status"], each["channel"]) for each in rows] == [("UNSUBSCRIBED", "EMAIL")] * 2
    assert account.app.shown(ann)["properties"]["hs_email_optout"] is None
    (row,) = account.ask("GET", path, channel="EMAIL").body["results"]
    assert (row["status"], row["wideStatusType"]) == ("UNSUBSCRIBED", "PORTAL_WIDE")
    account.clock.moment += 5
    account.ask("GET", CONTACTS)
    assert account.app.shown(ann)["properties"]["hs_email_optout"] == "true"
    assert account.app.contacts.required(ann).updated > before
    account.ask("DELETE", f"{CONTACTS}/{ann}")
    again = account.contact(email="ann@example.com")
    assert account.app.shown(again)["properties"]["hs_email_optout"] == "true"


# What people and tests do


def test_a_person_sees_and_edits_contacts(account: Account) -> None:
    made = account.app.edit(
        {"create": {"email": "ann@example.com", "lastname": "Miller", "lists": ["VIP"], "hs_email_optout": True}}
    )
    assert (made["lists"], made["hs_email_optout"]) == (["VIP"], "true")
    changed = account.app.edit(
        {"id": made["id"], "set": {"lists": ["Press"], "lastname": None, "hs_email_optout": False}}
    )
    assert changed["lists"] == ["Press"]
    assert "lastname" not in changed
    assert "hs_email_optout" not in changed
    assert account.app.state()["contacts"] == [changed]
    assert account.app.edit({"id": made["id"], "delete": True}) == {"id": made["id"], "deleted": True}
    assert account.app.state()["contacts"] == []


@pytest.mark.parametrize(
    "command",
    [{}, {"create": {"lastname": "x"}, "delete": True}, {"id": "1", "set": {"lastname": "x"}}, {"object": "deals", "create": {}},
     {"create": {"email": "no address"}}, {"create": {"shoe_size": "9"}}, {"id": "1", "restore": True}],
)  # fmt: skip
def test_commands_that_make_no_sense_are_told(account: Account, command: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        account.app.edit(command)


def test_the_server_may_change_what_it_stores(account: Account) -> None:
    account.app.normalise("contacts", [{"field": "phone", "do": "phone"}, {"field": "city", "do": "drop"}])
    ann = account.contact(phone="030/123 45", city="Berlin")
    shown = account.app.shown(ann)["properties"]
    assert (shown["phone"], shown["city"]) == ("03012345", None)
    with pytest.raises(ValueError, match="deals"):
        account.app.normalise("deals", [])


def test_calls_are_counted_without_names_and_ids(account: Account) -> None:
    def template(method: str, path: str) -> str:
        return account.app.template(Request(method, path))

    assert template("PATCH", f"{CONTACTS}/123") == f"PATCH {CONTACTS}/{{contact}}"
    assert template("POST", "/communication-preferences/v4/statuses/ann@example.com/unsubscribe-all") == (
        "POST /communication-preferences/v4/statuses/{email}/unsubscribe-all"
    )
    assert template("GET", "/oauth/v1/access-tokens/secret") == "GET /oauth/v1/access-tokens/{id}"
    assert template("PUT", "/crm/v3/lists/7/memberships/add") == "PUT /crm/v3/lists/{list}/memberships/{way}"


def test_a_share_of_a_batch_can_be_refused(account: Account) -> None:
    inputs = [{"properties": {"email": f"p{n}@example.com"}, "objectWriteTraceId": f"t{n}"} for n in range(40)]
    body = json.dumps({"inputs": inputs}).encode()
    headers = {"authorization": f"Bearer {account.app.setup.token}"}
    answer = account.app.refused_rows(
        Request("POST", f"{CONTACTS}/batch/create", (), headers, body), 0.5, "INVALID_OPTION"
    )
    told = json.loads(answer.body)
    assert answer.status == 207
    refused = told["errors"][0]["context"]["objectWriteTraceId"]
    assert 5 < len(refused) < 35
    assert len(refused) + len(told["results"]) == 40
    assert len(account.app.state()["contacts"]) == len(told["results"])


def test_knobs_are_turned_by_name(account: Account) -> None:
    account.app.tune({"index_lag": "7", "burst": 5})
    assert (account.app.setup.index_lag, account.app.setup.burst) == (7.0, 5)
    with pytest.raises(ValueError, match="no_such"):
        account.app.tune({"no_such": 1})
