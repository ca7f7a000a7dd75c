"""The page of `mocoupled profiles`: a row per time, the emission by band, and the levels as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...constants import BAR
from .point_tables import point_table
from .text import rows, table, years

if TYPE_CHECKING:
    import pandas
    import xarray
    from rich.console import Console

# variables of the table of levels, where they are there
OF_LEVELS = (
    "level_temperature",
    "level_pressure",
    "level_height",
    "quenched",
    "mixing_ratio",
    "equilibrium_mixing_ratio",
)
SPECTRA = 6  # printed at most
STATES = 40  # printed at most


def print_profiles(made: xarray.Dataset, console: Console) -> None:
    """Print profiles of a run, of `mo.profiles`."""
    states = [made.isel(time=k) for k in range(made.sizes["time"])]
    shown = [states[k] for k in _even(len(states), STATES)]
    _print_states(shown, made, console)
    _print_spectra([states[k] for k in _even(len(states), SPECTRA)], made, console)
    notes = [("column", made.attrs["column"])]
    if "surface_water" in made.attrs and float(made.surface_water.max()) > 0.0:
        notes.append(("liquid water", made.attrs["surface_water"]))
    if made.attrs["transparent"]:
        notes.append(("transparent", f"{made.attrs['transparent']}: no data"))
    if "quenched" in made and bool(made.quenched.any()):
        ends = [
            " to ".join(
                dict.fromkeys(f"{float(end(made[name])) / size:.4g}" for end in (np.nanmin, np.nanmax))
            )
            for name, size in (("quench_temperature", 1.0), ("quench_pressure", BAR))
        ]
        notes.append(("quench level", f"at {ends[0]} K, {ends[1]} bar"))
    rows(notes, console, "about it")


def _even(count: int, most: int) -> list[int]:
    """At most so many places, even from the first to the last."""
    return (
        sorted(set(np.linspace(0, count - 1, most).astype(int).tolist())) if count > most else [*range(count)]
    )


def _print_states(states: list[xarray.Dataset], made: xarray.Dataset, console: Console) -> None:
    """Surface, clouds, top of the adiabat and flux of each state."""
    wet = float(made.surface_water.max()) > 0.0
    head = [
        "time",
        "T, K",
        "p, bar",
        "cloud, K",
        "cloud, bar",
        "cloud, km",
        "top, km",
        "top, bar",
        "flux, W/m2",
    ]
    if wet:
        head.append("liquid, kg/m2")
    body = []
    for at in states:
        there = np.isfinite(at.level_temperature.values)
        cells = [
            years(float(at.time)),
            f"{float(at.temperature):.5g}",
            f"{float(at.pressure.sum()) / BAR:.4g}",
        ]
        if np.isnan(float(at.cloud_temperature)):
            cells += ["none", "", ""]
        else:
            cells += [f"{float(at.cloud_temperature):.1f}", f"{float(at.cloud_pressure) / BAR:.3g}"]
            cells.append(f"{float(at.cloud_height) / 1e3:.1f}")
        cells.append(f"{at.level_height.values[there][-1] / 1e3:.0f}")
        cells += [f"{at.level_pressure.values[there][-1] / BAR:.2g}", f"{float(at.outgoing_flux):.5g}"]
        body.append([*cells, f"{float(at.surface_water):.4g}"] if wet else cells)
    table("profiles", head, body, console)


def _print_spectra(states: list[xarray.Dataset], made: xarray.Dataset, console: Console) -> None:
    """The flux of each band, a column for each state."""
    body = []
    for k, (short, long) in enumerate(zip(made.shortest_wavelength.values, made.longest_wavelength.values)):
        cells = [f"{1e6 * float(short):.3g} to {1e6 * float(long):.3g}"]
        body.append(cells + [f"{float(at.band_flux[k]):.4g}" for at in states])
    left_out = made.sizes["time"] - len(states)
    title = "flux by band, W/m2" + (f" ({left_out} of the times left out)" if left_out else "")
    table(title, ["wavelength, um", *(years(float(at.time)) for at in states)], body, console)


def level_table(made: xarray.Dataset) -> pandas.DataFrame:
    """One row for each level of each time: time, temperature, pressure, height and mole fractions."""
    levels = made.drop_vars([n for n in made.coords if n not in made.dims])
    listed = point_table(levels, ("time", "level"), [n for n in OF_LEVELS if n in made])
    return listed[np.isfinite(listed["level_temperature (K)"])]
