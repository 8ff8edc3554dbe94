"""A value that a person takes: the ordinary merge carries it, and nothing that the person has not seen is lost."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.conftest import BOOK, CRM
from tests.core.test_reconcile import LEFT_WINS, left, linked, merged, right
from zohosyncd.core.link import Base, Link
from zohosyncd.core.mapping import ContactMapping, Pair, compile_mapping
from zohosyncd.core.record import Item, Record, Value, Values
from zohosyncd.core.side import SIDES, Cleared, Direction, Side, Winner
from zohosyncd.core.taking import take, with_blanks

MAPPING = compile_mapping(CRM, BOOK, direction=Direction.BOTH, region="DE")
HELD = replace(LEFT_WINS, winner=Winner.HOLD, first_sync_winner=Winner.HOLD)
TEXTS = st.sampled_from(["Queen", "King", "queen", "Old", None])
ADDRESSES = st.sets(st.sampled_from(["a@example.org", "b@example.org", "c@example.org"]), max_size=2)
LINKS = st.sampled_from(
    [linked(), Link(1, "L", "R"), replace(linked(), left=Base({"Title": "Old"}, also={"Title": "King"}))]
)


def pair_of(name: str) -> Pair:
    return next(each for each in MAPPING.pairs if each.name == name)


def seen(pair: Pair, records: Mapping[Side, Record]) -> dict[Side, Values]:
    return {side: {name: records[side].values[name] for name in pair.fields(side)} for side in SIDES}


def with_cleared(cleared: Cleared) -> ContactMapping:
    return replace(MAPPING, pairs=tuple(replace(each, cleared=cleared) for each in MAPPING.pairs))


@given(TEXTS, TEXTS, LINKS, st.sampled_from(SIDES), st.sampled_from(Cleared))
def test_the_value_that_is_taken_is_written_to_the_other_side_and_nothing_back(
    ours: Value, theirs: Value, link: Link, winner: Side, cleared: Cleared
) -> None:
    pair = pair_of("title")
    records = {Side.LEFT: left(Title=ours), Side.RIGHT: right(title=theirs)}
    taken = take(link, pair, winner, seen(pair, records))
    shown = pair.canon(ours), pair.canon(theirs)
    if shown[0] == shown[1]:
        return  # nothing to decide about
    assert taken is not None
    mapping = with_blanks(with_cleared(cleared), frozenset({"title"}))
    outcome = merged(mapping, records[Side.LEFT], records[Side.RIGHT], HELD, taken)
    assert not [clash for clash in outcome.clashes if clash.pair == "title"]
    target = pair.fields(winner.other)[0]
    assert outcome.writes[winner.other].patch[target] == (ours if winner is Side.LEFT else theirs)
    assert not outcome.writes.get(winner) or pair.fields(winner)[0] not in outcome.writes[winner].patch


@given(ADDRESSES, ADDRESSES, st.sampled_from(SIDES))
def test_a_set_that_is_taken_becomes_the_other_sides_set(ours: set[str], theirs: set[str], winner: Side) -> None:
    pair = pair_of("emails")
    first, second, *_ = [*sorted(ours), None, None]
    records = {
        Side.LEFT: left(Email=first, Email2=second),
        Side.RIGHT: right(EMAIL=tuple(Item(each) for each in sorted(theirs))),
    }
    taken = take(linked(), pair, winner, seen(pair, records))
    if ours == theirs:
        return
    assert taken is not None
    outcome = merged(MAPPING, records[Side.LEFT], records[Side.RIGHT], HELD, taken)
    patch = outcome.writes[winner.other].patch
    values = {**records[winner.other].values, **patch}
    found = pair.lens(winner.other).get(values)
    assert {item.value for item in found} == (ours if winner is Side.LEFT else theirs)  # type: ignore[union-attr]


@pytest.mark.parametrize("winner", SIDES)
def test_what_nobody_has_seen_is_a_clash_again(winner: Side) -> None:
    pair = pair_of("title")
    records = {Side.LEFT: left(Title="Queen"), Side.RIGHT: right(title="King")}
    taken = take(linked(), pair, winner, seen(pair, records))
    third = left(Title="Third") if winner is Side.RIGHT else records[Side.LEFT]
    other = right(title="Third") if winner is Side.LEFT else records[Side.RIGHT]
    outcome = merged(MAPPING, third, other, HELD, taken)
    assert [(clash.pair, clash.held) for clash in outcome.clashes] == [("title", True)]
    assert not outcome.writes


def test_a_value_that_was_not_read_cannot_be_taken() -> None:
    assert take(linked(), pair_of("title"), Side.LEFT, {Side.LEFT: {}, Side.RIGHT: {"title": "King"}}) is None
