"""Figures of many runs: hydrogen lost by the mantle, against time or the planet's inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..constants import YEAR
from ..results.diagnostics import at_melt_fraction
from .panels import SIZE, Layout, absent, dress, legend, page, panel
from .settings import plainly
from .style import INK, LineStyle, Look, axis_limits, write

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Points = tuple[list[int], np.ndarray, np.ndarray]  # oceans, time [yr], depletion [%]

DEPLETION = "Interior depletion of H (%)"
CIRCLE = 7.2  # pt
COLOURS = ("#332288", "#44AA99", "#DDAA33", "#CC3311", "#882255", "#117733")  # P. Tol; for families of lines


@dataclass(frozen=True)
class Series:
    """A line: runs of rising inventory (numbers of oceans) at one melt fraction, colour and style."""

    melt_fraction: float
    oceans: Sequence[int]
    runs: Sequence[xarray.Dataset]
    colour: str
    style: LineStyle = "-"

    def points(self) -> Points:
        """Oceans, time [yr] and depletion [%] of those runs that come down to the melt fraction."""
        oceans, times, depletions = [], [], []
        for number, run in zip(self.oceans, self.runs):
            state = at_melt_fraction(run[["melt_fraction", "interior_depletion"]], self.melt_fraction)
            if state is not None and state.time > 0:
                oceans.append(number)
                times.append(float(state.time) / YEAR)
                depletions.append(100 * float(state.interior_depletion))
        return oceans, np.array(times), np.array(depletions)


@plainly
def draw_in_time(
    panels: Sequence[tuple[str, Sequence[Series]]],
    samples: Sequence[Sequence[tuple[str, Look]]],
    title: str,
    caption: str,
    columns: int = 0,
    separate: bool = False,
) -> Figure:
    """Depletion of the mantle in hydrogen against time, the inventory [oceans] in circles along each line.

    panels: (heading, lines). samples: rows of the legend, (text, keywords of a line).
    columns: of panels; 0: all in one row. separate: each panel has an axis of depletion for itself.
    """
    columns = columns or len(panels)
    rows = -(-len(panels) // columns)
    across = 0.62 if separate else 0.12
    layout = Layout(
        columns,
        rows,
        (6.38 - (columns - 1) * across) / columns,
        2.5,
        across=across,
        down=0.36,
        top=0.72 + 0.18 * len(samples),
        bottom=1.02,
    )
    figure = page(layout, title, caption)
    drawn = [[(series, series.points()) for series in lines] for _, lines in panels]
    times = np.concatenate([points[1] for lines in drawn for _, points in lines] or [np.array([])])
    spans = axis_limits(times, True) if times.size else (1.0, 1e6)
    for k, ((heading, _), lines) in enumerate(zip(panels, drawn)):
        i, j = divmod(k, columns)
        ax = panel(figure, layout, i, j, k)
        _heading(figure, layout, i, j, heading)
        if not any(points[0] for _, points in lines):
            absent(ax)
            continue
        for series, (_, time, depletion) in lines:
            ax.plot(
                time,
                depletion,
                color=series.colour,
                linestyle=series.style,
                linewidth=1.1,
                label=f"{series.melt_fraction:g}",
            )
        ends = "Time (yr)" if i == rows - 1 else None, DEPLETION if j == 0 or separate else None
        most = max(float(points[2].max(initial=0.0)) for _, points in lines)
        heights = (-0.04 * most, 1.12 * most) if separate else (-4.0, 104.0)
        dress(ax, (spans, heights), log=(True, False), labels=ends)
        for series, points in lines:
            _circles(ax, points, series.colour, solid=series.style == "-")
    for k, entries in enumerate(samples):
        legend(figure, layout, entries, y=layout.size[1] - 0.42 - 0.18 * k)
    return figure


def _heading(figure: Figure, layout: Layout, row: int, column: int, text: str) -> None:
    x, y, w, h = layout.place(row, column)
    write(figure, x + w / 2, y + h + 0.1, text, SIZE + 0.5, weight="bold", align="center")


def _circles(ax: Axes, points: Points, colour: str, solid: bool) -> None:
    """The number of oceans in a circle where there is room; else, and on broken lines, a dot."""
    oceans, x, y = points
    ax.plot(x, y, "o", color=colour, markersize=2.4)
    if not solid or not oceans:
        return
    places = ax.transData.transform(np.column_stack([x, y])) * 72 / ax.figure.dpi
    last, kept = len(oceans) - 1, [0]
    for k in range(1, last):
        apart = min(np.hypot(*(places[k] - places[kept[-1]])), np.hypot(*(places[last] - places[k])))
        kept += [k] if apart > CIRCLE else []
    kept += [last] if last else []
    ax.plot(
        x[kept],
        y[kept],
        "o",
        markersize=CIRCLE,
        markerfacecolor="white",
        markeredgecolor=colour,
        markeredgewidth=0.9,
    )
    for n, at, high in ((oceans[k], x[k], y[k]) for k in kept):
        ax.annotate(
            str(n),
            (at, high),
            (0, -0.2),
            textcoords="offset points",
            fontsize=5,
            ha="center",
            va="center",
            color=INK,
        )


@plainly
def draw_by_inventory(
    panels: Sequence[tuple[str, Sequence[Series]]],
    samples: Sequence[tuple[str, Look]],
    title: str,
    caption: str,
) -> Figure:
    """Depletion of the mantle in hydrogen against the inventory of hydrogen [oceans]; else as
    `draw_in_time`."""
    layout = Layout(len(panels), 1, 6.5 / len(panels) - 0.1, 2.5, across=0.12, top=0.9, bottom=1.02)
    figure = page(layout, title, caption)
    for k, (heading, lines) in enumerate(panels):
        ax = panel(figure, layout, 0, k, k)
        _heading(figure, layout, 0, k, heading)
        drawn = [(series, series.points()) for series in lines]
        if not any(points[0] for _, points in drawn):
            absent(ax)
            continue
        for series, (oceans, _, depletion) in drawn:
            ax.plot(
                oceans,
                depletion,
                color=series.colour,
                linestyle=series.style,
                linewidth=1.2,
                marker="o",
                markersize=3,
                label=f"{series.melt_fraction:g}",
            )
        dress(ax, ((0.5, 10.5), (-4, 104)), labels=("Inventory of H (oceans)", DEPLETION if k == 0 else None))
    legend(figure, layout, samples)
    return figure
