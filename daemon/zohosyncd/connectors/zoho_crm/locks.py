"""Fields that the profile of the login's user may not edit any more: Zoho ignores without a word what they are sent.

The answer to such a write says that it was carried out, and the value from before, still there, would look like a
person's edit. So what we write is remembered until a read shows the record. Where a field then shows what it had
before, the metadata is read anew: if the field is locked now, that is known before anybody decides about the record.
The field is left out of writes from then on, with the cure, until a later look finds it open again.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from zohosyncd.connectors.zoho_crm.client import ZohoClient
from zohosyncd.connectors.zoho_crm.fields import TAG, FieldInfo
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.ports.connector import Done, Refused, WriteKind, WriteOp, WriteResult
from zohosyncd.ports.world import Clock

LOOK_AGAIN: Final = 900.0
"""Seconds after which a field that was locked is asked for again, when something is to be written to it."""

_MOST: Final = 10_000
LOCKED: Final = "READ_ONLY"
"""The code of a field that was left out for that."""

_CURE: Final = "the profile of the login's user may not edit this field in Zoho: allow it, or leave the field out"

Send = Callable[[Sequence[WriteOp]], Awaitable[list[WriteResult]]]

_log = structlog.get_logger("zohosyncd.zoho")


@dataclass(frozen=True, slots=True)
class _Wrote:
    """What a record was sent, and what it showed before; ``modified``: the moment that Zoho answered."""

    sent: Values
    before: Mapping[str, Value]
    modified: float | None
    at: float


class Locks:
    """The locks of one module, for as long as the account is open.

    Args:
        client, module, clock: whom to ask, when.

    Attributes:
        locked: the locked fields, as they were last known: one set, that all schemas of the module have.
    """

    def __init__(self, client: ZohoClient, module: str, clock: Clock) -> None:
        self.locked: set[str] = set()
        self._client = client
        self._module = module
        self._clock = clock
        self._asked = float("-inf")
        self._wrote: dict[str, _Wrote] = {}

    async def through(self, ops: Sequence[WriteOp], send: Send) -> list[WriteResult]:
        """Send ops without what is locked; one result per op, in order. Raises the RemoteError tree."""
        locked = self.locked
        if any(not locked.isdisjoint(op.patch) for op in ops) and self._clock.monotonic() - self._asked >= LOOK_AGAIN:
            await self._look()
        shut = [[Refused(LOCKED, name, _CURE) for name in op.patch if name in locked] for op in ops]
        left = [
            (place, replace(op, patch={k: v for k, v in op.patch.items() if k not in locked}) if shut[place] else op)
            for place, op in enumerate(ops)
            if len(shut[place]) < len(op.patch) or not shut[place]
        ]
        sent = await send([op for _, op in left])
        results: dict[int, WriteResult] = {place: each[0] for place, each in enumerate(shut) if each}
        for (place, op), result in zip(left, sent, strict=True):
            self._note(op, result)
            more = shut[place] if isinstance(result, Done) else ()
            results[place] = replace(result, refused=(*result.refused, *more)) if isinstance(result, Done) else result
        return [results[place] for place in range(len(ops))]

    def _note(self, op: WriteOp, result: WriteResult) -> None:
        known = op.known
        if not isinstance(result, Done) or op.kind is not WriteKind.UPDATE or known is None:
            return
        others = {TAG, *result.left, *(each.field for each in result.refused)}
        sent = {name: value for name, value in op.patch.items() if name not in others and name in known.values}
        before = {name: known.values[name] for name in sent}
        self._remember(op.record_id, _Wrote(sent, before, result.modified, self._clock.monotonic()))

    def _remember(self, record_id: str, wrote: _Wrote) -> None:
        self._wrote.pop(record_id, None)
        self._wrote[record_id] = wrote
        if len(self._wrote) > _MOST:
            del self._wrote[next(iter(self._wrote))]

    async def seen(self, records: Iterable[Record]) -> None:
        """Records are shown: find out what became of what was written to them. Raises the RemoteError tree."""
        if not self._wrote:
            return
        doubtful: list[_Wrote] = []
        for record in records:
            wrote = self._wrote.get(record.id)
            if wrote is None or (record.modified or 0.0) < (wrote.modified or 0.0):
                continue
            if any(_is_as_before(record.values, wrote, name) for name in wrote.sent):
                doubtful.append(wrote)
            else:
                del self._wrote[record.id]
        if any(wrote.at >= self._asked for wrote in doubtful):
            await self._look()

    async def _look(self) -> None:
        asked = self._clock.monotonic()
        before = set(self.locked)
        self.know(await self._client.fields(self._module), asked)
        if news := sorted(self.locked - before):
            _log.warning("fields were locked for the login", module=self._module, fields=news, cure=_CURE)

    def know(self, infos: Iterable[FieldInfo], asked: float) -> None:
        """The metadata says this; it was asked for at that moment (monotonic seconds)."""
        self.locked.clear()
        self.locked.update(info.api_name for info in infos if info.locked)
        self._asked = asked


def _is_as_before(values: Values, wrote: _Wrote, name: str) -> bool:
    return name in values and values[name] == wrote.before[name] != wrote.sent[name]
