"""A bench for the pipeline: real store, feeds, deliverers and runners between in-memory apps. No HTTP, no settings."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from tests.crash.virtual import SeededEntropy, VirtualClock
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, Behaviour, MemoryApp, MemoryConnector
from zohosyncd.core.consent import ConsentPolicy
from zohosyncd.core.governance import Governance, complete
from zohosyncd.core.keys import kinds, mailbox_kind
from zohosyncd.core.link import Link
from zohosyncd.core.mapping import compile_mapping
from zohosyncd.core.outcome import Deletion, Policy
from zohosyncd.core.record import Value
from zohosyncd.core.rules.compiling import compile_rules
from zohosyncd.core.rules.language import Rule
from zohosyncd.core.rules.vocabulary import Vocabulary
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Direction, Side, Winner
from zohosyncd.pipeline.by_hand import ByHand
from zohosyncd.pipeline.deciding import Deciding
from zohosyncd.pipeline.deliver import Deliverer
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.pipeline.persons import Persons
from zohosyncd.pipeline.plan import Endpoint, Plan, Recovery, World
from zohosyncd.pipeline.reading import Reading
from zohosyncd.pipeline.run import Runner
from zohosyncd.pipeline.tally import Report
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Choice, HoldReason, JournalEntry, Store
from zohosyncd.supervisor.accounts import Shared, Wish

LONGEST = 10 * 86_400.0
"""Seconds of made-up time after which a run is stuck."""

REGION, LEVELS = "DE", ("email",)


@dataclass(slots=True)
class Account:
    """An in-memory app, and what the pipeline has of an account."""

    name: str
    app: MemoryApp
    connector: MemoryConnector
    deliverer: Deliverer
    shared: Shared

    @property
    def feed(self) -> ObjectFeed:
        return self.shared.feed

    def creates(self) -> list[str]:
        """Ids of what connectors have created, in order."""
        return [write.id for write in self.app.writes if write.kind is WriteKind.CREATE]


@dataclass(slots=True)
class Connection:
    """A plan and the runner that works on it."""

    world: World
    plan: Plan
    runner: Runner

    async def run(self, *, wait: bool = False) -> Report:
        with anyio.fail_after(LONGEST):
            return await self.runner.run(wait=wait)

    async def link_of(self, left_id: str) -> Link | None:
        return (await self.world.store.links(self.plan.id, Side.LEFT, [left_id])).get(left_id)

    async def held(self) -> set[tuple[Side, str, HoldReason, str]]:
        found = await self.world.store.held(self.plan.id)
        return {(hold.side, hold.record_id, hold.reason, hold.field) for hold in found}

    async def journal(self, kind: str) -> list[JournalEntry]:
        """The entries of this kind, oldest first."""
        found = await self.world.store.journal(self.plan.id, limit=1000)
        return [entry for entry in reversed(found) if entry.kind == kind]

    @property
    def hand(self) -> ByHand:
        return ByHand(self.world, self.plan)

    async def decide(self, choice: Choice, side: Side, record_id: str) -> None:
        """A person decides about the one hold of a record."""
        (hold,) = (await self.world.store.held_of(self.plan.id, side, [record_id]))[record_id]
        await Deciding(self.world, self.plan).decide(hold, choice)

    async def hand_over(self) -> None:
        """As a reload does it: another runner takes over while this one may still know of writes without outcome."""
        await self.retire()
        await self.restart()

    async def retire(self) -> None:
        """Its next life takes over."""
        await self.world.store.withdraw_planned(self.plan.id)
        await self.runner.rest()
        self.runner.abandon()

    async def restart(self) -> None:
        left, right = (self.plan.endpoint(side).object_id for side in SIDES)
        state = await self.world.store.open_connection(self.plan.name, left, right)
        self.runner = Runner(self.world, self.plan, state)
        await self.runner.recover()


def governed(
    ends: Mapping[Side, Account], policy: Policy, rules: Sequence[Rule], said: Mapping[str, Any]
) -> Governance:
    """What is said beside the mapping, for two apps."""
    schemas = {side: end.app.schema for side, end in ends.items()}
    vocabularies = {
        side: Vocabulary.of(end.app.schema, changed=end.connector.capabilities.modified_times)
        for side, end in ends.items()
    }
    compilation = compile_rules(rules, vocabularies, direction=policy.direction, region=REGION)
    assert compilation.problems == ()
    flags = frozenset(side for side, schema in schemas.items() if schema.consent is None)
    consent = replace(ConsentPolicy(flags=flags), **said.get("consent", {}))
    tags = {"leave_tag": "Left", "deletion_tag": "Trash" if Deletion.TAG in policy.deletions.values() else ""}
    rest = {name: value for name, value in said.items() if name != "consent"}
    return complete(Governance(schemas, compilation.rules, consent, "No Mail", **{**tags, **rest}), policy)


@dataclass(slots=True)
class Bench:
    """Apps and connections over one store, in made-up time."""

    store: Store
    clock: VirtualClock
    world: World = field(init=False)
    accounts: dict[str, Account] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(self.store, self.clock, SeededEntropy(1), Persons(self.store))

    async def account(self, name: str, schema: Schema = LISTS_SCHEMA, **behaviour: Any) -> Account:
        """An app of its own; ``behaviour`` as in :class:`Behaviour`."""
        return await self.login(name, MemoryApp(self.clock, Behaviour(**behaviour), schema, name=name))

    async def login(self, name: str, app: MemoryApp) -> Account:
        """An account of an app that is there."""
        connector = MemoryConnector(app)
        state = await self.store.open_object(name, app.refs[0])
        feed = ObjectFeed(self.world, connector, state, Reading(), sweep_every=0.0)
        found = Account(name, app, connector, Deliverer(self.world, connector), Shared(feed))
        self.accounts[name] = found
        self.tasks.append(asyncio.create_task(found.deliverer.run()))
        return found

    async def connect(
        self, name: str, left: Account, right: Account, *, winner: Winner = Winner.NEWEST, delete: bool = False,
        deletion: Deletion = Deletion.OFF, rules: Sequence[Rule] = (), said: Mapping[str, Any] | None = None,
        mapped: Mapping[str, Any] | None = None, **more: Any,
    ) -> Connection:  # fmt: skip
        """A connection; of one that exists already, its next configuration.

        ``delete``: deletions travel. ``said``: more of Governance. ``mapped``: as in compile_mapping. ``more``: as in
        Plan.
        """
        ends = {Side.LEFT: left, Side.RIGHT: right}
        wishes: dict[str, Any] = {
            "direction": Direction.BOTH,
            "region": REGION,
            "match": LEVELS,
            "shared": (),
            **(mapped or {}),
        }
        mapping = compile_mapping(left.app.schema, right.app.schema, **wishes)
        exact = {side: end.connector.capabilities.exact_versions for side, end in ends.items()}
        deletions = dict.fromkeys(SIDES, Deletion.DELETE if delete else deletion)
        policy = Policy(wishes["direction"], winner, winner, deletions, exact)
        governance = governed(ends, policy, rules, said or {})
        needs = {}
        for side, end in ends.items():
            read = (*mapping.fields(side), *governance.watched[side])
            wish = Wish.of(read, end.app.schema, wishes["match"], REGION, side, wishes["shared"])
            needs[side] = wish.needs
            end.shared.wishes[name] = wish
            end.feed.want(end.shared.reading())
        state = await self.store.open_connection(name, left.feed.object_id, right.feed.object_id)
        self.world.persons.forget()
        endpoints = [
            Endpoint(
                side,
                end.name,
                end.connector,
                end.app.refs[0],
                end.app.schema,
                end.feed,
                end.deliverer,
                needs=needs[side],
            )
            for side, end in ends.items()
        ]
        plan = Plan(
            name, state.id, *endpoints, mapping, policy, kinds(wishes["match"], REGION, wishes["shared"]),
            **{
                "approved": True, "governance": governance, "mailbox": mailbox_kind(wishes["shared"]),
                "recovery": Recovery(state.recovery), **more,
            },
        )  # fmt: skip
        if name in self.connections:
            await self.connections[name].retire()
        runner = Runner(self.world, plan, state)
        await runner.recover()
        self.connections[name] = Connection(self.world, plan, runner)
        return self.connections[name]

    async def pair(self, *, left: Mapping[str, Any] = {}, right: Mapping[str, Any] = {}, **more: Any) -> Connection:
        """A CRM with slots and a book with lists, connected; behaviours by side."""
        crm = await self.account("crm", SLOTS_SCHEMA, **left)
        book = await self.account("book", LISTS_SCHEMA, **right)
        return await self.connect("crm-book", crm, book, **more)

    @property
    def crm(self) -> Account:
        return self.accounts["crm"]

    @property
    def book(self) -> Account:
        return self.accounts["book"]

    async def until_quiet(self) -> None:
        """Run every connection in turn until nothing is written and nothing is left; nobody is busy then."""
        for _ in range(8):
            before = self.written()
            reports = [await each.run(wait=True) for each in self.connections.values()]
            if self.written() == before and all(report.converged for report in reports):
                assert len(self.world.claims) == 0
                return
        raise AssertionError(f"no rest: {reports}")

    def written(self) -> int:
        """How many writes the apps have carried out for connectors."""
        return sum(len(each.app.writes) for each in self.accounts.values())

    def everybody(self, name: str, *fields: str) -> list[tuple[Value, ...]]:
        """What a person sees in an app, by these fields, sorted."""
        state = self.accounts[name].app.state()
        return sorted((tuple(each.get(field) for field in fields) for each in state.values()), key=repr)
