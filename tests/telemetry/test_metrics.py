"""The page of metrics: independent registries, ages that grow by themselves, series that go with their owner."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from zohosyncd.telemetry.metrics import Metrics, outcome_class


def page(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = metrics.render()[0].decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_two_sets_of_metrics_know_nothing_of_each_other() -> None:
    one, two = Metrics("1"), Metrics("2")
    one.store_size.set(7)
    assert page(one)["zohosyncd_store_size_bytes", ()] == 7
    assert page(two)["zohosyncd_store_size_bytes", ()] == 0


def test_the_build_says_its_version() -> None:
    (labels,) = [dict(labels) for name, labels in page(Metrics("1.2.3")) if name == "zohosyncd_build_info"]
    assert labels["version"] == "1.2.3"


def test_an_age_grows_by_itself_and_ends() -> None:
    now = 1000.0
    metrics = Metrics("1", now=lambda: now)
    key = ("zohosyncd_change_oldest_age_seconds", (("connection", "c"), ("side", "left")))
    metrics.change_oldest_age.since(990.0, connection="c", side="left")
    assert page(metrics)[key] == 10
    now = 1060.0
    assert page(metrics)[key] == 70
    now = 900.0
    assert page(metrics)[key] == 0
    metrics.change_oldest_age.since(None, connection="c", side="left")
    now = 5000.0
    assert page(metrics)[key] == 0


def test_a_removed_connection_takes_its_series_along_and_no_others() -> None:
    metrics = Metrics("1", process=False)
    before = set(page(metrics))
    metrics.know_connection("gone")
    metrics.know_connection("stays")
    metrics.records_written.labels(connection="gone", side="left", kind="create", outcome="done").inc()
    metrics.change_delay.labels(connection="gone", side="left").observe(3)
    metrics.change_oldest_age.since(1.0, connection="gone", side="left")
    metrics.forget_connection("gone")
    left = {labels for _, labels in set(page(metrics)) - before}
    assert not [labels for labels in left if ("connection", "gone") in labels]
    assert [labels for labels in left if ("connection", "stays") in labels]


def test_a_removed_account_takes_its_series_along() -> None:
    metrics = Metrics("1", process=False)
    before = set(page(metrics))
    metrics.know_account("zoho")
    metrics.api_requests.labels(account="zoho", endpoint="GET /crm/v8/{object}", outcome="2xx").inc()
    endpoint = "GET /crm/v8/{object}"
    metrics.api_request_duration.labels(account="zoho", endpoint=endpoint, outcome="2xx").observe(0.1)
    metrics.forget_account("zoho")
    assert set(page(metrics)) == before


@pytest.mark.parametrize("label", ["connection", "account"])
def test_no_metric_of_an_owner_keeps_a_series_when_it_goes(label: str) -> None:
    metrics = Metrics("1", process=False)
    before = set(page(metrics))
    getattr(metrics, f"know_{label}")("gone")
    for each in metrics._all:
        if label in each._labelnames:
            each.labels(**dict.fromkeys(each._labelnames, "gone"))
    assert len(set(page(metrics)) - before) > 40
    assert metrics.known(label) == {"gone"}
    getattr(metrics, f"forget_{label}")("gone")
    assert set(page(metrics)) == before
    assert metrics.known(label) == frozenset()


def test_forgetting_what_was_never_known_does_nothing() -> None:
    Metrics("1").forget_connection("unknown")


def test_counters_of_a_known_connection_start_at_zero() -> None:
    metrics = Metrics("1", process=False)
    metrics.know_connection("c")
    values = page(metrics)
    assert values["zohosyncd_runs_total", (("connection", "c"), ("outcome", "failed"))] == 0
    assert values["zohosyncd_guard_trips_total", (("connection", "c"), ("kind", "delete"))] == 0


def test_prometheus_gets_the_form_that_it_asks_for() -> None:
    metrics = Metrics("1")
    assert metrics.render("")[1].startswith("text/plain")
    body, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
    assert b"_created" not in body


@pytest.mark.parametrize(("result", "outcome"), [("204", "2xx"), ("429", "4xx"), ("503", "5xx"), ("lost", "lost")])
def test_outcomes_are_classes(result: str, outcome: str) -> None:
    assert outcome_class(result) == outcome
