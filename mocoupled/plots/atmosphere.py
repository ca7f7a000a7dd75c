"""Figure of the atmosphere of a run at some times: temperature, height and clouds, composition, spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR, YEAR
from .panels import SIZE, Layout, dress, page, panel
from .settings import plainly
from .style import BROKEN, FURTHER, INK, PALE, SPECIES, LineStyle, axis_limits, formula, number

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 8  # states at most
NAMED = 8  # gases at most
LEAST = 1e-10  # mole fraction
HIDDEN = 0.03  # dex; a curve that is nearer to another at all levels is dashed, so that both are seen
WIDTH = 1.1  # of a line [pt]
UNITS = ((1e9, "Gyr"), (1e6, "Myr"), (1e3, "kyr"), (1.0, "yr"))


@plainly
def draw_atmosphere(result: xarray.Dataset) -> Figure:
    """Four panels of a result of `mo.profiles`: at most eight of its states, evenly chosen.

    Temperature against pressure and against height, with the clouds; the composition of the last state, in
    equilibrium where it has that; the spectra.
    """
    points = [str(d) for d in result.outgoing_flux.dims]
    flat = result.stack(row=points) if points else result.expand_dims("row")
    flat = flat.transpose("row", ...)
    there = np.flatnonzero(np.isfinite(flat.outgoing_flux.values))
    chosen = there[np.unique(np.linspace(0, there.size - 1, SHOWN).astype(int))] if there.size else there
    states = [flat.isel(row=int(k)) for k in chosen]
    layout = Layout(2, 2, 2.75, 2.3, across=0.72, down=0.62, right=1.45, top=0.5, bottom=0.92)
    figure = page(layout, f"Atmosphere of {result.attrs.get('case_name', 'the planet')}", _caption(result))
    panels = [panel(figure, layout, k // 2, k % 2, k, above=True) for k in range(4)]
    if not states:
        return figure
    colours = _colours(len(states))
    _temperatures(panels[0], panels[1], states, colours)
    _composition(panels[2], states[-1], _label(states[-1]))
    _spectra(panels[3], states, colours, result)
    panels[1].legend(
        fontsize=SIZE - 1,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.03),
        handlelength=1.2,
        labelspacing=0.3,
    )
    return figure


def _colours(count: int) -> list[tuple[float, float, float, float]]:
    """A colour for each state, the first the hottest."""
    from matplotlib import colormaps

    return [colormaps["turbo"](0.95 - 0.87 * k / max(1, count - 1)) for k in range(count)]


def _caption(result: xarray.Dataset) -> str:
    """What is drawn, in words."""
    text = (
        "Dry adiabat, moist pseudo-adiabat above the clouds (dots), isothermal stratosphere (dashed); "
        f"{result.attrs.get('column', '')}."
    )
    if "equilibrium_mixing_ratio" in result:
        text += " Composition: in equilibrium at each level (lines), as at the surface (pale)"
        if bool(result.quenched.any()):
            text += "; above the dotted line as at the quench level"
        return text + "."
    return text + " Composition as at the surface up to the clouds."


def _label(state: xarray.Dataset) -> str:
    """Time of a state, or else its pressure, with its surface temperature."""
    hot = f"{float(state.temperature):.0f} K"
    if "time" in state.coords:
        years = float(state.time) / YEAR
        size, unit = next(((s, u) for s, u in UNITS if years >= s), UNITS[-1])
        return f"{number(years / size, 3)} {unit}, {hot}"
    return f"{number(float(state.pressure.sum()) / BAR, 3)} bar, {hot}"


def _levels(state: xarray.Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Temperature [K], pressure [bar] and height [km] of the levels that a state has."""
    T = state.level_temperature.values
    there = np.isfinite(T)
    return T[there], state.level_pressure.values[there] / BAR, state.level_height.values[there] / 1e3


def _temperatures(by_pressure: Axes, by_height: Axes, states: list[xarray.Dataset], colours: list) -> None:
    """Temperature against pressure and height, with the cloud level of each state."""
    low, T_all, p_all, z_all = [], [], [], []
    for state, colour in zip(states, colours):
        T, p, z = _levels(state)
        by_pressure.plot(T, p, color=colour, lw=WIDTH)
        by_height.plot(T, z, color=colour, lw=WIDTH, label=_label(state))
        by_pressure.plot([T[-1], T[-1]], [p[-1], 0.1 * p[-1]], color=colour, lw=WIDTH, ls="--")
        if np.isfinite(float(state.cloud_temperature)):
            dot = {"color": colour, "ms": 3.5, "ls": "", "marker": "o"}
            by_pressure.plot([float(state.cloud_temperature)], [float(state.cloud_pressure) / BAR], **dot)
            by_height.plot([float(state.cloud_temperature)], [float(state.cloud_height) / 1e3], **dot)
        low.append(0.3 * p[-1])
        T_all.append(T)
        p_all.append(p)
        z_all.append(z)
    across = axis_limits(np.concatenate(T_all), False)
    limits = axis_limits(np.concatenate([*p_all, low]), True)
    dress(by_pressure, (across, limits[::-1]), (False, True), ("Temperature (K)", "Pressure (bar)"))
    top = 1.05 * max(z.max() for z in z_all)
    dress(by_height, (across, (0.0, max(top, 1e-3))), labels=("Temperature (K)", "Height (km)"))


def _composition(ax: Axes, state: xarray.Dataset, label: str) -> None:
    """Mole fractions of a state against pressure."""
    _, p, _ = _levels(state)
    size = len(p)
    mixed = state.mixing_ratio.transpose("species", "level").values[:, :size]
    names = [str(name) for name in state.species.values]
    ratios = mixed
    if "equilibrium_mixing_ratio" in state:
        for name, ratio in zip(names, mixed):
            ax.plot(ratio, p, color=SPECIES.get(name, PALE), lw=2.4, alpha=0.25)
        names = [str(name) for name in state.level_species.values]
        ratios = state.equilibrium_mixing_ratio.transpose("level_species", "level").values[:, :size]
        quench = float(state.quench_pressure) / BAR
        if np.isfinite(quench):
            ax.axhline(quench, color=INK, lw=0.8, ls=":")
    order = np.argsort(-ratios.max(axis=1))[:NAMED]
    rows = [int(i) for i in order if ratios[i].max() > LEAST]
    for k, row in enumerate(rows):
        colour, style = _look(names[row], k)
        if any(_hidden(ratios[row], ratios[above]) for above in rows[:k]):
            style = (0, (3, 3))
        ax.plot(ratios[row], p, color=colour, ls=style, lw=WIDTH, label=formula(names[row]))
    labels = (f"Mole fraction, {label}", "Pressure (bar)")
    shown = ratios[rows][ratios[rows] > LEAST]
    low, high = axis_limits(shown, True) if shown.size else (LEAST, 1.0)
    dress(ax, ((low, min(high, 1.5)), axis_limits(p, True)[::-1]), (True, True), labels)
    ax.legend(fontsize=SIZE - 1.5, framealpha=0.8, edgecolor="none", handlelength=1.8, labelspacing=0.2)


def _hidden(ratio: np.ndarray, other: np.ndarray) -> bool:
    """Whether a curve lies on another one at all levels. ratio, other (levels,): mole fractions."""
    both = np.log10(np.maximum([ratio, other], LEAST))
    return bool(np.all(np.abs(both[0] - both[1]) < HIDDEN))


def _look(name: str, k: int) -> tuple[str, LineStyle]:
    """Colour and style of the k-th gas."""
    if name in SPECIES:
        return SPECIES[name], "-"
    return FURTHER[k % len(FURTHER)], BROKEN[k % len(BROKEN)]


def _spectra(ax: Axes, states: list[xarray.Dataset], colours: list, result: xarray.Dataset) -> None:
    """Flux of each band per ln of wavelength."""
    edges = 1e6 * np.append(result.shortest_wavelength.values, result.longest_wavelength.values[-1])
    fluxes = [state.band_flux.values / np.diff(np.log(edges)) for state in states]
    for flux, colour in zip(fluxes, colours):
        ax.stairs(flux, edges, color=colour, lw=WIDTH)
    high = max(float(flux.max()) for flux in fluxes)
    low = min(float(flux.max()) for flux in fluxes) / 300.0
    limits = axis_limits(np.array([low, high]), True)
    labels = ("Wavelength (µm)", "Flux per ln wavelength (W/m²)")
    dress(ax, ((edges[0], edges[-1]), limits), (True, True), labels)
