"""Every metric says what it is, in a name that Prometheus's users expect."""

import re
from pathlib import Path

import pytest
from prometheus_client import Metric

from zohosyncd.telemetry.metrics import LABELS, Metrics
from zohosyncd.telemetry.reference import table

ROOT = Path(__file__).parents[2]

METRICS = {metric.name: metric for metric in Metrics("1", process=False).registry.collect()}
UNITS_NOT_BASE = re.compile(r"_(ms|millis|milliseconds|minutes|hours|days|kb|mb|kilobytes|megabytes|percent)(_|$)")
LABELS_OF = Metrics("1", process=False).labels()


@pytest.fixture(params=sorted(METRICS))
def metric(request: pytest.FixtureRequest) -> Metric:
    return METRICS[request.param]


def test_it_has_a_sentence_of_help(metric: Metric) -> None:
    assert len(metric.documentation) > 20
    assert metric.documentation[0].isupper() or metric.documentation[0].isdigit()
    assert metric.documentation.endswith(".")


def test_its_name_is_well_formed(metric: Metric) -> None:
    assert re.fullmatch(r"zohosyncd_[a-z][a-z0-9]*(_[a-z0-9]+)*", metric.name)
    assert not UNITS_NOT_BASE.search(metric.name)
    assert not metric.name.endswith(("_count", "_sum", "_bucket", "_created"))
    assert "_total" not in metric.name, "the library adds it, and only to counters"


def test_its_unit_is_in_its_name(metric: Metric) -> None:
    timed = re.search(
        r"\b(age|how long|time from|when a|when the|interval|how much later)\b", metric.documentation, re.IGNORECASE
    )
    if timed:
        assert "_seconds" in metric.name
    if metric.name.endswith("_timestamp_seconds"):
        assert metric.type == "gauge"
        assert "Unix seconds" in metric.documentation


def test_its_labels_are_bounded(metric: Metric) -> None:
    allowed = LABELS | ({"version", "python"} if metric.name == "zohosyncd_build_info" else set())
    assert set(LABELS_OF[metric.name]) <= allowed


def test_there_are_no_two_of_a_name() -> None:
    assert len(LABELS_OF) == len(METRICS) > 40


def test_the_list_for_people_is_true() -> None:
    listed = (ROOT / "config/prometheus/metrics.md").read_text(encoding="utf-8")
    assert listed == table(), "run python -m zohosyncd.telemetry.reference > config/prometheus/metrics.md"


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md", "daemon/README.md"])
def test_a_metric_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"\bzohosyncd_[a-z_]+", text))
    assert named <= {*METRICS, *(f"{name}_total" for name, each in METRICS.items() if each.type == "counter")}
