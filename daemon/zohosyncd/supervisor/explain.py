"""``explain``: everything that is known of one person in one connection, and how it came to be so."""

from typing import Any

from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.errors import UsageError
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.lens import View
from zohosyncd.core.link import Link
from zohosyncd.core.record import Item, Owner, Postal
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.ports.store import JournalEntry, MirrorRow


async def explain(world: World, plan: Plan, query: str) -> dict[str, Any]:
    """Find the records that an e-mail or a record id names; tell links, differences, holds and history.

    Raises:
        UsageError: the query names nothing here.
    """
    found: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for side in SIDES:
        ids = await _find(world, plan, side, query)
        links = await world.store.links(plan.id, side, ids)
        for record_id in ids:
            link = links.get(record_id)
            pair = (link.left_id, link.right_id) if link else _alone(side, record_id)
            if pair not in seen:
                seen.add(pair)
                found.append(await _person(world, plan, pair, link))
    if not found:
        raise UsageError(
            "nobody is known by that e-mail or record id in this connection",
            hint="ids are the app's own: see `zohosyncd held` or the app; e-mails are found once they have been read",
        )
    return {"connection": plan.name, "persons": found}


async def _find(world: World, plan: Plan, side: Side, query: str) -> list[str]:
    object_id = plan.endpoint(side).object_id
    rows = await world.store.rows(object_id, [query])
    found = list(rows)
    if valid_email(query):
        keys = [MatchKey(kind, canonical_email(query)) for kind in plan.levels if kind.startswith("email/")]
        holders = await world.store.holders(object_id, world.store.digests(keys))
        found += [record for records in holders.values() for record in records if record not in found]
    return found


def _alone(side: Side, record_id: str) -> tuple[str, str]:
    return (record_id, "") if side is Side.LEFT else ("", record_id)


async def _person(world: World, plan: Plan, pair: tuple[str, str], link: Link | None) -> dict[str, Any]:
    rows: dict[Side, MirrorRow | None] = {}
    for side, record_id in zip(SIDES, pair, strict=True):
        known = await world.store.rows(plan.endpoint(side).object_id, [record_id]) if record_id else {}
        rows[side] = known.get(record_id)
    waits = [hold for hold in await world.store.held(plan.id) if hold.record_id in pair]
    refused = [each for each in await world.store.quarantined(plan.id) if each.record_id in pair]
    journal = await world.store.journal(plan.id, left_id=pair[0], right_id=pair[1])
    return {
        "link": link.status.value if link else "none",
        "records": {side.value: _record(pair[index], rows[side]) for index, side in enumerate(SIDES)},
        "fields": _fields(plan, link, rows),
        "held": [{"reason": hold.reason.value, "field": hold.field, "side": hold.side.value} for hold in waits],
        "quarantined": [{"code": each.code, "field": each.field, "message": each.message} for each in refused],
        "history": [entry_told(entry) for entry in journal],
    }


def _record(record_id: str, row: MirrorRow | None) -> dict[str, Any]:
    if row is None:
        return {"id": record_id, "state": "unknown" if record_id else "none"}
    return {"id": record_id, "state": "gone" if row.gone else "exists", "version": row.version}


def _fields(plan: Plan, link: Link | None, rows: dict[Side, MirrorRow | None]) -> list[dict[str, Any]]:
    """Each pair: what either side shows, and whether that is what was agreed."""
    told = []
    for pair in plan.mapping.pairs:
        line: dict[str, Any] = {"pair": pair.name}
        for side in SIDES:
            row, lens = rows[side], pair.lens(side)
            readable = row is not None and all(name in row.values for name in lens.fields)
            line[side.value] = plain(lens.get(row.values)) if row is not None and readable else None
            if link is not None and row is not None and readable:
                base = link.base(side)
                known = all(name in base.values for name in lens.fields)
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
