"""Families of metrics in a registry of their own: how they are named, forgotten and rendered."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

PREFIX = "zohosyncd_"


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


class Families:
    """Makes metrics, whose names begin alike, and takes away the series of what exists no more.

    Args:
        now: wall time in seconds since 1970, for ages.
        process: whether memory, CPU and file handles of the process are added (from /proc).
    """

    def __init__(self, now: Callable[[], float], *, process: bool) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.now = now
        self._all: list[MetricWrapperBase] = []
        self._known: set[tuple[str, str]] = set()
        if process:
            ProcessCollector(registry=self.registry)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """The page that Prometheus reads, and its content type, for this ``Accept`` header."""
        encode, content_type = choose_encoder(accept)
        return encode(_WithoutCreated(self.registry)), content_type

    def labels(self) -> dict[str, tuple[str, ...]]:
        """Every metric of the daemon with its labels, by its name without what the library adds (``_total``)."""
        return {each._name: tuple(each._labelnames) for each in self._all}  # noqa: SLF001 - no public names for these

    def knows_connection(self, name: str) -> bool:
        """Whether it may have series: what ends after a connection has gone brings none of them back."""
        return ("connection", name) in self._known

    def knows_account(self, name: str) -> bool:
        """Whether it may have series: what ends after an account has gone brings none of them back."""
        return ("account", name) in self._known

    def forget_connection(self, name: str) -> None:
        """Remove every series of a connection that exists no more."""
        self._known.discard(("connection", name))
        self._forget("connection", name)

    def forget_account(self, name: str) -> None:
        """Remove every series of an account that exists no more."""
        self._known.discard(("account", name))
        self._forget("account", name)

    def known(self, label: str) -> frozenset[str]:
        """The names of all connections, or accounts, that have series."""
        return frozenset(name for each, name in self._known if each == label)

    def _forget(self, label: str, name: str) -> None:
        for metric in self._all:
            if label in metric._labelnames:  # noqa: SLF001 - the library has no public name for it
                metric.remove_by_labels({label: name})

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        counter = Counter(f"{PREFIX}{name}_total", text, labels, registry=self.registry)
        self._all.append(counter)
        return counter

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        gauge = Gauge(f"{PREFIX}{name}", text, labels, registry=self.registry)
        self._all.append(gauge)
        return gauge

    def _age(self, name: str, text: str, *labels: str) -> AgeGauge:
        return AgeGauge(self._gauge(name, text, *labels), self.now)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        histogram = Histogram(f"{PREFIX}{name}", text, labels, buckets=buckets, registry=self.registry)
        self._all.append(histogram)
        return histogram


class _WithoutCreated(Collector):
    """The registry without the ``_created`` series, which double the page and which nothing here reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
            yield metric
