"""The recycle bin through the API: looking into it, taking out of it, emptying it."""

import pytest

BIN = "settings/recycle_bin"


def deleted(zoho):
    return {row["id"]: row["type"] for row in zoho.call("GET", "Contacts/deleted").body["data"]}


def binned(zoho, *people):
    zoho.call("DELETE", "Contacts", ids=",".join(people))
    zoho.clock.moment += 10.0


def test_it_lists_what_was_deleted_newest_first(zoho):
    assert zoho.call("GET", BIN).status == 204
    first, second, kept = zoho.add(), zoho.add(), zoho.add()
    binned(zoho, first)
    binned(zoho, second)
    rows = zoho.call("GET", BIN).body["recycle_bin"]
    assert [row["id"] for row in rows] == [second, first]
    assert rows[0]["module"]["api_name"] == "Contacts"
    assert [row["id"] for row in zoho.call("GET", BIN, ids=first).body["recycle_bin"]] == [first]
    assert zoho.call("GET", f"{BIN}/{kept}").status == 204
    page = zoho.call("GET", BIN, per_page=1).body
    assert (page["info"]["count"], page["info"]["more_records"]) == (1, True)


def test_a_restored_record_is_there_again_modified_and_no_longer_deleted(zoho):
    one, two = zoho.add(), zoho.add()
    binned(zoho, one, two)
    before = zoho.call("GET", f"{BIN}/{one}").body["recycle_bin"][0]["deleted_time"]
    assert zoho.call("POST", f"{BIN}/{one}/actions/restore").status == 200
    assert zoho.get(one)["Modified_Time"] > before
    assert deleted(zoho) == {two: "recycle"}
    again = zoho.call("POST", f"{BIN}/actions/restore", body={"ids": [one, two]})
    assert again.status == 207
    assert [row["code"] for row in again.body["recycle_bin"]] == ["INVALID_DATA", "SUCCESS"]


def test_whoever_is_deleted_there_stays_in_the_list_of_the_deleted_without_a_name(zoho):
    one = zoho.add()
    binned(zoho, one)
    assert zoho.call("DELETE", BIN, ids=one).status == 200
    assert deleted(zoho) == {one: "permanent"}
    assert zoho.call("POST", f"{BIN}/{one}/actions/restore").status == 400
    assert zoho.call("DELETE", f"{BIN}/{one}").status == 400
    assert zoho.call("DELETE", BIN).status == 400
    assert zoho.call("GET", BIN).status == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "EXPECTED_FIELD_MISSING"), ({"recycle_bin": [{"id": "1"}]}, "EXPECTED_FIELD_MISSING"),
        ({"ids": ["1"], "restore_all_records": True}, "AMBIGUITY_DURING_PROCESSING"),
        ({"ids": "1"}, "INVALID_DATA"), ({"ids": []}, "INVALID_DATA"), ({"ids": [1]}, "INVALID_DATA"),
        ({"ids": [str(n) for n in range(201)]}, "INVALID_DATA"),
    ],
)  # fmt: skip
def test_a_restore_names_either_ids_or_everything(zoho, body, code):
    refused = zoho.call("POST", f"{BIN}/actions/restore", body=body)
    assert (refused.status, refused.body["code"]) == (400, code)


def test_everything_at_once_comes_back_by_a_job(zoho):
    one, two = zoho.add(), zoho.add()
    binned(zoho, one, two)
    done = zoho.call("POST", f"{BIN}/actions/restore", body={"restore_all_records": True})
    assert (done.status, done.body["recycle_bin"][0]["code"]) == (202, "SCHEDULED")
    assert {row["id"] for row in zoho.fields().rows} == {one, two}


def test_where_restored_ids_stay_among_the_deleted_a_record_is_in_both_lists(make_zoho):
    zoho = make_zoho(restored_stay=True)
    one = zoho.add()
    binned(zoho, one)
    assert zoho.call("POST", f"{BIN}/actions/restore", body={"ids": [one]}).status == 200
    assert deleted(zoho) == {one: "recycle"}
    assert [row["id"] for row in zoho.fields().rows] == [one]
    assert zoho.call("GET", BIN).status == 204
    assert zoho.call("POST", f"{BIN}/{one}/actions/restore").status == 400
    binned(zoho, one)
    assert deleted(zoho) == {one: "recycle"}
    assert [row["id"] for row in zoho.call("GET", BIN).body["recycle_bin"]] == [one]
