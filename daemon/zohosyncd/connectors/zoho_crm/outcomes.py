"""The answer to a write as one result per row. Pure.

Rows come in the order they were sent, each with its own code; the HTTP status says only how many of them failed. What
cannot be read for certain is Unknown: a row too few, an id that is not the one we wrote to, an unknown shape.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from zohosyncd.connectors.zoho_crm.judge import failure_of
from zohosyncd.connectors.zoho_crm.times import in_utc, instant
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered


class DuplicateRecord(msgspec.Struct, frozen=True):
    """The record that a unique value belongs to already."""

    id: str | None = None


class LayoutRule(msgspec.Struct, frozen=True):
    """The rule of a layout that wants a field filled."""

    name: str | None = None


class Details(msgspec.Struct, frozen=True):
    """What a row says about itself."""

    id: Any = None
    Modified_Time: str | None = None
    api_name: str | None = None
    errors: list["Row"] | None = None
    layout_rule: LayoutRule | None = None
    duplicate_record: DuplicateRecord | None = None


class Row(msgspec.Struct, frozen=True):
    """One row of the answer."""

    code: str = ""
    status: str = ""
    message: str = ""
    details: Details = Details()


class Rows(msgspec.Struct, frozen=True):
    """The answer to a batch."""

    data: list[msgspec.Raw]


MESSAGES: Final = {
    "INVALID_DATA": "Zoho does not accept the value",
    "MANDATORY_NOT_FOUND": "a field that Zoho requires is missing",
    "LIMIT_EXCEEDED": "the value is too long or there are too many",
    "EXPECTED_FIELD_MISSING": "one of several fields is needed",
    "DEPENDENT_FIELD_MISSING": "a field that this one depends on is missing",
    "DEPENDENT_MISMATCH": "the value does not fit the field it depends on",
    "MULTIPLE_OR_MULTI_ERRORS": "several values are not accepted",
    "INVALID_MODULE": "the module does not exist for this user",
    "AUTHORIZATION_FAILED": "the user of the login may not do this",
    "NO_PERMISSION": "the user of the login may not do this",
}
"""What we say about a code; Zoho's own message may quote the value."""

_WAITING: Final = {"RECORD_LOCKED": "the record is locked in Zoho", "NOT_APPROVED": "the record waits for an approval"}
_UNCLEAR: Final = frozenset({"INTERNAL_ERROR", "DEPENDENT_SERVICE_ERROR"})
"""Zoho's own trouble in the middle of a row: nothing says whether the row was stored."""


def results_of(answer: Answered, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """One result per op, in order."""
    if answer.status == 412:
        return [Conflict() for _ in ops]
    failure = failure_of(answer)
    if failure is not None or answer.status == 413:
        return [refused(failure.word if failure else "REQUEST_TOO_LARGE") for _ in ops]
    try:
        rows = json_as(Rows, answer.body, what="answer to a write").data
    except ContractBroken as error:
        return [Unknown(error.message) for _ in ops]
    if len(rows) > len(ops):
        return [Unknown("the answer has more rows than were sent") for _ in ops]
    results = [_result(row, op) for row, op in zip(rows, ops, strict=False)]
    return results + [Unknown("the answer has no row for it")] * (len(ops) - len(rows))


def refused_unread(answer: Answered) -> bool:
    """Whether the call was refused as a whole for what it contains, so that nothing of it was carried out."""
    return answer.status in {400, 413} and (answer.status == 413 or failure_of(answer) is not None)


def refused(code: str, field: str = "") -> Refused:
    """A refusal in our own words."""
    return Refused(code, field, MESSAGES.get(code, "Zoho refuses it"))


def lacking(field: str, rule: LayoutRule | None = None) -> Refused:
    """A refusal for want of a value; ``rule``: that wants it, if one does."""
    cure = "map it, or let a rule of the connection set it"
    if rule is None:
        return Refused("MANDATORY_NOT_FOUND", field, f"{MESSAGES['MANDATORY_NOT_FOUND']}: {cure}")
    wanting = f'the layout rule "{rule.name}" of Zoho' if rule.name else "a layout rule of Zoho"
    return Refused("MANDATORY_NOT_FOUND", field, f"{wanting} wants this field filled: {cure}, or change that rule")


def _result(raw: msgspec.Raw, op: WriteOp) -> WriteResult:
    try:
        row = json_as(Row, bytes(raw), what="row of an answer")
    except ContractBroken as error:
        return Unknown(error.message)
    if row.status == "success" and row.code == "SUCCESS":
        return _done(row.details, op)
    if row.status != "error" or not row.code or row.code in _UNCLEAR:
        return Unknown(f"the row says {row.code or 'nothing'}"[:60])
    details = row.details
    match row.code:
        case "DUPLICATE_DATA":
            known = details.duplicate_record.id if details.duplicate_record else None
            old_form = details.id if isinstance(details.id, str) else None
            return Duplicate(known or old_form, details.api_name or "")
        case "ALREADY_MODIFIED":
            return Conflict()
        case "RECORD_LOCKED" | "NOT_APPROVED":
            return Pending(_WAITING[row.code])
        case "INVALID_DATA" if _is_gone(row, op):
            return Conflict(gone=True)
        case "MULTIPLE_OR_MULTI_ERRORS" if details.errors:
            first = details.errors[0]
            return refused(first.code or row.code, first.details.api_name or "")
        case "MANDATORY_NOT_FOUND":
            return lacking(details.api_name or "", details.layout_rule)
        case _:
            return refused(row.code, details.api_name or "")


def _done(details: Details, op: WriteOp) -> WriteResult:
    record_id = details.id
    if not isinstance(record_id, str) or not record_id:
        return Unknown("the row names no record")
    if op.kind is not WriteKind.CREATE and record_id != op.record_id:
        return Unknown("the row names another record")
    return Done(record_id, in_utc(details.Modified_Time), instant(details.Modified_Time))


def _is_gone(row: Row, op: WriteOp) -> bool:
    """Zoho calls a deleted record's id invalid data; a row that names another field is about that field."""
    named = row.details.api_name
    if op.kind is WriteKind.CREATE or named not in {None, "id"}:
        return False
    return named == "id" or op.kind is WriteKind.DELETE or "the id given seems to be invalid" in row.message.lower()
