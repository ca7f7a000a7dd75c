"""Fugacity coefficients against the volumes of the same equations of state."""

import math

import numpy as np
import pytest
from support.real_gas_laws import FIVE, GASES, LAWS, phi

from mocoupled.closures.fugacity import (
    TEMPERATURES,
    ln_phi,
)
from mocoupled.constants import GAS_CONSTANT

T_HOT = np.array([830.0, 1000.0, 1400.0, 2000.0, 3000.0])


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("species", FIVE)
def test_a_thin_gas_is_ideal(name, species):
    """ln phi = B P/RT: with |B| below 3e-4 m3/mol (water at 500 K: 1.8e-4) it is below 1e-7 at 1 Pa, and
    falls with P."""
    T = np.linspace(*TEMPERATURES, 40)
    item, less = (np.abs(ln_phi(name, GASES[species])(T, P)) for P in (1.0, 1e-3))
    assert item.max() < 1e-7 and less.max() < 1e-10


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
        result = GAS_CONSTANT * T * ((law(T, P + h) - law(T, P - h)) / (2 * h) + 1.0 / P)
        assert result == pytest.approx(expected, rel=3e-7)


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


def test_cork_elsewhere():
    """Atmodeller's CORK (tests/eos/holland): the MRK core of H2O at 2000 K and 1 kbar, and the volume of H2
    at 773 K and 1800 bar (Fig. 8c), to their digits; H2 at 2000 K and 10 kbar to 2e-4, since they call the
    gas ideal at 1 bar, where ln phi is 1.2e-4."""
    assert phi("HollandPowell1991-CORK", "H2O", 2000.0, 1e8) == pytest.approx(1.048278616, rel=1e-9)
    assert volume("HollandPowell1991-CORK", GASES["H2"], 773.0, 1.8e8) == pytest.approx(
        55.04174839e-6, rel=1e-9
    )
    assert phi("HollandPowell1991-CORK", "H2", 2000.0, 1e9) == pytest.approx(4.67146088, rel=2e-4)
