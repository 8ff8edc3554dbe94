"""The share of an app's credits: what may be spent, by whom, and what gives way."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.allowance import BELIEVED, POLLING, Allowance, Mode, Poll, stretch, sweep_rest
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.spending import BUCKET, DAY, Spending

START = 1_795_000_000.0
READS = (Purpose.FEED, Purpose.BACKFILL, Purpose.SWEEP)

Step = tuple[float, Purpose, int]
STEPS = st.lists(
    st.tuples(st.floats(0.0, DAY / 3), st.sampled_from(Purpose), st.integers(1, 60)), min_size=1, max_size=120
)


def play(allowance: Allowance, steps: Sequence[Step]) -> list[tuple[float, Purpose, int]]:
    """Calls as they come, after pauses; those that may go."""
    now, made = START, []
    for pause, purpose, cost in steps:
        now += pause
        if allowance.wait(now, purpose, cost) == 0.0:
            allowance.spend(now, purpose, cost)
            made.append((now, purpose, cost))
    return made


@given(STEPS, st.integers(20, 2_000))
def test_no_24_hours_ever_see_more_than_the_share(steps: list[Step], limit: int) -> None:
    allowance = Allowance(limit, 0.5)
    made = play(allowance, steps)
    for end, _, _ in made:
        assert sum(cost for at, _, cost in made if end - DAY < at <= end) <= allowance.credits


@given(STEPS, st.integers(200, 2_000))
def test_whatever_others_spend_each_kind_of_work_gets_what_is_set_aside_for_it(steps: list[Step], limit: int) -> None:
    for purpose, kind in ((Purpose.FEED, "feeds"), (Purpose.SWEEP, "reads"), (Purpose.ASKED, "asked")):
        allowance = Allowance(limit, 0.5)
        others = [
            step for step in steps if step[1] not in ({purpose} | ({Purpose.BACKFILL} if kind == "reads" else set()))
        ]
        play(allowance, others)
        now = START + sum(pause for pause, _, _ in others)
        for _ in range(int(allowance.credits * (0.02 if kind == "asked" else 0.05))):
            assert allowance.wait(now, purpose, 1) == 0.0
            allowance.spend(now, purpose, 1)


@given(STEPS, st.integers(200, 2_000), st.sampled_from(Purpose), st.integers(1, 10))
def test_who_waits_as_long_as_was_said_gets_on_or_is_told_anew_within_two_days(
    steps: list[Step], limit: int, purpose: Purpose, cost: int
) -> None:
    allowance = Allowance(limit, 0.5)
    made = play(allowance, steps)
    now = made[-1][0] if made else START
    for _ in range(400):
        wait = allowance.wait(now, purpose, cost)
        if wait == 0.0:
            break
        now += wait
    assert allowance.wait(now, purpose, cost) == 0.0
    assert now - START <= sum(pause for pause, _, _ in steps) + 2 * DAY


def test_the_less_is_left_the_less_is_done() -> None:
    allowance = Allowance(2_000, 0.5)
    modes = []
    while allowance.wait(START, Purpose.WRITE, 10) == 0.0:
        modes.append(allowance.mode(START))
        allowance.spend(START, Purpose.WRITE, 10)
    modes.append(allowance.mode(START))
    assert list(dict.fromkeys(modes)) == [Mode.FREE, Mode.SLOW, Mode.WRITES, Mode.WAIT]
    assert (
        START + DAY
        <= START + allowance.wait(START, Purpose.POINT, 1)
        <= allowance.recovers(START)
        <= START + DAY + BUCKET
    )


def test_when_it_runs_short_only_writes_go_and_then_nobody() -> None:
    allowance = Allowance(2_000, 0.5)
    for purpose in READS:
        allowance.spend(START, purpose, 60)
    allowance.spend(START, Purpose.WRITE, 720)  # 900 of 1,000, and 20 are set aside for whoever asks
    assert allowance.mode(START) is Mode.WRITES
    assert {each for each in Purpose if allowance.wait(START, each, 1) == 0.0} == {
        Purpose.ASKED, Purpose.POINT, Purpose.WRITE,
    }  # fmt: skip
    allowance.spend(START, Purpose.WRITE, 60)
    assert allowance.mode(START) is Mode.WAIT
    assert allowance.wait(START, Purpose.POINT, 1) > DAY - BUCKET, "what is left is for writes already decided"
    assert allowance.wait(START, Purpose.WRITE, 10) == 0.0


def test_reads_keep_to_a_pace_when_a_quarter_is_left() -> None:
    allowance = Allowance(2_000, 0.5)
    allowance.spend(START, Purpose.WRITE, 700)
    for _ in range(55):  # what is set aside for them goes at once
        if allowance.wait(START, Purpose.BACKFILL, 1) == 0.0:
            allowance.spend(START, Purpose.BACKFILL, 1)
    assert allowance.mode(START) is Mode.SLOW
    assert allowance.wait(START, Purpose.WRITE, 1) == 0.0
    assert 0.0 < allowance.wait(START, Purpose.BACKFILL, 1) <= 56 * DAY / 1_000


def test_the_app_knows_better_than_our_count() -> None:
    allowance = Allowance(5_000, 0.5)
    allowance.spend(START, Purpose.WRITE, 100)
    allowance.hear(START, 30, under_way=10)
    assert allowance.left(START) == 20
    allowance.spend(START, Purpose.ASKED, 5)
    assert allowance.left(START) == 15
    allowance.hear(START, 4_000)
    assert allowance.left(START) == 2_395, "more than our share is not ours"
    allowance.hear(START, 0)
    assert allowance.wait(START, Purpose.WRITE, 1) == BELIEVED
    assert allowance.wait(START + BELIEVED, Purpose.WRITE, 1) == 0.0, "it is asked again after a while"
    allowance.hear(START, None)
    assert allowance.left(START) == 2_395


class TestFinishing:
    def test_what_is_there_is_done_now(self) -> None:
        assert Allowance(2_000, 0.5).finishes(START, 1_000) == START

    @given(st.integers(0, 1_000), st.integers(0, 5_000))
    def test_it_is_as_a_spender_who_does_nothing_else_finds_it(self, before: int, need: int) -> None:
        allowance = Allowance(2_000, 0.5)
        allowance.spending.spend(START, "writes", before)
        now, left = START + 7 * BUCKET, need
        told = allowance.finishes(now, need)
        while left:
            step = min(left, allowance.credits - allowance.spending.used(now))
            allowance.spending.spend(now, "writes", step)
            left -= step
            if left:
                now = allowance.spending.when(now, 1)
        assert told == pytest.approx(now, abs=5 * BUCKET)


class TestSpending:
    @given(st.lists(st.tuples(st.floats(0, 4_000), st.integers(1, 50)), max_size=80))
    def test_nothing_comes_back_too_early_and_nothing_a_bucket_too_late(self, uses: list[tuple[float, int]]) -> None:
        spending, now, seen = Spending(), START, []
        for pause, cost in uses:
            now += pause
            spending.spend(now, "writes", cost)
            seen.append((now, cost))
            least = sum(cost for at, cost in seen if at > now - DAY)
            most = sum(cost for at, cost in seen if at > now - DAY - BUCKET)
            assert least <= spending.used(now) <= most
        assert spending.used(now + DAY + BUCKET) == 0

    @given(st.lists(st.tuples(st.floats(-DAY, DAY), st.integers(1, 50)), max_size=40))
    def test_a_clock_that_jumps_back_frees_nothing(self, uses: list[tuple[float, int]]) -> None:
        spending, now = Spending(), START
        for jump, cost in uses:
            before = spending.used(now)
            now += min(jump, 0.0)
            spending.spend(now, "writes", cost)
            assert spending.used(now) == before + cost

    @given(
        st.lists(st.tuples(st.floats(0, 4_000), st.sampled_from(["writes", "feeds"]), st.integers(1, 50)), max_size=60)
    )
    def test_it_is_the_same_after_it_was_stored(self, uses: list[tuple[float, str, int]]) -> None:
        spending, now = Spending(), START
        for pause, kind, cost in uses:
            now += pause
            spending.spend(now, kind, cost)
        again = Spending.of(spending.stored())
        for later in (now, now + DAY / 2, now + DAY):
            for kind in ("writes", "feeds", None):
                assert again.used(later, kind) == spending.used(later, kind)

    def test_what_was_not_spent_after_all_is_taken_back_while_that_is_sure(self) -> None:
        spending = Spending()
        spending.spend(START, "writes", 10)
        spending.spend(START, "writes", -10)
        assert spending.used(START) == 0
        spending.spend(START, "writes", 10)
        spending.spend(START + 2 * BUCKET, "writes", -10)
        assert spending.used(START + 2 * BUCKET) == 10


class TestPolls:
    def test_what_fits_is_left_alone(self) -> None:
        assert stretch([Poll(300.0, 2)], 2_500) == 1.0
        assert stretch([], 0) == 1.0

    @given(st.integers(0, 3_000), st.integers(100, 10_000))
    def test_sweeps_are_of_the_same_part(self, sweeps: int, share: int) -> None:
        polls = [Poll(60.0, 2)]
        factor, rest = stretch(polls, share, sweeps), sweep_rest(sweeps, share)
        assert rest >= DAY
        assert 2 * DAY / (60.0 * factor) + sweeps * DAY / rest <= share * POLLING * 1.000001

    @given(st.lists(st.builds(Poll, st.floats(5, 7_200), st.integers(1, 20)), max_size=8), st.integers(1, 100_000))
    def test_polls_take_at_most_their_part(self, polls: list[Poll], share: int) -> None:
        factor = stretch(polls, share)
        spent = sum(each.credits * DAY / (each.every * factor) for each in polls)
        assert spent <= max(share * POLLING, 1.0) * 1.000001
        assert factor == 1.0 or spent >= share * POLLING * 0.999
