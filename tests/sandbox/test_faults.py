"""Faults: what the client sees, and whether the app carried the request out."""

import json

import pytest

from zohosyncd.sandbox.faults import grown
from zohosyncd.sandbox.wire import Delayed, Reset, Response


@pytest.fixture
def fail(zoho):
    def set_rules(*rules):
        reply = zoho.call("POST", "/_sandbox/faults", body={"app": "zoho_crm", "rules": list(rules)})
        assert reply.status == 200, reply.body

    return set_rules


def post(zoho):
    return zoho.send("POST", "/crm/v8/Contacts", body={"data": [{"Last_Name": "Doe"}] * 4, "trigger": []})


def stored(zoho):
    return len(zoho.app.state()["Contacts"])


@pytest.mark.parametrize("executed", [True, False])
def test_a_status_comes_before_or_after_the_execution(zoho, fail, executed):
    fail({"fault": "status", "status": 503, "headers": {"Retry-After": 7}, "body": {"code": "X"}, "executed": executed})
    answer = post(zoho)
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers["Retry-After"], json.loads(answer.body)) == (503, "7", {"code": "X"})
    assert stored(zoho) == (4 if executed else 0)


@pytest.mark.parametrize("executed", [True, False])
def test_a_reset_comes_instead_of_an_answer_or_inside_it(zoho, fail, executed):
    fail({"fault": "reset", "executed": executed})
    answer = post(zoho)
    assert isinstance(answer, Reset)
    assert (answer.partial is not None, stored(zoho)) == (executed, 4 if executed else 0)


@pytest.mark.parametrize("executed", [True, False])
def test_a_hanging_server_is_silent_whether_or_not_it_did_the_work(zoho, fail, executed):
    fail({"fault": "hang", "executed": executed})
    answer = post(zoho)
    assert isinstance(answer, Delayed)
    assert answer.late() is None
    assert stored(zoho) == (4 if executed else 0)


@pytest.mark.parametrize("executed", [True, False])
def test_a_slow_server_works_before_or_after_it_waits(zoho, fail, executed):
    fail({"fault": "slow", "seconds": 9, "executed": executed})
    answer = post(zoho)
    assert isinstance(answer, Delayed)
    assert answer.seconds == 9
    assert stored(zoho) == (4 if executed else 0)
    late = answer.late()
    assert late is not None
    assert late.status == 201
    assert stored(zoho) == 4


def test_html_stands_where_json_should(zoho, fail):
    fail({"fault": "html"})
    answer = zoho.send("GET", "/crm/v8/org")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")


def test_an_empty_list_is_told_in_the_apps_own_words(zoho, fail):
    zoho.add()
    fail({"fault": "empty", "path": "/crm/v8/Contacts*"})
    assert zoho.fields().status == 204
    assert zoho.fields(headers={"if-modified-since": "2001-01-01T00:00:00+00:00"}).status == 304
    assert (
        zoho.call("GET", "Contacts/deleted", headers={"if-modified-since": "2001-01-01T00:00:00+00:00"}).status == 204
    )


def test_a_truncated_answer_is_half_of_one(zoho, fail):
    whole = zoho.send("GET", "/crm/v8/org").body
    fail({"fault": "truncate"})
    assert zoho.send("GET", "/crm/v8/org").body == whole[: len(whole) // 2]


def test_a_share_of_the_rows_is_refused_evenly_over_batches(zoho, fail):
    fail({"fault": "rows", "share": 0.5, "code": "INVALID_DATA", "method": "POST"})
    answer = post(zoho)
    assert answer.status == 207
    assert [row["code"] for row in json.loads(answer.body)["data"]] == ["SUCCESS", "INVALID_DATA"] * 2
    single = [zoho.insert({"Last_Name": "Doe"}).codes[0] for _ in range(4)]
    assert sorted(single) == ["INVALID_DATA", "INVALID_DATA", "SUCCESS", "SUCCESS"]


def test_rules_choose_by_method_path_count_and_rate(zoho, fail):
    fail({"fault": "status", "method": "GET", "path": "/crm/v8/Contacts/*", "count": 2})
    assert post(zoho).status == 201
    assert zoho.fields().status == 200
    assert [zoho.call("GET", "Contacts/deleted").status for _ in range(3)] == [503, 503, 204]
    fail({"fault": "status", "rate": 0.5})
    statuses = [zoho.call("GET", "org").status for _ in range(200)]
    assert 60 < statuses.count(503) < 140
    fail()
    assert zoho.call("GET", "org").status == 200


def test_equal_seeds_strike_at_the_same_moments(make_zoho):
    def strikes() -> list[int]:
        zoho = make_zoho()
        zoho.call("POST", "/_sandbox/faults", body={"app": "zoho_crm", "rules": [{"fault": "status", "rate": 0.3}]})
        return [zoho.call("GET", "org").status for _ in range(50)]

    assert strikes() == strikes()


@pytest.mark.parametrize("rule", [{"fault": "sulk"}, {}, {"fault": "status", "mood": "bad"}])
def test_rules_that_mean_nothing_are_refused_with_the_reason(zoho, rule):
    reply = zoho.call("POST", "/_sandbox/faults", body={"app": "zoho_crm", "rules": [rule]})
    assert reply.status == 400
    assert "known:" in reply.body["error"]


def test_a_fault_can_let_some_requests_pass_first(zoho, fail):
    fail({"fault": "status", "status": 503, "after": 2, "count": 1})
    assert [post(zoho).status for _ in range(4)] == [201, 201, 503, 201]


def test_a_grown_answer_has_something_new_in_every_part_and_all_that_was_there(zoho, fail):
    plain = post(zoho)
    fail({"fault": "grow"})
    grown = json.loads(post(zoho).body)
    assert grown.pop("new_in_this_version")
    assert grown.keys() == json.loads(plain.body).keys()
    assert all("new_in_this_version" in each and "new_in_this_version" in each["details"] for each in grown["data"])


def test_xml_grows_after_its_elements_and_its_texts_stay():
    assert grown(b"<a><b>text</b></a>") == b'<a><b>text</b><new xmlns="urn:example:version">1</new></a>'
    assert grown(b"BEGIN:VCARD") == b"BEGIN:VCARD"
