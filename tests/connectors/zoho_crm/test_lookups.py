"""Lookups by name: found, remembered, made where the operator wants it, never guessed."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from zohosyncd.core.record import Record, Value
from zohosyncd.ports.connector import Done, Found, NotSent, Refused, WriteKind, WriteOp
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.standard import EVERY_KIND
from zohosyncd.transport.sender import Answered


class Queried:
    """Answers queries for records by name from what is in the org, as Zoho documents them."""

    def __init__(self, org: Any) -> None:
        self.org, self.inner, self.asked = org, org.sender, []
        self.allowed = True

    async def send(self, request: Any) -> Any:
        if not request.url.endswith("/coql"):
            return await self.inner.send(request)
        if not self.allowed:
            return Answered(401, {}, b'{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"x","status":"error"}')
        text = json.loads(request.body)["select_query"]
        self.asked.append(text)
        column, module, names = re.fullmatch(
            r"select id, (\w+) from (\w+) where \1 (?:in|like) \(?(.*?)\)? limit 200", text
        ).groups()  # type: ignore[union-attr]
        patterns = [re.escape(each).replace("%", ".").lower() for each in re.findall(r"'([^']*)'", names)]
        found = [
            {"id": each["id"], column: each[column]}
            for each in self.org.app.state()[module]
            if any(re.fullmatch(pattern, str(each[column]).lower()) for pattern in patterns)
        ]
        body = {"data": found, "info": {"count": len(found), "more_records": False}}
        return Answered(200, {}, json.dumps(body).encode()) if found else Answered(204, {}, b"")


@pytest.fixture
def make(make_org: Callable[..., Any]) -> Callable[[str], tuple[Any, Queried]]:
    def made(companies: str) -> tuple[Any, Queried]:
        org = make_org(ZohoSetup(custom=EVERY_KIND), companies=companies)
        queried = Queried(org)
        org.connector._client._http._sender = queried
        return org, queried

    return made


def account(org: Any, name: str) -> str:
    return str(org.app.edit({"object": "Accounts", "create": {"Account_Name": name}})["id"])


def op(kind: WriteKind, known: Record | None = None, **patch: Value) -> WriteOp:
    return WriteOp("0" * 32, kind, known.id if known else "", patch, known)


async def create(org: Any, **patch: Value) -> Any:
    (result,) = await org.connector.write("Contacts", [op(WriteKind.CREATE, Last_Name="Miller", **patch)])
    return result


async def read(org: Any, record_id: str, *fields: str) -> Record:
    (found,) = await org.connector.fetch("Contacts", fields, [record_id])
    assert isinstance(found, Found)
    return found.record


async def test_by_default_the_company_is_only_shown(make: Callable[..., Any]) -> None:
    org, _ = make("shown")
    schema = await org.connector.schema("Contacts")
    assert not schema.fields["Account_Name"].writable
    assert schema.fields["Referrer"].writable


async def test_a_company_is_the_account_of_its_name_whatever_the_case(make: Callable[..., Any]) -> None:
    org, queried = make("linked")
    acme = account(org, "ACME Inc")
    account(org, "ACME Incorporated")
    made = await create(org, Account_Name="acme  inc")
    assert isinstance(made, Done)
    assert made.refused == ()
    (shown,) = org.app.state()["Contacts"]
    assert shown["Account_Name"] == {"name": "ACME Inc", "id": acme}
    known = await read(org, made.id, "Account_Name")
    (done,) = await org.connector.write("Contacts", [op(WriteKind.UPDATE, known, Account_Name=None)])
    assert isinstance(done, Done)
    assert (await read(org, made.id, "Account_Name")).values == {"Account_Name": None}
    assert len(queried.asked) == 1


async def test_names_of_a_batch_are_asked_for_at_once_and_remembered(make: Callable[..., Any]) -> None:
    org, queried = make("linked")
    names = [f"Company {n}" for n in range(5)]
    for name in names:
        account(org, name)
    ops = [op(WriteKind.CREATE, Last_Name="Miller", Account_Name=name) for name in (*names, *names)]
    for _ in range(2):
        results = await org.connector.write("Contacts", ops)
        assert [type(each) for each in results] == [Done] * 10
    assert len(queried.asked) == 1
    org.clock.moment += 600.0
    await org.connector.write("Contacts", ops[:1])
    assert len(queried.asked) == 2


@pytest.mark.parametrize("name", ["O'Neil & Sons", 'Back\\slash "quoted"', "100% Design"])
async def test_a_name_with_quotes_ends_no_query(make: Callable[..., Any], name: str) -> None:
    org, queried = make("linked")
    wanted = account(org, name)
    account(org, re.sub(r"[^\w &]", "x", name))
    made = await create(org, Account_Name=name)
    assert isinstance(made, Done)
    assert org.app.state()["Contacts"][0]["Account_Name"]["id"] == wanted
    assert queried.asked[0].count("'") == 2


async def test_nothing_and_several_of_a_name_are_told_and_the_rest_is_written(make: Callable[..., Any]) -> None:
    org, _ = make("linked")
    account(org, "Twins")
    account(org, "twins")
    for name, code in (("Nowhere", "NO_SUCH_RECORD"), ("Twins", "AMBIGUOUS_NAME")):
        made = await create(org, Account_Name=name, Title=name)
        assert isinstance(made, Done)
        assert [(each.code, each.field) for each in made.refused] == [(code, "Account_Name")]
        shown = await read(org, made.id, "Account_Name", "Title")
        assert shown.values == {"Account_Name": None, "Title": name}
        known = await read(org, made.id, "Account_Name")
        (alone,) = await org.connector.write("Contacts", [op(WriteKind.UPDATE, known, Account_Name=name)])
        assert isinstance(alone, Refused)
        assert alone.field == "Account_Name"


async def test_a_company_is_made_once_where_that_is_wanted(make: Callable[..., Any]) -> None:
    org, _ = make("created")
    account(org, "There")
    ops = [op(WriteKind.CREATE, Last_Name="Miller", Account_Name=name) for name in ("New", "new ", "There", "Other")]
    results = await org.connector.write("Contacts", ops)
    assert [each.refused for each in results if isinstance(each, Done)] == [()] * 4
    assert sorted(each["Account_Name"] for each in org.app.state()["Accounts"]) == ["New", "Other", "There"]
    assert isinstance(await create(org, Account_Name="NEW"), Done)
    assert len(org.app.state()["Accounts"]) == 3
    (upsert,) = [each for each in org.sender.sent if each.url.endswith("/Accounts/upsert")]
    said = json.loads(upsert.body)
    assert (said["trigger"], said["duplicate_check_fields"]) == ([], ["Account_Name"]), "no workflow of the org runs"


async def test_an_answer_that_does_not_come_leaves_the_record_for_later(make: Callable[..., Any]) -> None:
    org, queried = make("created")
    await org.connector.schema("Contacts")
    org.fail({"path": "*/Accounts/upsert", "fault": "reset", "executed": True})
    assert isinstance(await create(org, Account_Name="New"), NotSent)
    assert org.app.state()["Contacts"] == []
    org.fail()
    assert isinstance(await create(org, Account_Name="New"), Done)
    assert len(org.app.state()["Accounts"]) == 1
    assert queried.asked


async def test_other_lookups_point_to_who_alone_has_the_name(make: Callable[..., Any]) -> None:
    org, _ = make("shown")
    bob = org.person(First_Name="Bob")
    made = await create(org, Referrer="bob miller")
    assert isinstance(made, Done)
    (shown,) = [each for each in org.app.state()["Contacts"] if each["id"] == made.id]
    assert shown["Referrer"] == {"name": "Bob Miller", "id": bob}


async def test_a_login_that_may_not_ask_writes_everything_else_and_says_what_it_lacks(make: Callable[..., Any]) -> None:
    org, queried = make("linked")
    queried.allowed = False
    made = await create(org, Account_Name="ACME", Title="x")
    assert isinstance(made, Done)
    assert [each.code for each in made.refused] == ["LOOKUP_NOT_ALLOWED"]
    assert "coql" in made.refused[0].message
