"""What is counted becomes metrics, once; and nothing of what has gone comes back."""

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan, Recovery
from zohosyncd.pipeline.reading import FeedTally
from zohosyncd.pipeline.tally import Report, Tally
from zohosyncd.ports.store import Counts
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.connections import ConnectionMode
from zohosyncd.supervisor.publish import CallMetrics, Publisher, StoreMetrics
from zohosyncd.telemetry.metrics import Metrics
from zohosyncd.transport.observer import Attempt

COUNTS = Counts(0, 0, {}, {}, {}, 0.0, 0)
NOTHING = {"left": 0, "right": 0}, {"left": 0.0, "right": 0.0}


@pytest.fixture
def metrics() -> Metrics:
    found = Metrics("1", now=lambda: 1000.0, process=False)
    found.know_connection("c")
    found.know_account("a")
    return found


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"zohosyncd_{name}", labels)


def feed(tally: FeedTally, swept_at: float = 0.0, missing: int = 0) -> Any:
    return SimpleNamespace(feed=SimpleNamespace(tally=tally, swept_at=swept_at, missing=(missing, 100)))


def account(**feeds: Any) -> AccountUnit:
    deliverer = SimpleNamespace(depth=7, in_flight=3)
    return cast("AccountUnit", SimpleNamespace(name="a", up=True, deliverer=deliverer, feeds=feeds))


def report() -> Report:
    return Report("c", "r", "live", Tally(), 0, 0, 0, converged=True, waiting=0, seconds=1.0)


def plan(tally: Tally) -> Plan:
    return cast("Plan", SimpleNamespace(name="c", tally=tally, recovery=Recovery()))


def test_a_connection_that_recovers_says_so_until_it_has(metrics: Metrics) -> None:
    publisher, recovering = Publisher(metrics), plan(Tally())
    recovering.recovery.since = 500.0
    publisher.connection(recovering, report(), 1.0)
    assert value(metrics, "connection_recovering", connection="c") == 1
    recovering.recovery.since = 0.0
    publisher.connection(recovering, report(), 2.0)
    assert value(metrics, "connection_recovering", connection="c") == 0


def test_delays_are_told_once(metrics: Metrics) -> None:
    publisher, tally = Publisher(metrics), Tally()
    tally.applied(Side.LEFT, 3.0)
    tally.applied(Side.LEFT, 3.0)
    publisher.connection(plan(tally), report(), 1.0)
    tally.applied(Side.LEFT, 700.0)
    publisher.connection(plan(tally), report(), 2.0)
    assert value(metrics, "change_delay_seconds_count", connection="c", side="left") == 3
    assert value(metrics, "change_delay_seconds_sum", connection="c", side="left") == 706
    assert value(metrics, "change_delay_seconds_bucket", connection="c", side="left", le="5.0") == 2
    assert value(metrics, "change_delay_seconds_count", connection="c", side="right") == 0


def test_what_feeds_have_read_is_told_by_kind_and_reason(metrics: Metrics) -> None:
    publisher = Publisher(metrics)
    tally = FeedTally(
        pages=10, full_pages=4, records=100, changed=60, full_reads=5, expired=1, swept=2, widened=1,
        removed=9, moved=2, unreadable=3,
    )  # fmt: skip
    publisher.account(account(one=feed(tally)))
    publisher.account(account(one=feed(tally)))
    assert value(metrics, "feed_pages_total", account="a", kind="changes") == 6
    assert value(metrics, "feed_pages_total", account="a", kind="full") == 4
    read = {"upserted": 88, "removed": 7, "moved": 2, "unreadable": 3}
    for kind, count in read.items():
        assert value(metrics, "records_read_total", account="a", kind=kind) == count
    for reason, count in {"first": 1, "expired": 1, "sweep": 2, "fields": 1}.items():
        assert value(metrics, "feed_full_reads_total", account="a", reason=reason) == count
    assert value(metrics, "records_changed_total", account="a") == 60
    publisher.account(account(one=feed(FeedTally(pages=1))))  # the account was opened anew
    assert value(metrics, "feed_pages_total", account="a", kind="changes") == 7


def test_of_several_feeds_the_one_furthest_behind_is_shown(metrics: Metrics) -> None:
    feeds = {
        "one": feed(FeedTally(last_success=900.0), swept_at=500.0, missing=4),
        "two": feed(FeedTally(last_success=100.0), swept_at=800.0),
    }
    Publisher(metrics).account(account(**feeds))
    assert value(metrics, "feed_last_success_timestamp_seconds", account="a") == 100
    assert value(metrics, "feed_last_full_read_timestamp_seconds", account="a") == 500
    assert value(metrics, "feed_records_missing", account="a") == 4
    assert value(metrics, "writes_waiting", account="a") == 7
    assert value(metrics, "writes_in_flight", account="a") == 3


def test_a_connection_is_in_one_state(metrics: Metrics) -> None:
    publisher = Publisher(metrics)
    for mode in ConnectionMode:
        publisher.state("c", mode, 60.0, works=mode is ConnectionMode.RUNNING)
        shown = {each: value(metrics, "connection_state", connection="c", state=each.value) for each in ConnectionMode}
        assert shown == {each: float(each is mode) for each in ConnectionMode}
        assert value(metrics, "connection_up", connection="c") == (mode is ConnectionMode.RUNNING)
    assert value(metrics, "poll_interval_seconds", connection="c") == 60


def test_how_long_an_approval_has_waited(metrics: Metrics) -> None:
    counts = Counts(0, 0, {}, {}, {"waiting": 2}, 0.0, 0)
    Publisher(metrics).counts("c", counts, *NOTHING, 400.0)
    assert value(metrics, "intent_oldest_age_seconds", connection="c", state="waiting") == 600
    assert value(metrics, "approvals_waiting", connection="c") == 2
    Publisher(metrics).counts("c", COUNTS, *NOTHING, 0.0)
    assert value(metrics, "intent_oldest_age_seconds", connection="c", state="waiting") == 0


def test_the_state_file_has_its_size_and_its_failures(metrics: Metrics) -> None:
    Publisher(metrics).store({"size": 4096, "waiting": 5})
    assert value(metrics, "store_size_bytes") == 4096
    assert value(metrics, "store_queue_depth") == 5
    StoreMetrics(metrics).failed(3)
    assert value(metrics, "store_failures_total") == 1


def test_a_token_has_its_age_and_its_end(metrics: Metrics) -> None:
    CallMetrics(metrics).token_in_use("a", 900.0, 4440.0)
    assert value(metrics, "token_made_timestamp_seconds", account="a") == 900
    assert value(metrics, "token_expires_timestamp_seconds", account="a") == 4440


def test_a_call_that_ends_after_its_account_has_changed_is_not_counted_twice(metrics: Metrics) -> None:
    calls = CallMetrics(metrics)
    calls.begun("a")
    metrics.forget_account("a")
    metrics.know_account("a")
    calls.ended("a")
    assert value(metrics, "api_requests_in_flight", account="a") == 0


def everything_that_may_come_late(metrics: Metrics) -> None:
    calls, publisher = CallMetrics(metrics), Publisher(metrics)
    calls.begun("a")
    calls.ended("a")
    calls.attempted(Attempt("a", "GET", "/x", "200", 0.1))
    calls.waiting("a", "lost", 1.0)
    calls.credits_spent("a", 5)
    calls.login_renewed("a", "done")
    calls.token_in_use("a", 1.0, 2.0)
    publisher.account(account(one=feed(FeedTally(pages=1))))
    publisher.connection(plan(Tally(created=Counter({Side.LEFT: 1}))), report(), 1.0)
    publisher.connection(plan(Tally()), None, 1.0)
    publisher.counts("c", COUNTS, *NOTHING, 0.0)
    publisher.state("c", ConnectionMode.STOPPED, 60.0, works=False)


def owned(metrics: Metrics) -> list[str]:
    return [line for line in metrics.render()[0].decode().splitlines() if '="a"' in line or '="c"' in line]


def test_what_ends_late_brings_no_series_back(metrics: Metrics) -> None:
    everything_that_may_come_late(metrics)
    assert len(owned(metrics)) > 100
    metrics.forget_connection("c")
    metrics.forget_account("a")
    everything_that_may_come_late(metrics)
    assert owned(metrics) == []


def test_who_is_disabled_or_removed_loses_its_series_and_nobody_else(metrics: Metrics) -> None:
    metrics.know_connection("gone")
    metrics.know_account("left")
    before = owned(metrics)
    Publisher(metrics).keep(["c", "not yet begun"], ["a"])
    assert owned(metrics) == before
    page = metrics.render()[0].decode()
    assert 'connection="gone"' not in page
    assert 'account="left"' not in page
