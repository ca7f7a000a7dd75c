"""Mineral buffers: log10 of the oxygen fugacity, smooth in temperature and pressure.

Some buffers also depend on the total pressure P, which is 1 bar unless it is an argument.
Where a published form has two branches that do not meet, a tanh joins them, and the reference says so.
The attribute `note` says how a buffer compares at 1 bar with measured values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy

from ..constants import BAR, GAS_CONSTANT
from .law_types import Law
from .registry import Attributes, law

# The gas constant of O'Neill & Eggins 2002, so that log10 fO2 agrees with theirs to the last digit
ONEILL_EGGINS_GAS_CONSTANT = 8.31441  # J/mol/K


@law(
    "buffer",
    "ONeillEggins2002",
    unit="log10 bar",
    reference="O'Neill & Eggins 2002, Chem. Geol. 186, 151; Eq. 7-8 of Bower et al. 2022, PSJ 3, 93",
    key="ONeill2002",
    further_keys=("Bower2022",),
    doi="10.1016/S0009-2541(01)00414-4",
    attributes={
        "family": "IW",
        "family_default": True,
        "reaction": "Fe(s) + 1/2 O2 = FeO(l)",
        "conditions": "1 bar; range not stated",
        "note": "liquid FeO with solid iron; less Hirschmann2021 it is +0.8 dex at 1200 K, 0 near 1660 K, "
        "-0.4 at 2000 K and -1.0 at 3000 K",
    },
)
def iron_wustite_liquid(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of solid iron with liquid FeO at 1 bar, from its Gibbs energy; T [K].

    Range not stated.
    """
    gibbs_energy = -244118 + 115.559 * T - 8.474 * T * sympy.log(T)  # J per mol FeO
    return 2 * gibbs_energy / (math.log(10.0) * ONEILL_EGGINS_GAS_CONSTANT * T)


def _join(
    T: sympy.Expr, at: sympy.Expr | float, width: float, below: sympy.Expr, above: sympy.Expr
) -> sympy.Expr:
    """`below` under the temperature `at` [K], `above` over it.

    90 % of the step lies within 1.5 `width` [K] on either side.
    """
    share = (1 + sympy.tanh((T - at) / width)) / 2
    return below + share * (above - below)


def _log10(chemical_potential: sympy.Expr, T: sympy.Expr) -> sympy.Expr:
    """log10 fO2 [bar] of a chemical potential of O2 [J/mol]."""
    return chemical_potential / (math.log(10.0) * GAS_CONSTANT * T)


# ---- iron-wustite

# Hirschmann 2021, Table 1, fcc and bcc iron: m = m0 + m1 P + m2 P^2 + m3 P^3 + m4 sqrt(P), P in GPa
HIRSCHMANN_2021 = (
    (6.844864, 0.1175691, 1.143873e-3, 0.0, 0.0),
    (5.791364e-4, -2.891434e-4, -2.737171e-7, 0.0, 0.0),
    (-7.971469e-5, 3.198005e-5, 0.0, 1.059554e-10, 2.014461e-7),
    (-27690.02, 528.5977, -2.919275, 0.0, 0.0),
)
# K; where the lower branch takes over, and how smoothly
HIRSCHMANN_2021_FROM, HIRSCHMANN_2021_WIDTH = 1000.0, 20.0


@law(
    "buffer",
    "Hirschmann2021",
    unit="log10 bar",
    reference="Hirschmann 2021, GCA 313, 74, Table 1, bcc and fcc iron; below 1000 K Hirschmann2008. "
    "The two differ by 0.0186 dex at 1000 K, and are joined here by a tanh of 20 K",
    key="Hirschmann2021",
    further_keys=("Hirschmann2008",),
    attributes={
        "family": "IW",
        "arguments": ("T",),
        "pressure": True,
        "reaction": "Fe(bcc, fcc) + 1/2 O2 = FeO",
        "conditions": "range 1000 to 3000 K and 1e-4 to 20 GPa (at 1000 K; there hcp iron begins); "
        "rms 0.0065 dex",
    },
    T=(1000.0, 3000.0),
    P=(1e5, 19.88e9),
)
def iron_wustite_composite(*, T: sympy.Expr, P: sympy.Expr | float = BAR, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of iron-wustite = a + b T + c T ln T + d/T, each a polynomial of P;
    T [K], P total [Pa].
    """
    p = P / 1e9
    a, b, c, d = (
        m0 + m1 * p + m2 * p**2 + m3 * p**3 + m4 * sympy.sqrt(p) for m0, m1, m2, m3, m4 in HIRSCHMANN_2021
    )
    above = a + b * T + c * T * sympy.log(T) + d / T
    return _join(T, HIRSCHMANN_2021_FROM, HIRSCHMANN_2021_WIDTH, iron_wustite_line(T=T, P=P), above)


@law(
    "buffer",
    "Hirschmann2008",
    unit="log10 bar",
    reference="Hirschmann et al. 2008, Geochem. Geophys. Geosyst. 9, Q03011, after O'Neill & Pownceby 1993, "
    "whose fcc branch it is to 2e-4 dex",
    key="Hirschmann2008",
    further_keys=("ONeill1993",),
    doi="10.1029/2007GC001894",
    attributes={
        "family": "IW",
        "arguments": ("T",),
        "pressure": True,
        "reaction": "Fe(fcc) + 1/2 O2 = FeO",
        "conditions": "range that of fcc iron in O'Neill & Pownceby 1993; "
        "used by some programs at lower temperature",
    },
    T=(1184.0, 1644.0),
)
def iron_wustite_line(*, T: sympy.Expr, P: sympy.Expr | float = BAR, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of iron-wustite = -28776.8/T + 14.057 + 0.055 (P - 1 bar)/T - 0.8853 ln T;
    T [K], P total [Pa].
    """
    return -28776.8 / T + 14.057 + 0.055 * (P / BAR - 1) / T - 0.8853 * sympy.log(T)


@law(
    "buffer",
    "ONeillPownceby1993",
    unit="log10 bar",
    reference="O'Neill & Pownceby 1993, Contrib. Mineral. Petrol. 114, 296. "
    "Its three branches (magnetic and plain bcc, fcc) differ by 1e-4 dex where they meet, "
    "at 1042 and 1184 K, "
    "and are joined here by a tanh of 5 K",
    key="ONeill1993",
    doi="10.1007/BF01046533",
    attributes={"family": "IW", "reaction": "Fe + 1/2 O2 = FeO", "conditions": "1 bar; range 833 to 1644 K"},
    T=(833.0, 1644.0),
)
def iron_wustite_measured(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of iron-wustite at 1 bar, from the measured chemical potential of O2; T [K]."""
    ln_T = sympy.log(T)
    magnetic = -605568 + 1366.420 * T - 182.7955 * T * ln_T + 0.10359 * T**2
    plain = -519113 + 59.129 * T + 8.9276 * T * ln_T
    fcc = -550915 + 269.106 * T - 16.9484 * T * ln_T
    return _log10(_join(T, 1184.0, 5.0, _join(T, 1042.0, 5.0, magnetic, plain), fcc), T)


# ---- quartz-fayalite-magnetite, nickel-nickel oxide and others


@law(
    "buffer",
    "ONeill1987-QFM",
    unit="log10 bar",
    reference="O'Neill 1987, Am. Mineral. 72, 67",
    key="ONeill1987",
    attributes={
        "family": "QFM",
        "reaction": "3 Fe2SiO4 + O2 = 2 Fe3O4 + 3 SiO2",
        "conditions": "1 bar; range 900 to 1420 K",
    },
    T=(900.0, 1420.0),
)
def fayalite_magnetite_measured(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of quartz-fayalite-magnetite at 1 bar, from the measured chemical potential of O2;
    T [K].
    """
    return _log10(-587474 + 1584.427 * T - 203.3164 * T * sympy.log(T) + 0.092710 * T**2, T)


@law(
    "buffer",
    "ONeillPownceby1993-NNO",
    unit="log10 bar",
    reference="O'Neill & Pownceby 1993, Contrib. Mineral. Petrol. 114, 296",
    key="ONeill1993",
    doi="10.1007/BF01046533",
    attributes={"family": "NNO", "reaction": "Ni + 1/2 O2 = NiO", "conditions": "1 bar; range 700 to 1700 K"},
    T=(700.0, 1700.0),
)
def nickel_oxide_measured(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of nickel-nickel oxide at 1 bar, from the measured chemical potential of O2; T [K]."""
    return _log10(-478967 + 248.514 * T - 9.7961 * T * sympy.log(T), T)


QUARTZ_INVERSION = 846.15, 0.025  # K at 1 bar, K per bar: alpha to beta quartz


@law(
    "buffer",
    "Frost1991-QFM",
    unit="log10 bar",
    reference="Frost 1991, Rev. Mineral. 25, 1, Table 1. The lines with alpha and beta quartz differ by "
    "0.003 dex "
    "at the inversion (846 K + 0.025 K/bar), and are joined here by a tanh of 5 K",
    key="Frost1991",
    attributes={
        "family": "QFM",
        "family_default": True,
        "arguments": ("T",),
        "pressure": True,
        "reaction": "3 Fe2SiO4 + O2 = 2 Fe3O4 + 3 SiO2",
        "conditions": "range 400 to 1200 degC; a compilation",
        "note": "0.08 to 0.12 dex above the measured ONeill1987-QFM from 1000 to 1400 K; "
        "at 3000 K the two differ by 1.7 dex",
    },
    T=(673.15, 1473.15),
)
def fayalite_magnetite_quartz(*, T: sympy.Expr, P: sympy.Expr | float = BAR, **_: object) -> sympy.Expr:
    """log10 fO2 [bar] of quartz-fayalite-magnetite = A/T + B + C (P - 1 bar)/T; T [K], P total [Pa]."""
    excess = P / BAR - 1
    alpha = -26455.3 / T + 10.344 + 0.092 * excess / T
    beta = -25096.3 / T + 8.735 + 0.110 * excess / T
    inversion, slope = QUARTZ_INVERSION
    return _join(T, inversion + slope * excess, 5.0, alpha, beta)


@dataclass(frozen=True)
class Line:
    """A buffer of the form log10 fO2 [bar] = A/T + B + C (P - 1 bar)/T.

    a: A [K]; b: B; c: C [K/bar]. celsius: range of temperature [degC].
    reaction, reference, key, doi, note: as of the law.
    family_default: whether the family's name alone means this buffer.
    """

    family: str
    a: float
    b: float
    c: float
    celsius: tuple[int, int]
    reaction: str
    reference: str
    key: str
    doi: str = ""
    note: str = ""
    family_default: bool = False


_FROST = "Frost 1991, Rev. Mineral. 25, 1, Table 1"
LINES = {
    "Frost1991-IW": Line(
        "IW", -27489.0, 6.702, 0.055, (565, 1200), "Fe + 1/2 O2 = FeO", _FROST, "Frost1991",
        note="within 0.04 dex of Hirschmann2021 from 1000 to 2000 K",
    ),
    "Frost1991-WM": Line(
        "WM", -32807.0, 13.012, 0.083, (565, 1200), "3 FeO + 1/2 O2 = Fe3O4", _FROST, "Frost1991",
        family_default=True,
    ),
    "Frost1991-NNO": Line(
        "NNO", -24930.0, 9.36, 0.046, (600, 1200), "Ni + 1/2 O2 = NiO", _FROST, "Frost1991",
        note="0.00 dex at 1000 K to 0.15 dex at 1400 K above the measured ONeillPownceby1993-NNO, "
        "0.5 dex at 3000 K",
        family_default=True,
    ),
    "Frost1991-CoCoO": Line(
        "CoCoO", -24332.6, 7.295, 0.052, (600, 1200), "Co + 1/2 O2 = CoO", _FROST, "Frost1991",
        family_default=True,
    ),
    "Frost1991-MH": Line(
        "MH", -25700.6, 14.558, 0.019, (682, 1100), "2 Fe3O4 + 1/2 O2 = 3 Fe2O3", _FROST, "Frost1991",
        family_default=True,
    ),
    "MyersEugster1983-QFM": Line(
        "QFM", -24441.9, 8.290, 0.0, (600, 1140), "3 Fe2SiO4 + O2 = 2 Fe3O4 + 3 SiO2",
        "Myers & Eugster 1983, Contrib. Mineral. Petrol. 82, 75", "Myers1983", "10.1007/BF00371177",
        note="0.29 dex at 1000 K to 0.14 dex at 1400 K above the measured ONeill1987-QFM; "
        "at 3000 K the two differ by 1.9 dex",
    ),
}  # fmt: skip


def _register_line(name: str, row: Line) -> Law:
    """The law of one row of LINES."""

    def line(*, T: sympy.Expr, P: sympy.Expr | float = BAR, **_: object) -> sympy.Expr:
        """log10 fO2 [bar] = A/T + B + C (P - 1 bar)/T, T [K], P total [Pa]; coefficients in LINES."""
        return row.a / T + row.b + (row.c * (P / BAR - 1) / T if row.c else 0)

    low, high = row.celsius
    at = "" if row.c else "1 atm; "
    attributes: Attributes = {
        "family": row.family,
        "family_default": row.family_default,
        "arguments": ("T",),
        "pressure": row.c != 0,
        "reaction": row.reaction,
        "conditions": f"{at}range {low} to {high} degC",
        "note": row.note,
    }
    declare = law(
        "buffer",
        name,
        unit="log10 bar",
        reference=row.reference,
        key=row.key,
        doi=row.doi,
        attributes=attributes,
        T=(low + 273.15, high + 273.15),
    )
    return declare(line)


for _name, _row in LINES.items():
    _register_line(_name, _row)
