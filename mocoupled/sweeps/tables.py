"""The outcomes of the cases of a sweep as one table (CSV, and Parquet) and one Dataset (NetCDF)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..files import atomically
from ..results import netcdf
from ..schema.quantities import Inventory
from ..version import __version__
from .axes import CASES
from .case_outcome import COMPLETE, MISSING, Outcome
from .grid import Grid
from .grid_check import Coordinates
from .ranges import buffer_offset, unit_of

if TYPE_CHECKING:
    import pandas
    import xarray

CSV, PARQUET, NETCDF = "table.csv", "table.parquet", "sweep.nc"
TITLES = {"status": "what became of the case", "reason": "why it ended", "wall_time": "wall time of the case"}

# key of an axis -> (dimension, values, attributes)
Places = Mapping[str, tuple[str, np.ndarray, dict[str, str]]]


@dataclass
class _Quantity:
    """An end of the cases: dimension besides the grid's ("" for none), label -> a number for each case."""

    dimension: str
    columns: dict[str, np.ndarray]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class End:
    """A quantity of all cases: its dimension besides those of the grid, or ""; values (labels, cases).

    Attributes.
    """

    dimension: str
    values: np.ndarray
    attributes: Mapping[str, Any]


class Gathered:
    """Outcomes of the cases of a grid, as columns.

    NaN where a case is not complete, or has no such quantity or label. Cases may have different species. The
    order of names and labels is that of the cases, whichever comes first.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.status, self.reason = [MISSING] * size, [""] * size
        self.seconds = np.full(size, np.nan)
        self._final: dict[str, np.ndarray] = {}
        self._end: dict[str, _Quantity] = {}
        # ("final" or "end", name) or (dimension, label) -> first case that has it, place in it
        self._rank: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, outcome: Outcome) -> None:
        """Take in the outcome of a case."""
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
            entries: Sequence[tuple[str, Any]] = [("", values)]
            if dimension:
                entries = list(zip(labels, values))
            for spot, (label, value) in enumerate(entries):
                self._put_first(dimension, label, k, spot)
                if label not in quantity.columns:
                    quantity.columns[label] = np.full(self.size, np.nan)
                quantity.columns[label][k] = value

    def _put_first(self, kind: str, name: str, case: int, place: int) -> bool:
        """Note the place of a name or label in the first case that has it; whether this is that case."""
        rank = min((case, place), self._rank.get((kind, name), (self.size, 0)))
        self._rank[kind, name] = rank
        return rank == (case, place)

    def _set_final(self, k: int, name: str, value: Any) -> None:
        text = isinstance(value, str)
        if name not in self._final:
            self._final[name] = np.full(self.size, "" if text else np.nan, dtype=object if text else float)
        column = self._final[name]
        if text and column.dtype != object:  # a column of text, of which only gaps were seen so far
            column = self._final[name] = np.where(np.isnan(column), "", column.astype(object))
        if value is None:
            value = "" if column.dtype == object else np.nan
        column[k] = value

    def final(self) -> dict[str, np.ndarray]:
        """Name -> the value of each case, as `summary` names the numbers of the end."""
        return {
            name: self._final[name]
            for name in sorted(self._final, key=lambda name: self._rank["final", name])
        }

    def labels(self) -> dict[str, list[str]]:
        """Dimension -> all its labels."""
        dimensions = dict.fromkeys(
            quantity.dimension for _, quantity in self._ordered() if quantity.dimension
        )
        labels = {}
        for dimension in dimensions:
            ranked = [(rank, label) for (kind, label), rank in self._rank.items() if kind == dimension]
            labels[dimension] = [label for _, label in sorted(ranked)]
        return labels

    def end(self) -> dict[str, End]:
        """Name -> the quantity, with all the labels of its dimension."""
        labels, gaps = self.labels(), np.full(self.size, np.nan)
        ends = {}
        for name, quantity in self._ordered():
            along = labels[quantity.dimension] if quantity.dimension else [""]
            values = np.array([quantity.columns.get(label, gaps) for label in along])
            ends[name] = End(quantity.dimension, values, quantity.attributes)
        return ends

    def _ordered(self) -> list[tuple[str, _Quantity]]:
        return sorted(self._end.items(), key=lambda item: self._rank["end", item[0]])

    def count(self, status: str) -> int:
        """How many cases have this status."""
        return self.status.count(status)


def coordinates(values: Coordinates) -> Places:
    """Key -> (dimension, values, attributes): numbers in SI where all are quantities of one kind, else text.

    values: as `grid_check.check` returns them.
    """
    return {key: (dimension, *_column(key, column)) for key, (dimension, column) in values.items()}


def _column(key: str, values: Sequence[Any]) -> tuple[np.ndarray, dict[str, str]]:
    title = {"long_name": key}
    if all(isinstance(v, Inventory) for v in values) and len({v.unit for v in values}) == 1:
        return np.array([v.amount for v in values]), {"units": values[0].unit} | title
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return np.array(values), {"units": unit_of(key) or "1"} | title
    if key == "redox.oxygen_fugacity":
        offsets = [offset for offset in map(buffer_offset, values) if offset is not None]
        families = {family for family, _ in offsets}
        if len(offsets) == len(values) and len(families) == 1:
            (family,) = families
            about = {"units": "1", "long_name": f"log10 fO2 relative to {family}", "buffer": family}
            return np.array([dex for _, dex in offsets]), about
    return np.array([_text(v) for v in values], dtype=object), title


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Inventory):
        return value.si
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return json.dumps(dict(value), sort_keys=True) if isinstance(value, Mapping) else str(value)


def dataset(grid: Grid, places: Places, gathered: Gathered) -> xarray.Dataset:
    """The end states along the grid's axes (of a sample: along `case`), SI, NaN where not complete."""
    import xarray

    dimensions = tuple(axis.name for axis in grid.axes)

    def shaped(column: object) -> np.ndarray:
        return np.asarray(column).reshape(grid.shape)

    data: dict[str, Any] = {}
    for name, end in gathered.end().items():
        if end.dimension:
            values = end.values.reshape(-1, *grid.shape)
            data[name] = ((end.dimension, *dimensions), values, end.attributes)
        else:
            data[name] = (dimensions, shaped(end.values[0]), end.attributes)
    for name, texts in (("status", gathered.status), ("reason", gathered.reason)):
        data[name] = (dimensions, shaped(np.array(texts, dtype=object)), {"long_name": TITLES[name]})
    about = {"units": "s", "long_name": TITLES["wall_time"]}
    data["wall_time"] = (dimensions, shaped(gathered.seconds), about)
    coords: dict[str, Any] = {**gathered.labels(), **places}
    numbers, title = np.arange(grid.size), {"long_name": "number of the case's folder"}
    if CASES in dimensions:
        coords[CASES] = (CASES, numbers, title)
    else:
        data[CASES] = (dimensions, shaped(numbers), title)
    result = xarray.Dataset(data, coords=coords)
    result.attrs = {
        "Conventions": "CF-1.11",
        "title": grid.title or f"sweep of {grid.base.name}",
        "source": f"mocoupled {__version__}",
        "case": grid.base.to_toml(),
        "grid": grid.to_toml("base.toml"),
    }
    return result


def table(grid: Grid, places: Places, gathered: Gathered) -> pandas.DataFrame:
    """One row per case: number, values of the axes, status, reason, wall time, the end as in `summary`."""
    import pandas

    columns: dict[str, Any] = {"case": np.arange(grid.size)}
    steps = dict(zip((axis.name for axis in grid.axes), np.unravel_index(np.arange(grid.size), grid.shape)))
    for key, (dimension, values, attributes) in places.items():
        family, unit = attributes.get("buffer"), attributes.get("units", "")
        name = key
        if family:
            name = f"{key}_{family}_dex"
        elif unit not in ("", "1"):
            name = f"{key}_{unit}"
        columns[name] = values[steps[dimension]]
    columns |= {"status": gathered.status, "reason": gathered.reason, "wall_time_s": gathered.seconds}
    return pandas.DataFrame(columns | gathered.final())


def parquet_is_there() -> bool:
    """Whether the library that writes Parquet is installed."""
    try:
        return find_spec("pyarrow") is not None
    except ValueError:  # it is kept from being imported
        return False


def check_parquet(folder: Path) -> None:
    """InputError where the folder has a table as Parquet, and nothing here can write it anew."""
    if (folder / PARQUET).exists() and not parquet_is_there():
        raise InputError(
            f"output {folder}",
            f"its {PARQUET} cannot be written anew: pyarrow is not installed.",
            cure=f"pip install 'mocoupled[cluster]', or remove {folder / PARQUET}",
        )


def write(grid: Grid, places: Places, gathered: Gathered, folder: Path) -> tuple[xarray.Dataset, list[Path]]:
    """Write the table and the Dataset into the folder, each whole or not at all; the Dataset, and the files.

    The table is written as Parquet too where pyarrow is installed (the extra `cluster`).
    """
    rows, result = table(grid, places, gathered), dataset(grid, places, gathered)
    files = [folder / CSV]
    atomically(folder / CSV, lambda file: rows.to_csv(file, index=False))
    if parquet_is_there():
        files.append(folder / PARQUET)
        atomically(
            folder / PARQUET,
            lambda file: rows.to_parquet(file, engine="pyarrow", index=False, write_page_checksum=True),
        )
    files.append(netcdf.write(result, folder / NETCDF, {}))
    return result, files
