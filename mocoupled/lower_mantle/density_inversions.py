"""Where a melt is denser than its solids.

Intervals of its FeO on a cotectic, and of pressure for a composition.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..conditions import choice
from ..floating import usual_floats
from .compositions import Bulk, composition
from .liquidus_surfaces import liquidus
from .mixing import PHASES, PRESSURE_RANGE
from .phase_diagrams import BRIDGMANITE, FERROPERICLASE
from .result_attributes import diagram_of

Intervals = tuple[tuple[float, float], ...]


@usual_floats
def density_crossover(
    pressure: float, solid: str = "bridgmanite", mixing: str = "full", anchor_temperature: float | None = None
) -> Intervals:
    """Where melt on the ferropericlase-bridgmanite cotectic is denser than `solid` in equilibrium with it.

    pressure [Pa]; solid: "ferropericlase" or "bridgmanite".
    Returns intervals (from, to) in mole fractions of FeO in the melt, in rising order;
    () where it never is denser.
    If it is denser at an end, the first interval begins at 0, or the last one ends with the cotectic.
    Raises InputError for another solid, a pressure outside 25-136 GPa, and an unknown `mixing`.
    """
    choice(solid, PHASES[:2], "solid", "it is not on this cotectic.")
    diagram, k = diagram_of(pressure, mixing, anchor_temperature), PHASES.index(solid)

    def lead(iron: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, T, y, _ = diagram.cotectic(FERROPERICLASE, BRIDGMANITE, iron)
        return diagram.melt_density(x, T) - diagram.solid_density(k, T, y[..., k]), x[..., 0]

    return _positive(lead, np.linspace(0.0, 1.0, 101))


@usual_floats
def density_crossover_pressure(bulk: Bulk = "pyrolite", mixing: str = "full") -> Intervals:
    """Where a melt of composition `bulk` is denser at its liquidus than its first solid.

    bulk: as `composition` takes it. Returns intervals of pressure [Pa] in 25-136 GPa, in rising order.
    Raises InputError for an invalid composition and an unknown `mixing`.
    """
    what = composition(bulk)

    def lead(P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        states = [liquidus([what.oxides], pressure, mixing) for pressure in P]
        return np.array([float(s.melt_density[0] - s.liquidus_density[0]) for s in states]), P

    return _positive(lead, np.linspace(*PRESSURE_RANGE, 23))


def _positive(
    function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], points: np.ndarray
) -> Intervals:
    """Intervals of the second value of `function` in which the first is positive.

    Points at which the first value is NaN do not count.
    """
    value, position = function(points)
    there = np.isfinite(value)
    value, position, points = value[there], position[there], points[there]
    if not len(points):
        return ()
    ends = [float(position[0])] if value[0] > 0 else []
    for k in np.flatnonzero((value[:-1] > 0) != (value[1:] > 0)):
        low, high, sign = points[k], points[k + 1], value[k] > 0
        while high - low > 1e-10 * max(abs(low), abs(high)):
            middle = 0.5 * (low + high)
            (lead,), (at,) = function(np.array([middle]))
            low, high = (middle, high) if (lead > 0) == sign else (low, middle)
        ends.append(float(at))
    if value[-1] > 0:
        ends.append(float(position[-1]))
    return tuple(zip(ends[::2], ends[1::2]))
