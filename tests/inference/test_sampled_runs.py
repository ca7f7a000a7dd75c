"""Samples of runs: each is the run of the case with these inputs; they are stored and taken up again."""

import warnings

import numpy as np
import pytest
from click.testing import CliRunner

import mocoupled as mo
from mocoupled.cli.commands import command_group
from mocoupled.constants import YEAR
from mocoupled.inference.error_bars import HIGH, LOW
from mocoupled.inference.errors_of_inputs import errors_of
from mocoupled.inference.sampled_runs import sampled_ends

NAMES = ["hydrogen", "oxygen_fugacity", "law:H2O.coefficient", "run.initial_surface_temperature"]
KEYS = {
    "mantle.model": "lumped",
    "run.initial_surface_temperature": "2650 K",
    "run.end_surface_temperature": "2300 K",
    "run.rtol": 1e-8,
}
ERRORS = {"hydrogen": "2 %", "oxygen_fugacity": 0.05, "run.initial_surface_temperature": "2 K"}


@pytest.fixture(scope="module")
def run():
    return mo.run(mo.Case.read("E1").replace(KEYS), sensitivities=NAMES)


def test_a_sample_is_the_run_of_the_case_with_these_inputs(run):
    """To the tolerance of the runs: 1e-8 times some tens of steps."""
    draws = np.array([[1.5], [-1.0], [0.7]])  # in the order of the parameters of the run
    ends = sampled_ends(run, errors_of(run, ERRORS, None), draws)
    case = mo.Case.read("E1").replace(KEYS)
    moved = float(run.parameter_value[0]) * np.exp(0.02 * 1.5), float(run.parameter_value[1]) - 0.05
    hotter = 2650.0 * np.exp(2.0 / 2650.0 * 0.7)
    changes = {
        "volatiles.hydrogen": float(moved[0]),
        "redox.oxygen_fugacity": f"IW{float(moved[1]):+.15g}",
        "run.initial_surface_temperature": float(hotter),
    }
    other = mo.run(case.replace(changes))
    assert ends.sound.tolist() == [True]
    np.testing.assert_allclose(ends.values["end_time"][0], other.time[-1], rtol=1e-6)
    for name in ("pressure", "core_mantle_temperature", "melt_fraction", "log10_fO2"):
        np.testing.assert_allclose(ends.values[name][0], other[name].isel(time=-1), rtol=1e-6)


def test_the_start_of_a_column_moves_with_its_entropy():
    keys = {"mantle.cells": 12, "run.end_time": 3e7, "run.rtol": 1e-8}
    case = mo.Case.read("E1").replace(keys)
    run = mo.run(case, sensitivities=["run.initial_entropy", "mantle.mixing_length"])
    errors = errors_of(run, {"run.initial_entropy": "1 %", "mantle.mixing_length": "10 %"}, None)
    ends = sampled_ends(run, errors, np.array([[1.0], [-1.0]]))
    first, length = (float(value) for value in run.parameter_value.values)
    changes = {
        "run.initial_entropy": float(first * np.exp(0.01)),
        "mantle.mixing_length": float(length * np.exp(-0.1)),
    }
    other = mo.run(case.replace(changes)).isel(time=-1)
    np.testing.assert_allclose(ends.values["surface_temperature"][0], other.surface_temperature, rtol=1e-5)
    assert abs(float(run.surface_temperature[-1]) - float(other.surface_temperature)) > 1.0


def test_quantiles_are_first_order_for_small_errors_and_samples_are_taken_up(run, tmp_path):
    """40 samples: half the distance of quantiles has an error of 15 %. No run is marched twice."""
    reports = []
    options = {"samples": 40, "seed": 2, "output": tmp_path / "kept"}
    bars = mo.uncertainty(run, ERRORS, **options, progress=lambda share, text: reports.append((share, text)))
    for name in ("end_time", "at_end_pressure", "at_end_log10_fO2"):
        half = (bars[HIGH + name] - bars[LOW + name]) / 2
        np.testing.assert_allclose(half, bars["uncertainty_" + name], rtol=0.4)
    assert int(bars.samples_solved) == 40 and reports[-1] == (1.0, "40 of 40 runs") and len(reports) == 40
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    (tmp_path / "kept" / "000007.npy").unlink()
    again = mo.uncertainty(run, ERRORS, **options)
    assert again.identical(bars)
    changed = [p.name for p in (tmp_path / "kept").iterdir() if times[p] != p.stat().st_mtime_ns]
    assert changed == ["000007.npy"]
    with pytest.raises(mo.InputError, match="something else than samples"):
        mo.uncertainty(run, ERRORS, **(options | {"seed": 3}))


def test_the_command_prints_the_quantiles(tmp_path):
    """In years and bar, from the folder of a run; the samples are stored where --samples-in says."""
    folder, drawn = tmp_path / "run", tmp_path / "drawn"
    case = mo.Case.read("E1").replace(KEYS | {"run.rtol": 1e-6})
    mo.run(case, output=folder, sensitivities=["hydrogen"])
    command = ["uncertainty", str(folder), "--input", "hydrogen=5 %", "--samples", "6", "-q"]
    shown = CliRunner().invoke(command_group, [*command, "--samples-in", str(drawn)], env={"COLUMNS": "100"})
    assert shown.exception is None, shown.exception
    bars = mo.uncertainty(mo.read(folder), {"hydrogen": "5 %"}, samples=6, output=drawn)
    line = next(line for line in shown.output.splitlines() if line.startswith("end time, yr"))
    numbers = [float(word) for word in line.split()[3:]]
    expected = [bars.time[-1], bars.uncertainty_end_time, bars.low_end_time, bars.high_end_time]
    np.testing.assert_allclose(numbers, [float(value) / YEAR for value in expected], rtol=0.05)
    assert "quantiles of 6 samples" in shown.output and len(list(drawn.iterdir())) == 7


def test_refused(run):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = mo.equilibrium("earth", 2000.0, 0.3, sensitivities=["hydrogen"])
    with pytest.raises(mo.InputError, match="only samples of a run are stored"):
        mo.uncertainty(state, {"hydrogen": "1 %"}, samples=3, output="somewhere")
    with pytest.raises(mo.InputError, match="only samples of a run are stored"):
        mo.uncertainty(run, {"hydrogen": "1 %"}, output="somewhere")
