"""A value that cannot be stored on a side, told so that an operator finds it."""

from zohosyncd.core.mapping import Pair
from zohosyncd.core.outcome import Unfit
from zohosyncd.core.record import Values
from zohosyncd.core.side import SIDES, Side


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
