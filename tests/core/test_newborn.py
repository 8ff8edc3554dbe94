"""What a new record is made of beside its values."""

import pytest

from zohosyncd.connectors.memory.schemas import LISTS_SCHEMA, MEMBERS_SCHEMA, SLOTS_SCHEMA
from zohosyncd.core.consent import ConsentPolicy, NewMember
from zohosyncd.core.create import Creation
from zohosyncd.core.governance import Governance, complete
from zohosyncd.core.mapping import compile_mapping
from zohosyncd.core.newborn import NEW_STATE, newborn
from zohosyncd.core.outcome import Policy
from zohosyncd.core.record import Item, Record
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Direction, Side

ANN = Record("1", {"given": "Ann", "family": "Miller", "emails": (Item("ann@example.com"),)})


def born(new: NewMember, source: Schema = LISTS_SCHEMA, target: Schema = MEMBERS_SCHEMA) -> Creation:
    """Ann, created on the right of a connection in which nobody has said anything but the state of new members."""
    schemas = {Side.LEFT: source, Side.RIGHT: target}
    mapping = compile_mapping(source, target, direction=Direction.BOTH, region="DE")
    policy = Policy()
    governance = complete(Governance(schemas, consent=ConsentPolicy(new=new)), policy)
    made = newborn(mapping, policy, governance, Side.LEFT, target, ANN)
    assert isinstance(made, Creation), made
    return made


@pytest.mark.parametrize("new", NewMember)
def test_a_new_member_has_the_state_of_new_members_though_its_source_knows_no_consent(new: NewMember) -> None:
    made = born(new)
    assert made.patch["state"] == new.value
    assert (NEW_STATE in made.given) == (new is NewMember.UNSUBSCRIBED)


def test_where_nobody_keeps_consent_a_new_record_has_none() -> None:
    assert "state" not in born(NewMember.PENDING, target=LISTS_SCHEMA).patch
    assert born(NewMember.PENDING, target=SLOTS_SCHEMA).given == {}
