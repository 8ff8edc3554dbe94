"""``plan``: the same reading, matching and deciding as a run, with nothing written to an app or committed."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from zohosyncd.core.create import Impossible, create
from zohosyncd.core.errors import SyncError
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.match import NoPartner, Partner
from zohosyncd.core.reconcile import Delete, Gone, Merged, NotSeen, Recreate, Sight, reconcile
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.feed import UNREADABLE
from zohosyncd.pipeline.matching import find_matches
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.run import Runner
from zohosyncd.ports.store import MirrorRow, Stage

_BATCH = 500


async def rehearse(world: World, plan: Plan, runner: Runner) -> dict[str, Any]:
    """Read both sides into the mirror, then decide about everything that a run would look at, and count."""
    trouble = ""
    for side in SIDES:
        try:
            await plan.endpoint(side).feed.refresh()
        except SyncError as error:
            trouble = error.message
    rehearsal = _Rehearsal(world, plan)
    first = runner.stage is not Stage.LIVE
    for side in SIDES:
        async for rows in _rows(world, plan, side, 0 if first else runner.floor(side)):
            await rehearsal.look(side, rows)
    counts = await world.store.counts(plan.id)
    return {
        "connection": plan.name,
        "stage": runner.stage.value,
        **rehearsal.counts(),
        "waiting": counts.intents.get("waiting", 0),
        "links": counts.links,
        "trouble": trouble,
    }


async def _rows(world: World, plan: Plan, side: Side, after: int) -> AsyncIterator[list[MirrorRow]]:
    object_id = plan.endpoint(side).object_id
    while rows := await world.store.changes(object_id, after, _BATCH):
        after = rows[-1].seq
        yield rows


class _Rehearsal:
    """Counts what would be done."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._link = 0
        self._clashes = 0
        self._by_side: dict[str, Counter[Side]] = {name: Counter() for name in ("create", "update", "delete")}
        self._hold: Counter[str] = Counter()
        self._quarantine: Counter[str] = Counter()

    def counts(self) -> dict[str, Any]:
        sides = {name: {side.value: counter[side] for side in SIDES} for name, counter in self._by_side.items()}
        return {
            "link": self._link,
            **sides,
            "clashes": self._clashes,
            "hold": dict(self._hold),
            "quarantine": dict(self._quarantine),
        }

    async def look(self, side: Side, rows: list[MirrorRow]) -> None:
        links = await self._world.store.links(self._plan.id, side, [row.record_id for row in rows])
        unlinked = [row for row in rows if row.record_id not in links and not row.gone]
        unreadable = [row for row in unlinked if UNREADABLE in row.values]
        self._quarantine["unreadable"] += len(unreadable)
        readable = [row for row in unlinked if UNREADABLE not in row.values]
        pairs: list[Link] = []
        if readable:
            ids = [row.record_id for row in readable]
            persons = await self._world.persons.of(self._plan.id, self._plan.endpoint(side).object_id, ids)
            found, _keys = await find_matches(self._world.store, self._plan, side, ids, persons)
            for row in readable:
                match = found[row.record_id]
                if isinstance(match, Partner):
                    if side is Side.LEFT:  # seen again from the right
                        self._link += 1
                        pairs.append(Link(0, row.record_id, match.record_id))
                elif isinstance(match, NoPartner):
                    self._create(side, row, keyless=match.keyless)
                else:
                    self._hold["ambiguous"] += 1
        live = [links[row.record_id] for row in rows if row.record_id in links]
        pairs += [link for link in live if link.status is LinkStatus.LIVE]
        await self._reconcile(side, pairs)

    def _create(self, side: Side, row: MirrorRow, *, keyless: bool) -> None:
        plan, target = self._plan, side.other
        if not plan.policy.direction.writes(target):
            return
        if keyless and not plan.create_without_email:
            self._hold["no_key"] += 1
        elif isinstance(create(plan.mapping, target, plan.endpoint(target).schema, row.record()), Impossible):
            self._quarantine["required"] += 1
        else:
            self._by_side["create"][target] += 1

    async def _reconcile(self, side: Side, pairs: list[Link]) -> None:
        store, plan = self._world.store, self._plan
        rows = {
            each: await store.rows(plan.endpoint(each).object_id, [link.record_id(each) for link in pairs])
            for each in SIDES
        }
        for link in pairs:
            sights = {each: _sight(rows[each].get(link.record_id(each))) for each in SIDES}
            changed = plan.changed_since(link)
            outcome = reconcile(plan.mapping, plan.policy, link, sights[Side.LEFT], sights[Side.RIGHT], changed)
            if isinstance(outcome, Merged):
                for target in outcome.writes:
                    # A link with news on both sides is looked at from both: count each target once.
                    if link.id == 0 or target is side.other:
                        self._by_side["update"][target] += 1
                self._clashes += len(outcome.clashes) if side is Side.LEFT else 0
            elif isinstance(outcome, Delete):
                self._by_side["delete"][outcome.side] += 1
            elif isinstance(outcome, Recreate):
                self._by_side["create"][outcome.side] += 1


def _sight(row: MirrorRow | None) -> Sight:
    if row is None or UNREADABLE in row.values:
        return NotSeen.NOT_SEEN
    return Gone.GONE if row.gone else row.record()
