"""After an old state was put back: its bases are old, and links that were made since are missing.

Whatever was agreed meanwhile looks as if both sides had changed, and where they differ nobody can tell any more who
was later; whoever was made on a side meanwhile looks new. So nothing is created or deleted without a person, and no
clash is decided by a rule that was made for fresh bases.
"""

from dataclasses import replace
from typing import Final

from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.outcome import Policy
from zohosyncd.core.side import Winner

_NOBODY: Final = Limit(0, 0.0)


def cautious_guard(guard: Guard) -> Guard:
    """Every creation and every deletion waits for approval."""
    return Guard({**guard.limits, "create": _NOBODY, "delete": _NOBODY})


def cautious_policy(policy: Policy) -> Policy:
    """True clashes are held: which value is the later one, no base tells."""
    return replace(policy, winner=Winner.HOLD, first_sync_winner=Winner.HOLD)


def cautious_mapping(mapping: ContactMapping) -> ContactMapping:
    """The same for pairs with a winner of their own."""
    pairs = tuple(replace(pair, winner=None) if pair.winner is not None else pair for pair in mapping.pairs)
    return replace(mapping, pairs=pairs)
