"""Tries of all accounts as metrics."""

from zohosyncd.telemetry.metrics import Metrics, outcome_class
from zohosyncd.transport.observer import Attempt


class MeteredCalls:
    """A CallObserver that counts."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def begun(self, account: str) -> None:
        """Count a request under way."""
        self._metrics.api_requests_in_flight.labels(account).inc()

    def ended(self, account: str) -> None:
        """It is no longer under way, whatever became of it."""
        self._metrics.api_requests_in_flight.labels(account).dec()

    def attempted(self, attempt: Attempt) -> None:
        """Count a request, its time and its bytes."""
        metrics = self._metrics
        metrics.api_requests.labels(attempt.account, attempt.template, outcome_class(attempt.result)).inc()
        metrics.api_request_duration.labels(attempt.account, attempt.template).observe(attempt.seconds)
        metrics.api_received.labels(attempt.account).inc(attempt.received)
        if attempt.result == "429":
            metrics.api_rate_limited.labels(attempt.account).inc()

    def waiting(self, account: str, reason: str, seconds: float) -> None:
        """Count a repetition and the time before it."""
        self._metrics.api_retries.labels(account, reason).inc()
        self._metrics.api_wait.labels(account, reason).inc(seconds)

    def login_renewed(self, account: str, result: str) -> None:
        """Count an access token, given or not."""
        self._metrics.token_refreshes.labels(account, result).inc()
