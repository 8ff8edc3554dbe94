"""Scope, cell by cell."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.rules.scope import Crossing, Matched, Standing, crossing, linking, standing
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.side import SIDES, Direction, Side

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
IN, OUT = Standing.IN, Standing.OUT
ANSWERS = (None, YES, NO, UNKNOWN)
LINKED = {
    (None, None): IN, (None, YES): IN, (None, NO): OUT, (None, UNKNOWN): None,
    (YES, None): IN, (YES, YES): IN, (YES, NO): IN, (YES, UNKNOWN): IN,
    (NO, None): OUT, (NO, YES): IN, (NO, NO): OUT, (NO, UNKNOWN): None,
    (UNKNOWN, None): None, (UNKNOWN, YES): IN, (UNKNOWN, NO): None, (UNKNOWN, UNKNOWN): None,
}  # fmt: skip
"""None: where it was."""
CROSSINGS = {
    (None, False): Crossing.CREATE, (None, True): Crossing.NO_RULE,
    (YES, False): Crossing.CREATE, (YES, True): Crossing.CREATE,
    (NO, False): Crossing.NO_MATCH, (NO, True): Crossing.NO_MATCH,
    (UNKNOWN, False): Crossing.UNREAD, (UNKNOWN, True): Crossing.UNREAD,
}  # fmt: skip
"""By the own answer, and whether the other side has rules."""


@pytest.mark.parametrize(("left", "right"), list(product(ANSWERS, ANSWERS)))
@pytest.mark.parametrize("was", list(Standing))
def test_a_linked_pair(left, right, was):
    assert standing(Matched(left, right), was) is (LINKED[left, right] or was)


@pytest.mark.parametrize(("own", "other"), list(product(ANSWERS, ANSWERS)))
@pytest.mark.parametrize("source", SIDES)
@pytest.mark.parametrize("direction", list(Direction))
def test_an_unlinked_record(own, other, source, direction):
    matched = Matched(own, other) if source is Side.LEFT else Matched(other, own)
    expected = CROSSINGS[own, other is not None] if direction.writes(source.other) else Crossing.DIRECTION
    assert crossing(matched, source, direction) is expected


@pytest.mark.parametrize(("left", "right"), list(product(ANSWERS, ANSWERS)))
def test_two_unlinked_records_of_one_person(left, right):
    expected = {None: UNKNOWN, IN: YES, OUT: NO}[LINKED[left, right]]
    assert linking(Matched(left, right)) is expected


@given(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS), st.sampled_from(Standing))
def test_nothing_leaves_scope_on_what_is_not_known(left, right, was):
    """However the unknown answers turn out: a pair is moved only where every way to read them moves it there."""
    known = [[YES, NO] if answer is UNKNOWN else [answer] for answer in (left, right)]
    possible = {standing(Matched(*answers), was) for answers in product(*known)}
    now = standing(Matched(left, right), was)
    assert now is was or possible == {now}


@given(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS), st.sampled_from(Standing))
def test_deciding_twice_is_deciding_once(left, right, was):
    matched = Matched(left, right)
    assert standing(matched, standing(matched, was)) is standing(matched, was)


@given(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS), st.sampled_from(Standing))
def test_both_sides_count_alike(left, right, was):
    assert standing(Matched(left, right), was) is standing(Matched(right, left), was)
    assert linking(Matched(left, right)) is linking(Matched(right, left))


def test_who_was_created_is_in_scope():
    for left, right, direction in product(ANSWERS, ANSWERS, Direction):
        if crossing(Matched(left, right), Side.LEFT, direction) is Crossing.CREATE:
            assert standing(Matched(left, right)) is IN
