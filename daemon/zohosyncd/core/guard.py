"""The guard: how much a connection may delete, blank or create without asking a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_SOME: Final = 10
_PART: Final = 0.1


def shrank(missing: int, known: int) -> bool:
    """Whether a complete read lacks so many of the records that are known that a person has to look at it.

    Some always come and go; it is too much if it is more than ten and more than a tenth, or everybody.
    """
    return missing > max(_SOME, known * _PART) or 0 < known <= missing


@dataclass(frozen=True, slots=True)
class Limit:
    """Trips above the larger of the two: a number, and a percentage of the connection's links."""

    more_than: int = 10
    percent: float = 2.0

    def allows(self, count: int, links: int) -> bool:
        """Whether this many within 24 hours are allowed with so many links."""
        return count <= max(self.more_than, links * self.percent / 100)


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits by what is counted: "delete", "blank", "create"; a kind without a limit is never held back."""

    limits: Mapping[str, Limit]

    def counts(self, kind: str) -> bool:
        """Whether writes of this kind wait until the feeds are drained and are counted."""
        return kind in self.limits

    def tripped(self, planned: Mapping[str, int], done: Mapping[str, int], links: int) -> tuple[str, ...]:
        """The kinds of which ``planned`` now and ``done`` within the last 24 hours are too many together.

        Deletions that leave nobody of several are too many, whatever the limit.
        """
        return tuple(
            kind
            for kind, count in planned.items()
            if count and kind in self.limits
            and (
                not self.limits[kind].allows(count + done.get(kind, 0), links)
                or (kind == "delete" and 1 < links <= count)
            )
        )  # fmt: skip


DEFAULT_GUARD = Guard({"delete": Limit(), "blank": Limit()})
