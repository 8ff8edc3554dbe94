"""The recycle bin through the API: looking into it, taking out of it, emptying it."""

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
    again = zoho.call("POST", f"{BIN}/actions/restore", body={"recycle_bin": [{"id": one}, {"id": two}]})
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
