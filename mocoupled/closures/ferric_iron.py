"""Ferric and ferrous iron of a silicate melt.

The laws give ln(X_FeO1.5/X_FeO) from temperature, oxygen fugacity and composition.

Every law is smooth and linear in ln fO2, at 1 bar unless P is an argument and the law has a pressure term.
They differ:
for a peridotite melt at 2173 K and IW+0.5 they give Fe3+/Fe = 0.035 (KressCarmichael1991), 0.038
(Sossi2020), 0.056 (Borisov2018), 0.061 (Hirschmann2022) and 0.009 (ONeill2018, made for basalts);
at Fe3+/Fe = 0.037 that is 1.3 dex of fO2 between the first four.
This spread, not the scatter of each fit, is the uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import sympy

from ..constants import BAR
from .registry import find, law

KIND: Final = "ferric_iron"
# a mass or mole fraction: a number, or symbols where the composition of a melt is a parameter
Share: TypeAlias = float | sympy.Expr

# Bulk silicate Earth, McDonough & Sun 1995, Chem. Geol. 120, 223, Table 5: mass fractions, all iron as FeO
BULK_SILICATE_EARTH = {
    "SiO2": 0.450, "TiO2": 0.00201, "Al2O3": 0.0445, "Cr2O3": 0.00384, "FeO": 0.0805, "MnO": 0.00135,
    "MgO": 0.378, "CaO": 0.0355, "Na2O": 0.0036, "K2O": 0.00029, "P2O5": 0.00021,
}  # fmt: skip
# kg/mol, and cations in the formula
OXIDES = {
    "SiO2": (60.084e-3, 1), "TiO2": (79.866e-3, 1), "Al2O3": (101.961e-3, 2), "Cr2O3": (151.990e-3, 2),
    "FeO": (71.844e-3, 1), "MnO": (70.937e-3, 1), "MgO": (40.304e-3, 1), "CaO": (56.077e-3, 1),
    "Na2O": (61.979e-3, 2), "K2O": (94.196e-3, 2), "P2O5": (141.943e-3, 2),
}  # fmt: skip


# mass fraction of FeO in the natural melts of the experiments; no law states its range
FEO: Final = (0.001, 0.18)
FEO_REFERENCE: Final = (
    "Cottrell et al. 2021, Geophys. Monogr. 266, 33, Table A1: natural melts among the 435 experiments of "
    "Borisov et al. 2018, with which laws of this kind were compared"
)


def iron_number(oxides: Mapping[str, float], feo: float) -> float:
    """Fe/(Fe + Mg) at which a melt has a mass fraction `feo`; the moles of Fe and Mg together stay the same.

    oxides: mass fractions of the melt, with FeO and MgO.
    """
    iron, magnesium = OXIDES["FeO"][0], OXIDES["MgO"][0]
    metals = oxides["FeO"] / iron + oxides["MgO"] / magnesium
    others = sum(share for name, share in oxides.items() if name not in ("FeO", "MgO"))
    return feo * (others + metals * magnesium) / (metals * (iron - feo * (iron - magnesium)))


def with_iron(
    total_iron: float,
    oxides: Mapping[str, float] | None = None,
    melt: Mapping[str, float] = BULK_SILICATE_EARTH,
) -> dict[str, float]:
    """Mass fractions of a melt with `total_iron` as FeO, the rest as in `melt`.

    oxides: mass fractions that replace those of `melt` before all but FeO are scaled to 1 - total_iron.
    """
    others = {name: share for name, share in {**melt, **(oxides or {})}.items() if name != "FeO"}
    whole = sum(others.values())
    return {"FeO": total_iron} | {name: share * (1 - total_iron) / whole for name, share in others.items()}


def mole_fractions(composition: Mapping[str, Share], single_cation: bool = False) -> dict[str, Any]:
    """Mole fractions of the oxides, all iron as FeO, from mass fractions; single_cation.

    Of AlO1.5, NaO0.5 and so on.
    """
    moles = {
        name: composition.get(name, 0.0) / mass * (cations if single_cation else 1)
        for name, (mass, cations) in OXIDES.items()
    }
    total = sum(moles.values())
    return {name: n / total for name, n in moles.items()}


def _weighted(X: Mapping[str, float], coefficients: Mapping[str, float]) -> float:
    return sum(number * X[name] for name, number in coefficients.items())


KRESS_OXIDES = {"Al2O3": -2.243, "FeO": -1.828, "CaO": 3.201, "Na2O": 5.854, "K2O": 6.215}


@law(
    KIND,
    "KressCarmichael1991",
    unit="1",
    reference="Kress & Carmichael 1991, Contrib. Mineral. Petrol. 108, 82, Eq. 7 and Table 7",
    key="Kress1991",
    doi="10.1007/BF00307328",
    attributes={
        "arguments": ("T", "ln_fO2"),
        "pressure": True,
        "conditions": "1 atm experiments of 1200 to 1630 C, natural and synthetic melts; "
        "pressure terms from compressibilities to 3 GPa; standard errors 0.21 wt% FeO, 0.42 wt% Fe2O3",
    },
    T=(1473.0, 1903.0),
    P=(1e5, 3e9),
)
def kress_carmichael(
    *,
    T: sympy.Expr,
    ln_fO2: sympy.Expr,
    P: sympy.Expr | float = BAR,
    composition: Mapping[str, float] = BULK_SILICATE_EARTH,
    **_: object,
) -> sympy.Expr:
    """ln(X_FeO1.5/X_FeO) = ln 2 + 0.196 ln fO2 + 11492/T - 6.675 + sum d X - 3.36 [1 - 1673/T - ln(T/1673)]
    + pressure terms.

    T [K]; ln_fO2 of bar; P [Pa]; composition: mass fractions of oxides.
    The paper has X_Fe2O3/X_FeO, hence ln 2; X of oxides as written, all iron as FeO.
    """
    T0 = 1673.0
    chemical = _weighted(mole_fractions(composition), KRESS_OXIDES)
    heat = -3.36 * (1 - T0 / T - sympy.log(T / T0))
    p = P - BAR  # the 1 bar of the experiments has no term
    volume = (-7.01e-7 * p - 1.54e-10 * (T - T0) * p + 3.85e-17 * p**2) / T
    return math.log(2.0) + 0.196 * ln_fO2 + 1.1492e4 / T - 6.675 + chemical + heat + volume


@law(
    KIND,
    "Sossi2020",
    unit="1",
    reference="Sossi, Burnham, Badro, Lanzirotti, Newville & O'Neill 2020, Science Advances 6, eabd1387: "
    "log10(FeO1.5/FeO) = 0.252 dIW - 1.530, dIW from the buffer of O'Neill & Eggins 2002",
    key="Sossi2020",
    further_keys=("ONeill2002",),
    doi="10.1126/sciadv.abd1387",
    attributes={
        "arguments": ("T", "ln_fO2"),
        "buffer": "ONeillEggins2002",
        "melt": "peridotite",
        "conditions": "peridotite at 2173 K and 1 bar; at other temperatures the same ratio at the same "
        "distance from IW; "
        "the 12 glasses scatter about the line by 0.10 in log10 of the ratio, 0.4 dex in fO2",
    },
    T=(2123.0, 2223.0),
    dIW=(-1.4, 6.5),
)
def sossi(*, T: sympy.Expr, ln_fO2: sympy.Expr, **_: object) -> sympy.Expr:
    """ln(X_FeO1.5/X_FeO) of peridotite melt from the distance to iron-wuestite; T [K], ln_fO2 of bar.

    No composition enters.
    """
    distance = ln_fO2 / math.log(10.0) - find("buffer", "ONeillEggins2002")(T=T)
    return math.log(10.0) * (0.252 * distance - 1.530)


HIRSCHMANN_OXIDES = {
    "SiO2": -520.46,
    "TiO2": -185.37,
    "MgO": 494.39,
    "CaO": 1838.34,
    "Na2O": 2888.48,
    "K2O": 3473.68,
    "P2O5": -4473.6,
}


@law(
    KIND,
    "Hirschmann2022",
    unit="1",
    reference="Hirschmann 2022, Geochim. Cosmochim. Acta 328, 221, Eq. 21 and Table 1, "
    "without its integral over volumes",
    key="Hirschmann2022",
    attributes={
        "arguments": ("T", "ln_fO2"),
        "conditions": "1 bar; its heat capacity is meant to carry it to magma oceans; "
        "range of the 1 atm experiments taken as that of KressCarmichael1991",
    },
    T=(1473.0, 1903.0),
)
def hirschmann(
    *, T: sympy.Expr, ln_fO2: sympy.Expr, composition: Mapping[str, float] = BULK_SILICATE_EARTH, **_: object
) -> sympy.Expr:
    """log10(X_FeO1.5/X_FeO) = 0.1917 log10 fO2 - 1.961 + 4158.1/T - 33.25/(R ln 10) [1 - T0/T - ln(T/T0)]
    + (sum y X)/T, times ln 10.

    T [K]; T0 = 1673.15 K; ln_fO2 of bar; composition: mass fractions of oxides;
    X on the basis of single cations, with products of SiO2 with AlO1.5 and MgO.
    """
    T0, R = 1673.15, 8.314  # R of the fit
    X = mole_fractions(composition, single_cation=True)
    chemical = (
        _weighted(X, HIRSCHMANN_OXIDES) - 1245.09 * X["SiO2"] * X["Al2O3"] - 1156.86 * X["SiO2"] * X["MgO"]
    )
    heat = -33.25 / R * (1 - T0 / T - sympy.log(T / T0))
    return 0.1917 * ln_fO2 + math.log(10.0) * (-1.961 + (4158.1 + chemical) / T) + heat


BORISOV_OXIDES = {
    "SiO2": -0.445,
    "TiO2": -0.900,
    "MgO": 1.532,
    "CaO": 0.314,
    "Na2O": 2.030,
    "K2O": 3.355,
    "P2O5": -4.851,
}


@law(
    KIND,
    "Borisov2018",
    unit="1",
    reference="Borisov, Behrens & Holtz 2018, Contrib. Mineral. Petrol. 173, 98, Eq. 4",
    key="Borisov2018",
    attributes={
        "arguments": ("T", "ln_fO2"),
        "conditions": "1 atm, ultramafic to silicic melts; range taken as that of KressCarmichael1991",
    },
    T=(1473.0, 1903.0),
)
def borisov(
    *, T: sympy.Expr, ln_fO2: sympy.Expr, composition: Mapping[str, float] = BULK_SILICATE_EARTH, **_: object
) -> sympy.Expr:
    """log10(X_FeO1.5/X_FeO) = 0.207 log10 fO2 + 4633.3/T - 1.852 + sum d X - 3.081 X_SiO2 X_Al2O3
    - 4.370 X_SiO2 X_MgO, times ln 10.

    T [K]; ln_fO2 of bar; composition: mass fractions of oxides;
    X of oxides as written, without MnO and Cr2O3.
    """
    X = mole_fractions({name: share for name, share in composition.items() if name not in ("MnO", "Cr2O3")})
    chemical = _weighted(X, BORISOV_OXIDES) - 3.081 * X["SiO2"] * X["Al2O3"] - 4.370 * X["SiO2"] * X["MgO"]
    return 0.207 * ln_fO2 + math.log(10.0) * (4633.3 / T - 1.852 + chemical)


@law(
    KIND,
    "ONeill2018",
    unit="1",
    reference="O'Neill, Berry & Mallmann 2018, Earth Planet. Sci. Lett. 504, 152, Eq. 9a",
    key="ONeill2018",
    attributes={
        "arguments": ("T", "ln_fO2"),
        "melt": "basalt",
        "conditions": "basalts at 1 bar and 1400 C, less than 60 wt% SiO2; a peridotite lies outside",
    },
    T=(1673.0, 1673.15),
)
def oneill(
    *, T: sympy.Expr, ln_fO2: sympy.Expr, composition: Mapping[str, float] = BULK_SILICATE_EARTH, **_: object
) -> sympy.Expr:
    """log10(Fe3+/Fe2+) = 0.25 dQFM - 1.36 + 2.4 X_CaO + 2.0 X_NaO0.5 + 3.7 X_KO0.5 - 2.4 X_PO2.5, times ln
    10;
    QFM = 8.58 - 25050/T.

    T [K]; ln_fO2 of bar; composition: mass fractions of oxides; X on the basis of single cations.
    """
    X = mole_fractions(composition, single_cation=True)
    chemical = _weighted(X, {"CaO": 2.4, "Na2O": 2.0, "K2O": 3.7, "P2O5": -2.4})
    return 0.25 * ln_fO2 + math.log(10.0) * (-0.25 * (8.58 - 25050 / T) - 1.36 + chemical)
