"""Ordinals: local numbers that say what was known before what, also across restarts."""

from typing import Final

import sqlalchemy as sa

from zohosyncd.storage.tables import meta
from zohosyncd.storage.work import Work

_BLOCK: Final = 2**20
_RESERVE = sa.update(meta).values(ordinals=sa.bindparam("end"))


class Ordinals:
    """Counts up. The state file holds an end that no stored ordinal has passed; a restart goes on from there."""

    def __init__(self, start: int) -> None:
        self._last = self._end = start

    def next(self) -> int:
        """The next ordinal."""
        self._last += 1
        return self._last

    def reserve(self, work: Work) -> int:
        """Part of each writing transaction: what it stores has to lie below the end that is stored with it.

        The end is to be handed to :meth:`reserved` once the transaction is committed.
        """
        if self._last < self._end:
            return self._end
        end = self._last + _BLOCK
        work.sql.execute(_RESERVE, {"end": end})
        return end

    def reserved(self, end: int) -> None:
        """The end has been stored."""
        self._end = end
