"""A connection as the pipeline sees it: two endpoints, a mapping, a policy. Made by the supervisor from settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from zohosyncd.core.governance import Governance
from zohosyncd.core.guard import DEFAULT_GUARD, Guard
from zohosyncd.core.link import Link
from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.meaning import Change, Meaning, changes, everything, meaning_of
from zohosyncd.core.reconcile import Policy
from zohosyncd.core.recovery import cautious_guard
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Side
from zohosyncd.pipeline.persons import Persons
from zohosyncd.pipeline.tally import Tally
from zohosyncd.pipeline.work import Births, Claims
from zohosyncd.ports.connector import Connector
from zohosyncd.ports.store import Store
from zohosyncd.ports.world import Clock, Entropy

if TYPE_CHECKING:
    from zohosyncd.pipeline.deliver import Deliverer
    from zohosyncd.pipeline.feed import ObjectFeed


@dataclass(frozen=True, slots=True)
class World:
    """What every part of the pipeline is handed: the store, time, chance, who is who, and who is being worked on.

    Attributes:
        claims: persons under work. births: creates without an outcome. recalled: by connection, the intents without an
            outcome whose persons were claimed when the state was opened. probing: one probe of an object at a time.
    """

    store: Store
    clock: Clock
    entropy: Entropy
    persons: Persons
    claims: Claims = field(default_factory=Claims)
    births: Births = field(default_factory=Births)
    recalled: dict[int, set[str]] = field(default_factory=dict)
    probing: dict[int, anyio.Lock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One side of a connection, live. ``needs``: the fields and keys that all its records must have been read with."""

    side: Side
    account: str
    connector: Connector
    ref: str
    schema: Schema
    feed: "ObjectFeed"
    deliverer: "Deliverer"
    clock_offset: float = 0.0  # the app's clock minus ours, in seconds
    needs: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether all its records have been read with everything that this connection needs."""
        return self.feed.has(self.needs)

    @property
    def object_id(self) -> int:
        """The object's number in the store."""
        return self.feed.object_id


@dataclass(slots=True)
class Recovery:
    """Since when (wall seconds) a connection recovers from an old state that was put back; 0.0 if it does not."""

    since: float = 0.0

    def __bool__(self) -> bool:
        return self.since > 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is fixed about a connection until its configuration changes.

    Attributes:
        name, id: as configured, and in the store. left, right: the endpoints.
        mapping, policy, guard: what to write, who wins, how much at once. governance: rules, consent, deletions.
        levels: kinds of match keys in the operator's order.
        mailbox: the kind of the key that only suggests, "" for none.
        create_without_email: whether a record without any match key is created on the other side.
        approved: first_sync = "auto". notes: what an operator should know; nothing is wrong.
        recovery: whether nothing may be created or deleted yet because an old state was put back.
        workers: batches under examination at once. batch: rows in one of them.
        meaning: of all of this, as far as it decides what becomes of records.
        earlier: the pairs of meanings that links were decided under, by version; known once a runner has recovered.
    """

    name: str
    id: int
    left: Endpoint
    right: Endpoint
    mapping: ContactMapping
    policy: Policy
    levels: Sequence[str]
    guard: Guard = DEFAULT_GUARD
    create_without_email: bool = False
    mailbox: str = ""
    approved: bool = False
    governance: Governance = field(default_factory=Governance)
    notes: tuple[str, ...] = ()
    recovery: Recovery = field(default_factory=Recovery, compare=False)
    workers: int = 3
    batch: int = 200
    tally: Tally = field(default_factory=Tally)
    meaning: Meaning = field(init=False)
    earlier: dict[str, Sequence[str]] = field(default_factory=dict, init=False)
    _changed: dict[str, Mapping[str, Change]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        said = self.governance
        tags = (said.consent_tag, said.leave_tag, said.deletion_tag)
        deciding = (
            self.policy,
            self.levels,
            self.create_without_email,
            said.rules.version,
            said.consent,
            said.leave,
            tags,
        )
        object.__setattr__(self, "meaning", meaning_of(self.mapping, *deciding))

    @property
    def limits(self) -> Guard:
        """The guard as it is now."""
        return cautious_guard(self.guard) if self.recovery else self.guard

    @property
    def version(self) -> str:
        """Of the meaning."""
        return self.meaning.version

    def remember(self, earlier: Mapping[str, Sequence[str]]) -> None:
        """Take note of what links may have been decided under."""
        self.earlier.clear()
        self._changed.clear()
        self.earlier.update(earlier)

    def changed_since(self, link: Link) -> Mapping[str, Change] | None:
        """The pairs that mean something else than when the link was decided last; None if nothing at all does."""
        if link.version == self.version:
            return None
        if not link.version:
            return {}
        found = self._changed.get(link.version)
        if found is None:
            pairs = self.earlier.get(link.version)
            found = everything(self.mapping) if pairs is None else changes(self.mapping, pairs)
            self._changed[link.version] = found
        return found

    def endpoint(self, side: Side) -> Endpoint:
        """The endpoint of a side."""
        return self.left if side is Side.LEFT else self.right
