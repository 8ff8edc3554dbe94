"""Who goes next: laws of the line that calls wait in."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.schedule import PATIENCE, QUANTUM, Line, Purpose, Width, Wish

COSTS = st.integers(1, 20)
WISHES = st.builds(Wish, st.sampled_from(Purpose), st.integers(1, 4), COSTS, st.booleans())


def served(line: Line, wishes: dict[int, Wish], count: int | None = None) -> list[Wish]:
    found = []
    while (count is None or len(found) < count) and (number := line.next()) is not None:
        found.append(wishes.pop(number))
    return found


@given(st.lists(WISHES, max_size=60))
def test_everybody_is_called_once_and_nobody_twice(wishes: list[Wish]) -> None:
    line = Line()
    waiting = {line.join(wish): wish for wish in wishes}
    assert Counter(served(line, dict(waiting))) == Counter(wishes)
    assert len(line) == 0
    assert line.next() is None


@given(st.lists(WISHES, max_size=40), st.data())
def test_who_leaves_is_not_called(wishes: list[Wish], data: st.DataObject) -> None:
    line = Line()
    waiting = {line.join(wish): wish for wish in wishes}
    for number in list(waiting):
        if data.draw(st.booleans()):
            line.leave(number)
            line.leave(number)
            del waiting[number]
    expected = Counter(waiting.values())
    assert Counter(served(line, waiting)) == expected


@given(st.lists(WISHES, min_size=1, max_size=PATIENCE))
def test_the_more_urgent_purpose_goes_first_until_one_has_been_passed_over_too_often(wishes: list[Wish]) -> None:
    line = Line()
    waiting = {line.join(wish): wish for wish in wishes}
    purposes = [wish.purpose for wish in served(line, waiting)]
    assert purposes == sorted(purposes)


@given(st.sets(st.sampled_from(Purpose), min_size=1))
def test_no_purpose_starves(waiting: set[Purpose]) -> None:
    """However much of the most urgent kind keeps coming."""
    line, wishes = Line(), {}
    for purpose in waiting:
        wish = Wish(purpose)
        wishes[line.join(wish)] = wish
    called: set[Purpose] = set()
    for _ in range(PATIENCE + len(Purpose) + 1):
        urgent = Wish(Purpose.ASKED, flow=9)
        wishes[line.join(urgent)] = urgent
        number = line.next()
        assert number is not None
        called.add(wishes.pop(number).purpose)
    assert waiting <= called


@given(st.lists(st.lists(COSTS, min_size=30, max_size=30), min_size=2, max_size=4), st.integers(1, 60))
def test_connections_with_enough_to_do_get_the_same_credits(costs: list[list[int]], calls: int) -> None:
    """As long as two have something waiting, what they got differs by a quantum and two calls at most."""
    line, wishes, left = Line(), {}, {}
    for flow, each in enumerate(costs, 1):
        left[flow] = len(each)
        for cost in each:
            wish = Wish(Purpose.WRITE, flow, cost)
            wishes[line.join(wish)] = wish
    got: Counter[int] = Counter(dict.fromkeys(left, 0))
    for wish in served(line, wishes, calls):
        if not all(left.values()):
            break
        got[wish.flow] += wish.cost
        left[wish.flow] -= 1
    assert max(got.values()) - min(got.values()) <= QUANTUM + 2 * 20


@given(st.lists(WISHES, max_size=40))
def test_who_may_not_go_holds_up_no_other_connection(wishes: list[Wish]) -> None:
    line = Line()
    waiting = {line.join(wish): wish for wish in wishes}
    held_up = {(wish.purpose, wish.flow) for wish in wishes if wish.heavy}
    free = Counter(wish for wish in wishes if (wish.purpose, wish.flow) not in held_up)
    called: Counter[Wish] = Counter()
    while (number := line.next(lambda wish: not wish.heavy)) is not None:
        called[waiting[number]] += 1
    assert free <= called
    assert not any(wish.heavy for wish in called)
    assert len(line) == len(wishes) - called.total()


class TestWidth:
    def test_it_halves_once_for_all_calls_that_were_under_way(self) -> None:
        width = Width(20)
        width.refused(sent_at=1.0, now=2.0)
        width.refused(sent_at=1.5, now=2.1)
        assert width.calls == 10
        width.refused(sent_at=2.0, now=3.0)
        assert width.calls == 5

    def test_it_grows_by_one_for_a_full_width_of_calls(self) -> None:
        width = Width(20, 5.0)
        for _ in range(5):
            width.passed()
        assert width.now == pytest.approx(6.0, abs=0.2)
        for _ in range(1000):
            width.passed()
        assert width.calls == 20

    @given(st.lists(st.floats(0, 100), max_size=50))
    def test_at_least_one_call_goes(self, moments: list[float]) -> None:
        width = Width(3)
        for at in sorted(moments):
            width.refused(at, at)
        assert 1 <= width.calls <= 3

    def test_another_limit_takes_along_who_was_never_refused(self) -> None:
        free, once = Width(5), Width(5)
        once.refused(0.0, 1.0)
        for width in (free, once):
            width.limit(25)
        assert (free.calls, once.calls) == (25, 2)
        free.limit(10)
        assert free.calls == 10
