"""The reference equation of hydrogen where every term of it counts: at its critical and its boiling point."""

import numpy as np
import pytest
from scipy.optimize import brentq

from mocoupled.closures.gas_equations import _leachman_energy

# of normal hydrogen, Leachman et al. 2009, J. Phys. Chem. Ref. Data 38, 721, with that paper's gas constant
TEMPERATURE, PRESSURE, DENSITY, BOILING = 33.145, 1.2964e6, 15508.0, 20.369
R = 8.314472


def compressibility(T, x):
    """Z at T [K] and x, the density over the critical one; the derivative along the imaginary axis."""
    return 1.0 + np.imag(_leachman_energy(T / TEMPERATURE, x * (1.0 + 1e-30j))) / 1e-30


def pressure(T, x):
    """Pa."""
    return x * DENSITY * R * T * compressibility(T, x)


def ln_phi(T, x):
    Z = compressibility(T, x)
    return float(np.real(_leachman_energy(T / TEMPERATURE, x)) + Z - 1.0 - np.log(Z))


def test_critical_point():
    """Pressure as printed, 1.2964 MPa; and a level isotherm there (slope 1 in an ideal gas)."""
    assert pressure(TEMPERATURE, 1.0) == pytest.approx(PRESSURE, rel=1e-4)
    step = 1e-4
    rise = pressure(TEMPERATURE, 1 + step) - pressure(TEMPERATURE, 1 - step)
    assert abs(rise) / (2 * step) / (DENSITY * R * TEMPERATURE) < 2e-4


def test_boiling_point():
    """Liquid and gas of one fugacity at 101325 Pa and 20.369 K: half a digit is 1.3e-4 in the pressure."""
    gas, liquid = (
        brentq(lambda x: pressure(BOILING, x) - 101325.0, *ends) for ends in ((0.02, 0.06), (2.0, 2.6))
    )
    assert ln_phi(BOILING, liquid) == pytest.approx(ln_phi(BOILING, gas), abs=2e-4)
