"""The list of faults found by use: each has a test in validation/reports/faults.md, and inputs of the list in
their own words."""

import ast
import re
from functools import cache

import numpy as np
import pint
import pytest
from support.grey import grey
from support.places import TESTS

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.closures.law import find
from mocoupled.cumulates.basal_layer import buffered
from mocoupled.cumulates.of_case import pile
from mocoupled.errors import InputError
from mocoupled.results.summaries import summary
from mocoupled.sweeps import case_outcome as sweep_case

FILES = TESTS / "faults"  # inputs of the list
REPORT = TESTS.parent / "validation" / "reports" / "faults.md"
ROWS = [f"W{k}" for k in range(1, 17)] + [f"C{k}" for k in range(1, 19)] + [f"S{k}" for k in range(1, 7)]
pytestmark = pytest.mark.filterwarnings("ignore")


def bars(state):
    return {str(s): float(p) / 1e5 for s, p in zip(state.species.values, state.pressure.values)}


# ---- the table


@cache
def functions(name):
    """Names of the test functions of a file below tests/."""
    return {
        node.name
        for node in ast.walk(ast.parse((TESTS / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.skipif(not REPORT.is_file(), reason="without the folder validation")
def test_every_fault_has_a_test_that_exists():
    text = REPORT.read_text(encoding="utf-8")
    tables = [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    named = {
        row[0]: re.findall(r"`([\w/]+\.py)::(test_\w+)`", row[-1])
        for row in tables
        if row[-1] != "test" and set(row[0]) != {"-"}
    }
    assert [key for key in named if re.fullmatch(r"[WCS]\d+", key)] == ROWS and len(named) > len(ROWS) + 10
    for key, tests in named.items():
        assert tests, f"{key}: no test"
        for file, function in tests:
            assert function in functions(file), f"{key}: {file} has no {function}"


# ---- wrong numbers


def test_units_of_pint():
    """W1: 100 bar, 1226.85 degC and 3 oceans of hydrogen in grams were 100 Pa, 1226.85 K and 1000 times the
    hydrogen."""
    Q = pint.UnitRegistry().Quantity
    gas = mo.gas_equilibrium(Q(1226.85, "degC"), Q(100, "bar"), {"H": 2.0, "O": 1.0, "C": 0.1})
    assert float(gas.total_pressure) == 1e7 and float(gas.temperature) == pytest.approx(1500.0, rel=1e-15)
    state = mo.equilibrium("earth", 2000.0, 1.0, hydrogen=Q(4.65e23, "g"))
    assert float(state.surface_pressure) / 1e5 == pytest.approx(227.8, abs=0.05)
    assert bool(state.converged)


def test_three_species_with_oxygen():
    """W13: 2700 K, IW+8 without carbon: O2 has its fugacity, 4289 bar, beside 3.40 bar of water; it was left
    out."""
    case = mo.Case.read("earth").replace(
        {
            "volatiles.carbon": "0 kg",
            "chemistry.species": ["H2", "H2O", "O2"],
            "redox.oxygen_fugacity": "IW+8",
        }
    )
    p = bars(mo.equilibrium(case, temperature=2700, melt_fraction=1))
    assert (
        p["O2"]
        == pytest.approx(10 ** (8 + float(find("buffer", "ONeillEggins2002")(T=2700.0))), rel=1e-12)
        == pytest.approx(4289.3, abs=0.05)
    )
    assert p["H2O"] == pytest.approx(3.4035, abs=1e-4)


def test_a_moon_by_set():
    """W8: the buffered value of Earth's file (0.2670) was returned for any planet. The Moon of the list has
    another, by the pile's own numbers."""
    moon = {"planet.radius": "1737 km", "planet.gravity": "1.62 m/s^2", "planet.core_radius_fraction": 0.2}
    below = pile(mo.Case.read("earth").replace({"cumulates.coupled": True} | moon))
    assert (
        below.values["mantle_thickness"] == pytest.approx(0.8 * 1737e3, rel=1e-12)
        and below.values["gravity"] == 1.62
    )
    assert buffered(below)[0] == pytest.approx(0.4169, abs=5e-4)


def test_natural_gas_with_steam():
    """W16: 900 K, 23 atm, given mole fractions, which rest on enthalpies of formation of HCN of 135.0 (ours
    129.29) and of CH2O of -115.90 kJ/mol (ours -108.58): these two differ by exp(difference / RT) within 4 %,
    the large gases by less than 1 %."""
    flows = {
        "CH4": 93.9,
        "C2H6": 4.2,
        "C3H8": 0.3,
        "C4H10": 0.06,
        "C5H12": 0.02,
        "C6H14": 0.01,
        "N2": 1,
        "CO2": 0.5,
        "O2": 0.01,
        "H2O": 281.7,
    }
    moles = {}
    for formula, n in flows.items():
        for element, count in re.findall(r"([A-Z])(\d*)", formula):
            moles[element] = moles.get(element, 0.0) + n * int(count or 1)
    gas = mo.gas_equilibrium(900.0, 23 * 101325, moles, mechanism="chons", condensates=())
    x = {str(s): float(v) for s, v in zip(gas.species.values, gas.mixing_ratio.values)}
    published = {
        "H2O": 0.50987,
        "CO2": 0.05796,
        "CO": 0.01243,
        "H2": 0.25279,
        "CH4": 0.16460,
        "N2": 2.174e-3,
        "NH3": 1.673e-4,
    }
    assert x | published == pytest.approx(x, rel=0.01)
    RT = 8.314462618 * 900.0
    assert x["HCN"] / 7.024e-9 == pytest.approx(np.exp((135.0 - 129.29) * 1e3 / RT), rel=0.04)
    assert x["CH2O"] / 1.169e-7 == pytest.approx(np.exp((-115.90 + 108.58) * 1e3 / RT), rel=0.04)


def test_a_sweep_has_no_graphite_where_there_is_none():
    """W12: the tail of the smooth switch, 13 766 kg, stood in the table of a sweep. A case's row and end have
    0."""
    changes = {
        "mantle.model": "lumped",
        "mantle.shells": 20,
        "run.rtol": 1e-4,
        "run.end_surface_temperature": "2690 K",
    }
    run = mo.run(grey().replace(changes))
    assert float(run.graphite_mass[-1]) > 1.0
    assert mo.equilibrium("earth", [1650.0, 2000.0], 0.3).graphite_mass.values.tolist() == [
        0.0,
        0.0,
    ]  # 1.65e6 kg before
    outcome = sweep_case.with_end(sweep_case.Outcome(0, "complete"), run, summary(run))
    assert outcome.final["graphite_mass_kg"] == 0 and float(outcome.end["graphite_mass"][2]) == 0


def test_a_planet_has_no_water_where_there_is_none():
    """W12, of the same kind: 4e5 kg of liquid water at an activity of 0.11."""
    case = mo.Case.read("earth").replace({"chemistry.water": True, "volatiles.carbon": "0 kg"})
    state = mo.equilibrium(case, [600.0, 600.0], 0.0, hydrogen=[1e19, 1e21])
    assert float(state.water_mass[0]) == 0 and float(state.water_activity[0]) == pytest.approx(
        0.1096, rel=1e-3
    )
    assert float(state.water_mass[1]) > 1e21 and float(state.water_activity[1]) == pytest.approx(
        1.0, abs=1e-9
    )


# ---- dead ends


def test_files_of_the_list():
    """W6, C5, C6, C8, C9, C17: what was refused or gave NaN, as it stands."""
    oxides = ["Fe(a)", "FeO(s)", "Fe2O3(s)", "Fe3O4(s)"]
    iron = mo.gas_equilibrium(
        900.0, 1e5, {"Fe": 1.0, "O": 1.2}, mechanism=str(FILES / "feo_import.yaml"), condensates=oxides
    )
    assert iron.condensate_moles.values == pytest.approx([0.0, 0.4, 0.0, 0.2], abs=1e-12)
    assert float(iron.log10_fO2) == pytest.approx(-21.26, abs=0.005)
    liquid = mo.gas_equilibrium(
        [300.0, 600.0, 2000.0], 1e5, {"S": 1.0}, mechanism=str(FILES / "sul.yaml"), condensates=["S(L)"]
    )
    assert liquid.condensate_moles.values.tolist() == [[0.0, 1.0, 0.0]]  # its data begin at 388 K
    for name, weight in (("zerocount", 2.0), ("sho3", 2.0), ("frac", 1.894)):
        gas = mo.gas_equilibrium(3000.0, 1e5, {"H": 1.0}, mechanism=str(FILES / f"{name}.yaml"))
        n = {str(s): float(v) for s, v in zip(gas.species.values, gas.gas_moles.values)}
        assert 2 * n["H2"] + n["H"] + weight * n["X"] == pytest.approx(1.0, rel=1e-12) and n["X"] > 0
        if name != "frac":  # X is H2, by the same data or by those of another table
            assert n["X"] / n["H2"] == pytest.approx(1.0, rel=1e-9 if name == "zerocount" else 0.01)


def test_two_hydrocarbons_of_one_ratio():
    """C8: C2H5 and C4H10 are both made of H and C as 5:2 alone; the amounts have it, or the message names
    what they make."""
    species, mechanism = ["C2H5", "C4H10,n-butane"], "nasa_gas.yaml"
    gas = mo.gas_equilibrium(
        1500.0, 1e5, {"H": 5.0, "C": 2.0}, species=species, mechanism=mechanism, condensates=()
    )
    radical, butane = gas.gas_moles.values
    assert radical + 2 * butane == pytest.approx(1.0, rel=1e-12) and 0 < radical < butane
    with pytest.raises(InputError, match="no amounts of"):
        mo.gas_equilibrium(
            1500.0, 1e5, {"H": 5.0, "C": 2.1}, species=species, mechanism=mechanism, condensates=()
        )


@pytest.mark.parametrize("name", ["run_3", "run_16"])
def test_a_run_rich_in_oxygen_starts(name):
    """C12: the two runs of the list have more oxygen than H2O, CO2 and SO2 take. With O2 among the gases they
    have a state: the start of the run is the equilibrium of the same case, with all of the oxygen, a fifth of
    the gas and more as O2."""
    case = mo.Case.read(FILES / f"{name}.toml").replace(
        {"run.end_surface_temperature": "2790 K", "run.rtol": 1e-4}
    )
    run = mo.run(case)
    state = mo.equilibrium(
        case, float(run.surface_temperature[0]), float(run.melt_fraction[0])
    )  # 1 + 4e-16 in run_3
    assert run.attrs["status"] == "complete" and list(run.species.values) == list(state.species.values)
    np.testing.assert_allclose(run.pressure[0], state.pressure, rtol=1e-8)
    chemistry = read_mechanism("chons")
    atoms = [
        chemistry.species[s].composition.get("O", 0) / chemistry.species[s].molar_mass
        for s in map(str, state.species.values)
    ]
    oxygen = chemistry.atomic_weights["O"] * float(
        np.array(atoms) @ (state.gas_mass + state.dissolved_mass).values
    )
    budget = case.volatiles.hydrogen.amount * {"run_3": 11.8, "run_16": 16.8}[name]  # O/H by mass
    assert oxygen == pytest.approx(budget, rel=1e-9) and float(state.mixing_ratio.sel(species="O2")) > 0.2
