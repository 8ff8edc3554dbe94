"""Lists: mandatory fields, pages and tokens, orders, conditional reads."""

import pytest

SORTED = {"sort_by": "Modified_Time", "sort_order": "asc"}


def test_fields_are_mandatory_and_at_most_fifty(zoho):
    zoho.fill(1)
    missing = zoho.call("GET", "Contacts")
    assert (missing.status, missing.body["code"]) == (400, "REQUIRED_PARAM_MISSING")
    many = zoho.fields(*(f"F{n}" for n in range(51)))
    assert (many.status, many.body["code"]) == (400, "LIMIT_EXCEEDED")


def test_an_empty_module_answers_204_without_a_body(zoho):
    reply = zoho.fields("Last_Name")
    assert (reply.status, reply.body) == (204, b"")


def test_the_default_order_is_the_newest_id_first(zoho):
    zoho.fill(3)
    assert [row["Last_Name"] for row in zoho.fields().rows] == ["Person 2", "Person 1", "Person 0"]


def test_info_tells_the_page_and_a_token_while_there_is_more(zoho):
    zoho.fill(250)
    first = zoho.fields().body["info"]
    assert (first["per_page"], first["count"], first["page"], first["more_records"]) == (200, 200, 1, True)
    assert (first["sort_by"], first["sort_order"]) == ("id", "desc")
    assert first["next_page_token"]
    assert first["previous_page_token"] is None
    assert first["page_token_expiry"] == "2026-11-25T13:00:00+01:00"
    last = zoho.fields(page_token=first["next_page_token"]).body["info"]
    assert (last["count"], last["page"], last["more_records"]) == (50, 2, False)
    assert last["next_page_token"] is None
    assert last["page_token_expiry"] is None
    assert zoho.fields(page_token=last["previous_page_token"]).body["info"]["count"] == 200


def test_pages_by_number_end_at_two_thousand_records(zoho):
    zoho.fill(2_300)
    tenth = zoho.fields(page=10)
    assert tenth.body["info"]["more_records"] is True
    wall = zoho.fields(page=11)
    assert (wall.status, wall.body["code"], wall.body["details"]) == (
        400,
        "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
        {"limit": 2000},
    )
    beyond = zoho.fields(page_token=tenth.body["info"]["next_page_token"])
    assert beyond.rows[0]["Last_Name"] == "Person 299"


@pytest.mark.parametrize(
    "order", [{}, {"sort_order": "asc"}, SORTED, {**SORTED, "sort_order": "desc"}, {"sort_by": "Created_Time"}]
)
def test_tokens_walk_through_everything_once_in_order(zoho, order):
    zoho.fill(1_111)
    seen, token = [], {}
    while True:
        reply = zoho.fields("Modified_Time", per_page=100, **order, **token)
        seen += [row["id"] for row in reply.rows]
        if not reply.body["info"]["more_records"]:
            break
        token = {"page_token": reply.body["info"]["next_page_token"]}
    assert len(set(seen)) == len(seen) == 1_111
    assert seen == sorted(seen, reverse=order.get("sort_order", "desc") == "desc")


def test_a_token_is_bound_to_the_other_parameters_and_lives_a_day(zoho):
    zoho.fill(300)
    token = zoho.fields("Last_Name").body["info"]["next_page_token"]
    assert zoho.fields("Email", page_token=token).body["code"] == "TOKEN_BOUND_DATA_MISMATCH"
    assert zoho.fields("Last_Name", page_token=token, page=2).body["code"] == "AMBIGUITY_DURING_PROCESSING"
    assert zoho.fields("Last_Name", page_token="nonsense").body["code"] == "INVALID_DATA"
    zoho.clock.moment += 86_401
    zoho.log_in()
    assert zoho.fields("Last_Name", page_token=token).body["code"] == "EXPIRED_VALUE"


def test_a_token_is_bound_to_module_header_and_user(zoho):
    zoho.fill(300)
    token = zoho.fields("Last_Name").body["info"]["next_page_token"]
    leads = zoho.call("GET", "Leads", fields="Last_Name", page_token=token)
    since = zoho.fields("Last_Name", page_token=token, headers={"if-modified-since": "2026-11-24T00:00:00+00:00"})
    sorted_so = zoho.fields("Last_Name", page_token=token, sort_by="Modified_Time")
    for refused in (leads, since, sorted_so):
        assert (refused.status, refused.body["code"]) == (400, "TOKEN_BOUND_DATA_MISMATCH")
    zoho.app.tune({"user": "ben@example.com"})
    stranger = zoho.fields("Last_Name", page_token=token)
    assert (stranger.status, stranger.body["code"]) == (400, "INVALID_DATA")
    zoho.app.tune({"user": "robot@example.com"})
    assert len(zoho.fields("Last_Name", page_token=token).rows) == 100


def test_tokens_reach_a_hundred_thousand_records(zoho):
    zoho.fill(100_300)
    reply = zoho.fields(**SORTED)
    for _ in range(499):
        reply = zoho.fields(page_token=reply.body["info"]["next_page_token"], **SORTED)
    assert reply.rows[-1]["Last_Name"] == "Person 99999"
    wall = zoho.fields(page_token=reply.body["info"]["next_page_token"], **SORTED)
    assert (wall.status, wall.body["code"]) == (400, "PAGINATION_LIMIT_EXCEEDED")


def test_if_modified_since_includes_its_own_second(zoho):
    zoho.add(Last_Name="Old")
    zoho.clock.moment += 10.7
    zoho.add(Last_Name="New")
    since = {"if-modified-since": "2026-11-24T13:00:10+01:00"}
    for order in ({}, SORTED):
        assert [row["Last_Name"] for row in zoho.fields(headers=since, **order).rows] == ["New"]
    later = zoho.fields(headers={"if-modified-since": "2026-11-24T12:00:11+00:00"})
    assert (later.status, later.body) == (304, b"")
    assert zoho.fields(headers={"if-modified-since": "yesterday"}).status == 400


def test_ids_ask_for_some_records_and_have_a_longest_form(zoho):
    zoho.fill(60)
    ids = [row["id"] for row in zoho.fields().rows]
    assert {row["id"] for row in zoho.fields(ids=",".join(ids[:51])).rows} == set(ids[:51])
    assert zoho.fields(ids=",".join(ids[:52])).body["code"] == "LIMIT_EXCEEDED"
    assert zoho.fields(ids="5545974000009999999").status == 204


def test_one_record_shows_all_its_fields_and_a_missing_one_is_204(zoho):
    number = zoho.add(First_Name="Ann", Email="ann@example.org")
    record = zoho.get(number)
    assert record["Full_Name"] == "Ann Doe"
    assert record["Phone"] is None
    assert record["Email_Opt_Out"] is False
    assert record["Tag"] == []
    assert record["Owner"]["name"] == "Sync Robot"
    assert record["$approval_state"] == "approved"
    assert isinstance(record["id"], str)
    assert len(record["id"]) == 19
    assert zoho.call("GET", "Contacts/5545974000009999999").status == 204


def test_times_are_whole_seconds_with_the_users_offset_which_summer_moves(make_zoho):
    zoho = make_zoho()
    zoho.clock.moment += 0.9
    assert zoho.get(zoho.add())["Created_Time"] == "2026-11-24T13:00:00+01:00"
    zoho.clock.moment += 200 * 86_400
    zoho.log_in()
    assert zoho.get(zoho.add())["Created_Time"].endswith("+02:00")
    india = make_zoho(time_zone="+05:30")
    assert india.get(india.add())["Created_Time"] == "2026-11-24T17:30:00+05:30"


def test_each_user_sees_times_in_a_zone_of_their_own(zoho):
    one = zoho.add()
    seen = {}
    for user in ("robot", "ben", "dora"):
        zoho.app.tune({"user": f"{user}@example.com"})
        zoho.log_in()
        seen[user] = zoho.get(one)["Modified_Time"]
        (me,) = zoho.call("GET", "users", type="CurrentUser").body["users"]
        assert me["email"] == f"{user}@example.com"
        assert me["time_zone"] == {"robot": "Europe/Berlin", "ben": "+05:30", "dora": "-11:00"}[user]
        assert zoho.call("GET", "org").body["org"][0]["time_zone"] == "Europe/Berlin"
    assert seen == {
        "robot": "2026-11-24T13:00:00+01:00", "ben": "2026-11-24T17:30:00+05:30", "dora": "2026-11-24T01:00:00-11:00",
    }  # fmt: skip


def test_a_record_names_the_user_whose_token_wrote_it(zoho):
    zoho.app.tune({"user": "ben@example.com"})
    one = zoho.get(zoho.add())
    assert one["Modified_By"]["email"] == one["Owner"]["email"] == "ben@example.com"
    code = zoho.app.edit(
        {"object": "self_client", "create": {"scope": "ZohoCRM.modules.ALL", "user": "dora@example.com"}}
    )
    form = {"grant_type": "authorization_code", "code": code["code"], "refresh_token": ""}
    zoho.token = zoho.refresh(**form).body["access_token"]
    assert zoho.get(zoho.add())["Created_By"]["email"] == "dora@example.com"
    assert zoho.get(zoho.add())["Created_Time"].endswith("-11:00")


def test_a_listing_is_stable_while_records_change_behind_it(zoho):
    zoho.fill(400)
    first = zoho.fields(per_page=200, **SORTED)
    zoho.update({"id": first.rows[0]["id"], "Title": "Moved to the end"})
    second = zoho.fields(per_page=200, page_token=first.body["info"]["next_page_token"], **SORTED)
    assert [row["Last_Name"] for row in second.rows] == [f"Person {n}" for n in range(200, 400)]
    assert second.body["info"]["more_records"] is True
