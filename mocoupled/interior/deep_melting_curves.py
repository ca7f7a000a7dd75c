"""Melting curves for planets larger than Earth, each smooth from the surface on.

Beyond the range of its calibration a curve is computed; it is refused where it is not defined.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..closures.law_types import Law, NumericLaw
from ..closures.registry import law
from ..errors import InputError
from .melting_curves import PRESSURE_RANGE

_GPA = 1.0e9
# what a case states to have a curve by the depth of its mantle, and these curves
AUTO = "auto"
SHALLOW, DEEP = "Andrault2011-Hamano2013", "Stixrude2014"
Expression = Callable[[sympy.Expr], sympy.Expr]
# GPa; added to the pressure of a power law, whose slope would be infinite without pressure
_AT_SURFACE = 1e-3
# K; over which the hotter of two curves goes over into the other
_CORNER = 50.0
# pressures at which curves are compared
_COMPARED = 2000


def _step(p: sympy.Expr, at: float, width: float, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
    """One expression below a pressure [GPa] and another above it, over a width [GPa]."""
    weight = (1 + sympy.tanh((p - at) / width)) / 2
    return (1 - weight) * low + weight * high


def _hotter(a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
    """The hotter of two curves, smoothly."""
    return (a + b + sympy.sqrt((a - b) ** 2 + _CORNER**2)) / 2


def _simon(p: sympy.Expr, T_0: float, scale: float, root: float) -> sympy.Expr:
    return T_0 * (p / scale + 1) ** sympy.Float(1 / root)


def _shallow_solidus(p: sympy.Expr) -> sympy.Expr:
    return _simon(p, 1661.2, 1.336, 7.437)


def _shallow_liquidus(p: sympy.Expr) -> sympy.Expr:
    return _simon(p, 1982.1, 6.594, 5.374)


def monteux_solidus(p: sympy.Expr) -> sympy.Expr:
    """Solidus [K] at p [GPa], smoothed at 20 GPa, where the two published curves differ by 1 K."""
    return _step(p, 20.0, 1.0, _shallow_solidus(p), _simon(p, 2081.8, 101.69, 1.226))


def monteux_chondritic(p: sympy.Expr) -> sympy.Expr:
    """Liquidus [K] of a chondritic mantle at p [GPa], smoothed at 20 GPa."""
    return _step(p, 20.0, 1.0, _shallow_liquidus(p), _simon(p, 2006.8, 34.65, 1.844))


def monteux_peridotitic(p: sympy.Expr) -> sympy.Expr:
    """Liquidus [K] of a peridotitic mantle at p [GPa], smoothed at 20 GPa."""
    return _step(p, 20.0, 1.0, _shallow_liquidus(p), _simon(p, 78.74, 4.054e-3, 2.44))


def fei_liquidus(p: sympy.Expr) -> sympy.Expr:
    """Melting of MgSiO3 [K] at p [GPa]: Belonoshko et al. 2005 below 2.55 GPa, where both agree, smoothly."""
    shallow = 1831 * (p / 4.6 + 1) ** 0.33
    return _step(p, 2.55, 0.5, shallow, 6000 * ((p + _AT_SURFACE) / 140) ** 0.26)


def stixrude_power_law(p: sympy.Expr) -> sympy.Expr:
    """Melting of MgSiO3 [K] at p [GPa], which would be 0 K without pressure."""
    return 5400 * ((p + _AT_SURFACE) / 140) ** 0.480


def stixrude_liquidus(p: sympy.Expr) -> sympy.Expr:
    """The hotter of the power law and of the shallow liquidus of Monteux et al. 2016 [K]; p [GPa]."""
    return _hotter(stixrude_power_law(p), _shallow_liquidus(p))


def stixrude_solidus(p: sympy.Expr) -> sympy.Expr:
    """The hotter of the power law, lowered by impurities, and of the shallow solidus [K]; p [GPa]."""
    return _hotter(stixrude_power_law(p) / (1 - sympy.log(0.79)), _shallow_solidus(p))


def _register(
    kind: Literal["solidus", "liquidus"], name: str, curve: Expression, end: float, source: tuple[str, str]
) -> Law:
    """Register a curve; end [GPa]: of its calibration; source: key and reference."""

    @cache
    def compiled(order: int) -> Callable[[np.ndarray], np.ndarray]:
        P = sympy.Symbol("P", nonnegative=True)
        return sympy.lambdify(P, sympy.diff(curve(P / _GPA), P, order), modules="numpy", cse=True)

    def checked(P: ArrayLike) -> np.ndarray:
        values = np.asarray(P, dtype=float)
        if not (np.isfinite(values) & (values >= 0)).all():
            raise InputError(
                f"{kind} {name}", "the curve is not defined at this pressure.", "allowed: 0 Pa or above"
            )
        return values

    def temperature(P: ArrayLike, **_: object) -> np.ndarray:
        """Melting temperature [K] at P [Pa], number or array; InputError for a negative pressure."""
        return compiled(0)(checked(P))

    key, reference = source
    return law(
        kind,
        name,
        unit="K",
        reference=reference,
        key=key,
        attributes={
            "arguments": ("P",),
            "slope": lambda P: compiled(1)(checked(P)),
            "conditions": f"smooth from the surface on; calibrated to {end:g} GPa",
            "outside": "computed",
        },
        P=(0.0, end * _GPA),
    )(temperature)


_MONTEUX = ("Monteux2016", "Monteux et al. 2016, Earth Planet. Sci. Lett. 448, 140")
_STIXRUDE = ("Stixrude2014", "Stixrude 2014, Phil. Trans. R. Soc. A 372, 20130076")
_FEI = ("Fei2021", "Fei et al. 2021, Nature Communications 12, 876")
_register("solidus", "Monteux2016", monteux_solidus, 500.0, _MONTEUX)
_register("liquidus", "Monteux2016-chondritic", monteux_chondritic, 500.0, _MONTEUX)
_register("liquidus", "Monteux2016-peridotitic", monteux_peridotitic, 500.0, _MONTEUX)
_register("liquidus", "Fei2021", fei_liquidus, 500.0, _FEI)
_register("solidus", "Stixrude2014", stixrude_solidus, 1500.0, _STIXRUDE)
_register("liquidus", "Stixrude2014", stixrude_liquidus, 1500.0, _STIXRUDE)


def chosen(name: str, base: float) -> str:
    """The name of a curve of a mantle down to the pressure `base` [Pa].

    "auto" is SHALLOW where it is defined at every depth (145 GPa, 1.04 masses of Earth), and DEEP in larger
    planets.
    """
    if name != AUTO:
        return name
    return SHALLOW if base <= PRESSURE_RANGE[1] else DEEP


def crossing(solidus: NumericLaw, liquidus: NumericLaw, end: float) -> float | None:
    """The lowest pressure [Pa] up to `end` [Pa] at which the solidus reaches the liquidus; None without one.

    InputError where a curve is not defined.
    """
    from scipy.optimize import brentq  # on use: it takes 0.2 s to import

    P = np.linspace(0.0, end, _COMPARED)
    crossed = np.flatnonzero(solidus(P=P) >= liquidus(P=P))
    if not crossed.size:
        return None
    first = crossed[0]
    if first == 0:
        return 0.0
    return float(brentq(lambda p: float(solidus(P=p) - liquidus(P=p)), P[first - 1], P[first]))


def check_curves(solidus: NumericLaw, liquidus: NumericLaw, end: float, where: str = "") -> None:
    """InputError for curves that cross in a mantle down to the pressure `end` [Pa]; where: of the case."""
    at = crossing(solidus, liquidus, end)
    if at is not None:
        raise InputError(
            f"{where} solidus = {solidus.name!r}, liquidus = {liquidus.name!r}".strip(),
            f"the curves cross at {at / _GPA:.0f} GPa, within the mantle, which ends at "
            f"{end / _GPA:.0f} GPa.",
            "allowed: a solidus below the liquidus at every pressure",
            "Stixrude2014 has both",
        )
