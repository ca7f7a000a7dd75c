"""Sensitivities of closed systems: differences of solutions, homogeneity, condensates, gaps."""

import warnings

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.equilibria.sensitivities import SensitivityWarning

REDUCED = {"H": 2.0, "O": 1.2, "C": 0.5}
NAMES = ["temperature", "pressure", "H", "C", "O"]
T = np.array([1100.0, 1900.0])


def quietly(*arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.gas_equilibrium(*arguments, **named)


@pytest.mark.parametrize("law", ["ideal", "HollandPowell1991-CORK"])
def test_differences_of_solutions(law):
    """Central differences of our own solutions, every variable: 1e-6 of the largest sensitivity."""
    named = {"mechanism": "volatiles", "fugacity": law}
    state = quietly(T, 2e7, REDUCED, sensitivities=NAMES, **named)
    step = 1e-4
    for k, name in enumerate(state.parameter.values):
        ends = []
        for sign in (1, -1):
            factor = np.exp(sign * step)
            change = {e: REDUCED[e] * (factor if name == f"moles_{e}" else 1.0) for e in REDUCED}
            at = T * (factor if name == "temperature" else 1.0)
            ends.append(quietly(at, 2e7 * (factor if name == "pressure" else 1.0), change, **named))
        for variable in ("pressure", "gas_moles", "log10_fO2", "condensate_activity"):
            plain = [e[variable] if variable == "log10_fO2" else np.log(e[variable]) for e in ends]
            expected = (plain[0] - plain[1]) / (2 * step)
            ours = state["sensitivity_" + variable].isel(parameter=k)
            scale = max(1.0, float(np.abs(expected).max()))
            np.testing.assert_allclose(ours, expected, atol=1e-6 * scale, err_msg=f"{name} {variable}")


def test_amounts_are_homogeneous():
    """All elements times x: all amounts times x, pressures unchanged, also beside graphite."""
    state = quietly([900.0, 1500.0], 1e5, {"C": 2, "O": 1.5, "H": 1}, sensitivities=["C", "O", "H"])
    assert (state.condensate_moles > 0).all()
    np.testing.assert_allclose(state.sensitivity_gas_moles.sum("parameter"), 1.0, atol=1e-9)
    np.testing.assert_allclose(state.sensitivity_condensate_moles.sum("parameter"), 1.0, atol=1e-9)
    np.testing.assert_allclose(state.sensitivity_pressure.sum("parameter"), 0.0, atol=1e-9)


def test_condensates_that_come_and_go():
    """Water exists below its critical temperature only: each point has the derivatives of its phases."""
    named = {"condensates": ["H2O(l)"], "sensitivities": ["temperature", "H"]}
    both = quietly([550.0, 900.0], 2e7, {"H": 4.0, "O": 2.0, "C": 0.5}, mechanism="volatiles", **named)
    for k, temperature in enumerate((550.0, 900.0)):
        alone = quietly(temperature, 2e7, {"H": 4.0, "O": 2.0, "C": 0.5}, mechanism="volatiles", **named)
        np.testing.assert_allclose(both.sensitivity_pressure[..., k], alone.sensitivity_pressure, rtol=1e-9)


def test_points_by_components_are_nan_and_counted():
    with pytest.warns(SensitivityWarning, match="1 of 2 points"):
        cold = mo.gas_equilibrium([350.0, 1200.0], 1e5, {"H": 2, "O": 1.2, "C": 0.1}, sensitivities=["H"])
    assert cold.converged.all() and np.isnan(cold.sensitivity_pressure[..., 0]).all()
    assert np.isfinite(cold.sensitivity_pressure[..., 1]).all()
    masked = quietly(
        np.ma.array([1200.0, 1300.0], mask=[True, False]), 1e5, {"H": 2, "O": 1.2}, sensitivities=["H"]
    )
    assert np.isnan(masked.sensitivity_pressure[..., 0]).all()
    assert np.isfinite(masked.sensitivity_pressure[..., 1]).all()


@pytest.mark.parametrize("names", [["S"], "H", [], ["H", "moles_H"], ["melt_fraction"]])
def test_refused(names):
    with pytest.raises(mo.InputError, match="sensitivities="):
        mo.gas_equilibrium(1500.0, 1e5, {"H": 2, "O": 1, "S": 0}, sensitivities=names)
