"""From what accounts and connections count to metrics: the ports are wrapped from outside."""

from collections import Counter

from zohosyncd.core.allowance import Mode
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.reading import FeedTally
from zohosyncd.pipeline.tally import Report, Tally
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import Counts, HoldReason
from zohosyncd.supervisor.budgets import AccountUse
from zohosyncd.telemetry.metrics import Metrics, outcome_class
from zohosyncd.transport.observer import Attempt


class CallMetrics:
    """Counts every request of every account that is in force; one that is only tried, or has gone, leaves no series."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.calls = 0
        self._under_way: dict[str, int] = {}  # by account that is in force

    def know(self, account: str) -> None:
        """The account is in force."""
        self._under_way.setdefault(account, 0)

    def forget(self, account: str) -> None:
        """The account has gone, with its series; what is under way still ends."""
        self._under_way.pop(account, None)

    def _turn(self, account: str, change: int) -> None:
        if account in self._under_way:  # what an earlier life of the name began may end in this one
            self._under_way[account] = max(self._under_way[account] + change, 0)
            self._metrics.api_requests_in_flight.labels(account=account).set(self._under_way[account])

    def begun(self, account: str) -> None:
        """A request is under way."""
        self._turn(account, 1)

    def ended(self, account: str) -> None:
        """It is no longer under way."""
        self._turn(account, -1)

    def attempted(self, attempt: Attempt) -> None:
        """A try ended."""
        self.calls += 1
        if attempt.account not in self._under_way:
            return
        metrics, endpoint = self._metrics, f"{attempt.method} {attempt.template}"
        outcome = outcome_class(attempt.result)
        metrics.api_requests.labels(account=attempt.account, endpoint=endpoint, outcome=outcome).inc()
        metrics.api_request_duration.labels(account=attempt.account, endpoint=endpoint).observe(attempt.seconds)
        metrics.api_received.labels(account=attempt.account).inc(attempt.received)
        if attempt.result == "429":
            metrics.api_rate_limited.labels(account=attempt.account).inc()

    def waiting(self, account: str, reason: str, seconds: float) -> None:
        """A client waits before it tries again."""
        if account not in self._under_way:
            return
        self._metrics.api_retries.labels(account=account, reason=reason).inc()
        self._metrics.api_wait.labels(account=account, reason=reason).inc(seconds)

    def credits_spent(self, account: str, amount: int) -> None:
        """A call that costs something is made."""
        if account not in self._under_way:
            return
        self._metrics.api_credits_used.labels(account=account).inc(amount)

    def login_renewed(self, account: str, result: str) -> None:
        """An access token was asked for."""
        if account not in self._under_way:
            return
        self._metrics.token_refreshes.labels(account=account, outcome=result).inc()


class StoreMetrics:
    """Counts transactions."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def committed(self, units: int, rows: int, seconds: float) -> None:  # noqa: ARG002 - the observer's signature
        """A transaction was committed."""
        self._metrics.store_commit_duration.observe(seconds)
        self._metrics.store_commit_units.observe(units)

    def failed(self, units: int) -> None:
        """Nothing to measure: the daemon says so and waits."""


class Publisher:
    """Publishes the differences since it last looked."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tallies: dict[str, tuple[Tally, Tally]] = {}  # the one that counts, and how it stood
        self._feeds: dict[int, tuple[FeedTally, tuple[int, ...]]] = {}

    def forget(self, connection: str) -> None:
        """A connection has gone, with its series."""
        self._tallies.pop(connection, None)
        self._metrics.forget_connection(connection)

    def connection(self, plan: Plan, report: Report | None, now: float) -> None:
        """After a run (None: it failed)."""
        metrics, name = self._metrics, plan.name
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
        outcome = "failed" if report is None else "converged" if report.converged else "waiting"
        metrics.runs.labels(connection=name, outcome=outcome).inc()
        metrics.connection_up.labels(connection=name).set(report is not None)
        if report is not None:
            metrics.connection_paused.labels(connection=name).set(report.paused)
            for side, states in report.contacts.items():
                for state, many in states.items():
                    metrics.contacts.labels(connection=name, side=side.value, state=state.value).set(many)
            metrics.run_duration.labels(connection=name).observe(report.seconds)
            metrics.run_last_success_timestamp.labels(connection=name).set(now)

    def counts(self, connection: str, counts: Counts, pending: dict[str, int], oldest: dict[str, float]) -> None:
        """What the store counts of a connection; ``oldest``: wall seconds by side, 0.0 where nothing waits."""
        metrics = self._metrics
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
        metrics.intent_oldest_age.since(counts.oldest_unknown or None, connection=connection, state="unknown")
        metrics.fields_stored_differently.labels(connection=connection).set(counts.stored_differently)
        for side in SIDES:
            metrics.changes_pending.labels(connection=connection, side=side.value).set(pending[side.value])
            moment = oldest[side.value] or None
            metrics.change_oldest_age.since(moment, connection=connection, side=side.value)

    def budget(self, account: str, use: AccountUse, now: float) -> None:
        """Calls and credits of an account."""
        metrics, gate, allowance = self._metrics, use.gate, use.allowance
        if gate is not None:
            metrics.api_calls_waiting.labels(account=account).set(gate.waiting)
            metrics.api_concurrency.labels(account=account).set(gate.width.calls)
        if allowance is not None:
            recovers = 0.0 if allowance.mode(now) is Mode.FREE else allowance.recovers(now)
            metrics.api_credits_remaining.labels(account=account).set(allowance.left(now))
            metrics.api_credits_share.labels(account=account).set(allowance.credits)
            metrics.api_credits_recover_timestamp.labels(account=account).set(recovers)

    def feed(self, account: str, object_id: int, tally: FeedTally) -> None:
        """What a feed has read since last time."""
        now = (tally.pages, tally.changed, tally.removed, tally.unreadable, tally.full_reads, tally.expired)
        counts, then = self._feeds.get(object_id, (tally, (0,) * len(now)))
        if counts is not tally:  # the account was changed: its feeds count from zero again
            then = (0,) * len(now)
        pages, changed, removed, unreadable, full, expired = (a - b for a, b in zip(now, then, strict=True))
        self._feeds[object_id] = tally, now
        metrics = self._metrics
        metrics.feed_pages.labels(account=account, kind="changes").inc(pages)
        metrics.records_read.labels(account=account, kind="upserted").inc(changed)
        metrics.records_read.labels(account=account, kind="removed").inc(removed)
        metrics.records_read.labels(account=account, kind="unreadable").inc(unreadable)
        metrics.feed_full_reads.labels(account=account, reason="expired").inc(expired)
        metrics.feed_full_reads.labels(account=account, reason="first").inc(max(full - expired, 0))
        metrics.feed_last_success_timestamp.labels(account=account).set(tally.last_success)


_KNOWN_CODES = frozenset(
    ("required", "unreadable", "not_storable", "invalid_data", "mandatory_not_found", "duplicate_data")
)


def _bounded(code: str) -> str:
    return code.lower() if code.lower() in _KNOWN_CODES else "refused"
