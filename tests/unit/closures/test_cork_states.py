"""Corresponding states in CORK: every gas but H2O is another one at another temperature and pressure."""

import numpy as np
import pytest

from mocoupled.closures.gas_equations import Gas, cork

# K and kbar: Holland & Powell 1991, Table 2; S2 of Shi & Saxena 1992, as Atmodeller has it
CRITICAL = {
    "CO2": (304.2, 0.0738), "CO": (132.9, 0.0350), "CH4": (190.6, 0.0460), "H2": (41.2, 0.0211),
    "N2": (126.2, 0.0339), "S2": (208.15, 0.072954),
}  # fmt: skip


def ln_phi(name, T, P):
    return cork(T=np.array(T), P=np.array(P), gas=Gas(name, 1.0, 1.0, 0.0))


@pytest.mark.parametrize("name", CRITICAL)
def test_equal_reduced_conditions_give_equal_coefficients(name):
    """ln phi of a gas and of CO2 at the same T/Tc and P/Pc: the same to rounding, 1e-10."""
    (Tc, Pc), (Tc_of_CO2, Pc_of_CO2) = CRITICAL[name], CRITICAL["CO2"]
    T, P = np.array([3.0, 5.0, 8.0]), np.array([5.0, 30.0, 100.0]) * 1e8
    result = ln_phi(name, T * Tc, P * Pc)
    assert np.abs(result).max() > 0.1
    np.testing.assert_allclose(result, ln_phi("CO2", T * Tc_of_CO2, P * Pc_of_CO2), rtol=1e-10)
