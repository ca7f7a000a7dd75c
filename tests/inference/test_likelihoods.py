"""Likelihoods of observations: gradients against differences, known answers, samplers, functions of jax."""

from functools import cache

import numpy as np
import pytest
from support.likelihoods import PARAMETERS, against_a_grid, observations, of_three_gases, quietly, truth

import mocoupled as mo


def test_value_and_gradient():
    """ln L by hand; the gradient is that of central differences, to 1e-7; arrays are the loop."""
    ours = of_three_gases()
    assert ours(ours.start) == pytest.approx(0.0, abs=1e-15)
    theta = ours.start + [0.3, -0.2]
    moved = quietly(
        mo.equilibrium,
        mo.Case.read("earth").replace({"volatiles.hydrogen": f"{float(np.exp(theta[0]))!r} kg"}),
        2000.0,
        0.3,
        oxygen_fugacity_offset=float(theta[1]),
    )
    gases = ["H2O", "H2", "CO2"]
    misfit = np.log(moved.pressure.sel(species=gases) / truth().pressure.sel(species=gases)) / 0.05
    value, gradient = ours.value_and_gradient(theta)
    assert value == pytest.approx(-0.5 * float((misfit**2).sum()), rel=1e-9)
    step = 1e-5 * np.eye(2)
    differences = (ours.many(theta + step) - ours.many(theta - step)) / 2e-5
    np.testing.assert_allclose(gradient, differences, rtol=1e-7)
    points = np.random.default_rng(1).uniform(ours.low, ours.high, (90, 2))
    np.testing.assert_allclose(ours.many(points), [ours(point) for point in points], rtol=1e-9)
    assert ours(ours.high + 1e-9) == -np.inf and not ours.gradient(ours.high + 1e-9).any()
    assert ours.parameters(ours.start)["volatiles.hydrogen"] == pytest.approx(4.65e20, rel=1e-4)


def test_errors_in_units_and_of_logarithms():
    """An error in a unit is of the value itself; log10 fO2 has a number."""
    fO2, H2O = float(truth().log10_fO2), float(truth().pressure.sel(species="H2O"))
    observed = {"log10_fO2": (fO2 + 0.2, 0.1), "pressure[H2O]": (1.5 * H2O, f"{0.1 * H2O} Pa")}
    ours = quietly(mo.likelihood, "earth", PARAMETERS, observed, 2000.0, 0.3)
    assert ours(ours.start) == pytest.approx(-0.5 * (2.0**2 + 5.0**2), rel=1e-9)
    step = 1e-5 * np.eye(2)
    differences = (ours.many(ours.start + step) - ours.many(ours.start - step)) / 2e-5
    np.testing.assert_allclose(ours.gradient(ours.start), differences, rtol=1e-6)


def test_the_optimum_of_scipy():
    from scipy.optimize import minimize

    ours = of_three_gases()
    best = minimize(ours.negative, ours.start + [0.5, -1.0], jac=True, bounds=ours.bounds, method="L-BFGS-B")
    np.testing.assert_allclose(best.x, ours.start, atol=1e-5)


def test_emcee_against_a_grid():
    pytest.importorskip("emcee")
    against_a_grid(of_three_gases(), "emcee", draws=300, warmup=60)


@cache
def of_the_end():
    """Pressure and time of the lid of a dry planet, against its hydrogen and oxygen fugacity."""
    case = mo.Case.read("E1").replace({"mantle.model": "lumped"})
    unknown = {"volatiles.hydrogen": ("1e19 kg", "1e22 kg"), "redox.oxygen_fugacity": (-2.0, 4.0)}
    observed = {"surface_pressure": ("200 bar", "10 %"), "end_time": ("100 kyr", "20 %")}
    return quietly(mo.likelihood, case, unknown, observed)


def test_the_end_of_a_run():
    """The gradient is that of central differences of runs: 1e-3, by the integrator's tolerance of 1e-6."""
    ours = of_the_end()
    assert ours.start[0] == pytest.approx(np.log(1.55e20), rel=1e-6) and ours.start[1] == 0.5
    theta, step = ours.start + [0.2, -0.1], 1e-2 * np.eye(2)
    differences = (ours.many(theta + step) - ours.many(theta - step)) / 2e-2
    np.testing.assert_allclose(ours.gradient(theta), differences, rtol=1e-3)


def test_laplace_is_exact_where_observations_are_linear():
    """One unknown, one pressure that is nearly proportional to it: mean and width by hand."""
    case = mo.Case.read("E1").replace({"mantle.model": "lumped"})
    unknown = {"volatiles.hydrogen": ("1e19 kg", "1e22 kg")}
    ours = quietly(mo.likelihood, case, unknown, {"surface_pressure": ("130 bar", "3 %")})
    samples = mo.posterior(ours, "laplace", draws=4000)
    best = np.log(samples.value).mean()
    size = quietly(mo.run, case, sensitivities=["volatiles.hydrogen"]).sensitivity_at_end_surface_pressure
    assert float(np.log(samples.value).std()) == pytest.approx(0.03 / float(size[0]), rel=0.05)
    assert abs(ours([float(best)])) < 4 / np.sqrt(4000)  # the pressure is met
    assert "log_likelihood" not in samples


@pytest.mark.parametrize(
    ("parameters", "observed", "says"),
    [
        ({"hydrogn": (1, 2)}, {}, "no parameter of this equilibrium"),
        ({"hydrogen": (2, 1)}, {}, "is no interval"),
        ({"hydrogen": (0, 1e20)}, {}, "above 0"),
        ({"hydrogen": 3}, {}, "not two ends"),
        ([], {}, "not a table"),
        (PARAMETERS, {}, "not a table"),
        (PARAMETERS, {"presure[H2O]": (1, 1)}, "no such variable"),
        (PARAMETERS, {"pressure[NH3]": (1, 1)}, "no such label"),
        (PARAMETERS, {"pressure": (1, 1)}, "no such label"),
        (PARAMETERS, {"pressure[H2O]": 1}, "not a value and its error"),
        (PARAMETERS, {"pressure[H2O]": (1, 0)}, "not a positive error"),
        (PARAMETERS, {"pressure[H2O]": ("1 K", 1)}, "K"),
        (PARAMETERS, {"pressure[H2O]": (-1, "10 %")}, "an error in %"),
        (PARAMETERS, {"log10_fO2": (-6, "10 %")}, "an error in % of a logarithm"),
    ],
)
def test_refused(parameters, observed, says):
    with pytest.raises(mo.InputError, match=says):
        quietly(mo.likelihood, "earth", parameters, observed, 2000.0, 0.3)


@pytest.mark.parametrize(
    ("parameters", "observed", "more", "says"),
    [
        ({"law:H2O.coefficient": (400, 700)}, {"end_time": ("1 kyr", "10 %")}, {}, "keys of its case"),
        ({"hydrogen": (1e19, 1e21)}, {"temperature": (1, 1)}, {}, "no such variable"),
        (
            {"hydrogen": (1e19, 1e21)},
            {"end_time": ("1 kyr", "10 %")},
            {"hydrogen": 1e20},
            "of an equilibrium",
        ),
    ],
)
def test_refused_of_a_run(parameters, observed, more, says):
    case = mo.Case.read("E1").replace({"mantle.model": "lumped"})
    with pytest.raises(mo.InputError, match=says):
        quietly(mo.likelihood, case, parameters, observed, **more)


def test_refused_points_and_samplers():
    ours = of_three_gases()
    with pytest.raises(mo.InputError, match="its shape is"):
        ours([1.0, 2.0, 3.0])
    with pytest.raises(mo.InputError, match="not finite"):
        ours([np.nan, 2.0])
    with pytest.raises(mo.InputError, match="not a sampler"):
        mo.posterior(ours, "metropolis")
    with pytest.raises(mo.InputError, match="several points"):
        quietly(mo.likelihood, "earth", PARAMETERS, observations(), [1900.0, 2000.0])
