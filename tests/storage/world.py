"""A store with one connection, and short ways to say what happens to it."""

from dataclasses import dataclass, field, replace
from typing import Any

from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.record import Record
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import (
    Decision,
    Intent,
    Observation,
    Observed,
    Seen,
    SeenRecord,
    Settlement,
    Store,
)

KEY = bytes(range(32))
NOW = 1_800_000_000.0


@dataclass
class Clock:
    """Time that moves by hand."""

    wall: float = NOW

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.wall

    async def sleep(self, seconds: float) -> None:
        self.wall += seconds


@dataclass
class World:
    """A store with one connection, "left" to "right", and short ways to say what happens."""

    store: Store
    left: int = 0
    right: int = 0
    connection: int = 0
    count: int = field(default=0)

    async def begin(self) -> "World":
        self.left = (await self.store.open_object("crm", "Contacts")).id
        self.right = (await self.store.open_object("book", "/ann/")).id
        self.connection = (await self.store.open_connection("crm-book", self.left, self.right)).id
        return self

    async def see(self, *seen: Seen, object_id: int = 0, taken: int = 0, **more: Any) -> Observed:
        taken = taken or self.store.ordinal()
        return await self.store.observe(Observation(object_id or self.left, taken, seen, **more))

    def new_id(self) -> str:
        self.count += 1
        return f"{self.count:032x}"

    def update(self, target: str, **more: Any) -> Intent:
        return self.intent(WriteKind.UPDATE, target, **more)

    def create(self, from_id: str, *keys: MatchKey, **more: Any) -> Intent:
        claims = self.store.digests(keys)
        return self.intent(WriteKind.CREATE, "", source_id=from_id, claims=claims, **more)

    def intent(self, kind: WriteKind, target: str, **more: Any) -> Intent:
        """A write to the left."""
        known = {"source_id": "", "object_id": self.left, "side": Side.LEFT, "connection_id": self.connection, **more}
        return Intent(id=self.new_id(), run="run", kind=kind, target_id=target, **known)

    async def plan(self, *intents: Intent) -> tuple[str, ...]:
        return (await self.store.decide(Decision(self.connection, intents=intents))).lost

    async def send(self, *intents: Intent) -> set[str]:
        """Plan and mark as sent."""
        await self.plan(*intents)
        return await self.store.mark_sent([intent.id for intent in intents], NOW)

    async def settle(self, intent: Intent, **more: Any) -> None:
        await self.store.settle([Settlement(intent.id, self.connection, **more)])

    async def link(self, left: str, right: str, **more: Any) -> Link:
        """Store a new link and read it back."""
        link = Link(0, left, right, Base({"A": left}), Base({"B": right}), **more)
        await self.store.decide(Decision(self.connection, links=[link]))
        return (await self.store.links(self.connection, Side.LEFT, [left]))[left]

    async def tombstone(self, link: Link) -> None:
        dead = replace(link, status=LinkStatus.TOMBSTONE)
        await self.store.decide(Decision(self.connection, links=[dead]))


def email(address: str) -> MatchKey:
    return MatchKey("email/1", address)


def shown(record_id: str, name: str = "Ann", version: str | None = "v1", *keys: MatchKey) -> SeenRecord:
    return SeenRecord(Record(record_id, {"Name": name}, version, 1.0), keys)
