"""The two sides of a connection, and which way something goes."""

from enum import StrEnum


class Side(StrEnum):
    """One side of a connection."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


SIDES = (Side.LEFT, Side.RIGHT)


class Direction(StrEnum):
    """Which way values may travel."""

    BOTH = "both"
    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"

    def writes(self, side: Side) -> bool:
        """Whether values may travel to this side."""
        if self is Direction.BOTH:
            return True
        return (self is Direction.LEFT_TO_RIGHT) == (side is Side.RIGHT)

    def narrow(self, other: "Direction") -> "Direction | None":
        """What both allow, None if nothing."""
        if self is Direction.BOTH or self is other:
            return other
        return self if other is Direction.BOTH else None


class Winner(StrEnum):
    """Who wins a true clash: both sides changed the same field to different values."""

    NEWEST = "newest"
    LEFT = "left"
    RIGHT = "right"
    UNION = "union"
    HOLD = "hold"


class Cleared(StrEnum):
    """What it does to the other side that somebody has emptied a field."""

    TRAVEL = "travel"  # it is emptied there, too
    KEEP = "keep"  # the value stays there; nothing empty ever overwrites a value
    HOLD = "hold"  # a person decides
