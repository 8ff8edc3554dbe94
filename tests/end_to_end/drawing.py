"""Draws a row of the dashboard as a picture, laid out as the dashboard says."""

import datetime
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.dates import DateFormatter
from matplotlib.ticker import FuncFormatter
from PIL import Image

mpl.use("Agg")
GROUND, PANEL, TEXT, DIM, GRID = "#111217", "#181b1f", "#ccccdc", "#8e8ea0", "#2a2d33"
LINES = ("#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#ffcb7d", "#37872d", "#fa6400")
COLORS = {"green": "#3d8b37", "orange": "#c26a00", "red": "#a8202f", "blue": "#3f6fc4", None: "#3d8b37"}
COLUMN, UNIT = 0.56, 0.27
"""Inches of a column and of a unit of height."""

MOST_LINES, MOST_NAMES = 12, 4


def told(value: float, unit: str) -> str:
    """A number as people read it."""
    if unit == "s":
        for size, name in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
            if value >= size:
                return f"{value / size:.3g} {name}"
        return f"{value * 1000:.3g} ms" if value else "0 s"
    if unit == "percentunit":
        return f"{value:.1%}"
    if unit in ("bytes", "Bps"):
        for size, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
            if value >= size:
                return f"{value / size:.3g} {name}" + ("/s" if unit == "Bps" else "")
    suffix = {"wps": "/s", "reqps": "/s", "ops": "/s"}.get(unit, "")
    return (f"{value:,.0f}" if value >= 100 else f"{value:.3g}") + suffix


def name_of(series: Mapping[str, Any]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: series["metric"].get(found[1], ""), series["legend"])


def numbers(series: Mapping[str, Any]) -> tuple[list[datetime.datetime], list[float]]:
    moments = [datetime.datetime.fromtimestamp(at, datetime.UTC) for at, _value in series["values"]]
    return moments, [float(value) for _at, value in series["values"]]


def loudest(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The series that have most to show, in their order."""
    weight = {id(each): sum(v for v in numbers(each)[1] if not math.isnan(v)) for each in found}
    kept = sorted(found, key=lambda each: -weight[id(each)])[:MOST_LINES]
    return [each for each in found if each in kept and (weight[id(each)] or len(found) <= 3)] or list(found[:2])


def draw_stat(axes: Any, panel: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    value = [each for series in found for each in numbers(series)[1] if not math.isnan(each)][-1]
    color = None
    for step in defaults["thresholds"]["steps"]:
        color = step["color"] if step["value"] is None or value >= step["value"] else color
    words = {key: each["text"] for mapped in defaults.get("mappings", ()) for key, each in mapped["options"].items()}
    axes.set_facecolor(COLORS[color])
    axes.set_xticks([])
    axes.set_yticks([])
    text = words.get(f"{value:g}", told(value, defaults["unit"]))
    axes.text(0.5, 0.45, text, transform=axes.transAxes, ha="center", va="center", color="white", fontsize=17)


def draw_states(axes: Any, panel: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> None:
    for row, series in enumerate(found):
        moments, values = numbers(series)
        axes.fill_between(
            moments, row + 0.1, row + 0.9, where=[value == 1 for value in values], color=LINES[2], step="post", lw=0
        )
    axes.set_yticks([row + 0.5 for row in range(len(found))], [name_of(each) for each in found])
    axes.set_ylim(len(found), 0)


def draw_lines(axes: Any, panel: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    drawn = loudest(found)
    if defaults["custom"]["stacking"]["mode"] == "normal":
        every = sorted({at for each in drawn for at in numbers(each)[0]})
        floor = [0.0] * len(every)
        for color, series in zip(LINES * 2, drawn, strict=False):
            known = dict(zip(*numbers(series), strict=True))
            level = [a + (known.get(at, 0.0) or 0.0) for a, at in zip(floor, every, strict=True)]
            axes.fill_between(every, floor, level, color=color, alpha=0.35, lw=0)
            axes.plot(every, level, color=color, lw=0.8, label=name_of(series))
            floor = level
    else:
        for color, series in zip(LINES * 2, drawn, strict=False):
            axes.plot(*numbers(series), color=color, lw=1.0, label=name_of(series))
    axes.set_ylim(bottom=0)
    if axes.get_ylim()[1] < 1e-6 or not drawn:
        axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: told(value, defaults["unit"])))
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[:MOST_NAMES], labels[:MOST_NAMES], loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2,
        fontsize=5.5, frameon=False, labelcolor=TEXT, handlelength=1.0, columnspacing=1.0,
    )  # fmt: skip


DRAW = {"stat": draw_stat, "state-timeline": draw_states, "timeseries": draw_lines}


def draw(title: str, panels: Sequence[Mapping[str, Any]], data: Mapping[str, Any], target: Path) -> None:
    """Write the picture of one row.

    Args:
        panels: as the dashboard has them. data: what their queries showed, by title of the panel.
    """
    top = min(panel["gridPos"]["y"] for panel in panels)
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) - top
    wide, high = 24 * COLUMN, height * UNIT + 0.35
    figure = plt.figure(figsize=(wide, high), dpi=100, facecolor=GROUND)
    figure.text(0.006, 1 - 0.22 / high, title, color=TEXT, fontsize=11, va="center")
    for panel in panels:
        at = panel["gridPos"]
        left, bottom = at["x"] * COLUMN, high - 0.35 - (at["y"] - top + at["h"]) * UNIT
        width, tall = at["w"] * COLUMN, at["h"] * UNIT
        figure.add_artist(
            plt.Rectangle(
                ((left + 0.04) / wide, (bottom + 0.04) / high), (width - 0.08) / wide, (tall - 0.08) / high,
                facecolor=PANEL, edgecolor=GRID, zorder=-1, lw=0.5,
            )
        )  # fmt: skip
        figure.text(
            (left + 0.12) / wide, (bottom + tall - 0.17) / high, panel["title"], color=TEXT, fontsize=7.5, va="center"
        )
        plain = panel["type"] == "stat"
        named = panel["type"] == "state-timeline"
        inner = (
            left + (0.1 if plain else 1.25 if named else 0.62),
            bottom + (0.1 if plain else 0.3 if named else 0.58),
        )
        size = (left + width - 0.15 - inner[0], bottom + tall - 0.32 - inner[1])
        axes = figure.add_axes((inner[0] / wide, inner[1] / high, size[0] / wide, size[1] / high), facecolor=PANEL)
        axes.tick_params(colors=DIM, labelsize=6, length=0)
        if not plain:
            axes.grid(visible=True, color=GRID, lw=0.5)
        axes.set_axisbelow(True)
        for spine in axes.spines.values():
            spine.set_visible(False)
        DRAW[panel["type"]](axes, panel, data[panel["title"]])
        if not plain:
            axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    kept = io.BytesIO()
    figure.savefig(kept, format="png", facecolor=GROUND)
    plt.close(figure)
    with Image.open(kept) as picture:
        picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(target, optimize=True)
