"""Error bars of a result: what the errors of its inputs do to it, to first order and by samples."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import path as path_of
from ..conditions import whole
from ..equilibria.sampled_equilibrium import SolvedAgain, check_sensitivities, solved_again
from ..equilibria.sensitivities import PREFIX
from ..errors import InputError
from ..floating import usual_floats
from ..results.integrity import MISSING
from ..results.sensitivities_of_run import AT_END, END_TIME
from .errors_of_inputs import InputErrors, errors_of, root_of, shape_of
from .observations import OF_LOGARITHM
from .sampled_runs import TIME, Progress, SampledEnds, sampled_ends

if TYPE_CHECKING:
    import xarray

ERROR, SHARE, LOW, HIGH = "uncertainty_", "share_", "low_", "high_"
# cumulative probabilities one standard deviation below and above the middle of a normal distribution
QUANTILES = (0.15865525393145707, 0.8413447460685429)
# of a logarithm: what is smaller is made of rounding
ROUNDING = 1e-12
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
    output: str | os.PathLike | None = None,
    progress: Progress | None = None,
) -> xarray.Dataset:
    """Error bars of an equilibrium or a run with sensitivities.

    state: of mo.equilibrium(..., sensitivities=[...]) or mo.run(..., sensitivities=[...]).
    inputs: parameter -> one standard deviation, as "10 %" of the parameter or in its unit ("5e19 kg", 0.3 for
    dex). Parameters with a published error that are not named have it; "0 %" takes it away.
    correlations: (parameter, parameter) -> -1 to 1.
    samples: number of samples of a Latin hypercube with the same inputs (normal in the parameter, or in its
    logarithm where parameter_relative), each solved anew; seed: of their order.
    output (of a run): folder where the end of each sample is stored, and from which they are taken up again;
    progress(share done, text): called after each sample of a run.

    Returns a Dataset with each variable X of the state and uncertainty_X (...): one standard deviation, to
    first order, in the unit of X; share_X (parameter, ...): of its variance, together 1 (negative where
    correlations take away; NaN where nothing varies). Of a run also uncertainty_end_time and
    uncertainty_at_end_X. With samples also low_X and high_X: the quantiles of 15.9 and 84.1 %, which a normal
    distribution has one standard deviation from its middle (of a run: of end_time and of at_end_X);
    samples_solved: how many have a result.
    NaN where a sensitivity is NaN, and where no sample has a result. InputError: no result with
    sensitivities, an unknown parameter, an error that is negative or of another unit, impossible
    correlations, a folder with something else.
    """
    is_run = is_run_with_sensitivities(state)
    if not is_run:
        check_sensitivities(state)
    errors = errors_of(state, inputs, correlations)
    count, order = whole(samples, "samples", 0, MOST_SAMPLES), whole(seed, "seed", 0, LARGEST_SEED)
    folder = None if output is None else path_of(output, "output")
    if folder is not None and not (is_run and count):
        raise InputError("output=", "only samples of a run are stored.", cure="leave it out, or set samples=")
    again = solved_again(state) if count and not is_run else None
    result = _first_order(state, errors)
    if again is not None:
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
    if is_run and count:
        draws = _draws(errors.correlation, count, order)
        result = _with_ends(result, state, sampled_ends(state, errors, draws, folder, progress))
        result.attrs |= {"samples": count, "seed": order}
    return result


def _with_ends(result: xarray.Dataset, run: xarray.Dataset, ends: SampledEnds) -> xarray.Dataset:
    """The result with the quantiles of the ends of sampled runs."""
    added: dict[str, object] = {}
    for name, values in ends.values.items():
        full = name if name == TIME else f"{AT_END.removeprefix(PREFIX)}{name}"
        last = run["time"][-1] if name == TIME else run[name].isel(time=-1)
        quantiles = np.full((2, *values.shape[1:]), np.nan)
        if ends.sound.any():
            quantiles = np.quantile(values[ends.sound], QUANTILES, axis=0)
        for prefix, what, quantile in zip((LOW, HIGH), ("15.9", "84.1"), quantiles):
            label = {"units": last.attrs["units"], "long_name": f"{what} % quantile of the samples of {full}"}
            if np.isnan(quantile).any():
                label[MISSING] = "not known where no sample has a value"
            added[prefix + full] = (last.dims, quantile, label)
    label = {"units": "1", "long_name": "number of samples that have a result"}
    added["samples_solved"] = ((), int(np.count_nonzero(ends.sound)), label)
    return result.assign(added)


def _first_order(state: xarray.Dataset, errors: InputErrors) -> xarray.Dataset:
    """The variables with their standard deviations and the shares of the parameters."""
    points = state.converged.dims if "converged" in state else ()
    names = [str(name).removeprefix(PREFIX) for name in state.data_vars if str(name).startswith(PREFIX)]
    result = state.drop_vars([PREFIX + name for name in names]).isel(parameter=errors.places)
    label = {
        "units": "1",
        "long_name": "one standard deviation: of the logarithm, or of the parameter where parameter_relative "
        "is false",
    }
    shape = (len(errors.names), *shape_of(state))
    result["input_uncertainty"] = (("parameter", *points), errors.deviations.reshape(shape), label)
    for name in names:
        slopes = state[PREFIX + name].isel(parameter=errors.places)
        along = tuple(d for d in slopes.dims if d not in ("parameter", *points))
        slopes = slopes.transpose("parameter", *along, *points)
        moved = slopes * result["input_uncertainty"]
        other = (moved * _correlations(errors, moved)).sum("second", skipna=False)
        variance = other.sum("parameter", skipna=False)
        variance = variance.where(variance.isnull() | (variance > ROUNDING**2), 0.0)
        size, value = variance**0.5, _value(state, name)
        if slopes.attrs["long_name"].startswith(OF_LOGARITHM):
            size = size * abs(value)
        title = value.attrs.get("long_name", name)
        result[ERROR + name] = size.assign_attrs(
            units=value.attrs["units"], long_name=f"one standard deviation of {title}, to first order"
        )
        result[SHARE + name] = (other / variance.where(variance > 0)).assign_attrs(
            units="1", long_name=f"share of the variance of {title}"
        )
        for added in (ERROR + name, SHARE + name):
            if bool(result[added].isnull().any()):
                result[added].attrs[MISSING] = "not known where a sensitivity is not, or nothing varies"
    return result


def is_run_with_sensitivities(state: object) -> bool:
    """Whether this is a Dataset of a run that has sensitivities."""
    coordinates = getattr(state, "coords", {})
    return {"time", "parameter"} <= set(coordinates) and END_TIME in getattr(state, "data_vars", ())


def _value(state: xarray.Dataset, name: str) -> xarray.DataArray:
    """The variable that a sensitivity is of; of a run also its time, and variables at its end."""
    if name in state:
        return state[name]
    time = state["time"]
    if PREFIX + name == END_TIME:
        return time[-1].drop_vars("time").assign_attrs(units=time.attrs["units"], long_name="time of the end")
    plain = state[name.removeprefix(AT_END.removeprefix(PREFIX))]
    title = plain.attrs.get("long_name", plain.name)
    return plain.isel(time=-1).drop_vars("time").assign_attrs(long_name=f"{title}, at the end")


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
    for point in np.flatnonzero(np.array(state.converged).reshape(-1)).tolist():
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
    return root_of(correlation) @ ndtri(flat.T)
