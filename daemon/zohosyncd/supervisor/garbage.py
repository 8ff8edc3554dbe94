"""Python's collector of reference cycles, set for a daemon that holds many records for a short time."""

import gc
from typing import Final

_YOUNG: Final = 10_000
"""Containers made and not given back before the young are searched. Records come in batches of hundreds, each a dozen
containers, none of them in a cycle: with Python's 700 they are searched many times while they are at work, for a sixth
of all processor time, and hardly anything is found. The cycles that do arise are few and wait a little longer."""


def calm_collector() -> None:
    """Search less often, and never what has been loaded by now (modules, tables, models); once in a process."""
    if gc.get_threshold()[0] == _YOUNG:
        return
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
