"""The activities of a melt of constant composition as smooth curves of temperature, from their equations.

The equations of the melt (melt/activities.py) are solved once at many temperatures; a cubic spline in 1/T
goes through ln a. Between the points it is exact to 1e-11, tests/unit/planet/test_activity_curves.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..chemistry.records import Mechanism
from ..dae.declare.model import Model, Output, Parameter
from ..dae.kernel.batch import Batch
from ..dae.leaves.external import External, Number, numeric
from ..dae.leaves.smooth_curve import Curve
from ..errors import ModelError
from ..melt.activities import declare_activities
from .vapour_of_melt import LOWEST_TEMPERATURE, TEMPERATURE, formation_of

# K; above the data of every gas
HIGHEST_TEMPERATURE = 6001.0
POINTS = 4001
LARGEST_ERROR = 1e-8


@dataclass(frozen=True, eq=False)
class _Curve:
    """A cubic spline y(x) for numbers and arrays. x (n,), increasing and even; y (n,)."""

    single: Curve
    x: np.ndarray
    pieces: np.ndarray

    def __call__(self, orders: tuple[int], x: Number) -> Number:
        if isinstance(x, float):
            return self.single(orders, x)
        x = np.asarray(x, dtype=float)
        step = self.x[1] - self.x[0]
        k = np.clip(((x - self.x[0]) / step), 0, len(self.x) - 2).astype(np.intp)
        a, b, c, d = self.pieces[:, k]
        h = x - self.x[k]
        value = {
            0: lambda: ((a * h + b) * h + c) * h + d,
            1: lambda: (3 * a * h + 2 * b) * h + c,
            2: lambda: 6 * a * h + 2 * b,
        }[orders[0]]()
        return np.where((x >= self.x[0]) & (x <= self.x[-1]), value, math.nan)


@lru_cache(maxsize=32)
def curves_of_activities(
    mechanism: Mechanism, law: str, moles: tuple[tuple[str, float], ...]
) -> Mapping[str, External]:
    """Oxide -> ln of its activity as a function of 1/T [1/K], from 1000 to 6000 K.

    mechanism: for the liquids of MELTS' components. moles: (oxide, amount) of the melt.
    ModelError where the equations have no solution.
    """
    ln_moles = {oxide: Parameter(f"ln_moles_{oxide}", math.log(amount)) for oxide, amount in moles}
    symbols = {oxide: parameter.symbol for oxide, parameter in ln_moles.items()}
    activities = declare_activities(law, symbols, TEMPERATURE, formation_of(mechanism))
    model = Model(
        "melt",
        unknowns=activities.unknowns,
        parameters=(Parameter(TEMPERATURE.name, 2000.0, "K", "temperature"), *ln_moles.values()),
        constraints=activities.constraints,
        outputs=tuple(
            Output("ln_activity", ln_a, "1", "ln of the activity", "oxide", oxide)
            for oxide, ln_a in activities.ln_activity.items()
        ),
    )
    x = np.linspace(1.0 / HIGHEST_TEMPERATURE, 1.0 / LOWEST_TEMPERATURE, POINTS)
    points = Batch(model, [TEMPERATURE.name]).solve({TEMPERATURE.name: 1.0 / x})
    if not points.converged.all():
        raise ModelError(f"the activities {law} of this melt have no solution at {1 / x[~points.converged]}")
    return {
        oxide: External(f"ln_activity_{oxide}", _curve(x, values))
        for oxide, values in zip(activities.ln_activity, points.values)
    }


def curves_of(names: Sequence[str], expressions: Sequence[sympy.Expr], T: sympy.Symbol) -> list[External]:
    """Smooth functions of T [K] alone as curves of 1/T, from 1000 to 6000 K; names: of the curves.

    ModelError where a curve is off by more than 1e-8 between its points.
    """
    x = np.linspace(1.0 / HIGHEST_TEMPERATURE, 1.0 / LOWEST_TEMPERATURE, POINTS)
    above = np.append(x[:-1], x[-1] * (1 - 1e-12))  # at 1000 K exactly polynomials change
    between = (x[1:] + x[:-1]) / 2
    function = numeric([T], list(expressions))
    at_points, at_middles = (
        [np.broadcast_to(row, at.shape) for row in function(1.0 / at)] for at in (above, between)
    )
    curves = []
    for name, values, middles in zip(names, at_points, at_middles):
        curve = _curve(x, values)
        error = float(np.abs(curve((0,), between) - middles).max())
        if not error < LARGEST_ERROR:
            raise ModelError(f"the curve {name} is off by {error:.1e} between its points")
        curves.append(External(name, curve))
    return curves


def _curve(x: np.ndarray, values: np.ndarray) -> _Curve:
    from scipy.interpolate import CubicSpline

    return _Curve(Curve(x, values), x, CubicSpline(x, values).c)
