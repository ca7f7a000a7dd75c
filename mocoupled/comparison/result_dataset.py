"""Comparisons as an xarray.Dataset."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .answers import METHODS, Comparison

if TYPE_CHECKING:
    import xarray

DIMENSIONS = {
    "theirs": ("record", "species"),
    "rounding": ("record", "species"),
    "pressure": ("record", "solver", "species"),
    "difference": ("record", "solver", "species"),
    "log10_fO2": ("record", "solver"),
    "temperature": ("record",),
    "surface_pressure": ("record",),
    "reasons": ("record",),
}
ATTRIBUTES = {
    "theirs": {"units": "Pa", "long_name": "partial pressure as printed"},
    "rounding": {"units": "Pa", "long_name": "half of the last printed digit"},
    "pressure": {"units": "Pa", "long_name": "partial pressure as computed"},
    "difference": {"units": "1", "long_name": "log10 of computed over printed"},
    "log10_fO2": {"units": "1", "long_name": "log10 of the oxygen fugacity in bar"},
    "temperature": {"units": "K", "long_name": "temperature"},
    "surface_pressure": {"units": "Pa", "long_name": "total pressure"},
    "reasons": {"units": "1", "long_name": "known offsets"},
}


def dataset(comparisons: Sequence[Comparison]) -> xarray.Dataset:
    """Comparisons along `record`, `solver` (ours, full, oracle, cea) and `species`.

    Variables: theirs [Pa] and rounding [Pa] (record, species); pressure [Pa] and difference [dex] (record,
    solver, species), NaN where a solver or the table has none; temperature [K], surface_pressure [Pa],
    log10_fO2 (record, solver) and reasons (record). Coordinates: names and programs of the records, the
    solvers, the species.
    """
    import xarray

    species = list(dict.fromkeys(e.species for c in comparisons for e in c.entries))
    fugacity = np.full((len(comparisons), len(METHODS)), np.nan)
    for k, comparison in enumerate(comparisons):
        fugacity[k] = [comparison.log10_fO2.get(method, math.nan) for method in METHODS]
    values = _pressures(comparisons, species) | {
        "log10_fO2": fugacity,
        "temperature": [c.record.temperature for c in comparisons],
        "surface_pressure": [c.state.pressure for c in comparisons],
        "reasons": ["\n".join(c.reasons) for c in comparisons],
    }
    variables = {name: (DIMENSIONS[name], value, ATTRIBUTES[name]) for name, value in values.items()}
    coordinates = {
        "record": [c.record.name for c in comparisons],
        "solver": list(METHODS),
        "species": species,
        "program": ("record", [c.record.program for c in comparisons]),
    }
    return xarray.Dataset(variables, coordinates, _attributes(comparisons))


def _pressures(comparisons: Sequence[Comparison], species: Sequence[str]) -> dict[str, object]:
    """Arrays of what belongs to a species; NaN where a record or a method does not have it."""
    shape = len(comparisons), len(METHODS), len(species)
    theirs, rounding = np.full((shape[0], shape[2]), np.nan), np.full((shape[0], shape[2]), np.nan)
    pressure, difference = np.full(shape, np.nan), np.full(shape, np.nan)
    for k, comparison in enumerate(comparisons):
        for entry in comparison.entries:
            j = species.index(entry.species)
            theirs[k, j], rounding[k, j] = entry.theirs, entry.rounding
            for m, method in enumerate(METHODS):
                pressure[k, m, j] = entry.computed.get(method, math.nan)
                difference[k, m, j] = entry.dex(method)
    return {"theirs": theirs, "rounding": rounding, "pressure": pressure, "difference": difference}


def _attributes(comparisons: Sequence[Comparison]) -> dict[str, str]:
    """Names and sources of the tables, and what each method is."""
    tables = dict.fromkeys(c.record.table.name for c in comparisons)
    sources = dict.fromkeys(c.record.table.source for c in comparisons if c.record.table.source)
    attributes = {"title": "; ".join(tables), "source": "; ".join(sources)}
    for method in METHODS:
        texts = [c.methods[method] for c in comparisons if method in c.methods]
        if texts and texts[0]:
            attributes[f"method_{method}"] = texts[0]
    return attributes
