"""How much an account may ask at once, and who asks next: a gate that all its calls pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import anyio

from zohosyncd.core.errors import BudgetSpent, RateLimited
from zohosyncd.core.schedule import Line, Purpose, Width, Wish
from zohosyncd.ports.errand import current
from zohosyncd.ports.world import Clock
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Foreign, LoginRefused, Throttled, Verdict
from zohosyncd.transport.sender import Answered, Outcome, Undelivered

_READS_WAIT: Final = 120.0
"""Seconds that a poll or a first read waits in its place for credits to come back; nobody is kept busy by it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """An account's limits.

    Attributes:
        concurrency: most requests under way at once. heavy: most of them that the app calls heavy, None = no limit.
        per_second: most requests started per second, None = no limit.
        timeout: seconds for one request. heavy_per_second: most of the heavy ones started per second, None = no limit.
    """

    concurrency: int = 8
    per_second: float | None = None
    timeout: float = 60.0
    heavy: int | None = None
    heavy_per_second: float | None = None


@dataclass(slots=True, eq=False)
class Place:
    """A call's place, from the moment it may go to the last byte of its answer."""

    wish: Wish
    granted: bool = False
    called: anyio.Event = field(default_factory=anyio.Event)


class Gate:
    """Lets calls through: a few at once, in order, evenly spaced, within the budget, and none while the app wants to
    be left alone.

    Args:
        limits: what the account's file says. clock: time. budget: its credits, None where the app counts none.
        credits_left: name of the header, in lower case, in which the app tells what is left of them.
    """

    def __init__(
        self, limits: Limits, clock: Clock, budget: AccountBudget | None = None, credits_left: str = ""
    ) -> None:
        self._credits_left = credits_left
        self.width = Width(limits.concurrency)
        self.in_flight = 0
        self._heavy = 0
        self._most_heavy = limits.heavy
        self._spacing = _Spacing(limits.per_second, clock)
        self._heavy_spacing = _Spacing(limits.heavy_per_second, clock)
        self._clock = clock
        self._budget = budget if budget is not None and budget.counted else None
        self._closed_until = 0.0
        self._spent = False
        self._line = Line()
        self._places: dict[int, Place] = {}
        self.cost_in_flight = 0  # credits

    @property
    def budget(self) -> AccountBudget | None:
        """The account's credits, None where the app counts none."""
        return self._budget

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return len(self._line)

    @property
    def closed_for(self) -> float:
        """Seconds until the app may be asked again, 0.0 for now."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    @property
    def spent(self) -> bool:
        """Whether the app has asked us to wait for want of credits, and has taken nothing since."""
        return self._spent

    def widen(self, most: int) -> None:
        """The app says how many requests at once it takes."""
        self.width.limit(most)
        self._pump()

    def close(self, seconds: float, *, spent: bool = False) -> None:
        """The app asked all of us to wait; ``spent``: for credits."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)
        self._spent = spent

    @asynccontextmanager
    async def slot(self, call: Call, patience: float) -> AsyncIterator[Place]:
        """One request's place; left with its last byte.

        Args:
            call: what is to be sent. patience: seconds that it may be made to wait by the app or for credits.

        Raises:
            RateLimited: the wait is longer (BudgetSpent: for credits).
        """
        errand = current()
        place = Place(Wish(errand.purpose, errand.flow, call.cost, call.heavy))
        if self._budget is not None:
            await self._budget.ready()
        await self._turn(place, patience)
        try:
            errand.credits += call.cost if self._budget is not None else 0
            if self._budget is not None:
                await self._budget.secured()
            await self._spacing.wait()
            if call.heavy:
                await self._heavy_spacing.wait()
            yield place
        finally:
            self._end(place.wish)

    def heard(self, place: Place, outcome: Outcome, verdict: Verdict, sent_at: float) -> Verdict:
        """Learn from an outcome: what never left, credits left, too many at once, too many in a day.

        Args:
            place: the call's. verdict: what the judge makes of its answer. sent_at: when it left (monotonic seconds).

        Returns:
            The verdict; one that leaves open whether it was a moment's or a day's limit is decided by our own count.
        """
        if isinstance(outcome, Undelivered):
            self.unsent(place)
        if not isinstance(outcome, Answered):
            return verdict
        if self._budget is not None and outcome.status < 500 and not isinstance(verdict, LoginRefused | Foreign):
            told = outcome.headers.get(self._credits_left, "")
            known = told.isascii() and told.isdecimal() and len(told) < 16
            self._budget.hear(int(told) if known else None, self.cost_in_flight - place.wish.cost)
        if isinstance(verdict, Throttled):
            spent = self._budget.short() if verdict.spent is None and self._budget is not None else bool(verdict.spent)
            if not spent:
                self.width.refused(sent_at, self._clock.monotonic())
            return replace(verdict, spent=spent)
        if outcome.status < 500:
            self.width.passed()
            self._spent = self._spent and isinstance(verdict, LoginRefused | Foreign)
        return verdict

    def unsent(self, place: Place) -> None:
        """The request never left: it cost nothing."""
        if self._budget is not None:
            self._budget.spend(place.wish.purpose, -place.wish.cost)

    async def _turn(self, place: Place, patience: float) -> None:
        while not place.granted:
            seconds = self._delay(place.wish)
            if seconds > _most(place.wish.purpose, patience, spent=self._only_credits):
                raise self._refusal(place.wish, seconds)
            if seconds > 0.0:
                await self._clock.sleep(seconds)
                continue
            place.called = anyio.Event()
            number = self._line.join(place.wish)
            self._places[number] = place
            try:
                self._pump()
                await place.called.wait()
            except BaseException:
                if place.granted:
                    self.unsent(place)
                    self._end(place.wish)
                raise
            finally:
                self._line.leave(number)
                self._places.pop(number, None)

    @property
    def _only_credits(self) -> bool:
        return self.closed_for <= 0.0

    def _delay(self, wish: Wish) -> float:
        """Seconds before such a call can go, whoever else waits."""
        short = self._budget.wait(wish.purpose, wish.cost) if self._budget is not None else 0.0
        return max(self.closed_for, short)

    def _refusal(self, wish: Wish, seconds: float) -> RateLimited:
        if self._budget is None or (self.closed_for > 0.0 and not self._spent):
            return RateLimited("the app asked us to wait", retry_after=seconds)
        if self.closed_for > 0.0:
            what = "the app says that its API credits of the last 24 hours are used up"
        elif wish.purpose < Purpose.FEED:
            what = "our share of the API credits is used up"
        else:
            what = "our share of the API credits is nearly used up, and the rest is kept for writes"
        hint = "nothing: it goes on by itself as credits come back, each a day after its use"
        return BudgetSpent(what, hint=hint, retry_after=seconds)

    def _may(self, wish: Wish) -> bool:
        return not (wish.heavy and self._most_heavy is not None and self._heavy >= self._most_heavy)

    def _pump(self) -> None:
        """Call whoever may go now; whoever cannot any more is called, too, and finds out for how long."""
        while self.in_flight < self.width.calls:
            number = self._line.next(lambda wish: self._may(wish) and self._delay(wish) <= 0.0)
            if number is None:
                break
            place = self._places.pop(number)
            place.granted = True
            self.in_flight += 1
            self._heavy += place.wish.heavy
            self.cost_in_flight += place.wish.cost
            if self._budget is not None:
                self._budget.spend(place.wish.purpose, place.wish.cost)
            place.called.set()
        for number, wish in self._line:
            if self._delay(wish) > 0.0:
                self._line.leave(number)
                self._places.pop(number).called.set()

    def _end(self, wish: Wish) -> None:
        self.in_flight -= 1
        self._heavy -= wish.heavy
        self.cost_in_flight -= wish.cost
        self._pump()


class _Spacing:
    """Starts of calls, evenly spaced: so many per second, None = as they come."""

    def __init__(self, per_second: float | None, clock: Clock) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._clock = clock
        self._next = 0.0

    async def wait(self) -> None:
        """Wait for the next start."""
        if not self._gap:
            return
        now = self._clock.monotonic()
        start = max(now, self._next)
        self._next = start + self._gap
        if start > now:
            await self._clock.sleep(start - now)


def _most(purpose: Purpose, patience: float, *, spent: bool) -> float:
    """Seconds that a call waits in its place. A sweep waits for no credits: it has another chance with every poll."""
    if not spent or purpose < Purpose.FEED:
        return patience
    return 0.0 if purpose is Purpose.SWEEP else max(patience, _READS_WAIT)
