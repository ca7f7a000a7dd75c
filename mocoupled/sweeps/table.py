"""What a sweep gives: the outcomes of its cases as one table (CSV, Parquet) and one Dataset (NetCDF)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..files import atomically
from ..results import netcdf
from ..schema.quantities import Inventory
from ..version import __version__
from .grid_file import CASES, Grid
from .one_case import COMPLETE, MISSING, Outcome
from .ranges import buffer_offset, unit_of

if TYPE_CHECKING:
    import pandas
    import xarray

CSV, PARQUET, NETCDF = "table.csv", "table.parquet", "sweep.nc"
OWN = {"status": "what became of the case", "reason": "why it ended", "wall_time": "wall time of the case"}


@dataclass
class _Quantity:
    """An end of the cases: dimension besides those of the grid ("" for none), label -> a number for each case."""

    dimension: str
    columns: dict[str, np.ndarray]
    attributes: Mapping[str, Any]


class Gathered:
    """Outcomes of the cases of a grid, as columns. NaN where a case is not complete, or has no such quantity or label.

    Cases may have different species. The order of names and labels is that of the cases, whichever comes first.
    """

    def __init__(self, size: int):
        self.size = size
        self.status, self.reason = [MISSING] * size, [""] * size
        self.seconds = np.full(size, np.nan)
        self._final: dict[str, np.ndarray] = {}
        self._end: dict[str, _Quantity] = {}
        self._rank: dict[
            tuple, tuple[int, int]
        ] = {}  # ("final" or "end", name) or (dimension, label) -> first case, place in it

    def add(self, outcome: Outcome):
        k = outcome.number
        self.status[k], self.reason[k], self.seconds[k] = outcome.status, outcome.reason, outcome.seconds
        if outcome.status != COMPLETE:
            return
        for place, (name, value) in enumerate(outcome.final.items()):
            self._put_first("final", name, k, place)
            self._set_final(k, name, value)
        for place, (name, (dimension, labels, values, attributes)) in enumerate(outcome.end.items()):
            first = self._put_first("end", name, k, place)
            quantity = self._end.setdefault(name, _Quantity(dimension, {}, attributes))
            if first:
                quantity.attributes = attributes
            for spot, (label, value) in enumerate(zip(labels, values) if dimension else [("", values)]):
                self._put_first(dimension, label, k, spot)
                if label not in quantity.columns:
                    quantity.columns[label] = np.full(self.size, np.nan)
                quantity.columns[label][k] = value

    def _put_first(self, kind, name, case, place) -> bool:
        """Note where a name or label stands in the first case that has it; whether this is that case."""
        rank = min((case, place), self._rank.get((kind, name), (self.size, 0)))
        self._rank[kind, name] = rank
        return rank == (case, place)

    def _set_final(self, k, name, value):
        text = isinstance(value, str)
        if name not in self._final:
            self._final[name] = np.full(self.size, "" if text else np.nan, dtype=object if text else float)
        column = self._final[name]
        if text and column.dtype != object:  # a column of text, of which only gaps were seen so far
            column = self._final[name] = np.where(np.isnan(column), "", column.astype(object))
        column[k] = ("" if column.dtype == object else np.nan) if value is None else value

    def final(self) -> dict[str, np.ndarray]:
        """Name -> the value of each case, as `summary` tells the end."""
        return {
            name: self._final[name]
            for name in sorted(self._final, key=lambda name: self._rank["final", name])
        }

    def labels(self) -> dict[str, list[str]]:
        """Dimension -> all its labels."""
        dimensions = dict.fromkeys(
            quantity.dimension for _, quantity in self._ordered() if quantity.dimension
        )
        return {
            one: sorted(
                (label for kind, label in self._rank if kind == one), key=lambda label: self._rank[one, label]
            )
            for one in dimensions
        }

    def end(self) -> dict[str, tuple[str, np.ndarray, Mapping[str, Any]]]:
        """Name -> dimension, values along it (all of its labels) and the cases, attributes."""
        labels, nothing = self.labels(), np.full(self.size, np.nan)
        found = {}
        for name, quantity in self._ordered():
            along = labels[quantity.dimension] if quantity.dimension else [""]
            found[name] = (
                quantity.dimension,
                np.array([quantity.columns.get(label, nothing) for label in along]),
                quantity.attributes,
            )
        return found

    def _ordered(self):
        return sorted(self._end.items(), key=lambda item: self._rank["end", item[0]])

    def count(self, status: str) -> int:
        return self.status.count(status)


def coordinates(found: Mapping[str, tuple[str, list]]) -> dict[str, tuple[str, np.ndarray, dict]]:
    """Key -> (dimension, values, attributes): numbers in SI where the axis has quantities of one kind, else text.

    found: as `grid_file.check` returns it.
    """
    return {key: (dimension, *_column(key, values)) for key, (dimension, values) in found.items()}


def _column(key, values) -> tuple[np.ndarray, dict]:
    title = {"long_name": key}
    if all(isinstance(v, Inventory) for v in values) and len({v.unit for v in values}) == 1:
        return np.array([v.amount for v in values]), {"units": values[0].unit} | title
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return np.array(values), {"units": unit_of(key) or "1"} | title
    offsets = [buffer_offset(v) for v in values] if key == "redox.oxygen_fugacity" else []
    if offsets and None not in offsets and len({family for family, _ in offsets}) == 1:
        family = offsets[0][0]
        return np.array([dex for _, dex in offsets]), {
            "units": "1",
            "long_name": f"log10 fO2 relative to {family}",
            "buffer": family,
        }
    return np.array([_text(v) for v in values], dtype=object), title


def _text(value) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Inventory):
        return value.si
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return json.dumps(dict(value), sort_keys=True) if isinstance(value, Mapping) else str(value)


def dataset(
    grid: Grid, places: Mapping[str, tuple[str, np.ndarray, dict]], gathered: Gathered
) -> xarray.Dataset:
    """The end states along the grid's axes (for a sample: along `case`), SI, NaN where a case is not complete."""
    import xarray

    dimensions = tuple(axis.name for axis in grid.axes)

    def shaped(column):
        return np.asarray(column).reshape(grid.shape)

    data: dict[str, Any] = {}
    for name, (dimension, values, attributes) in gathered.end().items():
        if dimension:
            data[name] = ((dimension, *dimensions), values.reshape(-1, *grid.shape), attributes)
        else:
            data[name] = (dimensions, shaped(values[0]), attributes)
    numbers = np.arange(grid.size)
    data["status"] = (
        dimensions,
        shaped(np.array(gathered.status, dtype=object)),
        {"long_name": OWN["status"]},
    )
    data["reason"] = (
        dimensions,
        shaped(np.array(gathered.reason, dtype=object)),
        {"long_name": OWN["reason"]},
    )
    data["wall_time"] = (dimensions, shaped(gathered.seconds), {"units": "s", "long_name": OWN["wall_time"]})
    if CASES not in dimensions:
        data[CASES] = (dimensions, shaped(numbers), {"long_name": "number of the case's folder"})
    found = {key: (dimension, values, attributes) for key, (dimension, values, attributes) in places.items()}
    if CASES in dimensions:
        found[CASES] = (CASES, numbers, {"long_name": "number of the case's folder"})
    result = xarray.Dataset(data, coords={**gathered.labels(), **found})
    result.attrs = {
        "Conventions": "CF-1.11",
        "title": grid.title or f"sweep of {grid.base.name}",
        "source": f"mocoupled {__version__}",
        "case": grid.base.to_toml(),
        "grid": grid.to_toml("base.toml"),
    }
    return result


def table(
    grid: Grid, places: Mapping[str, tuple[str, np.ndarray, dict]], gathered: Gathered
) -> pandas.DataFrame:
    """One row per case: number, values of the axes, status, reason, wall time, and the end as `summary` gives it."""
    import pandas

    columns: dict[str, Any] = {"case": np.arange(grid.size)}
    steps = dict(zip((axis.name for axis in grid.axes), np.unravel_index(np.arange(grid.size), grid.shape)))
    for key, (dimension, values, attributes) in places.items():
        family, unit = attributes.get("buffer"), attributes.get("units", "")
        columns[f"{key}_{family}_dex" if family else f"{key}_{unit}" if unit not in ("", "1") else key] = (
            values[steps[dimension]]
        )
    columns |= {"status": gathered.status, "reason": gathered.reason, "wall_time_s": gathered.seconds}
    return pandas.DataFrame(columns | gathered.final())


def write(grid: Grid, places, gathered: Gathered, folder: Path) -> tuple[xarray.Dataset, list[Path]]:
    """Write the table and the Dataset into the folder, each whole or not at all; the Dataset, and the files."""
    rows, result = table(grid, places, gathered), dataset(grid, places, gathered)
    atomically(folder / CSV, lambda file: rows.to_csv(file, index=False))
    atomically(
        folder / PARQUET,
        lambda file: rows.to_parquet(file, engine="pyarrow", index=False, write_page_checksum=True),
    )
    netcdf.write(result, folder / NETCDF, {})
    return result, [folder / name for name in (CSV, PARQUET, NETCDF)]
