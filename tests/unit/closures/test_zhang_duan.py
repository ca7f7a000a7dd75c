"""The equation of state of Zhang & Duan 2009: water by other programs, and the parameters of every gas."""

import numpy as np
import pytest

from mocoupled.closures.gas_equations import Gas, zhang_duan

# energy/k [K] and diameter [1e-10 m] of the paper's Table 4, from the table of another program (ExoEOS)
PARAMETERS = {
    "CH4": (154.0, 3.691), "H2O": (510.0, 2.88), "CO2": (235.0, 3.79), "H2": (31.2, 2.93),
    "CO": (105.6, 3.66), "O2": (124.5, 3.36), "C2H6": (246.1, 4.35),
}  # fmt: skip


def ln_phi(name, T, P):
    # the law takes the name alone; critical constants belong to other laws
    return zhang_duan(T=np.array(T), P=np.array(P), gas=Gas(name, 1.0, 1.0, 0.0))


@pytest.mark.parametrize(
    "T, P, expected",
    [(1203.15, 0.95e9, 0.481101023611), (1873.15, 2.5e9, 1.85850540538), (1373.15, 3.5e9, 3.39807475328)],
)
def test_water_by_another_program(T, P, expected):
    """ln phi at three conditions of the paper's Table 6, as ExoEOS computes it: to its 1e-9, twice."""
    assert float(ln_phi("H2O", T, P)) == pytest.approx(expected, rel=2e-9)


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_gas_is_water_at_another_condition(name):
    """The law of corresponding states: equal ln phi at equal T/energy and P diameter^3/energy, to 1e-9."""
    (energy, diameter), (of_water, size_of_water) = PARAMETERS[name], PARAMETERS["H2O"]
    T, P = np.array([300.0, 600.0, 1500.0]) * energy / 154.0, np.array([1e8, 5e8, 2e9])
    there = T * of_water / energy, P * (diameter / size_of_water) ** 3 * of_water / energy
    result = ln_phi(name, T, P)
    assert np.abs(result).max() > 0.1
    np.testing.assert_allclose(result, ln_phi("H2O", *there), rtol=1e-9)
