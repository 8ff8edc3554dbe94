"""What the mirror tells about a connection before it runs: rules that match nobody, and who lacks a required field."""

from collections import Counter
from typing import Final

from zohosyncd.core.create import Impossible
from zohosyncd.core.newborn import newborn
from zohosyncd.core.rules.remarks import Remark
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.ports.store import MirrorRow
from zohosyncd.supervisor.govern import shown

SECONDS: Final = 3.0
"""How long a survey may look; what it has seen until then is told as that."""

_PAGE: Final = 200


async def survey(world: World, plan: Plan, *, seconds: float = SECONDS) -> list[str]:
    """Sentences about what would become of the records that the mirror has; nothing where it is not complete.

    Args:
        world: store and clock. plan: the connection's. seconds: for all of it.
    """
    until = world.clock.monotonic() + seconds
    notes = []
    for side in SIDES:
        if plan.endpoint(side).complete:
            notes += await _matching_nobody(world, plan, side, until)
    if all(plan.endpoint(side).complete for side in SIDES):
        for side in SIDES:
            notes += await _lacking(world, plan, side, until)
    return notes


async def _matching_nobody(world: World, plan: Plan, side: Side, until: float) -> list[str]:
    """Each rule of a side that no record matches; it ends as soon as every rule has matched somebody."""
    rules, end = plan.governance.rules.of(side), plan.endpoint(side)
    idle = set(range(len(rules)))
    looked, after, more = 0, 0, True
    while idle and more and (looked == 0 or world.clock.monotonic() < until):
        rows = await world.store.changes(end.object_id, after, _PAGE)
        more = len(rows) == _PAGE
        after = rows[-1].seq if rows else after
        for row in filter(_is_there, rows):
            looked += 1
            subject = plan.governance.subject(side, row.record())
            # What was not read is neither: such a rule is not said to match nobody.
            idle -= {at for at in idle if rules[at].condition.truth(subject) is not Truth.NO}
    if not looked:
        return []
    far = f"as far as check has looked (the first {looked})" if more else f"(of {looked})"
    return [shown(Remark(rules[at].path, f"it matches no record of {end.account} {far}")) for at in sorted(idle)]


async def _lacking(world: World, plan: Plan, side: Side, until: float) -> list[str]:
    """How many records would be created on the other side, and cannot, for each field that is required there."""
    here, there = plan.endpoint(side), plan.endpoint(side.other)
    if not plan.policy.direction.writes(side.other) or not there.schema.required:
        return []
    lacks: Counter[str] = Counter()
    first, after, more = True, 0, True
    while more and (first or world.clock.monotonic() < until):
        rows = await world.store.unlinked(plan.id, side, here.object_id, after, _PAGE)
        first, more = False, len(rows) == _PAGE
        after = rows[-1].seq if rows else after
        for row in filter(_is_there, rows):
            made = newborn(plan.mapping, plan.policy, plan.governance, side, there.schema, row.record())
            if isinstance(made, Impossible):
                lacks[made.field] += 1
    return [
        f"{there.account} requires {name}; records of {here.account} that would be created there and lack it: "
        f"{'at least ' if more else ''}{count}"
        for name, count in sorted(lacks.items())
    ]


def _is_there(row: MirrorRow) -> bool:
    return not row.gone and UNREADABLE not in row.values
