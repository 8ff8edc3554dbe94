"""New members: many in one call; whoever is refused there is sent once more alone, to be told why.

An address that is archived is never added: that would take the member out of the archive, with a state of our choice,
whatever the person had said before. Who is archived is looked up first.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from zohosyncd.connectors.mailchimp.bodies import Draft, draft_of
from zohosyncd.connectors.mailchimp.client import PER_PAGE, row_of
from zohosyncd.connectors.mailchimp.fields import EMAIL
from zohosyncd.connectors.mailchimp.members import contact_of, is_archived, query_fields, subscriber_hash
from zohosyncd.connectors.mailchimp.outcomes import EXISTS
from zohosyncd.connectors.mailchimp.sending import (
    Target,
    done,
    each_alone,
    problem_in,
    refusal_of,
    without_refused,
)
from zohosyncd.connectors.mailchimp.values import Row, Unwritable
from zohosyncd.core.errors import ContractBroken, RemoteError
from zohosyncd.ports.connector import Duplicate, NotSent, Refused, Unknown, WriteOp, WriteResult
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered
from zohosyncd.transport.together import together

_IDENTITY: Final = frozenset({"emails", "given_name", "family_name"})
_ARCHIVED: Final = Refused(
    "ARCHIVED", EMAIL, "the person is in the archive of the audience: unarchive them there, and they are linked"
)


class RowError(msgspec.Struct, frozen=True):
    """A row of a batch that was refused."""

    email_address: str = ""
    error_code: str = ""


class Added(msgspec.Struct, frozen=True):
    """The answer to a batch."""

    new_members: list[dict[str, Any]]
    errors: list[RowError] = []


async def create(target: Target, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Make members; one result per op. Raises RemoteError where nothing was carried out."""
    results: dict[int, WriteResult] = {}
    drafts: dict[int, Draft] = {}
    first: dict[str, int] = {}
    for place, op in enumerate(ops):
        try:
            draft = draft_of(op, target.shape)
        except Unwritable as error:
            results[place] = Refused(error.code, error.field, error.message)
            continue
        if first.setdefault(_key(draft), place) != place:
            results[place] = Duplicate(None, EMAIL)
        else:
            drafts[place] = draft
    archived = await _archived(target, [_key(draft) for draft in drafts.values()])
    results |= dict.fromkeys((place for place, draft in drafts.items() if _key(draft) in archived), _ARCHIVED)
    waiting = {place: draft for place, draft in drafts.items() if place not in results}
    if len(waiting) > 1:
        results |= await _at_once(target, waiting)
        waiting = {place: draft for place, draft in waiting.items() if place not in results}
    alone = {draft.op.op_id: draft for draft in waiting.values()}

    async def one(op: WriteOp) -> WriteResult:
        return await _alone(target, alone[op.op_id])

    try:
        told = await each_alone([draft.op for draft in waiting.values()], one)
    except RemoteError:
        if len(waiting) == len(ops):
            raise
        told = [NotSent("refused with others, and not sent alone") for _ in waiting]
    results |= dict(zip(waiting, told, strict=True))
    return [results[place] for place in range(len(ops))]


def _key(draft: Draft) -> str:
    return subscriber_hash(draft.body[EMAIL])


async def _archived(target: Target, keys: Sequence[str]) -> set[str]:
    """Which of these addresses, as hashes, are archived."""
    if not keys:
        return set()
    if len(keys) > 2:
        page = await target.client.members(target.ref, query_fields((), "members."), status="archived")
        if page.total <= len(page.rows) < PER_PAGE:
            return {str(row.get("id")) for row in page.rows if is_archived(row)}
    rows = await together(partial(target.member, key, ()) for key in keys)
    return {key for key, row in zip(keys, rows, strict=True) if row is not None and is_archived(row)}


async def _at_once(target: Target, drafts: Mapping[int, Draft]) -> dict[int, WriteResult]:
    """What became of those of which one call tells it; the others were surely not carried out."""
    sent = await target.client.add_many(target.ref, [draft.body for draft in drafts.values()], lenient=target.lenient)
    if not isinstance(sent, Answered):
        return dict.fromkeys(drafts, sent)
    if sent.status != 200:
        return {}
    try:
        added = json_as(Added, sent.body, what="answer to new members")
        rows = _by_hash(added.new_members)
    except ContractBroken as error:
        return dict.fromkeys(drafts, Unknown(error.message))
    refused = {subscriber_hash(each.email_address.strip('"')) for each in added.errors}
    results: dict[int, WriteResult] = {}
    for place, draft in drafts.items():
        row = rows.get(_key(draft))
        if row is not None:
            results[place] = await done(target, draft, row)
        elif _key(draft) not in refused:
            results[place] = Unknown("the answer lacks this member")
    return results


def _by_hash(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row.get("id")): row for row in rows if contact_of(row)}


async def _alone(target: Target, draft: Draft) -> WriteResult:
    keep = {EMAIL, "status", *(each.name for each in target.shape.schema if each.semantic in _IDENTITY)}
    keep |= {each.name for each in target.shape.schema.required}

    async def send() -> Answered | NotSent | Unknown:
        return await target.client.add(target.ref, draft.body, lenient=target.lenient)

    sent = await without_refused(draft, send, frozenset(keep))
    if not isinstance(sent, Answered):
        return sent
    if sent.status == 200:
        try:
            return await done(target, draft, row_of(sent))
        except ContractBroken as error:
            return Unknown(error.message)
    problem = problem_in(sent)
    if problem is not None and problem.title == EXISTS:
        row = await target.member(_key(draft), ())
        if row is not None and is_archived(row):
            return _ARCHIVED
        return Duplicate(None if row is None else contact_of(row), EMAIL)
    return refusal_of(sent)
