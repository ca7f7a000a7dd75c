"""Solubility laws against published coefficients, measured points, and formulas written out anew."""

import math

import pytest
from support.solubility_laws import BAR, ppmw, shipped

from mocoupled.closures.law import find


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
