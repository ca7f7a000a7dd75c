"""Figures of a mantle column: profiles of temperature and melt at some times, and melt in depth and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .settings import new_figure, plainly
from .style import DPI, GREY, INK, PALE, WIDTH, close, number, set_ticks, write
from .view import prepare

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROFILES = 8  # profiles shown: the start, the end, and between them at even steps of the melt fraction
MOLTEN = 0.99  # melt fraction down to which nothing is to be seen in the map
NEEDED = ("temperature", "local_melt_fraction", "cell_pressure")


def has_column(result) -> bool:
    """Whether the run resolved its mantle in depth."""
    return all(name in result.variables and "cell" in result[name].dims for name in NEEDED)


def _shown(result) -> list[int]:
    """Indices of the stored times whose profiles are drawn."""
    melt = result["melt_fraction"].values
    wanted = np.linspace(melt[0], melt[-1], PROFILES)
    return sorted({int(np.argmin(np.abs(melt - w))) for w in wanted} | {0, len(melt) - 1})


@plainly
def profiles(result, time_axis="log") -> Figure:
    """Temperature between the melting curves, and melt fraction, against pressure, at several times."""
    from matplotlib import colormaps

    view = prepare(result, time_axis)
    tall = 5.2
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    if not has_column(result):
        return _without(figure, result)
    pressure = result["cell_pressure"].values / 1e9
    shown = _shown(result)
    colours = colormaps["inferno_r"](np.linspace(0.15, 0.92, len(shown)))
    boxes = ((0.85, 2.1), (3.65, 1.7))
    axes = [
        figure.add_axes((x / wide, 0.62 / tall, w / wide, (tall - 1.28) / tall))
        for wide in (WIDTH,)
        for x, w in boxes
    ]
    at = len(pressure) // 2
    for name, text, side in (("cell_solidus", "solidus", -1), ("cell_liquidus", "liquidus", 1)):
        if name in result.variables:
            axes[0].plot(
                result[name].values,
                pressure,
                color=GREY,
                linewidth=1.0,
                linestyle=(0, (4, 2)),
                label=f"_{text}",
                zorder=1,
            )
            axes[0].annotate(text, (result[name].values[at], pressure[at]), xytext=(10 * side, 0), textcoords="offset points",
                             fontsize=view.size - 2, color=GREY, ha="left" if side > 0 else "right", va="center", parse_math=False)  # fmt: skip
    for k, colour in zip(shown, colours):
        label = f"{number(view.time[k], 3)} yr, {100 * float(result['melt_fraction'][k]):.3g} % melt"
        axes[0].plot(result["temperature"].values[k], pressure, color=colour, linewidth=1.5, label=label)
        axes[1].plot(
            result["local_melt_fraction"].values[k], pressure, color=colour, linewidth=1.5, label=label
        )
    for ax, label in zip(axes, ("Temperature (K)", "Melt fraction (kg/kg)")):
        ax.set(ylim=(pressure[-1] * 1.02, 0.0))
        set_ticks(ax.xaxis, False, ax.get_xlim())
        set_ticks(ax.yaxis, False, (0.0, pressure[-1]))
        ax.set_xlabel(label, fontsize=view.size, color=INK)
        ax.tick_params(
            which="both", direction="in", top=True, right=True, labelsize=view.size - 1, colors=INK
        )
        ax.grid(True, color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
        ax.set_ylabel("Pressure (GPa)", fontsize=view.size, color=INK)
    axes[1].set(xlim=(-0.02, 1.02))
    axes[1].legend(
        *axes[0].get_legend_handles_labels(),
        loc="upper left",
        bbox_to_anchor=(1.03, 1.0),
        fontsize=view.size - 2,
        frameon=False,
    )
    write(figure, 0.85, tall - 0.3, "The mantle in depth", view.size + 2.5, weight="bold")
    close(figure, result, [], [result.attrs.get("title")], 0.85, 105)
    return figure


@plainly
def melt_map(result, time_axis="log") -> Figure:
    """Melt fraction in pressure and time, and the rheological front."""
    view = prepare(result, time_axis)
    tall = 4.4
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    if not has_column(result) or len(view.time) < 2:
        return _without(figure, result)
    bar = figure.add_axes(((WIDTH - 1.0) / WIDTH, 0.86 / tall, 0.16 / WIDTH, (tall - 1.5) / tall))
    ax = figure.add_axes((0.85 / WIDTH, 0.86 / tall, (WIDTH - 2.0) / WIDTH, (tall - 1.5) / tall))
    pressure = result["cell_pressure"].values / 1e9
    frozen = view.time[result["melt_fraction"].values < MOLTEN]
    span = (
        (max(view.span[0], frozen[0] / 10), view.span[1]) if view.log_time and len(frozen) > 1 else view.span
    )
    first = max(span[0], 1e-12)
    at = np.geomspace(first, span[1], 600) if view.log_time else np.linspace(*span, 600)
    melt = result["local_melt_fraction"].values[
        np.clip(np.searchsorted(view.time, at), 0, len(view.time) - 1)
    ]
    edges = np.concatenate(
        [[0.0], 0.5 * (pressure[1:] + pressure[:-1]), [1.5 * pressure[-1] - 0.5 * pressure[-2]]]
    )
    middle = np.sqrt(at[1:] * at[:-1]) if view.log_time else 0.5 * (at[1:] + at[:-1])
    drawn = ax.pcolormesh(
        np.concatenate([[at[0]], middle, [at[-1]]]),
        edges,
        melt.T,
        cmap="inferno",
        vmin=0.0,
        vmax=1.0,
        rasterized=True,
    )
    if "rheological_front_pressure" in result:
        ax.plot(
            view.time,
            result["rheological_front_pressure"].values / 1e9,
            color="#56B4E9",
            linewidth=1.2,
            label="rheological front (melt fraction 0.4)",
        )
        ax.legend(loc="lower left", fontsize=view.size - 2, frameon=True, facecolor="white", framealpha=0.85)
    if view.log_time:
        ax.set_xscale("log", nonpositive="clip")
    ax.set(xlim=span, ylim=(edges[-1], 0.0))
    set_ticks(ax.xaxis, view.log_time, span)
    set_ticks(ax.yaxis, False, (0.0, edges[-1]))
    ax.set_xlabel("Time (yr)", fontsize=view.size, color=INK)
    ax.set_ylabel("Pressure (GPa)", fontsize=view.size, color=INK)
    ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=view.size - 1, colors=INK)
    figure.colorbar(drawn, cax=bar)
    set_ticks(bar.yaxis, False, (0.0, 1.0))
    bar.set_ylabel("Melt fraction (kg/kg)", fontsize=view.size, color=INK)
    bar.tick_params(labelsize=view.size - 1, colors=INK)
    write(figure, 0.85, tall - 0.3, "Melt in depth and time", view.size + 2.5, weight="bold")
    close(figure, result, [], [result.attrs.get("title")], 0.85, 105)
    return figure


def _without(figure, result) -> Figure:
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
    close(figure, result, [], [result.attrs.get("title")], 0.85, 105)
    return figure
