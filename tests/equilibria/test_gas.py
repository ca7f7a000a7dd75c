"""mo.gas_equilibrium: the closed system, compared with the minimiser of Cantera.

The grid is one where the solvers of Cantera fail.
"""

import numpy as np
import pytest
from support.places import ROOT

import mocoupled as mo
from mocoupled.equilibria.points import UnconvergedWarning
from mocoupled.errors import InputError

ATOMS = {
    "H2": (2, 0, 0),
    "H2O": (2, 0, 1),
    "CO": (0, 1, 1),
    "CO2": (0, 1, 2),
    "CH4": (4, 1, 0),
    "O2": (0, 0, 2),
}


def grid(step=1):
    """Compositions of H, C and O in whole numbers that sum to 200, with all three present."""
    points = [(h, c, 200 - h - c) for h in range(1, 199, step) for c in range(1, 200 - h, step)]
    return np.array(points, dtype=float)


@pytest.mark.parametrize("temperature", [600.0, 923.0])
def test_grid_that_multiphase_solvers_fail_on(temperature):
    """Every composition of whole numbers that sum to 200, with graphite at 1 atm: no point fails.

    There are 19 701 with all three elements; the edges are below. Elements to 1e-10; activity of carbon at
    most 1.
    """
    amounts = dict(zip("HCO", grid().T))
    state = mo.gas_equilibrium(temperature, 101325.0, amounts, mechanism="volatiles")
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12
    assert float(state.condensate_activity.max()) <= 1.0 + 1e-12
    moles = state.gas_moles
    for k, expected in enumerate(amounts.values()):
        total = sum(ATOMS[s][k] * moles.sel(species=s).values for s in ATOMS)
        total = total + (state.condensate_moles.values[0] if k == 1 else 0)
        np.testing.assert_allclose(total, expected, rtol=1e-10)
    np.testing.assert_allclose(state.pressure.sum("species"), 101325.0, rtol=1e-12)


@pytest.mark.parametrize("temperature", [600.0, 923.0])
@pytest.mark.parametrize("absent", ["H", "C", "O"])
def test_edges_of_the_grid(temperature, absent):
    """The same with one element absent: H2 and O2 alone, H2 over graphite, CO and CO2."""
    amounts = np.arange(1.0, 200.0)
    present = [e for e in "HCO" if e != absent]
    state = mo.gas_equilibrium(
        temperature,
        101325.0,
        {present[0]: amounts, present[1]: 200.0 - amounts, absent: np.zeros(199)},
        mechanism="volatiles",
    )
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12


@pytest.mark.parametrize("temperature", [600.0, 923.0, 2500.0])
def test_agreement_with_cantera(temperature):
    """The kernel and the minimiser of Cantera on the same phases.

    Mole fractions above 1e-9 agree to 1e-7. Graphite agrees to 1e-9 of the carbon: the width of the
    complementarity where graphite first appears.
    """
    amounts = dict(zip("HCO", grid(13).T))
    ours = mo.gas_equilibrium(temperature, 101325.0, amounts, mechanism="volatiles", engine="both")
    assert float(ours.engine_difference.max()) < 1e-7
    theirs = mo.gas_equilibrium(temperature, 101325.0, amounts, mechanism="volatiles", engine="cantera")
    assert np.abs(ours.condensate_moles - theirs.condensate_moles).max() < 1e-9 * 200


def test_size_of_the_system_does_not_matter():
    sample = mo.gas_equilibrium(1388.0, 7.94e7, {"H": 4.6, "C": 0.4, "O": 2.5})
    planet = mo.gas_equilibrium(1388.0, 7.94e7, {"H": 4.6e23, "C": 0.4e23, "O": 2.5e23})
    np.testing.assert_allclose(sample.pressure, planet.pressure, rtol=1e-12)
    np.testing.assert_allclose(sample.gas_moles * 1e23, planet.gas_moles, rtol=1e-12)


def test_mass_action():
    """ln Q of the formation of water equals ln K of its polynomials."""
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.mechanism import read_mechanism
    from mocoupled.chemistry.stoichiometry import reactions

    mechanism = read_mechanism("volatiles")
    (reaction,) = reactions(mechanism, ["H2", "H2O"])
    state = mo.gas_equilibrium(1500.0, 2e6, {"H": 3.0, "O": 1.0, "C": 0.1})
    p = {str(s): float(state.pressure.sel(species=s)) / 1e5 for s in state.species.values}
    ln_Q = sum(float(n) * np.log(p[s]) for s, n in reaction.stoichiometry)
    assert ln_Q == pytest.approx(float(ln_K_values(mechanism, reaction, 1500.0)[0]), abs=1e-10)


def test_infeasible_is_distinguished_from_failed():
    with pytest.raises(InputError, match="no solution at all.*at least 1 mol of O with the other elements"):
        mo.gas_equilibrium(1500.0, 1e5, {"C": 1.0, "O": 0.5}, condensates=(), mechanism="volatiles")
    with pytest.warns(UnconvergedWarning, match="2 of 3 points have no solution at all"):
        state = mo.gas_equilibrium(
            1500.0, 1e5, {"C": 1.0, "O": np.array([0.5, 0.9, 1.5])}, condensates=(), mechanism="volatiles"
        )
    assert state.converged.values.tolist() == [False, False, True]
    assert np.isnan(state.pressure[:, 0]).all()


@pytest.mark.parametrize(
    "arguments, problem",
    [
        ({"moles": {}}, "no elements"),
        ({"moles": {"H": 0.0}}, "every element's amount is zero"),
        ({"moles": {"H": -1.0, "O": 1.0}}, "moles_H = -1"),
        ({"moles": {"H": np.nan, "O": 1.0}}, "moles_H = nan"),
        ({"moles": {"Xx": 1.0}}, "no shipped mechanism has gases of Xx"),
        (
            {"moles": {"N": 1.0}, "mechanism": "hco"},
            "no gas of the mechanism hco(.|\n)*shipped mechanisms that have N: all, chons",
        ),
        ({"temperature": 10.0}, "temperature = 10"),
        ({"pressure": -1.0}, "pressure = -1"),
        ({"species": ["H2", "H3O"]}, "did you mean"),
        ({"species": "H2"}, "not a list"),
        ({"condensates": ("C(graphite)",)}, "does not have it"),
        ({"engine": "vcs"}, "no such engine"),
        ({"mechanism": "nowhere"}, "nowhere"),
    ],
)
def test_bad_input(arguments, problem):
    with pytest.raises(InputError, match=problem):
        mo.gas_equilibrium(
            **({"temperature": 1500.0, "pressure": 1e5, "moles": {"H": 2.0, "O": 1.5}} | arguments)
        )


def test_the_script_of_the_whole_grid():
    """validation/gas_grid.py on each 400th of its compositions: no failure, and its line says so."""
    import importlib.util

    path = ROOT / "validation" / "gas_grid.py"
    spec = importlib.util.spec_from_file_location("gas_grid", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.compositions().shape == (3, 19_701 + 597)
    text, good = script.line(923.0, 400)
    assert good and "51 points, 0 failures" in text and "Cantera solved 51" in text
