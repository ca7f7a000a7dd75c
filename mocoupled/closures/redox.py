"""Oxygen fugacity: mineral buffers and meteorite gases, and the reading of "IW+0.5".

Every buffer is a smooth function of T; some also of the total pressure P, which is 1 bar unless it is an argument. Where
a published form has two branches that do not meet, they are joined by a tanh, and the reference says so. The attribute
`note` says how a buffer compares at 1 bar with measured values.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache

import sympy

from ..constants import BAR, GAS_CONSTANT
from ..errors import InputError, nearest
from .law import Law, find, law, names

# O'Neill & Eggins 2002: their own value of R, so that log10 fO2 is theirs to the last digit
ONEILL_EGGINS_GAS_CONSTANT = 8.31441  # J/mol/K

LARGEST_OFFSET = 20.0  # dex; beyond it a number is a mistake in writing, not a planet
ABSOLUTE_RANGE = (-50.0, 5.0)  # log10 bar; same remark
HIGHEST_PRESSURE = 25e9  # Pa; of a buffer whose pressure term has no stated range: below the transition zone its minerals are others
DEFAULT_IRON_WUSTITE = "ONeillEggins2002"  # of a quantity relative to IW that names no buffer


@law(
    "buffer",
    "ONeillEggins2002",
    unit="log10 bar",
    reference="O'Neill & Eggins 2002, Chem. Geol. 186, 151; Eq. 7-8 of Bower et al. 2022, PSJ 3, 93",
    attributes={
        "family": "IW",
        "family_default": True,
        "reaction": "Fe(s) + 1/2 O2 = FeO(l)",
        "conditions": "1 bar; range not stated",
        "note": "liquid FeO with solid iron; less Hirschmann2021 it is +0.8 dex at 1200 K, 0 near 1660 K, -0.4 at 2000 K and -1.0 at 3000 K",
    },
)
def iron_wustite_liquid(*, T, **_):
    """log10 fO2 [bar] of solid iron with liquid FeO at 1 bar, from its Gibbs energy; T [K]. Range not stated."""
    gibbs_energy = -244118 + 115.559 * T - 8.474 * T * sympy.log(T)  # J per mol FeO
    return 2 * gibbs_energy / (math.log(10.0) * ONEILL_EGGINS_GAS_CONSTANT * T)


def _join(T, at, width, below, above):
    """`below` under the temperature `at` [K], `above` over it; 90 % of the way within 1.5 `width` [K] on either side."""
    share = (1 + sympy.tanh((T - at) / width)) / 2
    return below + share * (above - below)


def _log10(chemical_potential, T):
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
HIRSCHMANN_2021_FROM, HIRSCHMANN_2021_WIDTH = (
    1000.0,
    20.0,
)  # K; where the lower branch takes over, and how smoothly


@law(
    "buffer",
    "Hirschmann2021",
    unit="log10 bar",
    reference="Hirschmann 2021, GCA 313, 74, Table 1, bcc and fcc iron; below 1000 K Hirschmann2008. The two differ by "
    "0.0186 dex at 1000 K, and are joined here by a tanh of 20 K",
    attributes={
        "family": "IW",
        "arguments": ("T",),
        "pressure": True,
        "reaction": "Fe(bcc, fcc) + 1/2 O2 = FeO",
        "conditions": "range 1000 to 3000 K and 1e-4 to 20 GPa (at 1000 K; there hcp iron begins); rms 0.0065 dex",
    },
    T=(1000.0, 3000.0),
    P=(1e5, 19.88e9),
)
def iron_wustite_composite(*, T, P=BAR, **_):
    """log10 fO2 [bar] of iron-wustite = a + b T + c T ln T + d/T, each a polynomial of P; T [K], P total [Pa]."""
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
    reference="Hirschmann et al. 2008, Geochem. Geophys. Geosyst. 9, Q03011, after O'Neill & Pownceby 1993, whose fcc branch it is to 2e-4 dex",
    attributes={
        "family": "IW",
        "arguments": ("T",),
        "pressure": True,
        "reaction": "Fe(fcc) + 1/2 O2 = FeO",
        "conditions": "range that of fcc iron in O'Neill & Pownceby 1993; used by some programs at lower temperature",
    },
    T=(1184.0, 1644.0),
)
def iron_wustite_line(*, T, P=BAR, **_):
    """log10 fO2 [bar] of iron-wustite = -28776.8/T + 14.057 + 0.055 (P - 1 bar)/T - 0.8853 ln T; T [K], P total [Pa]."""
    return -28776.8 / T + 14.057 + 0.055 * (P / BAR - 1) / T - 0.8853 * sympy.log(T)


@law(
    "buffer",
    "ONeillPownceby1993",
    unit="log10 bar",
    reference="O'Neill & Pownceby 1993, Contrib. Mineral. Petrol. 114, 296. Its three branches (magnetic and plain bcc, fcc) "
    "differ by 1e-4 dex where they meet, at 1042 and 1184 K, and are joined here by a tanh of 5 K",
    attributes={"family": "IW", "reaction": "Fe + 1/2 O2 = FeO", "conditions": "1 bar; range 833 to 1644 K"},
    T=(833.0, 1644.0),
)
def iron_wustite_measured(*, T, **_):
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
    attributes={
        "family": "QFM",
        "reaction": "3 Fe2SiO4 + O2 = 2 Fe3O4 + 3 SiO2",
        "conditions": "1 bar; range 900 to 1420 K",
    },
    T=(900.0, 1420.0),
)
def fayalite_magnetite_measured(*, T, **_):
    """log10 fO2 [bar] of quartz-fayalite-magnetite at 1 bar, from the measured chemical potential of O2; T [K]."""
    return _log10(-587474 + 1584.427 * T - 203.3164 * T * sympy.log(T) + 0.092710 * T**2, T)


@law(
    "buffer",
    "ONeillPownceby1993-NNO",
    unit="log10 bar",
    reference="O'Neill & Pownceby 1993, Contrib. Mineral. Petrol. 114, 296",
    attributes={"family": "NNO", "reaction": "Ni + 1/2 O2 = NiO", "conditions": "1 bar; range 700 to 1700 K"},
    T=(700.0, 1700.0),
)
def nickel_oxide_measured(*, T, **_):
    """log10 fO2 [bar] of nickel-nickel oxide at 1 bar, from the measured chemical potential of O2; T [K]."""
    return _log10(-478967 + 248.514 * T - 9.7961 * T * sympy.log(T), T)


QUARTZ_INVERSION = 846.15, 0.025  # K at 1 bar, K per bar: alpha to beta quartz


@law(
    "buffer",
    "Frost1991-QFM",
    unit="log10 bar",
    reference="Frost 1991, Rev. Mineral. 25, 1, Table 1. The lines with alpha and beta quartz differ by 0.003 dex at the "
    "inversion (846 K + 0.025 K/bar), and are joined here by a tanh of 5 K",
    attributes={
        "family": "QFM",
        "family_default": True,
        "arguments": ("T",),
        "pressure": True,
        "reaction": "3 Fe2SiO4 + O2 = 2 Fe3O4 + 3 SiO2",
        "conditions": "range 400 to 1200 degC; a compilation",
        "note": "0.08 to 0.12 dex above the measured ONeill1987-QFM from 1000 to 1400 K; at 3000 K the two differ by 1.7 dex",
    },
    T=(673.15, 1473.15),
)
def fayalite_magnetite_quartz(*, T, P=BAR, **_):
    """log10 fO2 [bar] of quartz-fayalite-magnetite = A/T + B + C (P - 1 bar)/T; T [K], P total [Pa]."""
    excess = P / BAR - 1
    alpha = -26455.3 / T + 10.344 + 0.092 * excess / T
    beta = -25096.3 / T + 8.735 + 0.110 * excess / T
    inversion, slope = QUARTZ_INVERSION
    return _join(T, inversion + slope * excess, 5.0, alpha, beta)


_FROST, _MYERS = (
    "Frost 1991, Rev. Mineral. 25, 1, Table 1",
    "Myers & Eugster 1983, Contrib. Mineral. Petrol. 82, 75",
)
LINES = {
    # name: (family, A [K], B, C [K/bar], low and high [degC], reaction, reference); log10 fO2 = A/T + B + C (P - 1 bar)/T
    "Frost1991-IW": ("IW", -27489.0, 6.702, 0.055, (565, 1200), "Fe + 1/2 O2 = FeO", _FROST),
    "Frost1991-WM": ("WM", -32807.0, 13.012, 0.083, (565, 1200), "3 FeO + 1/2 O2 = Fe3O4", _FROST),
    "Frost1991-NNO": ("NNO", -24930.0, 9.36, 0.046, (600, 1200), "Ni + 1/2 O2 = NiO", _FROST),
    "Frost1991-CoCoO": ("CoCoO", -24332.6, 7.295, 0.052, (600, 1200), "Co + 1/2 O2 = CoO", _FROST),
    "Frost1991-MH": ("MH", -25700.6, 14.558, 0.019, (682, 1100), "2 Fe3O4 + 1/2 O2 = 3 Fe2O3", _FROST),
    "MyersEugster1983-QFM": (
        "QFM",
        -24441.9,
        8.290,
        0.0,
        (600, 1140),
        "3 Fe2SiO4 + O2 = 2 Fe3O4 + 3 SiO2",
        _MYERS,
    ),
}


NOTES = {  # of rows of LINES: beside measured values at 1 bar, and far outside the range
    "Frost1991-IW": "within 0.04 dex of Hirschmann2021 from 1000 to 2000 K",
    "Frost1991-NNO": "0.00 dex at 1000 K to 0.15 dex at 1400 K above the measured ONeillPownceby1993-NNO, 0.5 dex at 3000 K",
    "MyersEugster1983-QFM": "0.29 dex at 1000 K to 0.14 dex at 1400 K above the measured ONeill1987-QFM; at 3000 K the two differ by 1.9 dex",
}


def _register_line(name: str) -> Law:
    """The Law of one row of LINES."""
    family, a, b, c, (low, high), reaction, reference = LINES[name]

    def line(*, T, P=BAR, **_):
        """log10 fO2 [bar] = A/T + B + C (P - 1 bar)/T, T [K], P total [Pa]; coefficients in LINES."""
        return a / T + b + (c * (P / BAR - 1) / T if c else 0)

    attributes = {
        "family": family,
        "family_default": family != "IW" and reference == _FROST,
        "arguments": ("T",),
        "pressure": c != 0,
        "reaction": reaction,
        "conditions": f"{'' if c else '1 atm; '}range {low} to {high} degC",
    } | ({"note": NOTES[name]} if name in NOTES else {})
    span = (low + 273.15, high + 273.15)
    return law("buffer", name, unit="log10 bar", reference=reference, attributes=attributes, T=span)(line)


for _name in LINES:
    _register_line(_name)


# ---- meteorites, and one more line for iron-wustite

# log10 fO2 = A + B (1e3/T) + C (1e3/T)^2 + D (1e3/T)^3 + E (1e3/T)^4, bar and K
_SCHAEFER_FEGLEY = "Schaefer & Fegley 2017, ApJ 843, 120"
_FISCHER = "Fischer et al. 2011, Earth Planet. Sci. Lett. 304, 496"
_METEORITE = "gas in equilibrium with {} material; range not stated"
_HIGH_PRESSURE = (
    "Fe + 1/2 O2 = FeO; the terms without pressure of a fit to experiments in the diamond cell, to 156 GPa and 3100 K; range: the "
    "paper states no lower end, 1 GPa is a mark of this program, so that its use at 1 bar is reported"
)
_HIGH_PRESSURE_NOTE = (
    "at 1 bar 0.7 to 0.8 dex below measured iron-wuestite (1400 to 1644 K; 0.9 at 1000 K), 0.6 dex below Hirschmann2021 at 2000 K and 0.4 at "
    "3000 K. CALLIOPE's buffer of the same name has 6.94059 for 6.44059: 0.5 dex higher. For 1 bar take Hirschmann2021"
)
POLYNOMIALS = {
    # name: (family, coefficients A..E, reference, conditions, note and ranges)
    "Fischer2011": ("IW", (6.44059, -28.1808), _FISCHER, _HIGH_PRESSURE, _HIGH_PRESSURE_NOTE, {"P": (1e9, 156e9)}),
    "SchaeferFegley2017-CI": (
        "CI", (2.4976, -9.8605, -17.0701, 7.5220, -1.0404), _SCHAEFER_FEGLEY, _METEORITE.format("CI chondritic"),
    ),
    "SchaeferFegley2017-CV": (
        "CV", (9.0621, -31.193, 5.1092, -1.8475, 0.2000), _SCHAEFER_FEGLEY, _METEORITE.format("CV chondritic"),
    ),
    "SchaeferFegley2017-H": (
        "H", (5.0743, -22.906, -5.6610, 2.0634, -0.2618), _SCHAEFER_FEGLEY, _METEORITE.format("H chondritic"),
    ),
    "SchaeferFegley2017-EH": (
        "EH", (4.9495, -24.024, -4.6236, 1.7177, -0.2332), _SCHAEFER_FEGLEY, _METEORITE.format("EH chondritic"),
    ),
    "SchaeferFegley2017-Eucrite": (
        "Eucrite", (5.4856, -25.127, -3.6580, 1.3014, -0.1650), _SCHAEFER_FEGLEY, _METEORITE.format("eucritic"),
    ),
}  # fmt: skip


def _register_polynomial(name: str) -> Law:
    """The Law of one row of POLYNOMIALS."""
    family, coefficients, reference, conditions, *more = POLYNOMIALS[name]
    note, ranges = more or ("", {})

    def polynomial(*, T, **_):
        """log10 fO2 [bar] = sum of c_n (1000/T)^n, T [K]; coefficients in POLYNOMIALS. Range not stated."""
        value = 0
        for coefficient in reversed(coefficients):
            value = value * (1000.0 / T) + coefficient
        return value

    attributes = {"family": family, "family_default": family != "IW", "conditions": conditions} | (
        {"note": note} if note else {}
    )
    return law("buffer", name, unit="log10 bar", reference=reference, attributes=attributes, **ranges)(
        polynomial
    )


for _name in POLYNOMIALS:
    _register_polynomial(_name)


def families() -> dict[str, tuple[str, ...]]:
    """Family of buffers -> names of its laws, the family's default first."""
    found: dict[str, list[str]] = {}
    for name in names("buffer"):
        attributes = find("buffer", name).attributes
        rows = found.setdefault(attributes["family"], [])
        rows.insert(0 if attributes.get("family_default") else len(rows), name)
    return {family: tuple(rows) for family, rows in sorted(found.items())}


def above_buffer(buffer: str, *, T, ln_fO2, P=BAR):
    """log10 fO2 less that of a named buffer at T [K] and P [Pa]; ln_fO2 of bar. An expression of symbols, a number of numbers."""
    value = find("buffer", buffer)(T=T, P=P)
    if not any(isinstance(x, sympy.Basic) and x.free_symbols for x in (T, P, ln_fO2)):
        value, ln_fO2 = float(value), float(ln_fO2)
    return ln_fO2 / math.log(10.0) - value


@dataclass(frozen=True)
class OxygenFugacity:
    """Oxygen fugacity as the user set it.

    buffer: name of a "buffer" Law, or None when the value is absolute.
    offset: dex relative to the buffer; without a buffer log10 fO2 [bar] itself, the same at every temperature.
    pressure: at which the buffer's assemblage is taken [Pa].
    """

    buffer: str | None
    offset: float
    pressure: float = BAR

    def log10(self, T, P=None):
        """log10 fO2 [bar] at T [K] and the pressure P [Pa] (None: its own): an expression of sympy symbols, a number of numbers."""
        if self.buffer is None:
            return sympy.Float(self.offset)
        return find("buffer", self.buffer)(T=T, P=self.pressure if P is None else P) + self.offset

    def evaluate(self, T, P=None):
        """log10 fO2 [bar] at T [K] and P [Pa] (None: its own), numbers or arrays that broadcast, as `log10` has it."""
        P = self.pressure if P is None else P
        shaped = self.offset + 0.0 * T + 0.0 * P  # takes the shape of T and P
        return shaped if self.buffer is None else _compiled(self.buffer)(T, P) + shaped

    @property
    def label(self) -> str:
        """What a result must carry beside its numbers: "IW+0.5 (ONeillEggins2002)", "IW+0.5 (Frost1991-IW at 1 GPa)" or
        "log10 fO2 = -9.5"."""
        if self.buffer is None:
            return f"log10 fO2 = {self.offset:g}"
        at = "" if self.pressure == BAR else f" at {self.pressure / 1e9:g} GPa"
        return f"{find('buffer', self.buffer).attributes['family']}{self.offset:+g} ({self.buffer}{at})"


@cache
def _compiled(buffer: str):
    """A buffer's expression as a function of T [K] and P [Pa] for numpy."""
    T, P = sympy.symbols("T P", positive=True)
    return sympy.lambdify([T, P], find("buffer", buffer)(T=T, P=P), modules="numpy", cse=True)


_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|nan|inf"
_DISTANCE = "(?:[\N{GREEK CAPITAL LETTER DELTA}\N{INCREMENT}]\\s*|d(?=[A-Z]))?"  # ΔIW+2 and dIW+2 are IW+2
_RELATIVE = re.compile(
    rf"{_DISTANCE}(?P<family>[A-Za-z]+)(?:(?:\s*(?P<sign>[+-])\s*|\s+)(?P<size>{_NUMBER}))?"
)
_OTHER_NAMES = {"FMQ": "QFM"}  # of a family
_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{FULLWIDTH PLUS SIGN}": "+"})
_ABSOLUTE = re.compile(rf"log10\s+fO2\s*=\s*(?P<value>[+-]?(?:{_NUMBER}))")


def with_pressure(family: str = "") -> tuple[str, ...]:
    """Names of the buffers whose published form has a pressure term; of one family, or all."""
    found = [name for name in names("buffer") if find("buffer", name).attributes.get("pressure")]
    return tuple(name for name in found if family in ("", find("buffer", name).attributes["family"]))


def at_pressure(oxygen: OxygenFugacity, pressure: float | None, where: str = "") -> OxygenFugacity:
    """The same oxygen fugacity with its buffer at a pressure [Pa] (None: 1 bar).

    InputError for an absolute fugacity, a buffer without a pressure term, and a pressure that its form does not reach
    (for Hirschmann2021 where hcp iron begins): a polynomial of another phase is not extrapolated.
    """
    if pressure is None or pressure == BAR:
        return oxygen
    place = where or f"buffer_pressure = {pressure:g} Pa"
    if oxygen.buffer is None:
        raise InputError(
            place, "an absolute oxygen fugacity has no buffer whose pressure could be set.", cure="remove it"
        )
    law = find("buffer", oxygen.buffer)
    if not law.attributes.get("pressure"):
        family = law.attributes["family"]
        same = ", ".join(with_pressure(family)) or "none"
        allowed = f"buffers with one: of {family}: {same}; of all: {', '.join(with_pressure())}"
        raise InputError(
            place,
            f"the buffer {oxygen.buffer!r} has no published pressure term.",
            allowed,
            "name one of these as buffer, or leave the pressure out",
        )
    low, high = law.ranges.get("P", (BAR, HIGHEST_PRESSURE))
    if not low <= pressure <= high:
        allowed = f"allowed: {low / 1e9:g} to {high / 1e9:g} GPa"
        raise InputError(
            place, f"{pressure / 1e9:g} GPa is beyond the pressure term of {oxygen.buffer!r}.", allowed
        )
    return replace(oxygen, pressure=pressure)


def parse_oxygen_fugacity(text: str, buffer: str | None = None, where: str = "") -> OxygenFugacity:
    """Read an oxygen fugacity.

    text: "IW", "IW+0.5", "CI - 1" (family and dex; also "ΔIW+0.5", "dIW+0.5", "IW 0.5", and FMQ for QFM), or the absolute
    "log10 fO2 = -9.5" (bar).
    buffer: name of the buffer Law to use for the family; None takes the family's default (IW: ONeillEggins2002).
    where: the place in the user's input, for the error.
    """
    place = where or f"oxygen_fugacity = {text!r}"
    known = families()
    allowed = (
        f"a family ({', '.join(known)}) with an offset in dex, as 'IW+0.5', or 'log10 fO2 = -9.5' (bar)."
    )
    read = text.strip().translate(_MINUS) if isinstance(text, str) else ""

    if absolute := _ABSOLUTE.fullmatch(read):
        if buffer is not None:
            raise InputError(
                place,
                f"an absolute oxygen fugacity cannot follow the buffer {buffer!r}.",
                allowed,
                "remove the buffer, or give the offset from it",
            )
        low, high = ABSOLUTE_RANGE
        value = _number(absolute["value"], low, high, place, f"a number from {low:g} to {high:g} (log10 bar)")
        return OxygenFugacity(None, value)

    relative = _split(read)
    if not relative:
        comma = re.search(r"\d,\d", read)
        cure = (
            f"write the decimal point: {read.replace(',', '.')!r}"
            if comma
            else "write 'IW+0.5' for 0.5 dex above the buffer"
            if _looks_like_number(text)
            else ""
        )
        raise InputError(place, "this is not an oxygen fugacity.", allowed, cure)
    family, signed = relative
    if family not in known:
        raise InputError(place, f"no buffer family is called {family!r}.", allowed, nearest(family, known))
    bound = LARGEST_OFFSET
    offset = _number(signed, -bound, bound, place, f"an offset from {-bound:g} to {bound:g} dex")
    if buffer is None:
        return OxygenFugacity(known[family][0], offset)
    meant = find("buffer", buffer, where).attributes["family"]
    if meant != family:
        raise InputError(
            place,
            f"the buffer {buffer!r} is of the family {meant}, not {family}.",
            f"buffers of {family}: {', '.join(known[family])}",
            f"write {meant!r} in place of {family!r}, or name a buffer of {family}",
        )
    return OxygenFugacity(buffer, offset)


def _split(read: str) -> tuple[str, str] | None:
    """Family and signed offset as text, where it is one relative to a buffer."""
    found = _RELATIVE.fullmatch(read)
    return found and (
        _OTHER_NAMES.get(found["family"], found["family"]),
        (found["sign"] or "+") + (found["size"] or "0"),
    )


def relative_offset(text) -> tuple[str, float] | None:
    """Family and dex of an oxygen fugacity relative to a buffer, as the user writes it; None for any other text."""
    found = _split(text.strip().translate(_MINUS)) if isinstance(text, str) else None
    return (found[0], float(found[1])) if found and math.isfinite(float(found[1])) else None


def is_absolute(text) -> bool:
    """Whether an oxygen fugacity, as the user writes it, is a value of its own and not relative to a buffer."""
    return isinstance(text, str) and _ABSOLUTE.fullmatch(text.strip().translate(_MINUS)) is not None


def _number(text: str, low: float, high: float, place: str, allowed: str) -> float:
    """The number, refused when it is not finite or lies outside low..high."""
    value = float(text)
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(place, f"{value:g} is out of bounds.", allowed)
    return value


def _looks_like_number(text) -> bool:
    """Whether the user wrote the bare offset."""
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True
