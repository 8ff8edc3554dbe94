"""The credits of one account while it lives: counted before a call, kept across restarts, corrected by the app.

The state is not written with each call. What is stored is ahead of what was spent, and counts as spent at the latest
moment it could have been: a process that dies leaves a number that is too high, never one that is too low.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import msgspec

from zohosyncd.core.allowance import Allowance, Mode
from zohosyncd.core.errors import StateError, Unavailable
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.spending import Spending
from zohosyncd.ports.world import Clock

_AHEAD_SHARE: Final = 0.01
_AHEAD_LEAST: Final = 20
_AHEAD_SECONDS: Final = 3600.0
_DAMAGED: Final = "was the state written by a newer release?"


class Ledger(Protocol):
    """Keeps what accounts have spent."""

    async def spending(self, account: str) -> str:
        """What was stored, "" for nothing."""
        ...

    async def set_spending(self, account: str, told: str) -> None:
        """Store it."""
        ...


class BudgetObserver(Protocol):
    """Is told what becomes of the credits. It must return at once and raise nothing."""

    def credits_spent(self, account: str, amount: int) -> None:
        """So many were spent."""
        ...


class _Ahead(msgspec.Struct, frozen=True):
    """Credits that may be spent before the state is written again, until that moment (wall seconds)."""

    credits: int
    until: float


class _Stored(msgspec.Struct, frozen=True):
    limit: int
    spent: list[tuple[float, dict[str, int]]]
    ahead: _Ahead | None = None


class Tried:
    """What a budget was told while it was only tried."""

    def __init__(self) -> None:
        self.take: Callable[[], None] = lambda: None
        """Let it count from now on."""


class AccountBudget:
    """Outlives the account's connector: a changed account file changes what may be spent, not what was.

    Args:
        account: its name. clock: time. ledger: keeps it across restarts, None for not at all.
        observer: is told what is spent.
    """

    def __init__(
        self, account: str, clock: Clock, ledger: Ledger | None = None, observer: BudgetObserver | None = None
    ) -> None:
        self._account = account
        self._clock = clock
        self._ledger = ledger
        self._observer = observer
        self._lock = asyncio.Lock()
        self._allowance: Allowance | None = None
        self._loaded = ledger is None
        self._fixed = False
        self._room = 0  # credits that may be spent before the state is written again
        self._until = 0.0
        self._dirty = False

    @property
    def counted(self) -> bool:
        """Whether the app counts credits."""
        return self._allowance is not None

    @property
    def allowance(self) -> Allowance:
        """The account's credits. Only for accounts whose app counts them."""
        if self._allowance is None:
            raise RuntimeError("this app counts no credits")
        return self._allowance

    def share(self, share: float, *, limit: int | None, least: int) -> None:
        """What the account's file says.

        Args:
            share: part of the app's credits. limit: what the operator says that the app gives in 24 hours, None for
                what the app itself says. least: what counts until it does.
        """
        self._fixed = limit is not None
        known = self._allowance
        if known is None:
            self._allowance = Allowance(limit or least, share)
        else:
            known.limit, known.share = limit or known.limit, share

    @contextmanager
    def tried(self) -> Iterator[Tried]:
        """What :meth:`share` is told meanwhile is only tried, and forgotten where something counted before."""
        before, tried = self._told(), Tried()
        yield tried
        if before is not None and (told := self._told()) is not None:
            tried.take = lambda: self._count(*told)
            self._count(*before)

    def _told(self) -> tuple[int, float, bool] | None:
        return None if self._allowance is None else (self._allowance.limit, self._allowance.share, self._fixed)

    def _count(self, limit: int, share: float, fixed: bool) -> None:
        self.allowance.limit, self.allowance.share, self._fixed = limit, share, fixed

    def limit(self, daily: int) -> None:
        """The app says what it gives in 24 hours. What the operator says counts more."""
        if not self._fixed and self.allowance.limit != daily:
            self.allowance.limit, self._dirty = daily, True
            self._until = 0.0  # stored with the next call

    async def ready(self) -> None:
        """Know what earlier processes have spent. Raises Unavailable: the state cannot be read."""
        if not self._loaded:
            async with self._lock:
                with _told():
                    await self._load()

    async def secured(self) -> None:
        """What was spent is stored, or what is stored has room for it: now the call may leave.

        Raises Unavailable: the state cannot be written, and without it nothing may be spent.
        """
        while self._ledger is not None and (self._room < 0 or self._clock.now() >= self._until):
            async with self._lock:
                if self._room < 0 or self._clock.now() >= self._until:
                    with _told():
                        await self._store(self._more())

    async def close(self) -> None:
        """The account rests: what is stored is now exact."""
        async with self._lock:
            if self._loaded and self._ledger is not None and self._allowance is not None and self._dirty:
                await self._store(0)

    def wait(self, purpose: Purpose, cost: int) -> float:
        """Seconds until such a call may be made, 0.0 for now."""
        return self.allowance.wait(self._clock.now(), purpose, cost)

    def spend(self, purpose: Purpose, cost: int) -> None:
        """A call is made; a negative cost: it never left."""
        self.allowance.spend(self._clock.now(), purpose, cost)
        self._room -= cost
        self._dirty = True
        if self._observer is not None and cost > 0:
            self._observer.credits_spent(self._account, cost)

    def hear(self, left: int | None, under_way: int) -> None:
        """The app says how much is left in all."""
        self.allowance.hear(self._clock.now(), left, under_way)

    def short(self) -> bool:
        """Whether a refusal that does not say why is likely to be for want of credits."""
        return self.allowance.mode(self._clock.now()) in (Mode.WRITES, Mode.WAIT)

    def _more(self) -> int:
        return max(_AHEAD_LEAST, int(self.allowance.credits * _AHEAD_SHARE))

    async def _load(self) -> None:
        if self._loaded or self._ledger is None:
            return
        text = await self._ledger.spending(self._account)
        now, here = self._clock.now(), self.allowance
        if text:
            try:
                stored = msgspec.json.decode(text, type=_Stored)
            except msgspec.DecodeError:
                raise StateError(f"what account {self._account} has spent cannot be read", hint=_DAMAGED) from None
            spent = stored.spent
            if stored.ahead is not None:
                spent = [*spent, (min(stored.ahead.until, now), {"writes": stored.ahead.credits})]
            here.spending = Spending.of([*spent, *here.spending.stored()])
            if not self._fixed:
                here.limit = stored.limit
        self._loaded = True

    async def _store(self, ahead: int) -> None:
        """Store what was spent, and so many credits more that may be spent until the next time."""
        if self._ledger is None:
            return
        here, until = self.allowance, self._clock.now() + _AHEAD_SECONDS
        told = _Stored(here.limit, here.spending.stored(), _Ahead(ahead, until) if ahead else None)
        before = self._room
        await self._ledger.set_spending(self._account, msgspec.json.encode(told).decode())
        # What was spent while this was being written is not in it, and takes of what was stored ahead.
        self._room, self._until, self._dirty = ahead - (before - self._room), until, ahead > 0


@contextmanager
def _told() -> Iterator[None]:
    """Trouble with the state, as a client tells it."""
    try:
        yield
    except StateError as error:
        raise Unavailable(f"credits cannot be counted: {error.message}", hint=error.hint) from None
