"""Undo: a change of its own, decided from history and from what the apps show now.

Person by person, the newest first. A field that still shows what was written gets the value back that it had; a record
that was made is deleted, unless somebody has edited it since; a record that was deleted is made anew, under a new id.
How it is carried out, and what a restore has in common with it, is in :mod:`zohosyncd.pipeline.set_back`.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass

from zohosyncd.core.record import Record, Values
from zohosyncd.core.reversal import Reversal, Written, made_anew, reverse
from zohosyncd.core.side import Side
from zohosyncd.pipeline.drain import Drain
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.set_back import Ids, Person, SettingBack, Step
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import JournalEntry

_PAGE = 100
_MOST = 10_000
_UPDATES = frozenset({"updated", "blanked", "opted_out"})
_CREATES = frozenset({"created", "adopted"})
_BACK = frozenset({"undone", "restored"})
_KINDS = _UPDATES | _CREATES | _BACK | {"deleted"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What shall be undone: of one run, of some records, since a moment, only one field or pair."""

    run: str = ""
    records: Mapping[Side, Collection[str]] | None = None
    since: float = 0.0
    field: str = ""


def does(entry: JournalEntry) -> WriteKind:
    """What a write in history was. What was undone may be undone, too."""
    if entry.kind in _CREATES or (entry.kind in _BACK and not entry.before):
        return WriteKind.CREATE
    if entry.kind == "deleted" or (entry.kind in _BACK and not entry.after):
        return WriteKind.DELETE
    return WriteKind.UPDATE


class Undoing(SettingBack):
    """Undoes writes of one connection.

    Args:
        world, plan, drain, run, dry: as of SettingBack. scope: what shall be undone.
    """

    guarded = "undo"

    def __init__(self, world: World, plan: Plan, drain: Drain, run: str, scope: Scope, *, dry: bool) -> None:
        super().__init__(world, plan, drain, run, dry=dry)
        self._scope = scope

    async def steps(self) -> AsyncIterator[list[Step]]:
        """Undo, in pages; what was done, or with ``dry`` what would be. Raises the RemoteError tree."""
        store, here, scope = self._world.store, self._plan.id, self._scope
        newest = await store.journal(here, limit=1)
        end = before = newest[0].id + 1 if newest else 0
        while before:
            found = await store.history(
                here, records=scope.records, since=scope.since, run=scope.run, before=before, limit=_PAGE
            )
            if not found:
                return
            last, before = before, found[-1].id
            persons = await self._persons([each for each in found if each.kind in _KINDS], (last, before), end)
            if persons and (steps := await self._set_back(persons)):
                yield steps

    async def _persons(self, found: Sequence[JournalEntry], page: tuple[int, int], end: int) -> list[Person]:
        """Those of whom this page has the newest write; the whole of what is undone about them is read at once."""
        if not found:
            return []
        ids = {Side.LEFT: {each.left_id for each in found} - {""}, Side.RIGHT: {each.right_id for each in found} - {""}}
        everything = await self._world.store.history(
            self._plan.id, records=ids, since=self._scope.since, run=self._scope.run, before=end, limit=_MOST
        )
        by_ids: dict[Ids, list[JournalEntry]] = {}
        for entry in everything:
            if entry.kind in _KINDS and entry.side is not None:
                by_ids.setdefault((entry.left_id, entry.right_id), []).append(entry)
        return [Person(key, entries) for key, entries in by_ids.items() if page[1] <= entries[0].id < page[0]]

    async def _decide(self, person: Person) -> list[Step]:
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
                steps += await self._decide_side(person, side, entries)
        return steps

    async def _decide_side(self, person: Person, side: Side, entries: list[JournalEntry]) -> list[Step]:
        present, made = person.shown[side], does(entries[-1]) is WriteKind.CREATE
        if made and does(entries[0]) is WriteKind.DELETE:
            return []
        if does(entries[0]) is WriteKind.DELETE:
            return [] if present is not None or self._scope.field else self._anew(person, side, entries)
        if present is None:
            return [] if made else [Step(person.ids, side, None, why="it is gone")]
        if made and not self._scope.field:
            return [await self._unmade(person, side, present, entries[-1])]
        return self._back(person, side, present, entries)

    def _back(self, person: Person, side: Side, present: Record, entries: Sequence[JournalEntry]) -> list[Step]:
        """Fields that show what was written get back what they had."""
        writes = [Written(each.before, each.after) for each in entries if does(each) is WriteKind.UPDATE]
        reversal = self._reversal(person, side, present.values, writes, self._scope.field)
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
        self, person: Person, side: Side, present: Values, writes: Sequence[Written], only: str = ""
    ) -> Reversal:
        plan = self._plan
        return reverse(
            plan.mapping, side, plan.endpoint(side).schema, writes, present, person.base(side),
            only, plan.governance.consent_tag,
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
        values = {**was, **self._reversal(person, side, was, writes).patch}
        patch = made_anew(schema, values, was, opted_out=person.opted_out, keep_tag=self._plan.governance.consent_tag)
        missing = [each.name for each in schema.required if not patch.get(each.name)]
        if missing:
            return [Step(person.ids, side, None, why=f"{missing[0]} is not known any more")]
        return [Step(person.ids, side, WriteKind.CREATE, {}, patch, "made anew, under another id")]
