"""Bulk Read: jobs, their states, files and limits."""

import csv
import io
import json
import zipfile

import pytest

ALL = "/crm/bulk/v8/read"


def add(zoho, *fields, **more):
    query = {"module": {"api_name": "Contacts"}, "fields": list(fields) or ["Last_Name"], **more}
    return zoho.call("POST", ALL, body={"query": query, "file_type": "csv"})


def added(zoho, *fields, **more):
    reply = add(zoho, *fields, **more)
    assert (reply.status, reply.rows[0]["code"]) == (201, "ADDED_SUCCESSFULLY"), reply
    return reply.rows[0]["details"]["id"]


def look(zoho, job):
    return zoho.call("GET", f"{ALL}/{job}").rows[0]


def table(zoho, job):
    with zipfile.ZipFile(io.BytesIO(zoho.send("GET", f"{ALL}/{job}/result").body)) as packed:
        assert packed.namelist() == [f"{job}.csv"]
        return list(csv.reader(io.StringIO(packed.read(f"{job}.csv").decode(), newline="")))


def test_a_job_takes_its_time_and_then_has_a_file_of_what_was_there_when_it_was_added(zoho):
    zoho.fill(3)
    job, states = added(zoho), []
    zoho.add(Last_Name="Late")
    for _ in range(6):
        states.append(look(zoho, job)["state"])
        zoho.clock.moment += 8.0
    assert list(dict.fromkeys(states)) == ["ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]
    result = look(zoho, job)["result"]
    assert (result["count"], result["more_records"], result["per_page"]) == (3, False, 200_000)
    assert result["download_url"] == f"{ALL}/{job}/result"
    rows = table(zoho, job)
    assert rows[0] == ["Id", "Last_Name"]
    assert sorted(row[1] for row in rows[1:]) == ["Person 0", "Person 1", "Person 2"]


def test_cells_are_text_and_say_less_than_a_list(zoho):
    account = zoho.call("POST", "Accounts", body={"data": [{"Account_Name": "Muster"}]}).rows[0]["details"]["id"]
    zoho.add(Last_Name='O"Hara\n2', Email_Opt_Out=True, Account_Name={"id": account})
    job = added(zoho, "Last_Name", "Email_Opt_Out", "Account_Name", "Account_Name.Account_Name", "Email", "Owner")
    zoho.clock.moment += 40.0
    (row,) = table(zoho, job)[1:]
    assert row[1:6] == ['O"Hara\n2', "true", account, "Muster", ""]
    assert row[6] == str(zoho.app.crm.users[0].number)


def test_a_file_has_room_for_so_many_and_criteria_choose(zoho):
    zoho.fill(30)
    zoho.app.tune({"bulk_rows": 20})
    first, second = added(zoho), added(zoho, page=2)
    start = zoho.fields("Modified_Time", sort_by="id", sort_order="asc").rows[0]["Modified_Time"]
    some = added(zoho, criteria={"group_operator": "and", "group": [
        {"field": {"api_name": "Modified_Time"}, "comparator": "less_equal", "value": start}]})  # fmt: skip
    zoho.clock.moment += 40.0
    assert look(zoho, first)["result"]["more_records"] is True
    ids = [row[0] for job in (first, second) for row in table(zoho, job)[1:]]
    assert len(set(ids)) == 30
    assert look(zoho, some)["result"]["count"] == 10


def test_a_job_is_dear_and_downloads_are_few(zoho):
    before = zoho.app.purse.used()
    job = added(zoho)
    assert zoho.app.purse.used() - before == 50
    zoho.clock.moment += 40.0
    statuses = [zoho.send("GET", f"{ALL}/{job}/result").status for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert zoho.app.purse.used() - before == 61
    zoho.clock.moment += 61.0
    assert zoho.send("GET", f"{ALL}/{job}/result").status == 200


def test_results_are_kept_for_a_day(zoho):
    job = added(zoho)
    assert zoho.call("GET", f"{ALL}/{job}/result").status == 400, "it has none yet"
    zoho.clock.moment += 86_400.0 + 41.0
    zoho.log_in()
    assert zoho.call("GET", f"{ALL}/{job}").status == 404
    assert zoho.call("GET", f"{ALL}/{job}/result").status == 404


def test_whoever_wants_to_is_told_of_the_end(zoho):
    body = {
        "query": {"module": {"api_name": "Contacts"}},
        "callback": {"url": "http://x.example/done", "method": "post"},
    }
    job = zoho.call("POST", ALL, body=body).rows[0]["details"]["id"]
    assert zoho.app.outgoing() == []
    assert zoho.app.next_outgoing() == 40.0
    zoho.clock.moment += 40.0
    (call,) = zoho.app.outgoing()
    assert call.url == "http://x.example/done"
    assert json.loads(call.body)["data"][0]["id"] == job
    assert zoho.app.next_outgoing() is None


def test_a_job_may_fail(zoho):
    zoho.app.tune({"bulk_failures": 1})
    first, second = added(zoho), added(zoho)
    zoho.clock.moment += 40.0
    assert (look(zoho, first)["state"], look(zoho, second)["state"]) == ("FAILURE", "COMPLETED")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"module": {"api_name": "Nowhere"}}, "INVALID_MODULE"), ({"module": {}}, "MANDATORY_NOT_FOUND"),
        ({"fields": ["Tag"]}, "INVALID_DATA"), ({"fields": ["Nothing"]}, "INVALID_DATA"),
        ({"fields": ["Email.id"]}, "INVALID_DATA"), ({"page": 0}, "INVALID_DATA"),
        ({"criteria": {"field": {"api_name": "Nothing"}, "comparator": "equal", "value": "1"}}, "INVALID_DATA"),
        ({"criteria": {"group": []}}, "INVALID_DATA"),
    ],
)  # fmt: skip
def test_what_is_refused(zoho, change, code):
    reply = add(zoho, **change)
    assert (reply.status, reply.body["code"]) == (400, code)


def test_a_login_without_the_scope_is_refused(zoho):
    zoho.app.tune({"bulk": False})
    assert add(zoho).body["code"] == "OAUTH_SCOPE_MISMATCH"


def test_records_can_be_counted_with_the_right_to_search(zoho):
    zoho.fill(30)
    assert zoho.call("GET", "Contacts/actions/count").body == {"count": 30}
    moment = zoho.fields("Modified_Time", sort_by="id", sort_order="asc").rows[0]["Modified_Time"].replace(":", "\\:")
    some = f"(Modified_Time:between:{moment},{moment})"
    assert zoho.call("GET", "Contacts/actions/count", criteria=some).body == {"count": 10}
    zoho.app.tune({"counts": False})
    assert zoho.call("GET", "Contacts/actions/count").status == 401
