"""Figures of buffered crystallisation: compositions, lines over a timescale or parameter, maps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..constants import YEAR
from .settings import new_figure, plainly
from .style import DPI, INK, PALE, Box, axis_limits, save, set_ticks, write

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE, WIDE, TALL = 8.0, 3.1, 2.6  # pt; inches of a panel
LEFT, RIGHT, TOP, BOTTOM, ACROSS, DOWN = 0.62, 0.25, 0.62, 0.85, 0.72, 0.7  # inches
COLD = ("#0072B2", "#56B4E9", "#009E73", "#332288", "#44AA99")
WARM = ("#D55E00", "#E69F00", "#CC79A7", "#882255", "#999933")
BLACK = "#222222"
Map = tuple[np.ndarray, np.ndarray, np.ndarray, str]  # x, y, z (y, x), text


@dataclass(frozen=True)
class Line:
    """One line or, without a style, points. x, y (n,), NaN: no value; text: for the legend."""

    x: np.ndarray
    y: np.ndarray
    text: str = ""
    colour: str = BLACK
    style: str = "-"
    width: float = 1.3


@dataclass(frozen=True)
class Panel:
    """A panel of lines, or a map over x and y.

    x, y: labels. log: whether x is logarithmic. marks: vertical lines (x, text). band: shaded range of y
    (low, high, text). map: (x, y, z, text). limits: of y. points: on a map (x, y, text).
    """

    lines: Sequence[Line] = ()
    x: str = ""
    y: str = ""
    log: bool = False
    marks: Sequence[tuple[float, str]] = ()
    band: tuple[float, float, str] | None = None
    map: Map | None = None
    limits: tuple[float, float] | None = None
    title: str = ""
    points: Sequence[tuple[float, float, str]] = field(default=())


@plainly
def draw(panels: Sequence[Panel], title: str, caption: str, path: Path, columns: int = 2) -> Path:
    """Write a page of panels, whole or not at all; its path. caption: below the panels."""
    columns = min(columns, len(panels))
    maps = any(panel.map is not None for panel in panels)
    across = ACROSS + (0.1 if maps else 0.0)  # room for the scales of maps
    rows = -(-len(panels) // columns)
    width = LEFT + columns * WIDE + (columns - 1) * across + RIGHT + 3 * (across - ACROSS)
    height = TOP + rows * TALL + (rows - 1) * DOWN + BOTTOM
    figure = new_figure(figsize=(width, height), dpi=DPI)
    for k, panel in enumerate(panels):
        row, column = divmod(k, columns)
        x, y = LEFT + column * (WIDE + across), height - TOP - (row + 1) * TALL - row * DOWN
        letter = f"({chr(97 + k)}) " if len(panels) > 1 else ""
        _panel(figure, (x / width, y / height, WIDE / width, TALL / height), panel, letter)
    write(figure, LEFT, height - 0.24, title, SIZE + 2, weight="bold")
    lines = textwrap.wrap(
        caption, int((width - LEFT) / 0.055), max_lines=4, placeholder=" …", break_on_hyphens=False
    )
    for k, line in enumerate(reversed(lines)):
        write(figure, LEFT, 0.1 + 0.13 * k, line, 6.5, PALE)
    return save(figure, path, {"case_name": title})


def _panel(figure: Figure, box: Box, panel: Panel, letter: str) -> None:
    ax = figure.add_axes(box)
    ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=SIZE - 0.5, colors=INK)
    ax.set_title(letter + panel.title, fontsize=SIZE, color=INK, loc="left", pad=3, parse_math=False)
    if panel.map is not None:
        _draw_map(figure, ax, panel.map, panel.points)
    else:
        _lines(ax, panel)
    ax.set_xlabel(panel.x, fontsize=SIZE, color=INK, labelpad=2)
    ax.set_ylabel(panel.y, fontsize=SIZE, color=INK, labelpad=2)


def _lines(ax: Axes, panel: Panel) -> None:
    if panel.log:
        ax.set_xscale("log")
    for line in panel.lines:
        ax.plot(
            line.x,
            line.y,
            color=line.colour,
            linestyle=line.style or "none",
            marker="" if line.style else "o",
            markersize=3.5,
            linewidth=line.width,
            label=line.text or None,
        )
    x = np.concatenate([np.asarray(line.x, dtype=float) for line in panel.lines])
    y = np.concatenate([np.asarray(line.y, dtype=float) for line in panel.lines])
    xs = (float(np.nanmin(x)), float(np.nanmax(x)))
    finite = y[np.isfinite(y)]
    ys = panel.limits or axis_limits(finite if finite.size else np.array([0.0, 1.0]), False)
    ax.set_xlim(*xs)
    ax.set_ylim(*ys)
    set_ticks(ax.xaxis, panel.log, xs)
    set_ticks(ax.yaxis, False, ys)
    ax.grid(True, which="major", color="#EBEBEB", linewidth=0.5)
    ax.set_axisbelow(True)
    _annotations(ax, panel, xs)
    named = sum(bool(line.text) for line in panel.lines)
    if named:
        ax.legend(
            fontsize=SIZE - (1.5 if named < 6 else 2.7),
            frameon=True,
            framealpha=0.8,
            edgecolor="none",
            handlelength=1.8,
            labelspacing=0.25,
            borderpad=0.2,
        )


def _annotations(ax: Axes, panel: Panel, xs: tuple[float, float]) -> None:
    """The shaded range and the vertical marks. xs: ends of the axis of x."""
    if panel.band:
        low, high, text = panel.band
        ax.axhspan(low, high, color="#F0E4C8", zorder=0)
        ax.text(
            0.98,
            high,
            text,
            transform=ax.get_yaxis_transform(),
            fontsize=SIZE - 1.5,
            color=PALE,
            ha="right",
            va="bottom",
            clip_on=True,
        )
    for at, text in panel.marks:
        ax.axvline(at, color="#BBBBBB", linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
        late = at > xs[0] + 0.6 * (xs[1] - xs[0])
        ax.text(
            at,
            0.02,
            f" {text} ",
            transform=ax.get_xaxis_transform(),
            fontsize=SIZE - 1,
            color=PALE,
            va="bottom",
            ha="right" if late else "left",
        )


def _draw_map(figure: Figure, ax: Axes, values: Map, points: Sequence[tuple[float, float, str]]) -> None:
    """Filled contours, their scale, and named points."""
    x, y, z, text = values
    ax.set_facecolor("#DDDDDD")  # where there is no value
    finite = z[np.isfinite(z)]
    levels = np.array([0.0, 1.0])
    if finite.size and np.ptp(finite) > 0:
        levels = np.linspace(finite.min(), finite.max(), 13)
    drawn = ax.contourf(x, y, np.ma.masked_invalid(z), levels=levels, cmap="viridis")
    bar = figure.colorbar(
        drawn, ax=ax, fraction=0.05, pad=0.02, format="%.0f" if np.ptp(levels) > 5 else "%.2g"
    )
    bar.ax.tick_params(labelsize=SIZE - 1.5, colors=INK)
    ax.text(
        0.02,
        0.02,
        text,
        transform=ax.transAxes,
        fontsize=SIZE - 1.5,
        color=INK,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5},
    )
    for across, up, name in points:
        ax.plot(across, up, "o", color="white", markeredgecolor=INK, markersize=4.5)
        ax.annotate(
            name,
            (across, up),
            (4, 4),
            textcoords="offset points",
            fontsize=SIZE - 1,
            color=INK,
            bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1.0},
        )
    set_ticks(ax.xaxis, False, (float(x.min()), float(x.max())))
    set_ticks(ax.yaxis, False, (float(y.min()), float(y.max())))


def draw_case(static: xarray.Dataset, runs: Sequence[xarray.Dataset], path: Path) -> Path:
    """Draw the growth of a case in time over the solid fraction; the path.

    Left: Fe# of the magma ocean and of the melts. Right: the density anomaly. A point marks the static
    crossing.
    """
    iron, anomaly = [], []
    energy = runs[0].attrs["energy"]
    for k, run in enumerate(runs):
        colour, name = (*COLD, *WARM)[k % 10], f"ocean, {run.attrs['timescale_s'] / YEAR / 1e6:g} Myr"
        f = run.solid_fraction.values
        iron.append(Line(f, 100 * run.ocean_iron.values, name, colour))
        iron.append(Line(f, 100 * run.melt_iron.values, "melts" if k == 0 else "", colour, ":", 1.0))
        anomaly.append(Line(f, run.density_anomaly.sel(structure="bridgmanite").values, name, colour))
    if bool(static.converged):
        at, name = np.array([float(static.solid_fraction)]), "static crossing"
        crossing = np.array([float(static.ocean_iron)])
        density = np.array([float(static.density_anomaly.sel(structure="bridgmanite"))])
        iron.append(Line(at, 100 * crossing, name, BLACK, ""))
        anomaly.append(Line(at, density, name, BLACK, ""))
    panels = [
        Panel(iron, "solid fraction", "Fe#", title=f"ocean and melts; heat of the pile {energy}"),
        Panel(
            anomaly,
            "solid fraction",
            "density anomaly, kg/m³",
            title="crystallised ocean less pile, as bridgmanite",
        ),
    ]
    return draw(panels, static.attrs["case_title"], static.attrs["calibration"], path)
