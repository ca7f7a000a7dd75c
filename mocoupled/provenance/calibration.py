"""Laws used outside their calibration: recorded with every result, never silent."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NotRequired, TypedDict

import numpy as np
import sympy

from ..closures.law_types import Law
from ..closures.melt_classes import measured_on, outside
from ..constants import BAR
from ..dae.declare.model import Model, Watch
from ..dae.leaves.external import LeafBase, numeric
from ..errors import users_line

OXIDES_UNIT = "wt%"
# argument -> what a message calls it, unit, and size of that unit in SI
NAMES = {
    "T": ("temperature", "K", 1.0),
    "P": ("total pressure", "bar", BAR),
    "p": ("its fugacity", "bar", BAR),
    "dIW": ("log10 fO2 above IW", "", 1.0),
    "SiO2": ("SiO2 of the melt", OXIDES_UNIT, 1.0),
    "MgO": ("MgO of the melt", OXIDES_UNIT, 1.0),
    "FeO": ("FeO of the melt", OXIDES_UNIT, 1.0),
    "melt_iron": ("Fe/(Fe + Mg) of the melt", "", 1.0),
}
Values = float | np.ndarray


class CalibrationWarning(UserWarning):
    """Some points lie outside the calibration of a law; they are computed."""


class Extrapolation(TypedDict):
    """The use of a law outside its calibration, as a result stores it.

    calibrated, reached: [low, high] of the argument, SI; share: of the points.
    buffer: to which dIW is relative. melt: on which the law was measured, where the argument is an oxide of
    the case's melt; its share is then in wt%.
    """

    law: str
    argument: str
    unit: str
    calibrated: list[float]
    reached: list[float]
    share: float
    reference: str
    buffer: NotRequired[str]
    melt: NotRequired[str]


def extrapolations(watches: Sequence[Watch], watched: Sequence[Values]) -> list[Extrapolation]:
    """The laws that were used outside their calibration.

    watched: for each watch a number or an array of its argument;
    NaN (a point without a result) does not count.
    """
    extrapolated = []
    for watch, values in zip(watches, watched):
        low, high, share = _reach(watch, values)
        if not share:
            continue
        record: Extrapolation = {
            "law": watch.law,
            "argument": watch.argument,
            "unit": watch.unit,
            "calibrated": [watch.low, watch.high],
            "reached": [float(low), float(high)],
            "share": share,
            "reference": watch.reference,
        }
        if watch.buffer:
            record["buffer"] = watch.buffer
        extrapolated.append(record)
    return extrapolated


def of_another_melt(laws: Mapping[str, Law], oxides: Mapping[str, Values]) -> list[Extrapolation]:
    """The laws that were measured on a melt of another class than that of a case.

    laws: by role. oxides: mass fractions of the melt, numbers or an array over the points. The laws follow
    their roles.
    """
    records: list[Extrapolation] = []
    for role, law in laws.items():
        for oxide, (percent, calibrated) in outside(law, oxides).items():
            low, high = float(np.min(percent)), float(np.max(percent))
            missed = (percent < calibrated[0]) | (percent > calibrated[1])
            records.append(
                {
                    "law": f"{role}: {law.name}",
                    "argument": oxide,
                    "unit": OXIDES_UNIT,
                    "calibrated": list(calibrated),
                    "reached": [low, high],
                    "share": float(np.mean(missed)),
                    "reference": law.reference,
                    "melt": measured_on(law),
                }
            )
    return records


def _reach(watch: Watch, values: Values) -> tuple[float, float, float]:
    """Lowest and highest value, and the share of the values outside the range of a watch."""
    slack = 1e-9 * max(abs(watch.low), abs(watch.high))
    if isinstance(values, float):
        return values, values, float(values < watch.low - slack or values > watch.high + slack)
    points = np.asarray(values, dtype=float)
    low, high = np.fmin.reduce(points, axis=None), np.fmax.reduce(points, axis=None)
    if not (low < watch.low - slack or high > watch.high + slack):
        return low, high, 0.0
    outside = (points < watch.low - slack) | (points > watch.high + slack)
    return low, high, float(np.count_nonzero(outside)) / np.count_nonzero(~np.isnan(points))


@dataclass(frozen=True)
class _Row:
    """The argument of a watch is a row of the outputs."""

    row: int


@dataclass(frozen=True)
class _Name:
    """The argument of a watch is a parameter."""

    name: str


@dataclass(frozen=True)
class _Formula:
    """The argument of a watch is a function of symbols."""

    function: Callable[..., Values]
    symbols: tuple[sympy.Symbol, ...]


@dataclass(frozen=True)
class Watched:
    """The arguments of a model's watches from its solved outputs.

    Most are an output or a parameter as it is.
    """

    model: Model

    @cached_property
    def _plan(self) -> list[_Row | _Name | _Formula]:
        """For each watch, where its argument comes from."""
        rows = {output.expression: k for k, output in enumerate(self.model.outputs)}
        plan: list[_Row | _Name | _Formula] = []
        for watch in self.model.watches:
            if watch.expression in rows:
                plan.append(_Row(rows[watch.expression]))
            elif watch.expression.is_Symbol:
                plan.append(_Name(watch.expression.name))
            else:
                plan.append(_formula(watch))
        return plan

    def values(self, parameters: Mapping[str, Values], outputs: np.ndarray) -> list[Values]:
        """Each watch's argument; parameters: by name; outputs (outputs, n), NaN where a result is missing."""
        only = outputs.shape[1] == 1
        arguments: list[Values] = []
        for source in self._plan:
            if isinstance(source, _Row):
                arguments.append(float(outputs[source.row, 0]) if only else outputs[source.row])
            elif isinstance(source, _Name):
                arguments.append(parameters[source.name])
            else:
                inputs = [self._value(symbol, parameters, outputs) for symbol in source.symbols]
                value = source.function(*inputs)
                arguments.append(float(np.ravel(value)[0]) if only else value)
        return arguments

    def _value(self, symbol: sympy.Symbol, parameters: Mapping[str, Values], outputs: np.ndarray) -> Values:
        """The value of a parameter, or of the logarithm of a pressure."""
        if symbol.name in parameters:
            return parameters[symbol.name]
        kind, _, label = symbol.name.partition("[")
        name, label = ("surface_pressure", "") if kind == "ln_P" else ("pressure", label.rstrip("]"))
        row = next(k for k, o in enumerate(self.model.outputs) if (o.name, o.label) == (name, label))
        with np.errstate(divide="ignore"):
            return np.log(outputs[row] / BAR)


def _formula(watch: Watch) -> _Formula:
    """The argument of a watch as a compiled function."""
    expression = watch.expression
    if not expression.atoms(LeafBase):
        # what cancels must cancel exactly; powers of sums stay: the eighth one of forty pressures is too long
        expression = sympy.expand(expression, multinomial=False)
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    return _Formula(numeric(symbols, expression), tuple(symbols))


def warn(extrapolated: Sequence[Extrapolation]) -> None:
    """One CalibrationWarning for all laws with their share of the points, if there are any."""
    if not extrapolated:
        return
    laws: dict[str, list[str]] = {}
    for record in extrapolated:
        share = f"({record['share']:.3g} of the points)".replace("(1 of", "(all of")
        buffer = record.get("buffer")
        relative = f", IW of {buffer}" if buffer else ""
        relative += f", measured on {record['melt']}" if "melt" in record else ""
        laws.setdefault(record["law"], []).append(f"{_range(record)} {share}{relative}")
    listed = "; ".join(f"{law}: calibrated for {', '.join(parts)}" for law, parts in laws.items())
    warnings.warn(f"laws outside their calibration: {listed}.", CalibrationWarning, stacklevel=users_line())


def _range(record: Extrapolation) -> str:
    """The calibrated range of an argument, with its name and unit."""
    other = (record["argument"], "" if record["unit"] == "1" else record["unit"], 1.0)
    if record["unit"] == "Pa":
        other = (record["argument"], "bar", BAR)
    name, unit, size = NAMES.get(record["argument"], other)
    ends = dict.fromkeys(f"{end / size:.4g}" for end in record["calibrated"])
    return f"{name} {' to '.join(ends)} {unit}".rstrip()
