"""Writes: contacts in batches of up to 200, one call after the other (vendor: mutate requests are sent sequentially).

Updates name the version of the contact that they were decided from, and Google refuses them where it has changed since.
Deletions can name none, so versions are compared just before. A new contact carries the id of our write in its client
data, which nobody sees: by it the answer to a batch, whose order nobody promises, is told apart.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.connectors.google_contacts.client import MOST_AT_ONCE, PersonAnswer
from zohosyncd.connectors.google_contacts.fields import ALL_PERSON_FIELDS, MEMBERSHIPS, mask_of
from zohosyncd.connectors.google_contacts.outcomes import created, culprits, deleted, of_all, refusal, updated
from zohosyncd.connectors.google_contacts.patch import Unwritable, patched
from zohosyncd.connectors.google_contacts.person import KEY, Entry, Person, id_of, makers_of, source_of, version_of
from zohosyncd.connectors.google_contacts.reading import Reader, mask_for
from zohosyncd.connectors.google_contacts.values import groups_of, values_of
from zohosyncd.core.errors import ContractBroken, RemoteError
from zohosyncd.core.name_sets import difference, names_of
from zohosyncd.core.record import Record
from zohosyncd.core.spelling import fold
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    NotSent,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.sender import Answered

_READ: Final = mask_of({*ALL_PERSON_FIELDS, "clientData", "metadata"})
"""What is asked for of every contact that was written."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One contact on its way: its place among the ops, and the fields that are sent."""

    place: int
    op: WriteOp
    fields: Mapping[str, list[Entry]] = field(default_factory=dict)


_Batch = Sequence[_Row]
_Results = dict[int, WriteResult]
_Send = Callable[[_Batch], Awaitable[_Results | Answered]]
"""Sends one batch: what became of it by place, or the answer by which all of it was refused."""


async def write(reader: Reader, ops: Sequence[WriteOp], fields: Sequence[str]) -> list[WriteResult]:
    """Carry out at most 200 ops of one kind; one result per op, in order, with these fields of what was stored.

    Raises:
        RemoteError: nothing was carried out.
    """
    writer = _Writer(reader, fields)
    kind = ops[0].kind
    results: _Results = {}
    try:
        rows = await writer.rows(ops, results)
        rows = await writer.unchanged(rows, results) if kind is WriteKind.DELETE else rows
    except ContractBroken as error:
        return [NotSent(error.message) for _ in ops]  # what has to be read first cannot be read
    send = {WriteKind.CREATE: writer.create, WriteKind.UPDATE: writer.update, WriteKind.DELETE: writer.delete}[kind]
    for batch in _by_mask(rows) if kind is WriteKind.UPDATE else [rows]:
        await _settle(send, batch, results)
    await writer.with_labels_there(rows, results)
    return [results[place] for place in range(len(ops))]


async def _settle(send: _Send, rows: _Batch, results: _Results) -> None:
    """Send rows until each has its result: without those that a refused batch names, or else by halves.

    Raises:
        RemoteError: nothing at all was carried out.
    """
    waiting = [list(rows)] if rows else []
    while waiting:
        batch = waiting.pop(0)
        try:
            told = await send(batch)
        except RemoteError as error:
            if not any(isinstance(each, Done | Unknown) for each in results.values()):
                raise
            # Raised alone it would hide what became of the others.
            told = {row.place: NotSent(error.message) for row in batch}
        if not isinstance(told, Answered):
            results |= told
            continue
        bad = _bad(told, batch)
        if not bad and (why := of_all(told)) is not None:
            bad = {row.place: why for row in batch}
        if not bad and len(batch) == 1:
            bad = {batch[0].place: refusal(told, batch[0].op.patch)}
        if bad:
            results |= bad
            rest = [row for row in batch if row.place not in bad]
            waiting[:0] = [rest] if rest else []
        else:
            half = len(batch) // 2
            waiting[:0] = [batch[:half], batch[half:]]


def _bad(answer: Answered, batch: _Batch) -> _Results:
    creates = batch[0].op.kind is WriteKind.CREATE
    names = [str(at) if creates else row.op.record_id for at, row in enumerate(batch)]
    found = culprits(answer, names, [row.op.patch for row in batch])
    return {batch[at].place: result for at, result in found.items()}


def _by_mask(rows: _Batch) -> list[list[_Row]]:
    """The rows of one call each: it has one mask for all of its contacts, and no contact twice."""
    groups: dict[tuple[frozenset[str], int], list[_Row]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        turn = seen[row.op.record_id] = seen.get(row.op.record_id, -1) + 1
        groups.setdefault((frozenset(row.fields), turn), []).append(row)
    return [groups[key] for key in sorted(groups, key=lambda key: key[1])]


class _Writer:
    """The calls of one ``write``."""

    def __init__(self, reader: Reader, fields: Sequence[str]) -> None:
        self._reader = reader
        self._client = reader.client
        self._fields = fields

    async def rows(self, ops: Sequence[WriteOp], results: _Results) -> list[_Row]:
        """What is to be sent; ops that cannot be sent have their result."""
        groups = await self._groups(ops)
        creates = [op for op in ops if op.kind is WriteKind.CREATE]
        there = await self._reader.newcomers.among(creates)
        rows: list[_Row] = []
        for place, op in enumerate(ops):
            made = self._row(place, op, groups)
            if op.op_id in there:
                results[place] = NotSent("somebody with this address was made here a moment ago")
            elif isinstance(made, _Row):
                rows.append(made)
            else:
                results[place] = made
        return rows

    def _row(self, place: int, op: WriteOp, groups: Mapping[str, str | NotSent | Refused]) -> _Row | WriteResult:
        known = op.known
        if op.kind is not WriteKind.CREATE and (known is None or known.version is None):
            return Refused("VERSION_NEEDED", message="a change needs the contact as just read")
        if op.kind is WriteKind.DELETE:
            return _Row(place, op)
        person = known.native if known is not None else {}
        if not isinstance(person, Mapping) or (known is not None and not person):
            return Refused("WHOLE_CONTACT_NEEDED", message="an update needs the contact as just read")
        if self._is_renamed(op, person):
            return Conflict()
        for name in self._added(op):
            group = groups[fold(name)]
            if isinstance(group, Refused):
                return Refused(group.code, MEMBERSHIPS, group.message)
            if isinstance(group, NotSent):
                return group
        ids = {name: id_ for name, id_ in groups.items() if isinstance(id_, str)}
        try:
            fields = patched(person, op.patch, self._reader.groups.labels, ids)
        except Unwritable as error:
            return Refused("FIELD_NOT_WRITABLE", error.field, error.message)
        if op.kind is WriteKind.CREATE and MEMBERSHIPS not in fields:
            fields |= patched({}, {MEMBERSHIPS: ()}, {}, {})
        return _Row(place, op, fields)

    async def _groups(self, ops: Sequence[WriteOp]) -> Mapping[str, str | NotSent | Refused]:
        if not any(MEMBERSHIPS in op.patch for op in ops):
            return {}
        await self._reader.groups.know([op.known.native for op in ops if op.known is not None and op.known.native])
        return await self._reader.groups.ids_for([name for op in ops for name in self._added(op)])

    def _is_renamed(self, op: WriteOp, person: Person) -> bool:
        """Whether a label of a contact has another name than when it was read: what to add and take is not sure."""
        if op.known is None or MEMBERSHIPS not in op.patch or MEMBERSHIPS not in op.known.values:
            return False
        now = values_of(person, (MEMBERSHIPS,), self._reader.groups.labels)[MEMBERSHIPS]
        return difference(op.known.values[MEMBERSHIPS], now) != ((), ())

    async def with_labels_there(self, rows: _Batch, results: _Results) -> None:
        """Who was refused over a label that somebody has deleted in this moment is sent again another time."""
        doubtful = [row for row in rows if isinstance(results.get(row.place), Refused) and MEMBERSHIPS in row.op.patch]
        if not doubtful:
            return
        gone: set[str] = set()
        with suppress(RemoteError):  # if nobody can tell, the refusals stand
            gone = await self._reader.groups.gone_of({each for row in doubtful for each in groups_of(row.fields)})
        for row in doubtful:
            if gone.intersection(groups_of(row.fields)):
                results[row.place] = NotSent("a label was deleted at the same time")

    def _added(self, op: WriteOp) -> tuple[str, ...]:
        if MEMBERSHIPS not in op.patch or op.kind is WriteKind.DELETE:
            return ()
        if op.known is None or op.kind is WriteKind.CREATE:
            return names_of(op.patch[MEMBERSHIPS])
        return difference(op.known.values.get(MEMBERSHIPS), op.patch[MEMBERSHIPS])[0]

    async def create(self, batch: _Batch) -> _Results | Answered:
        """Make contacts by one call."""
        people = [{**row.fields, "clientData": [{"key": KEY, "value": row.op.op_id}]} for row in batch]
        answer = await self._client.create(people, _READ)
        if not isinstance(answer, Answered):
            return {row.place: answer for row in batch}
        if answer.status != 200:
            return answer
        made = created(answer)
        if isinstance(made, Unknown):
            return {row.place: made for row in batch}
        by_maker = {maker: each for each in made if each.person is not None for maker in makers_of(each.person)}
        return {row.place: await self._done(by_maker.get(row.op.op_id)) for row in batch}

    async def update(self, batch: _Batch) -> _Results | Answered:
        """Change contacts by one call; all of them in the same fields."""
        people = {row.op.record_id: _body(row) for row in batch}
        answer = await self._client.update(people, mask_of(batch[0].fields.keys()), _READ)
        if not isinstance(answer, Answered):
            return {row.place: answer for row in batch}
        if answer.status != 200:
            return answer
        changed = updated(answer)
        if isinstance(changed, Unknown):
            return {row.place: changed for row in batch}
        return {row.place: await self._done(changed.get(row.op.record_id)) for row in batch}

    async def delete(self, batch: _Batch) -> _Results | Answered:
        """Delete contacts by one call."""
        ids = [row.op.record_id for row in batch]
        answer = await self._client.delete(ids)
        if not isinstance(answer, Answered):
            return {row.place: answer for row in batch}
        if answer.status != 200:
            return answer
        if (unclear := deleted(answer)) is not None:
            return {row.place: unclear for row in batch}
        for each in ids:
            self._reader.recent.lost(each)
        return {row.place: Done(row.op.record_id) for row in batch}

    async def unchanged(self, rows: _Batch, results: _Results) -> list[_Row]:
        """Of what is to be deleted, what is still as it was read; the others have their result."""
        ids = [row.op.record_id for row in rows]
        versions: dict[str, str | None] = {}
        for start in range(0, len(ids), MOST_AT_ONCE):
            for answer in await self._client.people(mask_for(()), ids[start : start + MOST_AT_ONCE]):
                person = answer.person
                gone = person is None or source_of(person) is None
                if not gone or answer.is_missing or person is not None:
                    versions[answer.requested] = None if gone or person is None else version_of(person)
        left: list[_Row] = []
        for row in rows:
            known = row.op.known.version if row.op.known is not None else None
            if row.op.record_id not in versions:
                results[row.place] = NotSent("Google did not say whether the contact is as it was")
            elif (version := versions[row.op.record_id]) is None:
                results[row.place] = Conflict(gone=True)
            elif version != known:
                results[row.place] = Conflict()
            else:
                left.append(row)
        return left

    async def _done(self, answer: PersonAnswer | None) -> WriteResult:
        """What the answer to a call that was carried out says of one contact."""
        person = answer.person if answer is not None else None
        if person is None or not id_of(person):
            return Unknown("the answer lacks this contact")
        fields = self._fields
        try:
            await self._reader.know_labels(fields, [person])
        except RemoteError:
            # It was carried out all the same; labels nobody can name stay unread.
            fields = [name for name in fields if name != MEMBERSHIPS]
        record = self._reader.record(person, fields)
        if not isinstance(record, Record):
            return Done(id_of(person), version_of(person))
        self._reader.recent.saw(record)
        return Done(record.id, record.version, record.modified, record)


def _body(row: _Row) -> dict[str, Any]:
    """A contact as an update wants it: its name, the version of its own source, and the fields to be replaced.

    The person's etag is left out: it may move with a profile, which is nothing that we overwrite.
    """
    person = row.op.known.native if row.op.known is not None else {}
    source = source_of(person) or {}
    about = {name: source[name] for name in ("type", "id", "etag") if name in source}
    return {"resourceName": row.op.record_id, "metadata": {"sources": [about]}, **row.fields}
