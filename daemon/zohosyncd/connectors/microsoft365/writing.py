"""Writes: ops of one kind as one batch of requests, each answer told apart by its id.

Whether the service looks at ``If-Match`` is nowhere said. It is always sent; until a write has been refused for it, the
entity tags are read once more right before, so that the time in which somebody's edit could be overwritten stays short.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from zohosyncd.connectors.microsoft365.batch import Step, Told
from zohosyncd.connectors.microsoft365.client import GraphClient, Refusal
from zohosyncd.connectors.microsoft365.fields import CATEGORIES, LONGEST_CATEGORY, SCHEMA
from zohosyncd.connectors.microsoft365.mailbox import Mailbox
from zohosyncd.connectors.microsoft365.patch import body_of, unwritable
from zohosyncd.connectors.microsoft365.reading import MARK, ask_all, is_gone, shown
from zohosyncd.core.errors import ContractBroken, DataError, PermissionLacking, RateLimited, RemoteError
from zohosyncd.core.name_sets import names_of
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Found,
    NotSent,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)

EXTENDED: Final = "singleValueExtendedProperties"

_FIELDS: Final = tuple(SCHEMA.fields)
_THROTTLED: Final = NotSent("too many requests")
_ROUNDS: Final = 2


@dataclass(slots=True)
class _Run:
    """One call of :func:`write`: what is known of each op."""

    box: Mailbox
    folder: str
    ops: Sequence[WriteOp]
    results: dict[int, WriteResult] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    wait: float | None = None
    denied: bool = False

    @property
    def open(self) -> list[int]:
        """The ops without a result."""
        return [at for at in self.steps if at not in self.results]


async def write(box: Mailbox, folder: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Carry out ops of one kind; one result per op, in order.

    Raises:
        RateLimited, PermissionLacking: every op met it, so nothing was carried out. AuthLost, Unavailable: as the
            client raises it.
    """
    run, client = _Run(box, folder, ops), box.client
    for at, op in enumerate(ops):
        made = _step(client, folder, op)
        if isinstance(made, Step):
            run.steps[at] = made
        else:
            run.results[at] = made
    if ops and ops[0].kind is not WriteKind.CREATE and not box.guarded and run.open:
        await _look_again(run)
    for _ in range(_ROUNDS):
        for part in _parts(run.open, client.width):
            await _send(run, part)
        # What was refused for its number was not carried out: it goes once more, with fewer beside it.
        run.results = {at: each for at, each in run.results.items() if each != _THROTTLED}
    run.results |= dict.fromkeys(run.open, _THROTTLED)
    if ops and all(each == _THROTTLED for each in run.results.values()):
        raise RateLimited("too many requests", retry_after=run.wait)
    if ops and run.denied and all(isinstance(each, Refused) for each in run.results.values()):
        raise PermissionLacking("the login may not write contacts there")
    return [run.results[at] for at in range(len(ops))]


def _step(client: GraphClient, folder: str, op: WriteOp) -> Step | Refused:
    stranger = unwritable(op.patch)
    if stranger is not None:
        return Refused("FIELD_NOT_WRITABLE", stranger, "contacts have no such field that can be written")
    if any(len(name) > LONGEST_CATEGORY for name in names_of(op.patch.get(CATEGORIES))):
        return Refused("NAME_TOO_LONG", CATEGORIES, f"a category has at most {LONGEST_CATEGORY} characters")
    try:
        if op.kind is WriteKind.CREATE:
            body = body_of(op.patch, None)
            return client.creating(folder, {**body, EXTENDED: [{"id": MARK, "value": op.op_id}]})
        row = op.known.native if op.known is not None else None
        if not isinstance(row, Mapping) or op.known is None or op.known.version is None:
            return Refused("CONTACT_NEEDED", message="a write needs the contact as just read")
        if op.kind is WriteKind.DELETE:
            return client.deleting(folder, op.record_id, op.known.version)
        return client.updating(folder, op.record_id, body_of(op.patch, row), op.known.version)
    except DataError as error:
        return Refused("CONTACT", message=error.message)


def _parts(all_of: Sequence[int], width: int) -> list[Sequence[int]]:
    return [all_of[start : start + width] for start in range(0, len(all_of), width)]


async def _look_again(run: _Run) -> None:
    """Read the entity tags right before the write; who is not as known is not written."""
    waiting = run.open
    steps = [run.box.client.reading(run.folder, run.ops[at].record_id, ("parentFolderId",)) for at in waiting]
    try:
        answers = await ask_all(run.box.client, steps)
    except ContractBroken as error:
        run.results |= {at: NotSent(error.message) for at in waiting}
        return
    rows = {at: told.row for at, told in zip(waiting, answers, strict=True) if told.status == 200 and told.row}
    inside = dict(zip(rows, await run.box.inside(run.folder, list(rows.values())), strict=True))
    for at, told in zip(waiting, answers, strict=True):
        result = _unlike(run.ops[at], told, inside=inside.get(at, False))
        if result is not None:
            run.results[at] = result


def _unlike(op: WriteOp, told: Told, *, inside: bool) -> WriteResult | None:
    """What becomes of an op whose contact is not as known; None where it is."""
    if is_gone(told):
        return Conflict(gone=True)
    if told.status != 200 or told.row is None or op.known is None:
        return NotSent("the contact could not be read")
    if not inside:
        return Conflict(gone=True)
    return Conflict() if told.row.get("@odata.etag") != op.known.version else None


async def _send(run: _Run, part: Sequence[int]) -> None:
    """One batch. Where it is refused as a whole, each of its requests goes alone: one of them may be the reason."""
    try:
        answer = await run.box.client.tell([run.steps[at] for at in part])
    except RemoteError as error:
        if not run.results:
            raise
        run.results |= {at: NotSent(type(error).__name__) for at in run.open}
        return
    match answer:
        case Refusal(code) if len(part) == 1:
            run.results[part[0]] = Refused(code, message="the service refuses the request")
        case Refusal():
            for at in part:
                await _send(run, [at])
        case NotSent() | Unknown():
            run.results |= dict.fromkeys(part, answer)
        case told:
            for at, each in zip(part, told, strict=True):
                run.results[at] = _result(run, run.ops[at], each)


def _result(run: _Run, op: WriteOp, told: Told | None) -> WriteResult:
    if told is None:
        return Unknown("no answer to this request of the batch")
    match told.status:
        case 200 | 201 | 204:
            return _done(op, told)
        case 404 if op.kind is not WriteKind.CREATE and is_gone(told):
            return Conflict(gone=True)
        case 412:
            run.box.guarded = True
            return Conflict()
        case 409 if "errorirresolvableconflict" in told.error.codes:
            return Conflict()
        case 429:
            return _throttled(run, told)
        case 424:
            return NotSent("it depended on another request")
        case status if status >= 500 or status in {408, 401}:
            return Unknown(f"status {status}") if status != 401 else NotSent("the login was refused")
        case _:
            run.denied = run.denied or told.status == 403
            return Refused(told.code, _field_in(op, told), _why(told))


def _done(op: WriteOp, told: Told) -> WriteResult:
    if op.kind is WriteKind.DELETE:
        return Done(op.record_id)
    row = told.row or {}
    number = row.get("id")
    if not isinstance(number, str) or not number:
        return Done(op.record_id) if op.record_id else Unknown("it was made, and the answer does not say what")
    answer = shown(_FIELDS, row)
    if op.record_id and number != op.record_id:
        return Done(op.record_id)
    if isinstance(answer, Found):
        return Done(number, answer.record.version, answer.record.modified, answer.record)
    return Done(number)


def _throttled(run: _Run, told: Told) -> NotSent:
    """Too many at once: the next batch is smaller, and waits as long as it was told to."""
    run.box.client.crowded(told.wait)
    if told.wait is not None:
        run.wait = max(run.wait or 0.0, told.wait)
    return _THROTTLED


def _field_in(op: WriteOp, told: Told) -> str:
    """The field that the error's text names, "" where it names none of those that were sent."""
    said = told.error.message.lower()
    return next((name for name in op.patch if name.partition(".")[0].lower() in said), "")


def _why(told: Told) -> str:
    if told.status == 403:
        return "the login may not do this"
    if told.status == 404:
        return "the folder or the mailbox is not there"
    return "the service refuses the contact as it is"
