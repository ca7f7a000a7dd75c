"""Why a planet's equilibrium of metal, silicate and gas has no solution in its domain, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from ..broadcasting import Conditions
from ..constants import BAR
from ..dae.kernel.batch import Points
from ..metal.miscibility import LOWEST_PRESSURE
from ..metal.phase_species import METAL
from .metal_problem import LARGEST_LIGHT_FRACTION, ONE_PHASE, THIN

# moles over those of Si between which every random planet has a state, or a root beyond the calibrated metal
# (validation/planet_states.py)
TESTED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "Mg": (0.7, 1.6), "Fe": (0.3, 1.6), "Na": (0.0, 0.1), "H": (0.0, 5.0), "C": (0.0, 0.1),
        "N": (0.0, 0.01), "S": (0.0, 0.1),
    }
)  # fmt: skip
# atoms of oxygen in the oxide, per atom
OXIDES: Mapping[str, float] = MappingProxyType({"Si": 2.0, "Mg": 1.0, "Na": 0.5, "Fe": 1.0})

BEYOND: Mapping[str, str] = MappingProxyType(
    {
        METAL: "are outside the calibrated domain: their only root has more than "
        f"{LARGEST_LIGHT_FRACTION:g} of Si and O in the metal. Ma's activities (2001) are made for less; "
        "in a hot planet they have an unphysical root there, where metal and silicate nearly mix.",
        ONE_PHASE: "are above the critical curve of H2 and silicate, where silicate and gas are one phase.",
        THIN: f"have less than {LOWEST_PRESSURE / BAR:g} bar, where H2 is a gas and the solution of H2 and "
        "silicate is not made for it.",
    }
)


def reason_of_failure(points: Points, beyond: Mapping[str, np.ndarray], conditions: Conditions) -> str:
    """The reason, in words, for points without a result; "" for none.

    beyond: cause -> whether the only root of a point is beyond the domain of the laws.
    """
    failed = ~points.converged
    if not failed.any():
        return ""
    reasons, n = [], conditions.size
    for which, words in _causes(beyond, conditions):
        count = int(np.count_nonzero(failed & which))
        if count:
            reasons.append(f"{count} of {n} points {words}")
            failed = failed & ~which
    if failed.any():
        reasons.append(
            f"{np.count_nonzero(failed)} of {n} points: the solver did not arrive from any of its starts"
            f"{_far_from_rock(conditions, int(np.argmax(failed)))}."
        )
    return f" {' '.join(reasons)}"


def _causes(beyond: Mapping[str, np.ndarray], conditions: Conditions) -> Iterator[tuple[np.ndarray, str]]:
    """The points to which a cause applies, and its words; an earlier cause comes first."""
    for cause, words in BEYOND.items():
        yield beyond[cause], words
    moles = _moles(conditions)
    needed = {e: count * moles[e] for e, count in OXIDES.items()}
    yield (
        moles["O"] > sum(needed.values()),
        "have more oxygen than MgO, SiO2, Na2O and FeO take, and the model has no ferric iron.",
    )
    # iron takes so much silicon within the domain
    metallic = LARGEST_LIGHT_FRACTION / (1 - LARGEST_LIGHT_FRACTION) * moles["Fe"]
    least = needed["Mg"] + needed["Na"] + 2 * np.maximum(moles["Si"] - metallic, 0.0)
    yield (
        moles["O"] < least,
        "have less oxygen than MgO, Na2O and the SiO2 take whose silicon does not fit into the metal "
        f"({LARGEST_LIGHT_FRACTION:g} of it), and no state within the calibrated domain.",
    )


def _moles(conditions: Conditions) -> dict[str, np.ndarray]:
    n, columns = conditions.size, conditions.columns
    return {
        e: np.broadcast_to(np.asarray(columns.get(f"moles_{e}", 0.0), dtype=float), n)
        for e in ("O", "Si", *TESTED)
    }


def _far_from_rock(conditions: Conditions, point: int) -> str:
    """The ratio of the point that is furthest outside those that are tested; "" where none is."""
    moles = {e: float(values[point]) for e, values in _moles(conditions).items()}
    worst, furthest = "", 1.0
    for element, (low, high) in TESTED.items():
        ratio = moles[element] / moles["Si"]
        factor = max(ratio / high, low / ratio if low else 0.0)
        if factor > furthest:
            furthest, between = factor, f"{low:g} to {high:g}"
            worst = f"; {element}/Si of one is {ratio:.3g}, and {between} is tested"
    return worst
