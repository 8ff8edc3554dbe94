"""Two sets of items merged by what each side did since it was last agreed."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from zohosyncd.core.lens.items import pair_replaced
from zohosyncd.core.record import Item

ItemKey = Callable[[Item], Hashable]


def merge_items(
    base_left: Sequence[Item] | None,
    left: Sequence[Item],
    base_right: Sequence[Item] | None,
    right: Sequence[Item],
    canon_item: ItemKey,
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """What both sides should show: what one side added or removed since its own base is done to the other.

    Each side is compared with its own base, so items that one side has no room for are no deletions. A removed item
    that the other side has just added stays. A replaced item is replaced in place and keeps the label it has there.

    Args:
        base_left: what the left showed when the two last agreed, None if unknown: then everything counts as added
            and nothing as removed.
        left: what the left shows now.
        base_right: the same for the right.
        right: what the right shows now.
        canon_item: the comparable form of one item; items with a falsy form are blank and left alone.

    Returns:
        The wanted view of the left and of the right, each in the order it has now, new items behind.
    """
    left_delta = _delta(base_left, left, canon_item)
    right_delta = _delta(base_right, right, canon_item)
    return (
        _apply(left, right_delta, left_delta.added, canon_item),
        _apply(right, left_delta, right_delta.added, canon_item),
    )


@dataclass(frozen=True, slots=True)
class _Delta:
    added: dict[Hashable, Item]
    removed: frozenset[Hashable]
    replaced: dict[Hashable, Hashable]


def _by_key(items: Sequence[Item], canon_item: ItemKey) -> dict[Hashable, Item]:
    found: dict[Hashable, Item] = {}
    for item in items:
        if key := canon_item(item):
            found.setdefault(key, item)
    return found


def _delta(base: Sequence[Item] | None, now: Sequence[Item], canon_item: ItemKey) -> _Delta:
    before, after = _by_key(base or (), canon_item), _by_key(now, canon_item)
    added = {key: item for key, item in after.items() if key not in before}
    removed = [key for key in before if key not in after]
    new = list(added)
    pairs = pair_replaced([before[key] for key in removed], list(added.values()))
    return _Delta(added, frozenset(removed), {removed[old]: new[now] for old, now in pairs})


def _apply(items: Sequence[Item], delta: _Delta, own: dict[Hashable, Item], canon_item: ItemKey) -> tuple[Item, ...]:
    """These items after what the other side did; ``own`` is what this side itself has just added."""
    here = {canon_item(item) for item in items}
    result: list[Item] = []
    arrived: set[Hashable] = set()
    for item in items:
        key = canon_item(item)
        if key not in delta.removed or key in own:
            result.append(item)
            continue
        new = delta.replaced.get(key)
        if new is not None and new not in here and new not in arrived:
            arrived.add(new)
            result.append(Item(delta.added[new].value, item.label or delta.added[new].label))
    result += [item for key, item in delta.added.items() if key not in here and key not in arrived]
    return tuple(result)
