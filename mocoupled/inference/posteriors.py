"""Samples of the posterior of a likelihood, by emcee or by blackjax's NUTS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..conditions import whole
from ..errors import ConvergenceError, InputError
from .extras import the_blackjax, the_emcee, the_jax
from .jax_functions import jax_likelihood

if TYPE_CHECKING:
    import xarray

    from .likelihoods import Likelihood

SAMPLERS = ("emcee", "nuts", "laplace")
LARGEST_SEED = 2**32 - 1
# walkers of emcee for each parameter, and at least
WALKERS, FEWEST = 8, 32
# of the interval of each parameter: how far walkers begin from the best point
SPREAD = 1e-3
# random points from which the search for the best one begins
STARTS = 2000
# draws of a normal distribution for each that is kept, at most
MOST_TRIES = 1000
# steps in which NUTS finds its step size, at least
FEWEST_WARM = 20


def posterior(
    likelihood: Likelihood,
    sampler: str = "emcee",
    *,
    draws: int = 2000,
    warmup: int = 500,
    walkers: int | None = None,
    seed: int = 0,
) -> xarray.Dataset:
    """Samples of a posterior.

    likelihood: of mo.likelihood. sampler: "emcee" (many walkers, no gradient), "nuts" (one chain that uses
    the gradient, by blackjax), or "laplace" (independent draws of the normal distribution about the best
    point with the Gauss-Newton covariance, within the bounds: for runs, which take long).
    draws: steps that are kept; warmup: steps before them; walkers: of emcee, by default 8 for each parameter
    and 32 at least (a thousand take little longer); seed: of all random numbers.

    Returns a Dataset with value(draw, parameter) in `parameter_unit` and, of equilibria,
    log_likelihood(draw); attrs:
    sampler, acceptance, autocorrelation (steps; emcee) or divergences (nuts). From emcee all walkers of a
    step stand side by side. InputError: another sampler, or one that is not installed (pip install
    mocoupled[inference]); ConvergenceError: no point between the bounds has an equilibrium.
    """
    if sampler not in SAMPLERS:
        raise InputError(f"sampler= {sampler!r}", "not a sampler.", f"allowed: {', '.join(SAMPLERS)}")
    steps, before = whole(draws, "draws", 1, 10_000_000), whole(warmup, "warmup", 0, 10_000_000)
    order = whole(seed, "seed", 0, LARGEST_SEED)
    least = max(FEWEST, WALKERS * len(likelihood.names))
    count = least if walkers is None else whole(walkers, "walkers", 2 * len(likelihood.names) + 2, 100_000)
    best = best_point(likelihood, order)
    if sampler == "emcee":
        theta, attributes = _by_emcee(likelihood, best, steps, before, order, count)
    else:
        method = _by_nuts if sampler == "nuts" else _by_laplace
        theta, attributes = method(likelihood, best, steps, before, order)
    return _dataset(likelihood, theta, {"sampler": sampler, "seed": order, **attributes})


def best_point(likelihood: Likelihood, seed: int = 0) -> np.ndarray:
    """theta (m,) of the largest likelihood: the best of random points, then L-BFGS-B along the gradient."""
    low, high = likelihood.low, likelihood.high
    if not likelihood.many_at_once:
        first = np.clip(likelihood.start, low, high)
        return np.array(_down(likelihood, first))
    points = np.random.default_rng(seed).uniform(low, high, (STARTS, len(low)))
    values = likelihood.many(points)
    if not np.isfinite(values).any():
        raise ConvergenceError("no point between the bounds has an equilibrium with the observed variables")
    first = points[int(np.argmax(values))]
    best = _down(likelihood, first)
    inner = np.clip(best, low + SPREAD * (high - low), high - SPREAD * (high - low))
    return inner if np.isfinite(likelihood(inner)) else first


def _down(likelihood: Likelihood, first: np.ndarray) -> np.ndarray:
    """theta of the largest likelihood from a first point, along the gradient."""
    from scipy.optimize import minimize

    best = minimize(likelihood.negative, first, jac=True, bounds=likelihood.bounds, method="L-BFGS-B")
    return np.array(best.x)


def _by_laplace(
    likelihood: Likelihood, best: np.ndarray, draws: int, warmup: int, seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """theta (sample, m) and attributes."""
    random, inside = np.random.default_rng(seed), np.empty((0, len(best)))
    covariance, tried = likelihood.covariance(best), 0
    while len(inside) < draws:
        points = random.multivariate_normal(best, covariance, size=draws)
        within = ((points >= likelihood.low) & (points <= likelihood.high)).all(axis=1)
        inside, tried = np.concatenate([inside, points[within]]), tried + draws
        if tried > MOST_TRIES * draws:
            raise ConvergenceError("the bounds leave next to nothing of the normal distribution")
    return inside[:draws], {"acceptance": len(inside) / tried}


def _by_emcee(
    likelihood: Likelihood, best: np.ndarray, draws: int, warmup: int, seed: int, walkers: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """theta (sample, m) and attributes."""
    emcee = the_emcee()
    m, random = len(best), np.random.default_rng(seed)
    ball = SPREAD * (likelihood.high - likelihood.low) * random.uniform(-1, 1, (walkers, m))
    first = np.clip(best + ball, likelihood.low, likelihood.high)
    sampler = emcee.EnsembleSampler(walkers, m, likelihood.many, vectorize=True)
    state = np.random.RandomState(seed).get_state()
    reached = sampler.run_mcmc(emcee.State(first, random_state=state), warmup) if warmup else None
    sampler.reset()
    sampler.run_mcmc(reached if reached is not None else emcee.State(first, random_state=state), draws)
    time = sampler.get_autocorr_time(quiet=True, tol=0)
    return sampler.get_chain(flat=True), {
        "walkers": walkers,
        "acceptance": float(np.mean(sampler.acceptance_fraction)),
        "autocorrelation": float(np.max(time)),
    }


def _by_nuts(
    likelihood: Likelihood, best: np.ndarray, draws: int, warmup: int, seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """theta (sample, m) and attributes. The chain moves in u with theta = low + (high - low)/(1 + e^-u)."""
    jax, blackjax = the_jax(), the_blackjax()
    # for all threads: a function that jax calls back runs in another one
    usual = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        low, high = jax.numpy.array(likelihood.low), jax.numpy.array(likelihood.high)
        density = jax_likelihood(likelihood)

        def log_density(u: Any) -> Any:
            inside = jax.nn.log_sigmoid(u) + jax.nn.log_sigmoid(-u)
            return density(low + (high - low) * jax.nn.sigmoid(u)) + inside.sum()

        share = (best - likelihood.low) / (likelihood.high - likelihood.low)
        key, warm = jax.random.split(jax.random.key(seed))
        adapt = blackjax.window_adaptation(blackjax.nuts, log_density)
        first = jax.numpy.log(share / (1 - share))
        (state, settings), _ = adapt.run(warm, first, num_steps=max(warmup, FEWEST_WARM))
        step = blackjax.nuts(log_density, **settings).step

        def advanced(state: Any, key: Any) -> tuple[Any, Any]:
            state, info = step(key, state)
            return state, (state.position, info.acceptance_rate, info.is_divergent)

        _, (u, accepted, divergent) = jax.lax.scan(advanced, state, jax.random.split(key, draws))
        theta = np.array(low + (high - low) * jax.nn.sigmoid(u))
        rate, count = float(np.mean(accepted)), int(np.sum(divergent))
    finally:
        jax.config.update("jax_enable_x64", usual)
    return theta, {"acceptance": rate, "divergences": count}


def _dataset(likelihood: Likelihood, theta: np.ndarray, attributes: dict[str, Any]) -> xarray.Dataset:
    """The samples with names and units."""
    import xarray

    values = np.stack(list(likelihood.parameters(theta).values()), axis=1)
    result = xarray.Dataset(
        {
            "value": (
                ("draw", "parameter"),
                values,
                {"units": "1", "long_name": "parameter, in parameter_unit"},
            ),
        },
        coords={
            "parameter": likelihood.names,
            "parameter_unit": ("parameter", likelihood.units, {"long_name": "unit of the parameter"}),
        },
        attrs=attributes,
    )
    if likelihood.many_at_once:
        label = {"units": "1", "long_name": "ln of the likelihood"}
        result["log_likelihood"] = ("draw", likelihood.many(theta), label)
    return result
