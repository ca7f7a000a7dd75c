"""Buffered crystallisation in time: the pile grows at a prescribed rate and returns melts to the ocean."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conditions import number
from ..errors import InputError, nearest, users_line
from ..floating import usual_floats
from ..schema.buffering_case import BufferingCase
from ..schema.buffering_keys import TIMESCALE, check
from ..units import written_unit
from .crossing_search import LEAST, path
from .growth_dataset import as_dataset
from .pile_growth import Growth, followed
from .remelting_tables import LAST
from .warm_tables import check_interior

if TYPE_CHECKING:
    import xarray

FIRST_END = 0.05
# the grid is refined where the rates along the run are not as good as this, of the largest
FINER, TABLE_ERROR = (1, 2), 2e-3
# of the same error, from which on the user is warned
WARNED = 1e-2
# Who pays for the latent heat of the melts -> what that means.
ENERGIES = {
    "prescribed": "nobody, as in the paper: the pile stays half-way between its top and the core",
    "conserved": "the pile: it cools as it melts, and so does the core that warms it",
}


class TableWarning(UserWarning):
    """The tables of remelting are coarse for this case."""


@usual_floats
def buffering_history(
    case: str | os.PathLike[str] | BufferingCase = "earth",
    timescale: Any = "10 Myr",  # whatever `conditions` reads
    end_solid_fraction: float = 0.99,
    rtol: float = 1e-8,
    progress: Callable[[float, np.ndarray], None] | None = None,
    energy: str = "prescribed",
    **changes: Any,
) -> xarray.Dataset:
    """Growth of the pile in a timescale ("10 Myr" or s) with remelting, to a solid fraction.

    case, changes: as in `buffering`, single values.
    Returns a Dataset along `time` [s]. Until something melts, the ocean follows fractional crystallisation
    in closed form; from there the balances of solid and iron are integrated.
    energy: "prescribed", as in the paper: the pile is half-way between its top and the core, whatever it
    melts; or "conserved": the pile has its own temperature, from which it pays the latent heat of its melts.
    ConvergenceError when the run fails.
    """
    base = BufferingCase.of(case).replace(changes)
    duration = number(timescale, "s", "timescale")
    check("timescale", duration, TIMESCALE, written=written_unit(timescale))
    end, tolerance = number(end_solid_fraction, "1", "end_solid_fraction"), number(rtol, "1", "rtol")
    check_end(end)
    if not 1e-12 <= tolerance <= 1e-2:
        raise InputError(f"rtol = {tolerance!r}", "out of range.", "allowed: from 1e-12 to 1e-2")
    check_energy(energy, base)
    conserved = energy == "conserved"
    first = LEAST if conserved else onset(base, end)
    growth = Growth(base, duration, first, end, tolerance, conserved)
    for finer in FINER:
        way = followed(growth, finer, progress)
        result = as_dataset(growth, way)
        if result.attrs["table_error"] < TABLE_ERROR or way.run.end.kind == "interrupted":
            break
    if result.attrs["table_error"] > WARNED:
        warnings.warn(
            f"remelting is tabulated with an error of {result.attrs['table_error']:.2g} of its largest rate: "
            "it sets in or changes too sharply here.",
            TableWarning,
            stacklevel=users_line(),
        )
    return result


def check_energy(energy: object, case: BufferingCase) -> None:
    """InputError for an unknown `energy`, or for one that the readings of the case do not allow."""
    if energy not in ENERGIES:
        known = "; ".join(f"{name} ({meaning})" for name, meaning in ENERGIES.items())
        raise InputError(
            f"energy = {energy!r}", "no such energy.", f"known: {known}", nearest(str(energy), ENERGIES)
        )
    if energy == "conserved":
        check_interior(case)


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
