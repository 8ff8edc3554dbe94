"""What the work at hand is for: said where it begins, known where a call is made, however deep below.

It goes with the task, and with the tasks that it starts; nothing is set for the whole process. Who says nothing works
for somebody who asked and waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from zohosyncd.core.schedule import Purpose


@dataclass(slots=True, eq=False)
class Errand:
    """A piece of work.

    Attributes:
        purpose: what for. flow: the connection's number in the store, 0 for none in particular.
        credits: what its calls have cost so far.
    """

    purpose: Purpose = Purpose.ASKED
    flow: int = 0
    credits: int = 0


_CURRENT: Final[ContextVar[Errand | None]] = ContextVar("errand", default=None)


def current() -> Errand:
    """The errand of the work at hand."""
    return _CURRENT.get() or Errand()


@contextmanager
def errand(purpose: Purpose | None = None, flow: int | None = None) -> Iterator[Errand]:
    """Work for this until the block ends; what is not said stays as it was. What it costs is also the outer one's."""
    outer = _CURRENT.get()
    known = outer or Errand()
    mine = Errand(known.purpose if purpose is None else purpose, known.flow if flow is None else flow)
    token = _CURRENT.set(mine)
    try:
        yield mine
    finally:
        _CURRENT.reset(token)
        if outer is not None:
            outer.credits += mine.credits
