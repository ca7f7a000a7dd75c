"""Buffered crystallisation in time: the pile grows at a given rate, melts return to the ocean, iron is balanced."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..closures.distillation import distilled, pile_iron
from ..closures.iron_magnesium import exchange
from ..closures.law import names
from ..conditions import number
from ..dae.leaves.external import External
from ..dae.solve.integrate import Event, march
from ..dae.solve.system import System
from ..errors import ConvergenceError, InputError, users_line
from ..floating import usual_floats
from ..reservoirs import cumulates
from ..schema.buffering_case import TIMESCALE, BufferingCase, check
from .remelting import RATES, remelt
from .remelting_tables import LAST, SHRUNK, coordinates, tables
from .static_buffering import LABELS, LEAST, NAMES, density_anomaly, path

if TYPE_CHECKING:
    import xarray

FIRST_END = 0.05
STALLED = "The growth has stalled: remelting returns what crystallises."
FINER, TABLE_ERROR = (
    (1, 2),
    2e-3,
)  # the grid is refined where the rates along the run are not as good as this, of the largest
WARNED = 1e-2  # of the same error
GONE = "The pile has melted away: remelting returns more than crystallises."
BEFORE = 12  # states stored of the way before the first melt
LONGEST = 50.0  # of a run, in timescales: by then a pile that remelts what crystallises has stalled


class TableWarning(UserWarning):
    """The tables of remelting are coarse for this case."""


@usual_floats
def buffering_history(
    case: str | os.PathLike | BufferingCase = "earth",
    timescale: Any = "10 Myr",
    end_solid_fraction: float = 0.99,
    rtol: float = 1e-8,
    progress: Callable[[float, np.ndarray], None] | None = None,
    **changes,
) -> xarray.Dataset:
    """Growth of the pile in a timescale ("10 Myr" or s) with remelting, to a solid fraction: a Dataset along `time` [s].

    case, changes: as in `buffering`, single values. Until something melts, the ocean follows fractional crystallisation
    in closed form; from there the balances of solid and iron are integrated. ConvergenceError when the run fails.
    """
    base = BufferingCase.taken(case).replace(changes)
    duration = number(timescale, "s", "timescale")
    check("timescale", duration, TIMESCALE)
    end_solid_fraction, rtol = (
        number(end_solid_fraction, "1", "end_solid_fraction"),
        number(rtol, "1", "rtol"),
    )
    check_end(end_solid_fraction)
    if not 1e-12 <= rtol <= 1e-2:
        raise InputError(f"rtol = {rtol!r}", "out of range.", "allowed: from 1e-12 to 1e-2")
    growth, values = 1 / duration, base.values
    first = onset(base, end_solid_fraction)
    X = float(distilled(1 - first, values["bulk_iron"], values["exchange_coefficient"]))
    guess = np.array([first, np.log(X / (1 - X)), float(pile_iron(first, X, values["bulk_iron"]))])
    done = Event(
        "solid fraction",
        f"The solid fraction has grown to {end_solid_fraction:g}.",
        lambda t, x: end_solid_fraction - x[0],
    )
    gone = Event("pile melted", GONE, lambda t, x: x[0] - SHRUNK * first)
    for finer in FINER:
        rate, iron_rate = (
            External(name, table, 2) for name, table in zip(RATES[:2], tables(base, first, finer))
        )
        remelting = cumulates.Remelting(rate, iron_rate)
        system = System(cumulates.growing_pile(base.readings["growth"], remelting))
        p = system.with_parameters(
            {"growth": growth, "first_solid_fraction": first}
            | {k: values[k] for k in ("bulk_iron", "exchange_coefficient")}
        )
        run = march(
            system,
            system.start(p, guess).x,
            LONGEST * duration,
            events=[done, gone],
            rtol=rtol,
            parameters=p,
            progress=progress,
        )
        if run.end.kind == "failed":
            raise ConvergenceError(f"the growth of the pile could not be followed: {run.end.sentence}")
        found = _dataset(base, run, duration, first, rate, rtol)
        if found.attrs["table_error"] < TABLE_ERROR or run.end.kind == "interrupted":
            break
    if found.attrs["table_error"] > WARNED:
        warnings.warn(
            f"remelting is tabulated with an error of {found.attrs['table_error']:.2g} of its largest rate: it sets in or changes too sharply here.",
            TableWarning,
            stacklevel=users_line(),
        )
    return found


def check_end(solid_fraction):
    """InputError for a solid fraction at which a run cannot end."""
    if not (FIRST_END <= solid_fraction <= LAST):
        raise InputError(
            f"end_solid_fraction = {solid_fraction!r}",
            "no such end of the run.",
            f"allowed: from {FIRST_END:g} to {LAST:g}",
        )


def onset(case: BufferingCase, end: float) -> float:
    """Solid fraction at which fractional crystallisation meets the first melt; LEAST or the last before `end` if it does not."""
    f = np.linspace(LEAST, end, 200)[:-1]
    melts = path(f, case.values, case.readings).remelting.rate > 0
    return float(f[max(0, np.argmax(melts) - 1)]) if melts.any() else float(f[0])


def _dataset(case, run, duration, first, rate, rtol):
    import xarray

    values, readings = case.values, case.readings
    X_bulk, KD = values["bulk_iron"], values["exchange_coefficient"]
    early = np.linspace(LEAST, first, BEFORE, endpoint=False) if first > LEAST else np.empty(0)
    X_early = distilled(1 - early, X_bulk, KD)
    f = np.concatenate([early, run.states[:, 0]])
    X = np.concatenate([X_early, 1 / (1 + np.exp(-run.states[:, 1]))])
    X_pile = np.concatenate([pile_iron(early, X_early, X_bulk), run.states[:, 2]])
    time = np.concatenate([early, np.full(run.time.size, first)]) * duration + np.concatenate(
        [np.zeros(early.size), run.time]
    )
    melts = remelt(f, X, X_pile, values, readings)
    with np.errstate(all="ignore"):
        X_melt = np.where(melts.rate > 0, melts.iron_rate / melts.rate, np.nan)
    own = {
        "solid_fraction": f,
        "ocean_iron": X,
        "pile_iron": X_pile,
        "crystal_iron": exchange(X, KD),
        "melt_iron": X_melt,
    }
    data = {}
    for name, (unit, long_name) in LABELS.items():
        told = own[name] if name in own else getattr(melts, name)
        text = long_name.replace("buffered ", "")
        data[NAMES.get(name, name)] = ("time", told, {"units": unit, "long_name": text})
    structures = names("cumulate_density")
    anomaly = np.array([density_anomaly(X, X_pile, s) for s in structures])
    data["density_anomaly"] = (
        ("structure", "time"),
        anomaly,
        {
            "units": "kg/m3",
            "long_name": "density of the crystallised magma ocean above that of the pile, 1 bar and 300 K",
        },
    )
    drift = np.abs(f * X_pile + (1 - f) * X - X_bulk) / X_bulk
    data["iron_drift"] = ("time", drift, {"units": "1", "long_name": "iron gained or lost, of all iron"})
    tabled = np.array([a * rate.function((0, 0), a, _share(a, y, X_bulk)) for a, y in run.states[:, :2]])
    apart = float(np.nanmax(np.abs(tabled - melts.rate[early.size :])) / max(np.nanmax(melts.rate), 1e-300))
    attributes = case.attributes | {
        "timescale_s": duration, "end": STALLED if run.end.kind == "time" else run.end.sentence,
        "steps": run.statistics["steps"], "rtol": rtol, "table_error": apart,
    }  # fmt: skip
    coordinates = {
        "time": ("time", time, {"units": "s", "long_name": "time since the growth of the pile began"}),
        "structure": list(structures),
    }
    return xarray.Dataset(data, coordinates, attributes)


def _share(f, y, X_bulk):
    zero, one = (float(coordinates()(f, w, X_bulk)) for w in (0.0, 1.0))
    return (y - zero) / (one - zero)
