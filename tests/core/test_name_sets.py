"""Sets of names: what has to be added and removed, and what comes of it."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.name_sets import as_value, changed, difference, names_of
from zohosyncd.core.record import Item, Value
from zohosyncd.core.spelling import fold

values = st.lists(st.sampled_from(["CRM", "crm", "Fair 2026", "VIP", "Straße", "STRASSE", "", "  "])).map(
    lambda names: tuple(map(Item, names))
)


def folded(value: Value) -> set[str]:
    return set(map(fold, names_of(value)))


def test_a_name_is_there_once_in_its_first_spelling_and_in_order() -> None:
    assert names_of((Item("b"), Item("CRM"), Item("crm"), Item(" "), Item("a"))) == ("b", "CRM", "a")
    assert names_of(None) == ()


def test_another_case_is_no_difference() -> None:
    assert difference(as_value(["CRM", "Old"]), as_value(["crm", "New"])) == (("New",), ("Old",))


@given(values, values)
def test_the_difference_leads_from_the_known_names_to_the_wished_ones(known: Value, wished: Value) -> None:
    assert folded(changed(known, *difference(known, wished))) == folded(wished)


@given(values, values, values)
def test_what_somebody_else_added_stays_and_what_stays_keeps_its_spelling(
    known: Value, wished: Value, shown: Value
) -> None:
    after = changed(shown, *difference(known, wished))
    assert folded(shown) - folded(known) <= folded(after)
    kept = [name for name in names_of(shown) if fold(name) in folded(after)]
    assert list(names_of(after))[: len(kept)] == kept
