"""The associated solution of MAGMA: liquid oxides and complexes of them, ideally mixed (IMCC).

A complex such as Mg2SiO4 forms from the liquid oxides: its activity is K times the product of theirs.
The law is one function, the sum Phi of the activities of all oxides and complexes.
The amount of an oxide in all of them is its derivative by ln a: nobody writes a sum by hand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import sympy

from ..closures.registry import law

KIND: Final = "melt_activity"
MAGMA, IDEAL = "IMCC-MAGMA", "IMCC-ideal"
PREFIX = "ln_a_"  # of the arguments: ln_a_SiO2 is ln of the activity of SiO2
OXIDES = ("SiO2", "MgO", "FeO", "Al2O3", "TiO2", "CaO", "Na2O", "K2O")
OF_CATION = MappingProxyType(
    {
        "Si": ("SiO2", 1), "Mg": ("MgO", 1), "Fe": ("FeO", 1), "Al": ("Al2O3", 2), "Ti": ("TiO2", 1),
        "Ca": ("CaO", 1), "Na": ("Na2O", 2), "K": ("K2O", 2), "Cr": ("Cr2O3", 2),
    }
)  # fmt: skip
# complex -> A, B of log10 K = A + B/T for its formation from the liquid oxides
COMPLEXES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "MgSiO3": (0.42, 2329), "Mg2SiO4": (-0.94, 7434), "MgAl2O4": (1.18, 464), "MgTiO3": (-0.13, 3246),
        "MgTi2O5": (0.51, 2845), "Mg2TiO4": (0.67, 3812), "Mg2Al4Si5O18": (7.48, 0),
        "Al6Si2O13": (-2.94, 9375),
        "CaAl2O4": (-1.89, 10060), "CaAl4O7": (-0.59, 9713), "Ca12Al14O33": (-6.30, 72239),
        "CaSiO3": (0.54, 5568), "CaAl2Si2O8": (2.63, 5326), "CaMgSi2O6": (1.46, 8485),
        "Ca2MgSi2O7": (0.63, 15327), "Ca2Al2SiO7": (2.01, 10710), "CaTiO3": (-0.08, 7055),
        "Ca2SiO4": (0.63, 8416), "CaTiSiO5": (-0.18, 10071), "CaAl12O19": (-3.79, 22612),
        "FeTiO3": (-0.51, 3569), "Fe2SiO4": (-0.63, 3103), "FeAl2O4": (-1.76, 5692),
        "Na2SiO3": (-1.33, 13870), "Na2Si2O5": (-1.39, 15350), "NaAlSiO4": (0.65, 6997),
        "NaAlSi3O8": (1.29, 8788), "NaAlO2": (0.55, 3058), "Na2TiO3": (-1.38, 15445),
        "NaAlSi2O6": (-1.02, 9607),
        "K2SiO3": (0.2692, 12735), "K2Si2O5": (0.3462, 14685), "KAlSiO4": (0.97, 8675),
        "KAlSi3O8": (1.11, 11229),
        "KAlO2": (0.72, 4679), "KAlSi2O6": (1.53, 10125), "K2Si4O9": (-0.9648, 17572),
        "KCaAlSi2O7": (4.2983, 17037),
    }
)  # fmt: skip
# where a search for ln of the activity coefficients begins
FIRST_LN_GAMMA = MappingProxyType(
    {
        "SiO2": -2.0, "MgO": -2.0, "Al2O3": -3.0, "TiO2": -3.0, "FeO": -1.0, "CaO": -6.0, "Na2O": -15.0,
        "K2O": -30.0,
    }
)  # fmt: skip
_REFERENCE = (
    "Fegley & Cameron 1987, Earth Planet. Sci. Lett. 82, 207; Schaefer & Fegley 2004, Icarus 169, 216: "
    "log10 K = A + B/T of 38 complexes"
)
_KEYS = ("Fegley1987", "Schaefer2004")


def oxides_of(formula: str) -> dict[str, Fraction]:
    """Moles of oxides in a mole of a silicate, from its formula: KAlSiO4 is half K2O, half Al2O3 and SiO2."""
    content: dict[str, Fraction] = {}
    for cation, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        if cation != "O":
            oxide, cations = OF_CATION[cation]
            content[oxide] = content.get(oxide, Fraction(0)) + Fraction(int(count or 1), cations)
    return content


def ln_K(formula: str, T: sympy.Expr) -> sympy.Expr:
    """ln K of the formation of a complex from the liquid oxides; T [K]."""
    a, b = COMPLEXES[formula]
    return math.log(10.0) * (a + b / T)


def species_activities(*, T: sympy.Expr, **logarithms: sympy.Expr) -> sympy.Expr:
    """Sum Phi of the activities of oxides and complexes. T [K]; ln_a_SiO2, ...: of the pure liquid oxides.

    Complexes of absent oxides are left out.
    """
    ln_a = {name.removeprefix(PREFIX): value for name, value in logarithms.items() if name.startswith(PREFIX)}
    terms = [sympy.exp(value) for value in ln_a.values()]
    for formula in COMPLEXES:
        content = oxides_of(formula)
        if set(content) <= set(ln_a):
            exponent = ln_K(formula, T)
            for oxide, count in content.items():
                exponent += sympy.Rational(count.numerator, count.denominator) * ln_a[oxide]
            terms.append(sympy.exp(exponent))
    return sympy.Add(*terms)


_ARGUMENTS = ("T", *(PREFIX + oxide for oxide in OXIDES))


law(
    KIND,
    MAGMA,
    unit="1",
    reference=_REFERENCE,
    key=_KEYS[0],
    further_keys=_KEYS[1:],
    attributes={
        "arguments": _ARGUMENTS,
        "conditions": "derivative by ln a of an oxide = its mole fraction in the melt, as in MAGMA: the "
        "activities of oxides and complexes then do not add up to 1. K from phase diagrams of binary and "
        "ternary systems. No Cr, Mn, P; iron as FeO.",
        "note": "K is 2 dex below MELTS, Si and Fe differ by 0.3 to 0.7 dex, for a bulk silicate Earth",
    },
)(species_activities)


law(
    KIND,
    IDEAL,
    unit="1",
    reference=_REFERENCE,
    key=_KEYS[0],
    further_keys=_KEYS[1:],
    attributes={
        "arguments": _ARGUMENTS,
        "conditions": "the complexes of IMCC-MAGMA, mixed as an ideal solution: Phi is 1, and its "
        "derivatives by ln a are in the ratio of the oxides' moles",
        "note": "activities 0.6 to 1.7 times those of IMCC-MAGMA",
    },
)(species_activities)
