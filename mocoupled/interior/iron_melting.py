"""Melting of iron under pressure, by name: laws of the kind "core_melting". No run uses them yet."""

from __future__ import annotations

import sympy

from ..closures.registry import law

_GPA = 1.0e9
# GPa; where gamma iron, epsilon iron and melt meet, and where the measurements begin and end
_TRIPLE_POINT, _FIRST, _LAST = 98.5, 5.2, 200.0


@law(
    "core_melting",
    "iron-Anzellini2013",
    unit="K",
    reference="Anzellini et al. 2013, Science 340, 464 (pure iron; X-ray diffraction to 200 GPa)",
    key="Anzellini2013",
    doi="10.1126/science.1233514",
    P=(_FIRST * _GPA, _LAST * _GPA),
)
def anzellini(*, P: sympy.Expr, **_: object) -> sympy.Expr:
    """Melting temperature [K] of pure iron at P [Pa]: gamma iron to 98.5 GPa, epsilon iron above.

    Light elements of a core lower it by some hundred to a thousand kelvins.
    """
    p = P / _GPA
    gamma = 1991 * ((p - _FIRST) / 27.39 + 1) ** sympy.Float(1 / 2.38)
    epsilon = 3712 * ((p - _TRIPLE_POINT) / 161.2 + 1) ** sympy.Float(1 / 1.72)
    return sympy.Piecewise((gamma, p < _TRIPLE_POINT), (epsilon, True))
