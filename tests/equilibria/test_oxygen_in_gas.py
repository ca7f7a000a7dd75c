"""One state, one answer: O2 at its fugacity is part of the gas, and a state is the same however its oxygen is
stated."""

import importlib.util
import json
import warnings
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from support.places import ROOT

import mocoupled as mo
from mocoupled.case import shipped_cases
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.cli.pages.case_header import law_block
from mocoupled.closures.law import find
from mocoupled.constants import BAR
from mocoupled.errors import InputError
from mocoupled.provenance.calibration import CalibrationWarning

pytestmark = pytest.mark.filterwarnings("ignore::mocoupled.provenance.calibration.CalibrationWarning")
HYDROGEN = {"volatiles.carbon": "0 kg", "volatiles.hydrogen": "1 ocean"}
BUDGET = {"redox.oxygen_fugacity": "none", "redox.buffer": "none"}


@pytest.fixture(scope="module")
def earth():
    return mo.Case.read("earth")


@pytest.fixture(scope="module")
def ways():
    """validation/one_state.py as a module."""
    path = ROOT / "validation" / "one_state.py"
    spec = importlib.util.spec_from_file_location("one_state", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bars(state):
    return {str(s): float(state.pressure.sel(species=s)) / BAR for s in state.species.values}


# ---- O2 in the gas


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
    """p(O2) is the fugacity, the surface pressure is the sum of the pressures (1e-14), the mean molar mass
    and the masses are the gas's, and the oxygen as a budget gives the state back: 1e-9."""
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
    """The oxygen in gas and melt, atom by atom, to rounding of the molar masses: 1e-12."""
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


def test_atoms_and_ozone_come_with_it(earth):
    """With hco the gas of a buffer has O and O3 in equilibrium with O2, as with a budget: ln Q = ln K to
    1e-10."""
    case = earth.replace(
        {"chemistry.mechanism": "hco", "volatiles.carbon": "0 kg", "redox.oxygen_fugacity": "IW+4"}
    )
    state = mo.equilibrium(case, 3000.0, 1.0)
    p, held = bars(state), read_mechanism("hco")
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.stoichiometry import reactions

    for name, atoms in (("O", 1), ("O3", 3)):
        (reaction,) = reactions(held, [name], "O2")
        assert np.log(p[name] / p["O2"] ** (atoms / 2)) == pytest.approx(
            float(ln_K_values(held, reaction, 3000.0)[0]), abs=1e-10
        )
    assert p["O"] > 0.05 and float(state.surface_pressure) / BAR == pytest.approx(sum(p.values()), rel=1e-14)
    again = mo.equilibrium(
        case.replace(BUDGET | {"redox.oxygen": f"{float(state.oxygen_mass)!r} kg"}), 3000.0, 1.0
    )
    np.testing.assert_allclose(again.pressure, state.pressure, rtol=1e-9)


def test_real_gas(earth):
    """The fugacity is imposed; the pressure of O2 is that over its coefficient."""
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
    """Points without hydrogen among others: O2 alone, at its fugacity."""
    case = earth.replace(HYDROGEN | {"redox.oxygen_fugacity": "IW+6"})
    state = mo.equilibrium(case, 2500.0, 0.5, hydrogen=np.array([0.0, 1e20]))
    assert bool(state.converged.all()) and float(state.pressure.sel(species="H2O")[0]) == 0.0
    np.testing.assert_allclose(state.pressure.sel(species="O2"), BAR * 10**state.log10_fO2, rtol=1e-12)
    assert float(state.surface_pressure[0]) == pytest.approx(
        float(state.pressure.sel(species="O2")[0]), rel=1e-9
    )


def test_the_default_earth_hardly_moves(earth):
    """Its O2 is 1e-9 bar at the lid and 1e-4 bar at 2700 K: the other pressures move by 3e-7 at most."""
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
    """The fugacity follows from the other species: the state is that of the offset, graphite's activity
    too."""
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
    """Atoms of oxygen and one carrier of carbon are enough for the fugacity and for the activity of
    graphite."""
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
    """A run that cools: O2 in the pressures at every time, elements and equilibria kept, and each stored
    state an equilibrium."""
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
    held = float(run.element_moles.sel(element="H")[k]) * 1.00794e-3
    state = mo.equilibrium(
        case, float(run.surface_temperature[k]), float(run.melt_fraction[k]), hydrogen=held
    )
    np.testing.assert_allclose(state.pressure, run.pressure[k], rtol=1e-8)


def test_only_the_cases_of_the_paper_leave_it_out(earth):
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


# ---- one state stated in four ways


def test_one_state_in_four_ways(ways):
    """Six of the states of validation/one_state.py, with 10 gases: every pressure the same to 1e-9."""
    case, given = (
        ways.base(list(ways.LAWS.values())[0], "H2, H2O, CO, CO2, CH4, N2, NH3, S2, H2S, SO2"),
        ways.states(6, 3),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        first = mo.equilibrium(case, **given)
        assert bool(first.converged.all())
        for buffer, pressure in (
            ("Hirschmann2021", BAR),
            ("Hirschmann2021", 1e9),
            ("Frost1991-QFM", BAR),
            ("SchaeferFegley2017-EH", BAR),
        ):
            found, near = ways.by_buffer(case, given, buffer, pressure)
            assert len(near) == 6 and ways.difference(first, found) < 1e-9, buffer
        assert ways.difference(first, ways.by_budget(case, given, first)) < 1e-9
        for k, law in ((0, "Sossi2020"), (3, "Hirschmann2022")):
            assert (
                ways.difference(first.isel(point=k), ways.by_ferric_share(case, given, first, law, k)) < 1e-9
            ), law


def test_nitrogen_by_any_buffer(earth):
    """2700 K, log10 fO2 -7.55: p(N2) was 0.090 or 0.437 bar, by the buffer that the case named; it is one, to
    1e-11."""
    changes = {
        "chemistry.mechanism": "chons",
        "volatiles.nitrogen": "3 ppmw",
        "volatiles.solubility.N2": "basalt-Dasgupta2022",
        "chemistry.species": "H2, H2O, CO, CO2, CH4, N2, NH3",
    }
    found = []
    for buffer in ("ONeillEggins2002", "Hirschmann2021", "none"):
        iron = float(find("buffer", buffer)(T=2700.0)) if buffer != "none" else 0.0
        case = earth.replace(
            changes
            | {
                "redox.buffer": buffer,
                "redox.oxygen_fugacity": "IW" if buffer != "none" else "log10 fO2 = -7",
            }
        )
        found.append(bars(mo.equilibrium(case, 2700.0, 1.0, oxygen_fugacity_offset=-7.55 - iron))["N2"])
    assert found == pytest.approx([found[0]] * 3, rel=1e-11)


def test_distance_from_iron_wustite_is_of_the_state(earth):
    """delta_IW, and the ferric laws' ranges, are relative to a named buffer, whatever the case started
    with."""
    iron = {"redox.ferric_iron": "Sossi2020"}
    one = mo.equilibrium(earth.replace(iron | {"redox.oxygen_fugacity": "IW+1"}), 2500.0, 0.8)
    above = float(one.log10_fO2) - float(find("buffer", "Hirschmann2021")(T=2500.0))
    other = mo.equilibrium(
        earth.replace(iron | {"redox.oxygen_fugacity": f"IW{above:+.17g}", "redox.buffer": "Hirschmann2021"}),
        2500.0,
        0.8,
    )
    np.testing.assert_allclose(other.pressure, one.pressure, rtol=1e-9)
    assert float(one.delta_IW) == pytest.approx(1.0, abs=1e-9) and float(other.delta_IW) == pytest.approx(
        1.0, abs=1e-9
    )
    assert "ONeillEggins2002" in one.delta_IW.attrs["long_name"]
    reached = [
        [
            (r["argument"], r["reached"])
            for r in json.loads(s.attrs["extrapolations"])
            if r["law"].startswith(("ferric", "sol"))
        ]
        for s in (one, other)
    ]
    assert [a for a, _ in reached[0]] == [a for a, _ in reached[1]]


# ---- buffers outside their range


def stretched(state, law):
    return {
        r["argument"]: r["calibrated"] for r in json.loads(state.attrs["extrapolations"]) if law in r["law"]
    }


def test_buffers_outside_their_range_are_reported(earth):
    """Fischer2011 is a fit to high pressures: its use at 1 bar is reported, and its record says how far it
    lies off; temperature as before, and also of a buffer that ferric iron starts with."""
    with pytest.warns(
        CalibrationWarning,
        match="oxygen fugacity: Fischer2011: calibrated for total pressure 1e[+]04 to 1.56e[+]06 bar",
    ):
        state = mo.equilibrium(earth.replace({"redox.buffer": "Fischer2011"}), 2000.0, 0.5)
    assert stretched(state, "Fischer2011") == {"P": [1e9, 156e9]}
    assert "0.7 to 0.8 dex below measured" in law_block(find("buffer", "Fischer2011"))
    quartz = {"redox.buffer": "none", "redox.oxygen_fugacity": "FMQ-2"}
    assert stretched(mo.equilibrium(earth.replace(quartz), 2000.0, 0.5), "Frost1991-QFM") == {
        "T": [673.15, 1473.15]
    }
    iron = mo.equilibrium(earth.replace(quartz | {"redox.ferric_iron": "Sossi2020"}), 2000.0, 0.5)
    assert stretched(iron, "Frost1991-QFM") == {"T": [673.15, 1473.15]}
    fine = earth.replace({"redox.buffer": "Hirschmann2021"})
    assert not stretched(mo.equilibrium(fine, 2000.0, 0.5), "Hirschmann2021")
    assert stretched(
        mo.run(fine.replace(quartz | {"mantle.model": "lumped", "run.end_surface_temperature": "2680 K"})),
        "Frost1991-QFM",
    )


def test_notes_of_the_buffers_are_true():
    """What the records say of the distance from measured values at 1 bar, to their digits."""

    def less(name, base, T):
        return float(find("buffer", name)(T=T)) - float(find("buffer", base)(T=T))

    for T, low, high in ((1400.0, 0.7, 0.8), (1644.0, 0.65, 0.75), (1000.0, 0.85, 0.95)):
        assert low < -less("Fischer2011", "ONeillPownceby1993", T) < high
    assert [round(-less("Fischer2011", "Hirschmann2021", T), 1) for T in (2000.0, 3000.0)] == [0.6, 0.4]
    assert [
        round(less("ONeillEggins2002", "Hirschmann2021", T), 1) for T in (1200.0, 1660.0, 2000.0, 3000.0)
    ] == [0.8, 0.0, -0.4, -1.0]
    assert [round(less("Frost1991-NNO", "ONeillPownceby1993-NNO", T), 2) for T in (1000.0, 1400.0)] == [
        0.0,
        0.15,
    ]
    assert [round(less("MyersEugster1983-QFM", "ONeill1987-QFM", T), 2) for T in (1000.0, 1400.0)] == [
        0.29,
        0.14,
    ]
    assert all(0.08 < less("Frost1991-QFM", "ONeill1987-QFM", T) < 0.13 for T in (1000.0, 1200.0, 1400.0))
    assert (
        max(abs(less("Frost1991-IW", "Hirschmann2021", T)) for T in np.arange(1000.0, 2001.0, 50.0)) < 0.045
    )


def test_a_law_prints_its_buffer(earth):
    """In `mocoupled show` and in the pages of the laws."""
    from mocoupled.interior.static_structure import structure
    from mocoupled.planet.chemistry_of_case import resolve

    chemistry = resolve(earth, structure(earth.planet).mantle_mass)
    assert "IW is ONeillEggins2002 at 1 bar" in law_block(chemistry.solubility["H2O"])
    out = StringIO()
    from mocoupled.cli.pages.case_header import describe
    from mocoupled.planet.assembly import assemble_equilibrium

    describe(assemble_equilibrium(earth, 2000.0, 0.5), Console(file=out, width=200), full=True)
    assert "IW is ONeillEggins2002 at 1 bar" in out.getvalue() and "O2" in out.getvalue()
