"""What happens next to one person: who could be its partner, what is under way, what a look now would decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zohosyncd.core.decide import crosses, decide
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.outcome import Delete, Merged, Outcome, Recreate, Tagging
from zohosyncd.core.reconcile import Gone, NotSeen, Sight
from zohosyncd.core.rules.scope import Crossing
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.contacts import contact_of
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.ports.store import ContactState, Hold, Intent, IntentState, MirrorRow, Quarantined
from zohosyncd.supervisor.cures import CURES

Floors = Mapping[Side, int | None]
Rows = Mapping[Side, MirrorRow | None]

_WAITS = {
    IntentState.PLANNED: "is about to be sent",
    IntentState.WAITING: "waits for an approval: `zohosyncd approve`",
    IntentState.APPROVED: "is approved, and sent in the next run",
    IntentState.SENT: "is on its way",
    IntentState.UNKNOWN: "had no answer; it is being found out what became of it",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """``decided``: by pair of fields, what a look now would decide. The rest is JSON."""

    decided: Mapping[str, str]
    candidates: list[dict[str, Any]]
    writes: list[dict[str, Any]]
    next_action: str


async def look_ahead(
    world: World, plan: Plan, pair: tuple[str, str], link: Link | None, rows: Rows, holds: Sequence[Hold],
    refused: Sequence[Quarantined], floors: Floors,
) -> Outlook:  # fmt: skip
    """Everything that is not in the records themselves.

    Args:
        pair: left and right id, "" for none. link: of the two. rows: what the mirror shows of them.
        holds, refused: what waits about them. floors: the seqs up to which the sides are settled.
    """
    outcome = _outcome(plan, link, rows)
    intents = [each for each in await world.store.open_intents(plan.id) if _is_about(each, pair)]
    now = world.clock.now()
    writes = [
        {
            "side": each.side.value, "kind": each.kind.value, "state": each.state.value,
            "seconds": round(now - (each.sent_at or each.created_at), 1), "fields": sorted(each.patch),
        }
        for each in intents
    ]  # fmt: skip
    candidates = await _candidates(world, plan, pair, rows) if link is None else []
    action = await _next_action(world, plan, pair, link, rows, holds, refused, intents, outcome, floors)
    return Outlook(_decided(plan, outcome), candidates, writes, action)


def _outcome(plan: Plan, link: Link | None, rows: Rows) -> Outcome | None:
    if link is None:
        return None
    left, right = _sight(rows[Side.LEFT]), _sight(rows[Side.RIGHT])
    return decide(plan.mapping, plan.policy, plan.governance, link, left, right, plan.changed_since(link))


def _sight(row: MirrorRow | None) -> Sight:
    if row is None or UNREADABLE in row.values:
        return NotSeen.NOT_SEEN
    return Gone.GONE if row.gone else row.record()


def _decided(plan: Plan, outcome: Outcome | None) -> dict[str, str]:
    if not isinstance(outcome, Merged):
        return {}
    found: dict[str, str] = {}
    for pair in plan.mapping.pairs:
        for side, write in outcome.writes.items():
            if not write.patch.keys().isdisjoint(pair.fields(side)):
                found[pair.name] = f"write {side.value}"
    found |= {each.pair: f"cannot be stored {each.side.value}: {each.reason}" for each in outcome.unfit}
    return found | {each.pair: "a person decides" for each in outcome.clashes if each.held}


async def _candidates(world: World, plan: Plan, pair: tuple[str, str], rows: Rows) -> list[dict[str, Any]]:
    """Records of the other side that share a key with an unlinked one, and others of its own side: by kinds of keys."""
    found: dict[tuple[Side, str], set[str]] = {}
    for side, record_id in zip(SIDES, pair, strict=True):
        if not record_id or rows[side] is None:
            continue
        keys = (await world.store.keys_of(plan.endpoint(side).object_id, [record_id])).get(record_id, ())
        mine = [key for key in keys if key.kind in plan.levels]
        for at in SIDES:
            holders = await world.store.holders(plan.endpoint(at).object_id, mine)
            for key, ids in holders.items():
                for each in ids:
                    if (at, each) != (side, record_id):
                        found.setdefault((at, each), set()).add(key.kind.partition("/")[0])
    told = []
    for (side, record_id), kinds in sorted(found.items()):
        link = (await world.store.links(plan.id, side, [record_id])).get(record_id)
        partner = link.record_id(side.other) if link is not None and link.status is LinkStatus.LIVE else ""
        told.append({"side": side.value, "record_id": record_id, "shares": sorted(kinds), "linked_to": partner})
    return told


async def _next_action(
    world: World, plan: Plan, pair: tuple[str, str], link: Link | None, rows: Rows, holds: Sequence[Hold],
    refused: Sequence[Quarantined], intents: Sequence[Intent], outcome: Outcome | None, floors: Floors,
) -> str:  # fmt: skip
    """What comes next, in one sentence."""
    if intents:
        return f"a {intents[0].kind.value} on the {intents[0].side.value} side {_WAITS[intents[0].state]}"
    side, record_id = next((side, each) for side, each in zip(SIDES, pair, strict=True) if each)
    contact = await contact_of(world, plan, side, floors[side], record_id)
    decided = next((hold for hold in holds if hold.decision is not None), None)
    if contact is not None and contact.state is ContactState.EXCLUDED:
        return f"nothing: {_EXCLUDED.get(contact.reason, contact.reason)}"
    if decided is not None and decided.decision is not None:
        return f"your decision ({decided.decision.value.replace('_', ' ')}) is carried out in the next run"
    if holds:
        return f"nothing before a person decides: {CURES[holds[0].reason]}"
    if isinstance(outcome, Merged) and outcome.writes:
        return f"the next run writes {' and '.join(sorted(outcome.writes))}"
    if isinstance(outcome, Delete | Recreate | Tagging):
        what = {Delete: "deletes", Recreate: "makes anew", Tagging: "tags"}[type(outcome)]
        return f"the next run {what} the {outcome.side.value} record"
    if refused:
        return "nothing before the record changes, or `zohosyncd quarantine retry`"
    row = rows[side]
    if link is None and row is not None and not row.gone:
        if crosses(plan.governance, plan.policy, side, row.record()) is Crossing.CREATE:
            return "the next run looks for its partner, or creates it"
        return "the next run looks for its partner"
    if contact is not None and contact.state is ContactState.FROZEN:
        return "nothing: no rule matches any more, so neither side's changes travel until one does again"
    return "nothing: both sides are as agreed" if contact and contact.state is ContactState.IN_SYNC else "nothing"


_EXCLUDED = {
    "left_alone": "a person wants it left alone (`zohosyncd held retry` ends that)",
    "parted": "a person has parted it from its partner (`zohosyncd link` or `split` ends that)",
    "no_key": "it has nothing to match by (add an e-mail address, or `zohosyncd held resolve`)",
    "direction": "nothing is created on the other side in this direction",
    "no_rule": "this side has no rule",
    "no_match": "it matches no rule",
    "unread": "a field that decides was not read",
    "accepted": "an app refuses it, and a person has accepted that",
}


def _is_about(intent: Intent, pair: tuple[str, str]) -> bool:
    """Whether an intent's source or target is one of the two."""
    at = dict(zip(SIDES, pair, strict=True))
    return intent.source_id == (at[intent.side.other] or None) or intent.target_id == (at[intent.side] or None)
