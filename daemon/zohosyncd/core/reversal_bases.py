"""What both sides have agreed on once a reversal has arrived: both bases, of exactly the pairs that it is about."""

from collections.abc import Iterable

from zohosyncd.core.lens.items import items_of
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.name_sets import both, difference
from zohosyncd.core.record import Value, Values
from zohosyncd.core.reversal import without_news
from zohosyncd.core.side import Side


def bases_after(
    mapping: ContactMapping, side: Side, patch: Values, present: Values, other: Values, before: Values | None = None
) -> tuple[dict[str, Value], dict[str, Value]]:
    """The bases that say "agreed as shown" once the patch has arrived: of the other side, and of this one.

    With them what comes back neither travels to the other side nor is written over again.

    Args:
        mapping, side: where the patch is written. present, other: what this side and the other one show now.
        before: this side's base: of a set only what the patch brings and takes is agreed then, and what a person has
            added or taken meanwhile is still to travel. None where everything shown is agreed.
    """
    source: dict[str, Value] = {}
    agreed: dict[str, Value] = dict(patch)
    known = before or {}
    for name in patch.keys() & known.keys():
        is_set = any(isinstance(values.get(name), tuple) for values in (patch, present, known))
        if is_set and difference(known[name], present.get(name)) != ((), ()):
            agreed[name] = both(present.get(name), known[name], patch[name])
    for pair in _touched(mapping, side, patch):
        source.update({name: other[name] for name in pair.fields(side.other) if name in other})
        agreed.update(_agreed(pair, side, patch, present, known))
    return source, agreed


def _agreed(pair: Pair, side: Side, patch: Values, present: Values, before: Values) -> dict[str, Value]:
    """The base of one pair once the patch has arrived."""
    lens, fields = pair.lens(side), pair.fields(side)
    shown = {name: patch.get(name, present[name]) for name in fields if name in present}
    if not pair.multi or len(shown) < len(fields) or any(name not in before for name in fields):
        return shown
    now, then = items_of(lens.get(present)), items_of(lens.get(before))
    if {pair.canon_item(each) for each in now} == {pair.canon_item(each) for each in then}:
        return shown
    kept = {name: before[name] for name in fields}
    return {**kept, **lens.put(without_news(items_of(lens.get(shown)), now, then, pair), kept)}


def without_pairs(mapping: ContactMapping, side: Side, patch: Values, other: Values) -> dict[str, Value]:
    """A patch of one side without the pairs that a patch of the other side is about: their turn comes after it."""
    first = {name for pair in _touched(mapping, side.other, other) for name in pair.fields(side)}
    return {name: value for name, value in patch.items() if name not in first}


def _touched(mapping: ContactMapping, side: Side, patch: Iterable[str]) -> list[Pair]:
    names = set(patch)
    return [pair for pair in mapping.pairs if names.intersection(pair.fields(side))]
