"""A field that somebody emptied: whether that may travel, by the pair's ``cleared``."""

from zohosyncd.core.lens import View
from zohosyncd.core.mapping import Pair
from zohosyncd.core.side import SIDES, Cleared, Side


def emptied_side(pair: Pair, now: tuple[View, View], changed: tuple[bool, bool]) -> Side | None:
    """The side that somebody emptied, where the pair does not let that travel and the other side has a value.

    Args:
        pair: with its ``cleared``. now: what the two sides show. changed: whether that is not their base.
    """
    if pair.cleared is Cleared.TRAVEL:
        return None
    empty = pair.canon(None)
    for side, view, other, change in zip(SIDES, now, reversed(now), changed, strict=True):
        if change and pair.canon(view) == empty != pair.canon(other):
            return side
    return None


def would_empty(pair: Pair, now: View, then: View) -> bool:
    """Whether showing ``then`` instead of ``now`` would empty a side of a pair that does not let that travel."""
    if pair.cleared is Cleared.TRAVEL:
        return False
    empty = pair.canon(None)
    return pair.canon(then) == empty != pair.canon(now)
