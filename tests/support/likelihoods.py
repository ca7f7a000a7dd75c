"""What the tests of likelihoods share: observations of three gases, and samples against a grid."""

import warnings
from functools import cache

import numpy as np

import mocoupled as mo

PARAMETERS = {"volatiles.hydrogen": ("1e19 kg", "1e22 kg"), "oxygen_fugacity": (-3.0, 4.0)}


def quietly(function, *arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **named)


@cache
def truth():
    return quietly(mo.equilibrium, "earth", 2000.0, 0.3, sensitivities=list(PARAMETERS))


def observations(size="5 %"):
    pressure = truth().pressure
    return {f"pressure[{gas}]": (float(pressure.sel(species=gas)), size) for gas in ("H2O", "H2", "CO2")}


@cache
def of_three_gases():
    return quietly(mo.likelihood, "earth", PARAMETERS, observations(), 2000.0, 0.3)


def against_a_grid(ours, sampler, draws, warmup):
    """Mean and standard deviation as of a grid of the likelihood: to 4 standard errors of the samples.

    A chain of n draws with autocorrelation t has n/t independent ones; for NUTS t = 3 is taken.
    """
    spread = np.array([0.15, 0.35])
    axes = [np.linspace(centre - size, centre + size, 121) for centre, size in zip(ours.start, spread)]
    theta = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    weight = np.exp(ours.many(theta))
    mean = weight @ theta / weight.sum()
    deviation = np.sqrt(weight @ (theta - mean) ** 2 / weight.sum())
    samples = mo.posterior(ours, sampler, seed=4, draws=draws, warmup=warmup)
    drawn = samples.value.values.copy()
    drawn[:, 0] = np.log(drawn[:, 0])
    time = samples.attrs.get("autocorrelation", 3.0)
    independent = len(drawn) / time
    error = 4 * deviation / np.sqrt(independent)
    assert np.all(np.abs(drawn.mean(axis=0) - mean) < error)
    assert np.all(np.abs(drawn.std(axis=0) / deviation - 1) < 4 / np.sqrt(2 * independent))
    assert samples.parameter.values.tolist() == ours.names and 0.3 < samples.attrs["acceptance"] <= 1
    np.testing.assert_allclose(samples.log_likelihood[:5], [ours(t) for t in drawn[:5]], rtol=1e-9)
