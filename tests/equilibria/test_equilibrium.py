"""mo.equilibrium: broadcasting, reference states, convergence everywhere, oxygen as a budget, bad input."""

import json

import numpy as np
import pytest
import xarray
from support.grey import grey
from support.places import TESTS

import mocoupled as mo
from mocoupled.equilibria.planet_problem import prepare
from mocoupled.equilibria.points import UnconvergedWarning
from mocoupled.errors import InputError
from mocoupled.interior.static_structure import structure

REFERENCE = json.loads((TESTS / "reference" / "volatile_equilibrium.json").read_text())
OCEAN = 1.55e20


@pytest.fixture(scope="module")
def earth():
    return grey()


def reference_sets():
    """The reference cases in groups: data set, graphite allowed or not, carbon present or not."""
    groups = {}
    for entry in REFERENCE["cases"]:
        inputs = entry["inputs"]
        groups.setdefault(
            (inputs["K_set"], inputs["graphite_allowed"], inputs["C_over_H_mass"] > 0), []
        ).append(entry)
    return groups


@pytest.mark.parametrize("group", reference_sets().items(), ids=lambda g: str(g[0]))
def test_reference_states_in_one_call(group):
    """All reference states of a group in one call with arrays, to 1e-9 relative (2e-13 is met)."""
    (source, graphite, carbon), entries = group
    case = mo.Case.read("E1").replace(
        {"chemistry.thermochemistry": source, "chemistry.graphite": graphite, "redox.oxygen_fugacity": "IW+0"}
    )
    inputs = [e["inputs"] for e in entries]
    hydrogen = np.array([i["H_oceans"] for i in inputs]) * OCEAN
    more = {"carbon": hydrogen * [i["C_over_H_mass"] for i in inputs]} if carbon else {}
    state = mo.equilibrium(
        case,
        [i["T_K"] for i in inputs],
        [i["melt_fraction"] for i in inputs],
        oxygen_fugacity_offset=[i["dIW"] for i in inputs],
        hydrogen=hydrogen,
        **more,
    )
    for k, entry in enumerate(entries):
        for species in state.species.values:
            expected = entry["p_bar"].get(str(species), 0.0)
            assert float(state.pressure.sel(species=species)[k]) / 1e5 == pytest.approx(expected, rel=1e-9)
        assert float(state.surface_pressure[k]) / 1e5 == pytest.approx(entry["P_total_bar"], rel=1e-9)
        if entry["graphite"]["saturated"]:
            assert float(state.graphite_mass[k]) == pytest.approx(entry["graphite"]["mass_kg"], rel=1e-9)


def test_a_single_point_agrees_with_an_array(earth):
    T, phi = np.linspace(1400, 3000, 7), np.linspace(0, 1, 7)
    whole = mo.equilibrium(earth, np.tile(T, 20), np.tile(phi, 20))
    for k in range(7):
        point = mo.equilibrium(earth, float(T[k]), float(phi[k]))
        assert point.pressure.dims == ("species",)
        np.testing.assert_allclose(point.pressure, whole.pressure[:, k], rtol=1e-10)
        np.testing.assert_allclose(point.surface_pressure, whole.surface_pressure[k], rtol=1e-10)


def test_results_of_one_point_do_not_share_memory(earth):
    """The result of one call does not change with the next call."""
    first = mo.equilibrium(earth, 1650.0, 0.3)
    pressures = first.pressure.values.copy()
    mo.equilibrium(earth, 2500.0, 1.0)
    np.testing.assert_array_equal(first.pressure.values, pressures)
    assert float(first.temperature) == 1650.0


def test_broadcasting(earth):
    plane = mo.equilibrium(earth, np.array([[1500.0], [2000.0]]), np.array([0.1, 0.5, 0.9]))
    assert plane.pressure.dims == ("species", "point_0", "point_1") and plane.surface_pressure.shape == (2, 3)
    T = xarray.DataArray([1500.0, 2000.0], dims="temperature", coords={"temperature": [1500.0, 2000.0]})
    phi = xarray.DataArray([0.1, 0.5, 0.9], dims="melt", coords={"melt": [0.1, 0.5, 0.9]})
    named = mo.equilibrium(earth, T, phi, hydrogen=3 * OCEAN)
    assert named.surface_pressure.dims == ("temperature", "melt")
    np.testing.assert_allclose(named.surface_pressure, plane.surface_pressure, rtol=1e-12)
    assert float(named.pressure.sel(temperature=2000.0, melt=0.5, species="H2O")) > 0


def test_every_variable_has_units_and_a_name(earth):
    state = mo.equilibrium(earth, [1650.0, 1700.0], 0.3)
    for values in state.data_vars.values():
        assert values.attrs["units"] and values.attrs["long_name"]
    assert state.attrs["oxygen_fugacity"] == "IW+0.5 (ONeillEggins2002)"


def test_the_oxygen_of_the_arguments_is_named():
    """attrs name what set the oxygen: an offset or a budget of the call, not those of the case."""
    case = mo.Case.read("earth")
    texts = {
        "IW+1 (ONeillEggins2002)": {"oxygen_fugacity_offset": 1.0},
        "IW-1 to +2 (ONeillEggins2002)": {"oxygen_fugacity_offset": [-1.0, 2.0]},
        "budget of 2e+21 kg of oxygen": {"oxygen": 2e21},
        "budget of 1e+21 to 2e+21 kg of oxygen": {"oxygen": [1e21, 2e21]},
    }
    for text, arguments in texts.items():
        assert mo.equilibrium(case, 2000.0, 0.5, **arguments).attrs["oxygen_fugacity"] == text


def test_a_ratio_of_the_case_applies_to_a_prescribed_inventory(earth):
    doubled = mo.equilibrium(earth, 2000.0, 0.0, hydrogen=6 * OCEAN)
    explicit = mo.equilibrium(earth, 2000.0, 0.0, hydrogen=6 * OCEAN, carbon=6 * OCEAN)
    np.testing.assert_allclose(doubled.pressure, explicit.pressure, rtol=1e-12)


def test_absent_elements_at_some_points_only(earth):
    """Where C = 0 at a point of an array, the state is exactly that of the hydrogen system."""
    state = mo.equilibrium(earth, 1800.0, 0.5, carbon=np.array([0.0, 1e20]))
    assert (state.pressure.sel(species=["CO", "CO2", "CH4"])[:, 0] == 0).all() and float(
        state.graphite_mass[0]
    ) == 0.0
    alone = mo.equilibrium(earth.replace({"volatiles.carbon": "0 kg"}), 1800.0, 0.5)
    for species in ("H2", "H2O"):
        assert float(state.pressure.sel(species=species)[0]) == pytest.approx(
            float(alone.pressure.sel(species=species)), rel=1e-10
        )


def test_mass_balance_of_an_array(earth):
    """Gas, melt and graphite together contain the prescribed elements to 1e-12."""
    n = 500
    rng = np.random.default_rng(5)
    hydrogen, carbon = 10 ** rng.uniform(18, 21.5, (2, n))
    state = mo.equilibrium(
        earth, rng.uniform(1300, 3000, n), rng.uniform(0, 1, n), hydrogen=hydrogen, carbon=carbon
    )
    total = state.gas_mass + state.dissolved_mass
    m_H, m_C, m_O = 1.00794, 12.0107, 15.9994
    share = {
        "H2": (1, 0),
        "H2O": (2 * m_H / (2 * m_H + m_O), 0),
        "CO": (0, m_C / (m_C + m_O)),
        "CO2": (0, m_C / (m_C + 2 * m_O)),
        "CH4": (4 * m_H / (m_C + 4 * m_H), m_C / (m_C + 4 * m_H)),
    }
    for k, expected in enumerate((hydrogen, carbon)):
        amount = sum(share[s][k] * total.sel(species=s).values for s in share) + (
            state.graphite_mass.values if k else 0
        )
        np.testing.assert_allclose(amount, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["wide box", "graphite", "oxygen budget"])
def test_100_000_random_conditions_converge(earth, kind):
    """No point fails; the residual of the worst point is 1e-12 at most.

    Wide box of the physics notes (section 3.2): 1e-4 to 1e3 oceans, C/H 1e-4 to 1e4, dIW -8 to 8, 800 to
    6000 K.
    Graphite: dIW -6 to 4, C/H 0 to 100, a fifth of the points without carbon.
    Oxygen budget, with graphite: from 0.1 % to twice the oxygen that oxidises all H and C.
    """
    n = 100_000
    rng = np.random.default_rng(11)
    if kind == "graphite":
        ratio = rng.uniform(0, 100, n) * (rng.uniform(0, 1, n) > 0.2)
        hydrogen = rng.uniform(0.1, 10, n) * OCEAN
        conditions = {
            "temperature": rng.uniform(1400, 3000, n),
            "oxygen_fugacity_offset": rng.uniform(-6, 4, n),
        }
    else:
        hydrogen, ratio = 10 ** rng.uniform(-4, 3, n) * OCEAN, 10 ** rng.uniform(-4, 4, n)
        conditions = {
            "temperature": rng.uniform(800, 6000, n),
            "oxygen_fugacity_offset": rng.uniform(-8, 8, n),
        }
    mantle = structure(earth.planet).mantle_mass
    hydrogen, carbon = np.minimum(hydrogen, 0.9 * mantle), np.minimum(hydrogen * ratio, 0.9 * mantle)
    if kind == "oxygen budget":
        hydrogen = 10 ** rng.uniform(-2, 1, n) * OCEAN
        carbon = hydrogen * 10 ** rng.uniform(-2, 1, n)
        full = hydrogen * 8 / 1.008 + carbon * 32 / 12.011
        conditions = {
            "temperature": rng.uniform(1300, 3000, n),
            "oxygen": full * 10 ** rng.uniform(-3, 0.3, n),
        }
    case = earth.replace({"chemistry.graphite": kind != "wide box"})  # data of graphite end at 5000 K
    state = mo.equilibrium(
        case, melt_fraction=rng.uniform(0, 1, n), hydrogen=hydrogen, carbon=carbon, **conditions
    )
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12
    assert bool((state.pressure >= 0).all()) and bool(np.isfinite(state.pressure).all())
    if kind == "graphite":
        # the box does contain saturated states
        assert 0.1 < float((state.graphite_mass > 1e-6 * carbon).mean()) < 0.6


def test_cold_budgets_with_free_oxygen_converge(earth):
    """500 to 560 K, up to 1.6 times the oxygen that H and C can bind: 0 of 400 points fail.

    On the way from the first guess the matrix of Newton is singular: H2 and graphite are both less than a
    rounding of the rest. Other starts are therefore needed.
    """
    n = 400
    rng = np.random.default_rng(21)
    hydrogen = 10 ** rng.uniform(-1, 1, n) * OCEAN
    carbon = hydrogen * 10 ** rng.uniform(-2, 1.5, n)
    oxygen = (hydrogen * 8 / 1.00794 + carbon * 32 / 12.0107) * 10 ** rng.uniform(-0.3, 0.2, n)
    state = mo.equilibrium(
        earth, rng.uniform(500, 560, n), 0.5, hydrogen=hydrogen, carbon=carbon, oxygen=oxygen
    )
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12


def test_oxygen_budget_is_the_inverse_of_the_buffer(earth):
    """The oxygen of a buffered state, prescribed as a budget, returns its fugacity to 1e-8 dex."""
    buffered = mo.equilibrium(earth, 1650.0, 0.1)
    m_O = 15.9994
    share = {"H2O": m_O / 18.01528, "CO": m_O / 28.0101, "CO2": 2 * m_O / 44.0095}
    total = buffered.gas_mass + buffered.dissolved_mass
    oxygen = sum(part * float(total.sel(species=s)) for s, part in share.items())
    case = earth.replace({"redox.oxygen_fugacity": "none", "redox.oxygen": f"{oxygen!r} kg"})
    budget = mo.equilibrium(case, 1650.0, 0.1)
    assert float(budget.log10_fO2) == pytest.approx(float(buffered.log10_fO2), abs=1e-8)
    assert float(mo.equilibrium(earth, 1650.0, 0.1, oxygen=oxygen).log10_fO2) == pytest.approx(
        float(budget.log10_fO2), abs=1e-12
    )


def test_an_evolution_with_an_oxygen_budget_conserves_it(earth):
    result = mo.run(
        earth.replace(
            {
                "redox.oxygen_fugacity": "none",
                "redox.oxygen": "3.4e21 kg",
                "run.end_surface_temperature": "1800 K",
            }
        )
    )
    assert (
        float(result.element_drift.sel(element="O").max()) < 1e-10
        and float(result.equilibrium_drift.max()) < 1e-8
    )
    assert float(result.log10_fO2[-1]) < float(result.log10_fO2[0])


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"temperature": np.nan}, "temperature = nan"),
        ({"temperature": [1500.0, np.inf]}, "at point 1"),
        ({"temperature": 100.0}, "allowed: 200 to 5000 K"),
        ({"melt_fraction": 1.1}, "allowed: 0 to 1"),
        ({"melt_fraction": [-0.1, 0.5]}, "at point 0"),
        ({"hydrogen": -1.0}, "hydrogen = -1"),
        ({"hydrogen": 1e26}, "out of range"),
        ({"hydrogne": 1.0}, "did you mean 'hydrogen'"),
        ({"nitrogen": 1e18}, "N"),
        ({"temperature": [1.0, 2.0], "melt_fraction": [0.1, 0.2, 0.3]}, "do not broadcast"),
        ({"temperature": "hot"}, "does not begin with a number"),
        ({"oxygen": 1e21, "oxygen_fugacity_offset": 1.0}, "given twice"),
    ],
)
def test_bad_conditions(earth, change, problem):
    with pytest.raises(InputError, match=problem):
        mo.equilibrium(earth, **({"temperature": 1650.0, "melt_fraction": 0.3} | change))


@pytest.mark.parametrize("ratio", [0.1, 1.0, 5.0])
def test_carbon_over_hydrogen_is_a_ratio_of_masses(earth, ratio):
    """Carbon "1 C/H", of the case or as an argument, has the mass of the hydrogen, to 1e-9.

    The masses are those in gas, melt and graphite. They are computed here with the atomic weights of the
    mechanism.
    The tolerance is that of the sum over species of a state with residuals below 1e-12.
    """
    text = f"{ratio} C/H"
    species = prepare(earth).planet.chemistry.mechanism.species
    weights = prepare(earth).planet.chemistry.mechanism.atomic_weights
    in_case = earth.replace({"volatiles.carbon": text})
    for state in (
        mo.equilibrium(in_case, 1650.0, 0.3),
        mo.equilibrium(earth, 1650.0, 0.3, carbon=text),
        mo.equilibrium(earth, 1650.0, 0.3, carbon=text, hydrogen=3e20),
    ):
        masses = {"C": float(state.graphite_mass), "H": 0.0}
        for name in map(str, state.species.values):
            moles = (
                float((state.gas_mass + state.dissolved_mass).sel(species=name)) / species[name].molar_mass
            )
            for element in masses:
                masses[element] += moles * species[name].composition.get(element, 0) * weights[element]
        assert masses["C"] / masses["H"] == pytest.approx(ratio, rel=1e-9)
    assert masses["H"] == pytest.approx(3e20, rel=1e-9)


def test_unconverged_points_are_nan_and_counted(earth, monkeypatch):
    """A kernel that does not converge returns NaN and a warning, and no number.

    Its scalar rescue and its iterations are taken away here.
    """
    from mocoupled.dae.kernel import batch

    case = earth.replace({"title": "another object"})
    prepare(case)
    monkeypatch.setattr(batch, "ITERATIONS", 2)
    monkeypatch.setattr(batch.Batch, "solve_one", lambda self, p: None)
    with pytest.warns(UnconvergedWarning, match="100 of 100 points did not converge"):
        state = mo.equilibrium(case, np.linspace(1400, 3000, 100), 0.5)
    assert (
        not state.converged.any()
        and np.isnan(state.pressure).all()
        and np.isnan(state.surface_pressure).all()
    )


def test_100_000_random_conditions_of_chons_and_helium_converge():
    """H, C, O, N, S and He over 35 gases of the mechanism chons: no point fails.

    0.1 to 20 oceans, C/H 1e-3 to 10, N 0.01 to 100 ppm, S 0.1 to 1000 ppm, dIW -4 to 5, 1400 to 3000 K, any
    melt fraction. N2 and S2 dissolve.
    """
    case = mo.Case.read("earth").replace(
        {
            "chemistry.mechanism": "chons",
            "chemistry.graphite": False,
            "volatiles.helium": "1e-4 ppmw",
            "volatiles.solubility.N2": "basalt-Dasgupta2022",
            "volatiles.solubility.S2": "basalt-Boulliung2023",
        }
    )
    n = 100_000
    rng = np.random.default_rng(3)
    hydrogen = 10 ** rng.uniform(-1, 1.3, n) * OCEAN
    mantle = structure(case.planet).mantle_mass
    state = mo.equilibrium(
        case,
        rng.uniform(1400, 3000, n),
        rng.uniform(0, 1, n),
        oxygen_fugacity_offset=rng.uniform(-4, 5, n),
        hydrogen=hydrogen,
        carbon=hydrogen * 10 ** rng.uniform(-3, 1, n),
        nitrogen=mantle * 10 ** rng.uniform(-8, -4, n),
        sulfur=mantle * 10 ** rng.uniform(-7, -3, n),
    )
    assert len(state.species) >= 30
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12
