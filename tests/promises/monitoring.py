"""What config/prometheus and config/grafana ask, read from the files as they are shipped."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CONFIG = Path(__file__).parents[2] / "config"
PROMETHEUS, GRAFANA = CONFIG / "prometheus", CONFIG / "grafana"
RULES = sorted(PROMETHEUS.glob("zohosyncd.[ar]*.yml"))
DASHBOARD: dict[str, Any] = json.loads((GRAFANA / "dashboards/zohosyncd.json").read_text(encoding="utf-8"))


class Asked(NamedTuple):
    """A query and where it stands."""

    where: str
    query: str


def rules() -> list[dict[str, Any]]:
    """Every recording and alerting rule."""
    return [rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def panels() -> list[dict[str, Any]]:
    """Every panel that shows something."""
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def asked_by_panels() -> Iterator[Asked]:
    for panel in panels():
        for target in panel["targets"]:
            yield Asked(panel["title"], target["expr"])


def asked_by_rules() -> Iterator[Asked]:
    for rule in rules():
        yield Asked(rule.get("alert") or rule["record"], rule["expr"])


def as_grafana_asks(query: str, window: str) -> str:
    """The query of a panel where everything is chosen."""
    return re.sub(r"\$(instance|connection|account)\b", ".*", query).replace("$__rate_interval", window)


def as_often_as_it_can(query: str) -> list[str]:
    """What an alert looks at, whether it fires or not: comparisons answer 0 or 1 instead of nothing."""
    return [re.sub(r" (==|>|<) ", r" \1 bool ", part) for part in re.split(r" unless on \([^)]*\) ", query)]


_SELECTOR = re.compile(r"(?<![\w:])((?:[a-z_]+:)?zohosyncd_[a-z0-9_]+(?::[a-z0-9_]+)?)(?:\{([^}]*)\})?")


def selectors(query: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics in a query, each with the labels by which it is chosen."""
    for found in _SELECTOR.finditer(re.sub(r'"[^"]*"', '""', query)):
        yield found[1], set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", found[2] or ""))


def grouping(query: str) -> set[str]:
    """The labels by which a query puts together."""
    return {label for found in re.findall(r"\b(?:by|on) \(([^)]*)\)", query) for label in re.findall(r"\w+", found)}
