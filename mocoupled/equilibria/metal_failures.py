"""Why a planet's equilibrium of metal, silicate and gas has no solution in its domain, in words."""

from __future__ import annotations

import numpy as np

from ..broadcasting import Conditions
from ..dae.kernel.batch import Points
from .metal_problem import LARGEST_LIGHT_FRACTION


def reason_of_failure(points: Points, outside: np.ndarray, conditions: Conditions) -> str:
    """The reason, in words, for points without a result; "" for none."""
    n = conditions.size
    failed = ~points.converged
    if not failed.any():
        return ""
    beyond = int(np.count_nonzero(failed & outside))
    oxidised = int(np.count_nonzero(failed & ~outside & (_oxygen_over_oxides(conditions) > 1.0)))
    reasons = []
    if beyond:
        reasons.append(
            f"{beyond} of {n} points are outside the calibrated domain: their only root has more than "
            f"{LARGEST_LIGHT_FRACTION:g} of Si and O in the metal. Ma's activities (2001) are made for less; "
            "in a hot planet they have an unphysical root there, where metal and silicate nearly mix."
        )
    if oxidised:
        reasons.append(
            f"{oxidised} of {n} points have more oxygen than MgO, SiO2, Na2O and FeO take, and the model has "
            "no ferric iron."
        )
    return (" " + " ".join(reasons)) if reasons else ""


def _oxygen_over_oxides(conditions: Conditions) -> np.ndarray:
    """Moles of oxygen over those of all oxides of Si, Mg, Na and ferrous iron."""
    n = conditions.size
    per_atom = {"Si": 2.0, "Mg": 1.0, "Na": 0.5, "Fe": 1.0}
    columns = {e: np.broadcast_to(conditions.columns.get(f"moles_{e}", 0.0), n) for e in (*per_atom, "O")}
    return columns["O"] / sum(count * columns[e] for e, count in per_atom.items())
