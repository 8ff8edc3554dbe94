"""The breaker: a value that we would write a third time within a day is being fought over by somebody else.

Another tool that undoes our writes, or two values that chase each other around a ring of connections: no lock of ours
can end that. The field is held for a person; everything else goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.reconcile import Write
from zohosyncd.core.record import Values
from zohosyncd.core.side import Side

OFTEN = 2
"""How often a value may have been written within a day before the next time is one too many."""


def fought_over(mapping: ContactMapping, target: Side, write: Write, written: Sequence[Values]) -> tuple[Pair, ...]:
    """The pairs of which this write would repeat a value once too often.

    Args:
        mapping: the pairs. target: the side written to. write: what is wished.
        written: what we have written to the record within the last day.
    """
    repeated = {
        name
        for name, value in write.patch.items()
        if sum(name in values and values[name] == value for values in written) >= OFTEN
    }
    return tuple(pair for pair in mapping.pairs if repeated.intersection(pair.lens(target).fields))


def without(target: Side, write: Write, pairs: Iterable[Pair]) -> Write | None:
    """The write without these pairs; None if nothing is left of it."""
    theirs = {name for pair in pairs for name in pair.lens(target).fields}
    sources = {name for pair in pairs for name in pair.lens(target.other).fields}
    names = {pair.name for pair in pairs}
    left = replace(
        write,
        patch={name: value for name, value in write.patch.items() if name not in theirs},
        before={name: value for name, value in write.before.items() if name not in theirs},
        agreed={name: value for name, value in write.agreed.items() if name not in theirs},
        source={name: value for name, value in write.source.items() if name not in sources},
        blanks=tuple(name for name in write.blanks if name not in names),
    )
    return left if left.patch else None
