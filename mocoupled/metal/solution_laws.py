"""Laws of what is dissolved in silicate melt and in liquid iron, and of silicate complexes.

A law of kind "dissolution" gives ln K of the reaction of its docstring: mole fractions of the phase,
fugacities in bar, pure liquids of species.yaml.
A law of kind "metal_activity" gives ln gamma of a solute of the metal.
"""

from __future__ import annotations

import math
from typing import Final

import sympy

from ..chemistry.mechanism import read_mechanism
from ..closures.elementary import levelled
from ..closures.law_types import LawFunction
from ..closures.registry import Attributes, find, law
from ..closures.solubility import solubility_law
from ..constants import BAR, GAS_CONSTANT

DISSOLUTION: Final = "dissolution"
ACTIVITY: Final = "metal_activity"
LN10 = math.log(10.0)
# Pa; twice the end of the range of Bernadou et al. 2021. A nitride of 10 GPa would be the whole silicate
LEVEL = 2e9


def _of_log10(reaction: str, A: float, B: float) -> LawFunction:
    """log10 K = A + B/T of a reaction, T [K]."""

    def ln_K(*, T: sympy.Expr, **_: object) -> sympy.Expr:
        return LN10 * (A + B / T)

    ln_K.__doc__ = f"{reaction}. T [K]."
    return ln_K


def _at_one_percent(reaction: str, H: float, S: float) -> LawFunction:
    """RT ln K = -(H + S T) [J/mol] of a solution in liquid iron at 1 wt%, as a mole fraction."""

    def ln_K(*, T: sympy.Expr, mass_ratio: float, **_: object) -> sympy.Expr:
        return -(H + S * T) / (GAS_CONSTANT * T) + sympy.log(mass_ratio / 100.0)

    ln_K.__doc__ = f"{reaction}. T [K]; mass_ratio: atomic mass of Fe over that of the solute."
    return ln_K


def _of_solubility(reaction: str, mechanism: str, gas: str, law_of_gas: str) -> LawFunction:
    """ln K of a law of solubility in a mechanism: the mole fraction where every fugacity is 1 bar.

    Its total pressure levels off at LEVEL: beyond its range a term of pressure grows without limit.
    """

    def ln_K(*, T: sympy.Expr, P: sympy.Expr, mass_ratio: sympy.Expr, **_: object) -> sympy.Expr:
        entry = read_mechanism(mechanism).species[gas].melt[law_of_gas]
        solubility = solubility_law(gas, law_of_gas, entry)
        fraction = solubility(T=T, p=sympy.Float(BAR), P=levelled(P, LEVEL), ln_fO2=sympy.S.Zero)
        return sympy.log(fraction) + sympy.log(mass_ratio)

    ln_K.__doc__ = f"{reaction}. T [K], P [Pa]; mass_ratio: mass of a mole of the silicate over the solute's."
    return ln_K


# ---- complexes of the silicate


law(
    DISSOLUTION,
    "Na2SiO3-FegleyCameron1987",
    unit="1",
    reference="Fegley & Cameron 1987, EPSL 82, 207: constants of the program MAGMA",
    key="Fegley1987",
    attributes={"species": "Na2SiO3"},
)(_of_log10("Na2O + SiO2 = Na2SiO3 in the melt", -1.33, 13870.0))

law(
    DISSOLUTION,
    "FeSiO3-SchlichtingYoung2022",
    unit="1",
    reference="Schlichting & Young 2022, PSJ 3, 127; constants of the program MAGMA",
    key="Schlichting2022",
    attributes={
        "species": "FeSiO3",
        "note": "the constants are those of MAGMA for 2 FeO + SiO2 = Fe2SiO4, taken for FeSiO3 by this model",
    },
)(_of_log10("FeO + SiO2 = FeSiO3 in the melt", -0.63, 3103.0))

# ---- volatiles in the silicate: mole fraction over fugacity [1/bar]


@law(
    DISSOLUTION,
    "H2-Hirschmann2012",
    unit="1",
    reference="Hirschmann, Withers, Ardia & Foley 2012, EPSL 345, 38",
    key="Hirschmann2012",
    doi="10.1016/j.epsl.2012.06.031",
    attributes={
        "species": "H2",
        "note": "Chaudhari et al. 2025 (Contrib. Mineral. Petrol.) measure up to ten times less H2",
    },
    T=(1673.0, 1773.0),
    P=(7e8, 3e9),
)
def hydrogen(*, T: sympy.Expr, P: sympy.Expr, **_: object) -> sympy.Expr:
    """H2(g) = H2 in the melt. P [Pa]; independent of T [K]."""
    return -12.5 - 0.76 * P / 1e9


@law(
    DISSOLUTION,
    "H2-Gilmore2026",
    unit="1",
    reference="Gilmore & Stixrude 2026, Nature 650, 60: pure H2 at the pressure as the standard state",
    key="Gilmore2026",
    attributes={
        "species": "H2",
        "note": "the standard state of H2-MgSiO3-Gilmore2026; its fugacity coefficient cancels that of the "
        "gas where gases mix after Lewis and Randall",
    },
)
def pure_hydrogen(*, P: sympy.Expr, **_: object) -> sympy.Expr:
    """H2(g) = H2 of the solution, activity over that of the pure fluid. P [Pa]."""
    return -sympy.log(P / BAR)


@law(
    DISSOLUTION,
    "H2O-SchlichtingYoung2022",
    unit="1",
    reference="Schlichting & Young 2022, PSJ 3, 127: numbers of Moore, Vennemann & Carmichael 1998, Am. "
    "Mineral. 83, 36",
    key="Schlichting2022",
    further_keys=("Moore1998",),
    attributes={
        "species": "H2O",
        "note": "linear in the fugacity; Moore et al. have these numbers for 2 ln X and 1.171 ln f, some "
        "hundred times more water at a bar. 2565 +- 362 and 14.21 +- 0.54",
    },
    T=(973.0, 1473.0),
    P=(1e5, 3e8),
)
def water(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """H2O(g) = H2O in the melt. T [K]."""
    return 2565.0 / T - 14.21


law(
    DISSOLUTION,
    "OH-Sossi2022",
    unit="1",
    reference="peridotite-Sossi2022: Sossi et al. 2022, as in Bower et al. 2022, PSJ 3, 93, Table 1",
    key="Sossi2022",
    further_keys=("Bower2022",),
    attributes={
        "species": "OH",
        "buffer": "ONeillEggins2002",
        "note": "the law of H2O of runs; two hydroxyls take the place of an oxide ion",
    },
    T=(2173.0, 2173.0),
    P=(101300.0, 101300.0),
    dIW=(-1.4, 6.5),
)(_of_solubility("1/2 H2O(g) + 1/2 O2- = OH- in the melt", "volatiles", "H2O", "peridotite-Sossi2022"))


@law(
    DISSOLUTION,
    "CO2-Young2023",
    unit="1",
    reference="Young, Shahar & Schlichting 2023, Nature 616, 306",
    key="Young2023",
    doi="10.1038/s41586-023-05823-0",
    attributes={"species": "CO2"},
)
def carbon_dioxide(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """CO2(g) = CO2 in the melt. T [K]."""
    return -(5200.0 + 119.77 * T) / (GAS_CONSTANT * T)


@law(
    DISSOLUTION,
    "CO-Young2023",
    unit="1",
    reference="Young, Shahar & Schlichting 2023, Nature 616, 306: a third of CO2's",
    key="Young2023",
    doi="10.1038/s41586-023-05823-0",
    attributes={"species": "CO"},
)
def carbon_monoxide(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """CO(g) = CO in the melt. T [K]."""
    return _ln_K("CO2-Young2023", T=T) - math.log(3.0)


_BERNADOU = "Bernadou et al. 2021, Chem. Geol. 573, 120192, eq. 18-20 and Table 6"

_OF_NITROGEN: Attributes = {
    "buffer": "Hirschmann2021",
    "buffer_pressure": "total",
    "note": "a part of the law basalt-Bernadou2021 of runs",
    "outside": "computed; the pressure levels off at 20 kbar",
}

law(
    DISSOLUTION,
    "N2-Bernadou2021",
    unit="1",
    reference=f"basalt-molecular-Bernadou2021: {_BERNADOU}",
    key="Bernadou2021",
    doi="10.1016/j.chemgeo.2021.120192",
    attributes=_OF_NITROGEN | {"species": "N2"},
    T=(1473.0, 1573.0),
    P=(8e7, 1e9),
    dIW=(-4.7, 4.9),
)(_of_solubility("N2(g) = N2 in the melt", "chons", "N2", "basalt-molecular-Bernadou2021"))

law(
    DISSOLUTION,
    "N-Bernadou2021",
    unit="1",
    reference=f"basalt-nitride-Bernadou2021: {_BERNADOU}",
    key="Bernadou2021",
    doi="10.1016/j.chemgeo.2021.120192",
    attributes=_OF_NITROGEN | {"species": "N"},
    T=(1473.0, 1573.0),
    P=(8e7, 1e9),
    dIW=(-4.7, 4.9),
)(
    _of_solubility(
        "1/2 N2(g) + 3/2 O2- = N3- in the melt + 3/4 O2(g)", "chons", "N2", "basalt-nitride-Bernadou2021"
    )
)

law(
    DISSOLUTION,
    "S-Boulliung2023",
    unit="1",
    reference="basalt-sulfide-Boulliung2023: Boulliung & Wood 2023, Contrib. Mineral. Petrol. 178, 56",
    key="Boulliung2023",
    attributes={"species": "S", "note": "a sulfide ion takes the place of an oxide ion"},
    T=(1473.0, 1773.0),
    P=(101300.0, 101300.0),
)(
    _of_solubility(
        "1/2 S2(g) + O2- = S2- in the melt + 1/2 O2(g)", "chons", "S2", "basalt-sulfide-Boulliung2023"
    )
)


# ---- solutes of the metal


law(
    DISSOLUTION,
    "Si-Corgne2008",
    unit="1",
    reference="Corgne, Keshav, Wood, McDonough & Fei 2008, GCA 72, 574",
    key="Corgne2008",
    attributes={"species": "Si"},
    T=(2123.0, 2473.0),
)(_of_log10("SiO2 + 2 Fe = Si in the metal + 2 FeO, activity of Si as by Ma2001", 2.97, -21800.0))

law(
    DISSOLUTION,
    "O-Badro2015",
    unit="1",
    reference="Badro, Brodholt, Piet, Siebert & Ryerson 2015, PNAS 112, 12310; the sign of the enthalpy "
    "as corrected by its authors (Schlichting & Young 2022)",
    key="Badro2015",
    further_keys=("Schlichting2022",),
    attributes={"species": "O"},
    T=(2600.0, 4500.0),
)(_of_log10("FeO = Fe + O in the metal, activity of O as by Ma2001", 2.736, -11439.0))


@law(
    DISSOLUTION,
    "H-Okuchi1997",
    unit="1",
    reference="Okuchi 1997, Science 278, 1781: Fe + H2O = FeO + 2 H, regression of Schlichting & Young 2022",
    key="Okuchi1997",
    further_keys=("Schlichting2022",),
    attributes={
        "species": "H",
        "note": "the water of the reaction is that of H2O-SchlichtingYoung2022, with which the regression "
        "was used: hydrogen of the metal depends on the gas as before, whatever the law of its water",
    },
    T=(1473.0, 1773.0),
)
def hydrogen_in_metal(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """1/2 Fe + 1/2 H2O(g) = H in the metal + 1/2 FeO. T [K]."""
    of_reaction = -(143589.7 - 69.1 * T) / (GAS_CONSTANT * T)
    return (of_reaction + _ln_K("H2O-SchlichtingYoung2022", T=T)) / 2


_SIGWORTH = "Sigworth & Elliott 1974, Met. Sci. 8, 298, Table of solution in liquid iron at 1 wt%"


law(
    DISSOLUTION,
    "C-SigworthElliott1974",
    unit="1",
    reference=_SIGWORTH,
    key="Sigworth1974",
    attributes={"species": "C", "note": "dilute: Henry's law, no pressure term"},
    T=(1811.0, 2023.0),
)(_at_one_percent("C(gr) = C in the metal", 22590.0, -42.26))

law(
    DISSOLUTION,
    "N-SigworthElliott1974",
    unit="1",
    reference=_SIGWORTH,
    key="Sigworth1974",
    attributes={"species": "N", "note": "dilute: Sieverts' law, no pressure term"},
    T=(1811.0, 2023.0),
)(_at_one_percent("1/2 N2(g) = N in the metal", 3600.0, 23.89))

law(
    DISSOLUTION,
    "S-SigworthElliott1974",
    unit="1",
    reference=_SIGWORTH,
    key="Sigworth1974",
    attributes={"species": "S", "note": "dilute: Henry's law, no pressure term"},
    T=(1811.0, 2023.0),
)(_at_one_percent("1/2 S2(g) = S in the metal", -135060.0, 23.43))


def _ln_K(name: str, **arguments: sympy.Expr) -> sympy.Expr:
    return find(DISSOLUTION, name)(**arguments)


# ---- activities in Fe-Si-O

# of Ma 2001 at 1873 K: self-interaction of Si and O, and Si-O
SELF_SI, SELF_O, SI_O = 12.41, -1.0, -5.0
REFERENCE_TEMPERATURE = 1873.0


@law(
    ACTIVITY,
    "Si-Ma2001",
    unit="1",
    reference="Ma 2001, Metall. Mater. Trans. B 32, 87; parameters of Young, Shahar & Schlichting 2023",
    key="Ma2001",
    further_keys=("Young2023",),
    attributes={"species": "Si"},
)
def ln_gamma_silicon(*, T: sympy.Expr, x_Si: sympy.Expr, x_O: sympy.Expr, **_: object) -> sympy.Expr:
    """ln gamma of Si in Fe-Si-O; T [K], mole fractions x_Si and x_O."""
    t = REFERENCE_TEMPERATURE / T
    return -6.65 * t - SELF_SI * t * sympy.log(1 - x_Si) + _cross(SI_O * t, x_Si, x_O)


@law(
    ACTIVITY,
    "O-Ma2001",
    unit="1",
    reference="Ma 2001, Metall. Mater. Trans. B 32, 87; parameters of Young, Shahar & Schlichting 2023",
    key="Ma2001",
    further_keys=("Young2023",),
    attributes={"species": "O"},
)
def ln_gamma_oxygen(*, T: sympy.Expr, x_Si: sympy.Expr, x_O: sympy.Expr, **_: object) -> sympy.Expr:
    """ln gamma of O in Fe-Si-O; T [K], mole fractions x_Si and x_O."""
    t = REFERENCE_TEMPERATURE / T
    return 4.29 - 16500.0 / T - SELF_O * t * sympy.log(1 - x_O) + _cross(SI_O * t, x_O, x_Si)


def _cross(interaction: sympy.Expr, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
    """What the other solute, y, adds to ln gamma of the solute x."""
    first = y * (1 + sympy.log(1 - y) / y - 1 / (1 - x))
    second = y**2 * x * (1 / (1 - x) + 1 / (1 - y) + x / (2 * (1 - x) ** 2) - 1)
    return interaction * (second - first)
