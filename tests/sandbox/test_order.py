"""Sorted keys behave as a sorted list does, however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.sandbox.zoho.order import SortedKeys

KEYS = st.sets(st.integers(0, 5_000), max_size=60)


@given(KEYS, st.lists(st.integers(0, 5_000), max_size=60), st.integers(-1, 5_001))
def test_keys_come_in_order_from_anywhere_in_both_directions(first, later, border):
    kept, model = SortedKeys(first), set(first)
    for key in later:
        if key in model:
            kept.remove(key)
            model.discard(key)
        else:
            kept.add(key)
            model.add(key)
    assert len(kept) == len(model)
    assert list(kept.up()) == sorted(model)
    assert list(kept.down()) == sorted(model, reverse=True)
    assert list(kept.up(border)) == sorted(key for key in model if key > border)
    assert list(kept.down(border)) == sorted((key for key in model if key < border), reverse=True)


def test_many_keys_are_split_and_emptied_again():
    kept = SortedKeys[int]()
    for key in [*range(0, 6_000, 2), *range(5_999, 0, -2)]:
        kept.add(key)
    assert list(kept.up()) == list(range(6_000))
    assert list(kept.down(2_500)) == list(range(2_499, -1, -1))
    for key in range(6_000):
        kept.remove(key)
    assert list(kept.up()) == []
