"""One multi-valued field: a set of labelled items, of which those that stay keep spelling, label and place."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from zohosyncd.core.lens import View
from zohosyncd.core.record import Item, Value, Values

Key = Callable[[str], str]
"""The comparable form of one item's text, "" for a blank one; idempotent."""


@dataclass(frozen=True, slots=True)
class ItemsCanon:
    """Sets of items by their keys; labels and order do not count."""

    key: Key

    def __call__(self, view: View) -> Hashable:
        """The items in canonical form, sorted, each once; None for nothing."""
        found = {key for item in items_of(view) if (key := self.key(item.value))}
        return tuple(Item(key) for key in sorted(found)) or None

    def item(self, item: Item) -> str:
        """The comparable form of one item, "" for a blank one."""
        return self.key(item.value)


def items_of(view: View) -> tuple[Item, ...]:
    """A view as items: nothing is (), a plain text one item."""
    if isinstance(view, tuple):
        return view
    return (Item(view),) if isinstance(view, str) and view else ()


def distinct(items: Iterable[Item], key: Key) -> dict[str, Item]:
    """The items by key, in order, the first of each, without blank ones."""
    found: dict[str, Item] = {}
    for item in items:
        if name := key(item.value):
            found.setdefault(name, item)
    return found


def pair_replaced(removed: Sequence[Item], added: Sequence[Item]) -> list[tuple[int, int]]:
    """Which added item stands for which removed one, as pairs of indices.

    Equal labels first, in order; then those of which one side has no label. A removed work number and an added
    mobile number are two edits: pairing them would give the mobile number the wrong label.
    """
    pairs: list[tuple[int, int]] = []
    free = list(range(len(removed)))
    open_ = list(range(len(added)))
    for fits in (_same_label, _no_label):
        for new in tuple(open_):
            old = next((index for index in free if fits(removed[index], added[new])), None)
            if old is not None:
                pairs.append((old, new))
                free.remove(old)
                open_.remove(new)
    return pairs


def _same_label(old: Item, new: Item) -> bool:
    return old.label == new.label


def _no_label(old: Item, new: Item) -> bool:
    return not old.label or not new.label


@dataclass(frozen=True, slots=True)
class ItemsLens:
    """A field that holds any number of items; ``key`` is the comparable form of one."""

    name: str
    key: Key
    required: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The items as typed, without blank ones; () for nothing."""
        items = items_of(values.get(self.name))
        for item in items:
            if not item.value or item.value.isspace():
                return tuple(each for each in items if each.value and not each.value.isspace())
        return items

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The field with what stays untouched, changed items replaced in place with their label, new ones behind."""
        wanted = distinct(items_of(view), self.key)
        old = items_of(values.get(self.name))
        keys = [self.key(item.value) for item in old]
        added = [item for name, item in wanted.items() if name not in keys]
        gone = [place for place, name in enumerate(keys) if name and name not in wanted]
        if not added and not gone:
            return {}
        replaced = {gone[was]: added[now] for was, now in pair_replaced([old[place] for place in gone], added)}
        result: list[Item] = []
        for place, item in enumerate(old):
            if place in replaced:
                result.append(Item(replaced[place].value, item.label or replaced[place].label))
            elif place not in gone:
                result.append(item)
        in_place = {self.key(item.value) for item in replaced.values()}
        result += [item for item in added if self.key(item.value) not in in_place]
        return {self.name: tuple(result)}

    def refuses(self, view: View, values: Values | None = None) -> str | None:  # noqa: ARG002  part of the protocol
        """Never: such a field holds any text."""
        return None

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: it holds everything."""
        return False
