"""Densities at 300 K against values integrated for the published equations, and the bulk modulus at 0 Pa."""

import math

import numpy as np
import pytest
import sympy

from mocoupled.closures.registry import find, names
from mocoupled.errors import InputError
from mocoupled.interior.compression import KIND, Material, material, zero_pressure_density

PRESSURES = (25, 136, 364, 500, 1000, 1500)  # GPa
# kg/m3, two decimals, from the constants of Fei+ 2021, Sakai+ 2016, Smith+ 2018, Boujibar+ 2020, Wicks+ 2018
# and Seager+ 2007 (Table 3), by another program
DENSITIES = {
    "MgSiO3-Fei2021": (4523.26, 5567.27, 6939.01, 7571.88, 9410.38, 10866.58),
    "MgSiO3-Sakai2016": (4563.98, 5590.00, 7082.18, 7806.46, 10005.96, 11831.59),
    "iron-Smith2018": (9175.86, 11727.88, 14859.98, 16272.55, 20317.52, 23481.96),
    "iron-Boujibar2020": (9152.99, 11663.98, 14635.06, 15951.84, 19665.55, 22523.61),
    "Fe7Si-Wicks2018": (8838.08, 11389.45, 14222.95, 15447.50, 18833.23, 21386.39),
    "MgSiO3-Seager2007": (4779.38, 5798.52, 6993.22, 7535.33, 9098.34, 10324.31),
    "iron-Seager2007": (9378.79, 10938.36, 12736.97, 13546.64, 15865.29, 17671.34),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_densities(name):
    """To the last digit: half a unit of the second decimal."""
    densities = [material(name).density(1e9 * P) for P in PRESSURES]
    assert densities == pytest.approx(DENSITIES[name], abs=0.0051, rel=0)


# rho_0 [kg/m3], c [kg/m3/Pa^n] and n of Seager et al. 2007, Table 3
SEAGER = {
    "ice-Seager2007": (1460.0, 0.00311, 0.513),
    "graphite-Seager2007": (2250.0, 0.00350, 0.514),
    "SiC-Seager2007": (3220.0, 0.00172, 0.537),
    "MgFeSiO3-Seager2007": (4260.0, 0.00127, 0.549),
}


@pytest.mark.parametrize("name", SEAGER)
def test_polytropes_of_seager(name):
    """rho = rho_0 + c P^n."""
    rho_0, c, n = SEAGER[name]
    for P in (1e10, 1e12):
        assert material(name).density(P) == pytest.approx(rho_0 + c * P**n, rel=1e-12)


def test_forsterite_and_where_bridgmanite_begins():
    """By Vinet's equation with 128 GPa and 4.2, solved here by bisection; bridgmanite from 24 GPa on."""
    low, high = 3226.8, 5000.0
    for _ in range(100):
        f = (3226.8 / (0.5 * (low + high))) ** (1 / 3)
        P = 3 * 128e9 * (1 - f) / f**2 * math.exp(1.5 * 3.2 * (1 - f))
        low, high = (0.5 * (low + high), high) if P < 20e9 else (low, 0.5 * (low + high))
    assert material("forsterite-Stixrude2005").density(20e9) == pytest.approx(low, rel=1e-12)
    both, lower = material("peridotite"), material("MgSiO3-Fei2021")
    assert both.density(23.99e9) != lower.density(23.99e9)
    assert both.density(24.01e9) == lower.density(24.01e9)


def test_calibration_ends():
    """Highest pressures of the measurements [GPa]."""
    ends = {"MgSiO3-Fei2021": 1254, "MgSiO3-Sakai2016": 1200, "forsterite-Stixrude2005": 24}
    assert {name: find(KIND, name).ranges["P"][1] / 1e9 for name in ends} == pytest.approx(ends)


@pytest.mark.parametrize("name", names(KIND))
def test_density_inverts_the_law(name):
    """P(rho(P)) = P to rounding, from 1 Pa to 1.5 TPa; at 1 Pa rho - rho_0 has 5 digits less."""
    rho = sympy.Symbol("rho", positive=True)
    law = sympy.lambdify(rho, find(KIND, name)(rho=rho), modules="math")
    for P, tolerance in ((1e6, 1e-5), (1e9, 1e-9), (1.5e12, 1e-11)):
        assert law(material(name).density(P)) == pytest.approx(P, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "bulk_modulus"),
    [("MgSiO3-Fei2021", 265.5e9), ("iron-Smith2018", 177.7e9), ("forsterite-Stixrude2005", 128e9)],
)
def test_bulk_modulus_without_pressure(name, bulk_modulus):
    """rho dP/drho at 0 Pa is K_0; over 1 MPa the curvature counts 1e-5."""
    rho_0 = zero_pressure_density(name)
    assert 1e6 / math.log(material(name).density(1e6) / rho_0) == pytest.approx(bulk_modulus, rel=3e-5)


def test_layers_of_a_material():
    """Forsterite above 24 GPa, bridgmanite below; the alloy is 0.875 of cold iron."""
    both = material("peridotite")
    assert both.density(10e9) == material("forsterite-Stixrude2005").density(10e9)
    assert both.density(30e9) == material("MgSiO3-Fei2021").density(30e9)
    assert both.laws == ("forsterite-Stixrude2005", "MgSiO3-Fei2021")
    alloy, iron = material("iron-alloy"), material("iron-Smith2018")
    np.testing.assert_allclose(alloy.densities([1e11, 1e12]), 0.875 * iron.densities([1e11, 1e12]))
    assert isinstance(alloy, Material)


def test_unknown_material():
    """The names are listed, with the nearest."""
    with pytest.raises(InputError, match=r"known: peridotite.*\n.*did you mean 'iron-Smith2018'"):
        material("iron-Smith18")


@pytest.mark.parametrize("name", names(KIND))
def test_density_at_any_pressure(name):
    """From 1e-13 Pa, where rho - rho_0 is below rounding, to 1e14 Pa: 1e-11 of the pressure, or rounding."""
    part = material(name).parts[0]
    rho = sympy.Symbol("rho", positive=True)
    pressure = sympy.lambdify(rho, find(KIND, name)(rho=rho), "math")
    before = 0.0
    for P in np.logspace(-13, 14, 60):
        density = part.density(P)
        assert density >= before
        before = density
        rounding = 1e-15 * part.zero_pressure_density / max(density - part.zero_pressure_density, 1e-300)
        assert pressure(density) == pytest.approx(P, rel=1e-11 + 10 * rounding)
