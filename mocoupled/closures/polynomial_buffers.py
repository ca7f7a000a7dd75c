"""Oxygen fugacities that are polynomials of 1/T.

Gases of meteorites, and the iron-wustite of Fischer et al. 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import sympy

from .law_types import Law, Range
from .registry import Attributes, law

_SCHAEFER_FEGLEY = "Schaefer & Fegley 2017, ApJ 843, 120"
_METEORITE = "gas in equilibrium with {} material; range not stated"
_HIGH_PRESSURE = (
    "Fe + 1/2 O2 = FeO; the terms without pressure of a fit to experiments in the diamond cell, to 156 GPa "
    "and 3100 K; range: the paper states no lower end, 1 GPa is a mark of this program, so that its use at "
    "1 bar is reported"
)
_HIGH_PRESSURE_NOTE = (
    "at 1 bar 0.7 to 0.8 dex below measured iron-wuestite (1400 to 1644 K; 0.9 at 1000 K), 0.6 dex below "
    "Hirschmann2021 at 2000 K and 0.4 at 3000 K. CALLIOPE's buffer of the same name has 6.94059 for 6.44059: "
    "0.5 dex higher. For 1 bar take Hirschmann2021"
)


@dataclass(frozen=True)
class Polynomial:
    """A buffer of the form log10 fO2 [bar] = sum of c_n (1000/T)^n, T [K].

    coefficients: c_0 and on. pressures: range [Pa].
    family, reference, key, doi, conditions, note: as of the law.
    family_default: whether the family's name alone means this buffer.
    """

    family: str
    coefficients: tuple[float, ...]
    conditions: str
    reference: str = _SCHAEFER_FEGLEY
    key: str = "Schaefer2017"
    doi: str = "10.3847/1538-4357/aa784f"
    note: str = ""
    pressures: Range | None = None
    family_default: bool = True


POLYNOMIALS = {
    "Fischer2011": Polynomial(
        "IW", (6.44059, -28.1808), _HIGH_PRESSURE,
        "Fischer et al. 2011, Earth Planet. Sci. Lett. 304, 496", "Fischer2011", "10.1016/j.epsl.2011.02.025",
        _HIGH_PRESSURE_NOTE, (1e9, 156e9), family_default=False,
    ),
    "SchaeferFegley2017-CI": Polynomial(
        "CI", (2.4976, -9.8605, -17.0701, 7.5220, -1.0404), _METEORITE.format("CI chondritic"),
    ),
    "SchaeferFegley2017-CV": Polynomial(
        "CV", (9.0621, -31.193, 5.1092, -1.8475, 0.2000), _METEORITE.format("CV chondritic"),
    ),
    "SchaeferFegley2017-H": Polynomial(
        "H", (5.0743, -22.906, -5.6610, 2.0634, -0.2618), _METEORITE.format("H chondritic"),
    ),
    "SchaeferFegley2017-EH": Polynomial(
        "EH", (4.9495, -24.024, -4.6236, 1.7177, -0.2332), _METEORITE.format("EH chondritic"),
    ),
    "SchaeferFegley2017-Eucrite": Polynomial(
        "Eucrite", (5.4856, -25.127, -3.6580, 1.3014, -0.1650), _METEORITE.format("eucritic"),
    ),
}  # fmt: skip


def _register_polynomial(name: str, row: Polynomial) -> Law:
    """The law of one row of POLYNOMIALS."""

    def polynomial(*, T: sympy.Expr, **_: object) -> sympy.Expr:
        """log10 fO2 [bar] = sum of c_n (1000/T)^n, T [K]; coefficients in POLYNOMIALS. Range not stated."""
        value = 0
        for coefficient in reversed(row.coefficients):
            value = value * (1000.0 / T) + coefficient
        return value

    attributes: Attributes = {
        "family": row.family,
        "family_default": row.family_default,
        "conditions": row.conditions,
        "note": row.note,
    }
    declare = partial(
        law,
        "buffer",
        name,
        unit="log10 bar",
        reference=row.reference,
        key=row.key,
        doi=row.doi,
        attributes=attributes,
    )
    return (declare(P=row.pressures) if row.pressures else declare())(polynomial)


for _name, _polynomial in POLYNOMIALS.items():
    _register_polynomial(_name, _polynomial)
