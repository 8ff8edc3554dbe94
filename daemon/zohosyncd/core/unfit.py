"""A value that cannot be stored on a side, told so that an operator finds it."""

from zohosyncd.core.lens import View
from zohosyncd.core.lens.containers import NamesLens
from zohosyncd.core.mapping import Pair
from zohosyncd.core.outcome import Unfit
from zohosyncd.core.record import Value, Values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.core.spelling import fold


def unfit(pair: Pair, target: Side, reason: str, source: Values) -> Unfit:
    """What is told of a refused value. The option of a choice is a word of the app's and is named; what a person has
    typed is not.

    Args:
        pair: its fields. target: the side that refuses. reason: the lens's fixed phrase. source: the other side's
            values.
    """
    for name in pair.choices[SIDES.index(target.other)]:
        option = source.get(name)
        if isinstance(option, str) and option.strip():
            return Unfit(pair.name, target, f'{name} is "{option}": {reason}', option)
    return Unfit(pair.name, target, reason)


def left_out(pair: Pair, target: Side, view: View, values: Values) -> tuple[Unfit | None, frozenset[str]]:
    """What a side cannot hold of a set of names: told with the names, which are words of the apps; their folded forms.

    Other sets, of addresses and numbers, leave out what has no slot without a word.
    """
    lens = pair.lens(target)
    if not isinstance(lens, NamesLens):
        return None, frozenset()
    missing = lens.left_out(view, values)
    if not missing:
        return None, frozenset()
    told = "; ".join(f'"{item.value}": {reason}' for item, reason in missing)
    return Unfit(pair.name, target, told), frozenset(fold(item.value) for item, _reason in missing)


def without(names: frozenset[str], value: Value) -> Value:
    """A set of names without these (folded)."""
    return tuple(item for item in value if fold(item.value) not in names) if isinstance(value, tuple) else value
