"""A pile that grows in a timescale, declared: with the prescribed heat of the paper, or with its balance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import sympy

from ..closures.distillation import pile_iron
from ..dae.declare.model import Model
from ..dae.leaves.external import External
from ..dae.solve.integrate import Event, Progress, Trajectory, march
from ..dae.solve.system import System
from ..errors import ConvergenceError
from ..reservoirs import cumulates
from ..reservoirs.cumulates import OCEAN, PILE, SOLID
from ..reservoirs.warm_pile import UNKNOWNS, pile_temperature, with_heat
from ..schema.buffering_case import BufferingCase
from .heat_balance import pile_heat
from .local_exchange import front_exchange, without_remelting
from .remelting import RATES
from .remelting_tables import SHRUNK, tables
from .warm_tables import ends, prescribed_warmth, tables_of_warm_pile

GONE = "The pile has melted away: remelting returns more than crystallises."
# of a run, in timescales: by then a pile that remelts what crystallises has stalled
LONGEST = 50.0
# of the largest warmth without remelting: where the tables end
MARGIN = 1.05
LEAST_WARMTH = 1e-3
# relative tolerance of that search
QUICK = 1e-5


@dataclass(frozen=True)
class Growth:
    """The request.

    duration [s]: the timescale.
    first, end: solid fractions from which on, and up to which, the balances are integrated.
    rtol: relative tolerance. conserved: whether the pile pays for its melts.
    """

    case: BufferingCase
    duration: float
    first: float
    end: float
    rtol: float
    conserved: bool = False

    @property
    def iron(self) -> tuple[float, float]:
        """Fe/(Fe + Mg) of ocean and pile at the first solid fraction."""
        (X,) = without_remelting(np.array([self.first]), self.case.values, self.case.readings)
        return float(X), float(pile_iron(self.first, X, self.case.values["bulk_iron"]))

    @property
    def start(self) -> np.ndarray:
        """The unknowns at the first solid fraction; a pile that pays begins at its solidus."""
        X, X_pile = self.iron
        composition = [self.first, np.log(X / (1 - X)), X_pile]
        if not self.conserved:
            return np.array(composition)
        top, _ = ends(self.case, (np.array([self.first]), np.array([X]), np.array([X_pile])))
        return np.array([*composition, float(top[0]), self.case.values["core_temperature"], 0.0, 0.0, 0.0])

    @property
    def unknowns(self) -> tuple[str, ...]:
        """Their names, in this order."""
        return (SOLID, OCEAN, PILE, *(UNKNOWNS if self.conserved else ()))

    @property
    def events(self) -> list[Event]:
        """The ends of the run."""
        done = Event(
            "solid fraction",
            f"The solid fraction has grown to {self.end:g}.",
            lambda t, x: self.end - x[0],
        )
        return [done, Event("pile melted", GONE, lambda t, x: x[0] - SHRUNK * self.first)]


@dataclass(frozen=True)
class Followed:
    """A run, and the tabulated rate of remelting in it as a function of (solid fraction, share, ...).

    places: further arguments of the rate at its states, (states, arguments).
    """

    run: Trajectory
    rate: External
    places: np.ndarray


def followed(growth: Growth, finer: int, progress: Progress | None) -> Followed:
    """The run from the first melt on. finer: how many times the grid of its tables."""
    case, first = growth.case, growth.first
    if not growth.conserved:
        melt, iron = tables(case, first, finer)
        rate, iron_rate = (External(name, table, 2) for name, table in zip(RATES, (melt, iron)))
        run = _marched(growth, cumulates.Remelting(rate, iron_rate), progress)
        return Followed(run, rate, np.empty((len(run.time), 0)))
    leaves = tables_of_warm_pile(case, first, _warmest(growth), finer)
    rate, iron_rate = (External(name, table, 3) for name, table in zip(RATES, leaves))
    run = _marched(growth, cumulates.Remelting(rate, iron_rate, (_warmth(case),)), progress)
    return Followed(run, rate, warmth(case, run.states)[:, None])


def warmth(case: BufferingCase, states: np.ndarray) -> np.ndarray:
    """Warmth (n,) of the pile in states of a run that pays for its melts."""
    f, y, X_pile, T = states[:, :4].T
    return T / ends(case, (f, 1 / (1 + np.exp(-y)), X_pile))[0] - 1


def _warmth(case: BufferingCase) -> sympy.Expr:
    """The same as an expression in the unknowns."""
    return pile_temperature() / pile_heat(case).top - 1


def _warmest(growth: Growth) -> float:
    """The largest warmth of a pile: of one that never melts, or has the temperature of the core.

    It does not depend on the timescale: the first gets no heat from the core.
    """
    alone = replace(growth, case=growth.case.replace({"boundary_layer_prefactor": 0.0}), rtol=QUICK)
    run = _marched(alone, None, None)
    f, y, X_pile = run.states[:, :3].T
    state = f, 1 / (1 + np.exp(-y)), X_pile
    warmest = max(warmth(growth.case, run.states).max(), 2 * prescribed_warmth(growth.case, state).max())
    return float(f"{MARGIN * max(warmest, LEAST_WARMTH):.2g}")


def _declared(growth: Growth, remelting: cumulates.Remelting | None) -> Model:
    """The balances of the growing pile, with its heat where it pays for its melts."""
    reading = growth.case.readings["growth"]
    local = front_exchange(growth.case.values, growth.case.readings)
    pile = cumulates.growing_pile(reading, remelting, local)
    if not growth.conserved:
        return pile
    melt = sympy.S.Zero
    if remelting is not None:
        f, y = (u.symbol for u in pile.unknowns[:2])
        X_bulk = next(p.symbol for p in pile.parameters if p.name == "bulk_iron")
        melt, _ = remelting.of_mantle(f, y, X_bulk)
    return with_heat(pile, pile_heat(growth.case), melt)


def _marched(growth: Growth, remelting: cumulates.Remelting | None, progress: Progress | None) -> Trajectory:
    """The run with what the pile returns; ConvergenceError where it cannot be followed."""
    model, start = _declared(growth, remelting), growth.start
    system = System(model)
    values = {"growth": 1 / growth.duration, "bulk_iron": growth.case.values["bulk_iron"]}
    values |= {"first_solid_fraction": growth.first, "first_ocean_logit": float(start[1])}
    if "exchange_coefficient" in {parameter.name for parameter in model.parameters}:
        values["exchange_coefficient"] = growth.case.values["exchange_coefficient"]
    p = system.with_parameters(values)
    run = march(
        system,
        system.start(p, start).x,
        LONGEST * growth.duration,
        events=growth.events,
        rtol=growth.rtol,
        parameters=p,
        progress=progress,
    )
    if run.end.kind == "failed":
        raise ConvergenceError(f"the growth of the pile could not be followed: {run.end.sentence}")
    return run
