"""The names of the containers that a record is in, as sets: equal without regard to case, spelled as they came."""

from collections.abc import Iterable, Sequence

from zohosyncd.core.record import Item, Value
from zohosyncd.core.spelling import fold


def names_of(value: Value) -> tuple[str, ...]:
    """The names that a value of type NAMES holds, each once in its first spelling; () for nothing."""
    return _each_once(item.value for item in value) if isinstance(value, tuple) else ()


def as_value(names: Iterable[str]) -> tuple[Item, ...]:
    """Names as the value of a field, each once in its first spelling."""
    return tuple(map(Item, _each_once(names)))


def difference(known: Value, wished: Value) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What has to be added and removed to make the wished names of the known ones; another case is no difference."""
    before, after = names_of(known), names_of(wished)
    return _without(after, before), _without(before, after)


def changed(shown: Value, added: Sequence[str], removed: Sequence[str]) -> tuple[Item, ...]:
    """The names shown, without the removed ones and with the added ones behind them."""
    return as_value((*_without(names_of(shown), removed), *added))


def both(known: Value, one: Value, other: Value) -> tuple[Item, ...]:
    """Two wishes for a set as one: the first wished set, with what the second adds to and removes from the known."""
    return changed(one, *difference(known, other))


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in names:
        if name.strip():
            found.setdefault(fold(name), name)
    return tuple(found.values())


def _without(names: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    folded = set(map(fold, others))
    return tuple(name for name in names if fold(name) not in folded)
