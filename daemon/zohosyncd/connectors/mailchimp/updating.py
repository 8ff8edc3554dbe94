"""Members that exist: one call for each, by contact id, so that nobody is made by mistake.

Batches by address are not used here: a member whose address has just changed would be made a second time.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from zohosyncd.connectors.mailchimp.bodies import Draft, draft_of
from zohosyncd.connectors.mailchimp.client import row_of
from zohosyncd.connectors.mailchimp.fields import EMAIL, STATUS, TAGS
from zohosyncd.connectors.mailchimp.members import contact_of, is_archived, subscriber_hash
from zohosyncd.connectors.mailchimp.sending import Target, done, each_alone, refusal_of, without_refused
from zohosyncd.connectors.mailchimp.values import Row, Unwritable
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.errors import ContractBroken, RemoteError
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    NotSent,
    Refused,
    Unknown,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.sender import Answered

_OPEN: Final = frozenset({ConsentState.SUBSCRIBED.value, ConsentState.PENDING.value})


async def update(target: Target, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Change members; one result per op. Raises RemoteError where nothing was carried out."""
    return await each_alone(ops, partial(_update, target))


async def archive(target: Target, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Archive members: nothing is deleted for ever. Raises RemoteError where nothing was carried out."""
    return await each_alone(ops, partial(_archive, target))


async def _update(target: Target, op: WriteOp) -> WriteResult:
    try:
        draft = draft_of(op, target.shape)
    except Unwritable as error:
        return Refused(error.code, error.field, error.message)
    if draft.body.get(STATUS) in _OPEN and (stopped := await _opted_out_since(target, op)) is not None:
        return stopped
    row: Row | None = None
    if draft.body:
        taken = await _patch(target, draft)
        if isinstance(taken, dict):
            row = taken
            if is_archived(row):
                return Conflict(gone=True)
        elif draft.body or not draft.tags:
            return taken
    if draft.tags:
        return await _with_tags(target, draft, row)
    if row is not None:
        return await done(target, draft, row)
    return await _nothing(target, draft)


async def _patch(target: Target, draft: Draft) -> dict[str, Any] | WriteResult:
    """The member as it is after the change, or what became of it."""
    contact = draft.op.record_id

    async def send() -> Answered | NotSent | Unknown:
        return await target.client.change(target.ref, contact, draft.body)

    result = await without_refused(draft, send, frozenset())
    if not isinstance(result, Answered):
        return result
    match result.status:
        case 200:
            try:
                row = row_of(result)
                return row if contact_of(row) == contact else Unknown("the answer names another member")
            except ContractBroken as error:
                return Unknown(error.message)
        case 404:
            return Conflict(gone=True)
        case _:
            return refusal_of(result)


async def _opted_out_since(target: Target, op: WriteOp) -> WriteResult | None:
    """A last look before somebody is opted in: whoever has opted out, or was put away, since it was decided stays so.

    Mailchimp itself refuses only those who have unsubscribed by their own hand.
    """
    row = await target.member(op.record_id, (STATUS,))
    if row is None or is_archived(row):
        return Conflict(gone=True)
    known = op.known.values.get(STATUS) if op.known is not None else None
    return Conflict() if row.get("status") != known else None


async def _with_tags(target: Target, draft: Draft, row: Row | None) -> WriteResult:
    """Change the tags; ``row``: the member as the change of its other fields has shown it, None without one."""
    op = draft.op
    found = row.get("id") if row is not None else _known_hash(op)
    if not isinstance(found, str):
        return Refused("KNOWN_TAGS_NEEDED", TAGS, "a change of tags needs the member as it was read just before")
    failed: WriteResult | None = None
    try:
        sent = await target.client.change_tags(target.ref, found, draft.tags)
    except RemoteError as error:
        if row is None:
            raise
        sent = NotSent(error.message)
    if not isinstance(sent, Answered):
        failed = sent
    elif sent.status == 404:
        failed = Conflict()  # the address has changed since it was read
    elif sent.status == 200:
        failed = Unknown("an answer that is not documented")
    elif sent.status != 204:
        failed = _of_tags(refusal_of(sent))
    if failed is not None:
        return failed if row is None else await done(target, draft, row, left=(TAGS,))
    after = await _reread(target, op.record_id)
    if after is None:
        return Done(op.record_id, refused=tuple(draft.refused))
    return await done(target, draft, after)


def _known_hash(op: WriteOp) -> str | None:
    """The member's hash as it was when it was read just before."""
    if op.known is None:
        return None
    address = op.known.values.get(EMAIL)
    known = op.known.native if isinstance(op.known.native, str) else None
    return known or (subscriber_hash(address) if isinstance(address, str) else None)


def _of_tags(result: WriteResult) -> WriteResult:
    return Refused(result.code, TAGS, result.message) if isinstance(result, Refused) else result


async def _reread(target: Target, contact: str) -> Row | None:
    """The member as it is now; None where that cannot be told: the write stands all the same."""
    try:
        return await target.member(contact)
    except RemoteError:
        return None


async def _nothing(target: Target, draft: Draft) -> WriteResult:
    """Nothing is to be sent: every value is there already, or was refused."""
    if draft.refused:
        return draft.refused[0]
    row = await target.member(draft.op.record_id)
    if row is None or is_archived(row):
        return Conflict(gone=True)
    return await done(target, draft, row)


async def _archive(target: Target, op: WriteOp) -> WriteResult:
    sent = await target.client.archive(target.ref, op.record_id)
    if not isinstance(sent, Answered):
        return sent
    match sent.status:
        case 204:
            return Done(op.record_id)
        case 200:
            return Unknown("an answer that is not documented")
        case 404:
            return Conflict(gone=True)
        case 405:
            # What cannot be removed may be archived already.
            row = await _reread(target, op.record_id)
            gone = row is None or is_archived(row)
            return Conflict(gone=True) if gone else Refused("METHOD_NOT_ALLOWED", message="it cannot be archived")
        case _:
            return refusal_of(sent)
