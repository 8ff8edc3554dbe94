"""Layouts: what they want is known before, and where Zoho insists on it, only the record that lacks it waits."""

from collections.abc import Callable
from typing import Any

from zohosyncd.ports.connector import Done, Found, Refused, WriteKind, WriteOp
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.layouts import Layout, LayoutRule

RULE = LayoutRule(
    "Partners", "Lead_Source", frozenset({"Partner"}), mandatory=frozenset({"Phone"}), hidden=frozenset({"Fax"})
)
OLD = Layout("Old form", mandatory=frozenset({"Department"}), active=False)
ORG = ZohoSetup(layouts=(Layout(mandatory=frozenset({"Title"}), rules=(RULE,)), OLD), layout_always=True)


def create(number: int, **values: Any) -> WriteOp:
    return WriteOp(f"{number:032}", WriteKind.CREATE, "", {"Last_Name": "Doe", **values})


async def change(org: Any, number: str, **values: Any) -> Any:
    (found,) = await org.connector.fetch("Contacts", list(values), [number])
    assert isinstance(found, Found)
    (result,) = await org.connector.write(
        "Contacts", [WriteOp("0" * 32, WriteKind.UPDATE, number, values, found.record)]
    )
    return result


async def test_the_schema_says_which_layouts_want_a_field_that_the_system_does_not(
    make_org: Callable[..., Any],
) -> None:
    fields = (await make_org(ORG).connector.schema("Contacts")).fields
    assert {name: field.wanted_by for name, field in fields.items() if field.wanted_by} == {
        "Last_Name": ("Standard",), "Title": ("Standard",),
    }  # fmt: skip
    assert not fields["Title"].required, "the API may take a record without it"


async def test_a_login_that_may_not_read_layouts_only_knows_less(make_org: Callable[..., Any]) -> None:
    org = make_org(ORG)
    org.app.accounts.grants["1000.sandbox.refresh"].scopes = frozenset(
        {"ZohoCRM.settings.fields.READ", "ZohoCRM.modules.contacts.READ"}
    )
    fields = (await org.connector.schema("Contacts")).fields
    assert fields["Title"].writable
    assert not any(field.wanted_by for field in fields.values())


async def test_who_lacks_what_a_layout_wants_is_refused_alone(make_org: Callable[..., Any]) -> None:
    org = make_org(ORG)
    partner = {"Title": "x", "Lead_Source": "Partner"}
    results = await org.connector.write(
        "Contacts", [create(1), create(2, Title="x"), create(3, **partner), create(4, **partner, Phone="1", Fax="2")]
    )
    assert [type(each) for each in results] == [Refused, Done, Refused, Done]
    form, _, rule, _ = results
    assert (form.code, form.field) == ("MANDATORY_NOT_FOUND", "Title")
    assert "map it" in form.message
    assert (rule.code, rule.field) == ("MANDATORY_NOT_FOUND", "Phone")
    assert '"Partners"' in rule.message
    assert len([call for call in org.calls() if call.startswith("POST /crm/v8/Contacts")]) == 1


async def test_a_value_that_calls_for_another_one_is_refused_and_the_record_stays_as_it_was(
    make_org: Callable[..., Any],
) -> None:
    org = make_org(ORG)
    one = org.person(Title="x", Lead_Source="Chat")
    result = await change(org, one, Lead_Source="Partner", Department="Sales")
    assert isinstance(result, Refused)
    assert (result.field, org.app.state()["Contacts"][0]["Department"]) == ("Phone", None)
    assert isinstance(await change(org, one, Lead_Source="Partner", Phone="1"), Done)


async def test_whoever_was_there_before_the_layout_wanted_more_waits_with_its_cure(
    make_org: Callable[..., Any],
) -> None:
    org = make_org(ORG)
    one = org.person()
    result = await change(org, one, Department="Sales")
    assert isinstance(result, Refused)
    assert result.field == "Title"
    assert sum(call.startswith("PUT") for call in org.calls()) == 1
