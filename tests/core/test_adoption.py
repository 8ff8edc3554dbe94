"""Creates without an answer: what is adopted, what makes a person decide, what is sent again."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.adoption import Explained, Stranger, Wished, explain, has_arrived

ANN = {"First": "Ann", "Last": "Both", "Title": "Boss"}


def stranger(number: int, seq: float = 9.0, keys: frozenset[str] = frozenset({"k"}), **values: str | None) -> Stranger:
    return Stranger(f"r{number}", {"First": None, "Last": None, "Title": None, **values}, seq, keys)


def test_a_record_that_shows_what_was_sent_is_adopted() -> None:
    assert explain([stranger(1, **ANN)], [Wished("a", ANN, 0)], []) == Explained({"a": "r1"}, {})


def test_nothing_there_means_send_again() -> None:
    assert explain([], [Wished("a", ANN, 0)], []) == Explained({}, {"a": ()})


def test_a_record_that_was_there_before_is_no_child() -> None:
    assert explain([stranger(1, 3.0, **ANN)], [Wished("a", ANN, 3)], []) == Explained({}, {"a": ()})


def test_a_record_in_another_spelling_is_adopted_if_there_is_no_other_explanation() -> None:
    loud = {name: text.upper() for name, text in ANN.items()} | {"First": "Ann"}
    assert explain([stranger(1, **loud)], [Wished("a", ANN, 0)], []).adopted == {"a": "r1"}
    twins = [stranger(1, **loud), stranger(2, **loud)]
    assert explain(twins, [Wished("a", ANN, 0)], []) == Explained({}, {"a": ("r1", "r2")})


def test_of_two_equal_creates_each_gets_one_record() -> None:
    found = explain([stranger(1, **ANN), stranger(2, **ANN)], [Wished("a", ANN, 0), Wished("b", ANN, 0)], [])
    assert found == Explained({"a": "r1", "b": "r2"}, {})


def test_a_record_goes_to_the_create_that_sent_most_of_it() -> None:
    short = {"First": "Ann", "Last": "Both"}
    assert explain([stranger(1, **ANN)], [Wished("a", short, 0)], [Wished("b", ANN, 0)]).adopted == {}
    assert explain([stranger(1, **short)], [Wished("a", short, 0)], [Wished("b", ANN, 0)]).adopted == {"a": "r1"}


def test_an_edited_record_without_a_key_or_with_a_claimed_one_makes_a_person_decide() -> None:
    wished = Wished("a", ANN, 0, frozenset({"mine"}))
    edited = {"First": "Anna", "Last": "Else", "Title": None}
    assert explain([stranger(1, keys=frozenset(), **edited)], [wished], []).suspects == {"a": ("r1",)}
    assert explain([stranger(1, keys=frozenset({"mine"}), **edited)], [wished], []).suspects == {"a": ("r1",)}
    assert explain([stranger(1, keys=frozenset({"theirs"}), **edited)], [wished], []).suspects == {"a": ()}


def test_a_record_whose_very_key_was_edited_makes_a_person_decide_if_it_shows_half_of_the_rest() -> None:
    wished = Wished("a", {**ANN, "Email": "ann@example.org"}, 0, frozenset({"mine"}))
    for values, suspects in (
        ({**ANN, "Email": "new@example.org"}, ("r1",)),
        ({"First": "Ann", "Last": "Both", "Title": "Queen", "Email": "new@example.org"}, ("r1",)),
        ({"First": "Bob", "Last": "Both", "Title": "Queen", "Email": "bob@example.org"}, ()),
    ):
        edited = stranger(1, keys=frozenset({"theirs"}), **values)
        assert explain([edited], [wished], []).suspects == {"a": suspects}
    assert explain([stranger(1, keys=frozenset({"theirs"}))], [Wished("a", {"First": None}, 0)], []).suspects == {
        "a": ()
    }


values = st.fixed_dictionaries(
    {"First": st.sampled_from(["Ann", "ANN", "Bob", None]), "Last": st.sampled_from(["X", "x"])}
)


@given(
    st.lists(st.tuples(values, st.integers(0, 4)), max_size=5),
    st.lists(st.tuples(values, st.integers(0, 3)), max_size=3),
    st.lists(st.tuples(values, st.integers(0, 3)), max_size=3),
)
def test_nobody_is_adopted_twice_and_only_what_shows_what_was_sent(
    there: list[tuple[dict[str, str | None], int]],
    mine: list[tuple[dict[str, str | None], int]],
    theirs: list[tuple[dict[str, str | None], int]],
) -> None:
    strangers = [Stranger(f"r{at}", shown, float(seq), frozenset({"k"})) for at, (shown, seq) in enumerate(there)]
    creates = [Wished(f"m{at}", patch, horizon) for at, (patch, horizon) in enumerate(mine)]
    found = explain(strangers, creates, [Wished(f"o{at}", *each) for at, each in enumerate(theirs)])
    assert len(set(found.adopted.values())) == len(found.adopted)
    assert found.adopted.keys() | found.suspects.keys() == {each.id for each in creates}
    assert not found.adopted.keys() & found.suspects.keys()
    by_id = {each.id: each for each in strangers}
    for create in creates:
        if create.id in found.adopted:
            child = by_id[found.adopted[create.id]]
            assert child.seq > create.horizon
            assert all(
                (child.values[name] or "").lower() in ("", (text or "").lower()) for name, text in create.patch.items()
            )
        assert not set(found.suspects.get(create.id, ())) & set(found.adopted.values())


def test_an_update_that_only_empties_fields_has_arrived_once_they_are_empty() -> None:
    emptied = {"Title": None, "Tags": ()}
    assert has_arrived(emptied, {"Title": None, "Tags": None, "First": "Ann"})
    assert not has_arrived(emptied, {"Title": "boss", "Tags": None})
    assert not has_arrived(emptied, {"Tags": None})
    assert not has_arrived({}, {"Title": None})


def test_an_update_has_not_arrived_where_everything_it_says_is_missing() -> None:
    assert not has_arrived({"Title": "boss", "Notes": None}, {"Title": None, "Notes": None})
    assert has_arrived({"Title": "boss", "Notes": None}, {"Title": "boss", "Notes": None})
