"""Fractional vaporisation: a melt whose vapour is removed as it forms, up to a given loss of mass."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.records import Mechanism
from ..conditions import column
from ..dae.declare.model import Model
from ..dae.kernel.batch import Points
from ..dae.solve.integrate import Trajectory, march
from ..dae.solve.system import System
from ..errors import ConvergenceError, InputError
from ..melt.regular_solution import NAME as MELTS
from ..planet.vapour_of_melt import Fractional, VapourRequest, assemble_fractional
from ..provenance.calibration import Watched, extrapolations
from .melt_arguments import ln_moles
from .points import dataset, layout
from .vapour_arguments import VapourConditions
from .vapour_problem import VapourProblem, attributes_of, check_temperature

if TYPE_CHECKING:
    import xarray

LOSS = "loss"
# Of the mass; beyond, two oxides are left and their ratio is that of rounding.
LARGEST_LOSS = 0.99
RTOL = 1e-8
LOSS_LABEL = {"units": "1", "long_name": "share of the mass of the melt that has evaporated"}


def fractional_vapour(problem: VapourProblem, request: VapourConditions, loss: object) -> xarray.Dataset:
    """The Dataset along `loss`: melt and vapour while the vapour is removed.

    loss: a number, up to which all steps are stored, or a list of increasing ones.
    Besides the variables of `vapour`: retained_fraction(oxide), melt_mass_left.
    InputError for arrays of conditions, and for oxygen and activities for which there is no such melt.
    """
    losses = _losses(loss)
    _check(request)
    check_temperature(problem, request.conditions, None)
    fractional, system = _system(problem.mechanism, request.request)
    T = float(request.conditions.columns["temperature"])
    amounts = {f"ln_moles_{oxide}": float(ln_n) for oxide, ln_n in ln_moles(request.composition).items()}
    system = system.at({"temperature": T} | amounts | fractional.parameters(T))
    times, states, drifts = _marched(system, _guess(problem, system, T), losses)
    outputs = np.array([system.outputs(x)[0] for x in states]).T
    points = Points(outputs, np.ones(len(times), dtype=bool), drifts, np.zeros(len(times), dtype=int))
    watched = Watched(system.model).values({"temperature": T}, outputs)
    stretched = extrapolations(system.model.watches, watched)
    attributes = attributes_of(problem, request, stretched, _largest(system.model, points))
    conditions = Conditions((LOSS,), (len(times),), {"temperature": np.full(len(times), T)})
    result = dataset(layout(system.model), points, conditions, request.units, attributes)
    result["residual"].attrs["long_name"] = "largest drift of the balances of the oxides"
    return result.assign_coords({LOSS: (LOSS, times, LOSS_LABEL)})


def _losses(loss: object) -> np.ndarray | float:
    """The loss as a number or an increasing array; InputError for anything else."""
    read = column(loss, "1", "loss=")
    values = np.atleast_1d(read.values)
    rising = values.ndim == 1 and len(values) and (np.diff(values) > 0).all()
    if read.mask is not None or not rising or values[0] < 0 or not values[-1] <= LARGEST_LOSS:
        raise InputError(
            "loss=",
            "not a share of the mass that evaporates, or an increasing list of them.",
            f"allowed: a number from 0 to {LARGEST_LOSS:g}, or a list such as [0, 0.1, 0.2]",
        )
    # up to nothing there is the first state alone
    return float(values[0]) if read.values.ndim == 0 and values[0] > 0 else values


def _check(request: VapourConditions) -> None:
    """InputError for what a melt that loses its vapour cannot have."""
    several = bool(request.conditions.shape) or request.conditions.masked is not None
    if several:
        raise InputError(
            "loss=",
            "temperature and composition are single numbers here.",
            cure="call the function once for each",
        )
    if not request.request.congruent or request.request.prescribed:
        raise InputError(
            "loss=",
            "the vapour that is removed is the melt's: its oxygen is congruent, without further gases.",
            "allowed: oxygen = 'congruent', no pressure=",
        )
    if request.request.activities == MELTS:
        raise InputError(
            "loss=",
            f"{MELTS} has no melt without sodium: a trace of it, as Na2SiO3, evaporates in a finite time.",
            "allowed: activities = 'IMCC-MAGMA' or 'IMCC-ideal'",
        )


@lru_cache(maxsize=8)
def _system(mechanism: Mechanism, request: VapourRequest) -> tuple[Fractional, System]:
    """The declared and the generated equations of a melt that evaporates."""
    fractional = assemble_fractional(mechanism, request)
    return fractional, System(fractional.model)


def _guess(problem: VapourProblem, system: System, T: float) -> np.ndarray:
    """Unknowns at the start, from the vapour of the melt before it loses anything."""
    values = dict(zip((p.name for p in system.model.parameters), system.parameters))
    point = problem.batch.solve_one([values[name] for name in problem.batch.vary])
    if point is None:
        raise ConvergenceError(f"the vapour of this melt at {T:g} K has no solution")
    moles = sum(math.exp(value) for name, value in values.items() if name.startswith("ln_moles_"))
    ln_fO2 = point.outputs[problem.rows["log10_fO2", ""]] * math.log(10)
    rows = {oxide: problem.rows["activity", oxide] for oxide in problem.vapour.oxides}
    activities = {oxide: point.outputs[row] for oxide, row in rows.items()}
    unknowns = Fractional.unknowns(moles, ln_fO2, activities)
    return np.array([unknowns[name] for name in system.names])


def _marched(
    system: System, guess: np.ndarray, losses: np.ndarray | float
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Losses, states, and the largest drift of each."""
    x = system.start(guess=guess).x
    if isinstance(losses, float):
        run = _march(system, x, 0.0, losses)
        return run.time, list(run.states), run.balance_drift.max(axis=1)
    states, drifts, begin = [], [], 0.0
    for end in losses.tolist():
        drift = 0.0
        if end > begin:
            run = _march(system, x, begin, end)
            x, drift, begin = run.states[-1], float(run.balance_drift[-1].max()), end
        states.append(x)
        drifts.append(drift)
    return losses, states, np.array(drifts)


def _march(system: System, x: np.ndarray, begin: float, end: float) -> Trajectory:
    """The march from one loss to another; ConvergenceError where it does not arrive."""
    run = march(system, x, end, begin=begin, rtol=RTOL)
    if run.end.kind != "time":
        raise ConvergenceError(
            f"the vaporisation ended at a loss of {run.time[-1]:.6g} in place of {end:g}: {run.end.sentence}"
        )
    return run


def _largest(model: Model, points: Points) -> float:
    """The largest vapour pressure [Pa]."""
    row = next(k for k, output in enumerate(model.outputs) if output.name == "vapour_pressure")
    return float(np.fmax.reduce(points.values[row], initial=0.0))
