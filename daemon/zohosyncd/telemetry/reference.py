"""The list of all metrics for people: ``python -m zohosyncd.telemetry.reference > config/prometheus/metrics.md``."""

import sys

from zohosyncd.telemetry.metrics import Metrics

_HEAD = """\
# Metrics of zohosyncd

At `/metrics` of `[service] listen`. Times are Unix seconds, durations seconds, sizes bytes. `connection` and `account`
are names of your files; no label holds anything of a contact. Whatever is removed or disabled takes its series along.
`process_*` (memory, processor time, open files) stand beside them. This list is made by
`python -m zohosyncd.telemetry.reference`.

| metric | type | labels | what it says |
|---|---|---|---|
"""


def table() -> str:
    """The list as Markdown, in the order of the page."""
    metrics = Metrics("", process=False)
    labels = metrics.labels()
    rows = []
    for family in metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        said = ", ".join(f"`{label}`" for label in labels[family.name])
        rows.append(f"| `{name}` | {family.type} | {said} | {family.documentation} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table())
