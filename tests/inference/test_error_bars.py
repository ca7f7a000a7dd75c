"""Error bars of equilibria: laws of propagation, samples solved anew, bad input, the command."""

import warnings
from functools import cache

import numpy as np
import pytest
from support.command_line import words

import mocoupled as mo
from mocoupled.equilibria.sensitivities import PREFIX
from mocoupled.inference.error_bars import ERROR, HIGH, LOW, SHARE

E51 = {"volatiles.solubility.H2O": "peridotite-Sossi2022-e51"}  # 647 +- 25 ppmw/bar^0.5
NAMES = ["hydrogen", "temperature", "oxygen_fugacity", "law:H2O.coefficient"]


def state(names=NAMES, changes=E51, temperature=2000.0, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = mo.Case.read("earth").replace(changes)
        return mo.equilibrium(case, temperature, 0.3, sensitivities=names, **arguments)


def test_one_input_is_sensitivity_times_error():
    """Errors that are relative, in a unit, of a condition, of a logarithm; published ones by default."""
    there = state()
    for inputs, k, size in (
        ({"hydrogen": "10 %"}, 0, 0.1),
        ({"volatiles.hydrogen": 4.65e19}, 0, 0.1),
        ({"temperature": "50 K"}, 1, 50.0 / 2000.0),
        ({"oxygen_fugacity": "0.3"}, 2, 0.3),
        ({}, 3, 25.0 / 647.0),
    ):
        result = mo.uncertainty(there, {"law:H2O.coefficient": "0 %", **inputs} if inputs else None)
        for name in ("pressure", "surface_pressure", "log10_fO2"):
            expected = np.abs(there[PREFIX + name].isel(parameter=k)) * size
            expected = expected * (1.0 if name == "log10_fO2" else there[name])
            np.testing.assert_allclose(result[ERROR + name], expected, rtol=1e-12)
        assert result.parameter.values.tolist() == [str(there.parameter.values[k])]
        assert result[ERROR + "pressure"].attrs["units"] == "Pa" and PREFIX + "pressure" not in result


def test_shares_and_correlations():
    """Variances of independent inputs add; two inputs of one error and correlation 1 are one input."""
    pair = {"volatiles.hydrogen": "4.65e20 kg", "volatiles.carbon": "4.65e20 kg"}
    both = state(["hydrogen", "carbon"], pair)
    inputs = {"hydrogen": "7 %", "carbon": "7 %"}
    apart = mo.uncertainty(both, inputs)
    np.testing.assert_allclose(
        apart[SHARE + "pressure"].sum("parameter").drop_sel(species="O2"), 1.0, rtol=1e-12
    )
    assert np.isnan(apart[SHARE + "pressure"].sel(species="O2")).all()  # nothing moves it
    together = mo.uncertainty(both, inputs, correlations={("hydrogen", "carbon"): 1.0})
    chained = mo.uncertainty(state(["hydrogen"], {}), {"hydrogen": "7 %"})
    np.testing.assert_allclose(together[ERROR + "pressure"], chained[ERROR + "pressure"], rtol=1e-8)
    apart_size = apart[ERROR + "surface_pressure"]
    assert float(together[ERROR + "surface_pressure"]) > 1.1 * float(apart_size)


def test_samples_are_solved_anew():
    """One input: a quantile of the results is the result at the quantile, to the width of 2000 strata.

    Small errors: half the distance of the quantiles is the first order, to second order in the error.
    """
    there = state(["hydrogen"], temperature=np.array([1700.0, 2000.0]))
    wide = mo.uncertainty(there, {"hydrogen": "30 %"}, samples=2000)
    for prefix, sign in ((LOW, -1), (HIGH, 1)):
        factor = float(np.exp(sign * 0.3))
        at = state(["hydrogen"], E51 | {"volatiles.hydrogen": f"{4.65e20 * factor!r} kg"}, there.temperature)
        np.testing.assert_allclose(wide[f"{prefix}pressure"], at.pressure, rtol=2e-3)
    assert wide.samples_solved.values.tolist() == [2000, 2000] and wide.attrs["samples"] == 2000
    small = mo.uncertainty(state(), {"hydrogen": "1 %", "temperature": "5 K"}, samples=4000, seed=3)
    half = (small.high_pressure - small.low_pressure) / 2
    np.testing.assert_allclose(half, small.uncertainty_pressure, rtol=0.02)
    again = mo.uncertainty(state(), {"hydrogen": "1 %", "temperature": "5 K"}, samples=4000, seed=3)
    assert small.identical(again)


def test_correlated_samples_follow_their_correlation():
    pair = {"volatiles.hydrogen": "4.65e20 kg", "volatiles.carbon": "4.65e20 kg"}
    inputs = {"hydrogen": "1 %", "carbon": "1 %"}
    for correlation in (-0.9, 0.8):
        result = mo.uncertainty(
            state(["hydrogen", "carbon"], pair),
            inputs,
            correlations={("hydrogen", "carbon"): correlation},
            samples=4000,
        )
        half = (result.high_surface_pressure - result.low_surface_pressure) / 2
        np.testing.assert_allclose(half, result.uncertainty_surface_pressure, rtol=0.03)


def test_masked_points_and_those_without_an_input_are_nan():
    masked = state(["hydrogen"], {}, np.ma.array([1800.0, 1900.0], mask=[False, True]))
    result = mo.uncertainty(masked, {"hydrogen": "10 %"}, samples=20)
    assert np.isnan(result.uncertainty_surface_pressure[1]) and np.isnan(result.low_surface_pressure[1])
    assert result.samples_solved.values.tolist() == [20, 0]


@pytest.mark.parametrize(
    ("inputs", "more", "says"),
    [
        ({"hydrogn": "10 %"}, {}, "no sensitivities for this parameter"),
        ({"hydrogen": "-10 %"}, {}, "is negative"),
        ({"hydrogen": "10 bar"}, {}, "a unit of mass/length"),
        ({"hydrogen": float("nan")}, {}, "not a finite number"),
        ({"temperature": "50 degC"}, {}, "a temperature, not a difference"),
        ({"oxygen_fugacity": "10 %"}, {}, "of a logarithm means nothing"),
        ("10 %", {}, "not a table"),
        ({}, {"correlations": {"hydrogen": 1.0}}, "not a pair"),
        ({"hydrogen": "1 %"}, {"correlations": {("hydrogen", "hydrogen"): 0.5}}, "no correlation"),
        ({"hydrogen": "1 %"}, {"correlations": {("hydrogen", "law:H2O.coefficient"): 1.5}}, "no correlation"),
        ({"hydrogen": "1 %"}, {"samples": -1}, "not a whole number"),
        ({"law:H2O.coefficient": 0}, {}, "no parameter has an error"),
    ],
)
def test_refused(inputs, more, says):
    with pytest.raises(mo.InputError, match=says):
        mo.uncertainty(state(), inputs, **more)


def test_impossible_correlations_and_other_datasets_are_refused():
    inputs = {"hydrogen": "1 %", "temperature": "1 %", "oxygen_fugacity": 0.1}
    pairs = [("hydrogen", "temperature"), ("hydrogen", "oxygen_fugacity"), ("temperature", "oxygen_fugacity")]
    with pytest.raises(mo.InputError, match="negative variance"):
        mo.uncertainty(state(), inputs, correlations=dict(zip(pairs, (0.9, 0.9, -0.9))))
    for other in (state(["hydrogen"]).drop_vars("parameter"), {}, 3.0):
        with pytest.raises(mo.InputError, match="no equilibrium with sensitivities"):
            mo.uncertainty(other, {"hydrogen": "1 %"})


def test_the_command(mocoupled, empty):
    """The table has the numbers of the function; names are those of show --parameters."""
    status, out, err = mocoupled(
        "uncertainty", "earth", "-T", "2000", "-m", "0.3", "--set", f"{'='.join(*E51.items())}",
        "--input", "hydrogen=10 %", "--samples", "50", "-o", "bars.csv",
    )  # fmt: skip
    result = mo.uncertainty(state(["hydrogen", "law:H2O.coefficient"]), {"hydrogen": "10 %"})
    size = float(result.uncertainty_pressure.sel(species="H2O")) / 1e5
    assert status == 0 and f"{size:.2g}" in out and "law:H2O.coefficient 12%" in words(out)
    assert "uncertainty_pressure[H2O] (Pa)" in (empty / "bars.csv").read_text()
    status, out, err = mocoupled("show", "earth", "--parameters", "--set", f"{'='.join(*E51.items())}")
    assert status == 0 and "647 +- 25 ppmw/bar^0.5" in out and "volatiles.hydrogen" in out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "no parameter of the case has a published error"),
        (["--input", "hydrogen"], "not of the form NAME=VALUE"),
        (["--input", "hydrogn=1 %"], "no parameter of this equilibrium has this name"),
        (["--input", "hydrogen=1 %", "--correlation", "hydrogen=1"], "not two names"),
        (["--input", "hydrogen=1 %", "--samples", "many"], "not a whole number"),
    ],
)
def test_bad_requests(options, says, mocoupled, empty):
    status, out, err = mocoupled("uncertainty", "earth", "-T", "2000", *options, "-o", "a.nc")
    assert status == 2 and out == "" and says in words(err)
    assert not list(empty.iterdir())


@cache
def run():
    names = ["volatiles.hydrogen", "law:H2O.coefficient"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.run(mo.Case.read("E1").replace({"mantle.model": "lumped", **E51}), sensitivities=names)


def test_of_a_run():
    """Of the time of the end, of what is there, and along time: sensitivity times error."""
    result, there = mo.uncertainty(run(), {"hydrogen": "10 %", "law:H2O.coefficient": 0}), run()
    size = abs(there.sensitivity_end_time[0]) * 0.1 * float(there.time[-1])
    np.testing.assert_allclose(result.uncertainty_end_time, size, rtol=1e-12)
    at_end = abs(there.sensitivity_at_end_pressure[0]) * 0.1 * there.pressure[-1]
    np.testing.assert_allclose(result.uncertainty_at_end_pressure, at_end, rtol=1e-12)
    along = abs(there.sensitivity_pressure[0]) * 0.1 * there.pressure
    np.testing.assert_allclose(result.uncertainty_pressure, along, rtol=1e-12)
    both = mo.uncertainty(run(), {"hydrogen": "10 %"})
    np.testing.assert_allclose(both.share_end_time.sum(), 1.0, rtol=1e-12)
    assert both.uncertainty_end_time > result.uncertainty_end_time
    assert float(both.uncertainty_at_end_surface_temperature) == 0.0  # it is what ends the run


def test_the_command_of_a_stored_run(mocoupled, empty):
    mo.run(
        mo.Case.read("E1").replace({"mantle.model": "lumped", **E51}), output="a", sensitivities=["hydrogen"]
    )
    status, out, err = mocoupled("uncertainty", "a", "--input", "hydrogen=10 %", "-o", "bars.nc")
    assert (status, err) == (0, "") and "end time, yr" in out and "A surface lid forms" in out
    assert (empty / "bars.nc").exists()
    for options in (["-T", "2000"], ["--set", "run.rtol=1e-5"], ["-o", "bars.csv"], ["--samples", "-5"]):
        assert mocoupled("uncertainty", "a", "--input", "hydrogen=10 %", *options)[0] == 2
