"""The ferric share with which the cells of a column start, where it follows from the gas above them.

All cells start with the same share. The case may state a budget of oxygen, or an oxygen fugacity whose share
depends on the pressure or on an entropy at the start. The whole start is then solved for trial shares, until
gas, melt and cells together have the budget, or the gas has the fugacity.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..cumulates.of_case import in_column
from ..dae.declare.model import Model
from ..dae.solve.field_system import FieldSystem
from ..errors import ConvergenceError, InputError
from ..reservoirs.column_iron import FERRIC
from .oxygen import ln_fugacity_at

# logits of the ferric shares that are tried, outwards from the middle
TRIALS = (-3.0, -1.0, -5.0, 1.0, -7.0, 3.0, -10.0, 6.0)
# of the logit; the oxygen of a mantle is then the budget to rounding
PRECISION = 1e-14


def follows_from_gas(case: Case, chemistry: Chemistry) -> bool:
    """Whether the ferric share of the cells at the start is known only with the gas above them."""
    iron = chemistry.iron
    if iron is None or not in_column(case):
        return False
    before = iron.share is None and (iron.pressure or case.run.initial_entropy is not None)
    return "O" in chemistry.masses or before


def share_at_start(case: Case, chemistry: Chemistry, model: Model, bulk_iron: float) -> float:
    """Fe3+/Fe of all cells at the start. model: of the planet, with any share; bulk_iron: Fe/(Fe + Mg).

    InputError for a budget, or a fugacity, that no share has.
    """
    from scipy.optimize import brentq  # on use: it takes 0.2 s to import

    miss = _miss(chemistry, model, bulk_iron)
    at: dict[float, float] = {}
    for y in TRIALS:
        try:
            at[y] = miss(y)
        except ConvergenceError:
            continue
        ends = [y for y in at if at[y] <= 0], [y for y in at if at[y] >= 0]
        if all(ends):
            low, high = max(ends[0]), min(ends[1])
            return _share(brentq(miss, low, high, xtol=PRECISION, rtol=4 * np.finfo(float).eps))
    raise _refusal(case, chemistry)


def _miss(chemistry: Chemistry, model: Model, bulk_iron: float) -> Callable[[float], float]:
    """By what the start with a share misses what the case states, of the logit of the share; it rises."""
    system = FieldSystem(model)
    rows = {(o.name, o.label): k for k, o in enumerate(system.model.outputs)}
    names = [component.name for component in system.field.components]
    begin = system.guess()

    def miss(y: float) -> float:
        guess = begin.copy()
        guess[names.index(FERRIC) : system.inner : len(names)] = bulk_iron * _share(y)
        state = system.start(guess=guess).x
        outputs = system.outputs(state)[0]
        if "O" in chemistry.masses:
            return float(outputs[rows["element_moles", "O"]] / chemistry.moles["O"] - 1)
        T = float(outputs[rows["surface_temperature", ""]])
        iron = chemistry.iron
        target = math.nan if iron is None else ln_fugacity_at(iron, T)
        return float(outputs[rows["log10_fO2", ""]]) * math.log(10) - target

    return miss


def _share(y: float) -> float:
    return 1 / (1 + math.exp(-y))


def _refusal(case: Case, chemistry: Chemistry) -> InputError:
    """Why no share does it."""
    low, high = _share(min(TRIALS)), _share(max(TRIALS))
    where, budget = f"{case.name} [redox]", case.redox.oxygen
    tried = f"no ferric share of the mantle from {low:.1g} to {high:.3g}"
    if "O" not in chemistry.masses or budget is None:
        return InputError(
            f"{where} oxygen_fugacity = {case.redox.oxygen_fugacity!r}",
            f"{tried} has it at the start.",
            "allowed: what the law of ferric iron reaches",
        )
    return InputError(
        f"{where} oxygen = {budget.text!r}",
        f"{tried} has this budget, with the oxygen of the volatiles, at the start.",
        "allowed: a budget between that of the reduced gas and that of ferric iron in all melt",
        "'mocoupled equilibrium' gives the oxygen of a fugacity (element_moles)",
    )
