"""``plan``: a rehearsal told line by line, and its numbers.

A plan is a header, lines in the order in which they were decided, and numbers at the end. Each line says what it is:

``write``        a record would be created, updated or deleted: side, kind, ids, each field old and new, and why
``waiting``      the same, but the guard stops it until a person approves its batch
``link``         two records would become a pair
``clash``        both sides changed a field; which value wins, which one is lost
``held``         waits for a person's decision
``quarantined``  an app would refuse it, or it cannot be read

Lines hold contact values. They go to whoever asked for them and are neither logged nor kept.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

from zohosyncd.core.budget import price_of_reads, price_of_tags, price_of_writes
from zohosyncd.core.governance import Governance
from zohosyncd.core.plain import plain, plain_values
from zohosyncd.core.record import Values
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.rehearsal import PRETENDED, Rehearsal, rehearsed
from zohosyncd.pipeline.tally import by_side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Hold, Intent, IntentState, JournalEntry, Quarantined, Stage, Store
from zohosyncd.supervisor.cures import CURES

Line = dict[str, Any]
Tell = Callable[[Sequence[Line]], Awaitable[None]]
"""Takes some lines; whoever tells them waits until they are taken."""

FORMAT: Final = 1
_PAGE: Final = 200
_MOST: Final = 100_000
_WRITES: Final[Mapping[str, WriteKind]] = {
    "created": WriteKind.CREATE,
    "updated": WriteKind.UPDATE,
    "blanked": WriteKind.UPDATE,
    "opted_out": WriteKind.UPDATE,
    "deleted": WriteKind.DELETE,
}


async def nobody(_lines: Sequence[Line]) -> None:
    """Nobody wants the lines; the numbers are enough."""


async def rehearse(
    world: World, plan: Plan, stage: Stage, names: Collection[str], tell: Tell = nobody
) -> dict[str, Any]:
    """Rehearse a run, tell its lines, answer its numbers.

    Args:
        world, plan, stage, names: as in :func:`rehearsed`. tell: takes the header and the lines.

    Raises:
        RemoteError: an app cannot be read now. StateError: there is no room for a copy of the state.
    """
    at = world.clock.now()
    async with rehearsed(world, plan, stage, names) as rehearsal:
        if tell is not nobody:
            await tell([await _header(rehearsal, at)])
            async for page in _lines(world, rehearsal):
                await tell(page)
        links = (await world.store.counts(plan.id)).links
        numbers = await _numbers(rehearsal, links, at)
    if stage is not Stage.LIVE:
        await world.store.set_forecast(plan.id, json.dumps(numbers))
    return numbers


async def _header(rehearsal: Rehearsal, at: float) -> Line:
    plan = rehearsal.plan
    facts = await rehearsal.store.facts()
    return {
        "line": "plan", "format": FORMAT, "connection": plan.name, "at": round(at, 3),
        "instance": facts["instance_id"], "meaning": plan.version, "stage": rehearsal.stage.value,
        "left": plan.left.account, "right": plan.right.account,
    }  # fmt: skip


async def _lines(world: World, rehearsal: Rehearsal) -> AsyncIterator[list[Line]]:
    store, plan, after = rehearsal.store, rehearsal.plan, rehearsal.since
    first = rehearsal.stage is not Stage.LIVE
    if rehearsal.stage is Stage.APPROVAL:
        async for page in _matched(world, plan):
            yield await with_names(store, plan, page)
    while entries := await store.journal_after(plan.id, after, _PAGE):
        after = entries[-1].id
        told = [line for each in entries if (line := _of_entry(plan.governance, each, first=first)) is not None]
        if told:
            yield await with_names(store, plan, told)
    async for page in waiting(store, plan):
        yield page
    async for page in _in_pages([_hold(each) for each in await store.held(plan.id, _MOST)]):
        yield await with_names(store, plan, page)
    async for page in _in_pages([_refused(each) for each in await store.quarantined(plan.id, _MOST)]):
        yield await with_names(store, plan, page)


async def _matched(world: World, plan: Plan) -> AsyncIterator[list[Line]]:
    """The pairs that were found before the first sync began to wait."""
    after = 0
    while links := await world.store.links_after(plan.id, after, _PAGE):
        after = links[-1].id
        yield [{"line": "link", "left": each.left_id, "right": each.right_id} for each in links]


async def waiting(store: Store, plan: Plan, batch: str = "") -> AsyncIterator[list[Line]]:
    """What the guard has stopped, in pages: all of a connection, or one batch."""
    intents = await store.open_intents(plan.id, (IntentState.WAITING,))
    mine = [each for each in intents if not batch or each.batch == batch]
    async for page in _in_pages(mine):
        yield await with_names(store, plan, [_of_intent(each) for each in page])
    for side in SIDES:
        feed = plan.endpoint(side).feed
        if not batch or batch == feed.batch:
            async for ids in feed.lacking():
                yield await with_names(store, plan, [_lacking(side, each, feed.batch) for each in ids])


def _lacking(side: Side, record_id: str, batch: str) -> Line:
    return {"line": "lacking", "side": side.value, side.value: record_id, "batch": batch}


async def _in_pages(rows: list[Any]) -> AsyncIterator[list[Any]]:
    for start in range(0, len(rows), _PAGE):
        yield rows[start : start + _PAGE]


def _of_entry(governance: Governance, entry: JournalEntry, *, first: bool) -> Line | None:
    ids = {"left": _id(entry.left_id), "right": _id(entry.right_id)}
    if entry.kind in _WRITES and entry.side is not None:
        kind = _WRITES[entry.kind]
        why = entry.reason or _tagged(governance, entry) or _why(entry.kind, first=first)
        return {"line": "write", "side": entry.side.value, "kind": kind.value, **ids, "why": why,
                "fields": changes(kind, entry.before, entry.after)}  # fmt: skip
    if entry.kind == "linked":
        return {"line": "link", **ids}
    if entry.kind == "clash" and entry.side is not None:
        return {"line": "clash", **ids, "loses": entry.side.value, "why": entry.reason,
                "wins": plain_values(entry.after), "lost": plain_values(entry.other)}  # fmt: skip
    return None


def _tagged(governance: Governance, entry: JournalEntry) -> str:
    """Why a tag of our own is given, "" where none is."""
    given = set()
    for name, value in entry.after.items():
        before = entry.before.get(name)
        had = {each.value for each in before} if isinstance(before, tuple) else set()
        given |= {each.value for each in value} - had if isinstance(value, tuple) else set()
    reasons = {
        governance.deletion_tag: "deleted on the other side",
        governance.consent_tag: "opted out on the other side",
        governance.leave_tag: "no rule matches any more",
    }
    return ", ".join(why for tag, why in reasons.items() if tag and tag in given)


def _why(kind: str, *, first: bool) -> str:
    if kind == "created":
        return "nobody there yet"
    if kind == "deleted":
        return "deleted on the other side"
    if kind == "opted_out":
        return "opted out on the other side"
    return "first sync" if first else "changed on the other side"


def changes(kind: WriteKind, before: Values, after: Values) -> Line:
    """Each field old and new; a record that is deleted has no new values."""
    names = before if kind is WriteKind.DELETE else after
    return {name: {"old": plain(before.get(name)), "new": plain(after.get(name))} for name in sorted(names)}


def _of_intent(intent: Intent) -> Line:
    left, right = (intent.target_id, intent.source_id)[:: 1 if intent.side is Side.LEFT else -1]
    return {
        "line": "waiting", "side": intent.side.value, "kind": intent.kind.value, "left": _id(left), "right": _id(right),
        "guard": intent.guarded, "batch": intent.batch, "fields": changes(intent.kind, intent.before, intent.patch),
    }  # fmt: skip


def _hold(hold: Hold) -> Line:
    return {"line": "held", hold.side.value: hold.record_id, "reason": hold.reason.value, "field": hold.field,
            "others": [{"side": side.value, "record_id": _id(other)} for side, other in hold.others],
            "cure": CURES.get(hold.reason, "")}  # fmt: skip


def _refused(refused: Quarantined) -> Line:
    return {"line": "quarantined", refused.side.value: refused.record_id, "code": refused.code,
            "field": refused.field, "message": refused.message}  # fmt: skip


def _id(record_id: str) -> str:
    return "" if record_id.startswith(PRETENDED) else record_id


async def with_names(store: Store, plan: Plan, lines: list[Line]) -> list[Line]:
    """The lines with who each is about, as a person would say it."""
    rows = {}
    for side in SIDES:
        ids = {line[side.value] for line in lines if line.get(side.value)}
        rows[side] = await store.rows(plan.endpoint(side).object_id, ids) if ids else {}
    for line in lines:
        said = ""
        for side in SIDES:
            row = rows[side].get(line.get(side.value, ""))
            if row is not None and not said:
                said = who(plan.endpoint(side).schema, row.values)
        line["who"] = said
    return lines


def who(schema: Schema, values: Values) -> str:
    """A person's name and first e-mail address."""
    parts = ("full_name",) if schema.meaning("full_name") else ("given_name", "family_name")
    names = [
        value for part in parts for each in schema.meaning(part) if isinstance(value := values.get(each.name), str)
    ]
    address = ""
    for each in schema.meaning("emails"):
        value = values.get(each.name)
        found = value[0].value if isinstance(value, tuple) and value else value
        address = address or (found if isinstance(found, str) else "")
    name = " ".join(each for each in names if each)
    return f"{name} <{address}>" if name and address else name or address


async def _numbers(rehearsal: Rehearsal, links: int, at: float) -> dict[str, Any]:
    plan, tally = rehearsal.plan, rehearsal.plan.tally
    counts = await rehearsal.store.counts(plan.id)
    batches = await rehearsal.store.waiting(plan.id)
    guard: dict[str, int] = {}
    for each in batches:
        guard[each.guarded] = guard.get(each.guarded, 0) + each.count
    new = tally.links - sum(tally.created.values())
    matched = links if rehearsal.stage is Stage.APPROVAL else 0
    return {
        "connection": plan.name,
        "at": round(at, 3),
        "stage": rehearsal.stage.value,
        "links": links - matched,
        "link": new + matched,
        "create": by_side(tally.created),
        "update": by_side(tally.updated),
        "delete": by_side(tally.deleted),
        "clashes": tally.clashes,
        "hold": dict(counts.held),
        "quarantine": dict(counts.quarantined),
        "guard": guard,
        "waiting": sum(guard.values()),
        "complete": not rehearsal.report.left_over,
        "notes": list(plan.notes),
        "costs": {side.value: _costs(rehearsal, side) for side in SIDES},
    }


def _costs(rehearsal: Rehearsal, side: Side) -> Line:
    """Calls and credits on a side: what this plan has read, and the least that its writes (tags among them) cost."""
    plan, tally = rehearsal.plan, rehearsal.plan.tally
    capabilities = plan.endpoint(side).connector.capabilities
    batch, tariff = capabilities.per_request or capabilities.batch, capabilities.tariff
    read = price_of_reads(rehearsal.reads[side], tariff)
    writer = rehearsal.writers[side]
    tags = price_of_tags(writer.retagged.values(), tariff) + price_of_tags(writer.tagged.values(), tariff, batch)
    writes, updated = tags, tally.updated[side] - writer.only_tags
    for count, deletes in ((tally.created[side], False), (updated, False), (tally.deleted[side], True)):
        writes += price_of_writes(count, batch, tariff, deletes=deletes)
    return {
        "account": plan.endpoint(side).account,
        "read": {"calls": read.calls, "credits": read.credits},
        "write": {"calls": writes.calls, "credits": writes.credits},
        "tags": {"calls": tags.calls, "credits": tags.credits},
    }
