"""Mixtures of real gases against the mixture classes of `thermo`, and the leaf of their compressibility."""

import json
from functools import lru_cache

import numpy as np
import pytest
import sympy
import thermo

import mocoupled as mo
from mocoupled.chemistry.gas_mixtures import FORMS
from mocoupled.chemistry.real_gases import critical_point
from mocoupled.chemistry.real_mixtures import interaction_parameters, mixture_of
from mocoupled.closures.gas_equations import peng_robinson, soave_redlich_kwong
from mocoupled.dae.leaves.external import numeric
from mocoupled.dae.leaves.polynomial_root import largest_root
from mocoupled.equilibria.closed_failures import no_arrival
from mocoupled.errors import InputError

GASES = ("H2", "H2O", "CO", "CO2", "CH4", "N2", "H2S", "O2")
LAWS = {
    "PengRobinson1976-mixture": (thermo.PRMIX, peng_robinson),
    "SoaveRedlichKwong1972-mixture": (thermo.SRKMIX, soave_redlich_kwong),
}


@lru_cache
def functions(law):
    """ln phi of GASES as one function of T, P and the mole fractions."""
    T, P = sympy.symbols("T P", positive=True)
    x = sympy.symbols(f"x:{len(GASES)}", positive=True)
    return numeric([T, P, *x], mixture_of(law, GASES).ln_phi(T, P, x))


def of_thermo(law, T, P, x):
    """ln phi of GASES by `thermo`; where it has one root only, it may call it a liquid."""
    gases = [critical_point(name) for name in GASES]
    known = interaction_parameters(law, GASES)
    k = [[known.get((a, b), known.get((b, a))) or 0.0 for b in GASES] for a in GASES]
    state = LAWS[law][0](
        T=T,
        P=P,
        zs=list(x),
        Tcs=[gas.critical_temperature for gas in gases],
        Pcs=[gas.critical_pressure for gas in gases],
        omegas=[gas.acentric_factor for gas in gases],
        kijs=k,
    )
    return np.array(state.lnphis_g if hasattr(state, "lnphis_g") else state.lnphis_l)


@pytest.mark.parametrize("law", LAWS)
def test_against_thermo(law):
    """1e-8 at random compositions, 300 to 4000 K, to 20 kbar; the difference is rounding, 4e-14.

    validation/gas_mixtures.py has 1000 of them and more gases.
    """
    rng = np.random.default_rng(3)
    x = rng.dirichlet(np.full(len(GASES), 0.5), 300)
    T = np.exp(rng.uniform(np.log(300.0), np.log(4000.0), 300))
    P = np.exp(rng.uniform(np.log(1e3), np.log(2e9), 300))
    ours = np.array(functions(law)(T, P, *x.T)).T
    theirs = np.array([of_thermo(law, *state) for state in zip(T, P, x)])
    assert np.abs(ours - theirs).max() < 1e-8


@pytest.mark.parametrize("law", LAWS)
def test_a_pure_gas_is_the_pure_law(law):
    function, pure = functions(law), LAWS[law][1]
    for k, name in enumerate(GASES):
        x = np.eye(len(GASES))[k]
        expected = float(pure(T=1500.0, P=3e8, gas=critical_point(name)))
        assert function(1500.0, 3e8, *x)[k] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_derivatives_of_the_root(form):
    """The generated derivatives of Z, to the second order, against central differences."""
    Z = largest_root(form.cubic).function
    a, b, h = 0.3, 0.2, 1e-5
    for orders in ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2)):
        lower = (orders[0] - 1, orders[1]) if orders[0] else (0, orders[1] - 1)
        da, db = (h, 0.0) if orders[0] else (0.0, h)
        slope = (Z(lower, a + da, b + db) - Z(lower, a - da, b - db)) / (2 * h)
        assert Z(orders, a, b) == pytest.approx(slope, rel=1e-7)
    assert np.isnan(Z((0, 0), np.nan, b))
    assert np.isfinite(Z((0, 0), np.array([a, 1e-6]), np.array([b, 1e-6]))).all()


def test_interaction_parameters():
    """ChemSep's H2-CO2 by its published value; an unknown pair is 0 and is recorded so."""
    assert interaction_parameters("PengRobinson1976-mixture", ("H2", "CO2")) == {("H2", "CO2"): -0.1622}
    assert interaction_parameters("PengRobinson1976-mixture", ("H2", "H2O")) == {("H2", "H2O"): None}
    assert interaction_parameters("SoaveRedlichKwong1972-mixture", ("H2", "CO2")) == {("H2", "CO2"): None}


def test_in_a_closed_system():
    """The coefficients of the result are those of `thermo` at its composition."""
    law = "PengRobinson1976-mixture"
    request = {"moles": {"H": 2.0, "C": 0.5, "O": 1.4}, "mechanism": "volatiles", "fugacity": law}
    request["species"] = ["H2", "H2O", "CO", "CO2"]
    result = mo.gas_equilibrium(temperature=[1200.0, 1400.0], pressure=3e8, **request)
    assert result.converged.all()
    known = json.loads(result.attrs["interaction_parameters"])
    assert known["H2-CO2"] == -0.1622
    assert known["H2-H2O"] == "0: unknown"
    x = [float(result.mixing_ratio.sel(species=s)[1]) if s in result.species.values else 0.0 for s in GASES]
    expected = of_thermo(law, 1400.0, 3e8, x)
    for k, name in enumerate(GASES):
        if name in result.species.values:
            phi = float(result.fugacity_coefficient.sel(species=name)[1])
            assert np.log(phi) == pytest.approx(expected[k], abs=1e-10), name
    alone = mo.gas_equilibrium(temperature=1400.0, pressure=3e8, **request)
    np.testing.assert_allclose(alone.mixing_ratio, result.mixing_ratio[:, 1], rtol=1e-9)
    with pytest.raises(InputError, match="mixture"):
        mo.gas_equilibrium(temperature=1400.0, pressure=3e8, engine="cantera", **request)


def test_in_a_planet():
    case = mo.Case.read("earth").replace(
        {"chemistry.fugacity": "PengRobinson1976-mixture", "volatiles.hydrogen": "20 ocean"}
    )
    result = mo.equilibrium(case, temperature=2000.0, melt_fraction=0.5)
    assert result.converged
    P = float(result.surface_pressure)
    x = [
        float(result.mixing_ratio.sel(species=s)) if s in ("H2", "H2O", "CO", "CO2", "CH4") else 0.0
        for s in GASES
    ]
    expected = of_thermo("PengRobinson1976-mixture", 2000.0, P, np.array(x) / sum(x))
    for name in ("H2", "H2O", "CO", "CO2", "CH4"):
        phi = float(result.fugacity_coefficient.sel(species=name))
        # O2 of the buffer is a trace and no part of the mixture
        assert np.log(phi) == pytest.approx(expected[GASES.index(name)], abs=1e-8), name


def test_cold_gas_with_free_oxygen_and_with_the_elements_of_two_gases():
    """Newton begins at the state of the pure gases: CH4 and graphite lie 100 units of ln from the guess.

    Reactions among the gases that are left, by their fugacities, are those of the ideal constants: 1e-9.
    """
    for mechanism, T, moles in (
        ("hco", [900.0, 1300.0], {"H": 1.0, "C": 0.5, "O": 4.0}),
        ("volatiles", [550.0, 900.0], {"H": 2.0, "C": 1.0, "O": 3.0}),
    ):
        real = mo.gas_equilibrium(T, 3e7, moles, mechanism=mechanism, fugacity="PengRobinson1976-mixture")
        assert real.converged.all() and float(real.residual.max()) < 1e-12
        ideal = mo.gas_equilibrium(T, 3e7, moles, mechanism=mechanism)

        def ln_K(state, phi=1.0):
            ln_f = np.log(state.pressure * phi)
            f = {s: ln_f.sel(species=s).values for s in ("H2O", "CO2", "CO", "H2")}
            return f["CO"] + f["H2O"] - f["CO2"] - f["H2"]

        np.testing.assert_allclose(ln_K(real, real.fugacity_coefficient), ln_K(ideal), atol=1e-9)


def test_a_mixture_that_has_no_result_says_why():
    """It fails at 500 K where H2O and CO2 alone take the elements: a call would show the same words."""
    words = no_arrival("PengRobinson1976-mixture", 3, 9)
    assert words.startswith(
        " At 3 of 9 points the solver does not arrive at a solution (PengRobinson1976-mix"
    )
    assert words.endswith("change an amount a little, or take PengRobinson1976).")
    assert no_arrival("ideal", 3, 9) == " At 3 of 9 points the solver does not arrive at a solution."
