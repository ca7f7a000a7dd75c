"""What uses jax: NUTS against a grid, an equilibrium in jax. test_jax.py runs this file in a process of its
own: jax starts threads, beside which other tests of the worker could not fork."""

import jax
import numpy as np
import pytest
from support.likelihoods import PARAMETERS, against_a_grid, of_three_gases, quietly, truth

import mocoupled as mo


def test_nuts_against_a_grid():
    against_a_grid(of_three_gases(), "nuts", draws=80, warmup=60)


def test_an_equilibrium_in_jax():
    """Values, forward and reverse derivatives, batches and compiled functions: those of sensitivities."""
    function = quietly(
        mo.jax_equilibrium, "earth", list(PARAMETERS), ["pressure[H2O]", "log10_fO2"], 2000.0, 0.3
    )
    jax.config.update("jax_enable_x64", True)
    try:
        theta = jax.numpy.asarray(function.start)
        value = np.asarray(function(theta))
        slopes = truth().sensitivity_pressure.sel(species="H2O").values * value[0]
        fO2 = truth().sensitivity_log10_fO2.values
        assert value[0] == pytest.approx(float(truth().pressure.sel(species="H2O")), rel=1e-12)
        for jacobian in (jax.jacfwd(function), jax.jacrev(function), jax.jit(jax.jacrev(function))):
            np.testing.assert_allclose(jacobian(theta), [slopes, fO2], rtol=1e-9, atol=1e-9)
        batch = jax.numpy.stack([theta, theta + 0.1, theta - 0.1])
        alone = np.stack([function(t) for t in batch])
        np.testing.assert_allclose(jax.vmap(function)(batch), alone, rtol=1e-9)
    finally:
        jax.config.update("jax_enable_x64", False)
    assert function(np.float32(function.start)).dtype == np.float32
