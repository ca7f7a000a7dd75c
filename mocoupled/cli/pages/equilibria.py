"""The table of `mocoupled equilibrium` and `mocoupled gas`: one row per point, pressures in bar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from ...constants import BAR
from ...results.condensates import METAL
from .text import plain

if TYPE_CHECKING:
    import xarray

MANY, SHOWN = 12, 1e-6  # of more gases than this, those above this share of the total are printed
COMMON = ("H2", "H2O", "CO", "CO2", "CH4", "O2")  # are printed in any case
SHOWN_OF_VAPOUR = 1e-3  # the same over a melt, whose vapour has some thirty gases
# variables with a column each, behind the gases
STATE = (
    "surface_pressure",
    "vapour_pressure",
    "log10_fO2",
    "log10_fO2_above_IW",
    "rock_vapour_share",
    "graphite_activity",
)
ROWS = 200  # printed at most
FAMILIAR = {"C(gr)": "graphite_mass", "H2O(l)": "water_mass"}
ROUNDING = 1e-12  # of a logarithm, which is a difference of two
TRACE = 1e-9  # of the gas; less of a condensate is the tail of the smooth complementarity
# variable -> its head in the table, and the size of its unit there
HEADS = {
    "temperature": ("T, K", 1.0),
    "melt_fraction": ("melt", 1.0),
    "total_pressure": ("P, bar", BAR),
    "surface_pressure": ("total", BAR),
    "vapour_pressure": ("total", BAR),
    "log10_fO2": ("log10 fO2", 1.0),
    "log10_fO2_above_IW": ("above IW", 1.0),
    "rock_vapour_share": ("with metals", 1.0),
    "log10_oxygen_fugacity": ("given fO2", 1.0),
    "loss": ("loss", 1.0),
    "oxygen": ("oxygen", 1.0),
    "graphite_activity": ("a(C)", 1.0),
}


@dataclass(frozen=True)
class _Column:
    """A column of the table: its head, and the text of a row."""

    head: str
    text: Callable[[xarray.Dataset], str]


def print_equilibria(result: xarray.Dataset, axes: list[str], console: Console) -> None:
    """Print equilibria without time. axes: names of the conditions, whose columns come first."""
    species, hidden = _abundant(result)
    stacked = [axis for axis in axes if axis in result.dims]
    flat = result.stack(row=stacked) if stacked else result.expand_dims("row")
    conditions = [axis for axis in axes if not axis.startswith("pressure_")]
    columns = [_quantity(name, 6) for name in conditions]
    columns += [_pressure(name) for name in species]
    columns += list(_state(result))
    body = []
    for k in range(min(flat.sizes["row"], ROWS)):
        point = flat.isel(row=k)
        body.append([column.text(point) for column in columns])
    heads = [column.head for column in columns]
    for chosen in _side_by_side(heads, body, len(conditions), console.width):
        grid = Table(box=None, pad_edge=False)
        for c in chosen:
            grid.add_column(plain(heads[c]), justify="right", no_wrap=True)
        for cells in body:
            grid.add_row(*(plain(cells[c]) for c in chosen))
        console.print(grid)
    if flat.sizes["row"] > ROWS:
        console.print(f"... and {flat.sizes['row'] - ROWS} more rows: write them to a file with -o")
    _print_notes(result, hidden, console)


def _state(result: xarray.Dataset) -> Iterator[_Column]:
    """Columns behind the gases, as far as the result has them."""
    for name in STATE:
        if name in result:
            yield _quantity(name, 4)
    for label, name in FAMILIAR.items():
        if name in result:
            yield _mass(label, name)
    if "condensate_mass" in result:
        for name in result.condensate.values:
            if name not in FAMILIAR:
                yield _further(str(name))
    elif "condensate" in result.dims:
        for name in result.condensate.values:
            yield _condensate(str(name))
    if "metal_mass" in result and bool((result.metal_mass > 0).any()):
        yield _mass(METAL, "metal_mass")
    if "water_state" in result:
        yield _Column("water", lambda point: str(point.water_state.item()))
    if "element_mass" in result:
        for name in result.element.values:
            yield _element(str(name))


def _quantity(name: str, digits: int) -> _Column:
    head, size = _head(name)

    def text(point: xarray.Dataset) -> str:
        value = point[name].item()
        if name.startswith("log10_") and abs(value) < ROUNDING:
            value = 0.0
        return value if isinstance(value, str) else f"{float(value) / size:.{digits}g}"

    return _Column(head, text)


def _pressure(species: str) -> _Column:
    return _Column(species, lambda point: f"{float(point.pressure.sel(species=species)) / BAR:.4g}")


def _mass(label: str, name: str) -> _Column:
    return _Column(f"{label}, kg", lambda point: _amount(float(point[name]), float(point["gas_mass"].sum())))


def _condensate(name: str) -> _Column:
    def text(point: xarray.Dataset) -> str:
        moles = float(point.condensate_moles.sel(condensate=name))
        return _amount(moles, float(point.gas_moles.sum()))

    return _Column(f"{name}, mol", text)


def _further(name: str) -> _Column:
    def text(point: xarray.Dataset) -> str:
        mass = float(point.condensate_mass.sel(condensate=name))
        return _amount(mass, float(point["gas_mass"].sum()))

    return _Column(f"{name}, kg", text)


def _element(name: str) -> _Column:
    return _Column(f"{name}, kg", lambda point: f"{float(point.element_mass.sel(element=name)):.4g}")


def _print_notes(result: xarray.Dataset, hidden: Sequence[str], console: Console) -> None:
    """What the table does not say: units, gases that are not shown, oxygen, mechanism, residual."""
    if "engine_difference" in result:
        difference = result.engine_difference
        console.print(
            f"Cantera solved {int(difference.notnull().sum())} of {difference.size}; "
            f"largest |ln| difference of mole fractions above 1e-9: {float(difference.max()):.1e}"
        )
    if hidden:
        console.print(
            f"{len(hidden)} gases below {_least(result):g} of the total are not shown "
            "(write them to a file with -o)"
        )
    elements = "element_mass" in result and result.sizes["element"] > 0
    console.print("gases in bar" + ("; elements in kg, in gas, melt and condensates" if elements else ""))
    if "melt_composition" in result.attrs:
        law = json.loads(result.attrs["laws"])["activities"]["name"]
        console.print(f"melt: {plain(result.attrs['melt_composition'])}; activities: {law}")
    if "oxides_left_out" in result.attrs:
        console.print(f"left out: {result.attrs['oxides_left_out']}")
    oxygen = result.attrs.get("oxygen_fugacity", "from the elements")
    # along a loss, what is stored is how far the balances moved, not by how much an equation is missed
    accuracy = "largest drift of the balances" if "loss" in result.dims else "largest residual"
    console.print(
        f"oxygen: {oxygen}; mechanism {result.attrs['mechanism']}, "
        f"{accuracy} {float(result.residual.max()):.1e}"
    )


def _abundant(result: xarray.Dataset) -> tuple[list[str], list[str]]:
    """Gases that a table shows, and the others.

    Of many gases, those above a share of the total in some row are shown, and the common ones.
    """
    names = [str(s) for s in result.species.values]
    if len(names) <= MANY:
        return names, []
    values = result["pressure"].transpose("species", ...).values.reshape(len(names), -1)
    with np.errstate(all="ignore"):
        largest = np.nan_to_num(values / np.nansum(values, axis=0)).max(axis=1, initial=0.0)
    least = _least(result)
    shown = [s for s, share in zip(names, largest) if share > least or s in COMMON]
    return shown, [s for s in names if s not in shown]


def _least(result: xarray.Dataset) -> float:
    """The share of the total above which a gas is shown."""
    return SHOWN_OF_VAPOUR if "vapour_pressure" in result else SHOWN


def _side_by_side(
    heads: Sequence[str], body: Sequence[Sequence[str]], repeated: int, width: int
) -> list[list[int]]:
    """Columns of the tables that a wide one is printed as, so that no digit is cut off.

    repeated: the number of first columns that stand in each table. width: of the screen, in columns.
    """
    sizes = [max(len(head), *(len(cells[k]) for cells in body)) + 2 for k, head in enumerate(heads)]
    tables = [list(range(repeated))]
    for k in range(repeated, len(heads)):
        if len(tables[-1]) > repeated and sum(sizes[c] for c in tables[-1]) + sizes[k] > width + 2:
            tables.append(list(range(repeated)))
        tables[-1].append(k)
    return tables


def _head(name: str) -> tuple[str, float]:
    """The head of a variable in a table, and the size of its unit there."""
    kind, _, rest = name.partition("_")
    if kind == "moles":
        return f"n({rest}), mol", 1.0
    if kind == "oxide":
        return f"{rest}, wt%", 1.0
    if name in HEADS:
        return HEADS[name]
    return (f"f({rest}), bar", BAR) if kind == "fugacity" else (f"{name}, kg", 1.0)


def _amount(value: float, gas: float) -> str:
    """An amount of condensate; "-" for the trace that the smooth complementarity leaves."""
    return f"{value:.4g}" if value > TRACE * gas else "-"
