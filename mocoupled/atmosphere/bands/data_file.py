"""The shipped opacities (opacities.json): read once, with shape, sign and repeated names checked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ...errors import InputError

# Monomials of ln T and ln p in the logarithm of a cross-section; quantiles of a band.
MONOMIALS, QUANTILES = 10, 4
# ln(T/1000 K) of the coldest air that is computed, and the largest ln of a cross-section of a pair [cm5]
LN_COLDEST, LARGEST_PAIR = math.log(0.1), -70.0
FILE = Path(__file__).with_name("opacities.json")


@dataclass(frozen=True, eq=False)
class Pair:
    """Absorption of colliding pairs: ln of the cross-section [cm5] is quadratic in ln(T/1000 K), by band.

    coefficients: (3, band). highest: ln(T/1000 K) at which the data end; the value there is used above.
    lowest: the same below; -inf where the quadratic is used down to any temperature.
    """

    name: str
    coefficients: np.ndarray
    highest: float
    lowest: float = -math.inf


@dataclass(frozen=True, eq=False)
class BandTable:
    """Opacities of gases in spectral bands.

    edges: wavelengths of the edges [m], ascending.
    lines: gas -> coefficients of the logarithm of its cross-section [cm2], (monomial, band * quantile).
    pairs: (absorber, partner) -> the pair that stands for both. foreign: H2O with any other gas.
    rayleigh: gas -> cross-section of scattering by band [cm2]. heat_capacity: gas -> cp/R as a cubic in
    ln(T/1000 K). saturation: five coefficients of ln(saturation pressure of H2O/Pa). source: of all of it.
    """

    edges: tuple[float, ...]
    lines: Mapping[str, np.ndarray]
    pairs: Mapping[tuple[str, str], Pair]
    foreign: Pair
    rayleigh: Mapping[str, np.ndarray]
    heat_capacity: Mapping[str, np.ndarray]
    saturation: np.ndarray
    source: str

    @property
    def bands(self) -> int:
        """Number of bands."""
        return len(self.edges) - 1


@lru_cache(maxsize=1)
def shipped() -> BandTable:
    """The opacities that come with the program."""
    return read(FILE)


def read(path: Path) -> BandTable:
    """The opacities of a file of the format of opacities.json.

    InputError, with file and key, for a table of wrong shape or sign, a number that is not finite, a name
    that stands twice, and a pair that is not there.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once(path.name))
    except ValueError as error:
        raise InputError(path.name, f"this is not JSON: {error}.") from None
    try:
        return _table(path.name, document)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            path.name,
            f"it is not a file of opacities: {type(error).__name__} at {error}.",
            cure=f"compare it with {FILE.name} of the package",
        ) from None


def _once(name: str) -> Any:  # the type of json's hook
    """A hook that refuses a key that stands twice in a table."""

    def table(entries: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for key, value in entries:
            if key in known:
                raise InputError(name, f"the key {key!r} stands twice in a table.", cure="remove one of them")
            known[key] = value
        return known

    return table


def _table(name: str, document: Mapping[str, Any]) -> BandTable:
    edges = _edges(name, document["bands_um"])
    bands = len(edges) - 1
    if document["quantiles_per_band"] != QUANTILES:
        raise InputError(f"{name} quantiles_per_band", "wrong number.", f"allowed: {QUANTILES}")
    lines = {g: line_table(f"{name} {g}", c, bands) for g, c in document["line_opacity"]["C"].items()}
    known = {k: _pair(name, k, entry, bands) for k, entry in document["collision_induced"]["pairs"].items()}
    pairs = {}
    for gases, pair in document["collision_induced"]["used_for"].items():
        if pair not in known:
            raise InputError(f"{name} {gases}", f"there is no pair {pair!r}.", f"known: {', '.join(known)}")
        absorber, partner = gases.split("/")
        pairs[absorber, partner] = known[pair]
    scattering = {g: rayleigh_table(f"{name} {g}", c, bands) for g, c in document["rayleigh_cm2"].items()}
    capacity = {g: capacity_table(f"{name} {g}", c) for g, c in document["cp_over_R"]["c"].items()}
    return BandTable(
        edges=edges,
        lines=MappingProxyType(lines),
        pairs=MappingProxyType(pairs),
        foreign=known[document["collision_induced"]["H2O with any other gas"]],
        rayleigh=MappingProxyType(scattering),
        heat_capacity=MappingProxyType(capacity),
        saturation=numbers(
            f"{name} ln_saturation_pressure_Pa", document["ln_saturation_pressure_Pa"]["s"], (5,)
        ),
        source=str(document["reference"]),
    )


def _edges(name: str, bands: Any) -> tuple[float, ...]:
    """Wavelengths [m] of the edges of adjoining bands in micrometres."""
    listed = numbers(f"{name} bands_um", bands, (len(bands), 2))
    if (listed[:, 1] <= listed[:, 0]).any() or (listed[1:, 0] != listed[:-1, 1]).any() or listed[0, 0] <= 0:
        raise InputError(f"{name} bands_um", "the bands do not adjoin in ascending order.")
    return tuple(1e-6 * float(edge) for edge in (*listed[:, 0], listed[-1, 1]))


def _pair(name: str, label: str, entry: Mapping[str, Any], bands: int) -> Pair:
    where = f"{name} pair {label}"
    coefficients = numbers(where, entry["D"], (3, bands))
    highest = _temperature(where, "Tmax", entry["Tmax"])
    lowest = _temperature(where, "Tmin", entry["Tmin"]) if "Tmin" in entry else -math.inf
    if highest <= max(lowest, LN_COLDEST):
        raise InputError(f"{where} Tmax", "it is not above Tmin.", "allowed: Tmax > Tmin, and above 100 K")
    x = np.linspace(max(lowest, LN_COLDEST), highest, 50)[:, None]
    largest = float((coefficients[0] + x * (coefficients[1] + x * coefficients[2])).max())
    if largest >= LARGEST_PAIR:
        raise InputError(
            where,
            f"ln of a cross-section in cm5 reaches {largest:.4g} between 100 K or Tmin, and Tmax.",
            f"allowed: below {LARGEST_PAIR:g}; pairs have -140 to -89",
            "the first row has natural logarithms with their sign; set Tmin where the quadratic turns up",
        )
    return Pair(label, coefficients, highest, lowest)


def _temperature(where: str, key: str, value: Any) -> float:
    """ln(T/1000 K) of a temperature of the file [K]. InputError for one that is not above zero."""
    T = float(numbers(f"{where} {key}", value, ()))
    if T <= 0.0:
        raise InputError(f"{where} {key} = {T:g}", "not a temperature.", "allowed: numbers > 0, in K")
    return math.log(T / 1000.0)


# ---- tables of numbers, also those of a user


def numbers(where: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An array of finite numbers of this shape; InputError for anything else."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            where, "this is not a table of numbers.", f"allowed: numbers of the shape {shape}"
        ) from None
    if array.shape != shape:
        raise InputError(
            where, f"a table of the shape {array.shape}.", f"allowed: numbers of the shape {shape}"
        )
    if not np.isfinite(array).all():
        raise InputError(where, "it has numbers that are not finite.", "allowed: finite numbers")
    array.setflags(write=False)
    return array


def line_table(where: str, value: Any, bands: int) -> np.ndarray:
    """Coefficients of ln(cross-section of lines/cm2): (monomial, band * quantile).

    InputError for another shape, and for a cross-section of 1 cm2 or more (at 600 K and 0.1 bar): its
    logarithm is then not negative, as that of every gas is.
    """
    table = numbers(f"{where} lines", value, (MONOMIALS, bands * QUANTILES))
    if (table[0] >= 0.0).any():
        raise InputError(
            f"{where} lines",
            f"ln of a cross-section in cm2 is {table[0].max():g} at 600 K and 0.1 bar.",
            "allowed: below 0; gases have -80 to -35",
            "the first row has natural logarithms of cm2 per molecule, with their sign",
        )
    return table


def rayleigh_table(where: str, value: Any, bands: int) -> np.ndarray:
    """Cross-sections of Rayleigh scattering [cm2] by band; InputError for another shape or a negative one."""
    table = numbers(f"{where} rayleigh", value, (bands,))
    if (table < 0.0).any() or (table > 1e-20).any():
        raise InputError(
            f"{where} rayleigh", "a cross-section is out of range.", "allowed: 0 to 1e-20 cm2 per molecule"
        )
    return table


def capacity_table(where: str, value: Any) -> np.ndarray:
    """cp/R as a cubic in ln(T/1000 K); InputError where it is below 2.4 between 200 and 3500 K."""
    table = numbers(f"{where} heat-capacity", value, (4,))
    x = np.log(np.geomspace(0.2, 3.5, 50))
    if np.polynomial.polynomial.polyval(x, table).min() < 2.4:
        raise InputError(
            f"{where} heat-capacity",
            "cp/R falls below 5/2 between 200 and 3500 K.",
            "allowed: cp/R as a cubic in ln(T/1000 K), four coefficients from the constant one on",
        )
    return table
