"""Every metric of the daemon, on one page.

Labels are bounded by the configuration and by enumerations: ``connection``, ``account``, ``side``, ``kind``, ``state``,
``reason``, ``outcome``, and ``endpoint`` (method and path template, without ids). No label ever holds a record's id or
a person's data. A removed connection or account takes its series along (:meth:`Metrics.forget_connection`,
:meth:`Metrics.forget_account`).
"""

import time
from collections.abc import Callable
from platform import python_version
from typing import Final

from zohosyncd.telemetry.registry import Families

LABELS: Final = frozenset(("connection", "account", "side", "kind", "state", "reason", "outcome", "endpoint"))
"""Every label that a metric may have, beside those of the build information."""

_DELAYS: Final = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400)
_CALLS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COMMITS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_RUNS: Final = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400)
_LAGS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5)
_UNITS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Metrics(Families):
    """All metrics, in a registry of their own.

    Args:
        version: the daemon's version, for the build information.
        now: wall time in seconds since 1970, for ages.
        process: whether memory, CPU and file handles of the process are added (from /proc).
    """

    def __init__(self, version: str, *, now: Callable[[], float] = time.time, process: bool = True) -> None:
        super().__init__(now, process=process)
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
            "Records that an app has shown, by kind: upserted, removed, moved or unreadable.",
            "account",
            "kind",
        )
        self.records_changed = self._counter(
            "records_changed", "Records that were shown otherwise than they were known.", "account"
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
            "Writes that have no final outcome, by state: planned, waiting, approved, sent or unknown.",
            "connection",
            "state",
        )
        self.intent_oldest_age = self._age(
            "intent_oldest_age_seconds",
            "Age of the oldest write that waits for approval or whose outcome is unknown, 0 if there is none.",
            "connection",
            "state",
        )

    def _connections(self) -> None:
        self.connection_up = self._gauge(
            "connection_up",
            "1 while the connection works, 0 while it is being prepared or waits for an app, a login or its files.",
            "connection",
        )
        self.connection_state = self._gauge(
            "connection_state",
            "1 for the state in which the connection is, else 0: starting, running, approval (its first sync waits), "
            "waiting (see connection_up), paused or stopped.",
            "connection", "state",
        )  # fmt: skip
        self.connection_paused = self._gauge(
            "connection_paused", "1 while a person lets the connection write nothing, else 0.", "connection"
        )
        self.connection_recovering = self._gauge(
            "connection_recovering",
            "1 while the connection links everybody anew after an old state was put back, and creates and deletes "
            "nobody, else 0.",
            "connection",
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
            "Time from an edit on this side, as the app dates it or else from being seen, to its being applied on the "
            "other. First syncs are left out.",
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
        self.guard_trips = self._counter(
            "guard_trips",
            "Runs stopped by the guard, by what was too much: delete, blank, create or opt_out.",
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
            "feed_full_reads",
            "Complete reads that ended, by reason: first, expired (the app forgot our place), sweep (the daily one) or "
            "fields (new ones are mapped).",
            "account", "reason",
        )  # fmt: skip
        self.feed_last_success_timestamp = self._gauge(
            "feed_last_success_timestamp_seconds",
            "When the feed that is furthest behind was last read to its end, in Unix seconds.",
            "account",
        )
        self.feed_last_full_read_timestamp = self._gauge(
            "feed_last_full_read_timestamp_seconds",
            "When the last complete read ended of the object that was read completely longest ago, in Unix seconds; "
            "0 while one never was.",
            "account",
        )
        self.feed_records_missing = self._gauge(
            "feed_records_missing",
            "Records that the last complete read lacked, where these are so many that a person has to look, else 0.",
            "account",
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
            "How long requests took until the answer was read or given up, by path template and outcome.",
            _CALLS, "account", "endpoint", "outcome",
        )  # fmt: skip
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
        self.api_credits_window_used = self._gauge(
            "api_credits_window_used", "API credits spent in the last 24 hours, also before a restart.", "account"
        )
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
        self.api_budget_state = self._gauge(
            "api_budget_state",
            "1 for what the credits allow now, else 0: free, slow (reads keep to a pace), writes (only) or wait.",
            "account", "state",
        )  # fmt: skip
        self.api_calls_waiting = self._gauge("api_calls_waiting", "Requests that wait for their turn.", "account")
        self.api_concurrency = self._gauge(
            "api_concurrency", "Requests that may be under way at once, as far as the app has borne it.", "account"
        )
        self.token_refreshes = self._counter(
            "token_refreshes", "Access tokens asked for, by outcome.", "account", "outcome"
        )
        self.token_made_timestamp = self._gauge(
            "token_made_timestamp_seconds", "When the access token in use was made, in Unix seconds.", "account"
        )
        self.token_expires_timestamp = self._gauge(
            "token_expires_timestamp_seconds", "When the access token in use is replaced, in Unix seconds.", "account"
        )
        self.writes_waiting = self._gauge(
            "writes_waiting", "Decided writes that wait for their turn to be sent.", "account"
        )
        self.writes_in_flight = self._gauge(
            "writes_in_flight", "Writes that are being sent and have no answer yet.", "account"
        )

    def _store(self) -> None:
        self.store_commit_duration = self._histogram(
            "store_commit_duration_seconds", "How long commits took.", _COMMITS
        )
        self.store_commit_units = self._histogram("store_commit_units", "Units of work merged into one commit.", _UNITS)
        self.store_failures = self._counter(
            "store_failures", "Transactions that came to nothing because the database failed."
        )
        self.store_queue_depth = self._gauge("store_queue_depth", "Units of work that wait for the writer.")
        self.store_size = self._gauge("store_size_bytes", "Size of the state file and its log.")

    def know_connection(self, name: str) -> None:
        """Show a connection's counters from zero on, so that their first increase is seen."""
        self._known.add(("connection", name))
        for outcome in ("converged", "waiting", "failed"):
            self.runs.labels(connection=name, outcome=outcome)
        for kind in ("delete", "blank", "create", "opt_out"):
            self.guard_trips.labels(connection=name, kind=kind)
        for side in ("left", "right"):
            self.changes_pending.labels(connection=name, side=side)
            self.change_oldest_age.since(None, connection=name, side=side)
            self.change_delay.labels(connection=name, side=side)
            for kind in ("create", "update", "delete"):
                self.records_written.labels(connection=name, side=side, kind=kind, outcome="done")
        for state in ("planned", "waiting", "approved", "sent", "unknown"):
            self.intents.labels(connection=name, state=state)
        for state in ("waiting", "unknown"):
            self.intent_oldest_age.since(None, connection=name, state=state)
        for gauge in (
            self.connection_up,
            self.connection_paused,
            self.connection_recovering,
            self.approvals_waiting,
            self.fields_stored_differently,
        ):
            gauge.labels(connection=name)
        self.clashes.labels(connection=name)

    def know_account(self, name: str) -> None:
        """Show an account's counters from zero on, so that their first increase is seen."""
        self._known.add(("account", name))
        for metric in (
            self.account_up,
            self.api_rate_limited,
            self.api_requests_in_flight,
            self.records_changed,
            self.writes_waiting,
            self.writes_in_flight,
        ):
            metric.labels(account=name)
        for kind in ("changes", "full"):
            self.feed_pages.labels(account=name, kind=kind)
        for kind in ("upserted", "removed", "moved", "unreadable"):
            self.records_read.labels(account=name, kind=kind)
        for reason in ("first", "expired", "sweep", "fields"):
            self.feed_full_reads.labels(account=name, reason=reason)
        for reason in ("rate_limited", "unavailable", "lost", "login"):
            self.api_retries.labels(account=name, reason=reason)


def outcome_class(result: str) -> str:
    """``"2xx"`` for ``"204"``; words such as ``lost`` stay as they are. Keeps the label bounded."""
    return f"{result[0]}xx" if len(result) == 3 and result.isdigit() else result
