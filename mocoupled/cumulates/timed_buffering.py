"""Buffered crystallisation in time: the pile grows at a prescribed rate and returns melts to the ocean."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..closures.distillation import pile_iron
from ..closures.iron_magnesium import exchange
from ..closures.registry import names
from ..conditions import number
from ..dae.leaves.external import External
from ..dae.solve.integrate import Event, Trajectory, march
from ..dae.solve.system import System
from ..errors import ConvergenceError, InputError, users_line
from ..floating import usual_floats
from ..reservoirs import cumulates
from ..schema.buffering_case import BufferingCase
from ..schema.buffering_keys import TIMESCALE, check
from .buffering_variables import DENSITY_ANOMALY, LABELS, NAMES, attributes, density_anomaly
from .crossing_search import LEAST, path
from .local_exchange import exchange_of, front_exchange, without_remelting
from .remelting import RATES, remelt
from .remelting_tables import LAST, SHRUNK, coordinates, tables

if TYPE_CHECKING:
    import xarray

FIRST_END = 0.05
STALLED = "The growth has stalled: remelting returns what crystallises."
GONE = "The pile has melted away: remelting returns more than crystallises."
# the grid is refined where the rates along the run are not as good as this, of the largest
FINER, TABLE_ERROR = (1, 2), 2e-3
# of the same error, from which on the user is warned
WARNED = 1e-2
# states stored of the way before the first melt
BEFORE = 12
# of a run, in timescales: by then a pile that remelts what crystallises has stalled
LONGEST = 50.0


class TableWarning(UserWarning):
    """The tables of remelting are coarse for this case."""


@dataclass(frozen=True)
class _Growth:
    """The request.

    duration [s]: the timescale.
    first, end: solid fractions from which on, and up to which, the balances are integrated.
    rtol: relative tolerance.
    """

    case: BufferingCase
    duration: float
    first: float
    end: float
    rtol: float

    @property
    def start(self) -> np.ndarray:
        """Solid fraction, logit of the ocean and iron of the pile at the first solid fraction."""
        X_bulk = self.case.values["bulk_iron"]
        (X,) = without_remelting(np.array([self.first]), self.case.values, self.case.readings)
        return np.array([self.first, np.log(X / (1 - X)), float(pile_iron(self.first, X, X_bulk))])

    @property
    def events(self) -> list[Event]:
        """The ends of the run."""
        done = Event(
            "solid fraction",
            f"The solid fraction has grown to {self.end:g}.",
            lambda t, x: self.end - x[0],
        )
        return [done, Event("pile melted", GONE, lambda t, x: x[0] - SHRUNK * self.first)]


@usual_floats
def buffering_history(
    case: str | os.PathLike[str] | BufferingCase = "earth",
    timescale: Any = "10 Myr",  # whatever `conditions` reads
    end_solid_fraction: float = 0.99,
    rtol: float = 1e-8,
    progress: Callable[[float, np.ndarray], None] | None = None,
    **changes: Any,
) -> xarray.Dataset:
    """Growth of the pile in a timescale ("10 Myr" or s) with remelting, to a solid fraction.

    case, changes: as in `buffering`, single values.
    Returns a Dataset along `time` [s]. Until something melts, the ocean follows fractional crystallisation
    in closed form; from there the balances of solid and iron are integrated.
    ConvergenceError when the run fails.
    """
    base = BufferingCase.of(case).replace(changes)
    duration = number(timescale, "s", "timescale")
    check("timescale", duration, TIMESCALE)
    end, tolerance = number(end_solid_fraction, "1", "end_solid_fraction"), number(rtol, "1", "rtol")
    check_end(end)
    if not 1e-12 <= tolerance <= 1e-2:
        raise InputError(f"rtol = {tolerance!r}", "out of range.", "allowed: from 1e-12 to 1e-2")
    growth = _Growth(base, duration, onset(base, end), end, tolerance)
    for finer in FINER:
        run, rate = _integrated(growth, finer, progress)
        result = _dataset(growth, run, rate)
        if result.attrs["table_error"] < TABLE_ERROR or run.end.kind == "interrupted":
            break
    if result.attrs["table_error"] > WARNED:
        warnings.warn(
            f"remelting is tabulated with an error of {result.attrs['table_error']:.2g} of its largest rate: "
            "it sets in or changes too sharply here.",
            TableWarning,
            stacklevel=users_line(),
        )
    return result


def _integrated(
    growth: _Growth, finer: int, progress: Callable[[float, np.ndarray], None] | None
) -> tuple[Trajectory, External]:
    """The run from the first melt on, and the rate of remelting in it.

    finer: how many times the grid of its tables.
    """
    rate, iron_rate = (
        External(name, table, 2) for name, table in zip(RATES[:2], tables(growth.case, growth.first, finer))
    )
    remelting = cumulates.Remelting(rate, iron_rate)
    local = front_exchange(growth.case.values, growth.case.readings)
    system = System(cumulates.growing_pile(growth.case.readings["growth"], remelting, local))
    values = {"growth": 1 / growth.duration, "bulk_iron": growth.case.values["bulk_iron"]}
    values |= {"first_solid_fraction": growth.first, "first_ocean_logit": growth.start[1]}
    if local is None:
        values["exchange_coefficient"] = growth.case.values["exchange_coefficient"]
    p = system.with_parameters(values)
    run = march(
        system,
        system.start(p, growth.start).x,
        LONGEST * growth.duration,
        events=growth.events,
        rtol=growth.rtol,
        parameters=p,
        progress=progress,
    )
    if run.end.kind == "failed":
        raise ConvergenceError(f"the growth of the pile could not be followed: {run.end.sentence}")
    return run, rate


def check_end(solid_fraction: float) -> None:
    """InputError for a solid fraction at which a run cannot end."""
    if not (FIRST_END <= solid_fraction <= LAST):
        raise InputError(
            f"end_solid_fraction = {solid_fraction!r}",
            "the run cannot end there.",
            f"allowed: from {FIRST_END:g} to {LAST:g}",
        )


def onset(case: BufferingCase, end: float) -> float:
    """Solid fraction at which fractional crystallisation meets the first melt.

    LEAST where nothing melts before `end`.
    """
    f = np.linspace(LEAST, end, 200)[:-1]
    melts = path(f, case.values, case.readings).remelting.rate > 0
    return float(f[max(0, int(np.argmax(melts)) - 1)]) if melts.any() else float(f[0])


def _dataset(growth: _Growth, run: Trajectory, rate: External) -> xarray.Dataset:
    """The growth as a Dataset along time, with the way before the first melt in closed form."""
    import xarray

    values, readings, first = growth.case.values, growth.case.readings, growth.first
    X_bulk = values["bulk_iron"]
    early = np.linspace(LEAST, first, BEFORE, endpoint=False) if first > LEAST else np.empty(0)
    X_early = without_remelting(early, values, readings)
    f = np.concatenate([early, run.states[:, 0]])
    X = np.concatenate([X_early, 1 / (1 + np.exp(-run.states[:, 1]))])
    X_pile = np.concatenate([pile_iron(early, X_early, X_bulk), run.states[:, 2]])
    begin = np.concatenate([early, np.full(run.time.size, first)]) * growth.duration
    time = begin + np.concatenate([np.zeros(early.size), run.time])
    melts = remelt(f, X, X_pile, values, readings)
    with np.errstate(all="ignore"):
        X_melt = np.where(melts.rate > 0, melts.iron_rate / melts.rate, np.nan)
    states = {
        "solid_fraction": f,
        "ocean_iron": X,
        "pile_iron": X_pile,
        "crystal_iron": exchange(X, exchange_of(f, values, readings)),
        "melt_iron": X_melt,
    }
    data: dict[str, tuple[str | tuple[str, ...], np.ndarray, dict[str, str]]] = {}
    for name, (unit, long_name) in LABELS.items():
        v = states[name] if name in states else getattr(melts, name)
        data[NAMES.get(name, name)] = ("time", v, attributes(unit, long_name.replace("buffered ", "")))
    structures = names("cumulate_density")
    anomaly = np.array([density_anomaly(X, X_pile, s) for s in structures])
    data["density_anomaly"] = (("structure", "time"), anomaly, attributes("kg/m3", DENSITY_ANOMALY))
    drift = np.abs(f * X_pile + (1 - f) * X - X_bulk) / X_bulk
    data["iron_drift"] = ("time", drift, attributes("1", "iron gained or lost, of all iron"))
    about = growth.case.attributes | {
        "timescale_s": growth.duration,
        "end": STALLED if run.end.kind == "time" else run.end.sentence,
        "steps": run.statistics["steps"],
        "rtol": growth.rtol,
        "table_error": _table_error(run.states, rate, melts.rate, X_bulk),
    }
    of_time = attributes("s", "time since the growth of the pile began")
    return xarray.Dataset(data, {"time": ("time", time, of_time), "structure": list(structures)}, about)


def _table_error(states: np.ndarray, rate: External, exact: np.ndarray, X_bulk: float) -> float:
    """The largest error of the tabulated rate at the states of a run, over the largest rate.

    exact: the rates of all states of the dataset, of which those of the run are the last.
    """
    tabulated = np.array([a * rate.function((0, 0), a, _share(a, y, X_bulk)) for a, y in states[:, :2]])
    error = np.nanmax(np.abs(tabulated - exact[exact.size - len(states) :]))
    return float(error / max(np.nanmax(exact), 1e-300))


def _share(f: float, y: float, X_bulk: float) -> float:
    """The share of the ocean: its logit y on the scale of the tables, at a solid fraction f."""
    low, high = (float(coordinates()(f, w, X_bulk)) for w in (0.0, 1.0))
    return (y - low) / (high - low)
