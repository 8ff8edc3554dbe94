"""Matching: which record on the other side is the same person. One to one, or a person decides.

Keys are tried in the operator's order; the first one that says anything decides. E-mail is identity only here:
once linked, two records stay linked however their addresses change.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """What one kind of key says about a record.

    Attributes:
        others: records of the other side that share a key with it.
        siblings: other records of its own side that share a key with it and are not known to be somebody else.
        rivals: for each of ``others``, the records of our record's side that share a key with that one and are not
            parted from it.
    """

    others: frozenset[str]
    siblings: frozenset[str]
    rivals: Mapping[str, frozenset[str]]

    def without(self, apart: Collection[str]) -> "Level":
        """The same without candidates that a person has parted from the record."""
        return Level(self.others.difference(apart), self.siblings, self.rivals)


@dataclass(frozen=True, slots=True)
class NoPartner:
    """Nothing on the other side, and nothing beside it on its own, shares a key. ``keyless``: it has none at all."""

    keyless: bool


@dataclass(frozen=True, slots=True)
class Partner:
    """Exactly one record of the other side, and it has no other candidate either."""

    record_id: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several candidates somewhere: these records are concerned on either side.

    ``shared``: all that they have in common is a mailbox that several people use.
    """

    own: frozenset[str]
    others: frozenset[str]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The only candidate belongs to another link of this connection (``buried``: to one whose partner is gone)."""

    record_id: str
    buried: bool


Match = NoPartner | Partner | Ambiguous | Taken


def match(
    record_id: str,
    levels: Sequence[Level],
    *,
    linked: Collection[str],
    buried: Collection[str],
    keyless: bool,
    same: frozenset[str] = frozenset(),
    apart: Collection[str] = (),
) -> Match:
    """Decide for one unlinked record.

    Args:
        record_id: the record. levels: what each kind of key says, best kind first.
        linked: ids of the other side that have a live link in this connection.
        buried: ids of the other side whose partner of this connection is gone.
        keyless: the record has no match key of any kind.
        same: ids of the other side that links of other connections tie to it: better than any key.
        apart: ids of the other side that a person has parted from it: they are no candidates, whatever they share.
    """
    levels = [level.without(apart) for level in levels] if apart else levels
    same = same.difference(apart)
    if len(same) > 1:
        return Ambiguous(frozenset({record_id}), same)
    for other in same:
        return Taken(other, buried=False) if other in linked else Partner(other)
    for level in levels:
        if not level.others and not level.siblings:
            continue
        if len(level.others) != 1 or level.siblings:
            return Ambiguous(level.siblings | {record_id}, level.others)
        (other,) = level.others
        if other in linked:
            return Taken(other, buried=False)
        if level.rivals.get(other, frozenset()) - {record_id}:
            return Ambiguous(level.rivals[other] | {record_id}, level.others)
        return Taken(other, buried=True) if other in buried else Partner(other)
    return NoPartner(keyless)
