"""Closed systems with condensates that appear and disappear, and the oxygen potential that they fix."""

import warnings

import cantera as ct
import numpy as np
import pytest
from support.gas_states import SILICA, solved, solved_with_warnings

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.equilibria.closed_equilibrium import AbsentCondensateWarning
from mocoupled.errors import InputError

IRON = ("Fe(a)", "FeO(s)", "Fe2O3(s)", "Fe3O4(s)")


@pytest.fixture(scope="module")
def iron(mechanism_file):
    """The path of a mechanism: gases of iron and oxygen, and four solids."""
    return mechanism_file("iron", ("O2", "O", "Fe", "FeO"), IRON)


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_a_sweep_crosses_inversion_and_melting(silica, engine):
    """SiO2 with O2 at 1 bar: low quartz to 847 K, high quartz to 1696 K, liquid above.

    At a shared end, one or both of the phases are present.
    """
    T = np.array([400.0, 846.0, 847.0, 848.0, 1500.0, 1695.0, 1696.0, 1697.0, 2500.0, 3000.0])
    state = solved(T, 1e5, {"Si": 1.0, "O": 2.1}, condensates=SILICA, mechanism=silica, engine=engine)
    there = {name: state.condensate_moles.sel(condensate=name).values for name in SILICA}
    single = {0: [0, 1], 1: [3, 4, 5], 2: [7, 8, 9]}
    for k, points in single.items():
        for j, name in enumerate(SILICA):
            assert np.all((there[name][points] > 0.5) == (j == k))
    silicon = sum(there.values()) + state.gas_moles.sel(species=["Si", "SiO", "SiO2"]).sum("species").values
    np.testing.assert_allclose(silicon, 1.0, rtol=1e-11)
    assert float(state.condensate_activity.max()) < 1 + 1e-9


def test_one_polymorph_outside_its_range(silica):
    """Low quartz alone: present at 700 K; absent at 1000 K, which is reported once.

    At 1000 K there is no solution without another species.
    """
    with pytest.warns(AbsentCondensateWarning, match=r"SiO2\(Lqz\) 200 to 847 K"):
        state = mo.gas_equilibrium(
            np.array([700.0, 1000.0]), 1e5, {"Si": 1e-3, "O": 2.0}, condensates=SILICA[:1], mechanism=silica
        )
    assert "SiO2(Lqz)" in state.attrs["absent_condensates"]
    assert state.condensate_moles.values[0] == pytest.approx([1e-3, 0.0]) and bool(state.converged.all())


@pytest.mark.parametrize(
    "amount", [{"Fe": 1.0, "O": 1.2}, {"Fe": 1.0, "O": 0.3, "H": 1e-9}, {"Fe": 1e-20, "O": 1.0}]
)
def test_iron_and_its_oxides(mechanism_file, amount):
    """Solid and liquid iron and oxides, 350 to 4000 K.

    Both engines agree to 1e-8, elements to 1e-11; nothing is supersaturated.
    """
    condensates = (*IRON, "Fe(c)", "Fe(d)", "Fe(L)", "FeO(L)")
    path = mechanism_file("melts", ("O2", "O", "Fe", "FeO", "H2", "H", "OH", "H2O"), condensates)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AbsentCondensateWarning)  # Fe2O3(s) ends at 2500 K
        state = solved_with_warnings(
            np.linspace(350.0, 4000.0, 15),
            1e5,
            amount,
            condensates=condensates,
            mechanism=path,
            engine="both",
        )
    assert float(np.nanmax(state.engine_difference)) < 1e-8 and not np.isnan(state.engine_difference).any()
    assert float(state.condensate_activity.max()) < 1 + 1e-9
    atoms = {
        s: read_mechanism(path).species[s].composition
        for s in (*state.species.values, *state.condensate.values)
    }
    for e, n in amount.items():
        total = sum(atoms[s].get(e, 0) * state.gas_moles.sel(species=s) for s in state.species.values)
        total = total + sum(
            atoms[s].get(e, 0) * state.condensate_moles.sel(condensate=s) for s in state.condensate.values
        )
        np.testing.assert_allclose(total, n, rtol=1e-11)


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
@pytest.mark.parametrize("extra", [{}, {"Fe": 4.0, "O": 5.0 + 1e-13}])
def test_two_oxides_fix_the_oxygen_without_a_gas(iron, engine, extra):
    """FeO and Fe3O4 together at 900 K fix the oxygen potential.

    log10 fO2 = -21.26 = log10 K of 6 FeO + O2 = 2 Fe3O4 from the free energies of the file.
    """
    state = solved(900.0, 1e5, {"Fe": 4.0, "O": 5.0} | extra, condensates=IRON, mechanism=iron, engine=engine)
    g = {}
    for s in ("O2", "FeO(s)", "Fe3O4(s)"):
        phase = ct.Solution(iron, "gas" if s == "O2" else s)
        phase.TP = 900.0, 1e5
        g[s] = phase.standard_gibbs_RT[phase.species_index(s)]
    expected = (2 * g["Fe3O4(s)"] - 6 * g["FeO(s)"] - g["O2"]) / np.log(10)
    assert float(state.log10_fO2) == pytest.approx(expected, abs=1e-6) and expected == pytest.approx(
        -21.26, abs=0.005
    )
    assert float(state.gas_moles.sum()) == 0.0


def test_oxygen_potential_of_a_trace_of_gas_and_of_none(iron, mechanism_file):
    """The same potential with 1e-12 mol of H in the gas; FeO alone does not determine it."""
    wet = mechanism_file("wet", ("O2", "O", "Fe", "FeO", "H2", "H2O"), IRON)
    state = solved(900.0, 1e5, {"Fe": 4.0, "O": 5.0, "H": 1e-12}, condensates=IRON, mechanism=wet)
    assert float(state.log10_fO2) == pytest.approx(-21.26136, abs=1e-5)
    assert 0 < float(state.gas_moles.sum()) < 1e-12
    assert np.isnan(
        float(solved(900.0, 1e5, {"Fe": 1.0, "O": 1.0}, condensates=IRON, mechanism=iron).log10_fO2)
    )


def test_oxygen_potential_without_the_gas_O2():
    """H2 and H2O alone have the oxygen fugacity that they have with O2 among the species.

    Pure H2O has none.
    """
    with_O2 = solved(1500.0, 1e5, {"H": 3.0, "O": 1.0}, ["H2", "H2O", "O2"])
    without = solved(1500.0, 1e5, {"H": 3.0, "O": 1.0}, ["H2", "H2O"])
    assert float(without.log10_fO2) == pytest.approx(float(with_O2.log10_fO2), abs=1e-9)
    assert np.isnan(float(solved(1500.0, 1e5, {"H": 2.0, "O": 1.0}, ["H2", "H2O"]).log10_fO2))


def test_the_range_of_graphite_does_not_limit_the_gas():
    """At 5500 K, beyond the data of graphite (to 5000 K), a gas without carbon gives no warning.

    With carbon, graphite is absent, and this is reported.
    """
    solved(5500.0, 1e5, {"H": 3.0, "O": 1.0}, mechanism="volatiles")
    with pytest.warns(AbsentCondensateWarning, match=r"C\(gr\) 200 to 5000 K"):
        state = mo.gas_equilibrium(5500.0, 1e5, {"H": 3.0, "O": 1.0, "C": 0.1}, mechanism="volatiles")
    assert bool(state.converged) and float(state.condensate_moles[0]) == 0.0
    with pytest.raises(InputError, match="allowed: 200 to 6000 K"):
        mo.gas_equilibrium(6500.0, 1e5, {"H": 3.0, "O": 1.0}, mechanism="volatiles")


RACES = {
    "iron and its oxides": (("Fe", "O", "H"), ("Fe(sl)", "FeO(sl)", "Fe3O4(s)")),
    "graphite and carbide": (("Si", "C", "O", "H"), ("C(gr)", "SiC(s)", "Si(sl)", "SiO2(sl)")),
    "metal and sulfide": (("Fe", "S", "O", "H"), ("Fe(sl)", "FeS(sl)", "FeO(sl)", "Fe3O4(s)", "S(sl)")),
}


@pytest.mark.parametrize("race", RACES)
def test_competing_condensates_at_random_conditions(race):
    """60 states from 700 to 3500 K and 1e2 to 1e9 Pa: all converge, elements to 1e-12, no condensate above
    saturation, and what is there has the activity 1 (1e-9). No more condensates than elements less one, by
    the phase rule; one alone and two beside each other occur."""
    elements, names = RACES[race]
    random, n = np.random.default_rng(7), 60
    T, P = random.uniform(700.0, 3500.0, n), 10 ** random.uniform(2.0, 9.0, n)
    moles = {e: 10 ** random.uniform(-3.0, 1.0, n) for e in elements}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AbsentCondensateWarning)
        state = solved_with_warnings(T, P, moles, condensates=names, mechanism="condensates")
    atoms = {s: item.composition for s, item in read_mechanism("condensates").species.items()}
    for e, amount in moles.items():
        total = sum(atoms[s].get(e, 0) * state.gas_moles.sel(species=s).values for s in state.species.values)
        for s in names:
            total = total + atoms[s].get(e, 0) * state.condensate_moles.sel(condensate=s).values
        np.testing.assert_allclose(total, amount, rtol=1e-12)
    activity, there = state.condensate_activity.values, state.condensate_moles.values > 1e-9
    assert activity.max() < 1 + 1e-9 and (activity[there] > 1 - 1e-9).all()
    assert {1, 2} <= set(there.sum(axis=0)) and there.sum(axis=0).max() <= len(elements) - 1


def test_two_condensates_in_the_ratio_of_one():
    """Fe beside FeO with 1e-9 mol of H, at 1500 K: 2:1, exactly 1:1, and 1:0.5; both fix the same oxygen."""
    state = solved(
        1500.0,
        1e5,
        {"Fe": [2.0, 1.0, 1.0], "O": [1.0, 1.0, 0.5], "H": 1e-9},
        condensates=("Fe(sl)", "FeO(sl)"),
        mechanism="condensates",
    )
    moles = state.condensate_moles.values
    np.testing.assert_allclose(moles, [[1.0, 0.0, 0.5], [1.0, 1.0, 0.5]], atol=1e-8)
    assert np.ptp(state.log10_fO2.values) < 1e-6
