"""Metadata becomes a schema, JSON becomes values, patches become JSON."""

from typing import Any

import msgspec
import pytest

from zohosyncd.connectors.zoho_crm.fields import FieldInfo, ModuleSchema, schema_of
from zohosyncd.connectors.zoho_crm.records import body_of, record_of
from zohosyncd.connectors.zoho_crm.times import header_time, in_utc, instant
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Item, Owner
from zohosyncd.core.schema import Containers, Field, FieldType


def info(name: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """A field as the metadata shows it, with what we do not read."""
    operations = dict.fromkeys(("web_create", "web_update", "api_create", "api_update"), True)
    return {"id": "1", "api_name": name, "data_type": kind, "field_label": name.replace("_", " "), "length": 40,
            "operation_type": operations, "read_only": False, "field_read_only": False, "visible": True,
            "system_mandatory": False, "pick_list_values": [], "unique": {}, **more}  # fmt: skip


def schema(*infos: dict[str, Any], module: str = "Contacts") -> ModuleSchema:
    return schema_of(module, msgspec.convert(list(infos), list[FieldInfo]))


def only(*infos: dict[str, Any], module: str = "Contacts") -> Field:
    (field,) = schema(*infos, module=module)
    return field


class TestSchema:
    def test_a_standard_field_has_its_meaning(self) -> None:
        field = only(info("Last_Name", length=80, system_mandatory=True))
        assert field == Field("Last_Name", FieldType.TEXT, "Last Name", "family_name", required=True, max_length=80)

    def test_slots_and_labels(self) -> None:
        made = schema(
            info("Mobile", "phone"), info("Phone", "phone"), info("Secondary_Email", "email"), info("Email", "email")
        )
        assert [(each.name, each.item_label) for each in made.meaning("phones")] == [
            ("Phone", "work"),
            ("Mobile", "mobile"),
        ]
        assert [each.name for each in made.meaning("emails")] == ["Email", "Secondary_Email"]

    def test_an_address_is_made_of_parts_and_the_other_address_means_nothing(self) -> None:
        made = schema(info("Mailing_Street"), info("Mailing_Zip"), info("Other_Street"))
        assert [(each.name, each.part) for each in made.meaning("address")] == [
            ("Mailing_Street", "street"), ("Mailing_Zip", "code"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("textarea", FieldType.TEXT), ("website", FieldType.URL), ("date", FieldType.DATE),
            ("boolean", FieldType.BOOLEAN), ("currency", FieldType.NUMBER), ("bigint", FieldType.TEXT),
            ("percent", FieldType.NUMBER), ("datetime", FieldType.MOMENT), ("multiselectpicklist", FieldType.NAMES),
        ],
    )  # fmt: skip
    def test_types(self, kind: str, expected: FieldType) -> None:
        field = only(info("X", kind))
        assert field.type is expected
        assert field.writable

    @pytest.mark.parametrize(
        ("kind", "json_type", "expected"),
        [
            ("subform", "jsonarray", FieldType.TEXT), ("multiselectlookup", "jsonarray", FieldType.NAMES),
            ("multiuserlookup", "jsonarray", FieldType.NAMES), ("userlookup", "jsonobject", FieldType.TEXT),
            ("consent_lookup", "jsonobject", FieldType.TEXT), ("fileupload", "jsonarray", FieldType.TEXT),
            ("formula", "double", FieldType.NUMBER), ("formula", "boolean", FieldType.BOOLEAN),
            ("rollup_summary", "integer", FieldType.NUMBER), ("a type of next year", "string", FieldType.TEXT),
            ("a type of next year", "a shape of next year", FieldType.OTHER), ("a type of next year", None, FieldType.OTHER),
        ],
    )  # fmt: skip
    def test_what_points_somewhere_is_computed_or_unknown_is_only_read(
        self, kind: str, json_type: str | None, expected: FieldType
    ) -> None:
        field = only(info("X", kind, json_type=json_type))
        assert (field.type, field.writable) == (expected, False)

    def test_several_choices_are_those_that_travel(self) -> None:
        values = [{"actual_value": "-None-"}, {"actual_value": "A", "display_value": "Ah"}]
        field = only(info("X", "multiselectpicklist", pick_list_values=values))
        assert (field.type, field.writable, field.choices) == (FieldType.NAMES, True, ("A",))

    def test_a_module_of_the_orgs_own_has_a_name_and_addresses(self) -> None:
        made = schema(
            info("Name", system_mandatory=True), info("Email", "email"), info("Phone", "phone"), module="Members"
        )
        assert [(each.name, each.semantic, each.required) for each in made] == [
            ("Name", "full_name", True), ("Email", "emails", False), ("Phone", "", False),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "more",
        [
            {"field_read_only": True}, {"read_only": True}, {"visible": False},
            {"operation_type": {"api_create": True, "api_update": False}},
            {"operation_type": {"api_create": False, "api_update": True}},
            {"data_type": "lookup"}, {"data_type": "ownerlookup"}, {"data_type": "autonumber"},
        ],
    )  # fmt: skip
    def test_what_may_not_be_written(self, more: dict[str, Any]) -> None:
        field = only({**info("X"), "system_mandatory": True, **more})
        assert not field.writable
        assert not field.required

    def test_choices_are_the_values_that_travel(self) -> None:
        values = [
            {"display_value": "-None-", "actual_value": "-None-"},
            {"display_value": "Internet", "actual_value": "Web", "type": "used"},
            {"display_value": "Alt", "actual_value": "Old", "type": "unused"},
            {"display_value": "Messe", "actual_value": "Fair"},
        ]
        field = only(info("Lead_Source", "picklist", pick_list_values=values))
        assert (field.type, field.choices) == (FieldType.CHOICE, ("Web", "Fair"))

    def test_metadata_with_less_than_documented_is_enough(self) -> None:
        field = only(
            {"api_name": "X", "data_type": "text", "length": None, "operation_type": None, "pick_list_values": None}
        )
        assert field.writable
        assert field.max_length is None

    def test_leads_and_accounts_have_meanings_of_their_own(self) -> None:
        made = schema(info("Title"), info("Designation"), info("Company"), info("Zip_Code"), module="Leads")
        assert [each.name for each in made.meaning("title")] == ["Title"]
        assert [each.name for each in made.meaning("company")] == ["Company"]
        assert only(info("Account_Name"), module="Accounts").semantic == "company"

    def test_tags_owner_and_creation_are_fields_of_their_own_kinds(self) -> None:
        infos = msgspec.convert(
            [info("Tag", field_read_only=True), info("Owner", "ownerlookup"), info("Created_By", "ownerlookup"),
             info("Created_Time", "datetime", field_read_only=True), info("Last_Call", "datetime")],
            list[FieldInfo],
        )  # fmt: skip
        made = schema_of("Contacts", infos, tags=["VIP"], owners=[ANN])
        types = {each.name: (each.type, each.writable) for each in made}
        assert types == {
            "Tag": (FieldType.NAMES, True), "Owner": (FieldType.OWNER, True), "Created_By": (FieldType.TEXT, False),
            "Created_Time": (FieldType.MOMENT, False), "Last_Call": (FieldType.MOMENT, True),
        }  # fmt: skip
        assert made.containers == {"tags": Containers(("VIP",), True, 25, "Tag", 10)}
        assert (made.owner, made.owners, made.created) == ("Owner", (ANN,), "Created_Time")

    def test_what_the_login_may_not_list_is_not_known_and_not_nothing(self) -> None:
        made = schema(info("Tag"), info("Owner", "ownerlookup"))
        assert made.containers["tags"].names is None
        assert made.owners is None

    def test_a_module_that_shows_no_tags_and_no_owner_has_none(self) -> None:
        made = schema_of("Contacts", msgspec.convert([info("Last_Name")], list[FieldInfo]), tags=["VIP"], owners=[ANN])
        assert (made.containers, made.owner, made.owners, made.created) == ({}, "", None, "")


ANN = Owner("7", "Ann Lee", "ann@example.org")
SCHEMA = schema(
    info("Last_Name", system_mandatory=True), info("Email", "email"), info("Lead_Source", "picklist"),
    info("Account_Name", "lookup"), info("Email_Opt_Out", "boolean"), info("Tag", "text"),
    info("Created_Time", "datetime", field_read_only=True), info("Long", "bigint"), info("Employees", "integer"),
    info("Several", "multiselectpicklist"), info("Last_Call", "datetime"),
)  # fmt: skip
TIME = {"Modified_Time": "2021-05-02T11:17:33+05:30"}


def values(row: dict[str, Any], *fields: str) -> dict[str, Any]:
    return dict(record_of({"id": "1", **TIME, **row}, fields, SCHEMA).values)


class TestRecords:
    def test_a_record_has_its_version_in_one_spelling(self) -> None:
        here = record_of({"id": "3652397000009851001", **TIME}, (), SCHEMA)
        there = record_of({"id": "1", "Modified_Time": "2021-05-01T18:47:33-11:00"}, (), SCHEMA)
        assert here.id == "3652397000009851001"
        assert here.version == there.version == "2021-05-02T05:47:33+00:00"
        assert here.modified == there.modified == 1619934453.0

    def test_a_missing_value_was_not_read_and_null_is_empty(self) -> None:
        assert values({"Email": None}, "Email", "Last_Name") == {"Email": None}
        assert values({"Email": ""}, "Email") == {"Email": None}

    def test_only_what_was_asked_for(self) -> None:
        assert values({"Email": "a@example.com", "Last_Name": "x"}, "Email") == {"Email": "a@example.com"}

    @pytest.mark.parametrize(
        ("shown", "expected"),
        [
            ([], ()), (None, ()), (["VIP", "vip", "Fair"], (Item("VIP"), Item("Fair"))),
            ([{"name": "VIP", "id": "1", "color_code": None}, {"odd": 1}, 5], (Item("VIP"),)),
        ],
    )  # fmt: skip
    def test_tags_come_as_names_or_as_objects(self, shown: Any, expected: Any) -> None:
        assert values({"Tag": shown}, "Tag") == {"Tag": expected}

    def test_several_choices_are_names_and_a_time_is_in_utc(self) -> None:
        shown = values({"Several": ["B", "A"], "Last_Call": "2021-05-02T11:17:33+05:30"}, "Several", "Last_Call")
        assert shown == {"Several": (Item("B"), Item("A")), "Last_Call": "2021-05-02T05:47:33+00:00"}
        assert values({"Several": None}, "Several") == {"Several": ()}

    def test_an_owner_has_an_id_a_name_and_an_address(self) -> None:
        made = schema(info("Owner", "ownerlookup"))
        row = {"id": "1", "Owner": {"name": "Ann Lee", "id": "7", "email": "ann@example.org"}}
        assert record_of(row, ["Owner"], made).values == {"Owner": ANN}
        assert record_of({"id": "1", "Owner": None}, ["Owner"], made).values == {"Owner": None}

    @pytest.mark.parametrize("meant", [Owner("7"), Owner("", email="ANN@example.org"), Owner("", "ann lee"), ANN])
    def test_an_owner_is_written_by_id(self, meant: Owner) -> None:
        made = schema_of("Contacts", msgspec.convert([info("Owner", "ownerlookup")], list[FieldInfo]), owners=[ANN])
        assert body_of({"Owner": meant}, made, "1") == {"id": "1", "Owner": {"id": "7"}}

    @pytest.mark.parametrize("meant", [None, "ann@example.org", Owner("", email="bob@example.org"), Owner("")])
    def test_nobody_and_a_stranger_own_nothing(self, meant: Any) -> None:
        made = schema_of("Contacts", msgspec.convert([info("Owner", "ownerlookup")], list[FieldInfo]), owners=[ANN])
        with pytest.raises(DataError):
            body_of({"Owner": meant}, made, "1")

    def test_values_of_all_kinds(self) -> None:
        shown = {
            "Account_Name": {"name": "ACME", "id": "5"}, "Lead_Source": "-None-", "Email_Opt_Out": False,
            "Long": "9007199254740993", "Employees": 3, "Created_Time": TIME["Modified_Time"],
            "Tag": [{"name": "VIP", "id": "1"}, {"name": "Fair"}], "Texts": ["a", "b"],
            "Rows": [{"id": "1", "Name": "Tim", "Age": 4, "Empty": None, "$flag": 1}, {"id": "2", "Name": "Eva"}],
            "Files": [{"File_Name__s": "cv.pdf", "id": "1"}], "Nobody": [],
        }  # fmt: skip
        assert values(shown, *shown) == {
            "Account_Name": "ACME", "Lead_Source": None, "Email_Opt_Out": False, "Long": "9007199254740993",
            "Employees": 3, "Created_Time": "2021-05-02T05:47:33+00:00",
            "Tag": (Item("VIP"), Item("Fair")), "Texts": "a; b", "Rows": "Tim, 4; Eva", "Files": "cv.pdf", "Nobody": None,
        }  # fmt: skip

    def test_what_is_not_understood_is_not_read_and_never_empty(self) -> None:
        assert values({"X": [{"odd": {}}], "Y": {"Consent_Through": 5}, "Z": [None]}, "X", "Y", "Z") == {}

    def test_a_null_that_may_hide_a_value_is_not_read(self) -> None:
        made = schema(info("Diagnosis", hipaa_compliance_enabled=True), info("Ward"))
        row = {"id": "1", "Diagnosis": None, "Ward": None}
        assert record_of(row, ["Diagnosis", "Ward"], made).values == {"Ward": None}
        assert record_of({**row, "Diagnosis": "x"}, ["Diagnosis"], made).values == {"Diagnosis": "x"}

    def test_linked_records_and_users_are_shown_by_their_names(self) -> None:
        made = schema(info("Partners", "multiselectlookup"), info("Agents", "multiuserlookup"))
        row = {
            "id": "1", "Agents": [{"id": "7", "name": "Ann Lee"}],
            "Partners": [{"id": "3", "Owner": {"name": "Nobody", "id": "9"}, "Partners": {"name": "Bob Roe", "id": "4"}}],
        }  # fmt: skip
        assert record_of(row, ["Partners", "Agents"], made).values == {
            "Partners": (Item("Bob Roe"),), "Agents": (Item("Ann Lee"),),
        }  # fmt: skip

    def test_several_choices_are_written_as_a_list_and_nothing_as_null(self) -> None:
        assert body_of({"Several": (Item("B"), Item("A"))}, SCHEMA) == {"Several": ["B", "A"]}
        assert body_of({"Several": ()}, SCHEMA) == {"Several": None}

    @pytest.mark.parametrize("row", [{}, {"id": None}, {"id": 3652397000009851001}, {"id": ""}])
    def test_an_id_is_a_text(self, row: dict[str, Any]) -> None:
        with pytest.raises(DataError):
            record_of(row, (), SCHEMA)

    def test_a_patch_names_only_what_changes(self) -> None:
        assert body_of({"Email": None, "Email_Opt_Out": True}, SCHEMA, "7") == {
            "id": "7",
            "Email": None,
            "Email_Opt_Out": True,
        }
        assert body_of({"Last_Name": "x"}, SCHEMA) == {"Last_Name": "x"}

    @pytest.mark.parametrize("name", ["Account_Name", "Created_Time", "No_such_field"])
    def test_what_zoho_would_ignore_is_not_sent(self, name: str) -> None:
        with pytest.raises(DataError, match=name):
            body_of({name: "x"}, SCHEMA)


class TestTimes:
    @pytest.mark.parametrize("text", [None, "", "yesterday", "2021-05-02", "2021-05-02T11:17:33", 5])
    def test_what_is_no_moment(self, text: object) -> None:
        assert instant(text) is in_utc(text) is None

    def test_headers_have_whole_seconds_rounded_down(self) -> None:
        assert header_time(1619934453.9) == "2021-05-02T05:47:33+00:00"
