"""Writes dashboards/zohosyncd.json: run it after a change, and keep both under version control.

A panel is a title, a sentence, a unit and what is asked of Prometheus; the rest is layout.

    python config/grafana/make_dashboard.py
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("dashboards") / "zohosyncd.json"
UID = "zohosyncd"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}

ALL = 'instance=~"$instance"'
ONE = ALL + ', connection=~"$connection"'
APP = ALL + ', account=~"$account"'

GOOD_IF_ONE = (("red", None), ("green", 1.0))
GOOD_IF_NONE = (("green", None), ("orange", 1.0))
LATE = (("green", None), ("orange", 300.0), ("red", 900.0))
LEFT = (("red", None), ("orange", 0.1), ("green", 0.25))


@dataclass(frozen=True)
class Panel:
    """One picture. ``queries``: what is asked, and how a line is called ("" = by its labels)."""

    title: str
    description: str
    unit: str
    queries: dict[str, str]
    kind: str = "timeseries"
    steps: tuple[tuple[str, float | None], ...] = (("green", None),)
    words: dict[str, str] = field(default_factory=dict)
    stacked: bool = False
    width: int = 8
    height: int = 7


def stat(title: str, description: str, unit: str, expr: str, legend: str = "", **more: Any) -> Panel:
    """A number that is as it is now."""
    return Panel(title, description, unit, {expr: legend}, kind="stat", **{"width": 4, "height": 4, **more})


def rate(metric: str, by: str, where: str) -> str:
    """How much a counter grows in a second."""
    return f"sum by ({by}) (rate(zohosyncd_{metric}{{{where}}}[$__rate_interval]))"


def within(part: float, metric: str, by: str, where: str) -> str:
    """The time within which this part of what a histogram counts was done."""
    return f"histogram_quantile({part}, {rate(metric + '_bucket', by + ', le', where)})"


def now(metric: str, by: str, where: str, how: str = "sum") -> str:
    """A gauge as it is."""
    return f"{how} by ({by}) (zohosyncd_{metric}{{{where}}})"


def down(metric: str) -> str:
    """How many of those that are 1 when all is well are not."""
    return f"count(zohosyncd_{metric}{{{ALL}}}) - sum(zohosyncd_{metric}{{{ALL}}})"


UP = {"0": "no", "1": "yes"}
C, CS, A = "{{connection}}", "{{connection}} from {{side}}", "{{account}}"

# fmt: off
OVERVIEW = (
    stat("Daemon", "Whether Prometheus reaches the daemon.",
         "none", 'min(up{job="zohosyncd"})', steps=GOOD_IF_ONE, words=UP),
    stat("Configuration in force", "Whether the files were taken over when they were last loaded, or: zohosyncd check.",
         "none", f"min(zohosyncd_config_last_reload_successful{{{ALL}}})", steps=GOOD_IF_ONE, words=UP),
    stat("Connections that wait", "Connections that do not work. zohosyncd status says why, and what to do.",
         "none", down("connection_up"), steps=GOOD_IF_NONE),
    stat("Accounts that wait", "Accounts whose login is refused, or whose app cannot be reached: zohosyncd accounts.",
         "none", down("account_up"), steps=GOOD_IF_NONE),
    stat("Oldest change", "Age of the oldest change that has not been applied, over all connections.",
         "s", f"max(zohosyncd_change_oldest_age_seconds{{{ALL}}})", steps=LATE),
    stat("Waiting for a person", "Writes that wait for zohosyncd approve, and records that wait in zohosyncd held.",
         "none", f"sum(zohosyncd_approvals_waiting{{{ALL}}}) + sum(zohosyncd_records_held{{{ALL}}})",
         steps=GOOD_IF_NONE),
    Panel("From edit to applied", "By connection and side: 95 of 100 edits arrive on the other side within this time.",
          "s", {within(0.95, "change_delay_seconds", "connection, side", ALL): CS}),
    Panel("Writes", "Records created, updated and deleted per second, by connection and side written to.",
          "wps", {rate("records_written_total", "connection, side", ALL): "{{connection}} to {{side}}"}, stacked=True),
    Panel("Age of the oldest change", "How long the oldest change has waited. 0: everything is applied.",
          "s", {now("change_oldest_age_seconds", "connection, side", ALL, "max"): CS}),
    Panel("Lag of the event loop", "How much later than asked for the daemon wakes up, 99 of 100 times at most. "
          "Much of it means too little processor time.",
          "s", {within(0.99, "event_loop_lag_seconds", "instance", ALL): "{{instance}}"}, width=6),
    Panel("Commit time", "How long transactions take: 99 of 100 at most, and on average.",
          "s", {within(0.99, "store_commit_duration_seconds", "instance", ALL): "99 of 100",
                rate("store_commit_duration_seconds_sum", "instance", ALL) + " / "
                + rate("store_commit_duration_seconds_count", "instance", ALL): "average"}, width=6),
    Panel("Size of the state", "The state file with its log.",
          "bytes", {now("store_size_bytes", "instance", ALL): "{{instance}}"}, width=6),
    Panel("Memory", "What the daemon's process has in memory.",
          "bytes", {f'process_resident_memory_bytes{{job="zohosyncd", {ALL}}}': "{{instance}}"}, width=6),
)

CONNECTION = (
    Panel("State", "In which state it is. waiting: zohosyncd status says for what; approval: its first sync waits.",
          "none", {now("connection_state", "connection, state", ONE, "max"): "{{connection}} {{state}}"},
          kind="state-timeline", words=UP, width=12, height=8),
    Panel("Contacts by state", "Every record of both sides is in one state: zohosyncd contacts NAME lists them.",
          "none", {now("contacts", "side, state", ONE): "{{side}} {{state}}"}, width=12, height=8),
    Panel("Changes that wait", "Changes that were seen on a side and are not settled yet.",
          "none", {now("changes_pending", "connection, side", ONE): CS}),
    Panel("Edits by the time they took", "Half of the edits, and 95 of 100, arrived within this time.",
          "s", {within(0.5, "change_delay_seconds", "connection", ONE): f"{C} half",
                within(0.95, "change_delay_seconds", "connection", ONE): f"{C} 95 of 100"}),
    Panel("Writes by kind and outcome", "What apps answered, per second. conflict is decided anew, refused goes to "
          "quarantine, unknown is found out.",
          "wps", {rate("records_written_total", "side, kind, outcome", ONE): "{{side}} {{kind}} {{outcome}}"},
          stacked=True),
    Panel("Held, by reason", "Records that wait for a person's decision: zohosyncd held NAME.",
          "none", {now("records_held", "connection, reason", ONE): "{{connection}} {{reason}}"}, stacked=True),
    Panel("Quarantined, by reason", "Records that an app refuses, or that cannot be read: zohosyncd quarantine NAME.",
          "none", {now("records_quarantined", "connection, reason", ONE): "{{connection}} {{reason}}"}, stacked=True),
    Panel("Writes without a final outcome", "By state: planned, waiting (for your approval), approved, sent, or "
          "unknown (being found out).",
          "none", {now("intents", "connection, state", ONE): "{{connection}} {{state}}"}, stacked=True),
    Panel("Oldest unknown outcome and approval", "How long the oldest write has waited for its outcome to be found "
          "out, or for your approval.",
          "s", {now("intent_oldest_age_seconds", "connection, state", ONE, "max"): "{{connection}} {{state}}"}),
    Panel("Runs", "Runs per second, by outcome: converged, waiting (for a person), failed.",
          "ops", {rate("runs_total", "outcome", ONE): "{{outcome}}"}, stacked=True),
    Panel("Interval between polls", "As it really is: credits may stretch it, and so does a bell that is trusted.",
          "s", {now("poll_interval_seconds", "connection", ONE, "max"): C}),
    Panel("Guard and clashes", "In the last hour: runs that the guard stopped, by what was too much, and fields that "
          "both sides had changed.",
          "none", {f"sum by (kind) (increase(zohosyncd_guard_trips_total{{{ONE}}}[1h]))": "guard: {{kind}}",
                   f"sum by (connection) (increase(zohosyncd_clashes_total{{{ONE}}}[1h]))": f"{C} clashes"}),
    Panel("Pairs", "Pairs of records that are kept the same, and pairs that have ended (tombstone).",
          "none", {now("links", "connection, state", ONE): "{{connection}} {{state}}"}),
    Panel("How long runs take", "95 of 100 runs end within this time.",
          "s", {within(0.95, "run_duration_seconds", "connection", ONE): C}),
)

BUDGET = (
    stat("Credits left", "Part of the daemon's share that may still be spent.",
         "percentunit", f"min(zohosyncd_api_credits_remaining{{{APP}}} / zohosyncd_api_credits_share{{{APP}}})",
         steps=LEFT),
    stat("Credits used in 24 h", "Spent in the last 24 hours, also before a restart.",
         "none", f"sum(zohosyncd_api_credits_window_used{{{APP}}})"),
    stat("Enough again in", "When enough credits will have come back for everything. 0: there are enough.",
         "s", f"max(clamp_min(zohosyncd_api_credits_recover_timestamp_seconds{{{APP}}} - time(), 0))"),
    stat("Age of the access token", "Since it was made. It is replaced before it ends, when it is needed.",
         "s", f"max(time() - zohosyncd_token_made_timestamp_seconds{{{APP}}})"),
    stat("Last complete read", "How long ago, of the object where that is longest ago. It is daily work.",
         "s", f"max(time() - (zohosyncd_feed_last_full_read_timestamp_seconds{{{APP}}} > 0))"),
    stat("Last good answer", "How long ago an app answered as hoped, of the account where that is longest ago.",
         "s", f"max(time() - zohosyncd_account_last_success_timestamp_seconds{{{APP}}})"),
    Panel("Credits", "What may still be spent, and what was spent in the last 24 hours, against the daemon's share.",
          "none", {now("api_credits_remaining", "account", APP): f"{A} left",
                   now("api_credits_window_used", "account", APP): f"{A} used",
                   now("api_credits_share", "account", APP): f"{A} share"}),
    Panel("What the credits allow", "free: everything; slow: reads keep to a pace; writes: only writes; wait: nothing "
          "until credits come back.",
          "none", {now("api_budget_state", "account, state", APP, "max"): "{{account}} {{state}}"},
          kind="state-timeline", words=UP),
    Panel("Credits per second", "What is being spent, as counted here by the vendor's price list.",
          "none", {rate("api_credits_used_total", "account", APP): A}),
    Panel("Requests by endpoint", "Requests per second, by method and path template.",
          "reqps", {rate("api_requests_total", "account, endpoint", APP): "{{account}} {{endpoint}}"},
          stacked=True, width=12, height=8),
    Panel("Time of requests by endpoint", "95 of 100 requests are answered within this time.",
          "s", {within(0.95, "api_request_duration_seconds", "account, endpoint", APP): "{{account}} {{endpoint}}"},
          width=12, height=8),
    Panel("Requests by outcome", "Requests per second: by class of status, undelivered (never sent) or lost (no "
          "answer).",
          "reqps", {rate("api_requests_total", "account, outcome", APP): "{{account}} {{outcome}}"}, stacked=True),
    Panel("Retries and asked to slow down", "Requests sent again, by reason, and answers that asked for fewer, per "
          "second.",
          "reqps", {rate("api_retries_total", "account, reason", APP): "{{account}} again: {{reason}}",
                    rate("api_rate_limited_total", "account", APP): f"{A} slow down"}),
    Panel("Under way and waiting", "Requests under way, and requests and writes that wait for their turn.",
          "none", {now("api_requests_in_flight", "account", APP): f"{A} requests under way",
                   now("api_calls_waiting", "account", APP): f"{A} requests waiting",
                   now("writes_in_flight", "account", APP): f"{A} writes under way",
                   now("writes_waiting", "account", APP): f"{A} writes waiting"}),
    Panel("Records read", "Records per second that an app has shown, by kind, and how many of them were news.",
          "none", {rate("records_read_total", "account, kind", APP): "{{account}} {{kind}}",
                   rate("records_changed_total", "account", APP): f"{A} news"}),
    Panel("Bytes received", "Bytes of answers per second, decompressed.",
          "Bps", {rate("api_received_bytes_total", "account", APP): A}),
    Panel("Complete reads", "Complete reads that ended in the last day, by reason.",
          "none", {f"sum by (account, reason) (increase(zohosyncd_feed_full_reads_total{{{APP}}}[1d]))":
                   "{{account}} {{reason}}"}),
)

ROWS = (("Overview", OVERVIEW), ("One connection: $connection", CONNECTION), ("API budget: $account", BUDGET))
# fmt: on


def panel_json(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    """A panel as Grafana keeps it."""
    shown: dict[str, Any] = {
        "unit": panel.unit,
        "thresholds": {"mode": "absolute", "steps": [{"color": color, "value": at} for color, at in panel.steps]},
    }
    if panel.words:
        options = {
            value: {"text": text, "color": "green" if text == "yes" else "red", "index": index}
            for index, (value, text) in enumerate(panel.words.items())
        }
        if panel.kind == "state-timeline":  # being in a state is neither good nor bad
            options = {
                value: {**each, "color": "blue" if value == "1" else "transparent"} for value, each in options.items()
            }
        shown["mappings"] = [{"type": "value", "options": options}]
    if panel.kind == "state-timeline":
        shown["custom"] = {"fillOpacity": 70, "lineWidth": 0}
    if panel.kind == "timeseries":
        stack = {"mode": "normal", "group": "A"} if panel.stacked else {"mode": "none", "group": "A"}
        shown["custom"] = {
            "fillOpacity": 20 if panel.stacked else 5,
            "lineWidth": 1,
            "showPoints": "never",
            "stacking": stack,
        }
        shown["min"] = 0
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": {"h": panel.height, "w": panel.width, "x": x, "y": y},
        "transparent": False,
        "repeatDirection": "h",
        "fieldConfig": {"defaults": shown, "overrides": []},
        "options": OPTIONS[panel.kind],
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": SOURCE,
                "expr": expr,
                "legendFormat": legend or "__auto",
                "instant": panel.kind == "stat",
                "range": panel.kind != "stat",
            }
            for index, (expr, legend) in enumerate(panel.queries.items())
        ],
    }


OPTIONS: dict[str, dict[str, Any]] = {
    "stat": {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "value",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    },
    "timeseries": {
        "legend": {"calcs": ["lastNotNull"], "displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "state-timeline": {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "alignValue": "left",
        "perPage": 20,
        "mergeValues": True,
        "rowHeight": 0.8,
        "showValue": "never",
        "tooltip": {"mode": "single", "sort": "none"},
    },
}


# What Grafana adds to every variable: written down, so that a dashboard that it has saved differs in nothing.
VARIABLE = {"auto": False, "auto_count": 30, "auto_min": "10s", "allowCustomValue": True, "skipUrlSync": False}


def variable(name: str, label: str, metric: str) -> dict[str, Any]:
    """A choice above the dashboard: the values that a label of a metric has."""
    return {
        **VARIABLE,
        "type": "query",
        "name": name,
        "label": label,
        "datasource": SOURCE,
        "query": {"query": f"label_values({metric}, {name})", "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"selected": True, "text": "All", "value": "$__all"},
    }


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana keeps it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS:
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": title,
                "collapsed": False,
                "gridPos": {"h": 1, "w": 24, "x": 0, "y": y},
                "panels": [],
            }
        )
        y += 1
        x = tallest = 0
        for panel in row:
            if x + panel.width > 24:
                x, y, tallest = 0, y + tallest, 0
            panels.append(panel_json(panel, len(panels) + 1, x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return {
        "uid": UID,
        "title": "zohosyncd",
        "description": "Contacts kept the same between Zoho CRM and other apps: how late, how many, at what price.",
        "tags": ["zohosyncd"],
        "timezone": "browser",
        "editable": True,
        "graphTooltip": 1,
        "schemaVersion": 41,
        "version": 1,
        "fiscalYearStartMonth": 0,
        "annotations": {},
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    **VARIABLE,
                    "multi": False,
                    "includeAll": False,
                    "type": "datasource",
                    "name": "datasource",
                    "label": "Data source",
                    "query": "prometheus",
                    "refresh": 1,
                    "current": {"selected": False, "text": "Prometheus", "value": "zohosyncd-prometheus"},
                },
                variable("instance", "Daemon", "zohosyncd_build_info"),
                variable("connection", "Connection", "zohosyncd_connection_up"),
                variable("account", "Account", "zohosyncd_account_up"),
            ]
        },
        "panels": panels,
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
