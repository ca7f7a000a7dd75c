"""What a result leaves out is reported in header, summary and warning; absent graphite is 0."""

import json
import warnings

import numpy as np
import pytest
import xarray
from support.command_line import words
from support.grey import GREY_WORDS, grey

import mocoupled as mo
from mocoupled.provenance.weighed_omissions import matters
from mocoupled.results.graphite import TRACE, present
from mocoupled.results.summaries import summary

HOT = {
    "planet.radius": "12000 km",
    "planet.gravity": "14 m/s^2",
    "volatiles.hydrogen": "1e22 kg",
    "volatiles.carbon": "0 kg",
    "redox.oxygen_fugacity": "IW-4",
}
LUMPED = {"mantle.model": "lumped", "run.end_surface_temperature": "2690 K"}


def sentences(work):
    """The result of a function, and the sentences of its warnings of omissions."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = work()
    return result, [str(w.message) for w in caught if issubclass(w.category, mo.OmissionWarning)]


def test_hydrogen_that_does_not_dissolve_is_named_with_its_laws():
    case = mo.Case.read("earth").replace(HOT)
    state, (said,) = sentences(lambda: mo.equilibrium(case, 2500.0, 1.0))
    assert (
        "H2 does not dissolve" in said and "basalt-Hirschmann2012" in said and "silicate-Chachan2018" in said
    )
    dissolving = case.replace({"volatiles.solubility.H2": "silicate-Chachan2018"})
    other, said = sentences(lambda: mo.equilibrium(dissolving, 2500.0, 1.0))
    assert not any("H2 does not dissolve" in entry for entry in said)
    assert (
        float(state.surface_pressure / other.surface_pressure) > 1.3
    )  # the effect that the warning is about
    (stored,) = (entry for entry in json.loads(state.attrs["left_out"]) if entry["species"] == ["H2"])
    assert stored["share"] == pytest.approx(float(state.mixing_ratio.sel(species="H2")), rel=1e-12)


def test_a_choice_of_the_case_is_stored_and_not_warned_of():
    case = mo.Case.read("earth").replace(HOT | {"volatiles.solubility.H2": "none"})
    state, said = sentences(lambda: mo.equilibrium(case, 2500.0, 1.0))
    assert not any("H2 does not" in entry for entry in said)
    assert any(
        entry["species"] == ["H2"] and entry["chosen"] for entry in json.loads(state.attrs["left_out"])
    )


def test_traces_are_not_warned_of():
    case = mo.Case.read("earth").replace({"redox.oxygen_fugacity": "IW+6", "volatiles.carbon": "0 kg"})
    state, said = sentences(lambda: mo.equilibrium(case, 1800.0, 0.5))
    assert float(state.mixing_ratio.sel(species="H2")) < 0.03 and said == []


def test_a_real_gas_taken_as_ideal():
    _, (said,) = sentences(
        lambda: mo.gas_equilibrium(1500.0, 3e8, {"H": 2.0, "O": 1.0}, mechanism="hco", condensates=())
    )
    assert "all gases are taken as ideal" in said and "PengRobinson1976" in said and "3000 bar" in said
    _, said = sentences(
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 2.0, "O": 1.0}, mechanism="hco", condensates=())
    )
    assert said == []
    _, (said,) = sentences(
        lambda: mo.gas_equilibrium(
            2500.0, 1e3, {"H": 2.0}, mechanism="hco", condensates=(), fugacity="RedlichKwong1949"
        )
    )
    assert "H is taken as ideal: RedlichKwong1949" in said


def test_a_run_reports_omissions_in_header_summary_page_and_warning(mocoupled, empty):
    sets = [word for key, value in LUMPED.items() for word in ("--set", f"{key}={value}")]
    sets += [
        "--set",
        "chemistry.mechanism=chons",
        "--set",
        "chemistry.species=H2,H2O,CO,CO2,CH4,N2",
        "--set",
        "volatiles.nitrogen=100 ppmw",
    ]
    status, out, _ = mocoupled("run", "earth", *GREY_WORDS, *sets, "-o", "here", "--no-figures")
    header, _, end = words(out).partition("complete:")
    assert status == 0
    for part in (header, end):
        assert (
            "left out" in part
            and "CO does not dissolve in the melt" in part
            and "O2, N2 have no opacity" in part
        )
    stored = json.loads((empty / "here" / "summary.json").read_text())["left_out"]
    assert {entry["what"] for entry in stored} == {"solubility", "opacity", "real gas"}
    _, said = sentences(lambda: mo.run(grey().replace(LUMPED)))
    assert len(said) == 1 and "CO does not dissolve" in said[0]


def test_absent_graphite_is_zero():
    run, _ = sentences(lambda: mo.run(grey().replace(LUMPED)))
    carbon = 12.011e-3 * run.element_moles.sel(element="C")
    assert 0 < float(run.graphite_mass[-1]) < TRACE * float(carbon[-1])  # the tail of the switch
    assert np.all(present(run) == 0)
    assert summary(run)["final"]["graphite_mass_kg"] == 0


def test_present_graphite_is_reported():
    rich = {
        "volatiles.carbon": "8 C/H",
        "redox.oxygen_fugacity": "IW-1",
        "mantle.model": "lumped",
        "run.end_surface_temperature": "1700 K",
    }
    run, _ = sentences(lambda: mo.run(grey().replace(rich)))
    there = (run.graphite_activity > 0.999999).values
    assert there[-1] and not there[0]
    assert (
        np.array_equal(present(run).values[there], run.graphite_mass.values[there]) and present(run)[0] == 0
    )
    assert summary(run)["final"]["graphite_mass_kg"] == float(run.graphite_mass[-1]) > 1e18


def test_an_element_without_species_names_the_mechanisms_that_have_it():
    with pytest.raises(mo.InputError, match="chemistry.mechanism = 'chons' has N"):
        mo.equilibrium(mo.Case.read("earth").replace({"volatiles.nitrogen": "3 ppmw"}), 1650.0, 0.3)


def test_a_report_on_a_folder_of_runs_lists_them(mocoupled, empty):
    for name in ("a", "b"):
        (empty / "runs" / name).mkdir(parents=True)
        (empty / "runs" / name / "evolution.nc").write_bytes(b"")
    for command in ("report", "plot", "cite"):
        status, out, err = mocoupled(command, "runs")
        assert status == 2 and "runs in it: runs/a, runs/b" in words(err)


def test_a_report_on_a_sweep_lists_its_runs(mocoupled, empty):
    (empty / "s" / "cases" / "000000").mkdir(parents=True)
    for name in ("s/sweep.nc", "s/cases/000000/evolution.nc"):
        (empty / name).write_bytes(b"")
    for command in ("report", "plot", "cite"):
        status, out, err = mocoupled(command, "s")
        assert (
            status == 2
            and "s: this is a sweep, not a run." in words(err)
            and "runs in it: s/cases/000000" in words(err)
        )


def test_condensates_that_may_not_form_are_named(tmp_path):
    """Condensates of a file that may not form are named in a warning.

    Such a file returned a gas alone, supersaturated by any factor, without a warning.
    """
    file = tmp_path / "silica.yaml"
    gas = "- {name: gas, thermo: ideal-gas, species: [{nasa_gas.yaml/species: [O2, O, Si, SiO, SiO2]}]}"
    pure = "".join(
        f"\n- {{name: p{k}, thermo: fixed-stoichiometry, species: [{{nasa_condensed.yaml/species: "
        f"[{name}]}}]}}"
        for k, name in enumerate(("SiO2(Lqz)", "SiO2(hqz)", "SiO2(L)"))
    )
    file.write_text(f"phases:\n{gas}{pure}\n")
    amounts = {"Si": 1.0, "O": 2.5}
    with pytest.warns(mo.OmissionWarning, match=r"SiO2\(Lqz\), SiO2\(L\) of the mechanism cannot form"):
        gas = mo.gas_equilibrium([500.0, 1700.0], 1e5, amounts, mechanism=file)
    assert json.loads(gas.attrs["left_out"])[-1]["species"] == ["SiO2(Lqz)", "SiO2(L)"]
    with warnings.catch_warnings():
        warnings.simplefilter("error", mo.OmissionWarning)
        every = mo.gas_equilibrium([500.0, 1700.0], 1e5, amounts, condensates="all", mechanism=file)
        mo.gas_equilibrium(500.0, 1e5, amounts, condensates=(), mechanism=file)
    assert np.allclose(
        every.condensate_moles.sel(condensate=["SiO2(Lqz)", "SiO2(L)"]).values, np.eye(2), atol=1e-3
    )


def test_the_electron_and_long_lists_in_messages():
    with pytest.raises(mo.InputError, match="did you mean 'Electron'"):
        mo.gas_equilibrium(3000.0, 1.0, {"H": 1.0}, ["H", "H+", "E"], mechanism="nasa_gas.yaml")
    first = mo.InputError("a", "b", ", ".join(f"name{k}" for k in range(300)))
    assert mo.InputError(
        "c", first.problem, first.allowed
    ).allowed == first.allowed and first.allowed.endswith("others")


def test_thresholds():
    """A gas from 3 % of the mixture on, ideal gases above 1000 bar, graphite above 1e-9 of the carbon."""
    gas = {
        "what": "solubility",
        "species": ["CO"],
        "sentence": "CO does not dissolve.",
        "chosen": False,
        "pressure_bar": 1.0,
    }
    assert [len(matters([gas | {"share": share}])) for share in (0.0299, 0.0301)] == [0, 1]
    ideal = {
        "what": "real gas",
        "species": [],
        "sentence": "all gases are ideal.",
        "chosen": False,
        "share": 1.0,
    }
    assert [len(matters([ideal | {"pressure_bar": bar}])) for bar in (999.0, 1001.0)] == [0, 1]
    moles = xarray.DataArray([[1.0, 1.0]], dims=("element", "time"), coords={"element": ["C"]})
    mass = xarray.DataArray([0.995e-9 * 12.011e-3, 1.005e-9 * 12.011e-3], dims="time")
    graphite = present(xarray.Dataset({"graphite_mass": mass, "element_moles": moles}))
    assert graphite.values.tolist() == [0.0, mass.values[1]]


def test_no_graphite_in_the_table_of_an_equilibrium_where_there_is_none(tmp_path):
    from mocoupled.cli.equilibrium_points import table_of_points

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = mo.equilibrium("earth", 1650.0, 1.0)
    table = table_of_points(result)
    assert float(result.graphite_activity) < 0.9 and table["graphite_mass (kg)"].tolist() == [0.0]
