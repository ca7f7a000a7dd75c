"""Sensitivities of lumped runs: against differences of runs, at the lid, in checkpoints, and without any."""

import json
import math
from functools import cache

import numpy as np
import pytest
from support.differences_of_runs import differences, marched

import mocoupled as mo
from mocoupled import plots
from mocoupled.constants import YEAR
from mocoupled.errors import InputError
from mocoupled.runs.main_job import prepare

KEYS = {"mantle.model": "lumped", "run.initial_surface_temperature": "2650 K", "run.rtol": 1e-10}
SHORT = {"run.end_time": 300 * YEAR}
# name -> step of the differences, in the logarithm or in the unit: where the effect is large, the third
# derivative makes some step^2 of it
STEPS = {
    "volatiles.hydrogen": 2e-3,
    "law:H2O.coefficient": 2e-3,
    "run.initial_surface_temperature": 5e-4,
    "atmosphere.absorption.H2O": 2e-3,
    "redox.oxygen_fugacity": 3e-3,
    "mantle.heating": 3e-8,
}


def case_of(**changes):
    """E1 with a lumped mantle, and changes of its keys."""
    return mo.Case.read("E1").replace(KEYS | changes)


@cache
def prepared():
    """The short case with all of these parameters."""
    return prepare(case_of(**SHORT), list(STEPS))


@cache
def with_slopes():
    """Its march with sensitivities."""
    return marched(prepared(), varied=prepared().wanted.varied)


@pytest.mark.parametrize("name", STEPS)
def test_sensitivities_are_differences_of_runs(name):
    """To 1e-5 of the largest entry: two runs at rtol 1e-10 differ by up to 1e-9 of their values.

    Divided by the change of the state between them, some 1e-4 of it, this is 1e-5.
    """
    expected = differences(prepared(), name, STEPS[name])
    error = np.abs(with_slopes().slopes.states[-1][:, list(STEPS).index(name)] - expected)
    assert error.max() < 1e-5 * np.abs(expected).max()


def test_states_are_those_of_a_run_without_sensitivities():
    """To the last bit: what goes beside the march does not act on it."""
    plain = marched(prepared())
    np.testing.assert_array_equal(plain.states, with_slopes().states)
    assert plain.slopes is None


def test_equations_without_sensitivities_are_the_same_text():
    """Names of parameters that every model declares change no text; a coefficient becomes a parameter."""
    case = case_of(**SHORT)
    plain, keys = prepare(case), prepare(case, ["hydrogen", "initial_surface_temperature"])
    assert keys.system.source == plain.system.source != prepared().system.source


@cache
def to_lid(hydrogen="1 ocean", **options):
    """A run to a lid at 2000 K, at rtol 1e-9."""
    keys = {"run.rtol": 1e-9, "volatiles.hydrogen": hydrogen, "run.end_surface_temperature": "2300 K"}
    return mo.run(case_of(**keys), **options)


def test_the_time_of_the_lid_and_the_state_at_it():
    """Against differences of runs of the case at steps of 0.4 %, whose square is 2e-5: to 2e-5 of the time.

    The pressures at a fixed temperature are smoother: to 1e-5.
    The surface has the temperature of the lid whatever varies.
    """
    run = to_lid(sensitivities=("hydrogen",)).isel(parameter=0)
    others = [to_lid(hydrogen=f"{math.exp(0.004 * s)} ocean") for s in (-1, 1)]

    def slope(of):
        less, more = (np.log(of(other)) for other in others)
        return (more - less) / 0.008

    assert float(run.sensitivity_end_time) == pytest.approx(slope(lambda r: float(r.time[-1])), rel=2e-5)
    ours, expected = run.sensitivity_at_end_pressure.values, slope(lambda r: r.pressure.values[-1])
    np.testing.assert_allclose(ours, expected, rtol=1e-5)
    assert abs(float(run.sensitivity_at_end_surface_temperature)) < 1e-12
    assert run.attrs["end_name"] == "surface lid"


def test_the_sum_rule_of_an_element():
    """At every stored time, d ln(moles of H)/d ln(hydrogen) is 1, to 1e-10: nothing escapes."""
    run = to_lid(sensitivities=("hydrogen",))
    np.testing.assert_allclose(run.sensitivity_element_moles.sel(element="H"), 1.0, atol=1e-10)


def test_a_run_that_was_cut_off_goes_on_with_its_sensitivities(tmp_path):
    """Split run = straight run, to the last bit, and the folder remembers what was requested."""
    names, case = ["hydrogen", "law:H2O.coefficient"], case_of(**{"run.rtol": 1e-6} | SHORT)
    straight = mo.run(case, tmp_path / "straight", sensitivities=names)

    def stop_at(time, share):
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mo.run(case, tmp_path / "split", checkpoint=0, sensitivities=names, progress=stop_at)
    split = mo.resume(tmp_path / "split")
    assert json.loads(split.attrs["sensitivities"]) == ["volatiles.hydrogen", "law:H2O.coefficient"]
    assert json.loads(split.attrs["statistics"])["resumed"] == 1
    for name in straight.variables:
        np.testing.assert_array_equal(straight[name], split[name], err_msg=str(name))
    again = mo.read(tmp_path / "split")
    np.testing.assert_array_equal(again.sensitivity_pressure, straight.sensitivity_pressure)


@pytest.mark.parametrize(
    "changes, names, problem",
    [
        ({}, ["hydrogen", "volatiles.hydrogen"], "the same parameter"),
        ({}, ["temperature"], "no parameter of this run"),
        ({}, "hydrogen", "not a list"),
        ({"run.after_lid": "closed"}, ["hydrogen"], "goes on under its lid"),
    ],
)
def test_refused_before_any_computing(changes, names, problem):
    with pytest.raises(InputError, match=problem):
        mo.run(case_of(**changes), sensitivities=names)


def test_the_figure_has_a_bar_for_each_parameter(tmp_path):
    """In per cent for a tenth more of the parameter; the largest is the uppermost."""
    run = to_lid(sensitivities=("hydrogen",))
    assert "sensitivities" in plots.figures_of(run)
    panels = {ax.get_title(loc="left"): ax for ax in plots.FIGURES["sensitivities"](run).axes}
    (bar,) = panels["time of the end"].patches
    assert bar.get_width() == pytest.approx(10 * float(run.sensitivity_end_time[0]))
    assert {"surface pressure", "pressure of H₂O"} <= set(panels)
    (path,) = plots.draw(run, tmp_path, "sensitivities")
    assert path.name == "sensitivities.png"
