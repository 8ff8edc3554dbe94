"""Dashboards and alerts ask for what the daemon has, and say what to do in the words of its commands."""

import re
import runpy
import shlex
from typing import Any

import click
import pytest
import yaml

from tests.promises.monitoring import (
    DASHBOARD,
    GRAFANA,
    PROMETHEUS,
    RULES,
    Asked,
    alerts,
    asked_by_panels,
    asked_by_rules,
    grouping,
    panels,
    rules,
    selectors,
)
from zohosyncd.cli.main import COMMANDS, zohosyncd
from zohosyncd.telemetry.metrics import Metrics

LABELS = Metrics("1", process=False).labels()
TYPES = {family.name: family.type for family in Metrics("1", process=False).registry.collect()}
ADDED = {"job", "instance"}
"""Labels that Prometheus adds to everything it scrapes."""

RECORDED = {rule["record"]: set(re.findall(r"\w+", rule["expr"])) for rule in rules() if "record" in rule}
ALL = [*asked_by_panels(), *asked_by_rules()]


def labels_of(metric: str) -> set[str] | None:
    """The labels of a metric as it is asked for, None if nothing has that name."""
    if ":" in metric:
        return RECORDED.get(metric)
    for suffix, kinds in (("_total", ("counter",)), ("_bucket", ("histogram",)), ("_sum", ("histogram",)),
                          ("_count", ("histogram",)), ("", ("gauge",))):  # fmt: skip
        name = metric.removesuffix(suffix)
        if metric.endswith(suffix) and TYPES.get(name) in kinds:
            return {*LABELS[name], *ADDED, *(("le",) if suffix == "_bucket" else ())}
    return None


@pytest.mark.parametrize("asked", ALL, ids=[each.where for each in ALL])
def test_what_is_asked_for_is_there_with_these_labels(asked: Asked) -> None:
    found = list(selectors(asked.query))
    known: set[str] = set()
    for metric, labels in found:
        has = labels_of(metric)
        assert has is not None, metric
        assert labels <= has, metric
        known |= has
    if found:
        assert grouping(asked.query) <= known
    else:
        assert "{job=" in asked.query, "what is not ours is chosen by its job"


def test_what_does_not_exist_would_be_found() -> None:
    assert labels_of("zohosyncd_runs") is None
    assert labels_of("zohosyncd_runs_total") == {"connection", "outcome", "job", "instance"}
    assert labels_of("zohosyncd_connection_up_total") is None
    query = 'sum by (side) (rate(zohosyncd_change_delay_seconds_bucket{side="left", x!~"a"}[5m])) / a:zohosyncd_b:c'
    assert list(selectors(query)) == [
        ("zohosyncd_change_delay_seconds_bucket", {"side", "x"}),
        ("a:zohosyncd_b:c", set()),
    ]
    assert grouping(query) == {"side"}


def test_every_metric_is_shown_or_watched_or_left_out_on_purpose() -> None:
    asked = {metric for each in ALL for metric, _labels in selectors(each.query)}
    bases = {re.sub(r"_(total|bucket|sum|count)$", "", metric) for metric in asked}
    silent = {
        "zohosyncd_config_last_reload_success_timestamp_seconds", "zohosyncd_fields_stored_differently",
        "zohosyncd_feed_pages", "zohosyncd_feed_last_success_timestamp_seconds", "zohosyncd_hook_requests",
        "zohosyncd_bell_rings", "zohosyncd_bell_missed", "zohosyncd_api_wait_seconds", "zohosyncd_api_concurrency",
        "zohosyncd_token_refreshes", "zohosyncd_token_expires_timestamp_seconds", "zohosyncd_store_commit_units",
        "zohosyncd_store_queue_depth", "zohosyncd_build_info", "zohosyncd_event_loop_tasks",
    }  # fmt: skip
    assert set(LABELS) - bases == silent


# --- the dashboard ----------------------------------------------------------------------------------------------------


def test_the_dashboard_is_what_its_script_makes() -> None:
    made: dict[str, Any] = runpy.run_path(str(GRAFANA / "make_dashboard.py"))["dashboard"]()
    assert made == DASHBOARD, "run python config/grafana/make_dashboard.py"


def test_the_dashboard_keeps_its_address_and_its_rows() -> None:
    assert DASHBOARD["uid"] == "zohosyncd"
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Overview", "One connection: $connection", "API budget: $account"]
    assert [panel["id"] for panel in DASHBOARD["panels"]] == list(range(1, len(DASHBOARD["panels"]) + 1))


@pytest.mark.parametrize("panel", panels(), ids=[panel["title"] for panel in panels()])
def test_a_panel_says_what_it_shows_and_in_what_unit(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert len(panel["description"]) > 20
    assert panel["description"].endswith(".")
    assert panel["targets"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    if any("_seconds" in target["expr"] for target in panel["targets"]):
        assert panel["fieldConfig"]["defaults"]["unit"] == "s"
    named = re.findall(r"zohosyncd ([a-z]+)", panel["description"])
    assert set(named) <= set(COMMANDS)


def test_panels_lie_beside_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        area = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not area & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= area


def test_the_data_source_that_is_provided_is_the_one_that_is_asked() -> None:
    provided = yaml.safe_load((GRAFANA / "provisioning/datasources/zohosyncd.yml").read_text())["datasources"]
    (choice,) = [each for each in DASHBOARD["templating"]["list"] if each["type"] == "datasource"]
    assert choice["current"]["value"] == provided[0]["uid"]
    assert choice["current"]["text"] == provided[0]["name"]


# --- alerts -----------------------------------------------------------------------------------------------------------


def commands(cure: str) -> list[list[str]]:
    """The commands of ours that a cure names, as their arguments."""
    named = re.findall(r"(?:^|; |then |lost: |run )zohosyncd ([^;,(]*)", cure)
    return [shlex.split(re.sub(r"\{\{[^}]*\}\}", "NAME", each)) for each in named]


@pytest.mark.parametrize("alert", alerts(), ids=[alert["alert"] for alert in alerts()])
def test_an_alert_names_its_cure_as_a_command(alert: dict[str, Any]) -> None:
    cure = alert["annotations"]["cure"]
    assert alert["annotations"]["summary"]
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert re.match(r"(zohosyncd|systemctl|df|iostat) ", cure), "a command comes first"
    assert len(commands(cure)) == len(re.findall(r"zohosyncd [a-z]", cure))
    for arguments in commands(cure):
        assert arguments[0] in COMMANDS
        context = click.Context(zohosyncd)
        command = zohosyncd.get_command(context, arguments[0])
        assert command is not None
        command.make_context(arguments[0], arguments[1:], parent=context)


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    told = yaml.safe_load((PROMETHEUS / "zohosyncd.test.yml").read_text())
    firing = {
        each["alertname"] for test in told["tests"] for each in test.get("alert_rule_test", ()) if each["exp_alerts"]
    }
    assert firing == {alert["alert"] for alert in alerts()}


def test_the_readme_counts_them_right() -> None:
    assert f"Each of the {len(alerts())} alerts says" in (PROMETHEUS.parents[1] / "README.md").read_text()


def test_prometheus_loads_all_rules_and_scrapes_where_the_daemon_listens_by_default() -> None:
    example = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    assert sorted(example["rule_files"]) == [file.name for file in RULES]
    (job,) = example["scrape_configs"]
    assert job["job_name"] == "zohosyncd"
    assert job["static_configs"] == [{"targets": ["127.0.0.1:9595"]}]
