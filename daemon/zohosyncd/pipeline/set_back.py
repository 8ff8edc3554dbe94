"""Setting records back: what an undo and a restore have in common.

Both are a change of their own, decided from what the apps show now, page by page, person by person. Both bases are set
to what is shown then, so that nothing of it travels to the other side or is written over again. Each write is an intent
like any other: after a crash the same command goes on where it was.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from zohosyncd.core.confirm import confirm
from zohosyncd.core.link import Base, Link
from zohosyncd.core.reconcile import changed_since_base
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.reversal_bases import bases_after, without_pairs
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.drain import Drain
from zohosyncd.pipeline.persons import BatchClaims
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Next, Work
from zohosyncd.ports.connector import Fetched, Found, Missing, WriteKind
from zohosyncd.ports.store import Decision, Intent, JournalEntry

_PASSES: Final = 4

Ids = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One write that sets something back, or (``kind`` None) something that stays as it is, and why."""

    ids: Ids
    side: Side
    kind: WriteKind | None
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    why: str = ""

    @property
    def wish(self) -> tuple[Ids, Side, WriteKind | None, tuple[tuple[str, Value], ...]]:
        """What it would write, whatever stands there."""
        return self.ids, self.side, self.kind, tuple(sorted(self.after.items(), key=lambda each: each[0]))


@dataclass(slots=True)
class Person:
    """What is known of a pair of records: its writes, first the newest, by the side written to, and what is there."""

    ids: Ids
    entries: Sequence[JournalEntry] = ()
    link: Link | None = None
    shown: dict[Side, Record | None] = field(default_factory=dict)

    def id(self, side: Side) -> str:
        """The record's id on that side, "" for none."""
        return self.ids[SIDES.index(side)]

    def of(self, side: Side) -> list[JournalEntry]:
        """The writes to that side."""
        return [entry for entry in self.entries if entry.side is side]

    def base(self, side: Side) -> Base:
        """What was last agreed of that side."""
        return self.link.base(side) if self.link is not None else Base()

    @property
    def opted_out(self) -> bool:
        """Whether the link remembers an opt-out."""
        return self.link is not None and self.link.consent.opted_out is not None


Key = tuple[Ids, Side, bool]


class SettingBack(ABC):
    """Sets records of one connection back.

    Args:
        world, plan, drain: of the connection; its drain delivers. run: the id of this run. dry: nothing is written.
    """

    guarded: Literal["undo", "restore"]
    """How its intents are marked: a person has seen them and wanted them, so that no guard stops them."""

    def __init__(self, world: World, plan: Plan, drain: Drain, run: str, *, dry: bool) -> None:
        self._world, self._plan, self._drain = world, plan, drain
        self._run, self._dry = run, dry
        self.reads: dict[Side, int] = dict.fromkeys(SIDES, 0)
        """By side, how many calls were made to read records by their ids."""

    @abstractmethod
    async def _decide(self, person: Person) -> list[Step]:
        """What is to be done about a person, from what both apps show now."""

    def _still_to_travel(self, person: Person, side: Side) -> Collection[str]:
        """Fields of a side that were edited since the last agreed sync: no part of what is undone. A restore wants
        what was, whatever has been edited since."""
        shown = person.shown.get(side)
        if shown is None or self.guarded != "undo":
            return ()
        base = person.base(side)
        pairs = (pair for pair in self._plan.mapping.pairs if changed_since_base(pair, side, base, shown))
        return {name for pair in pairs for name in pair.fields(side)}

    async def _set_back(self, persons: list[Person]) -> list[Step]:
        """Look, decide, write; look again, until nothing is left to do. What was done, and what stays and why."""
        told: dict[Key, Step] = {}
        failed: dict[Key, str] = {}
        settled: set[object] = set()
        claims, mine = BatchClaims(self._world.claims), persons
        try:
            for number in range(1 if self._dry else _PASSES):
                busy = [each for each in mine if not claims.take(repr(each.ids), self._records(each))]
                mine = [each for each in mine if each not in busy]
                await self._look(mine)
                steps = [step for person in mine for step in await self._decide(person)]
                if not number:  # later looks see what the first has done
                    steps += [Step(each.ids, Side.LEFT, None, why="somebody works on it now") for each in busy]
                _forget_made_up(failed, mine, steps)
                for step in steps:
                    if step.kind is not None or not number:
                        told.setdefault((step.ids, step.side, step.kind is not None), step)
                # What the app has taken, or has refused, is not written again because the app shows something else.
                open_ = [step for step in self._in_turn(steps) if step.wish not in settled]
                if self._dry or not open_:
                    break
                settled |= await self._carry_out(mine, open_, claims, failed)
        finally:
            claims.release()
        return [replace(told[key], kind=None, why=failed[key]) if key in failed else told[key] for key in told]

    def _records(self, person: Person) -> list[tuple[int, str]]:
        return [(self._plan.endpoint(side).object_id, person.id(side)) for side in SIDES if person.id(side)]

    async def _look(self, persons: Sequence[Person]) -> None:
        """Links, and what both apps show now."""
        store = self._world.store
        links: dict[Ids, Link] = {}
        answers: dict[Side, dict[str, Fetched]] = {}
        for side in SIDES:
            ids = [each.id(side) for each in persons if each.id(side)]
            found = await store.links(self._plan.id, side, ids)
            links |= {(link.left_id, link.right_id): link for link in found.values()}
            end = self._plan.endpoint(side)
            self.reads[side] += math.ceil(len(ids) / end.connector.capabilities.fetch_batch)
            answers[side] = await end.feed.fetch(ids)
        for person in persons:
            person.link = links.get(person.ids)
            for side in SIDES:
                answer = answers[side].get(person.id(side))
                person.shown.pop(side, None)
                if isinstance(answer, Found):
                    person.shown[side] = answer.record
                    self._confirm(person, side, answer.record)
                elif isinstance(answer, Missing) or not person.id(side):
                    person.shown[side] = None

    def _confirm(self, person: Person, side: Side, shown: Record) -> None:
        """What was sent before is confirmed by what is shown before anything else is written."""
        if person.link is not None:
            policy = self._plan.policy
            exact, locked = policy.exact_versions.get(side, False), policy.locked.get(side, ())
            base = confirm(person.base(side), shown, exact_versions=exact, locked=locked)
            person.link = person.link.with_base(side, base)

    async def _carry_out(
        self, persons: Sequence[Person], steps: Sequence[Step], claims: BatchClaims, failed: dict[Key, str]
    ) -> set[object]:
        """Store the intents and deliver them. The wishes that are settled; ``failed`` gets those that have not arrived.

        The works take the claims over: whose outcome is not known stays busy.
        """
        by_ids = {each.ids: each for each in persons}
        works: dict[Ids, tuple[Work, list[Delivery]]] = {}
        going: list[tuple[Step, Delivery]] = []
        again: list[tuple[int, str]] = []
        for step in steps:
            person = by_ids[step.ids]
            intent = await self._intent(person, step)
            if self._still_to_travel(person, step.side.other):  # it may have been looked at, and gone nowhere
                again.append((self._plan.endpoint(step.side.other).object_id, person.id(step.side.other)))
            if step.ids not in works:
                held = claims.hand_over(repr(step.ids))
                works[step.ids] = Work(step.side.other, intent.source_id, 0, held, person.link), []
            work, deliveries = works[step.ids]
            work.open.add(intent.id)
            known, ref = person.shown.get(step.side), self._plan.endpoint(step.side).ref
            deliveries.append(Delivery(intent, ref, self._drain, work, known, self._world.clock.monotonic()))
            going.append((step, deliveries[-1]))
        await self._world.store.decide(Decision(self._plan.id, intents=[each.intent for _step, each in going]))
        await self._drain.carry_out([*works.values()])
        if again:
            await self._world.store.decide(Decision(self._plan.id, touched=again))
        for step, delivery in going:
            key = (step.ids, step.side, True)
            if delivery.outcome is Next.SETTLED and not delivery.refused:
                failed.pop(key, None)
            else:
                failed[key] = _why_not(delivery)
        return {step.wish for step, delivery in going if delivery.outcome is Next.SETTLED}

    def _in_turn(self, steps: Sequence[Step]) -> list[Step]:
        """The writes of one pass. A pair of fields is written on one side only: the left's turn comes after it."""
        first = {step.ids: step.after for step in steps if step.side is Side.RIGHT and step.kind is WriteKind.UPDATE}
        found: list[Step] = []
        for step in steps:
            if step.side is Side.LEFT and step.kind is WriteKind.UPDATE and step.ids in first:
                patch = without_pairs(self._plan.mapping, Side.LEFT, step.after, first[step.ids])
                if patch:
                    found.append(replace(step, after=patch, before={name: step.before[name] for name in patch}))
            elif step.kind is not None:
                found.append(step)
        return found

    async def _intent(self, person: Person, step: Step) -> Intent:
        plan, side, store = self._plan, step.side, self._world.store
        rows = {
            each: (await store.rows(plan.endpoint(each).object_id, [person.id(each)])).get(person.id(each))
            for each in SIDES
        }
        other, present = person.shown[side.other], person.shown[side]
        source: dict[str, Value] = {}
        agreed: dict[str, Value] = {}
        if step.kind is WriteKind.UPDATE and present is not None:
            shown = other.values if other is not None else {}
            before = person.base(side).values if self.guarded == "undo" else None
            source, agreed = bases_after(plan.mapping, side, step.after, present.values, shown, before)
        elif step.kind is WriteKind.CREATE:
            agreed = {name: step.after.get(name) for name in plan.mapping.used_fields(side)}
            used = plan.mapping.used_fields(side.other)
            source = {name: other.values[name] for name in used if name in other.values} if other is not None else {}
        waiting = self._still_to_travel(person, side.other)
        source = {name: value for name, value in source.items() if name not in waiting}
        creates = step.kind is WriteKind.CREATE
        target, partner = rows[side], rows[side.other]
        horizon = await store.last_seq(plan.endpoint(side).object_id) if creates else 0
        return Intent(
            self._world.entropy.new_id(), plan.id, self._run, plan.endpoint(side).object_id, side,
            step.kind or WriteKind.UPDATE, person.id(side.other), "" if creates else person.id(side),
            patch=step.after, before=step.before, source=source, agreed=agreed,
            source_seq=partner.seq if partner else 0, target_seq=horizon if creates else target.seq if target else 0,
            replaces=person.id(side) if creates else "",
            guarded=self.guarded, created_at=self._world.clock.now(), version=target.version if target else None,
        )  # fmt: skip


def _forget_made_up(failed: dict[Key, str], persons: Sequence[Person], steps: Sequence[Step]) -> None:
    """What had not arrived, and is there at the next look, has been made up for."""
    looked_at = {each.ids for each in persons}
    wished = {(each.ids, each.side, each.kind is not None) for each in steps}
    for key in [key for key in failed if key[0] in looked_at and key not in wished]:
        del failed[key]


def _why_not(delivery: Delivery) -> str:
    """Why a write has not arrived, and what to do."""
    if delivery.refused:
        return "the app refuses it; `quarantine` tells why"
    if delivery.outcome is Next.UNKNOWN:
        return "there was no answer; it is found out, and the same command goes on from there"
    return "it could not be written now; say the same again"
