"""Tags: the list of a module, the two actions, their limits; owners; and what people do with both in Zoho's pages."""

import pytest


def tag(zoho, action, names, ids, *, one=None, **more):
    path = f"Contacts/{one}/actions/{action}" if one else f"Contacts/actions/{action}"
    body = {"tags": [{"name": name} for name in names], **({} if one else {"ids": list(ids)}), **more}
    return zoho.call("POST", path, body=body)


def names(zoho, number):
    return [each["name"] for each in zoho.get(number)["Tag"]]


def test_a_record_without_tags_shows_an_empty_list_and_a_module_without_tags_answers_nothing(zoho):
    assert zoho.get(zoho.add())["Tag"] == []
    assert zoho.call("GET", "settings/tags", module="Contacts").status == 204


def test_unknown_names_are_made_and_any_case_finds_them_again(zoho):
    first, second = zoho.add(), zoho.add()
    assert tag(zoho, "add_tags", ["VIP", "Fair"], [first]).status == 200
    assert tag(zoho, "add_tags", ["vip"], [second]).rows[0]["details"] == {"id": second, "tags": ["VIP"]}
    listed = zoho.call("GET", "settings/tags", module="Contacts").body
    assert [each["name"] for each in listed["tags"]] == ["VIP", "Fair"]
    assert listed["info"]["count"] == 2
    assert zoho.get(second)["Tag"][0]["id"] == listed["tags"][0]["id"]
    assert zoho.call("GET", "settings/tags", module="Accounts").status == 204


def test_adding_keeps_what_is_there_unless_it_shall_be_written_over(zoho):
    number = zoho.add()
    tag(zoho, "add_tags", ["A", "B"], [number])
    tag(zoho, "add_tags", ["B", "C"], [number])
    assert names(zoho, number) == ["A", "B", "C"]
    tag(zoho, "add_tags", ["D"], [number], over_write=True)
    assert names(zoho, number) == ["D"]


def test_removing_takes_only_what_is_named(zoho):
    number = zoho.add()
    tag(zoho, "add_tags", ["A", "B"], [number])
    assert tag(zoho, "remove_tags", ["a", "never seen"], [number]).rows[0]["details"]["tags"] == ["B"]
    assert names(zoho, number) == ["B"]


def test_rows_are_answered_in_order_each_with_its_own_outcome(zoho):
    good, locked = zoho.add(), zoho.add()
    zoho.app.tune({"lock": [locked]})
    reply = tag(zoho, "add_tags", ["A"], [good, "5545974000099999999", locked])
    assert (reply.status, reply.codes) == (207, ["SUCCESS", "INVALID_DATA", "RECORD_LOCKED"])
    assert reply.body["success_count"] == "1"
    assert names(zoho, locked) == []


def test_one_record_by_its_path_and_ids_as_numbers(zoho):
    number = zoho.add()
    assert tag(zoho, "add_tags", ["A"], [], one=number).status == 200
    assert tag(zoho, "add_tags", ["B"], [int(number)]).status == 200
    assert names(zoho, number) == ["A", "B"]


def test_a_record_holds_ten_tags(zoho):
    number = zoho.add()
    tag(zoho, "add_tags", [f"T{n}" for n in range(10)], [number])
    reply = tag(zoho, "add_tags", ["one more"], [number])
    assert (reply.status, reply.codes) == (400, ["LIMIT_EXCEEDED"])
    assert len(names(zoho, number)) == 10


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"tags": [{"name": "x" * 26}], "ids": ["1"]}, "INVALID_DATA"),
        ({"tags": [{"name": "  "}], "ids": ["1"]}, "INVALID_DATA"),
        ({"tags": [{"id": "1"}], "ids": ["1"]}, "INVALID_DATA"),
        ({"tags": [{"name": "x"}], "ids": [str(n) for n in range(501)]}, "LIMIT_EXCEEDED"),
        ({"tags": [{"name": "x"}]}, "MANDATORY_NOT_FOUND"),
        ({"ids": ["1"]}, "MANDATORY_NOT_FOUND"),
    ],
)
def test_what_the_action_refuses_as_a_whole(zoho, body, code):
    reply = zoho.call("POST", "Contacts/actions/add_tags", body=body)
    assert (reply.status, reply.body["code"]) == (400, code)
    assert zoho.call("GET", "Contacts/actions/add_tags").body["code"] == "INVALID_REQUEST_METHOD"


def test_tags_are_made_beforehand_row_by_row(zoho):
    reply = zoho.call(
        "POST", "settings/tags", body={"tags": [{"name": "A"}, {"name": "a"}, {"name": "x" * 26}]}, module="Contacts"
    )
    assert reply.status == 207
    assert [row["code"] for row in reply.body["tags"]] == ["SUCCESS", "DUPLICATE_DATA", "INVALID_DATA"]


def test_a_tag_action_costs_a_credit_for_fifty_records(zoho):
    ids = [zoho.add() for _ in range(51)]
    before = zoho.app.purse.used()
    tag(zoho, "add_tags", ["A"], ids)
    tag(zoho, "remove_tags", ["A"], ids[:50])
    assert zoho.app.purse.used() - before == 3


def test_tags_move_no_time_unless_the_org_is_set_so(zoho):
    number = zoho.add()
    before = zoho.get(number)["Modified_Time"]
    zoho.clock.moment += 60
    tag(zoho, "add_tags", ["A"], [number])
    assert zoho.get(number)["Modified_Time"] == before
    zoho.app.tune({"tags_modify": True})
    tag(zoho, "add_tags", ["B"], [number])
    assert zoho.get(number)["Modified_Time"] != before


def test_tags_among_the_fields_of_a_row_are_ignored_unless_the_org_is_set_so(zoho):
    row = {"Last_Name": "Doe", "Tag": [{"name": "A"}]}
    assert zoho.get(zoho.add(**row))["Tag"] == []
    zoho.app.tune({"tags_in_rows": True})
    number = zoho.add(**row)
    assert names(zoho, number) == ["A"]
    zoho.update({"id": number, "Tag": ["B"]})
    assert names(zoho, number) == ["B"]


def test_a_person_sets_owner_and_tags_and_nothing_else_moves(zoho):
    number = zoho.add(First_Name="Ann")
    before = zoho.get(number)
    edit = {"app": "zoho_crm", "object": "Contacts", "id": number}
    shown = zoho.call("POST", "/_sandbox/edit", body={**edit, "set": {"Tag": ["VIP", "Fair"]}}).body
    assert [each["name"] for each in shown["Tag"]] == ["VIP", "Fair"]
    zoho.call("POST", "/_sandbox/edit", body={**edit, "set": {"Owner": "dora@example.com", "Tag": ["Fair"]}})
    after = zoho.get(number)
    assert after["Owner"]["email"] == "dora@example.com"
    assert [each["name"] for each in after["Tag"]] == ["Fair"]
    own = {"Owner", "Tag", "Modified_Time", "Modified_By", "Last_Activity_Time", "Change_Log_Time__s"}
    assert {name for name in before if before[name] != after[name]} <= own


@pytest.mark.parametrize("wrong", [{"Owner": "cleo@example.com"}, {"Owner": "nobody@example.com"}, {"Tag": ["x" * 26]}])
def test_a_person_cannot_do_what_zoho_would_refuse(zoho, wrong):
    edit = {"app": "zoho_crm", "object": "Contacts", "id": zoho.add(), "set": wrong}
    assert zoho.call("POST", "/_sandbox/edit", body=edit).status == 400


def test_an_inactive_user_owns_nothing_new(zoho):
    users = {each["email"]: each["id"] for each in zoho.call("GET", "users", type="AllUsers").body["users"]}
    assert zoho.insert({"Last_Name": "Doe", "Owner": {"id": users["cleo@example.com"]}}).codes == ["INVALID_DATA"]
    number = zoho.add(Owner={"id": users["dora@example.com"]})
    assert zoho.get(number)["Owner"] == {
        "name": "Dora Dahl",
        "id": users["dora@example.com"],
        "email": "dora@example.com",
    }


def test_a_box_that_nobody_ticked_is_not_empty(zoho):
    record = zoho.get(zoho.add(Customer_Group="Retail", Discount=2.5, Interests=["Training"], Language="de"))
    assert (record["Email_Opt_Out"], record["Key_Account"]) == (False, False)
    assert (record["Customer_Group"], record["Discount"], record["Interests"]) == ("Retail", 2.5, ["Training"])
