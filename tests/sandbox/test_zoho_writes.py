"""Writes: outcomes by row, statuses by share, validation, upsert, preconditions, workflows."""

import pytest

from zohosyncd.sandbox.zoho.crm import Workflow


def test_all_rows_good_is_201_some_207_none_400(zoho):
    good, bad = {"Last_Name": "Doe"}, {"First_Name": "Nobody"}
    assert zoho.insert(good, good).status == 201
    mixed = zoho.insert(good, bad, good)
    assert (mixed.status, mixed.codes) == (207, ["SUCCESS", "MANDATORY_NOT_FOUND", "SUCCESS"])
    assert mixed.rows[1]["details"] == {"api_name": "Last_Name", "json_path": "$.data[1].Last_Name"}
    assert zoho.insert(bad).status == 400


def test_a_success_tells_id_times_and_authors_but_not_the_record(zoho):
    details = zoho.insert({"Last_Name": "Doe"}).rows[0]["details"]
    assert set(details) == {"id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", "$approval_state"}
    assert details["Created_By"] == {"name": "Sync Robot", "id": "5545974000000293001"}
    assert details["$approval_state"] == "approved"


@pytest.mark.parametrize(
    ("values", "details"),
    [
        ({"First_Name": "x" * 41}, {"api_name": "First_Name", "maximum_length": 40}),
        ({"Last_Name": "x" * 81}, {"api_name": "Last_Name", "maximum_length": 80}),
        ({"Description": "x" * 32_001}, {"api_name": "Description", "maximum_length": 32_000}),
        ({"Phone": "030/123456"}, {"api_name": "Phone", "expected_data_type": "phone"}),
        ({"Phone": "call me!"}, {"api_name": "Phone", "expected_data_type": "phone"}),
        ({"Email": "not an address"}, {"api_name": "Email", "expected_data_type": "email"}),
        ({"Date_of_Birth": "24.12.1980"}, {"api_name": "Date_of_Birth", "expected_data_type": "date"}),
        ({"Date_of_Birth": "1981-02-29"}, {"api_name": "Date_of_Birth", "expected_data_type": "date"}),
        ({"Email_Opt_Out": "yes"}, {"api_name": "Email_Opt_Out", "expected_data_type": "boolean"}),
        ({"First_Name": 12}, {"api_name": "First_Name", "expected_data_type": "text"}),
        ({"Account_Name": "Acme"}, {"api_name": "Account_Name", "expected_data_type": "jsonobject"}),
    ],
)
def test_one_bad_value_refuses_the_whole_record(zoho, values, details):
    reply = zoho.insert({"Last_Name": "Doe", **values})
    assert reply.status == 400
    assert reply.codes == ["INVALID_DATA"]
    assert reply.rows[0]["details"] == {**details, "json_path": f"$.data[0].{details['api_name']}"}
    assert zoho.fields().status == 204


@pytest.mark.parametrize(
    "phone", ["+49 30 901820", "(030) 90-1820", "+1 (212) 555-0123", "030.901820", "0049 30 901820", "901820,12"]
)
def test_phone_numbers_pass_in_the_usual_spellings(zoho, phone):
    assert zoho.get(zoho.add(Phone=phone))["Phone"] == phone


def test_values_are_trimmed_and_an_empty_text_is_nothing(zoho):
    record = zoho.get(zoho.add(First_Name="  Ann ", Title="   "))
    assert (record["First_Name"], record["Title"]) == ("Ann", None)
    assert zoho.insert({"Last_Name": "  "}).codes == ["MANDATORY_NOT_FOUND"]


def test_unknown_and_read_only_names_are_ignored_without_a_word(zoho):
    record = zoho.get(zoho.add(No_Such_Field="x", Full_Name="Other", Modified_Time="2001-01-01T00:00:00+00:00"))
    assert record["Full_Name"] == "Doe"
    assert "No_Such_Field" not in record
    assert record["Modified_Time"].startswith("2026")


def test_picklists_take_unknown_values_unless_they_are_strict(make_zoho):
    loose, strict = make_zoho(), make_zoho(strict_picklists=True)
    assert loose.get(loose.add(Lead_Source="Carrier Pigeon"))["Lead_Source"] == "Carrier Pigeon"
    assert strict.insert({"Last_Name": "Doe", "Lead_Source": "Carrier Pigeon"}).codes == ["INVALID_DATA"]


def test_an_update_changes_what_it_names_and_null_empties(zoho):
    number = zoho.add(First_Name="Ann", Title="Buyer")
    assert zoho.update({"id": number, "Title": None, "Department": "Sales"}).status == 200
    record = zoho.get(number)
    assert (record["First_Name"], record["Title"], record["Department"]) == ("Ann", None, "Sales")
    assert zoho.update({"id": number, "Last_Name": None}).codes == ["MANDATORY_NOT_FOUND"]


def test_every_update_moves_the_modified_time_even_when_nothing_differs(zoho):
    number = zoho.add(Title="Buyer")
    zoho.clock.moment += 5
    details = zoho.update({"id": number, "Title": "Buyer"}).rows[0]["details"]
    assert (details["Created_Time"], details["Modified_Time"]) == (
        "2026-11-24T13:00:00+01:00",
        "2026-11-24T13:00:05+01:00",
    )


def test_updates_of_missing_ids_are_row_errors(zoho):
    number = zoho.add()
    reply = zoho.update({"id": number, "Title": "x"}, {"id": "5545974000009999999"}, {"Title": "y"})
    assert (reply.status, reply.codes) == (207, ["SUCCESS", "INVALID_DATA", "MANDATORY_NOT_FOUND"])


def test_one_record_is_updated_by_its_path(zoho):
    number = zoho.add()
    assert zoho.call("PUT", f"Contacts/{number}", body={"data": [{"Title": "Buyer"}], "trigger": []}).status == 200
    assert zoho.get(number)["Title"] == "Buyer"


def test_a_locked_record_refuses_writes(zoho):
    number = zoho.add()
    zoho.app.tune({"lock": [number]})
    assert zoho.update({"id": number, "Title": "x"}).codes == ["RECORD_LOCKED"]
    zoho.app.tune({"unlock": [number]})
    assert zoho.update({"id": number, "Title": "x"}).codes == ["SUCCESS"]


def test_a_hundred_rows_are_the_most(zoho):
    assert zoho.insert(*[{"Last_Name": "Doe"}] * 100).status == 201
    reply = zoho.insert(*[{"Last_Name": "Doe"}] * 101)
    assert (reply.status, reply.body["code"]) == (400, "LIMIT_EXCEEDED")


def test_bodies_that_are_no_batch_are_refused_as_a_whole(zoho):
    assert zoho.call("POST", "Contacts", body=b"{not json").body["code"] == "INVALID_DATA"
    assert zoho.call("POST", "Contacts", body={}).body["code"] == "MANDATORY_NOT_FOUND"
    assert zoho.call("POST", "Contacts", body={"data": [7]}).codes == ["INVALID_DATA"]


def test_insert_takes_the_same_address_twice_and_upsert_does_not(zoho):
    first = zoho.add(Email="ann@example.org")
    second = zoho.add(Email="ann@example.org")
    assert first != second
    reply = zoho.call(
        "POST",
        "Contacts/upsert",
        body={
            "data": [{"Last_Name": "New", "Email": "ANN@example.org"}, {"Last_Name": "Other", "Email": "b@example.org"}]
        },
    )
    assert reply.status == 200
    assert [(row["action"], row["duplicate_field"]) for row in reply.rows] == [("update", "Email"), ("insert", None)]
    assert reply.rows[0]["details"]["id"] == first


def test_upsert_checks_unique_fields_in_the_order_of_the_documentation(make_zoho):
    zoho = make_zoho(unique=frozenset({"Customer_Number"}))
    by_email, by_number = zoho.add(Email="ann@example.org"), zoho.add(Customer_Number="C-1")
    row = {"Last_Name": "Doe", "Email": "ann@example.org", "Customer_Number": "C-2"}

    def upsert(**more):
        return zoho.call(
            "POST", "Contacts/upsert", body={"data": [{**row, **more.pop("change", {})}], "trigger": [], **more}
        )

    assert upsert(duplicate_check_fields=["Customer_Number"]).rows[0]["action"] == "insert"
    assert (
        upsert(change={"Customer_Number": "c-1"}, duplicate_check_fields=["Customer_Number"]).rows[0]["details"]["id"]
        == by_number
    )
    assert upsert(change={"Customer_Number": None}).rows[0]["details"]["id"] == by_email
    assert upsert(duplicate_check_fields=["Title"]).body["code"] == "INVALID_DATA"


def test_a_deleted_record_is_no_match_for_upsert(zoho):
    number = zoho.add(Email="ann@example.org")
    zoho.call("DELETE", f"Contacts/{number}")
    reply = zoho.call("POST", "Contacts/upsert", body={"data": [{"Last_Name": "Doe", "Email": "ann@example.org"}]})
    assert reply.rows[0]["action"] == "insert"


def test_a_unique_field_refuses_a_second_holder_and_names_the_first(make_zoho):
    zoho = make_zoho(unique=frozenset({"Customer_Number"}))
    holder = zoho.add(Customer_Number="C-1")
    error = zoho.insert({"Last_Name": "Doe", "Customer_Number": "C-1"}).rows[0]
    assert error["code"] == "DUPLICATE_DATA"
    assert error["details"]["api_name"] == "Customer_Number"
    assert error["details"]["duplicate_record"]["id"] == error["details"]["id"] == holder
    assert zoho.update({"id": holder, "Customer_Number": "C-1"}).codes == ["SUCCESS"]


def test_if_unmodified_since_refuses_a_call_with_412_when_a_record_is_newer(zoho):
    number = zoho.add(Title="Old")
    zoho.clock.moment += 5
    border = {"if-unmodified-since": "2026-11-24T13:00:00+01:00"}
    assert zoho.update({"id": number, "Title": "New"}, headers=border).status == 200
    refused = zoho.update({"id": number, "Title": "Newer"}, headers=border)
    assert (refused.status, refused.body["code"]) == (412, "ALREADY_MODIFIED")
    assert zoho.get(number)["Title"] == "New"


def test_without_trigger_workflows_run_and_an_empty_list_stops_them(make_zoho):
    zoho = make_zoho(workflow=Workflow({"Description": "seen by a workflow"}, delay=2.0))
    loud = zoho.call("POST", "Contacts", body={"data": [{"Last_Name": "Loud"}]}).rows[0]["details"]["id"]
    quiet = zoho.add()
    assert zoho.get(loud)["Description"] is None
    zoho.clock.moment += 2
    assert zoho.get(loud)["Description"] == "seen by a workflow"
    assert zoho.get(loud)["Modified_Time"] == "2026-11-24T13:00:02+01:00"
    assert zoho.get(quiet)["Description"] is None


def test_a_lookup_names_an_existing_account_by_id(zoho):
    account = zoho.call("POST", "Accounts", body={"data": [{"Account_Name": "Acme"}]}).rows[0]["details"]["id"]
    number = zoho.add(Account_Name={"id": account})
    assert zoho.get(number)["Account_Name"] == {"name": "Acme", "id": account}
    assert zoho.insert({"Last_Name": "Doe", "Account_Name": {"id": "5545974000009999999"}}).codes == ["INVALID_DATA"]
    assert zoho.insert({"Last_Name": "Doe", "Owner": {"id": "5545974000000293004"}}).codes == ["INVALID_DATA"]


def test_ids_are_deterministic_and_grow(make_zoho):
    one, two = make_zoho(), make_zoho()
    ids = [one.add() for _ in range(5)]
    assert ids == [two.add() for _ in range(5)]
    assert ids == sorted(set(ids))
