"""Figures of a mantle column: profiles of temperature and melt at some times, and melt in depth and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .settings import new_figure, plainly
from .style import DPI, GREY, INK, PALE, WIDTH, LineStyle, close, number, set_ticks, write
from .time_axis import TimeAxis
from .view import View, prepare

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

PROFILES = 8  # profiles shown: the start, the end, and between them at even steps of the melt fraction
MOLTEN = 0.99  # melt fraction above which the map shows nothing
TIMES = 600  # of the map
LAST_MELT = (0.02, 0.05, 0.1)  # melt fractions of the contours
# variable, text, dashes of the melting curves
CURVES: tuple[tuple[str, str, LineStyle], ...] = (
    ("cell_solidus", "solidus", (0, (1.5, 1.5))),
    ("cell_liquidus", "liquidus", (0, (5, 2))),
)
LEFT, CAPTION = 0.85, 105  # inches; letters on a line of the caption
NEEDED = ("temperature", "local_melt_fraction", "cell_pressure")


def has_column(result: xarray.Dataset) -> bool:
    """Whether the run resolved its mantle in depth."""
    return all(name in result.variables and "cell" in result[name].dims for name in NEEDED)


def _shown(result: xarray.Dataset) -> list[int]:
    """Indices of the stored times whose profiles are drawn."""
    melt = result["melt_fraction"].values
    chosen = {0, len(melt) - 1}
    for wanted in np.linspace(melt[0], melt[-1], PROFILES):
        chosen.add(int(np.argmin(np.abs(melt - wanted))))
    return sorted(chosen)


@plainly
def profiles(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Temperature between the melting curves, and melt fraction, against pressure, at several times."""
    from matplotlib import colormaps

    view = prepare(result, time_axis)
    tall = 5.44
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    if not has_column(result):
        return _without(figure, result)
    pressure = result["cell_pressure"].values / 1e9
    panels = [
        figure.add_axes((x / WIDTH, 0.86 / tall, w / WIDTH, (tall - 1.52) / tall))
        for x, w in ((LEFT, 2.1), (3.65, 1.7))
    ]
    curves = _melting_curves(panels[0], result, pressure)
    shown = _shown(result)
    colours = colormaps["inferno_r"](np.linspace(0.15, 0.92, len(shown)))
    for k, colour in zip(shown, colours):
        label = f"{number(view.time[k], 3)} yr, {100 * float(result['melt_fraction'][k]):.3g} % melt"
        for ax, name in zip(panels, ("temperature", "local_melt_fraction")):
            ax.plot(result[name].values[k], pressure, color=colour, linewidth=1.5, label=label)
    for ax, label in zip(panels, ("Temperature (K)", "Melt fraction (kg/kg)")):
        ax.set(ylim=(pressure[-1] * 1.02, 0.0))
        set_ticks(ax.xaxis, False, ax.get_xlim())
        set_ticks(ax.yaxis, False, (0.0, pressure[-1]))
        _label(ax, view, label)
        ax.grid(True, color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
    panels[1].set(xlim=(-0.02, 1.02))
    handles, labels = panels[0].get_legend_handles_labels()
    panels[1].legend(
        [*handles, *curves],
        [*labels, *(str(line.get_label()).removeprefix("_") for line in curves)],
        loc="upper left",
        bbox_to_anchor=(1.03, 1.0),
        fontsize=view.size - 2,
        frameon=False,
    )
    write(figure, LEFT, tall - 0.3, "The mantle in depth", view.size + 2.5, weight="bold")
    close(figure, result, [], [result.attrs.get("title")], LEFT, CAPTION)
    return figure


def _melting_curves(ax: Axes, result: xarray.Dataset, pressure: np.ndarray) -> list[Line2D]:
    """Solidus and liquidus; their lines with names for a legend. pressure (cells,) [GPa].

    The stored curves are those of the bulk mantle; where the iron of the cells differs from it, they say so.
    """
    whose = ", bulk mantle" if "cell" in result.get("iron", result["time"]).dims else ""
    lines = []
    for name, text, dashes in CURVES:
        if name not in result.variables:
            continue
        (line,) = ax.plot(
            result[name].values,
            pressure,
            color=GREY,
            linewidth=1.0,
            linestyle=dashes,
            label=f"_{text}{whose}",
            zorder=1,
        )
        lines.append(line)
    return lines


def _label(ax: Axes, view: View, label: str) -> None:
    """Labels and ticks of a panel against pressure."""
    ax.set_xlabel(label, fontsize=view.size, color=INK)
    ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=view.size - 1, colors=INK)
    ax.set_ylabel("Pressure (GPa)", fontsize=view.size, color=INK)


@plainly
def melt_map(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Melt fraction in pressure and time, and the rheological front."""
    view = prepare(result, time_axis)
    tall = 4.4
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    if not has_column(result) or len(view.time) < 2:
        return _without(figure, result)
    bar = figure.add_axes(((WIDTH - 1.0) / WIDTH, 0.86 / tall, 0.16 / WIDTH, (tall - 1.5) / tall))
    ax = figure.add_axes((LEFT / WIDTH, 0.86 / tall, (WIDTH - 2.0) / WIDTH, (tall - 1.5) / tall))
    axis = _axis(view)
    times = axis.times(np.linspace(0.0, 1.0, TIMES))
    stored = np.clip(np.searchsorted(view.time, times), 0, len(view.time) - 1)
    melt = result["local_melt_fraction"].values[stored]
    edges = _edges(result["cell_pressure"].values / 1e9)
    between = axis.times(np.linspace(0.5, TIMES - 1.5, TIMES - 1) / (TIMES - 1))
    drawn = ax.pcolormesh(
        np.concatenate([[times[0]], between, [times[-1]]]),
        edges,
        melt.T,
        cmap="inferno",
        vmin=0.0,
        vmax=1.0,
        rasterized=True,
    )
    notes = [*view.lid_text, *_last_melt(ax, view, times, melt)]
    if view.lid_mark is not None:
        ax.axvline(view.lid_mark, color="white", linewidth=1.2, linestyle=(0, (1, 2)), label="_lid")
    if "rheological_front_pressure" in result:
        ax.plot(
            view.time,
            result["rheological_front_pressure"].values / 1e9,
            color="#56B4E9",
            linewidth=1.2,
            label="rheological front (melt fraction 0.4)",
        )
        ax.legend(loc="lower left", fontsize=view.size - 2, frameon=True, facecolor="white", framealpha=0.85)
    axis.dress(ax)
    ax.set_ylim(edges[-1], 0.0)
    set_ticks(ax.yaxis, False, (0.0, edges[-1]))
    _label(ax, view, "Time (yr)")
    axis.label(ax, view.size)
    figure.colorbar(drawn, cax=bar)
    set_ticks(bar.yaxis, False, (0.0, 1.0))
    bar.set_ylabel("Melt fraction (kg/kg)", fontsize=view.size, color=INK)
    bar.tick_params(labelsize=view.size - 1, colors=INK)
    write(figure, LEFT, tall - 0.3, "Melt in depth and time", view.size + 2.5, weight="bold")
    close(figure, result, notes, [result.attrs.get("title")], LEFT, CAPTION)
    return figure


def _last_melt(ax: Axes, view: View, times: np.ndarray, melt: np.ndarray) -> list[str]:
    """Contours of the little melt that is left, and a sentence on them. melt (times, cells)."""
    if not (melt.min() < LAST_MELT[-1] and melt.max() > LAST_MELT[0]):
        return []
    pressure = view.result["cell_pressure"].values / 1e9
    ax.contour(times, pressure, melt.T, levels=LAST_MELT, colors="#9A9A9A", linewidths=0.8)
    return [f"grey lines: melt fractions {', '.join(f'{x:g}' for x in LAST_MELT)}"]


def _axis(view: View) -> TimeAxis:
    """The time axis; a log axis from a tenth of the time at which freezing begins."""
    frozen = view.time[view.result["melt_fraction"].values < MOLTEN]
    if view.axis.log and len(frozen) > 1:
        return view.axis.later(float(frozen[0]) / 10)
    return view.axis


def _edges(pressure: np.ndarray) -> np.ndarray:
    """Pressures [GPa] between the cells, from the surface to the base."""
    inner = 0.5 * (pressure[1:] + pressure[:-1])
    return np.concatenate([[0.0], inner, [1.5 * pressure[-1] - 0.5 * pressure[-2]]])


def _without(figure: Figure, result: xarray.Dataset) -> Figure:
    """The page of a run that does not resolve its mantle."""
    ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color("#CCCCCC")
    ax.text(
        0.5,
        0.5,
        "this run does not resolve the mantle in depth",
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=10,
        color=PALE,
    )
    close(figure, result, [], [result.attrs.get("title")], LEFT, CAPTION)
    return figure
