"""Writes of records: values in one call for a batch, tags in calls of their own.

Updates are guarded against edits that nobody has read: Zoho refuses a call (412) if one of its records was modified
after the moment that its header names. That moment counts for the whole call, so it must not be earlier than what any
of its records showed, nor later than the reads: records that were at rest for a while share one call, and those that
have just been modified share one with those of the same second. The guard holds however late a call arrives.

A row is refused as a whole for one value. It is sent once more without that value, which is told as refused; not
without what says who the person is, nor without an owner, whose absence would show the record to others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zohosyncd.connectors.zoho_crm import leads
from zohosyncd.connectors.zoho_crm.client import ZohoClient
from zohosyncd.connectors.zoho_crm.fields import TAG, ModuleSchema
from zohosyncd.connectors.zoho_crm.lookups import Lookups, body_with
from zohosyncd.connectors.zoho_crm.outcomes import refused_unread, results_of
from zohosyncd.connectors.zoho_crm.records import Row, Unwritable, body_of
from zohosyncd.connectors.zoho_crm.tagging import TagChange, tag_change, with_tags
from zohosyncd.core.errors import RemoteError
from zohosyncd.core.schema import FieldType
from zohosyncd.ports.connector import Done, NotSent, Refused, Unknown, WriteKind, WriteOp, WriteResult
from zohosyncd.transport.sender import Answered

AT_REST: Final = 30.0
"""Seconds: a record that was modified longer ago was surely read after that. Point reads are some seconds old."""

_ONE_VALUE: Final = frozenset(
    {"INVALID_DATA", "LIMIT_EXCEEDED", "MANDATORY_NOT_FOUND", "DEPENDENT_MISMATCH", "MAPPING_MISMATCH", "NO_PERMISSION",
     "AUTHORIZATION_FAILED", "MULTIPLE_OR_MULTI_ERRORS"}
)  # fmt: skip
"""Codes that, with a field's name, are about its value."""

_IDENTITY: Final = frozenset({"emails", "family_name", "given_name", "full_name"})
_MOST_ROUNDS: Final = 8


@dataclass(slots=True)
class _Row:
    """A row on its way: what it still holds, and what was taken out of it."""

    op: WriteOp
    body: Row
    refused: list[Refused] = field(default_factory=list)


async def carry_out(
    client: ZohoClient, ref: str, schema: ModuleSchema, ops: Sequence[WriteOp], lookups: Lookups
) -> list[WriteResult]:
    """Create, update or delete at most 100 records; one result per op, in order.

    Raises:
        RemoteError: nothing was carried out.
    """
    results: dict[int, WriteResult] = {}
    rows: dict[int, _Row] = {}
    changes: dict[int, TagChange] = {}
    meant = await lookups.meant_by(ops, schema)
    for place, op in enumerate(ops):
        if (converted := leads.refused(op)) is not None:
            results[place] = converted
            continue
        try:
            changes[place] = tag_change(op)
            body, pointless, waiting = body_with(body_of(op.patch, schema, op.record_id), schema, meant)
        except Unwritable as error:
            results[place] = Refused(error.code, error.hint, error.message)
            continue
        if waiting is not None:
            results[place] = waiting
        elif pointless and ((TAG not in op.patch and body.keys() <= {"id"}) or _stops(pointless, schema)):
            results[place] = pointless[0]
        elif op.kind is WriteKind.UPDATE and body.keys() <= {"id"} and TAG in op.patch:
            known = op.known
            version, modified = (known.version, known.modified) if known else (None, None)
            results[place] = Done(op.record_id, version, modified, refused=tuple(pointless))
        else:
            rows[place] = _Row(op, body, pointless)
    results |= await _settle(client, ref, schema, rows)
    for place, row in rows.items():
        for name in schema.targets.keys() & {each.field for each in row.refused}:
            lookups.forget(schema.targets[name], str(ops[place].patch.get(name)))
    results = await with_tags(client, ref, ops, results, changes)
    return [results[place] for place in range(len(ops))]


async def _settle(client: ZohoClient, ref: str, schema: ModuleSchema, rows: dict[int, _Row]) -> dict[int, WriteResult]:
    """Send rows, and those with one bad value once more without it."""
    results: dict[int, WriteResult] = {}
    waiting = list(rows)
    for turn in range(_MOST_ROUNDS):
        for group in _guarded([(place, rows[place]) for place in waiting], client.last_seen):
            try:
                sent = await _send(client, ref, [row for _, row in group])
            except RemoteError as error:
                if not results and not turn:
                    raise
                # Raised alone it would hide what became of the others.
                sent = [NotSent(error.message) for _ in group]
            results |= {place: result for (place, _), result in zip(group, sent, strict=True)}
        waiting = [place for place in waiting if _without_bad_value(rows[place], results[place], schema)]
        if not waiting:
            break
    return {place: _told(rows[place], result, schema) for place, result in results.items()}


def _without_bad_value(row: _Row, result: WriteResult, schema: ModuleSchema) -> bool:
    """Take the value that a row was refused for out of it; False where the row is not to be sent again."""
    if not isinstance(result, Refused) or result.code not in _ONE_VALUE or result.field not in row.body:
        return False
    named = schema.fields.get(result.field)
    if named is None or named.required or named.type is FieldType.OWNER or len(row.body.keys() - {"id"}) < 2:
        return False
    if row.op.kind is WriteKind.CREATE and named.semantic in _IDENTITY:
        return False
    row.refused.append(result)
    row.body = {name: value for name, value in row.body.items() if name != result.field}
    return True


def _stops(refused: Sequence[Refused], schema: ModuleSchema) -> bool:
    return any(schema.fields[each.field].required for each in refused)


def _told(row: _Row, result: WriteResult, schema: ModuleSchema) -> WriteResult:
    if isinstance(result, Done):
        return replace(result, refused=tuple(row.refused))
    if isinstance(result, Refused) and result.code == "INVALID_DATA":
        named = schema.fields.get(result.field)
        if named is not None and named.type is FieldType.OWNER:
            return replace(result, message="not an active user of Zoho: reactivate that user, or name another owner")
    return result


def _guarded(rows: Sequence[tuple[int, _Row]], now: float | None) -> Iterator[list[tuple[int, _Row]]]:
    """The rows of one call each. ``now``: a moment of Zoho's clock that has surely passed."""
    groups: dict[float | None, list[tuple[int, _Row]]] = {}
    for place, row in rows:
        known = row.op.known if row.op.kind is WriteKind.UPDATE else None
        modified = None if known is None else known.modified
        at_rest = modified is not None and now is not None and modified < now - AT_REST
        groups.setdefault(0.0 if at_rest else modified, []).append((place, row))
    yield from groups.values()


async def _send(client: ZohoClient, ref: str, rows: Sequence[_Row]) -> list[WriteResult]:
    if not rows:
        return []
    ops = [row.op for row in rows]
    answer = await _call(client, ref, rows)
    if not isinstance(answer, Answered):
        return [answer for _ in ops]
    if len(ops) == 1 or not refused_unread(answer):
        return results_of(answer, ops)
    # One row that Zoho cannot even read fails the call for all: halves find it, and the others get through.
    half = len(ops) // 2
    first = await _send(client, ref, rows[:half])
    try:
        return first + await _send(client, ref, rows[half:])
    except RemoteError as error:
        # Raised alone it would hide what became of the first half.
        return first + [NotSent(error.message)] * (len(ops) - half)


async def _call(client: ZohoClient, ref: str, rows: Sequence[_Row]) -> Answered | NotSent | Unknown:
    bodies = [row.body for row in rows]
    match rows[0].op.kind:
        case WriteKind.CREATE:
            return await client.insert(ref, bodies)
        case WriteKind.UPDATE:
            times = [row.op.known.modified for row in rows if row.op.known is not None]
            known = [moment for moment in times if moment is not None]
            return await client.update(ref, bodies, max(known) if len(known) == len(rows) else None)
        case _:
            return await client.delete(ref, [row.op.record_id for row in rows])
