"""Writes of records: values in one call for a batch, tags in calls of their own."""

from collections.abc import Sequence

from zohosyncd.connectors.zoho_crm.client import ZohoClient
from zohosyncd.connectors.zoho_crm.fields import TAG
from zohosyncd.connectors.zoho_crm.outcomes import refused_unread, results_of
from zohosyncd.connectors.zoho_crm.records import Row, Unwritable, body_of
from zohosyncd.connectors.zoho_crm.tagging import TagChange, tag_change, with_tags
from zohosyncd.core.errors import RemoteError
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import Done, NotSent, Refused, Unknown, WriteKind, WriteOp, WriteResult
from zohosyncd.transport.sender import Answered


async def carry_out(client: ZohoClient, ref: str, schema: Schema, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Create, update or delete at most 100 records; one result per op, in order.

    Raises:
        RemoteError: nothing was carried out.
    """
    results: dict[int, WriteResult] = {}
    rows: dict[int, Row] = {}
    changes: dict[int, TagChange] = {}
    for place, op in enumerate(ops):
        try:
            changes[place] = tag_change(op)
            row = body_of(op.patch, schema, op.record_id)
        except Unwritable as error:
            results[place] = Refused(error.code, error.hint, error.message)
            continue
        if op.kind is WriteKind.UPDATE and op.patch.keys() == {TAG}:
            known = op.known
            results[place] = Done(op.record_id, known.version if known else None, known.modified if known else None)
        else:
            rows[place] = row
    sent = await _send(client, ref, [ops[place] for place in rows], list(rows.values()))
    results.update(zip(rows, sent, strict=True))
    results = await with_tags(client, ref, ops, results, changes)
    return [results[place] for place in range(len(ops))]


async def _send(client: ZohoClient, ref: str, ops: Sequence[WriteOp], rows: Sequence[Row]) -> list[WriteResult]:
    if not ops:
        return []
    answer = await _call(client, ref, ops, rows)
    if not isinstance(answer, Answered):
        return [answer for _ in ops]
    if len(ops) == 1 or not refused_unread(answer):
        return results_of(answer, ops)
    # One row that Zoho cannot even read fails the call for all: halves find it, and the others get through.
    half = len(ops) // 2
    first = await _send(client, ref, ops[:half], rows[:half])
    try:
        return first + await _send(client, ref, ops[half:], rows[half:])
    except RemoteError as error:
        # Raised alone it would hide what became of the first half.
        return first + [NotSent(error.message)] * (len(ops) - half)


async def _call(
    client: ZohoClient, ref: str, ops: Sequence[WriteOp], rows: Sequence[Row]
) -> Answered | NotSent | Unknown:
    match ops[0].kind:
        case WriteKind.CREATE:
            return await client.insert(ref, rows)
        case WriteKind.UPDATE:
            known = ops[0].known
            guard = known.modified if len(ops) == 1 and known is not None else None
            return await client.update(ref, rows, guard)
        case _:
            return await client.delete(ref, [op.record_id for op in ops])
