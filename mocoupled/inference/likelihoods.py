"""The likelihood of observations as a function of named parameters, with its gradient."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case, case_of
from ..equilibria.planet_equilibrium import equilibrium
from ..equilibria.sampled_equilibrium import Samples, solved_again
from ..errors import ConvergenceError, InputError
from ..floating import usual_floats
from ..units import shown, to_si
from .errors_of_inputs import value_of
from .observations import Observations, observed, quantities_of
from .observed_runs import ObservedRuns

if TYPE_CHECKING:
    import xarray

PARAMETERS = "parameters="
EXAMPLE = "{'volatiles.hydrogen': ('1e20 kg', '1e22 kg'), 'oxygen_fugacity': (-4, 4)}"


@dataclass(frozen=True)
class Likelihood:
    """ln of the likelihood of observations, with a uniform prior between bounds; see `likelihood`.

    theta: the parameters as they are sampled: the natural logarithm where `logarithmic`, else the parameter.
    names (m,). low, high (m,): bounds of theta. start (m,): theta of the case.
    solve(theta (n, m), sloped): what is observed. many_at_once: whether many points take little longer than
    one.
    """

    names: list[str]
    units: list[str]
    logarithmic: np.ndarray
    low: np.ndarray
    high: np.ndarray
    start: np.ndarray
    observations: Observations
    solve: Callable[[np.ndarray, bool], Samples]
    many_at_once: bool

    def __call__(self, theta: object) -> float:
        """ln of the likelihood times the prior (up to a constant); -inf outside the bounds."""
        return float(self.many(np.array(theta, dtype=float)[None])[0])

    @usual_floats
    def many(self, theta: object) -> np.ndarray:
        """The same for many points: theta (n, m) -> (n,)."""
        return self._at(self._points(theta), False)[0]

    def value_and_gradient(self, theta: object) -> tuple[float, np.ndarray]:
        """ln of the likelihood and its derivatives by theta (m,), which are 0 where it is -inf."""
        value, gradient = self.values_and_gradients(np.array(theta, dtype=float)[None])
        return float(value[0]), gradient[0]

    @usual_floats
    def values_and_gradients(self, theta: object) -> tuple[np.ndarray, np.ndarray]:
        """The same for many points: theta (n, m) -> (n,) and (n, m)."""
        values, gradient = self._at(self._points(theta), True)
        return values, gradient.T

    def gradient(self, theta: object) -> np.ndarray:
        """The derivatives alone (m,)."""
        return self.value_and_gradient(theta)[1]

    def parameters(self, theta: object) -> dict[str, np.ndarray]:
        """The named parameters in their units, of theta (m,) or (n, m)."""
        values = np.array(theta, dtype=float)
        return {
            name: np.exp(values[..., k]) if self.logarithmic[k] else values[..., k]
            for k, name in enumerate(self.names)
        }

    def covariance(self, theta: object) -> np.ndarray:
        """Of theta (m, m) where the observations are linear in it, without the prior (Gauss-Newton).

        ConvergenceError where they do not determine it.
        """
        solved = self.solve(self._points(np.array(theta, dtype=float)[None]), True)
        assert solved.slopes is not None
        slopes = self.observations.slopes(solved.outputs, solved.slopes)[:, :, 0]
        if not np.isfinite(slopes).all() or np.linalg.matrix_rank(slopes) < len(self.names):
            raise ConvergenceError("the observations do not determine the parameters")
        inverse: np.ndarray = np.linalg.inv(slopes.T @ slopes)
        return inverse

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Of theta, as scipy.optimize.minimize takes them."""
        return list(zip(self.low.tolist(), self.high.tolist()))

    def negative(self, theta: object) -> tuple[float, np.ndarray]:
        """-ln of the likelihood and its gradient: for scipy.optimize.minimize(..., jac=True)."""
        value, gradient = self.value_and_gradient(theta)
        return -value, -gradient

    def _points(self, theta: object) -> np.ndarray:
        """theta (n, m). InputError for another shape, and where it is not finite."""
        points = np.array(theta, dtype=float)
        if points.ndim != 2 or points.shape[1] != len(self.names):
            raise InputError(
                "theta", f"its shape is {points.shape}.", f"allowed: (n, {len(self.names)}): {self.names}"
            )
        if np.isnan(points).any():
            raise InputError("theta", "it contains a number that is not finite.")
        return points

    def _at(self, theta: np.ndarray, sloped: bool) -> tuple[np.ndarray, np.ndarray]:
        """Values (n,) and derivatives (m, n; empty unless sloped)."""
        n = len(theta)
        values, gradient = np.full(n, -np.inf), np.zeros((len(self.names), n if sloped else 0))
        inside = np.flatnonzero(((theta >= self.low) & (theta <= self.high)).all(axis=1))
        if not inside.size:
            return values, gradient
        solved = self.solve(theta[inside], sloped)
        misfit = self.observations.misfit(solved.outputs)
        size = -0.5 * np.sum(misfit**2, axis=0)
        sound = solved.sound & np.isfinite(size)
        values[inside[sound]] = size[sound]
        if sloped and solved.slopes is not None:
            bends = self.observations.slopes(solved.outputs, solved.slopes)
            down = -np.einsum("op,okp->kp", misfit, bends)
            gradient[:, inside[sound]] = np.nan_to_num(down[:, sound])
        return values, gradient


def likelihood(
    case: Case | str | os.PathLike,
    parameters: Mapping[str, object],
    observations: Mapping[str, object],
    temperature: object = None,
    melt_fraction: object = 1.0,
    **conditions: object,
) -> Likelihood:
    """The likelihood of observations of an equilibrium, or of a run's end.

    case, temperature, melt_fraction, conditions: as of mo.equilibrium, one point. Without a temperature: the
    case is run, and what is observed is its end.
    parameters: name -> (low, high), numbers in the parameter's unit or text with units. The prior is uniform
    between them, in the logarithm of inventories and other positive quantities. Of a run they are keys of
    the case.
    observations: variable -> (value, error): "pressure[H2O]": ("90 bar", "10 %"); of a run also "end_time".
    The errors are normal and independent: of the logarithm where in %, else of the variable.

    Returns a Likelihood: called with theta (m,) it gives ln of the likelihood; `many` takes (n, m);
    `value_and_gradient`, `gradient`, `covariance`, `bounds`, `start`, `parameters(theta)`. InputError for an
    unknown parameter or variable, bounds that do not enclose an interval, and errors that are not positive.
    """
    if not isinstance(parameters, Mapping) or not parameters:
        raise InputError(f"{PARAMETERS} {shown(parameters)}", "not a table.", f"for example: {EXAMPLE}")
    if temperature is None:
        return _of_run(case, parameters, observations, conditions)
    state = equilibrium(case, temperature, melt_fraction, sensitivities=list(parameters), **conditions)  # type: ignore[arg-type]  # refused there
    if state.converged.ndim:
        raise InputError("conditions", "these are several points.", "allowed: one point")
    again = solved_again(state)
    space = _Space.of(state, parameters)

    def solve(theta: np.ndarray, sloped: bool) -> Samples:
        """Outputs at these points."""
        return again.at(0, dict(zip(space.names, (theta - space.start).T)), sloped)

    compared = observed(quantities_of(state, again.rows), observations)
    return Likelihood(**vars(space), observations=compared, solve=solve, many_at_once=True)


def _of_run(
    case: Case | str | os.PathLike,
    parameters: Mapping[str, object],
    observations: Mapping[str, object],
    conditions: Mapping[str, object],
) -> Likelihood:
    """The likelihood of the end of a run."""
    if conditions:
        name = next(iter(conditions))
        raise InputError(f"{name}=", "it is of an equilibrium.", "allowed for a run: keys of the case")
    runs = ObservedRuns(case_of(case), list(parameters))
    space = _Space.of(runs.result, parameters)
    compared = observed(runs.quantities, observations)
    solve = runs.solver(space.names, space.units, space.logarithmic)
    return Likelihood(**vars(space), observations=compared, solve=solve, many_at_once=False)


@dataclass(frozen=True)
class _Space:
    """The parameters as they are sampled, see Likelihood."""

    names: list[str]
    units: list[str]
    logarithmic: np.ndarray
    low: np.ndarray
    high: np.ndarray
    start: np.ndarray

    @classmethod
    def of(cls, state: xarray.Dataset, parameters: Mapping[str, object]) -> _Space:
        """The parameters of a result. InputError for bounds that do not enclose an interval."""
        names = [str(name) for name in state.parameter.values]
        units = [str(unit) for unit in state.parameter_unit.values]
        relative = np.array(state.parameter_relative, dtype=bool)
        theta = np.empty((3, len(names)))
        for k, (name, bounds) in enumerate(zip(names, parameters.values())):
            low, high = _bounds(bounds, units[k], bool(relative[k]), f"{PARAMETERS} {name!r}")
            ends = low, high, float(value_of(state, k).reshape(-1)[0])
            theta[:, k] = [math.log(end) if relative[k] else end for end in ends]
        return cls(names, units, relative, *theta)


def _bounds(bounds: object, unit: str, relative: bool, where: str) -> tuple[float, float]:
    """Least and largest value of a parameter."""
    if not isinstance(bounds, (tuple, list)) or len(bounds) != 2:
        raise InputError(f"{where}: {shown(bounds)}", "not two ends.", f"for example: {EXAMPLE}")
    low, high = (to_si(end, "1" if unit == "dex" else unit, where) for end in bounds)
    if not low < high or (relative and low <= 0):
        allowed = "allowed: a lower and an upper end" + (" above 0" if relative else "")
        raise InputError(where, f"{shown(bounds)} is no interval.", allowed)
    return low, high
