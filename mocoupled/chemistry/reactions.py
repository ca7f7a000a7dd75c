"""Species, their reactions and equilibrium constants: exact stoichiometry, and ln K as sympy expressions.

Every equilibrium constant is for fugacities in bar and, for condensed species, unit activity of the pure phase.
Temperatures in K, molar masses in kg/mol. Cantera is not needed here: thermochemistry.py reads the files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy

from ..constants import GAS_CONSTANT
from ..errors import InputError, nearest

CHARGE = "E"  # the electrons of a composition: -1 in H+; their amount is the system's negative charge, 0 by default
POLYNOMIALS = "nasa7"  # name of the source "the species' own polynomials"
BASIS_PRIORITY = ("O2", "H2O", "CO2", "N2", "S2", "He", "Ne", "Ar", "Kr", "Xe", "Cl2", "F2", "H2", "CO")
FIT_LIMITS = (
    100.0,
    10000.0,
)  # K; a fit a/T + b has no end of its own, but beyond these a temperature is a slip of the pen


@dataclass(frozen=True)
class Species:
    """One species of a mechanism.

    phase: "gas" or "condensed" (a pure phase of its own). composition: element -> atoms, an int or an exact Fraction
    (E, the electron, may be negative). molar_mass [kg/mol].
    temperature_range [K]: where the polynomials hold. reference: of the thermodynamic data. melt: raw entries of its
    solubility laws by name; default_melt: the name used when nobody chooses. radiation: raw entry or None.
    gibbs: temperature zones (upper end [K], coefficients) of mu0/RT at 1 bar on the functions of `_functions`.
    thermo: a thermodynamic entry for 1 bar that Cantera reads: that of the file, or NASA9 made from `gibbs`.
    """

    name: str
    phase: str
    composition: Mapping[str, int | Fraction]
    molar_mass: float
    temperature_range: tuple[float, float]
    reference: str
    melt: Mapping[str, Mapping[str, Any]]
    default_melt: str
    radiation: Mapping[str, Any] | None
    gibbs: tuple[tuple[float, tuple[float, ...]], ...] = field(repr=False)
    thermo: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Reaction:
    """A balanced reaction: (species, coefficient) pairs, reactants negative; basis species first."""

    stoichiometry: tuple[tuple[str, Fraction], ...]

    @property
    def text(self) -> str:
        """The reaction as written by a chemist, e.g. "H2O = 1/2 O2 + H2"."""
        sides = (
            [(s, -c) for s, c in self.stoichiometry if c < 0],
            [(s, c) for s, c in self.stoichiometry if c > 0],
        )
        return " = ".join(" + ".join(s if c == 1 else f"{c} {s}" for s, c in side) for side in sides)


@dataclass(frozen=True)
class Fit:
    """log10 K = a/T + b of one reaction; temperature_range [K] is its calibration."""

    reaction: Reaction
    a: float
    b: float
    temperature_range: tuple[float, float]
    reference: str


@dataclass(frozen=True)
class DataSet:
    """A published set of equilibrium constants, with the molar masses [kg/mol] its authors used."""

    name: str
    reference: str
    fits: tuple[Fit, ...]
    molar_masses: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Mechanism:
    """Species and data of one mechanism file; checksum is the SHA-256 of the file, atomic_weights are in kg/mol.

    species: by name, gas first, in the file's order. phases: name -> names of its species. equilibrium_constants:
    the file's data sets by name. Two mechanisms are equal only if they are the same object (the reader caches).
    """

    name: str
    path: Path
    checksum: str
    atomic_weights: Mapping[str, float]
    species: Mapping[str, Species]
    phases: Mapping[str, tuple[str, ...]]
    equilibrium_constants: Mapping[str, DataSet]


# ---- reactions


def reactions(
    mechanism: Mechanism,
    species: Sequence[str],
    buffered: str | None = "O2",
    basis: Sequence[str] = BASIS_PRIORITY,
) -> tuple[Reaction, ...]:
    """The independent reactions among the species: the null space of their formula matrix, one mole of each formed.

    buffered: a species that takes part though it need not be among `species`. basis: species from which the others
    are formed, first come first served; after them gases, then condensates, each in the order given.
    """
    names = known_species(
        mechanism, [*species, *([buffered] if buffered and buffered not in species else [])]
    )
    rank = {
        s: k for k, s in enumerate(([buffered] if buffered else []) + [s for s in basis if s != buffered])
    }
    order = {s: (rank.get(s, len(rank)), mechanism.species[s].phase != "gas", k) for k, s in enumerate(names)}
    columns = sorted(names, key=order.__getitem__)
    compositions = [mechanism.species[s].composition for s in columns]
    elements = [e for e in mechanism.atomic_weights if any(e in c for c in compositions)]
    rows, pivots = _reduced([[Fraction(c.get(e, 0)) for c in compositions] for e in elements])
    found = []
    for name in names:
        if (j := columns.index(name)) not in pivots:
            formed = [(columns[k], -row[j]) for k, row in zip(pivots, rows) if row[j]]
            found.append(Reaction((*formed, (name, Fraction(1)))))
    return tuple(found)


def formula_matrix(mechanism: Mechanism, species: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Elements of the species, in the mechanism's order, and the matrix (element, species) of atoms: integers, or floats
    where a species has a fractional count."""
    compositions = [mechanism.species[s].composition for s in known_species(mechanism, species)]
    elements = tuple(e for e in mechanism.atomic_weights if any(e in c for c in compositions))
    kind = int if all(isinstance(n, int) for c in compositions for n in c.values()) else float
    return elements, np.array([[c.get(e, 0) for c in compositions] for e in elements], dtype=kind).reshape(
        len(elements), len(compositions)
    )


def _reduced(rows: list[list[Fraction]]) -> tuple[list[list[Fraction]], list[int]]:
    """Reduced row echelon form, exact, without zero rows; and the pivot columns."""
    rows, pivots = [row[:] for row in rows], []
    for column in range(len(rows[0]) if rows else 0):
        k = len(pivots)
        found = next((i for i in range(k, len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        rows[k], rows[found] = rows[found], rows[k]
        rows[k] = [x / rows[k][column] for x in rows[k]]
        rows = [
            row if i == k or not row[column] else [x - row[column] * y for x, y in zip(row, rows[k])]
            for i, row in enumerate(rows)
        ]
        pivots.append(column)
    return rows[: len(pivots)], pivots


def known_species(mechanism, species) -> tuple[str, ...]:
    """The names, each of which must be a species, and stand once."""
    names = tuple(species)
    for name in names:
        if name not in mechanism.species:
            raise InputError(
                f"species {name!r}",
                f"the mechanism {mechanism.name} has no such species.",
                f"known: {', '.join(mechanism.species)}",
                nearest(name, mechanism.species),
            )
        if names.count(name) > 1:
            raise InputError(f"species {name!r}", "it is named twice.")
    return names


def bad_temperature(T, low, high, what) -> InputError:
    return InputError(
        f"temperature = {float(T):g} K",
        f"outside the thermochemical data of {what}.",
        f"allowed: {low:g} to {high:g} K",
    )


# ---- free energies and equilibrium constants


def _functions(T, log=sympy.log) -> tuple:
    """What mu0/RT is a linear combination of, for NASA7, NASA9 and Shomate alike."""
    return (T**-2, 1 / T, log(T) / T, 1, log(T), T, T**2, T**3, T**4)


def gibbs_value(row: Sequence[float], T: float) -> float:
    """The linear combination `row` of the functions at T [K], as a number."""
    return math.fsum(c * f for c, f in zip(row, _functions(T, math.log)))


def nasa7(a) -> tuple[float, ...]:
    """mu0/RT on `_functions` from a1..a7 of cp/R = a1 + a2 T + ... + a5 T^4 (a6: enthalpy, a7: entropy)."""
    return (0.0, a[5], 0.0, a[0] - a[6], -a[0], -a[1] / 2, -a[2] / 6, -a[3] / 12, -a[4] / 20)


def nasa9(a) -> tuple[float, ...]:
    """mu0/RT on `_functions` from a1..a9 of cp/R = a1/T^2 + a2/T + a3 + ... + a7 T^4 (a8: enthalpy, a9: entropy)."""
    return (-a[0] / 2, a[1] + a[7], a[1], a[2] - a[8], -a[2], -a[3] / 2, -a[4] / 6, -a[5] / 12, -a[6] / 20)


def shomate(s) -> tuple[float, ...]:
    """mu0/RT on `_functions` from NIST's A..G: J/mol/K with t = T/1000 K, and kJ/mol for F."""
    A, B, C, D, E, F, G = s
    row = (
        -E * 1e6 / 2,
        F * 1e3,
        0.0,
        A - G + A * math.log(1e3),
        -A,
        -B * 1e-3 / 2,
        -C * 1e-6 / 6,
        -D * 1e-9 / 12,
        0.0,
    )
    return tuple(c / GAS_CONSTANT for c in row)


def _combined(mechanism, terms: Iterable[tuple[str, Fraction | int]], T):
    """Sum of coefficient * mu0/RT as one piecewise expression in T."""
    parts = [(float(c), mechanism.species[s].gibbs) for s, c in terms]
    breaks = sorted({high for _, zones in parts for high, _ in zones[:-1]})
    functions, pieces = _functions(T), []
    for high in [*breaks, math.inf]:
        rows = [(c, next((row for end, row in zones if end >= high), zones[-1][1])) for c, zones in parts]
        sums = [math.fsum(c * row[k] for c, row in rows) for k in range(len(functions))]
        pieces.append(
            (
                sympy.Add(*(x * f for x, f in zip(sums, functions) if x)),
                T <= high if high < math.inf else True,
            )
        )
    return pieces[0][0] if len(pieces) == 1 else sympy.Piecewise(*pieces)


def gibbs_RT(mechanism: Mechanism, species: str, T: sympy.Expr) -> sympy.Expr:
    """mu0/RT of the pure species at 1 bar as a sympy expression in T [K]; zero of energy as in the data."""
    known_species(mechanism, [species])
    return _combined(mechanism, [(species, 1)], T)


def sources(mechanism: Mechanism) -> tuple[str, ...]:
    """What ln K can be taken from: "nasa7" (the species' own polynomials) and the mechanism's data sets."""
    return (POLYNOMIALS, *mechanism.equilibrium_constants)


def ln_K(mechanism: Mechanism, reaction: Reaction, T: sympy.Expr, source: str = POLYNOMIALS) -> sympy.Expr:
    """ln K of the reaction (fugacities in bar) as a sympy expression in T [K]; `source`: one of `sources`.

    A data set gives it by Hess's law; InputError if the reaction is no combination of its reactions.
    """
    if source == POLYNOMIALS:
        known_species(mechanism, [s for s, _ in reaction.stoichiometry])
        return _combined(mechanism, [(s, -c) for s, c in reaction.stoichiometry], T)
    parts = _hess(mechanism, reaction, source)
    a, b = (
        math.log(10.0) * math.fsum(float(c) * x for c, x in row)
        for row in ([(c, f.a) for c, f in parts], [(c, f.b) for c, f in parts])
    )
    return a / T + b


def ln_K_values(
    mechanism: Mechanism, reaction: Reaction, T, source: str = POLYNOMIALS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln K, its first [1/K] and second [1/K2] derivative at T [K, any shape], from the expression of `ln_K`.

    Raises InputError where T is not a number or outside `temperature_limits`: nothing is extrapolated in silence.
    """
    T = np.asarray(T, float)
    low, high = temperature_limits(mechanism, [s for s, _ in reaction.stoichiometry], source)
    outside = ~((T >= low) & (T <= high))
    if outside.any():
        raise bad_temperature(
            T[outside].flat[0], low, high, f"{reaction.text} with {source} of {mechanism.name}"
        )
    return tuple(
        np.array(np.broadcast_to(value, T.shape), float)
        for value in _compiled_ln_K(mechanism, reaction, source)(T)
    )


@lru_cache(maxsize=1024)
def _compiled_ln_K(mechanism, reaction, source):
    T = sympy.Symbol("T", positive=True)
    value = ln_K(mechanism, reaction, T, source)
    return sympy.lambdify(T, [value, value.diff(T), value.diff(T, 2)], modules="numpy", cse=True)


def temperature_limits(
    mechanism: Mechanism, species: Iterable[str], source: str = POLYNOMIALS
) -> tuple[float, float]:
    """Lowest and highest temperature [K] at which the species have data; beyond them nothing may be computed.

    A data set of fits has no such end (see `calibration`): its limits only catch slips of the pen.
    """
    names = known_species(mechanism, species)
    if source != POLYNOMIALS:
        _data_set(mechanism, source)
        return FIT_LIMITS
    ranges = [mechanism.species[s].temperature_range for s in names]
    return max(low for low, _ in ranges), min(high for _, high in ranges)


def limiting(mechanism: Mechanism, species: Iterable[str], low: float, high: float) -> str:
    """Whose data set a range [low, high] of temperature [K], in words."""
    spans = {s: mechanism.species[s].temperature_range for s in species}
    below = [s for s, (first, _) in spans.items() if first == low]
    above = [s for s, (_, last) in spans.items() if last == high]
    ends = [
        f"{side}: the data of {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}"
        for side, names in (("below", below), ("above", above))
        if names
    ]
    return "; ".join(ends)


def calibration(
    mechanism: Mechanism, reaction: Reaction, source: str = POLYNOMIALS
) -> tuple[float, float] | None:
    """Range [K] in which every fit used for the reaction was made; None for polynomials, which have hard limits.

    Outside, ln K is computed and to be recorded. If the fits' ranges do not overlap, low > high.
    """
    if source == POLYNOMIALS:
        return None
    ranges = [fit.temperature_range for _, fit in _hess(mechanism, reaction, source)]
    return max((low for low, _ in ranges), default=FIT_LIMITS[0]), min(
        (high for _, high in ranges), default=FIT_LIMITS[1]
    )


def molar_mass(mechanism: Mechanism, species: str, source: str = POLYNOMIALS) -> float:
    """kg/mol of the species as the data set's authors print it, else from the mechanism's atomic weights."""
    known_species(mechanism, [species])
    printed = {} if source == POLYNOMIALS else _data_set(mechanism, source).molar_masses
    return printed.get(species, mechanism.species[species].molar_mass)


def _data_set(mechanism, source) -> DataSet:
    try:
        return mechanism.equilibrium_constants[source]
    except KeyError:
        known = sources(mechanism)
        raise InputError(
            f"thermochemistry = {source!r}",
            f"the mechanism {mechanism.name} has no such data set.",
            f"known: {', '.join(known)}",
            nearest(source, known),
        ) from None


@lru_cache(maxsize=1024)
def _hess(mechanism, reaction, source) -> tuple[tuple[Fraction, Fit], ...]:
    """The fits of the data set whose combination is the reaction, with their coefficients."""
    fits = _data_set(mechanism, source).fits
    target, columns = dict(reaction.stoichiometry), [dict(fit.reaction.stoichiometry) for fit in fits]
    names = sorted({*target, *(s for column in columns for s in column)})
    rows, pivots = _reduced(
        [[*(c.get(s, Fraction(0)) for c in columns), target.get(s, Fraction(0))] for s in names]
    )
    if len(fits) in pivots:
        covered = {s for column in columns for s in column}
        lacking = [s for s in target if s not in covered] or [*target]
        raise InputError(
            f"thermochemistry = {source!r}",
            f"its reactions do not give {reaction.text}: no equilibrium constant for {', '.join(lacking)}.",
            f"reactions of {source}: {'; '.join(fit.reaction.text for fit in fits)}",
            f"leave the species out, or use {POLYNOMIALS!r}",
        )
    return tuple((row[-1], fits[k]) for row, k in zip(rows, pivots) if row[-1])


# ---- data sets in a file


def read_data_sets(path, tables, species) -> dict[str, DataSet]:
    """The section `equilibrium-constants` of a file, checked."""
    found = {}
    if not isinstance(tables, Mapping):
        raise InputError(
            f"{path.name} equilibrium-constants",
            "this is not a table.",
            "allowed: {name of the data set: {...}}",
        )
    for name, table in tables.items():
        name, place = str(name), f"{path.name} equilibrium-constants {name}"
        if name == POLYNOMIALS or not isinstance(table, Mapping):
            raise InputError(
                place,
                "this is not a data set with a name of its own.",
                f"allowed: any name but {POLYNOMIALS!r}, with `reactions:`",
            )
        rows = table.get("reactions")
        if not isinstance(rows, list) or not rows:
            raise InputError(
                place,
                "it has no list of reactions.",
                "allowed: reactions: [{equation: ..., log10-K: [a, b], T: [...]}]",
            )
        fits = tuple(_fit(f"{place} reaction {k + 1}", entry, species) for k, entry in enumerate(rows))
        names = sorted({s for fit in fits for s, _ in fit.reaction.stoichiometry})
        _, pivots = _reduced(
            [[dict(fit.reaction.stoichiometry).get(s, Fraction(0)) for fit in fits] for s in names]
        )
        if len(pivots) < len(fits):
            k = next(k for k in range(len(fits)) if k not in pivots)
            raise InputError(
                f"{place} reaction {k + 1}",
                f"{fits[k].reaction.text} follows from the reactions before it.",
                cure="leave one of them out",
            )
        masses = table.get("molar-masses") or {}
        if not isinstance(masses, Mapping):
            raise InputError(
                f"{place} molar-masses", "this is not a table.", "allowed: g/mol, by name of a species"
            )
        for s, mass in masses.items():
            if s not in species or not is_finite(mass) or mass <= 0:
                raise InputError(
                    f"{place} molar-masses",
                    f"{s}: {mass!r} is not the molar mass of a species.",
                    "allowed: g/mol, by name of a species",
                )
        found[name] = DataSet(
            name,
            str(table.get("reference", "")),
            fits,
            MappingProxyType({s: kilograms(m) for s, m in masses.items()}),
        )
    return found


def _fit(place, entry, species) -> Fit:
    """One reaction of a data set, parsed and balanced."""
    keys = ("equation", "log10-K", "T")
    if not isinstance(entry, Mapping) or any(key not in entry for key in keys):
        raise InputError(place, "a key is missing.", f"needed: {', '.join(keys)}")
    text = str(entry["equation"])
    sides, total = text.split(" = "), {}
    terms = [(sign, term) for sign, side in zip((-1, 1), sides) for term in re.split(r"\s\+\s", side)]
    for sign, term in terms:
        match = re.fullmatch(r"\s*(?:(\d{1,4}(?:/[1-9]\d{0,3}|\.\d{1,6})?)\s+)?(\S+)\s*", term)
        if len(sides) != 2 or not match:
            raise InputError(
                f"{place} equation = {text!r}",
                "this is not a reaction.",
                "allowed: as in 'H2 + 1/2 O2 = H2O'",
            )
        if match[2] not in species:
            raise InputError(
                f"{place} equation = {text!r}",
                f"no species is called {match[2]!r}.",
                f"known: {', '.join(species)}",
                nearest(match[2], species),
            )
        total[match[2]] = total.get(match[2], Fraction(0)) + sign * Fraction(match[1] or 1)
    for element in sorted({e for s in total for e in species[s].composition}):
        if excess := sum(c * Fraction(str(species[s].composition.get(element, 0))) for s, c in total.items()):
            raise InputError(
                f"{place} equation = {text!r}",
                f"it is not balanced: {excess} {element} too many on the right.",
            )
    for key in ("log10-K", "T"):
        if not isinstance(entry[key], list) or len(entry[key]) != 2 or not all(map(is_finite, entry[key])):
            raise InputError(
                f"{place} {key} = {entry[key]!r}",
                "not two finite numbers.",
                "allowed: log10-K: [a, b] of a/T + b; T: [low, high] in K",
            )
    low, high = map(float, entry["T"])
    if not 0 < low < high:
        raise InputError(
            f"{place} T = {entry['T']!r}", "not a range of temperatures.", "allowed: [low, high] in K"
        )
    reaction = Reaction(tuple((s, c) for s, c in total.items() if c))
    return Fit(reaction, *map(float, entry["log10-K"]), (low, high), str(entry.get("reference", "")))


def kilograms(grams: float) -> float:
    """A mass given in g in kg, rounded once: 1.00794 becomes 0.00100794."""
    return float(Decimal(repr(float(grams))) / 1000)


def is_finite(x) -> bool:
    """Whether an entry is a finite number, and not a logical value or text."""
    return isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x)
