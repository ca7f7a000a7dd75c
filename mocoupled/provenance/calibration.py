"""Laws used outside their calibration: recorded with every result, never silent."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy

from ..constants import BAR
from ..dae.declare.model import Model, Watch
from ..dae.leaves.external import LeafBase, numeric
from ..errors import users_line

NAMES = {
    "T": ("temperature", "K", 1.0),
    "P": ("total pressure", "bar", BAR),
    "p": ("its fugacity", "bar", BAR),
    "dIW": ("log10 fO2 above IW", "", 1.0),
}


class CalibrationWarning(UserWarning):
    """Some points lie outside the calibration of a law; they are computed."""


def extrapolations(watches: Sequence[Watch], watched: Sequence) -> list[dict]:
    """For each law used outside its calibration: its name, argument, range, range reached and share of the points.

    watched: for each watch a number or an array of its argument; NaN (a point without a result) does not count.
    """
    found = []
    for watch, values in zip(watches, watched):
        slack = 1e-9 * max(abs(watch.low), abs(watch.high))
        if isinstance(values, float):
            low = high = values
            share = float(values < watch.low - slack or values > watch.high + slack)
        else:
            values = np.asarray(values, dtype=float)
            low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
            share = 0.0
            if low < watch.low - slack or high > watch.high + slack:
                outside = (values < watch.low - slack) | (values > watch.high + slack)
                share = float(np.count_nonzero(outside)) / np.count_nonzero(~np.isnan(values))
        if share:
            found.append(
                {
                    "law": watch.law,
                    "argument": watch.argument,
                    "unit": watch.unit,
                    "calibrated": [watch.low, watch.high],
                    "reached": [float(low), float(high)],
                    "share": share,
                    "reference": watch.reference,
                }
                | ({"buffer": watch.buffer} if watch.buffer else {})
            )
    return found


@dataclass(frozen=True)
class Watched:
    """The arguments of a model's watches from its solved outputs: most are an output or a parameter as it is."""

    model: Model

    @cached_property
    def _plan(self) -> list:
        """For each watch the row of an output, the name of a parameter, or a compiled function and its symbols."""
        rows = {o.expression: k for k, o in enumerate(self.model.outputs)}
        found = []
        for watch in self.model.watches:
            if watch.expression in rows:
                found.append(rows[watch.expression])
            else:
                found.append(watch.expression.name if watch.expression.is_Symbol else self._compiled(watch))
        return found

    def values(self, parameters: Mapping[str, object], outputs: np.ndarray) -> list:
        """Each watch's argument; parameters: by name; outputs (outputs, n), NaN where there is no result."""
        only = outputs.shape[1] == 1
        found = []
        for one in self._plan:
            if isinstance(one, int):
                found.append(float(outputs[one, 0]) if only else outputs[one])
            elif isinstance(one, str):
                found.append(parameters[one])
            else:
                function, symbols = one
                value = function(*(self._value(s, parameters, outputs) for s in symbols))
                found.append(float(value if np.ndim(value) == 0 else value[0]) if only else value)
        return found

    def _compiled(self, watch):
        expression = (
            sympy.simplify(watch.expression) if not watch.expression.atoms(LeafBase) else watch.expression
        )
        symbols = sorted(expression.free_symbols, key=lambda s: s.name)
        return numeric(symbols, expression), symbols

    def _value(self, symbol, parameters, outputs):
        """The value of a parameter, or of the logarithm of a pressure."""
        if symbol.name in parameters:
            return parameters[symbol.name]
        kind, _, label = symbol.name.partition("[")
        name, label = ("surface_pressure", "") if kind == "ln_P" else ("pressure", label.rstrip("]"))
        row = next(k for k, o in enumerate(self.model.outputs) if (o.name, o.label) == (name, label))
        with np.errstate(divide="ignore"):
            return np.log(outputs[row] / BAR)


def warn(found: Sequence[Mapping]):
    """One CalibrationWarning for all laws with their share of the points, if there are any."""
    if not found:
        return
    laws: dict[str, list[str]] = {}
    for one in found:
        laws.setdefault(one["law"], []).append(
            f"{_range(one)} ({one['share']:.3g} of the points)".replace("(1 of", "(all of")
            + (f", IW of {one['buffer']}" if one.get("buffer") else "")
        )
    told = "; ".join(f"{law}: calibrated for {', '.join(parts)}" for law, parts in laws.items())
    warnings.warn(f"laws outside their calibration: {told}.", CalibrationWarning, stacklevel=users_line())


def _range(one) -> str:
    name, unit, size = NAMES.get(
        one["argument"],
        (one["argument"], "bar" if one["unit"] == "Pa" else one["unit"], BAR if one["unit"] == "Pa" else 1.0),
    )
    ends = dict.fromkeys(f"{end / size:.4g}" for end in one["calibrated"])
    return f"{name} {' to '.join(ends)} {unit}".rstrip()
