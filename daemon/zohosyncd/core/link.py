"""Links and bases: which two records are the same person, and what each side looked like when they last agreed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from zohosyncd.core.consent import ConsentBase
from zohosyncd.core.record import Values
from zohosyncd.core.rules.applied import Applied
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.side import Side

UNKNOWN_VERSION: Final = "?"
"""The version of a link that was decided under a meaning that nobody remembers."""


class LinkStatus(StrEnum):
    """The life of a link."""

    LIVE = "live"
    TOMBSTONE = "tombstone"  # one record is gone; the survivor stays and is never created anew


@dataclass(frozen=True, slots=True)
class Base:
    """What one side looked like after the last agreed sync.

    Attributes:
        values: raw field values of mapped fields; a missing field has no base yet (first-sync rule for that field).
        version: the app's version mark of that state, None where unknown.
        unconfirmed: what we sent last, by field, as long as no read has shown the record since.
        sent: where the app stores something else than we sent: the value sent; ``values`` has what it shows.
        also: where an update ended unknown: another value that counts as unchanged, too.
    """

    values: Values = field(default_factory=dict)
    version: str | None = None
    unconfirmed: Values = field(default_factory=dict)
    sent: Values = field(default_factory=dict)
    also: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Two records of one connection that are the same person.

    Attributes:
        id: 0 until it is stored. left, right: the bases. by_hand: an operator has linked them.
        standing: whether the pair was in scope at the last decision.
        applied: by side, the effects of rules on the record there that will be undone.
        consent: what was last known of consent.
        version: of the connection's meaning (mapping, rules, policy) that the last decision was made under; "" for one
            that was made before there were versions, and counts as decided under this meaning's pairs.
    """

    id: int
    left_id: str
    right_id: str
    left: Base = field(default_factory=Base)
    right: Base = field(default_factory=Base)
    status: LinkStatus = LinkStatus.LIVE
    by_hand: bool = False
    standing: Standing = Standing.IN
    applied: Mapping[Side, Applied] = field(default_factory=dict)
    consent: ConsentBase = field(default_factory=ConsentBase)
    version: str = ""

    def record_id(self, side: Side) -> str:
        """The id of the record on that side."""
        return self.left_id if side is Side.LEFT else self.right_id

    def base(self, side: Side) -> Base:
        """The base of that side."""
        return self.left if side is Side.LEFT else self.right

    def with_base(self, side: Side, base: Base) -> "Link":
        """The same link with another base on that side."""
        return replace(self, left=base) if side is Side.LEFT else replace(self, right=base)
