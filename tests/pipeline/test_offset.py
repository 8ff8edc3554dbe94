"""How far a connection has come: nothing is passed over, whatever is examined out of turn."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.pipeline.work import Offset


def test_everything_up_to_the_floor_is_settled() -> None:
    offset = Offset(10)
    offset.hand_out([11, 12, 14])
    offset.settle(12)
    assert (offset.floor, offset.position) == (10, 14)
    offset.settle(11)
    assert offset.floor == 13
    offset.settle(14)
    assert offset.floor == 14


def test_a_row_read_out_of_turn_does_not_hide_the_rows_before_it() -> None:
    offset = Offset(20)
    offset.hand_out_again(22)
    assert (offset.floor, offset.position) == (20, 20)
    offset.settle(22)
    assert (offset.floor, offset.position) == (20, 20)


def test_what_is_not_settled_is_handed_out_again() -> None:
    offset = Offset(0)
    offset.hand_out([1, 2, 3])
    offset.settle(1)
    offset.rewind()
    assert (offset.position, offset.open) == (1, 0)


@given(st.lists(st.tuples(st.sampled_from("hos"), st.integers(1, 30)), max_size=60))
def test_the_floor_never_passes_what_is_open_or_was_not_handed_out(steps: list[tuple[str, int]]) -> None:
    offset, open_, handed = Offset(0), dict[int, int](), 0
    for step, number in steps:
        if step == "h":
            offset.hand_out(list(range(handed + 1, handed + number + 1)))
            open_ |= dict.fromkeys(range(handed + 1, handed + number + 1), 1)
            handed += number
        elif step == "o":
            offset.hand_out_again(number)
            if number <= handed:
                open_[number] = open_.get(number, 0) + 1
        elif open_.get(number):
            offset.settle(number)
            open_[number] -= 1
        unsettled = [seq for seq, count in open_.items() if count]
        assert offset.floor == min([seq - 1 for seq in unsettled], default=handed)
