"""Deletes, the deleted list, the recycle bin."""

DAY = 86_400


def test_a_delete_answers_by_row_and_a_second_one_fails(zoho):
    number = zoho.add()
    reply = zoho.call("DELETE", "Contacts", ids=f"{number},5545974000009999999")
    assert (reply.status, reply.codes) == (207, ["SUCCESS", "INVALID_DATA"])
    assert reply.rows[0]["message"] == "record deleted"
    again = zoho.call("DELETE", f"Contacts/{number}")
    assert (again.status, again.codes) == (400, ["INVALID_DATA"])
    assert zoho.call("GET", f"Contacts/{number}").status == 204


def test_a_hundred_ids_are_the_most(zoho):
    assert zoho.call("DELETE", "Contacts", ids=",".join(["1"] * 101)).body["code"] == "LIMIT_EXCEEDED"
    assert zoho.call("DELETE", "Contacts").body["code"] == "REQUIRED_PARAM_MISSING"


def test_the_deleted_list_names_who_when_and_whom(zoho):
    assert zoho.call("GET", "Contacts/deleted").status == 204
    number = zoho.add(First_Name="Ann")
    zoho.clock.moment += 60
    zoho.call("DELETE", f"Contacts/{number}")
    reply = zoho.call("GET", "Contacts/deleted")
    assert reply.rows == [
        {
            "id": number,
            "display_name": "Ann Doe",
            "type": "recycle",
            "deleted_time": "2026-11-24T13:01:00+01:00",
            "deleted_by": {"name": "Sync Robot", "id": "5545974000000293001"},
            "created_by": {"name": "Sync Robot", "id": "5545974000000293001"},
        }
    ]
    assert reply.body["info"] == {"per_page": 200, "count": 1, "page": 1, "more_records": False}


def test_the_deleted_list_takes_a_border_which_counts(zoho):
    zoho.call("DELETE", f"Contacts/{zoho.add()}")
    zoho.clock.moment += 10
    late = zoho.add()
    zoho.call("DELETE", f"Contacts/{late}")
    since = zoho.call("GET", "Contacts/deleted", headers={"if-modified-since": "2026-11-24T13:00:10+01:00"})
    assert [row["id"] for row in since.rows] == [late]
    assert (
        zoho.call("GET", "Contacts/deleted", headers={"if-modified-since": "2026-11-24T13:00:11+01:00"}).status == 204
    )


def test_the_deleted_list_has_pages_by_number_alone(zoho):
    ids = [zoho.add() for _ in range(5)]
    zoho.call("DELETE", "Contacts", ids=",".join(ids))
    pages = [zoho.call("GET", "Contacts/deleted", per_page=2, page=page) for page in (1, 2, 3)]
    assert [page.body["info"]["more_records"] for page in pages] == [True, True, False]
    assert {row["id"] for page in pages for row in page.rows} == set(ids)
    assert zoho.call("GET", "Contacts/deleted", per_page=2, page=4).status == 204


def test_after_sixty_days_a_deletion_is_permanent_and_after_another_hundred_and_twenty_forgotten(zoho):
    zoho.call("DELETE", f"Contacts/{zoho.add()}")

    def after(days: float, kind: str):
        zoho.clock.moment += days * DAY
        zoho.log_in()
        return zoho.call("GET", "Contacts/deleted", type=kind)

    assert after(59, "recycle").rows[0]["display_name"] == "Doe"
    permanent = after(2, "permanent").rows[0]
    assert (permanent["type"], permanent["deleted_by"], permanent["created_by"]) == ("permanent", None, None)
    assert zoho.call("GET", "Contacts/deleted", type="recycle").status == 204
    assert after(120, "all").status == 204


def test_a_wrong_type_does_not_match_the_pattern(zoho):
    reply = zoho.call("GET", "Contacts/deleted", type="gone")
    assert (reply.status, reply.body["code"]) == (400, "PATTERN_NOT_MATCHED")


def test_a_restored_record_is_back_under_its_id_and_counts_as_modified(zoho):
    number = zoho.add(First_Name="Ann")
    zoho.call("DELETE", f"Contacts/{number}")
    zoho.clock.moment += 60
    zoho.app.edit({"object": "Contacts", "id": number, "restore": True})
    assert zoho.call("GET", "Contacts/deleted").status == 204
    assert zoho.get(number)["First_Name"] == "Ann"
    assert zoho.get(number)["Modified_Time"] == "2026-11-24T13:01:00+01:00"
