"""Creates without an answer: which of the records found since may be what they made.

A record is adopted only where nothing else explains it. What could be the child of a create, but is not certainly so,
makes a person decide: sending again might make somebody twice, adopting might take somebody for another.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from zohosyncd.core.normalised import is_empty, may_be_normalised
from zohosyncd.core.record import Values


@dataclass(frozen=True, slots=True)
class Wished:
    """A create whose outcome is not known.

    Attributes:
        id: the intent. patch: the values sent. horizon: the object's last seq before it was decided.
        claims: its match keys, in any form that can be compared.
    """

    id: str
    patch: Values
    horizon: int
    claims: frozenset[Hashable] = frozenset()

    @property
    def said(self) -> Values:
        """The values sent, without empty ones."""
        return {name: value for name, value in self.patch.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Stranger:
    """A record that nobody is known to have made. ``seq``: its mirror row's, infinite if it is not in the mirror."""

    id: str
    values: Values
    seq: float
    keys: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Explained:
    """``adopted``: record ids by create. ``suspects``: for creates without one, records that may be theirs."""

    adopted: dict[str, str]
    suspects: dict[str, tuple[str, ...]]


def explain(strangers: Sequence[Stranger], mine: Sequence[Wished], others: Sequence[Wished]) -> Explained:
    """Find the children of creates.

    Args:
        strangers: what was created in the object since the earliest of these creates was sent.
        mine: the creates to be found out about. others: those of other connections in the same object.
    """
    adopted: dict[str, str] = {}
    free: list[Stranger] = []
    for stranger in strangers:
        parents = [each for each in (*mine, *others) if each.id not in adopted and _is_alike(each, stranger)]
        # Who sent most of what it shows: a create that sent less has a record of its own.
        best = max((_likeness(each, stranger) for each in parents), default=None)
        likely = [each for each in parents if _likeness(each, stranger) == best]
        found = next((each for each in mine if each in likely), None)
        if found is None and not parents:
            free.append(stranger)
        elif found is not None and (_is_exact(found, stranger) or _is_only(found, stranger, parents, strangers)):
            adopted[found.id] = stranger.id
        elif found is not None:
            free.append(stranger)
    left = [each for each in mine if each.id not in adopted]
    return Explained(
        adopted, {each.id: tuple(stranger.id for stranger in free if _may_be(each, stranger)) for each in left}
    )


def _likeness(wished: Wished, stranger: Stranger) -> tuple[int, bool]:
    """How many of the values sent the record shows, in any spelling; and whether it shows exactly what was sent."""
    shown = sum(stranger.values.get(name) is not None for name in wished.said)
    return shown, _is_exact(wished, stranger)


def _is_only(wished: Wished, stranger: Stranger, parents: Sequence[Wished], strangers: Collection[Stranger]) -> bool:
    """Whether the create and the record have nobody else."""
    return len(parents) == 1 and all(other is stranger or not _is_alike(wished, other) for other in strangers)


def _is_exact(wished: Wished, stranger: Stranger) -> bool:
    """The record shows exactly what was sent."""
    said = wished.said
    return (
        wished.horizon < stranger.seq
        and bool(said)
        and all(name in stranger.values and stranger.values[name] == value for name, value in said.items())
        and all(stranger.values.get(name) is None for name in wished.patch if name not in said)
    )


def _is_alike(wished: Wished, stranger: Stranger) -> bool:
    return wished.horizon < stranger.seq and shows(wished.patch, stranger.values)


def _may_be(wished: Wished, stranger: Stranger) -> bool:
    """Whether it could be the child: alike, or edited since.

    That cannot be told where no key says otherwise; and where the key itself was edited, the rest still shows it.
    """
    said = wished.said
    equal = sum(stranger.values.get(name) == value for name, value in said.items())
    return wished.horizon < stranger.seq and (
        _is_alike(wished, stranger)
        or not stranger.keys
        or bool(wished.claims & stranger.keys)
        or (bool(said) and 2 * equal >= len(said))
    )


def has_arrived(sent: Values, shown: Values) -> bool:
    """Whether a record shows what an update has sent; one that only empties fields has nothing else to show."""
    emptied = bool(sent) and all(is_empty(value) for value in sent.values())
    return shows(sent, shown) or (emptied and all(name in shown and is_empty(shown[name]) for name in sent))


def shows(sent: Values, shown: Values) -> bool:
    """Whether a record shows what was sent, up to what servers do to it; one value at least has to be there as sent."""
    return any(value is not None and shown.get(name) == value for name, value in sent.items()) and all(
        name in shown and (shown[name] == value or may_be_normalised(value, shown[name]))
        for name, value in sent.items()
    )
