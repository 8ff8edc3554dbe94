"""Looks up what was written to records within the last day, and holds the fields that are fought over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from zohosyncd.core.link import Link
from zohosyncd.core.oscillation import fought_over, without
from zohosyncd.core.reconcile import Merged, Outcome, Write
from zohosyncd.core.record import Values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.ports.store import Hold, HoldReason

_DAY = 86_400.0
_log = structlog.get_logger("zohosyncd.breaker")


@dataclass(slots=True)
class Calmed:
    """Outcomes without what is fought over, by link, and the holds that take its place."""

    outcomes: dict[int, Outcome]
    holds: list[Hold] = field(default_factory=list)


class Breaker:
    """The breaker of one connection."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    async def calm(
        self, links: Mapping[int, Link], outcomes: Mapping[int, Outcome], allowed: Mapping[int, Collection[str]]
    ) -> Calmed:
        """Take writes out of the outcomes that would repeat a value a third time within a day.

        Args:
            links, outcomes: both by the link's id.
            allowed: by link, names of pairs that a person has decided: they are let through once more.
        """
        calmed = Calmed(dict(outcomes))
        now = self._world.clock.now()
        for side in SIDES:
            wished = {
                links[number].record_id(side): (number, outcome.writes[side])
                for number, outcome in calmed.outcomes.items()
                if isinstance(outcome, Merged) and side in outcome.writes
            }
            history = await self._world.store.written_since(self._plan.id, side, list(wished), now - _DAY)
            for record_id, written in history.items():
                number, write = wished[record_id]
                self._judge(calmed, links[number], side, write, written, now, allowed.get(number, ()))
        return calmed

    def _judge(
        self, calmed: Calmed, link: Link, side: Side, write: Write, written: Sequence[Values], now: float,
        allowed: Collection[str],
    ) -> None:  # fmt: skip
        number = link.id
        fought = fought_over(self._plan.mapping, side, write, written)
        pairs = tuple(pair for pair in fought if pair.name not in allowed)
        outcome = calmed.outcomes[number]
        if not pairs or not isinstance(outcome, Merged):
            return
        rest = without(side, write, pairs)
        writes = {each: other for each, other in outcome.writes.items() if each is not side}
        calmed.outcomes[number] = replace(outcome, writes=writes if rest is None else {**writes, side: rest})
        calmed.holds += [
            Hold(Side.LEFT, link.left_id, HoldReason.OSCILLATION, pair.name, ((Side.RIGHT, link.right_id),), since=now)
            for pair in pairs
        ]
        _log.warning(
            "a field is fought over and held", connection=self._plan.name, fields=[pair.name for pair in pairs]
        )
