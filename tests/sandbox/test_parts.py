"""The parts that simulated apps are built of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.sandbox.parts.history import History
from zohosyncd.sandbox.parts.normaliser import normalise, normalisers
from zohosyncd.sandbox.parts.tokens import NotGood, Tokens
from zohosyncd.sandbox.parts.windows import Window


class HandClock:
    def __init__(self) -> None:
        self.moment = 1_800_000_000.0

    def now(self) -> float:
        return self.moment


def test_a_token_is_good_for_its_kind_alone_and_only_as_long_as_it_lives() -> None:
    clock = HandClock()
    tokens = Tokens(clock, 1)
    page = tokens.give("page", {"offset": 100})
    sync = tokens.give("sync", 7, life=60.0)
    assert tokens.take("page", page) == {"offset": 100}
    assert tokens.take("sync", page) is NotGood.UNKNOWN
    assert tokens.take("sync", "made up") is NotGood.UNKNOWN
    clock.moment += 59.0
    assert tokens.take("sync", sync) == 7
    clock.moment += 1.0
    assert tokens.take("sync", sync) is NotGood.EXPIRED
    tokens.forget("page")
    assert tokens.take("page", page) is NotGood.EXPIRED


def test_a_spent_token_is_not_good_again() -> None:
    tokens = Tokens(HandClock(), 1)
    code = tokens.give("code", "ann")
    assert tokens.spend("code", code) == "ann"
    assert tokens.spend("code", code) is NotGood.EXPIRED


def test_no_two_tokens_are_equal() -> None:
    tokens = Tokens(HandClock(), 1)
    assert len({tokens.give(kind, "same") for kind in ("page", "sync") for _ in range(50)}) == 100


def test_a_window_frees_each_use_after_its_time() -> None:
    clock = HandClock()
    window = Window(clock, 2, 10.0)
    assert window.take() == 0.0
    clock.moment += 4.0
    assert window.take() == 0.0
    assert window.take() == pytest.approx(6.0)
    assert window.left == 0
    clock.moment += 6.0
    assert window.left == 1
    assert window.take(2) == pytest.approx(4.0)
    assert window.take() == 0.0


def test_a_window_of_nothing_lets_nothing_through() -> None:
    assert Window(HandClock(), 0, 10.0).take() > 0.0


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers()), max_size=40), st.data())
def test_a_history_shows_every_moment_as_it_was(steps: list[tuple[str, int | None]], data: st.DataObject) -> None:
    history: History[int] = History()
    states: list[dict[str, int]] = [{}]
    for moment, (key, value) in enumerate(steps):
        state = dict(states[-1])
        if value is None:
            state.pop(key, None)
            history.remove(key, float(moment))
        else:
            state[key] = value
            history.put(key, value, float(moment))
        states.append(state)
    assert dict(history.items()) == states[-1]
    number = data.draw(st.integers(0, len(steps)))
    assert {each.id: each.value for each in history.shown(number)} == states[number]
    after = data.draw(st.integers(0, number))
    replayed = dict(states[after])
    for each in history.changes(after, number):
        replayed.pop(each.id, None)
        if each.value is not None:
            replayed[each.id] = each.value
    assert replayed == states[number]
    assert history.number_at(number - 1.0) == number
    for key in "abcd":
        seen = history.seen(key, number - 1.0)
        assert (seen.value if seen else None) == states[number].get(key)


def test_a_change_seen_later_than_the_clock_keeps_the_order() -> None:
    history: History[str] = History()
    history.put("a", "first", 10.0)
    assert history.put("b", "second", 9.0).at == 10.0


def test_rules_of_normalisation_are_read_strictly() -> None:
    rules = normalisers([{"field": "name", "do": "truncate", "length": 3}, {"field": "mail", "do": "lower"}])
    assert normalise(rules, {"name": "Ann Miller", "mail": "A@B.C", "n": 1}) == {"name": "Ann", "mail": "a@b.c", "n": 1}
    with pytest.raises(ValueError, match="unknown normalisation"):
        normalisers([{"field": "name", "do": "shout"}])
    with pytest.raises(ValueError, match="unknown keys"):
        normalisers([{"field": "name", "do": "lower", "lenght": 3}])
