"""The errors of a run as independent parts, for its figures: those of a sum add, squares are variances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..equilibria.sensitivities import PREFIX
from ..errors import InputError
from ..results.integrity import MISSING
from .error_bars import is_run_with_sensitivities
from .errors_of_inputs import InputErrors, errors_of, root_of
from .observations import OF_LOGARITHM

if TYPE_CHECKING:
    import xarray

# before the name of a variable; the dimension of the parts; the attribute that says of which inputs
PART, DIMENSION, OF_INPUTS = "error_part_", "error_part", "errors_of"


def with_parts(
    run: xarray.Dataset,
    inputs: Mapping[str, object] | None = None,
    correlations: Mapping[tuple[str, str], object] | None = None,
) -> xarray.Dataset:
    """A run with error_part_X (error_part, time, ...) of each variable X along time that has sensitivities.

    run: of mo.run(..., sensitivities=[...]). inputs, correlations: as those of `uncertainty`.
    Parts are in the unit of X, to first order, at a fixed time; the sum of their squares is the variance.
    attrs["errors_of"]: the inputs and their errors. InputError as `uncertainty` raises it.
    """
    if not is_run_with_sensitivities(run):
        raise InputError(
            "the run",
            "it has no sensitivities, from which errors follow.",
            cure="request them: mocoupled run CASE --sensitivities NAME,NAME",
        )
    errors = errors_of(run, inputs, correlations)
    added = {}
    for name in map(str, run.data_vars):
        slopes = PREFIX + name
        if slopes in run and "time" in run[slopes].dims:
            added[PART + name] = _parts(run, errors, name)
    result = run.assign(added)
    result.attrs[OF_INPUTS] = ", ".join(_sizes(run, errors))
    return result


def has_published_errors(run: xarray.Dataset) -> bool:
    """Whether a run has sensitivities to a parameter whose error is published."""
    return is_run_with_sensitivities(run) and bool(np.isfinite(run.parameter_error).any())


def _sizes(run: xarray.Dataset, errors: InputErrors) -> Iterator[str]:
    """Each input with its error, in words."""
    for place, name, deviation in zip(errors.places, errors.names, errors.deviations[:, 0]):
        relative, unit = bool(run.parameter_relative[place]), str(run.parameter_unit[place].values)
        size = f"{100 * deviation:.3g} %" if relative else f"{deviation:.3g} {unit}"
        yield f"{name} ({size})"


def _parts(run: xarray.Dataset, errors: InputErrors, name: str) -> xarray.DataArray:
    """The parts of one variable: its changes by the inputs, through a root of their correlations."""
    import xarray

    slopes, value = run[PREFIX + name].isel(parameter=errors.places), run[name]
    other = [d for d in slopes.dims if d != "parameter"]
    moved = slopes.transpose("parameter", *other).values
    moved = moved * errors.deviations[:, 0].reshape(-1, *[1] * len(other))
    if slopes.attrs["long_name"].startswith(OF_LOGARITHM):
        values = value.transpose(*other).values
        # what is 0 at all times, as what does not dissolve, has no logarithm and does not move
        never = np.all(values == 0, axis=other.index("time"), keepdims=True)
        moved = np.where(never, 0.0, moved * values)
    parts = np.tensordot(root_of(errors.correlation).T, moved, 1)
    about = {"units": value.attrs["units"], "long_name": f"independent parts of the error of {name}"}
    if np.isnan(parts).any():
        about[MISSING] = "not known where a sensitivity is not"
    coordinates = {d: run[d].variable for d in other if d in run.coords}
    return xarray.DataArray(parts, dims=(DIMENSION, *other), coords=coordinates, attrs=about)
