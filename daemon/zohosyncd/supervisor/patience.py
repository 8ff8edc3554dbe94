"""How long a connection waits before it tries again, by what has gone wrong."""

from typing import Final

from zohosyncd.core.errors import (
    AuthLost,
    PermissionLacking,
    RateLimited,
    SettingsProblems,
    SyncError,
    Unavailable,
    UsageError,
)
from zohosyncd.ports.world import Entropy

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 300.0
LONGEST_REST: Final = 3600.0
_PERSON_WAIT: Final = 60.0


class Patience:
    """Grows with each failure in a row.

    Args:
        entropy: for jitter. every: seconds between runs where nothing is wrong.
    """

    def __init__(self, entropy: Entropy, every: float) -> None:
        self._entropy = entropy
        self._every = every
        self._failures = 0

    def end(self) -> None:
        """It works."""
        self._failures = 0

    def after(self, error: SyncError) -> float:
        """Seconds to wait after this failure."""
        self._failures += 1
        if isinstance(error, AuthLost | PermissionLacking | UsageError | SettingsProblems):
            return _PERSON_WAIT
        said = error.retry_after if isinstance(error, Unavailable | RateLimited) else None
        if said is not None:
            return min(said, LONGEST_REST)
        longest = min(FIRST_WAIT * 2.0 ** min(self._failures, 10), LONGEST_WAIT, max(self._every * 4, 5.0))
        return self._entropy.uniform(longest / 2, longest)
