"""The page of `mocoupled uncertainty`: each variable with its error bar and the inputs that make it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...constants import BAR, YEAR
from ...inference.error_bars import ERROR, HIGH, LOW, SHARE
from .text import plain, rows, table

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

# variables of the page -> the unit in which they are printed, and its size
SHOWN = {
    "end_time": ("yr", YEAR),
    "pressure": ("bar", BAR),
    "surface_pressure": ("bar", BAR),
    "log10_fO2": ("", 1.0),
    "mean_molar_mass": ("g/mol", 1e-3),
    "dissolved_mass": ("kg", 1.0),
    "graphite_activity": ("", 1.0),
    "surface_temperature": ("K", 1.0),
    "melt_fraction": ("", 1.0),
    "core_mantle_temperature": ("K", 1.0),
}
END = f"{ERROR}end_time"
LEAST_SHARE = 0.01  # of a variance: smaller ones are not printed
MOST = 20  # points printed


@dataclass(frozen=True)
class _Line:
    """What is printed of a variable: title, value, error and quantiles; where the error comes from."""

    cells: list[str]
    sources: str


def print_error_bars(result: xarray.Dataset, console: Console) -> None:
    """Print a table for each point: value, one standard deviation, quantiles of samples, shares."""
    if END in result:
        result = _end_of_run(result)
    points = list(result.converged.dims) if "converged" in result else []
    flat = result.stack(row=points) if points else result.expand_dims("row")
    sampled = any(str(name).startswith(LOW) for name in result.data_vars)
    head = ["", "value", "+-", *(["16 %", "84 %"] if sampled else [])]
    for k in range(min(flat.sizes["row"], MOST)):
        point = flat.isel(row=k)
        lines = list(_lines(point, sampled))
        table(_title(point), head, [line.cells for line in lines], console, unbroken=True)
        shares = [(line.cells[0].partition(",")[0], line.sources) for line in lines if line.sources]
        rows(shares, console, "from, in shares of the variance")
    if flat.sizes["row"] > MOST:
        console.print(plain(f"{flat.sizes['row'] - MOST} more points are in the file of -o."))
    text = "+- is one standard deviation, to first order"
    if sampled:
        text += f"; 16 % and 84 %: quantiles of {result.attrs['samples']} samples"
    console.print(plain(f"\n{text}."))


def _end_of_run(result: xarray.Dataset) -> xarray.Dataset:
    """The variables of a run at its end, and the time of the end, by the names of an equilibrium."""
    end = result.isel(time=-1).drop_vars("time")
    kept = [name for name in SHOWN if f"{ERROR}at_end_{name}" in end]
    last = end[kept].assign({"end_time": result.time[-1].drop_vars("time")})
    for name in kept:
        for prefix in (ERROR, SHARE):
            last[prefix + name] = end[f"{prefix}at_end_{name}"]
        for prefix in (LOW, HIGH):
            if f"{prefix}at_end_{name}" in end:
                last[prefix + name] = end[f"{prefix}at_end_{name}"]
    for prefix in (ERROR, SHARE, LOW, HIGH):
        if f"{prefix}end_time" in end:
            last[f"{prefix}end_time"] = end[f"{prefix}end_time"]
    return last.assign_attrs(result.attrs)


def _title(point: xarray.Dataset) -> str:
    """The conditions of a point, or the end of a run."""
    if "temperature" not in point.variables:
        return str(point.attrs.get("end_reason", "end of the run"))
    parts = [f"{float(point.temperature):g} K"]
    if "melt_fraction" in point.variables:
        parts.append(f"melt fraction {float(point.melt_fraction):g}")
    return ", ".join(parts)


def _lines(point: xarray.Dataset, sampled: bool) -> Iterator[_Line]:
    for name, (unit, size) in SHOWN.items():
        if name not in point.data_vars or ERROR + name not in point.data_vars:
            continue
        labels = list(point[name].dims)
        for label in point[labels[0]].values if labels else [""]:
            at = {labels[0]: label} if labels else {}
            value, error = (float(point[prefix + name].sel(at)) / size for prefix in ("", ERROR))
            if not np.isfinite(error):
                continue
            title = f"{name.replace('_', ' ')} {label}".strip() + (f", {unit}" if unit else "")
            ends = []
            if sampled:
                ends = [f"{float(point[prefix + name].sel(at)) / size:.4g}" for prefix in (LOW, HIGH)]
            sources = _sources(point[SHARE + name].sel(at))
            yield _Line([title, f"{value:.5g}", f"{error:.2g}", *ends], sources)


def _sources(shares: xarray.DataArray) -> str:
    """The inputs by their shares of the variance."""
    order = np.argsort(-np.abs(shares.values))
    known = [(str(shares.parameter.values[k]), float(shares.values[k])) for k in order]
    return ", ".join(f"{name} {share:.0%}" for name, share in known if abs(share) >= LEAST_SHARE)
