"""Sides that nothing filters: everybody who has no partner is created across. ``check`` says how many that are."""

from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.run import Runner
from zohosyncd.ports.store import ContactState, Stage, Store
from zohosyncd.supervisor.listings import floors


async def unfiltered(store: Store, plan: Plan, runner: Runner) -> list[str]:
    """A note for each side whose records would be created on the other one, as long as there are any.

    Args:
        store, plan, runner: of the connection.
    """
    sides = [side for side in SIDES if _is_unfiltered(plan, side)]
    if not sides:
        return []
    known = all(plan.endpoint(side).complete for side in SIDES)
    settled = {side: floor for side, floor in floors(runner).items() if floor is not None}
    counts = await store.contact_counts(plan.id, settled or None) if known else {}
    notes = []
    for side in sides:
        here, there = plan.endpoint(side).account, plan.endpoint(side.other).account
        waiting = counts.get(side, {}).get(ContactState.PENDING, 0)
        if not known and runner.stage is not Stage.LIVE:
            notes.append(
                f"nothing filters {here}: whoever has no partner will be created in {there}; "
                f"`zohosyncd plan {plan.name}` tells how many"
            )
        elif waiting:
            notes.append(
                f"nothing filters {here}: {waiting} of its records have no partner yet, and {there} may get them"
            )
    return notes


def _is_unfiltered(plan: Plan, side: Side) -> bool:
    rules = plan.governance.rules
    if not plan.policy.direction.writes(side.other):
        return False
    return not rules.rules or any(not rule.condition.parts for rule in rules.of(side))
