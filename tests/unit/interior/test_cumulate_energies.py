"""Minerals of the cumulates at pressure and temperature: against volumes, differences and contrasts."""

import numpy as np
import pytest
import sympy

from mocoupled.closures.registry import find
from mocoupled.errors import ConvergenceError
from mocoupled.interior.cumulate_energies import KIND, METALS, STRUCTURES, density, expansivity, volumes


@pytest.mark.parametrize("structure", ["bridgmanite", "akimotoite"])
def test_at_no_pressure_and_300_K(structure):
    """The volumes of the same data set at 1 bar and 300 K."""
    X = np.linspace(0, 1, 5)
    here = density(structure, X, 0.0, 300.0)
    assert here == pytest.approx(find("cumulate_density", structure).evaluate(X=X), rel=1e-9)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("metal", METALS)
def test_volume_minimises_energy(structure, metal):
    """P = -dF/dV at the volume that is returned, F from the law itself."""
    V, T = sympy.symbols("V T", positive=True)
    energy = sympy.lambdify([V, T], find(KIND, f"{structure}-{metal}")(V=V, T=T), modules="numpy")
    P, temperature, X = np.array([2e9, 12e9, 22e9]), 1900.0, float(metal == "iron")
    at = volumes(structure, X, P, temperature)[0]
    h = 1e-5 * at
    pressure = -(energy(at + h, temperature) - energy(at - h, temperature)) / (2 * h)
    assert pressure == pytest.approx(P, rel=1e-6)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_expansivity_agrees_with_differences(structure):
    P, T, h = np.array([1e9, 10e9, 24e9]), 1800.0, 0.5
    ends = [volumes(structure, 0.2, P, T + sign * h)[0] for sign in (1, -1)]
    middle = volumes(structure, 0.2, P, T)[0]
    assert expansivity(structure, 0.2, P, T) == pytest.approx(
        (ends[0] - ends[1]) / (2 * h) / middle, rel=1e-5
    )


@pytest.mark.parametrize(
    "X, X_pile, P, T, contrast, cold",
    [(0.5671, 0.123, 20e9, 2200.0, 506.0, 495.0), (0.2670, 0.0515, 136e9, 4000.0, 304.0, 244.0)],
    ids=["mars", "earth"],
)
def test_contrasts_against_an_independent_program(X, X_pile, P, T, contrast, cold):
    """Density of the buffered ocean above the pile; 1 %, for the digits of the compositions."""
    here = density("bridgmanite", X, P, T) - density("bridgmanite", X_pile, P, T)
    assert float(here) == pytest.approx(contrast, rel=0.01)
    law = find("cumulate_density", "bridgmanite")
    assert float(law(X=X) - law(X=X_pile)) == pytest.approx(cold, abs=1.0)


def test_a_torn_mineral_is_refused():
    with pytest.raises(ConvergenceError, match="pyroxene-magnesium: no volume"):
        density("pyroxene", 0.1, 0.0, 3500.0)
