"""Yes, no and unknown: the strong logic of Kleene, in which what is not known decides nothing."""

from collections.abc import Iterable
from enum import StrEnum


class Truth(StrEnum):
    """Whether something holds."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, known: bool) -> "Truth":
        """The truth of something known."""
        return cls.YES if known else cls.NO

    def negated(self) -> "Truth":
        """Its opposite; what is unknown stays so."""
        if self is Truth.UNKNOWN:
            return self
        return Truth.NO if self is Truth.YES else Truth.YES


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all hold: one "no" is enough to know that they do not. None at all is yes."""
    result = Truth.YES
    for truth in truths:
        if truth is Truth.NO:
            return truth
        if truth is Truth.UNKNOWN:
            result = truth
    return result


def some(truths: Iterable[Truth]) -> Truth:
    """Whether at least one holds: one "yes" is enough to know that. None at all is no."""
    result = Truth.NO
    for truth in truths:
        if truth is Truth.YES:
            return truth
        if truth is Truth.UNKNOWN:
            result = truth
    return result
