"""What the outcome of one write means: which bases move, what the mirror shows from now on, what history says."""

from collections.abc import Mapping, Set
from dataclasses import replace

from zohosyncd.core.consent import consent_refused, said_now
from zohosyncd.core.link import UNKNOWN_VERSION, Link, LinkStatus
from zohosyncd.core.newborn import NEW_STATE
from zohosyncd.core.record import Record, Value
from zohosyncd.core.rules.applied import Applied, still_applied
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.settle import arrived, cut_short
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.work import Next
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteResult,
)
from zohosyncd.ports.store import Intent, IntentState, JournalEntry, Quarantined, Settlement

_KINDS = {WriteKind.CREATE: "created", WriteKind.UPDATE: "updated", WriteKind.DELETE: "deleted"}
_GUARDED = {"blank": "blanked", "opt_out": "opted_out", "undo": "undone", "restore": "restored"}
"""Kinds that the guard counts beside creates and deletes; a tag instead of a deletion is an update all the same."""
SETS_BACK = frozenset({"undo", "restore"})


def settlement_of(
    plan: Plan, delivery: Delivery, result: WriteResult, *, answered: int, now: float, adopted: bool = False
) -> tuple[Settlement, Next]:
    """What to store for a result, and what comes next.

    Args:
        plan: the connection. delivery: the intent with its work. result: what the connector said.
        answered: ordinal of the answer. now: wall seconds. adopted: the record was found by a probe.
    """
    intent = delivery.intent
    drop = Settlement(intent.id, plan.id, answered=answered)
    match result:
        case Done(left=left):
            settled = _done(plan, delivery, result, answered=answered, now=now, adopted=adopted)
            return settled, Next.AGAIN if left else Next.SETTLED
        case Conflict(gone=True) if intent.kind is WriteKind.DELETE:
            return _done(plan, delivery, Done(intent.target_id), answered=answered, now=now), Next.SETTLED
        case Conflict() | Duplicate():
            return drop, Next.AGAIN
        case Pending() | NotSent() if delivery.again:  # nothing has been found out about the first request
            return replace(drop, state=IntentState.UNKNOWN), Next.UNKNOWN
        case Pending() | NotSent():
            return drop, Next.LATER
        case Refused(compliance=True) if delivery.work.link is not None:
            # Only the person can opt in there: the link remembers, and the rest is decided anew without it.
            link = delivery.work.link
            link = replace(link, consent=consent_refused(link.consent, intent.side))
            delivery.work.link = link
            return replace(drop, link=link), Next.AGAIN
        case Refused():
            return replace(drop, quarantined=(_quarantined(intent, result, now),)), Next.SETTLED
        case Unknown(reason):
            entry = _entry(plan, intent, "unknown", now, reason=reason)
            return replace(drop, state=IntentState.UNKNOWN, journal=(entry,)), Next.UNKNOWN


def link_ids(intent: Intent, target_id: str) -> tuple[str, str]:
    """Left and right id of the pair that an intent is about."""
    return (target_id, intent.source_id) if intent.side is Side.LEFT else (intent.source_id, target_id)


def _done(
    plan: Plan, delivery: Delivery, result: Done, *, answered: int, now: float, adopted: bool = False
) -> Settlement:
    intent = _carried_out(plan, delivery.intent, {*result.left, *(each.field for each in result.refused)})
    endpoint = plan.endpoint(intent.side)
    if intent.kind is WriteKind.DELETE:
        reason = delivery.permitted or ""
        link = delivery.work.link
        if link is not None and link.standing is Standing.LEAVING:
            return _left(plan, delivery, link, answered=answered, now=now)
        buried = None if link is None else replace(link, status=LinkStatus.TOMBSTONE)
        delivery.work.link = buried
        return Settlement(
            intent.id, plan.id, link=buried, object_id=endpoint.object_id, record=Record(intent.target_id, {}),
            gone=True, answered=answered,
            journal=(_entry(plan, intent, _GUARDED.get(intent.guarded, "deleted"), now, reason=reason),),
        )  # fmt: skip
    left_id, right_id = link_ids(intent, result.id)
    link = delivery.work.link or Link(0, left_id, right_id)
    status = link.status
    link = replace(link, left_id=left_id, right_id=right_id, version=_version(plan, delivery, link, result))
    link = arrived(
        link,
        intent.side,
        patch=intent.patch,
        source=intent.source,
        agreed=intent.agreed,
        version=result.version,
        stored=result.stored,
        exact_versions=endpoint.connector.capabilities.exact_versions,
    )
    link = _remembering(plan, intent, link)
    if intent.guarded in SETS_BACK and not (intent.kind is WriteKind.CREATE and intent.source):
        link = replace(link, status=status)  # where its partner is gone, what was brought back stands alone
    delivery.work.link = link
    record = result.stored or _written(delivery, intent, result)
    shown = result.stored is not None
    kind = "adopted" if adopted else _GUARDED.get(intent.guarded, _KINDS[intent.kind])
    return Settlement(
        intent.id, plan.id, link=link, object_id=endpoint.object_id, record=record, keys=endpoint.feed.keys(record),
        shown=shown, reread=not shown and endpoint.connector.capabilities.feed == "token", answered=answered,
        replaces=intent.replaces,
        examined=[(intent.side.other, intent.source_id)] if intent.kind is WriteKind.CREATE else [],
        quarantined=(*delivery.work.refused, *(_quarantined(intent, each, now) for each in result.refused)),
        journal=(
            _entry(plan, intent, kind, now, target_id=result.id, reason=delivery.permitted or ""),
            *_truncated(plan, intent, now, result.id),
        ),
    )  # fmt: skip


def _left(plan: Plan, delivery: Delivery, link: Link, *, answered: int, now: float) -> Settlement:
    """The pair had left the rules, and its record was deleted: it is no pair any more, and may become one again."""
    intent, delivery.work.link = delivery.intent, None
    return Settlement(
        intent.id, plan.id, object_id=plan.endpoint(intent.side).object_id, record=Record(intent.target_id, {}),
        gone=True, unlink=link.id, answered=answered,
        journal=(_entry(plan, intent, "deleted", now, reason=delivery.permitted or ""),),
    )  # fmt: skip


def _remembering(plan: Plan, intent: Intent, link: Link) -> Link:
    """The link with what a write has brought beside mapped values: effects of rules to be undone, and consent."""
    if intent.kind is WriteKind.CREATE:
        others = {side: applied for side, applied in link.applied.items() if side is not intent.side}
        effects = {what: value for what, value in intent.given.items() if what != NEW_STATE}
        given = {intent.side: Applied(dict.fromkeys(effects), effects)} if effects else {}
        new = {intent.side} if NEW_STATE in intent.given else set()
        consent = replace(link.consent, new=(link.consent.new - {intent.side}) | new)
        link = replace(link, applied={**others, **given}, consent=consent)
    elif intent.side in link.applied:
        left = still_applied(link.applied[intent.side], plan.governance.schemas[intent.side], intent.patch)
        link = replace(link, applied={**link.applied, intent.side: left})
    state = plan.governance.consent_in(intent.side, intent.patch)
    return link if state is None else replace(link, consent=said_now(link.consent, intent.side, state))


def _carried_out(plan: Plan, intent: Intent, left: Set[str]) -> Intent:
    """The intent without the fields that were not carried out: nothing is known of them but what was known before.

    The bases of their partners do not move, either: what they say has still to arrive.
    """
    if not left:
        return intent
    side = intent.side
    waiting = {
        name
        for pair in plan.mapping.pairs
        if not left.isdisjoint(pair.fields(side))
        for name in pair.fields(side.other)
    }
    patch = {name: value for name, value in intent.patch.items() if name not in left}
    agreed = {name: value for name, value in intent.agreed.items() if name not in left}
    source = {name: value for name, value in intent.source.items() if name not in waiting}
    return replace(intent, patch=patch, agreed=agreed, source=source)


def _quarantined(intent: Intent, refused: Refused, now: float) -> Quarantined:
    """What the app says against a value, told of the record that it comes from."""
    return Quarantined(intent.side.other, intent.source_id, refused.code, refused.field, refused.message, now)


def _version(plan: Plan, delivery: Delivery, link: Link, result: Done) -> str:
    """A new link means what its create was decided under, which is not known of one that was sent before a start.

    One without a version is settled by the last write of its decision, if all have arrived.
    """
    work = delivery.work
    if delivery.intent.kind is not WriteKind.CREATE:
        last = work.open == {delivery.intent.id} and work.next is Next.SETTLED and not (work.more or work.recalled)
        return plan.version if last and not link.version and not result.left else link.version
    if delivery.work.recalled:
        return UNKNOWN_VERSION
    # What it was created with may be what rules of its own side look at: it is not settled before they were asked.
    return "" if plan.governance.rules.of(delivery.intent.side) else plan.version


def _written(delivery: Delivery, intent: Intent, result: Done) -> Record:
    """The record as we believe it is after the write, where the app does not show it."""
    known: Mapping[str, Value] = delivery.known.values if delivery.known else {}
    return Record(result.id, {**known, **intent.patch}, result.version, result.modified)


def _truncated(plan: Plan, intent: Intent, now: float, target_id: str) -> list[JournalEntry]:
    """What did not fit is kept in history: ``after`` is what the side can hold, ``other`` what it was meant to."""
    entries = []
    for pair in cut_short(plan.mapping, intent.side, source=intent.source, agreed=intent.agreed):
        fields, sources = pair.lens(intent.side).fields, pair.lens(intent.side.other).fields
        entry = _entry(plan, intent, "truncated", now, target_id=target_id, reason=f"{pair.name} does not fit")
        entries.append(
            replace(
                entry, fields=fields, before={}, after={name: intent.agreed[name] for name in fields},
                other={name: intent.source[name] for name in sources},
            )
        )  # fmt: skip
    return entries


def _entry(plan: Plan, intent: Intent, kind: str, now: float, *, target_id: str = "", reason: str = "") -> JournalEntry:
    left_id, right_id = link_ids(intent, target_id or intent.target_id)
    return JournalEntry(
        kind, plan.id, intent.run, intent.side, left_id, right_id, fields=tuple(sorted(intent.patch)),
        before=intent.before, after=intent.patch, reason=reason, at=now,
    )  # fmt: skip
