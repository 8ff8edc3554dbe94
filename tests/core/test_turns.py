"""Who fills a batch: laws of the turns that connections take."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.turns import QUANTUM, Turns

SIZES = st.dictionaries(st.integers(1, 5), st.integers(0, 400), max_size=5)
Item = tuple[int, int]


def waiting(sizes: dict[int, int]) -> Turns[Item]:
    turns: Turns[Item] = Turns()
    for flow, size in sizes.items():
        turns.put(flow, [(flow, number) for number in range(size)])
    return turns


@given(SIZES, st.integers(1, 150))
def test_everything_goes_once_in_full_batches_and_in_the_order_of_its_connection(
    sizes: dict[int, int], most: int
) -> None:
    turns, taken = waiting(sizes), []
    assert len(turns) == sum(sizes.values())
    while batch := turns.take(most):
        assert len(batch) == most or not len(turns)
        taken += batch
    by_flow: dict[int, list[int]] = defaultdict(list)
    for flow, number in taken:
        by_flow[flow].append(number)
    assert by_flow == {flow: list(range(size)) for flow, size in sizes.items() if size}


@given(st.integers(2, 5), st.lists(st.integers(1, 120), min_size=1, max_size=10))
def test_connections_that_wait_get_the_same_whatever_the_batches(flows: int, batches: list[int]) -> None:
    turns, got = waiting(dict.fromkeys(range(1, flows + 1), 2_000)), Counter[int]()
    for most in batches:
        got.update(flow for flow, _number in turns.take(most))
        assert max(got.values()) - min(got[flow] for flow in range(1, flows + 1)) <= QUANTUM


@given(st.integers(1, 30), st.integers(1, 150))
def test_who_comes_with_little_does_not_wait_behind_who_has_much(few: int, most: int) -> None:
    turns = waiting({1: 2_000})
    turns.take(most)
    turns.put(2, [(2, number) for number in range(few)])
    before_last = 0
    while (2, few - 1) not in (batch := turns.take(1)):
        before_last += batch[0][0] == 1
    assert before_last <= few + 2 * QUANTUM


def test_who_has_gone_keeps_nothing() -> None:
    """Neither a place nor a claim to more than others when it comes back."""
    turns = waiting({1: 1, 2: 100})
    turns.take(5)
    turns.put(1, [(1, number) for number in range(100)])
    assert Counter(flow for flow, _number in turns.take(40)) == {1: 20, 2: 20}
