"""What writes send, and what becomes of them: the shape of each call, and each error that is documented."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.mailchimp.conftest import EXTRA, Account, body_of
from zohosyncd.connectors.mailchimp.connector import BATCH
from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, Unavailable
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Postal
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    Missing,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
)
from zohosyncd.sandbox.mailchimp.setup import FIELDS, MailchimpSetup
from zohosyncd.transport.sender import Answered

ANN = {"email_address": "Ann@Example.com", "FNAME": "Ann", "LNAME": "Miller"}
BOB = {"email_address": "bob@example.com", "FNAME": "Bob", "LNAME": "Stone"}


def problem(
    title: str, detail: str = "", *, status: int = 400, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": "1"}
    return {"fault": "status", "status": status, "body": {**body, **({"errors": errors} if errors else {})}}


class TestShape:
    """What is sent."""

    async def test_one_new_member_is_added_alone(self, account: Account) -> None:
        (result,) = await account.create(
            {**ANN, "status": "subscribed", "tags": as_value(["Fair"]), "BIRTHDAY": "1980-05-12"}
        )
        assert isinstance(result, Done)
        request = account.sender.sent[-1]
        assert account.calls()[-1] == "POST /3.0/lists/{list}/members"
        assert "skip_merge_validation=true" in request.url
        assert body_of(request) == {
            "email_address": "Ann@Example.com", "status": "subscribed", "tags": ["Fair"],
            "merge_fields": {"FNAME": "Ann", "LNAME": "Miller", "BIRTHDAY": "05/12"},
        }  # fmt: skip

    async def test_many_new_members_are_one_call_that_changes_nobody(self, account: Account) -> None:
        people = [{**ANN, "email_address": f"p{n}@example.com"} for n in range(BATCH)]
        results = await account.create(*people)
        assert all(isinstance(each, Done) for each in results)
        # One question for the merge fields, one for who is archived, one write.
        assert account.calls() == [
            "GET /3.0/lists/{list}/merge-fields", "GET /3.0/lists/{list}/members", "POST /3.0/lists/{list}",
        ]  # fmt: skip
        body = body_of(account.sender.sent[-1])
        assert (len(body["members"]), body["update_existing"]) == (BATCH, False)
        told = [each.stored.values["email_address"] for each in results]
        assert told == [each["email_address"] for each in people]

    async def test_who_has_no_state_is_asked_for_a_confirmation(self, account: Account) -> None:
        (result,) = await account.create(ANN)
        assert account.member(result.id)["status"] == "pending"

    async def test_a_change_names_the_member_by_its_contact_id_and_nothing_but_the_change(
        self, account: Account
    ) -> None:
        ann = account.person(FNAME="Ann")
        assert isinstance(await account.update(ann, FNAME="Anna", POINTS=None), Done)
        assert account.calls()[-1] == f"PATCH /3.0/lists/{{list}}/members/{ann}"
        assert body_of(account.sender.sent[-1]) == {"merge_fields": {"FNAME": "Anna", "POINTS": ""}}

    async def test_an_opt_out_is_one_word(self, account: Account) -> None:
        ann = account.person()
        result = await account.update(ann, status="unsubscribed")
        assert body_of(account.sender.sent[-1]) == {"status": "unsubscribed"}
        assert result.stored.values["status"] == "unsubscribed"

    async def test_tags_travel_by_the_hash_of_the_present_address(self, account: Account) -> None:
        ann = account.person("Ann@Example.com", tags=["Old", "Kept"])
        result = await account.update(ann, tags=as_value(["Kept", "New"]))
        assert isinstance(result, Done)
        call = account.sender.sent[-2]
        assert call.url.endswith(f"/members/{account.member(ann)['id']}/tags")
        assert body_of(call) == {"tags": [{"name": "Old", "status": "inactive"}, {"name": "New", "status": "active"}]}
        assert set(names_of(result.stored.values["tags"])) == {"Kept", "New"}

    async def test_a_deletion_archives(self, account: Account) -> None:
        ann = account.person()
        assert isinstance(await account.delete(ann), Done)
        assert account.calls()[-1] == f"DELETE /3.0/lists/{{list}}/members/{ann}"
        assert ann not in account.members()
        assert account.app.audiences[account.ref].members.get(ann) is not None, "it was deleted for ever"

    async def test_the_login_is_the_key(self, account: Account) -> None:
        await account.connector.check()
        assert account.sender.sent[-1].headers["Authorization"].startswith("Basic ")


class TestRefusals:
    """What Mailchimp says no to."""

    async def test_who_unsubscribed_is_not_subscribed_by_force(self, account: Account) -> None:
        ann = account.person()
        account.edit(ann, status="unsubscribed")
        result = await account.update(ann, status="subscribed")
        assert result == Refused("MEMBER_IN_COMPLIANCE_STATE", "status", result.message, compliance=True)
        assert account.member(ann)["status"] == "unsubscribed"
        assert [each for each in account.calls() if each.startswith(("PUT", "POST", "DELETE"))] == []

    async def test_who_bounced_neither(self, account: Account) -> None:
        ann = account.person()
        account.edit(ann, status="cleaned")
        result = await account.update(ann, status="subscribed")
        assert isinstance(result, Refused)
        assert result.compliance

    async def test_who_unsubscribed_may_be_asked(self, account: Account) -> None:
        ann = account.person()
        account.edit(ann, status="unsubscribed")
        assert isinstance(await account.update(ann, status="pending"), Done)
        assert account.member(ann)["status"] == "pending"
        account.edit(ann, status="subscribed")  # the person confirms
        assert (await account.known(ann)).values["consented_at"] is not None

    async def test_who_was_deleted_for_ever_does_not_come_back(self, account: Account) -> None:
        account.erase(account.person("ann@example.com"))
        (result,) = await account.create(ANN)
        assert result == Refused("FORGOTTEN_EMAIL", "email_address", result.message, compliance=True)

    async def test_an_address_that_is_a_member_is_told_with_the_member(self, account: Account) -> None:
        ann = account.person("ann@example.com")
        assert await account.create(ANN) == [Duplicate(ann, "email_address")]
        results = await account.create(BOB, ANN, {**BOB, "email_address": "c@example.com"})
        assert [type(each) for each in results] == [Done, Duplicate, Done]
        assert results[1] == Duplicate(ann, "email_address")

    async def test_two_of_a_batch_with_one_address_are_one_member(self, account: Account) -> None:
        results = await account.create(ANN, BOB, {**ANN, "email_address": "ann@EXAMPLE.com"})
        assert [type(each) for each in results] == [Done, Done, Duplicate]
        assert len(account.members()) == 2

    @pytest.mark.parametrize(
        "address", ["nobody", "a@b", "ä@example.com", "x@mailinator.com", "postmaster@example.com"]
    )
    async def test_an_address_that_is_none_or_fake_is_refused(self, account: Account, address: str) -> None:
        (result,) = await account.create({**ANN, "email_address": address})
        assert result == Refused("ADDRESS_REFUSED", "email_address", result.message)
        assert address not in result.message

    @pytest.mark.parametrize("patch", [{}, {"email_address": None}, {"email_address": "  "}])
    async def test_without_an_address_nobody_is_sent(self, account: Account, patch: dict[str, Any]) -> None:
        (result,) = await account.create({"FNAME": "Ann", **patch})
        assert isinstance(result, Refused)
        assert result.field == "email_address"
        assert account.calls() == ["GET /3.0/lists/{list}/merge-fields"]

    async def test_a_bad_value_is_told_and_the_rest_arrives(self, account: Account) -> None:
        incomplete = Postal(street="1 Main Street", city="Berlin", code="10115", country="Germany")
        (made,) = await account.create({**ANN, "ADDRESS": incomplete, "USZIP": "1234"})
        assert isinstance(made, Done)
        assert {each.field for each in made.refused} == {"ADDRESS", "USZIP"}
        assert account.member(made.id)["merge_fields"]["FNAME"] == "Ann"
        changed = await account.update(made.id, JTITLE="Director", SITE="no address")
        assert [each.field for each in changed.refused] == ["SITE"]
        assert account.member(made.id)["merge_fields"]["JTITLE"] == "Director"

    async def test_a_bad_value_of_one_row_does_not_harm_the_others(self, account: Account) -> None:
        results = await account.create({**ANN, "SITE": "no address"}, BOB)
        assert [type(each) for each in results] == [Done, Done]
        assert [each.field for each in results[0].refused] == ["SITE"]

    async def test_a_patch_of_nothing_but_a_bad_value_is_refused(self, account: Account) -> None:
        ann = account.person()
        result = await account.update(ann, SITE="no address")
        assert result == Refused("INVALID_VALUE", "SITE", result.message)

    async def test_a_bad_value_beside_tags_does_not_hold_the_tags(self, account: Account) -> None:
        ann = account.person()
        result = await account.update(ann, SITE="no address", tags=as_value(["VIP"]))
        assert isinstance(result, Done)
        assert [each.field for each in result.refused] == ["SITE"]
        assert account.member(ann)["tags_count"] == 1

    async def test_what_the_form_requires_stops_nobody_unless_the_operator_says_so(
        self, make_account: Callable[..., Account]
    ) -> None:
        fields = ({**FIELDS[0], "required": True}, *FIELDS[1:])
        nameless = {"email_address": "a@example.com", "LNAME": "Miller"}
        easy, strict = (make_account(MailchimpSetup(fields=fields), require_fields=each) for each in (False, True))
        (made,) = await easy.create(nameless)
        assert isinstance(made, Done)
        assert isinstance(await easy.update(made.id, LNAME="Stone"), Done)
        (refused,) = await strict.create(nameless)
        assert refused == Refused("MANDATORY_NOT_FOUND", "FNAME", refused.message)

    @pytest.mark.parametrize("state", ["cleaned", "archived", "transactional", "never"])
    async def test_states_that_are_not_ours_to_give_are_not_sent(self, account: Account, state: str) -> None:
        ann = account.person()
        result = await account.update(ann, status=state)
        assert isinstance(result, Refused)
        assert account.member(ann)["status"] == "subscribed"

    @pytest.mark.parametrize("name", ["consented_at", "source", "id", "NOSUCH"])
    async def test_what_cannot_be_written_is_not_sent(self, account: Account, name: str) -> None:
        ann = account.person()
        before = len(account.calls())
        result = await account.update(ann, **{name: "x"})
        assert isinstance(result, Refused)
        assert result.field == name
        assert not [each for each in account.calls()[before:] if not each.startswith("GET")]

    async def test_too_many_sign_ups_are_for_later(self, account: Account) -> None:
        detail = (
            "ann@example.com has signed up to a lot of lists very recently; we're not allowing more signups for now"
        )
        account.fail({"method": "POST", **problem("Invalid Resource", detail)})
        (result,) = await account.create(ANN)
        assert isinstance(result, Pending)
        assert "ann" not in result.reason

    async def test_an_unknown_refusal_is_told_by_its_title_alone(self, account: Account) -> None:
        ann = account.person()
        account.fail({"method": "PATCH", **problem("Moon In Wrong Phase", "ann@example.com is looking at it")})
        result = await account.update(ann, FNAME="x")
        assert result == Refused("MOON_IN_WRONG_PHASE", message=result.message)
        assert "ann" not in result.message

    async def test_a_batch_that_is_refused_as_a_whole_is_sent_one_by_one(self, account: Account) -> None:
        account.fail({"method": "POST", "path": f"/3.0/lists/{account.ref}", **problem("Invalid Resource", "no")})
        assert [type(each) for each in await account.create(ANN, BOB)] == [Done, Done]


class TestAddresses:
    """An address is a field of the member, and not who it is."""

    async def test_a_new_address_is_the_same_members(self, account: Account) -> None:
        ann = account.person("ann@example.com")
        result = await account.update(ann, email_address="ann@example.org", FNAME="Anna")
        assert isinstance(result, Done)
        assert result.id == ann
        assert list(account.members()) == [ann]
        assert (await account.known(ann)).values["email_address"] == "ann@example.org"

    async def test_an_address_of_somebody_else_is_refused_and_the_rest_arrives(self, account: Account) -> None:
        ann, bob = account.person("ann@example.com"), account.person("bob@example.com")
        result = await account.update(ann, email_address="BOB@example.com", FNAME="Anna")
        assert isinstance(result, Done)
        assert [(each.code, each.field) for each in result.refused] == [("ADDRESS_TAKEN", "email_address")]
        alone = await account.update(ann, email_address="bob@example.com")
        assert isinstance(alone, Refused)
        assert alone.code == "ADDRESS_TAKEN"
        assert {each: m["email_address"] for each, m in account.members().items()} == {
            ann: "ann@example.com", bob: "bob@example.com",
        }  # fmt: skip

    @pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "pending"])
    async def test_the_address_of_who_is_not_subscribed_stays_and_the_rest_arrives(
        self, account: Account, status: str
    ) -> None:
        ann = account.person()
        account.edit(ann, status=status)
        result = await account.update(ann, email_address="new@example.org", FNAME="Anna")
        assert [(each.code, each.field) for each in result.refused] == [("ADDRESS_LOCKED", "email_address")]
        assert account.member(ann)["merge_fields"]["FNAME"] == "Anna"

    async def test_another_case_of_an_address_is_no_change(self, account: Account) -> None:
        ann = account.person("Ann@Example.com")
        result = await account.update(ann, email_address="ann@example.com", FNAME="Anna")
        assert isinstance(result, Done)
        assert body_of([each for each in account.sender.sent if each.method == "PATCH"][-1]) == {
            "merge_fields": {"FNAME": "Anna"}
        }
        assert isinstance(await account.update(ann, email_address="ANN@example.com"), Done)

    @pytest.mark.parametrize("address", ["ann+news@example.com", "o'neil@example.com", "a/b?c=d&e%20f@example.com"])
    async def test_odd_addresses_are_members_like_others(self, account: Account, address: str) -> None:
        (made,) = await account.create({**ANN, "email_address": address})
        if isinstance(made, Refused):  # Mailchimp knows better
            assert made.code == "ADDRESS_REFUSED"
            return
        assert await account.connector.find(account.ref, [address.upper()]) == [made.id]
        assert isinstance(await account.update(made.id, tags=as_value(["A & B", "50%/x?"])), Done)
        assert account.member(made.id)["tags_count"] == 2


class TestAnswers:
    """What the network and the vendor do to an answer."""

    @pytest.mark.parametrize("fault", [{"fault": "status", "status": 503}, {"fault": "reset", "executed": True}, {"fault": "html", "status": 502}, {"fault": "truncate"}], ids=str)  # fmt: skip
    async def test_a_write_without_an_answer_is_unknown(self, account: Account, fault: dict[str, Any]) -> None:
        ann = account.person()
        await account.connector.schema(account.ref)
        for method, write in (("POST", account.create(BOB)), ("PATCH", account.update(ann, FNAME="x"))):
            account.fail({"method": method, **fault})
            result = await write
            assert isinstance(result[0] if isinstance(result, list) else result, Unknown), result

    async def test_a_lost_answer_is_found_again_by_the_address(self, account: Account) -> None:
        account.fail({"method": "POST", "fault": "reset", "executed": True, "count": 1})
        assert isinstance((await account.create(ANN))[0], Unknown)
        (made,) = account.members()
        assert await account.connector.find(account.ref, ["ANN@example.com"]) == [made]
        pages = [
            page async for page in account.connector.created_since(account.ref, ("email_address",), account.clock.now())
        ]
        assert [each.id for page in pages for each in page.records] == [made]
        assert await account.create(ANN) == [Duplicate(made, "email_address")]

    async def test_tags_without_an_answer_are_left_and_values_have_arrived(self, account: Account) -> None:
        ann = account.person()
        account.fail({"method": "POST", "path": "*/tags", "fault": "status", "status": 500})
        result = await account.update(ann, FNAME="Anna", tags=as_value(["VIP"]))
        assert isinstance(result, Done)
        assert result.left == ("tags",)
        alone = await account.update(ann, tags=as_value(["VIP"]))
        assert isinstance(alone, Unknown)

    async def test_a_row_that_the_answer_lacks_is_unknown(self, account: Account, spoiling: Any) -> None:
        def spoil(request: Any, answer: Any) -> Any:
            if request.method != "POST":
                return answer
            return replace(
                answer, body=answer.body.replace(b"bob@example.com", b"x@example.com").replace(b'"id":"', b'"id":"0')
            )

        spoiling.spoil = spoil
        assert [type(each) for each in await account.create(ANN, BOB)] == [Unknown, Unknown]

    async def test_429_and_a_bare_403_are_waited_out(self, account: Account) -> None:
        for refusal in ({"status": 429}, {"status": 403, "body": "<html>Forbidden</html>"}):
            account.fail({"fault": "status", "count": 2, **refusal})
            assert (await account.connector.check()).identity

    async def test_for_ever_too_many_is_a_limit_and_no_lost_login(self, account: Account) -> None:
        account.fail({"fault": "status", "status": 403})
        with pytest.raises(RateLimited):
            await account.connector.check()

    async def test_a_403_with_a_reason_is_a_right(self, account: Account) -> None:
        account.fail(problem("Forbidden", "You do not have permission to access the requested resource.", status=403))
        with pytest.raises(PermissionLacking):
            await account.connector.check()

    @pytest.mark.parametrize("title", ["User Disabled", "Wrong Datacenter"])
    async def test_a_disabled_user_is_a_lost_login(self, account: Account, title: str) -> None:
        account.fail(problem(title, status=403))
        with pytest.raises(AuthLost):
            await account.connector.check()

    async def test_a_wrong_key_is_a_lost_login(self, make_account: Callable[..., Account]) -> None:
        account = make_account(key="nonsense-us1")
        with pytest.raises(AuthLost):
            await account.connector.check()

    async def test_all_writes_refused_unread_are_one_error(self, account: Account) -> None:
        people = [account.person(f"p{n}@example.com") for n in range(3)]
        ops = [WriteOp("1" * 32, WriteKind.UPDATE, each, {"FNAME": "x"}, await account.known(each)) for each in people]
        account.fail({"method": "PATCH", "fault": "status", "status": 429})
        with pytest.raises(RateLimited):
            await account.connector.write(account.ref, ops)
        account.fail({"method": "PATCH", "path": f"*{people[0]}", "fault": "status", "status": 429})
        results = await account.connector.write(account.ref, ops)
        assert [type(each) for each in results] == [NotSent, Done, Done]

    async def test_an_audience_that_is_gone_is_not_an_audience_without_members(self, account: Account) -> None:
        ann = account.person()
        await account.connector.schema(account.ref)
        del account.app.audiences[account.ref]
        with pytest.raises(ContractBroken, match="audience"):
            await account.connector.fetch(account.ref, ("FNAME",), [ann])
        with pytest.raises((ContractBroken, Unavailable)):
            [page async for page in account.connector.changes(account.ref, ("FNAME",), None)]

    async def test_who_is_not_there_is_missing(self, account: Account) -> None:
        account.person()
        assert await account.connector.fetch(account.ref, ("FNAME",), ["f" * 32]) == [Missing("f" * 32)]

    async def test_a_change_of_who_is_gone_is_a_conflict(self, account: Account) -> None:
        ann = account.person()
        known = await account.known(ann)
        account.erase(ann)
        op = WriteOp("1" * 32, WriteKind.UPDATE, ann, {"FNAME": "x"}, known)
        assert await account.connector.write(account.ref, [op]) == [Conflict(gone=True)]


@pytest.mark.parametrize(
    "key", ["abc", "abc-", "0123456789abcdef0123456789abcdef", "x-us1.example.com/", "x-us21@evil"]
)
async def test_a_key_without_a_data_centre_asks_nobody(make_account: Callable[..., Account], key: str) -> None:
    account = make_account(key=key, url=None)
    with pytest.raises(AuthLost, match="data centre"):
        await account.connector.check()
    assert account.sender.sent == []


async def test_a_key_leads_to_its_data_centre(make_account: Callable[..., Account]) -> None:
    account = make_account(key=MailchimpSetup().api_key.replace("us1", "us21"), url=None)
    account.app.setup.api_key = MailchimpSetup().api_key.replace("us1", "us21")
    await account.connector.check()
    assert account.sender.sent[-1].url.startswith("https://us21.api.mailchimp.com/3.0/")


async def test_an_answer_names_another_member_only_by_mistake(account: Account, spoiling: Any) -> None:
    ann = account.person()
    known = await account.known(ann)

    def spoil(request: Any, answer: Any) -> Any:
        return (
            Answered(200, answer.headers, answer.body.replace(ann.encode(), b"0" * 32))
            if request.method == "PATCH"
            else answer
        )

    spoiling.spoil = spoil
    op = WriteOp("1" * 32, WriteKind.UPDATE, ann, {"FNAME": "x"}, known)
    (result,) = await account.connector.write(account.ref, [op])
    assert isinstance(result, Unknown)


def test_the_bench_has_a_field_of_each_kind() -> None:
    assert {each["type"] for each in (*FIELDS, *EXTRA)} >= {
        "text",
        "number",
        "date",
        "birthday",
        "phone",
        "address",
        "url",
        "zip",
    }
