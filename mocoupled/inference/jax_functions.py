"""Equilibria and likelihoods as functions of jax, with derivatives that jax does not have to find."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..case import Case
from ..equilibria.planet_equilibrium import equilibrium
from ..equilibria.sampled_equilibrium import solved_again
from ..errors import InputError
from ..floating import usual_floats
from .errors_of_inputs import value_of
from .extras import the_jax
from .observations import chosen_row, quantities_of

if TYPE_CHECKING:
    from .likelihoods import Likelihood

Function = Callable[[Any], Any]


def jax_equilibrium(
    case: Case | str | os.PathLike,
    parameters: Sequence[str],
    outputs: Sequence[str],
    temperature: object = None,
    melt_fraction: object = 1.0,
    **conditions: object,
) -> Function:
    """An equilibrium as a function of jax: theta (..., m) -> outputs (..., n).

    parameters: names as of sensitivities=; theta has the natural logarithm of each, or itself where it is a
    logarithm already. outputs: variables, "pressure[H2O]" for one species, in SI. The rest as of
    mo.equilibrium, one point.

    Forward and reverse derivatives are those of the implicit-function theorem; jit, vmap and grad work, also
    of batches. Numbers have the precision of theta (64 bits: jax.config.update("jax_enable_x64", True)). NaN
    where there is no equilibrium. The attribute `start` of the function is theta of the case. InputError as
    of mo.equilibrium, for an unknown output, and where jax is missing (pip install mocoupled[inference]).
    """
    jax = the_jax()
    state = equilibrium(case, temperature, melt_fraction, sensitivities=list(parameters), **conditions)  # type: ignore[arg-type]  # refused there
    if state.converged.ndim:
        raise InputError("conditions", "these are several points.", "allowed: one point")
    again = solved_again(state)
    names = [str(name) for name in state.parameter.values]
    values = np.array([value_of(state, k).reshape(-1)[0] for k in range(len(names))], dtype=float)
    relative = np.array(state.parameter_relative, dtype=bool)
    start = np.where(relative, np.log(np.where(relative, values, 1.0)), values)
    chosen = [chosen_row(quantities_of(state, again.rows), name, "outputs=") for name in outputs]
    rows = [row for _, row in chosen]
    logarithmic = [quantity.sloped for quantity, _ in chosen]

    @usual_floats
    def solved(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outputs (..., n) and their derivatives (..., n, m)."""
        flat = np.array(theta, dtype=float).reshape(-1, len(names))
        samples = again.at(0, dict(zip(names, (flat - start).T)), sloped=True)
        assert samples.slopes is not None
        values_ = np.where(samples.sound, samples.outputs[rows], np.nan)
        scale = np.where(np.array(logarithmic)[:, None], values_, 1.0)
        slopes = samples.slopes[rows] * scale[:, None]
        shape = np.shape(theta)[:-1]
        return (
            values_.T.reshape(*shape, len(rows)).astype(theta.dtype),
            np.moveaxis(slopes, -1, 0).reshape(*shape, len(rows), len(names)).astype(theta.dtype),
        )

    function = _with_slopes(jax, solved, len(rows))
    function.start = start
    return function


def jax_likelihood(likelihood: Likelihood) -> Function:
    """ln of a likelihood as a function of jax: theta (..., m) -> (...), with its gradient."""
    jax = the_jax()

    def solved(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (..., 1) and derivatives (..., 1, m)."""
        flat = np.array(theta, dtype=float).reshape(-1, len(likelihood.names))
        values, gradient = likelihood.values_and_gradients(flat)
        shape = np.shape(theta)[:-1]
        return (
            values.reshape(*shape, 1).astype(theta.dtype),
            gradient.reshape(*shape, 1, len(likelihood.names)).astype(theta.dtype),
        )

    function = _with_slopes(jax, solved, 1)
    return lambda theta: function(theta)[..., 0]


def _with_slopes(jax: Any, solved: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], size: int) -> Any:
    """A function of jax from one that gives values (..., size) and derivatives (..., size, m)."""

    def call(theta: Any) -> tuple[Any, Any]:
        """Values and derivatives, computed outside of jax."""
        theta = jax.numpy.array(theta)
        shape = (*theta.shape[:-1], size)
        wanted = (
            jax.ShapeDtypeStruct(shape, theta.dtype),
            jax.ShapeDtypeStruct((*shape, theta.shape[-1]), theta.dtype),
        )
        return jax.pure_callback(lambda x: solved(np.array(x)), wanted, theta, vmap_method="expand_dims")

    @jax.custom_jvp
    def function(theta: Any) -> Any:
        return call(theta)[0]

    @function.defjvp
    def _(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
        values, slopes = call(primals[0])
        return values, jax.numpy.einsum("...om,...m->...o", slopes, tangents[0])

    return function
