"""The two units of work that reconciling and delivering consist of, and the numbers of a connection."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from zohosyncd.ports.store import Counts, Decided, Decision, IntentState, Settlement
from zohosyncd.storage import holds, intents, journal, parted
from zohosyncd.storage.links import remove_links, store_links
from zohosyncd.storage.observe import Answer, store_answers, touch
from zohosyncd.storage.tables import LIVE, TOMBSTONE, held, intent, link, quarantine
from zohosyncd.storage.work import Work, among

_TARGETS = sa.select(intent.c.id, intent.c.object_id, intent.c.target_id).where(among(intent.c.id))
_REMOVE = sa.delete(intent).where(among(intent.c.id))
_KEEP = sa.update(intent).where(among(intent.c.id))
_STATES: Mapping[IntentState, Mapping[str, Any]] = {
    IntentState.PLANNED: {"state": IntentState.PLANNED.value, "sent_at": 0.0},
    IntentState.UNKNOWN: {"state": IntentState.UNKNOWN.value},
}


def decide(work: Work, decision: Decision) -> Decided:
    """Store what one batch of reconciling decided."""
    here = decision.connection_id
    if decision.drop_intents:
        intents.withdraw(work, decision.drop_intents)
    remove_links(work, here, decision.unlink)
    store_links(work, here, decision.links)
    lost = intents.store_intents(work, decision.intents)
    holds.examined(work, here, decision.examined)
    holds.store_holds(work, here, decision.holds)
    holds.store_quarantined(work, here, decision.quarantined)
    holds.choose(work, here, decision.choices)
    holds.accept(work, here, decision.accepted)
    parted.join(work, here, decision.joined)
    parted.part(work, here, decision.parted)
    touch(work, decision.touched)
    journal.append(work, decision.journal)
    return Decided(lost)


def settle(work: Work, settlements: Sequence[Settlement]) -> None:
    """Store the outcomes of one answer."""
    intent_ids = [each.intent_id for each in settlements]
    targets = {row[0]: (row[1], row[2]) for row in work.plain_by_ids(_TARGETS, intent_ids)}
    # An intent that is no longer there has had its outcome: a late second one must not move bases back.
    settlements = [each for each in settlements if each.intent_id in targets]
    _end(work, settlements)
    answers: dict[int, list[Answer]] = {}
    for each in settlements:
        target_object, target_id = targets[each.intent_id]
        object_id = each.object_id or target_object
        record_id = each.record.id if each.record else target_id
        if object_id and record_id and (each.record or each.gone or each.answered or each.reread):
            answers.setdefault(object_id, []).append(Answer(each, record_id))
    for object_id, of_object in answers.items():
        store_answers(work, object_id, of_object)
    for here in dict.fromkeys(each.connection_id for each in settlements):
        own = [each for each in settlements if each.connection_id == here]
        remove_links(work, here, [each.unlink for each in own])
        store_links(work, here, [each.link for each in own if each.link is not None])
        holds.examined(work, here, [record for each in own for record in each.examined])
        holds.store_holds(work, here, [hold for each in own for hold in each.holds])
        holds.store_quarantined(work, here, [refused for each in own for refused in each.quarantined])
    journal.append(work, [entry for each in settlements for entry in each.journal])


def _end(work: Work, settlements: Sequence[Settlement]) -> None:
    work.change_by_ids(_REMOVE, [each.intent_id for each in settlements if each.state is None])
    for state in dict.fromkeys(each.state for each in settlements if each.state is not None):
        change = _STATES.get(state, {"state": state.value})
        ids = [each.intent_id for each in settlements if each.state is state]
        work.change_by_ids(_KEEP.values(change), ids)


def _by(column: sa.Column[str]) -> sa.Select[str, int]:
    here = column.table.c.connection_id == sa.bindparam("connection_id")
    return sa.select(column, sa.func.count()).where(here).group_by(column)


_HERE: sa.BindParameter[int] = sa.bindparam("connection_id")
_LINKS = {
    condition: sa.select(sa.func.count()).select_from(link).where(link.c.connection_id == _HERE, sa.text(condition))
    for condition in (LIVE, TOMBSTONE, "stored_differently")
}
_GROUPED = {column.table: _by(column) for column in (held.c.reason, quarantine.c.code, intent.c.state)}
_GROUPED[held] = _GROUPED[held].where(holds.WAITS)
_OLDEST_UNKNOWN = sa.select(sa.func.min(intent.c.sent_at)).where(
    intent.c.connection_id == _HERE, intent.c.state == IntentState.UNKNOWN.value
)


def counts(work: Work, connection_id: int) -> Counts:
    """Numbers of one connection, from indexes alone."""

    def links(condition: str) -> int:
        return work.value(_LINKS[condition], connection_id=connection_id) or 0

    def by(table: sa.Table) -> dict[str, int]:
        return dict(tuple(row) for row in work.all(_GROUPED[table], connection_id=connection_id))

    return Counts(
        links=links(LIVE),
        tombstones=links(TOMBSTONE),
        held=by(held),
        quarantined=by(quarantine),
        intents=by(intent),
        oldest_unknown=work.value(_OLDEST_UNKNOWN, connection_id=connection_id) or 0.0,
        stored_differently=links("stored_differently"),
    )
