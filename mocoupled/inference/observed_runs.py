"""The end of a run as a function of keys of its case: what is observed of it, with derivatives."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..equilibria.sampled_equilibrium import Samples
from ..equilibria.sensitivities import PREFIX
from ..errors import ConvergenceError, InputError
from ..results.sensitivities_of_run import AT_END, END_TIME
from ..runs.main_job import run
from .observations import OF_LOGARITHM, Quantity

if TYPE_CHECKING:
    import xarray

LAW = "law:"
OXYGEN = "redox.oxygen_fugacity"
# of a prescribed oxygen fugacity: its buffer
_BUFFER = re.compile(r"[A-Za-z]+")
TIME = "end_time"


class ObservedRuns:
    """Runs of a case with other values of some of its keys.

    result: of the case itself. quantities: what can be observed of its end.
    """

    def __init__(self, case: Case, names: Sequence[str]) -> None:
        """InputError for parameters that are no keys of the case."""
        for name in names:
            if str(name).startswith(LAW):
                raise InputError(
                    f"parameters= {name!r}", "a run takes keys of its case.", "allowed: names without law:"
                )
        self._case, self._names = case, list(names)
        self.result = run(case, sensitivities=self._names)
        self.quantities = dict(_quantities(self.result))

    def solver(
        self, names: Sequence[str], units: Sequence[str], logarithmic: np.ndarray
    ) -> Callable[[np.ndarray, bool], Samples]:
        """What Likelihood.solve is: the ends of runs, one after the other."""

        def solve(theta: np.ndarray, sloped: bool) -> Samples:
            """Outputs (output, point) at the ends of runs; a run that fails has none."""
            count = sum(len(quantity.rows) for quantity in self.quantities.values())
            outputs, sound = np.full((count, len(theta)), np.nan), np.zeros(len(theta), dtype=bool)
            slopes = np.full((count, len(names), len(theta)), np.nan) if sloped else None
            for k, point in enumerate(theta):
                values = np.where(logarithmic, np.exp(np.where(logarithmic, point, 0.0)), point)
                changes = dict(map(self._written, names, units, values))
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # said once, of the case itself
                        result = run(self._case.replace(changes), sensitivities=list(names))
                except ConvergenceError:
                    continue
                sound[k] = True
                for name, quantity in self.quantities.items():
                    outputs[quantity.rows, k] = _value(result, name)
                    if slopes is not None:
                        slope = np.asarray(result[_sensitivity(name)], dtype=float)
                        slopes[quantity.rows, :, k] = slope.reshape(len(names), -1).T
            return Samples(outputs, sound, slopes)

        return solve

    def _written(self, name: str, unit: str, value: float) -> tuple[str, object]:
        """A key of the case and its value."""
        if name != OXYGEN:
            return name, float(value) if unit == "1" else f"{float(value)!r} {unit}"
        buffer = _BUFFER.match(str(self._case.redox.oxygen_fugacity))
        if buffer is None:
            raise InputError(
                f"parameters= {name!r}",
                "the case has an oxygen fugacity without a buffer.",
                "allowed: a distance from a buffer, such as IW+0.5",
            )
        return name, f"{buffer[0]}{float(value):+.17g}"


def _sensitivity(name: str) -> str:
    return END_TIME if name == TIME else f"{AT_END}{name}"


def _value(result: xarray.Dataset, name: str) -> np.ndarray:
    """The values of a quantity at the end of a run."""
    if name == TIME:
        return np.asarray(result["time"].values[-1:], dtype=float)
    return np.asarray(result[name].isel(time=-1), dtype=float).reshape(-1)


def _quantities(result: xarray.Dataset) -> Sequence[tuple[str, Quantity]]:
    """What can be observed of the end of a run."""
    quantities, row = [(TIME, Quantity([0], [], "s", True))], 1
    for full in map(str, result.data_vars):
        if not full.startswith(AT_END):
            continue
        name = full.removeprefix(AT_END)
        along = [d for d in result[name].dims if d != "time"]
        labels = [str(value) for value in result[along[0]].values] if along else []
        places = list(range(row, row + max(1, len(labels))))
        sloped = result[PREFIX + name].attrs["long_name"].startswith(OF_LOGARITHM)
        quantities.append((name, Quantity(places, labels, result[name].attrs["units"], sloped)))
        row += len(places)
    return quantities
