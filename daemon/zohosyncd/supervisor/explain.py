"""``explain``: everything that is known of one person in one connection, and how it came to be so."""

from collections.abc import Mapping
from typing import Any

from zohosyncd.core.errors import UsageError
from zohosyncd.core.lens import View
from zohosyncd.core.link import Link
from zohosyncd.core.record import Item, Owner, Postal
from zohosyncd.core.rules.conditions import Finding
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.ports.store import JournalEntry, MirrorRow
from zohosyncd.supervisor.cures import CURES
from zohosyncd.supervisor.govern import counted
from zohosyncd.supervisor.naming import records_named
from zohosyncd.supervisor.outlook import Floors, look_ahead


async def explain(world: World, plan: Plan, query: str, floors: Floors) -> dict[str, Any]:
    """Find the records that an e-mail or a record id names; tell links, rules, differences, holds and history.

    Args:
        floors: the seqs up to which the sides are settled, None during the first sync.

    Raises:
        UsageError: the query names nothing here.
    """
    found: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for side in SIDES:
        ids = await records_named(world, plan, side, query)
        links = await world.store.links(plan.id, side, ids)
        for record_id in ids:
            link = links.get(record_id)
            pair = (link.left_id, link.right_id) if link else _alone(side, record_id)
            if pair not in seen:
                seen.add(pair)
                found.append(await _person(world, plan, pair, link, floors))
    if not found:
        raise UsageError(
            "nobody is known by that e-mail or record id in this connection",
            hint="ids are the app's own: see `zohosyncd held` or the app; e-mails are found once they have been read",
        )
    return {"connection": plan.name, "persons": found}


def _alone(side: Side, record_id: str) -> tuple[str, str]:
    return (record_id, "") if side is Side.LEFT else ("", record_id)


async def _person(world: World, plan: Plan, pair: tuple[str, str], link: Link | None, floors: Floors) -> dict[str, Any]:
    rows: dict[Side, MirrorRow | None] = {}
    for side, record_id in zip(SIDES, pair, strict=True):
        known = await world.store.rows(plan.endpoint(side).object_id, [record_id]) if record_id else {}
        rows[side] = known.get(record_id)
    named = {side: [record_id] if record_id else [] for side, record_id in zip(SIDES, pair, strict=True)}
    held = [await world.store.held_of(plan.id, side, ids) for side, ids in named.items()]
    waits = [hold for found in held for holds in found.values() for hold in holds]
    quarantines = [await world.store.quarantined_of(plan.id, side, ids) for side, ids in named.items()]
    refused = [each for found in quarantines for many in found.values() for each in many]
    journal = await world.store.journal(plan.id, left_id=pair[0], right_id=pair[1])
    outlook = await look_ahead(world, plan, pair, link, rows, waits, refused, floors)
    return {
        "link": link.status.value if link else "none",
        "by_hand": link.by_hand if link else False,
        "standing": link.standing.value if link else "",
        "records": {side.value: _record(pair[index], rows[side]) for index, side in enumerate(SIDES)},
        "fields": _fields(plan, link, rows, outlook.decided),
        "rules": _rules(plan, rows),
        "candidates": outlook.candidates,
        "writes_under_way": outlook.writes,
        "held": [
            {
                "reason": hold.reason.value, "field": hold.field, "side": hold.side.value,
                "decision": hold.decision.value if hold.decision else "", "cure": CURES[hold.reason],
            }
            for hold in waits
        ],
        "quarantined": [{"code": each.code, "field": each.field, "message": each.message} for each in refused],
        "next_action": outlook.next_action,
        "history": [entry_told(entry) for entry in journal],
    }  # fmt: skip


def _rules(plan: Plan, rows: dict[Side, MirrorRow | None]) -> dict[str, list[dict[str, Any]]]:
    """By side, what each clause of its rules says about the record, with the value seen."""
    return {
        side.value: [
            _finding(each) for each in plan.governance.rules.explain(side, plan.governance.subject(side, row.record()))
        ]
        for side, row in rows.items()
        if row is not None and not row.gone and UNREADABLE not in row.values and plan.governance.rules.of(side)
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": counted(finding.path),
        "words": finding.words,
        "seen": str(finding.seen),
        "truth": finding.truth.value,
        "parts": [_finding(each) for each in finding.parts],
    }


def _record(record_id: str, row: MirrorRow | None) -> dict[str, Any]:
    if row is None:
        return {"id": record_id, "state": "unknown" if record_id else "none"}
    return {"id": record_id, "state": "gone" if row.gone else "exists", "version": row.version}


def _fields(
    plan: Plan, link: Link | None, rows: dict[Side, MirrorRow | None], decided: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each pair: what either side shows and what was agreed there, and what would be decided now."""
    told = []
    for pair in plan.mapping.pairs:
        line: dict[str, Any] = {"pair": pair.name, "decided": decided.get(pair.name, "")}
        for side in SIDES:
            row, lens = rows[side], pair.lens(side)
            readable = row is not None and all(name in row.values for name in lens.fields)
            line[side.value] = plain(lens.get(row.values)) if row is not None and readable else None
            if link is not None and row is not None and readable:
                base = link.base(side)
                known = all(name in base.values for name in lens.fields)
                line[f"{side.value}_base"] = plain(lens.get(base.values)) if known else None
                agreed = known and pair.canon(lens.get(base.values)) == pair.canon(lens.get(row.values))
                line[f"{side.value}_is"] = "agreed" if agreed else "changed" if known else "new"
                if any(name in base.sent for name in lens.fields):
                    line[f"{side.value}_is"] = "stored differently"
        told.append(line)
    return told


def entry_told(entry: JournalEntry) -> dict[str, Any]:
    """A line of history as JSON, with its values."""
    return {
        "id": entry.id,
        "at": entry.at,
        "kind": entry.kind,
        "side": entry.side.value if entry.side else "",
        "run": entry.run,
        "left": entry.left_id,
        "right": entry.right_id,
        "fields": list(entry.fields),
        "before": {name: plain(value) for name, value in entry.before.items()},
        "after": {name: plain(value) for name, value in entry.after.items()},
        "lost": {name: plain(value) for name, value in entry.other.items()},
        "reason": entry.reason,
    }


def plain(view: View) -> Any:
    """A value as JSON."""
    if isinstance(view, tuple):
        return [{"value": item.value, "label": item.label} if isinstance(item, Item) else item for item in view]
    if isinstance(view, Postal):
        return {
            "street": view.street,
            "city": view.city,
            "region": view.region,
            "code": view.code,
            "country": view.country,
        }
    if isinstance(view, Owner):
        return {"id": view.id, "name": view.name, "email": view.email}
    return view
