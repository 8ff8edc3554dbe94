"""Creates without an answer: which of the records found since may be what they made.

A record is adopted only where nothing else explains it. What could be the child of a create, but is not certainly so,
makes a person decide: sending again might make somebody twice, adopting might take somebody for another.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from zohosyncd.core.normalised import may_be_normalised
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
    free = list(strangers)
    for stranger in strangers:
        found = next((each for each in mine if each.id not in adopted and _is_exact(each, stranger)), None)
        if found is not None:
            adopted[found.id] = stranger.id
            free.remove(stranger)
    free = [stranger for stranger in free if not any(_is_exact(each, stranger) for each in others)]
    for stranger in list(free):
        parents = [each for each in (*mine, *others) if each.id not in adopted and _is_alike(each, stranger)]
        if len(parents) == 1 and parents[0] in mine and _only(parents[0], stranger, free):
            adopted[parents[0].id] = stranger.id
            free.remove(stranger)
    left = [each for each in mine if each.id not in adopted]
    return Explained(
        adopted, {each.id: tuple(stranger.id for stranger in free if _may_be(each, stranger)) for each in left}
    )


def _only(wished: Wished, stranger: Stranger, free: Collection[Stranger]) -> bool:
    return all(other is stranger or not _is_alike(wished, other) for other in free)


def _is_exact(wished: Wished, stranger: Stranger) -> bool:
    """The record shows exactly what was sent."""
    said = {name: value for name, value in wished.patch.items() if value is not None}
    return (
        wished.horizon < stranger.seq
        and bool(said)
        and all(name in stranger.values and stranger.values[name] == value for name, value in said.items())
        and all(stranger.values.get(name) is None for name in wished.patch if name not in said)
    )


def _is_alike(wished: Wished, stranger: Stranger) -> bool:
    return wished.horizon < stranger.seq and shows(wished.patch, stranger.values)


def _may_be(wished: Wished, stranger: Stranger) -> bool:
    """Whether it could be the child: alike, or edited since, which cannot be told where no key says otherwise."""
    return wished.horizon < stranger.seq and (
        _is_alike(wished, stranger) or not stranger.keys or bool(wished.claims & stranger.keys)
    )


def shows(sent: Values, shown: Values) -> bool:
    """Whether a record shows what was sent, up to what servers do to it; one value at least has to be there as sent."""
    return any(value is not None and shown.get(name) == value for name, value in sent.items()) and all(
        name in shown and (shown[name] == value or may_be_normalised(value, shown[name]))
        for name, value in sent.items()
    )
