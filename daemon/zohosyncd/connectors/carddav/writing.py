"""Writes: one PUT or DELETE per card, several under way, then one multiget that shows what the server has stored."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from zohosyncd.connectors.carddav.client import DavClient, etag_of, location_of
from zohosyncd.connectors.carddav.discovery import Book
from zohosyncd.connectors.carddav.fields import parse, uid_of
from zohosyncd.connectors.carddav.multistatus import hrefs_of_error, preconditions
from zohosyncd.connectors.carddav.patch import edited, new_card
from zohosyncd.connectors.carddav.reading import read_cards
from zohosyncd.core.errors import DataError, RemoteError
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    Fetched,
    Found,
    Missing,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.sender import Answered
from zohosyncd.transport.together import together

_LOCAL_UID: Final = "no-uid-conflict"
_LOCKED: Final = Pending("locked")
_LOCKED_ROUNDS: Final = 3
_WHAT_FAILED: Final = {
    400: "the server calls the request malformed",
    403: "the server does not allow it",
    405: "the server does not allow it",
    409: "the address book is not there",
    413: "the card is too large",
    415: "the server does not store this kind of card",
    422: "the server cannot process the card",
}


@dataclass(frozen=True, slots=True)
class _Sent:
    """What became of one op before the read-back.

    Attributes:
        result: as far as the answer tells it.
        error: of a call that carried out nothing.
        unseen: whether what is there now may be somebody's edit, so that it is not shown as what was stored.
        created: whether the server said just now that it has stored a new card. proven: whether only a server that has
            done so says it so; anybody in between says 200.
    """

    href: str
    result: WriteResult
    error: RemoteError | None = None
    unseen: bool = False
    created: bool = False
    proven: bool = True


class Lanes:
    """How many writes may be under way at once: some, or, on a server that locks the whole book for each, one."""

    def __init__(self, width: int) -> None:
        self._several = asyncio.Semaphore(width)
        self._single = asyncio.Lock()
        self._locks = False

    def narrow(self) -> None:
        """The server answered that the book was locked: from now on one at a time."""
        self._locks = True

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a place."""
        async with self._single if self._locks else self._several:
            yield


async def write(
    client: DavClient, book: Book, ops: Sequence[WriteOp], fields: Sequence[str], lanes: Lanes
) -> list[WriteResult]:
    """Carry out ops of one kind; one result per op, in order, with these fields of what was stored.

    A server that answers "locked" to writes side by side (423, Xandikos) has carried them out surely not; they are
    sent one after the other, and so is everything later.

    Raises:
        AuthLost, PermissionLacking, RateLimited: every op met it, so nothing was carried out.
    """

    async def one(op: WriteOp) -> _Sent:
        stranger = next((name for name in op.patch if name not in fields), None)
        if stranger is not None:
            return _Sent(op.record_id, Refused("FIELD_NOT_WRITABLE", stranger, "cards have no such field here"))
        async with lanes.slot():
            try:
                return await _send(client, book, op)
            except RemoteError as error:
                return _Sent(op.record_id, NotSent(type(error).__name__), error)

    sent = await together(partial(one, op) for op in ops)
    for _ in range(_LOCKED_ROUNDS):
        locked = [at for at, each in enumerate(sent) if each.result == _LOCKED]
        if not locked:
            break
        lanes.narrow()
        for at in locked:
            sent[at] = await one(ops[at])
    errors = [each.error for each in sent if each.error is not None]
    if sent and len(errors) == len(sent):
        raise errors[0]
    shown = await _read_back(client, book, fields, sent)
    return [_told(each, shown.get(each.href)) for each in sent]


async def _send(client: DavClient, book: Book, op: WriteOp) -> _Sent:
    match op.kind:
        case WriteKind.CREATE:
            return await _create(client, book, op)
        case WriteKind.UPDATE:
            return await _update(client, op)
        case WriteKind.DELETE:
            return await _delete(client, op)


async def _create(client: DavClient, book: Book, op: WriteOp) -> _Sent:
    """PUT under a name made of the op's id: a repetition finds the first one there."""
    href = f"{book.path}{op.op_id}.vcf"
    uid = str(uuid.UUID(hex=op.op_id))
    version = "4.0" if book.versions and "3.0" not in book.versions else "3.0"
    try:
        card = new_card(uid, op.patch, version=version)
    except DataError as error:
        return _Sent(href, Refused("CARD", message=error.message))
    answer = await client.put(href, card, version=None)
    if not isinstance(answer, Answered):
        return _Sent(href, answer)
    if answer.status in {200, 201, 204}:
        href = location_of(answer, href)
        proven = answer.status != 200 or etag_of(answer) is not None
        return _Sent(href, Done(href, etag_of(answer)), created=True, proven=proven)
    if answer.status == 412:
        return await _taken(client, book, href, uid)
    if _has(answer, _LOCAL_UID):
        holder = next(iter(hrefs_of_error(answer.body)), None)
        if holder is None:
            return _Sent(href, Duplicate(None, "UID"))
        return await _taken(client, book, holder, uid)
    return _Sent(href, _refusal(answer))


async def _taken(client: DavClient, book: Book, href: str, uid: str) -> _Sent:
    """Something is at our path, or has our UID: an earlier try of ours, if it carries the UID that only we know.

    What it looks like now is not told: a person may have edited it since that try.
    """
    try:
        (there,) = await read_cards(client, book.path, (), [href])
    except RemoteError:
        # The read failed, not the create: whether our card is there stays open, and the op may be repeated.
        return _Sent(href, Unknown("taken, and could not be read"))
    if isinstance(there, Found) and uid_of(parse(there.record.native)) == uid:
        return _Sent(href, Done(href), unseen=True)
    return _Sent(href, Refused("PATH_TAKEN", message="another card is at the path of the new one"))


async def _update(client: DavClient, op: WriteOp) -> _Sent:
    known = op.known
    if known is None or not isinstance(known.native, str) or known.version is None:
        return _Sent(op.record_id, Refused("WHOLE_CARD_NEEDED", message="an update needs the card as just read"))
    try:
        card = edited(known.native, op.patch)
    except DataError as error:
        return _Sent(op.record_id, Refused("CARD", message=error.message))
    answer = await client.put(op.record_id, card, version=known.version)
    return _Sent(op.record_id, _of_existing(op, answer))


async def _delete(client: DavClient, op: WriteOp) -> _Sent:
    if op.known is None or op.known.version is None:
        return _Sent(op.record_id, Refused("VERSION_NEEDED", message="a deletion needs the card as just read"))
    return _Sent(op.record_id, _of_existing(op, await client.delete(op.record_id, version=op.known.version)))


def _of_existing(op: WriteOp, answer: Answered | NotSent | Unknown) -> WriteResult:
    if not isinstance(answer, Answered):
        return answer
    match answer.status:
        case 200 | 201 | 202 | 204:
            return Done(op.record_id, etag_of(answer) if op.kind is WriteKind.UPDATE else None)
        case 412:
            return Conflict()  # changed or gone: the read-back tells
        case 404 | 410:
            return Conflict(gone=True)
        case _:
            return _refusal(answer)


def _refusal(answer: Answered) -> WriteResult:
    """An answer that says no: by the precondition it names (RFC 6352 section 6.3.2.1), else by its status."""
    if answer.status == 423:
        return _LOCKED
    named = sorted(each.rpartition("}")[2] for each in preconditions(answer.body))
    message = _WHAT_FAILED.get(answer.status, f"status {answer.status}")
    return Refused(named[0] if named else str(answer.status), message=message)


def _has(answer: Answered, precondition: str) -> bool:
    return any(each.endswith("}" + precondition) for each in preconditions(answer.body))


async def _read_back(client: DavClient, book: Book, fields: Sequence[str], sent: Sequence[_Sent]) -> dict[str, Fetched]:
    """The cards that were put, and those that were not as known; nothing if they cannot be read."""
    hrefs = [each.href for each in sent if _worth_reading(each)]
    if not hrefs:
        return {}
    try:
        answers = await read_cards(client, book.path, fields, hrefs)
    except RemoteError:
        return {}  # the writes stand all the same: the feed will show them
    return {each.record.id if isinstance(each, Found) else each.id: each for each in answers}


def _worth_reading(sent: _Sent) -> bool:
    return isinstance(sent.result, Done | Conflict) and not sent.unseen


def _told(sent: _Sent, shown: Fetched | None) -> WriteResult:
    match sent.result, shown:
        case Conflict(), Missing():
            return Conflict(gone=True)
        case Done(), Missing() if sent.created:
            return Unknown("the server calls the card stored, and does not show it")
        case Done(), None if not sent.proven:
            return Unknown("an answer that anybody could have given")
        case Done() as done, Found(record) if _is_ours(done, record):
            return replace(done, modified=record.modified, stored=record)
        case result, _:
            return result


def _is_ours(done: Done, record: Record) -> bool:
    """Whether the card read back is the one that was put: after another version, somebody has edited it since.

    Where a PUT is answered without an ETag there is no telling, and ``Done.version`` stays unknown.
    """
    return done.version is None or done.version == record.version
