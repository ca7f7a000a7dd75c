"""Comparisons as an xarray.Dataset."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .answers import METHODS, Comparison

if TYPE_CHECKING:
    import xarray


def dataset(comparisons: Sequence[Comparison]) -> xarray.Dataset:
    """Comparisons along `record`, `solver` (ours, full, oracle, cea) and `species`.

    Variables: theirs [Pa] and rounding [Pa] (record, species); pressure [Pa] and difference [dex] (record, solver,
    species), NaN where a solver or the table has none; temperature [K], surface_pressure [Pa], log10_fO2 (record,
    solver) and reasons (record). Coordinates: the records' names and programs, the solvers, the species.
    """
    import xarray

    species = list(dict.fromkeys(e.species for c in comparisons for e in c.entries))
    shape = (len(comparisons), len(METHODS), len(species))
    theirs, rounding = np.full((shape[0], shape[2]), np.nan), np.full((shape[0], shape[2]), np.nan)
    pressure, difference, fugacity = (
        np.full(shape, np.nan),
        np.full(shape, np.nan),
        np.full(shape[:2], np.nan),
    )
    for k, comparison in enumerate(comparisons):
        for entry in comparison.entries:
            j = species.index(entry.species)
            theirs[k, j], rounding[k, j] = entry.theirs, entry.rounding
            for m, method in enumerate(METHODS):
                pressure[k, m, j] = entry.computed.get(method, math.nan)
                difference[k, m, j] = entry.dex(method)
        fugacity[k] = [comparison.log10_fO2.get(m, math.nan) for m in METHODS]
    three = ("record", "solver", "species")
    variables = {
        "theirs": (
            ("record", "species"),
            theirs,
            {"units": "Pa", "long_name": "partial pressure as printed"},
        ),
        "rounding": (
            ("record", "species"),
            rounding,
            {"units": "Pa", "long_name": "half of the last printed digit"},
        ),
        "pressure": (three, pressure, {"units": "Pa", "long_name": "partial pressure as computed"}),
        "difference": (three, difference, {"units": "1", "long_name": "log10 of computed over printed"}),
        "log10_fO2": (
            three[:2],
            fugacity,
            {"units": "1", "long_name": "log10 of the oxygen fugacity in bar"},
        ),
        "temperature": (
            "record",
            [c.record.temperature for c in comparisons],
            {"units": "K", "long_name": "temperature"},
        ),
        "surface_pressure": (
            "record",
            [c.state.pressure for c in comparisons],
            {"units": "Pa", "long_name": "total pressure"},
        ),
        "reasons": (
            "record",
            ["\n".join(c.reasons) for c in comparisons],
            {"units": "1", "long_name": "known offsets"},
        ),
    }
    coordinates = {
        "record": [c.record.name for c in comparisons],
        "solver": list(METHODS),
        "species": species,
        "program": ("record", [c.record.program for c in comparisons]),
    }
    tables = dict.fromkeys(c.record.table.name for c in comparisons)
    sources = dict.fromkeys(c.record.table.source for c in comparisons if c.record.table.source)
    what = {m: next((c.methods[m] for c in comparisons if m in c.methods), "") for m in METHODS}
    attributes = {"title": "; ".join(tables), "source": "; ".join(sources)} | {
        f"method_{m}": text for m, text in what.items() if text
    }
    return xarray.Dataset(variables, coordinates, attributes)
