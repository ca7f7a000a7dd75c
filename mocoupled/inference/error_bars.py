"""Error bars of a result: what the errors of its inputs do to it, to first order and by samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import whole
from ..equilibria.sampled_equilibrium import SolvedAgain, solved_again
from ..equilibria.sensitivities import PREFIX
from ..floating import usual_floats
from .errors_of_inputs import InputErrors, input_errors
from .observations import OF_LOGARITHM

if TYPE_CHECKING:
    import xarray

ERROR, SHARE, LOW, HIGH = "uncertainty_", "share_", "low_", "high_"
# cumulative probabilities one standard deviation below and above the middle of a normal distribution
QUANTILES = (0.15865525393145707, 0.8413447460685429)
MOST_SAMPLES = 1_000_000
LARGEST_SEED = 2**32 - 1


@usual_floats
def uncertainty(
    state: xarray.Dataset,
    inputs: Mapping[str, object] | None = None,
    *,
    correlations: Mapping[tuple[str, str], object] | None = None,
    samples: int = 0,
    seed: int = 0,
) -> xarray.Dataset:
    """Error bars of an equilibrium with sensitivities.

    state: of mo.equilibrium(..., sensitivities=[...]). inputs: parameter -> one standard deviation, as "10 %"
    of the parameter or in its unit ("5e19 kg", 0.3 for dex). Parameters with a published error that are not
    named have it; "0 %" takes it away. correlations: (parameter, parameter) -> -1 to 1.
    samples: number of samples of a Latin hypercube with the same inputs (normal in the parameter, or in its
    logarithm where parameter_relative), each solved anew; seed: of their order.

    Returns a Dataset with each variable X of the state and uncertainty_X (...): one standard deviation, to
    first order, in the unit of X; share_X (parameter, ...): of its variance, together 1 (negative where
    correlations take away; NaN where nothing varies). With samples also low_X and high_X: the quantiles of
    15.9 and 84.1 %, which a normal distribution has one standard deviation from its middle; samples_solved:
    how many have a result.
    NaN where a sensitivity is NaN, and where no sample has a result. InputError: no equilibrium with
    sensitivities, an unknown parameter, an error that is negative or of another unit, impossible
    correlations.
    """
    again = solved_again(state)
    errors = input_errors(state, inputs, correlations)
    count, order = whole(samples, "samples", 0, MOST_SAMPLES), whole(seed, "seed", 0, LARGEST_SEED)
    result = _first_order(state, errors)
    if count:
        quantiles, solved = _sampled(again, state, errors, _draws(errors.correlation, count, order))
        for name, rows in again.rows.items():
            for prefix, what, values in zip((LOW, HIGH), ("15.9", "84.1"), quantiles):
                label = {
                    "units": state[name].attrs["units"],
                    "long_name": f"{what} % quantile of the samples of {name}",
                }
                result[prefix + name] = (state[name].dims, values[rows].reshape(state[name].shape), label)
        label = {"units": "1", "long_name": "number of samples that have a result"}
        result["samples_solved"] = (state.converged.dims, solved.reshape(state.converged.shape), label)
        result.attrs |= {"samples": count, "seed": order}
    return result


def _first_order(state: xarray.Dataset, errors: InputErrors) -> xarray.Dataset:
    """The variables with their standard deviations and the shares of the parameters."""
    points = state.converged.dims
    names = [str(name).removeprefix(PREFIX) for name in state.data_vars if str(name).startswith(PREFIX)]
    result = state.drop_vars([PREFIX + name for name in names]).isel(parameter=errors.places)
    shape = (len(errors.names), *state.converged.shape)
    label = {
        "units": "1",
        "long_name": "one standard deviation: of the logarithm, or of the parameter where parameter_relative "
        "is false",
    }
    result["input_uncertainty"] = (("parameter", *points), errors.deviations.reshape(shape), label)
    for name in names:
        slopes = state[PREFIX + name].isel(parameter=errors.places)
        along = tuple(d for d in slopes.dims if d not in ("parameter", *points))
        slopes = slopes.transpose("parameter", *along, *points)
        moved = slopes * result["input_uncertainty"]
        other = (moved * _correlations(errors, moved)).sum("second", skipna=False)
        variance = other.sum("parameter", skipna=False)
        size = variance.clip(min=0.0) ** 0.5
        if slopes.attrs["long_name"].startswith(OF_LOGARITHM):
            size = size * abs(state[name])
        unit, title = state[name].attrs["units"], state[name].attrs.get("long_name", name)
        result[ERROR + name] = size.assign_attrs(
            units=unit, long_name=f"one standard deviation of {title}, to first order"
        )
        result[SHARE + name] = (other / variance.where(variance > 0)).assign_attrs(
            units="1", long_name=f"share of the variance of {name}"
        )
    return result


def _correlations(errors: InputErrors, moved: xarray.DataArray) -> xarray.DataArray:
    """sum over the second parameter, before it is taken: correlation times what it moves."""
    import xarray

    matrix = xarray.DataArray(errors.correlation, dims=("parameter", "second"))
    renamed = moved.drop_vars([c for c in moved.coords if "parameter" in moved[c].dims])
    return matrix * renamed.rename(parameter="second")


# ---- samples


def _sampled(
    again: SolvedAgain, state: xarray.Dataset, errors: InputErrors, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two quantiles (2, output, point) of the outputs, and the number of samples with a result (point,).

    draws (parameter, samples): in standard deviations.
    """
    size = state.converged.size
    quantiles = np.full((2, again.wanted.outputs, size), np.nan)
    solved = np.zeros(size, dtype=int)
    for point in np.flatnonzero(np.asarray(state.converged).reshape(-1)).tolist():
        sizes = errors.deviations[:, point]
        if not np.isfinite(sizes).all():
            continue
        changes = dict(zip(errors.names, sizes[:, None] * draws))
        samples = again.at(point, changes)
        solved[point] = np.count_nonzero(samples.sound)
        if solved[point]:
            quantiles[:, :, point] = np.quantile(samples.outputs[:, samples.sound], QUANTILES, axis=1)
    return quantiles, solved


def _draws(correlation: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Normal deviates (parameter, samples) of a Latin hypercube with this correlation."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    flat = qmc.LatinHypercube(len(correlation), rng=np.random.default_rng(seed)).random(count)
    values, vectors = np.linalg.eigh(correlation)
    root: np.ndarray = vectors @ np.diag(np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    return root @ ndtri(flat.T)
