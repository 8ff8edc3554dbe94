"""Scope: which linked pairs are kept the same, which are linked, and which records are created across.

Linked pairs (the answer of a side is whether its record matches any of its rules, None where it has none):

===================  ============================================
left, right          the pair is
===================  ============================================
None, None           in: no rules at all means everything
YES with anything    in
NO or None, with NO  out
UNKNOWN, without YES where it was: nothing leaves or enters on what is not known
===================  ============================================

A pair that has just been linked was in. Unlinked records:

=====================  ============================================================================
own answer             is it created on the other side
=====================  ============================================================================
None, no rules at all  yes, if values may travel there
None, the other has    no: once one rule exists, a side without a rule creates nothing across
YES                    yes, if values may travel there
NO                     no
UNKNOWN                not yet: it has to be read first
=====================  ============================================================================

Two unlinked records that are the same person are linked if either of them matches, and left alone if neither does.
"""

from dataclasses import dataclass
from enum import StrEnum

from zohosyncd.core.rules.truth import Truth, some
from zohosyncd.core.side import Direction, Side


class Standing(StrEnum):
    """Where a linked pair is."""

    IN = "in"
    LEAVING = "leaving"  # no rule matches, and what is to happen then has not been done yet
    OUT = "out"


class Leave(StrEnum):
    """What happens to a pair when its last rule no longer matches."""

    FREEZE = "freeze"
    TAG = "tag"
    UNLINK = "unlink"
    DELETE = "delete"


class Crossing(StrEnum):
    """Whether an unlinked record is created on the other side, and if not, why."""

    CREATE = "create"
    DIRECTION = "direction"  # nothing travels there
    NO_RULE = "no_rule"  # the other side has rules, this one has none
    NO_MATCH = "no_match"  # it matches none of its side's rules
    UNREAD = "unread"  # something that decides was not read


@dataclass(frozen=True, slots=True)
class Matched:
    """What the rules of both sides say about the records of one person.

    Attributes:
        left, right: whether the record of that side matches any rule of its side; None where the side has no rule.
    """

    left: Truth | None
    right: Truth | None

    def of(self, side: Side) -> Truth | None:
        """The answer of one side."""
        return self.left if side is Side.LEFT else self.right

    @property
    def either(self) -> Truth | None:
        """Whether the record of either side matches; None where there are no rules at all."""
        answers = [answer for answer in (self.left, self.right) if answer is not None]
        return some(answers) if answers else None


def standing(matched: Matched, was: Standing = Standing.IN) -> Standing:
    """Where a linked pair is from now on, by the first table.

    Args:
        matched: what the rules say. was: where it was, or IN for a pair that has just been linked.
    """
    either = matched.either
    if either is Truth.UNKNOWN:
        return was
    return Standing.OUT if either is Truth.NO else Standing.IN


def crossing(matched: Matched, source: Side, direction: Direction) -> Crossing:
    """Whether an unlinked record of ``source`` is created on the other side, by the second table.

    Args:
        matched: the answer of its own side; of the other side only counts whether it has rules.
        source: its side. direction: the connection's.
    """
    if not direction.writes(source.other):
        return Crossing.DIRECTION
    own = matched.of(source)
    if own is None:
        return Crossing.CREATE if matched.of(source.other) is None else Crossing.NO_RULE
    if own is Truth.UNKNOWN:
        return Crossing.UNREAD
    return Crossing.CREATE if own is Truth.YES else Crossing.NO_MATCH


def linking(matched: Matched) -> Truth:
    """Whether two unlinked records that are the same person are linked; unknown has to be read first."""
    either = matched.either
    return Truth.YES if either is None else either
