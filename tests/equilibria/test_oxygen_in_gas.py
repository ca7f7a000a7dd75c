"""O2 at its fugacity is part of the gas."""

import numpy as np
import pytest
from support.gas_states import bars

import mocoupled as mo
from mocoupled.case import shipped_cases
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import BAR
from mocoupled.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::mocoupled.provenance.calibration.CalibrationWarning")

HYDROGEN = {"volatiles.carbon": "0 kg", "volatiles.hydrogen": "1 ocean"}
BUDGET = {"redox.oxygen_fugacity": "none", "redox.buffer": "none"}


@pytest.mark.parametrize(
    "changes, temperature, total",
    [
        (
            HYDROGEN | {"redox.buffer": "Hirschmann2021", "redox.oxygen_fugacity": "IW+10"},
            2000.0,
            884.23,
        ),  # 0.258 without O2
        ({"volatiles.carbon": "0 kg", "redox.oxygen_fugacity": "IW+4"}, 3000.0, 6.53),  # 3.48 without
        (
            {
                "volatiles.carbon": "0 kg",
                "chemistry.species": ["H2", "H2O", "O2"],
                "redox.oxygen_fugacity": "IW+8",
            },
            2700.0,
            None,
        ),
        (
            {"volatiles.carbon": "0 kg", "chemistry.species": ["H2", "H2O"], "redox.oxygen_fugacity": "IW+8"},
            2700.0,
            None,
        ),
    ],
)
def test_oxygen_is_part_of_the_gas(earth, changes, temperature, total):
    """p(O2) is the fugacity, and the surface pressure is the sum of the pressures (1e-14).

    The mean molar mass and the masses are those of the gas. The oxygen as a budget returns the state: 1e-9.
    """
    state = mo.equilibrium(earth.replace(changes), temperature, 1.0)
    p, chemistry = bars(state), read_mechanism("volatiles")
    assert p["O2"] == pytest.approx(10 ** float(state.log10_fO2), rel=1e-12)
    assert float(state.surface_pressure) / BAR == pytest.approx(sum(p.values()), rel=1e-14)
    if total:
        assert sum(p.values()) == pytest.approx(total, rel=5e-4)
    mean = sum(x * chemistry.species[s].molar_mass for s, x in p.items()) / sum(p.values())
    assert float(state.mean_molar_mass) == pytest.approx(mean, rel=1e-13)
    weight = float(state.surface_pressure) * 4 * np.pi * earth.planet.radius**2 / earth.planet.gravity
    assert float(state.gas_mass.sum()) == pytest.approx(weight, rel=1e-13)
    again = mo.equilibrium(
        earth.replace(changes | BUDGET | {"redox.oxygen": f"{float(state.oxygen_mass)!r} kg"}),
        temperature,
        1.0,
    )
    np.testing.assert_allclose(again.pressure, state.pressure, rtol=1e-9)


def test_oxygen_of_the_budget_is_that_of_the_gases(earth):
    """The oxygen in gas and melt, atom by atom, to the rounding of the molar masses: 1e-12."""
    state = mo.equilibrium(earth, 2500.0, 0.7)
    species = read_mechanism("volatiles").species
    mass = state.gas_mass + state.dissolved_mass
    atoms = {
        s: species[s].composition.get("O", 0) * 15.9994e-3 / species[s].molar_mass
        for s in map(str, state.species.values)
    }
    assert float(state.oxygen_mass) == pytest.approx(
        sum(float(mass.sel(species=s)) * n for s, n in atoms.items()), rel=1e-12
    )


def test_atoms_and_ozone_accompany_oxygen(earth):
    """With hco the gas of a buffer contains O and O3 in equilibrium with O2, as with a budget.

    ln Q = ln K to 1e-10.
    """
    case = earth.replace(
        {"chemistry.mechanism": "hco", "volatiles.carbon": "0 kg", "redox.oxygen_fugacity": "IW+4"}
    )
    state = mo.equilibrium(case, 3000.0, 1.0)
    p, mechanism = bars(state), read_mechanism("hco")
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.stoichiometry import reactions

    for name, atoms in (("O", 1), ("O3", 3)):
        (reaction,) = reactions(mechanism, [name], "O2")
        assert np.log(p[name] / p["O2"] ** (atoms / 2)) == pytest.approx(
            float(ln_K_values(mechanism, reaction, 3000.0)[0]), abs=1e-10
        )
    assert p["O"] > 0.05 and float(state.surface_pressure) / BAR == pytest.approx(sum(p.values()), rel=1e-14)
    again = mo.equilibrium(
        case.replace(BUDGET | {"redox.oxygen": f"{float(state.oxygen_mass)!r} kg"}), 3000.0, 1.0
    )
    np.testing.assert_allclose(again.pressure, state.pressure, rtol=1e-9)


def test_real_gas(earth):
    """The fugacity is prescribed; the pressure of O2 is the fugacity over its coefficient."""
    case = earth.replace(
        {"chemistry.fugacity": "PengRobinson1976", "redox.oxygen_fugacity": "IW+9", **HYDROGEN}
    )
    state = mo.equilibrium(case, 2300.0, 0.2)
    f = float(state.pressure.sel(species="O2") * state.fugacity_coefficient.sel(species="O2")) / BAR
    assert (
        f == pytest.approx(10 ** float(state.log10_fO2), rel=1e-12)
        and float(state.fugacity_coefficient.sel(species="O2")) > 1.01
    )
    assert float(state.surface_pressure) / BAR == pytest.approx(sum(bars(state).values()), rel=1e-12)


def test_where_hydrogen_is_absent(earth):
    """At points without hydrogen, among others, the gas is O2 alone, at its fugacity."""
    case = earth.replace(HYDROGEN | {"redox.oxygen_fugacity": "IW+6"})
    state = mo.equilibrium(case, 2500.0, 0.5, hydrogen=np.array([0.0, 1e20]))
    assert bool(state.converged.all()) and float(state.pressure.sel(species="H2O")[0]) == 0.0
    np.testing.assert_allclose(state.pressure.sel(species="O2"), BAR * 10**state.log10_fO2, rtol=1e-12)
    assert float(state.surface_pressure[0]) == pytest.approx(
        float(state.pressure.sel(species="O2")[0]), rel=1e-9
    )


def test_oxygen_hardly_changes_the_default_earth(earth):
    """O2 is 1e-9 bar at the lid and 1e-4 bar at 2700 K: other pressures change by 3e-7 at most."""
    T = np.array([1650.0, 2700.0])
    with_it, without = (
        mo.equilibrium(earth.replace({"chemistry.oxygen_in_gas": yes}), T, 0.5) for yes in (True, False)
    )
    assert "O2" not in without.species and "O2" in with_it.species
    np.testing.assert_allclose(with_it.pressure.sel(species=without.species), without.pressure, rtol=3e-7)
    np.testing.assert_allclose(
        (with_it.surface_pressure - without.surface_pressure) / BAR, 10**with_it.log10_fO2, rtol=0.2
    )


@pytest.mark.parametrize("graphite", [True, False])
@pytest.mark.parametrize("law", ["ideal", "PengRobinson1976"])
def test_a_budget_without_oxygen_among_the_gases(earth, law, graphite):
    """The fugacity follows from the other species: the state is that of the offset.

    This includes the activity of graphite.
    """
    case = earth.replace(
        {"chemistry.oxygen_in_gas": False, "chemistry.graphite": graphite, "chemistry.fugacity": law}
    )
    first = mo.equilibrium(case, 2000.0, 0.4, oxygen_fugacity_offset=1.5)
    other = mo.equilibrium(
        case.replace(BUDGET | {"redox.oxygen": "1e21 kg"}), 2000.0, 0.4, oxygen=float(first.oxygen_mass)
    )
    assert list(first.species.values) == list(other.species.values) and "O2" not in first.species.values
    for name in ("pressure", "graphite_activity"):
        assert np.allclose(first[name], other[name], rtol=1e-11, atol=0), name
    assert float(first.log10_fO2) == pytest.approx(float(other.log10_fO2), abs=1e-11)


def test_atoms_determine_the_fugacity(earth):
    """Atoms of oxygen and one carrier of carbon determine the fugacity and the activity of graphite."""
    few = {
        "chemistry.mechanism": "hco",
        "chemistry.species": ["CO", "O", "H", "H2O"],
        "chemistry.oxygen_in_gas": False,
        "chemistry.graphite": False,
    }
    state = mo.equilibrium(earth.replace(BUDGET | few | {"redox.oxygen": "8e21 kg"}), 2500.0, 0.5)
    assert (
        bool(state.converged) and float(state.graphite_activity) > 0 and np.isfinite(float(state.log10_fO2))
    )


def test_runs(earth):
    """A run that cools: O2 is in the pressures at every time; elements and equilibria are conserved.

    A stored state is an equilibrium.
    """
    case = earth.replace(
        HYDROGEN
        | {
            "mantle.model": "lumped",
            "redox.oxygen_fugacity": "IW+5",
            "escape.law": "Zahnle2019",
            "escape.xuv": 50.0,
        }
    )
    run = mo.run(case)
    np.testing.assert_allclose(run.pressure.sel(species="O2") / BAR, 10**run.log10_fO2, rtol=1e-12)
    np.testing.assert_allclose(run.pressure.sum("species"), run.surface_pressure, rtol=1e-13)
    assert (
        float(run.element_drift.max()) < 1e-11
        and float(run.equilibrium_drift.max()) < 1e-9
        and list(run.element.values) == ["H"]
    )
    k = run.sizes["time"] // 2
    hydrogen = float(run.element_moles.sel(element="H")[k]) * 1.00794e-3
    state = mo.equilibrium(
        case, float(run.surface_temperature[k]), float(run.melt_fraction[k]), hydrogen=hydrogen
    )
    np.testing.assert_allclose(state.pressure, run.pressure[k], rtol=1e-8)


def test_only_the_cases_of_the_paper_leave_oxygen_out(earth):
    for name in shipped_cases():
        case = mo.Case.read(name)
        assert case.chemistry.oxygen_in_gas == (not case.source.startswith("bower2022.toml")), name
    assert list(mo.equilibrium(mo.Case.read("F1-C1"), 2000.0, 0.5).species.values) == [
        "H2",
        "H2O",
        "CO",
        "CO2",
        "CH4",
    ]
    with pytest.raises(InputError, match="oxygen_in_gas = false: O2 is left out"):
        mo.equilibrium(
            earth.replace(
                {"chemistry.oxygen_in_gas": False, "chemistry.species": ["H2", "H2O", "CO", "CO2", "O2"]}
            ),
            2000.0,
            0.5,
        )
