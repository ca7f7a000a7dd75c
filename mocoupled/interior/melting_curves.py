"""Melting curves of the mantle: solidus and liquidus temperature as functions of pressure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..closures.law_types import Law
from ..closures.registry import Attributes, law
from ..errors import InputError

PRESSURE_RANGE = (0.0, 145.0e9)  # Pa; the composite ends with the data of Andrault et al. 2011
_GPA = 1.0e9
Curve = Callable[[np.ndarray], np.ndarray]
Knots = tuple[tuple[float, float], ...]
_REFERENCE = (
    "Hamano, Abe & Genda 2013, Nature 497, 607 (upper mantle) joined to Andrault et al. 2011, "
    "Earth Planet. Sci. Lett. 304, 251 (lower mantle), as used by Bower et al. 2022; spline of that curve"
)

# Knots (GPa, K) of a cubic spline, then a polynomial in P [GPa], lowest power first, from the last knot on.
# At the points of the tabulated curve, every 1 GPa, they are within 0.35 K (solidus) and 0.20 K (liquidus).
SOLIDUS_KNOTS = (
    (0, 1380.60), (1, 1497.20), (2, 1635.01), (3, 1758.70), (4, 1864.54), (5, 1951.22), (6, 2020.11),
    (8, 2118.30), (10, 2182.06), (13, 2253.42), (17, 2333.55), (21, 2406.69), (25, 2475.92), (30, 2556.84),
)  # fmt: skip
SOLIDUS_TAIL = (2078.1812, 15.955323)
LIQUIDUS_KNOTS = (
    (0, 1980.01), (1, 2056.41), (2, 2130.86), (3, 2186.77), (4, 2230.20), (5, 2266.35), (7, 2332.45),
    (9, 2391.10), (12, 2467.33), (15, 2532.50), (18, 2590.03), (21, 2643.36), (25, 2713.35),
)  # fmt: skip
LIQUIDUS_TAIL = (2275.00171, 17.5319868, 1.0244779e-4)


@dataclass(frozen=True)
class MeltingCurve:
    """A melting temperature that refuses pressures outside its range.

    name: for the error; value, derivative: numpy functions of P [Pa] giving T [K] and dT/dP [K/Pa].
    """

    name: str
    value: Curve
    derivative: Curve

    def temperature(self, P: ArrayLike, **_: object) -> np.ndarray:
        """Melting temperature [K] at P [Pa], number or array; outside 0-145 GPa an InputError."""
        return self.value(self._checked(P))

    def slope(self, P: ArrayLike) -> np.ndarray:
        """dT/dP [K/Pa] at P [Pa], number or array; outside 0-145 GPa an InputError."""
        return self.derivative(self._checked(P))

    def _checked(self, P: ArrayLike) -> np.ndarray:
        """P [Pa] as an array; InputError outside the range and for NaN."""
        P = np.asarray(P, dtype=float)
        low, high = PRESSURE_RANGE
        inside = (low <= P) & (high >= P)  # false for NaN
        if not inside.all():
            worst = P[~inside].flat[0]
            raise InputError(
                f"{self.name}: P = {worst / _GPA:g} GPa",
                f"the pressure is outside the melting curve ({np.count_nonzero(~inside)} of {inside.size} "
                "values).",
                f"allowed: {low / _GPA:g} to {high / _GPA:g} GPa",
                "'auto' takes Stixrude2014 in a deeper mantle (mantle.solidus, mantle.liquidus)",
            )
        return P


@cache
def _spline(knots: Knots, tail: tuple[float, ...]) -> Callable[..., np.ndarray]:
    """T(P [Pa]) as a PPoly, in one piecewise polynomial.

    Spline through the knots, then the tail, with a continuous slope.

    At P = 0 the second derivative vanishes. The last knot is moved onto the tail (by 1e-3 and 0.015 K),
    without which the temperature would jump there.
    """
    from scipy.interpolate import CubicSpline, PPoly  # on use: it takes 0.4 s to import

    pressure, temperature = (np.array(column, dtype=float) for column in zip(*knots, strict=True))
    joint, end = pressure[-1], PRESSURE_RANGE[1] / _GPA
    polynomial = np.polynomial.Polynomial(tail)
    temperature[-1] = polynomial(joint)
    spline = CubicSpline(pressure, temperature, bc_type=((2, 0.0), (1, polynomial.deriv()(joint))))
    # the tail about its left end, padded to the spline's order, highest power first
    shifted = polynomial(np.polynomial.Polynomial([joint, 1.0])).coef[::-1]
    last = np.zeros((4, 1))
    last[4 - len(shifted) :, 0] = shifted
    per_pascal = _GPA ** -np.arange(3.0, -1.0, -1.0)[:, None]
    coefficients = np.hstack([spline.c, last]) * per_pascal
    return PPoly(coefficients, np.append(pressure, end) * _GPA, extrapolate=False)


def _spline_curve(kind: str, knots: Knots, tail: tuple[float, ...]) -> MeltingCurve:
    return MeltingCurve(
        f"{kind} Andrault2011-Hamano2013",
        lambda P: _spline(knots, tail)(P),
        lambda P: _spline(knots, tail)(P, 1),
    )


def _smooth_solidus() -> MeltingCurve:
    """The one-line solidus, its slope generated from the expression."""

    @cache
    def compiled(order: int) -> Curve:
        P = sympy.Symbol("P", nonnegative=True)
        p = P / _GPA
        # the power stands outside the quotient so that its derivative is finite at P = 0
        stretched = P**1.4902 / (3.6572 * _GPA) ** 1.4902
        T = (
            2080.592
            + 15.9043 * p
            + 2.51e-4 * p**2
            - 291.033 * sympy.exp(-p / 5.904)
            - 408.528 * sympy.exp(-stretched)
        )
        return sympy.lambdify(P, sympy.diff(T, P, order), modules="numpy", cse=True)

    return MeltingCurve(
        "solidus Andrault2011-Hamano2013-smooth", lambda P: compiled(0)(P), lambda P: compiled(1)(P)
    )


def _register(kind: Literal["solidus", "liquidus"], name: str, curve: MeltingCurve, conditions: str) -> Law:
    attributes: Attributes = {"arguments": ("P",), "slope": curve.slope, "conditions": conditions}
    declare = law(
        kind,
        name,
        unit="K",
        reference=_REFERENCE,
        key="Hamano2013",
        further_keys=("Andrault2011", "Bower2022"),
        doi="10.1038/nature12163",
        attributes=attributes,
        P=PRESSURE_RANGE,
    )
    return declare(curve.temperature)


# Laws on numpy arrays, called directly: solidus(P=...) [K], and solidus.derivative(P) [K/Pa].
# `Law.evaluate` is not for them: a spline has no sympy expression.
solidus = _register(
    "solidus",
    "Andrault2011-Hamano2013",
    _spline_curve("solidus", SOLIDUS_KNOTS, SOLIDUS_TAIL),
    "spline within 0.35 K of the curve tabulated every 1 GPa; no extrapolation",
)
liquidus = _register(
    "liquidus",
    "Andrault2011-Hamano2013",
    _spline_curve("liquidus", LIQUIDUS_KNOTS, LIQUIDUS_TAIL),
    "spline within 0.20 K of the curve tabulated every 1 GPa; no extrapolation",
)
smooth_solidus = _register(
    "solidus",
    "Andrault2011-Hamano2013-smooth",
    _smooth_solidus(),
    "smooth; within 2.0 K (0.6 K rms) of the tabulated points, 3.9 K of the spline (at 0.3 GPa); "
    "no extrapolation",
)
