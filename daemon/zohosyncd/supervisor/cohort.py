"""Connections that start together: the first run of each waits until those who share an account know what they read.

Else a shared feed would be read with the fields of the first one, and then once more with those of the next.
"""

from collections.abc import Iterable
from typing import Final

import anyio

from zohosyncd.settings import Connection

_PATIENCE: Final = 10.0
"""Seconds that a connection waits at most for others, whose apps may be away. Nothing else waits for them."""


class Cohort:
    """Made once for all that start together.

    Args:
        members: their settings.
    """

    def __init__(self, members: Iterable[Connection]) -> None:
        self._members = {each.name: each for each in members}
        self._known = {name: anyio.Event() for name in self._members}

    def know(self, name: str) -> None:
        """This member has said what it reads, or cannot say it now."""
        self._known[name].set()

    async def neighbours(self, name: str) -> None:
        """Wait for all that share an account with this member, for a while."""
        accounts = self._members[name].accounts
        with anyio.move_on_after(_PATIENCE):
            for other, settings in self._members.items():
                if settings.accounts & accounts:
                    await self._known[other].wait()
