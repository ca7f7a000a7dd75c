"""Equilibrium constants ln K of reactions, from polynomials of the species or a data set of fits.

Every constant is for fugacities in bar and, for condensed species, unit activity of the pure phase.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..dae.generate.derivatives import derivative
from ..errors import InputError, nearest
from .free_energies import combined
from .records import POLYNOMIALS, DataSet, Fit, Mechanism, Reaction, known_species
from .stoichiometry import reduced

# K. A fit a/T + b has no end by itself, but beyond these a temperature is a typing error.
FIT_LIMITS = (100.0, 10000.0)


def sources(mechanism: Mechanism) -> tuple[str, ...]:
    """Where ln K can be taken from: "nasa7" (the species' polynomials) and the data sets of the mechanism."""
    return (POLYNOMIALS, *mechanism.equilibrium_constants)


def ln_K(mechanism: Mechanism, reaction: Reaction, T: sympy.Expr, source: str = POLYNOMIALS) -> sympy.Expr:
    """ln K of the reaction (fugacities in bar) as a sympy expression in T [K].

    source: a name of `sources`. A data set gives ln K by Hess's law.
    InputError if the reaction is no combination of the reactions of the data set.
    """
    if source == POLYNOMIALS:
        known_species(mechanism, [name for name, _ in reaction.stoichiometry])
        return combined(mechanism, [(name, -count) for name, count in reaction.stoichiometry], T)
    parts = _combination(mechanism, reaction, source)
    a = math.log(10.0) * math.fsum(float(c) * fit.a for c, fit in parts)
    b = math.log(10.0) * math.fsum(float(c) * fit.b for c, fit in parts)
    return a / T + b


def ln_K_values(
    mechanism: Mechanism, reaction: Reaction, T: ArrayLike, source: str = POLYNOMIALS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln K, its first [1/K] and its second [1/K2] derivative at T [K, any shape].

    InputError where T is not a number or outside `temperature_limits`: nothing is extrapolated in silence.
    """
    temperatures = np.asarray(T, float)
    low, high = temperature_limits(mechanism, [name for name, _ in reaction.stoichiometry], source)
    outside = ~((temperatures >= low) & (temperatures <= high))
    if outside.any():
        what = f"{reaction.text} with {source} of {mechanism.name}"
        raise bad_temperature(temperatures[outside].flat[0], low, high, what)
    value, first, second = (
        np.array(np.broadcast_to(result, temperatures.shape), float)
        for result in _compiled_ln_K(mechanism, reaction, source)(temperatures)
    )
    return value, first, second


@lru_cache(maxsize=1024)
def _compiled_ln_K(
    mechanism: Mechanism, reaction: Reaction, source: str
) -> Callable[[np.ndarray], list[np.ndarray | float]]:
    """ln K and its two derivatives as a numpy function of T [K]."""
    T = sympy.Symbol("T", positive=True)
    value = ln_K(mechanism, reaction, T, source)
    slopes = derivative(value, T), derivative(value, T, T)
    return sympy.lambdify(T, [value, *slopes], modules="numpy", cse=True)


def bad_temperature(T: float, low: float, high: float, what: str) -> InputError:
    """The error for a temperature [K] outside the thermochemical data of `what`."""
    return InputError(
        f"temperature = {float(T):g} K",
        f"outside the thermochemical data of {what}.",
        f"allowed: {low:g} to {high:g} K",
    )


def temperature_limits(
    mechanism: Mechanism, species: Iterable[str], source: str = POLYNOMIALS
) -> tuple[float, float]:
    """Lowest and highest temperature [K] at which all the species have data.

    Outside them nothing may be computed. A data set of fits has no such ends (see `calibration`): its limits
    only catch typing errors.
    """
    names = known_species(mechanism, species)
    if source != POLYNOMIALS:
        _data_set(mechanism, source)
        return FIT_LIMITS
    ranges = [mechanism.species[name].temperature_range for name in names]
    return max(low for low, _ in ranges), min(high for _, high in ranges)


def limiting(mechanism: Mechanism, species: Iterable[str], low: float, high: float) -> str:
    """The species whose data limit the temperature to [low, high] [K], in words."""
    spans = {name: mechanism.species[name].temperature_range for name in species}
    sides = {
        "below": [name for name, (first, _) in spans.items() if first == low],
        "above": [name for name, (_, last) in spans.items() if last == high],
    }
    ends = []
    for side, names in sides.items():
        if names:
            others = " and others" if len(names) > 3 else ""
            ends.append(f"{side}: the data of {', '.join(names[:3])}{others}")
    return "; ".join(ends)


def calibration(
    mechanism: Mechanism, reaction: Reaction, source: str = POLYNOMIALS
) -> tuple[float, float] | None:
    """Range [K] in which every fit used for the reaction was made.

    None for polynomials, which have hard limits.

    Outside, ln K is computed and the caller records it. If the ranges of the fits do not overlap, low > high.
    """
    if source == POLYNOMIALS:
        return None
    ranges = [fit.temperature_range for _, fit in _combination(mechanism, reaction, source)]
    low = max((first for first, _ in ranges), default=FIT_LIMITS[0])
    high = min((last for _, last in ranges), default=FIT_LIMITS[1])
    return low, high


def molar_mass(mechanism: Mechanism, species: str, source: str = POLYNOMIALS) -> float:
    """kg/mol of the species as the authors of the data set print it, else from the atomic weights."""
    known_species(mechanism, [species])
    printed = {} if source == POLYNOMIALS else _data_set(mechanism, source).molar_masses
    return printed.get(species, mechanism.species[species].molar_mass)


def _data_set(mechanism: Mechanism, source: str) -> DataSet:
    """The data set of this name. InputError if the mechanism has none."""
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
def _combination(mechanism: Mechanism, reaction: Reaction, source: str) -> tuple[tuple[Fraction, Fit], ...]:
    """The fits of the data set whose sum is the reaction (Hess's law), with their coefficients."""
    fits = _data_set(mechanism, source).fits
    target = dict(reaction.stoichiometry)
    columns = [dict(fit.reaction.stoichiometry) for fit in fits]
    names = sorted({*target, *(name for column in columns for name in column)})
    zero = Fraction(0)
    rows, pivots = reduced([[*(c.get(s, zero) for c in columns), target.get(s, zero)] for s in names])
    if len(fits) in pivots:
        covered = {name for column in columns for name in column}
        lacking = [name for name in target if name not in covered] or [*target]
        raise InputError(
            f"thermochemistry = {source!r}",
            f"its reactions do not give {reaction.text}: no equilibrium constant for {', '.join(lacking)}.",
            f"reactions of {source}: {'; '.join(fit.reaction.text for fit in fits)}",
            f"leave the species out, or use {POLYNOMIALS!r}",
        )
    return tuple((row[-1], fits[k]) for row, k in zip(rows, pivots) if row[-1])
