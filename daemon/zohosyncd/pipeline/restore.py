"""Restoring: pairs get the values back that a snapshot shows, as a change of its own.

Only what differs is written, to records that have a partner: nothing was ever written to others. Both bases are set to
what is shown then, as an undo does, so that nothing travels back or is written over again. Consent only tightens.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

from zohosyncd.core.record import Values
from zohosyncd.core.reversal import only_tightened
from zohosyncd.core.side import Side
from zohosyncd.pipeline.drain import Drain
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.undo import Person, Scope, Step, Undoing
from zohosyncd.ports.connector import WriteKind

Kept = Mapping[str, Values]
"""Records of one side as a snapshot shows them, by id."""


class Restoring(Undoing):
    """Restores records of one connection.

    Args:
        world, plan, drain, run, dry: as of Undoing. missing: whether records that are gone are made anew.
    """

    def __init__(self, world: World, plan: Plan, drain: Drain, run: str, *, dry: bool, missing: bool) -> None:
        super().__init__(world, plan, drain, run, dry=dry)
        self._missing = missing
        self._side = Side.LEFT
        self._kept: Kept = {}

    async def pages(self, side: Side, pages: AsyncIterator[Kept]) -> AsyncIterator[list[Step]]:
        """Restore records of one side, page by page; what was done, or with ``dry`` what would be."""
        self._side = side
        async for page in pages:
            self._kept = page
            links = await self._world.store.links(self._plan.id, side, list(page))
            persons = [Person((link.left_id, link.right_id), []) for link in links.values()]
            if persons and (steps := await self._undo(Scope(), persons)):
                yield steps

    async def _decide(self, scope: Scope, person: Person) -> list[Step]:  # noqa: ARG002 - a snapshot is the scope
        side, kept = self._side, self._kept[person.id(self._side)]
        if side not in person.shown or side.other not in person.shown or person.link is None:
            return [Step(person.ids, side, None, why="it cannot be read now")]
        present = person.shown[side]
        if present is None:
            return self._gone(person, kept)
        wanted = {
            name: kept[name]
            for name in self._writable(side)
            if name in kept and name in present.values and present.values[name] != kept[name]
        }
        schema, tag = self._plan.endpoint(side).schema, self._plan.governance.consent_tag
        patch, loosened = only_tightened(schema, wanted, present.values, tag)
        steps = []
        if patch:
            before = {name: present.values.get(name) for name in patch}
            steps.append(Step(person.ids, side, WriteKind.UPDATE, before, patch, "as in the snapshot"))
        if loosened:
            steps.append(Step(person.ids, side, None, why="nobody is opted in again by a snapshot"))
        return steps

    def _writable(self, side: Side) -> Sequence[str]:
        plan, schema = self._plan, self._plan.endpoint(side).schema
        names = dict.fromkeys((*plan.mapping.used_fields(side), *plan.governance.watched.get(side, ())))
        return [name for name in names if (known := schema.fields.get(name)) is not None and known.writable]

    def _gone(self, person: Person, kept: Values) -> list[Step]:
        side = self._side
        if not self._missing:
            return [Step(person.ids, side, None, why="it is gone; --missing makes it anew")]
        values = dict(kept)
        if self._opted_out(person):
            values |= {each.name: True for each in self._plan.endpoint(side).schema.meaning("opted_out")}
        patch = {name: values[name] for name in self._writable(side) if values.get(name) is not None}
        return [Step(person.ids, side, WriteKind.CREATE, {}, patch, "made anew, under another id")]
