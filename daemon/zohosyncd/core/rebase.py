"""What becomes of a link's bases when the mapping has changed since it was last decided.

A base says what a side looked like when both agreed. Seen through a changed pair, what was agreed may differ: then
there is no agreement, and the first-sync rule decides about this pair. Every other pair keeps its bases, and with them
what was decided: what somebody emptied stays empty, what is held stays held.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from zohosyncd.core.link import Base, Link
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.meaning import Change
from zohosyncd.core.record import Values
from zohosyncd.core.side import SIDES, Cleared, Side


def rebased(
    mapping: ContactMapping,
    link: Link,
    changed: Mapping[str, Change],
    watched: Mapping[Side, Sequence[str]],
) -> Link:
    """The link with bases that mean what the mapping means now.

    Fields that nothing uses any longer have no base. A changed pair keeps its bases where both show the same through
    it, or where one of them only cannot hold all of the other; a new one has none.

    Args:
        mapping: the pairs. link: as it was decided. changed: by name, the pairs that mean something else since.
        watched: by side, fields beside the mapping whose bases stay.
    """
    lost: dict[Side, set[str]] = {}
    for side in SIDES:
        used = {*mapping.used_fields(side), *watched.get(side, ())}
        lost[side] = {name for name in _known(link.base(side)) if name not in used}
    for pair in mapping.pairs:
        change = changed.get(pair.name)
        if change is not None and not _still_agree(pair, link, change):
            for side in SIDES:
                lost[side].update(pair.fields(side))
    for side, names in lost.items():
        if names:
            link = link.with_base(side, _without(link.base(side), names))
    return link


def _still_agree(pair: Pair, link: Link, change: Change) -> bool:
    bases = {side: link.base(side).values for side in SIDES}
    if any(name not in bases[side] for side in SIDES for name in pair.fields(side)):
        return False
    left, right = (pair.lens(side).get(bases[side]) for side in SIDES)
    shown = (pair.canon(left), pair.canon(right))
    if shown[0] == shown[1] or pair.fuller_of(left, right) is not None:
        return True
    # What was emptied and did not travel is agreed as it is, whichever way values may go now.
    return change is Change.WIDER and pair.cleared is not Cleared.TRAVEL and pair.canon(None) in shown


def _known(base: Base) -> Collection[str]:
    return {*base.values, *base.unconfirmed, *base.sent, *base.also}


def _without(base: Base, names: Collection[str]) -> Base:
    return replace(
        base,
        values=_left(base.values, names),
        unconfirmed=_left(base.unconfirmed, names),
        sent=_left(base.sent, names),
        also=_left(base.also, names),
    )


def _left(values: Values, names: Collection[str]) -> Values:
    return {name: value for name, value in values.items() if name not in names}
