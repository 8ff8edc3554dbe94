"""The gate: order, fairness, concurrency that feels its way, and credits."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from zohosyncd.core.errors import BudgetSpent, RateLimited, StateError, Unavailable
from zohosyncd.core.schedule import Purpose
from zohosyncd.core.spending import BUCKET, DAY
from zohosyncd.ports.errand import current, errand
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.auth import NoAuth
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.judge import Throttled, Verdict, by_status
from zohosyncd.transport.limits import Gate, Limits
from zohosyncd.transport.sender import Answered, Lost, Undelivered

URL = "https://api.example.com/things"
LEFT = "x-left"


def call(cost: int = 1, *, heavy: bool = False) -> Call:
    return Call("GET", URL, "/things", cost=cost, heavy=heavy)


class Paper:
    """A ledger that keeps one text; ``writes`` counts, ``broken`` refuses."""

    def __init__(self) -> None:
        self.text = ""
        self.writes = 0
        self.broken = False

    async def spending(self, _account: str) -> str:
        return self.text

    async def set_spending(self, _account: str, told: str) -> None:
        if self.broken:
            raise StateError("the disk is full")
        self.text = told
        self.writes += 1


def budget_of(clock: Any, ledger: Paper | None = None, *, share: float = 0.5, limit: int = 2_000) -> AccountBudget:
    budget = AccountBudget("crm", clock, ledger)
    budget.share(share, limit=None, least=limit)
    return budget


def judged(request: Call, answer: Answered) -> Verdict:
    if answer.status == 429:
        return Throttled(spent={b"day": True, b"moment": False}.get(answer.body))
    return by_status(request, answer)


@pytest.fixture
def counting(clock: Any, entropy: Any) -> Any:
    """Makes a client whose credits count."""

    def make(sender: Any, budget: AccountBudget, **more: Any) -> Client:
        named = {"clock": clock, "entropy": entropy, "judge": judged, "budget": budget, "credits_left": LEFT, **more}
        return Client("crm", sender, NoAuth(), origins=[URL], **named)

    return make


class TestOrder:
    async def order(self, gate: Gate, wishes: list[tuple[Purpose, int]]) -> list[tuple[Purpose, int]]:
        """One after the other, all of whom came while the only place was taken."""
        done: list[tuple[Purpose, int]] = []

        async def go(purpose: Purpose, flow: int) -> None:
            with errand(purpose, flow):
                async with gate.slot(call(), 30.0):
                    done.append((purpose, flow))

        async with gate.slot(call(), 30.0):
            tasks = [asyncio.create_task(go(*wish)) for wish in wishes]
            await asyncio.sleep(0)
            assert gate.waiting == len(wishes)
        await asyncio.gather(*tasks)
        assert (gate.waiting, gate.in_flight) == (0, 0)
        return done

    async def test_the_most_urgent_goes_first(self, clock: Any) -> None:
        gate = Gate(Limits(concurrency=1), clock)
        wishes = [(purpose, 0) for purpose in reversed(Purpose)]
        assert await self.order(gate, wishes) == list(reversed(wishes))

    async def test_connections_take_turns(self, clock: Any) -> None:
        gate = Gate(Limits(concurrency=1), clock)
        done = await self.order(gate, [(Purpose.WRITE, 1)] * 15 + [(Purpose.WRITE, 2)] * 15)
        assert Counter(flow for _, flow in done[:20]) == {1: 10, 2: 10}

    async def test_a_sweep_gets_on_however_many_others_come(self, clock: Any) -> None:
        gate, done = Gate(Limits(concurrency=1), clock), Counter[Purpose]()

        async def go(purpose: Purpose, most: int) -> None:
            while done[purpose] < most and done[Purpose.SWEEP] < 5:
                with errand(purpose):
                    async with gate.slot(call(), 30.0):
                        done[purpose] += 1
                        await asyncio.sleep(0)

        busy = [go(purpose, 1_000) for purpose in (Purpose.POINT, Purpose.WRITE, Purpose.FEED) for _ in range(3)]
        await asyncio.gather(*busy, go(Purpose.SWEEP, 5))
        assert done[Purpose.SWEEP] == 5
        assert done.total() < 200

    async def test_who_gives_up_waiting_takes_nobodys_place(self, clock: Any) -> None:
        gate = Gate(Limits(concurrency=1), clock)

        async def go() -> None:
            async with gate.slot(call(), 30.0):
                pass

        async with gate.slot(call(), 30.0):
            given_up, patient = asyncio.create_task(go()), asyncio.create_task(go())
            await asyncio.sleep(0)
            given_up.cancel()
        await patient
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert (gate.waiting, gate.in_flight) == (0, 0)

    async def test_heavy_calls_have_a_limit_of_their_own(self, clock: Any) -> None:
        gate, inside, most = Gate(Limits(concurrency=25, heavy=10), clock), Counter[bool](), Counter[bool]()

        async def go(*, heavy: bool) -> None:
            async with gate.slot(call(heavy=heavy), 30.0):
                inside[heavy] += 1
                most[heavy] = max(most[heavy], inside[heavy])
                await asyncio.sleep(0)
                inside[heavy] -= 1

        await asyncio.gather(*(go(heavy=at % 3 > 0) for at in range(90)))
        assert most[True] == 10
        assert most[False] > 1

    async def test_work_knows_what_it_is_for_and_what_it_costs(self, clock: Any) -> None:
        gate = Gate(Limits(), clock, budget_of(clock))

        async def one() -> None:
            async with gate.slot(call(3), 30.0):
                assert (current().purpose, current().flow) == (Purpose.SWEEP, 7)

        with errand(Purpose.FEED, 7) as outer:
            with errand(Purpose.SWEEP) as inner:
                await asyncio.gather(one(), one())
            assert inner.credits == 6
            assert current().purpose is Purpose.FEED
        assert outer.credits == 6
        assert (current().purpose, current().flow) == (Purpose.ASKED, 0)


class TestTooManyAtOnce:
    async def test_it_is_repeated_within_seconds_and_halves_what_goes_at_once(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        client = counting(scripted(answer(429, b"moment"), answer()), budget_of(clock), limits=Limits(concurrency=8))
        assert (await client.read(call())).status == 200
        assert client.gate.width.calls == 4
        assert sum(clock.slept) <= 1.0

    async def test_it_grows_again_but_not_beyond_what_is_allowed(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        client = counting(scripted(answer(429, b"moment"), answer()), budget_of(clock), limits=Limits(concurrency=8))
        for _ in range(60):
            await client.read(call())
        assert client.gate.width.calls == 8
        client.gate.widen(20)
        assert client.gate.width.most == 20

    async def test_a_refusal_without_a_reason_is_one_of_a_moment_while_there_are_credits(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        client = counting(scripted(answer(429), answer()), budget_of(clock))
        assert (await client.read(call())).status == 200

    async def test_and_one_of_a_day_when_there_are_hardly_any(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        budget = budget_of(clock)
        budget.spend(Purpose.WRITE, 880)
        sender = scripted(answer(429), answer())
        with pytest.raises(BudgetSpent):
            await counting(sender, budget).read(call())
        assert len(sender.sent) == 1


class TestCredits:
    async def test_nothing_is_sent_beyond_the_share(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        sender, budget = scripted(answer()), budget_of(clock, limit=200)
        client = counting(sender, budget)
        caught: BudgetSpent | None = None
        with errand(Purpose.WRITE):
            while caught is None:
                try:
                    await client.write(call(10))
                except BudgetSpent as error:
                    caught = error
        spent = 10 * len(sender.sent)
        assert 60 <= spent <= 100
        assert budget.allowance.spending.used(clock.now()) == spent
        assert DAY - BUCKET <= (caught.retry_after or 0.0) <= DAY + BUCKET
        clock.moment += caught.retry_after or 0.0
        with errand(Purpose.WRITE):
            await client.write(call(10))

    async def test_what_never_left_costs_nothing_and_what_was_lost_does(
        self, counting: Any, scripted: Any, clock: Any
    ) -> None:
        budget = budget_of(clock)
        with errand(Purpose.WRITE):
            await counting(scripted(Undelivered("name not found")), budget).write(call(10))
            assert budget.allowance.spending.used(clock.now()) == 0
            await counting(scripted(Lost("deadline")), budget).write(call(10))
        assert budget.allowance.spending.used(clock.now()) == 10

    async def test_when_the_day_is_used_up_all_wait_and_one_asks_again_later(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        sender, budget = scripted(answer(429, b"day"), answer()), budget_of(clock)
        client = counting(sender, budget)
        for _ in range(3):
            with pytest.raises(BudgetSpent) as caught:
                await client.read(call())
        assert len(sender.sent) == 1
        assert 600.0 <= (caught.value.retry_after or 0.0) <= 901.0
        clock.moment += 901.0
        assert (await client.read(call())).status == 200

    async def test_the_app_says_how_much_is_left(self, counting: Any, scripted: Any, answer: Any, clock: Any) -> None:
        budget = budget_of(clock)
        client = counting(scripted(answer(200, x_left="25"), answer(200, x_left="nonsense")), budget)
        await client.read(call())
        assert budget.allowance.left(clock.now()) == 25
        with errand(Purpose.SWEEP), pytest.raises(BudgetSpent):
            await client.read(call(30))
        await client.read(call())
        assert budget.allowance.left(clock.now()) == 998

    async def test_an_app_that_asks_for_a_wait_is_not_short_of_credits(
        self, counting: Any, scripted: Any, answer: Any, clock: Any
    ) -> None:
        client = counting(scripted(answer(429, b"moment", retry_after="500"), answer()), budget_of(clock))
        for _ in range(2):
            with pytest.raises(RateLimited) as caught:
                await client.read(call())
            assert not isinstance(caught.value, BudgetSpent)


class TestAcrossRestarts:
    async def spend(self, budget: AccountBudget, count: int, cost: int = 1) -> None:
        gate = Gate(Limits(), budget._clock, budget)
        for _ in range(count):
            with errand(Purpose.WRITE):
                async with gate.slot(call(cost), 30.0):
                    pass

    @pytest.mark.parametrize("calls", [0, 1, 19, 20, 21, 22, 50, 333])
    async def test_a_crash_makes_the_count_too_high_never_too_low(self, clock: Any, calls: int) -> None:
        paper = Paper()
        await self.spend(budget_of(clock, paper), calls)
        after = budget_of(clock, paper)
        await after.ready()
        assert calls <= after.allowance.spending.used(clock.now()) <= calls + 21
        assert paper.writes <= calls / 20 + 1, "not with every call"

    async def test_an_orderly_end_makes_it_exact(self, clock: Any) -> None:
        paper = Paper()
        before = budget_of(clock, paper)
        await self.spend(before, 33)
        await before.close()
        after = budget_of(clock, paper)
        await after.ready()
        assert after.allowance.spending.used(clock.now()) == 33
        clock.moment += DAY + BUCKET
        assert after.allowance.spending.used(clock.now()) == 0

    async def test_what_may_have_been_spent_comes_back_no_earlier_than_if_it_was(self, clock: Any) -> None:
        """A process that made its last call long after it last wrote the state."""
        paper, start = Paper(), clock.moment
        before = budget_of(clock, paper)
        await self.spend(before, 1)
        clock.moment += 3_000.0
        await self.spend(before, 5)
        clock.moment += 10.0
        after = budget_of(clock, paper)
        await after.ready()
        clock.moment = start + DAY + 2_999.0
        assert after.allowance.spending.used(clock.now()) >= 5

    async def test_a_quiet_hour_is_written_once(self, clock: Any) -> None:
        paper = Paper()
        budget = budget_of(clock, paper, limit=40_000)
        for _ in range(60):
            await self.spend(budget, 2)
            clock.moment += 59.0
        assert paper.writes == 1

    async def test_what_the_app_gives_is_remembered_unless_the_operator_says_it(self, clock: Any) -> None:
        paper = Paper()
        before = budget_of(clock, paper)
        await self.spend(before, 1)
        before.limit(80_000)
        await self.spend(before, 1)
        after, fixed = budget_of(clock, paper), AccountBudget("crm", clock, paper)
        fixed.share(0.5, limit=1_000, least=5)
        for budget in (after, fixed):
            await budget.ready()
        fixed.limit(80_000)
        assert (after.allowance.limit, fixed.allowance.limit) == (80_000, 1_000)

    async def test_a_share_that_is_only_tried_is_forgotten(self, clock: Any) -> None:
        budget = budget_of(clock)
        with budget.tried():
            budget.share(1.0, limit=9, least=1)
        assert (budget.allowance.limit, budget.allowance.share) == (2_000, 0.5)
        budget.limit(3_000)
        assert budget.allowance.credits == 1_500

    async def test_without_the_state_nothing_is_spent(self, clock: Any, counting: Any, scripted: Any) -> None:
        paper, sender = Paper(), scripted(Answered(200))
        paper.broken = True
        with pytest.raises(Unavailable, match="credits cannot be counted"):
            await counting(sender, budget_of(clock, paper)).read(call())
        assert sender.sent == []
        paper.broken, paper.text = False, "{not json"
        with pytest.raises(Unavailable, match="cannot be read"):
            await counting(sender, budget_of(clock, paper)).read(call())
