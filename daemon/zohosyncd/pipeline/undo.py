"""Undo: a change of its own, decided from history and from what the apps show now.

Person by person, the newest first. A field that still shows what was written gets the value back that it had; a record
that was made is deleted, unless somebody has edited it since; a record that was deleted is made anew, under a new id.
Both bases are set to what is shown then, so that nothing of it travels to the other side or is written over again. Each
write is an intent like any other: after a crash the same command goes on where it was.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from zohosyncd.core.link import Base, Link
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.reversal import Reversal, Written, bases_after, reverse, without_pairs
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.drain import Drain
from zohosyncd.pipeline.persons import BatchClaims
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Work
from zohosyncd.ports.connector import Fetched, Found, Missing, WriteKind
from zohosyncd.ports.store import Decision, Intent, JournalEntry

_PAGE = 100
_MOST = 10_000
_PASSES = 4
_UPDATES = frozenset({"updated", "blanked", "opted_out"})
_CREATES = frozenset({"created", "adopted"})
_KINDS = _UPDATES | _CREATES | {"deleted", "undone"}

Ids = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What shall be undone: of one run, of some records, since a moment, only one field or pair."""

    run: str = ""
    records: Mapping[Side, Collection[str]] | None = None
    since: float = 0.0
    field: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One write that undoes another, or (``kind`` None) something that stays as it is, and why."""

    ids: Ids
    side: Side
    kind: WriteKind | None
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    why: str = ""


@dataclass(slots=True)
class Person:
    """What is known of a pair of records: its writes, first the newest, by the side written to, and what is there."""

    ids: Ids
    entries: list[JournalEntry]
    link: Link | None = None
    shown: dict[Side, Record | None] = field(default_factory=dict)

    def id(self, side: Side) -> str:
        """The record's id on that side, "" for none."""
        return self.ids[SIDES.index(side)]

    def of(self, side: Side) -> list[JournalEntry]:
        """The writes to that side."""
        return [entry for entry in self.entries if entry.side is side]

    def base(self, side: Side) -> Base:
        """What was last agreed of that side."""
        return self.link.base(side) if self.link is not None else Base()


def does(entry: JournalEntry) -> WriteKind:
    """What a write in history was. What was undone may be undone, too."""
    if entry.kind in _CREATES or (entry.kind == "undone" and not entry.before):
        return WriteKind.CREATE
    if entry.kind == "deleted" or (entry.kind == "undone" and not entry.after):
        return WriteKind.DELETE
    return WriteKind.UPDATE


class Undoing:
    """Undoes writes of one connection.

    Args:
        world, plan, drain: of the connection; its drain delivers. run: the id of this undo. dry: nothing is written.
    """

    def __init__(self, world: World, plan: Plan, drain: Drain, run: str, *, dry: bool) -> None:
        self._world, self._plan, self._drain = world, plan, drain
        self._run, self._dry = run, dry

    async def steps(self, scope: Scope) -> AsyncIterator[list[Step]]:
        """Undo, in pages; what was done, or with ``dry`` what would be. Raises the RemoteError tree."""
        store, here = self._world.store, self._plan.id
        newest = await store.journal(here, limit=1)
        end = before = newest[0].id + 1 if newest else 0
        while before:
            found = await store.history(
                here, records=scope.records, since=scope.since, run=scope.run, before=before, limit=_PAGE
            )
            if not found:
                return
            last, before = before, found[-1].id
            persons = await self._persons(scope, [each for each in found if each.kind in _KINDS], (last, before), end)
            if persons and (steps := await self._undo(scope, persons)):
                yield steps

    async def _persons(
        self, scope: Scope, found: Sequence[JournalEntry], page: tuple[int, int], end: int
    ) -> list[Person]:
        """Those of whom this page has the newest write; the whole of what is undone about them is read at once."""
        if not found:
            return []
        ids = {Side.LEFT: {each.left_id for each in found} - {""}, Side.RIGHT: {each.right_id for each in found} - {""}}
        everything = await self._world.store.history(
            self._plan.id, records=ids, since=scope.since, run=scope.run, before=end, limit=_MOST
        )
        by_ids: dict[Ids, list[JournalEntry]] = {}
        for entry in everything:
            if entry.kind in _KINDS and entry.side is not None:
                by_ids.setdefault((entry.left_id, entry.right_id), []).append(entry)
        return [Person(key, entries) for key, entries in by_ids.items() if page[1] <= entries[0].id < page[0]]

    async def _undo(self, scope: Scope, persons: list[Person]) -> list[Step]:
        told: dict[tuple[Ids, Side, bool], Step] = {}
        claims, mine = BatchClaims(self._world.claims), persons
        try:
            for number in range(1 if self._dry else _PASSES):
                busy = [each for each in mine if not claims.take(repr(each.ids), self._records(each))]
                mine = [each for each in mine if each not in busy]
                await self._look(mine)
                steps = [step for person in mine for step in await self._decide(scope, person)]
                if not number:  # later looks see what the first has done
                    steps += [Step(each.ids, Side.LEFT, None, why="somebody works on it now") for each in busy]
                for step in steps:
                    if step.kind is not None or not number:
                        told.setdefault((step.ids, step.side, step.kind is not None), step)
                if self._dry or not await self._carry_out(mine, steps, claims):
                    break
        finally:
            claims.release()
        return list(told.values())

    def _records(self, person: Person) -> list[tuple[int, str]]:
        return [(self._plan.endpoint(side).object_id, person.id(side)) for side in SIDES if person.id(side)]

    async def _look(self, persons: Sequence[Person]) -> None:
        """Links, and what both apps show now."""
        store = self._world.store
        links: dict[Ids, Link] = {}
        answers: dict[Side, dict[str, Fetched]] = {}
        for side in SIDES:
            ids = [each.id(side) for each in persons if each.id(side)]
            found = await store.links(self._plan.id, side, ids)
            links |= {(link.left_id, link.right_id): link for link in found.values()}
            answers[side] = await self._plan.endpoint(side).feed.fetch(ids)
        for person in persons:
            person.link = links.get(person.ids)
            for side in SIDES:
                answer = answers[side].get(person.id(side))
                person.shown.pop(side, None)
                if isinstance(answer, Found):
                    person.shown[side] = answer.record
                elif isinstance(answer, Missing) or not person.id(side):
                    person.shown[side] = None

    async def _decide(self, scope: Scope, person: Person) -> list[Step]:
        steps: list[Step] = []
        for side in (Side.RIGHT, Side.LEFT):
            entries = person.of(side)
            if not entries:
                continue
            if person.link is None:
                steps.append(Step(person.ids, side, None, why="the two are no pair any more"))
            elif side not in person.shown or side.other not in person.shown:
                steps.append(Step(person.ids, side, None, why="it cannot be read now"))
            else:
                steps += await self._decide_side(scope, person, side, entries)
        return steps

    async def _decide_side(self, scope: Scope, person: Person, side: Side, entries: list[JournalEntry]) -> list[Step]:
        present, made = person.shown[side], does(entries[-1]) is WriteKind.CREATE
        if made and does(entries[0]) is WriteKind.DELETE:
            return []
        if does(entries[0]) is WriteKind.DELETE:
            return [] if present is not None or scope.field else self._anew(person, side, entries)
        if present is None:
            return [] if made else [Step(person.ids, side, None, why="it is gone")]
        if made and not scope.field:
            return [await self._unmade(person, side, present, entries[-1])]
        return self._back(scope, person, side, present, entries)

    def _back(
        self, scope: Scope, person: Person, side: Side, present: Record, entries: Sequence[JournalEntry]
    ) -> list[Step]:
        """Fields that show what was written get back what they had."""
        writes = [Written(each.before, each.after) for each in entries if does(each) is WriteKind.UPDATE]
        reversal = self._reversal(scope, person, side, present.values, writes)
        steps = []
        if reversal.patch:
            before = {name: present.values.get(name) for name in reversal.patch}
            steps.append(Step(person.ids, side, WriteKind.UPDATE, before, reversal.patch))
        if reversal.kept:
            steps.append(Step(person.ids, side, None, why=f"edited since: {', '.join(reversal.kept)}"))
        elif reversal.consent:
            steps.append(Step(person.ids, side, None, why="nobody is opted in again by an undo"))
        return steps

    def _reversal(
        self, scope: Scope, person: Person, side: Side, present: Values, writes: Sequence[Written]
    ) -> Reversal:
        plan = self._plan
        return reverse(
            plan.mapping, side, plan.endpoint(side).schema, writes, present, person.base(side),
            scope.field, plan.governance.consent_tag,
        )  # fmt: skip

    async def _unmade(self, person: Person, side: Side, present: Record, created: JournalEntry) -> Step:
        """What was created is deleted, unless a person has edited it since."""
        plan, base = self._plan, person.base(side).values
        used = plan.mapping.used_fields(side)
        edited = any(name in present.values and present.values[name] != base.get(name) for name in used)
        later = await self._world.store.history(
            plan.id, records={side: [person.id(side)]}, since=created.at, before=0, limit=_MOST
        )
        travelled = [each for each in later if each.id > created.id and each.side is side.other]
        if edited or any(each.kind in _UPDATES and each.run != created.run for each in travelled):
            return Step(person.ids, side, None, why="it was edited since it was made, and stays")
        if not plan.endpoint(side).connector.capabilities.deletable:
            return Step(person.ids, side, None, why="the app does not let records be deleted")
        return Step(person.ids, side, WriteKind.DELETE, present.values)

    def _anew(self, person: Person, side: Side, entries: Sequence[JournalEntry]) -> list[Step]:
        """What was deleted is made anew from what it was; its id, and what was never read of it, are lost."""
        schema = self._plan.endpoint(side).schema
        writes = [Written(each.before, each.after) for each in entries[1:] if does(each) is WriteKind.UPDATE]
        was = entries[0].before
        values = {**was, **self._reversal(Scope(), person, side, was, writes).patch}
        if self._opted_out(person):
            values |= {each.name: True for each in schema.meaning("opted_out")}
        writable = {each.name for each in schema if each.writable}
        patch = {name: value for name, value in values.items() if value is not None and name in writable}
        missing = [each.name for each in schema.required if not patch.get(each.name)]
        if missing:
            return [Step(person.ids, side, None, why=f"{missing[0]} is not known any more")]
        return [Step(person.ids, side, WriteKind.CREATE, {}, patch, "made anew, under another id")]

    def _opted_out(self, person: Person) -> bool:
        return person.link is not None and person.link.consent.opted_out is not None

    # --- carrying out -----------------------------------------------------------------------------------------

    async def _carry_out(self, persons: Sequence[Person], steps: Sequence[Step], claims: BatchClaims) -> bool:
        """Store the intents, deliver them; whether there were any.

        The works take the claims over: whose outcome is not known stays busy.
        """
        by_ids = {each.ids: each for each in persons}
        works: dict[Ids, tuple[Work, list[Delivery]]] = {}
        intents: list[Intent] = []
        for step in self._in_turn(steps):
            person = by_ids[step.ids]
            intent = await self._intent(person, step)
            intents.append(intent)
            if step.ids not in works:
                held = claims.hand_over(repr(step.ids))
                works[step.ids] = Work(step.side.other, intent.source_id, 0, held, person.link), []
            work, deliveries = works[step.ids]
            work.open.add(intent.id)
            known, ref = person.shown.get(step.side), self._plan.endpoint(step.side).ref
            deliveries.append(Delivery(intent, ref, self._drain, work, known, self._world.clock.monotonic()))
        if not works:
            return False
        await self._world.store.decide(Decision(self._plan.id, intents=intents))
        await self._drain.carry_out([*works.values()])
        return True

    def _in_turn(self, steps: Sequence[Step]) -> list[Step]:
        """The writes of one pass. A pair of fields is written on one side only: the left's turn comes after it."""
        first = {step.ids: step.after for step in steps if step.side is Side.RIGHT and step.kind is WriteKind.UPDATE}
        found: list[Step] = []
        for step in steps:
            if step.side is Side.LEFT and step.kind is WriteKind.UPDATE and step.ids in first:
                patch = without_pairs(self._plan.mapping, Side.LEFT, step.after, first[step.ids])
                if patch:
                    found.append(replace(step, after=patch, before={name: step.before[name] for name in patch}))
            elif step.kind is not None:
                found.append(step)
        return found

    async def _intent(self, person: Person, step: Step) -> Intent:
        plan, side, store = self._plan, step.side, self._world.store
        rows = {
            each: (await store.rows(plan.endpoint(each).object_id, [person.id(each)])).get(person.id(each))
            for each in SIDES
        }
        other, present = person.shown[side.other], person.shown[side]
        source: dict[str, Value] = {}
        agreed: dict[str, Value] = {}
        if step.kind is WriteKind.UPDATE and present is not None:
            shown = other.values if other is not None else {}
            source, agreed = bases_after(plan.mapping, side, step.after, present.values, shown)
        elif step.kind is WriteKind.CREATE:
            agreed = {name: step.after.get(name) for name in plan.mapping.used_fields(side)}
            used = plan.mapping.used_fields(side.other)
            source = {name: other.values[name] for name in used if name in other.values} if other is not None else {}
        creates = step.kind is WriteKind.CREATE
        target, partner = rows[side], rows[side.other]
        horizon = await store.last_seq(plan.endpoint(side).object_id) if creates else 0
        return Intent(
            self._world.entropy.new_id(), plan.id, self._run, plan.endpoint(side).object_id, side,
            step.kind or WriteKind.UPDATE, person.id(side.other), "" if creates else person.id(side),
            patch=step.after, before=step.before, source=source, agreed=agreed,
            source_seq=partner.seq if partner else 0, target_seq=horizon if creates else target.seq if target else 0,
            replaces=person.id(side) if creates else "",
            guarded="undo", created_at=self._world.clock.now(), version=target.version if target else None,
        )  # fmt: skip
