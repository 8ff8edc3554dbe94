"""What Mailman shows of a subscription, and what that is to us."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.mailman.fields import (
    SAID,
    SCHEMA,
    STATES,
    WRITABLE,
    is_waiting,
    member_fields,
    member_record,
    request_record,
    waiting_id,
)
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.errors import ContractBroken

MEMBER = {"member_id": "m1", "email": "ann@example.com", "display_name": "Ann", "delivery_mode": "regular"}


def test_a_member_is_a_record_of_its_own_id() -> None:
    record = member_record(MEMBER, "enabled", tuple(SCHEMA.fields))
    assert record.id == "m1"
    assert record.values == {
        "email": "ann@example.com", "display_name": "Ann", "delivery_mode": "regular", "status": "subscribed",
    }  # fmt: skip


def test_a_status_that_was_not_read_is_missing_and_not_empty() -> None:
    assert "status" not in member_record(MEMBER, None, tuple(SCHEMA.fields)).values


@pytest.mark.parametrize("nothing", ["", None])
def test_no_name_is_empty(nothing: Any) -> None:
    assert member_record({**MEMBER, "display_name": nothing}, None, ["display_name"]).values == {"display_name": None}


def test_only_what_is_asked_for_is_shown() -> None:
    assert member_record(MEMBER, "enabled", ["display_name"]).values == {"display_name": "Ann"}
    assert member_fields(["display_name"]) == ("member_id", "email", "display_name")


@pytest.mark.parametrize(
    ("member", "status"),
    [({**MEMBER, "email": None}, None), ({**MEMBER, "member_id": ""}, None), ({"email": "x"}, None), (MEMBER, "later")],
)
def test_what_no_mailman_shows_is_no_member(member: Any, status: str | None) -> None:
    with pytest.raises(ContractBroken):
        member_record(member, status, tuple(SCHEMA.fields))


def test_only_a_persons_own_word_is_an_opt_out() -> None:
    assert [status for status, state in STATES.items() if state is ConsentState.UNSUBSCRIBED] == ["by_user"]
    assert [status for status, state in STATES.items() if state is ConsentState.SUBSCRIBED] == ["enabled"]


def test_what_is_written_is_read_back() -> None:
    assert {STATES[said]: said for said in SAID.values()} == SAID
    assert set(SAID) < set(WRITABLE)


def test_whoever_waits_is_pending() -> None:
    record = request_record({"email": "Ann@example.com", "display_name": ""}, tuple(SCHEMA.fields))
    assert record.values["status"] == "pending"
    assert record.values["display_name"] is None
    assert is_waiting(record.id)


@given(st.emails())
def test_the_id_of_a_request_names_nobody_and_is_the_same_in_every_case(email: str) -> None:
    assert waiting_id(email) == waiting_id(email.upper().lower())
    assert email.lower() not in waiting_id(email)
    assert is_waiting(waiting_id(email))
