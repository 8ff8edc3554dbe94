"""While a connection recovers from an old state: partners that were made anew after it, and that it does not know.

A link of then may have lost a record that has been made anew since, under another id. Whoever shares a key with the one
that is left is taken for that: the link is let go of, and the one that is left is matched like anybody without a link.
"""

from collections.abc import Mapping, Sequence

from zohosyncd.core.link import Link
from zohosyncd.core.outcome import Bury, Delete, Outcome, Recreate, Tagging
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World

Survivor = tuple[Side, str]
"""A record whose partner is gone."""


class Relinking:
    """Finds links of one connection that are of no use any more."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    async def useless(self, links: Sequence[Link], outcomes: Mapping[int, Outcome]) -> dict[int, Survivor]:
        """By link: the one that is left, where somebody else with one of its keys stands on the side of the lost one.

        Nothing where the connection does not recover.
        """
        found: dict[int, Survivor] = {}
        for side in SIDES if self._plan.recovery else ():
            left = {link.record_id(side): link.id for link in links if _lost(outcomes[link.id]) is side.other}
            found |= {left[each]: (side, each) for each in await self._doubles(side, left)}
        return found

    async def _doubles(self, side: Side, ids: Mapping[str, int]) -> list[str]:
        """Of these records those of which somebody on the other side, without a link, shares a key."""
        store, plan = self._world.store, self._plan
        keys = await store.keys_of(plan.endpoint(side).object_id, list(ids)) if ids else {}
        wanted = {key for found in keys.values() for key in found if key.kind in plan.levels}
        holders = await store.holders(plan.endpoint(side.other).object_id, wanted) if wanted else {}
        there = sorted({each for found in holders.values() for each in found})
        linked = await store.links(plan.id, side.other, there) if there else {}
        free = {key: set(found) - linked.keys() for key, found in holders.items()}
        return [each for each in ids if any(free.get(key) for key in keys.get(each, ()))]


def _lost(outcome: Outcome) -> Side | None:
    """The side whose record is gone, None where both are there or neither."""
    match outcome:
        case Recreate(side=side):
            return side
        case Delete(side=side, left=False) | Tagging(side=side):
            return side.other
        case Bury(gone=(side,)):
            return side
        case _:
            return None
