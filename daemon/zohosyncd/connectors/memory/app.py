"""The app itself: records, a change log, what people do in it. No connector, no waiting, no failing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from zohosyncd.connectors.memory.behaviour import Behaviour, Call, Fault, FaultKind
from zohosyncd.connectors.memory.schemas import LISTS_SCHEMA
from zohosyncd.connectors.memory.upkeep import begun, filed, stamped
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.world import Clock

DEFAULT_OBJECT = "people"


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the app keeps it.

    Attributes:
        values: every field, also those that no schema names.
        serial: number of its last change among all changes of the object.
        created, modified: exact times of the app's clock.
        alive: False once it is deleted or merged away.
        moved_to: the record that it was merged into, "" otherwise.
    """

    id: str
    values: Mapping[str, Value]
    serial: int
    created: float
    modified: float
    alive: bool = True
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class WriteSeen:
    """A write that the app carried out for a connector, in order: what tests count."""

    ref: str
    kind: WriteKind
    id: str
    values: Values


class MemoryApp:
    """An app in memory.

    Args:
        clock: the only source of time.
        behaviour: in what it resembles other apps; it may be replaced at any time.
        schema: fields of every object.
        name: prefix of ids and part of the account's identity.
        objects: references of its objects; the first one is the default.
    """

    def __init__(
        self,
        clock: Clock,
        behaviour: Behaviour | None = None,
        schema: Schema = LISTS_SCHEMA,
        *,
        name: str = "memory",
        objects: Iterable[str] = (DEFAULT_OBJECT,),
    ) -> None:
        self.clock = clock
        self.behaviour = behaviour or Behaviour()
        self.schema = schema
        self.name = name
        self.epoch = 1
        self.faults: list[Fault] = []
        self.calls: Counter[Call] = Counter()
        self.writes: list[WriteSeen] = []
        self.marks: dict[str, str] = {}
        """Which op made a record, by its id; a copy of a record has the mark of the one it was made of."""
        self._rows: dict[str, dict[str, Row]] = {ref: {} for ref in objects}
        self._serial = 0
        self._ids = 0

    # What a person can do.

    def create(self, values: Values, *, ref: str = DEFAULT_OBJECT, record_id: str = "") -> str:
        """Add a record, answer its id."""
        if not record_id:
            self._ids += 1
            record_id = f"{self.name}-{self._ids:06d}"
        now = self.now()
        self._put(ref, Row(record_id, begun(self.schema, self._normal(values), now), self._next(), now, now))
        return record_id

    def edit(self, record_id: str, values: Values, *, ref: str = DEFAULT_OBJECT) -> None:
        """Change some fields of a record. Raises KeyError when it is not there."""
        row = self.living(record_id, ref=ref)
        changed = {**row.values, **stamped(self.schema, row.values, self._normal(values), self.now())}
        moved = {name for name in changed if changed[name] != row.values.get(name)}
        if moved and moved <= self.behaviour.silent:
            self._put(ref, replace(row, values=changed))
        else:
            self._put(ref, replace(row, values=changed, serial=self._next(), modified=self.now()))

    def delete(self, record_id: str, *, ref: str = DEFAULT_OBJECT) -> None:
        """Delete a record. Raises KeyError when it is not there."""
        row = self.living(record_id, ref=ref)
        self._put(ref, replace(row, alive=False, serial=self._next(), modified=self.now()))

    def restore(self, record_id: str, *, ref: str = DEFAULT_OBJECT) -> None:
        """Take a deleted record out of the bin, under its old id."""
        row = replace(self._rows[ref][record_id], alive=True, moved_to="")
        self._put(ref, replace(row, serial=self._next(), modified=self.now()))

    def merge(self, loser: str, survivor: str, *, ref: str = DEFAULT_OBJECT) -> None:
        """Merge one record into another; the survivor fills its empty fields from the loser."""
        gone, kept = self.living(loser, ref=ref), self.living(survivor, ref=ref)
        filled = {**gone.values, **{name: value for name, value in kept.values.items() if value is not None}}
        now = self.now()
        self._put(ref, replace(gone, alive=False, moved_to=survivor, serial=self._next(), modified=now))
        self._put(ref, replace(kept, values=filled, serial=self._next(), modified=now))

    def forget_cursors(self) -> None:
        """Every cursor given out so far is lost."""
        self.epoch += 1

    def fail(
        self,
        call: Call,
        kind: FaultKind,
        *,
        times: int = 1,
        skip: int = 0,
        retry_after: float | None = None,
    ) -> None:
        """Let coming calls fail; faults of the same call are used up in the order given."""
        self.faults.append(Fault(call, kind, times, skip, retry_after))

    def heal(self) -> None:
        """Forget all faults."""
        self.faults.clear()

    def state(self, ref: str = DEFAULT_OBJECT) -> dict[str, dict[str, Value]]:
        """Everything that a person sees: id -> values of the living records."""
        return {row.id: dict(row.values) for row in self._rows[ref].values() if row.alive}

    def names(self, field: str) -> tuple[str, ...]:
        """The names in use in a field of type NAMES, over all objects, sorted."""
        rows = (row for rows in self._rows.values() for row in rows.values() if row.alive)
        return tuple(sorted({name for row in rows for name in names_of(row.values.get(field))}))

    # What the connector asks.

    @property
    def refs(self) -> tuple[str, ...]:
        """References of the objects, the default one first."""
        return tuple(self._rows)

    @property
    def serial(self) -> int:
        """Number of the last change."""
        return self._serial

    def now(self) -> float:
        """The app's own time."""
        return self.clock.now() + self.behaviour.clock_offset

    def rows(self, ref: str) -> list[Row]:
        """All rows, deleted ones included, in order of creation."""
        return list(self._rows[ref].values())

    def row(self, record_id: str, *, ref: str) -> Row | None:
        """The row, dead or alive."""
        return self._rows[ref].get(record_id)

    def living(self, record_id: str, *, ref: str = DEFAULT_OBJECT) -> Row:
        """The row of a record that exists; KeyError otherwise."""
        row = self._rows[ref][record_id]
        if not row.alive:
            raise KeyError(record_id)
        return row

    def shown(self, row: Row, fields: Iterable[str]) -> Record:
        """The record as the app shows it, with these fields."""
        behaviour = self.behaviour
        modified = self.coarse(row.modified)
        return Record(
            id=row.id,
            values={name: row.values.get(name) for name in fields},
            version=self.version(row),
            modified=modified if behaviour.modified_times else None,
            native=dict(row.values) if behaviour.whole_records else None,
        )

    def version(self, row: Row) -> str:
        """The version mark that goes with the row's present content."""
        return f"v{row.serial}" if self.behaviour.exact_versions else repr(self.coarse(row.modified))

    def coarse(self, moment: float) -> float:
        """A time as the app shows it, cut to its granularity."""
        step = self.behaviour.granularity
        return moment - moment % step if step else moment

    def next_fault(self, call: Call) -> Fault | None:
        """Count a call and take the fault that it meets."""
        self.calls[call] += 1
        for fault in self.faults:
            if fault.call is not call:
                continue
            if fault.skip:
                fault.skip -= 1
                return None
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None

    def _normal(self, values: Values) -> dict[str, Value]:
        return filed(self.schema, self.behaviour.normaliser(values))

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _put(self, ref: str, row: Row) -> None:
        self._rows[ref][row.id] = row
