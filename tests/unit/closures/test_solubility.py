"""Solubility laws: published coefficients and check numbers, units, ranges, and every bad entry refused."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
import sympy

from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms
from mocoupled.closures.carbonate import carbonate_in_basalt, carbonate_in_basalt_at_total_pressure
from mocoupled.closures.law import find
from mocoupled.closures.solubility import solubility_law
from mocoupled.errors import InputError

BAR = 1e5
LN10 = math.log(10.0)
POWER = {"form": "power-law", "coefficient": 534, "exponent": 0.5, "unit": "ppmw/bar^0.5"}


def shipped(species, name):
    return solubility_law(species, name, read_mechanism("chons").species[species].melt[name])


def ppmw(law, f, T, P, fO2=1e-9):
    """The law's value in ppmw; f (of the species itself), P and fO2 in bar, T in K."""
    values = {"T": T, "P": P * BAR, "ln_fO2": math.log(fO2)}
    return 1e6 * law(p=f * BAR, **{f"p_{law.species}": f * BAR}, **values)


def everywhere():
    """Every law of every shipped mechanism, once."""
    found = {}
    for mechanism in map(read_mechanism, shipped_mechanisms()):
        for one in mechanism.species.values():
            found |= {
                (one.name, name): solubility_law(one.name, name, entry) for name, entry in one.melt.items()
            }
    return found


LAWS = everywhere()


@pytest.mark.parametrize(
    "name, alpha, exponent, T, P, dIW",
    [
        ("peridotite-Sossi2022", 534, 0.5, 2173, (1.013, 1.013), (-1.4, 6.5)),
        ("lunar-glass-Newcombe2017", 683, 0.5, 1623, (1.013, 1.013), (-3.0, 4.8)),
        ("anorthite-diopside-Newcombe2017", 727, 0.5, 1623, (1.013, 1.013), (-3.0, 4.8)),
        ("basalt-Dixon1995", 965, 0.5, 1473, (176, 717), (3.9, 13.2)),
        ("basalt-Berndt2002", 1007, 0.5, 1473, (503, 2021), (3.5, 7.9)),
        ("basalt-WilsonHead1981", 215, 0.7, 1373, (1034, 6067), None),
    ],
)
def test_table_1_of_bower2022(name, alpha, exponent, T, P, dIW):
    """Bower et al. 2022, PSJ 3, 93, Table 1: X[ppmw] = alpha (f/bar)^exponent. Exact numbers, so only
    rounding: 1e-14."""
    law = shipped("H2O", name)
    for f in (1e-3, 1.0, 270.0, 5000.0):
        assert law(p=f * BAR, T=1500.0, P=1e7) == pytest.approx(alpha * 1e-6 * f**exponent, rel=1e-14)
    assert law.unit == "kg/kg"
    assert law.ranges["T"] == (T, T)
    assert law.ranges["P"] == pytest.approx([x * BAR for x in P], rel=1e-14)
    assert law.ranges.get("dIW") == dIW
    assert "Bower et al. 2022" in law.reference


@pytest.mark.parametrize(
    "name, alpha", [("peridotite-Sossi2022-e63", 524), ("peridotite-Sossi2022-e51", 647)]
)
def test_both_molar_absorptivities(name, alpha):
    """Sossi et al. 2023, EPSL 601, 117894: 524 +- 16 and 647 +- 25 ppmw/bar^0.5 for absorptivities 6.3 and
    5.1."""
    assert shipped("H2O", name)(p=BAR) == pytest.approx(alpha * 1e-6, rel=1e-14)


def test_coefficient_in_pascal():
    """SPIDER's reaction.opts, after the paper: 1.6886562705299146 ppmw/Pa^0.5, to all digits of a double."""
    assert shipped("H2O", "peridotite-Sossi2022").dissolution.coefficient == pytest.approx(
        1.6886562705299146e-6, rel=1e-15
    )


@pytest.mark.parametrize(
    "p, T, ppmw, half",
    [
        (1, 1000, 0.4568, 5e-5),
        (1, 3000, 0.4568, 5e-5),
        (100, 2000, 45.064, 5e-4),
        (500, 2000, 213.23, 5e-3),
        (1000, 1650, 386.54, 5e-3),
    ],
)
def test_carbonate(p, T, ppmw, half):
    """Dixon et al. 1995, eq. 6, as SPIDER computes it: check numbers to half of their last digit."""
    for value in (carbonate_in_basalt(p_CO2=p * BAR, T=T), carbonate_in_basalt.evaluate(p_CO2=p * BAR, T=T)):
        assert abs(value * 1e6 - ppmw) <= half


def test_carbonate_turns_over():
    """The formula has its maximum at 83.15 T / 23 bar, 5061 bar at 1400 K: no slope there, to 1e-12 of that
    at 1 bar."""
    p, T = sympy.symbols("p T", positive=True)
    slope = sympy.lambdify((p, T), carbonate_in_basalt(p_CO2=p, T=T).diff(p))
    top = 83.15 * 1400 / 23 * BAR
    assert top / BAR == pytest.approx(5061, abs=0.5)
    assert abs(slope(top, 1400.0)) < 1e-12 * slope(BAR, 1400.0)
    assert slope(0.9 * top, 1400.0) > 0 > slope(1.1 * top, 1400.0)


def test_carbonate_is_the_registered_law():
    law = shipped("CO2", "basalt-Dixon1995")
    assert law.function is find("solubility", "basalt-Dixon1995").function
    assert law.species == "CO2"
    assert law.ranges == {"T": (1473.0, 1473.0), "p_CO2": (210e5, 980e5)}
    everything = {"p": 1e7, "p_CO2": 1e7, "p_H2O": 1.0, "T": 1500.0, "P": 2e7, "ln_fO2": -20.0}
    assert law(**everything) == carbonate_in_basalt(p_CO2=1e7, T=1500.0)


def test_registered_law_and_power_law_of_one_name_do_not_meet():
    """H2O and CO2 both have a basalt-Dixon1995: each entry says by its form which is meant."""
    assert shipped("H2O", "basalt-Dixon1995").dissolution.form == "power-law"
    assert shipped("CO2", "basalt-Dixon1995").dissolution.form == "law"
    with pytest.raises(InputError, match="law of this name is for CO2"):
        solubility_law("H2O", "basalt-Dixon1995", {"form": "law"})


def test_symbols_numbers_and_arrays_agree():
    for law, name in (
        (shipped("H2O", "basalt-WilsonHead1981"), "p"),
        (shipped("CO2", "basalt-Dixon1995"), "p_CO2"),
    ):
        symbol = sympy.Symbol(name, positive=True)
        expression = law(**{"p": symbol, name: symbol, "T": 1500.0, "P": 1e8, "ln_fO2": -20.0})
        values = np.geomspace(1e2, 1e9, 7)
        arrays = law.evaluate(**{"p": values, name: values, "T": 1500.0})
        for value, array in zip(values, arrays, strict=True):
            number = law(**{"p": value, name: value, "T": 1500.0})
            assert float(expression.subs(symbol, value)) == pytest.approx(number, rel=1e-13)
            assert array == pytest.approx(number, rel=1e-13)


def test_root_of_an_exponential_simplifies():
    """Unknowns are logarithms of pressures: the law's exponent must be exact, or sympy keeps exp(u)**0.5."""
    u = sympy.Symbol("u", real=True)
    assert shipped("H2O", "peridotite-Sossi2022")(p=BAR * sympy.exp(u)).has(sympy.exp(u / 2))


def test_every_shipped_law_reads():
    for law in LAWS.values():
        assert law.reference and law.unit == "kg/kg" and law.doc
        assert law.dissolution.form == "none" or re.search(r"(19|20)\d\d", law.reference)
    for mechanism in map(read_mechanism, shipped_mechanisms()):
        for species in mechanism.species.values():
            if species.melt:
                assert species.melt["none"] == {"form": "none"}
                assert species.default_melt == {"H2O": "peridotite-Sossi2022", "CO2": "basalt-Dixon1995"}.get(
                    species.name, "none"
                )


def test_a_law_of_a_species_is_the_same_in_every_mechanism():
    for mechanism in map(read_mechanism, shipped_mechanisms()):
        for name in ("H2", "H2O", "CO", "CO2", "CH4"):
            assert mechanism.species[name].melt == read_mechanism("volatiles").species[name].melt


# species, law, f [bar], T [K], P [bar], fO2 [bar] or None, ppmw as published, our misfit, where it stands
POINTS = [
    (
        "H2O",
        "peridotite-Sossi2022-e51",
        0.0038,
        2173,
        1,
        None,
        42.9,
        -0.070,
        "Sossi et al. 2023, Table 1, Per-7",
    ),
    (
        "H2O",
        "lunar-glass-Newcombe2017",
        0.27,
        1623,
        1,
        None,
        353.5,
        0.004,
        "Newcombe et al. 2017, Table 2, LG2 and LG4",
    ),
    (
        "H2O",
        "anorthite-diopside-Newcombe2017",
        0.1,
        1623,
        1,
        None,
        229,
        0.004,
        "Newcombe et al. 2017, Table 2, AD26",
    ),
    (
        "H2O",
        "basalt-Dixon1995",
        25,
        1473,
        25,
        None,
        5200,
        -0.072,
        "Dixon et al. 1995, Table 5, by their own model",
    ),
    ("H2O", "basalt-Mitchell2017", 20600.63, 1473, 1e4, None, 202247, -0.015, "Mitchell et al. 2017, Fig. 7"),
    (
        "H2",
        "basalt-Hirschmann2012",
        19058,
        1673,
        1e4,
        None,
        2200,
        0.004,
        "Hirschmann et al. 2012, Table 2, A697 and A711",
    ),
    (
        "H2",
        "andesite-Hirschmann2012",
        72269,
        1673,
        3e4,
        None,
        9000,
        -0.049,
        "Hirschmann et al. 2012, Table 2, A901",
    ),
    ("H2", "silicic-Gaillard2003", 8, 1000, 8, None, 2.1, 0.049, "Gaillard et al. 2003, Table 4, no. 29"),
    ("H2", "silicate-Chachan2018", 1500, 1673, 1500, None, 1000, 0.0, "the point that it is anchored to"),
    ("H2", "silicate-Kite2019", 23986, 1673, 1e4, None, 1900, 0.0, "the point that it is anchored to"),
    ("CO2", "basalt-Dixon1995", 25, 1473.15, 25, None, 11, 0.034, "Dixon et al. 1995, Table 5 (whole ppm)"),
    (
        "CO2",
        "basalt-Dixon1995-total",
        25,
        1473.15,
        25,
        None,
        11,
        0.034,
        "Dixon et al. 1995, Table 5 (whole ppm)",
    ),
    ("CO", "basalt-Armstrong2015", 1000, 1673, 1.2e4, None, 17.3, -0.002, "Armstrong et al. 2015"),
    ("CO", "basalt-Yoshioka2019", 5248, 1773, 3e4, None, 59, 0.012, "Yoshioka et al. 2019"),
    ("CO", "rhyolite-Yoshioka2019", 31623, 1773, 3e4, None, 161, 0.130, "Yoshioka et al. 2019"),
    ("CH4", "basalt-Ardia2013", 19360, 1673, 7000, None, 69.39, 0.000, "Ardia et al. 2013"),
    (
        "N2",
        "basalt-Libourel2003",
        0.2,
        1698.15,
        1,
        6.31e-17,
        446.7,
        -0.156,
        "Libourel et al. 2003, near IW-6.7",
    ),
    (
        "N2",
        "basalt-Dasgupta2022",
        1550,
        1773.15,
        1708.7,
        1.8e-13,
        1000,
        0.002,
        "Dasgupta et al. 2022, near IW-3.9 at its pressure",
    ),
    ("N2", "basalt-Bernadou2021", 741, 1473.15, 800, 38.9045, 20.86, 0.192, "Bernadou et al. 2021"),
    (
        "S2",
        "basalt-sulfide-Boulliung2023",
        0.0891251,
        1473,
        1,
        3.98107e-10,
        760,
        0.140,
        "Boulliung & Wood 2023",
    ),
    (
        "S2",
        "andesite-sulfide-Boulliung2023",
        0.0891251,
        1473,
        1,
        3.98107e-10,
        376,
        -0.413,
        "Boulliung & Wood 2023",
    ),
    (
        "S2",
        "trachybasalt-sulfide-Boulliung2023",
        0.0891251,
        1473,
        1,
        3.98107e-10,
        1157,
        0.029,
        "Boulliung & Wood 2023",
    ),
    (
        "S2",
        "basalt-sulfate-Boulliung2023",
        1.38038e-14,
        1623,
        1,
        0.0794328,
        210,
        -0.606,
        "Boulliung & Wood 2022",
    ),
    (
        "S2",
        "andesite-sulfate-Boulliung2023",
        4.16869e-16,
        1523,
        1,
        0.0794328,
        95,
        -0.006,
        "Boulliung & Wood 2022",
    ),
    (
        "S2",
        "trachybasalt-sulfate-Boulliung2023",
        2.51189e-15,
        1573,
        1,
        0.0794328,
        230,
        -0.222,
        "Boulliung & Wood 2022",
    ),
    ("Cl2", "basalt-Thomas2021", 4.24e-4, 1673, 1.5e4, None, 16000, 0.011, "Thomas & Wood 2021"),
    (
        "Cl2",
        "anorthite-diopside-forsterite-Thomas2021",
        1.66e-6,
        1673,
        1.5e4,
        None,
        1800,
        0.006,
        "Thomas & Wood 2021",
    ),
]


@pytest.mark.parametrize(
    "species, name, f, T, P, fO2, published, misfit, where", POINTS, ids=[p[1] for p in POINTS]
)
def test_points_of_the_papers(species, name, f, T, P, fO2, published, misfit, where):
    """One measured point of each paper (as other programs' tests quote it; the tables are not at hand). A fit
    does not go through its points: the misfit is stated, and is ours to 1e-3. It is the formula's, not a
    slip: the sulfur laws miss their own glasses by up to 61 %, as they do in those programs."""
    assert ppmw(shipped(species, name), f, T, P, fO2 or 1e-9) / published - 1 == pytest.approx(
        misfit, abs=1e-3
    ), where


@pytest.mark.parametrize(
    "species, name, expected",
    [
        ("H2O", "peridotite-Sossi2022", 534.0),
        ("H2O", "peridotite-Sossi2022-e63", 524.0),
        ("H2O", "peridotite-Sossi2022-e51", 647.0),
        ("H2O", "basalt-Mitchell2017", 258.946),
        ("H2", "basalt-Hirschmann2012", 10**1.10083602),
        ("H2", "andesite-Hirschmann2012", 10**1.01058631),
        ("H2", "silicic-Gaillard2003", 0.163),
        ("CO", "basalt-Yoshioka2019", 1e4 * 10**-5.20),
        ("CO", "rhyolite-Yoshioka2019", 1e4 * 10**-4.08),
        ("CO", "basalt-Armstrong2015", 10 ** (-0.738 - 5.44e-5)),
        ("CH4", "basalt-Ardia2013", 1e-4 * math.exp(4.93)),
        ("N2", "basalt-Libourel2003-physical", 0.0611),
        ("Cl2", "basalt-Thomas2021", 785600.0),
        ("Cl2", "anorthite-diopside-forsterite-Thomas2021", 1405200.0),
    ],
)
def test_at_one_bar(species, name, expected):
    """The coefficient as printed, at f = P = 1 bar: round-off only."""
    assert ppmw(shipped(species, name), 1.0, 1673.0, 1.0) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("species, henry, mass, peer", [
    ("He", 56e-5, 4.002602, 0.1001), ("Ne", 25e-5, 20.1797, 0.2252), ("Ar", 5.9e-5, 39.948, 0.1052),
    ("Kr", 3.0e-5, 83.798, 0.1122), ("Xe", 1.7e-5, 131.293, 0.0996),
])  # fmt: skip
def test_noble_gases_of_jambon(species, henry, mass, peer):
    """Henry constants in cm3 STP/g/bar; STP is 1 atm and 273.15 K: 8.314462618 x 273.15/101325 m3/mol,
    22413.97 cm3. Other programs divide by 22400 and get 0.06 % more; their printed numbers to half a digit
    and that."""
    molar_volume = 8.314462618 * 273.15 / 101325 * 1e6
    value = ppmw(shipped(species, "basalt-Jambon1986"), 1.0, 1700.0, 1.0)
    assert value == pytest.approx(1e6 * henry / molar_volume * mass, rel=1e-6)
    assert value == pytest.approx(peer, abs=5e-5 + 7e-4 * peer)


@pytest.mark.parametrize(
    "melt, sulfide",
    [("basalt", 7576.212242182479), ("andesite", 2765.534194086474), ("trachybasalt", 9573.602305681254)],
)
def test_sulfur_at_iron_wustite(melt, sulfide):
    """Sulfide at 2 bar of S2, 2000 K, fO2 of IW (Hirschmann 2021): numbers that Atmodeller's tests carry, to
    all their digits. The sum is the sum, and sulfate is nothing there."""
    iron = 10 ** float(find("buffer", "Hirschmann2021")(T=2000.0))
    two, six, both = (
        ppmw(shipped("S2", f"{melt}-{k}Boulliung2023"), 2.0, 2000.0, 2.0, iron)
        for k in ("sulfide-", "sulfate-", "")
    )
    assert two == pytest.approx(sulfide, rel=1e-12)
    assert both == pytest.approx(two + six, rel=1e-15) and 0 < six < 1e-6 * two


def test_sulfide_of_gaillard():
    """CALLIOPE's form, exp(13.8426 - 26476/T + 0.124 FeO + ln(fS2/fO2)/2) ppmw with 10 wt% FeO, at 1800 K and
    fO2 = 1e-9."""
    expected = math.exp(13.8426 - 26476 / 1800 + 1.24 + 0.5 * math.log(0.3 / 1e-9))
    assert ppmw(shipped("S2", "basalt-Gaillard2022"), 0.3, 1800.0, 10.0, 1e-9) == pytest.approx(
        expected, rel=1e-13
    )


def test_nitrogen_laws_against_their_formulas():
    """Each formula written out anew in bar and GPa, at 1900 K, IW-2, N2 30 bar of 500 bar. Libourel's fO2 is
    that at 1698.15 K, so far from IW; the constant -9.48438 of the file is Hirschmann's (2021) IW there, to
    its digits. Dasgupta's distance is from IW at the total pressure."""
    T, f, P = 1900.0, 30.0, 500.0
    IW = float(find("buffer", "Hirschmann2021")(T=T))
    fO2 = 10 ** (IW - 2)
    above = IW - 2 - float(find("buffer", "Hirschmann2021")(T=T, P=P * BAR))
    there = 10 ** (float(find("buffer", "Hirschmann2021")(T=1698.15)) - 2)
    R = 8.314462618
    expected = {
        "basalt-Libourel2003": 0.0611 * f + 5.97e-10 * there**-0.75 * f**0.5,
        "basalt-Dasgupta2022": math.exp(5908 * math.sqrt(P / 1e4) / T - 1.6 * above) * math.sqrt(f / 1e4)
        + f / 1e4 * math.exp(4.67 + 7.11 * 0.56 - 13.06 * 0.11 - 120.67 * 0.01),
        "basalt-Bernadou2021": 1e6 * (math.exp(-(29344 + 121 * T + 4 * P) / (R * T)) * f
        + math.exp(-(183733 + 172 * T - 5 * P) / (R * T)) * fO2**-0.75 * f**0.5),
    }  # fmt: skip
    for name, value in expected.items():
        assert ppmw(shipped("N2", name), f, T, P, fO2) == pytest.approx(value, rel=5e-5), name


RELATIVE = [
    key for key, law in LAWS.items() if "dIW" in law.ranges or "DIW" in str(law.dissolution.expression)
]


@pytest.mark.parametrize("species, name", RELATIVE)
def test_a_law_relative_to_iron_wustite_names_its_buffer(species, name):
    """In its record, for whoever prints the law; what dissolves takes no IW from outside."""
    law = LAWS[species, name]
    assert find("buffer", law.iron_wustite.name).family == "IW"
    assert "ln_fO2_IW" not in law.arguments


def test_nitrogen_at_the_calibration_of_libourel():
    """At 1698.15 K and 1 bar the law is the paper's, 0.0611 f + 5.97e-10 fO2^-0.75 f^0.5 with the absolute
    fO2, to the digits of the file's constant (1e-5 dex, 2e-5); it was 6.5 % low with the buffer of O'Neill &
    Eggins."""
    law = shipped("N2", "basalt-Libourel2003")
    for fO2 in (1e-16, 1e-12, 1e-8):
        assert ppmw(law, 0.7, 1698.15, 1.0, fO2) == pytest.approx(
            0.0611 * 0.7 + 5.97e-10 * fO2**-0.75 * 0.7**0.5, rel=2e-5
        )


def test_buffer_of_a_law_of_ones_own():
    """DIW is relative to the buffer that the entry names, at 1 bar or at the total pressure, and to O'Neill &
    Eggins 2002 else."""
    T, P, ln_fO2 = 1900.0, 1e9, -9 * LN10

    def value(**more):
        entry = {"form": "expression", "expression": "1e-3*10**(0.1*DIW)", "unit": "kg/kg"}
        return (
            math.log10(solubility_law("X", "mine", entry | more)(T=T, P=P, ln_fO2=ln_fO2, p=1e5) / 1e-3) / 0.1
        )

    for buffer, pressure in (
        ("ONeillEggins2002", None),
        ("Hirschmann2021", None),
        ("Hirschmann2021", P),
        ("Frost1991-IW", P),
    ):
        more = ({"buffer": buffer} if buffer != "ONeillEggins2002" else {}) | (
            {"buffer-pressure": "total"} if pressure else {}
        )
        iron = find("buffer", buffer)(T=T, **({"P": pressure} if pressure else {}))
        assert value(**more) == pytest.approx(-9 - float(iron), rel=1e-10)
    assert (
        value(buffer="Hirschmann2021") - value(**{"buffer": "Hirschmann2021", "buffer-pressure": "total"})
        > 0.2
    )


def test_total_pressure_in_the_carbonate_law():
    """The same law where the gas is all CO2; less dissolves under more of another gas; no denominator to
    guard: at its maximum the mole fraction is 3.8e-7 (83.15 T/23)/e, far from 36.6/44."""
    for p, T in ((1.0, 1400.0), (300.0, 2000.0), (4000.0, 3000.0)):
        same = carbonate_in_basalt_at_total_pressure(p_CO2=p * BAR, P=p * BAR, T=T)
        assert same == carbonate_in_basalt(p_CO2=p * BAR, T=T)
        assert carbonate_in_basalt_at_total_pressure(p_CO2=p * BAR, P=2 * p * BAR, T=T) < same
    largest = max(carbonate_in_basalt(p_CO2=p, T=6000.0) for p in np.geomspace(1e5, 1e11, 200))
    fraction = 3.8e-7 * 83.15 * 6000 / 23 / math.e
    assert (
        largest == pytest.approx(44 * fraction / (36.6 - 44 * fraction), rel=2e-3)
        and fraction < 5.1e-7 * 6000
    )


SYMBOLIC = {"T": (1200.0, 3500.0), "P": (1e2, 2e9), "ln_fO2": (-45.0, 0.0)}


@pytest.mark.parametrize(
    "species, name", [key for key, law in LAWS.items() if law.dissolution.form != "none"]
)
def test_laws_are_smooth_and_finite_down_to_nothing(species, name):
    """In the solver's unknown ln p, from 1e-25 bar to 20 kbar: value and slope by sympy are finite and
    positive, the slope is that of central differences (1e-6), and at no gas at all nothing dissolves.
    (Dixon's law turns over: its slope may be negative above 4 kbar.)"""
    law = LAWS[species, name]
    rng = np.random.default_rng(5)
    u = sympy.Symbol("u", real=True)
    symbols = {key: sympy.Symbol(key, real=True) for key in SYMBOLIC}
    p = BAR * sympy.exp(u)
    value = law(p=p, **{f"p_{species}": p}, **symbols)
    both = sympy.lambdify([u, *symbols.values()], [value, value.diff(u)], modules="math", cse=True)
    for ln_p in np.linspace(-57.0, math.log(2e4), 25):
        where = [rng.uniform(*span) for span in SYMBOLIC.values()]
        amount, slope = both(ln_p, *where)
        up, down = (both(ln_p + h, *where)[0] for h in (1e-4, -1e-4))
        assert math.isfinite(amount) and amount >= 0.0 and math.isfinite(slope)
        assert slope == pytest.approx((up - down) / 2e-4, rel=1e-6, abs=1e-9 * amount)
        assert slope > 0 or "Dixon" in name or amount == 0.0
    none = {"T": 2000.0, "P": 1e5, "ln_fO2": -20.0, "p": 0.0, f"p_{species}": 0.0}
    assert law.evaluate(**none) == law(**none) == 0.0


def test_sum_of_laws():
    power = POWER | {"T": [1500, 1700], "P": [1e5, 1e7]}
    formula = {
        "form": "expression",
        "expression": "1e-3*tanh(p/P)",
        "unit": "kg/kg",
        "T": [1600, 1800],
        "reference": "b",
    }
    law = solubility_law(
        "X", "both", {"form": "sum", "of": {"one": power | {"reference": "a"}, "two": formula}}
    )
    assert law(p=1e5, P=1e6, T=1.0) == pytest.approx(534e-6 + 1e-3 * math.tanh(0.1), rel=1e-14)
    assert law.evaluate(p=np.array([1e5]), P=1e6)[0] == pytest.approx(
        534e-6 + 1e-3 * math.tanh(0.1), rel=1e-14
    )
    assert law.ranges == {"T": (1600.0, 1700.0), "P": (1e5, 1e7)} and law.reference == "a; b"
    assert law.arguments == ("p", "P") and "one, two" in law.doc


def test_common_units_do_not_load_pint():
    """pint takes 0.3 s to load, which the first answer of a process need not wait for."""
    code = (
        "import sys; from mocoupled.closures.solubility import solubility_law as law; "
        "law('H2O', 'a', {'form': 'power-law', 'coefficient': 1, 'exponent': 0.5, 'unit': 'ppmw/bar^0.5', "
        "'P': ['1 bar', '2 GPa']}); "
        "law('He', 'b', {'form': 'power-law', 'coefficient': 1, 'exponent': 1, 'unit': 'kg/kg/Pa'}); assert "
        "'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_none_dissolves_nothing():
    law = shipped("CO", "none")
    assert law(p=1e9, T=2000.0) == 0.0 and law.arguments == () and law.evaluate() == 0.0


def test_other_units_mean_the_same():
    in_pascal = solubility_law(
        "X", "a", POWER | {"coefficient": 534e-6 / math.sqrt(1e5), "unit": "kg/kg/Pa^0.5"}
    )
    henry = solubility_law(
        "He", "b", {"form": "power-law", "coefficient": 1e-7, "exponent": 1, "unit": "kg/kg/bar"}
    )
    assert in_pascal(p=3e6) == pytest.approx(534e-6 * math.sqrt(30), rel=1e-14)
    assert henry(p=3e6) == pytest.approx(3e-6, rel=1e-14)


def test_ranges_as_text_and_numbers():
    law = solubility_law("X", "a", POWER | {"T": ["1200 degC", 1500], "P": ["1 kbar", 2e8]})
    assert law.ranges["T"] == pytest.approx((1473.15, 1500))
    assert law.ranges["P"] == pytest.approx((1e8, 2e8))


@pytest.mark.parametrize(
    "entry, said",
    [
        ("ppmw", "not a table"),
        ({}, "'form' is missing"),
        ({"form": "powerlaw"}, "did you mean 'power-law'"),
        ({"form": "henry"}, "known: power-law, expression, sum, law, none"),
        ({k: v for k, v in POWER.items() if k != "coefficient"}, "needs the key 'coefficient'"),
        ({k: v for k, v in POWER.items() if k != "unit"}, "needs the key 'unit'"),
        (POWER | {"coefficent": 3}, "did you mean 'coefficient'"),
        (POWER | {"unit": "ppmw/bar"}, "with exponent 0.5 a unit is, for instance, ppmw/bar^0.5"),
        (POWER | {"exponent": 0.7}, "ppmw/bar^0.7"),
        (POWER | {"unit": "mol/bar^0.5"}, "unit = 'mol/bar^0.5'"),
        (POWER | {"unit": "ppmw/bra^0.5"}, "no unit is called"),
        (POWER | {"coefficient": float("nan")}, "not a finite number"),
        (POWER | {"coefficient": float("inf")}, "not a finite number"),
        (POWER | {"coefficient": -534}, "not a positive number"),
        (POWER | {"coefficient": 0}, "form: none"),
        (POWER | {"coefficient": True}, "coefficient"),
        (POWER | {"coefficient": "much"}, "coefficient"),
        (POWER | {"exponent": 0}, "not a positive number"),
        (POWER | {"exponent": float("nan")}, "not a finite number"),
        (POWER | {"T": 1500}, "not a range"),
        (POWER | {"T": [1600, 1500]}, "low <= high"),
        (POWER | {"T": [0, 1500]}, "low <= high"),
        (POWER | {"T": ["1 bar", "2 bar"]}, "unit of"),
        (POWER | {"P": [1e5, float("nan")]}, "not a finite number"),
        (POWER | {"dIW": "reducing"}, "not a range"),
        (POWER | {"p": [-1, 1]}, "low <= high"),
        (POWER | {"buffer": "Hirschmann2021"}, "nothing in this law is relative to a buffer"),
        (POWER | {"dIW": [-1, 1], "buffer": "Hirshmann2021"}, "did you mean 'Hirschmann2021'"),
        (POWER | {"dIW": [-1, 1], "buffer": "Frost1991-QFM"}, "relative to iron-wustite"),
        (POWER | {"dIW": [-1, 1], "buffer-pressure": "total"}, "not a pressure of this buffer"),
        (
            POWER | {"dIW": [-1, 1], "buffer": "Hirschmann2021", "buffer-pressure": 3},
            "not a pressure of this buffer",
        ),
        (
            {
                "form": "sum",
                "of": {
                    "a": POWER | {"dIW": [-1, 1]},
                    "b": POWER | {"dIW": [-1, 1], "buffer": "Hirschmann2021"},
                },
            },
            "different buffers",
        ),
        ({"form": "sum"}, "not a table of laws"),
        ({"form": "sum", "of": []}, "not a table of laws"),
        ({"form": "sum", "of": {"a": "b"}}, "of: solubility law 'a' of H2O: 'b' is not a table"),
        ({"form": "sum", "of": {"a": {"form": "sum", "of": {}}}}, "a sum of sums"),
        ({"form": "sum", "of": {"a": POWER | {"exponent": -1}}}, "not a positive number"),
        ({"form": "sum", "of": {"a": POWER}, "T": [1, 2]}, "'T' means nothing here"),
        ({"form": "none", "coefficient": 3}, "means nothing here"),
        ({"form": "law", "coefficient": 3}, "means nothing here"),
        ({"form": "law"}, "no solubility law has this name"),
    ],
)
def test_bad_entries_are_refused(entry, said):
    with pytest.raises(InputError) as error:
        solubility_law("H2O", "mine-2024", entry, "mine.yaml")
    text = str(error.value)
    assert said in text
    assert "mine.yaml" in text and "H2O" in text and "mine-2024" in text
