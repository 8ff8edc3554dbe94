"""Opt-outs: shown by a property that cannot be set, written to the subscriptions of an address, never taken back."""

from typing import Any

import pytest

from tests.connectors.hubspot.conftest import FIELDS, Portal, op
from zohosyncd.core.name_sets import as_value
from zohosyncd.ports.connector import Done, NotSent, Refused, Unknown, WriteKind
from zohosyncd.sandbox.hubspot.setup import SCOPES

OUT = "hs_email_optout"


def unsubscribed(portal: Portal) -> list[str]:
    return [each.rsplit("/", 2)[-2] for each in portal.calls() if each.endswith("/unsubscribe-all")]


async def test_who_opts_out_is_unsubscribed_and_the_property_is_never_set(portal: Portal) -> None:
    ann = portal.person(email="ann+x@example.com")
    assert (await portal.read(ann, OUT)).values[OUT] is False  # no value at all is no opt-out
    result = await portal.update(ann, **{OUT: True, "jobtitle": "x"})
    assert isinstance(result, Done)
    assert unsubscribed(portal) == ["ann%2Bx%40example.com"]
    assert "ann+x@example.com" in portal.app.contacts.opted_out
    assert portal.shown(ann)["jobtitle"] == "x"


async def test_an_opt_out_counts_before_the_property_shows_it(portal: Portal) -> None:
    portal.app.setup.consent_lag = 60.0
    ann = portal.person(email="ann@example.com")
    _, cursor = await portal.follow(None, (*FIELDS, OUT))
    assert isinstance(await portal.update(ann, **{OUT: True}), Done)
    assert OUT not in portal.shown(ann)  # not yet
    assert (await portal.read(ann, OUT)).values[OUT] is True
    portal.edit(ann, jobtitle="x")
    await portal.clock.sleep(20)
    changes, cursor = await portal.follow(cursor, (*FIELDS, OUT))
    assert [each.record.values[OUT] for each in changes] == [True]  # type: ignore[union-attr]
    assert isinstance(await portal.update(ann, **{OUT: True, "jobtitle": "y"}), Done)
    assert len(unsubscribed(portal)) == 1  # not once more
    assert isinstance(await portal.update(ann, **{OUT: False}), Refused)
    await portal.clock.sleep(3_600)
    assert portal.shown(ann)[OUT] == "true"
    assert (await portal.read(ann, OUT)).values[OUT] is True


async def test_a_created_contact_is_opted_out_behind_its_creation(portal: Portal) -> None:
    result = await portal.create(**{"email": "Ann@Example.com", OUT: True})
    assert isinstance(result, Done)
    assert (result.left, result.refused) == ((), ())
    assert "ann@example.com" in portal.app.contacts.opted_out


async def test_an_address_that_has_opted_out_before_makes_a_contact_that_is_out(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    await portal.update(ann, **{OUT: True})
    await portal.clock.sleep(10)
    portal.delete(ann)
    result = await portal.create(**{"email": "ann@example.com", OUT: False})
    assert isinstance(result, Done)
    assert (await portal.read(result.id, OUT)).values[OUT] is True


async def test_nobody_is_ever_subscribed_again(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    portal.edit(ann, **{OUT: True})
    only = await portal.update(ann, **{OUT: False})
    assert isinstance(only, Refused)
    assert (only.compliance, only.field) == (True, OUT)
    beside = await portal.update(ann, **{OUT: False, "jobtitle": "x"})
    assert isinstance(beside, Done)
    assert [each.compliance for each in beside.refused] == [True]
    emptied = await portal.update(ann, **{OUT: None})
    assert isinstance(emptied, Refused)
    assert "ann@example.com" in portal.app.contacts.opted_out
    assert not [each for each in portal.calls() if "communication-preferences" in each]


async def test_not_out_and_to_be_not_out_is_nothing_to_do(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    result = await portal.update(ann, **{OUT: False, "jobtitle": "x"})
    assert isinstance(result, Done)
    assert result.refused == ()
    assert unsubscribed(portal) == []


async def test_who_is_out_already_costs_no_call(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    portal.edit(ann, **{OUT: True})
    assert isinstance(await portal.update(ann, **{OUT: True, "jobtitle": "x"}), Done)
    assert unsubscribed(portal) == []


async def test_without_an_address_there_is_nothing_to_unsubscribe(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    result = await portal.update(ann, **{OUT: True})
    assert isinstance(result, Refused)
    assert (result.code, result.field) == ("NO_ADDRESS", OUT)


async def test_an_opt_out_arrives_although_another_value_is_refused(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    result = await portal.update(ann, **{OUT: True, "email": "no address"})
    assert isinstance(result, Refused)
    assert result.field == "email"
    new = portal.person(email="new@example.com")
    assert isinstance(await portal.update(new, **{OUT: True, "annual_spend": "x", "jobtitle": "y"}), Done)
    assert "new@example.com" in portal.app.contacts.opted_out


async def test_an_opt_out_that_gets_no_answer_is_left_over(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    rule: dict[str, Any] = {"method": "POST", "path": "*/unsubscribe-all", "fault": "reset", "executed": False}
    portal.fail(rule)
    beside = await portal.update(ann, **{OUT: True, "jobtitle": "x"})
    assert isinstance(beside, Done)
    assert beside.left == (OUT,)
    assert isinstance(await portal.update(ann, **{OUT: True}), Unknown)
    assert (await portal.read(ann, OUT)).values[OUT] is False
    portal.fail({**rule, "fault": "status", "status": 429, "headers": {"Retry-After": "4000"}})
    assert isinstance(await portal.update(ann, **{OUT: True}), NotSent)


@pytest.mark.parametrize(
    "fault", [{"fault": "reset"}, {"fault": "status", "status": 429, "headers": {"Retry-After": "4000"}}]
)
async def test_values_that_get_no_answer_behind_an_opt_out_are_left_over(portal: Portal, fault: dict[str, Any]) -> None:
    """Unknown would say that all of it arrived, or nothing, and the opt-out alone would look like all of it."""
    ann = portal.person(email="ann@example.com")
    portal.fail({"method": "POST", "path": "*/batch/update", **fault})
    result = await portal.update(ann, **{OUT: True, "jobtitle": "x", "Lists": as_value(["VIP"])})
    assert isinstance(result, Done)
    assert set(result.left) == {"jobtitle", "Lists"}
    assert "ann@example.com" in portal.app.contacts.opted_out
    assert portal.shown(ann)["lists"] == []


async def test_a_login_that_may_not_unsubscribe_says_which_scope_it_lacks(portal: Portal) -> None:
    portal.app.setup.scopes = tuple(each for each in SCOPES if not each.startswith("subscriptions"))
    ann = portal.person(email="ann@example.com")
    result = await portal.update(ann, **{OUT: True, "jobtitle": "x"})
    assert isinstance(result, Done)
    (refused,) = result.refused
    assert (refused.code, refused.field) == ("MISSING_SCOPES", OUT)
    assert "subscriptions-status-write" in refused.message


async def test_a_deletion_opts_nobody_out(portal: Portal) -> None:
    ann = portal.person(email="ann@example.com")
    known = await portal.read(ann, *FIELDS, OUT)
    (result,) = await portal.write(op(WriteKind.DELETE, ann, {}, known))
    assert isinstance(result, Done)
    assert unsubscribed(portal) == []
