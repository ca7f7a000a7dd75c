"""Whether the arrays of a checkpoint fit the equations and the start of a case: shapes, numbers, time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..dae.solve.march_state import PREFIX
from ..errors import ConvergenceError
from .under_lid import BEFORE, COUNTS, Compiled, LidStart, is_under_lid, of_this_march

MARCH = ("mark_names", "mark_times", "wall", "resumed", *(PREFIX + name for name in ("t", "y", "step")))

Arrays = Mapping[str, np.ndarray]
# name -> shape
Shapes = dict[str, tuple[int, ...]]


def misfit(
    arrays: Arrays, system: Compiled, start: np.ndarray, under_lid: Callable[[Arrays], LidStart | None]
) -> str:
    """What does not fit the system and its start; "" where everything fits.

    under_lid(arrays): the start of the march under a lid; None where the lid of the case does not close.
    """
    if not is_under_lid(arrays):
        return _of_march(arrays, system, start)
    before = {name.removeprefix(BEFORE): a for name, a in arrays.items() if name.startswith(BEFORE)}
    problem = _of_record(before, system, start, {"counts": (len(COUNTS),)})
    if problem:
        return f"before the lid, {problem}"
    try:
        lid = under_lid(arrays)
    except ConvergenceError as error:
        return f"its lid cannot close ({error})"
    if lid is None:  # the case is another, which is said later
        return ""
    now = of_this_march(arrays)
    problem = _of_march(now, lid.system, lid.state)
    if not problem and now["time"][0] != before["time"][-1]:
        problem = "its two marches do not meet at the lid"
    return problem


def _of_march(arrays: Arrays, system: Compiled, start: np.ndarray) -> str:
    """What does not fit of a march that goes on."""
    if lacking := [name for name in MARCH if name not in arrays]:
        return f"it lacks {', '.join(lacking)}"
    more: Shapes = {
        "mark_times": arrays["mark_names"].shape,
        "wall": (),
        "resumed": (),
        PREFIX + "t": (),
        PREFIX + "y": (len(start) + len(system.sourced),),
    }
    if problem := _of_record(arrays, system, start, more):
        return problem
    return "its time does not run forward" if arrays[PREFIX + "t"] < arrays["time"][-1] else ""


def _of_record(arrays: Arrays, system: Compiled, start: np.ndarray, more: Shapes) -> str:
    """What does not fit of the record of a march. more: further arrays of numbers."""
    states, size = arrays["time"].size if "time" in arrays else 0, len(start)
    balances, field = len(system.model.balances), system.model.field
    conserved = 0 if field is None else sum(component.conserved for component in field.components)
    shapes: Shapes = {
        "time": (states,),
        "states": (states, size),
        "accumulated": (states, len(system.sourced)),
        "balance_drift": (states, balances + conserved),
        "constraint_drift": (states,),
        "totals": (balances,),
        **more,
    }
    if lacking := [name for name in shapes if name not in arrays]:
        return f"it lacks {', '.join(lacking)}"
    if not states:
        return "it holds no state"
    if odd := [name for name, shape in shapes.items() if arrays[name].shape != shape]:
        return f"wrong number of entries in {', '.join(odd)}"
    odd = [name for name in shapes if arrays[name].dtype.kind not in "fi"]
    odd += [
        name for name, values in arrays.items() if values.dtype.kind == "f" and not np.isfinite(values).all()
    ]
    if odd:
        return f"no finite numbers in {', '.join(odd)}"
    if (np.diff(arrays["time"]) < 0).any():
        return "its time does not run forward"
    if np.max(np.abs(arrays["states"][0] - start) / system.scales, initial=0.0) > 1e-6:
        return "it began from another state than this case does"
    return ""
