"""Words of the titles of columns: conditions, quantities, units, and what is read but not compared."""

from __future__ import annotations

import re

PLAIN = {
    "case": "case",
    "program": "program",
    "melt fraction": "melt fraction",
    "log10 fo2": "log10 fO2",
    "log10(fo2)": "log10 fO2",
    "log fo2": "log10 fO2",
    "log(fo2)": "log10 fO2",
    "log10 f(o2)": "log10 fO2",
    "log10 p(o2)": "log10 fO2",
    "log10(po2)": "log10 fO2",
    "log10(p(o2))": "log10 fO2",
}
CONDITIONS = {
    "temperature": ("temperature", "temp", "temp.", "t", "temperatur", "température", "temperatura"),
    "pressure": (
        "pressure",
        "p",
        "druck",
        "pression",
        "presión",
        "presion",
        "pressione",
        "ptot",
        "p total",
        "p_total",
        "p(total)",
        "total pressure",
        "p tot",
    ),
    "volume": ("volume", "vol", "v", "gas volume", "v(gas)", "volumen"),
}
SI = {"temperature": "K", "pressure": "Pa", "volume": "m^3"}
MOL, MASS = ("mol", "mole", "moles", "mols"), ("g", "gram", "grams", "kg", "mg")
_FRACTION = (
    "mole fraction",
    "mol fraction",
    "molefraction",
    "mole fractions",
    "mol/mol",
    "y",
    "x",
    "xi",
    "yi",
)
_MASS_FRACTION = (
    "wt%",
    "wt.%",
    "wt %",
    "wt.-%",
    "weight%",
    "weight %",
    "weight percent",
    "mass fraction",
    "mass%",
    "mass %",
    "w",
)
_ACTIVITY = ("activity", "activities", "act", "act.", "a")
_FUGACITY, _PRESSURE = ("fugacity", "f"), ("partial pressure", "p", "pp", "p_")
QUANTITIES = {
    **dict.fromkeys((*MOL, *MASS, "n", "amount", "mass"), "amount"),
    **dict.fromkeys(_FRACTION, "fraction"),
    **dict.fromkeys(_MASS_FRACTION, "mass fraction"),
    **dict.fromkeys(_ACTIVITY, "activity"),
    **dict.fromkeys(_FUGACITY, "fugacity"),
    **dict.fromkeys(_PRESSURE, "species"),
}
LOGARITHM = re.compile(r"(?P<log>log10|log|lg|ln)\s*[( ]\s*", re.I)
THERMAL = re.compile(
    r"(delta[ _]?|Δ)?"
    r"(h|g|s|u|cp|cv|a|q|energy|enthalpy|entropy|gibbs energy|heat capacity|density|viscosity)",
    re.I,
)
ENERGY = re.compile(r"(k|M)?(J|cal|BTU|Wh|eV)([/ (].*)?|(g|kg)/.*|.*[/ ](K|C)", re.I)
# Titles of columns that are read and not compared.
NOT_COMPARED = (
    "page",
    "#",
    "no",
    "no.",
    "nr",
    "alpha",
    "<a>",
    "<alpha>",
    "index",
    "comment",
    "comments",
    "remark",
    "remarks",
    "phase transition",
    "transition",
    "stream",
    "system",
    "date",
    "time",
    "file",
    "total mass",
    "total",
    "message",
    "run",
    "row",
)

UNITS = (
    *MOL,
    *MASS,
    *_FRACTION,
    *_MASS_FRACTION,
    *_ACTIVITY,
    "1",
    "-",
    "°c",
    "deg c",
    "dm3",
    "cm3",
    "m3",
    "litre",
    "liter",
)
# Units that are names of quantities too short to say so behind a species.
TOO_SHORT = ("a", "f", "p", "n", "x", "y", "w", "mole fraction")
