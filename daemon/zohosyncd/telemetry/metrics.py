"""Every metric of the daemon, on one page.

Labels are bounded by the configuration and by enumerations: ``connection``, ``account``, ``side``, ``kind``, ``state``,
``reason``, ``outcome``, and ``endpoint`` (method and path template, without ids). No label ever holds a record's id or
a person's data. A removed connection or account takes its series along (:meth:`Metrics.forget_connection`,
:meth:`Metrics.forget_account`).
"""

import time
from collections.abc import Callable, Iterator
from platform import python_version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

LABELS: Final = frozenset(("connection", "account", "side", "kind", "state", "reason", "outcome", "endpoint"))
"""Every label that a metric may have, beside those of the build information."""

_DELAYS: Final = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400)
_CALLS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COMMITS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_RUNS: Final = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400)
_LAGS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5)
_UNITS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class AgeGauge:
    """A gauge of seconds since a moment, counted when it is read: it grows although nobody touches it."""

    def __init__(self, gauge: Gauge, now: Callable[[], float]) -> None:
        self._gauge = gauge
        self._now = now

    def since(self, moment: float | None, **labels: str) -> None:
        """Show the age of this moment (wall seconds since 1970); None shows 0, as nothing waits."""
        child = self._gauge.labels(**labels)
        if moment is None:
            child.set_function(lambda: 0.0)
        else:
            child.set_function(lambda: max(0.0, self._now() - moment))


class Metrics:
    """All metrics, in a registry of their own.

    Args:
        version: the daemon's version, for the build information.
        now: wall time in seconds since 1970, for ages.
        process: whether memory, CPU and file handles of the process are added (from /proc).
    """

    def __init__(self, version: str, *, now: Callable[[], float] = time.time, process: bool = True) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._now = now
        self._all: list[MetricWrapperBase] = []
        if process:
            ProcessCollector(registry=self.registry)
        self._service(version)
        self._records()
        self._connections()
        self._feeds()
        self._apps()
        self._store()

    def _service(self, version: str) -> None:
        build = self._gauge("build_info", "Always 1; the daemon's version and its Python.", "version", "python")
        build.labels(version=version, python=python_version()).set(1)
        self.config_last_reload_successful = self._gauge(
            "config_last_reload_successful", "1 if the last load of the configuration was applied, 0 if it was refused."
        )
        self.config_last_reload_success_timestamp = self._gauge(
            "config_last_reload_success_timestamp_seconds", "When a configuration was last applied, in Unix seconds."
        )
        self.event_loop_tasks = self._gauge("event_loop_tasks", "Tasks of the event loop.")
        self.event_loop_lag = self._histogram(
            "event_loop_lag_seconds", "How much later than asked for the event loop woke up a timer.", _LAGS
        )

    def _records(self) -> None:
        self.records_read = self._counter(
            "records_read",
            "Records that feeds delivered, by kind: upserted, removed, moved or unreadable.",
            "account",
            "kind",
        )
        self.records_written = self._counter(
            "records_written",
            "Writes that an app answered, by side written to, kind (create, update, delete) and outcome.",
            "connection", "side", "kind", "outcome",
        )  # fmt: skip
        self.records_held = self._gauge(
            "records_held", "Records that wait for a person's decision, by reason.", "connection", "reason"
        )
        self.contacts = self._gauge(
            "contacts",
            "Records of a side, by state: in_sync, pending, excluded, duplicate, ambiguous, held, refused, frozen or "
            "deleted; counted at the end of a run.",
            "connection", "side", "state",
        )  # fmt: skip
        self.records_quarantined = self._gauge(
            "records_quarantined",
            "Records that an app refuses or that cannot be read, by reason.",
            "connection",
            "reason",
        )
        self.fields_stored_differently = self._gauge(
            "fields_stored_differently", "Fields of which an app shows another value than it was sent.", "connection"
        )
        self.links = self._gauge("links", "Pairs of records, by state: live or tombstone.", "connection", "state")
        self.clashes = self._counter(
            "clashes", "Fields that both sides changed to different values since they last agreed.", "connection"
        )
        self.intents = self._gauge(
            "intents",
            "Writes that have no final outcome: planned, waiting, approved, sent, unknown.",
            "connection",
            "state",
        )
        self.intent_oldest_age = self._age(
            "intent_oldest_age_seconds",
            "Age of the oldest write in this state, 0 if there is none.",
            "connection",
            "state",
        )

    def _connections(self) -> None:
        self.connection_up = self._gauge(
            "connection_up",
            "1 while the connection works, 0 while it waits for an app, a login or a person.",
            "connection",
        )
        self.connection_paused = self._gauge(
            "connection_paused", "1 while a person lets the connection write nothing, else 0.", "connection"
        )
        self.changes_pending = self._gauge(
            "changes_pending", "Changes seen on this side and not yet settled.", "connection", "side"
        )
        self.change_oldest_age = self._age(
            "change_oldest_age_seconds",
            "Age of the oldest change seen on this side and not yet applied, 0 if there is none.",
            "connection", "side",
        )  # fmt: skip
        self.change_delay = self._histogram(
            "change_delay_seconds",
            "Time from a change being seen on this side to its being applied on the other.",
            _DELAYS, "connection", "side",
        )  # fmt: skip
        self.runs = self._counter(
            "runs", "Runs, by outcome: converged, waiting (for a person) or failed.", "connection", "outcome"
        )
        self.run_duration = self._histogram(
            "run_duration_seconds", "How long runs took, from start to end.", _RUNS, "connection"
        )
        self.run_last_success_timestamp = self._gauge(
            "run_last_success_timestamp_seconds",
            "When a run last ended without an error, in Unix seconds.",
            "connection",
        )
        self.poll_interval = self._gauge(
            "poll_interval_seconds", "Real interval between two polls, which a budget may have stretched.", "connection"
        )
        self.queue_depth = self._gauge("queue_depth", "Batches that wait for a reconciler.", "connection")
        self.guard_trips = self._counter(
            "guard_trips",
            "Runs stopped by the guard, by what was too much: delete, blank or create.",
            "connection",
            "kind",
        )
        self.approvals_waiting = self._gauge(
            "approvals_waiting", "Writes that wait for a person's approval.", "connection"
        )

    def _feeds(self) -> None:
        self.feed_pages = self._counter(
            "feed_pages", "Pages read, by kind: changes, or full for a complete read.", "account", "kind"
        )
        self.feed_full_reads = self._counter(
            "feed_full_reads", "Complete reads begun, by reason: first, expired, sweep or fields.", "account", "reason"
        )
        self.feed_last_success_timestamp = self._gauge(
            "feed_last_success_timestamp_seconds", "When a feed was last read to its end, in Unix seconds.", "account"
        )
        self.hook_requests = self._counter(
            "hook_requests",
            "Requests to /hooks, by outcome: rang, greeted, stranger (no proof), unknown (no such bell), method, "
            "limited, too_large or too_slow.",
            "outcome",
        )
        self.bell_rings = self._counter("bell_rings", "Rings by which an app said that something changed.", "account")
        self.bell_missed = self._counter(
            "bell_missed", "Polls that found a change for which the app should have rung and did not.", "account"
        )
        self.channels = self._gauge(
            "channels",
            "Objects that an app rings for, by state: new (it has not rung yet), healthy, doubtful or unhealthy.",
            "account",
            "state",
        )
        self.mirror_records = self._gauge("mirror_records", "Records in the mirror of this account.", "account")

    def _apps(self) -> None:
        self.account_up = self._gauge(
            "account_up", "1 while the login works and the app can be reached, else 0.", "account"
        )
        self.account_last_success_timestamp = self._gauge(
            "account_last_success_timestamp_seconds", "When the app last answered as hoped, in Unix seconds.", "account"
        )
        self.api_requests = self._counter(
            "api_requests",
            "Requests to the app, by path template and outcome (1xx to 5xx, undelivered or lost).",
            "account", "endpoint", "outcome",
        )  # fmt: skip
        self.api_request_duration = self._histogram(
            "api_request_duration_seconds",
            "How long requests took until the answer was read.",
            _CALLS,
            "account",
            "endpoint",
        )
        self.api_received = self._counter("api_received_bytes", "Bytes of answers, decompressed.", "account")
        self.api_requests_in_flight = self._gauge(
            "api_requests_in_flight", "Requests to the app that are under way.", "account"
        )
        self.api_retries = self._counter(
            "api_retries", "Requests that were sent again, by reason.", "account", "reason"
        )
        self.api_rate_limited = self._counter("api_rate_limited", "Answers that asked us to slow down.", "account")
        self.api_wait = self._counter(
            "api_wait_seconds", "Time spent waiting to send again, by reason.", "account", "reason"
        )
        self.api_credits_used = self._counter("api_credits_used", "API credits spent, as counted here.", "account")
        self.api_credits_remaining = self._gauge(
            "api_credits_remaining", "API credits that the daemon may still spend in this window.", "account"
        )
        self.api_credits_share = self._gauge(
            "api_credits_share", "API credits that the daemon may spend in 24 hours.", "account"
        )
        self.api_credits_recover_timestamp = self._gauge(
            "api_credits_recover_timestamp_seconds",
            "When enough API credits will have come back for everything, in Unix seconds; 0 while there are enough.",
            "account",
        )
        self.api_calls_waiting = self._gauge("api_calls_waiting", "Requests that wait for their turn.", "account")
        self.api_concurrency = self._gauge(
            "api_concurrency", "Requests that may be under way at once, as far as the app has borne it.", "account"
        )
        self.token_refreshes = self._counter(
            "token_refreshes", "Access tokens asked for, by outcome.", "account", "outcome"
        )

    def _store(self) -> None:
        self.store_commit_duration = self._histogram(
            "store_commit_duration_seconds", "How long commits took.", _COMMITS
        )
        self.store_commit_units = self._histogram("store_commit_units", "Units of work merged into one commit.", _UNITS)
        self.store_queue_depth = self._gauge("store_queue_depth", "Units of work that wait for the writer.")
        self.store_size = self._gauge("store_size_bytes", "Size of the state file and its log.")

    def know_connection(self, name: str) -> None:
        """Show a connection's counters from zero on, so that their first increase is seen."""
        for outcome in ("converged", "waiting", "failed"):
            self.runs.labels(connection=name, outcome=outcome)
        for kind in ("delete", "blank", "create"):
            self.guard_trips.labels(connection=name, kind=kind)
        for side in ("left", "right"):
            self.changes_pending.labels(connection=name, side=side)
            self.change_oldest_age.since(None, connection=name, side=side)
            self.change_delay.labels(connection=name, side=side)
        for state in ("planned", "waiting", "approved", "sent", "unknown"):
            self.intents.labels(connection=name, state=state)
        self.intent_oldest_age.since(None, connection=name, state="unknown")
        for gauge in (
            self.connection_up,
            self.connection_paused,
            self.approvals_waiting,
            self.fields_stored_differently,
            self.queue_depth,
        ):
            gauge.labels(connection=name)
        self.clashes.labels(connection=name)

    def know_account(self, name: str) -> None:
        """Show an account's counters from zero on, so that their first increase is seen."""
        self.account_up.labels(account=name)
        self.api_rate_limited.labels(account=name)
        self.api_requests_in_flight.labels(account=name)
        for kind in ("changes", "full"):
            self.feed_pages.labels(account=name, kind=kind)
        for kind in ("upserted", "removed", "moved", "unreadable"):
            self.records_read.labels(account=name, kind=kind)

    def forget_connection(self, name: str) -> None:
        """Remove every series of a connection that exists no more."""
        self._forget("connection", name)

    def forget_account(self, name: str) -> None:
        """Remove every series of an account that exists no more."""
        self._forget("account", name)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """The page that Prometheus reads, and its content type, for this ``Accept`` header."""
        encode, content_type = choose_encoder(accept)
        return encode(_WithoutCreated(self.registry)), content_type

    def _forget(self, label: str, name: str) -> None:
        for metric in self._all:
            if label in metric._labelnames:  # noqa: SLF001 - the library has no public name for it
                metric.remove_by_labels({label: name})

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        counter = Counter(f"zohosyncd_{name}_total", text, labels, registry=self.registry)
        self._all.append(counter)
        return counter

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        gauge = Gauge(f"zohosyncd_{name}", text, labels, registry=self.registry)
        self._all.append(gauge)
        return gauge

    def _age(self, name: str, text: str, *labels: str) -> AgeGauge:
        return AgeGauge(self._gauge(name, text, *labels), self._now)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        histogram = Histogram(f"zohosyncd_{name}", text, labels, buckets=buckets, registry=self.registry)
        self._all.append(histogram)
        return histogram


def outcome_class(result: str) -> str:
    """``"2xx"`` for ``"204"``; words such as ``lost`` stay as they are. Keeps the label bounded."""
    return f"{result[0]}xx" if len(result) == 3 and result.isdigit() else result


class _WithoutCreated(Collector):
    """The registry without the ``_created`` series, which double the page and which nothing here reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
            yield metric
