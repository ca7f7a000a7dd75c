"""Two figures of few runs: a mantle in depth and time beside its atmosphere; the effect of escape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import BAR, OCEAN_HYDROGEN, YEAR
from ..results.diagnostics import ATOMIC_WEIGHT, at_melt_fraction
from .depletions import COLOURS
from .panels import LID_MELT, SIZE, Layout, absent, dress, legend, page, panel
from .settings import plainly
from .style import INK, SPECIES, LineStyle, Look, axis_limits, formula, number

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# melt fractions of the whole mantle whose profiles are drawn; and the end
SHOWN = (1.0, 0.9, 0.7, 0.5, 0.3, 0.15, 0.05)
UNRESOLVED = "the lumped mantle\nhas no profile"
GREY_LINE: Look = {"color": "#9A9A9A", "linewidth": 2.6, "alpha": 0.7, "solid_capstyle": "butt"}
WIDTH = 1.3  # of a line [pt]
MELT, DISSOLVED = "#D6604D", "#0072B2"
# of runs with escape: widths of the lines [pt]
WIDTHS = (3.0, 1.2, 1.4, 1.0, 1.0)
WIDE = 2.0  # pt; wider lines are pale


@dataclass(frozen=True)
class _Drawn:
    """A run of a pair: its name, and whether it is the grey one."""

    run: xarray.Dataset
    name: str
    grey: bool

    @property
    def time(self) -> np.ndarray:
        """Stored times [yr]."""
        return self.run.time.values / YEAR

    def look(self, colour: str) -> Look:
        """Keywords of a line in this colour, or in grey."""
        return GREY_LINE if self.grey else {"color": colour, "linewidth": WIDTH}


@plainly
def draw_profiles(
    first: xarray.Dataset | None,
    second: xarray.Dataset | None,
    names: Sequence[str],
    title: str,
    caption: str,
) -> Figure:
    """Six panels of two runs. names: of the two.

    Left and middle: temperature and melt fraction along depth, of the first run above the second, at several
    times. Right: pressures of both against time, and below them melt fraction and dissolved hydrogen.
    """
    layout = Layout(3, 2, 1.72, 2.15, across=0.62, down=0.62, left=0.62, right=0.12, top=0.5, bottom=1.12)
    figure = page(layout, title, caption)
    variables = (("temperature", "Temperature (K)", 1.0), ("local_melt_fraction", "Melt fraction (%)", 100.0))
    for i, (run, name) in enumerate(zip((first, second), names)):
        for j, (variable, label, scale) in enumerate(variables):
            ax = panel(figure, layout, i, j, 3 * i + j, above=True)
            ax.set_title(name, fontsize=SIZE + 0.5, weight="bold", color=INK, pad=3)
            _profile(ax, run, variable, label, scale, named=j == 0)
    drawn = []
    for run, name, grey in zip((first, second), names, (True, False)):
        if run is not None:
            drawn.append(_Drawn(run, name, grey))
    _pressures(panel(figure, layout, 0, 2, 2, above=True), drawn, names)
    _reservoirs(panel(figure, layout, 1, 2, 5, above=True), drawn, names)
    return figure


def _depth(run: xarray.Dataset) -> tuple[np.ndarray, str]:
    """(values, label) of the vertical axis.

    Pressure in the mantle [GPa]; without it depth below the uppermost cell [km]; without that the cell's
    number.
    """
    for name, scale, label in (("cell_pressure", 1e9, "Pressure (GPa)"), ("cell_radius", -1e3, "Depth (km)")):
        if name in run.variables and run[name].dims == ("cell",):
            values = run[name].values / scale
            return (values - values.min() if scale < 0 else values), label
    return np.arange(run.sizes["cell"], dtype=float), "Cell"


def _profile(
    ax: Axes, run: xarray.Dataset | None, variable: str, label: str, scale: float, named: bool
) -> None:
    """A variable along depth at several times. named: whether the panel has a legend."""
    from matplotlib import colormaps

    if run is None:
        absent(ax)
        return
    if variable not in run or "cell" not in run[variable].dims:
        absent(ax, UNRESOLVED)
        return
    depth, title = _depth(run)
    reached = [state for state in (at_melt_fraction(run, melt) for melt in SHOWN) if state is not None]
    states = [state for k, state in enumerate(reached) if state.time > 0 or not k]
    states.append(run.isel(time=-1))
    values = [scale * state[variable].values for state in states]
    for k, (state, curve) in enumerate(zip(states, values)):
        colour = colormaps["turbo"](0.95 - 0.9 * k / max(1, len(states) - 1))
        text = number(float(state.time) / YEAR / 1e3, 2, " kyr")
        if k == len(states) - 1:
            text += " (lid)"
        ax.plot(curve, depth, color=colour, linewidth=1.1, label=text)
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


def _times(drawn: Sequence[_Drawn]) -> tuple[float, float]:
    """Ends of a time axis [yr]: from 10 yr to the last end."""
    return 10.0, max(float(pair.run.time[-1]) / YEAR for pair in drawn) * 1.5


def _pressures(ax: Axes, drawn: Sequence[_Drawn], names: Sequence[str]) -> None:
    """Partial pressures of both runs against time."""
    from matplotlib.lines import Line2D

    if not drawn:
        absent(ax)
        return
    for pair in drawn:
        for species in map(str, pair.run.species.values):
            colour = SPECIES.get(species, INK)
            pressure = pair.run.pressure.sel(species=species).values / BAR
            ax.plot(pair.time, pressure, **pair.look(colour), label=f"{species} {pair.name}")
            ax.plot(pair.time[-1], pressure[-1], "o", markersize=3.5, color=colour)
    limits = axis_limits(np.concatenate([pair.run.pressure.values.ravel() for pair in drawn]) / BAR, True)
    dress(ax, (_times(drawn), limits), log=(True, True), labels=("Time (yr)", "Pressure (bar)"))
    handles = []
    for species in map(str, drawn[-1].run.species.values):
        text = f"{formula(species)}, {names[1]}"
        handles.append(Line2D([], [], color=SPECIES.get(species, INK), linewidth=WIDTH, label=text))
    handles.append(Line2D([], [], **GREY_LINE, label=names[0]))
    handles.append(Line2D([], [], marker="o", linestyle="", markersize=3.5, color=INK, label="lid"))
    ax.legend(
        handles=handles, fontsize=6, frameon=False, loc="upper center", handlelength=1.4, labelspacing=0.25
    )


def _reservoirs(ax: Axes, drawn: Sequence[_Drawn], names: Sequence[str]) -> None:
    """Melt fraction and dissolved hydrogen of both runs against time, in per cent."""
    from matplotlib.lines import Line2D

    if not drawn:
        absent(ax)
        return
    lines = (("melt", MELT), ("dissolved H", DISSOLVED))
    for pair in drawn:
        shares = (pair.run.melt_fraction.values, 1 - pair.run.interior_depletion.values)
        for (text, colour), share in zip(lines, shares):
            values = 100 * share
            ax.plot(pair.time, values, **pair.look(colour), label=f"{text} {pair.name}")
            ax.plot(pair.time[-1], values[-1], "o", markersize=3.5, color=colour)
    dress(ax, (_times(drawn), (-4, 104)), log=(True, False), labels=("Time (yr)", "Share (%)"))
    handles = []
    for text, colour in lines:
        handles.append(Line2D([], [], color=colour, linewidth=WIDTH, label=f"{text}, {names[1]}"))
    handles.append(Line2D([], [], **GREY_LINE, label=names[0]))
    ax.legend(
        handles=handles, fontsize=6, frameon=False, loc="lower left", handlelength=1.4, labelspacing=0.25
    )


@plainly
def draw_escape(runs: Mapping[str, xarray.Dataset], title: str, caption: str) -> Figure:
    """Four panels of runs that differ in their loss of hydrogen.

    Pressure of H2; mixing ratios of H2 and CO; what the mantle has lost; the hydrogen left to the planet.
    runs: name in the legend -> run, in the order of drawing.
    """
    layout = Layout(2, 2, 2.78, 2.0, across=0.66, down=0.5, left=0.62, right=0.12, top=0.82, bottom=1.08)
    figure = page(layout, title, caption)
    panels = [panel(figure, layout, k // 2, k % 2, k, above=True) for k in range(4)]
    if not runs:
        for ax in panels:
            absent(ax)
        return figure
    samples: list[tuple[str, Look]] = []
    for k, (name, run) in enumerate(runs.items()):
        look = _escape_look(k)
        samples.append((name, look | {"linewidth": max(1.4, look["linewidth"])}))
        _draw_escaping(panels, run, look | {"label": name})
    pressures = [run.pressure.sel(species="H2").values / BAR for run in runs.values()]
    melting, last = "Melt fraction (%)", max(float(run.time[-1]) / YEAR for run in runs.values())
    dress(
        panels[0],
        ((100, 0), axis_limits(np.concatenate(pressures), True)),
        log=(False, True),
        labels=(melting, "Pressure of H₂ (bar)"),
    )
    dress(panels[1], ((100, 0), (-3, 103)), labels=(melting, "H₂ (—) and CO (- -), %"))
    dress(panels[2], ((100, 0), (-3, 103)), labels=(melting, "Interior depletion of H (%)"))
    dress(
        panels[3],
        ((last * 1e-3, last * 1.5), (0, 3.7)),
        log=(True, False),
        labels=("Time (yr)", "H of the planet (oceans)"),
    )
    for ax in panels[:3]:
        ax.axvline(LID_MELT, color="#888888", linewidth=0.9, linestyle=(0, (1, 1.4)), label="_lid")
    for k, row in enumerate((samples[:3], samples[3:])):
        legend(figure, layout, row, y=layout.size[1] - 0.42 - 0.18 * k)
    return figure


def _escape_look(k: int) -> dict[str, Any]:
    """Keywords of the lines of the k-th run."""
    width = WIDTHS[k % len(WIDTHS)]
    return {
        "color": COLOURS[k % len(COLOURS)],
        "linewidth": width,
        "alpha": 0.45 if width > WIDE else 1.0,
    }


def _draw_escaping(panels: Sequence[Axes], run: xarray.Dataset, look: dict[str, Any]) -> None:
    """The lines of one run in the four panels."""
    melt, label = 100 * run.melt_fraction.values, look["label"]
    panels[0].plot(melt, run.pressure.sel(species="H2").values / BAR, **look)
    styles: tuple[tuple[str, LineStyle], ...] = (("H2", "-"), ("CO", (0, (3, 1.2))))
    for species, style in styles:
        ratio = 100 * run.mixing_ratio.sel(species=species).values
        panels[1].plot(melt, ratio, **look | {"linestyle": style, "label": f"{species} {label}"})
    panels[2].plot(melt, 100 * run.interior_depletion.values, **look)
    oceans = ATOMIC_WEIGHT["H"] * run.hydrogen_moles.values / OCEAN_HYDROGEN
    panels[3].plot(run.time.values / YEAR, oceans, **look)
