"""Liquid water and fugacity laws in the closed system, exact mixtures, and a comparison with Cantera."""

from functools import partial

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.closures.saturation import saturation_pressure
from mocoupled.errors import InputError

five_species = partial(mo.gas_equilibrium, mechanism="volatiles")  # the five gases of the paper and O2
BOTH = ("C(gr)", "H2O(l)")
EXACT = [  # H, C, O in the ratios of one, two or three species, to the last digit
    {"H": 2.0, "O": 1.0}, {"C": 1.0, "O": 2.0}, {"H": 4.0, "C": 1.0}, {"C": 1.0, "O": 1.0},
    {"H": 2.0, "C": 1.0, "O": 3.0}, {"H": 2.0, "C": 1.0, "O": 1.0}, {"H": 6.0, "C": 1.0, "O": 3.0},
]  # fmt: skip


def amount_of(state, element):
    """Moles of an element in the gases and condensates of a state."""
    counts = {
        "H2": {"H": 2},
        "H2O": {"H": 2, "O": 1},
        "CO": {"C": 1, "O": 1},
        "CO2": {"C": 1, "O": 2},
        "CH4": {"C": 1, "H": 4},
        "O2": {"O": 2},
        "C(gr)": {"C": 1},
        "H2O(l)": {"H": 2, "O": 1},
    }
    total = sum(
        counts[str(s)].get(element, 0) * state.gas_moles.sel(species=s).values for s in state.species.values
    )
    if "condensate" not in state.dims:
        return total
    return total + sum(
        counts[str(c)].get(element, 0) * state.condensate_moles.sel(condensate=c).values
        for c in state.condensate.values
    )


def test_steam_over_the_liquid_is_at_saturation():
    """Oxygen leaves a gas above the liquid: p(H2O) is the saturation curve of the planets, to 1e-8.

    At 640 K the smooth end of the curve above the critical temperature still raises it by 3e-9.
    """
    T = np.array([280.0, 373.124, 450.0, 550.0, 640.0])
    state = five_species(T, 3e7, {"H": 2.0, "O": 1.2}, condensates=BOTH)
    np.testing.assert_allclose(state.pressure.sel(species="H2O"), saturation_pressure(T), rtol=1e-8)
    # water boils at 100 degC
    assert state.pressure.sel(species="H2O")[1] == pytest.approx(101325.0, rel=1e-3)
    assert list(state.water_state.values) == ["liquid"] * 5
    np.testing.assert_allclose(amount_of(state, "H"), 2.0, rtol=1e-12)


def test_above_the_critical_temperature_there_is_no_liquid():
    T = np.array([640.0, 647.0, 647.2, 650.0, 660.0, 1500.0])
    state = five_species(T, 1e8, {"H": 2.0, "O": 1.05}, condensates=("H2O(l)",))
    assert list(state.water_state.values) == ["liquid", "liquid"] + ["supercritical"] * 4
    assert (state.condensate_moles.values[0, 2:] == 0.0).all() and bool(state.converged.all())
    assert float(state.condensate_moles[0, 1]) > 0.9
    thin = five_species(1500.0, 1e5, {"H": 2.0, "O": 1.05}, condensates=("H2O(l)",))
    assert thin.water_state.item() == "vapour"


def test_water_alone_is_all_liquid_or_all_steam():
    """H:O = 2:1 exactly: no gas above the saturation pressure, no liquid below it, no point in between."""
    pressure = float(saturation_pressure(400.0))
    state = five_species(
        400.0, pressure * np.array([0.5, 0.999, 1.001, 10.0]), {"H": 2.0, "O": 1.0}, condensates=("H2O(l)",)
    )
    assert bool(state.converged.all()) and list(state.water_state.values) == [
        "vapour",
        "vapour",
        "liquid",
        "liquid",
    ]
    np.testing.assert_allclose(state.condensate_moles[0], [0, 0, 1, 1], atol=1e-9)
    np.testing.assert_allclose(state.gas_moles.sel(species="H2O"), [1, 1, 0, 0], atol=1e-9)
    assert (state.pressure.values[:, 2:] == 0).all() and np.isnan(state.log10_fO2.values[2:]).all()


@pytest.mark.parametrize("moles", EXACT, ids=str)
@pytest.mark.parametrize("condensates", [(), ("C(gr)",), BOTH], ids=str)
def test_exact_mixtures_never_fail_and_have_their_traces(moles, condensates):
    """From 280 to 900 K and 1e3 to 1e8 Pa: all points converge, elements to 1e-12.

    Dissociation is in equilibrium: ln Q = ln K of H2O = H2 + 1/2 O2 to 1e-9, although balances in double
    precision lose it.
    """
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.mechanism import read_mechanism
    from mocoupled.chemistry.stoichiometry import reactions

    T, P = (
        a.reshape(-1) for a in np.meshgrid([280.0, 350.0, 450.0, 550.0, 640.0, 700.0, 900.0], [1e3, 1e5, 1e8])
    )
    state = five_species(T, P, moles, condensates=condensates)
    assert bool(state.converged.all())
    for element, amount in moles.items():
        np.testing.assert_allclose(amount_of(state, element), amount, rtol=1e-12)
    if {"H", "O"} <= set(moles):
        (reaction,) = reactions(read_mechanism("volatiles"), ["H2", "H2O"])
        there = (state.pressure.values > 0).all(axis=0)
        p = {str(s): np.log(state.pressure.sel(species=s).values[there] / 1e5) for s in state.species.values}
        ln_Q = sum(float(c) * p[s] for s, c in reaction.stoichiometry)
        np.testing.assert_allclose(
            ln_Q, ln_K_values(read_mechanism("volatiles"), reaction, T[there])[0], atol=1e-9
        )
    if moles == {"H": 2.0, "O": 1.0}:
        there = state.pressure.values.max(axis=0) > 0
        H2, O2 = (state.gas_moles.sel(species=s).values[there] for s in ("H2", "O2"))
        np.testing.assert_allclose(H2, 2 * O2, rtol=1e-6)


def test_the_last_digit_of_the_free_energies_decides_nothing():
    """CO2 and CH4 alone, 273 to 700 K: the components give the traces for data moved by rounding.

    The relative changes are up to 3e-15, more than two libraries of exp() differ.
    """
    from mocoupled.chemistry.components import equilibrium
    from mocoupled.chemistry.mechanism import read_mechanism
    from mocoupled.planet.closed_system import standard_potentials

    mechanism, names = read_mechanism("volatiles"), ("H2", "H2O", "CO", "CO2", "CH4", "O2")
    atoms = np.array(
        [[mechanism.species[s].composition.get(e, 0) for s in names] for e in "HCO"], dtype=float
    )
    potentials, rng = standard_potentials(mechanism, names, "ideal"), np.random.default_rng(0)
    for T in np.linspace(273.0, 700.0, 12):
        for bar in (0.01, 1.0, 1e3):
            for _ in range(4):
                mu = np.array(potentials(T, bar * 1e5)) * (1 + 1e-15 * rng.integers(-3, 4, len(names)))
                mixture = equilibrium(
                    atoms, np.zeros((3, 0)), np.array([0.5, 0.25, 0.25]), mu, np.zeros(0), np.log(bar)
                )
                assert mixture is not None
                np.testing.assert_allclose(atoms @ mixture.gas, [0.5, 0.25, 0.25], rtol=1e-12)


@pytest.mark.parametrize("law", ["ideal", "PengRobinson1976", "ZhangDuan2009-Leachman2009"])
def test_random_cold_systems_converge(law):
    """H, C, O over three decades, graphite and water: no point fails.

    273 K (real gas: 500 K) to 700 K, 1e-3 bar to 10 kbar.
    """
    n, rng = 300, np.random.default_rng(4)
    moles = {e: 10 ** rng.uniform(-3, 0, n) for e in "HCO"}
    state = five_species(
        rng.uniform(273.2 if law == "ideal" else 500.0, 700.0, n),
        10 ** rng.uniform(2, 9, n),
        moles,
        condensates=BOTH,
        fugacity=law,
    )
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12
    for element, amounts in moles.items():
        np.testing.assert_allclose(amount_of(state, element), amounts, rtol=1e-11)
    assert set(np.unique(state.water_state)) == {"liquid", "vapour", "supercritical"}
    assert float(state.condensate_activity.max()) <= 1.0 + 1e-9


@pytest.mark.parametrize("law", ["ideal", "PengRobinson1976", "ZhangDuan2009-Leachman2009"])
def test_cantera_agrees_with_water_and_real_gases(law):
    """The minimiser of Cantera on the same free energies agrees to 1e-7.

    They include the fugacity coefficients and the liquid.
    """
    T = np.array([500.0, 560.0, 630.0, 660.0, 900.0, 1400.0])
    for moles in ({"H": 2.0, "C": 0.3, "O": 1.9}, {"H": 2.0, "C": 1.0, "O": 1.0}, {"H": 2.0, "O": 1.0}):
        state = five_species(
            T, np.array([[1e6], [3e7]]), moles, condensates=BOTH, fugacity=law, engine="both"
        )
        assert float(state.engine_difference.max()) < 1e-7 and not np.isnan(state.engine_difference).any()


def test_a_real_gas_obeys_mass_action_in_fugacities():
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.mechanism import read_mechanism
    from mocoupled.chemistry.stoichiometry import reactions

    mechanism = read_mechanism("volatiles")
    (reaction,) = reactions(mechanism, ["H2", "H2O"])
    state = five_species(1000.0, 2e8, {"H": 3.0, "O": 1.0, "C": 0.1}, fugacity="ZhangDuan2009-Leachman2009")
    f = {
        str(s): float((state.pressure * state.fugacity_coefficient).sel(species=s)) / 1e5
        for s in state.species.values
    }
    ln_Q = sum(float(c) * np.log(f[s]) for s, c in reaction.stoichiometry)
    assert ln_Q == pytest.approx(float(ln_K_values(mechanism, reaction, 1000.0)[0]), abs=1e-10)
    assert abs(float(state.fugacity_coefficient.sel(species="H2O")) - 1) > 0.05
    assert float(state.log10_fO2) == pytest.approx(np.log10(f["O2"]), abs=1e-12)


def test_oracle_on_undersaturated_pure_steam():
    """This failed: 1e-15 of H2 and O2 were lost in the balances of Cantera, and the proof with them.

    The same holds for CO2 + H2O.
    """
    for T in (350.0, 500.0, 600.0):
        for moles in ({"H": 2.0, "O": 1.0}, {"H": 2.0, "C": 1.0, "O": 3.0}):
            state = five_species(T, 1e4, moles, condensates=("H2O(l)",), engine="both")
            assert bool(state.converged) and float(state.engine_difference) < 1e-8


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"condensates": ("H2O",)}, "it is a gas"),
        ({"condensates": "H2O(l)"}, "not a list of names"),
        ({"species": ["H2", "O2"], "condensates": ("H2O(l)",)}, "condenses from the gas H2O"),
        (
            {"temperature": 250.0, "condensates": ("H2O(l)",)},
            r"allowed: 273.16 to 6000 K \(below: the data of H2O\(l\)",
        ),
        ({"fugacity": "PengRobinson"}, "did you mean 'PengRobinson1976'"),
        ({"fugacity": "PengRobinson1976", "temperature": 400.0}, "allowed: 500 to 3500 K"),
        ({"fugacity": "PengRobinson1976", "pressure": 3e9}, r"allowed: 1e-10 to 2e\+09 Pa"),
    ],
)
def test_bad_input(change, problem):
    with pytest.raises(InputError, match=problem):
        five_species(**({"temperature": 600.0, "pressure": 1e5, "moles": {"H": 2.0, "O": 1.5}} | change))


def test_the_planet_has_ice_below_the_triple_point():
    case = mo.Case.read("earth").replace({"chemistry.water": True})
    with pytest.raises(InputError, match="allowed: 273.16 to"):
        mo.equilibrium(case, 260.0, 0.0)
    state = mo.equilibrium(
        case.replace({"redox.oxygen_fugacity": "none", "redox.oxygen": "3.8e21 kg"}), np.full(100, 400.0), 0.0
    )
    # more than 64 points are solved by the kernel for arrays
    assert bool(state.converged.all()) and float(state.water_mass.min()) > 1e20
