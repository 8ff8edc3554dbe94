"""Sets merged by what each side did since it was last agreed."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.lens.merge import merge_items
from zohosyncd.core.record import Item

item = st.builds(Item, st.sampled_from(["a", "A", "b", "c", "d", "e", "f"]), st.sampled_from(["", "work", "home"]))
items = st.lists(item, max_size=5).map(tuple)
bases = st.one_of(st.none(), items)


def key(each: Item) -> str:
    return each.value.casefold()


def keys(each: tuple[Item, ...] | None) -> set[str]:
    return {key(one) for one in each or ()}


def of(text: str, label: str = "") -> tuple[Item, ...]:
    return tuple(Item(each, label) for each in text)


@given(items, items)
def test_without_changes_nothing_changes(left, right):
    assert merge_items(left, left, right, right, key) == (left, right)


@given(bases, items, bases, items)
def test_merging_the_result_again_changes_nothing(base_left, left, base_right, right):
    merged = merge_items(base_left, left, base_right, right, key)
    assert merge_items(merged[0], merged[0], merged[1], merged[1], key) == merged


@given(bases, items, bases, items)
def test_it_does_not_matter_which_side_is_called_left(base_left, left, base_right, right):
    one = merge_items(base_left, left, base_right, right, key)
    other = merge_items(base_right, right, base_left, left, key)
    assert one == (other[1], other[0])


@given(bases, items, bases, items)
def test_nothing_is_lost_that_nobody_removed(base_left, left, base_right, right):
    removed = (keys(base_left) - keys(left)) | (keys(base_right) - keys(right))
    for before, after in zip((left, right), merge_items(base_left, left, base_right, right, key), strict=True):
        assert keys(before) - removed <= keys(after)


@given(bases, items, bases, items)
def test_what_was_added_stands_on_both_sides(base_left, left, base_right, right):
    added = (keys(left) - keys(base_left)) | (keys(right) - keys(base_right))
    for after in merge_items(base_left, left, base_right, right, key):
        assert added <= keys(after)


@given(bases, items, bases, items)
def test_what_was_removed_stands_nowhere_unless_it_was_added_on_the_other_side(base_left, left, base_right, right):
    added = (keys(left) - keys(base_left)) | (keys(right) - keys(base_right))
    removed = (keys(base_left) - keys(left)) | (keys(base_right) - keys(right))
    for after in merge_items(base_left, left, base_right, right, key):
        assert not (removed - added) & keys(after)


@given(items, items)
def test_without_bases_both_sides_get_everything(left, right):
    for after in merge_items(None, left, None, right, key):
        assert keys(after) == keys(left) | keys(right)


@given(items, items)
def test_equal_bases_make_it_a_plain_three_way_merge(left, right):
    base = of("abc")
    merged = merge_items(base, left, base, right, key)
    want = (keys(left) & keys(right)) | (keys(left) - keys(base)) | (keys(right) - keys(base))
    assert keys(merged[0]) == keys(merged[1]) == want


def test_items_beyond_the_slots_of_one_side_are_no_deletions():
    left, right = of("ab"), of("abcd")
    assert merge_items(left, left, right, right, key) == (left, right)


def test_a_replaced_item_stays_at_its_place_with_the_label_it_has_there():
    left_base, left = (Item("a", "work"), Item("b", "mobile")), (Item("c", "work"), Item("b", "mobile"))
    right = (Item("A", "Büro"), Item("b", ""), Item("x", ""))
    assert merge_items(left_base, left, right, right, key)[1] == (Item("c", "Büro"), Item("b", ""), Item("x", ""))


def test_a_removed_work_number_and_an_added_mobile_number_are_two_edits():
    right = (Item("a", "work"), Item("x", "home"))
    merged = merge_items((Item("a", "work"),), (Item("b", "mobile"),), right, right, key)
    assert merged[1] == (Item("x", "home"), Item("b", "mobile"))


def test_both_sides_replacing_the_same_item_keeps_both_new_ones():
    merged = merge_items(of("a"), of("b"), of("a"), of("c"), key)
    assert keys(merged[0]) == keys(merged[1]) == {"b", "c"}


def test_an_item_that_only_differs_in_spelling_stays_as_it_was_typed():
    assert merge_items(None, of("A"), None, of("a"), key) == (of("A"), of("a"))
