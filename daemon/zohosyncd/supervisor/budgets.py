"""What an account has spent, may spend and waits for, told to an operator; and how often it may be polled."""

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zohosyncd.core.allowance import Allowance, Mode, Poll, stretch, sweep_rest
from zohosyncd.core.budget import Price, price_of_reads, price_of_writes
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.connector import Capabilities
from zohosyncd.ports.store import ContactCounts, ContactState
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.limits import Gate

if TYPE_CHECKING:
    from zohosyncd.supervisor.accounts import Shared

_LIKELY_POLL: Final = 2
"""Credits of a poll that has not been made yet."""

_LIKELY_SWEEP: Final = 5
"""Credits of a complete read that this process has not made yet: of a thousand records, by queries."""

_SLACK: Final = 0.85
"""The part of its interval for which a feed rests: connections that poll a little early find it ready."""


@dataclass(slots=True)
class AccountUse:
    """An account's credits, and the gate that its calls pass, once there is one."""

    budget: AccountBudget | None = None
    gate: Gate | None = None

    def opened(self, gate: Gate) -> None:
        """The account has a gate."""
        self.gate = gate

    @property
    def allowance(self) -> Allowance | None:
        """The account's credits, None where its app counts none."""
        return self.budget.allowance if self.budget is not None and self.budget.counted else None


def pace(feeds: Iterable["Shared"], share: int) -> float:
    """Let feeds rest between polls, so that these take at most their part of the credits; by which factor it is longer.

    Args:
        feeds: all of an account. share: its credits of 24 hours.
    """
    feeds = list(feeds)
    wished = {id(each): min(each.every.values()) for each in feeds if each.every}
    polls = [
        Poll(_SLACK * wished[id(each)], each.feed.tally.poll_credits or _LIKELY_POLL)
        for each in feeds
        if id(each) in wished
    ]
    sweeps = sum(each.feed.tally.sweep_credits or _LIKELY_SWEEP for each in feeds)
    # A day has one poll more than intervals, and that may be the one that asks for deletions.
    more = sum(math.ceil(each.credits) for each in polls)
    factor, rest = stretch(polls, share, sweeps + more), sweep_rest(sweeps, share)
    for each in feeds:
        if id(each) in wished:
            each.feed.rest = wished[id(each)] * factor * _SLACK
            each.feed.sweep_rest = rest  # not twice in a day: it is counted once
    return factor


def told(use: AccountUse, now: float) -> dict[str, Any]:
    """An account's calls and credits, in numbers and in a sentence."""
    found: dict[str, Any] = {}
    gate, allowance = use.gate, use.allowance
    if gate is not None:
        found["calls"] = {
            "in_flight": gate.in_flight, "waiting": gate.waiting,
            "at_once": gate.width.calls, "at_most": gate.width.most,
        }  # fmt: skip
    if allowance is None:
        return found
    mode, recovers = allowance.mode(now), allowance.recovers(now)
    closed = gate.closed_for if gate is not None else 0.0
    if gate is not None and gate.spent:
        mode, recovers = Mode.WAIT, max(recovers, now + closed)
    found["credits"] = {
        "limit": allowance.limit, "share": allowance.credits, "used": allowance.spending.used(now),
        "left": allowance.left(now), "window_hours": 24, "mode": mode.value,
        "recovers_at": round(recovers, 1) if mode is not Mode.FREE else None,
        "app_says_left": allowance.told.left if allowance.told else None,
    }  # fmt: skip
    found["sentence"] = _sentence(found["credits"], mode, recovers)
    return found


def _sentence(said: Mapping[str, Any], mode: Mode, recovers: float) -> str:
    used = f"{said['used']:,} of {said['share']:,} credits used in the last 24 hours"
    if said["left"] < said["share"] - said["used"]:
        used += f", and others have left us {said['left']:,}"
    match mode:
        case Mode.FREE:
            return used
        case Mode.SLOW:
            return f"{used}: complete reads and polls are slowed down until {moment(recovers)}"
        case Mode.WRITES:
            return f"{used}: only writes go on; everything does again at {moment(recovers)}"
        case Mode.WAIT:
            return f"{used}: it waits until credits come back; it is tried again by itself at {moment(recovers)}"


def moment(at: float) -> str:
    """A moment as people read it, to the minute, in UTC."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")


def left_to_do(contacts: ContactCounts, capabilities: Mapping[Side, Capabilities]) -> dict[Side, Price]:
    """About what a first sync still costs, by side: a write for everybody over there who has not been looked at.

    Args:
        contacts: how many records each side has in each state. capabilities: by side.
    """
    costs: dict[Side, Price] = {}
    for side in SIDES:
        here, tariff = capabilities[side], capabilities[side].tariff
        waiting = contacts.get(side.other, {}).get(ContactState.PENDING, 0)
        batch = here.per_request or here.batch
        # Whoever is written shows in the feed again, and is read once more before it is believed.
        reads = price_of_reads(2 * -(-waiting // here.fetch_batch), tariff)
        costs[side] = price_of_writes(waiting, batch, tariff) + reads
    return costs


def done_at(allowance: Allowance, costs: Sequence[Price], now: float) -> float | None:
    """When all of this will have been paid for, None where there is nothing left to do."""
    need = sum(each.credits for each in costs)
    return allowance.finishes(now, need) if need else None
