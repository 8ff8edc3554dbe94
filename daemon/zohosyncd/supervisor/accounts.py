"""One account, live: its connector, its feeds, its deliverer. It outlives the connections that use it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import anyio
import structlog

from zohosyncd.connectors.tools import ConnectorSpec, Tools
from zohosyncd.core.errors import AuthLost, RemoteError, StateError, SyncError
from zohosyncd.core.keys import KeyMaker, MatchKey, key_maker
from zohosyncd.core.news import is_news
from zohosyncd.core.record import Record
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Deliverer
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.reading import Reading
from zohosyncd.ports.connector import AccountInfo, Connector
from zohosyncd.settings import Account
from zohosyncd.supervisor.budgets import AccountUse, pace
from zohosyncd.supervisor.whose import refuse_another_login
from zohosyncd.telemetry.logs import ids_of

DELETIONS_EVERY: Final = 5
"""Of so many polls one asks what was deleted, where that takes a call of its own and deletions travel."""

DELETIONS_SELDOM: Final = 60
"""The same where no connection lets them travel: the pair still has to end, so that later edits bring nobody back."""

_FRESH: Final = 60.0
"""Seconds for which connections share what an app said of its fields."""

_log = structlog.get_logger("zohosyncd.account")


@dataclass(frozen=True, slots=True)
class Known:
    """What an account said last: who we are there, and of one object its reference and its fields."""

    info: AccountInfo
    ref: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Wish:
    """What one connection wants to have read of an object.

    ``known``: all fields of the object. ``deletions``: whether what is deleted there is to travel.
    """

    fields: frozenset[str]
    maker: KeyMaker
    known: frozenset[str] = frozenset()
    deletions: bool = True

    @classmethod
    def of(
        cls, fields: Iterable[str], schema: Schema, levels: Sequence[str], region: str, side: Side,
        shared: Collection[str] = (), *, deletions: bool = True,
    ) -> "Wish":  # fmt: skip
        """The wish of a connection whose records are matched by these levels."""
        maker = key_maker(schema, levels, region, side, shared)
        return cls(frozenset(fields), maker, frozenset(schema.fields), deletions)

    @property
    def needs(self) -> frozenset[str]:
        """What all records must have been read with before this connection can work."""
        return Reading(self.fields, kinds=frozenset(self.maker.kinds)).needs

    def keys(self, record: Record) -> tuple[MatchKey, ...]:
        """The record's match keys for this connection."""
        return self.maker(record.values)


@dataclass(slots=True)
class Shared:
    """A feed and what its connections want of it, by connection; ``every``: seconds between their polls."""

    feed: ObjectFeed
    wishes: dict[str, Wish] = field(default_factory=dict)
    every: dict[str, float] = field(default_factory=dict)
    bells: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By connection: what tells it that the mirror has changed."""

    def ring(self) -> None:
        """The mirror has changed: all who share it may have something to do."""
        for bell in self.bells.values():
            bell()

    def reading(self) -> Reading:
        """All wishes together."""
        wishes = tuple(self.wishes.values())
        fields = frozenset(name for wish in wishes for name in wish.fields)
        known = frozenset(name for wish in wishes for name in wish.known)

        def keys(record: Record) -> tuple[MatchKey, ...]:
            if len(wishes) == 1:
                return wishes[0].keys(record)
            return tuple(dict.fromkeys(key for wish in wishes for key in wish.keys(record)))

        kinds = frozenset(kind for wish in wishes for kind in wish.maker.kinds)
        every = DELETIONS_EVERY if any(wish.deletions for wish in wishes) else DELETIONS_SELDOM
        return Reading(fields, keys, known, kinds, every)


class AccountUnit:
    """One account and everything that belongs to it.

    Args:
        settings: the account's file. spec: its app. tools: the world for its connector. world: the pipeline's world.
        use: its calls and credits.
    """

    def __init__(
        self, settings: Account, spec: ConnectorSpec, tools: Tools, world: World, use: AccountUse | None = None
    ) -> None:
        self.settings = settings
        self.use = use or AccountUse()
        self.connector: Connector = spec.open(settings.options, tools)
        self.deliverer = Deliverer(world, self.connector)
        self.info: AccountInfo | None = None
        self.trouble: SyncError | None = None
        self.scope = anyio.CancelScope()
        self.adopted: Callable[[], None] = lambda: None
        """Is called when it is put in force, if it was only tried before."""
        self.changed: Callable[[], None] = lambda: None
        """Is called when a connection begins or ceases to read an object."""
        self._world = world
        self._feeds: dict[str, Shared] = {}
        self._schemas: dict[str, tuple[float, Schema]] = {}
        self._refs: dict[str, str] = {}
        self._told: AccountInfo | None = None
        self._lock = anyio.Lock()
        self._asking = anyio.Lock()

    @property
    def name(self) -> str:
        """The account's name."""
        return self.settings.name

    @property
    def feeds(self) -> Mapping[str, Shared]:
        """The feeds by object reference."""
        return self._feeds

    async def run(self) -> None:
        """Deliver until cancelled; what was spent is stored at the end."""
        try:
            with self.scope:
                await self.deliverer.run()
        finally:
            if self.use.budget is not None:
                with anyio.CancelScope(shield=True), suppress(StateError):
                    await self.use.budget.close()

    def pace(self, connection: str, refs: Collection[str], every: float) -> float:
        """By which factor the polls of this account come more slowly than wished, for the sake of its credits.

        Args:
            connection: whose wish it is. refs: the objects that it polls. every: seconds between its polls.
        """
        for ref in refs:
            if ref in self._feeds:
                self._feeds[ref].every[connection] = every
        allowance = self.use.allowance
        return 1.0 if allowance is None else pace(self._feeds.values(), allowance.credits)

    async def check(self) -> AccountInfo:
        """Who are we there? Once; again after trouble. Another identity than last time is refused."""
        async with self._lock:
            if self.info is not None and self.trouble is None:
                return self.info
            try:
                info = await self.connector.check()
                refuse_another_login(self.settings, info)
                await self._same_as_before(info)
            except SyncError as error:
                self.note(error)
                raise
            self.info = self._told = info
            self.note(None)
            return info

    async def _same_as_before(self, info: AccountInfo) -> None:
        known = await self._world.store.identity(self.name)
        if known and known != info.identity:
            raise AuthLost(
                f"account {self.name} now belongs to another login or organisation ({info.identity}, was {known})",
                hint="use another account name for it, or give the old login back",
            )
        if not known:
            await self._world.store.set_identity(self.name, info.identity)

    def note(self, error: SyncError | None) -> None:
        """Remember trouble or its end; one line per break, one per recovery."""
        if error is None and self.trouble is not None:
            _log.info("account works again", account=self.name)
        elif error is not None and is_news(self.trouble, error):
            _log.warning(
                "account does not work", account=self.name, reason=error.message, cure=error.hint, **ids_of(error)
            )
        self.trouble = error

    @property
    def up(self) -> bool:
        """Whether it is known who we are there, and nothing is wrong since."""
        return self.trouble is None and self.info is not None

    async def resolve(self, word: str) -> str:
        """The reference of an object that a file names so. Raises UsageError, and the RemoteError tree."""
        self._refs[word] = ref = await self.connector.resolve(word)
        return ref

    def known(self, word: str) -> Known | None:
        """What is known of an object without asking, however old it is: a connection that goes on has it from then."""
        ref = self._refs.get(word, "")
        if self._told is None or ref not in self._schemas:
            return None
        return Known(self._told, ref, self._schemas[ref][1])

    def doubt(self, word: str) -> None:
        """What is known of an object's fields may be old: whoever wants them next asks the app."""
        if (ref := self._refs.get(word)) in self._schemas:
            self._schemas[ref] = float("-inf"), self._schemas[ref][1]

    async def schema(self, ref: str) -> Schema:
        """An object's fields, asked for once by all connections that start at the same time.

        Raises the RemoteError tree.
        """
        async with self._asking:
            at, schema = self._schemas.get(ref, (float("-inf"), None))
            now = self._world.clock.monotonic()
            if schema is None or now - at > _FRESH:
                schema = await self.connector.schema(ref)
                self._schemas[ref] = now, schema
            return schema

    async def feed(self, ref: str, connection: str, wish: Wish, bell: Callable[[], None] | None = None) -> ObjectFeed:
        """The shared feed of an object, which from now on also reads what this connection wants.

        Args:
            ref: the object. connection: by name. wish: of it. bell: tells it that the mirror has changed.
        """
        async with self._lock:
            shared = self._feeds.get(ref)
            if shared is None:
                state = await self._world.store.open_object(self.name, ref)
                shared = Shared(ObjectFeed(self._world, self.connector, state, Reading(), news=lambda: self._news(ref)))
                self._feeds[ref] = shared
            shared.wishes[connection] = wish
            if bell is not None:
                shared.bells[connection] = bell
            shared.feed.want(shared.reading())
            self.changed()
            return shared.feed

    def _news(self, ref: str) -> None:
        self._feeds[ref].ring()

    async def keep_up(self) -> None:
        """A connection has gone: what only it wanted is not kept up for the others. Raises StateError."""
        for shared in list(self._feeds.values()):
            await shared.feed.keep_up()

    def forget(self, connection: str, *, but: Collection[str] = ()) -> None:
        """A connection has gone: its fields and keys are not read for its sake, ``but`` those of these objects."""
        for ref, shared in self._feeds.items():
            if ref in but:
                continue
            shared.every.pop(connection, None)
            shared.bells.pop(connection, None)
            if shared.wishes.pop(connection, None) is not None and shared.wishes:
                shared.feed.want(shared.reading())
        self.changed()


def cure_of(error: SyncError | None, account: str) -> str:
    """What an operator does about an account's trouble."""
    if error is None:
        return ""
    if error.hint:
        return error.hint
    if isinstance(error, AuthLost):
        return f"authorise {account} again"
    if isinstance(error, RemoteError):
        return "nothing: it is tried again by itself"
    return "see the log" if isinstance(error, StateError) else ""
