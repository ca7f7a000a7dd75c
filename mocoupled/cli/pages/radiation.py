"""The page of `mocoupled radiation`: one row per point, and of a single point its profile and its bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...constants import BAR
from .text import rows, table

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

ROWS = 200  # printed at most
CONDITIONS = {"gravity": "g, m/s2", "stratosphere_temperature": "T strat, K", "opacity_factor": "opacity"}


def print_radiation(result: xarray.Dataset, console: Console) -> None:
    """Print an outgoing radiation of `mo.outgoing_radiation`."""
    points = [str(d) for d in result.outgoing_flux.dims]
    flat = result.stack(row=points) if points else result.expand_dims("row")
    species = [str(name) for name in result.species.values]
    varied = [name for name in CONDITIONS if np.ptp(result[name].values) > 0.0]
    head = ["T, K", *(f"{name}, bar" for name in species), *(CONDITIONS[name] for name in varied)]
    head += ["flux, W/m2", "by ln T", *(f"by ln {name}" for name in species), "cloud, K", "cloud, bar"]
    body = []
    for k in range(min(flat.sizes["row"], ROWS)):
        at = flat.isel(row=k)
        cells = [f"{float(at.temperature):.6g}"]
        cells += [f"{float(p) / BAR:.4g}" for p in at.pressure.values]
        cells += [f"{float(at[name]):.4g}" for name in varied]
        cells += [f"{float(at.outgoing_flux):.5g}", f"{float(at.temperature_slope):.3f}"]
        cells += [f"{float(slope):.3f}" for slope in at.pressure_slope.values]
        cloud = float(at.cloud_temperature)
        clear = np.isnan(cloud)
        cells += ["none", ""] if clear else [f"{cloud:.1f}", f"{float(at.cloud_pressure) / BAR:.3g}"]
        body.append(cells)
    table("outgoing radiation, and its logarithmic derivatives", head, body, console)
    if flat.sizes["row"] > ROWS:
        console.print(f"... and {flat.sizes['row'] - ROWS} more rows: write them to a file with -o")
    if flat.sizes["row"] == 1:
        _print_point(flat.isel(row=0), species, console)
    notes = [("opacity", "17 bands of 4 quantiles, one-dimensional, clear sky; see docs/radiation.md")]
    if result.attrs["transparent"]:
        notes.append(("transparent", f"{result.attrs['transparent']}: no data"))
    rows(notes, console, "about it")


def _print_point(at: xarray.Dataset, species: list[str], console: Console) -> None:
    """Profile and bands of a point."""
    there = np.flatnonzero(~np.isnan(at.level_temperature.values))
    body = []
    for k in there:
        level = at.isel(level=int(k))
        cells = [f"{float(level.level_height) / 1e3:.1f}", f"{float(level.level_temperature):.1f}"]
        cells.append(f"{float(level.level_pressure) / BAR:.4g}")
        body.append(cells + [f"{float(x):.4g}" for x in level.mixing_ratio.values])
    table("profile", ["height, km", "T, K", "p, bar", *species], body, console)
    if float(at.liquid_water) > 0.0:
        rows([("ocean", f"{float(at.liquid_water) / BAR:.4g} bar of liquid water")], console)
    body = [
        [f"{1e6 * float(short):.3g} to {1e6 * float(long):.3g}", f"{float(flux):.4g}"]
        for short, long, flux in zip(
            at.shortest_wavelength.values, at.longest_wavelength.values, at.band_flux.values
        )
    ]
    table("by band", ["wavelength, um", "flux, W/m2"], body, console)
