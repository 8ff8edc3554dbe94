"""What people and other programs do at the worst moment, and what must not come of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from tests.connectors.mailchimp.conftest import EXTRA, Account, Spoiling, options
from zohosyncd.connectors.mailchimp import SPEC
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    Found,
    Missing,
    Refused,
    Removed,
    Upserted,
    WriteKind,
    WriteOp,
)
from zohosyncd.sandbox.mailchimp.setup import FIELDS, MailchimpSetup
from zohosyncd.settings.secrets import Secret

ANN = {"email_address": "ann@example.com", "FNAME": "Ann", "LNAME": "Miller"}
BOB = {"email_address": "bob@example.com", "FNAME": "Bob"}


def op(contact: str, known: Any, **patch: Any) -> WriteOp:
    return WriteOp("1" * 32, WriteKind.UPDATE, contact, patch, known)


def once(before: Spoiling, method: str, do: Callable[[], Any], part: str = "") -> None:
    """Have somebody do something just before the next request of this kind leaves."""
    done = []

    def look(request: Any) -> None:
        if request.method == method and part in request.url and not done:
            done.append(True)
            do()

    before.before = look


class TestAddressChanges:
    """A member's address, and with it the id in most of the API, changes while we work."""

    async def test_a_change_between_read_and_write_makes_nobody_twice(
        self, account: Account, spoiling: Spoiling
    ) -> None:
        ann = account.person("ann@example.com")
        known = await account.known(ann)
        once(spoiling, "PATCH", lambda: account.edit(ann, email_address="moved@example.org"))
        (result,) = await account.connector.write(account.ref, [op(ann, known, FNAME="Anna")])
        assert isinstance(result, Done)
        assert result.stored is not None
        assert result.stored.values["email_address"] == "moved@example.org"
        assert list(account.members()) == [ann]

    async def test_tags_do_not_go_to_whoever_has_the_old_address_now(
        self, account: Account, spoiling: Spoiling
    ) -> None:
        ann = account.person("ann@example.com", tags=["Old"])
        known = await account.known(ann)

        def swap() -> None:
            account.edit(ann, email_address="moved@example.org")

        once(spoiling, "POST", swap, "/tags")
        (result,) = await account.connector.write(account.ref, [op(ann, known, tags=as_value(["New"]))])
        assert result == Conflict()
        assert names_of((await account.known(ann)).values["tags"]) == ("Old",)

    async def test_beside_another_change_tags_go_by_the_address_that_its_answer_shows(
        self, account: Account, spoiling: Spoiling
    ) -> None:
        ann = account.person("ann@example.com")
        known = await account.known(ann)
        once(spoiling, "PATCH", lambda: account.edit(ann, email_address="moved@example.org"))
        (result,) = await account.connector.write(account.ref, [op(ann, known, FNAME="A", tags=as_value(["VIP"]))])
        assert isinstance(result, Done)
        assert result.left == ()
        assert account.member(ann)["tags_count"] == 1

    async def test_a_changed_address_comes_through_the_feed_as_the_same_record(self, account: Account) -> None:
        ann = account.person("ann@example.com")
        pages = [page async for page in account.connector.changes(account.ref, ("email_address",), None)]
        account.clock.moment += 10
        account.edit(ann, email_address="moved@example.org")
        pages = [page async for page in account.connector.changes(account.ref, ("email_address",), pages[-1].cursor)]
        changes = [each for page in pages for each in page.changes]
        assert [(each.record.id, each.record.values) for each in changes if isinstance(each, Upserted)] == [
            (ann, {"email_address": "moved@example.org"})
        ]
        assert not [each for each in changes if isinstance(each, Removed)]

    async def test_two_people_swap_their_addresses(self, account: Account) -> None:
        ann, bob = account.person("ann@example.com"), account.person("bob@example.com")
        account.edit(ann, email_address="tmp@example.com")
        account.edit(bob, email_address="ann@example.com")
        account.edit(ann, email_address="bob@example.com")
        assert await account.connector.find(account.ref, ["ann@example.com"]) == [bob]
        found = await account.connector.fetch(account.ref, ("email_address",), [ann, bob])
        assert {each.record.id: each.record.values["email_address"] for each in found if isinstance(each, Found)} == {
            ann: "bob@example.com", bob: "ann@example.com",
        }  # fmt: skip


class TestConsent:
    """Nobody is opted in by chance."""

    @pytest.mark.parametrize("wish", ["subscribed", "pending"])
    async def test_who_opts_out_after_the_decision_stays_out(self, account: Account, wish: str) -> None:
        (made,) = await account.create({**ANN, "status": "subscribed"})
        known = await account.known(made.id)
        decided_from = replace(known, values={**known.values, "status": "transactional"})
        # By the API, so that Mailchimp itself would let us opt them in again.
        await account.update(made.id, status="unsubscribed")
        (result,) = await account.connector.write(account.ref, [op(made.id, decided_from, status=wish)])
        assert result == Conflict()
        assert account.member(made.id)["status"] == "unsubscribed"

    async def test_a_values_change_says_nothing_about_consent(self, account: Account) -> None:
        ann = account.person()
        account.edit(ann, status="unsubscribed")
        await account.update(ann, FNAME="Anna", JTITLE="Director")
        assert account.member(ann)["status"] == "unsubscribed"

    async def test_a_create_does_not_change_a_member_that_somebody_adds_meanwhile(
        self, account: Account, spoiling: Spoiling
    ) -> None:
        await account.connector.schema(account.ref)

        def sign_up_and_out() -> None:
            account.edit(account.person("ann@example.com", FNAME="Her own"), status="unsubscribed")

        once(spoiling, "POST", sign_up_and_out)
        results = await account.create({**ANN, "status": "subscribed"}, {**BOB, "status": "subscribed"})
        assert [type(each) for each in results] == [Duplicate, Done]
        (ann,) = [each for each in account.members().values() if each["email_address"] == "ann@example.com"]
        assert (ann["status"], ann["merge_fields"]["FNAME"]) == ("unsubscribed", "Her own")


@pytest.mark.parametrize("revives", [True, False], ids=["adding revives", "adding is refused"])
@pytest.mark.parametrize("count", [1, 2, 5])
class TestArchive:
    """Who was put away stays away until a person takes them out."""

    async def test_an_archived_address_is_not_added(
        self, make_account: Callable[..., Account], revives: bool, count: int
    ) -> None:
        account = make_account(MailchimpSetup(fields=(*FIELDS, *EXTRA), post_revives=revives))
        ann = account.person("ann@example.com")
        account.edit(ann, status="unsubscribed")
        account.archive(ann)
        others = [{**BOB, "email_address": f"p{n}@example.com"} for n in range(count - 1)]
        first, *rest = await account.create(
            {**ANN, "email_address": "Ann@Example.com", "status": "subscribed"}, *others
        )
        assert isinstance(first, Refused)
        assert first.code == "ARCHIVED"
        assert all(isinstance(each, Done) for each in rest)
        hidden = account.app.audiences[account.ref].find("ann@example.com")
        assert hidden is not None
        assert (hidden.status, hidden.was) == ("archived", "unsubscribed")

    async def test_a_person_who_signs_up_again_is_the_same_member(
        self, make_account: Callable[..., Account], revives: bool, count: int
    ) -> None:
        account = make_account(MailchimpSetup(post_revives=revives))
        ann = account.person("ann@example.com")
        for _ in range(count):
            account.archive(ann)
            assert await account.connector.fetch(account.ref, ("FNAME",), [ann]) == [Missing(ann)]
            assert await account.connector.find(account.ref, ["ann@example.com"]) == []
            assert account.person("ANN@example.com") == ann
            assert await account.connector.find(account.ref, ["ann@example.com"]) == [ann]
        (result,) = await account.create(ANN)
        assert result == Duplicate(ann, "email_address")


async def test_a_change_of_who_is_archived_meanwhile_is_a_conflict(account: Account, spoiling: Spoiling) -> None:
    ann = account.person()
    known = await account.known(ann)
    once(spoiling, "PATCH", lambda: account.archive(ann))
    (result,) = await account.connector.write(account.ref, [op(ann, known, FNAME="Anna")])
    assert result == Conflict(gone=True)
    hidden = account.app.audiences[account.ref].members.get(ann)
    assert hidden is not None
    assert hidden.status == "archived"


async def test_a_merge_field_that_is_removed_while_we_run_is_told_and_nothing_is_emptied(account: Account) -> None:
    ann = account.person(JTITLE="Director", FNAME="Ann")
    await account.connector.schema(account.ref)
    account.app.edit({"object": account.ref, "drop_field": "JTITLE"})
    (found,) = await account.connector.fetch(account.ref, ("FNAME", "JTITLE"), [ann])
    assert isinstance(found, Found)
    assert "JTITLE" not in found.record.values
    result = await account.update(ann, FNAME="Anna", JTITLE="Chair")
    # The schema was read anew with the record, so that the field is known to be gone; before that it is the answer.
    assert isinstance(result, Refused)
    assert result.field == "JTITLE"


async def test_a_field_that_goes_between_read_and_write_is_seen_by_the_answer(
    account: Account, spoiling: Spoiling
) -> None:
    ann = account.person(JTITLE="Director", FNAME="Ann")
    known = await account.known(ann)
    once(spoiling, "PATCH", lambda: account.app.edit({"object": account.ref, "drop_field": "JTITLE"}))
    (result,) = await account.connector.write(account.ref, [op(ann, known, FNAME="Anna", JTITLE="Chair")])
    assert isinstance(result, Done)
    assert [(each.code, each.field) for each in result.refused] == [("FIELD_GONE", "JTITLE")]
    assert account.member(ann)["merge_fields"]["FNAME"] == "Anna"


async def test_members_without_names_are_members(account: Account) -> None:
    ann = account.person("ann@example.com")
    record = await account.known(ann)
    assert (record.values["FNAME"], record.values["LNAME"]) == (None, None)
    (made,) = await account.create({"email_address": "bob@example.com"})
    assert isinstance(made, Done)


async def test_the_account_never_has_more_than_its_ten_connections(account: Account) -> None:
    people = [{**BOB, "email_address": f"p{n}@example.com"} for n in range(60)]
    made = [each.id for each in await account.create(*people)]
    sender = WorldSender(account.world, account.clock, latency=0.2)
    most = 0

    class Watching:
        async def send(self, request: Any) -> Any:
            nonlocal most
            most = max(most, len(sender._running) + 1)
            return await sender.send(request)

    tools = Tools("list", Watching(), account.clock, _Chance(), lambda _: Secret(account.app.setup.api_key))
    connector = SPEC.open(options(concurrency=10), tools)
    found = await connector.fetch(account.ref, ("FNAME",), made)
    assert len([each for each in found if isinstance(each, Found)]) == 60
    assert most <= 10


class _Chance:
    def new_id(self) -> str:
        return "0" * 32

    def uniform(self, low: float, high: float) -> float:
        return low
