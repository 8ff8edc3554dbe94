"""What waits for a person, and what is refused, as one who decides wants to see it: with who it is and the values.

It holds contact values, and goes to whoever asked for it.
"""

from collections.abc import Sequence
from typing import Any

from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.ports.store import Hold, Quarantined, Store
from zohosyncd.supervisor.cures import CURES
from zohosyncd.supervisor.explain import plain
from zohosyncd.supervisor.rehearse import who


async def held(store: Store, plan: Plan) -> list[dict[str, Any]]:
    """Everything that waits for a person's decision, oldest first."""
    holds = await store.held(plan.id)
    names = await _names(store, plan, [(each.side, each.record_id) for each in holds])
    return [_hold(plan, each, names.get((each.side, each.record_id), "")) for each in holds]


async def quarantined(store: Store, plan: Plan) -> list[dict[str, Any]]:
    """Everything that an app refuses or that cannot be read, oldest first."""
    refused = await store.quarantined(plan.id)
    names = await _names(store, plan, [(each.side, each.record_id) for each in refused])
    return [_refused(plan, each, names.get((each.side, each.record_id), "")) for each in refused]


async def _names(store: Store, plan: Plan, records: Sequence[tuple[Side, str]]) -> dict[tuple[Side, str], str]:
    found: dict[tuple[Side, str], str] = {}
    for side in SIDES:
        ids = {record_id for at, record_id in records if at is side}
        end = plan.endpoint(side)
        rows = await store.rows(end.object_id, ids) if ids else {}
        found |= {(side, record_id): who(end.schema, row.values) for record_id, row in rows.items()}
    return found


def _hold(plan: Plan, hold: Hold, name: str) -> dict[str, Any]:
    return {
        "connection": plan.name, "side": hold.side.value, "record_id": hold.record_id, "who": name,
        "reason": hold.reason.value, "field": hold.field, "values": _values(plan, hold),
        "others": [{"side": side.value, "record_id": other} for side, other in hold.others],
        "since": hold.since, "decision": hold.decision.value if hold.decision else "", "cure": CURES[hold.reason],
    }  # fmt: skip


def _values(plan: Plan, hold: Hold) -> dict[str, Any]:
    """By side, what stands there in the pair of fields that is held; {} where it is not about a field."""
    pair = next((each for each in plan.mapping.pairs if each.name == hold.field), None)
    if pair is None:
        return {}
    seen = {side: hold.seen(side) for side in SIDES}
    if not all(name in seen[side] for side in SIDES for name in pair.fields(side)):
        return {}
    return {side.value: plain(pair.lens(side).get(seen[side])) for side in SIDES}


def _refused(plan: Plan, refused: Quarantined, name: str) -> dict[str, Any]:
    return {
        "connection": plan.name, "side": refused.side.value, "record_id": refused.record_id, "who": name,
        "code": refused.code, "field": refused.field, "message": refused.message, "since": refused.since,
    }  # fmt: skip
