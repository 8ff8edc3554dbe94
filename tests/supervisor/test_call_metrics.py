"""Requests, as an operator finds them in metrics."""

from zohosyncd.supervisor.publish import CallMetrics
from zohosyncd.telemetry.metrics import Metrics
from zohosyncd.transport.observer import Attempt


def test_tries_become_metrics() -> None:
    metrics = Metrics("1", process=False)
    calls = CallMetrics(metrics)
    calls.know("crm")
    calls.begun("crm")
    calls.attempted(Attempt("crm", "GET", "/x", "204", 0.5, 10))
    calls.attempted(Attempt("crm", "GET", "/x", "429", 0.5))
    calls.attempted(Attempt("crm", "GET", "/x", "lost", 0.5))
    calls.ended("crm")
    calls.waiting("crm", "lost", 2.0)
    calls.login_renewed("crm", "done")
    page = metrics.render()[0].decode()
    for line in (
        'api_requests_total{account="crm",endpoint="GET /x",outcome="2xx"} 1.0',
        'api_requests_total{account="crm",endpoint="GET /x",outcome="lost"} 1.0',
        'api_rate_limited_total{account="crm"} 1.0',
        'api_requests_in_flight{account="crm"} 0.0',
        'api_wait_seconds_total{account="crm",reason="lost"} 2.0',
        'token_refreshes_total{account="crm",outcome="done"} 1.0',
    ):
        assert line in page
