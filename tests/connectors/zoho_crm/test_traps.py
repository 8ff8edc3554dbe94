"""What Zoho's API is known to do to those who take it at its word, at the level of HTTP.

The list of all of them, with the test of each, is in ``tests/promises/test_traps_and_faults.py``.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.connectors.zoho_crm.conftest import Spoiling
from tests.connectors.zoho_crm.test_feed import follow, removed, upserted
from zohosyncd.core.errors import AuthLost, ContractBroken
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Done, Found, Page, Refused, Unreadable, Upserted, WriteKind, WriteOp
from zohosyncd.sandbox.zoho.times import Zone
from zohosyncd.transport.sender import Answered, HttpRequest

FIELDS = ("Last_Name", "Email", "Title")


def create(number: int, **values: Any) -> WriteOp:
    return WriteOp(f"{number:032x}", WriteKind.CREATE, "", values)


def records(pages: list[Page]) -> dict[str, Record]:
    return {each.record.id: each.record for page in pages for each in page.changes if isinstance(each, Upserted)}


def unreadable(pages: list[Page]) -> dict[str, str]:
    return {each.id: each.reason for page in pages for each in page.changes if isinstance(each, Unreadable)}


def changed(change: Callable[[dict[str, Any]], None]) -> Callable[[HttpRequest, Any], Any]:
    """Change the body of lists of contacts on their way."""

    def spoil(request: HttpRequest, answer: Any) -> Any:
        if request.method == "GET" and "/Contacts?" in request.url and answer.status == 200:
            body = json.loads(answer.body)
            change(body)
            return Answered(200, answer.headers, json.dumps(body).encode(), answer.url)
        return answer

    return spoil


class TestAnswers:
    @pytest.mark.parametrize(("good", "status"), [(3, 201), (2, 207), (1, 207), (0, 400)])
    async def test_the_rows_decide_and_not_the_status(
        self, org: Any, spoiling: Spoiling, good: int, status: int
    ) -> None:
        seen: list[int] = []

        def note(request: HttpRequest, answer: Any) -> Any:
            if request.method == "POST" and request.url.endswith("/Contacts"):
                seen.append(answer.status)
            return answer

        spoiling.spoil = note
        ops = [create(n, **({"Last_Name": "Miller"} if n < good else {"First_Name": "Ann"})) for n in range(3)]
        results = await org.connector.write("Contacts", ops)
        assert seen == [status]
        assert [type(each) for each in results] == [Done] * good + [Refused] * (3 - good)
        assert len(org.app.state()["Contacts"]) == good

    async def test_one_bad_value_does_not_keep_the_others_of_its_batch_out(self, org: Any) -> None:
        results = await org.connector.write(
            "Contacts",
            [
                create(1, Last_Name="Doe", Email="doe@example.com"),
                create(2, Last_Name="Roe", Email="no address"),
                create(3, Last_Name="Poe", Phone="call me"),
                create(4, Last_Name="Coe", First_Name="x" * 500),
            ],
        )
        assert isinstance(results[0], Done)
        for result, field in zip(results[1:], ("Email", "Phone", "First_Name"), strict=True):
            if isinstance(result, Refused):  # a row may also be taken without its bad value
                assert field in f"{result}"
        stored = {each["Last_Name"]: each for each in org.app.state()["Contacts"]}
        assert stored["Doe"]["Email"] == "doe@example.com"
        assert all(each.get("Email") in {None, "doe@example.com"} for each in stored.values())

    async def test_two_people_with_one_address_are_two_records_and_never_one(self, org: Any) -> None:
        shared = {"Email": "office@example.com"}
        results = await org.connector.write(
            "Contacts", [create(1, Last_Name="Doe", **shared), create(2, Last_Name="Roe", **shared)]
        )
        assert len({each.id for each in results if isinstance(each, Done)}) == 2
        assert not [call for call in org.calls() if "upsert" in call]


class TestFieldsThatVanish:
    async def test_a_hidden_field_was_not_read_and_is_not_empty(self, org: Any, spoiling: Spoiling) -> None:
        person = org.person(Email="ann@example.com", Title="Head")
        spoiling.spoil = changed(lambda body: [row.pop("Title", None) for row in body["data"]])
        shown = records(await follow(org, None))[person]
        assert dict(shown.values) == {"Last_Name": "Miller", "Email": "ann@example.com"}
        (found,) = await org.connector.fetch("Contacts", FIELDS, [person])
        assert isinstance(found, Found)
        assert "Title" not in found.record.values

    async def test_without_the_modified_time_everything_is_still_read_once(self, org: Any, spoiling: Spoiling) -> None:
        people = {org.person(Email=f"{n}@example.com") for n in range(450)}
        spoiling.spoil = changed(lambda body: [row.pop("Modified_Time", None) for row in body["data"]])
        pages = await follow(org, None)
        assert sorted(upserted(pages)) == sorted(people)
        assert {each.version for each in records(pages).values()} == {None}
        org.clock.moment += 600.0
        org.edit(min(people), Title="later")
        assert min(people) in upserted(await follow(org, pages[-1].cursor))

    async def test_a_lookup_is_its_name_whose_id_stays_zohos(self, org: Any) -> None:
        account = org.app.edit({"object": "Accounts", "create": {"Account_Name": "Acme"}})["id"]
        person = org.person(Account_Name={"id": account})
        shown = records(await follow(org, None, ("Last_Name", "Account_Name")))[person]
        assert shown.values["Account_Name"] == "Acme"


class TestTimes:
    @pytest.mark.parametrize("zone", ["+05:30", "-11:00", "+13:45", "Europe/Berlin"])
    async def test_another_time_zone_of_the_user_is_no_edit(self, org: Any, zone: str) -> None:
        person = org.person(Email="ann@example.com")
        fields = (*FIELDS, "Created_Time")
        before = records(await follow(org, None, fields))[person]
        org.app.crm.zone = Zone(zone)
        after = records(await follow(org, None, fields))[person]
        assert (after.version, after.modified, after.values) == (before.version, before.modified, before.values)


class TestLogin:
    async def test_a_consent_of_another_data_centre_names_the_cure(self, org: Any, spoiling: Spoiling) -> None:
        org.connector._client._http._auth._sender = spoiling
        spoiling.spoil = lambda request, answer: (
            Answered(200, {}, b'{"error":"invalid_code"}') if "/oauth/" in request.url else answer
        )
        with pytest.raises(AuthLost, match="another data centre"):
            await org.connector.check()
        assert not [call for call in org.calls() if "/crm/" in call]

    async def test_contacts_never_go_where_a_token_says(self, org: Any) -> None:
        org.app.at("https://elsewhere.example.com")  # so every token names that as its api_domain
        await org.connector.write("Contacts", [create(1, Last_Name="Doe")])
        assert {each.url.split("/crm/")[0] for each in org.sender.sent if "/crm/" in each.url} == {"http://127.0.0.1:1"}


DAMAGED = {
    "half of a pair of surrogates": rb'"Fair \ud83d"',
    "a second half alone": rb'"\ude00"',
    "no UTF-8": b'"M\xfcller"',
    "a number without end": b"1e999",
    "no number": b"NaN",
    "a number of fifty digits": b"9" * 50,
    "a number of five thousand digits": b"9" * 5_000,
    "half a pair deep inside": rb'{"name": ["\ud83d"]}',
    "half a pair in a list": rb'[{"name": "A"}, {"name": "\ud83d"}]',
}


class TestDamagedValues:
    @pytest.mark.parametrize("value", DAMAGED.values(), ids=DAMAGED)
    async def test_a_value_that_nobody_can_read_stops_its_own_record_only(
        self, org: Any, spoiling: Spoiling, value: bytes
    ) -> None:
        people = [org.person(Email=f"{n}@example.com") for n in range(250)]
        bad = org.person(Title="DAMAGED")
        await org.connector.schema("Contacts")

        def spoil(request: HttpRequest, answer: Any) -> Any:
            return Answered(answer.status, answer.headers, answer.body.replace(b'"DAMAGED"', value), answer.url)

        spoiling.spoil = spoil
        pages = await follow(org, None)
        assert sorted(upserted(pages)) == sorted(people)
        assert list(unreadable(pages)) == [bad]
        assert "Title" in unreadable(pages)[bad]
        assert "Fair" not in unreadable(pages)[bad]
        first, second = await org.connector.fetch("Contacts", FIELDS, [people[0], bad])
        assert isinstance(first, Found)
        assert isinstance(second, Unreadable)
        assert pages[-1].complete

    @pytest.mark.parametrize("name", [rb'"Fair \ud83d"', b'"M\xfcller"'])
    async def test_nor_does_the_name_of_somebody_who_was_deleted(
        self, org: Any, spoiling: Spoiling, name: bytes
    ) -> None:
        person = org.person(Last_Name="DAMAGED")
        cursor = (await follow(org, None))[-1].cursor
        await org.clock.sleep(10.0)
        org.delete(person)
        spoiling.spoil = lambda request, answer: Answered(
            answer.status, answer.headers, answer.body.replace(b'"DAMAGED"', name), answer.url
        )
        pages = await follow(org, cursor)
        assert (removed(pages), pages[-1].complete) == ([person], True)

    async def test_duplicate_keys_are_read_as_the_vendors_own_library_reads_them(
        self, org: Any, spoiling: Spoiling
    ) -> None:
        person = org.person(Title="DOUBLE")
        spoiling.spoil = lambda request, answer: Answered(
            answer.status, answer.headers, answer.body.replace(b'"DOUBLE"', b'"first","Title":"last"'), answer.url
        )
        assert records(await follow(org, None))[person].values["Title"] == "last"

    async def test_an_unknown_choice_is_a_value_like_any_other(self, org: Any) -> None:
        person = org.person(Lead_Source="Never heard of")
        assert records(await follow(org, None, ("Lead_Source",)))[person].values["Lead_Source"] == "Never heard of"


class TestPaging:
    @pytest.fixture
    def org(self, make_org: Any) -> Any:
        """One that is read by lists alone; see test_long_reads for queries."""
        return make_org(long_reads="list")

    async def test_a_deletion_before_the_place_hides_nobody_behind_it(self, org: Any) -> None:
        people = []
        for n in range(650):
            people.append(org.person(Email=f"{n}@example.com"))
            org.clock.moment += 1.0
        seen: list[str] = []
        async for page in org.connector.changes("Contacts", FIELDS, None):
            seen += upserted([page])
            if len(seen) < 300:
                for each in people[:50]:
                    org.delete(each)
        assert sorted(seen) == sorted(people)

    async def test_an_empty_page_with_more_behind_it_is_no_end(self, org: Any, spoiling: Spoiling) -> None:
        people = {org.person(Email=f"{n}@example.com") for n in range(650)}
        hidden: list[str] = []

        def second_emptied(body: dict[str, Any]) -> None:
            if len(org.calls()) - begun == 2:
                hidden.extend(row["id"] for row in body["data"])
                body["data"] = []

        await org.connector.schema("Contacts")
        begun = len(org.calls())
        spoiling.spoil = changed(second_emptied)
        pages = await follow(org, None)
        assert pages[-1].complete
        assert len(hidden) == 200
        assert set(upserted(pages)) == people - set(hidden)

    async def test_empty_pages_without_end_are_an_error(self, org: Any, spoiling: Spoiling) -> None:
        await org.connector.schema("Contacts")
        begun = len(org.calls())

        def spoil(request: HttpRequest, answer: Any) -> Any:
            info = {"more_records": True, "next_page_token": f"token {len(org.calls())}"}
            return Answered(200, answer.headers, json.dumps({"data": [], "info": info}).encode(), answer.url)

        spoiling.spoil = spoil
        with pytest.raises(ContractBroken, match="empty page"):
            await follow(org, None)
        assert len(org.calls()) - begun < 20

    async def test_rows_that_come_twice_are_no_reason_to_stop(self, org: Any, spoiling: Spoiling) -> None:
        people = {org.person(Email=f"{n}@example.com") for n in range(450)}
        last: list[Any] = []

        def doubled(body: dict[str, Any]) -> None:
            body["data"] = [*last, *body["data"], body["data"][0]]
            last[:] = body["data"][-2:]

        spoiling.spoil = changed(doubled)
        assert set(upserted(await follow(org, None))) == people

    async def test_a_restored_record_is_not_reported_as_removed(self, org: Any) -> None:
        person = org.person(Email="ann@example.com")
        cursor = (await follow(org, None))[-1].cursor
        await org.clock.sleep(10.0)
        org.delete(person)
        org.app.edit({"object": "Contacts", "id": person, "restore": True})
        pages = await follow(org, cursor)
        assert person in upserted(pages)
        assert person not in removed(pages)
