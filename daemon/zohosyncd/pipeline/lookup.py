"""Asks an app who has an e-mail address, before somebody is created there.

A feed may lag, or answer that nothing has changed although something has; whoever it did not show would be made twice.
An answer counts only if it shows a record that is known to have its address: the witness.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import structlog

from zohosyncd.core.errors import Unavailable
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Endpoint, Plan, World
from zohosyncd.ports.store import MirrorRow

_MOST = 50
"""Addresses of one question: some servers compare each of them with each record."""

_TRIES = 3
"""How often in a row an answer may lack the witness, before the app counts as one that does not find anybody."""

_AMONG = 50
"""How many records are looked through for a witness."""

_log = structlog.get_logger("zohosyncd.lookup")


class _Witness(NamedTuple):
    """A record that is there, and an address of it."""

    record_id: str
    address: str


class Lookup:
    """Questions of one connection."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._vain = dict.fromkeys(SIDES, 0)

    async def news_of(self, side: Side, sources: Sequence[MirrorRow]) -> bool:
        """Ask a side for everybody who has an address of these records of the other side.

        Whoever is found and stands otherwise in the mirror, or not at all, is read.

        Args:
            side: the side that is asked. sources: rows of the other side.

        Returns:
            Whether anybody was read, so that matches have to be looked for anew.

        Raises:
            Unavailable: the answer lacks somebody who is there. The RemoteError tree otherwise.
        """
        endpoint, source = self._plan.endpoint(side), self._plan.endpoint(side.other)
        if not endpoint.connector.capabilities.finds or self._vain[side] >= _TRIES:
            return False
        addresses = sorted({each for row in sources for each in _addresses(source, row)})
        witness = await self._witness(endpoint) if addresses else None
        unseen: set[str] = set()
        for start in range(0, len(addresses), _MOST):
            asked = addresses[start : start + _MOST]
            found = await self._ask(side, asked, witness)
            unseen |= await self._unseen(endpoint, found, asked)
        return bool(unseen and await endpoint.feed.fetch(sorted(unseen)))

    async def _ask(self, side: Side, addresses: Sequence[str], witness: _Witness | None) -> Collection[str]:
        endpoint = self._plan.endpoint(side)
        known = () if witness is None else (witness.address,)
        found = await endpoint.connector.find(endpoint.ref, [*addresses, *known])
        if found is not None and (witness is None or witness.record_id in found):
            self._vain[side] = 0
            return found
        self._vain[side] += 1
        if found is not None and self._vain[side] < _TRIES:
            raise Unavailable("the app does not find a record that is there")
        self._vain[side] = _TRIES
        _log.warning("the app does not tell who has an address; it is not asked any more", account=endpoint.account)
        return ()

    async def _unseen(self, endpoint: Endpoint, found: Collection[str], addresses: Collection[str]) -> set[str]:
        """Those of whom the mirror does not say that they have one of the addresses."""
        rows = await self._world.store.rows(endpoint.object_id, found) if found else {}
        seen = {record for record, row in rows.items() if not {*_addresses(endpoint, row)}.isdisjoint(addresses)}
        return {*found} - seen

    async def _witness(self, endpoint: Endpoint) -> _Witness | None:
        rows = await self._world.store.changes(endpoint.object_id, 0, _AMONG)
        each = ((row.record_id, address) for row in rows for address in _addresses(endpoint, row) if address.isascii())
        return next((_Witness(*found) for found in each), None)


def _addresses(endpoint: Endpoint, row: MirrorRow) -> Iterator[str]:
    if row.gone:
        return
    for key in endpoint.feed.keys(row.record()):
        if key.kind.startswith("email/"):
            yield key.value
