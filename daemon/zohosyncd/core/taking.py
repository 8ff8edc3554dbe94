"""A person decides a field: the bases that let the ordinary merge carry the value that was taken.

Both bases become what the losing side showed when the person looked, each in its side's own spelling: as if both had
agreed on that, and the winning side had been edited since. Nothing is overwritten that the person has not seen: a side
that shows a third value by then has been edited, too, and it is a clash again.
"""

from collections.abc import Mapping
from dataclasses import replace

from zohosyncd.core.lens import View
from zohosyncd.core.link import Base, Link
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.merging import Missing, view_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.side import Cleared, Side


def take(link: Link, pair: Pair, winner: Side, seen: Mapping[Side, Values]) -> Link | None:
    """The link with bases by which the winner's value of one pair travels.

    Args:
        link: with its bases. pair: the field. winner: the side whose value is right.
        seen: by side, the raw values of the pair's fields that the person has looked at.

    Returns:
        None where that cannot be said: a value was not read, or the winner's side cannot tell both values apart.
    """
    loser = winner.other
    losing = view_of(pair.lens(loser), pair.fields(loser), seen[loser])
    winning = view_of(pair.lens(winner), pair.fields(winner), seen[winner])
    if isinstance(losing, Missing) or isinstance(winning, Missing):
        return None
    before = _as_shown(pair, winner, losing, winning, seen[winner])
    if before is None:
        return None
    link = link.with_base(loser, _rebased(link.base(loser), {name: seen[loser][name] for name in pair.fields(loser)}))
    return link.with_base(winner, _rebased(link.base(winner), before))


def with_blanks(mapping: ContactMapping, names: frozenset[str]) -> ContactMapping:
    """The mapping in which an emptied field of these pairs travels: a person has decided so."""
    pairs = tuple(replace(pair, cleared=Cleared.TRAVEL) if pair.name in names else pair for pair in mapping.pairs)
    return replace(mapping, pairs=pairs)


def _as_shown(pair: Pair, winner: Side, losing: View, winning: View, shown: Values) -> dict[str, Value] | None:
    """The winner's fields with the loser's value in them; else empty; None where both look like what it shows."""
    lens, fields = pair.lens(winner), pair.fields(winner)
    empty: dict[str, Value] = dict.fromkeys(fields)
    own = {name: shown[name] for name in fields}
    candidates = [] if lens.refuses(losing, own) else [{**own, **lens.put(losing, own)}]
    for values in [*candidates, empty]:
        if pair.canon(lens.get(values)) != pair.canon(winning):
            return values
    return None


def _rebased(base: Base, values: Values) -> Base:
    """A base that is certain about these fields."""

    def rest(known: Values) -> Values:
        return {name: value for name, value in known.items() if name not in values}

    return Base({**base.values, **values}, base.version, rest(base.unconfirmed), rest(base.sent), rest(base.also))
