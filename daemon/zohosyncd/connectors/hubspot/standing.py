"""Whether contacts still stand as they were when a write was decided: HubSpot itself has no guard.

All contacts of a batch are read once more just before it is sent, so that an edit of somebody else has a few
milliseconds to slip through and not the seconds since the decision. Only what the write would change is compared, as
HubSpot moves the time of a contact's last change for reasons of its own.
"""

from collections.abc import Sequence
from typing import Final

from zohosyncd.connectors.hubspot.client import HubSpotClient
from zohosyncd.connectors.hubspot.fields import ACTIVE, LISTS, OPTED_OUT, STAGE, ContactSchema
from zohosyncd.connectors.hubspot.reading import Answer, Elsewhere, Row, read_by_id
from zohosyncd.connectors.hubspot.records import properties_to_write, value_in
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import UNREAD, Owner, Value
from zohosyncd.ports.connector import Conflict, WriteKind, WriteOp

_APART: Final = frozenset({LISTS, ACTIVE, OPTED_OUT})
"""What is written so that nothing of somebody else is lost by it."""


async def read_again(client: HubSpotClient, ops: Sequence[WriteOp]) -> dict[str, Answer]:
    """The contacts of updates and deletions as they are now, by id; nothing for creates."""
    changing = [op for op in ops if op.kind is not WriteKind.CREATE]
    if not changing:
        return {}
    fields = {name for op in changing for name in _compared(op)} | {OPTED_OUT, STAGE}
    return await read_by_id(client, fields, [op.record_id for op in changing])


def stands(op: WriteOp, now: Answer, schema: ContactSchema) -> Row | Conflict:
    """The contact as it is now, where what a write would change is what it was decided from, or what it wishes."""
    if now is None:
        return Conflict(gone=True)
    if isinstance(now, Elsewhere):
        return Conflict()
    known = op.known.values if op.known is not None else {}
    shown = now.get("properties") or {}
    wished = _wished(op, schema)
    for name in _compared(op):
        if name not in known or (name in wished and wished[name] == (shown.get(name) or "")):
            continue
        try:
            value = value_in(shown, name, schema)
        except DataError:
            continue
        if value is not UNREAD and not _same(value, known[name]):
            return Conflict()
    return now


def _compared(op: WriteOp) -> set[str]:
    """An update is about its patch, a deletion about everything."""
    if op.kind is WriteKind.UPDATE:
        return set(op.patch) - _APART
    return set(op.known.values if op.known is not None else ()) - _APART


def _wished(op: WriteOp, schema: ContactSchema) -> dict[str, str]:
    """What an update writes, as it travels; what cannot be written is told where it is written."""
    try:
        return properties_to_write(op.patch, schema) if op.kind is WriteKind.UPDATE else {}
    except DataError:
        return {}


def _same(one: object, other: Value) -> bool:
    if isinstance(one, Owner) and isinstance(other, Owner):
        return one.id == other.id
    return one == other or (not one and not other and not isinstance(one, bool | int | float))
