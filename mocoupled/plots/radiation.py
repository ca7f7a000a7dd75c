"""Figures of outgoing radiation: flux against surface temperature, profiles, spectrum, published points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import BAR
from .panels import SIZE, Layout, dress, page, panel
from .settings import plainly
from .style import FURTHER, SPECIES, axis_limits, formula, number, save

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

COLOURS = (*SPECIES.values(), *FURTHER)
SHOWN = 8  # profiles and spectra at most
CAPTION = (
    "Outgoing radiation by 17 spectral bands of 4 quantiles over a black surface: dry adiabat, moist "
    "pseudo-adiabat above the clouds, isothermal stratosphere; clear sky, no starlight."
)


@plainly
def draw_radiation(result: xarray.Dataset) -> Figure:
    """Three panels of a result of `mo.outgoing_radiation`: at most eight of its profiles and spectra."""
    layout = Layout(3, 1, 2.25, 2.4, across=0.6, top=0.5, bottom=0.8)
    figure = page(layout, "Outgoing radiation", CAPTION + _names(result))
    points = [str(d) for d in result.outgoing_flux.dims]
    flat = result.stack(row=points) if points else result.expand_dims("row")
    flat = flat.transpose("row", ...)
    _fluxes(figure, layout, result, points)
    chosen = np.unique(np.linspace(0, flat.sizes["row"] - 1, SHOWN).astype(int))
    profiles = panel(figure, layout, 0, 1, 1, above=True)
    spectra = panel(figure, layout, 0, 2, 2, above=True)
    edges = 1e6 * np.append(result.shortest_wavelength.values, result.longest_wavelength.values[-1])
    for k, row in enumerate(chosen):
        at, colour = flat.isel(row=int(row)), COLOURS[k % len(COLOURS)]
        label = f"{float(at.temperature):.0f} K, {number(float(at.pressure.sum()) / BAR, 3)} bar"
        profiles.plot(at.level_temperature, at.level_pressure / BAR, color=colour, lw=1.1, label=label)
        spectra.stairs(at.band_flux / np.diff(np.log(edges)), edges, color=colour, lw=1.1)
    pressure = flat.level_pressure.values[chosen] / BAR
    temperature = flat.level_temperature.values[chosen]
    limits = axis_limits(pressure[np.isfinite(pressure)], True)
    across = axis_limits(temperature[np.isfinite(temperature)], False)
    dress(profiles, (across, limits[::-1]), (False, True), ("Temperature (K)", "Pressure (bar)"))
    profiles.legend(fontsize=SIZE - 2, frameon=False, loc="upper right", handlelength=1.2)
    top = float(spectra.get_ylim()[1])
    label = "Flux per ln wavelength (W/m²)"
    dress(spectra, ((edges[0], edges[-1]), (0.0, top)), (True, False), ("Wavelength (µm)", label))
    return figure


def _fluxes(figure: Figure, layout: Layout, result: xarray.Dataset, points: list[str]) -> None:
    """Flux against surface temperature, a line for each of the other conditions."""
    ax = panel(figure, layout, 0, 0, 0, above=True)
    flux, T = result.outgoing_flux, result.temperature
    along = next((d for d in points if "temperature" in d or T.sizes.get(d, 1) > 1), None)
    if along is None or len(np.unique(T.values)) < 2:
        ax.plot(T.values.reshape(-1), flux.values.reshape(-1), "o", color=COLOURS[0], ms=3)
    else:
        others = [d for d in points if d != along]
        lines = flux.stack(line=others) if others else flux.expand_dims("line")
        hot = T.broadcast_like(flux)
        hot = hot.stack(line=others) if others else hot.expand_dims("line")
        names = _apart(result, along, others)
        for k in range(lines.sizes["line"]):
            x, y = hot.isel(line=k).values, lines.isel(line=k).values
            order = np.argsort(x)
            label = names[k] if names else None
            ax.plot(x[order], y[order], color=COLOURS[k % len(COLOURS)], lw=1.1, label=label)
        if names:
            ax.legend(fontsize=SIZE - 2, frameon=False, loc="upper left", handlelength=1.2)
    labels = ("Surface temperature (K)", "Outgoing flux (W/m²)")
    limits = axis_limits(T.values[np.isfinite(T.values)], False)
    vertical = axis_limits(flux.values[np.isfinite(flux.values)], True)
    dress(ax, (limits, vertical), (False, True), labels)


def _apart(result: xarray.Dataset, along: str, others: list[str]) -> list[str]:
    """The partial pressures by which few lines differ, one text a line; [] where these do not differ enough.

    along: the dimension of a line. others: those of different lines.
    """
    pressure = result.pressure.broadcast_like(result.outgoing_flux).isel({along: 0})
    if not others or pressure.size > SHOWN * pressure.sizes["species"]:
        return []
    flat = pressure.stack(line=others).transpose("line", "species").values / BAR
    vary = [k for k in range(flat.shape[1]) if np.ptp(flat[:, k]) > 0.0]
    gases = [formula(str(name)) for name in result.species.values]
    names = [", ".join(f"{gases[k]} {number(row[k], 3)} bar" for k in vary) for row in flat]
    return names if len(set(names)) == len(names) else []


def _names(result: xarray.Dataset) -> str:
    """The gases, for the caption."""
    listed = ", ".join(formula(str(name)) for name in result.species.values)
    lacking = result.attrs.get("transparent", "")
    return f" Gases: {listed}." + (f" Transparent, without data: {formula(lacking)}." if lacking else "")


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a figure, or points (line = False). pale: of a thin grey line."""

    name: str
    x: np.ndarray
    y: np.ndarray
    line: bool = True
    pale: bool = False


@plainly
def draw_curves(
    curves: Sequence[Curve], labels: tuple[str, str, str], path: Path, dpi: int, log: bool = True
) -> Path:
    """Fluxes against one condition, with a legend; the path. labels: of the axis, title, caption."""
    layout = Layout(1, 1, 4.2, 3.4, right=2.0, top=0.5, bottom=1.0)
    across, title, caption = labels
    figure = page(layout, title, caption)
    ax = panel(figure, layout, 0, 0, 0, above=True)
    colours = iter(COLOURS * 3)
    marks = iter("osD^v<>" * 3)
    for curve in curves:
        colour = "#9A9A9A" if curve.pale else next(colours)
        look: dict[str, Any] = {"color": colour, "lw": 0.8 if curve.pale else 1.4}
        if not curve.line:
            look = {"color": colour, "ls": "", "marker": next(marks), "ms": 3.5}
        ax.plot(curve.x, curve.y, label=curve.name, **look)
    every = np.concatenate([curve.y for curve in curves])
    x = np.concatenate([curve.x for curve in curves])
    limits = axis_limits(x, False), axis_limits(every, log)
    dress(ax, limits, (False, log), (across, "Outgoing flux (W/m²)"))
    ax.legend(fontsize=SIZE - 1, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return save(figure, path, {"case_name": "radiation"}, dpi)
