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
LEAST = 0.01  # of the largest flux per ln wavelength: bands below, at both ends, are not shown
# what a row may differ in beside temperature and pressures: variable, text before and after its value
CONDITIONS = (
    ("gravity", "", " m/s²"),
    ("stratosphere_temperature", "stratosphere ", " K"),
    ("opacity_factor", "opacity × ", ""),
)
CAPTION = (
    "Outgoing radiation by 17 spectral bands of 4 quantiles over a black surface: dry adiabat, moist "
    "pseudo-adiabat above the clouds, isothermal stratosphere; clear sky, no starlight."
)


@plainly
def draw_radiation(result: xarray.Dataset) -> Figure:
    """Three panels of a result of `mo.outgoing_radiation`: at most eight of its profiles and spectra."""
    from matplotlib import colormaps

    points = [str(d) for d in result.outgoing_flux.dims]
    flat = result.stack(row=points) if points else result.expand_dims("row")
    flat = flat.transpose("row", ...)
    rows = flat.sizes["row"]
    chosen = np.unique(np.linspace(0, rows - 1, SHOWN).astype(int))
    choice = f" (b, c): {chosen.size} of {rows} combinations, evenly chosen." if chosen.size < rows else ""
    layout = Layout(3, 1, 2.25, 2.4, across=0.6, right=2.1, top=0.5, bottom=0.8)
    figure = page(layout, "Outgoing radiation", CAPTION + _names(result) + choice)
    _fluxes(figure, layout, result, points)
    profiles = panel(figure, layout, 0, 1, 1, above=True)
    spectra = panel(figure, layout, 0, 2, 2, above=True)
    edges = 1e6 * np.append(result.shortest_wavelength.values, result.longest_wavelength.values[-1])
    names, spectrum = _differences(flat), flat.band_flux.values / np.diff(np.log(edges))
    for k, row in enumerate(chosen):
        # other colours than those of the lines of the first panel, which are not these combinations
        at, colour = flat.isel(row=int(row)), colormaps["turbo"](0.06 + 0.88 * k / max(1, chosen.size - 1))
        label = ", ".join(text for text in (f"{float(at.temperature):.0f} K", names[row]) if text)
        profiles.plot(at.level_temperature, at.level_pressure / BAR, color=colour, lw=1.1)
        spectra.stairs(spectrum[row], edges, color=colour, lw=1.1, label=label)
    pressure = flat.level_pressure.values[chosen] / BAR
    temperature = flat.level_temperature.values[chosen]
    limits = axis_limits(pressure[np.isfinite(pressure)], True)
    across = axis_limits(temperature[np.isfinite(temperature)], False)
    dress(profiles, (across, limits[::-1]), (False, True), ("Temperature (K)", "Pressure (bar)"))
    spectra.legend(
        title="(b, c)",
        title_fontsize=SIZE - 2,
        alignment="left",
        fontsize=SIZE - 2,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.02, 1.02),
        handlelength=1.2,
    )
    top = float(spectra.get_ylim()[1])
    label = "Flux per ln wavelength (W/m²)"
    dress(spectra, (_seen(spectrum[chosen], edges), (0.0, top)), (True, False), ("Wavelength (µm)", label))
    return figure


def _seen(spectrum: np.ndarray, edges: np.ndarray) -> tuple[float, float]:
    """Ends of the axis of wavelength [µm]: without the bands at both ends in which next to nothing leaves.

    spectrum (rows, bands), edges (bands + 1,).
    """
    most = np.nan_to_num(spectrum).max(axis=0)
    bands = np.flatnonzero(most > LEAST * most.max())
    if not bands.size:
        return float(edges[0]), float(edges[-1])
    return float(edges[bands[0]]), float(edges[bands[-1] + 1])


def _differences(flat: xarray.Dataset) -> list[str]:
    """In what rows differ beside the temperature: gases with their pressures, and other conditions.

    flat: along row. One text a row, "" where only the temperature differs.
    """
    parts: list[list[str]] = [[] for _ in range(flat.sizes["row"])]
    columns = [
        (values / BAR, f"{formula(str(name))} ", " bar")
        for name, values in zip(flat.species.values, flat.pressure.transpose("species", "row").values)
    ]
    columns += [(flat[name].values, before, after) for name, before, after in CONDITIONS if name in flat]
    for values, before, after in columns:
        if np.ptp(values) > 0.0:
            for part, value in zip(parts, values):
                part.append(f"{before}{number(float(value), 3)}{after}")
    return [", ".join(part) for part in parts]


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
        names = _lines(result, along, others)
        for k in range(lines.sizes["line"]):
            x, y = hot.isel(line=k).values, lines.isel(line=k).values
            order = np.argsort(x)
            label = names[k] if names else None
            ax.plot(x[order], y[order], color=COLOURS[k % len(COLOURS)], lw=1.1, label=label)
        if names:
            ax.legend(fontsize=SIZE - 2, frameon=False, loc="best", handlelength=1.2)
    labels = ("Surface temperature (K)", "Outgoing flux (W/m²)")
    limits = axis_limits(T.values[np.isfinite(T.values)], False)
    vertical = axis_limits(flux.values[np.isfinite(flux.values)], True)
    dress(ax, (limits, vertical), (False, True), labels)


def _lines(result: xarray.Dataset, along: str, others: list[str]) -> list[str]:
    """In what a few lines differ, one text a line; [] where there are many, or nothing does.

    along: the dimension of a line. others: those of different lines.
    """
    first = result.isel({along: 0})
    if not others or first.outgoing_flux.size > SHOWN:
        return []
    names = _differences(first.stack(row=others))
    return names if len(set(names)) == len(names) else []


def _names(result: xarray.Dataset) -> str:
    """The gases, for the caption; those of one pressure with it."""
    listed = []
    for name in result.species.values:
        pressure = result.pressure.sel(species=name).values / BAR
        amount = f" {number(float(pressure.flat[0]), 3)} bar" if np.ptp(pressure) == 0.0 else ""
        listed.append(formula(str(name)) + amount)
    lacking = result.attrs.get("transparent", "")
    transparent = f" Transparent, without data: {formula(lacking)}." if lacking else ""
    return f" Gases: {', '.join(listed)}.{transparent}"


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a figure, or points (line = False). pale: of a thin grey line.

    like: the name of a line before it whose colour points have; "" for the next colour.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    line: bool = True
    pale: bool = False
    like: str = ""


@plainly
def draw_curves(
    curves: Sequence[Curve], labels: tuple[str, str, str], path: Path, dpi: int, log: bool = True
) -> Path:
    """Fluxes against one condition, with a legend; the path. labels: of the axis, title, caption."""
    layout = Layout(1, 1, 4.2, 3.4, right=2.0, top=0.5, bottom=1.0)
    across, title, caption = labels
    figure = page(layout, title, caption)
    ax = panel(figure, layout, 0, 0, 0, above=True)
    colours, marks = iter(COLOURS * 3), iter("osD^v<>" * 3)
    colour_of: dict[str, str] = {}
    mark_of: dict[str, str] = {}  # points of one source have one mark, and one line of the legend
    for curve in curves:
        colour = "#9A9A9A" if curve.pale else colour_of.get(curve.like) or next(colours)
        colour_of.setdefault(curve.name, colour)
        look: dict[str, Any] = {"color": colour, "lw": 0.8 if curve.pale else 1.4, "label": curve.name}
        if not curve.line:
            label = f"_{curve.name}" if curve.name in mark_of else curve.name
            mark = mark_of.setdefault(curve.name, next(marks))
            look = {"color": colour, "ls": "", "marker": mark, "ms": 3.5, "label": label}
        ax.plot(curve.x, curve.y, **look)
    every = np.concatenate([curve.y for curve in curves])
    x = np.concatenate([curve.x for curve in curves])
    limits = axis_limits(x, False), axis_limits(every, log)
    dress(ax, limits, (False, log), (across, "Outgoing flux (W/m²)"))
    ax.legend(fontsize=SIZE - 1, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return save(figure, path, {"case_name": "radiation"}, dpi)
