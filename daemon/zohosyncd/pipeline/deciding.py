"""A person decides about what is held. The decision is stored with the hold, and carried out when it is looked at next.

A field that is taken also gets new bases at once (``core.taking``), so that the ordinary merge carries the value.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from zohosyncd.core.errors import SyncError, UsageError
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.mapping import Pair
from zohosyncd.core.record import Values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.core.taking import take
from zohosyncd.pipeline.by_hand import ByHand, held_still
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.ports.store import Choice, Decision, Hold, HoldReason, JournalEntry, Parted

_FIELD = frozenset((HoldReason.CLASH, HoldReason.OSCILLATION))
_RECORD = frozenset(
    (
        HoldReason.AMBIGUOUS,
        HoldReason.LINKED_ELSEWHERE,
        HoldReason.TOMBSTONE,
        HoldReason.NO_KEY,
        HoldReason.UNEXPLAINED,
    )
)
ANSWERS: Final[Mapping[Choice, frozenset[HoldReason]]] = {
    Choice.LEFT: _FIELD,
    Choice.RIGHT: _FIELD,
    Choice.CREATE: _RECORD,
    Choice.LEAVE: _RECORD | {HoldReason.CONSENT, HoldReason.LEAVING},
    Choice.OPT_OUT: frozenset((HoldReason.CONSENT,)),
}
"""Which decision answers which reasons."""

_SAID = {
    Choice.CREATE: "it is somebody of its own",
    Choice.LEAVE: "left alone",
    Choice.OPT_OUT: "opted out on both sides",
}


class Deciding:
    """Decisions about the holds of one connection. Raises UsageError for what cannot be decided so, and Busy."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._hand = ByHand(world, plan)

    async def decide(self, hold: Hold, choice: Choice) -> None:
        """Decide about a hold that is there now."""
        self.must_answer(hold, choice)
        records = [(hold.side, hold.record_id)]
        link = await self._link(hold)
        if link is not None:
            records = [(side, link.record_id(side)) for side in SIDES]
        async with held_still(self._world, self._plan, records):
            current = await self._world.store.held_of(self._plan.id, hold.side, [hold.record_id])
            same = [each for each in current.get(hold.record_id, ()) if replace(each, since=hold.since) == hold]
            if not same or await self._link(hold) != link:
                raise SyncError(
                    "it has just been looked at again", hint=f"see `zohosyncd held {self._plan.name}`, and decide anew"
                )
            if choice in (Choice.LEFT, Choice.RIGHT):
                decision = await self._taking(hold, link, choice)
            else:
                decision = self._choosing(hold, link, choice)
            await self._hand.store(decision, [*records, *(hold.others if choice is Choice.CREATE else ())])

    def must_answer(self, hold: Hold, choice: Choice) -> None:
        """Raise UsageError unless this is an answer to such a hold, as far as the hold itself tells."""
        must_fit(hold.reason, choice)
        if choice is Choice.CREATE and hold.asked_by:
            raise UsageError(
                f"connection {hold.asked_by} cannot explain it, and says so to {self._plan.name}",
                hint=f"decide there: `zohosyncd held {hold.asked_by}`",
            )
        target = hold.side.other
        if choice is Choice.CREATE and not self._plan.policy.direction.writes(target):
            raise UsageError(
                f"connection {self._plan.name} creates nothing on its {target.value} side",
                hint="its direction says so; `--leave` leaves the record alone",
            )

    async def retry(self, hold: Hold) -> None:
        """Look at it again; a decision that was made about it is taken back."""
        records = [(hold.side, hold.record_id), *hold.others]
        choices = [(hold.key, None)] if hold.decision is not None else []
        await self._hand.store(Decision(self._plan.id, choices=choices), records)

    async def _link(self, hold: Hold) -> Link | None:
        link = (await self._world.store.links(self._plan.id, hold.side, [hold.record_id])).get(hold.record_id)
        return link if link is not None and link.status is LinkStatus.LIVE else None

    def _choosing(self, hold: Hold, link: Link | None, choice: Choice) -> Decision:
        if choice is Choice.CREATE and link is not None and hold.reason is not HoldReason.UNEXPLAINED:
            raise UsageError(
                "the record has a partner, which was merged into one that belongs to another record",
                hint=f"`zohosyncd unlink {self._plan.name} {link.left_id} {link.right_id}` parts the two first",
            )
        parted = []
        if choice is Choice.CREATE:
            others = [other for side, other in hold.others if side is hold.side.other]
            parted = [Parted(*_ordered(hold.side, hold.record_id, other), strangers=True) for other in others]
        entry = self._entry("decided", hold, link, _SAID[choice])
        return Decision(self._plan.id, choices=[(hold.key, choice)], parted=parted, journal=[entry])

    async def _taking(self, hold: Hold, link: Link | None, choice: Choice) -> Decision:
        winner = Side(choice.value)
        pair = next((each for each in self._plan.mapping.pairs if each.name == hold.field), None)
        if pair is None or link is None:
            raise SyncError(
                f"{hold.field} is not a field of this pair any more", hint="`zohosyncd held retry` looks at it again"
            )
        if not pair.direction.writes(winner.other):
            raise UsageError(
                f"the connection does not write {pair.name} to the {winner.other.value} side",
                hint=f"--take {winner.other.value}, or edit the {winner.other.value} side",
            )
        seen = await self._seen(hold, link, pair)
        taken = take(link, pair, winner, seen)
        if taken is None:
            raise UsageError(
                f"the {winner.value} side cannot tell both values of {pair.name} apart", hint="edit it on one side"
            )
        entry = JournalEntry(
            "taken", self._plan.id, "", winner.other, link.left_id, link.right_id, pair.fields(winner.other),
            after=seen[winner], other=seen[winner.other], at=self._world.clock.now(),
            reason=f"a person took the {winner.value} value of {pair.name}",
        )  # fmt: skip
        return Decision(self._plan.id, links=[taken], choices=[(hold.key, choice)], journal=[entry])

    async def _seen(self, hold: Hold, link: Link, pair: Pair) -> dict[Side, Values]:
        """What the person has looked at: the values that clash; of a fight, what both sides show now.

        Raises:
            SyncError: a side has changed since.
        """
        seen: dict[Side, Values] = {}
        for side in SIDES:
            record_id = link.record_id(side)
            row = (await self._world.store.rows(self._plan.endpoint(side).object_id, [record_id])).get(record_id)
            shown = {name: row.values[name] for name in pair.fields(side) if name in row.values} if row else {}
            seen[side] = shown if hold.reason is HoldReason.OSCILLATION else hold.seen(side)
            if row is None or row.gone or seen[side] != shown or not shown:
                raise SyncError(
                    f"the {side.value} record has changed since it was held",
                    hint=f"`zohosyncd sync {self._plan.name}` looks at it again; then decide anew",
                )
        return seen

    def _entry(self, kind: str, hold: Hold, link: Link | None, reason: str) -> JournalEntry:
        ids = (hold.record_id, "") if hold.side is Side.LEFT else ("", hold.record_id)
        if link is not None:
            ids = (link.left_id, link.right_id)
        return JournalEntry(
            kind, self._plan.id, "", hold.side, *ids, reason=f"{reason} ({hold.reason.value})",
            at=self._world.clock.now(),
        )  # fmt: skip


def _ordered(side: Side, record_id: str, other: str) -> tuple[str, str]:
    return (record_id, other) if side is Side.LEFT else (other, record_id)


def _option(choice: Choice) -> str:
    """The decision as it is said on the command line."""
    return "--take" if choice in (Choice.LEFT, Choice.RIGHT) else f"--{choice.value.replace('_', '-')}"


def must_fit(reason: HoldReason, choice: Choice) -> None:
    """Raise UsageError unless this is an answer to such a reason."""
    if reason not in ANSWERS[choice]:
        fitting = " or ".join(dict.fromkeys(_option(each) for each, why in ANSWERS.items() if reason in why))
        raise UsageError(
            f"{_option(choice)} is no answer to {reason.value}",
            hint=f"say {fitting}" if fitting else "it ends when the record changes",
        )
