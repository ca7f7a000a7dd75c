"""Fugacity coefficients: laws of nature, other implementations of the same equations, published numbers, the
table."""

import math

import cantera
import numpy as np
import pytest
import thermo
from chemicals import iapws

from mocoupled.chemistry.real_gases import critical_point, ln_phi_by_thermo
from mocoupled.closures.fugacity import (
    KIND,
    PRESSURES,
    SUBCRITICAL,
    SUPERCRITICAL,
    TEMPERATURES,
    covers,
    ln_phi,
    table,
    valid_range,
)
from mocoupled.closures.gas_equations import Gas
from mocoupled.closures.law import find
from mocoupled.closures.registry import names
from mocoupled.constants import GAS_CONSTANT
from mocoupled.dae.leaves.smooth_surface import Surface
from mocoupled.errors import InputError

GASES = {s: critical_point(s) for s in ("H2O", "CO2", "H2", "CO", "CH4", "O2")}
FIVE = ("H2O", "CO2", "H2", "CO", "CH4")
LAWS = (
    "PengRobinson1976",
    "SoaveRedlichKwong1972",
    "RedlichKwong1949",
    "HollandPowell1991-CORK",
    "ZhangDuan2009",
    "ZhangDuan2009-Leachman2009",
)
T_HOT = np.array([830.0, 1000.0, 1400.0, 2000.0, 3000.0])


def phi(name, species, T, P):
    return np.exp(ln_phi(name, GASES[species])(T, P))


# ---- laws of nature


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("species", FIVE)
def test_a_thin_gas_is_ideal(name, species):
    """ln phi = B P/RT: with |B| below 3e-4 m3/mol (water at 500 K: 1.8e-4) it is below 1e-7 at 1 Pa, and
    falls with P."""
    T = np.linspace(*TEMPERATURES, 40)
    one, less = (np.abs(ln_phi(name, GASES[species])(T, P)) for P in (1.0, 1e-3))
    assert one.max() < 1e-7 and less.max() < 1e-10


def volume(name, gas, T, P):
    """Molar volume [m3/mol] of the law at each P, from its equation P(V) or V(P), written here for itself."""
    R, Tc, Pc = GAS_CONSTANT, gas.critical_temperature, gas.critical_pressure
    if name == "HollandPowell1991-CORK":
        p, R = P / 1e8, 1e-3 * R  # kbar, kJ
        if gas.name == "H2O":
            t = T - 673.0
            a, b = 1113.4 - 0.22291 * t - 3.8022e-4 * t**2 + 1.7791e-7 * t**3, 1.465
            V = solved(lambda V: R * T / (V - b) - a / (math.sqrt(T) * V * (V + b)), p, b, R * T)
            over = max(p - 2.0, 0.0)
            V += (-3.2297554e-3 + 2.2215221e-6 * T) * over + (-3.025650e-2 - 5.343144e-6 * T) * math.sqrt(
                over
            )
        else:
            Tc, Pc = {
                "CO2": (304.2, 0.0738),
                "CO": (132.9, 0.0350),
                "CH4": (190.6, 0.0460),
                "H2": (41.2, 0.0211),
            }[gas.name]
            a, b = 5.45963e-5 * Tc**2.5 / Pc - 8.63920e-6 * Tc**1.5 / Pc * T, 9.18301e-4 * Tc / Pc
            c = -3.30558e-5 * Tc / Pc**1.5 + 2.30524e-6 / Pc**1.5 * T
            d = 6.93054e-7 * Tc / Pc**2 - 8.38293e-8 / Pc**2 * T
            V = (
                R * T / p
                + b
                - a * R * math.sqrt(T) / ((R * T + b * p) * (R * T + 2 * b * p))
                + c * math.sqrt(p)
                + d * p
            )
        return 1e-5 * V
    a, b = 0.42748023 * R**2 * Tc**2.5 / Pc / math.sqrt(T), 0.08664035 * R * Tc / Pc
    if name == "RedlichKwong1949":
        return solved(lambda V: R * T / (V - b) - a / (V * (V + b)), P, b, R * T)
    w, s = gas.acentric_factor, 1.0 - math.sqrt(T / Tc)
    if name == "SoaveRedlichKwong1972":
        a = 0.42748023 * (R * Tc) ** 2 / Pc * (1 + (0.480 + 1.574 * w - 0.176 * w**2) * s) ** 2
        return solved(lambda V: R * T / (V - b) - a / (V * (V + b)), P, b, R * T)
    a, b = (
        0.45723553 * (R * Tc) ** 2 / Pc * (1 + (0.37464 + 1.54226 * w - 0.26992 * w**2) * s) ** 2,
        0.07779607 * R * Tc / Pc,
    )
    return solved(lambda V: R * T / (V - b) - a / (V**2 + 2 * b * V - b**2), P, b, R * T)


def solved(pressure, P, b, RT):
    """The volume with this pressure, by bisection between b and the ideal gas's plus b."""
    low, high = b * (1 + 1e-12), 1.000001 * (RT / P + b)
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if pressure(middle) > P else (low, middle)
    return low


@pytest.mark.parametrize("name", LAWS[:4])
@pytest.mark.parametrize("species", FIVE)
def test_the_pressure_derivative_is_the_excess_volume(name, species):
    """d ln phi/dP = (V - RT/P)/RT by central differences (1e-4 of P; their error is 1e-8), against the volume
    of the equation of state itself, twins in this file."""
    law = ln_phi(name, GASES[species])
    for T in T_HOT:
        for P in (1e5, 1e7, 1e8, 1.5e9):
            h = 1e-4 * P
            slope = (law(T, P + h) - law(T, P - h)) / (2 * h) * P
            V = volume(name, GASES[species], float(T), P)
            assert slope == pytest.approx(
                P * V / (GAS_CONSTANT * T) - 1.0, abs=2e-7 * max(1.0, P * V / (GAS_CONSTANT * T))
            )


def test_volumes_of_zhang_and_duan():
    """Volumes of H2O at the conditions of their Table 6, 22.20343433 and 19.41089978 cm3/mol, computed by
    Atmodeller (tests/eos/test_zhang.py, by another solver): V = RT (d ln phi/dP + 1/P), to the 1e-7 of the
    difference."""
    for T, P, expected in ((1203.15, 950e6, 22.20343433e-6), (1873.15, 2500e6, 19.41089978e-6)):
        law, h = ln_phi("ZhangDuan2009", GASES["H2O"]), 1e-4 * P
        found = GAS_CONSTANT * T * ((law(T, P + h) - law(T, P - h)) / (2 * h) + 1.0 / P)
        assert found == pytest.approx(expected, rel=3e-7)


def test_hydrogen_volumes_of_leachman():
    """The same derivative for H2 against P = rho RT (1 + delta dA/ddelta), summed here term by term (Eq. 32,
    Table 5-6)."""
    N = (
        -6.93643,
        0.01,
        2.1101,
        4.52059,
        0.732564,
        -1.34086,
        0.130985,
        -0.777414,
        0.351944,
        -0.0211716,
        0.0226312,
        0.032187,
        -0.0231752,
        0.0557346,
    )
    t = (0.6844, 1.0, 0.989, 0.489, 0.803, 1.1444, 1.409, 1.754, 1.311, 4.187, 5.646, 0.791, 7.249, 2.986)
    d = (1, 4, 1, 1, 2, 2, 3, 1, 3, 2, 1, 3, 1, 1)
    gauss = (
        (-1.685, -0.171, 0.7164, 1.506),
        (-0.489, -0.2245, 1.3444, 0.156),
        (-0.103, -0.1304, 1.4517, 1.736),
        (-2.506, -0.2785, 0.7204, 0.67),
        (-1.607, -0.3967, 1.5445, 1.662),
    )

    def pressure(rho, T):
        x, tau, Z = rho / 15508.0, 33.145 / T, 1.0
        for k in range(14):
            term = N[k] * x ** d[k] * tau ** t[k]
            if k in (7, 8):
                Z += term * math.exp(-x) * (d[k] - x)
            elif k > 8:
                p, b, g, D = gauss[k - 9]
                Z += term * math.exp(p * (x - D) ** 2 + b * (tau - g) ** 2) * (d[k] + 2 * p * x * (x - D))
            else:
                Z += term * d[k]
        return rho * GAS_CONSTANT * T * Z

    law = ln_phi("ZhangDuan2009-Leachman2009", GASES["H2"])
    for T in (500.0, 1000.0, 3000.0):
        for P in (1e6, 1e8, 1e9, 2e9):
            h = 1e-4 * P
            V = GAS_CONSTANT * T * ((law(T, P + h) - law(T, P - h)) / (2 * h) + 1.0 / P)
            assert pressure(1.0 / V, T) == pytest.approx(P, rel=1e-6)


# ---- the same equations elsewhere


def test_the_root_is_the_gas_where_thermo_calls_it_a_liquid():
    gas = GASES["H2O"]
    state = thermo.PR(
        T=2000.0, P=5e7, Tc=gas.critical_temperature, Pc=gas.critical_pressure, omega=gas.acentric_factor
    )
    assert not hasattr(state, "phi_g")
    assert phi("PengRobinson1976", "H2O", 2000.0, 5e7) == pytest.approx(state.phi_l, rel=1e-9)
    assert ln_phi_by_thermo("PengRobinson1976", gas, 2000.0, 5e7) == state.lnphi_l


@pytest.fixture(scope="module")
def real_phases():
    """Cantera's cubic gases with our critical constants; phi from mu(P) - mu(1 Pa) - RT ln P."""
    entries = []
    for s, gas in GASES.items():
        elements = {
            "H2O": "{H: 2, O: 1}",
            "CO2": "{C: 1, O: 2}",
            "H2": "{H: 2}",
            "CO": "{C: 1, O: 1}",
            "CH4": "{C: 1, H: 4}",
            "O2": "{O: 2}",
        }[s]
        critical = (
            f"{{critical-temperature: {gas.critical_temperature}, critical-pressure: "
            f"{gas.critical_pressure}, acentric-factor: {gas.acentric_factor}}}"
        )
        thermo_entry = "{model: constant-cp, T0: 298.15 K, h0: 0.0, s0: 0.0, cp0: 30.0 J/mol/K}"
        entries.append(
            f"- {{name: {s}, composition: {elements}, thermo: {thermo_entry}, critical-parameters: "
            f"{critical}}}"
        )
    found = {}
    for name, model in (("PengRobinson1976", "Peng-Robinson"), ("RedlichKwong1949", "Redlich-Kwong")):
        for s in GASES:
            text = (
                f"phases:\n- {{name: real, thermo: {model}, elements: [H, C, O], species: [{s}]}}\nspecies:\n"
                + "\n".join(entries)
            )
            found[name, s] = cantera.Solution(yaml=text, name="real")
    return found


@pytest.mark.parametrize("name", ("PengRobinson1976", "RedlichKwong1949"))
@pytest.mark.parametrize("species", FIVE)
def test_cantera_has_the_same_cubic_equations(real_phases, name, species):
    """1e-4 in phi: Cantera carries its constants to 5-6 digits."""
    phase = real_phases[name, species]
    for T in (1000.0, 1650.0, 2700.0):
        for P in (1e7, 1e8):
            mu = []
            for p in (1.0, P):
                phase.TP = T, p
                mu.append(phase.chemical_potentials[0] / (1e3 * GAS_CONSTANT * T))
            assert phi(name, species, T, P) == pytest.approx(math.exp(mu[1] - mu[0] - math.log(P)), rel=1e-4)


# ---- published numbers

# phi at 1000 bar and 1650, 2000, 2700 K, to 3 decimals: thermo 0.6.1 and Cantera 3.2, CORK by burnman's
# HP_2011_fluids
PUBLISHED = {
    ("PengRobinson1976", "H2O"): (1.083, 1.098, 1.087), ("SoaveRedlichKwong1972", "H2O"): (1.121, 1.124,
    1.099),
    ("RedlichKwong1949", "H2O"): (0.994, 1.027, 1.047), ("PengRobinson1976", "CO2"): (1.214, 1.173, 1.115),
    ("SoaveRedlichKwong1972", "CO2"): (1.240, 1.185, 1.114), ("RedlichKwong1949", "CO2"): (1.163, 1.147,
    1.118),
    ("HollandPowell1991-CORK", "CO2"): (1.278, 1.246, 1.194),
    ("PengRobinson1976", "H2"): (1.119, 1.098, 1.073),
    ("SoaveRedlichKwong1972", "H2"): (1.143, 1.117, 1.086), ("RedlichKwong1949", "H2"): (1.142, 1.116, 1.085),
    ("HollandPowell1991-CORK", "H2"): (1.193, 1.166, 1.134), ("PengRobinson1976", "CO"): (1.195, 1.155,
    1.106),
    ("SoaveRedlichKwong1972", "CO"): (1.209, 1.160, 1.104), ("RedlichKwong1949", "CO"): (1.200, 1.166, 1.124),
    ("PengRobinson1976", "CH4"): (1.209, 1.174, 1.127), ("SoaveRedlichKwong1972", "CH4"): (1.243, 1.196,
    1.136),
    ("RedlichKwong1949", "CH4"): (1.204, 1.172, 1.131), ("HollandPowell1991-CORK", "CH4"): (1.330, 1.278,
    1.210),
}  # fmt: skip


@pytest.mark.parametrize("name, species", PUBLISHED)
def test_known_coefficients(name, species):
    """To their rounding, and 5e-4 more for critical constants of another edition."""
    np.testing.assert_allclose(
        phi(name, species, np.array([1650.0, 2000.0, 2700.0]), 1e8), PUBLISHED[name, species], atol=1e-3
    )


@pytest.mark.parametrize(
    "species, at_1000_bar", [("H2O", 0.13), ("CO2", 0.12), ("H2", 0.08), ("CO", 0.13), ("CH4", 0.13)]
)
def test_the_laws_differ_by_what_is_stated(species, at_1000_bar):
    """1650-2700 K: the spread of all laws is half to all of the stated one at 1000 bar, and below 1.4 % at
    100 bar, where none is more than 3.1 % from an ideal gas."""
    T = np.array([1650.0, 2000.0, 2700.0])
    for P, low, high in ((1e8, 0.5 * at_1000_bar, at_1000_bar), (1e7, 0.0, 0.014)):
        every = np.array([phi(name, species, T, P) for name in LAWS])
        assert low < np.ptp(every, axis=0).max() < high
    assert np.abs(every - 1.0).max() < 0.031


def test_zhang_and_duan_at_decarbonation():
    """RT ln f of CO2 [kJ/mol] at the conditions of their Table 8: to its printed digit."""
    T = np.array([1298.0, 1278.0, 1373.0, 1600.0, 1700.0, 1800.0])
    P = np.array([500e6, 700e6, 1000e6, 1630e6, 1920e6, 2200e6])
    printed = [106.5, 114.7, 135.1, 178.1, 197.1, 215.6]
    found = GAS_CONSTANT * T * (ln_phi("ZhangDuan2009", GASES["CO2"])(T, P) + np.log(P / 1e5)) / 1e3
    np.testing.assert_allclose(found, printed, atol=0.06)


def test_cork_elsewhere():
    """Atmodeller's CORK (tests/eos/holland): the MRK core of H2O at 2000 K and 1 kbar, and the volume of H2
    at 773 K and 1800 bar (Fig. 8c), to their digits; H2 at 2000 K and 10 kbar to 2e-4, since they call the
    gas ideal at 1 bar, where ln phi is 1.2e-4."""
    assert phi("HollandPowell1991-CORK", "H2O", 2000.0, 1e8) == pytest.approx(1.048278616, rel=1e-9)
    assert volume("HollandPowell1991-CORK", GASES["H2"], 773.0, 1.8e8) == pytest.approx(
        55.04174839e-6, rel=1e-9
    )
    assert phi("HollandPowell1991-CORK", "H2", 2000.0, 1e9) == pytest.approx(4.67146088, rel=2e-4)


def test_known_errors_are_known():
    """CORK's H2 at 3000 K and 50 kbar, phi = 0.0135 where Chabrier & Debras 2021 have 7.94, lies outside its
    range, as does Zhang & Duan's 19; the reference equation of hydrogen, extrapolated from 1000 K, is within
    2 % of 7.94."""
    T, P = 3000.0, 5e9
    assert phi("HollandPowell1991-CORK", "H2", T, P) == pytest.approx(0.0135, abs=5e-4)
    assert phi("ZhangDuan2009", "H2", T, P) == pytest.approx(19.0, rel=0.01)
    assert phi("ZhangDuan2009-Leachman2009", "H2", T, P) == pytest.approx(7.94, rel=0.02)
    for name in ("HollandPowell1991-CORK", "ZhangDuan2009"):
        limits = valid_range(name, GASES["H2"])
        assert limits["T"][1] < T and limits["P"][1] < P


def steam(T, P):
    """ln phi of IAPWS-95."""
    rho = iapws.iapws95_rho(T, P)
    Z = P * 18.015268e-3 / (rho * GAS_CONSTANT * T)
    return iapws.iapws95_Ar(647.096 / T, rho / 322.0) + Z - 1.0 - math.log(Z)


def test_steam_against_iapws_95():
    """Within its range (to 1273 K, 10 kbar): Zhang & Duan to 1.6 % in phi at 1 kbar and 4.3 % at 10 kbar,
    CORK to 1.6 and 6 %; Peng-Robinson is off by 6 % at 1 kbar and a factor 2.3 at 10 kbar, which is why it is
    not for dense steam."""
    worst = {}
    for name in ("ZhangDuan2009", "HollandPowell1991-CORK", "PengRobinson1976"):
        law = ln_phi(name, GASES["H2O"])
        for P in (1e8, 1e9):
            worst[name, P] = max(abs(float(law(T, P)) - steam(T, P)) for T in (850.0, 1000.0, 1273.0))
    assert worst["ZhangDuan2009", 1e8] < 0.016 and worst["ZhangDuan2009", 1e9] < 0.043
    assert worst["HollandPowell1991-CORK", 1e8] < 0.016 and worst["HollandPowell1991-CORK", 1e9] < 0.06
    assert 0.04 < worst["PengRobinson1976", 1e8] < 0.06 and 0.8 < worst["PengRobinson1976", 1e9] < 0.9


# ---- near the critical point, and the table


def test_below_the_critical_point_a_vapour_stays_a_vapour():
    """Water from 500 K: up to half of saturation within 1 % of IAPWS-95, at saturation within 10 %; at any
    higher total pressure no lower than 0.6, never the liquid's 0.02; the same by every law."""
    for T in (500.0, 550.0, 600.0, 640.0):
        saturation = iapws.iapws95_Psat(T)
        for name in LAWS:
            law = ln_phi(name, GASES["H2O"])
            assert abs(float(law(T, 0.5 * saturation)) - steam(T, 0.5 * saturation)) < 0.01
            assert abs(float(law(T, 0.99 * saturation)) - steam(T, 0.99 * saturation)) < 0.10
            assert math.exp(law(T, 2e9)) > 0.6


@pytest.mark.parametrize("name", LAWS)
def test_the_law_is_alone_above_and_joined_smoothly(name):
    """At 1.25 Tc the law itself; across both ends of the join ln phi, its slope and its second derivative in
    T agree (differences of 0.05 K at 1 kbar: their error is 1e-5 per K2 or less)."""
    gas = GASES["H2O"]
    low, high = SUBCRITICAL * gas.critical_temperature, SUPERCRITICAL * gas.critical_temperature
    law = ln_phi(name, gas)
    assert law(high, 1e8) == find(KIND, name)(T=np.array(high), P=np.array(1e8), gas=gas)
    h = 0.05
    for joint in (low, high):
        left, right = (law(joint + side * np.array([h, 2 * h, 3 * h]), 1e8) for side in (-1, 1))
        slopes = (left[0] - left[1]) / h, (right[1] - right[0]) / h
        bends = (left[0] - 2 * left[1] + left[2]) / h**2, (right[0] - 2 * right[1] + right[2]) / h**2
        assert abs(slopes[0] - slopes[1]) < 2e-4 and abs(bends[0] - bends[1]) < 2e-4
        assert left[0] == pytest.approx(right[0], abs=3e-3)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("species", FIVE)
def test_the_table_holds_to_a_millionth(name, species):
    """500-3500 K, 1e-3 bar - 2e4 bar, 40 000 random points: 1e-6 in ln phi. Water: that above 860 K but, by
    CORK, 1e-5 next to 2 kbar, where its second derivative is infinite; 2.5e-4 from 680 to 860 K, where the
    law is joined to the vapour (at 2e4 bar; 3e-5 below 3000 bar, 3e-6 below 300 bar), and 1e-5 below."""
    gas = GASES[species]
    surface = Surface(*table(name, gas))
    rng = np.random.default_rng(1)
    T = np.exp(rng.uniform(*np.log(TEMPERATURES), 40000))
    P = np.exp(rng.uniform(np.log(1e2), np.log(PRESSURES[1]), 40000))
    error = np.abs(surface((0, 0), T, np.log(P)) - ln_phi(name, gas)(T, P))
    allowed = np.full_like(T, 1e-6)
    if species == "H2O":
        allowed[T < 860.0] = np.select([P[T < 860.0] < 3e7, P[T < 860.0] < 3e8], [3e-6, 3e-5], 2.5e-4)
        allowed[T < 680.0] = 1e-5
        if name == "HollandPowell1991-CORK":
            allowed[np.abs(np.log(P / 2e8)) < 0.3] = np.maximum(allowed[np.abs(np.log(P / 2e8)) < 0.3], 1e-5)
    assert np.all(error <= allowed)


def test_the_table_has_the_derivatives_of_the_law():
    """First derivatives of the spline against differences of the law: 1e-3 of ln phi's own scale (5e-4 is
    met, at 1 bar, where the knots are wide because ln phi is 1e-4)."""
    law = ln_phi("ZhangDuan2009-Leachman2009", GASES["H2"])
    surface = Surface(*table("ZhangDuan2009-Leachman2009", GASES["H2"]))
    rng = np.random.default_rng(2)
    for T, x in zip(rng.uniform(600, 3400, 50), rng.uniform(0.0, 9.0, 50)):
        by_x = (law(T, 1e5 * math.exp(x + 1e-4)) - law(T, 1e5 * math.exp(x - 1e-4))) / 2e-4
        by_T = (law(T + 0.1, 1e5 * math.exp(x)) - law(T - 0.1, 1e5 * math.exp(x))) / 0.2
        scale = abs(float(law(T, 1e5 * math.exp(x))))
        assert surface((0, 1), T, x + math.log(1e5)) == pytest.approx(by_x, abs=1e-3 * scale)
        assert T * surface((1, 0), T, x + math.log(1e5)) == pytest.approx(T * by_T, abs=1e-3 * scale)


def test_the_table_reaches_as_far_as_it_says():
    T, ln_P, values = table("PengRobinson1976", GASES["CO2"])
    assert T[0] <= TEMPERATURES[0] and T[-1] >= TEMPERATURES[1]
    assert ln_P[0] <= math.log(PRESSURES[0]) + 1e-9 and ln_P[-1] >= math.log(PRESSURES[1])
    assert values.shape == (len(T), len(ln_P)) and np.isfinite(values).all()


# ---- names


def test_every_law_says_what_it_is():
    assert set(names(KIND)) == {"ideal", *LAWS}
    for name in names(KIND):
        law = find(KIND, name)
        assert law.reference and law.doc and law.outside
        assert name == "ideal" or all(valid_range(name, GASES[s])["T"] for s in FIVE)


def test_ideal():
    assert np.all(ln_phi("ideal", GASES["H2O"])(np.array([500.0, 2000.0]), 1e9) == 0.0)


def test_unknown_names_and_species_without_numbers():
    with pytest.raises(InputError, match="did you mean 'PengRobinson1976'"):
        ln_phi("PengRobinson1967", GASES["H2O"], "earth.toml [chemistry] fugacity")
    ammonia = Gas("NH3", 405.56, 11363400.0, 0.256)
    assert covers("PengRobinson1976", "NH3") and not covers("ZhangDuan2009", "NH3")
    with pytest.raises(InputError, match="no numbers for NH3"):
        ln_phi("ZhangDuan2009", ammonia)
