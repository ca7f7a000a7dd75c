"""Solubility of H2O and CO2 in mafic melts by their composition, after Iacono-Marziano et al. 2012."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from ..constants import BAR
from ..errors import InputError
from .elementary import exp
from .ferric_iron import BULK_SILICATE_EARTH, OXIDES, Share, mole_fractions
from .registry import Attributes, law

WATER_MASS = 18.015e-3  # kg/mol
# atoms of oxygen, and of cations that bind to non-bridging oxygen as oxides (aluminium takes them), per oxide
OXYGENS = {"SiO2": 2, "TiO2": 2, "Al2O3": 3, "FeO": 1, "MgO": 1, "CaO": 1, "Na2O": 1, "K2O": 1}
MODIFIERS = {"K2O": 1, "Na2O": 1, "CaO": 1, "MgO": 1, "FeO": 1, "Al2O3": -1}
# anhydrous set of Table 5: of ln fugacity, of NBO/O, of P/T [bar/K], and a constant
WATER = {"fugacity": 0.54, "NBO": 1.24, "pressure": 0.02, "constant": -2.95}
CARBONATE = {"fugacity": 1.0, "NBO": 15.8, "pressure": 0.14, "constant": -5.3}
# of the mole fractions in the melt with its water, and of Al2O3/(CaO + K2O + Na2O)
CARBONATE_OXIDES = {"H2O": 2.3, "aluminous": 3.8, "FeO + MgO": -16.3, "Na2O + K2O": 20.1}
# K, Pa
_T, _P = (1273.0, 1673.0), (100e5, 10000e5)
_REFERENCE = (
    "Iacono-Marziano et al. 2012, Geochim. Cosmochim. Acta 97, 1, {}, "
    "with the anhydrous coefficients of Table 5"
)
_NOTE = (
    "coefficients as in two independent programs; the hydrous set, in which the water depends on itself, is "
    "not shipped"
)


def nbo_per_oxygen(X: Mapping[str, Share]) -> Share:
    """Non-bridging oxygens over all oxygens of a melt without water. X: mole fractions of oxides."""
    modified = 2 * sum(count * X[oxide] for oxide, count in MODIFIERS.items())
    return modified / sum(count * X[oxide] for oxide, count in OXYGENS.items())


def _base(numbers: Mapping[str, float], X: Mapping[str, Share], P: sympy.Expr, T: sympy.Expr) -> sympy.Expr:
    """The terms of structure and pressure: ln of wt% H2O, or of ppmw CO2."""
    return numbers["NBO"] * nbo_per_oxygen(X) + numbers["constant"] + numbers["pressure"] * P / BAR / T


def _attributes(species: str, arguments: tuple[str, ...]) -> Attributes:
    return {"species": species, "melt": "basalt (mafic melts)", "arguments": arguments, "note": _NOTE}


@law(
    "solubility",
    "mafic-water-IaconoMarziano2012",
    unit="kg/kg",
    reference=_REFERENCE.format("eq. 13"),
    key="IaconoMarziano2012",
    doi="10.1016/j.gca.2012.08.035",
    attributes=_attributes("H2O", ("p_H2O", "P", "T")),
    T=_T,
    P=_P,
)
def water_in_mafic_melt(
    *,
    p_H2O: sympy.Expr,
    P: sympy.Expr,
    T: sympy.Expr,
    composition: Mapping[str, Share] = BULK_SILICATE_EARTH,
    **_: object,
) -> sympy.Expr:
    """ln(wt% H2O) = 0.54 ln f_H2O + 1.24 NBO/O - 2.95 + 0.02 P/T.

    Fugacity p_H2O and total pressure P [Pa; bar in the formula], T [K]; composition: mass fractions of
    oxides.
    """
    base = _base(WATER, mole_fractions(composition), P, T)
    return 0.01 * (p_H2O / BAR) ** WATER["fugacity"] * exp(base)


@law(
    "solubility",
    "mafic-carbonate-IaconoMarziano2012",
    unit="kg/kg",
    reference=_REFERENCE.format("eq. 12"),
    key="IaconoMarziano2012",
    doi="10.1016/j.gca.2012.08.035",
    attributes=_attributes("CO2", ("p_CO2", "p_H2O", "P", "T")),
    T=_T,
    P=_P,
)
def carbonate_in_mafic_melt(
    *,
    p_CO2: sympy.Expr,
    P: sympy.Expr,
    T: sympy.Expr,
    p_H2O: sympy.Expr | float = 0.0,
    composition: Mapping[str, Share] = BULK_SILICATE_EARTH,
    **_: object,
) -> sympy.Expr:
    """ln(ppmw CO2) = 2.3 X_H2O + 3.8 X_Al2O3/(X_CaO + X_K2O + X_Na2O) - 16.3 X_FeO+MgO + 20.1 X_Na2O+K2O
    + ln f_CO2 + 15.8 NBO/O - 5.3 + 0.14 P/T; X_H2O by the law of water, 0 without steam.

    Fugacities p_CO2, p_H2O and total pressure P [Pa; bar in the formula], T [K]; composition: mass fractions
    of oxides. InputError for a melt without CaO, Na2O and K2O.
    """
    X = mole_fractions(composition)
    fluxes = X["CaO"] + X["K2O"] + X["Na2O"]
    if not fluxes:
        raise InputError(
            "law solubility 'mafic-carbonate-IaconoMarziano2012'",
            "it divides by CaO + Na2O + K2O, of which the melt has none.",
            "allowed: a composition with one of them",
        )
    dry = sum(composition.get(oxide, 0.0) / mass for oxide, (mass, _cations) in OXIDES.items())
    dissolved = water_in_mafic_melt(p_H2O=p_H2O, P=P, T=T, composition=composition) / WATER_MASS
    water = dissolved / (dissolved + dry)
    oxides = (
        CARBONATE_OXIDES["H2O"] * water
        + CARBONATE_OXIDES["aluminous"] * X["Al2O3"] / fluxes
        + (1 - water) * CARBONATE_OXIDES["FeO + MgO"] * (X["FeO"] + X["MgO"])
        + (1 - water) * CARBONATE_OXIDES["Na2O + K2O"] * (X["Na2O"] + X["K2O"])
    )
    return 1e-6 * p_CO2 / BAR * exp(oxides + _base(CARBONATE, X, P, T))
