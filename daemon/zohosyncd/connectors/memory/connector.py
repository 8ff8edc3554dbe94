"""The connector to an in-memory app: the port, its promises and its failures, over plain function calls."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace

from zohosyncd.connectors.memory import feed
from zohosyncd.connectors.memory.app import MemoryApp, Row
from zohosyncd.connectors.memory.behaviour import Call, Fault, FaultKind
from zohosyncd.connectors.memory.writes import carry_out, without_names
from zohosyncd.core.errors import (
    AuthLost,
    ContractBroken,
    CursorExpired,
    PermissionLacking,
    RateLimited,
    RemoteError,
    Unavailable,
    UsageError,
)
from zohosyncd.core.record import Record
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Conflict,
    Created,
    Fetched,
    Found,
    Missing,
    Moved,
    NotSent,
    Page,
    Pending,
    Refused,
    Unknown,
    WriteOp,
    WriteResult,
)


class MemoryConnector:
    """Speaks to a :class:`MemoryApp`; several connectors may share one app."""

    def __init__(self, memory: MemoryApp) -> None:
        self._app = memory

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "memory"

    @property
    def capabilities(self) -> Capabilities:
        """What the app can do, by its present behaviour."""
        return self._app.behaviour.capabilities

    async def check(self) -> AccountInfo:
        """Who am I."""
        await self._call(Call.CHECK)
        behaviour = self._app.behaviour
        return AccountInfo(
            f"memory:{self._app.name}", self._app.name, clock_offset=behaviour.clock_offset, region=behaviour.region
        )

    async def objects(self) -> Mapping[str, str]:
        """Every object; its reference is its name."""
        return {ref: ref for ref in self._app.refs}

    async def resolve(self, name: str) -> str:
        """The object of that name, the first one for ""."""
        if not name:
            return self._app.refs[0]
        if name not in self._app.refs:
            raise UsageError(f"there is no object {name!r}", hint="known: " + ", ".join(self._app.refs))
        return name

    async def schema(self, ref: str) -> Schema:  # noqa: ARG002 - all objects of the app share one schema
        """The app's fields, and the names of its containers that are in use."""
        await self._call(Call.SCHEMA)
        schema = self._app.schema
        used = {word: replace(each, names=self._app.names(each.field)) for word, each in schema.containers.items()}
        return replace(schema, containers=used)

    async def changes(
        self,
        ref: str,
        fields: Sequence[str],
        cursor: str | None,
        *,
        deletions: bool = True,  # noqa: ARG002
    ) -> AsyncIterator[Page]:
        """Pages from the cursor to the present."""
        place: feed.Place | None = feed.start(self._app, ref, cursor)
        while place is not None:
            fault = await self._call(Call.CHANGES)
            if fault is not None and fault.kind is FaultKind.EMPTY:
                yield Page((), feed.written(self._app, place), complete=True, full=place.full)
                return
            page, place = feed.page(self._app, ref, fields, place)
            await self._rest()
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read records now, each id answered once."""
        answers: list[Fetched] = []
        wanted = list(dict.fromkeys(ids))
        size = self.capabilities.fetch_batch
        for start in range(0, len(wanted), size):
            fault = await self._call(Call.FETCH)
            asked = wanted[start : start + size]
            if fault is not None and fault.kind is FaultKind.EMPTY:
                answers.extend(Missing(record_id) for record_id in asked)
            else:
                answers.extend(self._fetched(ref, fields, record_id) for record_id in asked)
            await self._rest()
        return answers

    def _fetched(self, ref: str, fields: Sequence[str], record_id: str) -> Fetched:
        row = self._app.row(record_id, ref=ref)
        if row is not None and row.alive:
            return Found(self._app.shown(row, fields))
        return Moved(record_id, row.moved_to) if row is not None and row.moved_to else Missing(record_id)

    async def recheck(self, ref: str) -> None:
        """A record is shown whole or not at all."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry out ops of one kind, at most a batch of them; one result per op, in order."""
        if len(ops) > self.capabilities.batch:
            raise ValueError(f"{len(ops)} ops, at most {self.capabilities.batch} are allowed")
        if len({op.kind for op in ops}) > 1:
            raise ValueError("one write carries out ops of one kind")
        fault = await self._call(Call.WRITE)
        results = [self._write_one(ref, op, place, fault) for place, op in enumerate(ops)]
        await self._rest()
        return results

    def _write_one(self, ref: str, op: WriteOp, place: int, fault: Fault | None) -> WriteResult:
        match fault.kind if fault is not None else None:
            case FaultKind.UNKNOWN_EXECUTED:
                carry_out(self._app, ref, op)
                return Unknown("reset")
            case FaultKind.UNKNOWN_NOT_EXECUTED:
                return Unknown("reset")
            case FaultKind.NOT_SENT:
                return NotSent("connect")
            case FaultKind.REFUSED:
                return Refused("INVALID_DATA", message="refused by a fault")
            case FaultKind.REFUSED_HALF if place % 2:
                return Refused("INVALID_DATA", message="refused by a fault")
            case FaultKind.UNKNOWN_HALF if place % 2:
                carry_out(self._app, ref, op)
                return Unknown("row missing in the answer")
            case FaultKind.NAMES_LEFT:
                return without_names(self._app, ref, op)
            case FaultKind.UNKNOWN_NAMES_LEFT:
                without_names(self._app, ref, op)
                return Unknown("reset")
            case FaultKind.CONFLICT:
                return Conflict()
            case FaultKind.PENDING:
                return Pending("a lock")
            case _:
                return carry_out(self._app, ref, op)

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Records created at or after that moment of the app's clock, newest first."""
        fault = await self._call(Call.CREATED_SINCE)
        if fault is not None and fault.kind is FaultKind.EMPTY:
            return
        rows = [row for row in self._app.rows(ref) if row.alive and self._listed_as_new(row, since)]
        rows.sort(key=lambda row: (row.created, row.id), reverse=True)
        size = self._app.behaviour.page
        for start in range(0, len(rows), size):
            yield Created([self._app.shown(row, fields) for row in rows[start : start + size]])
        yield Created((), beyond=True)

    async def made_by(self, ref: str, fields: Sequence[str], op_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """The records that carry these marks now, also those that lists do not show yet."""
        fault = await self._call(Call.MADE_BY)
        found: dict[str, list[Record]] = {}
        for row in self._app.rows(ref) if fault is None else ():
            if row.alive and (mark := self._app.marks.get(row.id)) in op_ids and mark is not None:
                found.setdefault(mark, []).append(self._app.shown(row, fields))
        return found

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """Ids of the records that have one of these addresses now."""
        if not self._app.behaviour.finds:
            return None
        fault = await self._call(Call.FIND)
        await self._rest()
        if fault is not None and fault.kind is FaultKind.EMPTY:
            return []
        wanted = {address.casefold() for address in addresses}
        names = [field.name for field in self._app.schema.meaning("emails")]
        return [row.id for row in self._app.rows(ref) if row.alive and not wanted.isdisjoint(_addresses(row, names))]

    def _listed_as_new(self, row: Row, since: float) -> bool:
        return self._app.coarse(row.created) >= since and row.created + self._app.behaviour.lag <= self._app.now()

    async def _call(self, call: Call) -> Fault | None:
        """The way to the app: takes its time, meets its fault, raises those that stand for a whole call."""
        await self._rest()
        fault = self._app.next_fault(call)
        if fault is not None and (error := _raised(fault)) is not None:
            raise error
        return fault

    async def _rest(self) -> None:
        if self._app.behaviour.latency:
            await self._app.clock.sleep(self._app.behaviour.latency)


def _addresses(row: Row, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        value = row.values.get(name)
        items = value if isinstance(value, tuple) else (value,)
        yield from (str(getattr(each, "value", each)).casefold() for each in items if each)


def _raised(fault: Fault) -> RemoteError | None:
    match fault.kind:
        case FaultKind.UNAVAILABLE:
            return Unavailable("the app fails for the moment", retry_after=fault.retry_after)
        case FaultKind.RATE_LIMITED:
            return RateLimited("the app asks us to wait", retry_after=fault.retry_after)
        case FaultKind.AUTH_LOST:
            return AuthLost("the login is refused", hint="authorise the account again")
        case FaultKind.PERMISSION:
            return PermissionLacking("the login may not do this")
        case FaultKind.BROKEN:
            return ContractBroken("the answer is not what the app documents")
        case FaultKind.CURSOR_LOST:
            return CursorExpired("the app forgot the cursor")
        case _:
            return None
