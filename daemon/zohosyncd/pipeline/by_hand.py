"""What a person does to records of a connection: link, part, decide, let look again. Under the claims of the persons.

Everything is one unit of work each: nothing is ever half applied, and what has to be examined afterwards gets the next
seq in the mirror, so that no restart forgets it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from zohosyncd.core.errors import Busy, ContractBroken, UsageError
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.work import Person
from zohosyncd.ports.connector import Missing, Moved
from zohosyncd.ports.store import Decision, Intent, IntentState, JournalEntry, Parted

_PATIENCE = 5.0
"""Seconds to wait for a person who is being worked on."""

_PAUSE = 0.05
Records = Collection[tuple[Side, str]]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: whether the two were linked before, and who was let go of for it."""

    before: bool = False
    freed: tuple[tuple[Side, str], ...] = ()


@dataclass(slots=True)
class Act:
    """A unit of work of a person in the making.

    Attributes:
        concerned: the records whose holds and waiting writes are over, and that are examined again.
        others: records that are only examined again.
    """

    concerned: list[tuple[Side, str]] = field(default_factory=list)
    others: list[tuple[Side, str]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    unlinked: list[int] = field(default_factory=list)
    parted: list[Parted] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)


def held_still(world: World, plan: Plan, records: Records) -> AbstractAsyncContextManager[None]:
    """Claim records with everything that belongs to their persons, as long as the block runs.

    Raises:
        Busy: somebody works on one of them, and does not end soon.
    """
    return claimed(world, partial(_persons, world, plan, records))


@asynccontextmanager
async def claimed(world: World, find: Callable[[], Awaitable[set[Person]]]) -> AsyncIterator[None]:
    """Claim whom ``find`` finds, as long as the block runs: also those who are linked to them until they are claimed.

    Raises:
        Busy: somebody works on one of them, and does not end soon.
    """
    until = world.clock.monotonic() + _PATIENCE
    while True:
        persons = await find()
        if world.claims.take(persons):
            if await find() == persons:
                break
            world.claims.release(persons)
        elif world.clock.monotonic() >= until:
            raise Busy("these records are just being worked on", hint="try again in a moment")
        await world.clock.sleep(_PAUSE)
    try:
        yield
    finally:
        world.claims.release(persons)


async def _persons(world: World, plan: Plan, records: Records) -> set[Person]:
    found: set[Person] = set()
    for side in SIDES:
        object_id = plan.endpoint(side).object_id
        ids = sorted({record_id for its_side, record_id in records if its_side is side})
        found |= {(object_id, each) for each in ids}
        for tied in (await world.persons.of(plan.id, object_id, ids)).values():
            found |= tied
    return found


class ByHand:
    """A person's hand on one connection. Raises UsageError for what cannot be, Busy, and the RemoteError tree."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    async def link(self, left_id: str, right_id: str, *, replace_others: bool = False) -> Done:
        """These two are the same person, whatever their keys say; remembered for ever.

        Args:
            replace_others: whether links to others are given up for it.
        """
        await self._must_exist(Side.LEFT, left_id)
        await self._must_exist(Side.RIGHT, right_id)
        while True:
            pair = [(Side.LEFT, left_id), (Side.RIGHT, right_id)]
            old = await self._links(pair)
            freed = _partners(old, pair)
            if freed and not replace_others:
                raise UsageError(
                    "; ".join(f"the {side.other.value} record is linked to {other}" for side, other in freed),
                    hint="add --replace to give that link up, or `zohosyncd unlink` it first",
                )
            async with held_still(self._world, self._plan, [*pair, *freed]):
                if [each.id for each in await self._links(pair)] != [each.id for each in old]:
                    continue  # it was linked meanwhile
                return await self._link(left_id, right_id, old, freed)

    async def _link(self, left_id: str, right_id: str, old: Sequence[Link], freed: Sequence[tuple[Side, str]]) -> Done:
        same = next((each for each in old if (each.left_id, each.right_id) == (left_id, right_id)), None)
        act = Act([(Side.LEFT, left_id), (Side.RIGHT, right_id)], list(freed))
        act.links.append(replace(same, by_hand=True) if same else Link(0, left_id, right_id, by_hand=True))
        act.unlinked += [each.id for each in old if each is not same]
        act.journal += [self._entry("unlinked", each.left_id, each.right_id) for each in old if each is not same]
        act.joined.append((left_id, right_id))
        act.journal.append(self._entry("linked", left_id, right_id))
        await self._do(act)
        return Done(same is not None, tuple(freed))

    async def part(self, left_id: str, right_id: str, *, strangers: bool) -> Done:
        """These two are not kept the same (any longer), and matching never links them again.

        Args:
            strangers: they are two people, and each may get a partner of its own; else nothing is made for them.
        """
        for side, record_id in ((Side.LEFT, left_id), (Side.RIGHT, right_id)):
            await self._must_exist(side, record_id)
        while True:
            pair = [(Side.LEFT, left_id), (Side.RIGHT, right_id)]
            async with held_still(self._world, self._plan, pair):
                old = await self._links(pair)
                same = next((each for each in old if (each.left_id, each.right_id) == (left_id, right_id)), None)
                if same is None and not strangers:
                    raise UsageError(
                        "these two are not linked" + "".join(f"; {_told(each)}" for each in old),
                        hint="`zohosyncd explain` tells who is linked to whom; `split` says that two are two people",
                    )
                act = Act(pair)
                act.unlinked += [same.id] if same else []
                act.parted.append(Parted(left_id, right_id, strangers))
                act.journal.append(self._entry("split" if strangers else "unlinked", left_id, right_id))
                await self._do(act)
                return Done(same is not None)

    async def look_again(self, records: Records) -> None:
        """Examine records again, with whoever they are linked to."""
        await self.store(Decision(self._plan.id), records)

    async def store(self, decision: Decision, again: Records) -> None:
        """Store what a person decided, and examine these records again."""
        await self._world.store.decide(replace(decision, touched=self._touched(again)))

    def _touched(self, records: Records) -> list[tuple[int, str]]:
        return [(self._plan.endpoint(side).object_id, record_id) for side, record_id in dict.fromkeys(records)]

    async def _do(self, act: Act) -> None:
        """Store it, with everything about these records that was decided before, and waits, dropped."""
        await self.store(
            Decision(
                self._plan.id, links=act.links, examined=act.concerned, drop_intents=await self._waiting(act.concerned),
                journal=act.journal, unlink=act.unlinked, parted=act.parted, joined=act.joined,
            ),
            [*act.concerned, *act.others],
        )  # fmt: skip

    async def _waiting(self, records: Records) -> list[str]:
        """Writes about these records that wait for an approval: they were decided from another world."""
        states = (IntentState.WAITING, IntentState.APPROVED)
        intents = await self._world.store.open_intents(self._plan.id, states)
        return [each.id for each in intents if _is_about(each, records)]

    async def _links(self, records: Records) -> list[Link]:
        """The live links of these records, each once."""
        found: dict[int, Link] = {}
        for side, record_id in records:
            for link in (await self._world.store.links(self._plan.id, side, [record_id])).values():
                if link.status is LinkStatus.LIVE:
                    found[link.id] = link
        return list(found.values())

    async def _must_exist(self, side: Side, record_id: str) -> None:
        endpoint = self._plan.endpoint(side)
        row = (await self._world.store.rows(endpoint.object_id, [record_id])).get(record_id)
        gone = row is not None and row.gone
        if row is None:
            gone = not await self._is_there(side, record_id)
        if gone:
            raise UsageError(
                f"there is no record {record_id} in {endpoint.account} ({side.value})",
                hint=f"`zohosyncd contacts {self._plan.name}` lists the ids of both sides",
            )

    async def _is_there(self, side: Side, record_id: str) -> bool:
        """Whether the app knows a record that no feed has shown; an id that it does not even understand is none."""
        try:
            answer = (await self._plan.endpoint(side).feed.fetch([record_id])).get(record_id)
        except ContractBroken:
            return False
        return answer is not None and not isinstance(answer, Missing | Moved)

    def _entry(self, kind: str, left_id: str, right_id: str) -> JournalEntry:
        now = self._world.clock.now()
        return JournalEntry(kind, self._plan.id, "", None, left_id, right_id, reason="by a person", at=now)


def _partners(links: Sequence[Link], pair: Records) -> tuple[tuple[Side, str], ...]:
    """Records that the links of a pair tie to one of the two, beside the two."""
    tied = [(side, link.record_id(side)) for link in links for side in SIDES]
    return tuple(each for each in tied if each not in pair)


def _told(link: Link) -> str:
    return f"left {link.left_id} is linked to right {link.right_id}"


def _is_about(intent: Intent, records: Records) -> bool:
    return (intent.side.other, intent.source_id) in records or (intent.side, intent.target_id) in records
