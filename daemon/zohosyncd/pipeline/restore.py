"""Restoring: pairs get the values back that a snapshot shows, as a change of its own.

Only what differs is written, to records that have a partner: nothing was ever written to others. What the mirror shows
as in the snapshot is not even read from its app. Consent only tightens.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from zohosyncd.core.link import Base, Link
from zohosyncd.core.record import Record, Values
from zohosyncd.core.reversal import Reversal, brought_back, made_anew
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.drain import Drain
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.pipeline.set_back import Person, SettingBack, Step
from zohosyncd.pipeline.undo import does
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import MirrorRow

_LONGEST_CHAIN: Final = 5
_MOST: Final = 10_000

Kept = Mapping[str, Values]
"""Records of one side as a snapshot shows them, by id."""


@dataclass(slots=True)
class RestoreTally:
    """What a restore has come by: calls to read records by side, and records that have no partner."""

    reads: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    alone: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One side of a snapshot: when it was taken (wall seconds), and its pages."""

    at: float
    pages: AsyncIterator[Kept]


class Restoring(SettingBack):
    """Restores records of one connection.

    Args:
        world, plan, drain, run, dry: as of SettingBack. tally: gets the numbers.
        missing: whether records that are gone are made anew.
    """

    guarded = "restore"

    def __init__(
        self, world: World, plan: Plan, drain: Drain, run: str, tally: RestoreTally, *, dry: bool, missing: bool
    ) -> None:
        super().__init__(world, plan, drain, run, dry=dry)
        self.reads = tally.reads
        self._tally = tally
        self._missing = missing
        self._side = Side.LEFT
        self._kept: Kept = {}
        self._rows: Mapping[str, MirrorRow] = {}

    async def pages(self, side: Side, snapshot: Snapshot) -> AsyncIterator[list[Step]]:
        """Restore records of one side, page by page; what was done, or with ``dry`` what would be."""
        store = self._world.store
        self._side = side
        async for each in snapshot.pages:
            page = await self._followed(each, snapshot.at)
            links = await store.links(self._plan.id, side, list(page))
            self._kept = page
            self._tally.alone += len(page) - len(links)
            self._rows = await store.rows(self._plan.endpoint(side).object_id, list(links))
            persons = self._differing(links.values())
            if persons and (steps := await self._set_back(persons)):
                yield steps

    async def _followed(self, page: Kept, since: float) -> Kept:
        """The page, with what was made anew since the snapshot under the id that it has now.

        What a person has merged into another record is not followed: that one stands in the snapshot itself.
        """
        store, object_id, side = self._world.store, self._plan.endpoint(self._side).object_id, self._side
        now = {each: each for each in page}
        for _ in range(_LONGEST_CHAIN):
            rows = await store.rows(object_id, list(now.values()))
            moved = {
                old: row.moved_to for old, new in now.items() if (row := rows.get(new)) is not None and row.moved_to
            }
            if not moved:
                break
            entries = await store.history(self._plan.id, records={side: set(moved.values())}, since=since, limit=_MOST)
            made = [each for each in entries if each.side is side and does(each) is WriteKind.CREATE]
            ours = {each.left_id if side is Side.LEFT else each.right_id for each in made}
            followed = {old: new for old, new in moved.items() if new in ours}
            if not followed:
                break
            now |= followed
        return {new: page[old] for old, new in now.items()}

    def _differing(self, links: Collection[Link]) -> list[Person]:
        """Those whom the mirror does not show as the snapshot does. The feeds have just been read."""
        found = []
        for link in links:
            row = self._rows.get(link.record_id(self._side))
            shown = row is not None and not row.gone and UNREADABLE not in row.values
            if row is None or not shown or self._reversal(row.record(), link.base(self._side)) != Reversal():
                found.append(Person((link.left_id, link.right_id)))
        return found

    async def _decide(self, person: Person) -> list[Step]:
        side = self._side
        if person.link is None:
            return [Step(person.ids, side, None, why="the two are no pair any more")]
        row = self._rows.get(person.id(side))
        if row is not None and row.moved_to:
            return [Step(person.ids, side, None, why="it was merged into another record, and lives on there")]
        if side not in person.shown or side.other not in person.shown:
            return [Step(person.ids, side, None, why="it cannot be read now")]
        present = person.shown[side]
        if present is None:
            return [self._gone(person)]
        reversal, steps = self._reversal(present, person.base(side)), []
        if reversal.patch:
            before = {name: present.values.get(name) for name in reversal.patch}
            steps.append(Step(person.ids, side, WriteKind.UPDATE, before, reversal.patch, "as in the snapshot"))
        if reversal.consent:
            steps.append(Step(person.ids, side, None, why="nobody is opted in again by a snapshot"))
        elif reversal.kept:
            why = f"what the snapshot has is no value of {', '.join(reversal.kept)}"
            steps.append(Step(person.ids, side, None, why=why))
        return steps

    def _reversal(self, present: Record, base: Base) -> Reversal:
        plan, side = self._plan, self._side
        return brought_back(
            plan.endpoint(side).schema, self._written(), self._kept[present.id], present.values, base,
            plan.governance.consent_tag,
        )  # fmt: skip

    def _written(self) -> Sequence[str]:
        """The fields that this connection may ever have written."""
        plan, side = self._plan, self._side
        return list(dict.fromkeys((*plan.mapping.used_fields(side), *plan.governance.watched.get(side, ()))))

    def _gone(self, person: Person) -> Step:
        plan, side = self._plan, self._side
        row = self._rows.get(person.id(side))
        if not self._missing:
            return Step(person.ids, side, None, why="it is gone; --missing makes it anew")
        schema, kept = plan.endpoint(side).schema, self._kept[person.id(side)]
        values = {name: kept[name] for name in self._written() if name in kept}
        patch = made_anew(
            schema, values, row.values if row is not None else kept,
            opted_out=person.opted_out, keep_tag=plan.governance.consent_tag,
        )  # fmt: skip
        lacking = [each.name for each in schema.required if not patch.get(each.name)]
        if lacking:
            return Step(person.ids, side, None, why=f"it cannot be made without {lacking[0]}, which the snapshot lacks")
        return Step(person.ids, side, WriteKind.CREATE, {}, patch, "made anew, under another id")
