"""Consent at work: an opt-out travels whatever else holds the pair back, and nobody is opted in without evidence."""

from typing import Any

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from tests.pipeline.test_rules import names
from zohosyncd.connectors.memory import MEMBERS_SCHEMA, SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.connectors.memory.upkeep import moment
from zohosyncd.core.consent import NewMember, Opt, Travel
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.outcome import Deletion
from zohosyncd.core.record import Value
from zohosyncd.core.rules.language import AddTo, Operator, Rule, SetConsent, Test
from zohosyncd.core.rules.scope import Leave
from zohosyncd.core.side import Side, Winner
from zohosyncd.pipeline.deciding import Deciding
from zohosyncd.ports.store import Choice

MAY_BE_MAILED = Rule(Side.LEFT, (Test("opted_out", Operator.IS, (False,)),), (AddTo("tags", "CRM"),))
CUSTOMERS_WANT_MAIL = Rule(Side.LEFT, (Test("Custom", Operator.IS, ("customer",)),), (SetConsent(Opt.IN),))


async def mailing(bench: Bench, *rules: Rule, right: Any = MEMBERS_SCHEMA, **more: Any) -> Connection:
    """A CRM with a flag on the left, a mailing app with states on the right."""
    crm = await bench.account("crm", SLOTS_SCHEMA)
    list_ = await bench.account("list", right, **more.pop("behaviour", {}))
    return await bench.connect("crm-list", crm, list_, rules=rules, **more)


def ida(bench: Bench, **values: Value) -> str:
    return bench.crm.app.create({"First": "Ida", "Last": "Person", "Email": "ida@example.org", **values})


def list_of(bench: Bench) -> Account:
    return bench.accounts["list"]


def member(bench: Bench) -> dict[str, Value]:
    (found,) = list_of(bench).app.state().values()
    return found


def member_id(bench: Bench) -> str:
    (found,) = list_of(bench).app.state()
    return found


async def test_who_opts_out_is_opted_out_on_the_other_side_although_the_filter_has_just_let_go(bench: Bench) -> None:
    await mailing(bench, MAY_BE_MAILED, said={"consent": {"new": NewMember.SUBSCRIBED}})
    contact = ida(bench)
    await bench.until_quiet()
    assert member(bench)["state"] == "subscribed"
    bench.crm.app.edit(contact, {"Opted_Out": True, "First": "Never told"})
    await bench.until_quiet()
    assert member(bench)["state"] == "unsubscribed"
    assert member(bench)["first"] == "Ida", "the pair has left the rules: nothing else travels"


@pytest.mark.parametrize("leave", Leave)
async def test_the_opt_out_comes_before_whatever_becomes_of_the_pair(bench: Bench, leave: Leave) -> None:
    said = {"leave": leave, "consent": {"new": NewMember.SUBSCRIBED}}
    await mailing(bench, MAY_BE_MAILED, said=said)
    contact = ida(bench)
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": True})
    await bench.until_quiet()
    left = list_of(bench).app.state()
    if leave is Leave.DELETE:
        assert left == {}
    else:
        assert member(bench)["state"] == "unsubscribed"


async def test_a_frozen_pair_still_carries_an_opt_out_from_either_side(bench: Bench) -> None:
    away = Rule(Side.LEFT, (Test("Custom", Operator.IS_NOT, ("away",)),))
    await mailing(bench, away, said={"consent": {"new": NewMember.SUBSCRIBED}})
    contact = ida(bench)
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Custom": "away"})
    await bench.until_quiet()
    list_of(bench).app.edit(member_id(bench), {"state": "unsubscribed"})
    await bench.until_quiet()
    assert bench.crm.app.state()[contact]["Opted_Out"] is True


async def test_a_pair_with_a_held_clash_still_carries_an_opt_out(bench: Bench) -> None:
    connection = await mailing(bench, winner=Winner.HOLD)
    contact = ida(bench)
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"First": "Left"})
    list_of(bench).app.edit(member_id(bench), {"first": "Right", "state": "unsubscribed"})
    await bench.until_quiet()
    assert [hold[2].value for hold in await connection.held()] == ["clash"]
    assert bench.crm.app.state()[contact]["Opted_Out"] is True


async def test_whoever_opted_out_is_created_as_such_and_others_as_the_operator_says(bench: Bench) -> None:
    await mailing(bench)
    ida(bench, Opted_Out=True)
    bench.crm.app.create({"First": "Tom", "Last": "Person", "Email": "tom@example.org"})
    await bench.until_quiet()
    assert bench.everybody("list", "email", "state") == [
        ("ida@example.org", "unsubscribed"), ("tom@example.org", "pending"),
    ]  # fmt: skip


async def test_the_opt_out_of_a_member_stays_where_the_operator_switched_that_way_off(bench: Bench) -> None:
    await mailing(bench, said={"consent": {"onto": {Side.LEFT: Travel.OFF}}})
    contact = ida(bench)
    await bench.until_quiet()
    list_of(bench).app.edit(member_id(bench), {"state": "unsubscribed"})
    await bench.until_quiet()
    assert not bench.crm.app.state()[contact].get("Opted_Out")


async def test_an_app_without_consent_gets_a_tag_where_the_operator_wants_one(bench: Bench) -> None:
    await bench.pair(said={"consent": {"onto": {Side.RIGHT: Travel.TAG}}})
    contact = ida(bench)
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": True})
    await bench.until_quiet()
    assert bench.everybody("book", "labels") == [(names("No Mail"),)]
    bench.crm.app.create({"First": "Tom", "Last": "Person", "Email": "tom@example.org", "Opted_Out": True})
    await bench.until_quiet()
    assert bench.everybody("book", "labels") == [(names("No Mail"),), (names("No Mail"),)]


async def test_an_opt_out_that_is_taken_back_on_one_side_is_held_and_nothing_is_written(bench: Bench) -> None:
    connection = await mailing(bench)
    contact = ida(bench)
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": True})
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": False})
    await bench.until_quiet()
    assert member(bench)["state"] == "unsubscribed"
    assert bench.crm.app.state()[contact]["Opted_Out"] is False
    assert {hold[2].value for hold in await connection.held()} == {"consent"}


async def test_opting_in_needs_a_consent_that_is_later_than_the_opt_out(bench: Bench) -> None:
    crm = await bench.account("list", MEMBERS_SCHEMA)
    news = await bench.account("news", MEMBERS_SCHEMA)
    wants = Rule(Side.LEFT, (Test("custom", Operator.IS, ("customer",)),), (SetConsent(Opt.IN),))
    connection = await bench.connect("list-news", crm, news, rules=[wants])
    crm.app.create({"email": "ida@example.org", "state": "unsubscribed", "custom": "customer"})
    await bench.until_quiet()
    (here,), (there,) = crm.app.state(), news.app.state()
    assert news.app.state()[there]["state"] == "unsubscribed"
    later = moment(bench.clock.now() + 3_600)
    crm.app.edit(here, {"state": "subscribed", "state_at": later, "state_source": "form"})
    await bench.until_quiet()
    assert news.app.state()[there]["state"] == "pending", "the person is asked to confirm"
    assert await connection.held() == set()
    (told,) = [entry for entry in await connection.journal("consent") if "opted in" in entry.reason]
    assert told.after["source"] == "form"


async def test_a_compliance_refusal_is_held_by_its_name_and_the_rest_goes_on(bench: Bench) -> None:
    crm = await bench.account("list", MEMBERS_SCHEMA)
    news = await bench.account("news", MEMBERS_SCHEMA, compliance=frozenset({"subscribed", "pending"}))
    wants = Rule(Side.LEFT, (), (SetConsent(Opt.IN),))
    connection = await bench.connect("list-news", crm, news, rules=[wants])
    crm.app.create({"email": "ida@example.org", "state": "unsubscribed"})
    await bench.until_quiet()
    (here,), (there,) = crm.app.state(), news.app.state()
    later = moment(bench.clock.now() + 3_600)
    crm.app.edit(here, {"state": "subscribed", "state_at": later, "first": "Ida"})
    await bench.until_quiet()
    assert (news.app.state()[there]["state"], news.app.state()[there]["first"]) == ("unsubscribed", "Ida")
    (hold,) = await bench.store.held(connection.plan.id)
    assert "compliance" in str(hold.detail["reason"])


async def test_a_crowd_of_opt_outs_waits_for_a_person_and_single_ones_do_not(bench: Bench) -> None:
    guard = Guard({kind: Limit() for kind in ("delete", "blank", "opt_out")})
    connection = await mailing(bench, guard=guard, said={"consent": {"new": NewMember.SUBSCRIBED}})
    people = [
        bench.crm.app.create({"First": f"P{number}", "Last": "X", "Email": f"p{number}@example.org"})
        for number in range(40)
    ]
    await bench.until_quiet()
    bench.crm.app.edit(people[0], {"Opted_Out": True})
    await bench.until_quiet()
    assert [state for (state,) in bench.everybody("list", "state")].count("unsubscribed") == 1
    for each in people[1:]:
        bench.crm.app.edit(each, {"Opted_Out": True})
    report = await connection.run(wait=True)
    assert report.waiting == 39
    await bench.store.approve(connection.plan.id)
    await bench.until_quiet()
    assert {state for (state,) in bench.everybody("list", "state")} == {"unsubscribed"}


async def test_an_opt_out_does_not_wait_for_blanks_that_the_guard_holds_back(bench: Bench) -> None:
    guard = Guard({"blank": Limit(0, 0.0)})
    connection = await mailing(bench, guard=guard, said={"consent": {"new": NewMember.SUBSCRIBED}})
    contact = ida(bench, Custom="x")
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": True, "First": None})
    report = await connection.run(wait=True)
    assert member(bench)["state"] == "unsubscribed"
    assert member(bench)["first"] == "Ida"
    assert report.waiting == 1


async def test_a_record_that_is_made_anew_is_no_more_open_to_mail_than_the_lost_one(bench: Bench) -> None:
    await mailing(bench, said={"consent": {"new": NewMember.SUBSCRIBED}}, deletion=Deletion.OFF)
    contact = ida(bench)
    await bench.until_quiet()
    list_of(bench).app.edit(member_id(bench), {"state": "unsubscribed"})
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": False, "First": "Edited"})
    list_of(bench).app.delete(member_id(bench))
    await bench.until_quiet()
    assert (member(bench)["state"], member(bench)["first"]) == ("unsubscribed", "Edited")


async def test_the_state_of_new_members_is_nobodys_opt_out(bench: Bench) -> None:
    connection = await mailing(bench, said={"consent": {"new": NewMember.UNSUBSCRIBED}})
    contact = ida(bench)
    await bench.until_quiet()
    await connection.restart()
    bench.crm.app.edit(contact, {"First": "Edited"})
    await bench.until_quiet()
    assert not bench.crm.app.state()[contact].get("Opted_Out")
    assert member(bench)["state"] == "unsubscribed"
    list_of(bench).app.edit(member_id(bench), {"state": "subscribed"})
    await bench.until_quiet()
    list_of(bench).app.edit(member_id(bench), {"state": "unsubscribed"})
    await bench.until_quiet()
    assert bench.crm.app.state()[contact]["Opted_Out"] is True, "this time somebody has said so"


async def test_an_opt_out_of_a_new_member_is_one_although_its_state_was_the_same_before(bench: Bench) -> None:
    await mailing(bench, said={"consent": {"new": NewMember.UNSUBSCRIBED}})
    contact = ida(bench)
    await bench.until_quiet()
    later = moment(bench.clock.now() + 60)
    list_of(bench).app.edit(member_id(bench), {"state": "unsubscribed", "state_at": later, "state_source": "person"})
    await bench.until_quiet()
    assert bench.crm.app.state()[contact]["Opted_Out"] is True


@pytest.mark.parametrize("dies", [False, True])
async def test_a_person_ends_a_hold_by_opting_out_on_both_sides(bench: Bench, dies: bool) -> None:
    connection = await mailing(bench)
    contact = ida(bench)
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": True})
    await bench.until_quiet()
    bench.crm.app.edit(contact, {"Opted_Out": False})
    await bench.until_quiet()
    (hold,) = await bench.store.held(connection.plan.id)
    await Deciding(bench.world, connection.plan).decide(hold, Choice.OPT_OUT)
    if dies:
        bench.crm.app.fail(Call.WRITE, FaultKind.UNKNOWN_NOT_EXECUTED)
        await connection.run()
        await connection.hand_over()
    await bench.until_quiet()
    assert bench.crm.app.state()[contact]["Opted_Out"] is True
    assert await connection.held() == set()
