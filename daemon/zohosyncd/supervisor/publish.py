"""From what accounts and connections count to metrics: the ports are wrapped from outside.

What has no series (any more) gets none here: a call that is cancelled because its account has gone still ends, and an
account whose file is only being tried is nobody's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from zohosyncd.core.allowance import Mode
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.reading import FeedTally
from zohosyncd.pipeline.tally import Report, Tally
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Counts, HoldReason
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.budgets import AccountUse
from zohosyncd.supervisor.connections import ConnectionMode
from zohosyncd.telemetry.metrics import Metrics, outcome_class
from zohosyncd.transport.observer import Attempt


class CallMetrics:
    """Counts every request of every account that is in force; one that is only tried, or has gone, leaves no series."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._under_way: Counter[str] = Counter()  # outlives an account that changes while it calls
        self.calls = 0

    def begun(self, account: str) -> None:
        """A request is under way."""
        self._moved(account, 1)

    def ended(self, account: str) -> None:
        """It is no longer under way."""
        self._moved(account, -1)

    def _moved(self, account: str, by: int) -> None:
        self._under_way[account] += by
        if self._metrics.knows_account(account):
            self._metrics.api_requests_in_flight.labels(account=account).set(self._under_way[account])

    def attempted(self, attempt: Attempt) -> None:
        """A try ended."""
        self.calls += 1
        metrics, endpoint = self._metrics, f"{attempt.method} {attempt.template}"
        if not metrics.knows_account(attempt.account):
            return
        outcome = outcome_class(attempt.result)
        metrics.api_requests.labels(account=attempt.account, endpoint=endpoint, outcome=outcome).inc()
        duration = metrics.api_request_duration.labels(account=attempt.account, endpoint=endpoint, outcome=outcome)
        duration.observe(attempt.seconds)
        metrics.api_received.labels(account=attempt.account).inc(attempt.received)
        if attempt.result == "429":
            metrics.api_rate_limited.labels(account=attempt.account).inc()
        if outcome == "2xx":
            metrics.account_last_success_timestamp.labels(account=attempt.account).set(metrics.now())

    def waiting(self, account: str, reason: str, seconds: float) -> None:
        """A client waits before it tries again."""
        if self._metrics.knows_account(account):
            self._metrics.api_retries.labels(account=account, reason=reason).inc()
            self._metrics.api_wait.labels(account=account, reason=reason).inc(seconds)

    def credits_spent(self, account: str, amount: int) -> None:
        """A call that costs something is made."""
        if self._metrics.knows_account(account):
            self._metrics.api_credits_used.labels(account=account).inc(amount)

    def login_renewed(self, account: str, result: str) -> None:
        """An access token was asked for."""
        if self._metrics.knows_account(account):
            self._metrics.token_refreshes.labels(account=account, outcome=result).inc()

    def token_in_use(self, account: str, made: float, ends: float) -> None:
        """An access token is used from now on."""
        if self._metrics.knows_account(account):
            self._metrics.token_made_timestamp.labels(account=account).set(made)
            self._metrics.token_expires_timestamp.labels(account=account).set(ends)


class StoreMetrics:
    """Counts transactions."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def committed(self, units: int, rows: int, seconds: float) -> None:  # noqa: ARG002 - the observer's signature
        """A transaction was committed."""
        self._metrics.store_commit_duration.observe(seconds)
        self._metrics.store_commit_units.observe(units)

    def failed(self, units: int) -> None:  # noqa: ARG002 - the observer's signature
        """A transaction came to nothing."""
        self._metrics.store_failures.inc()


class Publisher:
    """Publishes the differences since it last looked."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tallies: dict[str, tuple[Tally, Tally]] = {}  # the one that counts, and how it stood
        self._feeds: dict[tuple[str, str], tuple[FeedTally, tuple[int, ...]]] = {}

    def forget(self, connection: str) -> None:
        """A connection has gone, with its series."""
        self._tallies.pop(connection, None)
        self._metrics.forget_connection(connection)

    def keep(self, connections: Iterable[str], accounts: Iterable[str]) -> None:
        """Only these exist, or are enabled: all others lose their series."""
        for name in self._metrics.known("connection") - frozenset(connections):
            self.forget(name)
        for name in self._metrics.known("account") - frozenset(accounts):
            self._metrics.forget_account(name)
        self._feeds = {key: each for key, each in self._feeds.items() if self._metrics.knows_account(key[0])}

    def connection(self, plan: Plan, report: Report | None, now: float) -> None:
        """After a run (None: it failed)."""
        metrics, name = self._metrics, plan.name
        if not metrics.knows_connection(name):
            return
        counts, earlier = self._tallies.get(name, (plan.tally, Tally()))
        # A connection that was changed or started anew counts from zero again.
        news = plan.tally.since(earlier if counts is plan.tally else Tally())
        self._tallies[name] = plan.tally, plan.tally.copy()
        for side in SIDES:
            for done, counter in (
                (WriteKind.CREATE, news.created),
                (WriteKind.UPDATE, news.updated),
                (WriteKind.DELETE, news.deleted),
            ):
                labels = {"connection": name, "side": side.value, "kind": done.value}
                metrics.records_written.labels(**labels, outcome="done").inc(counter[side])
        for (written, wished, ended), count in news.outcomes.items():
            if ended != "done":
                metrics.records_written.labels(connection=name, side=written, kind=wished, outcome=ended).inc(count)
        metrics.clashes.labels(connection=name).inc(news.clashes)
        for kind, count in news.guard_trips.items():
            metrics.guard_trips.labels(connection=name, kind=kind).inc(count)
        for (edited, seconds), count in news.delays.items():
            delay = metrics.change_delay.labels(connection=name, side=edited.value)
            for _ in range(count):
                delay.observe(seconds)
        outcome = "failed" if report is None else "converged" if report.converged else "waiting"
        metrics.runs.labels(connection=name, outcome=outcome).inc()
        metrics.connection_up.labels(connection=name).set(report is not None)
        if report is not None:
            metrics.connection_paused.labels(connection=name).set(report.paused)
            metrics.connection_recovering.labels(connection=name).set(bool(plan.recovery))
            for side, states in report.contacts.items():
                for state, many in states.items():
                    metrics.contacts.labels(connection=name, side=side.value, state=state.value).set(many)
            metrics.run_duration.labels(connection=name).observe(report.seconds)
            metrics.run_last_success_timestamp.labels(connection=name).set(now)

    def counts(
        self, connection: str, counts: Counts, pending: Mapping[str, int], oldest: Mapping[str, float], since: float
    ) -> None:
        """What the store counts of a connection.

        Args:
            oldest: wall seconds of the oldest change by side. since: the same of the oldest write that waits for
                approval. Each is 0.0 where nothing waits.
        """
        metrics = self._metrics
        if not metrics.knows_connection(connection):
            return
        metrics.links.labels(connection=connection, state="live").set(counts.links)
        metrics.links.labels(connection=connection, state="tombstone").set(counts.tombstones)
        for reason in HoldReason:
            metrics.records_held.labels(connection=connection, reason=reason.value).set(
                counts.held.get(reason.value, 0)
            )
        codes: Counter[str] = Counter()
        for code, count in counts.quarantined.items():
            codes[_bounded(code)] += count
        for code in (*_KNOWN_CODES, "refused"):
            metrics.records_quarantined.labels(connection=connection, reason=code).set(codes[code])
        for state in ("planned", "waiting", "approved", "sent", "unknown"):
            metrics.intents.labels(connection=connection, state=state).set(counts.intents.get(state, 0))
        metrics.approvals_waiting.labels(connection=connection).set(counts.intents.get("waiting", 0))
        metrics.intent_oldest_age.since(since or None, connection=connection, state="waiting")
        metrics.intent_oldest_age.since(counts.oldest_unknown or None, connection=connection, state="unknown")
        metrics.fields_stored_differently.labels(connection=connection).set(counts.stored_differently)
        for side in SIDES:
            metrics.changes_pending.labels(connection=connection, side=side.value).set(pending[side.value])
            moment = oldest[side.value] or None
            metrics.change_oldest_age.since(moment, connection=connection, side=side.value)

    def budget(self, account: str, use: AccountUse, now: float) -> None:
        """Calls and credits of an account."""
        metrics, gate, allowance = self._metrics, use.gate, use.allowance
        if not metrics.knows_account(account):
            return
        if gate is not None:
            metrics.api_calls_waiting.labels(account=account).set(gate.waiting)
            metrics.api_concurrency.labels(account=account).set(gate.width.calls)
        if allowance is not None:
            mode = allowance.mode(now) if gate is None or not gate.spent else Mode.WAIT
            recovers = 0.0 if mode is Mode.FREE else allowance.recovers(now)
            for each in Mode:
                metrics.api_budget_state.labels(account=account, state=each.value).set(mode is each)
            metrics.api_credits_window_used.labels(account=account).set(allowance.spending.used(now))
            metrics.api_credits_remaining.labels(account=account).set(allowance.left(now))
            metrics.api_credits_share.labels(account=account).set(allowance.credits)
            metrics.api_credits_recover_timestamp.labels(account=account).set(recovers)

    def state(self, connection: str, mode: ConnectionMode, pace: float, *, works: bool) -> None:
        """How a connection is, also in the middle of a long run, and how many seconds lie between two of its polls."""
        if not self._metrics.knows_connection(connection):
            return
        self._metrics.connection_up.labels(connection=connection).set(works)
        for each in ConnectionMode:
            self._metrics.connection_state.labels(connection=connection, state=each.value).set(mode is each)
        self._metrics.poll_interval.labels(connection=connection).set(pace)

    def account(self, unit: AccountUnit) -> None:
        """How an account is, what waits there, and how far its feeds have come."""
        metrics, name = self._metrics, unit.name
        if not metrics.knows_account(name):
            return
        metrics.account_up.labels(account=name).set(unit.up)
        metrics.writes_waiting.labels(account=name).set(unit.deliverer.depth)
        metrics.writes_in_flight.labels(account=name).set(unit.deliverer.in_flight)
        feeds = {ref: each.feed for ref, each in unit.feeds.items()}
        for ref, feed in feeds.items():
            self._read(name, ref, feed.tally)
        if feeds:
            tallies = [each.tally for each in feeds.values()]
            metrics.feed_last_success_timestamp.labels(account=name).set(min(each.last_success for each in tallies))
            swept = min(each.swept_at for each in feeds.values())
            metrics.feed_last_full_read_timestamp.labels(account=name).set(swept)
            metrics.feed_records_missing.labels(account=name).set(sum(each.missing[0] for each in feeds.values()))

    def _read(self, account: str, ref: str, tally: FeedTally) -> None:
        """What a feed has read since last time."""
        now = _counted(tally)
        counts, then = self._feeds.get((account, ref), (tally, (0,) * len(now)))
        if counts is not tally:  # the account was changed: its feeds count from zero again
            then = (0,) * len(now)
        self._feeds[account, ref] = tally, now
        for (name, labels), more in zip(_FEED_COUNTERS, (a - b for a, b in zip(now, then, strict=True)), strict=True):
            getattr(self._metrics, name).labels(account=account, **labels).inc(max(more, 0))

    def store(self, facts: Mapping[str, Any]) -> None:
        """The state file."""
        self._metrics.store_size.set(facts["size"])
        self._metrics.store_queue_depth.set(facts["waiting"])


_FEED_COUNTERS: Final[Sequence[tuple[str, Mapping[str, str]]]] = (
    ("feed_pages", {"kind": "changes"}),
    ("feed_pages", {"kind": "full"}),
    ("records_read", {"kind": "upserted"}),
    ("records_read", {"kind": "removed"}),
    ("records_read", {"kind": "moved"}),
    ("records_read", {"kind": "unreadable"}),
    ("records_changed", {}),
    ("feed_full_reads", {"reason": "first"}),
    ("feed_full_reads", {"reason": "expired"}),
    ("feed_full_reads", {"reason": "sweep"}),
    ("feed_full_reads", {"reason": "fields"}),
)


def _counted(tally: FeedTally) -> tuple[int, ...]:
    """What a feed has counted, in the order of its counters."""
    gone, unreadable = tally.removed, tally.unreadable
    first = tally.full_reads - tally.expired - tally.swept - tally.widened
    return (
        tally.pages - tally.full_pages, tally.full_pages,
        max(tally.records - gone - unreadable, 0), gone - tally.moved, tally.moved, unreadable,
        tally.changed, max(first, 0), tally.expired, tally.swept, tally.widened,
    )  # fmt: skip


_KNOWN_CODES = frozenset(
    ("required", "unreadable", "not_storable", "invalid_data", "mandatory_not_found", "duplicate_data")
)


def _bounded(code: str) -> str:
    return code.lower() if code.lower() in _KNOWN_CODES else "refused"
