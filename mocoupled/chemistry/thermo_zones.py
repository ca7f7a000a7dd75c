"""The `thermo` entry of a species as temperature zones of mu0/RT.

Models: NASA7, NASA9, Shomate, constant-cp, piecewise-Gibbs.
The entries are those of Cantera's YAML files, in the units of their file. No Cantera is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeGuard

from ..constants import BAR, GAS_CONSTANT
from .entry_numbers import ENERGY, ENTROPY, ThermoEntry, is_finite
from .equilibrium_constants import FIT_LIMITS
from .free_energies import gibbs_value, nasa7, nasa9, shomate
from .records import Coefficients, RawTable, Zones

# Model -> (its row on the basis functions, numbers in a row).
POLYNOMIALS: Mapping[str, tuple[Callable[[Sequence[float]], Coefficients], int]] = {
    "NASA7": (nasa7, 7),
    "NASA9": (nasa9, 9),
    "Shomate": (shomate, 7),
}
# Of mu0/RT where two zones meet; more is a mistyped number.
LARGEST_JUMP = 0.01
# K, of piecewise-Gibbs.
STANDARD_TEMPERATURE = 298.15


@dataclass(frozen=True)
class ZonedEntry:
    """A `thermo` entry as zones.

    lowest: lowest temperature [K].
    zones: of mu0/RT at 1 bar.
    jump: largest jump of mu0/RT between two zones, at `jump_temperature` [K].
    """

    lowest: float
    zones: Zones
    jump: float
    jump_temperature: float


def zoned(entry: ThermoEntry, pressure: float, gas: bool) -> ZonedEntry:
    """The zones of an entry.

    InputError for data that are missing, no numbers, or not ascending in temperature.

    pressure: Pa, for which the data are. ln(1 bar/pressure) is added for a gas; the V dp of a solid is 1e-6
    RT.
    """
    model = entry.table["model"]
    if model in POLYNOMIALS:
        low, rows = _polynomials(entry, *POLYNOMIALS[model])
    elif model == "constant-cp":
        low, rows = _constant(entry)
    else:
        low, rows = _piecewise(entry)
    shift = math.log(BAR / pressure) if gas else 0.0
    ends = [low, *(high for high, _ in rows)]
    numbers = [low, *(x for high, row in rows for x in (high, *row))]
    if not all(a < b for a, b in pairwise(ends)) or not all(map(math.isfinite, numbers)):
        raise entry.error_at(
            ("temperature-ranges",),
            f"its temperature-ranges {ends} do not ascend, or a number is not finite.",
        )
    jumps = [
        (abs(gibbs_value(above, T) - gibbs_value(below, T)), T) for (T, below), (_, above) in pairwise(rows)
    ]
    jump, at = max(jumps, default=(0.0, 0.0))
    shifted = tuple((high, (*row[:3], row[3] + shift, *row[4:])) for high, row in rows)
    return ZonedEntry(low, shifted, jump, at)


# ---- NASA7, NASA9, Shomate


def _polynomials(
    entry: ThermoEntry, row_of: Callable[[Sequence[float]], Coefficients], count: int
) -> tuple[float, Zones]:
    """Lowest temperature and zones of a NASA7, NASA9 or Shomate entry."""
    ends = _ends(entry)
    rows = _rows(entry, len(ends) - 1, count)
    zones = []
    for k, row in enumerate(rows):
        # Cantera writes a single zone twice.
        repeated = k > 0 and ends[k] == ends[k + 1] and row == rows[k - 1]
        if not repeated:
            zones.append((ends[k + 1], row_of([float(x) for x in row])))
    return ends[0], tuple(zones)


def _ends(entry: ThermoEntry) -> list[float]:
    """The temperatures [K] that bound the zones."""
    ends = entry.table.get("temperature-ranges")
    if not _is_list(ends) or len(ends) < 2:
        raise entry.error_at(
            ("temperature-ranges",),
            "the key 'temperature-ranges' is missing or no list.",
            f"allowed for {entry.table['model']}: [lowest, ..., highest] in K",
        )
    return [entry.number("temperature-ranges", x, "K") for x in ends]


def _rows(entry: ThermoEntry, zones: int, count: int) -> Sequence[Sequence[float]]:
    """The rows of numbers, one for each zone."""
    model, data = entry.table["model"], entry.table.get("data")
    if not _is_list(data) or not all(map(_is_list, data)):
        raise entry.error_at(
            ("data",),
            "the key 'data' is missing or no list of lists.",
            f"allowed for {model}: a list of {count} numbers for each range of temperature",
        )
    if len(data) != zones:
        raise entry.error_at(
            ("data",),
            f"its temperature-ranges make {zones} zones, but there are {len(data)} rows of {model} data.",
            "allowed: one row for each zone",
        )
    for row in data:
        if len(row) != count:
            problem = f"a row of its {model} data has {len(row)} numbers."
            raise entry.error_at(("data",), problem, f"allowed: {count}")
        for x in row:
            if not is_finite(x):
                problem = f"{str(x)[:40]!r} in its {model} data is not a finite number."
                raise entry.error_at(("data",), problem)
    return data


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a raw value is a list and no text."""
    return isinstance(value, Sequence) and not isinstance(value, str)


# ---- constant heat capacity


def _constant(entry: ThermoEntry) -> tuple[float, Zones]:
    """The lowest temperature and the single zone of a constant heat capacity: h0 and s0 at T0, cp0."""
    table = entry.table
    if not {"h0", "s0", "cp0"} & set(table) or "data" in table:
        raise entry.error_at(
            (),
            "constant-cp data are h0, s0 and cp0 at T0.",
            "allowed: T0: 298.15 K, h0: -10 kJ/mol, s0: 100 J/mol/K, cp0: 30 J/mol/K, T-min, T-max",
        )
    T0 = entry.number("T0", table.get("T0", STANDARD_TEMPERATURE), "K")
    h0 = entry.number("h0", table.get("h0", 0.0), ENERGY)
    s0 = entry.number("s0", table.get("s0", 0.0), ENTROPY)
    cp0 = entry.number("cp0", table.get("cp0", 0.0), ENTROPY)
    if not T0 > 0:
        raise entry.error_at(("T0",), f"T0 is {T0:g} K.", "allowed: above 0 K")
    low, high = _limits(entry, *FIT_LIMITS)
    return low, ((high, _constant_row(T0, h0, s0, cp0)),)


def _limits(entry: ThermoEntry, low: float, high: float) -> tuple[float, float]:
    """T-min and T-max [K] of the entry, with these values where it has none."""
    return (
        entry.number("T-min", entry.table.get("T-min", low), "K"),
        entry.number("T-max", entry.table.get("T-max", high), "K"),
    )


def _constant_row(T0: float, h0: float, s0: float, cp: float) -> Coefficients:
    """Coefficients of mu0/RT for a constant cp [J/mol/K], from h0 [J/mol] and s0 [J/mol/K] at T0 [K]."""
    c = cp / GAS_CONSTANT
    energy = (h0 - cp * T0) / GAS_CONSTANT
    return (0.0, energy, 0.0, c - s0 / GAS_CONSTANT + c * math.log(T0), -c, 0.0, 0.0, 0.0, 0.0)


# ---- Gibbs energies at some temperatures


def _piecewise(entry: ThermoEntry) -> tuple[float, Zones]:
    """Lowest temperature and zones between Gibbs energies at listed temperatures, one of them 298.15 K.

    The heat capacity is constant between two of these temperatures.
    """
    energies = _energies(entry)
    grid = sorted(energies)
    start = grid.index(STANDARD_TEMPERATURE)
    h = {STANDARD_TEMPERATURE: entry.number("h0", entry.table.get("h0", 0.0), ENERGY)}
    s = {
        STANDARD_TEMPERATURE: (h[STANDARD_TEMPERATURE] - energies[STANDARD_TEMPERATURE])
        / STANDARD_TEMPERATURE
    }
    upward = list(pairwise(grid[start:]))
    downward = list(pairwise(grid[start::-1]))
    rows = {}
    for T, other in upward + downward:
        cp = (energies[other] - h[T] + other * s[T]) / (other - T - other * math.log(other / T))
        h[other], s[other] = h[T] + cp * (other - T), s[T] + cp * math.log(other / T)
        rows[max(T, other)] = _constant_row(T, h[T], s[T], cp)
    low, high = _limits(entry, grid[0], grid[-1])
    inner = [(T, rows[T]) for T in grid[1:] if low < T]
    if not inner:
        raise entry.error_at(
            ("T-min",), f"T-min is {low:g} K, above all temperatures.", f"allowed: below {grid[-1]:g} K"
        )
    last = next((row for T, row in inner if high <= T), inner[-1][1])
    return low, (*((T, row) for T, row in inner if high > T), (high, last))


def _energies(entry: ThermoEntry) -> dict[float, float]:
    """Temperature [K] -> Gibbs energy [J/mol]."""
    data = entry.table.get("data")
    if not isinstance(data, Mapping) or len(data) < 2:
        raise entry.error_at(
            ("data",),
            "piecewise-Gibbs data are a table {temperature: Gibbs energy} of two or more.",
            "allowed: data: {298.15: ..., 1000: ...}",
        )
    energies = {}
    for key, mu in data.items():
        T = entry.number("data", key, "K")
        if entry.table.get("dimensionless"):
            energies[T] = GAS_CONSTANT * T * entry.number("data", mu, "1")
        else:
            energies[T] = entry.number("data", mu, ENERGY)
    if STANDARD_TEMPERATURE not in energies:
        raise entry.error_at(
            ("data",),
            "a Gibbs energy at 298.15 K is missing, to which h0 refers.",
            "allowed: data: {298.15: ..., ...}",
        )
    return energies


# ---- for Cantera


def for_cantera(thermo: RawTable, zoned_entry: ZonedEntry, pressure: float) -> RawTable:
    """A `thermo` entry at 1 bar that Cantera reads with the same result.

    It is that of the file where this is for 1 bar, else NASA9 of the zones. pressure: Pa, of the file's data.
    """
    zones = zoned_entry.zones
    longest = {"NASA7": 2, "Shomate": 2, "NASA9": len(zones)}.get(thermo["model"], 0)
    if "reference-pressure" in thermo and pressure == BAR and len(zones) <= longest:
        return thermo
    rows = []
    for _, r in zones:
        row = (
            -2 * r[0],
            r[2],
            -r[4],
            -2 * r[5],
            -6 * r[6],
            -12 * r[7],
            -20 * r[8],
            r[1] - r[2],
            -r[4] - r[3],
        )
        rows.append([float(x) for x in row])
    return {
        "model": "NASA9",
        "reference-pressure": BAR,
        "temperature-ranges": [zoned_entry.lowest, *(high for high, _ in zones)],
        "data": rows,
    }
