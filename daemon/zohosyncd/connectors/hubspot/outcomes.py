"""The answer to a write as one result per row. Pure.

Rows come in another order than they were sent in, and those that were refused in the same words share one error. Each
row is known by the trace that was sent with it, or by its id; by its place never. What cannot be told for certain is
Unknown. HubSpot's own messages quote values, and are looked at but never repeated.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from zohosyncd.connectors.hubspot.fields import EMAIL, MODIFIED
from zohosyncd.connectors.hubspot.judge import Failure, failure_of
from zohosyncd.connectors.hubspot.times import millis
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    NotSent,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

Refusals = tuple[Refused, ...]
Outcome = WriteResult | Refusals
"""What became of a row; several refusals name all values that it was refused for."""

MESSAGES: Final = {
    "INVALID_EMAIL": "this is no e-mail address to HubSpot",
    "INVALID_OPTION": "this is none of the property's options: add it in HubSpot, or map it with values",
    "PROPERTY_DOESNT_EXIST": "the property does not exist any more",
    "READ_ONLY_VALUE": "the property cannot be written",
    "INVALID_DATE": "HubSpot does not take this date",
    "INVALID_INTEGER": "HubSpot does not take this number",
    "INVALID_OWNER_ID": "not an owner of HubSpot: reactivate that user, or name another owner",
    "VALIDATION_ERROR": "HubSpot does not accept a value",
    "REQUEST_TOO_LARGE": "the values are too long",
}
"""What we say about a code."""

_EXISTING: Final = re.compile(r"[Ee]xisting ID: ?(\d{1,20})")
_VALUES: Final = "Property values were not valid: "
_WORD: Final = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
_NAME: Final = re.compile(r"[a-z0-9_]{1,100}")


class _Row(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    object_write_trace_id: str | None = None
    properties: dict[str, str | None] | None = None
    updated_at: str | None = None


class _Batch(msgspec.Struct, frozen=True):
    results: list[_Row]
    errors: list[Failure] | None = None


class _Problem(msgspec.Struct, frozen=True):
    error: str = ""
    name: str = ""


def results_of(answer: Answered, ops: Sequence[WriteOp], emails: Mapping[str, str]) -> list[Outcome]:
    """One result per op, in order; the answer to a batch that was not refused as a whole.

    Args:
        emails: for rows that bear no trace: the op of each address that only one of them has.
    """
    try:
        batch = json_as(_Batch, answer.body, what="answer to a write")
    except ContractBroken as error:
        return [Unknown(error.message) for _ in ops]
    by_trace = {op.op_id: place for place, op in enumerate(ops)}
    by_id = {op.record_id: place for place, op in enumerate(ops) if op.record_id}
    found: dict[int, Outcome] = {}
    for row in batch.results:
        place = by_trace.get(row.object_write_trace_id or "", by_id.get(row.id))
        if place is None:
            place = by_trace.get(emails.get(((row.properties or {}).get(EMAIL) or "").lower(), ""))
        if place is not None:
            # Two rows for one of ours: which of them is it?
            found[place] = Unknown("the answer has two rows for it") if place in found else _done(row, ops[place])
    for failure in batch.errors or ():
        told = [by_trace.get(each) for each in failure.named("objectWriteTraceId")]
        told += [by_id.get(each) for key in ("ids", "id") for each in failure.named(key)]
        for place in {each for each in told if each is not None} - found.keys():
            found[place] = refusal_of(failure, ops[place])
    return [found.get(place, Unknown("the answer has no row for it")) for place in range(len(ops))]


def refused_whole(answer: Answered) -> bool:
    """Whether the call was refused as a whole for what it contains, so that nothing of it was carried out."""
    return 400 <= answer.status < 500


def outcome_of(answer: Answered, op: WriteOp) -> Outcome:
    """What became of the only row of a call that was refused as a whole."""
    if answer.status in {413, 414}:
        return (refused("REQUEST_TOO_LARGE"),)
    failure = failure_of(answer)
    if failure is None:
        return Unknown(f"an answer with status {answer.status} that cannot be read")
    return refusal_of(failure, op)


def refusal_of(failure: Failure, op: WriteOp) -> Outcome:
    """The meaning of one error for the row that it is about."""
    if existing := _EXISTING.search(failure.message):
        return Duplicate(existing[1], EMAIL)
    if failure.category == "CONFLICT":
        exists = "already" in failure.message.lower()
        return Duplicate(None, EMAIL) if exists else NotSent("HubSpot is busy with this contact")
    if failure.category in {"OBJECT_NOT_FOUND", "NOT_FOUND"} and op.kind is not WriteKind.CREATE:
        return Conflict(gone=True)
    problems = dict.fromkeys(_problems(failure))
    return tuple(refused(code, name) for code, name in problems) or (refused(_word(failure.category)),)


def refused(code: str, name: str = "") -> Refused:
    """A refusal in our own words."""
    return Refused(code, name, MESSAGES.get(code, "HubSpot refuses it"))


def _problems(failure: Failure) -> list[tuple[str, str]]:
    """Code and property of everything that is wrong: from the parts of the error, else from its message."""
    found = []
    for each in failure.errors or ():
        context = each.context or {}
        names = context.get("propertyName") or context.get("properties") or []
        found += [(_word(each.code or failure.category), name) for name in names if _NAME.fullmatch(name)]
    if found or _VALUES not in failure.message:
        return found
    try:
        told = msgspec.json.decode(failure.message.partition(_VALUES)[2], type=list[_Problem])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []
    return [(_word(each.error), each.name) for each in told if _NAME.fullmatch(each.name)]


def _word(code: str) -> str:
    return code if _WORD.fullmatch(code) else "VALIDATION_ERROR"


def _done(row: _Row, op: WriteOp) -> WriteResult:
    if not row.id:
        return Unknown("the row names no contact")
    if op.kind is not WriteKind.CREATE and row.id != op.record_id:
        return Unknown("the row names another contact")
    version = (row.properties or {}).get(MODIFIED) or row.updated_at
    moment = millis(version)
    return Done(row.id, version, None if moment is None else moment / 1000.0)


def emails_of(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Which op each address belongs to, where only one has it; ``bodies``: properties by op."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for op_id, body in bodies.items():
        address = str(body.get(EMAIL) or "").strip().lower()
        if address in found:
            twice.add(address)
        found[address] = op_id
    return {address: op_id for address, op_id in found.items() if address and address not in twice}
