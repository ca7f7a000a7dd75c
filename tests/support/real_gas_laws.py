"""The laws of real gases that the tests of fugacity share, and IAPWS-95 to compare with."""

import math

import numpy as np
from chemicals import iapws

from mocoupled.chemistry.real_gases import critical_point
from mocoupled.closures.fugacity import ln_phi
from mocoupled.constants import GAS_CONSTANT

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


def phi(name, species, T, P):
    """The fugacity coefficient of a species at T [K] and P [Pa], by the law of this name."""
    return np.exp(ln_phi(name, GASES[species])(T, P))


def steam(T, P):
    """ln phi of water at T [K] and P [Pa], by IAPWS-95."""
    rho = iapws.iapws95_rho(T, P)
    Z = P * 18.015268e-3 / (rho * GAS_CONSTANT * T)
    return iapws.iapws95_Ar(647.096 / T, rho / 322.0) + Z - 1.0 - math.log(Z)
