"""The `thermo` entry of a species as temperature zones of mu0/RT: NASA7, NASA9, Shomate, constant-cp, piecewise-Gibbs.

The entries are those of Cantera's YAML files, with the units of the file they stand in. No Cantera is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..constants import BAR, GAS_CONSTANT
from ..errors import InputError
from ..units import to_si
from .reactions import FIT_LIMITS, gibbs_value, is_finite, nasa7, nasa9, shomate

Zones = tuple[tuple[float, tuple[float, ...]], ...]  # (upper end [K], coefficients of reactions._functions)

POLYNOMIALS = {
    "NASA7": (nasa7, 7),
    "NASA9": (nasa9, 9),
    "Shomate": (shomate, 7),
}  # model -> (its row on our functions, numbers in a row)
LARGEST_JUMP = 0.01  # of mu0/RT where two zones meet
STANDARD_TEMPERATURE = 298.15  # K, of piecewise-Gibbs
ENERGY = "J/mol"
ENTROPY = "J/mol/K"


@dataclass(frozen=True)
class Entry:
    """One `thermo` entry with the means to read its numbers.

    thermo: the entry; units: the `units` of its file; wrong(keys, problem, allowed, cure): the InputError at these keys.
    """

    thermo: Mapping[str, Any]
    units: Mapping[str, Any]
    wrong: Callable[..., InputError]

    def number(self, key: str, value, unit: str) -> float:
        """A number in the SI unit `unit`: text with its unit, or a bare number in the units of the file."""
        try:
            if isinstance(value, str):
                return to_si(value, unit)
            return to_si(value, unit) * self._factor(unit)
        except InputError as error:
            raise self.wrong((key,), error.problem, error.allowed, error.cure) from None

    def _factor(self, unit) -> float:
        """The file's own unit of this kind over the SI unit; Cantera's defaults are Pa, J and kmol."""
        if unit == "Pa":
            return to_si(f"1 {self.units.get('pressure', 'Pa')}", "Pa")
        if unit in (ENERGY, ENTROPY):
            return to_si(f"1 {self.units.get('energy', 'J')}/{self.units.get('quantity', 'kmol')}", ENERGY)
        return 1.0


def reference_pressure(entry: Entry, value) -> float:
    """A reference pressure in Pa; InputError unless it is above zero."""
    pressure = entry.number("reference-pressure", value, "Pa")
    if not 0 < pressure < math.inf:
        raise entry.wrong(
            ("reference-pressure",),
            f"its reference-pressure is {pressure:g} Pa.",
            "allowed: above 0 Pa",
            "most data are for 1 bar",
        )
    return pressure


def zones(entry: Entry, pressure: float, gas: bool) -> tuple[float, Zones, float]:
    """(lowest temperature [K], zones of mu0/RT at 1 bar, largest jump between two zones).

    pressure [Pa]: for which the data are. Of a gas ln(1 bar/pressure) is added; a solid's V dp is 1e-6 RT.
    """
    model = entry.thermo["model"]
    if model in POLYNOMIALS:
        found = _polynomials(entry, *POLYNOMIALS[model])
    else:
        found = _constant(entry) if model == "constant-cp" else _piecewise(entry)
    low, rows = found
    shift = math.log(BAR / pressure) if gas else 0.0
    numbers = [low, *(x for high, row in rows for x in (high, *row))]
    ends = [low, *(high for high, _ in rows)]
    if not all(a < b for a, b in zip(ends, ends[1:])) or not all(map(math.isfinite, numbers)):
        raise entry.wrong(
            ("temperature-ranges",),
            f"its temperature-ranges {ends} do not ascend, or a number is not finite.",
        )
    jumps = [
        (abs(gibbs_value(above, T) - gibbs_value(below, T)), T)
        for (T, below), (_, above) in zip(rows, rows[1:])
    ]
    return (
        low,
        tuple((high, (*row[:3], row[3] + shift, *row[4:])) for high, row in rows),
        max(jumps, default=(0.0, 0.0)),
    )


def _polynomials(entry, row_of, count):
    """Lowest temperature and zones of a NASA7, NASA9 or Shomate entry."""
    model, data = entry.thermo["model"], entry.thermo.get("data")
    ends = entry.thermo.get("temperature-ranges")
    if not isinstance(ends, Sequence) or isinstance(ends, str) or len(ends) < 2:
        raise entry.wrong(
            ("temperature-ranges",),
            "the key 'temperature-ranges' is missing or no list.",
            f"allowed for {model}: [lowest, ..., highest] in K",
        )
    ends = [entry.number("temperature-ranges", x, "K") for x in ends]
    if (
        not isinstance(data, Sequence)
        or isinstance(data, str)
        or not all(isinstance(row, Sequence) and not isinstance(row, str) for row in data)
    ):
        raise entry.wrong(
            ("data",),
            "the key 'data' is missing or no list of lists.",
            f"allowed for {model}: a list of {count} numbers for each range of temperature",
        )
    if len(data) != len(ends) - 1:
        problem = f"its temperature-ranges make {len(ends) - 1} zones, but there are {len(data)} rows of {model} data."
        raise entry.wrong(("data",), problem, "allowed: one row for each zone")
    for row in data:
        if len(row) != count:
            raise entry.wrong(
                ("data",), f"a row of its {model} data has {len(row)} numbers.", f"allowed: {count}"
            )
        for x in row:
            if not is_finite(x):
                raise entry.wrong(("data",), f"{str(x)[:40]!r} in its {model} data is not a finite number.")
    kept = [
        k for k in range(len(data)) if k == 0 or ends[k] != ends[k + 1] or data[k] != data[k - 1]
    ]  # Cantera writes a single zone twice
    return ends[0], [(ends[k + 1], tuple(row_of([float(x) for x in data[k]]))) for k in kept]


def _constant(entry):
    """A constant heat capacity: h0 and s0 at T0, cp0."""
    thermo = entry.thermo
    if not {"h0", "s0", "cp0"} & set(thermo) or "data" in thermo:
        raise entry.wrong(
            (),
            "constant-cp data are h0, s0 and cp0 at T0.",
            "allowed: T0: 298.15 K, h0: -10 kJ/mol, s0: 100 J/mol/K, cp0: 30 J/mol/K, T-min, T-max",
        )
    T0 = entry.number("T0", thermo.get("T0", STANDARD_TEMPERATURE), "K")
    h0, s0, cp0 = (
        entry.number(key, thermo.get(key, 0.0), unit)
        for key, unit in (("h0", ENERGY), ("s0", ENTROPY), ("cp0", ENTROPY))
    )
    if not T0 > 0:
        raise entry.wrong(("T0",), f"T0 is {T0:g} K.", "allowed: above 0 K")
    low, high = _limits(entry, *FIT_LIMITS)
    return low, [(high, _from(T0, h0, s0, cp0))]


def _limits(entry, low, high) -> tuple[float, float]:
    """T-min and T-max of the entry, where they stand."""
    return tuple(
        entry.number(key, entry.thermo.get(key, value), "K")
        for key, value in (("T-min", low), ("T-max", high))
    )


def _from(T0, h0, s0, cp) -> tuple[float, ...]:
    """mu0/RT on our functions for a constant cp [J/mol/K], from h0 [J/mol] and s0 [J/mol/K] at T0 [K]."""
    c = cp / GAS_CONSTANT
    return (
        0.0,
        (h0 - cp * T0) / GAS_CONSTANT,
        0.0,
        c - s0 / GAS_CONSTANT + c * math.log(T0),
        -c,
        0.0,
        0.0,
        0.0,
        0.0,
    )


def _piecewise(entry):
    """Gibbs energies at given temperatures, one of them 298.15 K; the heat capacity is constant in between."""
    thermo, data = entry.thermo, entry.thermo.get("data")
    if not isinstance(data, Mapping) or len(data) < 2:
        raise entry.wrong(
            ("data",),
            "piecewise-Gibbs data are a table {temperature: Gibbs energy} of two or more.",
            "allowed: data: {298.15: ..., 1000: ...}",
        )
    table = {}
    for T, mu in data.items():
        T = entry.number("data", T, "K")
        table[T] = (
            entry.number("data", mu, ENERGY)
            if not thermo.get("dimensionless")
            else GAS_CONSTANT * T * entry.number("data", mu, "1")
        )
    if STANDARD_TEMPERATURE not in table:
        raise entry.wrong(
            ("data",),
            "a Gibbs energy at 298.15 K is missing, to which h0 refers.",
            "allowed: data: {298.15: ..., ...}",
        )
    h = {STANDARD_TEMPERATURE: entry.number("h0", thermo.get("h0", 0.0), ENERGY)}
    s = {STANDARD_TEMPERATURE: (h[STANDARD_TEMPERATURE] - table[STANDARD_TEMPERATURE]) / STANDARD_TEMPERATURE}
    grid = sorted(table)
    start = grid.index(STANDARD_TEMPERATURE)
    pairs = list(zip(grid[start:], grid[start + 1 :])) + list(
        zip(grid[start::-1], grid[start - 1 :: -1] if start else ())
    )
    rows = {}
    for T, other in pairs:
        cp = (table[other] - h[T] + other * s[T]) / (other - T - other * math.log(other / T))
        h[other], s[other] = h[T] + cp * (other - T), s[T] + cp * math.log(other / T)
        rows[max(T, other)] = _from(T, h[T], s[T], cp)
    low, high = _limits(entry, grid[0], grid[-1])
    inner = [(T, rows[T]) for T in grid[1:] if low < T]
    kept = [(T, row) for T, row in inner if T < high] + [
        next(((high, row) for T, row in inner if T >= high), (high, inner[-1][1]))
    ]
    return low, kept


# ---- for Cantera


def for_cantera(thermo: Mapping[str, Any], low: float, found: Zones, pressure: float) -> Mapping[str, Any]:
    """A `thermo` entry at 1 bar that Cantera reads as we do: the file's own where it is for 1 bar, else NASA9 of our zones."""
    longest = {"NASA7": 2, "Shomate": 2, "NASA9": len(found)}.get(thermo["model"], 0)
    if "reference-pressure" in thermo and pressure == BAR and len(found) <= longest:
        return thermo
    rows = [
        (-2 * r[0], r[2], -r[4], -2 * r[5], -6 * r[6], -12 * r[7], -20 * r[8], r[1] - r[2], -r[4] - r[3])
        for _, r in found
    ]
    ends = [low, *(high for high, _ in found)]
    return {
        "model": "NASA9",
        "reference-pressure": BAR,
        "temperature-ranges": ends,
        "data": [list(map(float, row)) for row in rows],
    }
