"""Standard free energies mu0/RT at 1 bar from NASA7, NASA9 and Shomate polynomials, as sympy expressions.

All three are linear combinations of the same functions of T [K], so that a species is a row of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import sympy

from ..constants import GAS_CONSTANT
from .records import Coefficients, Mechanism, known_species


def basis_functions(T: Any, log: Callable[[Any], Any] = sympy.log) -> tuple[Any, ...]:
    """The functions of T [K] of which mu0/RT is a linear combination.

    T is a sympy expression, or a float with log=math.log: therefore `Any`.
    """
    return (T**-2, 1 / T, log(T) / T, 1, log(T), T, T**2, T**3, T**4)


def gibbs_value(row: Sequence[float], T: float) -> float:
    """mu0/RT at T [K] as a number; row: coefficients on the basis functions."""
    return math.fsum(c * f for c, f in zip(row, basis_functions(T, math.log)))


def nasa7(a: Sequence[float]) -> Coefficients:
    """Coefficients of mu0/RT from a1 ... a7 of a NASA7 polynomial.

    cp/R = a1 + a2 T + ... + a5 T^4; a6 belongs to the enthalpy, a7 to the entropy.
    """
    return (0.0, a[5], 0.0, a[0] - a[6], -a[0], -a[1] / 2, -a[2] / 6, -a[3] / 12, -a[4] / 20)


def nasa9(a: Sequence[float]) -> Coefficients:
    """Coefficients of mu0/RT from a1 ... a9 of a NASA9 polynomial.

    cp/R = a1/T^2 + a2/T + a3 + ... + a7 T^4; a8 belongs to the enthalpy, a9 to the entropy.
    """
    return (-a[0] / 2, a[1] + a[7], a[1], a[2] - a[8], -a[2], -a[3] / 2, -a[4] / 6, -a[5] / 12, -a[6] / 20)


def shomate(a: Sequence[float]) -> Coefficients:
    """Coefficients of mu0/RT from A ... G of NIST's Shomate equation.

    J/mol/K with t = T/1000 K, kJ/mol for F.
    """
    A, B, C, D, E, F, G = a
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


def gibbs_RT(mechanism: Mechanism, species: str, T: sympy.Expr) -> sympy.Expr:
    """mu0/RT of the pure species at 1 bar as a sympy expression in T [K].

    Its zero of energy is that of the data.
    """
    known_species(mechanism, [species])
    return combined(mechanism, [(species, 1)], T)


def combined(mechanism: Mechanism, terms: Iterable[tuple[str, Fraction | int]], T: sympy.Expr) -> sympy.Expr:
    """Sum of coefficient * mu0/RT over the species as one piecewise expression in T [K]."""
    parts = [(float(count), mechanism.species[name].gibbs) for name, count in terms]
    breaks = sorted({high for _, zones in parts for high, _ in zones[:-1]})
    functions = basis_functions(T)
    pieces = []
    for high in [*breaks, math.inf]:
        rows = [(c, next((row for end, row in zones if end >= high), zones[-1][1])) for c, zones in parts]
        sums = [math.fsum(c * row[k] for c, row in rows) for k in range(len(functions))]
        expression = sympy.Add(*(x * f for x, f in zip(sums, functions) if x))
        pieces.append((expression, high >= T if high < math.inf else True))
    return pieces[0][0] if len(pieces) == 1 else sympy.Piecewise(*pieces)
