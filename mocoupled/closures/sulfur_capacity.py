"""Sulfur in silicate melts by their composition: sulfide and sulfate capacity, and saturation in sulfide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ..constants import BAR, GAS_CONSTANT
from .elementary import erf, exp, log, root
from .ferric_iron import BULK_SILICATE_EARTH, Share, mole_fractions
from .registry import Attributes, law

PPM = 1e-6
SULFIDE_OXIDES = {
    "Na2O": 6.7, "K2O": 6.7, "MgO": 4.9, "CaO": 8.1, "FeO": 8.9, "MnO": 8.9, "TiO2": 5.0, "Al2O3": 1.8,
}  # fmt: skip
SULFATE_OXIDES = {
    "Na2O": 44000.0, "MgO": 18700.0, "Al2O3": 4300.0, "K2O": 44200.0, "CaO": 35600.0, "MnO": 12600.0,
    "FeO": 16500.0,
}  # fmt: skip
# J/mol, of ln of the activity coefficient of FeO
FERROUS_OXIDES = {"MgO": -14710.0, "CaO": 1960.0, "Na2O": 43300.0, "K2O": 95380.0, "TiO2": -76880.0}
GPA = 1e9
_CHAPTER = "O'Neill 2021, in Magma Redox Geochemistry, AGU Geophys. Monograph 266, 177"
_OF_SULFUR: Attributes = {
    "species": "S2",
    "melt": "silicate",
    "arguments": ("p_S2", "T", "ln_fO2"),
    "note": "coefficients as in three independent programs; range not at hand",
}


def cations(composition: Mapping[str, Share]) -> dict[str, Any]:
    """Fractions of the cations of a melt, of the oxides that the laws have. composition: mass fractions."""
    known = {oxide: share for oxide, share in composition.items() if oxide not in ("P2O5", "Cr2O3")}
    return mole_fractions(known, single_cation=True)


def ln_sulfide_capacity(T: sympy.Expr, composition: Mapping[str, Share]) -> sympy.Expr:
    """ln of the sulfide capacity, ppmw S (f_S2/f_O2)^-1/2: O'Neill 2021, Eq. 10.34. T [K].

    composition: mass fractions of oxides, all iron as FeO; the equation has fractions of cations.
    """
    X = cations(composition)
    iron = X["FeO"] + X["MnO"]
    oxides = sum(number * X[oxide] for oxide, number in SULFIDE_OXIDES.items())
    oxides += -22.2 * X["TiO2"] * iron + 7.2 * X["FeO"] * X["SiO2"]
    return 8.77 - 23590.0 / T + 1673.0 / T * oxides - 2.06 * erf(-7.2 * iron)


def ln_sulfate_capacity(T: sympy.Expr, composition: Mapping[str, Share]) -> sympy.Expr:
    """ln of ppmw S as sulfate over f_SO3 [bar]: O'Neill & Mavrogenes 2022, Eq. 12a. T [K]."""
    X = cations(composition)
    return -8.02 + (21100.0 + sum(number * X[oxide] for oxide, number in SULFATE_OXIDES.items())) / T


@law(
    "solubility",
    "sulfide-ONeill2021",
    unit="kg/kg",
    reference=f"{_CHAPTER}, Eq. 10.34",
    key="ONeill2021",
    doi="10.1002/9781119473206.ch10",
    attributes=_OF_SULFUR,
)
def sulfide(
    *,
    p_S2: sympy.Expr,
    T: sympy.Expr,
    ln_fO2: sympy.Expr,
    composition: Mapping[str, Share] = BULK_SILICATE_EARTH,
    **_: object,
) -> sympy.Expr:
    """Mass fraction of S as sulfide, C(T, composition) (f_S2/f_O2)^(1/2).

    Fugacity p_S2 [Pa], T [K], ln_fO2 of bar; composition: mass fractions of oxides.
    """
    return PPM * root(p_S2 / BAR) * exp(ln_sulfide_capacity(T, composition) - ln_fO2 / 2)


@law(
    "solubility",
    "sulfate-ONeill2022",
    unit="kg/kg",
    reference="O'Neill & Mavrogenes 2022, Geochim. Cosmochim. Acta 334, 368, Eq. 12a, with SO3 of Eq. 6b",
    key="ONeill2022",
    doi="10.1016/j.gca.2022.06.020",
    attributes=_OF_SULFUR,
)
def sulfate(
    *,
    p_S2: sympy.Expr,
    T: sympy.Expr,
    ln_fO2: sympy.Expr,
    composition: Mapping[str, Share] = BULK_SILICATE_EARTH,
    **_: object,
) -> sympy.Expr:
    """Mass fraction of S as sulfate, C(T, composition) f_SO3, ln f_SO3 = 55921/T - 25.07 + 0.6465 ln T
    + 1/2 ln f_S2 + 3/2 ln f_O2.

    Fugacity p_S2 [Pa], T [K], ln_fO2 of bar; composition: mass fractions of oxides, all iron as ferrous.
    """
    ln_K = 55921.0 / T - 25.07 + 0.6465 * log(T)
    return PPM * root(p_S2 / BAR) * exp(ln_sulfate_capacity(T, composition) + ln_K + 3 * ln_fO2 / 2)


@law(
    "sulfide_saturation",
    "ONeill2021",
    unit="kg/kg",
    reference=f"{_CHAPTER}, Eq. 10.34, 10.43 and 10.45 to 10.47, for a sulfide without Ni and Cu",
    key="ONeill2021",
    doi="10.1002/9781119473206.ch10",
    attributes={
        "arguments": ("T", "P"),
        "species": "S2",
        "conditions": "silicate melts; the ranges of its experiments are not at hand",
        "note": "coefficients as in one program, whose tests have values of this law",
    },
)
def sulfide_saturation(
    *,
    T: sympy.Expr,
    P: sympy.Expr,
    composition: Mapping[str, Share] = BULK_SILICATE_EARTH,
    ferric_share: float = 0.0,
    iron_of_sulfide: float = 1.0,
    **_: object,
) -> sympy.Expr:
    """Mass fraction of S as sulfide of a melt in equilibrium with liquid iron sulfide.

    ln S = ln C + dG/RT + ln a_FeS - ln a_FeO, with dG/RT = (137778 - 91.666 T + 8.474 T ln T)/RT
    + (-291 P + 351 erf P)/T, P [GPa]; a_FeS = Fe/(Fe + Ni + Cu) (1 - X_Fe).
    T [K], P [Pa]; composition: mass fractions of oxides; ferric_share: Fe3+ over all iron;
    iron_of_sulfide: Fe/(Fe + Ni + Cu).
    """
    X = cations(composition)
    iron = X["FeO"] * (1 - ferric_share)
    oxides = 28870.0 + sum(number * X[oxide] for oxide, number in FERROUS_OXIDES.items())
    silica = -62190.0 * X["SiO2"] + 31520.0 * X["SiO2"] ** 2
    ln_FeO = log(iron) + ((1 - iron) ** 2 * oxides + (1 - iron) * silica) / (GAS_CONSTANT * T)
    pressure = P / GPA
    dG = (137778.0 - 91.666 * T + 8.474 * T * log(T)) / (GAS_CONSTANT * T)
    dG += (-291.0 * pressure + 351.0 * erf(pressure)) / T
    ln_FeS = log(iron_of_sulfide * (1 - iron))
    return PPM * exp(ln_sulfide_capacity(T, composition) + dG + ln_FeS - ln_FeO)
