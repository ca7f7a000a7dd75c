"""Two figures that compare few runs: a mantle in depth and time beside its atmosphere, and what escape changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR, OCEAN_HYDROGEN, YEAR
from ..results.diagnostics import ATOMIC_WEIGHT, at_melt_fraction
from .depletions import COLOURS
from .panels import LID_MELT, SIZE, Layout, absent, dress, legend, page, panel
from .settings import plainly
from .style import INK, SPECIES, axis_limits, formula, number

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

SHOWN = (
    1.0,
    0.9,
    0.7,
    0.5,
    0.3,
    0.15,
    0.05,
)  # melt fractions of the whole mantle whose profiles are drawn; and the end
UNRESOLVED = "the lumped mantle\nhas no profile"
GREY_LINE = {"color": "#9A9A9A", "linewidth": 2.6, "alpha": 0.7, "solid_capstyle": "butt"}


@plainly
def draw_profiles(
    first: xarray.Dataset | None,
    second: xarray.Dataset | None,
    names: Sequence[str],
    title: str,
    caption: str,
) -> Figure:
    """Six panels. Left and middle: temperature and melt fraction along depth, of the first run above the second, each at
    several times. Right: pressures of both against time, and below them melt fraction and dissolved hydrogen."""
    layout = Layout(3, 2, 1.72, 2.15, across=0.62, down=0.62, left=0.62, right=0.12, top=0.5, bottom=1.12)
    figure = page(layout, title, caption)
    for i, (run, name) in enumerate(zip((first, second), names)):
        for j, (variable, label, scale) in enumerate(
            (("temperature", "Temperature (K)", 1.0), ("local_melt_fraction", "Melt fraction (%)", 100.0))
        ):
            ax = panel(figure, layout, i, j, 3 * i + j, above=True)
            ax.set_title(name, fontsize=SIZE + 0.5, weight="bold", color=INK, pad=3)
            _profile(ax, run, variable, label, scale, named=j == 0)
    right = [run for run in (first, second) if run is not None]
    _pressures(panel(figure, layout, 0, 2, 2, above=True), first, second, names, right)
    _reservoirs(panel(figure, layout, 1, 2, 5, above=True), first, second, names, right)
    return figure


def _depth(run):
    """(values, label) of the vertical axis: pressure in the mantle [GPa], else depth below the uppermost cell [km], else
    the cell's number."""
    for name, scale, label in (("cell_pressure", 1e9, "Pressure (GPa)"), ("cell_radius", -1e3, "Depth (km)")):
        if name in run.variables and run[name].dims == ("cell",):
            values = run[name].values / scale
            return (values - values.min() if scale < 0 else values), label
    return np.arange(run.sizes["cell"], dtype=float), "Cell"


def _profile(ax, run, variable, label, scale, named):
    if run is None:
        return absent(ax)
    if variable not in run or "cell" not in run[variable].dims:
        return absent(ax, UNRESOLVED)
    depth, title = _depth(run)
    states = [s for s in (at_melt_fraction(run, phi) for phi in SHOWN) if s is not None]
    states = [s for k, s in enumerate(states) if s.time > 0 or not k] + [run.isel(time=-1)]
    values = [scale * s[variable].values for s in states]
    from matplotlib import colormaps

    for k, (state, curve) in enumerate(zip(states, values)):
        colour = colormaps["turbo"](0.95 - 0.9 * k / max(1, len(states) - 1))
        time = number(float(state.time) / YEAR / 1e3, 2, " kyr")
        ax.plot(
            curve, depth, color=colour, linewidth=1.1, label=time + (" (lid)" if k == len(states) - 1 else "")
        )
    limits = axis_limits(np.concatenate(values), False) if variable == "temperature" else (-4.0, 104.0)
    dress(ax, (limits, (depth.max(), depth.min())), labels=(label, title))
    if named:
        ax.legend(
            fontsize=5.5,
            frameon=False,
            loc="lower left",
            handlelength=1.1,
            labelspacing=0.25,
            borderaxespad=0.3,
        )
    return None


def _early(runs):
    """Ends of a time axis [yr]: from 10 yr to the last end."""
    return 10.0, max(float(run.time[-1]) / YEAR for run in runs) * 1.5


def _pressures(ax, first, second, names, runs):
    if not runs:
        return absent(ax)
    for run, look in ((first, True), (second, False)):
        if run is None:
            continue
        time = run.time.values / YEAR
        for s in (str(s) for s in run.species.values):
            line = GREY_LINE if look else {"color": SPECIES.get(s, INK), "linewidth": 1.3}
            ax.plot(
                time, run.pressure.sel(species=s).values / BAR, **line, label=f"{s} {names[0 if look else 1]}"
            )
            ax.plot(
                time[-1],
                run.pressure.sel(species=s).values[-1] / BAR,
                "o",
                markersize=3.5,
                color=SPECIES.get(s, INK),
            )
    limits = axis_limits(np.concatenate([r.pressure.values.ravel() for r in runs]) / BAR, True)
    dress(ax, (_early(runs), limits), log=(True, True), labels=("Time (yr)", "Pressure (bar)"))
    from matplotlib.lines import Line2D

    species = [str(s) for s in runs[-1].species.values]
    handles = [
        Line2D([], [], color=SPECIES.get(s, INK), linewidth=1.3, label=f"{formula(s)}, {names[1]}")
        for s in species
    ]
    handles += [
        Line2D([], [], **GREY_LINE, label=names[0]),
        Line2D([], [], marker="o", linestyle="", markersize=3.5, color=INK, label="lid"),
    ]
    return ax.legend(
        handles=handles, fontsize=6, frameon=False, loc="upper center", handlelength=1.4, labelspacing=0.25
    )


def _reservoirs(ax, first, second, names, runs):
    if not runs:
        return absent(ax)
    series = (
        ("melt_fraction", "melt", "#D6604D", lambda v: v),
        ("interior_depletion", "dissolved H", "#0072B2", lambda v: 1 - v),
    )
    for run, grey in ((first, True), (second, False)):
        if run is None:
            continue
        time = run.time.values / YEAR
        for variable, text, colour, change in series:
            values = 100 * change(run[variable].values)
            ax.plot(
                time,
                values,
                **(GREY_LINE if grey else {"color": colour, "linewidth": 1.3}),
                label=f"{text} {names[0 if grey else 1]}",
            )
            ax.plot(time[-1], values[-1], "o", markersize=3.5, color=colour)
    dress(ax, (_early(runs), (-4, 104)), log=(True, False), labels=("Time (yr)", "Share (%)"))
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, linewidth=1.3, label=f"{text}, {names[1]}")
        for _, text, colour, _ in series
    ]
    return ax.legend(
        handles=[*handles, Line2D([], [], **GREY_LINE, label=names[0])],
        fontsize=6,
        frameon=False,
        loc="lower left",
        handlelength=1.4,
        labelspacing=0.25,
    )


@plainly
def draw_escape(runs: Mapping[str, xarray.Dataset], title: str, caption: str) -> Figure:
    """Four panels of runs that differ in their loss of hydrogen: pressure of H2, mixing ratios of H2 and CO, what the
    mantle has lost, and the hydrogen left to the planet. runs: name in the legend -> run, in the order of drawing."""
    layout = Layout(2, 2, 2.78, 2.0, across=0.66, down=0.5, left=0.62, right=0.12, top=0.82, bottom=1.08)
    figure = page(layout, title, caption)
    looks = {
        name: (COLOURS[k % len(COLOURS)], (3.0, 1.2, 1.4, 1.0, 1.0)[k % 5]) for k, name in enumerate(runs)
    }
    axes = [panel(figure, layout, k // 2, k % 2, k, above=True) for k in range(4)]
    if not runs:
        for ax in axes:
            absent(ax)
        return figure
    pressures = [run.pressure.sel(species="H2").values / BAR for run in runs.values()]
    for (name, run), pressure in zip(runs.items(), pressures):
        (colour, width), melt = looks[name], 100 * run.melt_fraction.values
        line = {"color": colour, "linewidth": width, "label": name, "alpha": 0.45 if width > 2 else 1.0}
        axes[0].plot(melt, pressure, **line)
        for s, style in (("H2", "-"), ("CO", (0, (3, 1.2)))):
            axes[1].plot(
                melt,
                100 * run.mixing_ratio.sel(species=s).values,
                **line | {"linestyle": style, "label": f"{s} {name}"},
            )
        axes[2].plot(melt, 100 * run.interior_depletion.values, **line)
        axes[3].plot(
            run.time.values / YEAR, ATOMIC_WEIGHT["H"] * run.hydrogen_moles.values / OCEAN_HYDROGEN, **line
        )
    melting = "Melt fraction (%)"
    dress(
        axes[0],
        ((100, 0), axis_limits(np.concatenate(pressures), True)),
        log=(False, True),
        labels=(melting, "Pressure of H₂ (bar)"),
    )
    dress(axes[1], ((100, 0), (-3, 103)), labels=(melting, "H₂ (—) and CO (- -), %"))
    dress(axes[2], ((100, 0), (-3, 103)), labels=(melting, "Interior depletion of H (%)"))
    last = max(float(run.time[-1]) / YEAR for run in runs.values())
    dress(
        axes[3],
        ((last * 1e-3, last * 1.5), (0, 3.7)),
        log=(True, False),
        labels=("Time (yr)", "H of the planet (oceans)"),
    )
    for ax in axes[:3]:
        ax.axvline(LID_MELT, color="#888888", linewidth=0.9, linestyle=(0, (1, 1.4)), label="_lid")
    samples = [
        (name, {"color": colour, "linewidth": max(1.4, width), "alpha": 0.45 if width > 2 else 1.0})
        for name, (colour, width) in looks.items()
    ]
    for k, row in enumerate((samples[:3], samples[3:])):
        legend(figure, layout, row, y=layout.size[1] - 0.42 - 0.18 * k)
    return figure
