"""One to one or a person decides; and how much may happen without asking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.guard import DEFAULT_GUARD, Guard, Limit, shrank
from zohosyncd.core.match import Ambiguous, Level, NoPartner, Partner, Taken, match

NOTHING = Level(frozenset(), frozenset(), {})


def level(others: str = "", siblings: str = "", rivals: str = "") -> Level:
    return Level(frozenset(others), frozenset(siblings), {other: frozenset({"me", *rivals}) for other in others})


def decide(*levels: Level, linked: str = "", buried: str = "") -> object:
    return match("me", levels, linked=set(linked), buried=set(buried), keyless=False)


def test_one_candidate_that_has_no_other_is_the_partner() -> None:
    assert decide(level("a")) == Partner("a")


def test_the_first_kind_of_key_that_says_anything_decides() -> None:
    assert decide(NOTHING, level("a")) == Partner("a")
    assert decide(level("b"), level("a")) == Partner("b")


def test_several_candidates_wait_for_a_person() -> None:
    assert decide(level("ab")) == Ambiguous(frozenset({"me"}), frozenset("ab"))


def test_records_of_one_side_that_share_a_key_wait_even_without_a_candidate() -> None:
    assert decide(level("", siblings="x")) == Ambiguous(frozenset({"me", "x"}), frozenset())
    assert decide(level("a", siblings="x")) == Ambiguous(frozenset({"me", "x"}), frozenset("a"))


def test_a_candidate_that_another_record_could_claim_waits() -> None:
    assert decide(level("a", rivals="y")) == Ambiguous(frozenset({"me", "y"}), frozenset("a"))


def test_a_candidate_of_another_link_waits() -> None:
    assert decide(level("a"), linked="a") == Taken("a", buried=False)
    assert decide(level("a"), buried="a") == Taken("a", buried=True)


def test_nobody_is_nobody() -> None:
    assert decide(NOTHING, NOTHING) == NoPartner(keyless=False)
    assert match("me", [], linked=(), buried=(), keyless=True) == NoPartner(keyless=True)


def test_what_other_links_say_is_better_than_any_key() -> None:
    def told(same: str, linked: str = "") -> object:
        return match("me", [level("a")], linked=set(linked), buried=(), keyless=False, same=frozenset(same))

    assert told("b") == Partner("b")
    assert told("b", linked="a") == Partner("b")
    assert told("b", linked="b") == Taken("b", buried=False)
    assert told("bc") == Ambiguous(frozenset({"me"}), frozenset("bc"))


NAMES = st.sampled_from("abcd")


@given(st.lists(st.builds(level, st.sets(NAMES).map("".join), st.sets(NAMES).map("".join)), max_size=3))
def test_a_partner_is_always_the_only_candidate_of_its_kind(levels: list[Level]) -> None:
    decided = match("me", levels, linked=(), buried=(), keyless=False)
    if isinstance(decided, Partner):
        first = next(each for each in levels if each.others or each.siblings)
        assert first.others == {decided.record_id}
        assert not first.siblings


@given(
    st.lists(st.builds(level, st.sets(NAMES).map("".join), st.sets(NAMES).map("".join)), max_size=3),
    st.sets(NAMES), st.sets(NAMES), st.sets(NAMES),
)  # fmt: skip
def test_who_is_parted_is_no_candidate_whatever_says_so(
    levels: list[Level], same: set[str], linked: set[str], apart: set[str]
) -> None:
    told = {"linked": linked, "buried": (), "keyless": False}
    decided = match("me", levels, same=frozenset(same), apart=apart, **told)  # type: ignore[arg-type]
    named = {decided.record_id} if isinstance(decided, Partner | Taken) else getattr(decided, "others", frozenset())
    assert not apart & named
    without = [each.without(apart) for each in levels]
    assert decided == match("me", without, same=frozenset(same - apart), **told)  # type: ignore[arg-type]


def test_one_of_two_candidates_that_is_parted_leaves_the_other() -> None:
    assert match("me", [level("ab")], linked=(), buried=(), keyless=False, apart=["a"]) == Partner("b")
    assert match("me", [level("a")], linked=(), buried=(), keyless=False, apart=["a"]) == NoPartner(keyless=False)


def test_the_guard_trips_above_the_larger_of_number_and_percentage() -> None:
    limit = Limit(more_than=10, percent=2)
    assert limit.allows(10, links=0)
    assert not limit.allows(11, links=0)
    assert limit.allows(20, links=1000)
    assert not limit.allows(21, links=1000)


def test_what_was_done_within_a_day_counts() -> None:
    assert DEFAULT_GUARD.tripped({"delete": 6}, {"delete": 4}, 100) == ()
    assert DEFAULT_GUARD.tripped({"delete": 6}, {"delete": 5}, 100) == ("delete",)


def test_nothing_planned_trips_nothing_and_a_kind_without_limit_is_free() -> None:
    guard = Guard({"delete": Limit(0, 0)})
    assert guard.tripped({"delete": 0, "create": 9999}, {"delete": 50}, 0) == ()
    assert not guard.counts("create")


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_a_read_shrank_if_it_lacks_everybody_or_more_than_ten_and_a_tenth(missing: int, known: int) -> None:
    missing = min(missing, known)
    everybody = known > 0 and missing == known
    assert shrank(missing, known) is (everybody or (missing > 10 and missing * 10 > known))


@pytest.mark.parametrize(("count", "links", "stops"), [(1, 1, False), (2, 2, True), (5, 5, True), (4, 5, False)])
def test_deletions_that_leave_nobody_of_several_wait_whatever_the_limit(count: int, links: int, stops: bool) -> None:
    guard = Guard({"delete": Limit(percent=100)})
    assert guard.tripped({"delete": count}, {}, links) == (("delete",) if stops else ())
